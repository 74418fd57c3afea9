/* The areas of one office in a weather report: see weather_listing.h. */
#include "event/weather_listing.h"

#include "base/memory.h"
#include "base/text.h"

const char *listing_office(const struct area_graph *graph, const struct weather_report *weather,
                           size_t number)
{
    const char *office =
        weather->area_offices != NULL
            ? weather->area_offices[number]
            : area_weather_office(graph, AREA_WEATHER_CITY, weather->area_codes[number]);
    return office != NULL ? office : weather->office;
}

static struct listed_area *find(const struct listing *listing, const char *code)
{
    struct listed_area *found;
    HASH_FIND_STR(listing->by_code, code, found);
    return found;
}

const struct listed_area *listing_find(const struct listing *listing, const char *code)
{
    return find(listing, code);
}

static void list_areas(const struct event_step *step, const char *office, struct listing *listing)
{
    const struct weather_report *weather = &step->report->weather;
    for (size_t i = 0; i < weather->area_code_count; i++) {
        if (!text_equal(listing_office(step->graph, weather, i), office))
            continue;
        listing->areas =
            memory_grow(step->context, listing->areas, listing->count, sizeof(*listing->areas));
        listing->areas[listing->count++].code = weather->area_codes[i];
    }
    /* Only now, since the array has moved while it grew. */
    for (size_t i = 0; i < listing->count; i++) {
        struct listed_area *area = &listing->areas[i];
        HASH_ADD_KEYPTR(hh, listing->by_code, area->code, strlen(area->code), area);
    }
}

void listing_make(const struct event_step *step, enum hazard hazard, const char *office,
                  struct listing *ret_listing)
{
    const struct weather_report *weather = &step->report->weather;
    *ret_listing = (struct listing){0};
    list_areas(step, office, ret_listing);
    for (size_t i = 0; i < weather->item_count && ret_listing->count > 0; i++) {
        const struct weather_item *item = &weather->items[i];
        if (item->hazard != hazard)
            continue;
        struct listed_area *area = find(ret_listing, item->area_code);
        if (area != NULL && (area->item == NULL || item->level > area->item->level))
            area->item = item;
    }
}

void listing_drop(struct listing *listing)
{
    HASH_CLEAR(hh, listing->by_code);
    talloc_free(listing->areas);
}
