/* The desk: waits on its jobs until the next thing is due, does it, publishes.
 *
 *   job ─▶ poll_feed_done · poll_telegram_done ─▶ ingest_* · dispatch_take · request_answer
 *   due ─▶ desk_due.c
 *
 * A store that fails ends the process: what was promised is on disk, and the next start goes on. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "deliver/receivers.h"
#include "desk_parts.h"
#include "fallback.h"
#include "request.h"
#include "store/emergency.h"
#include "telegram_file.h"

/* So many jobs are taken before what is due is looked at again. */
#define JOBS_AT_ONCE 32

static int load_first_start(struct desk *desk)
{
    const char *settled = NULL;
    int r = store_get_fact(desk->store, desk, "settled", &settled);
    desk->ingest.first_start = settled == NULL;
    desk->settled_once = settled != NULL;
    return r;
}

void desk_notice(void *userdata, const char *text)
{
    struct desk *desk = userdata;
    usec_t now = desk_now(desk);
    present_notice(desk->present, text, now);
    dispatch_mail_contact(desk->dispatch, text, now);
}

/* Of the office of staff: a broadcast sent alone, broadcasts that are held. */
static void staff_notice(void *userdata, const char *text)
{
    log_warning("operator: look at this", "notice", text);
    desk_notice(userdata, text);
}

static int other_form(void *userdata, const struct store_delivery *delivery,
                      enum delivery_channel channel, int64_t *ret_message)
{
    struct desk *desk = userdata;
    return fallback_message(&desk->ingest, delivery, channel, desk_now(desk), ret_message);
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
    desk_ingest_by(desk, config);
    usec_t now = clock_now();
    int r = subscribers_new(desk, config, options->store, &desk->subscribers);
    if (r >= 0)
        r = poll_new(desk, config, options->store, options->orders, now, &desk->poll);
    if (r >= 0)
        r = desk_time_new(desk, &now);
    if (r >= 0)
        r = dispatch_new(desk, config, options->store, options->orders, now, &desk->dispatch);
    if (r >= 0)
        r = load_first_start(desk);
    if (r >= 0)
        r = maintenance_new(desk, options->store, &desk->maintenance);
    if (r < 0) {
        talloc_free(desk);
        return r;
    }
    desk->present = present_new(desk, config, options->store, options->http, options->started_at);
    desk->ingest.audience = subscribers_audience(desk->subscribers);
    desk->ingest.maintenance = desk->maintenance;
    present_maintenance(desk->present, maintenance_since(desk->maintenance));
    desk->fanout = fanout_work_new(desk);
    dispatch_hooks(desk->dispatch, &(struct dispatch_hooks){.other_form = other_form,
                                                            .notice = desk_notice,
                                                            .userdata = desk});
    desk->canary = canary_new(desk, options->store);
    desk->upkeep =
        upkeep_new(desk, options->store, dispatch_receivers(desk->dispatch), desk_notice, desk);
    desk->fanning_out = true; /* what a dead daemon left */
    desk->staff_reply = options->staff_reply;
    desk->staff_userdata = options->staff_userdata;
    desk->interrupted = talloc_steal(desk, options->interrupted);
    if (store_detached(options->store))
        desk_notice(desk, "the disk is full: messages go out from memory and nothing is kept; "
                          "make room");
    const struct staffing_desk around = {.notice = staff_notice,
                                         .look = desk_look_at_config,
                                         .take = desk_take_config,
                                         .userdata = desk};
    r = staffing_new(desk, config, &desk->ingest, &around, now, &desk->staffing);
    if (r >= 0)
        r = desk_begin_config(desk, now);
    if (r < 0) {
        talloc_free(desk);
        return r;
    }
    *ret_desk = desk;
    return 0;
}

/* One line for each thing that happened; notices go to operators too. */
void desk_report(struct desk *desk, const char *telegram, const struct ingest_result *result)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    for (size_t i = 0; i < result->alert_count; i++) {
        const struct ingest_alert *item = &result->alerts[i];
        log_notice("alert", "alert", item->alert->id, "telegram", telegram, "status",
                   telegram_status_name(item->alert->status), "phase",
                   alert_phase_name(item->alert->phase), "level",
                   memory_printf(scratch, "%d", item->alert->level), "deliveries",
                   memory_printf(scratch, "%zu", item->deliveries), "withheld", item->withheld,
                   "durable", store_detached(desk->store) ? "no" : NULL);
    }
    if (telegram != NULL && result->alert_count == 0)
        log_info("telegram", "telegram", telegram, "outcome",
                 telegram_outcome_name(result->outcome), "note", result->note);
    if (result->notice != NULL) {
        log_warning("operator: look at this", "telegram", telegram, "notice", result->notice);
        present_notice(desk->present, result->notice, desk_now(desk));
    }
    if (result->alert_count > 0)
        present_changed(desk->present);
    desk->fanning_out = desk->fanning_out || result->alert_count > 0;
    talloc_free(scratch);
}

