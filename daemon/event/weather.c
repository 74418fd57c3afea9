/* Applies VPWW55 to 61 to the state of one hazard in one 府県予報区; after a gap VPWS50, each
 * element with its own time; and, where those are missing, what older telegrams say (crosscheck.h).
 *
 * State: {"areas": {code: {"order", "name", "level", "kind", "grade", "held"}}, "cancelled": order,
 * "life": …}. Each area follows the newest telegram that lists it; listed without an item means
 * that nothing of the hazard is in force there. "held": something was, in this instance.
 * "transitional": told by an older telegram, until one of R06 lists the area. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/apply.h"
#include "event/crosscheck.h"
#include "event/value.h"
#include "event/weather_listing.h"

#define WEATHER_USEFUL USEC_PER_DAY /* after the last telegram */
/* VPWS50 is made every ten minutes: what it does not list had ended by the one before, at the
 * latest; what came since is newer. */
#define SUM_INTERVAL (10 * USEC_PER_MINUTE)

static bool listed(const char *const *offices, size_t count, const char *office)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(offices[i], office) == 0)
            return true;
    }
    return false;
}

static const char **offices_of(TALLOC_CTX *context, const struct area_graph *graph,
                               const struct weather_report *weather, size_t *ret_count)
{
    const char **offices = memory_array(context, const char *, weather->area_code_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < weather->area_code_count; i++) {
        const char *office = listing_office(graph, weather, i);
        if (office != NULL && !listed(offices, count, office))
            offices[count++] = office;
    }
    if (count == 0 && weather->office != NULL)
        offices[count++] = weather->office;
    *ret_count = count;
    return offices;
}

const char **weather_keys(TALLOC_CTX *context, const struct area_graph *graph,
                          const struct report *report, size_t *ret_count)
{
    size_t office_count;
    const struct weather_report *weather = &report->weather;
    const char **offices = offices_of(context, graph, weather, &office_count);
    const char **keys =
        memory_array(context, const char *, office_count * weather->hazard_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < office_count; i++) {
        for (size_t j = 0; j < weather->hazard_count; j++)
            keys[count++] = memory_printf(context, "weather/%s/%s/%s",
                                          telegram_status_name(step_status(report)),
                                          hazard_name(weather->hazards[j]), offices[i]);
    }
    *ret_count = count;
    return keys;
}

/* "weather/actual/rain/016000" → rain, "016000". */
static bool key_read(TALLOC_CTX *context, const char *key, enum hazard *ret_hazard,
                     const char **ret_office)
{
    size_t count;
    char **parts = text_split(context, key, '/', &count);
    if (count != 4 || !hazard_from_name(parts[2], ret_hazard))
        return false;
    *ret_office = parts[3];
    return true;
}

static const char *grade_of(const struct weather_item *item)
{
    const struct weather_kind *kind =
        item->kind_code != NULL ? weather_kind_find(item->kind_code) : NULL;
    return kind != NULL ? kind->grade : NULL;
}

static const char *name_of(const struct event_step *step, const struct weather_item *item,
                           const char *code)
{
    const struct area *area = area_find(step->graph, AREA_WEATHER_CITY, code);
    if (item != NULL && text_given(item->area_name))
        return item->area_name;
    return area != NULL ? area->name_ja : NULL;
}

/* When JMA said it: of the sum each element has its own time. */
static usec_t time_of(const struct event_step *step, const struct weather_item *item)
{
    usec_t control_time = step->report->telegram->control_time;
    if (!step->report->weather.national)
        return control_time;
    return item != NULL && item->issued_at > 0 ? item->issued_at : control_time - SUM_INTERVAL;
}

static bool is_newer(const struct event_step *step, const json_t *state, const json_t *old,
                     const char *order, usec_t time)
{
    const char *cancelled = value_borrow(state, "cancelled");
    if (cancelled != NULL && strcmp(order, cancelled) <= 0)
        return false;
    if (value_flag(old, "transitional") && !step->report->weather.transitional)
        return time + TRANSITIONAL_LATE >= order_time(old);
    return strcmp(order, order_of(old)) > 0;
}

