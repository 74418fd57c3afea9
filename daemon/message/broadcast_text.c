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

static void add_section(TALLOC_CTX *scratch, struct language *language, const struct node *section,
                        struct problems *problems)
{
    for (const struct node *n = section != NULL ? section->first_child : NULL; n != NULL;
         n = n->next)
        catalogue_add_text(
            language, memory_printf(scratch, "broadcast.%s.%s", section->key, n->key), n, problems);
}

static void add_template(TALLOC_CTX *scratch, struct language *language, const struct node *row,
                         struct problems *problems)
{
    if (row->type != NODE_MAPPING) {
        problems_add(problems, row->file, row->line, row->column, "title:, issue:, …",
                     "template %s has no texts", row->key);
        return;
    }
    node_only(row, parts, problems);
    for (const struct node *n = row->first_child; n != NULL; n = n->next)
        catalogue_add_text(language, memory_printf(scratch, "broadcast.%s.%s", n->key, row->key), n,
                           problems);
}

static void add_all(TALLOC_CTX *scratch, struct language *language, const struct node *root,
                    struct problems *problems)
{
    const char *allowed[16] = {"language", "template"};
    if (!text_equal(node_text(root, "language", "", problems), language->tag))
        problems_add(problems, root->file, root->line, root->column, language->tag,
                     "language: is not that of the file's name");
    const struct node *templates = node_child(root, "template");
    for (const struct node *row = templates != NULL ? templates->first_child : NULL; row != NULL;
         row = row->next)
        add_template(scratch, language, row, problems);
    for (size_t i = 0; sections[i] != NULL; i++) {
        allowed[i + 2] = sections[i];
        add_section(scratch, language, node_child(root, sections[i]), problems);
    }
    node_only(root, allowed, problems);
}

void broadcast_texts_load(struct language *language, const char *directory,
                          struct problems *problems)
{
    TALLOC_CTX *document = talloc_new(NULL);
    const struct node *root;
    if (access(memory_printf(document, "%s/broadcast.yaml", directory), F_OK) == 0) {
        language->broadcast_file =
            memory_printf(language->memory, "%s/broadcast/%s.yaml", directory, language->tag);
        if (document_load(document, language->broadcast_file, problems, &root) == 0)
            add_all(document, language, root, problems);
    }
    talloc_free(document);
}
