/* Loading and checking messages/: each file becomes a table "section.key" → text.
 *
 * English is the measure: it must have every key that the program uses (keys.c), and every other
 * language exactly its keys and in each text the same blanks. catalogue.yaml names the languages
 * that must be there, in the order in which they are shown; other files of the directory follow. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/document.h"
#include "base/memory.h"
#include "base/text.h"
#include "message/catalogue.h"

static const char *const sections[] = {"kind",  "hazard",   "level",     "colour", "intensity",
                                       "chip",  "headline", "what",      "phrase", "fact",
                                       "label", "page",     "freshness", NULL};

/* Two marks and something to say fit into the short form. */
#define DRILL_WORD_BYTES_MAX 40

static bool has_sound_braces(const char *text)
{
    for (text += strcspn(text, "{}"); *text != '\0'; text += strcspn(text, "{}")) {
        size_t name = *text == '{' ? strcspn(text + 1, "{}") : 0;
        if (name == 0 || text[name + 1] != '}')
            return false;
        text += name + 2;
    }
    return true;
}

static void check_text(const struct catalogue_text *text, struct problems *problems)
{
    if (!has_sound_braces(text->text))
        problems_add(problems, text->file, text->line, text->column, "{name}",
                     "%s has a brace without its partner", text->key);
    if (strcmp(text->key, "label.drill-word") == 0 && strlen(text->text) > DRILL_WORD_BYTES_MAX)
        problems_add(problems, text->file, text->line, text->column, "one short word",
                     "label.drill-word is too long");
}

/* Where a text stands, or belongs that is missing. */
static const char *file_of(const struct language *language, const char *key)
{
    bool broadcast = text_starts(key, "broadcast.") && language->broadcast_file != NULL;
    return broadcast ? language->broadcast_file : language->file;
}

void catalogue_add_text(struct language *language, const char *key, const struct node *node,
                        struct problems *problems)
{
    if (node->type != NODE_SCALAR || !text_given(node->text)) {
        problems_add(problems, node->file, node->line, node->column, "a text", "%s has no text",
                     key);
        return;
    }
    struct catalogue_text *text = arena_take(language->memory, sizeof(*text));
    char *clean = text_clean(NULL, node->text, false);
    text->key = arena_text(language->memory, key, strlen(key));
    text->text = arena_text(language->memory, clean, strlen(clean));
    text->file = file_of(language, key);
    text->line = node->line;
    text->column = node->column;
    check_text(text, problems);
    HASH_ADD_KEYPTR(hh, language->texts, text->key, strlen(text->key), text);
    talloc_free(clean);
}

static void read_language(TALLOC_CTX *document, struct catalogue *catalogue, const char *directory,
                          const char *tag, struct problems *problems)
{
    static const char *const heads[] = {"language", "name", "locale", "reading", "date", NULL};
    const char *allowed[20] = {0};
    size_t count = 0;
    const struct node *root;
    const char *file = memory_printf(catalogue, "%s/%s.yaml", directory, tag);
    if (document_load(document, file, problems, &root) < 0)
        return;
    struct language *language = &catalogue->languages[catalogue->language_count];
    language->memory = arena_new(catalogue);
    language->tag = memory_text(catalogue, tag);
    language->file = file;
    language->name = memory_text(catalogue, node_text(root, "name", tag, problems));
    language->locale = memory_text(catalogue, node_text(root, "locale", "en_GB", problems));
    language->date = memory_text_or_null(catalogue, node_text(root, "date", NULL, problems));
    language->reading = memory_text_or_null(catalogue, node_text(root, "reading", NULL, problems));
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
            catalogue_add_text(language, memory_printf(document, "%s.%s", sections[i], n->key), n,
                               problems);
    }
    broadcast_texts_load(language, directory, problems);
    node_only(root, allowed, problems);
    if (format_open(catalogue, language, problems) == 0) {
        catalogue->tags[catalogue->language_count++] = language->tag;
        return;
    }
    HASH_CLEAR(hh, language->texts);
    *language = (struct language){0};
}

static void load_language(struct catalogue *catalogue, const char *directory, const char *tag,
                          struct problems *problems)
{
    TALLOC_CTX *document = talloc_new(NULL);
    read_language(document, catalogue, directory, tag, problems);
    talloc_free(document);
}