/* Takes over what a newer telegram says of one area. */
static bool put_area(const struct event_step *step, json_t *state, const char *code,
                     const struct weather_item *item)
{
    json_t *areas = json_object_get(state, "areas");
    const json_t *old = json_object_get(areas, code);
    const char *kind = item != NULL && item->level > 0 ? item->kind_code : NULL;
    int level = item != NULL ? item->level : 0;
    if (item != NULL && item->at_least && value_integer(old, "level") > level)
        return false;
    const struct telegram *telegram = step->report->telegram;
    const char *order = memory_printf(
        step->context, "%020lld.%d.%d%s", (long long)time_of(step, item),
        telegram->info_type == INFO_CORRECTION ? 1 : 0, level, kind != NULL ? kind : "");
    if (!is_newer(step, state, old, order, time_of(step, item)))
        return false;
    json_t *entry = memory_must(json_object());
    value_set_text(entry, "order", order);
    value_set_text(entry, "name", name_of(step, item, code));
    value_set_integer(entry, "level", level);
    value_set_text(entry, "kind", kind);
    value_set_text(entry, "grade", level > 0 ? grade_of(item) : NULL);
    value_set_flag(entry, "held", value_flag(old, "held"));
    if (step->report->weather.transitional)
        value_set_flag(entry, "transitional", true);
    json_object_set_new(areas, code, entry);
    return true;
}

/* Every area of this office and hazard that the report lists. Returns how many were news. */
static size_t put_report(const struct event_step *step, json_t *state, enum hazard hazard,
                         const char *office)
{
    struct listing listing;
    listing_make(step, hazard, office, &listing);
    size_t news = 0;
    for (size_t i = 0; i < listing.count; i++) {
        const struct listed_area *area = &listing.areas[i];
        /* What could not be read has not ended. */
        if (area->item == NULL && step->report->degraded != NULL)
            continue;
        news += put_area(step, state, area->code, area->item) ? 1 : 0;
    }
    listing_drop(&listing);
    return news;
}

/* A 取消 withdraws all that is older than it. */
static size_t put_cancel(const struct event_step *step, json_t *state)
{
    json_t *content = value_own(step->context, json_string("cancel"));
    const char *order = step_order(step, content);
    const char *old = value_borrow(state, "cancelled");
    if (old != NULL && strcmp(order, old) <= 0)
        return 0;
    value_set_text(state, "cancelled", order);
    const char *code;
    json_t *entry;
    json_object_foreach(json_object_get(state, "areas"), code, entry)
    {
        if (strcmp(order_of(entry), order) > 0)
            continue;
        value_set_text(entry, "order", order);
        value_set_integer(entry, "level", 0);
        value_set_text(entry, "kind", NULL);
        value_set_text(entry, "grade", NULL);
    }
    return 1;
}

/* What is in force, and what was in this instance and has ended, in the order of codes. */
static struct area_list areas_of(TALLOC_CTX *context, const json_t *state)
{
    struct area_list list = {0};
    const char *code;
    json_t *entry;
    json_object_foreach(json_object_get(state, "areas"), code, entry)
    {
        int level = value_integer(entry, "level");
        if (level == 0 && !value_flag(entry, "held"))
            continue;
        struct alert_area area = {.system = AREA_WEATHER_CITY,
                                  .code = code,
                                  .name_ja = value_borrow(entry, "name"),
                                  .level = level,
                                  .kind_code = value_borrow(entry, "kind"),
                                  .grade = value_borrow(entry, "grade"),
                                  .height_m = NAN};
        area_list_add(context, &list, &area);
    }
    return list;
}

/* Marks what is in force as part of the instance; a new instance starts with just that. */
static void hold(json_t *state, bool fresh)
{
    const char *code;
    json_t *entry;
    json_object_foreach(json_object_get(state, "areas"), code, entry) value_set_flag(
        entry, "held", value_integer(entry, "level") > 0 || (!fresh && value_flag(entry, "held")));
}

static usec_t expires_of(const struct event_step *step, const struct event_life *life)
{
    const struct telegram *telegram = step->report->telegram;
    usec_t until = telegram->control_time + WEATHER_USEFUL;
    if (telegram->valid_until > telegram->control_time)
        until = telegram->valid_until;
    return life->live && life->until > until ? life->until : until;
}

