/* Applies VXSE51, 52, 53 and 61 to the state of an earthquake (earthquake.h). */
#include "event/earthquake.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/apply.h"
#include "event/value.h"

/* Ends of usefulness. A withdrawal is still worth hearing the next day. */
#define EARTHQUAKE_USEFUL        (60 * USEC_PER_MINUTE)
#define EARTHQUAKE_CANCEL_USEFUL USEC_PER_DAY

const char *earthquake_key(TALLOC_CTX *context, const struct report *report)
{
    const struct telegram *telegram = report->telegram;
    const char *status = telegram_status_name(step_status(report));
    if (telegram->event_id_count > 0)
        return memory_printf(context, "earthquake/%s/%s", status, telegram->event_ids[0]);
    /* Without an id telegrams of one earthquake cannot be joined; its origin is the next best. */
    usec_t origin = report->earthquake.has_source ? report->earthquake.source.origin_time : 0;
    return memory_printf(context, "earthquake/%s/at-%s", status,
                         time_token(context, origin != 0 ? origin : telegram->reported_at));
}

/* The unit of the telegram, with its order; a cancel says nothing but that. */
static json_t *new_unit(const struct event_step *step, const json_t *old)
{
    json_t *unit;
    if (step->report->telegram->info_type == INFO_CANCEL) {
        unit = memory_must(json_object());
        value_set_flag(unit, "cancelled", true);
    } else {
        unit = earthquake_unit(&step->report->earthquake);
    }
    /* Before anything is taken over, so that the same telegram has the same order again. */
    const char *order = step_order(step, unit);
    if (step->report->degraded != NULL && !value_flag(unit, "cancelled") &&
        !value_flag(old, "cancelled"))
        earthquake_take_over(unit, old, step->report->earthquake.judgement_unsure);
    value_set_text(unit, "order", order);
    return unit;
}

static usec_t expires_of(const struct event_step *step, const struct event_life *life,
                         enum alert_phase phase, bool facts_for_people)
{
    const struct telegram *telegram = step->report->telegram;
    usec_t from = telegram->reported_at != 0 ? telegram->reported_at : telegram->control_time;
    if (phase == PHASE_CANCEL)
        return from + EARTHQUAKE_CANCEL_USEFUL;
    /* A revised source hours later does not bring the earthquake back into force. */
    if (!facts_for_people && life->until != 0)
        return life->until;
    usec_t until = from + EARTHQUAKE_USEFUL;
    return until > life->until || life->alert_count == 0 ? until : life->until;
}

static struct alert *new_alert(const struct event_step *step, struct event_life *life,
                               const struct earthquake_view *before, struct earthquake_view *after,
                               const json_t *unit)
{
    struct area_changes changes;
    bool cancel = step->report->telegram->info_type == INFO_CANCEL;
    area_list_compare(step->context, &before->areas, &after->areas, &changes);
    earthquake_mark_bare(step->graph, &before->areas, &after->areas, &changes);
    changes.before_level = before->any ? before->level : 0;
    changes.after_level = after->any ? after->level : 0;
    bool same_quake = earthquake_same(&before->quake, &after->quake);
    if (!changes.any && changes.before_level == changes.after_level && same_quake)
        return NULL;
    enum alert_phase phase = phase_of(&changes, life, step->report->telegram->info_type, cancel);
    bool told = changes.any || phase == PHASE_CORRECTION || phase == PHASE_ISSUE ||
                !text_equal(before->quake.tsunami_judgement, after->quake.tsunami_judgement);
    struct alert *alert = alert_of_step(step, life, HAZARD_EARTHQUAKE, phase, &after->areas,
                                        &changes, expires_of(step, life, phase, told), unit);
    const struct alert_quake *quake = after->any ? &after->quake : &before->quake;
    alert->quake = earthquake_copy(alert, quake);
    if (quake->origin_time != 0)
        alert->onset = quake->origin_time;
    return alert;
}

/* What texts of the views point to must outlive the alert: it is given the states they stand in. */
static void keep(const struct event_step *step, json_t *state)
{
    value_own(step->context, json_incref(state));
    if (step->before != NULL)
        value_own(step->context, json_deep_copy(step->before));
}

struct event_change *earthquake_apply(const struct event_step *step)
{
    const char *code = step->report->telegram->code;
    const json_t *old = json_object_get(json_object_get(step->before, "units"), code);
    json_t *unit = new_unit(step, old);
    int newer = strcmp(value_borrow(unit, "order"), order_of(old));
    if (newer <= 0) {
        json_decref(unit);
        return change_none(step, newer == 0 ? "no change: the same telegram again"
                                            : "older than what is known");
    }
    json_t *state = step->before != NULL ? json_deep_copy(step->before) : json_object();
    memory_must(state);
    if (json_object_get(state, "units") == NULL)
        json_object_set_new(state, "units", json_object());
    json_object_set_new(json_object_get(state, "units"), code, unit);
    keep(step, state);

    struct event_life life;
    life_read(step->context, state, &life);
    struct earthquake_view before = earthquake_view(step->context, step->graph, step->before);
    struct earthquake_view after = earthquake_view(step->context, step->graph, state);
    if (after.any && life.id == NULL)
        life_begin(step->context, &life, step->status,
                   memory_printf(step->context, "earthquake-%s",
                                 text_token(step->context, strrchr(step->key, '/') + 1)),
                   step->report->telegram->control_time);
    struct alert *alert = life.id != NULL ? new_alert(step, &life, &before, &after, unit) : NULL;
    life.live = after.any;
    life.peak = after.level > life.peak ? after.level : life.peak;
    life_write(state, &life);
    return change_state(step, state, alert,
                        alert == NULL ? after.any || life.id != NULL
                                            ? "nothing that people were told changed"
                                            : "cancel of an unknown earthquake, remembered"
                                      : NULL);
}
