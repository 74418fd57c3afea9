/* The loop: one sd-event with transfer's nested set, the orders queue, two signals and the control
 * socket. It owns every socket; it decides nothing. */
#include <errno.h>
#include <signal.h>

#include "base/log.h"
#include "base/memory.h"
#include "control.h"
#include "loop.h"
#include "transfer/transfer.h"
#include "watchdog.h"
#include "work.h"

#define ORDERS_AT_ONCE 4
#define RETRY_TIME     (5 * USEC_PER_MSEC)

struct loop {
    sd_event *event;
    sd_event_source *orders_source, *interrupt, *terminate, *hangup;
    struct transfer *transfer;
    struct control *control;
    struct watchdog *watchdog;
    struct queue *jobs, *orders;
    /* Results of attempts, until this turn of the loop is over; then they go to the desk together,
     * or, while its queue is full, a moment later. */
    struct job *outcomes;
    sd_event_source *flush_source, *retry_source;
    bool stopping;
};

/* A transfer under way remembers what its result is for, and owns what its request points to. */
struct errand {
    struct loop *loop;
    enum job_kind kind;
    const char *name;
    int64_t alert, subscriber;
};

static void push_job(struct loop *loop, struct job *job)
{
    if (queue_push(loop->jobs, job) < 0)
        talloc_free(job);
}

static void hand_over_outcomes(struct loop *loop)
{
    if (loop->outcomes == NULL)
        return;
    int r = queue_try_push(loop->jobs, loop->outcomes);
    if (r == 0) {
        loop->outcomes = NULL;
    } else if (r == -EPIPE) {
        TALLOC_FREE(loop->outcomes);
    } else if (sd_event_source_set_time_relative(loop->retry_source, RETRY_TIME) < 0 ||
               sd_event_source_set_enabled(loop->retry_source, SD_EVENT_ONESHOT) < 0) {
        log_error("results cannot be handed to the desk now");
    }
}

static int on_turn_over(sd_event_source *source, void *userdata)
{
    (void)source;
    hand_over_outcomes(userdata);
    return 0;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    hand_over_outcomes(userdata);
    return 0;
}

static void errand_done(void *userdata, const struct transfer_result *result)
{
    struct errand *errand = userdata;
    struct loop *loop = errand->loop;
    if (errand->kind == JOB_ATTEMPTS) {
        if (loop->outcomes == NULL)
            loop->outcomes = job_new(JOB_ATTEMPTS, NULL, NULL);
        job_add_outcome(loop->outcomes, errand->alert, errand->subscriber, result);
    } else {
        push_job(loop, job_new(errand->kind, errand->name, result));
    }
    talloc_free(errand);
}

static void start_transfer(struct errand *errand, const struct transfer_request *request)
{
    if (transfer_start(errand->loop->transfer, request, errand_done, errand) == 0)
        return;
    const struct transfer_result refused = {.failure = TRANSFER_BAD_REQUEST,
                                            .error = "the request cannot be made"};
    errand_done(errand, &refused);
}

static struct errand *errand_new(struct loop *loop, enum job_kind kind)
{
    struct errand *errand = memory_new(loop, struct errand);
    errand->loop = loop;
    errand->kind = kind;
    return errand;
}

static void fetch(struct loop *loop, struct order *order, enum job_kind kind)
{
    struct errand *errand = errand_new(loop, kind);
    errand->name = order->name;
    talloc_steal(errand, order);
    start_transfer(errand, &order->request);
}

/* The desk's time need not be this machine's, whose clock may leap meanwhile: what is left of a
 * parcel's time runs by the monotonic clock. Each parcel lives as long as its own attempt. */
static void deliver(struct loop *loop, struct order *order)
{
    for (size_t i = 0; i < order->parcel_count; i++) {
        struct errand *errand = errand_new(loop, JOB_ATTEMPTS);
        struct parcel *parcel = talloc_steal(errand, order->parcels[i]);
        errand->alert = parcel->alert;
        errand->subscriber = parcel->subscriber;
        if (parcel->request.expires_at != 0)
            parcel->request.expires_at += order->monotonic - order->now;
        start_transfer(errand, &parcel->request);
    }
    talloc_free(order);
}

/* Takes the order over. */
static void carry_out(struct loop *loop, struct order *order)
{
    switch (order->kind) {
    case ORDER_FETCH_FEED:
        fetch(loop, order, JOB_FEED);
        return;
    case ORDER_FETCH_TELEGRAM:
        fetch(loop, order, JOB_TELEGRAM);
        return;
    case ORDER_DELIVER:
        deliver(loop, order);
        return;
    case ORDER_REPLY:
        control_reply(loop->control, order->client, order->text);
        break;
    case ORDER_STOPPED:
        sd_event_exit(loop->event, 0);
        break;
    }
    talloc_free(order);
}

