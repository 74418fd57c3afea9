/* Intensities of regions and cities that their own element does not give: by the stations of a
 * city, by the cities of a region, and by the Headline, which repeats those from 3 on. What is
 * filled in so is never above what JMA says elsewhere in the telegram, and is told as degraded. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/felt.h"

struct filling {
    struct parsing *parsing;
    struct earthquake_report *report;
};

/* "震度６弱以上" is at least that. */
static const char *intensity_of_words(const char *words)
{
    static const struct {
        const char *words, *intensity;
    } names[] = {{"震度７", "7"},   {"震度６強", "6+"}, {"震度６弱", "6-"}, {"震度５強", "5+"},
                 {"未入電", "5-?"}, {"震度５弱", "5-"}, {"震度４", "4"},    {"震度３", "3"}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (text_contains(words, names[i].words))
            return names[i].intensity;
    }
    return NULL;
}

static const char *stronger(const char *a, const char *b)
{
    return intensity_rank(b) > intensity_rank(a) ? b : a;
}

const char *felt_at_stations(const struct element *city)
{
    const char *most = NULL;
    for (const struct element *s = element_child(city, "IntensityStation"); s != NULL;
         s = element_again(s))
        most = stronger(most, element_text(s, "Int"));
    return most;
}

const char *felt_in_cities(const struct quake_area *cities, size_t count)
{
    const char *most = NULL;
    for (size_t i = 0; i < count; i++)
        most = stronger(most, cities[i].intensity);
    return most;
}

struct quake_area *felt_add(TALLOC_CTX *context, const struct quake_area **list, size_t *count)
{
    struct quake_area *grown = memory_grow(context, (void *)*list, *count, sizeof(*grown));
    *list = grown;
    struct quake_area *area = &grown[(*count)++];
    *area = (struct quake_area){0};
    return area;
}

static void fill(struct filling *filling, enum area_system system, const struct element *element,
                 const char *intensity)
{
    struct earthquake_report *report = filling->report;
    bool region = system == AREA_QUAKE_REGION;
    const struct quake_area **list = region ? &report->regions : &report->cities;
    size_t *count = region ? &report->region_count : &report->city_count;
    const char *name = element_text(element, "Name");
    const char *code =
        part_place(filling->parsing, system, element_text(element, "Code"), name, "a place");
    if (code == NULL)
        return;
    for (size_t i = 0; i < *count; i++) {
        struct quake_area *area = (struct quake_area *)&(*list)[i];
        if (strcmp(area->code, code) != 0)
            continue;
        if (area->intensity == NULL)
            area->intensity = intensity;
        return;
    }
    part_degraded(filling->parsing, "a place of the headline is not in the body");
    struct quake_area *area = felt_add(filling->parsing->context, list, count);
    *area = (struct quake_area){.system = system,
                                .code = code,
                                .name = name,
                                .intensity = intensity,
                                .missing = strcmp(intensity, "5-?") == 0};
}

static void fill_from_item(void *userdata, const struct element *item)
{
    const char *intensity = intensity_of_words(element_text(item, "Kind/Name"));
    for (const struct element *list = element_child(item, "Areas");
         list != NULL && intensity != NULL; list = element_again(list)) {
        const char *words = element_attribute(list, "codeType");
        enum area_system system = text_contains(words, "市町村")     ? AREA_QUAKE_CITY
                                  : text_contains(words, "細分区域") ? AREA_QUAKE_REGION
                                                                     : AREA_UNKNOWN;
        for (const struct element *a = element_child(list, "Area");
             a != NULL && system != AREA_UNKNOWN; a = element_again(a))
            fill(userdata, system, a, intensity);
    }
}

void felt_in_headline(struct parsing *parsing, struct earthquake_report *report)
{
    struct filling filling = {.parsing = parsing, .report = report};
    part_each(element_child(parsing->telegram->head, "Headline"), "Item", fill_from_item, &filling);
}
