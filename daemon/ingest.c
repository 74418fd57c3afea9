/* Telegram → durable deliveries: the straight line, one transaction.
 *
 *   telegram_parse → report_parse → event_apply → (alert) → fanout_begin → store_commit
 *
 * Nothing here waits, and nothing is kept between two calls: what was said before is in the store.
 * A telegram that breaks in the middle of this leaves no trace but its own row, which is ingested
 * again after a restart. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "fanout.h"
#include "ingest.h"
#include "ingest_step.h"
#include "keep_alert.h"
#include "maintenance.h"

/* After this an alert says that it comes late. */
#define DELAYED_AFTER (10 * USEC_PER_MINUTE)
/* On the very first start only alerts of this level that are in force are sent from the past;
 * shaking that is over never is. */
#define FIRST_START_LEVEL 4

/* Why an alert that changed something is told to nobody; NULL: tell. */
static const char *withhold_reason(const struct ingest *ingest, const struct alert *alert,
                                   bool backlog, usec_t now)
{
    if (maintenance_keeps(ingest->maintenance, alert))
        return "maintenance mode";
    if (alert->status == STATUS_UNKNOWN)
        return "its status is neither actual nor a drill";
    if (alert->expires <= now)
        return "it was no longer in force when we learned of it";
    /* Shaking is over in a minute; what may come (it has a grade) is not. */
    bool shaking = alert->hazard == HAZARD_EARTHQUAKE && alert->grade == NULL;
    if (shaking && alert->reported_at > 0 && now - alert->reported_at > ingest->quake_age_max)
        return "the earthquake report was too old when we learned of it";
    if (backlog && ingest->first_start &&
        !(alert->status == STATUS_ACTUAL && alert->level >= FIRST_START_LEVEL && !shaking &&
          alert_in_force(alert, now)))
        return "it was issued before the first start";
    return NULL;
}

static struct ingest_alert *result_alert(TALLOC_CTX *context, struct ingest_result *result)
{
    struct ingest_alert *alerts =
        memory_grow(context, (void *)result->alerts, result->alert_count, sizeof(*alerts));
    result->alerts = alerts;
    struct ingest_alert *item = &alerts[result->alert_count++];
    *item = (struct ingest_alert){0};
    return item;
}

int ingest_keep_alert(const struct ingest *ingest, const struct alert *alert, bool sent, usec_t now,
                      bool *ret_new)
{
    return keep_alert(ingest->store, alert, alert_in_force(alert, now), sent, ret_new);
}

/* Stores an alert and, unless it is withheld, tells those whom it concerns. */
int ingest_raise_alert(TALLOC_CTX *context, const struct ingest *ingest, struct alert *alert,
                       bool backlog, usec_t now, struct ingest_result *result)
{
    alert->delayed = now - alert->issued_at > DELAYED_AFTER;
    alert->delay_unknown = ingest->clock_doubtful && !alert->delayed;
    const char *withheld = withhold_reason(ingest, alert, backlog, now);
    bool fresh = false;
    int r = ingest_keep_alert(ingest, alert, withheld == NULL, now, &fresh);
    if (r < 0)
        return r;
    struct fanout_count count = {0};
    if (withheld == NULL) {
        r = fanout_begin(context, ingest, alert, now, &count);
        if (r < 0)
            return r;
        ingest_add_notice(context, result, fanout_held_notice(context, &count));
    }
    struct ingest_alert *item = result_alert(context, result);
    item->alert = alert;
    item->deliveries = count.deliveries;
    item->withheld = withheld;
    return 0;
}

/* One state through event_apply and back into the store. */
int ingest_apply_key(TALLOC_CTX *context, const struct ingest *ingest, const struct report *report,
                     const char *key, usec_t now, const struct event_change **ret_change)
{
    json_t *before = NULL;
    int r = store_get_event(ingest->store, key, &before);
    if (r < 0)
        return r;
    const struct event_state state = {.key = key, .json = before};
    struct event_change *change = event_apply(context, ingest->areas, &state, report, now);
    json_decref(before);
    if (change->state != NULL) {
        r = store_put_event(ingest->store, key, change->state, event_expires_at(change->state),
                            now);
        if (r < 0)
            return r;
    }
    *ret_change = change;
    return 0;
}

