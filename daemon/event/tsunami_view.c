/* What is in force on the coasts, from the newest telegrams (tsunami.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/earthquake.h"
#include "event/tsunami.h"
#include "event/value.h"
#include "event/wave.h"

static bool cancelled_for(const json_t *cancels, const char *event_id, const char *order)
{
    const char *cancel = value_borrow(cancels, event_id);
    return cancel != NULL && strcmp(cancel, order) > 0;
}

/* Withdrawn for every earthquake that it names; a cancel without an id withdraws all. */
static bool cancelled_by(const json_t *state, const char *code, const json_t *unit)
{
    const json_t *cancels = json_object_get(json_object_get(state, "cancels"), code);
    const json_t *ids = json_object_get(unit, "event_ids");
    if (cancelled_for(cancels, "", order_of(unit)))
        return true;
    size_t count = json_array_size(ids);
    for (size_t i = 0; i < count; i++) {
        if (!cancelled_for(cancels, json_string_value(json_array_get(ids, i)), order_of(unit)))
            return false;
    }
    return count > 0;
}

static const json_t *valid_unit(const json_t *state, const char *code)
{
    const json_t *unit = json_object_get(json_object_get(state, "units"), code);
    if (unit == NULL || cancelled_by(state, "VTSE41", unit) || cancelled_by(state, code, unit))
        return NULL;
    return unit;
}

static struct alert_area area_of(const json_t *item)
{
    return (struct alert_area){.system = AREA_TSUNAMI_COAST,
                               .code = value_borrow(item, "code"),
                               .name_ja = value_borrow(item, "name"),
                               .level = value_integer(item, "level"),
                               .kind_code = value_borrow(item, "kind"),
                               .grade = value_borrow(item, "grade"),
                               .arrival_time = value_instant(item, "arrival"),
                               .arrival_condition = value_borrow(item, "condition"),
                               .height_m = value_number(item, "height"),
                               .height_text = value_borrow(item, "height_text")};
}

static bool lists_code(const struct area_list *list, const char *code)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].code, code) == 0)
            return true;
    }
    return false;
}

static bool is_lifted(const json_t *unit, const char *code)
{
    const json_t *lifted = json_object_get(unit, "lifted");
    for (size_t i = 0; i < json_array_size(lifted); i++) {
        if (text_equal(json_string_value(json_array_get(lifted, i)), code))
            return true;
    }
    return false;
}

/* Coasts that VTSE41 warns and VTSE51 left out: what it does not speak of it does not lift. */
static void add_warned(TALLOC_CTX *context, const json_t *warnings, const json_t *details,
                       struct area_list *areas)
{
    const json_t *items = json_object_get(warnings, "areas");
    for (size_t i = 0; i < json_array_size(items); i++) {
        struct alert_area area = area_of(json_array_get(items, i));
        if (area.level >= TSUNAMI_TOLD_LEVEL && !lists_code(areas, area.code) &&
            !is_lifted(details, area.code))
            area_list_add(context, areas, &area);
    }
}

struct tsunami_view tsunami_view(TALLOC_CTX *context, const json_t *state)
{
    struct tsunami_view view = {0};
    const json_t *warnings = valid_unit(state, "VTSE41");
    const json_t *details = valid_unit(state, "VTSE51");
    const json_t *unit = warnings;
    if (details != NULL && (warnings == NULL || strcmp(order_of(details), order_of(warnings)) > 0))
        unit = details;
    const char *expired = value_borrow(state, "expired");
    /* Only that one: when it is withdrawn afterwards, what stood before it holds again. */
    if (unit != NULL && !text_equal(order_of(unit), expired))
        view.unit = unit;
    const json_t *areas = json_object_get(view.unit, "areas");
    for (size_t i = 0; i < json_array_size(areas); i++) {
        struct alert_area area = area_of(json_array_get(areas, i));
        area_list_add(context, &view.areas, &area);
    }
    if (view.unit != NULL && view.unit == details)
        add_warned(context, warnings, details, &view.areas);
    view.level = area_list_level(&view.areas);
    const char *code;
    json_t *name;
    json_object_foreach((json_t *)json_object_get(state, "held"), code, name)
    {
        if (lists_code(&view.areas, code))
            continue;
        struct alert_area ended = {.system = AREA_TSUNAMI_COAST,
                                   .code = code,
                                   .name_ja = json_string_value(name),
                                   .height_m = NAN};
        area_list_add(context, &view.areas, &ended);
    }
    return view;
}

