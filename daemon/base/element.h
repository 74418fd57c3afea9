/* XML bytes to a small read-only tree, by expat behind eight fences (style.md 3).
 *
 * Does: parses a whole document or nothing. Takes: bytes and limits. Gives: a tree in one talloc
 * context with line numbers. Never: reads a DOCTYPE, an entity beyond the five, a file or the net.
 */
#pragma once

#include <stddef.h>
#include <talloc.h>
#include "base/problem.h"

struct element_attribute {
    const char *name; /* local name */
    const char *value;
};

struct element {
    const char
        *name; /* local name; "uri|name" when the namespace does not start with the expected one */
    const char *text; /* own character data, trimmed (text_trim); never NULL */
    const struct element_attribute *attributes;
    size_t attribute_count;
    const struct element *parent, *first_child, *next;
    unsigned line, column;
};

struct element_limits {
    size_t bytes; /* of the document */
    size_t elements;
    size_t text_bytes; /* of one text node */
    unsigned depth;
    unsigned attributes; /* of one element */
};

/* 8 MiB, 500,000 elements, 1 MiB text, depth 64, 32 attributes (jma-format.md 7, style.md 3). */
extern const struct element_limits element_limits_default;

/* Parses UTF-8 XML whose elements of interest have a namespace that starts with `namespace_start`
 * (NULL: any). The tree belongs to `context`. Returns 0; on any fault -EBADMSG (or -E2BIG for a
 * limit) with one problem added (file = `name`), and *ret_root untouched. */
__attribute__((warn_unused_result)) int
element_parse(TALLOC_CTX *context, const char *name, const void *bytes, size_t length,
              const char *namespace_start, const struct element_limits *limits,
              struct problems *problems, const struct element **ret_root);

/* First child of that name, or NULL; NULL parent gives NULL. */
const struct element *element_child(const struct element *parent, const char *name);
/* Next sibling with the same name, or NULL. */
const struct element *element_again(const struct element *element);
/* "A/B/C" from `element` (first of each), or NULL. */
const struct element *element_path(const struct element *element, const char *path);
/* Text of element_path, NULL when absent or empty. */
const char *element_text(const struct element *element, const char *path);
/* Attribute value, NULL when absent. */
const char *element_attribute(const struct element *element, const char *name);
