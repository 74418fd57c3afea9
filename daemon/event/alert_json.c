/* Alerts as JSON, both ways, without loss: what is stored, shown by the API and read again. */
#include "event/alert.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "event/value.h"

static json_t *area_to_json(const struct alert_area *area)
{
    json_t *json = memory_must(json_object());
    value_set_text(json, "system", area_system_name(area->system));
    value_set_text(json, "code", area->code);
    value_set_text(json, "name", area->name_ja);
    value_set_integer(json, "level", area->level);
    value_set_integer(json, "previous_level", area->previous_level);
    value_set_flag(json, "changed", area->changed);
    value_set_text(json, "kind_code", area->kind_code);
    value_set_text(json, "grade", area->grade);
    value_set_text(json, "intensity", area->intensity);
    value_set_flag(json, "intensity_missing", area->intensity_missing);
    value_set_time(json, "arrival_time", area->arrival_time);
    value_set_text(json, "arrival_condition", area->arrival_condition);
    value_set_number(json, "height_m", area->height_m);
    value_set_text(json, "height_text", area->height_text);
    return json;
}

static void area_from_json(TALLOC_CTX *context, const json_t *json, struct alert_area *area)
{
    const char *system = value_borrow(json, "system");
    *area = (struct alert_area){
        .system = system != NULL ? area_system_from_name(system) : AREA_UNKNOWN,
        .code = value_text(context, json, "code"),
        .name_ja = value_text(context, json, "name"),
        .level = value_integer(json, "level"),
        .previous_level = value_integer(json, "previous_level"),
        .changed = value_flag(json, "changed"),
        .kind_code = value_text(context, json, "kind_code"),
        .grade = value_text(context, json, "grade"),
        .intensity = value_text(context, json, "intensity"),
        .intensity_missing = value_flag(json, "intensity_missing"),
        .arrival_time = value_time(json, "arrival_time"),
        .arrival_condition = value_text(context, json, "arrival_condition"),
        .height_m = value_number(json, "height_m"),
        .height_text = value_text(context, json, "height_text"),
    };
}

static json_t *quake_to_json(const struct alert_quake *quake)
{
    json_t *json = memory_must(json_object());
    value_set_time(json, "origin_time", quake->origin_time);
    value_set_text(json, "epicenter_code", quake->epicenter_code);
    value_set_text(json, "epicenter", quake->epicenter_ja);
    value_set_number(json, "latitude", quake->latitude);
    value_set_number(json, "longitude", quake->longitude);
    value_set_number(json, "depth_km", quake->depth_km);
    value_set_number(json, "magnitude", quake->magnitude);
    value_set_text(json, "magnitude_text", quake->magnitude_text);
    value_set_text(json, "max_intensity", quake->max_intensity);
    value_set_flag(json, "distant", quake->distant);
    value_set_flag(json, "eruption", quake->eruption);
    value_set_text(json, "tsunami_judgement", quake->tsunami_judgement);
    return json;
}

static struct alert_quake *quake_from_json(TALLOC_CTX *context, const json_t *json)
{
    if (!json_is_object(json))
        return NULL;
    struct alert_quake *quake = memory_new(context, struct alert_quake);
    *quake = (struct alert_quake){
        .origin_time = value_time(json, "origin_time"),
        .epicenter_code = value_text(context, json, "epicenter_code"),
        .epicenter_ja = value_text(context, json, "epicenter"),
        .latitude = value_number(json, "latitude"),
        .longitude = value_number(json, "longitude"),
        .depth_km = value_number(json, "depth_km"),
        .magnitude = value_number(json, "magnitude"),
        .magnitude_text = value_text(context, json, "magnitude_text"),
        .max_intensity = value_text(context, json, "max_intensity"),
        .distant = value_flag(json, "distant"),
        .eruption = value_flag(json, "eruption"),
        .tsunami_judgement = value_text(context, json, "tsunami_judgement"),
    };
    return quake;
}

static json_t *observation_to_json(const struct alert_observation *observation)
{
    json_t *json = memory_must(json_object());
    value_set_text(json, "area_code", observation->area_code);
    value_set_text(json, "station", observation->station_ja);
    value_set_text(json, "station_code", observation->station_code);
    value_set_time(json, "at", observation->at);
    value_set_number(json, "height_m", observation->height_m);
    value_set_text(json, "height_text", observation->height_text);
    value_set_text(json, "condition", observation->condition);
    value_set_flag(json, "risen", observation->risen);
    return json;
}

static void observation_from_json(TALLOC_CTX *context, const json_t *json,
                                  struct alert_observation *observation)
{
    *observation = (struct alert_observation){
        .area_code = value_text(context, json, "area_code"),
        .station_ja = value_text(context, json, "station"),
        .station_code = value_text(context, json, "station_code"),
        .at = value_time(json, "at"),
        .height_m = value_number(json, "height_m"),
        .height_text = value_text(context, json, "height_text"),
        .condition = value_text(context, json, "condition"),
        .risen = value_flag(json, "risen"),
    };
}

static json_t *facts_to_json(const struct alert *alert)
{
    json_t *facts = memory_must(json_array());
    for (size_t i = 0; i < alert->fact_count; i++) {
        json_t *fact = memory_must(json_object());
        value_set_text(fact, "name", alert->facts[i].name);
        value_set_text(fact, "value", alert->facts[i].value_ja);
        value_set_time(fact, "at", alert->facts[i].at);
        json_array_append_new(facts, fact);
    }
    return facts;
}

static void facts_from_json(const json_t *list, struct alert *alert)
{
    struct alert_fact *facts = memory_array(alert, struct alert_fact, json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *json = json_array_get(list, i);
        const char *name = value_text(alert, json, "name");
        if (name != NULL)
            facts[alert->fact_count++] = (struct alert_fact){
                .name = name,
                .value_ja = value_text(alert, json, "value"),
                .at = value_time(json, "at"),
            };
    }
    alert->facts = facts;
}

