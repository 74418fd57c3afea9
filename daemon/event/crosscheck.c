/* Claims of older weather telegrams into the state of an office's cross-check. */
#include "event/crosscheck.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"

static bool is_record_rain(const struct report *report)
{
    return text_equal(report->telegram->code, "VPBS50") &&
           text_contains(report->telegram->head_title, "記録的短時間大雨");
}

bool crosscheck_compares(const struct report *report)
{
    return report->kind == REPORT_TRANSITIONAL ||
           (report->kind == REPORT_GENERIC && text_equal(report->telegram->code, "VPOA50"));
}

struct office_list {
    TALLOC_CTX *context;
    const struct area_graph *graph;
    const char **codes;
    size_t count;
};

static void add_office(struct office_list *list, enum area_system system, const char *code)
{
    const char *office = code;
    if (system != AREA_WEATHER_OFFICE)
        office = area_weather_office(list->graph, system, code);
    for (size_t i = 0; office != NULL && i < list->count; i++) {
        if (strcmp(list->codes[i], office) == 0)
            return;
    }
    if (office == NULL)
        return;
    list->codes = memory_grow(list->context, (void *)list->codes, list->count, sizeof(char *));
    list->codes[list->count++] = office;
}

static void add_offices(struct office_list *list, const struct report *report)
{
    if (report->kind == REPORT_TRANSITIONAL || report->kind == REPORT_WEATHER) {
        for (size_t i = 0; i < report->weather.area_code_count; i++)
            add_office(list, AREA_WEATHER_CITY, report->weather.area_codes[i]);
        if (list->count == 0 && report->weather.office != NULL)
            add_office(list, AREA_WEATHER_OFFICE, report->weather.office);
    } else if (report_has_hazard(report) && is_record_rain(report)) {
        for (size_t i = 0; i < report->hazard.area_count; i++)
            add_office(list, report->hazard.areas[i].system, report->hazard.areas[i].code);
    } else if (report->kind == REPORT_GENERIC &&
               (is_record_rain(report) || crosscheck_compares(report))) {
        for (size_t i = 0; i < report->generic.area_count; i++)
            add_office(list, report->generic.areas[i].system, report->generic.areas[i].code);
    }
}

const char **crosscheck_keys(TALLOC_CTX *context, const struct area_graph *graph,
                             const struct report *report, size_t *ret_count)
{
    struct office_list list = {.context = context, .graph = graph};
    add_offices(&list, report);
    const char **keys = memory_array(context, const char *, list.count + 1);
    for (size_t i = 0; i < list.count; i++)
        keys[i] = memory_printf(context, "crosscheck/%s/%s",
                                telegram_status_name(step_status(report)), list.codes[i]);
    *ret_count = list.count;
    return keys;
}

static const char *unit_name(const struct telegram *telegram)
{
    if (text_starts(telegram->code, "VXWW"))
        return "landslide";
    if (strcmp(telegram->code, "VPNO50") == 0)
        return "emergency";
    return strcmp(telegram->code, "VPOA50") == 0 ? "record-rain" : "warnings";
}

/* The envelope, for a message that may be made from it minutes later. */
static json_t *telegram_json(const struct telegram *telegram)
{
    json_t *json = memory_must(json_object());
    value_set_text(json, "id", telegram->id);
    value_set_text(json, "code", telegram->code);
    value_set_text(json, "event_id", telegram->event_id);
    value_set_text(json, "control_title", telegram->control_title);
    value_set_text(json, "head_title", telegram->head_title);
    value_set_text(json, "headline", telegram->headline);
    value_set_text(json, "editorial_office", telegram->editorial_office);
    value_set_text(json, "publishing_office", telegram->publishing_office);
    value_set_instant(json, "control_time", telegram->control_time);
    value_set_instant(json, "reported_at", telegram->reported_at);
    value_set_instant(json, "target_at", telegram->target_at);
    return json;
}

static json_t *claim_json(const struct weather_item *item)
{
    json_t *json = memory_must(json_object());
    value_set_text(json, "area", item->area_code);
    value_set_text(json, "name", item->area_name);
    value_set_text(json, "hazard", hazard_name(item->hazard));
    value_set_integer(json, "level", item->level);
    value_set_text(json, "kind", item->kind_code);
    value_set_flag(json, "rain_or_landslide", item->rain_or_landslide);
    value_set_text(json, "undivided", item->undivided);
    return json;
}

static bool is_of_office(const struct event_step *step, const char *area_code)
{
    const char *office = strrchr(step->key, '/') + 1;
    return area_code == NULL ||
           text_equal(area_weather_office(step->graph, AREA_WEATHER_CITY, area_code), office);
}

static void put_weather(const struct event_step *step, json_t *unit)
{
    const struct weather_report *weather = &step->report->weather;
    json_t *hazards = memory_must(json_array()), *areas = memory_must(json_array());
    json_t *claims = memory_must(json_array());
    for (size_t i = 0; i < weather->hazard_count; i++)
        json_array_append_new(hazards, json_string(hazard_name(weather->hazards[i])));
    for (size_t i = 0; i < weather->area_code_count; i++) {
        if (is_of_office(step, weather->area_codes[i]))
            json_array_append_new(areas, json_string(weather->area_codes[i]));
    }
    bool withdrawn = step->report->telegram->info_type == INFO_CANCEL;
    for (size_t i = 0; i < weather->item_count && !withdrawn; i++) {
        if (weather->items[i].level > 0 && is_of_office(step, weather->items[i].area_code))
            json_array_append_new(claims, claim_json(&weather->items[i]));
    }
    json_object_set_new(unit, "hazards", hazards);
    json_object_set_new(unit, "areas", areas);
    json_object_set_new(unit, "claims", claims);
}

struct event_change *crosscheck_apply(const struct event_step *step)
{
    if (step->status != STATUS_ACTUAL)
        return change_none(step, "compared only when it is actual");
    json_t *state = step->before != NULL ? json_deep_copy(step->before) : json_object();
    value_own(step->context, memory_must(state));
    if (json_object_get(state, "units") == NULL)
        json_object_set_new(state, "units", memory_must(json_object()));
    json_t *units = json_object_get(state, "units");
    const char *name = unit_name(step->report->telegram);
    json_t *unit = memory_must(json_object());
    json_object_set_new(unit, "telegram", telegram_json(step->report->telegram));
    if (step->report->kind == REPORT_TRANSITIONAL)
        put_weather(step, unit);
    value_set_text(unit, "order", step_order(step, unit));
    bool newer = strcmp(order_of(unit), order_of(json_object_get(units, name))) > 0;
    json_object_set_new(newer ? units : value_own(step->context, json_object()), name, unit);
    if (!newer)
        return change_none(step, "older than what is compared");
    return change_state(step, json_incref(state), NULL, "compared with the R06 telegrams");
}
