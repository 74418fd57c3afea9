/* Random alerts to random readers: fanned out in chunks, with restarts, newer alerts, deliveries
 * and failures in between. Nobody is forgotten, nobody is told twice, ids are the same as in one
 * go, and what each was told is what a plain model says. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/config.h"
#include "fanout.h"
#include "ingest_step.h"
#include "subscribers.h"

/* More than two chunks of readers, so that a fan-out is under way for a while. */
#define READERS 5000
#define PLACES  4
#define ALERTS  5
#define NOW     1790000000000000

static const char *const places[PLACES] = {"01", "13", "27", "47"};

static TALLOC_CTX *context;
static struct config *config;
static uint64_t random_state;

static unsigned random_below(unsigned limit)
{
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(random_state >> 33) % limit;
}

struct world {
    char *folder;
    struct store *store;
    struct subscribers *subscribers;
    struct ingest ingest;
    struct fanout_work *work;
    int levels[PLACES];
    int alerts;
    const char *last_alert;
};

static void open_world(struct world *world)
{
    int owner;
    assert_int_equal(
        store_open(context, world->folder, problems_new(context), &owner, &world->store), 0);
    assert_int_equal(subscribers_new(world->store, config, world->store, &world->subscribers), 0);
    world->ingest = (struct ingest){.store = world->store,
                                    .areas = config->areas,
                                    .catalogue = config->catalogue,
                                    .audience = subscribers_audience(world->subscribers),
                                    .operator_name = "test"};
    world->work = fanout_work_new(world->store);
}

/* As after a kill: everything but the file is gone. */
static void restart(struct world *world)
{
    size_t again;
    store_close(world->store);
    open_world(world);
    assert_int_equal(store_requeue_deliveries(world->store, &again), 0);
}

static const char *address_of(int reader)
{
    return memory_printf(context, "https://r%d.example/", reader);
}

static void make_world(struct world *world)
{
    static const char *const language = "en";
    *world = (struct world){.folder = memory_text(context, "/tmp/noroshi-fanout-XXXXXX")};
    assert_non_null(mkdtemp(world->folder));
    open_world(world);
    assert_int_equal(store_begin(world->store), 0);
    for (int i = 0; i < READERS; i++) {
        const char *area = memory_printf(context, "prefecture:%s", places[i % PLACES]);
        const struct subscriber reader = {
            .id = subscriber_id(context, CHANNEL_WEBHOOK, address_of(i)),
            .name = "",
            .channel = CHANNEL_WEBHOOK,
            .address = address_of(i),
            .secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            .languages = &language,
            .language_count = 1,
            .areas = &area,
            .area_count = 1,
            .hazards = subscriber_hazards_default,
            .min_level = 2 + i % 3};
        assert_int_equal(subscribers_put(world->subscribers, &reader, NOW), 0);
    }
    assert_int_equal(store_commit(world->store), 0);
    assert_int_equal(subscribers_refresh(world->subscribers), 0);
    world->ingest.audience = subscribers_audience(world->subscribers);
}

static void end_world(struct world *world)
{
    store_close(world->store);
    assert_int_equal(system(memory_printf(context, "rm -r %s", world->folder)), 0);
}

/* The next step of one event: some places change their level. */
static struct alert next_alert(struct world *world, const int levels[PLACES])
{
    struct alert_area *areas = memory_array(context, struct alert_area, PLACES);
    int highest = 0;
    for (int i = 0; i < PLACES; i++) {
        areas[i] = (struct alert_area){.system = AREA_PREFECTURE,
                                       .code = places[i],
                                       .name_ja = "県",
                                       .level = levels[i],
                                       .previous_level = world->levels[i],
                                       .changed = levels[i] != world->levels[i],
                                       .kind_code = "33",
                                       .height_m = NAN};
        highest = levels[i] > highest ? levels[i] : highest;
        world->levels[i] = levels[i];
    }
    world->last_alert = memory_printf(context, "event-%d", ++world->alerts);
    return (struct alert){.id = world->last_alert,
                          .event_id = "event",
                          .event_key = "event",
                          .hazard = HAZARD_RAIN,
                          .status = STATUS_ACTUAL,
                          .phase = highest > 0 ? PHASE_UPDATE : PHASE_ALL_CLEAR,
                          .level = highest,
                          .telegram_id = "t",
                          .code = "VPWW55",
                          .title_ja = "大雨",
                          .headline_ja = "大雨",
                          .office_ja = "気象庁",
                          .issued_at = NOW + world->alerts,
                          .reported_at = NOW + world->alerts,
                          .onset = NOW,
                          .expires = NOW + USEC_PER_DAY,
                          .areas = areas,
                          .area_count = PLACES};
}

