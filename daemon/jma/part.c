/* What the parsers of reports share: times, numbers, the source of an earthquake, comments.
 *
 * Coordinates: "+37.5+137.3-10000/" in degrees with the depth in metres (negative is down), without
 * a third part when the depth is unknown, empty when the source is unknown. VXSE61 adds a second
 * one in degrees and minutes ("+3729.7+13716.2-16000/") with a type attribute: the decimal one is
 * used, the other only to check it or in its place. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/part.h"

void part_degraded(struct parsing *parsing, const char *what)
{
    if (parsing->report->degraded == NULL)
        parsing->report->degraded = memory_text(parsing->context, what);
}

usec_t part_time(struct parsing *parsing, const struct element *parent, const char *path)
{
    const char *text = element_text(parent, path);
    usec_t time = 0;
    if (text == NULL || clock_parse(text, &time) == 0)
        return time;
    const struct element *element = element_path(parent, path);
    problems_warn(parsing->problems, parsing->telegram->id, element->line, element->column,
                  "an RFC 3339 date-time with an offset", "%s \"%s\" is not a time", path, text);
    part_degraded(parsing, memory_printf(parsing->context, "%s is garbled", path));
    return 0;
}

/* Not strtod alone: it would take "NaN", "inf" and hexadecimal. */
double part_number(const char *text)
{
    if (text == NULL || text[0] == '\0' || text[strspn(text, "+-.0123456789")] != '\0')
        return NAN;
    char *end;
    double value = strtod(text, &end);
    return end == text || *end != '\0' || !isfinite(value) ? NAN : value;
}

/* One signed number of a coordinate; moves *text behind it. NAN when there is none. */
static double signed_number(const char **text)
{
    if (**text != '+' && **text != '-')
        return NAN;
    size_t length = 1 + strspn(*text + 1, ".0123456789");
    char part[32] = {0};
    if (length < 2 || length >= sizeof(part))
        return NAN;
    memcpy(part, *text, length);
    *text += length;
    return part_number(part);
}

const char *part_attribute(struct parsing *parsing, const struct element *element, const char *name)
{
    const char *value = element_attribute(element, name);
    const char *trimmed = value != NULL ? text_trim(parsing->context, value) : NULL;
    return text_given(trimmed) ? trimmed : NULL;
}

struct place {
    double latitude, longitude, depth_km;
};

/* "+3729.7" in degrees and minutes is 37 + 29.7 / 60. */
static double degrees_of_minutes(double value)
{
    double whole = trunc(value / 100);
    return whole + (value - whole * 100) / 60;
}

static bool read_place(const char *text, bool minutes, struct place *ret_place)
{
    double latitude = signed_number(&text), longitude = signed_number(&text);
    double depth = signed_number(&text);
    if (minutes) {
        latitude = degrees_of_minutes(latitude);
        longitude = degrees_of_minutes(longitude);
    }
    /* Not "> 90": NAN must not pass. */
    if (!(fabs(latitude) <= 90) || !(fabs(longitude) <= 180))
        return false;
    ret_place->latitude = latitude;
    ret_place->longitude = longitude;
    ret_place->depth_km = isnan(depth) ? NAN : depth == 0 ? 0 : -depth / 1000;
    return true;
}

/* "深さ　１０ｋｍ", "ごく浅い", "深さ不明" of a description that begins with the position. */
static const char *depth_words(const char *description)
{
    const char *words = description != NULL ? strstr(description, "深さ") : NULL;
    if (words == NULL && description != NULL)
        words = strstr(description, "ごく浅い");
    return words;
}

static void read_coordinate(struct parsing *parsing, const struct element *area,
                            struct hypocenter *hypocenter)
{
    struct place best = {NAN, NAN, NAN}, fine = {NAN, NAN, NAN};
    bool has_best = false, has_fine = false, given = false;
    for (const struct element *e = element_child(area, "Coordinate"); e != NULL;
         e = element_again(e)) {
        bool minutes = text_contains(element_attribute(e, "type"), "度分");
        given = given || e->text[0] != '\0';
        if (minutes) {
            has_fine = has_fine || read_place(e->text, true, &fine);
        } else if (!has_best) {
            has_best = read_place(e->text, false, &best);
            hypocenter->depth_text = depth_words(part_attribute(parsing, e, "description"));
        }
    }
    if (given && !has_best)
        part_degraded(parsing, "the coordinate of the hypocentre is garbled");
    if (has_best && has_fine &&
        (fabs(best.latitude - fine.latitude) > 0.1 || fabs(best.longitude - fine.longitude) > 0.1))
        part_degraded(parsing, "the two coordinates of the hypocentre differ");
    const struct place *place = has_best ? &best : &fine;
    hypocenter->latitude = place->latitude;
    hypocenter->longitude = place->longitude;
    hypocenter->depth_km = place->depth_km;
}

static void read_magnitude(struct parsing *parsing, const struct element *earthquake,
                           struct quake_source *source)
{
    const struct element *magnitude = element_child(earthquake, "Magnitude");
    source->magnitude = NAN;
    if (magnitude == NULL)
        return;
    source->magnitude_text = part_attribute(parsing, magnitude, "description");
    source->magnitude_type = part_attribute(parsing, magnitude, "type");
    /* The condition first: "NaN" has two meanings, unknown and over 8. */
    if (part_attribute(parsing, magnitude, "condition") != NULL)
        return;
    double value = part_number(magnitude->text);
    if (value > -2 && value < 12)
        source->magnitude = value;
    else if (strcmp(magnitude->text, "NaN") != 0)
        part_degraded(parsing, "the magnitude is garbled");
}

