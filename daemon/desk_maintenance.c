/* Maintenance mode on the desk: begun, reminded of and ended, and what waited for its end. */
#include <errno.h>

#include "base/log.h"
#include "base/memory.h"
#include "desk_parts.h"
#include "ingest_step.h"

/* An alert may have been issued a little before we learned of it. */
#define LOOK_BACK (15 * USEC_PER_MINUTE)

static int begin(struct desk *desk, const char *reason, const char *by, usec_t now)
{
    size_t held = 0;
    int r = maintenance_begin(desk->maintenance, reason, by, now);
    if (r >= 0)
        r = staffing_hold(desk->staffing, "maintenance mode began", now, &held);
    return r;
}

/* What was not told and still holds is told now, in a transaction of its own. */
static int tell_kept(struct desk *desk, TALLOC_CTX *scratch, usec_t since, usec_t now,
                     struct ingest_result *result)
{
    json_t *list = NULL, *json;
    size_t i;
    int r = store_alerts_in_force(desk->store, now, &list);
    if (r >= 0)
        r = store_begin(desk->store);
    if (r < 0) {
        json_decref(list);
        return r;
    }
    json_array_foreach(list, i, json)
    {
        struct alert *alert = alert_from_json(scratch, json);
        if (r >= 0 && alert != NULL && alert->issued_at >= since - LOOK_BACK &&
            alert->hazard != HAZARD_BROADCAST && maintenance_keeps(desk->maintenance, alert))
            r = ingest_raise_alert(scratch, &desk->ingest_after, alert, false, now, result);
    }
    if (r >= 0)
        r = store_commit(desk->store);
    if (r < 0)
        store_rollback(desk->store);
    json_decref(list);
    return r;
}

static int end(struct desk *desk, TALLOC_CTX *scratch, usec_t now, struct ingest_result *result)
{
    usec_t since = maintenance_since(desk->maintenance);
    if (since == 0)
        return -EALREADY;
    desk->ingest_after = desk->ingest;
    desk->ingest_after.maintenance = NULL;
    /* A crash between the two steps tells a second time what nobody hears twice: fan-outs begin
     * once. */
    int r = tell_kept(desk, scratch, since, now, result);
    return r >= 0 ? maintenance_end(desk->maintenance) : r;
}

int desk_maintain(void *userdata, enum maintenance_step step, const char *reason, const char *by,
                  json_t *answer)
{
    struct desk *desk = userdata;
    TALLOC_CTX *scratch = talloc_new(desk);
    struct ingest_result result = {.outcome = OUTCOME_NO_CHANGE};
    usec_t now = desk_now(desk);
    int r = 0;
    if (step == MAINTENANCE_ON)
        r = begin(desk, reason, by, now);
    else if (step == MAINTENANCE_OFF)
        r = end(desk, scratch, now, &result);
    if (r >= 0 && step != MAINTENANCE_SHOW) {
        const char *text = memory_printf(scratch, "maintenance mode %s by %s%s%s",
                                         step == MAINTENANCE_ON ? "begun" : "ended", by,
                                         reason != NULL ? ": " : "", reason != NULL ? reason : "");
        log_warning("operator: look at this", "notice", text);
        desk_notice(desk, text);
        desk_report(desk, NULL, &result);
        desk_take_change(desk, true);
    }
    char since[CLOCK_TEXT_BYTES];
    const char *why = maintenance_reason(desk->maintenance);
    json_object_set_new(answer, "since",
                        json_string(clock_format_jst(maintenance_since(desk->maintenance), since)));
    json_object_set_new(answer, "reason", why != NULL ? json_string(why) : json_null());
    json_object_set_new(answer, "told", json_integer((json_int_t)result.alert_count));
    present_maintenance(desk->present, maintenance_since(desk->maintenance));
    talloc_free(scratch);
    return r;
}

void desk_remind(struct desk *desk, usec_t now, usec_t *ret_next)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    const char *text = maintenance_due(scratch, desk->maintenance, now, ret_next);
    if (text != NULL) {
        log_warning("operator: look at this", "notice", text);
        desk_notice(desk, text);
    }
    talloc_free(scratch);
}
