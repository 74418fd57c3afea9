/* Loading messages/broadcast.yaml and proving that every template can be sent and taken back in
 * every language (H-6), and that live and drill texts cannot be confused (H-2). */
#include <errno.h>
#include <string.h>

#include "base/document.h"
#include "base/memory.h"
#include "base/text.h"
#include "message/broadcast_catalogue.h"

#define VALID_MINUTES_MAX (7 * 24 * 60)
#define TEXT_CHARACTERS   400

static const char *const type_names[] = {"text",   "place",  "time",  "phone", "url",
                                         "number", "choice", "state", NULL};

struct loading {
    struct broadcast_catalogue *catalogue;
    struct problems *problems;
};

static void fault(const struct loading *loading, const struct node *at, const char *instead,
                  const char *what, const char *name)
{
    problems_add(loading->problems, at->file, at->line, at->column, instead, "%s: %s", name, what);
}

static int index_of(const char *const *names, const char *name)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (text_equal(names[i], name))
            return i;
    }
    return -1;
}

/* A text that every language must have; English stands for all, because catalogue_load has compared
 * the others with it. */
static void need_text(const struct loading *loading, const struct node *at, const char *section,
                      const char *name)
{
    const struct language *english = catalogue_language(loading->catalogue->texts, "en");
    if (broadcast_text_find(loading->catalogue, english, section, name) == NULL)
        problems_add(loading->problems, at->file, at->line, at->column,
                     "this text in broadcast/en.yaml and every other language",
                     "broadcast.%s.%s is missing", section, name);
}

static void load_choices(const struct loading *loading, const struct node *node,
                         struct broadcast_blank *blank)
{
    static const char *const states[] = {"works", "partly", "stopped", "unknown", NULL};
    size_t count = 0;
    if (blank->type == BLANK_STATE)
        blank->choices = states;
    if (blank->type != BLANK_CHOICE)
        return;
    blank->choices = node_list(loading->catalogue, node, "choices", &count, loading->problems);
    if (count == 0)
        fault(loading, node, "choices: [one, two]", "has no choices", blank->name);
    for (size_t i = 0; i < count; i++)
        need_text(loading, node, "choice", blank->choices[i]);
}

static void load_blank(const struct loading *loading, const struct node *node,
                       struct broadcast_blank *blank)
{
    static const char *const keys[] = {"type",       "required", "several", "names",   "names",
                                       "characters", "least",    "most",    "choices", NULL};
    struct problems *problems = loading->problems;
    if (node->type != NODE_MAPPING) {
        fault(loading, node, "{type: text, characters: 80}", "is no blank", node->key);
        return;
    }
    node_only(node, keys, problems);
    int type = index_of(type_names, node_text(node, "type", "", problems));
    if (type < 0)
        fault(loading, node, "text, place, time, phone, url, number, choice or state",
              "has no known type", node->key);
    *blank = (struct broadcast_blank){
        .name = node->key,
        .type = type < 0 ? BLANK_TEXT : (enum blank_type)type,
        .required = node_flag(node, "required", false, problems),
        .several = node_flag(node, "several", false, problems),
        .names = node_flag(node, "names", false, problems),
        .characters = (size_t)node_number(node, "characters", 1, TEXT_CHARACTERS, 80, problems),
        .least = node_number(node, "least", 0, INT32_MAX, 0, problems),
        .most = node_number(node, "most", 0, INT32_MAX, INT32_MAX, problems)};
    load_choices(loading, node, blank);
    need_text(loading, node, "blank", blank->name);
}

static void load_blanks(const struct loading *loading, const struct node *blanks,
                        struct broadcast_template *row)
{
    struct broadcast_blank *list = memory_array(loading->catalogue, struct broadcast_blank,
                                                blanks != NULL ? blanks->count + 1 : 1);
    row->blanks = list;
    for (const struct node *n = blanks != NULL ? blanks->first_child : NULL; n != NULL; n = n->next)
        load_blank(loading, n, &list[row->blank_count++]);
}

static bool has_reason(const struct broadcast_template *row, const char *choice)
{
    for (size_t i = 0; i < row->blank_count; i++) {
        if (text_equal(row->blanks[i].name, "reason") && row->blanks[i].choices != NULL &&
            index_of(row->blanks[i].choices, choice) >= 0)
            return true;
    }
    return false;
}

