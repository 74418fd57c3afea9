/* What the two parts of the parser of transitional telegrams share; only for jma/. */
#pragma once

#include "jma/weather_scan.h"

/* What a transitional telegram says of one of its places. */
struct transitional_claim {
    const char *code, *name; /* as the telegram writes them; code NULL: somewhere in the office */
    enum hazard hazard;
    int level;
    bool rain_or_landslide; /* see struct weather_item */
    const char *kind_code, *status;
};

/* Adds it for the area of today, or for each part of a city that was divided since. */
void transitional_add(struct weather_scan *scan, const struct transitional_claim *claim);

/* The block with an item for each municipality; NULL when there is none. */
const struct element *transitional_block(const struct telegram *telegram);

/* Adds level 4, which the old kinds cannot tell, from Body/Notice and Headline/Text. */
void transitional_read_text(struct weather_scan *scan);
