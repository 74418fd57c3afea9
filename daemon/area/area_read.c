/* A place as people write it: see area_read in area.h.
 *
 * Digits are codes, with the system told by a prefix or by their number; everything else is a name.
 * Names are compared in rounds from strict to lenient (as written, with the prefecture in front,
 * English without its kind of place), and the first round that finds something decides: one place
 * is the answer, several are a question back. Nothing is ever taken because it is merely similar.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include "area/graph.h"
#include "base/memory.h"
#include "base/text.h"

#define ADVICE_PLACES 8

struct prefix {
    const char *name;
    enum area_system systems[4];
};

/* Short words first; the systems' own names work as well. */
static const struct prefix prefixes[] = {
    {"coast", {AREA_TSUNAMI_COAST}},
    {"quake", {AREA_QUAKE_REGION}},
    {"weather", {AREA_WEATHER_OFFICE, AREA_WEATHER_REGION, AREA_WEATHER_GROUP, AREA_WEATHER_CITY}},
    {"ward", {AREA_QUAKE_CITY}},
};

/* Systems whose codes have that many digits, in the order in which they are meant. */
static const enum area_system plain[8][3] = {
    [2] = {AREA_PREFECTURE},
    [5] = {AREA_MUNICIPALITY},
    [6] = {AREA_WEATHER_OFFICE, AREA_WEATHER_REGION, AREA_WEATHER_GROUP},
    [7] = {AREA_WEATHER_CITY, AREA_QUAKE_CITY},
};

struct found {
    const struct area_graph *graph;
    const struct place *places[ADVICE_PLACES];
    size_t count; /* may pass ADVICE_PLACES */
};

static void found_add(struct found *found, const struct place *place)
{
    if (found->count < ADVICE_PLACES)
        found->places[found->count] = place;
    found->count++;
}

static const struct area *code_find(const struct area_graph *graph,
                                    const enum area_system *candidates, size_t count,
                                    const char *code)
{
    const struct area *area = NULL;
    for (size_t i = 0; area == NULL && i < count && candidates[i] != AREA_UNKNOWN; i++)
        area = area_find(graph, candidates[i], code);
    return area;
}

static const struct area *prefixed_find(const struct area_graph *graph, const char *text,
                                        size_t length)
{
    const char *code = text + length + 1;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (strncmp(prefixes[i].name, text, length) == 0 && prefixes[i].name[length] == '\0')
            return code_find(graph, prefixes[i].systems, 4, code);
    }
    char *name = memory_must(talloc_strndup(NULL, text, length));
    enum area_system system = area_system_from_name(name);
    talloc_free(name);
    return area_find(graph, system, code);
}

static bool name_is_english(const struct found *found, const struct place *place, size_t *ret_bytes,
                            const char **ret_name)
{
    size_t column = found->graph->english;
    if (column == found->graph->language_count || place->names[column] == NULL)
        return false;
    *ret_name = place->names[column];
    *ret_bytes = strlen(*ret_name);
    return true;
}

/* The prefecture in which a municipality or ward lies, or NULL. */
static const struct area *place_prefecture(const struct area_graph *graph,
                                           const struct place *place)
{
    const struct area *area = &place->area;
    while (area != NULL && area->system != AREA_PREFECTURE)
        area = area_find(graph, area_system_parent(area->system), area->parent);
    return area;
}

static const struct place *ward_municipality(const struct area_graph *graph,
                                             const struct place *ward)
{
    size_t number = (size_t)(ward - graph->places);
    return area_set_first(graph, place_coverage(graph, number));
}

/* A quake city that is a municipality as a whole has its code with two zeros. */
static bool place_is_ward(const struct area_graph *graph, const struct place *place)
{
    const struct place *municipality = ward_municipality(graph, place);
    return municipality != NULL && strncmp(municipality->area.code, place->area.code, 5) != 0;
}

static bool name_exact(const struct found *found, const struct place *place, const char *text)
{
    const char *english;
    size_t bytes;
    return strcmp(place->area.name_ja, text) == 0 ||
           (name_is_english(found, place, &bytes, &english) && strcasecmp(english, text) == 0);
}

