/* Applies VTSE41, 51 and 52 to the national tsunami state (tsunami.h). */
#include "event/tsunami.h"

#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/apply.h"
#include "event/value.h"

/* After the last telegram; a forecast ends at its ValidDateTime instead. */
#define TSUNAMI_USEFUL USEC_PER_DAY
/* Up to this level JMA ends a tsunami by time alone. */
#define FORECAST_LEVEL 1

const char *tsunami_key(TALLOC_CTX *context, const struct report *report)
{
    return memory_printf(context, "tsunami/%s", telegram_status_name(step_status(report)));
}

static json_t *child_object(json_t *parent, const char *key)
{
    json_t *child = json_object_get(parent, key);
    if (child == NULL) {
        child = memory_must(json_object());
        json_object_set_new(parent, key, child);
    }
    return child;
}

/* Remembers a 取消 for each earthquake that it names. */
static bool put_cancel(const struct event_step *step, json_t *state)
{
    const struct telegram *telegram = step->report->telegram;
    json_t *cancels = child_object(child_object(state, "cancels"), telegram->code);
    json_t *content = value_own(step->context, json_string("cancel"));
    const char *order = step_order(step, content);
    bool newer = false;
    size_t count = telegram->event_id_count > 0 ? telegram->event_id_count : 1;
    for (size_t i = 0; i < count; i++) {
        const char *id = telegram->event_id_count > 0 ? telegram->event_ids[i] : "";
        const char *old = value_borrow(cancels, id);
        if (old == NULL || strcmp(order, old) > 0) {
            value_set_text(cancels, id, order);
            newer = true;
        }
    }
    tsunami_prune(state);
    return newer;
}

/* What a telegram led to besides its coasts. */
struct put {
    bool graver;      /* a wave is graver than before */
    const char *kept; /* coasts that stay warned although it does not list them; NULL none */
};

/* Takes over what the telegram says. Returns false when it says nothing new. */
static bool put_report(const struct event_step *step, const struct tsunami_view *before,
                       json_t *state, struct put *ret_put)
{
    const struct report *report = step->report;
    json_t *unit = value_own(step->context, tsunami_unit(report));
    bool newer = false;
    if (report->tsunami.is_state && report->tsunami.area_count > 0) {
        /* Before anything is taken over, so that the same telegram has the same order again. */
        const char *order = step_order(step, unit);
        if (report->degraded != NULL)
            tsunami_take_over(unit, report, before);
        else
            ret_put->kept = tsunami_keep_unlisted(step->context, unit, report, before);
        json_t *units = child_object(state, "units");
        const char *code = report->telegram->code;
        if (strcmp(order, order_of(json_object_get(units, code))) > 0) {
            json_object_set(units, code, unit);
            value_set_text(unit, "order", order);
            newer = true;
        }
    }
    json_t *observations = json_deep_copy(json_object_get(state, "observations"));
    json_t *content = value_own(step->context, json_string(report->telegram->id));
    ret_put->graver = tsunami_observe(step->context, state, report, step_order(step, content));
    newer = newer || !json_equal(observations, json_object_get(state, "observations"));
    json_decref(observations);
    return newer;
}

static void hold(json_t *state, const struct area_list *areas)
{
    json_t *held = child_object(state, "held");
    for (size_t i = 0; i < areas->count; i++) {
        if (areas->items[i].level > 0)
            value_set_text(held, areas->items[i].code, areas->items[i].name_ja);
    }
}

/* When the view ends unless a telegram follows; 0 for what only JMA ends. */
static usec_t ends_by_time(const struct tsunami_view *view)
{
    usec_t valid = value_instant(view->unit, "valid_until");
    if (view->level == 0 || view->level > FORECAST_LEVEL)
        return 0;
    return valid > 0 ? valid : order_time(view->unit) + TSUNAMI_USEFUL;
}

static usec_t expires_of(const struct event_step *step, const struct tsunami_view *view)
{
    usec_t end = ends_by_time(view);
    usec_t told = order_time(view->unit), control_time = step->report->telegram->control_time;
    return end != 0 ? end : (told > control_time ? told : control_time) + TSUNAMI_USEFUL;
}

static struct alert *new_alert(const struct event_step *step, struct event_life *life,
                               struct tsunami_view *before, struct tsunami_view *after, bool graver,
                               json_t *state)
{
    const struct telegram *telegram = step->report->telegram;
    struct area_changes changes;
    area_list_compare(step->context, &before->areas, &after->areas, &changes);
    enum renewal renewal = life_renewal(life, telegram->control_time);
    if (after->level > 0 && renewal == RENEWAL_PAST)
        area_list_renew(&after->areas, &changes);
    if (!changes.any && !(graver && after->level > 0) &&
        (renewal == RENEWAL_NONE || after->level == 0))
        return NULL;
    enum alert_phase phase =
        phase_of(&changes, life, telegram->info_type, telegram->info_type == INFO_CANCEL);
    /* Two telegrams of one second may differ in what was seen alone, and a withdrawal may bring
     * back what another of them said. */
    const json_t *said = after->unit != NULL ? after->unit : json_object_get(state, "cancels");
    json_t *content = value_own(step->context, memory_must(json_array()));
    json_array_append_new(content, json_deep_copy(said));
    json_array_append_new(content, json_deep_copy(json_object_get(state, "observations")));
    json_array_append_new(content, json_string(info_type_name(telegram->info_type)));
    struct alert *alert = alert_of_step(step, life, HAZARD_TSUNAMI, phase, &after->areas, &changes,
                                        expires_of(step, after), content);
    tsunami_alert_quake(after->unit != NULL ? after : before, alert);
    tsunami_alert_observations(state, life->begun - USEC_PER_HOUR, alert);
    return alert;
}

