/* Loading and checking messages/: each file becomes a table "section.key" → text.
 *
 * English is the measure: every other language must have exactly its keys, and in each text the
 * same blanks. catalogue.yaml names the languages that must be there and what to do for each hazard
 * and level. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/document.h"
#include "base/memory.h"
#include "base/text.h"
#include "jma/hazard.h"
#include "message/catalogue.h"

static const char *const sections[] = {"kind", "hazard",    "level", "colour", "intensity",
                                       "chip", "headline",  "what",  "phrase", "label",
                                       "page", "freshness", NULL};

const struct language *catalogue_language(const struct catalogue *catalogue, const char *tag)
{
    for (size_t i = 0; i < catalogue->language_count; i++) {
        if (text_equal(catalogue->languages[i].tag, tag))
            return &catalogue->languages[i];
    }
    return NULL;
}

static const struct catalogue_text *find_text(const struct language *language, const char *key)
{
    struct catalogue_text *found = NULL;
    if (language != NULL)
        HASH_FIND_STR(language->texts, key, found);
    return found;
}

bool catalogue_has(const struct language *language, const char *key)
{
    return find_text(language, key) != NULL;
}

const char *catalogue_text_of(const struct catalogue *catalogue, const struct language *language,
                              const char *key)
{
    const struct catalogue_text *found = find_text(language, key);
    if (found == NULL)
        found = find_text(catalogue_language(catalogue, "en"), key);
    return found != NULL ? found->text : key;
}

char *catalogue_fill(TALLOC_CTX *context, const struct catalogue *catalogue,
                     const struct language *language, const char *key, ...)
{
    const char *from = catalogue_text_of(catalogue, language, key);
    char *out = memory_text(context, "");
    while (*from != '\0') {
        const char *end = *from == '{' ? strchr(from, '}') : NULL;
        if (end == NULL) {
            size_t plain = strcspn(from + 1, "{") + 1;
            out = memory_must(talloc_strndup_append_buffer(out, from, plain));
            from += plain;
            continue;
        }
        va_list pairs;
        const char *name, *filled = "";
        va_start(pairs, key);
        while ((name = va_arg(pairs, const char *)) != NULL) {
            const char *text = va_arg(pairs, const char *);
            if (strncmp(name, from + 1, (size_t)(end - from - 1)) == 0 &&
                name[end - from - 1] == '\0')
                filled = text;
        }
        va_end(pairs);
        out = memory_must(talloc_strdup_append_buffer(out, filled));
        from = end + 1;
    }
    return out;
}

/* "{a} and {b}" → "a b ", in order of the alphabet, to compare two texts. */
static char *blanks_of(TALLOC_CTX *context, const char *text)
{
    char *names[16];
    size_t count = 0;
    while ((text = strchr(text, '{')) != NULL && count < 16) {
        const char *end = strchr(text, '}');
        if (end == NULL)
            break;
        names[count++] = memory_must(talloc_strndup(context, text + 1, (size_t)(end - text - 1)));
        text = end;
    }
    char *out = memory_text(context, "");
    for (size_t i = 0; i < count; i++) {
        size_t least = i;
        for (size_t j = i + 1; j < count; j++)
            least = strcmp(names[j], names[least]) < 0 ? j : least;
        char *swap = names[i];
        names[i] = names[least];
        names[least] = swap;
        out = memory_must(talloc_asprintf_append_buffer(out, "{%s} ", names[i]));
    }
    return out;
}

static void add_text(struct language *language, TALLOC_CTX *context, const char *section,
                     const struct node *node, struct problems *problems)
{
    if (node->type != NODE_SCALAR || !text_given(node->text)) {
        problems_add(problems, node->file, node->line, node->column, "a text", "%s.%s has no text",
                     section, node->key);
        return;
    }
    struct catalogue_text *text = memory_new(context, struct catalogue_text);
    text->key = memory_printf(context, "%s.%s", section, node->key);
    text->text = text_clean(context, node->text, false);
    text->line = node->line;
    text->column = node->column;
    HASH_ADD_KEYPTR(hh, language->texts, text->key, strlen(text->key), text);
}

static void load_language(struct catalogue *catalogue, const char *directory, const char *tag,
                          struct problems *problems)
{
    static const char *const heads[] = {"language", "name", "locale", NULL};
    const char *allowed[20] = {0};
    size_t count = 0;
    const struct node *root;
    const char *file = memory_printf(catalogue, "%s/%s.yaml", directory, tag);
    if (document_load(catalogue, file, problems, &root) < 0)
        return;
    struct language *language = &catalogue->languages[catalogue->language_count];
    language->tag = memory_text(catalogue, tag);
    language->file = file;
    language->name = node_text(root, "name", tag, problems);
    language->locale = node_text(root, "locale", "en_GB", problems);
    if (!text_equal(node_text(root, "language", "", problems), tag))
        problems_add(problems, file, root->line, root->column, tag,
                     "language: is not that of the file's name");
    for (size_t i = 0; heads[i] != NULL; i++)
        allowed[count++] = heads[i];
    for (size_t i = 0; sections[i] != NULL; i++) {
        const struct node *section = node_child(root, sections[i]);
        allowed[count++] = sections[i];
        for (const struct node *n = section != NULL ? section->first_child : NULL; n != NULL;
             n = n->next)
            add_text(language, catalogue, sections[i], n, problems);
    }
    node_only(root, allowed, problems);
    if (format_open(language, problems) == 0)
        catalogue->tags[catalogue->language_count++] = language->tag;
}

