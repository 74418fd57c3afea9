/* Regions that the area graph does not hold, by code or by name: divided since its tables were
 * made, or garbled on the way. Nobody has chosen such a region, so nobody would hear that it shook.
 *
 * How hard it shook is said where it may be: in the region of a city that the element names;
 * otherwise, since a telegram lists every region that shook, in those of its prefecture that are
 * not listed; when all are listed, in the whole prefecture. Never beyond the prefecture. */
#include <string.h>

#include "base/text.h"
#include "jma/felt.h"

static const struct area *region_of_cities(const struct parsing *parsing,
                                           const struct element *region)
{
    for (const struct element *c = element_child(region, "City"); c != NULL; c = element_again(c)) {
        const char *code = element_text(c, "Code");
        const struct area *city =
            code != NULL ? area_find(parsing->graph, AREA_QUAKE_CITY, code) : NULL;
        if (city != NULL && city->parent != NULL)
            return area_find(parsing->graph, AREA_QUAKE_REGION, city->parent);
    }
    return NULL;
}

static const struct area *prefecture_of(const struct parsing *parsing, const struct element *region)
{
    const char *code = element_text(region->parent, "Code");
    const struct area *known =
        code != NULL ? area_find(parsing->graph, AREA_PREFECTURE, code) : NULL;
    const char *name = element_text(region->parent, "Name");
    return known != NULL ? known : area_of_name(parsing->graph, AREA_PREFECTURE, name);
}

/* Among the first `listed` of the report. */
static struct quake_area *listed_region(const struct earthquake_report *report, size_t listed,
                                        const char *code)
{
    for (size_t i = 0; i < listed; i++) {
        if (strcmp(report->regions[i].code, code) == 0)
            return (struct quake_area *)&report->regions[i];
    }
    return NULL;
}

static void say_of(struct parsing *parsing, const struct area *region,
                   const struct felt_region *lost)
{
    struct earthquake_report *report = &parsing->report->earthquake;
    struct quake_area *area = listed_region(report, report->region_count, region->code);
    if (area == NULL) {
        area = felt_add(parsing->context, &report->regions, &report->region_count);
        *area = (struct quake_area){
            .system = AREA_QUAKE_REGION, .code = region->code, .name = region->name_ja};
    }
    if (intensity_rank(lost->intensity) > intensity_rank(area->intensity))
        area->intensity = lost->intensity;
    area->missing = area->missing || lost->missing;
}

/* Returns how many regions of the prefecture were told. */
static size_t say_in_prefecture(struct parsing *parsing, const struct area *prefecture,
                                const struct felt_region *lost, size_t listed)
{
    const struct earthquake_report *report = &parsing->report->earthquake;
    size_t count, told = 0;
    const struct area *const *regions = area_list(parsing->graph, AREA_QUAKE_REGION, &count);
    for (size_t i = 0; i < count; i++) {
        bool of_prefecture = text_equal(regions[i]->parent, prefecture->code);
        if (!of_prefecture || listed_region(report, listed, regions[i]->code) != NULL)
            continue;
        say_of(parsing, regions[i], lost);
        told++;
    }
    return told;
}

void felt_widen(struct parsing *parsing, const struct felt_region *lost, size_t count)
{
    /* What is said of one lost region does not make its neighbours listed for the next. */
    size_t listed = parsing->report->earthquake.region_count;
    for (size_t i = 0; i < count; i++) {
        const struct area *region = region_of_cities(parsing, lost[i].element);
        const struct area *prefecture = prefecture_of(parsing, lost[i].element);
        if (region != NULL)
            say_of(parsing, region, &lost[i]);
        else if (prefecture != NULL &&
                 say_in_prefecture(parsing, prefecture, &lost[i], listed) == 0)
            say_in_prefecture(parsing, prefecture, &lost[i], 0);
    }
}
