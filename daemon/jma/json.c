/* A report as `noroshi parse --json` prints it (docs/schema/parse.schema.json). Unknown is null,
 * never 0. */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "jma/report.h"

static json_t *text_json(const char *text)
{
    json_t *json = text_given(text) ? json_string(text) : NULL;
    /* A file name need not be UTF-8; all else is. */
    return json != NULL ? json : json_null();
}

static json_t *number_json(double value)
{
    return isnan(value) ? json_null() : json_real(value);
}

static json_t *time_json(usec_t time)
{
    char text[CLOCK_TEXT_BYTES];
    return time == 0 ? json_null() : json_string(clock_format_jst(time, text));
}

static json_t *texts_json(const char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, text_json(texts[i]));
    return list;
}

static void put_source(json_t *json, const struct quake_source *source)
{
    const struct hypocenter *at = &source->hypocenter;
    json_object_set_new(json, "origin_time", time_json(source->origin_time));
    json_object_set_new(json, "hypocenter",
                        json_pack("{so so so so so so so so}", "name", text_json(at->name), "code",
                                  text_json(at->code), "latitude", number_json(at->latitude),
                                  "longitude", number_json(at->longitude), "depth_km",
                                  number_json(at->depth_km), "depth_text",
                                  text_json(at->depth_text), "detailed_name",
                                  text_json(at->detailed_name), "source", text_json(at->source)));
    json_object_set_new(json, "magnitude", number_json(source->magnitude));
    json_object_set_new(json, "magnitude_text", text_json(source->magnitude_text));
}

static json_t *quake_areas_json(const struct quake_area *areas, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_pack("{sososososb}", "code", text_json(areas[i].code), "name",
                            text_json(areas[i].name), "intensity", text_json(areas[i].intensity),
                            "revise", text_json(areas[i].revise), "missing", areas[i].missing));
    return list;
}

static void put_earthquake(json_t *json, const struct earthquake_report *report)
{
    struct quake_source none = {.magnitude = NAN,
                                .hypocenter = {.latitude = NAN, .longitude = NAN, .depth_km = NAN}};
    put_source(json, report->has_source ? &report->source : &none);
    if (!report->has_source)
        json_object_set_new(json, "hypocenter", json_null());
    json_object_set_new(json, "max_intensity", text_json(report->max_intensity));
    json_object_set_new(json, "distant", json_boolean(report->distant));
    json_object_set_new(json, "eruption", json_boolean(report->eruption));
    json_object_set_new(json, "areas", quake_areas_json(report->regions, report->region_count));
    json_object_set_new(json, "cities", quake_areas_json(report->cities, report->city_count));
    json_object_set_new(json, "tsunami_comment_codes",
                        texts_json(report->comment_codes, report->comment_code_count));
    json_object_set_new(json, "comment", text_json(report->comment_text));
    json_object_set_new(json, "free_text", text_json(report->free_text));
}

static json_t *coast_json(const struct tsunami_area *area)
{
    return json_pack("{sososososososososososb}", "code", text_json(area->code), "name",
                     text_json(area->name), "kind_code", text_json(area->kind_code), "kind_name",
                     text_json(area->kind_name), "last_kind_code", text_json(area->last_kind_code),
                     "grade", text_json(area->grade), "arrival_time", time_json(area->arrival_time),
                     "arrival_condition", text_json(area->arrival_condition), "height_m",
                     number_json(area->height_m), "height_text", text_json(area->height_text),
                     "important", area->important);
}

static json_t *observation_json(const struct tsunami_observation *seen)
{
    return json_pack(
        "{sosososososososososososo}", "area_code", text_json(seen->area_code), "station_code",
        text_json(seen->station_code), "station_name", text_json(seen->station_name), "first_at",
        time_json(seen->first_at), "first_condition", text_json(seen->first_condition), "initial",
        text_json(seen->initial), "max_at", time_json(seen->max_at), "max_condition",
        text_json(seen->max_condition), "max_revise", text_json(seen->max_revise), "height_m",
        number_json(seen->height_m), "height_text", text_json(seen->height_text),
        "height_condition", text_json(seen->height_condition));
}

static void put_tsunami(json_t *json, const struct tsunami_report *report)
{
    json_t *areas = json_array(), *observations = json_array(), *sources = json_array();
    json_t *estimates = json_array();
    for (size_t i = 0; i < report->area_count; i++)
        json_array_append_new(areas, coast_json(&report->areas[i]));
    for (size_t i = 0; i < report->observation_count; i++)
        json_array_append_new(observations, observation_json(&report->observations[i]));
    for (size_t i = 0; i < report->estimate_count; i++)
        json_array_append_new(estimates, observation_json(&report->estimates[i]));
    for (size_t i = 0; i < report->source_count; i++) {
        json_t *source = json_object();
        put_source(source, &report->sources[i]);
        json_array_append_new(sources, source);
    }
    json_object_set_new(json, "is_state", json_boolean(report->is_state));
    json_object_set_new(json, "areas", areas);
    json_object_set_new(json, "observations", observations);
    json_object_set_new(json, "estimates", estimates);
    json_object_set_new(json, "sources", sources);
    json_object_set_new(json, "comment_codes",
                        texts_json(report->comment_codes, report->comment_code_count));
    json_object_set_new(json, "comment", text_json(report->comment_text));
    json_object_set_new(json, "free_text", text_json(report->free_text));
}