/* Stores and begins; what came of the first chunk. */
static struct fanout_count begin(struct world *world, const struct alert *alert)
{
    struct fanout_count count;
    bool fresh;
    assert_int_equal(store_begin(world->store), 0);
    assert_int_equal(ingest_keep_alert(&world->ingest, alert, true, alert->issued_at, &fresh), 0);
    assert_int_equal(fanout_begin(context, &world->ingest, alert, alert->issued_at, &count), 0);
    assert_int_equal(store_commit(world->store), 0);
    return count;
}

static bool go_on(struct world *world)
{
    struct fanout_count added;
    bool more;
    assert_int_equal(fanout_continue(world->work, &world->ingest, NOW + 100, &added, &more), 0);
    return more;
}

/* Sends some; `fail`: every third is put off. Returns how many were claimed. */
static size_t send_some(struct world *world, size_t limit, bool fail)
{
    size_t total = 0;
    for (int class = CLASS_URGENT; class <= CLASS_ORDINARY; class ++) {
        TALLOC_CTX *scratch = talloc_new(context);
        struct store_claim *claims;
        size_t count;
        assert_int_equal(store_claim_deliveries(world->store, scratch, DELIVERY_WEBHOOK,
                                                (enum delivery_class) class, NOW + 200, limit,
                                                &claims, &count),
                         0);
        assert_int_equal(store_begin(world->store), 0);
        for (size_t i = 0; i < count; i++) {
            bool later = fail && i % 3 == 0;
            claims[i].delivery.state = later ? DELIVERY_DEFERRED : DELIVERY_DELIVERED;
            claims[i].delivery.next_at = NOW + 150;
            claims[i].delivery.ended_at = later ? 0 : NOW + 150;
            assert_int_equal(store_record_delivery(world->store, &claims[i].delivery), 0);
        }
        assert_int_equal(store_commit(world->store), 0);
        total += count;
        talloc_free(scratch);
    }
    return total;
}

/* What a reader knows in the end is the level of his place; when that is below his own level he may
 * not have heard of the last rise, but never believes in more than there is. */
static void assert_everybody_knows(struct world *world)
{
    enum { PAGE = 1000 };
    int64_t after = 0;
    size_t count, readers = 0;
    do {
        TALLOC_CTX *scratch = talloc_new(context);
        struct store_listener *page;
        assert_int_equal(store_page_listeners(world->store, scratch, after, INT64_MAX, NULL, 0,
                                              PAGE, &page, &count),
                         0);
        assert_int_equal(store_find_told(world->store, "event", INT64_MAX, page, count), 0);
        for (size_t i = 0; i < count; i++, readers++) {
            int reader = (int)page[i].subscriber - 1, level = world->levels[reader % PLACES];
            json_t *told = NULL;
            if (page[i].told != 0)
                assert_int_equal(store_get_told(world->store, page[i].told, &told), 0);
            int known = (int)json_integer_value(json_object_get(told, "level"));
            bool enough = level >= 2 + reader % 3;
            if (enough ? known != level : known > level)
                fail_msg("reader %d of place %s at level %d knows of %d", reader,
                         places[reader % PLACES], level, known);
            json_decref(told);
        }
        after = count > 0 ? page[count - 1].subscriber : after;
        talloc_free(scratch);
    } while (count == PAGE);
    assert_int_equal(readers, READERS);
}

static void assert_sound(struct world *world)
{
    struct problems *problems = problems_new(context);
    assert_int_equal(store_check(world->store, problems), 0);
    if (problems->count > 0)
        fail_msg("%s", problems->items[0].what);
}

