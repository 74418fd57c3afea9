/* What catalogue.yaml says for all languages: colours of the levels, and what to do for each hazard
 * and level. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/catalogue.h"

static void read_phrases(struct catalogue *catalogue, const struct node *parent,
                         const struct node *node, const char **phrases, struct problems *problems)
{
    const struct language *english = catalogue_language(catalogue, "en");
    size_t count = 0;
    const char **names = node_list(catalogue, parent, node->key, &count, problems);
    if (names != NULL && count > ACTIONS_MAX)
        problems_add(problems, node->file, node->line, node->column, "the most vital ones",
                     "more than %d phrases", ACTIONS_MAX);
    for (size_t i = 0; names != NULL && i < count && i < ACTIONS_MAX; i++) {
        const char *key = memory_printf(catalogue, "phrase.%s", names[i]);
        if (!catalogue_has(english, key))
            problems_add(problems, node->file, node->line, node->column,
                         "a key of phrase:", "\"%s\" is no phrase", names[i]);
        phrases[i] = key;
    }
}

static void add_row(struct catalogue *catalogue, const char *prefix, const struct node *parent,
                    const struct node *node, struct problems *problems)
{
    struct action_row *row = memory_new(catalogue, struct action_row);
    row->key = memory_printf(catalogue, "%s.%s", prefix, node->key);
    read_phrases(catalogue, parent, node, row->phrases, problems);
    HASH_ADD_KEYPTR(hh, catalogue->actions, row->key, strlen(row->key), row);
}

/* "volcano-level-5": a kind of a hazard, by the language that has them all. */
static bool names_kind(const struct catalogue *catalogue, const char *name)
{
    const struct language *english = catalogue_language(catalogue, "en");
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        const char *word = hazard_name((enum hazard)hazard);
        size_t length = strlen(word);
        char key[96];
        if (!text_starts(name, word) || name[length] != '-')
            continue;
        snprintf(key, sizeof(key), "kind.%s.%s", word, name + length + 1);
        if (catalogue_has(english, key))
            return true;
    }
    return false;
}

static void check_hazard(const struct catalogue *catalogue, const struct node *node,
                         struct problems *problems)
{
    enum hazard hazard;
    if (!hazard_from_name(node->key, &hazard) && !names_kind(catalogue, node->key))
        problems_add(problems, node->file, node->key_line, node->key_column, NULL,
                     "there is no hazard \"%s\"", node->key);
}

static void load_hazard(struct catalogue *catalogue, const struct node *hazard,
                        struct problems *problems)
{
    check_hazard(catalogue, hazard, problems);
    for (const struct node *level = hazard->first_child; level != NULL; level = level->next) {
        if (level->key == NULL || strlen(level->key) != 1 || strchr("12345", level->key[0]) == NULL)
            problems_add(problems, level->file, level->line, level->column, "1, 2, 3, 4 or 5",
                         "actions.%s: not a level", hazard->key);
        else
            add_row(catalogue, hazard->key, hazard, level, problems);
    }
}

/* The gravest danger of any hazard must never end up without words what to do. */
static void check_all_hazards(const struct catalogue *catalogue, const struct node *actions,
                              struct problems *problems)
{
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        const char *name = hazard_name((enum hazard)hazard);
        if (hazard != HAZARD_BROADCAST && catalogue_actions(catalogue, name, 5)[0] == NULL)
            problems_add(problems, actions->file, actions->line, actions->column,
                         "at least one level", "actions: nothing to do for %s", name);
    }
}

static void load_colours(struct catalogue *catalogue, const struct node *root,
                         struct problems *problems)
{
    const struct node *colours = node_child(root, "colours");
    const struct language *english = catalogue_language(catalogue, "en");
    for (int level = 1; level <= 5; level++) {
        char key[2] = {(char)('0' + level), '\0'};
        const char *colour = colours != NULL ? node_text(colours, key, "", problems) : "";
        if (!catalogue_has(english, memory_printf(catalogue, "colour.%s", colour)))
            problems_add(problems, root->file, colours != NULL ? colours->line : root->line, 1,
                         "a key of colour:", "colours: danger %d has no colour", level);
        catalogue->colours[level] = memory_text(catalogue, colour);
    }
}

void actions_load(struct catalogue *catalogue, const struct node *root, struct problems *problems)
{
    const struct node *actions = node_child(root, "actions"), *after = node_child(root, "after");
    const struct node *unclear = node_child(root, "unclear");
    load_colours(catalogue, root, problems);
    if (actions == NULL || unclear == NULL) {
        problems_add(problems, root->file, root->line, root->column, NULL,
                     "actions: or unclear: is missing");
        return;
    }
    for (const struct node *h = actions->first_child; h != NULL; h = h->next)
        load_hazard(catalogue, h, problems);
    for (const struct node *h = after != NULL ? after->first_child : NULL; h != NULL; h = h->next) {
        check_hazard(catalogue, h, problems);
        add_row(catalogue, "after", after, h, problems);
    }
    read_phrases(catalogue, root, unclear, catalogue->unclear, problems);
    check_all_hazards(catalogue, actions, problems);
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