/* 札幌市中央区 for a ward whose name in the table is 札幌中央区. */
static bool ward_named(const struct place *ward, const struct place *city, const char *text)
{
    static const char kind[] = "市";
    const char *whole = city->area.name_ja;
    size_t length = strlen(whole), kind_bytes = strlen(kind);
    if (length <= kind_bytes || strcmp(whole + length - kind_bytes, kind) != 0)
        return false;
    size_t stem = length - kind_bytes;
    return text_starts(text, whole) && strncmp(ward->area.name_ja, whole, stem) == 0 &&
           strcmp(ward->area.name_ja + stem, text + length) == 0;
}

/* 福島県伊達市, 北海道札幌市中央区: the prefecture in front, and the city in front of its ward. */
static bool name_qualified(const struct found *found, const struct place *place, const char *text)
{
    const struct area *prefecture = place_prefecture(found->graph, place);
    if (prefecture != NULL && text_starts(text, prefecture->name_ja))
        text += strlen(prefecture->name_ja);
    if (strcmp(place->area.name_ja, text) == 0)
        return true;
    return place->area.system == AREA_QUAKE_CITY &&
           ward_named(place, ward_municipality(found->graph, place), text);
}

/* "Sapporo" for "Sapporo City", "Date" for "Date City, Fukushima". */
static bool name_without_kind(const struct found *found, const struct place *place,
                              const char *text)
{
    static const char *const kinds[] = {" City", " Town", " Village", " Ward", " Prefecture"};
    const char *english;
    size_t bytes;
    if (!name_is_english(found, place, &bytes, &english))
        return false;
    bytes = strcspn(english, ",");
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t kind = strlen(kinds[i]);
        if (bytes > kind && strncmp(english + bytes - kind, kinds[i], kind) == 0) {
            bytes -= kind;
            break;
        }
    }
    return strlen(text) == bytes && strncasecmp(english, text, bytes) == 0;
}

/* Not an answer but advice: names that begin with what was written. */
static bool name_begins(const struct found *found, const struct place *place, const char *text)
{
    const char *english;
    size_t bytes;
    return text_starts(place->area.name_ja, text) ||
           (name_is_english(found, place, &bytes, &english) &&
            strncasecmp(english, text, strlen(text)) == 0);
}

typedef bool name_test(const struct found *found, const struct place *place, const char *text);

static void name_search(struct found *found, name_test *test, const char *text)
{
    static const enum area_system named[] = {AREA_COUNTRY, AREA_PREFECTURE, AREA_MUNICIPALITY,
                                             AREA_QUAKE_CITY};
    const struct area_graph *graph = found->graph;
    for (size_t s = 0; s < sizeof named / sizeof named[0]; s++) {
        for (size_t i = graph->first[named[s]]; i < graph->first[named[s] + 1]; i++) {
            const struct place *place = &graph->places[i];
            bool eligible = named[s] != AREA_QUAKE_CITY || place_is_ward(graph, place);
            if (eligible && test(found, place, text))
                found_add(found, place);
        }
    }
}

static char *place_described(TALLOC_CTX *context, const struct area_graph *graph,
                             const struct place *place)
{
    const struct area *prefecture = place_prefecture(graph, place);
    bool inside = prefecture != NULL && prefecture != &place->area;
    return memory_printf(context, "%s%s (%s%s)",
                         place->area.system == AREA_QUAKE_CITY ? "ward:" : "", place->area.code,
                         inside ? prefecture->name_ja : "", place->area.name_ja);
}

static char *found_advice(TALLOC_CTX *context, const struct found *found)
{
    char *advice = memory_text(context, "one of ");
    for (size_t i = 0; i < found->count && i < ADVICE_PLACES; i++) {
        char *place = place_described(context, found->graph, found->places[i]);
        advice = memory_must(talloc_asprintf_append(advice, "%s%s", i > 0 ? ", " : "", place));
        talloc_free(place);
    }
    if (found->count > ADVICE_PLACES)
        advice = memory_must(talloc_asprintf_append(advice, " …"));
    return advice;
}

