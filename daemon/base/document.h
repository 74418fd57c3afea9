/* YAML that a person edits, to a tree that knows where each value stands.
 *
 * Does: parses by libyaml's events with depth 32, 1 MiB, no anchor, alias, tag or merge, and
 * refuses duplicate keys (reliability 2.4, R-22). Never: guesses types; every scalar is text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>
#include "base/problem.h"

enum node_type { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct node {
    enum node_type type;
    const char *key;  /* in a mapping; otherwise NULL */
    const char *text; /* scalar */
    bool quoted;      /* scalar was quoted or a block */
    const char *file;
    unsigned line, column; /* of the value, from 1 */
    unsigned key_line, key_column;
    const struct node *first_child, *next;
    size_t count; /* children */
};

/* Reads a file, or bytes under the name `file`. On faults adds problems and returns -EINVAL
 * (-errno when the file cannot be read). The tree belongs to `context` as a whole; no node of it is
 * freed or moved by itself. */
__attribute__((warn_unused_result)) int document_load(TALLOC_CTX *context, const char *file,
                                                      struct problems *problems,
                                                      const struct node **ret_root);
__attribute__((warn_unused_result)) int document_parse(TALLOC_CTX *context, const char *file,
                                                       const char *bytes, size_t length,
                                                       struct problems *problems,
                                                       const struct node **ret_root);

/* Child of a mapping by key, or NULL. */
const struct node *node_child(const struct node *mapping, const char *key);
/* Text of a scalar child, or `otherwise`; a child that is not a scalar adds a problem. */
const char *node_text(const struct node *mapping, const char *key, const char *otherwise,
                      struct problems *problems);
/* Whole number within [least, most]; problems name the range. */
int64_t node_number(const struct node *mapping, const char *key, int64_t least, int64_t most,
                    int64_t otherwise, struct problems *problems);
/* true|false|yes|no. */
bool node_flag(const struct node *mapping, const char *key, bool otherwise,
               struct problems *problems);
/* A scalar or a sequence of scalars as an array ended by NULL. NULL when absent. */
const char **node_list(TALLOC_CTX *context, const struct node *mapping, const char *key,
                       size_t *ret_count, struct problems *problems);
/* Adds a problem for each key that `allowed` (ended by NULL) does not hold, naming the nearest. */
void node_only(const struct node *mapping, const char *const *allowed, struct problems *problems);
