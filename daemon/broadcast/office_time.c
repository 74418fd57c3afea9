/* What time and restarts do: nothing manual leaves by itself (H-10, H-14). */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "event/value.h"

#define LIST_MOST       500
#define REQUEST_LASTS   USEC_PER_DAY
#define FORGET_INTERVAL USEC_PER_HOUR
#define LOOK_INTERVAL   (30 * USEC_PER_SEC)

int office_progress(struct office *office, const struct broadcast *broadcast, json_t **ret_progress)
{
    usec_t reached = 0;
    json_t *json = NULL;
    *ret_progress = NULL;
    if (broadcast->alert_id == NULL)
        return 0;
    int r = store_broadcast_progress(office->options.store, broadcast->alert_id, &json);
    if (r >= 0)
        r = store_broadcast_reached_at(office->options.store, broadcast->alert_id, 99, &reached);
    if (r < 0)
        return r;
    usec_t first = value_instant(json, "first_at"), last = value_instant(json, "last_at");
    value_set_time(json, "first_at", first);
    value_set_time(json, "last_at", last);
    json_object_set_new(json, "seconds_to_first",
                        first != 0 ? json_real((double)(first - broadcast->sent_at) / 1e6)
                                   : json_null());
    json_object_set_new(json, "seconds_to_99",
                        reached != 0 ? json_real((double)(reached - broadcast->sent_at) / 1e6)
                                     : json_null());
    *ret_progress = json;
    return 0;
}

int office_audit_time(struct office *office, TALLOC_CTX *context, const char *what,
                      const struct broadcast *broadcast, const char *why, usec_t now)
{
    struct audit_record record = {.at = now,
                                  .who = "noroshi",
                                  .via = "time",
                                  .from = "this machine",
                                  .what = what,
                                  .object = broadcast->id,
                                  .why = why,
                                  .detail = ""};
    return office_audit(office, context, &record);
}

static bool can_leave(const struct broadcast *broadcast)
{
    return broadcast->alert_id != NULL ||
           (broadcast->state == BROADCAST_SCHEDULED && broadcast->held == NULL);
}

static int hold_one(struct office *office, TALLOC_CTX *context, struct broadcast *broadcast,
                    const char *why, usec_t now, size_t *count)
{
    int64_t waiting = 0;
    int r = 0;
    if (broadcast->alert_id != NULL)
        r = store_hold_alert(office->options.store, broadcast->alert_id, &waiting);
    bool scheduled = broadcast->state == BROADCAST_SCHEDULED && broadcast->held == NULL;
    if (r < 0 || (waiting == 0 && !scheduled))
        return r;
    broadcast->held = why;
    broadcast->confirmed_at = 0;
    (*count)++;
    r = office_put(office, broadcast);
    return r >= 0 ? office_audit_time(office, context, "hold", broadcast, why, now) : r;
}

static int hold_kind(struct office *office, TALLOC_CTX *context, enum broadcast_kind kind,
                     const char *why, usec_t now, size_t *count)
{
    json_t *rows = NULL;
    int r = store_list_broadcasts(office->options.store, broadcast_kind_name(kind), NULL, LIST_MOST,
                                  &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        struct broadcast *broadcast = broadcast_from_json(context, json_array_get(rows, i));
        if (broadcast != NULL && can_leave(broadcast))
            r = hold_one(office, context, broadcast, why, now, count);
    }
    json_decref(rows);
    return r;
}

int office_hold(struct office *office, const char *why, usec_t now, size_t *ret_count)
{
    TALLOC_CTX *scratch = talloc_new(office);
    *ret_count = 0;
    int r = store_begin(office->options.store);
    if (r >= 0) {
        r = hold_kind(office, scratch, BROADCAST_LIVE, why, now, ret_count);
        if (r >= 0)
            r = hold_kind(office, scratch, BROADCAST_DRILL, why, now, ret_count);
        if (r >= 0)
            r = store_commit(office->options.store);
        if (r < 0)
            store_rollback(office->options.store);
    }
    if (r >= 0 && *ret_count > 0)
        office->options.operations.notice(
            office->options.operations.userdata,
            memory_printf(scratch,
                          "%zu broadcasts of staff are held (%s): release or drop them by hand",
                          *ret_count, why));
    talloc_free(scratch);
    return r;
}

int office_load_silences(struct office *office, usec_t now)
{
    json_t *rows = NULL;
    int r = store_list_silences(office->options.store, now, &rows);
    if (r < 0)
        return r;
    talloc_free(office->silences);
    office->silences = NULL;
    size_t count = 0, size = json_array_size(rows);
    TALLOC_CTX *parent = talloc_new(office);
    struct silence **list = memory_array(parent, struct silence *, size + 1);
    for (size_t i = 0; i < size; i++) {
        list[count] = silence_from_json(list, json_array_get(rows, i));
        count += list[count] != NULL;
    }
    json_decref(rows);
    if (count > 0) {
        office->silences = silences_new(office, office->options.areas, list, count);
        talloc_steal(office->silences, list);
    }
    talloc_free(parent);
    return 0;
}

