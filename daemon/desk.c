/* The desk: waits on its jobs until the next thing is due, does it, publishes.
 *
 *   job ─▶ poll_feed_done · poll_telegram_done ─▶ ingest_* · dispatch_take · request_answer
 *   due ─▶ poll_due · ingest_expired · dispatch_round · fanout_continue · present_publish
 *
 * A store that fails ends the process: what was promised is on disk, and the next start goes on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "desk.h"
#include "dispatch.h"
#include "fanout.h"
#include "ingest.h"
#include "polling.h"
#include "present.h"
#include "request.h"
#include "staffing.h"
#include "subscribers.h"
#include "telegram_file.h"

/* Ended events are looked for this often; the page is made anew this often without any change. */
#define EXPIRY_INTERVAL    (10 * USEC_PER_SEC)
#define RETENTION          (30 * USEC_PER_DAY)
#define RETENTION_INTERVAL USEC_PER_HOUR
/* Old rows leave in pieces, so that nobody waits behind them. */
#define RETENTION_ROWS  500
#define RETENTION_PAUSE (200 * USEC_PER_MSEC)
#define SWEEP_INTERVAL  USEC_PER_SEC
/* So many jobs are taken before what is due is looked at again. */
#define JOBS_AT_ONCE 32
/* In flight transfers get this long when we stop. */
#define DRAIN_TIME     (5 * USEC_PER_SEC)
#define RECOVERY_TRIES 2

struct desk {
    const struct config *config;
    struct store *store;
    struct queue *jobs, *orders;
    struct poll *poll;
    struct dispatch *dispatch;
    struct present *present;
    struct subscribers *subscribers;
    struct staffing *staffing;
    void (*staff_reply)(void *userdata, uint64_t ticket, const char *answer);
    void *staff_userdata;
    struct ingest ingest;
    struct fanout_work *fanout;
    bool fanning_out; /* an alert may still be on its way to everybody */
    usec_t next_expiry, next_retention, next_sweep;
    bool stopping;
    bool settled_once;
};

static int load_first_start(struct desk *desk)
{
    const char *settled = NULL;
    int r = store_get_fact(desk->store, desk, "settled", &settled);
    desk->ingest.first_start = settled == NULL;
    desk->settled_once = settled != NULL;
    return r;
}

/* Of the office of staff: a broadcast sent alone, broadcasts that are held. */
static void take_notice(void *userdata, const char *text)
{
    struct desk *desk = userdata;
    log_warning("operator: look at this", "notice", text);
    present_notice(desk->present, text, clock_now());
}

int desk_new(TALLOC_CTX *context, const struct desk_options *options, struct desk **ret_desk)
{
    struct desk *desk = memory_new(context, struct desk);
    const struct config *config = options->config;
    desk->config = config;
    desk->store = options->store;
    desk->jobs = options->jobs;
    desk->orders = options->orders;
    desk->ingest = (struct ingest){.store = options->store,
                                   .areas = config->areas,
                                   .catalogue = config->catalogue,
                                   .operator_name = config->operator_name,
                                   .page_url = config->page_url,
                                   .quake_age_max = config->quake_age_max};
    usec_t now = clock_now();
    int r = subscribers_new(desk, config, options->store, &desk->subscribers);
    if (r >= 0)
        r = dispatch_new(desk, config, options->store, options->orders, &desk->dispatch);
    if (r >= 0)
        r = poll_new(desk, config, options->store, options->orders, now, &desk->poll);
    if (r >= 0)
        r = load_first_start(desk);
    if (r < 0) {
        talloc_free(desk);
        return r;
    }
    desk->present = present_new(desk, config, options->store, options->http, options->started_at);
    desk->ingest.audience = subscribers_audience(desk->subscribers);
    desk->fanout = fanout_work_new(desk);
    desk->fanning_out = true; /* what a dead daemon left */
    desk->staff_reply = options->staff_reply;
    desk->staff_userdata = options->staff_userdata;
    r = staffing_new(desk, config, &desk->ingest, take_notice, desk, now, &desk->staffing);
    if (r < 0) {
        talloc_free(desk);
        return r;
    }
    *ret_desk = desk;
    return 0;
}

