/* The texts of manual broadcasts: messages/broadcast/LANG.yaml, a language's own file, whose
 * templates are kept together for the translator and stored by section. */
#include <unistd.h>

#include "base/document.h"
#include "base/memory.h"
#include "base/text.h"
#include "message/catalogue.h"

static const char *const sections[] = {"blank", "choice", "state", "group",
                                       "phase", "lead",   "fault", NULL};
static const char *const parts[] = {"title", "issue", "all-clear", "withdrawn", NULL};

static void add_section(TALLOC_CTX *context, struct language *language, const struct node *section,
                        struct problems *problems)
{
    for (const struct node *n = section != NULL ? section->first_child : NULL; n != NULL;
         n = n->next)
        catalogue_add_text(context, language,
                           memory_printf(context, "broadcast.%s.%s", section->key, n->key), n,
                           problems);
}

static void add_template(TALLOC_CTX *context, struct language *language, const struct node *row,
                         struct problems *problems)
{
    if (row->type != NODE_MAPPING) {
        problems_add(problems, row->file, row->line, row->column, "title:, issue:, …",
                     "template %s has no texts", row->key);
        return;
    }
    node_only(row, parts, problems);
    for (const struct node *n = row->first_child; n != NULL; n = n->next)
        catalogue_add_text(context, language,
                           memory_printf(context, "broadcast.%s.%s", n->key, row->key), n,
                           problems);
}

void broadcast_texts_load(TALLOC_CTX *context, struct language *language, const char *directory,
                          struct problems *problems)
{
    const char *allowed[16] = {"language", "template"};
    const struct node *root;
    if (access(memory_printf(context, "%s/broadcast.yaml", directory), F_OK) < 0)
        return;
    char *file = memory_printf(context, "%s/broadcast/%s.yaml", directory, language->tag);
    language->broadcast_file = file;
    if (document_load(context, file, problems, &root) < 0)
        return;
    if (!text_equal(node_text(root, "language", "", problems), language->tag))
        problems_add(problems, file, root->line, root->column, language->tag,
                     "language: is not that of the file's name");
    const struct node *templates = node_child(root, "template");
    for (const struct node *row = templates != NULL ? templates->first_child : NULL; row != NULL;
         row = row->next)
        add_template(context, language, row, problems);
    for (size_t i = 0; sections[i] != NULL; i++) {
        allowed[i + 2] = sections[i];
        add_section(context, language, node_child(root, sections[i]), problems);
    }
    node_only(root, allowed, problems);
}
