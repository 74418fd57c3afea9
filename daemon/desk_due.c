/* What time brings to the desk:
 *
 *   poll_due · ingest_expired · dispatch_round · fanout_continue · upkeep · canary ·
 * present_publish */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "desk_parts.h"
#include "recovery.h"
#include "store/emergency.h"

/* Ended events are looked for this often; the page is made anew this often without any change. */
#define EXPIRY_INTERVAL    (10 * USEC_PER_SEC)
#define RETENTION          (30 * USEC_PER_DAY)
#define RETENTION_INTERVAL USEC_PER_HOUR
/* Old rows leave in pieces, so that nobody waits behind them. */
#define RETENTION_ROWS  500
#define RETENTION_PAUSE (200 * USEC_PER_MSEC)
#define SWEEP_INTERVAL  USEC_PER_SEC
#define ATTACH_INTERVAL (5 * USEC_PER_SEC)
/* /readyz tells of a store that cannot be written within five seconds. */
#define CHECK_INTERVAL (4 * USEC_PER_SEC)
/* The desk wakes this often to show that it lives, see watchdog.h. */
#define PULSE (2 * USEC_PER_SEC)

/* Telegrams that are stored but not ingested: those of a crash one by one, the backlog together. */
static int recover(struct desk *desk, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    struct store_telegram *all, *backlog;
    size_t count, backlog_count = 0;
    int r = store_unfinished_telegrams(desk->store, scratch, &all, &count);
    if (r < 0 || count == 0)
        goto finish;
    backlog = memory_array(scratch, struct store_telegram, count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        bool allowed;
        const char *aside;
        r = recovery_allowed(desk->store, scratch, &all[i], &allowed, &aside);
        if (r >= 0 && aside != NULL)
            desk_notice(desk, aside);
        if (r < 0 || !allowed)
            continue;
        if (all[i].backlog)
            backlog[backlog_count++] = all[i];
        else
            r = desk_ingest(desk, &all[i], now);
    }
    if (r >= 0 && backlog_count > 0) {
        struct ingest_result result;
        r = ingest_backlog(scratch, &desk->ingest, backlog, backlog_count, now,
                           problems_new(scratch), &result);
        if (r >= 0) {
            log_notice("caught up after a gap", "telegrams",
                       memory_printf(scratch, "%zu", backlog_count));
            desk_report(desk, NULL, &result);
            present_changed(desk->present);
        }
    }
finish:
    talloc_free(scratch);
    return r;
}

static int settle(struct desk *desk, usec_t now)
{
    int r = poll_backlog_ready(desk->poll) ? recover(desk, now) : 0;
    if (r < 0 || desk->settled_once || !poll_settled(desk->poll))
        return r;
    desk->settled_once = true;
    desk->ingest.first_start = false;
    char text[CLOCK_TEXT_BYTES];
    return store_put_fact(desk->store, "settled", clock_format_utc(now, text));
}

static int expire_and_retain(struct desk *desk, usec_t now)
{
    int r = 0;
    if (now >= desk->next_expiry) {
        TALLOC_CTX *scratch = talloc_new(desk);
        struct ingest_result result;
        r = ingest_expired(scratch, &desk->ingest, now, &result);
        if (r >= 0)
            desk_report(desk, NULL, &result);
        talloc_free(scratch);
        desk->next_expiry = now + EXPIRY_INTERVAL;
    }
    if (r >= 0 && now >= desk->next_retention) {
        bool more = false;
        r = store_retain(desk->store, now - RETENTION, RETENTION_ROWS, &more);
        desk->next_retention = now + (more ? RETENTION_PAUSE : RETENTION_INTERVAL);
    }
    return r;
}

/* Every delivery ends within a bound; an operator hears of those that did not. */
static int sweep(struct desk *desk, usec_t now)
{
    size_t late;
    if (now < desk->next_sweep)
        return 0;
    desk->next_sweep = now + SWEEP_INTERVAL;
    int r = dispatch_sweep(desk->dispatch, now, &late);
    if (r >= 0 && late > 0) {
        char text[96];
        snprintf(text, sizeof(text), "%zu deliveries had no end within their bound: given up",
                 late);
        log_error("deliveries broke their bound and are given up", "notice", text);
        present_notice(desk->present, text, now);
        present_late_ends(desk->present, late);
    }
    return r;
}

/* From here on it is a telegram like any other. */
static int send_canary(struct desk *desk, usec_t now, usec_t *ret_next)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    struct store_telegram telegram;
    const char *text;
    bool fresh;
    int r =
        canary_due(desk->canary, scratch, (usec_t)desk->config->canary_minutes * USEC_PER_MINUTE,
                   now, &telegram, &text, ret_next);
    if (r >= 0 && text != NULL) {
        log_warning("canary", "notice", text);
        desk_notice(desk, text);
    }
    if (r >= 0 && telegram.id != NULL) {
        present_canary(desk->present, canary_missing(desk->canary));
        r = store_put_telegram(desk->store, &telegram, &fresh);
        if (r >= 0)
            r = desk_ingest(desk, &telegram, now);
    }
    talloc_free(scratch);
    return r;
}

