/* Alerts come, deliveries go, the daemon is killed in between; time is what we say it is. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "fanout.h"
#include "ingest_step.h"
#include "simulation.h"

static usec_t simulated_now; /* of the one world that runs */

/* The linker puts these in the place of base/clock.h's (--wrap). */
usec_t __wrap_clock_now(void);
usec_t __wrap_clock_monotonic(void);
usec_t __wrap_clock_now(void)
{
    return simulated_now;
}
usec_t __wrap_clock_monotonic(void)
{
    return simulated_now;
}

static void must(int r)
{
    if (r < 0)
        abort();
}

unsigned world_random(struct world *world, unsigned limit)
{
    uint64_t z = world->random += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return (unsigned)((z ^ (z >> 31)) % limit);
}

static bool reads_mail(int reader)
{
    return reader % 4 == 1;
}

int reader_host(int reader)
{
    return reader % HOSTS;
}

const char *reader_address(TALLOC_CTX *context, int reader)
{
    int host = reader_host(reader);
    return reads_mail(reader) ? memory_printf(context, "r%d@m%d.example", reader, host)
                              : memory_printf(context, "https://h%d.example/%d", host, reader);
}

static void set_time(struct world *world, usec_t now)
{
    world->now = simulated_now = now;
}

static int no_other_form(void *userdata, const struct store_delivery *delivery,
                         enum delivery_channel channel, int64_t *ret_message)
{
    (void)userdata, (void)delivery, (void)channel, (void)ret_message;
    return -ENOENT;
}

static void no_notice(void *userdata, const char *text)
{
    (void)userdata, (void)text;
}

static void start_daemon(struct world *world)
{
    static const struct dispatch_hooks hooks = {no_other_form, no_notice, NULL};
    world->orders = queue_new(world->context, 1024);
    must(dispatch_new(world->context, world->config, world->store, world->orders, world->now,
                      &world->dispatch));
    dispatch_hooks(world->dispatch, &hooks);
}

/* What was ordered and is under way is forgotten; receivers may have taken it all the same. */
static void kill_daemon(struct world *world)
{
    world->flying_count = 0;
    talloc_free(world->dispatch);
    talloc_free(world->orders);
    start_daemon(world);
    world->kills++;
}

static void add_readers(struct world *world)
{
    static const char *const language = "en", *const area = "prefecture:01";
    must(subscribers_new(world->context, world->config, world->store, &world->subscribers));
    must(store_begin(world->store));
    for (int i = 0; i < READERS; i++) {
        enum channel channel = reads_mail(i) ? CHANNEL_EMAIL : CHANNEL_WEBHOOK;
        const char *address = reader_address(world->context, i);
        const struct subscriber reader = {
            .id = subscriber_id(world->context, channel, address),
            .name = "",
            .channel = channel,
            .address = address,
            .secret = channel == CHANNEL_WEBHOOK
                          ? "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
                          : NULL,
            .languages = &language,
            .language_count = 1,
            .areas = &area,
            .area_count = 1,
            .hazards = subscriber_hazards_default,
            .min_level = 2 + i % 3};
        must(subscribers_put(world->subscribers, &reader, world->now));
    }
    must(store_commit(world->store));
    must(subscribers_refresh(world->subscribers));
}

static struct alert make_alert(struct world *world, int event)
{
    int level = (int)world_random(world, 6), before = world->levels[event];
    struct alert_area *area = memory_new(world->context, struct alert_area);
    *area = (struct alert_area){.system = AREA_PREFECTURE,
                                .code = "01",
                                .name_ja = "北海道",
                                .level = level,
                                .previous_level = before,
                                .changed = level != before,
                                .kind_code = "33",
                                .height_m = NAN};
    world->levels[event] = level;
    const char *key = memory_printf(world->context, "event-%d", event);
    return (struct alert){
        .id = memory_printf(world->context, "%s-%zu", key, world->alert_count + 1),
        .event_id = key,
        .event_key = key,
        .hazard = HAZARD_RAIN,
        .status = STATUS_ACTUAL,
        .phase = level > 0                     ? PHASE_UPDATE
                 : world_random(world, 3) == 0 ? PHASE_CANCEL
                                               : PHASE_ALL_CLEAR,
        .level = level > 0 ? level : before,
        .telegram_id = "t",
        .code = "VPWW55",
        .title_ja = "大雨",
        .headline_ja = "大雨",
        .office_ja = "気象庁",
        .issued_at = world->now,
        .reported_at = world->now,
        .onset = world->now,
        .expires = world->now + (usec_t)(60 + world_random(world, 7200)) * USEC_PER_SEC,
        .areas = area,
        .area_count = 1};
}

