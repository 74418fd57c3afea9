/* Applies a telegram of which only title, headline and places are understood.
 *
 * State: {"order", "digest", "level", "areas": [[system, code, name]], "held": {"system:code":
 * [...]}, "expires", "life"}. The newest telegram of the key is the whole state; the same text
 * again is no change; 取消 and 解除 end it, and so does its time. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/apply.h"
#include "event/value.h"

#define GENERIC_USEFUL       USEC_PER_DAY
#define GENERIC_QUAKE_USEFUL USEC_PER_HOUR

const char *generic_key(TALLOC_CTX *context, const struct report *report)
{
    const struct telegram *telegram = report->telegram;
    const char *status = telegram_status_name(step_status(report));
    if (text_given(telegram->event_id))
        return memory_printf(context, "generic/%s/%s/%s", status, telegram->code,
                             telegram->event_id);
    return memory_printf(context, "generic/%s/%s/%s/%s", status, telegram->code,
                         text_given(telegram->editorial_office) ? telegram->editorial_office : "-",
                         text_given(telegram->head_title) ? telegram->head_title
                                                          : telegram->control_title);
}

static const char *place_key(TALLOC_CTX *context, const struct generic_area *area)
{
    return memory_printf(context, "%s:%s", area_system_name(area->system), area->code);
}

static int level_of(const struct generic_report *generic)
{
    return generic->level < 1 ? 1 : generic->level > 5 ? 5 : generic->level;
}

/* What the telegram says, in the form of the state. */
static json_t *new_state(const struct event_step *step, bool ended)
{
    const struct generic_report *generic = &step->report->generic;
    json_t *state = memory_must(json_object());
    json_t *areas = memory_must(json_object());
    for (size_t i = 0; !ended && i < generic->area_count; i++)
        value_set_text(areas, place_key(step->context, &generic->areas[i]), generic->areas[i].name);
    json_object_set_new(state, "areas", areas);
    value_set_integer(state, "level", ended ? 0 : level_of(generic));
    value_set_text(state, "title", step->report->telegram->head_title);
    value_set_text(state, "headline", step->report->telegram->headline);
    value_set_text(state, "text", generic->text);
    value_set_text(state, "digest", value_digest(step->context, state, 16));
    value_set_text(state, "order", step_order(step, state));
    return state;
}

static struct area_list areas_of(TALLOC_CTX *context, const json_t *state, const char *member,
                                 int level)
{
    struct area_list list = {0};
    const char *place;
    json_t *name;
    json_object_foreach((json_t *)json_object_get(state, member), place, name)
    {
        const char *colon = strchr(place, ':');
        const char *system = memory_must(
            talloc_strndup(context, place, colon != NULL ? (size_t)(colon - place) : 0));
        struct alert_area area = {.system = area_system_from_name(system),
                                  .code = colon != NULL ? colon + 1 : place,
                                  .name_ja = json_string_value(name),
                                  .level = level,
                                  .height_m = NAN};
        area_list_add(context, &list, &area);
    }
    return list;
}

static bool contains(const struct area_list *list, const struct alert_area *area)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].system == area->system && strcmp(list->items[i].code, area->code) == 0)
            return true;
    }
    return false;
}

/* In force now, and what was in this instance at level 0. */
static struct area_list view(TALLOC_CTX *context, const json_t *state)
{
    struct area_list list = areas_of(context, state, "areas", value_integer(state, "level"));
    struct area_list held = areas_of(context, state, "held", 0);
    for (size_t i = 0; i < held.count; i++) {
        if (!contains(&list, &held.items[i]))
            area_list_add(context, &list, &held.items[i]);
    }
    return list;
}

static void hold(json_t *state, const json_t *before)
{
    json_t *held = json_deep_copy(json_object_get(before, "held"));
    if (held == NULL)
        held = memory_must(json_object());
    json_object_update(held, json_object_get(state, "areas"));
    json_object_set_new(state, "held", held);
}

static usec_t expires_of(const struct event_step *step, bool ended)
{
    const struct telegram *telegram = step->report->telegram;
    if (!ended && telegram->valid_until > telegram->control_time)
        return telegram->valid_until;
    bool quake = step->report->generic.hazard == HAZARD_EARTHQUAKE;
    return telegram->control_time + (quake && !ended ? GENERIC_QUAKE_USEFUL : GENERIC_USEFUL);
}