static json_t *weather_item_json(const struct weather_report *report,
                                 const struct weather_item *item)
{
    json_t *json =
        json_pack("{sososssososososi}", "area_code", text_json(item->area_code), "area_name",
                  text_json(item->area_name), "hazard", hazard_name(item->hazard), "kind_code",
                  text_json(item->kind_code), "kind_name", text_json(item->kind_name), "status",
                  text_json(item->status), "last_kind_code", text_json(item->last_kind_code),
                  "level", item->level);
    if (report->national)
        json_object_set_new(json, "issued_at", time_json(item->issued_at));
    if (report->transitional) {
        json_object_set_new(json, "rain_or_landslide", json_boolean(item->rain_or_landslide));
        json_object_set_new(json, "undivided", text_json(item->undivided));
    }
    return json;
}

static void put_weather(json_t *json, const struct weather_report *report)
{
    json_t *items = json_array();
    for (size_t i = 0; i < report->item_count; i++)
        json_array_append_new(items, weather_item_json(report, &report->items[i]));
    json_t *hazards = json_array();
    for (size_t i = 0; i < report->hazard_count; i++)
        json_array_append_new(hazards, json_string(hazard_name(report->hazards[i])));
    json_object_set_new(json, "weather_office", text_json(report->office));
    json_object_set_new(json, "hazards", hazards);
    json_object_set_new(json, "area_codes",
                        texts_json(report->area_codes, report->area_code_count));
    json_object_set_new(json, "items", items);
}

static void put_generic(json_t *json, const struct generic_report *report)
{
    json_t *areas = json_array();
    for (size_t i = 0; i < report->area_count; i++)
        json_array_append_new(areas, json_pack("{sssoso}", "system",
                                               area_system_name(report->areas[i].system), "code",
                                               text_json(report->areas[i].code), "name",
                                               text_json(report->areas[i].name)));
    json_object_set_new(json, "hazard", json_string(hazard_name(report->hazard)));
    json_object_set_new(json, "level", json_integer(report->level));
    json_object_set_new(json, "alerts", json_boolean(report->alerts));
    json_object_set_new(json, "released", json_boolean(report->released));
    json_object_set_new(json, "areas", areas);
    json_object_set_new(json, "text", text_json(report->text));
}

static json_t *hazard_area_json(const struct hazard_area *area)
{
    return json_pack("{sssososososi so}", "system", area_system_name(area->system), "code",
                     text_json(area->code), "name", text_json(area->name), "kind_code",
                     text_json(area->kind_code), "kind_name", text_json(area->kind_name), "level",
                     area->level, "grade", text_json(area->grade));
}

static void put_hazard(json_t *json, const struct hazard_report *report)
{
    json_t *areas = json_array(), *facts = json_array();
    for (size_t i = 0; i < report->area_count; i++)
        json_array_append_new(areas, hazard_area_json(&report->areas[i]));
    for (size_t i = 0; i < report->fact_count; i++)
        json_array_append_new(facts, json_pack("{sssoso}", "name", report->facts[i].name, "value",
                                               text_json(report->facts[i].value), "time",
                                               time_json(report->facts[i].time)));
    json_object_set_new(json, "hazard", json_string(hazard_name(report->hazard)));
    json_object_set_new(json, "family", json_string(report->family));
    json_object_set_new(json, "subject",
                        json_pack("{so so}", "code", text_json(report->subject), "name",
                                  text_json(report->subject_name)));
    json_object_set_new(json, "level", json_integer(report->level));
    json_object_set_new(json, "grade", text_json(report->grade));
    json_object_set_new(json, "ends_at", time_json(report->ends_at));
    json_object_set_new(json, "areas", areas);
    json_object_set_new(json, "facts", facts);
    json_object_set_new(json, "text", text_json(report->text));
}

static const char *role_name(const struct registry_row *row)
{
    static const char *const names[] = {"parsed", "generic", "cross-check", "after-gap",
                                        "recorded"};
    return row != NULL ? names[row->role] : "unknown";
}

static json_t *envelope_json(const struct report *report, const char *file)
{
    static const char *const kinds[] = {"generic", "earthquake",   "tsunami",
                                        "weather", "transitional", "volcano",
                                        "flood",   "bulletin",     "outlook"};
    const struct telegram *telegram = report->telegram;
    return json_pack(
        "{so ss ss ss so so so so so so so so ss ss so so so}", "file", text_json(file), "code",
        telegram->code, "status", telegram_status_name(telegram->status), "info_type",
        info_type_name(telegram->info_type), "title", text_json(telegram->control_title),
        "head_title", text_json(telegram->head_title), "headline", text_json(telegram->headline),
        "event_id", text_json(telegram->event_id), "serial", text_json(telegram->serial),
        "issued_at", time_json(telegram->control_time), "reported_at",
        time_json(telegram->reported_at), "valid_until", time_json(telegram->valid_until), "kind",
        kinds[report->kind], "role", role_name(report->row), "office",
        text_json(telegram->editorial_office), "degraded", text_json(report->degraded), "problems",
        texts_json(report->problems, report->problem_count));
}

json_t *report_to_json(const struct report *report, const char *file)
{
    json_t *json = envelope_json(report, file);
    switch (report->kind) {
    case REPORT_EARTHQUAKE:
        put_earthquake(json, &report->earthquake);
        break;
    case REPORT_TSUNAMI:
        put_tsunami(json, &report->tsunami);
        break;
    case REPORT_WEATHER:
    case REPORT_TRANSITIONAL:
        put_weather(json, &report->weather);
        break;
    case REPORT_GENERIC:
        put_generic(json, &report->generic);
        break;
    case REPORT_VOLCANO:
    case REPORT_FLOOD:
    case REPORT_BULLETIN:
    case REPORT_OUTLOOK:
        put_hazard(json, &report->hazard);
        break;
    }
    return json;
}
