/* The steps of the schema: each area has its own file with its own text. Only for store/. */
#pragma once

#include <stddef.h>

/* A store of version n is brought to n + 1 by step n; a new one takes them all. A step is never
 * changed once it was released; a new one is added at the end. */
struct schema_step {
    const char *name; /* for people: what an error speaks of */
    const char *sql;
};
extern const struct schema_step schema_steps[];
extern const size_t schema_step_count; /* the version of this program */

extern const char schema_base[];
extern const char schema_numbers[];
extern const char schema_receivers[];
extern const char schema_broadcast[];
extern const char schema_facility[];
extern const char schema_trouble[];