/* Same keys and same blanks as English. */
static void compare(const struct language *english, const struct language *language,
                    struct problems *problems)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    for (const struct catalogue_text *t = english->texts; t != NULL; t = t->hh.next) {
        const struct catalogue_text *other = language_find(language, t->key);
        if (other == NULL) {
            problems_add(problems, file_of(language, t->key), 1, 1, t->text, "%s is missing",
                         t->key);
            continue;
        }
        const char *wanted = blanks_of(scratch, t->text), *found = blanks_of(scratch, other->text);
        if (strcmp(wanted, found) != 0)
            problems_add(problems, other->file, other->line, other->column,
                         wanted[0] != '\0' ? wanted : "a text without blanks",
                         "%s has other blanks than English: %s", t->key,
                         found[0] != '\0' ? found : "none");
    }
    for (const struct catalogue_text *t = language->texts; t != NULL; t = t->hh.next) {
        if (language_find(english, t->key) == NULL)
            problems_add(problems, t->file, t->line, t->column, NULL, "%s is no key of English",
                         t->key);
    }
    talloc_free(scratch);
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

static int is_language_file(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot != NULL && strcmp(dot, ".yaml") == 0 &&
           strcmp(entry->d_name, "catalogue.yaml") != 0 &&
           strcmp(entry->d_name, "broadcast.yaml") != 0;
}

static bool lists_tag(const char *const *tags, size_t count, const char *tag)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(tags[i], tag) == 0)
            return true;
    }
    return false;
}

/* Languages that somebody added without changing catalogue.yaml, in order of the alphabet. */
static void load_others(struct catalogue *catalogue, const char *directory,
                        const char *const *required, size_t count, struct problems *problems)
{
    struct dirent **entries;
    int found = scandir(directory, &entries, is_language_file, alphasort);
    for (int i = 0; i < found; i++) {
        char *tag = memory_text(catalogue, entries[i]->d_name);
        *strrchr(tag, '.') = '\0';
        if (!lists_tag(required, count, tag) && catalogue->language_count < LANGUAGES_MAX)
            load_language(catalogue, directory, tag, problems);
        free(entries[i]);
    }
    if (found >= 0)
        free(entries);
}

static void load_languages(struct catalogue *catalogue, const char *directory,
                           const struct node *root, struct problems *problems)
{
    size_t count = 0;
    const char **tags = node_list(catalogue, root, "languages", &count, problems);
    if (tags == NULL || count > LANGUAGES_MAX)
        problems_add(problems, root->file, root->line, root->column, "languages: [ja, en]",
                     "languages: is missing or too long");
    for (size_t i = 0; tags != NULL && i < count && i < LANGUAGES_MAX; i++) {
        if (lists_tag(tags, i, tags[i]))
            problems_add(problems, root->file, root->line, root->column, NULL,
                         "languages: %s stands there twice", tags[i]);
        else
            load_language(catalogue, directory, tags[i], problems);
    }
    load_others(catalogue, directory, tags, tags != NULL ? count : 0, problems);
}

static void check_all(struct catalogue *catalogue, const struct node *root,
                      struct problems *problems)
{
    const struct language *english = catalogue_language(catalogue, "en");
    if (english == NULL) {
        problems_add(problems, root->file, root->line, root->column,
                     "en among languages:", "English, the measure of all, is missing");
        return;
    }
    keys_check(english, problems);
    for (size_t i = 0; i < catalogue->language_count; i++) {
        compare(english, &catalogue->languages[i], problems);
        stops_check(&catalogue->languages[i], problems);
    }
    actions_load(catalogue, root, problems);
}

int catalogue_load(TALLOC_CTX *context, const char *directory, struct problems *problems,
                   struct catalogue **ret_catalogue)
{
    static const char *const keys[] = {"languages", "colours", "actions", "unclear", "after", NULL};
    size_t errors = problems->errors;
    const struct node *root;
    struct catalogue *catalogue = memory_new(context, struct catalogue);
    talloc_set_destructor(catalogue, catalogue_destroy);
    const char *file = memory_printf(catalogue, "%s/catalogue.yaml", directory);
    if (document_load(catalogue, file, problems, &root) == 0) {
        node_only(root, keys, problems);
        load_languages(catalogue, directory, root, problems);
        check_all(catalogue, root, problems);
    }
    if (problems->errors > errors) {
        talloc_free(catalogue);
        return -EINVAL;
    }
    *ret_catalogue = catalogue;
    return 0;
}
