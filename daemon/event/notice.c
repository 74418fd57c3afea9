/* Applies telegrams that are the whole state of one subject: volcanoes, floods, bulletins and
 * outlooks with a level for each place, and any telegram of which only title, headline and places
 * are understood.
 *
 * State: {"order", "digest", "level", "areas": {"system:code": {"name", "level", "kind", "grade"}},
 * "facts": {name: value}, "held": {…}, "expires", "life"}. The newest telegram of the key is the
 * whole state; the same again is no change; 取消 and 解除 end it, and so does its time. "held":
 * what was in force in this instance. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/apply.h"
#include "event/value.h"

#define NOTICE_USEFUL       USEC_PER_DAY
#define NOTICE_QUAKE_USEFUL USEC_PER_HOUR

const char *notice_key(TALLOC_CTX *context, const struct report *report)
{
    const struct telegram *telegram = report->telegram;
    const char *status = telegram_status_name(step_status(report));
    if (report_has_hazard(report))
        return memory_printf(context, "hazard/%s/%s/%s/%s", status,
                             hazard_name(report->hazard.hazard), report->hazard.family,
                             report->hazard.subject);
    if (text_given(telegram->event_id))
        return memory_printf(context, "generic/%s/%s/%s", status, telegram->code,
                             telegram->event_id);
    return memory_printf(context, "generic/%s/%s/%s/%s", status, telegram->code,
                         text_given(telegram->editorial_office) ? telegram->editorial_office : "-",
                         text_given(telegram->head_title) ? telegram->head_title
                                                          : telegram->control_title);
}

static enum hazard hazard_of(const struct report *report)
{
    return report_has_hazard(report) ? report->hazard.hazard : report->generic.hazard;
}

static const char *text_of(const struct report *report)
{
    return report_has_hazard(report) ? report->hazard.text : report->generic.text;
}

/* Told by its Japanese text: a new text is news. */
static bool is_prose(const struct report *report)
{
    return !report_has_hazard(report) || report->hazard.prose;
}

static bool is_over(const struct report *report)
{
    return report->telegram->info_type == INFO_CANCEL ||
           (report_has_hazard(report) ? report->hazard.level == 0 : report->generic.released);
}

static void put_place(json_t *places, enum area_system system, const char *code, const char *name,
                      int level, const char *kind, const char *grade)
{
    char place[128];
    snprintf(place, sizeof(place), "%s:%s", area_system_name(system), code);
    json_t *entry = memory_must(json_object());
    value_set_text(entry, "name", name);
    value_set_integer(entry, "level", level);
    value_set_text(entry, "kind", kind);
    value_set_text(entry, "grade", grade);
    json_object_set_new(places, place, entry);
}

static int generic_level(const struct generic_report *generic)
{
    return generic->level < 1 ? 1 : generic->level > 5 ? 5 : generic->level;
}

static json_t *places_of(const struct report *report)
{
    json_t *places = memory_must(json_object());
    if (!report_has_hazard(report)) {
        const struct generic_report *generic = &report->generic;
        for (size_t i = 0; i < generic->area_count; i++)
            put_place(places, generic->areas[i].system, generic->areas[i].code,
                      generic->areas[i].name, generic_level(generic), NULL, NULL);
        return places;
    }
    for (size_t i = 0; i < report->hazard.area_count; i++) {
        const struct hazard_area *area = &report->hazard.areas[i];
        if (area->level > 0)
            put_place(places, area->system, area->code, area->name, area->level, area->kind_code,
                      area->grade);
    }
    return places;
}

/* A telegram that says "at least so much" leaves what is graver as it is. */
static void keep_graver(json_t *places, const json_t *before)
{
    const char *place;
    json_t *old;
    json_object_foreach((json_t *)json_object_get(before, "areas"), place, old)
    {
        const json_t *now = json_object_get(places, place);
        if (now != NULL && value_integer(old, "level") > value_integer(now, "level"))
            json_object_set(places, place, old);
    }
}

/* A telegram that names only where it is worst now does not lift the rest. */
static void keep_places(const struct hazard_report *hazard, json_t *places, const json_t *before)
{
    const char *place;
    json_t *old;
    json_object_foreach((json_t *)json_object_get(before, "areas"), place, old)
    {
        if (json_object_get(places, place) != NULL)
            continue;
        json_t *entry = memory_must(json_deep_copy(old));
        value_set_integer(entry, "level", hazard->level);
        value_set_text(entry, "grade", hazard->grade);
        json_object_set_new(places, place, entry);
    }
}