static json_t *area_item(const struct tsunami_area *area)
{
    json_t *item = memory_must(json_object());
    value_set_text(item, "code", area->code);
    value_set_text(item, "name", area->name);
    value_set_integer(item, "level", area->level);
    value_set_text(item, "kind", area->kind_code);
    value_set_text(item, "grade", area->grade);
    value_set_instant(item, "arrival", area->arrival_time);
    value_set_text(item, "condition", area->arrival_condition);
    value_set_number(item, "height", area->height_m);
    value_set_text(item, "height_text", area->height_text);
    return item;
}

static const struct tsunami_area *coast_of(const struct tsunami_report *report, const char *code)
{
    for (size_t i = 0; i < report->area_count; i++) {
        if (text_equal(report->areas[i].code, code))
            return &report->areas[i];
    }
    return NULL;
}

/* The greatest of several earthquakes behind one warning; over 8 has no number and is the greatest.
 */
static const struct quake_source *main_source(const struct tsunami_report *report)
{
    const struct quake_source *best = NULL;
    double greatest = -1;
    for (size_t i = 0; i < report->source_count; i++) {
        const struct quake_source *source = &report->sources[i];
        double size = source->magnitude;
        if (isnan(size))
            size = text_starts(source->magnitude_text, "Ｍ８") ? 9 : 0;
        if (size > greatest) {
            best = source;
            greatest = size;
        }
    }
    return best;
}

/* The kind that a coast had, where the new one says only the least that it can be. */
static void keep_kind(json_t *areas, const json_t *old)
{
    static const char *const keys[] = {"level", "kind", "grade"};
    for (size_t i = 0; i < json_array_size(areas); i++) {
        json_t *item = json_array_get(areas, i);
        if (!text_equal(value_borrow(item, "code"), value_borrow(old, "code")) ||
            value_integer(old, "level") <= value_integer(item, "level"))
            continue;
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            json_object_set(item, keys[k], json_object_get(old, keys[k]));
    }
}

void tsunami_take_over(json_t *unit, const struct report *report, const struct tsunami_view *before)
{
    json_t *old = json_object_get(before->unit, "areas");
    json_t *areas = json_object_get(unit, "areas");
    for (size_t i = 0; i < json_array_size(old); i++) {
        json_t *item = json_array_get(old, i);
        const struct tsunami_area *coast = coast_of(&report->tsunami, value_borrow(item, "code"));
        if (coast == NULL)
            json_array_append(areas, item);
        else if (coast->at_least)
            keep_kind(areas, item);
    }
}

static int gravest_of(const struct tsunami_report *report)
{
    int gravest = 0;
    for (size_t i = 0; i < report->area_count; i++)
        gravest = report->areas[i].level > gravest ? report->areas[i].level : gravest;
    return gravest;
}

static void keep_area(json_t *unit, const struct alert_area *area)
{
    const struct tsunami_area kept = {.code = area->code,
                                      .name = area->name_ja,
                                      .kind_code = area->kind_code,
                                      .grade = area->grade,
                                      .level = area->level,
                                      .arrival_time = area->arrival_time,
                                      .arrival_condition = area->arrival_condition,
                                      .height_m = area->height_m,
                                      .height_text = area->height_text};
    json_array_append_new(json_object_get(unit, "areas"), area_item(&kept));
}

const char *tsunami_keep_unlisted(TALLOC_CTX *context, json_t *unit, const struct report *report,
                                  const struct tsunami_view *before)
{
    const struct telegram *telegram = report->telegram;
    const char *names = NULL;
    /* A correction may take back a coast; a telegram that warns nobody any more ends it all; and of
     * what is a day old the end may have been missed. */
    if (strcmp(telegram->code, "VTSE41") != 0 || telegram->info_type == INFO_CORRECTION ||
        gravest_of(&report->tsunami) < TSUNAMI_TOLD_LEVEL ||
        order_time(before->unit) + USEC_PER_DAY < telegram->control_time)
        return NULL;
    for (size_t i = 0; i < before->areas.count; i++) {
        const struct alert_area *area = &before->areas.items[i];
        if (area->level < TSUNAMI_TOLD_LEVEL || coast_of(&report->tsunami, area->code) != NULL)
            continue;
        keep_area(unit, area);
        const char *name = text_given(area->name_ja) ? area->name_ja : area->code;
        names = names == NULL ? memory_text(context, name)
                              : memory_printf(context, "%s, %s", names, name);
    }
    return names;
}