/* One chunk, so that sending goes on meanwhile. */
static int fan_out(struct desk *desk)
{
    struct fanout_count count;
    if (!desk->fanning_out || dispatch_is_hungry(desk->dispatch))
        return 0;
    int r =
        fanout_continue(desk->fanout, &desk->ingest, desk_now(desk), &count, &desk->fanning_out);
    desk->fanned_out.held += count.held;
    if (r < 0 || desk->fanning_out)
        return r;
    TALLOC_CTX *scratch = talloc_new(desk);
    const char *held = fanout_held_notice(scratch, &desk->fanned_out);
    if (held != NULL)
        desk_notice(desk, held);
    desk->fanned_out = (struct fanout_count){0};
    talloc_free(scratch);
    return 0;
}

/* The disk was full: as soon as it takes something again, everything is put there. */
static int leave_emergency(struct desk *desk)
{
    if (!store_detached(desk->store) || clock_monotonic() < desk->next_attach)
        return 0;
    desk->next_attach = clock_monotonic() + ATTACH_INTERVAL;
    int r = store_attach(desk->store);
    if (r >= 0) {
        desk->next_check = 0;
        desk_notice(desk, "the disk can be written again: everything is kept");
        log_notice("the disk can be written again: everything is kept");
    }
    return r == -ENOSPC ? 0 : r;
}

/* Below the reserve only warnings are taken on. */
static void watch_room(struct desk *desk)
{
    int64_t reserve = 0;
    bool low = store_low(desk->store, &reserve);
    if (low == desk->low)
        return;
    desk->low = low;
    char *text =
        memory_printf(desk,
                      low ? "less than the reserve of %lld KiB is free on the disk of the "
                            "store: new broadcasts and subscribers are refused, warnings "
                            "go on; make room"
                          : "more than the reserve of %lld KiB is free again: everything is "
                            "taken on",
                      (long long)(reserve / 1024));
    log_warning("the disk of the store", "notice", text);
    desk_notice(desk, text);
    talloc_free(text);
}

/* A disk that is full is noticed before somebody needs it. */
static int check_store(struct desk *desk)
{
    if (clock_monotonic() < desk->next_check)
        return 0;
    desk->next_check = clock_monotonic() + CHECK_INTERVAL;
    bool detached = store_detached(desk->store), before = desk->store_fails;
    int r = store_try(desk->store);
    desk->store_fails = r < 0 && !detached;
    if (desk->store_fails && !before)
        log_error("the store cannot be written", "error", strerror(-r), "fault",
                  store_fault(desk, desk->store));
    present_store(desk->present, r >= 0, detached);
    watch_room(desk);
    return r == -ENOSPC && !detached ? r : 0;
}

/* The server is being asked what time it is (feed/timekeeper.h): nothing begins, ends or leaves. */
static int wait_for_time(struct desk *desk, usec_t now, usec_t *ret_next)
{
    *ret_next = now + PULSE;
    return dispatch_record(desk->dispatch, now);
}

/* What depends on how late it is. */
static int judge_by_time(struct desk *desk, usec_t now, usec_t *ret_next)
{
    usec_t next_upkeep = now, next_delivery = now;
    bool changed = false;
    int r = settle(desk, now);
    if (r >= 0)
        r = staffing_due(desk->staffing, now, &changed);
    desk_take_change(desk, changed);
    if (r >= 0)
        r = expire_and_retain(desk, now);
    if (r >= 0)
        r = sweep(desk, now);
    if (r >= 0)
        r = upkeep_due(desk->upkeep, desk->config, now, &next_upkeep);
    if (r >= 0)
        r = dispatch_round(desk->dispatch, desk_now(desk), &next_delivery);
    usec_t next = next_delivery < next_upkeep ? next_delivery : next_upkeep;
    next = desk->next_expiry < next ? desk->next_expiry : next;
    next = desk->next_retention < next ? desk->next_retention : next;
    *ret_next = staffing_next(desk->staffing) < next ? staffing_next(desk->staffing) : next;
    return r;
}

/* Everything that time brings. *ret_wait: how long nothing more is due. */
int desk_do_due(struct desk *desk, usec_t *ret_wait)
{
    usec_t now = desk_now(desk), next_poll, next_canary, next_reminder, next;
    usec_t next_test = now + PULSE;
    int r = leave_emergency(desk);
    if (r >= 0)
        r = check_store(desk);
    if (r >= 0)
        r = desk_watch_clock(desk, now);
    if (r >= 0)
        r = send_canary(desk, now, &next_canary);
    if (r >= 0 && !desk->asking)
        r = desk_test_due(desk, now, &next_test);
    desk_remind(desk, now, &next_reminder);
    if (r >= 0)
        r = desk->asking ? wait_for_time(desk, now, &next) : judge_by_time(desk, now, &next);
    if (r >= 0)
        r = fan_out(desk);
    if (r >= 0)
        r = poll_due(desk->poll, now, &next_poll);
    if (r < 0)
        return r;
    /* People are told first; the page follows within a moment. */
    bool idle = queue_length(desk->jobs) == 0 && dispatch_in_flight(desk->dispatch) == 0 &&
                !desk->fanning_out;
    present_publish(desk->present, desk->poll, desk->dispatch, idle, now);
    next = next_poll < next ? next_poll : next;
    usec_t presented = present_next(desk->present);
    next = presented < next ? presented : next;
    next = next_canary < next ? next_canary : next;
    next = next_test < next ? next_test : next;
    next = next_reminder < next ? next_reminder : next;
    if (desk->retired != NULL && clock_monotonic() > desk->retired_until)
        TALLOC_FREE(desk->retired);
    now = desk_now(desk);
    *ret_wait = next > now && !desk->fanning_out ? next - now : 0;
    *ret_wait = *ret_wait < PULSE ? *ret_wait : PULSE;
    return 0;
}
