/* Areas and items of a weather report while its telegram is read, in linear time; only for jma/. */
#pragma once

#include <uthash.h>

#include "jma/part.h"

/* An area that was seen, and where its items begin. */
struct noted_area {
    const char *code;
    size_t first;
    UT_hash_handle hh;
};

struct weather_scan {
    struct parsing *parsing;
    struct weather_report *report;
    struct noted_area *noted;
    size_t first; /* of the area that is being read */
};

/* Lists the area, once, and makes it the one that is being read. Returns false for an area that is
 * one too many. */
bool weather_scan_area(struct weather_scan *scan, const char *code);
/* An item of that area; of two for the same hazard the graver stays. */
void weather_scan_item(struct weather_scan *scan, const struct weather_item *item);
/* What is in force in municipalities that the graph does not hold, said where it may be, at most in
 * all of `office` (NULL: only where the number tells). After the last area, before the end. */
void weather_widen(struct weather_scan *scan, const char *office);
void weather_scan_end(struct weather_scan *scan);