json_t *tsunami_unit(const struct report *report)
{
    const struct tsunami_report *tsunami = &report->tsunami;
    const struct telegram *telegram = report->telegram;
    json_t *unit = memory_must(json_object());
    json_t *ids = memory_must(json_array());
    for (size_t i = 0; i < telegram->event_id_count; i++)
        json_array_append_new(ids, json_string(telegram->event_ids[i]));
    json_object_set_new(unit, "event_ids", ids);
    json_t *areas = memory_must(json_array()), *lifted = memory_must(json_array());
    for (size_t i = 0; i < tsunami->area_count; i++) {
        if (tsunami->areas[i].code == NULL)
            continue;
        if (tsunami->areas[i].level > 0)
            json_array_append_new(areas, area_item(&tsunami->areas[i]));
        else
            json_array_append_new(lifted, json_string(tsunami->areas[i].code));
    }
    json_object_set_new(unit, "areas", areas);
    json_object_set_new(unit, "lifted", lifted);
    value_set_instant(unit, "valid_until", telegram->valid_until);
    const struct quake_source *source = main_source(tsunami);
    json_object_set_new(unit, "source", source != NULL ? source_to_json(source) : json_null());
    return unit;
}

int wave_class(double height_m, const char *condition, bool risen)
{
    int class = risen || text_contains(condition, "重要") ? 1 : 0;
    static const double limits_m[] = {1, 3, 5, 10};
    for (int i = 0; i < 4; i++) {
        if (!isnan(height_m) && height_m >= limits_m[i])
            class = i + 1 > class ? i + 1 : class;
    }
    return class;
}

static json_t *observation_item(const struct tsunami_observation *observation, const char *code,
                                const char *order)
{
    json_t *item = memory_must(json_object());
    value_set_text(item, "telegram", code);
    value_set_text(item, "order", order);
    value_set_text(item, "area", observation->area_code);
    value_set_text(item, "name", observation->station_name);
    value_set_text(item, "code", observation->station_code);
    value_set_instant(item, "at",
                      observation->max_at != 0 ? observation->max_at : observation->first_at);
    value_set_number(item, "height", observation->height_m);
    value_set_text(item, "height_text", observation->height_text);
    value_set_text(item, "condition",
                   text_given(observation->max_condition) ? observation->max_condition
                                                          : observation->first_condition);
    return item;
}

static int class_of(const json_t *item)
{
    return wave_class(value_number(item, "height"), value_borrow(item, "condition"),
                      value_flag(item, "risen"));
}

/* No height yet: it is small beside the forecast. */
static bool is_waiting(const char *condition)
{
    return (text_contains(condition, "観測中") || text_contains(condition, "推定中")) &&
           !text_contains(condition, "欠測");
}

/* Raised while it has no height (alert_observation); of what comes first JMA says 追加. */
static bool has_risen(const struct tsunami_observation *seen, const char *code, const json_t *old)
{
    if (!text_equal(code, "VTSE52") || !is_waiting(seen->max_condition))
        return false;
    bool waited = old == NULL || is_waiting(value_borrow(old, "condition"));
    return value_flag(old, "risen") || (waited && text_contains(seen->max_revise, "更新"));
}

static usec_t later(usec_t newest, const char *order)
{
    usec_t time = order != NULL ? strtoll(order, NULL, 10) : 0;
    return time > newest ? time : newest;
}

/* When JMA last said anything, withdrawn or not. */
static usec_t newest_time(const json_t *state)
{
    usec_t newest = 0;
    const char *key, *id;
    json_t *item, *cancel;
    json_object_foreach(json_object_get(state, "observations"), key, item) newest =
        later(newest, order_of(item));
    json_object_foreach(json_object_get(state, "units"), key, item) newest =
        later(newest, order_of(item));
    json_object_foreach(json_object_get(state, "cancels"), key, item)
    {
        json_object_foreach(item, id, cancel) newest = later(newest, json_string_value(cancel));
    }
    return newest;
}