static const char *const *load_phrases(const struct loading *loading, const struct node *node,
                                       const char *key)
{
    const struct language *english = catalogue_language(loading->catalogue->texts, "en");
    size_t count = 0;
    const char **names = node_list(loading->catalogue, node, key, &count, loading->problems);
    if (count == 0 || count > ACTIONS_MAX)
        fault(loading, node, "[one-phrase]", "what to do is missing or too much", key);
    const char **phrases = memory_array(loading->catalogue, const char *, count + 1);
    for (size_t i = 0; i < count; i++) {
        phrases[i] = memory_printf(loading->catalogue, "phrase.%s", names[i]);
        if (!catalogue_has(english, phrases[i]))
            fault(loading, node_child(node, key), "a key of phrase:", "is no phrase", names[i]);
    }
    return phrases;
}

static void load_firsts(const struct loading *loading, const struct node *node,
                        struct broadcast_template *row)
{
    const struct node *firsts = node_child(node, "first");
    if (firsts == NULL)
        return;
    struct broadcast_first *list =
        memory_array(loading->catalogue, struct broadcast_first, firsts->count + 1);
    row->firsts = list;
    for (const struct node *n = firsts->first_child; n != NULL; n = n->next) {
        if (!has_reason(row, n->key))
            fault(loading, n, "a choice of the blank reason:", "is no reason of it", n->key);
        list[row->first_count++] =
            (struct broadcast_first){n->key, load_phrases(loading, firsts, n->key)};
    }
}

static void load_phases(const struct loading *loading, const struct node *node,
                        struct broadcast_template *row)
{
    size_t count = 0;
    const char **names = node_list(loading->catalogue, node, "phases", &count, loading->problems);
    for (size_t i = 0; i < count; i++) {
        enum broadcast_phase phase;
        if (broadcast_phase_from_name(names[i], &phase))
            row->phases[phase] = true;
        else
            fault(loading, node_child(node, "phases"),
                  "issue, update, correction, withdrawn or all-clear", "is no phase", names[i]);
    }
    if (!row->phases[BROADCAST_ISSUE] || !row->phases[BROADCAST_CORRECTION] ||
        !row->phases[BROADCAST_WITHDRAWN] || !row->phases[BROADCAST_ALL_CLEAR])
        fault(loading, node, "phases: [issue, update, correction, withdrawn, all-clear]",
              "every template has its way back: correction, withdrawn and all-clear (rule H-6)",
              row->id);
}

/* CAP 1.2, section 3.2.2. */
static const char *const categories[] = {"Geo",   "Met",    "Safety", "Security",  "Rescue",
                                         "Fire",  "Health", "Env",    "Transport", "Infra",
                                         "CBRNE", "Other",  NULL};
static const char *const responses[] = {"Shelter", "Evacuate", "Prepare",  "Execute", "Avoid",
                                        "Monitor", "Assess",   "AllClear", "None",    NULL};
static const char *const severities[] = {"Extreme", "Severe", "Moderate", "Minor", "Unknown", NULL};
static const char *const urgencies[] = {"Immediate", "Expected", "Future", "Past", "Unknown", NULL};
static const char *const certainties[] = {"Observed", "Likely",  "Possible",
                                          "Unlikely", "Unknown", NULL};

static void load_cap(const struct loading *loading, const struct node *node,
                     struct broadcast_template *row)
{
    static const char *const *const allowed[] = {categories, responses, severities, urgencies,
                                                 certainties};
    const char **into[] = {&row->category, &row->response_type, &row->severity, &row->urgency,
                           &row->certainty};
    size_t count = 0;
    const char **words = node_list(loading->catalogue, node, "cap", &count, loading->problems);
    if (count != 5) {
        fault(loading, node, "cap: [Safety, Shelter, Severe, Immediate, Observed]",
              "needs five words of CAP", row->id);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (index_of(allowed[i], words[i]) < 0)
            fault(loading, node_child(node, "cap"), "a word of CAP 1.2", "is not allowed there",
                  words[i]);
        *into[i] = words[i];
    }
}

static enum broadcast_group load_group(const struct loading *loading, const struct node *node)
{
    const char *name = node_text(node, "group", "", loading->problems);
    for (int group = 0; group < GROUP_COUNT; group++) {
        if (text_equal(broadcast_group_name((enum broadcast_group)group), name))
            return (enum broadcast_group)group;
    }
    fault(loading, node,
          "evacuation, civil, missile, shelter, transport, utilities, information, "
          "all-clear or drill",
          "has no known group", node->key);
    return GROUP_INFORMATION;
}

/* Evacuation information may be sent by the authority that orders it only, what is told of missiles
 * by people of it who are named. */
