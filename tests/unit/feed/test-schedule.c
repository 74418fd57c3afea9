/* When the feeds are polled, and what is said about how well we see. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "feed/feed.h"

#define NOON           ((usec_t)1704078000 * USEC_PER_SEC) /* 2024-01-01T12:00:00+09:00, a full hour */
#define SECONDS(count) ((usec_t)(count)*USEC_PER_SEC)
#define MINUTES(count) ((usec_t)(count)*USEC_PER_MINUTE)
#define HOURS(count)   ((usec_t)(count)*USEC_PER_HOUR)

static struct store_feed seen(usec_t now)
{
    return (struct store_feed){.name = "eqvol",
                               .last_success = now,
                               .newest_updated = now - MINUTES(5),
                               .phase_seconds = -1};
}

static void the_table_of_feeds_is_whole(void **state)
{
    (void)state;
    size_t count = 0;
    const struct feed_row *rows = feed_rows(&count);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++) {
        char file[32], long_name[32];
        snprintf(file, sizeof(file), "%s.xml", rows[i].name);
        snprintf(long_name, sizeof(long_name), "%s_l", rows[i].name);
        assert_string_equal(rows[i].file, file);
        assert_string_equal(rows[i].long_name, long_name);
        assert_ptr_equal(feed_find(rows[i].name), &rows[i]);
        assert_true(rows[i].interval >= USEC_PER_MINUTE && rows[i].silence_max >= HOURS(1));
    }
    assert_true(feed_find("eqvol")->watched && feed_find("extra")->watched);
    assert_false(feed_find("regular")->watched || feed_find("other")->watched);
    assert_int_equal(feed_find("regular")->interval, MINUTES(5));
    assert_int_equal(feed_find("other")->interval, MINUTES(15));
    assert_null(feed_find("eqvol_l"));
    assert_null(feed_find(NULL));
}

static void polls_keep_to_their_second_of_the_minute(void **state)
{
    (void)state;
    const struct feed_row *row = feed_find("eqvol");
    struct store_feed feed = seen(NOON);
    assert_int_equal(feed_next_poll(row, &feed, NOON, 0), NOON + SECONDS(20));
    assert_int_equal(feed_next_poll(row, &feed, NOON + SECONDS(20), 0), NOON + SECONDS(80));
    assert_int_equal(feed_next_poll(row, &feed, NOON + SECONDS(24), 1), NOON + SECONDS(83));
    feed.phase_seconds = 41;
    assert_int_equal(feed_next_poll(row, &feed, NOON, 0), NOON + SECONDS(41));
    feed.phase_seconds = 400;
    assert_int_equal(feed_next_poll(row, &feed, NOON, 0), NOON + SECONDS(55));
    assert_int_equal(feed_next_poll(feed_find("regular"), &feed, NOON + MINUTES(2), 0),
                     NOON + MINUTES(5) + SECONDS(55));
}

static void a_minute_feed_is_polled_once_in_each_minute_of_a_day(void **state)
{
    (void)state;
    struct store_feed feed = seen(NOON);
    usec_t now = NOON;
    unsigned polls = 0;
    while (now < NOON + HOURS(24)) {
        usec_t next = feed_next_poll(feed_find("eqvol"), &feed, now, (double)(polls % 11) / 10);
        assert_true(next > now && next - now <= SECONDS(64));
        now = next + SECONDS(polls % 3); /* the answer takes a while */
        polls++;
    }
    assert_true(polls >= 1439 && polls <= 1441);
}

static void failures_back_off_to_a_minute_at_most(void **state)
{
    (void)state;
    struct store_feed feed = seen(NOON);
    static const int waits[] = {5, 10, 20, 40, 60, 60, 60};
    for (int i = 0; i < 7; i++) {
        feed.failures = i + 1;
        usec_t wait = feed_next_poll(feed_find("extra"), &feed, NOON, 0) - NOON;
        assert_int_equal(wait, SECONDS(waits[i]));
        usec_t least = feed_next_poll(feed_find("extra"), &feed, NOON, 1) - NOON;
        assert_int_equal(least, SECONDS(waits[i]) * 3 / 4);
    }
    feed.failures = 2000000000;
    assert_int_equal(feed_next_poll(feed_find("extra"), &feed, NOON, 0), NOON + MINUTES(1));
    assert_true(feed_next_poll(feed_find("other"), &feed, NOON, 0) <= NOON + MINUTES(10));
}

static void the_phase_is_learnt_within_its_bounds(void **state)
{
    (void)state;
    const usec_t sixteenth = NOON - NOON % MINUTES(16); /* downwards only now and then */
    assert_int_equal(feed_learn_phase(20, sixteenth, sixteenth + SECONDS(20)), 19);
    assert_int_equal(feed_learn_phase(20, sixteenth + MINUTES(1), sixteenth + SECONDS(80)), 20);
    assert_int_equal(feed_learn_phase(20, NOON + SECONDS(17), NOON + SECONDS(20)), 20);
    /* Made later in the minute than we come: we got the page of the minute before. */
    assert_int_equal(feed_learn_phase(20, NOON + SECONDS(37), NOON + SECONDS(80)), 30);
    assert_int_equal(feed_learn_phase(20, NOON, NOON + HOURS(5)), 20); /* a frozen page */
    assert_int_equal(feed_learn_phase(20, NOON, NOON - SECONDS(5)), 20);
    assert_int_equal(feed_learn_phase(-1, sixteenth, sixteenth + SECONDS(20)), 19);
    int phase = 20;
    for (int i = 0; i < 240; i++)
        phase = feed_learn_phase(phase, NOON + MINUTES(i), NOON + MINUTES(i) + SECONDS(10));
    assert_int_equal(phase, 5);
    for (int i = 0; i < 100; i++)
        phase = feed_learn_phase(phase, NOON + SECONDS(58), NOON + SECONDS(59));
    assert_int_equal(phase, 55);
}