/* What could not be read has neither ended nor become less grave. */
static void keep_known(json_t *places, const json_t *before)
{
    const char *place;
    json_t *old;
    keep_graver(places, before);
    json_object_foreach((json_t *)json_object_get(before, "areas"), place, old)
    {
        if (json_object_get(places, place) == NULL)
            json_object_set(places, place, old);
    }
}

static int highest(const json_t *places)
{
    int level = 0;
    const char *place;
    json_t *entry;
    json_object_foreach((json_t *)places, place, entry)
    {
        int own = value_integer(entry, "level");
        level = own > level ? own : level;
    }
    return level;
}

static int level_of(const struct report *report, const json_t *places)
{
    int level = highest(places);
    if (level > 0)
        return level;
    return report_has_hazard(report) ? report->hazard.level : generic_level(&report->generic);
}

static json_t *facts_of(const struct hazard_report *hazard)
{
    json_t *facts = memory_must(json_array());
    for (size_t i = 0; i < hazard->fact_count; i++) {
        json_t *fact = memory_must(json_object());
        value_set_text(fact, "name", hazard->facts[i].name);
        value_set_text(fact, "value", hazard->facts[i].value);
        value_set_instant(fact, "time", hazard->facts[i].time);
        json_array_append_new(facts, fact);
    }
    return facts;
}

/* What the telegram says, in the form of the state. */
static json_t *new_state(const struct event_step *step, bool over, bool live)
{
    const struct report *report = step->report;
    json_t *state = memory_must(json_object());
    json_t *places = over ? memory_must(json_object()) : places_of(report);
    if (live && report_has_hazard(report) && report->hazard.floor)
        keep_graver(places, step->before);
    if (live && !over && report_has_hazard(report) && report->hazard.keeps_places)
        keep_places(&report->hazard, places, step->before);
    /* A code that we do not know and that names no place does not say that places are safe. */
    bool unknown =
        report->row == NULL && report->kind == REPORT_GENERIC && report->generic.area_count == 0;
    if (live && !over && (report->degraded != NULL || unknown))
        keep_known(places, step->before);
    json_object_set_new(state, "areas", places);
    value_set_integer(state, "level", over ? 0 : level_of(report, places));
    if (report_has_hazard(report))
        json_object_set_new(state, "facts", facts_of(&report->hazard));
    if (is_prose(report)) {
        value_set_text(state, "title", report->telegram->head_title);
        value_set_text(state, "headline", report->telegram->headline);
        value_set_text(state, "text", text_of(report));
    }
    value_set_text(state, "digest", value_digest(step->context, state, 16));
    value_set_text(state, "order", step_order(step, state));
    return state;
}

static struct alert_area area_of(TALLOC_CTX *context, const char *place, const json_t *entry)
{
    const char *colon = strchr(place, ':');
    const char *system =
        memory_must(talloc_strndup(context, place, colon != NULL ? (size_t)(colon - place) : 0));
    return (struct alert_area){.system = area_system_from_name(system),
                               .code = colon != NULL ? colon + 1 : place,
                               .name_ja = value_borrow(entry, "name"),
                               .level = value_integer(entry, "level"),
                               .kind_code = value_borrow(entry, "kind"),
                               .grade = value_borrow(entry, "grade"),
                               .height_m = NAN};
}