int office_start(struct office *office, usec_t now)
{
    size_t count;
    int r = office_hold(office, "the daemon was started", now, &count);
    return r >= 0 ? office_load_silences(office, now) : r;
}

static void tell_lapse(struct office *office, TALLOC_CTX *context,
                       const struct broadcast *broadcast)
{
    char at[CLOCK_TEXT_BYTES];
    const char *text = NULL;
    if (broadcast->state == BROADCAST_DROPPED)
        text = memory_printf(context, "the drill %s was dropped: nobody confirmed it in time",
                             broadcast->id);
    else if (broadcast->state == BROADCAST_SCHEDULED)
        text = memory_printf(context,
                             "the drill %s goes at %s only if somebody confirms it before then:"
                             " noroshi drill confirm %s",
                             broadcast->id, clock_format_jst(broadcast->scheduled_at, at),
                             broadcast->id);
    if (text != NULL)
        office->options.operations.notice(office->options.operations.userdata, text);
}

static const char *lapse_name(const struct broadcast *after, bool going)
{
    if (going)
        return "send scheduled";
    if (after->state == BROADCAST_SCHEDULED)
        return "ask for confirmation";
    return after->state == BROADCAST_DROPPED ? "drop unconfirmed" : "approval ends";
}

bool office_paused(const struct office *office, const struct broadcast *broadcast)
{
    const struct office_operations *operations = &office->options.operations;
    bool news = broadcast->phase == BROADCAST_ISSUE || broadcast->phase == BROADCAST_UPDATE;
    return news && operations->paused != NULL && operations->paused(operations->userdata) != NULL;
}

/* Nobody who confirmed it knew of the work on the machine: it is dropped as if nobody had. */
static bool pause_drill(const struct office *office, struct broadcast *after, usec_t now)
{
    if (!office_paused(office, after))
        return false;
    after->state = BROADCAST_DROPPED;
    after->sent_at = 0;
    after->ended_at = now;
    after->sender = NULL;
    after->alone = ALONE_NOT;
    return true;
}

static int lapse_one(struct office *office, TALLOC_CTX *context, const struct broadcast *before,
                     usec_t now, bool *ret_changed)
{
    bool going;
    size_t deliveries = 0;
    struct broadcast *after = broadcast_lapse(context, before, now, &going);
    if (after == NULL)
        return 0;
    if (going && pause_drill(office, after, now))
        going = false;
    int r =
        going ? office_raise(office, context, after, now, &deliveries) : office_put(office, after);
    if (r < 0)
        return r;
    *ret_changed = true;
    tell_lapse(office, context, after);
    r = office_audit_time(office, context, lapse_name(after, going), after, "", now);
    if (r >= 0 && (going || after->state == BROADCAST_DROPPED))
        r = office_plan_over(office, context, after, now);
    return r;
}

static int lapse_all(struct office *office, usec_t now, bool *ret_changed)
{
    TALLOC_CTX *scratch = talloc_new(office);
    json_t *rows = NULL;
    int r = store_begin(office->options.store);
    if (r >= 0) {
        r = store_lapsing_broadcasts(office->options.store, now, &rows);
        for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
            struct broadcast *before = broadcast_from_json(scratch, json_array_get(rows, i));
            if (before != NULL)
                r = lapse_one(office, scratch, before, now, ret_changed);
        }
        if (r >= 0)
            r = store_commit(office->options.store);
        if (r < 0)
            store_rollback(office->options.store);
    }
    json_decref(rows);
    talloc_free(scratch);
    return r;
}

/* A clock that was set, or a machine that slept: what was typed before belongs to another time. */
static const char *jump(const struct office *office, usec_t now, usec_t monotonic)
{
    if (office->last_monotonic == 0)
        return NULL;
    usec_t step = llabs((now - office->last_wall) - (monotonic - office->last_monotonic));
    if (step > BROADCAST_CLOCK_STEP)
        return "the clock was set by more than ten minutes";
    return monotonic - office->last_monotonic > BROADCAST_ABSENCE
               ? "nobody was at work here for half an hour"
               : NULL;
}

int office_due(struct office *office, usec_t now, usec_t monotonic, bool *ret_changed)
{
    const char *why = jump(office, now, monotonic);
    size_t count = 0;
    int r = 0;
    *ret_changed = false;
    office->last_wall = now;
    office->last_monotonic = monotonic;
    if (why != NULL) {
        r = office_hold(office, why, now, &count);
        *ret_changed = count > 0;
        office->next_at = 0;
    }
    if (r < 0 || now < office->next_at)
        return r;
    r = lapse_all(office, now, ret_changed);
    if (r >= 0)
        r = office_tell_drills(office, now);
    if (r >= 0)
        r = office_load_silences(office, now);
    if (r >= 0 && now >= office->next_forget) {
        r = store_forget_staff(office->options.store, now - REQUEST_LASTS, now - USEC_PER_DAY);
        office->next_forget = now + FORGET_INTERVAL;
    }
    usec_t lapse = 0;
    if (r >= 0)
        r = store_next_lapse(office->options.store, &lapse);
    office->next_at = now + LOOK_INTERVAL;
    if (lapse > 0 && lapse < office->next_at)
        office->next_at = lapse;
    return r;
}
