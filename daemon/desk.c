/* The desk: waits on its jobs until the next thing is due, does it, publishes.
 *
 *   job ─▶ poll_feed_done · poll_telegram_done ─▶ ingest_* · dispatch_take · request_answer
 *   due ─▶ poll_due · ingest_expired · dispatch_round · fanout_continue · present_publish
 *
 * A store that fails ends the process: what was promised is on disk, and the next start goes on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "canary.h"
#include "deliver/receivers.h"
#include "desk.h"
#include "dispatch.h"
#include "fallback.h"
#include "fanout.h"
#include "ingest.h"
#include "polling.h"
#include "present.h"
#include "recovery.h"
#include "reload.h"
#include "request.h"
#include "staffing.h"
#include "subscribers.h"
#include "telegram_file.h"
#include "upkeep.h"

/* Ended events are looked for this often; the page is made anew this often without any change. */
#define EXPIRY_INTERVAL    (10 * USEC_PER_SEC)
#define RETENTION          (30 * USEC_PER_DAY)
#define RETENTION_INTERVAL USEC_PER_HOUR
/* Smaller steps back are what NTP and leap seconds do. */
#define CLOCK_STEP (5 * USEC_PER_SEC)
/* The desk wakes this often to show that it lives, see watchdog.h. */
#define PULSE (2 * USEC_PER_SEC)
/* A configuration that was replaced is kept for answers that are being written with it. */
#define RETIRE_TIME USEC_PER_MINUTE
/* Old rows leave in pieces, so that nobody waits behind them. */
#define RETENTION_ROWS  500
#define RETENTION_PAUSE (200 * USEC_PER_MSEC)
#define SWEEP_INTERVAL  USEC_PER_SEC
/* So many jobs are taken before what is due is looked at again. */
#define JOBS_AT_ONCE 32

struct desk {
    const struct config *config;
    struct config *reloaded; /* `config` when it is not the one of the start */
    TALLOC_CTX *retired;     /* those before, except the one of the start */
    usec_t retired_until;    /* monotonic */
    struct store *store;
    struct queue *jobs, *orders;
    struct heartbeat *heartbeat;
    struct poll *poll;
    struct dispatch *dispatch;
    struct present *present;
    struct subscribers *subscribers;
    struct upkeep *upkeep;
    struct canary *canary;
    struct staffing *staffing;
    void (*staff_reply)(void *userdata, uint64_t ticket, const char *answer);
    void *staff_userdata;
    struct ingest ingest;
    struct fanout_work *fanout;
    bool fanning_out; /* an alert may still be on its way to everybody */
    usec_t next_expiry, next_retention, next_sweep;
    usec_t clock_offset; /* of the wall clock from the monotonic one; 0 not known yet */
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

static void ingest_configure(struct desk *desk, const struct config *config)
{
    desk->ingest.areas = config->areas;
    desk->ingest.catalogue = config->catalogue;
    desk->ingest.operator_name = config->operator_name;
    desk->ingest.page_url = config->page_url;
    desk->ingest.quake_age_max = config->quake_age_max;
}

static void notice(void *userdata, const char *text)
{
    struct desk *desk = userdata;
    present_notice(desk->present, text, clock_now());
    dispatch_mail_contact(desk->dispatch, text, clock_now());
}

/* Of the office of staff: a broadcast sent alone, broadcasts that are held. */
static void staff_notice(void *userdata, const char *text)
{
    log_warning("operator: look at this", "notice", text);
    notice(userdata, text);
}

static int other_form(void *userdata, const struct store_delivery *delivery,
                      enum delivery_channel channel, int64_t *ret_message)
{
    struct desk *desk = userdata;
    return fallback_message(&desk->ingest, delivery, channel, clock_now(), ret_message);
}

int desk_new(TALLOC_CTX *context, const struct desk_options *options, struct desk **ret_desk)
{
    struct desk *desk = memory_new(context, struct desk);
    const struct config *config = options->config;
    desk->config = config;
    desk->store = options->store;
    desk->jobs = options->jobs;
    desk->orders = options->orders;
    desk->heartbeat = options->heartbeat;
    desk->ingest.store = options->store;
    ingest_configure(desk, config);
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
    dispatch_hooks(
        desk->dispatch,
        &(struct dispatch_hooks){.other_form = other_form, .notice = notice, .userdata = desk});
    desk->canary = canary_new(desk, options->store);
    desk->upkeep =
        upkeep_new(desk, options->store, dispatch_receivers(desk->dispatch), notice, desk);
    desk->fanning_out = true; /* what a dead daemon left */
    desk->staff_reply = options->staff_reply;
    desk->staff_userdata = options->staff_userdata;
    r = staffing_new(desk, config, &desk->ingest, staff_notice, desk, now, &desk->staffing);
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
            notice(desk, aside);
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

/* Everything between two jobs: nobody sees half of it. */
static int use_config(struct desk *desk, struct config *config)
{
    int r = subscribers_configure(desk->subscribers, config);
    if (r < 0)
        return r;
    desk->config = config;
    ingest_configure(desk, config);
    dispatch_configure(desk->dispatch, config);
    poll_configure(desk->poll, config);
    present_configure(desk->present, config);
    desk->ingest.audience = subscribers_audience(desk->subscribers);
    if (desk->retired == NULL)
        desk->retired = talloc_new(desk);
    talloc_steal(desk->retired, desk->reloaded);
    desk->reloaded = config;
    desk->retired_until = clock_monotonic() + RETIRE_TIME;
    return 0;
}

static int reload(void *userdata, struct problems *problems)
{
    struct desk *desk = userdata;
    struct config *config;
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic());
    int r = reload_config(desk, desk->config, problems, &config);
    if (r >= 0)
        r = use_config(desk, config);
    for (size_t i = 0; i < problems->count; i++)
        log_warning("configuration", "problem", problem_text(problems, &problems->items[i]));
    if (r == -EINVAL)
        log_error("the new configuration is faulty: the old one stays");
    else if (r >= 0)
        log_notice("the configuration was taken anew");
    sd_notifyf(0, "READY=1\nSTATUS=%s",
               r == -EINVAL ? "The new configuration is faulty: the old one stays" : "Running");
    return r;
}

static int reload_on_signal(struct desk *desk)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    int r = reload(desk, problems_new(scratch));
    talloc_free(scratch);
    return r == -EINVAL ? 0 : r;
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
                                          .reload = reload,
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
    case JOB_RELOAD:
        r = reload_on_signal(desk);
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
        notice(desk, text);
    }
    if (r >= 0 && telegram.id != NULL) {
        present_canary(desk->present, canary_missing(desk->canary));
        r = store_put_telegram(desk->store, &telegram, &fresh);
        if (r >= 0)
            r = ingest_now(desk, &telegram, now);
    }
    talloc_free(scratch);
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

