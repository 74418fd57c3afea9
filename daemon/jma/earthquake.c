/* VXSE51 震度速報, VXSE52 震源に関する情報, VXSE53 震源・震度に関する情報, VXSE61 震源要素更新.
 *
 * A city whose stations did not report (震度５弱以上未入電) has no MaxInt: it is at least 5-lower
 * and marked as missing. Distant "earthquakes" may be eruptions: only the free text tells. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/felt.h"
#include "jma/judgement.h"

struct intensities {
    struct parsing *parsing;
    struct earthquake_report *report;
    bool missing; /* somewhere in the area at hand */
    struct felt_region *lost;
    size_t lost_count;
};

static const char *known_intensity(const char *text)
{
    return intensity_rank(text) > 0 ? text : NULL;
}

static bool fill_area(struct intensities *in, const struct element *element,
                      enum area_system system, struct quake_area *area)
{
    area->system = system;
    area->name = element_text(element, "Name");
    area->code = part_place(in->parsing, system, element_text(element, "Code"), area->name,
                            system == AREA_QUAKE_CITY ? "city" : "region");
    area->revise = element_text(element, "Revise");
    const char *text = element_text(element, "MaxInt");
    area->intensity = known_intensity(text);
    if (text != NULL && area->intensity == NULL && strstr(text, "未入電") == NULL)
        part_degraded(in->parsing, "an intensity is garbled");
    return area->code != NULL;
}

static bool city_missing(const struct element *city)
{
    if (text_contains(element_text(city, "Condition"), "未入電"))
        return true;
    for (const struct element *s = element_child(city, "IntensityStation"); s != NULL;
         s = element_again(s)) {
        if (text_contains(element_text(s, "Int"), "未入電"))
            return true;
    }
    return false;
}

static void read_city(struct intensities *in, const struct element *element)
{
    struct earthquake_report *report = in->report;
    struct quake_area *city = felt_add(in->parsing->context, &report->cities, &report->city_count);
    if (!fill_area(in, element, AREA_QUAKE_CITY, city)) {
        report->city_count--;
        return;
    }
    city->missing = city_missing(element);
    in->missing = in->missing || city->missing;
    if (city->intensity == NULL && city->missing) {
        city->intensity = "5-?";
    } else if (city->intensity == NULL) {
        part_degraded(in->parsing, "a city has no intensity");
        city->intensity = felt_at_stations(element);
    }
}

/* An intensity that its own element does not give, from the cities of the region. */
static void fill_region(struct intensities *in, struct quake_area *region, size_t first_city)
{
    const struct earthquake_report *report = in->report;
    region->missing = in->missing;
    if (region->intensity != NULL)
        return;
    if (report->city_count > first_city)
        region->intensity =
            felt_in_cities(report->cities + first_city, report->city_count - first_city);
    if (!in->missing)
        part_degraded(in->parsing, "a region has no intensity");
}

/* Of a lost region without an intensity the strongest of its prefecture is the most that it can be.
 */
static void note_lost(struct intensities *in, const struct element *element,
                      const struct quake_area *region)
{
    const char *most = known_intensity(element_text(element->parent, "MaxInt"));
    in->lost = memory_grow(in->parsing->context, in->lost, in->lost_count, sizeof(*in->lost));
    in->lost[in->lost_count++] = (struct felt_region){
        .element = element,
        .intensity = region->intensity != NULL || region->missing ? region->intensity : most,
        .missing = region->missing,
    };
}

static void read_region(void *userdata, const struct element *element)
{
    struct intensities *in = userdata;
    struct earthquake_report *report = in->report;
    if (strcmp(element->parent->name, "Pref") != 0)
        return;
    in->missing = false;
    size_t first_city = report->city_count;
    for (const struct element *c = element_child(element, "City"); c != NULL; c = element_again(c))
        read_city(in, c);
    struct quake_area *region =
        felt_add(in->parsing->context, &report->regions, &report->region_count);
    bool named = fill_area(in, element, AREA_QUAKE_REGION, region);
    fill_region(in, region, first_city);
    if (!named || area_find(in->parsing->graph, AREA_QUAKE_REGION, region->code) == NULL)
        note_lost(in, element, region);
    if (!named)
        report->region_count--;
}