static void raise_alert(struct world *world)
{
    const struct ingest ingest = {.store = world->store,
                                  .areas = world->config->areas,
                                  .catalogue = world->config->catalogue,
                                  .audience = subscribers_audience(world->subscribers),
                                  .operator_name = "test"};
    int event = (int)world_random(world, EVENTS);
    struct alert alert = make_alert(world, event);
    struct fanout_count count;
    bool fresh;
    world_note_under_way(world);
    must(store_begin(world->store));
    must(ingest_keep_alert(&ingest, &alert, true, world->now, &fresh));
    must(fanout_begin(world->context, &ingest, &alert, world->now, &count));
    must(store_commit(world->store));
    world->rows += (int64_t)count.deliveries;
    world->alerts[world->alert_count] =
        (struct raised){(int64_t)world->alert_count + 1, event, alert.expires};
    world->alert_count++;
}

static void take_results(struct world *world)
{
    struct job *job = job_new(JOB_ATTEMPTS, NULL, NULL);
    network_collect(world, job);
    dispatch_take(world->dispatch, job, world->now);
    talloc_free(job);
}

/* One round of the desk, and what it orders. Returns when to come again. */
static usec_t round_of_the_desk(struct world *world, bool killed)
{
    usec_t next;
    must(dispatch_round(world->dispatch, world->now, &next));
    if (killed) {
        kill_daemon(world);
        return world->now + 1;
    }
    struct order *order;
    while ((order = queue_pop(world->orders, world->context, 0)) != NULL) {
        for (size_t i = 0; i < order->parcel_count; i++)
            network_send(world, order->parcels[i]);
        talloc_free(order);
    }
    return next > world->now ? next : world->now + USEC_PER_MSEC;
}

static usec_t earlier(usec_t a, usec_t b)
{
    return a < b ? a : b;
}

static usec_t seconds_from(const struct world *world, unsigned seconds)
{
    return world->now + (usec_t)seconds * USEC_PER_SEC;
}

static void run(struct world *world)
{
    unsigned alerts = 3 + world_random(world, ALERTS_MAX - 3);
    unsigned kills = world_random(world, 8);
    usec_t next_alert = world->now, next_round = world->now, next_sweep = world->now;
    usec_t next_kill = seconds_from(world, world_random(world, 60)), end = INT64_MAX;
    while (world->now < end) {
        if (world->now >= next_alert) {
            raise_alert(world);
            unsigned wait = world_random(world, 3) == 0 ? 1200 : 20;
            next_alert = world->alert_count < alerts
                             ? seconds_from(world, world_random(world, wait))
                             : INT64_MAX;
            next_round = world->now;
        }
        if (world->now >= next_sweep) {
            size_t late;
            must(dispatch_sweep(world->dispatch, world->now, &late));
            world->late += late;
            next_sweep = world->now + SWEEP_PERIOD;
        }
        if (network_next(world) <= world->now) {
            take_results(world);
            next_round = world->now;
        }
        bool killed = world->now >= next_kill;
        if (killed)
            next_kill = --kills > 0 && kills < 8 ? seconds_from(world, world_random(world, 300))
                                                 : INT64_MAX;
        if (world->now >= next_round || killed)
            next_round = round_of_the_desk(world, killed);
        if (next_alert == INT64_MAX && end == INT64_MAX)
            end = seconds_from(world, 7260 + 180);
        set_time(world, earlier(earlier(earlier(next_alert, next_round), next_sweep),
                                earlier(earlier(network_next(world), next_kill), end)));
    }
}

struct world *world_run(TALLOC_CTX *context, const struct config *config, uint64_t seed)
{
    struct world *world = memory_new(context, struct world);
    int owner;
    world->context = world;
    world->config = config;
    world->random = seed;
    world->sent = memory_array(world, struct sent, SENT_MAX);
    world->under_way = memory_array(world, struct sent, SENT_MAX);
    srandom((unsigned)seed);
    set_time(world, BEGINS);
    must(store_open(world, ":memory:", problems_new(world), &owner, &world->store));
    network_make(world);
    add_readers(world);
    start_daemon(world);
    run(world);
    return world;
}

void world_end(struct world *world)
{
    store_close(world->store);
    talloc_free(world);
}
