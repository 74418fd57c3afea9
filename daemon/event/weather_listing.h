/* What a weather report says of the areas of one 府県予報区; only for event/.
 *
 * Does: finds the areas, each with its gravest item of one hazard, in linear time. Never: outlives
 * the step; its memory goes before the next state of the same telegram needs as much. */
#pragma once

#include <uthash.h>

#include "event/step.h"

struct listed_area {
    const char *code;
    const struct weather_item *item; /* NULL: none of this hazard */
    UT_hash_handle hh;
};

struct listing {
    struct listed_area *areas, *by_code;
    size_t count;
};

/* The 府県予報区 of the report's area of this number: its own, else the report's; NULL unknown. */
const char *listing_office(const struct area_graph *graph, const struct weather_report *weather,
                           size_t number);

/* In the order of the report. listing_drop frees it. */
void listing_make(const struct event_step *step, enum hazard hazard, const char *office,
                  struct listing *ret_listing);
void listing_drop(struct listing *listing);

/* NULL when the report does not list the area. */
const struct listed_area *listing_find(const struct listing *listing, const char *code);
