/* Order of telegrams, instances and the common part of alerts, see step.h. */
#include "event/step.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"

/* Half the life of an alert that lives for a day. */
#define RENEW_BEFORE (12 * USEC_PER_HOUR)

enum telegram_status step_status(const struct report *report)
{
    if (report->telegram->info_type == INFO_UNKNOWN)
        return STATUS_UNKNOWN;
    return report->telegram->status;
}

static int info_rank(enum info_type info_type)
{
    return info_type == INFO_CANCEL ? 2 : info_type == INFO_CORRECTION ? 1 : 0;
}

const char *step_order(const struct event_step *step, const json_t *content)
{
    const struct telegram *telegram = step->report->telegram;
    return memory_printf(step->context, "%020lld.%d.%s", (long long)telegram->control_time,
                         info_rank(telegram->info_type), value_digest(step->context, content, 12));
}

const char *order_of(const json_t *object)
{
    const char *order = value_borrow(object, "order");
    return order != NULL ? order : "";
}

usec_t order_time(const json_t *object)
{
    return strtoll(order_of(object), NULL, 10);
}

struct event_change *change_new(TALLOC_CTX *context, const char *key)
{
    struct event_change *change = memory_new(context, struct event_change);
    change->key = memory_text(change, key);
    return change;
}

struct event_change *change_none(const struct event_step *step, const char *note)
{
    struct event_change *change = change_new(step->context, step->key);
    change->note = note;
    return change;
}

struct event_change *change_state(const struct event_step *step, json_t *state, struct alert *alert,
                                  const char *note)
{
    struct event_change *change = change_none(step, note);
    change->state = value_own(change, state);
    change->alert = alert;
    return change;
}

void life_read(TALLOC_CTX *context, const json_t *state, struct event_life *ret_life)
{
    const json_t *json = json_object_get(state, "life");
    const json_t *alerts = json_object_get(json, "alerts");
    *ret_life = (struct event_life){
        .id = value_text(context, json, "id"),
        .begun = value_instant(json, "begun"),
        .live = value_flag(json, "live"),
        .peak = value_integer(json, "peak"),
        .until = value_instant(json, "until"),
        .alerts = memory_array(context, const char *, LIFE_ALERTS_MAX),
    };
    for (size_t i = 0; i < json_array_size(alerts) && i < LIFE_ALERTS_MAX; i++) {
        const char *id = json_string_value(json_array_get(alerts, i));
        if (id != NULL)
            ret_life->alerts[ret_life->alert_count++] = memory_text(context, id);
    }
}

void life_write(json_t *state, const struct event_life *life)
{
    json_t *json = memory_must(json_object());
    value_set_text(json, "id", life->id);
    value_set_instant(json, "begun", life->begun);
    value_set_flag(json, "live", life->live);
    value_set_integer(json, "peak", life->peak);
    value_set_instant(json, "until", life->until);
    json_t *alerts = memory_must(json_array());
    for (size_t i = 0; i < life->alert_count; i++)
        json_array_append_new(alerts, json_string(life->alerts[i]));
    json_object_set_new(json, "alerts", alerts);
    json_object_set_new(state, "life", json);
}

void life_begin(TALLOC_CTX *context, struct event_life *life, enum telegram_status status,
                const char *id, usec_t begun)
{
    const char *prefix = status == STATUS_ACTUAL ? "" : telegram_status_name(status);
    life->id = memory_printf(context, "%s%s%s", prefix, prefix[0] != '\0' ? "-" : "", id);
    life->begun = begun;
    life->live = true;
    life->peak = 0;
    life->until = 0;
    life->alert_count = 0;
}

const char *text_token(TALLOC_CTX *context, const char *text)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(text);
    if (length > 0 && length <= 64 && strspn(text, allowed) == length)
        return memory_text(context, text);
    return text_hash(context, text, length, 16);
}

const char *time_token(TALLOC_CTX *context, usec_t time)
{
    time_t seconds = (time_t)(time / USEC_PER_SEC);
    struct tm parts = {0};
    gmtime_r(&seconds, &parts);
    char text[32];
    strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &parts);
    return memory_text(context, text);
}

/* Remembers an alert as the newest of the instance, at most LIFE_ALERTS_MAX. */
static void life_remember(TALLOC_CTX *context, struct event_life *life, const char *alert_id)
{
    const char **alerts = memory_array(context, const char *, LIFE_ALERTS_MAX);
    size_t drop = life->alert_count == LIFE_ALERTS_MAX ? 1 : 0;
    size_t count = 0;
    for (size_t i = drop; i < life->alert_count; i++)
        alerts[count++] = life->alerts[i];
    alerts[count++] = alert_id;
    life->alerts = alerts;
    life->alert_count = count;
}

enum alert_phase phase_of(const struct area_changes *changes, const struct event_life *life,
                          enum info_type info_type, bool cancelled)
{
    if (changes->after_level == 0 && changes->before_level > 0)
        return cancelled || info_type == INFO_CORRECTION ? PHASE_CANCEL : PHASE_ALL_CLEAR;
    if (life->alert_count == 0 || (changes->before_level == 0 && changes->after_level > 0))
        return PHASE_ISSUE;
    if (info_type == INFO_CORRECTION || cancelled)
        return PHASE_CORRECTION;
    if (changes->after_level > changes->before_level)
        return PHASE_UPGRADE;
    if (changes->after_level < changes->before_level)
        return PHASE_DOWNGRADE;
    return PHASE_UPDATE;
}

static const char *alert_id(const struct event_step *step, const struct event_life *life,
                            const json_t *content)
{
    const struct telegram *telegram = step->report->telegram;
    return memory_printf(
        step->context, "%s-%s-%s-%s", life->id, time_token(step->context, telegram->control_time),
        text_token(step->context, telegram->code), value_digest(step->context, content, 8));
}

struct alert *alert_of_step(const struct event_step *step, struct event_life *life,
                            enum hazard hazard, enum alert_phase phase,
                            const struct area_list *areas, const struct area_changes *changes,
                            usec_t expires, const json_t *content)
{
    const struct telegram *telegram = step->report->telegram;
    struct alert *alert = memory_new(step->context, struct alert);
    bool ended = phase == PHASE_CANCEL || phase == PHASE_ALL_CLEAR;
    *alert = (struct alert){
        .id = alert_id(step, life, content),
        .event_id = life->id,
        .event_key = step->key,
        .hazard = hazard,
        .status = step->status,
        .phase = phase,
        .level = ended ? changes->before_level : changes->after_level,
        .telegram_id = telegram->id,
        .code = telegram->code,
        .title_ja =
            text_given(telegram->head_title) ? telegram->head_title : telegram->control_title,
        .headline_ja = telegram->headline,
        .office_ja = text_given(telegram->publishing_office) ? telegram->publishing_office
                                                             : telegram->editorial_office,
        .issued_at = telegram->control_time,
        .reported_at = telegram->reported_at,
        .onset = telegram->target_at != 0 ? telegram->target_at : telegram->reported_at,
        .expires = expires,
        .areas = areas->items,
        .area_count = areas->count,
        .references = life->alerts,
        .reference_count = life->alert_count,
    };
    life_remember(step->context, life, alert->id);
    life->until = expires;
    return alert;
}

enum renewal life_renewal(const struct event_life *life, usec_t at)
{
    if (!life->live || life->until == 0 || at + RENEW_BEFORE < life->until)
        return RENEWAL_NONE;
    return at < life->until ? RENEWAL_NEAR : RENEWAL_PAST;
}
