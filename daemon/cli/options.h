/* Options of a verb, by getopt_long, from one table that also makes --help. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct option_row {
    const char *name;     /* "config" */
    const char *argument; /* "FILE", or NULL for a flag */
    const char *help;
    const char **text; /* where the argument goes */
    bool *flag;        /* or where true goes */
};

/* Reads options up to the first other argument (anywhere: GNU order). `usage` such as
 * "noroshi parse [--json] FILE…". Returns the index of the first other argument; -1 when --help was
 * printed; -2 for wrong use (told on stderr). */
int options_read(int argc, char **argv, const char *usage, const struct option_row *rows,
                 size_t count);
/* Exit status for those two. */
int options_exit(int result);
