/* noroshi run: makes the parts in order, runs, takes them down in reverse.
 *
 *   configuration → store → queues → http → desk → loop        (loop on this thread, desk on its
 * own) */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

#include "base/heartbeat.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/queue.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "desk.h"
#include "http/page.h"
#include "http/staff.h"
#include "loop.h"
#include "store/emergency.h"
#include "store/store.h"
#include "work.h"

#define JOBS_MAX   8192
#define ORDERS_MAX 8192
/* For an alert and its first thousand deliveries. */
#define DESK_BYTES       ((size_t)4 * 1024 * 1024)
#define LOOP_BYTES       ((size_t)2 * 1024 * 1024)
#define PAGE_STALE_AFTER (90 * USEC_PER_SEC)

struct parts {
    TALLOC_CTX *context;
    struct config *config;
    struct store *store;
    struct queue *jobs, *orders;
    struct heartbeat *heartbeat;
    struct http_server *http;
    struct staff_server *staff;
    struct staff_pages staff_pages;
    struct desk *desk;
    struct loop *loop;
    pthread_t desk_thread;
    bool desk_running;
    int desk_result;
};

static int make_directory(const char *path)
{
    if (path == NULL || mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    fprintf(stderr, "noroshi: %s cannot be made: %s\n", path, strerror(errno));
    return -errno;
}

static int open_store(struct parts *parts)
{
    struct problems *problems = problems_new(parts->context);
    const char *directory = parts->config->state_directory;
    int owner = 0;
    int r = make_directory(directory);
    if (r >= 0)
        r = make_directory(parts->config->email.directory);
    if (r < 0)
        return r;
    r = store_open(parts->context, directory, problems, &owner, &parts->store);
    problems_print(problems, stderr);
    if (r == -EBUSY)
        fprintf(stderr, "noroshi: another daemon (process %d) uses %s already\n", owner, directory);
    else if (r < 0 && problems->count == 0)
        fprintf(stderr, "noroshi: the store in %s cannot be opened: %s\n", directory, strerror(-r));
    if (r >= 0 && store_detached(parts->store))
        log_error("the disk is full: going on in memory, nothing is kept until there is room",
                  "directory", directory);
    return r;
}

static int start_http(struct parts *parts)
{
    const struct config *config = parts->config;
    const struct http_options options = {.address = config->http_address,
                                         .port = config->http_port,
                                         .catalogue = config->catalogue,
                                         .stale_after = PAGE_STALE_AFTER};
    int r = http_start(parts->context, &options, &parts->http);
    if (r < 0)
        fprintf(stderr, "noroshi: the status page cannot listen on %s port %u: %s\n",
                config->http_address, config->http_port, strerror(-r));
    return r;
}

static int ask_desk(void *userdata, uint64_t ticket, const char *request)
{
    const struct parts *parts = userdata;
    struct job *job = job_new(JOB_STAFF, NULL, NULL);
    job->client = ticket;
    job->text = memory_text(job, request);
    int r = queue_try_push(parts->jobs, job);
    if (r < 0)
        talloc_free(job);
    return r;
}

static void reply_to_staff(void *userdata, uint64_t ticket, const char *answer)
{
    const struct parts *parts = userdata;
    if (parts->staff != NULL)
        staff_reply(parts->staff, ticket, answer);
}

/* Only where the configuration has the section `staff`. */
static int start_staff(struct parts *parts)
{
    const struct staff_settings *settings = &parts->config->staff;
    const struct staff_options options = {.address = settings->address,
                                          .port = settings->port,
                                          .certificate = settings->certificate,
                                          .key = settings->key,
                                          .origin = settings->origin,
                                          .pages = &parts->staff_pages,
                                          .ask = ask_desk,
                                          .userdata = parts};
    parts->staff_pages = (struct staff_pages){.texts = parts->config->catalogue,
                                              .templates = parts->config->broadcasts,
                                              .areas = parts->config->areas,
                                              .render = staff_page_render,
                                              .asset = staff_page_asset};
    int r = secret_setup();
    if (r >= 0 && settings->listens)
        r = staff_start(parts->context, &options, &parts->staff);
    if (r < 0)
        fprintf(stderr, "noroshi: the staff pages cannot listen on %s port %u: %s\n",
                settings->address, settings->port, strerror(-r));
    return r;
}

static int start_desk(struct parts *parts, struct job *interrupted)
{
    const struct desk_options options = {.config = parts->config,
                                         .store = parts->store,
                                         .jobs = parts->jobs,
                                         .orders = parts->orders,
                                         .http = parts->http,
                                         .heartbeat = parts->heartbeat,
                                         .started_at = clock_now(),
                                         .staff_reply = reply_to_staff,
                                         .staff_userdata = parts,
                                         .interrupted = interrupted};
    /* A context of its own: it may be made anew on the desk's thread. */
    int r = desk_new(NULL, &options, &parts->desk);
    if (r < 0)
        fprintf(stderr, "noroshi: the store cannot be read: %s\n", strerror(-r));
    return r;
}

/* The disk is full: a desk of its own, as after a restart, goes on in memory. Loop and pages stay.
 */
static int go_on_in_memory(struct parts *parts)
{
    int r = store_detach(parts->store);
    if (r < 0) {
        log_error("the store cannot be taken into memory; ending", "error", strerror(-r));
        return r;
    }
    log_error("the disk is full: going on in memory, nothing is kept until there is room", "fault",
              store_fault(parts->desk, parts->store));
    struct job *interrupted = desk_interrupted(parts->desk, NULL);
    talloc_free(parts->desk);
    parts->desk = NULL;
    r = start_desk(parts, interrupted);
    return r < 0 ? r : desk_run(parts->desk);
}

static void *desk_main(void *userdata)
{
    struct parts *parts = userdata;
    memory_fetch(DESK_BYTES);
    int r = desk_run(parts->desk);
    while (r == -ENOSPC && !store_detached(parts->store))
        r = go_on_in_memory(parts);
    parts->desk_result = r;
    struct order *order = order_new(ORDER_STOPPED, NULL);
    if (queue_push(parts->orders, order) < 0)
        talloc_free(order);
    return NULL;
}

/* Signals are the loop's; every thread that is made later inherits the mask. */
static void block_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static int make_parts(struct parts *parts)
{
    int r = open_store(parts);
    if (r < 0)
        return r;
    block_signals();
    parts->jobs = queue_new(parts->context, JOBS_MAX);
    parts->orders = queue_new(parts->context, ORDERS_MAX);
    parts->heartbeat = heartbeat_new(parts->context, clock_monotonic());
    r = start_http(parts);
    if (r >= 0)
        r = start_staff(parts);
    if (r >= 0)
        r = start_desk(parts, NULL);
    if (r >= 0)
        r = loop_new(parts->context, parts->config, cli_control_path(parts->context, parts->config),
                     parts->jobs, parts->orders, parts->heartbeat, &parts->loop);
    if (r >= 0)
        r = -pthread_create(&parts->desk_thread, NULL, desk_main, parts);
    parts->desk_running = r >= 0;
    return r;
}

static void take_down(struct parts *parts)
{
    if (parts->jobs != NULL)
        queue_close(parts->jobs);
    if (parts->orders != NULL)
        queue_close(parts->orders);
    if (parts->desk_running)
        pthread_join(parts->desk_thread, NULL);
    loop_free(parts->loop);
    talloc_free(parts->desk);
    staff_stop(parts->staff);
    http_stop(parts->http);
    store_close(parts->store);
}

static void say_ready(const struct parts *parts)
{
    char port[16], staff_at[16];
    snprintf(port, sizeof(port), "%u", http_port(parts->http));
    snprintf(staff_at, sizeof(staff_at), "%u", parts->staff != NULL ? staff_port(parts->staff) : 0);
    log_notice("noroshi is running", "version", NOROSHI_VERSION, "feeds",
               parts->config->feed_base_url, "page_address", parts->config->http_address,
               "page_port", port, "staff_port", parts->staff != NULL ? staff_at : NULL);
    sd_notify(0, "READY=1");
}

int cli_run(int argc, char **argv)
{
    const char *file = NULL, *log = NULL;
    const struct option_row rows[] = {{"config", "FILE", "the configuration", &file, NULL},
                                      {"log", "plain|json", "how to log to stderr", &log, NULL}};
    int first = options_read(argc, argv, "noroshi run [--config FILE] [--log plain|json]", rows, 2);
    if (first < 0)
        return options_exit(first);
    log_setup(log != NULL && strcmp(log, "json") == 0 ? LOG_FORMAT_JSON : LOG_FORMAT_PLAIN,
              LOG_PRIORITY_INFO);
    memory_keep_freed();
    struct parts parts = {.context = talloc_new(NULL)};
    parts.config = cli_load_config(parts.context, file);
    int r = parts.config != NULL ? make_parts(&parts) : -EINVAL;
    if (r >= 0) {
        memory_fetch(LOOP_BYTES);
        say_ready(&parts);
        r = loop_run(parts.loop);
        if (r < 0)
            log_error("the loop failed", "error", strerror(-r));
        sd_notify(0, "STOPPING=1");
    }
    take_down(&parts);
    if (parts.desk_result < 0)
        r = parts.desk_result;
    if (r >= 0)
        log_notice("stopped");
    talloc_free(parts.context);
    return r < 0 ? EXIT_FAILED : EXIT_FINE;
}
