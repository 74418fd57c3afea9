/* What the parsers of reports share: times, numbers, the source of an earthquake, comments.
 *
 * Coordinates: "+37.5+137.3-10000/" in degrees with the depth in metres (negative is down), without
 * a third part when the depth is unknown, empty when the source is unknown. VXSE61 adds a second
 * one in degrees and minutes with a type attribute, which is left alone. */
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
    return end == text || *end != '\0' ? NAN : value;
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

static const struct element *decimal_coordinate(const struct element *area)
{
    for (const struct element *e = element_child(area, "Coordinate"); e != NULL;
         e = element_again(e)) {
        const char *type = element_attribute(e, "type");
        if (type == NULL || strstr(type, "度分") == NULL)
            return e;
    }
    return NULL;
}

static void read_coordinate(struct parsing *parsing, const struct element *area,
                            struct hypocenter *hypocenter)
{
    const struct element *coordinate = decimal_coordinate(area);
    hypocenter->latitude = hypocenter->longitude = hypocenter->depth_km = NAN;
    if (coordinate == NULL)
        return;
    const char *text = coordinate->text;
    const char *description = element_attribute(coordinate, "description");
    if (text_contains(description, "深さは"))
        hypocenter->depth_text = description;
    double latitude = signed_number(&text), longitude = signed_number(&text);
    if (isnan(latitude) || isnan(longitude) || fabs(latitude) > 90 || fabs(longitude) > 180) {
        if (coordinate->text[0] != '\0')
            part_degraded(parsing, "the coordinate of the hypocentre is garbled");
        return;
    }
    hypocenter->latitude = latitude;
    hypocenter->longitude = longitude;
    double depth = signed_number(&text);
    if (!isnan(depth))
        hypocenter->depth_km = depth == 0 ? 0 : -depth / 1000;
}

static void read_magnitude(const struct element *earthquake, struct quake_source *source)
{
    const struct element *magnitude = element_child(earthquake, "Magnitude");
    source->magnitude = NAN;
    if (magnitude == NULL)
        return;
    source->magnitude_text = element_attribute(magnitude, "description");
    source->magnitude_type = element_attribute(magnitude, "type");
    /* The condition first: "NaN" has two meanings, unknown and over 8. */
    if (element_attribute(magnitude, "condition") == NULL)
        source->magnitude = part_number(magnitude->text);
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
    read_magnitude(earthquake, &source);
    return source;
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
