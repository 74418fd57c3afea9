/* Intensities that the element of a place does not give, from elsewhere in the telegram; only for
 * jma/ (earthquake_felt.c). */
#pragma once

#include "jma/part.h"

struct quake_area *felt_add(TALLOC_CTX *context, const struct quake_area **list, size_t *count);
/* The strongest of the stations of a City, or of cities; NULL when none is known. */
const char *felt_at_stations(const struct element *city);
const char *felt_in_cities(const struct quake_area *cities, size_t count);
/* Adds what the Headline lists and the body lacks. */
void felt_in_headline(struct parsing *parsing, struct earthquake_report *report);