static void lists_to_json(json_t *json, const struct alert *alert)
{
    json_t *areas = memory_must(json_array());
    for (size_t i = 0; i < alert->area_count; i++)
        json_array_append_new(areas, area_to_json(&alert->areas[i]));
    json_object_set_new(json, "areas", areas);
    json_t *observations = memory_must(json_array());
    for (size_t i = 0; i < alert->observation_count; i++)
        json_array_append_new(observations, observation_to_json(&alert->observations[i]));
    json_object_set_new(json, "observations", observations);
    json_t *references = memory_must(json_array());
    for (size_t i = 0; i < alert->reference_count; i++)
        json_array_append_new(references, json_string(alert->references[i]));
    json_object_set_new(json, "references", references);
    json_object_set_new(json, "quake",
                        alert->quake != NULL ? quake_to_json(alert->quake) : json_null());
}

json_t *alert_to_json(const struct alert *alert)
{
    json_t *json = memory_must(json_object());
    value_set_text(json, "id", alert->id);
    value_set_text(json, "event_id", alert->event_id);
    value_set_text(json, "event_key", alert->event_key);
    value_set_text(json, "hazard", hazard_name(alert->hazard));
    value_set_text(json, "status", telegram_status_name(alert->status));
    value_set_text(json, "phase", alert_phase_name(alert->phase));
    value_set_integer(json, "level", alert->level);
    value_set_text(json, "telegram_id", alert->telegram_id);
    value_set_text(json, "code", alert->code);
    value_set_text(json, "title", alert->title_ja);
    value_set_text(json, "headline", alert->headline_ja);
    value_set_text(json, "office", alert->office_ja);
    value_set_time(json, "issued_at", alert->issued_at);
    value_set_time(json, "reported_at", alert->reported_at);
    value_set_time(json, "onset", alert->onset);
    value_set_time(json, "expires", alert->expires);
    value_set_flag(json, "delayed", alert->delayed);
    value_set_flag(json, "delay_unknown", alert->delay_unknown);
    value_set_flag(json, "transitional", alert->transitional);
    value_set_flag(json, "generic", alert->generic);
    value_set_text(json, "grade", alert->grade);
    lists_to_json(json, alert);
    json_object_set_new(json, "facts", facts_to_json(alert));
    value_set_text(json, "text", alert->text_ja);
    if (alert->broadcast != NULL)
        json_object_set_new(json, "broadcast", alert_broadcast_to_json(alert->broadcast));
    return json;
}

static void lists_from_json(const json_t *json, struct alert *alert)
{
    const json_t *list = json_object_get(json, "areas");
    struct alert_area *areas = memory_array(alert, struct alert_area, json_array_size(list));
    alert->area_count = json_array_size(list);
    for (size_t i = 0; i < alert->area_count; i++)
        area_from_json(alert, json_array_get(list, i), &areas[i]);
    alert->areas = areas;

    list = json_object_get(json, "observations");
    alert->observation_count = json_array_size(list);
    struct alert_observation *observations =
        memory_array(alert, struct alert_observation, alert->observation_count);
    for (size_t i = 0; i < alert->observation_count; i++)
        observation_from_json(alert, json_array_get(list, i), &observations[i]);
    alert->observations = observations;

    list = json_object_get(json, "references");
    const char **references = memory_array(alert, const char *, json_array_size(list));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *id = json_string_value(json_array_get(list, i));
        if (id != NULL)
            references[alert->reference_count++] = memory_text(alert, id);
    }
    alert->references = references;
    alert->quake = quake_from_json(alert, json_object_get(json, "quake"));
}

struct alert *alert_from_json(TALLOC_CTX *context, const json_t *json)
{
    enum hazard hazard;
    enum alert_phase phase;
    const char *hazard_word = value_borrow(json, "hazard");
    const char *status_word = value_borrow(json, "status");
    if (!json_is_object(json) || value_borrow(json, "id") == NULL ||
        value_borrow(json, "event_id") == NULL || hazard_word == NULL || status_word == NULL ||
        !hazard_from_name(hazard_word, &hazard) ||
        !alert_phase_from_name(value_borrow(json, "phase"), &phase))
        return NULL;
    struct alert *alert = memory_new(context, struct alert);
    *alert = (struct alert){
        .id = value_text(alert, json, "id"),
        .event_id = value_text(alert, json, "event_id"),
        .event_key = value_text(alert, json, "event_key"),
        .hazard = hazard,
        .status = telegram_status_from_name(status_word),
        .phase = phase,
        .level = value_integer(json, "level"),
        .telegram_id = value_text(alert, json, "telegram_id"),
        .code = value_text(alert, json, "code"),
        .title_ja = value_text(alert, json, "title"),
        .headline_ja = value_text(alert, json, "headline"),
        .office_ja = value_text(alert, json, "office"),
        .issued_at = value_time(json, "issued_at"),
        .reported_at = value_time(json, "reported_at"),
        .onset = value_time(json, "onset"),
        .expires = value_time(json, "expires"),
        .delayed = value_flag(json, "delayed"),
        .delay_unknown = value_flag(json, "delay_unknown"),
        .transitional = value_flag(json, "transitional"),
        .generic = value_flag(json, "generic"),
        .grade = value_text(alert, json, "grade"),
        .text_ja = value_text(alert, json, "text"),
    };
    lists_from_json(json, alert);
    facts_from_json(json_object_get(json, "facts"), alert);
    alert->broadcast = alert_broadcast_from_json(alert, json_object_get(json, "broadcast"));
    return alert;
}