/* In force now, and what was in this instance at level 0. */
static struct area_list view(TALLOC_CTX *context, const json_t *state)
{
    struct area_list list = {0};
    const char *place;
    json_t *entry;
    json_t *areas = json_object_get(state, "areas");
    json_object_foreach(areas, place, entry)
    {
        struct alert_area area = area_of(context, place, entry);
        area_list_add(context, &list, &area);
    }
    json_object_foreach((json_t *)json_object_get(state, "held"), place, entry)
    {
        if (json_object_get(areas, place) != NULL)
            continue;
        struct alert_area area = area_of(context, place, entry);
        area.level = 0;
        area.grade = NULL;
        area_list_add(context, &list, &area);
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

static usec_t expires_of(const struct event_step *step, bool over)
{
    const struct telegram *telegram = step->report->telegram;
    if (!over && report_has_hazard(step->report) && step->report->hazard.ends_at > 0)
        return step->report->hazard.ends_at;
    if (!over && telegram->valid_until > telegram->control_time)
        return telegram->valid_until;
    bool quake = hazard_of(step->report) == HAZARD_EARTHQUAKE && !report_has_hazard(step->report);
    return telegram->control_time + (quake && !over ? NOTICE_QUAKE_USEFUL : NOTICE_USEFUL);
}

static void add_hazard(const struct event_step *step, struct alert *alert)
{
    if (!report_has_hazard(step->report))
        return;
    const struct hazard_report *hazard = &step->report->hazard;
    alert->grade = hazard->grade;
    struct alert_fact *facts = memory_array(alert, struct alert_fact, hazard->fact_count + 1);
    for (size_t i = 0; i < hazard->fact_count; i++)
        facts[i] = (struct alert_fact){.name = hazard->facts[i].name,
                                       .value_ja = hazard->facts[i].value,
                                       .at = hazard->facts[i].time};
    alert->facts = facts;
    alert->fact_count = hazard->fact_count;
}

static struct alert *new_alert(const struct event_step *step, struct event_life *life,
                               const json_t *before, json_t *state, bool same)
{
    bool over = is_over(step->report);
    struct area_list old =
        life->alert_count > 0 ? view(step->context, before) : (struct area_list){0};
    struct area_list now = view(step->context, state);
    struct area_changes changes;
    area_list_compare(step->context, &old, &now, &changes);
    changes.before_level = life->alert_count > 0 ? value_integer(before, "level") : 0;
    changes.after_level = value_integer(state, "level");
    /* A warning at sea names no place of ours and begins and ends all the same. */
    changes.any = changes.any || changes.before_level != changes.after_level;
    usec_t at = step->report->telegram->control_time;
    enum renewal renewal = over ? RENEWAL_NONE : life_renewal(life, at);
    bool prose = is_prose(step->report);
    if (!over && ((prose && !same) || renewal == RENEWAL_PAST))
        area_list_renew(&now, &changes);
    if (!over && same && !changes.any && renewal == RENEWAL_NONE)
        return NULL;
    enum info_type info_type = step->report->telegram->info_type;
    enum alert_phase phase = phase_of(&changes, life, info_type, info_type == INFO_CANCEL);
    struct alert *alert = alert_of_step(step, life, hazard_of(step->report), phase, &now, &changes,
                                        expires_of(step, over), state);
    alert->generic = prose;
    alert->text_ja = prose ? text_of(step->report) : NULL;
    add_hazard(step, alert);
    return alert;
}

static bool may_alert(const struct report *report)
{
    if (report_has_hazard(report))
        return true;
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
    const char *time = time_token(step->context, step->report->telegram->control_time);
    if (report_has_hazard(step->report))
        return memory_printf(step->context, "%s-%s", text_token(step->context, name), time);
    return memory_printf(step->context, "%s-%s-%s", hazard_name(step->report->generic.hazard),
                         text_token(step->context, name), time);
}

struct event_change *notice_apply(const struct event_step *step)
{
    const struct telegram *telegram = step->report->telegram;
    struct event_life life;
    life_read(step->context, step->before, &life);
    bool over = is_over(step->report);
    if (!may_alert(step->report) && !(over && step->before != NULL))
        return change_none(step, "recorded only");
    usec_t until = value_instant(step->before, "expires");
    if (life.live && until != 0 && telegram->control_time >= until)
        life.live = false;
    json_t *state = value_own(step->context, new_state(step, over, life.live));
    int newer = strcmp(order_of(state), order_of(step->before));
    if (newer <= 0)
        return change_none(step, newer == 0 ? "no change: the same telegram again"
                                            : "older than what is known");
    /* What ran out was never said to be over; its release still goes to those who were told. */
    bool ran_out = !life.live && life.id != NULL && value_integer(step->before, "level") > 0;
    bool was_live = life.live || (over && ran_out);
    bool same =
        was_live && text_equal(value_borrow(state, "digest"), value_borrow(step->before, "digest"));
    if (!over && !was_live)
        life_begin(step->context, &life, step->status, instance_id(step), telegram->control_time);
    hold(state, was_live ? step->before : NULL);
    struct alert *alert = NULL;
    if (life.live || was_live)
        alert = new_alert(step, &life, step->before, state, same);
    life.live = !over;
    int level = value_integer(state, "level");
    life.peak = level > life.peak ? level : life.peak;
    value_set_instant(state, "expires", over ? 0 : expires_of(step, false));
    life_write(state, &life);
    return change_state(step, json_incref(state), alert,
                        alert == NULL ? "nothing new to say" : NULL);
}

struct event_change *notice_expire(TALLOC_CTX *context, const struct event_state *event, usec_t now)
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