/* What waits for a time of the wall clock must not wait for hours because it was set back. */
static int watch_clock(struct desk *desk, usec_t now)
{
    usec_t offset = now - clock_monotonic(), before = desk->clock_offset;
    desk->clock_offset = offset;
    if (before == 0 || offset > before - CLOCK_STEP)
        return 0;
    log_warning("the clock was set back");
    desk->next_expiry = desk->next_retention = desk->next_sweep = now;
    poll_clock_back(desk->poll, now);
    receivers_clock_back(dispatch_receivers(desk->dispatch), now);
    upkeep_clock_back(desk->upkeep, now);
    present_changed(desk->present);
    return store_clock_back(desk->store, now);
}

/* Everything that time brings. *ret_wait: how long nothing more is due. */
static int do_due(struct desk *desk, usec_t *ret_wait)
{
    usec_t now = clock_now(), next_poll, next_delivery, next_upkeep, next_canary;
    bool changed = false;
    int r = watch_clock(desk, now);
    if (r >= 0)
        r = settle(desk, now);
    if (r >= 0)
        r = staffing_due(desk->staffing, now, &changed);
    take_change(desk, changed);
    if (r >= 0)
        r = expire_and_retain(desk, now);
    if (r >= 0)
        r = sweep(desk, now);
    if (r >= 0)
        r = upkeep_due(desk->upkeep, desk->config, now, &next_upkeep);
    if (r >= 0)
        r = send_canary(desk, now, &next_canary);
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
    next = next_upkeep < next ? next_upkeep : next;
    next = next_canary < next ? next_canary : next;
    if (desk->retired != NULL && clock_monotonic() > desk->retired_until)
        TALLOC_FREE(desk->retired);
    now = clock_now();
    *ret_wait = next > now && !desk->fanning_out ? next - now : 0;
    *ret_wait = *ret_wait < PULSE ? *ret_wait : PULSE;
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
    usec_t end = clock_monotonic() + (usec_t)desk->config->drain_seconds * USEC_PER_SEC;
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
        heartbeat_beat(desk->heartbeat, clock_monotonic());
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