/* Same keys and same blanks as English. */
static void compare(const struct language *english, const struct language *language,
                    struct problems *problems)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    for (const struct catalogue_text *t = english->texts; t != NULL; t = t->hh.next) {
        const struct catalogue_text *other = find_text(language, t->key);
        if (other == NULL) {
            problems_add(problems, language->file, 1, 1, t->text, "%s is missing", t->key);
            continue;
        }
        const char *wanted = blanks_of(scratch, t->text), *found = blanks_of(scratch, other->text);
        if (strcmp(wanted, found) != 0)
            problems_add(problems, language->file, other->line, other->column,
                         wanted[0] != '\0' ? wanted : "a text without blanks",
                         "%s has other blanks than English: %s", t->key,
                         found[0] != '\0' ? found : "none");
    }
    for (const struct catalogue_text *t = language->texts; t != NULL; t = t->hh.next) {
        if (find_text(english, t->key) == NULL)
            problems_add(problems, language->file, t->line, t->column, NULL,
                         "%s is no key of English", t->key);
    }
    talloc_free(scratch);
}

static void add_actions(struct catalogue *catalogue, const char *prefix, const struct node *parent,
                        const struct node *node, const struct language *english,
                        struct problems *problems)
{
    struct action_row *row = memory_new(catalogue, struct action_row);
    size_t count;
    const char **names = node_list(catalogue, parent, node->key, &count, problems);
    row->key = memory_printf(catalogue, "%s.%s", prefix, node->key);
    for (size_t i = 0; names != NULL && i < count; i++) {
        const char *key = memory_printf(catalogue, "phrase.%s", names[i]);
        if (i >= ACTIONS_MAX || !catalogue_has(english, key))
            problems_add(problems, node->file, node->line, node->column,
                         "a key of phrase:", "\"%s\" is no phrase, or one too many", names[i]);
        else
            row->phrases[i] = key;
    }
    HASH_ADD_KEYPTR(hh, catalogue->actions, row->key, strlen(row->key), row);
}

static void load_actions(struct catalogue *catalogue, const struct node *root,
                         struct problems *problems)
{
    const struct language *english = catalogue_language(catalogue, "en");
    const struct node *actions = node_child(root, "actions"), *after = node_child(root, "after");
    enum hazard hazard;
    for (const struct node *h = actions != NULL ? actions->first_child : NULL; h != NULL;
         h = h->next) {
        if (!hazard_from_name(h->key, &hazard))
            problems_add(problems, h->file, h->key_line, h->key_column, NULL,
                         "there is no hazard \"%s\"", h->key);
        for (const struct node *level = h->first_child; level != NULL; level = level->next)
            add_actions(catalogue, h->key, h, level, english, problems);
    }
    for (const struct node *h = after != NULL ? after->first_child : NULL; h != NULL; h = h->next)
        add_actions(catalogue, "after", after, h, english, problems);
}

const char *const *catalogue_actions(const struct catalogue *catalogue, const char *hazard,
                                     int level)
{
    static const char *const none[] = {NULL};
    char key[64];
    struct action_row *row = NULL;
    for (int at = level; at >= 0 && row == NULL; at--) {
        if (level == 0)
            snprintf(key, sizeof(key), "after.%s", hazard);
        else
            snprintf(key, sizeof(key), "%s.%d", hazard, at);
        HASH_FIND_STR(catalogue->actions, key, row);
    }
    return row != NULL ? row->phrases : none;
}

static int catalogue_destroy(struct catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->language_count; i++) {
        format_close(&catalogue->languages[i]);
        HASH_CLEAR(hh, catalogue->languages[i].texts);
    }
    HASH_CLEAR(hh, catalogue->actions);
    return 0;
}

int catalogue_load(TALLOC_CTX *context, const char *directory, struct problems *problems,
                   struct catalogue **ret_catalogue)
{
    static const char *const keys[] = {"languages", "colours", "actions", "after", NULL};
    size_t errors = problems->errors, count = 0;
    const struct node *root;
    const char *file = memory_printf(context, "%s/catalogue.yaml", directory);
    int r = document_load(context, file, problems, &root);
    if (r < 0)
        return r;
    struct catalogue *catalogue = memory_new(context, struct catalogue);
    talloc_set_destructor(catalogue, catalogue_destroy);
    node_only(root, keys, problems);
    const char **tags = node_list(catalogue, root, "languages", &count, problems);
    for (size_t i = 0; tags != NULL && i < count && i < LANGUAGES_MAX; i++)
        load_language(catalogue, directory, tags[i], problems);
    const struct language *english = catalogue_language(catalogue, "en");
    if (english == NULL)
        problems_add(problems, file, root->line, root->column,
                     "en among languages:", "English, the measure of all, is missing");
    for (size_t i = 0; english != NULL && i < catalogue->language_count; i++)
        compare(english, &catalogue->languages[i], problems);
    if (english != NULL)
        load_actions(catalogue, root, problems);
    if (problems->errors > errors) {
        talloc_free(catalogue);
        return -EINVAL;
    }
    *ret_catalogue = catalogue;
    return 0;
}