static enum telegram_outcome outcome_of(const struct report *report,
                                        const struct ingest_result *result)
{
    bool told = false;
    for (size_t i = 0; i < result->alert_count; i++)
        told = told || result->alerts[i].withheld == NULL;
    if (report->row == NULL)
        return OUTCOME_UNKNOWN_CODE;
    bool compared = report->row->role == ROLE_RECORDED || report->row->role == ROLE_CROSS_CHECK;
    if (compared && result->alert_count == 0)
        return OUTCOME_RECORDED;
    if (report->telegram->status != STATUS_ACTUAL)
        return OUTCOME_DRILL;
    if (result->alert_count == 0)
        return OUTCOME_NO_CHANGE;
    return told ? OUTCOME_ALERTED : OUTCOME_PAST;
}

static bool names_no_place(const struct report *report)
{
    if (report_has_hazard(report))
        return report->hazard.level >= 3 && report->hazard.area_count == 0;
    return report->kind == REPORT_GENERIC && report->generic.alerts && report->generic.level >= 3 &&
           report->generic.area_count == 0;
}

static const char *notice_of(TALLOC_CTX *context, const struct report *report, bool times_changed)
{
    const struct telegram *telegram = report->telegram;
    char time[CLOCK_TEXT_BYTES];
    if (report->row == NULL)
        return memory_printf(context, "unknown telegram code %s (%s): check by hand",
                             telegram->code, telegram->control_title);
    if (telegram->status == STATUS_UNKNOWN)
        return memory_printf(context, "%s has an unknown status and was told to nobody",
                             telegram->code);
    if (telegram->info_type == INFO_UNKNOWN)
        return memory_printf(context, "%s has an unknown info type and was told to nobody",
                             telegram->code);
    if (names_no_place(report))
        return memory_printf(context, "%s (%s) names no place: nobody was told, act by hand",
                             telegram->code, telegram->head_title);
    if (report->degraded != NULL)
        return memory_printf(context, "%s was not fully understood: %s", telegram->code,
                             report->degraded);
    if (times_changed)
        return memory_printf(context, "%s has a time that cannot be; taken as sent at %s",
                             telegram->code, clock_format_jst(telegram->control_time, time));
    return NULL;
}

/* The words of a drill inside a telegram that claims to be actual (rule H-18). */
static bool drill_words(const struct telegram *telegram)
{
    return text_contains(telegram->headline, "訓練") ||
           text_contains(telegram->head_title, "訓練") ||
           text_contains(telegram->headline, "これは試験") ||
           text_contains(telegram->head_title, "試験");
}

/* Bytes to report; a telegram that is no XML report gives NULL and a broken outcome. */
struct report *ingest_read_report(TALLOC_CTX *context, const struct ingest *ingest,
                                  const struct store_telegram *row, struct problems *problems,
                                  struct ingest_result *result)
{
    struct telegram *telegram;
    if (telegram_parse(context, row->id, row->body, row->body_length, problems, &telegram) < 0) {
        result->outcome = OUTCOME_BROKEN;
        result->note = problems->count > 0
                           ? problem_text(context, &problems->items[problems->count - 1])
                           : "not a JMA report";
        result->notice = memory_printf(context, "telegram %s is broken: %s", row->id, result->note);
        return NULL;
    }
    if (ingest->drills_only)
        telegram->status = STATUS_EXERCISE;
    bool times_changed = telegram_settle_times(telegram, row->received_at);
    struct report *report = report_parse(context, ingest->areas, telegram, problems);
    result->notice = notice_of(context, report, times_changed);
    if (telegram->status == STATUS_ACTUAL && drill_words(telegram)) {
        telegram->status = STATUS_EXERCISE;
        result->notice = memory_printf(
            context, "%s says 通常 but speaks of a drill: treated as a drill, check by hand",
            telegram->code);
    }
    return report;
}