/* A day older than the newest, or withdrawn. */
static bool outdated(const json_t *state, const json_t *item, usec_t newest)
{
    bool gone = order_time(item) < newest - USEC_PER_DAY;
    const char *id;
    json_t *cancel;
    const json_t *cancels =
        json_object_get(json_object_get(state, "cancels"), value_borrow(item, "telegram"));
    json_object_foreach((json_t *)cancels, id, cancel) gone =
        gone || strcmp(json_string_value(cancel), order_of(item)) > 0;
    return gone;
}

void tsunami_prune(json_t *state)
{
    json_t *observations = json_object_get(state, "observations");
    usec_t newest = newest_time(state);
    const char *station;
    json_t *item;
    void *next;
    json_object_foreach_safe(observations, next, station, item)
    {
        if (outdated(state, item, newest))
            json_object_del(observations, station);
    }
}

/* Where and when something is seen. */
struct watching {
    json_t *state;
    const char *code, *order;
    usec_t newest;
};

/* True when it is graver than what was seen there before. */
static bool put_wave(const struct watching *watching, const char *place,
                     const struct tsunami_observation *seen)
{
    json_t *observations = json_object_get(watching->state, "observations");
    const json_t *old = place != NULL ? json_object_get(observations, place) : NULL;
    if (place == NULL || strcmp(watching->order, order_of(old)) <= 0)
        return false;
    json_t *item = observation_item(seen, watching->code, watching->order);
    if (outdated(watching->state, item, watching->newest)) {
        json_decref(item);
        return false;
    }
    value_set_flag(item, "risen", has_risen(seen, watching->code, old));
    bool graver = class_of(item) > class_of(old);
    json_object_set_new(observations, place, item);
    return graver;
}

bool tsunami_observe(TALLOC_CTX *context, json_t *state, const struct report *report,
                     const char *order)
{
    if (json_object_get(state, "observations") == NULL)
        json_object_set_new(state, "observations", memory_must(json_object()));
    const struct tsunami_report *tsunami = &report->tsunami;
    const struct watching watching = {state, report->telegram->code, order, newest_time(state)};
    bool graver = false;
    for (size_t i = 0; i < tsunami->observation_count; i++) {
        const struct tsunami_observation *seen = &tsunami->observations[i];
        const char *station = seen->station_code != NULL ? seen->station_code : seen->station_name;
        graver = put_wave(&watching, station, seen) || graver;
    }
    for (size_t i = 0; i < tsunami->estimate_count; i++) {
        const struct tsunami_observation *seen = &tsunami->estimates[i];
        const char *coast = seen->area_code;
        if (coast != NULL)
            coast = memory_printf(context, "coast-%s", coast);
        graver = put_wave(&watching, coast, seen) || graver;
    }
    tsunami_prune(state);
    return graver;
}

void tsunami_alert_observations(const json_t *state, usec_t since, struct alert *alert)
{
    json_t *observations = json_object_get(state, "observations");
    struct alert_observation *list =
        memory_array(alert, struct alert_observation, json_object_size(observations));
    const char *station;
    json_t *item;
    json_object_foreach(observations, station, item)
    {
        if (order_time(item) < since)
            continue;
        list[alert->observation_count++] =
            (struct alert_observation){.area_code = value_borrow(item, "area"),
                                       .station_ja = value_borrow(item, "name"),
                                       .station_code = value_borrow(item, "code"),
                                       .at = value_instant(item, "at"),
                                       .height_m = value_number(item, "height"),
                                       .height_text = value_borrow(item, "height_text"),
                                       .condition = value_borrow(item, "condition"),
                                       .risen = value_flag(item, "risen")};
    }
    alert->observations = list;
}

void tsunami_alert_quake(const struct tsunami_view *view, struct alert *alert)
{
    const json_t *source = json_object_get(view->unit, "source");
    if (!json_is_object(source))
        return;
    struct alert_quake *quake = memory_new(alert, struct alert_quake);
    quake_of_source(source, quake);
    alert->quake = quake;
}