static void one_history(unsigned seed)
{
    struct world world;
    random_state = seed;
    make_world(&world);
    for (int step = 0; step < ALERTS; step++) {
        int levels[PLACES];
        for (int i = 0; i < PLACES; i++)
            levels[i] = step == 0 || random_below(2) == 0 ? (int)random_below(6) : world.levels[i];
        struct alert alert = next_alert(&world, levels);
        (void)begin(&world, &alert);
        for (unsigned chunks = random_below(4); chunks > 0; chunks--) {
            if (random_below(3) == 0)
                restart(&world);
            if (random_below(2) == 0)
                send_some(&world, random_below(3000), true);
            if (!go_on(&world))
                break;
        }
    }
    for (int i = 0; i < 1000 && go_on(&world); i++)
        continue;
    for (int i = 0; i < 1000 && send_some(&world, 5000, false) > 0; i++)
        continue;
    assert_everybody_knows(&world);
    assert_sound(&world);
    end_world(&world);
}

static void whatever_happens_in_between_everybody_knows_how_things_stand(void **state)
{
    (void)state;
    const char *slow = getenv("NOROSHI_LONG");
    unsigned histories = slow != NULL && strcmp(slow, "yes") == 0 ? 40 : 4;
    for (unsigned seed = 1; seed <= histories; seed++)
        one_history(seed);
}

/* (number of rows, hash over all ids and bodies) of what stands in the store. */
static const char *digest(struct world *world)
{
    struct store_claim *claims;
    size_t count;
    TALLOC_CTX *scratch = talloc_new(context);
    char *all = memory_text(scratch, "");
    assert_int_equal(store_claim_deliveries(world->store, scratch, DELIVERY_WEBHOOK, CLASS_URGENT,
                                            NOW + 200, READERS + 1, &claims, &count),
                     0);
    for (size_t i = 0; i < count; i++) {
        struct store_message message;
        assert_int_equal(
            store_get_message(world->store, scratch, claims[i].delivery.message, &message), 0);
        all = memory_must(
            talloc_asprintf_append_buffer(all, "%s %s\n", claims[i].delivery.id, message.id));
    }
    const char *result =
        memory_printf(context, "%zu %s", count, text_hash(scratch, all, strlen(all), 32));
    talloc_free(scratch);
    return result;
}

static void restarts_change_no_identifier(void **state)
{
    static const int levels[PLACES] = {5, 4, 5, 4};
    struct world whole, broken;
    (void)state;
    make_world(&whole);
    struct alert alert = next_alert(&whole, levels);
    (void)begin(&whole, &alert);
    for (int i = 0; i < 1000 && go_on(&whole); i++)
        continue;
    make_world(&broken);
    alert = next_alert(&broken, levels);
    (void)begin(&broken, &alert);
    for (int i = 0; i < 1000; i++) {
        restart(&broken);
        if (!go_on(&broken))
            break;
        /* The same alert once more is no second one. */
        if (i == 0)
            (void)begin(&broken, &alert);
    }
    const char *expected = digest(&whole);
    assert_int_equal(atoi(expected), READERS);
    assert_string_equal(digest(&broken), expected);
    end_world(&whole);
    end_world(&broken);
}

static void who_comes_while_it_is_fanned_out_is_not_asked(void **state)
{
    static const int levels[PLACES] = {5, 5, 5, 5};
    static const char *const language = "en", *const area = "prefecture:01";
    struct world world;
    (void)state;
    make_world(&world);
    struct alert alert = next_alert(&world, levels);
    (void)begin(&world, &alert);
    const struct subscriber late = {
        .id = subscriber_id(context, CHANNEL_WEBHOOK, "https://late.example/"),
        .name = "",
        .channel = CHANNEL_WEBHOOK,
        .address = "https://late.example/",
        .secret = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        .languages = &language,
        .language_count = 1,
        .areas = &area,
        .area_count = 1,
        .hazards = subscriber_hazards_default,
        .min_level = 1};
    assert_int_equal(subscribers_put(world.subscribers, &late, NOW), 0);
    assert_int_equal(subscribers_refresh(world.subscribers), 0);
    world.ingest.audience = subscribers_audience(world.subscribers);
    for (int i = 0; i < 1000 && go_on(&world); i++)
        continue;
    assert_int_equal(atoi(digest(&world)), READERS);
    end_world(&world);
}