/* The strongest intensity anywhere, when MaxInt is missing or garbled. */
static const char *strongest(const struct earthquake_report *report)
{
    const char *best = NULL;
    for (size_t i = 0; i < report->region_count; i++) {
        if (intensity_rank(report->regions[i].intensity) > intensity_rank(best))
            best = report->regions[i].intensity;
    }
    for (size_t i = 0; i < report->city_count; i++) {
        if (intensity_rank(report->cities[i].intensity) > intensity_rank(best))
            best = report->cities[i].intensity;
    }
    return best;
}

static void read_intensity(struct parsing *parsing, struct earthquake_report *report)
{
    const struct element *observation =
        element_path(parsing->telegram->body, "Intensity/Observation");
    struct intensities in = {.parsing = parsing, .report = report};
    part_each(observation, "Area", read_region, &in);
    felt_in_headline(parsing, report);
    felt_widen(parsing, in.lost, in.lost_count);
    report->has_intensity = observation != NULL || report->region_count > 0;
    if (!report->has_intensity)
        return;
    const char *written = element_text(observation, "MaxInt"), *seen = strongest(report);
    report->max_intensity = known_intensity(written);
    if (written != NULL && report->max_intensity == NULL)
        part_degraded(parsing, "the strongest intensity is garbled");
    if (intensity_rank(seen) > intensity_rank(report->max_intensity)) {
        if (report->max_intensity != NULL && strcmp(seen, "5-?") != 0)
            part_degraded(parsing, "an area shook harder than the strongest intensity says");
        report->max_intensity = seen;
    }
}

/* A telegram without its main part is not understood; without one of two parts it is degraded. */
static bool complete(struct parsing *parsing, const struct earthquake_report *report,
                     const char **ret_why)
{
    const char *code = parsing->telegram->code;
    bool regions = report->region_count > 0;
    if (strcmp(code, "VXSE51") == 0) {
        *ret_why = "no region with an intensity";
        return regions;
    }
    if (strcmp(code, "VXSE53") == 0 && !report->distant) {
        if (!report->has_source)
            part_degraded(parsing, "no Earthquake in the body");
        if (!regions)
            part_degraded(parsing, "no region with an intensity");
        *ret_why = "neither an earthquake nor an intensity in the body";
        return report->has_source || regions;
    }
    *ret_why = "no Earthquake in the body";
    return report->has_source;
}

/* Whether a tsunami may come stands in no other place. VXSE61 never says it, VXSE51 not always. */
static void check_judgement(struct parsing *parsing, struct earthquake_report *report)
{
    const char *code = parsing->telegram->code;
    const char *const *codes = report->comment_codes;
    size_t count = report->comment_code_count;
    if (strcmp(code, "VXSE61") == 0 || (strcmp(code, "VXSE51") == 0 && count == 0))
        return;
    report->judgement_unsure = judgement_of_codes(codes, count) == NULL;
    if (report->judgement_unsure)
        part_degraded(parsing, "no sentence on a tsunami that is known");
    for (size_t i = 0; i < count; i++)
        report->judgement_unsure = report->judgement_unsure || !part_comment_whole(codes[i]);
}

/* The title says it, and so does the headline: 海外で大きな地震. */
static bool is_distant(struct parsing *parsing)
{
    const struct telegram *telegram = parsing->telegram;
    if (text_contains(telegram->head_title, "遠地地震"))
        return true;
    if (strcmp(telegram->code, "VXSE53") != 0 || !text_contains(telegram->headline, "海外で"))
        return false;
    part_degraded(parsing, "the title does not say that the earthquake is distant");
    return true;
}

bool earthquake_parse(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct earthquake_report *report = &parsing->report->earthquake;
    const struct element *earthquake = element_child(telegram->body, "Earthquake");
    report->source = part_source(parsing, earthquake);
    report->has_source = earthquake != NULL;
    report->distant = is_distant(parsing);
    read_intensity(parsing, report);
    part_comments(parsing, &report->comment_codes, &report->comment_code_count,
                  &report->comment_text, &report->free_text);
    report->eruption = report->distant && text_contains(report->free_text, "噴火");
    if (telegram->info_type == INFO_CANCEL)
        return true;
    check_judgement(parsing, report);
    return complete(parsing, report, ret_why);
}