static void check_role(const struct loading *loading, const struct node *node,
                       const struct broadcast_template *row)
{
    static const char *const roles[] = {"evacuation", "missile", NULL};
    if (row->role != NULL && index_of(roles, row->role) < 0)
        fault(loading, node, "evacuation or missile", "has no known role", row->id);
    if ((row->group == GROUP_MISSILE) != text_equal(row->role, "missile"))
        fault(loading, node, "role: missile and group: missile",
              "what is told of missiles has a role and a group of its own", row->id);
    if (row->group == GROUP_EVACUATION && !text_equal(row->role, "evacuation"))
        fault(loading, node, "role: evacuation",
              "evacuation information needs the authority's role", row->id);
}

/* Information is no danger: white, whatever level it needs to reach people. */
static const char *colour_of(const struct broadcast_catalogue *catalogue,
                             const struct broadcast_template *row)
{
    if (text_equal(row->response_type, "AllClear"))
        return "green";
    return catalogue->texts->colours[text_equal(row->severity, "Minor") ? 1 : row->level];
}

static void load_template(const struct loading *loading, const struct node *node)
{
    static const char *const keys[] = {"group",  "role",  "level", "cap",   "valid",     "phases",
                                       "blanks", "first", "do",    "after", "withdrawn", NULL};
    static const char *const parts[] = {"title", "issue", "all-clear", "withdrawn"};
    struct problems *problems = loading->problems;
    struct broadcast_catalogue *catalogue = loading->catalogue;
    struct broadcast_template *row = &catalogue->templates[catalogue->count];
    if (node->type != NODE_MAPPING) {
        fault(loading, node, NULL, "is no template", node->key);
        return;
    }
    node_only(node, keys, problems);
    row->id = node->key;
    row->group = load_group(loading, node);
    row->role = node_text(node, "role", NULL, problems);
    row->level = (int)node_number(node, "level", 1, 5, 1, problems);
    row->valid_minutes = (int)node_number(node, "valid", 10, VALID_MINUTES_MAX, 360, problems);
    row->drill_only = row->group == GROUP_DRILL;
    load_cap(loading, node, row);
    row->colour = colour_of(catalogue, row);
    load_phases(loading, node, row);
    load_blanks(loading, node_child(node, "blanks"), row);
    load_firsts(loading, node, row);
    row->actions = load_phrases(loading, node, "do");
    row->after = load_phrases(loading, node, "after");
    row->withdrawn = load_phrases(loading, node, "withdrawn");
    check_role(loading, node, row);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        need_text(loading, node, parts[i], row->id);
    catalogue->count++;
}

/* Drill words both ways, in every language. */
static void lint_text(const struct loading *loading, const struct broadcast_template *row,
                      const struct language *language, const char *part)
{
    const struct catalogue_text *text =
        broadcast_text_find(loading->catalogue, language, part, row->id);
    if (text == NULL)
        return;
    bool found = words_found(loading->catalogue->drill_words, text->text);
    if (found && !row->drill_only)
        problems_add(loading->problems, text->file, text->line, text->column, "a text without it",
                     "a live text has a drill word: %s", text->text);
    if (!found && row->drill_only && strcmp(part, "withdrawn") != 0)
        problems_add(loading->problems, text->file, text->line, text->column,
                     "a text with a drill word", "a drill has no drill word: %s", text->text);
    if (words_found(loading->catalogue->reserved_words, text->text))
        problems_add(loading->problems, text->file, text->line, text->column, NULL,
                     "a manual text must not look like JMA's: %s", text->text);
}

static void lint(const struct loading *loading)
{
    const struct catalogue *texts = loading->catalogue->texts;
    for (size_t i = 0; i < loading->catalogue->count; i++) {
        for (size_t j = 0; j < texts->language_count; j++) {
            lint_text(loading, &loading->catalogue->templates[i], &texts->languages[j], "title");
            lint_text(loading, &loading->catalogue->templates[i], &texts->languages[j], "issue");
            lint_text(loading, &loading->catalogue->templates[i], &texts->languages[j],
                      "all-clear");
            lint_text(loading, &loading->catalogue->templates[i], &texts->languages[j],
                      "withdrawn");
        }
    }
}

/* In no list is one beside a drill: a prepared missile text next to the one meant went out (H-9).
 */
static void check_neighbours(const struct loading *loading, const struct node *templates)
{
    const struct broadcast_template *rows = loading->catalogue->templates;
    for (size_t i = 1; i < loading->catalogue->count; i++) {
        bool missile = rows[i].group == GROUP_MISSILE || rows[i - 1].group == GROUP_MISSILE;
        if (missile && (rows[i].drill_only || rows[i - 1].drill_only))
            fault(loading, node_child(templates, rows[i].id), "another place in the list",
                  "a missile beside a drill", rows[i].id);
    }
}