const struct report *const *ingest_parts(TALLOC_CTX *context, const struct ingest *ingest,
                                         const struct report *report, size_t *ret_count)
{
    if (report->kind == REPORT_WEATHER && report->weather.national)
        return weather_of_offices(context, ingest->areas, report, ret_count);
    const struct report **parts = memory_array(context, const struct report *, 1);
    parts[0] = report;
    *ret_count = 1;
    return parts;
}

static int ingest_part(TALLOC_CTX *context, const struct ingest *ingest,
                       const struct report *report, bool backlog, usec_t now,
                       struct ingest_result *result)
{
    size_t count;
    const char **keys = event_keys(context, ingest->areas, report, &count);
    for (size_t i = 0; i < count; i++) {
        const struct event_change *change;
        int r = ingest_apply_key(context, ingest, report, keys[i], now, &change);
        if (r < 0)
            return r;
        if (change->note != NULL)
            result->note = change->note;
        ingest_add_notice(context, result, change->notice);
        if (change->alert != NULL) {
            r = ingest_raise_alert(context, ingest, change->alert, backlog, now, result);
            if (r < 0)
                return r;
        }
    }
    const struct ingest_moment moment = {.now = now, .backlog = backlog};
    return ingest_crosscheck(context, ingest, report, &moment, result);
}

int ingest_report(TALLOC_CTX *context, const struct ingest *ingest, const struct report *report,
                  bool backlog, usec_t now, struct ingest_result *result)
{
    size_t count;
    const struct report *const *parts = ingest_parts(context, ingest, report, &count);
    int r = 0;
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = ingest_part(context, ingest, parts[i], backlog, now, result);
    return r;
}

int ingest_telegram(TALLOC_CTX *context, const struct ingest *ingest,
                    const struct store_telegram *row, usec_t now, struct problems *problems,
                    struct ingest_result *ret_result)
{
    struct ingest_result result = {.outcome = OUTCOME_NO_CHANGE};
    const char *code = row->code;
    usec_t control_time = row->control_time;
    int r = store_begin(ingest->store);
    if (r < 0)
        return r;
    const struct report *report = ingest_read_report(context, ingest, row, problems, &result);
    if (report != NULL) {
        code = report->telegram->code;
        control_time = report->telegram->control_time;
        r = ingest_report(context, ingest, report, row->backlog, now, &result);
        if (r < 0)
            goto rollback;
        result.outcome = outcome_of(report, &result);
    }
    r = store_finish_telegram(ingest->store, row->id, code, control_time, result.outcome,
                              result.notice != NULL ? result.notice : result.note);
    if (r < 0)
        goto rollback;
    r = store_commit(ingest->store);
    if (r < 0)
        goto rollback;
    *ret_result = result;
    return 0;
rollback:
    store_rollback(ingest->store);
    return r;
}

int ingest_expired(TALLOC_CTX *context, const struct ingest *ingest, usec_t now,
                   struct ingest_result *ret_result)
{
    struct ingest_result result = {.outcome = OUTCOME_NO_CHANGE};
    char **keys = NULL;
    size_t count = 0;
    int r = store_begin(ingest->store);
    if (r < 0)
        return r;
    r = store_expiring_events(ingest->store, context, now, &keys, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        json_t *before = NULL;
        if (ingest_is_crosscheck(keys[i])) {
            r = ingest_crosscheck_due(context, ingest, keys[i], now, &result);
            continue;
        }
        r = store_get_event(ingest->store, keys[i], &before);
        if (r < 0)
            break;
        const struct event_state state = {.key = keys[i], .json = before};
        struct event_change *change = event_expire(context, ingest->areas, &state, now);
        /* A state with nothing to end is written back so that it is not asked for again. */
        const json_t *after = change != NULL && change->state != NULL ? change->state : before;
        usec_t next = event_expires_at(after);
        r = store_put_event(ingest->store, keys[i], after, next > now ? next : 0, now);
        if (r >= 0 && change != NULL && change->alert != NULL)
            r = ingest_raise_alert(context, ingest, change->alert, false, now, &result);
        json_decref(before);
    }
    if (r >= 0)
        r = store_commit(ingest->store);
    if (r < 0) {
        store_rollback(ingest->store);
        return r;
    }
    *ret_result = result;
    return 0;
}