static int name_read(TALLOC_CTX *context, const struct area_graph *graph, const char *text,
                     const struct area **ret_area, const char **ret_advice)
{
    static name_test *const rounds[] = {name_exact, name_qualified, name_without_kind};
    struct found found = {.graph = graph};
    for (size_t i = 0; found.count == 0 && i < sizeof rounds / sizeof rounds[0]; i++)
        name_search(&found, rounds[i], text);
    if (found.count == 1) {
        *ret_area = &found.places[0]->area;
        return 0;
    }
    if (found.count > 1) {
        *ret_advice = found_advice(context, &found);
        return -EINVAL;
    }
    name_search(&found, name_begins, text);
    *ret_advice = found.count > 0
                      ? found_advice(context, &found)
                      : "a name such as 札幌市 or Sapporo, a code such as 01 or 01100, coast:110, "
                        "quake:101, weather:016010 or ward:0110100";
    return -ENOENT;
}

static const char *code_advice(size_t digits)
{
    switch (digits) {
    case 2:
        return "a prefecture from 01 to 47";
    case 3:
        return "coast: or quake: in front of a code of three digits";
    case 5:
        return "the 5-digit code of a municipality of today, such as 01100";
    case 6:
        return "the 6-digit code of a weather area, such as 016010";
    case 7:
        return "the 7-digit code of a weather city or ward, such as 0110000";
    default:
        return "2 digits for a prefecture, 5 for a municipality, 6 for a weather area or 7 for a "
               "ward";
    }
}

static int code_read(const struct area_graph *graph, const char *text, const struct area **ret_area,
                     const char **ret_advice)
{
    size_t digits = strlen(text);
    const struct area *area = digits < 8 ? code_find(graph, plain[digits], 3, text) : NULL;
    if (area == NULL) {
        *ret_advice = code_advice(digits);
        return -ENOENT;
    }
    *ret_area = area;
    return 0;
}

static int location_read(const struct area_graph *graph, double latitude, double longitude,
                         const struct area **ret_area, const char **ret_advice)
{
    struct area_location locations[AREA_LOCATIONS];
    size_t count;
    if (area_locate(graph, latitude, longitude, locations, &count) < 0) {
        *ret_advice = "a place in Japan as @latitude,longitude in degrees, such as @43.06,141.35";
        return -ENOENT;
    }
    *ret_area = locations[0].municipality;
    return 0;
}

static int text_read(TALLOC_CTX *context, const struct area_graph *graph, const char *text,
                     const struct area **ret_area, const char **ret_advice)
{
    size_t prefix = strcspn(text, ":");
    if (text[0] == '\0') {
        *ret_advice = "a place";
        return -ENOENT;
    }
    double latitude, longitude;
    if (area_is_location(text, &latitude, &longitude))
        return location_read(graph, latitude, longitude, ret_area, ret_advice);
    if (text[0] == '@') {
        *ret_advice = "@latitude,longitude in degrees, such as @43.06,141.35";
        return -ENOENT;
    }
    if (text[prefix] == ':') {
        const struct area *area = prefixed_find(graph, text, prefix);
        if (area == NULL) {
            *ret_advice = "coast:110, quake:101, weather:016010 or ward:0110100";
            return -ENOENT;
        }
        *ret_area = area;
        return 0;
    }
    if (strspn(text, "0123456789") == strlen(text))
        return code_read(graph, text, ret_area, ret_advice);
    const struct area *country = area_find(graph, AREA_COUNTRY, text);
    if (country != NULL) {
        *ret_area = country;
        return 0;
    }
    return name_read(context, graph, text, ret_area, ret_advice);
}

int area_read(TALLOC_CTX *context, const struct area_graph *graph, const char *text,
              const struct area **ret_area, const char **ret_advice)
{
    /* A Japanese keyboard gives full-width digits and blanks. */
    char *narrow = text_narrow(NULL, text);
    char *trimmed = text_trim(narrow, narrow);
    int error = text_read(context, graph, trimmed, ret_area, ret_advice);
    talloc_free(narrow);
    return error;
}