/* The texts between the lines, with the blanks that the program fills. */
static void check_leads(const struct loading *loading, const struct node *root)
{
    static const char *const rules[][2] = {{"update", "{time} "},
                                           {"correction", "{time} "},
                                           {"withdrawn", "{time} "},
                                           {"all-clear", "{time} "},
                                           {"withdrawn-title", "{title} "},
                                           {"information", "{colour} {word} "},
                                           {"line", "{label} {value} "},
                                           {"original", "{language} {text} "},
                                           {"everyone", ""},
                                           {"issuer", "{name} "},
                                           {"contact", "{contact} "},
                                           {"issued", "{time} "},
                                           {"number", "{id} "},
                                           {"next", "{time} "},
                                           {"official", "{title} "}};
    const struct language *english = catalogue_language(loading->catalogue->texts, "en");
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        need_text(loading, root, "lead", rules[i][0]);
        const struct catalogue_text *text =
            broadcast_text_find(loading->catalogue, english, "lead", rules[i][0]);
        if (text != NULL && strcmp(blanks_of(loading->catalogue, text->text), rules[i][1]) != 0)
            problems_add(loading->problems, text->file, text->line, text->column, rules[i][1],
                         "%s has blanks that are not filled so", text->key);
    }
}

/* Texts of templates that are not there. */
static void check_unused(const struct loading *loading)
{
    const struct language *english = catalogue_language(loading->catalogue->texts, "en");
    for (const struct catalogue_text *t = english->texts; t != NULL; t = t->hh.next) {
        if (text_starts(t->key, "broadcast.title.") &&
            broadcast_template_find(loading->catalogue, t->key + strlen("broadcast.title.")) ==
                NULL)
            problems_add(loading->problems, t->file, t->line, t->column, NULL,
                         "no template uses %s", t->key);
    }
}

static const char *const *load_words(const struct loading *loading, const struct node *root,
                                     const char *key)
{
    size_t count = 0;
    const char **words = node_list(loading->catalogue, root, key, &count, loading->problems);
    if (count == 0)
        problems_add(loading->problems, root->file, root->line, root->column, "[one, two]",
                     "%s: is missing", key);
    return count > 0 ? words : memory_array(loading->catalogue, const char *, 1);
}

static void load_all(const struct loading *loading, const struct node *root)
{
    static const char *const keys[] = {"drill-words", "reserved-words", "templates", NULL};
    struct broadcast_catalogue *catalogue = loading->catalogue;
    const struct node *templates = node_child(root, "templates");
    node_only(root, keys, loading->problems);
    catalogue->drill_words = load_words(loading, root, "drill-words");
    catalogue->reserved_words = load_words(loading, root, "reserved-words");
    catalogue->templates = memory_array(catalogue, struct broadcast_template,
                                        templates != NULL ? templates->count + 1 : 1);
    for (const struct node *n = templates != NULL ? templates->first_child : NULL; n != NULL;
         n = n->next)
        load_template(loading, n);
    check_neighbours(loading, templates);
    for (int i = 0; i < GROUP_COUNT; i++)
        need_text(loading, root, "group", broadcast_group_name((enum broadcast_group)i));
    for (int i = 0; i < BROADCAST_PHASE_COUNT; i++)
        need_text(loading, root, "phase", broadcast_phase_name((enum broadcast_phase)i));
    if (catalogue->count == 0)
        fault(loading, root, NULL, "there is none", "templates");
    check_leads(loading, root);
    lint(loading);
    check_unused(loading);
}

int broadcast_catalogue_load(TALLOC_CTX *context, const char *directory,
                             const struct catalogue *texts, struct problems *problems,
                             struct broadcast_catalogue **ret_catalogue)
{
    size_t errors = problems->errors;
    const struct node *root;
    struct broadcast_catalogue *catalogue = memory_new(context, struct broadcast_catalogue);
    catalogue->texts = texts;
    const struct loading loading = {.catalogue = catalogue, .problems = problems};
    if (document_load(catalogue, memory_printf(catalogue, "%s/broadcast.yaml", directory), problems,
                      &root) == 0)
        load_all(&loading, root);
    if (problems->errors > errors) {
        talloc_free(catalogue);
        return -EINVAL;
    }
    *ret_catalogue = catalogue;
    return 0;
}