static int on_orders(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    (void)source;
    (void)fd;
    (void)events;
    struct loop *loop = userdata;
    struct order *order;
    /* A few at a time: sockets have their turn in between. */
    for (int i = 0; i < ORDERS_AT_ONCE && (order = queue_pop(loop->orders, loop, 0)) != NULL; i++)
        carry_out(loop, order);
    return 0;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    (void)source;
    struct loop *loop = userdata;
    if (loop->stopping) {
        log_warning("stopped at once by a second signal");
        return sd_event_exit(loop->event, 1);
    }
    loop->stopping = true;
    log_notice("stopping", "signal", info->ssi_signo == SIGINT ? "INT" : "TERM");
    push_job(loop, job_new(JOB_STOP, NULL, NULL));
    return 0;
}

static int on_hangup(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    (void)source;
    (void)info;
    struct loop *loop = userdata;
    push_job(loop, job_new(JOB_RELOAD, NULL, NULL));
    return 0;
}

static void on_request(void *userdata, uint64_t client, const char *text)
{
    struct loop *loop = userdata;
    struct job *job = job_new(JOB_CONTROL, NULL, NULL);
    job->client = client;
    job->text = memory_text(job, text);
    push_job(loop, job);
}

static int loop_destroy(struct loop *loop)
{
    transfer_free(loop->transfer);
    sd_event_source_disable_unref(loop->flush_source);
    sd_event_source_disable_unref(loop->retry_source);
    control_free(loop->control);
    sd_event_source_disable_unref(loop->orders_source);
    sd_event_source_disable_unref(loop->interrupt);
    sd_event_source_disable_unref(loop->terminate);
    sd_event_source_disable_unref(loop->hangup);
    talloc_free(loop->watchdog);
    sd_event_unref(loop->event);
    return 0;
}

static int add_sources(struct loop *loop, const char *control_path,
                       const struct heartbeat *heartbeat)
{
    int r = sd_event_add_io(loop->event, &loop->orders_source, queue_fd(loop->orders), EPOLLIN,
                            on_orders, loop);
    if (r >= 0)
        r = sd_event_add_post(loop->event, &loop->flush_source, on_turn_over, loop);
    if (r >= 0)
        r = sd_event_add_time_relative(loop->event, &loop->retry_source, CLOCK_MONOTONIC,
                                       RETRY_TIME, 1, on_retry, loop);
    if (r >= 0)
        r = sd_event_source_set_enabled(loop->retry_source, SD_EVENT_OFF);
    if (r >= 0)
        r = sd_event_add_signal(loop->event, &loop->interrupt, SIGINT, on_signal, loop);
    if (r >= 0)
        r = sd_event_add_signal(loop->event, &loop->terminate, SIGTERM, on_signal, loop);
    if (r >= 0)
        r = sd_event_add_signal(loop->event, &loop->hangup, SIGHUP, on_hangup, loop);
    if (r >= 0)
        r = control_listen(loop, loop->event, control_path, on_request, loop, &loop->control);
    if (r >= 0)
        r = watchdog_start(loop, loop->event, heartbeat, &loop->watchdog);
    return r;
}

int loop_new(TALLOC_CTX *context, const struct config *config, const char *control_path,
             struct queue *jobs, struct queue *orders, const struct heartbeat *heartbeat,
             struct loop **ret_loop)
{
    struct loop *loop = memory_new(context, struct loop);
    loop->jobs = jobs;
    loop->orders = orders;
    int r = sd_event_new(&loop->event);
    if (r < 0) {
        talloc_free(loop);
        return r;
    }
    talloc_set_destructor(loop, loop_destroy);
    /* The desk hands over more than may be under way: by what waits, transfer sees that receivers
     * which hang hold up others. */
    const struct transfer_options options = {.event = loop->event,
                                             .allowed = config->allowed,
                                             .allowed_count = config->allowed_count,
                                             .ca_file = config->ca_file,
                                             .limit = config->transfers_limit * 3 / 4 + 1,
                                             .limit_per_host = 2,
                                             .mail_connections = config->mail_connections,
                                             .mail_host = config->email.host,
                                             .user_agent = "Noroshi/" NOROSHI_VERSION};
    r = transfer_new(loop, &options, &loop->transfer);
    if (r >= 0)
        r = add_sources(loop, control_path, heartbeat);
    if (r < 0) {
        talloc_free(loop);
        return r;
    }
    *ret_loop = loop;
    return 0;
}

int loop_run(struct loop *loop)
{
    return sd_event_loop(loop->event);
}

void loop_free(struct loop *loop)
{
    talloc_free(loop);
}
