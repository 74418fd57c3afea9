/* A table of config/areas, row by row; for area/ only.
 *
 * UTF-8 with TAB between cells; lines that start with "#" are comments, the first other line is the
 * header. The bytes are read once and cut into cells in place. */
#pragma once

#include "area/graph.h"

#define TABLE_CELLS (3 + AREA_LANGUAGES_MAXIMUM + 1) /* the last shows that there are too many */

struct table {
    const char *file;
    struct problems *problems;
    char *rest; /* not yet read */
    unsigned line;
    char *cells[TABLE_CELLS];
    unsigned columns[TABLE_CELLS]; /* where each cell starts, in bytes from 1 */
    size_t cell_count;
};

/* Reads the file into `context` and checks that its header begins with the given cells (ended by
 * NULL). Returns 0 or -EINVAL with a problem. */
__attribute__((warn_unused_result)) int table_open(TALLOC_CTX *context, struct table *table,
                                                   const char *const *header);
/* Moves to the next line with cells; false at the end. */
bool table_next(struct table *table);
/* A problem at one cell of the row: `what "value"`. */
void table_fault(const struct table *table, size_t cell, const char *instead, const char *what,
                 const char *value);