/* One line for each thing that happened; notices go to operators too. */
static void report_result(struct desk *desk, const char *telegram,
                          const struct ingest_result *result)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    for (size_t i = 0; i < result->alert_count; i++) {
        const struct ingest_alert *item = &result->alerts[i];
        log_notice("alert", "alert", item->alert->id, "telegram", telegram, "status",
                   telegram_status_name(item->alert->status), "phase",
                   alert_phase_name(item->alert->phase), "level",
                   memory_printf(scratch, "%d", item->alert->level), "deliveries",
                   memory_printf(scratch, "%zu", item->deliveries), "withheld", item->withheld);
    }
    if (telegram != NULL && result->alert_count == 0)
        log_info("telegram", "telegram", telegram, "outcome",
                 telegram_outcome_name(result->outcome), "note", result->note);
    if (result->notice != NULL) {
        log_warning("operator: look at this", "telegram", telegram, "notice", result->notice);
        present_notice(desk->present, result->notice, clock_now());
    }
    if (result->alert_count > 0)
        present_changed(desk->present);
    desk->fanning_out = desk->fanning_out || result->alert_count > 0;
    talloc_free(scratch);
}

static int ingest_now(struct desk *desk, const struct store_telegram *telegram, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    struct ingest_result result;
    int r = ingest_telegram(scratch, &desk->ingest, telegram, now, problems_new(scratch), &result);
    if (r >= 0)
        report_result(desk, telegram->id, &result);
    talloc_free(scratch);
    return r;
}

static int take_telegram(struct desk *desk, const struct job *job, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    struct store_telegram telegram;
    struct store_entry entry;
    struct ingest_result result;
    bool overdue;
    int r = poll_telegram_done(desk->poll, scratch, job, now, &telegram, &entry, &overdue);
    if (r >= 0 && telegram.id != NULL) {
        r = ingest_now(desk, &telegram, now);
    } else if (r >= 0 && overdue) {
        r = ingest_entry(scratch, &desk->ingest, &entry, now, &result);
        if (r >= 0)
            report_result(desk, entry.id, &result);
    }
    talloc_free(scratch);
    return r;
}

/* A telegram that ended the process twice while it was ingested is set aside, so that it cannot do
 * so for ever (test 23); an operator is told. */