struct quake_source part_source(struct parsing *parsing, const struct element *earthquake)
{
    struct quake_source source = {0};
    const struct element *area = element_path(earthquake, "Hypocenter/Area");
    source.origin_time = part_time(parsing, earthquake, "OriginTime");
    source.arrival_time = part_time(parsing, earthquake, "ArrivalTime");
    source.hypocenter.name = element_text(area, "Name");
    source.hypocenter.code = element_text(area, "Code");
    source.hypocenter.detailed_name = element_text(area, "DetailedName");
    source.hypocenter.source = element_text(earthquake, "Hypocenter/Source");
    read_coordinate(parsing, area, &source.hypocenter);
    read_magnitude(parsing, earthquake, &source);
    return source;
}

const char *part_place(struct parsing *parsing, enum area_system system, const char *code,
                       const char *name, const char *what)
{
    if (code != NULL && area_find(parsing->graph, system, code) != NULL)
        return code;
    bool whole = code != NULL && strlen(code) == 7 && strspn(code, "0123456789") == 7;
    if (system == AREA_QUAKE_CITY && whole)
        return code;
    if (parsing->report->degraded == NULL)
        part_degraded(parsing,
                      code == NULL
                          ? memory_printf(parsing->context, "%s has no code", what)
                          : memory_printf(parsing->context, "%s %s is unknown", what, code));
    /* An exact name that only one place has is a key, not a guess. */
    const struct area *named = area_of_name(parsing->graph, system, name);
    return named != NULL ? named->code : code;
}

bool part_comment_whole(const char *code)
{
    return strlen(code) == 4 && strspn(code, "0123456789") == 4;
}

void part_comments(struct parsing *parsing, const char *const **ret_codes, size_t *ret_count,
                   const char **ret_text, const char **ret_free_text)
{
    static const char *const kinds[] = {"ForecastComment", "WarningComment", "VarComment"};
    const struct element *comments = element_child(parsing->telegram->body, "Comments");
    const char **codes = NULL;
    size_t count = 0;
    const char *text = NULL;
    for (size_t i = 0; i < 3; i++) {
        const struct element *comment = element_child(comments, kinds[i]);
        const char *joined = element_text(comment, "Code");
        size_t parts = 0;
        char **split = joined != NULL ? text_split_blank(parsing->context, joined, &parts) : NULL;
        for (size_t j = 0; j < parts; j++) {
            codes = memory_grow(parsing->context, (void *)codes, count, sizeof(*codes));
            codes[count++] = split[j];
            if (!part_comment_whole(split[j]))
                part_degraded(parsing, "the code of a comment is garbled");
        }
        if (text == NULL)
            text = element_text(comment, "Text");
    }
    *ret_codes = codes;
    *ret_count = count;
    *ret_text = text;
    *ret_free_text = element_text(comments, "FreeFormComment");
}

void part_each(const struct element *element, const char *name,
               void (*step)(void *userdata, const struct element *found), void *userdata)
{
    if (element == NULL)
        return;
    const struct element *at = element->first_child;
    while (at != NULL) {
        if (strcmp(at->name, name) == 0)
            step(userdata, at);
        if (at->first_child != NULL) {
            at = at->first_child;
            continue;
        }
        while (at != element && at->next == NULL)
            at = at->parent;
        if (at == element)
            return;
        at = at->next;
    }
}

static void keep_first(void *userdata, const struct element *found)
{
    const char **text = userdata;
    if (*text == NULL && text_given(found->text))
        *text = found->text;
}

const char *part_first_text(const struct element *element, const char *name)
{
    const char *text = NULL;
    part_each(element, name, keep_first, &text);
    return text;
}

static struct hazard_area *listed_area(struct hazard_report *hazard, const struct hazard_area *area)
{
    struct hazard_area *areas = (struct hazard_area *)hazard->areas;
    for (size_t i = 0; i < hazard->area_count; i++) {
        if (areas[i].system == area->system && text_equal(areas[i].code, area->code))
            return &areas[i];
    }
    return NULL;
}

void part_add_area(struct parsing *parsing, const struct hazard_area *area)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    struct hazard_area *known = listed_area(hazard, area);
    if (known == NULL) {
        hazard->areas =
            memory_grow(parsing->context, (void *)hazard->areas, hazard->area_count, sizeof(*area));
        known = (struct hazard_area *)&hazard->areas[hazard->area_count++];
        *known = *area;
    } else if (area->level > known->level) {
        *known = *area;
    }
    if (area->level > hazard->level) {
        hazard->level = area->level;
        hazard->grade = area->grade;
    }
}

void part_add_fact(struct parsing *parsing, const char *name, const char *value, usec_t time)
{
    struct hazard_report *hazard = &parsing->report->hazard;
    struct hazard_fact *facts =
        memory_grow(parsing->context, (void *)hazard->facts, hazard->fact_count, sizeof(*facts));
    facts[hazard->fact_count++] = (struct hazard_fact){.name = name, .value = value, .time = time};
    hazard->facts = facts;
}

const struct area *part_city(const struct parsing *parsing, const char *code)
{
    static const enum area_system systems[] = {AREA_WEATHER_CITY, AREA_QUAKE_CITY};
    size_t length = code != NULL ? strlen(code) : 0;
    const struct area *found = NULL;
    for (size_t i = 0; length == 7 && found == NULL && i < 2; i++)
        found = area_find(parsing->graph, systems[i], code);
    if (found != NULL || length < 5 || (length == 7 && strcmp(code + 5, "00") != 0))
        return found;
    char municipality[6] = {0};
    memcpy(municipality, code, 5);
    return area_find(parsing->graph, AREA_MUNICIPALITY, municipality);
}
