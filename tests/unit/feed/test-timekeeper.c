/* What time it is when clocks disagree (R-8, test 24). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "feed/timekeeper.h"

#define NOW     ((usec_t)1790000000 * USEC_PER_SEC) /* the true time when a test begins */
#define BOOT    ((usec_t)5000 * USEC_PER_SEC)       /* the monotonic clock then */
#define LATER   (10 * USEC_PER_SEC)
#define EPOCH   ((usec_t)0)
#define OF_2038 ((usec_t)2147483648LL * USEC_PER_SEC)

struct world {
    struct timekeeper *keeper;
    usec_t passed; /* since the test began */
    usec_t error;  /* of this machine's clock */
    bool leapt;
};

static struct moment look(struct world *world)
{
    return timekeeper_moment(world->keeper, NOW + world->passed + world->error,
                             BOOT + world->passed, &world->leapt);
}

static void answer(struct world *world, usec_t error)
{
    usec_t now = NOW + world->passed;
    timekeeper_answer(world->keeper, now + error, now + world->error, BOOT + world->passed);
}

static void publish(struct world *world, usec_t error)
{
    usec_t now = NOW + world->passed;
    timekeeper_published(world->keeper, now + error, now + world->error, BOOT + world->passed);
}

#define EMPTY INT64_MIN
/* `known`: the age of what the store holds, or EMPTY. */
static struct world begin(usec_t error, usec_t known)
{
    struct world world = {.error = error};
    world.keeper = timekeeper_new(NULL, known == EMPTY ? 0 : NOW - known, NOW + error, BOOT);
    return world;
}

static void end(struct world *world)
{
    talloc_free(world->keeper);
}

static void a_clock_that_the_server_confirms_is_believed(void **state)
{
    (void)state;
    struct world world = begin(4 * USEC_PER_MINUTE, USEC_PER_MINUTE);
    assert_false(look(&world).asking);
    answer(&world, 0);
    assert_true(look(&world).trusted);
    assert_int_equal(look(&world).now, NOW + 4 * USEC_PER_MINUTE);
    world.passed = USEC_PER_DAY;
    assert_true(look(&world).trusted);
    end(&world);
}

static void without_a_date_a_possible_clock_is_taken(void **state)
{
    (void)state;
    struct world world = begin(0, EMPTY);
    assert_false(look(&world).asking);
    assert_true(look(&world).trusted);
    timekeeper_answer(world.keeper, 0, NOW, BOOT);
    assert_true(look(&world).trusted);
    end(&world);
}

static void a_leap_is_seen_at_once_and_the_server_is_asked(void **state)
{
    (void)state;
    static const usec_t leaps[] = {-2 * USEC_PER_HOUR, 20 * USEC_PER_MINUTE, USEC_PER_DAY,
                                   OF_2038 - NOW, EPOCH - NOW};
    for (size_t i = 0; i < sizeof(leaps) / sizeof(*leaps); i++) {
        struct world world = begin(0, USEC_PER_MINUTE);
        answer(&world, 0);
        publish(&world, -LATER);
        assert_true(look(&world).trusted && !world.leapt);
        world.error = leaps[i];
        world.passed = LATER;
        struct moment moment = look(&world);
        assert_true(world.leapt && moment.asking && !moment.trusted);
        assert_int_equal(moment.now, NOW + LATER);
        assert_true(look(&world).asking && !world.leapt);
        answer(&world, 0);
        moment = look(&world);
        assert_false(moment.asking || moment.trusted);
        assert_int_equal(moment.now, NOW + LATER);
        world.error = 0; /* set right: nothing is to be asked */
        moment = look(&world);
        assert_true(moment.trusted && !moment.asking && !world.leapt);
        end(&world);
    }
}

static void leap_seconds_and_small_corrections_are_no_leap(void **state)
{
    (void)state;
    struct world world = begin(0, USEC_PER_MINUTE);
    answer(&world, 0);
    static const usec_t steps[] = {-USEC_PER_SEC, USEC_PER_SEC, -4 * USEC_PER_MINUTE};
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        world.error = steps[i];
        assert_true(look(&world).trusted && !look(&world).asking && !world.leapt);
    }
    end(&world);
}

static void a_machine_that_wakes_up_takes_its_own_clock_again(void **state)
{
    (void)state;
    struct world world = begin(0, USEC_PER_MINUTE);
    answer(&world, 0);
    world.error = 8 * USEC_PER_HOUR; /* the monotonic clock stood still; this one is right */
    assert_true(look(&world).asking);
    answer(&world, 8 * USEC_PER_HOUR);
    struct moment moment = look(&world);
    assert_true(moment.trusted && !moment.asking);
    assert_int_equal(moment.now, NOW + 8 * USEC_PER_HOUR);
    end(&world);
}