static int recovery_allowed(struct desk *desk, TALLOC_CTX *context,
                            const struct store_telegram *telegram, bool *ret_allowed)
{
    const char *name = memory_printf(context, "recovery:%s", telegram->id);
    const char *tries = NULL;
    int r = store_get_fact(desk->store, context, name, &tries);
    if (r < 0)
        return r;
    int count = tries != NULL ? atoi(tries) : 0;
    *ret_allowed = count < RECOVERY_TRIES;
    if (*ret_allowed)
        return store_put_fact(desk->store, name, memory_printf(context, "%d", count + 1));
    present_notice(
        desk->present,
        memory_printf(context, "telegram %s could not be taken in: read it by hand", telegram->id),
        clock_now());
    return store_finish_telegram(desk->store, telegram->id, telegram->code, telegram->control_time,
                                 OUTCOME_BROKEN, "set aside after it ended the process twice");
}

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
        r = recovery_allowed(desk, scratch, &all[i], &allowed);
        if (r < 0 || !allowed)
            continue;
        if (all[i].backlog)
            backlog[backlog_count++] = all[i];
        else
            r = ingest_now(desk, &all[i], now);
    }
    if (r >= 0 && backlog_count > 0) {
        struct ingest_result result;
        r = ingest_backlog(scratch, &desk->ingest, backlog, backlog_count, now,
                           problems_new(scratch), &result);
        if (r >= 0) {
            log_notice("caught up after a gap", "telegrams",
                       memory_printf(scratch, "%zu", backlog_count));
            report_result(desk, NULL, &result);
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

static int take_drill(void *userdata, const char *id, const char *code, const char *body,
                      size_t length, size_t *ret_deliveries)
{
    struct desk *desk = userdata;
    TALLOC_CTX *scratch = talloc_new(desk);
    struct telegram *telegram;
    struct ingest_result result = {0};
    struct store_telegram row;
    usec_t now = clock_now();
    bool fresh;
    int r = telegram_parse(scratch, id, body, length, problems_new(scratch), &telegram);
    if (r < 0) {
        r = -EBADMSG;
        goto finish;
    }
    if (telegram->status != STATUS_EXERCISE && telegram->status != STATUS_TEST) {
        r = -EPERM;
        goto finish;
    }
    row = (struct store_telegram){.id = id,
                                  .code = code,
                                  .url = "",
                                  .body = body,
                                  .body_length = length,
                                  .received_at = now,
                                  .control_time = telegram->control_time,
                                  .outcome = OUTCOME_RECEIVED};
    r = store_put_telegram(desk->store, &row, &fresh);
    if (r >= 0 && fresh)
        r = ingest_telegram(scratch, &desk->ingest, &row, now, problems_new(scratch), &result);
    if (r >= 0)
        report_result(desk, id, &result);
    for (size_t i = 0; r >= 0 && i < result.alert_count; i++)
        *ret_deliveries += result.alerts[i].deliveries;
finish:
    talloc_free(scratch);
    return r;
}

/* What staff changed is told and shown soon. */
static void take_change(struct desk *desk, bool changed)
{
    desk->ingest.silences = staffing_silences(desk->staffing);
    if (!changed)
        return;
    desk->fanning_out = true;
    present_changed(desk->present);
}

static int ask_staffing(void *userdata, TALLOC_CTX *context, const char *request,
                        const char **ret_answer)
{
    struct desk *desk = userdata;
    bool changed = false;
    int r = staffing_answer(context, desk->staffing, request, clock_now(), ret_answer, &changed);
    take_change(desk, changed);
    return r;
}

static int answer_staff(struct desk *desk, const struct job *job)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    const char *answer = NULL;
    int r = ask_staffing(desk, scratch, job->text, &answer);
    if (r >= 0 && desk->staff_reply != NULL)
        desk->staff_reply(desk->staff_userdata, job->client, answer);
    talloc_free(scratch);
    return r;
}

static int answer_request(struct desk *desk, const struct job *job, usec_t now)
{
    struct order *order = order_new(ORDER_REPLY, NULL);
    order->client = job->client;
    bool changed = false;
    const struct request_daemon daemon = {.status = present_status(desk->present),
                                          .take_drill = take_drill,
                                          .staff = ask_staffing,
                                          .userdata = desk};
    int r =
        request_answer(order, desk->subscribers, &daemon, job->text, now, &order->text, &changed);
    if (changed) {
        desk->ingest.audience = subscribers_audience(desk->subscribers);
        present_changed(desk->present);
    }
    if (r < 0 || queue_push(desk->orders, order) < 0)
        talloc_free(order);
    return r;
}

static int take_job(struct desk *desk, struct job *job)
{
    usec_t now = clock_now();
    int r = 0;
    switch (job->kind) {
    case JOB_FEED:
        r = poll_feed_done(desk->poll, job, now);
        break;
    case JOB_TELEGRAM:
        r = take_telegram(desk, job, now);
        break;
    case JOB_ATTEMPTS:
        dispatch_take(desk->dispatch, job);
        present_changed(desk->present);
        break;
    case JOB_CONTROL:
        r = answer_request(desk, job, now);
        break;
    case JOB_STAFF:
        r = answer_staff(desk, job);
        break;
    case JOB_STOP:
        desk->stopping = true;
        break;
    }
    talloc_free(job);
    return r;
}

static int expire_and_retain(struct desk *desk, usec_t now)
{
    int r = 0;
    if (now >= desk->next_expiry) {
        TALLOC_CTX *scratch = talloc_new(desk);
        struct ingest_result result;
        r = ingest_expired(scratch, &desk->ingest, now, &result);
        if (r >= 0)
            report_result(desk, NULL, &result);
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
    }
    return r;
}

/* One chunk, so that sending goes on meanwhile. */
static int fan_out(struct desk *desk)
{
    size_t added;
    return desk->fanning_out ? fanout_continue(desk->fanout, &desk->ingest, clock_now(), &added,
                                               &desk->fanning_out)
                             : 0;
}

/* Everything that time brings. *ret_wait: how long nothing more is due. */
static int do_due(struct desk *desk, usec_t *ret_wait)
{
    usec_t now = clock_now(), next_poll, next_delivery;
    bool changed = false;
    int r = settle(desk, now);
    if (r >= 0)
        r = staffing_due(desk->staffing, now, &changed);
    take_change(desk, changed);
    if (r >= 0)
        r = expire_and_retain(desk, now);
    if (r >= 0)
        r = sweep(desk, now);
    if (r >= 0)
        r = dispatch_round(desk->dispatch, clock_now(), &next_delivery);
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
    usec_t next = next_poll < next_delivery ? next_poll : next_delivery;
    usec_t presented = present_next(desk->present);
    next = presented < next ? presented : next;
    next = desk->next_expiry < next ? desk->next_expiry : next;
    next = staffing_next(desk->staffing) < next ? staffing_next(desk->staffing) : next;
    next = desk->next_retention < next ? desk->next_retention : next;
    now = clock_now();
    *ret_wait = next > now && !desk->fanning_out ? next - now : 0;
    return 0;
}

/* The first start shows the whole path with a recorded earthquake, as a drill. */
static int send_first_drill(struct desk *desk)
{
    const char *done = NULL;
    int r = store_get_fact(desk->store, desk, "first_drill", &done);
    if (r < 0 || done != NULL || desk->config->first_drill == NULL)
        return r;
    TALLOC_CTX *scratch = talloc_new(desk);
    struct store_telegram telegram;
    usec_t now = clock_now();
    r = telegram_file_drill(scratch, desk->config->first_drill, now, &telegram);
    if (r < 0) {
        log_warning("the first drill cannot be read", "error", strerror(-r));
        r = 0;
        goto finish;
    }
    bool fresh;
    r = store_put_telegram(desk->store, &telegram, &fresh);
    if (r >= 0)
        r = ingest_now(desk, &telegram, now);
    if (r >= 0)
        r = store_put_fact(desk->store, "first_drill", telegram.id);
finish:
    talloc_free(scratch);
    return r;
}

/* Waits for what is in flight, up to a limit; the rest is tried again at the next start. */
static int drain(struct desk *desk)
{
    usec_t end = clock_monotonic() + DRAIN_TIME;
    int r = 0;
    while (r >= 0 && dispatch_in_flight(desk->dispatch) > 0 && clock_monotonic() < end) {
        struct job *job = queue_pop(desk->jobs, desk, end);
        if (job == NULL)
            break;
        r = take_job(desk, job);
    }
    return r >= 0 ? dispatch_record(desk->dispatch, clock_now()) : r;
}

/* The next job, and those that wait behind it. */
static int take_jobs(struct desk *desk, usec_t wait)
{
    usec_t deadline = clock_monotonic() + wait;
    int r = 0;
    for (int i = 0; r >= 0 && i < JOBS_AT_ONCE; i++) {
        struct job *job = queue_pop(desk->jobs, desk, deadline);
        if (job == NULL)
            break;
        r = take_job(desk, job);
        deadline = 0;
    }
    return r;
}

static int desk_work(struct desk *desk)
{
    int r = send_first_drill(desk);
    while (r >= 0 && !desk->stopping) {
        usec_t wait = 0;
        r = do_due(desk, &wait);
        if (r < 0)
            break;
        r = take_jobs(desk, wait);
    }
    if (r >= 0)
        r = drain(desk);
    return r;
}

int desk_run(struct desk *desk)
{
    int r = desk_work(desk);
    if (r < 0)
        log_error("the store failed; ending, the next start goes on", "error", strerror(-r));
    struct order *order = order_new(ORDER_STOPPED, NULL);
    if (queue_push(desk->orders, order) < 0)
        talloc_free(order);
    return r;
}