static struct alert *new_alert(const struct event_step *step, struct event_life *life,
                               const json_t *before, json_t *state, bool ended)
{
    struct area_list old =
        life->alert_count > 0 ? view(step->context, before) : (struct area_list){0};
    struct area_list now = view(step->context, state);
    struct area_changes changes;
    area_list_compare(step->context, &old, &now, &changes);
    changes.before_level = life->alert_count > 0 ? value_integer(before, "level") : 0;
    changes.after_level = value_integer(state, "level");
    enum info_type info_type = step->report->telegram->info_type;
    enum alert_phase phase = phase_of(&changes, life, info_type, info_type == INFO_CANCEL);
    if (!ended)
        area_list_renew(&now, &changes); /* a new text is news everywhere */
    const struct generic_report *generic = &step->report->generic;
    struct alert *alert = alert_of_step(step, life, generic->hazard, phase, &now, &changes,
                                        expires_of(step, ended), state);
    alert->generic = true;
    alert->text_ja = generic->text;
    return alert;
}

static bool may_alert(const struct report *report)
{
    const struct registry_row *row = report->row;
    bool silent = row != NULL && report->degraded == NULL &&
                  (row->role == ROLE_RECORDED || row->role == ROLE_CROSS_CHECK);
    return report->generic.alerts && !silent;
}

/* "volcano-VFVO50-109-20260901T120000Z" */
static const char *instance_id(const struct event_step *step)
{
    char *name = memory_text(step->context, strchr(strchr(step->key, '/') + 1, '/') + 1);
    for (char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash, '/'))
        *slash = '-';
    return memory_printf(step->context, "%s-%s-%s", hazard_name(step->report->generic.hazard),
                         text_token(step->context, name),
                         time_token(step->context, step->report->telegram->control_time));
}

struct event_change *generic_apply(const struct event_step *step)
{
    const struct telegram *telegram = step->report->telegram;
    struct event_life life;
    life_read(step->context, step->before, &life);
    bool ended = telegram->info_type == INFO_CANCEL || step->report->generic.released;
    if (!may_alert(step->report) && !(ended && step->before != NULL))
        return change_none(step, "recorded only");
    json_t *state = value_own(step->context, new_state(step, ended));
    int newer = strcmp(order_of(state), order_of(step->before));
    if (newer <= 0)
        return change_none(step, newer == 0 ? "no change: the same telegram again"
                                            : "older than what is known");
    usec_t until = value_instant(step->before, "expires");
    if (life.live && until != 0 && telegram->control_time >= until)
        life.live = false;
    /* What ran out was never said to be over; its release still goes to those who were told. */
    bool ran_out = !life.live && life.id != NULL && value_integer(step->before, "level") > 0;
    bool was_live = life.live || (ended && ran_out);
    bool same =
        was_live && text_equal(value_borrow(state, "digest"), value_borrow(step->before, "digest"));
    if (!ended && !was_live)
        life_begin(step->context, &life, step->status, instance_id(step), telegram->control_time);
    hold(state, was_live ? step->before : NULL);
    struct alert *alert = NULL;
    if ((life.live || was_live) &&
        !(same && life_renewal(&life, telegram->control_time) == RENEWAL_NONE))
        alert = new_alert(step, &life, step->before, state, ended);
    life.live = !ended;
    int level = value_integer(state, "level");
    life.peak = level > life.peak ? level : life.peak;
    value_set_instant(state, "expires", ended ? 0 : expires_of(step, false));
    life_write(state, &life);
    return change_state(step, json_incref(state), alert,
                        alert == NULL ? "nothing new to say" : NULL);
}

struct event_change *generic_expire(TALLOC_CTX *context, const struct event_state *event,
                                    usec_t now)
{
    usec_t at = value_instant(event->json, "expires");
    if (at == 0 || now < at)
        return NULL;
    json_t *state = memory_must(json_deep_copy(event->json));
    struct event_change *change = change_new(context, event->key);
    change->state = value_own(change, state);
    change->note = "ended by its time";
    struct event_life life;
    life_read(context, state, &life);
    life.live = false;
    value_set_instant(state, "expires", 0);
    life_write(state, &life);
    return change;
}