/* The words of the newest alert, for an end that comes by time alone. */
static void remember_words(const struct event_step *step, json_t *state)
{
    const struct telegram *telegram = step->report->telegram;
    json_t *words = memory_must(json_object());
    value_set_text(words, "telegram_id", telegram->id);
    value_set_text(words, "code", telegram->code);
    value_set_text(words, "title", telegram->head_title);
    value_set_text(words, "office", telegram->publishing_office);
    value_set_instant(words, "reported_at", telegram->reported_at);
    json_object_set_new(state, "words", words);
}

struct event_change *tsunami_apply(const struct event_step *step)
{
    json_t *state = step->before != NULL ? json_deep_copy(step->before) : json_object();
    value_own(step->context, memory_must(state));
    struct tsunami_view before = tsunami_view(step->context, step->before);
    struct put put = {0};
    bool newer = step->report->telegram->info_type == INFO_CANCEL
                     ? put_cancel(step, state)
                     : put_report(step, &before, state, &put);
    if (!newer)
        return change_none(step, "nothing newer than what is known");

    struct event_life life;
    life_read(step->context, state, &life);
    struct tsunami_view bare = tsunami_view(step->context, state);
    usec_t control_time = step->report->telegram->control_time;
    if (bare.level > 0 && !life.live) {
        life_begin(
            step->context, &life, step->status,
            memory_printf(step->context, "tsunami-%s", time_token(step->context, control_time)),
            control_time);
        json_object_del(state, "held");
    }
    hold(state, &bare.areas);
    struct tsunami_view after = tsunami_view(step->context, state);
    struct alert *alert = NULL;
    if (life.live)
        alert = new_alert(step, &life, &before, &after, put.graver, state);
    if (alert != NULL)
        remember_words(step, state);
    life.live = after.level > 0;
    life.peak = after.level > life.peak ? after.level : life.peak;
    value_set_instant(state, "expires", ends_by_time(&after));
    life_write(state, &life);
    struct event_change *change =
        change_state(step, json_incref(state), alert,
                     alert == NULL ? "no change that people need to hear" : NULL);
    if (put.kept != NULL)
        change->notice = memory_printf(
            change, "VTSE41 neither warns nor lifts %s, warned before: kept warned", put.kept);
    return change;
}

static struct alert *expiry_alert(TALLOC_CTX *context, const struct event_state *event,
                                  struct event_life *life, struct tsunami_view *before,
                                  struct tsunami_view *after, usec_t at)
{
    const json_t *words = json_object_get(event->json, "words");
    const char *status = strrchr(event->key, '/');
    struct area_changes changes;
    area_list_compare(context, &before->areas, &after->areas, &changes);
    struct alert *alert = memory_new(context, struct alert);
    *alert = (struct alert){
        .id = memory_printf(alert, "%s-%s-expired", life->id, time_token(alert, at)),
        .event_id = life->id,
        .event_key = memory_text(alert, event->key),
        .hazard = HAZARD_TSUNAMI,
        .status = status != NULL ? telegram_status_from_name(status + 1) : STATUS_UNKNOWN,
        .phase = PHASE_ALL_CLEAR,
        .level = changes.before_level,
        .telegram_id = value_text(alert, words, "telegram_id"),
        .code = value_text(alert, words, "code"),
        .title_ja = value_text(alert, words, "title"),
        .headline_ja = "",
        .office_ja = value_text(alert, words, "office"),
        .issued_at = at,
        .reported_at = value_instant(words, "reported_at"),
        .onset = at,
        .expires = at + TSUNAMI_USEFUL,
        .areas = after->areas.items,
        .area_count = after->areas.count,
        .references = life->alerts,
        .reference_count = life->alert_count,
    };
    return alert;
}

struct event_change *tsunami_expire(TALLOC_CTX *context, const struct event_state *event,
                                    usec_t now)
{
    usec_t at = value_instant(event->json, "expires");
    if (at == 0 || now < at)
        return NULL;
    json_t *state = memory_must(json_deep_copy(event->json));
    json_t *held = value_own(context, memory_must(json_deep_copy(event->json)));
    struct event_change *change = change_new(context, event->key);
    change->state = value_own(change, state);
    change->note = "the forecast has ended by its time";
    struct event_life life;
    life_read(context, state, &life);
    struct tsunami_view before = tsunami_view(context, held);
    value_set_text(state, "expired", order_of(before.unit));
    value_set_instant(state, "expires", 0);
    struct tsunami_view after = tsunami_view(context, state);
    value_own(context, json_incref(state));
    if (life.peak >= TSUNAMI_TOLD_LEVEL)
        change->alert = expiry_alert(context, event, &life, &before, &after, at);
    life.live = false;
    life_write(state, &life);
    return change;
}