/* People are told when JMA issued what they hear, not when it summed it up. */
static void put_issue(const struct event_step *step, enum hazard hazard, const char *office,
                      struct alert *alert)
{
    if (!step->report->weather.national)
        return;
    struct listing listing;
    listing_make(step, hazard, office, &listing);
    usec_t issued_at = 0;
    for (size_t i = 0; i < alert->area_count; i++) {
        const struct listed_area *area = listing_find(&listing, alert->areas[i].code);
        if (alert->areas[i].changed && area != NULL && area->item != NULL &&
            area->item->issued_at > issued_at)
            issued_at = area->item->issued_at;
    }
    listing_drop(&listing);
    if (issued_at > 0)
        alert->issued_at = alert->reported_at = alert->onset = issued_at;
}

static struct alert *new_alert(const struct event_step *step, enum hazard hazard,
                               const char *office, struct event_life *life,
                               const struct area_list *before, struct area_list *after,
                               const json_t *state)
{
    const struct telegram *telegram = step->report->telegram;
    struct area_changes changes;
    area_list_compare(step->context, before, after, &changes);
    enum renewal renewal =
        changes.after_level > 0 ? life_renewal(life, telegram->control_time) : RENEWAL_NONE;
    if (renewal == RENEWAL_PAST)
        area_list_renew(after, &changes);
    if (!changes.any && renewal == RENEWAL_NONE)
        return NULL;
    enum alert_phase phase =
        phase_of(&changes, life, telegram->info_type, telegram->info_type == INFO_CANCEL);
    struct alert *alert = alert_of_step(step, life, hazard, phase, after, &changes,
                                        expires_of(step, life), json_object_get(state, "areas"));
    alert->transitional = step->report->weather.transitional;
    put_issue(step, hazard, office, alert);
    return alert;
}

/* The sum, or what older telegrams say of all hazards, says nothing of this one. */
static bool says_nothing(const struct event_step *step, enum hazard hazard, const char *office)
{
    const struct weather_report *weather = &step->report->weather;
    if (step->before != NULL || (!weather->national && !weather->transitional))
        return false;
    for (size_t i = 0; i < weather->item_count; i++) {
        const struct weather_item *item = &weather->items[i];
        if (item->hazard == hazard && item->level > 0 &&
            text_equal(area_weather_office(step->graph, AREA_WEATHER_CITY, item->area_code),
                       office))
            return false;
    }
    return true;
}

struct event_change *weather_apply(const struct event_step *step)
{
    enum hazard hazard;
    const char *office;
    if (!key_read(step->context, step->key, &hazard, &office))
        return change_none(step, "not a weather key");
    if (says_nothing(step, hazard, office))
        return change_none(step, "nothing of it is in force");
    json_t *state = step->before != NULL ? json_deep_copy(step->before) : json_object();
    value_own(step->context, memory_must(state));
    if (json_object_get(state, "areas") == NULL)
        json_object_set_new(state, "areas", json_object());
    bool cancel = step->report->telegram->info_type == INFO_CANCEL;
    size_t news = cancel ? put_cancel(step, state) : put_report(step, state, hazard, office);
    if (news == 0)
        return change_none(step, "nothing newer than what is known");

    struct event_life life;
    life_read(step->context, state, &life);
    struct area_list before = areas_of(step->context, step->before);
    struct area_list now = areas_of(step->context, state);
    int level = area_list_level(&now);
    bool fresh = level > 0 && !life.live;
    usec_t control_time = step->report->telegram->control_time;
    if (fresh)
        life_begin(step->context, &life, step->status,
                   memory_printf(step->context, "weather-%s-%s-%s", hazard_name(hazard),
                                 text_token(step->context, office),
                                 time_token(step->context, control_time)),
                   control_time);
    hold(state, fresh);
    struct area_list after = areas_of(step->context, state);
    struct alert *alert = NULL;
    if (life.live)
        alert = new_alert(step, hazard, office, &life, &before, &after, state);
    life.live = level > 0;
    life.peak = level > life.peak ? level : life.peak;
    life_write(state, &life);
    return change_state(step, json_incref(state), alert,
                        alert == NULL ? "no change of level" : NULL);
}