int desk_ingest(struct desk *desk, const struct store_telegram *telegram, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    struct ingest_result result;
    int r = ingest_telegram(scratch, &desk->ingest, telegram, now, problems_new(scratch), &result);
    if (r >= 0)
        desk_report(desk, telegram->id, &result);
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
        r = desk_ingest(desk, &telegram, now);
    } else if (r >= 0 && overdue) {
        r = ingest_entry(scratch, &desk->ingest, &entry, now, &result);
        if (r >= 0)
            desk_report(desk, entry.id, &result);
    }
    talloc_free(scratch);
    return r;
}

static int take_drill(void *userdata, const char *id, const char *code, const char *body,
                      size_t length, size_t *ret_deliveries)
{
    struct desk *desk = userdata;
    TALLOC_CTX *scratch = talloc_new(desk);
    struct telegram *telegram;
    struct ingest_result result = {0};
    struct store_telegram row;
    usec_t now = desk_now(desk);
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
        desk_report(desk, id, &result);
    for (size_t i = 0; r >= 0 && i < result.alert_count; i++)
        *ret_deliveries += result.alerts[i].deliveries;
finish:
    talloc_free(scratch);
    return r;
}

/* What staff changed is told and shown soon. */
void desk_take_change(struct desk *desk, bool changed)
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
    int r = staffing_answer(context, desk->staffing, request, desk_now(desk), ret_answer, &changed);
    desk_take_change(desk, changed);
    return r >= 0 ? desk_use_taken(desk) : r;
}

static int show_shift(void *userdata, TALLOC_CTX *context, json_t **ret_shift)
{
    struct desk *desk = userdata;
    return staffing_shift(desk->staffing, context, desk_now(desk), ret_shift);
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
                                          .reload = desk_reload,
                                          .staff = ask_staffing,
                                          .shift = show_shift,
                                          .chain_test = desk_begin_chain_test,
                                          .maintain = desk_maintain,
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

static int take_feed(struct desk *desk, const struct job *job)
{
    desk_hear_time(desk, &job->result);
    int r = poll_feed_done(desk->poll, job, desk_now(desk));
    return r >= 0 ? desk_hear_page(desk) : r;
}

static int take_job(struct desk *desk, struct job *job)
{
    usec_t now = desk_now(desk);
    int r = 0;
    switch (job->kind) {
    case JOB_FEED:
        r = take_feed(desk, job);
        break;
    case JOB_TELEGRAM:
        r = take_telegram(desk, job, now);
        break;
    case JOB_ATTEMPTS:
        dispatch_take(desk->dispatch, job, now);
        present_changed(desk->present);
        break;
    case JOB_CONTROL:
        r = answer_request(desk, job, now);
        break;
    case JOB_RELOAD:
        r = desk_reload_on_signal(desk);
        break;
    case JOB_STAFF:
        r = answer_staff(desk, job);
        break;
    case JOB_STOP:
        desk->stopping = true;
        break;
    }
    if (r == -ENOSPC && (job->kind == JOB_CONTROL || job->kind == JOB_STAFF))
        desk->interrupted = job;
    else
        talloc_free(job);
    return r;
}

struct job *desk_interrupted(struct desk *desk, TALLOC_CTX *context)
{
    struct job *job = talloc_steal(context, desk->interrupted);
    desk->interrupted = NULL;
    return job;
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
    usec_t now = desk_now(desk);
    r = telegram_file_drill(scratch, desk->config->first_drill, now, &telegram);
    if (r < 0) {
        log_warning("the first drill cannot be read", "error", strerror(-r));
        r = 0;
        goto finish;
    }
    bool fresh;
    r = store_put_telegram(desk->store, &telegram, &fresh);
    if (r >= 0)
        r = desk_ingest(desk, &telegram, now);
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
    return r >= 0 ? dispatch_record(desk->dispatch, desk_now(desk)) : r;
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
    struct job *interrupted = desk_interrupted(desk, desk);
    int r = send_first_drill(desk);
    if (r >= 0 && interrupted != NULL)
        r = take_job(desk, interrupted);
    while (r >= 0 && !desk->stopping) {
        usec_t wait = 0;
        r = desk_do_due(desk, &wait);
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
    if (r >= 0)
        r = store_attach(desk->store);
    if (r < 0)
        log_error("the store failed", "error", strerror(-r), "fault",
                  store_fault(desk, desk->store));
    return r;
}