/* Of the first hundred that are claimed, how many are one of the first hundred readers, of whom the
 * store knows trouble; and then all others are claimed, too. */
static size_t troubled_among_the_first(struct world *world)
{
    struct store_claim *claims;
    size_t count, total, troubled = 0;
    assert_int_equal(store_claim_deliveries(world->store, context, DELIVERY_WEBHOOK, CLASS_URGENT,
                                            NOW + 200, 100, &claims, &count),
                     0);
    assert_int_equal(count, 100);
    for (size_t i = 0; i < count; i++)
        troubled += claims[i].delivery.subscriber <= 100;
    for (total = count; count > 0; total += count)
        count = send_some(world, 1000, false);
    assert_int_equal(total, READERS);
    return troubled;
}

static size_t tell_the_troubled(struct alert_broadcast *broadcast, enum alert_phase phase)
{
    static const int levels[PLACES] = {5, 5, 5, 5};
    struct world world;
    make_world(&world);
    for (int64_t reader = 1; reader <= 100; reader++)
        assert_int_equal(store_note_failure(world.store, reader, NOW), 0);
    struct alert alert = next_alert(&world, levels);
    alert.broadcast = broadcast;
    alert.phase = phase;
    (void)begin(&world, &alert);
    for (int i = 0; i < 1000 && go_on(&world); i++)
        continue;
    size_t troubled = troubled_among_the_first(&world);
    end_world(&world);
    return troubled;
}

static void who_failed_before_has_a_share_until_the_others_are_told(void **state)
{
    struct alert_broadcast broadcast = {.id = "b", .template_id = "E-4", .authority = "sapporo"};
    (void)state;
    assert_int_equal(tell_the_troubled(NULL, PHASE_UPDATE), 100 / 32);
    assert_int_equal(tell_the_troubled(&broadcast, PHASE_ISSUE), 100 / 32);
    /* What corrects a broadcast asks nobody for his health (H-7). */
    assert_int_equal(tell_the_troubled(&broadcast, PHASE_UPDATE), 100);
}

/* Test 50: news that make nothing graver come at most four times an hour, and an operator hears of
 * who was spared the others; what makes it graver always comes. */
static void the_operator_hears_of_a_storm_of_messages(void **state)
{
    static const int warning[PLACES] = {3, 0, 0, 0}, graver[PLACES] = {5, 0, 0, 0};
    struct world world;
    struct fanout_count count = {0}, total = {0};
    (void)state;
    make_world(&world);
    for (int i = 0; i < 8; i++) {
        struct alert alert = next_alert(&world, i < 7 ? warning : graver);
        alert.generic = true;
        alert.headline_ja = memory_printf(context, "大雨 %d", i);
        struct fanout_count first = begin(&world, &alert);
        assert_int_equal(fanout_finish(&world.ingest, NOW + 100, &count), 0);
        count.deliveries += first.deliveries;
        count.held += first.held;
        total.held += i < 7 ? count.held : 0;
    }
    assert_true(total.held > 0);
    assert_int_equal(count.held, 0);
    assert_true(count.deliveries > 0);
    assert_non_null(strstr(fanout_held_notice(context, &total), "many messages of one event"));
    assert_null(fanout_held_notice(context, &count));
    end_world(&world);
}

static int set_up(void **state)
{
    const char *root = getenv("NOROSHI_ROOT");
    context = talloc_new(NULL);
    *state = NULL;
    return config_load(context,
                       memory_printf(context, "%s/config/noroshi.yaml", root != NULL ? root : "."),
                       problems_new(context), &config);
}

static int tear_down(void **state)
{
    (void)state;
    talloc_free(context);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_in_between_everybody_knows_how_things_stand),
        cmocka_unit_test(restarts_change_no_identifier),
        cmocka_unit_test(who_comes_while_it_is_fanned_out_is_not_asked),
        cmocka_unit_test(who_failed_before_has_a_share_until_the_others_are_told),
        cmocka_unit_test(the_operator_hears_of_a_storm_of_messages),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
