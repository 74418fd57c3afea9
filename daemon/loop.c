/* The loop: one sd-event with transfer's nested set, the orders queue, two signals and the control
 * socket. It owns every socket; it decides nothing. */
#include <errno.h>
#include <signal.h>

#include "base/log.h"
#include "base/memory.h"
#include "control.h"
#include "loop.h"
#include "transfer/transfer.h"
#include "work.h"

struct loop {
    sd_event *event;
    sd_event_source *orders_source, *interrupt, *terminate;
    struct transfer *transfer;
    struct control *control;
    struct queue *jobs, *orders;
    bool stopping;
};

/* A transfer under way: what its result is to be called. The order lives below it, because the
 * transfer reads it until the end. */
struct errand {
    struct loop *loop;
    enum job_kind kind;
    struct order *order;
};

static void push_job(struct loop *loop, struct job *job)
{
    if (queue_push(loop->jobs, job) < 0)
        talloc_free(job);
}

static void errand_done(void *userdata, const struct transfer_result *result)
{
    struct errand *errand = userdata;
    push_job(errand->loop, job_new(errand->kind, errand->order->name, result));
    talloc_free(errand);
}

static void start_transfer(struct loop *loop, struct order *order, enum job_kind kind)
{
    struct errand *errand = memory_new(loop, struct errand);
    errand->loop = loop;
    errand->kind = kind;
    errand->order = talloc_steal(errand, order);
    if (transfer_start(loop->transfer, &order->request, errand_done, errand) == 0)
        return;
    const struct transfer_result refused = {.failure = TRANSFER_BAD_REQUEST,
                                            .error = "the request cannot be made"};
    errand_done(errand, &refused);
}

/* Takes the order over. */
static void carry_out(struct loop *loop, struct order *order)
{
    switch (order->kind) {
    case ORDER_FETCH_FEED:
        start_transfer(loop, order, JOB_FEED);
        break;
    case ORDER_FETCH_TELEGRAM:
        start_transfer(loop, order, JOB_TELEGRAM);
        break;
    case ORDER_DELIVER:
        start_transfer(loop, order, JOB_ATTEMPT);
        break;
    case ORDER_REPLY:
        control_reply(loop->control, order->client, order->text);
        talloc_free(order);
        break;
    case ORDER_STOPPED:
        sd_event_exit(loop->event, 0);
        talloc_free(order);
        break;
    }
}

static int on_orders(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    (void)source;
    (void)fd;
    (void)events;
    struct loop *loop = userdata;
    struct order *order;
    while ((order = queue_pop(loop->orders, loop, 0)) != NULL)
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
    control_free(loop->control);
    sd_event_source_disable_unref(loop->orders_source);
    sd_event_source_disable_unref(loop->interrupt);
    sd_event_source_disable_unref(loop->terminate);
    sd_event_unref(loop->event);
    return 0;
}

static int add_sources(struct loop *loop, const char *control_path)
{
    int r = sd_event_add_io(loop->event, &loop->orders_source, queue_fd(loop->orders), EPOLLIN,
                            on_orders, loop);
    if (r >= 0)
        r = sd_event_add_signal(loop->event, &loop->interrupt, SIGINT, on_signal, loop);
    if (r >= 0)
        r = sd_event_add_signal(loop->event, &loop->terminate, SIGTERM, on_signal, loop);
    if (r >= 0)
        r = control_listen(loop, loop->event, control_path, on_request, loop, &loop->control);
    if (r >= 0)
        r = sd_event_set_watchdog(loop->event, true);
    return r;
}

int loop_new(TALLOC_CTX *context, const struct config *config, const char *control_path,
             struct queue *jobs, struct queue *orders, struct loop **ret_loop)
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
    const struct transfer_options options = {.event = loop->event,
                                             .allowed = config->allowed,
                                             .allowed_count = config->allowed_count,
                                             .ca_file = config->ca_file,
                                             .limit = config->transfers_limit,
                                             .limit_per_host = 2,
                                             .mail_connections = config->mail_connections,
                                             .mail_host = config->email.host,
                                             .user_agent = "Noroshi/" NOROSHI_VERSION};
    r = transfer_new(loop, &options, &loop->transfer);
    if (r >= 0)
        r = add_sources(loop, control_path);
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
