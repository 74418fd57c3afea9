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

struct felt_region { /* an Area of the body that is no region we know, and how hard it shook */
    const struct element *element;
    const char *intensity;
    bool missing;
};
/* Says it where it may be (earthquake_unknown.c). To be called when all regions are listed. */
void felt_widen(struct parsing *parsing, const struct felt_region *lost, size_t count);