static void a_machine_that_boots_in_1970_waits_for_the_server(void **state)
{
    (void)state;
    struct world world = begin(EPOCH - NOW, 8 * USEC_PER_DAY);
    struct moment moment = look(&world);
    assert_true(moment.asking && !moment.trusted);
    assert_int_equal(moment.now, NOW - 8 * USEC_PER_DAY); /* certainly not earlier */
    world.passed = LATER;
    answer(&world, 0);
    moment = look(&world);
    assert_false(moment.asking || moment.trusted);
    assert_int_equal(moment.now, NOW + LATER);
    end(&world);

    world = begin(EPOCH - NOW, EMPTY);
    assert_true(look(&world).now > NOW - 730 * USEC_PER_DAY);
    assert_true(look(&world).asking);
    world.passed = USEC_PER_MINUTE; /* nobody answered: no longer */
    assert_false(look(&world).asking || look(&world).trusted);
    end(&world);
}

static void a_start_after_a_pause_asks_first(void **state)
{
    (void)state;
    struct world world = begin(USEC_PER_DAY, USEC_PER_MINUTE);
    assert_true(look(&world).asking);
    answer(&world, 0);
    assert_int_equal(look(&world).now, NOW);
    assert_false(look(&world).trusted || look(&world).asking);
    end(&world);

    world = begin(0, 8 * USEC_PER_HOUR);
    assert_true(look(&world).asking);
    answer(&world, 0);
    assert_true(look(&world).trusted && !look(&world).asking);
    end(&world);
}

static void one_wrong_date_changes_nothing(void **state)
{
    (void)state;
    static const usec_t errors[] = {-USEC_PER_DAY, USEC_PER_DAY};
    for (size_t i = 0; i < 2; i++) {
        struct world world = begin(0, USEC_PER_MINUTE);
        for (int round = 0; round < 10; round++, world.passed += USEC_PER_MINUTE) {
            answer(&world, round % 2 == 0 ? 0 : errors[i]);
            assert_true(look(&world).trusted);
            assert_int_equal(look(&world).now, NOW + world.passed);
        }
        end(&world);
    }
}

static void a_server_that_is_always_wrong_neither_ages_nor_revives(void **state)
{
    (void)state;
    struct world world = begin(0, EMPTY);
    answer(&world, 0);
    for (int i = 0; i < 2; i++)
        answer(&world, USEC_PER_DAY); /* ahead: nothing is old before its time */
    assert_false(look(&world).trusted);
    assert_int_equal(look(&world).now, NOW);
    for (int i = 0; i < 2; i++)
        answer(&world, -USEC_PER_DAY); /* behind: what it publishes is a day ahead of it */
    assert_int_equal(look(&world).now, NOW - USEC_PER_DAY);
    publish(&world, -2 * USEC_PER_MINUTE);
    assert_true(look(&world).trusted);
    assert_int_equal(look(&world).now, NOW);
    end(&world);
}

static void a_page_from_the_future_counts_for_nothing(void **state)
{
    (void)state;
    struct world world = begin(0, USEC_PER_MINUTE);
    answer(&world, 0);
    publish(&world, 9 * USEC_PER_HOUR);
    world.error = USEC_PER_DAY;
    assert_int_equal(look(&world).now, NOW);
    end(&world);

    world = begin(0, -9 * USEC_PER_HOUR); /* and one that the store holds */
    answer(&world, 0);
    assert_true(look(&world).trusted);
    assert_int_equal(look(&world).now, NOW);
    end(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_the_server_confirms_is_believed),
        cmocka_unit_test(without_a_date_a_possible_clock_is_taken),
        cmocka_unit_test(a_leap_is_seen_at_once_and_the_server_is_asked),
        cmocka_unit_test(leap_seconds_and_small_corrections_are_no_leap),
        cmocka_unit_test(a_machine_that_wakes_up_takes_its_own_clock_again),
        cmocka_unit_test(a_machine_that_boots_in_1970_waits_for_the_server),
        cmocka_unit_test(a_start_after_a_pause_asks_first),
        cmocka_unit_test(one_wrong_date_changes_nothing),
        cmocka_unit_test(a_server_that_is_always_wrong_neither_ages_nor_revives),
        cmocka_unit_test(a_page_from_the_future_counts_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
