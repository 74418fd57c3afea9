/* Areas and items of a weather report while its telegram is read. */
#include "jma/weather_scan.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"

#define AREAS_MAX 4000 /* municipality-level areas of all Japan: 1,900 */

void weather_scan_item(struct weather_scan *scan, const struct weather_item *item)
{
    struct weather_report *report = scan->report;
    struct weather_item *items = (struct weather_item *)report->items;
    for (size_t i = scan->first; i < report->item_count; i++) {
        if (items[i].hazard == item->hazard && text_equal(items[i].area_code, item->area_code)) {
            if (item->level > items[i].level)
                items[i] = *item;
            return;
        }
    }
    items = memory_grow(scan->parsing->context, items, report->item_count, sizeof(*items));
    items[report->item_count++] = *item;
    report->items = items;
}

static void list_area(struct weather_scan *scan, const char *code)
{
    struct parsing *parsing = scan->parsing;
    struct weather_report *report = scan->report;
    const char **codes = (const char **)report->area_codes;
    const char **offices = (const char **)report->area_offices;
    size_t count = report->area_code_count++;
    codes = memory_grow(parsing->context, (void *)codes, count, sizeof(*codes));
    offices = memory_grow(parsing->context, (void *)offices, count, sizeof(*offices));
    codes[count] = code;
    offices[count] = area_weather_office(parsing->graph, AREA_WEATHER_CITY, code);
    report->area_codes = codes;
    report->area_offices = offices;
    if (report->office == NULL && !report->national)
        report->office = offices[count];
}

bool weather_scan_area(struct weather_scan *scan, const char *code)
{
    struct noted_area *noted;
    HASH_FIND_STR(scan->noted, code, noted);
    if (noted != NULL) {
        scan->first = noted->first;
        return true;
    }
    if (scan->report->area_code_count == AREAS_MAX) {
        part_degraded(scan->parsing, "more areas than Japan has");
        return false;
    }
    noted = memory_new(scan->parsing->context, struct noted_area);
    noted->code = code;
    noted->first = scan->first = scan->report->item_count;
    HASH_ADD_KEYPTR(hh, scan->noted, noted->code, strlen(noted->code), noted);
    list_area(scan, code);
    return true;
}

void weather_scan_end(struct weather_scan *scan)
{
    HASH_CLEAR(hh, scan->noted);
}