static void a_gap_is_seen_when_no_entry_overlaps(void **state)
{
    (void)state;
    const struct feed_entry entries[] = {{.updated = NOON + MINUTES(9)},
                                         {.updated = NOON + MINUTES(3)},
                                         {.updated = NOON + MINUTES(5)}};
    const struct feed_page page = {.entries = entries, .entry_count = 3};
    const struct feed_page empty = {0};
    struct store_feed before = {.newest_updated = NOON + MINUTES(2)};
    assert_true(feed_gap(&before, &page));
    assert_false(feed_gap(&before, &empty));
    before.newest_updated = NOON + MINUTES(3);
    assert_false(feed_gap(&before, &page));
    before.newest_updated = 0;
    assert_false(feed_gap(&before, &page));
}

static void sight_has_five_states(void **state)
{
    (void)state;
    const struct feed_row *row = feed_find("eqvol");
    struct store_feed feed = seen(NOON);
    assert_int_equal(feed_freshness(row, &feed, true, false, NOON), FRESH_QUIET);
    assert_int_equal(feed_freshness(row, &feed, true, true, NOON), FRESH_ALERTS);
    assert_int_equal(feed_freshness(row, &feed, false, true, NOON), NOT_CONFIGURED);
    assert_int_equal(feed_freshness(row, &feed, true, true, NOON + MINUTES(3)), FRESH_ALERTS);
    assert_int_equal(feed_freshness(row, &feed, true, true, NOON + MINUTES(3) + 1), UNAVAILABLE);
    assert_int_equal(feed_freshness(feed_find("other"), &feed, true, false, NOON + MINUTES(45)),
                     FRESH_QUIET);
    feed.newest_updated = NOON - row->silence_max - 1;
    assert_int_equal(feed_freshness(row, &feed, true, true, NOON), STALE);
    feed.newest_updated = 0;
    assert_int_equal(feed_freshness(row, &feed, true, false, NOON), STALE);
    feed = seen(NOON);
    feed.last_success = 0;
    assert_int_equal(feed_freshness(row, &feed, true, false, NOON), UNAVAILABLE);
    feed.last_success = NOON + HOURS(2); /* the clock was set back */
    assert_int_equal(feed_freshness(row, &feed, true, false, NOON), UNAVAILABLE);
    for (int i = FRESH_ALERTS; i <= NOT_CONFIGURED; i++)
        assert_non_null(freshness_name((enum freshness)i));
    assert_string_equal(freshness_name(NOT_CONFIGURED), "not-configured");
}

static void the_quietest_real_gaps_are_not_called_frozen(void **state)
{
    (void)state;
    /* Ash forecasts every three hours were the only entries of the quietest stored pages. */
    assert_true(feed_find("eqvol")->silence_max > HOURS(3) + MINUTES(10));
    assert_true(feed_find("extra")->silence_max > HOURS(3) + MINUTES(10));
}

static void the_budget_never_stops_wholly(void **state)
{
    (void)state;
    assert_int_equal(feed_budget(0), BUDGET_FULL);
    assert_int_equal(feed_budget(499999999), BUDGET_FULL);
    assert_int_equal(feed_budget(500000000), BUDGET_TIGHT);
    assert_int_equal(feed_budget(899999999), BUDGET_TIGHT);
    assert_int_equal(feed_budget(900000000), BUDGET_LAST);
    assert_int_equal(feed_budget(INT64_MAX), BUDGET_LAST);
}

static void a_telegram_is_tried_again_soon_then_slowly_then_no_more(void **state)
{
    (void)state;
    static const int waits[] = {1, 1, 2, 5, 10, 20, 40, 60, 60, 60};
    for (int i = 0; i < 10; i++)
        assert_int_equal(feed_entry_wait(i, SECONDS(30), 0), SECONDS(waits[i]));
    assert_true(feed_entry_wait(3, SECONDS(30), 1) < SECONDS(5));
    assert_true(feed_entry_wait(3, SECONDS(30), 1) >= SECONDS(3));
    assert_int_equal(feed_entry_wait(500, HOURS(2), 0), MINUTES(10));
    assert_true(feed_entry_wait(1, HOURS(24) - 1, 0) > 0);
    assert_int_equal(feed_entry_wait(1, HOURS(24), 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_of_feeds_is_whole),
        cmocka_unit_test(polls_keep_to_their_second_of_the_minute),
        cmocka_unit_test(a_minute_feed_is_polled_once_in_each_minute_of_a_day),
        cmocka_unit_test(failures_back_off_to_a_minute_at_most),
        cmocka_unit_test(the_phase_is_learnt_within_its_bounds),
        cmocka_unit_test(a_gap_is_seen_when_no_entry_overlaps),
        cmocka_unit_test(sight_has_five_states),
        cmocka_unit_test(the_quietest_real_gaps_are_not_called_frozen),
        cmocka_unit_test(the_budget_never_stops_wholly),
        cmocka_unit_test(a_telegram_is_tried_again_soon_then_slowly_then_no_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
