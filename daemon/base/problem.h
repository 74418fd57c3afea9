/* What is wrong with something that a person or JMA wrote, and what to write instead.
 *
 * Does: collects problems with file, line and column, so that all are shown in one pass.
 * Takes: printf-style text.  Gives: a list to print or log.  Never: prints by itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <talloc.h>

struct problem {
    const char *file;    /* as the user named it; NULL when there is no file */
    unsigned line;       /* from 1; 0 unknown */
    unsigned column;     /* from 1; 0 unknown */
    const char *what;    /* what is wrong */
    const char *instead; /* what to write instead; NULL when there is nothing to advise */
    bool warning;        /* true: usable all the same */
};

/* A growing list. Lives in its own talloc context; zero problems is a valid list. */
struct problems {
    struct problem *items;
    size_t count;
    size_t errors; /* those that are not warnings */
};

/* New empty list owned by `context`. Never NULL (out of memory ends the process, see
 * base/memory.h). */
struct problems *problems_new(TALLOC_CTX *context);

/* Adds an error at file:line:column. `instead` may be NULL. Texts are copied. */
void problems_add(struct problems *problems, const char *file, unsigned line, unsigned column,
                  const char *instead, const char *what, ...) __attribute__((format(printf, 6, 7)));

/* The same for a warning. */
void problems_warn(struct problems *problems, const char *file, unsigned line, unsigned column,
                   const char *instead, const char *what, ...)
    __attribute__((format(printf, 6, 7)));

/* "file:line:column: what; write instead" in `context`, one line without a newline; control
 * characters in the texts are escaped. */
char *problem_text(TALLOC_CTX *context, const struct problem *problem);

/* Prints all, one a line, in the order in which they were added. */
void problems_print(const struct problems *problems, FILE *stream);
