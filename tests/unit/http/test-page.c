/* The status page: what it says in each state of sight, and what it must never say. */
#include "http/fixture.h"

#include "feed/feed.h"

static char *page_of(TALLOC_CTX *context, const struct fixture *fixture, bool old)
{
    struct page_set *set = fixture_set(fixture);
    char *page = fixture_body(context, set, PAGE_HOME, "en", old);
    page_set_unref(set);
    return page;
}

static struct fixture *fixture_seen(TALLOC_CTX *context, enum freshness first,
                                    enum freshness second)
{
    struct fixture *fixture = fixture_new(context);
    fixture->feeds[0].freshness = first;
    fixture->feeds[1].freshness = second;
    return fixture;
}

static void nothing_in_force_is_said_only_with_fresh_sight(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    static const enum freshness all[] = {FRESH_ALERTS, FRESH_QUIET, STALE, UNAVAILABLE,
                                         NOT_CONFIGURED};
    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < 5; j++) {
            struct fixture *fixture = fixture_seen(context, all[i], all[j]);
            bool fresh = all[i] <= FRESH_QUIET && all[j] <= FRESH_QUIET;
            char *page = page_of(context, fixture, false);
            assert_int_equal(fixture_times(page, "NOTHING IN FORCE"), fresh ? 1 : 0);
            assert_lacks(page_of(context, fixture, true), "NOTHING IN FORCE");
        }
    }
    talloc_free(context);
}

static void a_blind_feed_is_told_with_the_time_since_when(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_seen(context, FRESH_QUIET, UNAVAILABLE);
    fixture->feeds[1].last_success = NOW - 7 * USEC_PER_MINUTE;
    char *page = page_of(context, fixture, false);
    assert_contains(page, "BLIND SINCE 2024-01-01T16:36:00+09:00");
    assert_contains(page, "freshness.unavailable");
    talloc_free(context);
}

static void a_feed_that_was_never_seen_has_no_made_up_time(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_seen(context, UNAVAILABLE, UNAVAILABLE);
    fixture->feeds[0].last_success = fixture->feeds[1].last_success = 0;
    char *page = page_of(context, fixture, false);
    assert_contains(page, "page.blind-start");
    assert_lacks(page, "BLIND SINCE");
    talloc_free(context);
}

static void a_frozen_feed_is_stale_since_its_newest_entry(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_seen(context, STALE, FRESH_QUIET);
    fixture->feeds[0].newest_updated = NOW - 5 * USEC_PER_HOUR;
    assert_contains(page_of(context, fixture, false), "STALE SINCE 2024-01-01T11:43:00+09:00");
    talloc_free(context);
}

static void a_blind_feed_does_not_hide_behind_one_that_is_not_set_up(void **state)
{
    (void)state;
    struct page_feed feeds[] = {{.name = "eqvol", .freshness = UNAVAILABLE},
                                {.name = "extra", .freshness = NOT_CONFIGURED}};
    assert_int_equal(page_sight(feeds, 2), UNAVAILABLE);
    feeds[0].freshness = STALE;
    assert_int_equal(page_sight(feeds, 2), STALE);
    feeds[0].freshness = FRESH_QUIET;
    assert_int_equal(page_sight(feeds, 2), NOT_CONFIGURED);
    assert_int_equal(page_sight(NULL, 0), NOT_CONFIGURED);
}

static void the_silence_of_a_feed_that_is_not_watched_does_not_matter(void **state)
{
    (void)state;
    const struct page_feed feeds[] = {{.name = "eqvol", .freshness = FRESH_QUIET},
                                      {.name = "regular", .freshness = UNAVAILABLE}};
    assert_int_equal(page_sight(feeds, 2), FRESH_QUIET);
    const struct page_feed unknown[] = {{.name = "new-feed", .freshness = STALE}};
    assert_int_equal(page_sight(unknown, 1), STALE);
}

static void a_page_without_any_feed_says_that_it_cannot_warn(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    fixture->input.feed_count = 0;
    assert_contains(page_of(context, fixture, false), "page.not-configured");
    fixture->input.feed_count = 2;
    fixture->feeds[1].freshness = NOT_CONFIGURED;
    char *page = page_of(context, fixture, false);
    assert_contains(page, "page.partly");
    assert_lacks(page, "page.not-configured");
    talloc_free(context);
}

static void an_old_snapshot_keeps_its_alerts_below_a_banner(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    fixture_force(fixture, fixture_alert(context, "a", HAZARD_TSUNAMI, 5));
    char *page = page_of(context, fixture, true);
    char *banner = strstr(page, "BLIND SINCE 2024-01-01T16:43:00+09:00");
    char *as_of = strstr(page, "page.as-of 2024-01-01T16:43:00+09:00");
    char *card = strstr(page, "HEAD en tsunami");
    assert_non_null(banner);
    assert_non_null(as_of);
    assert_non_null(card);
    assert_true(banner < as_of && as_of < card);
    assert_lacks(page, "CHECKED");
    assert_lacks(page, "freshness.fresh");
    talloc_free(context);
}

static void only_a_real_danger_in_force_interrupts_a_screen_reader(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    for (int level = 1; level <= 5; level++) {
        struct fixture *fixture = fixture_new(context);
        fixture_force(fixture, fixture_alert(context, "a", HAZARD_RAIN, level));
        assert_int_equal(fixture_times(page_of(context, fixture, false), "\" role=\"alert\""),
                         level >= 4);
    }
    struct fixture *fixture = fixture_new(context);
    struct alert *past = fixture_alert(context, "b", HAZARD_TSUNAMI, 5);
    past->phase = PHASE_ALL_CLEAR;
    fixture_recent(fixture, past);
    struct alert *drill = fixture_alert(context, "c", HAZARD_TSUNAMI, 5);
    drill->status = STATUS_EXERCISE;
    fixture->drills[fixture->input.drill_count++] = drill;
    char *page = page_of(context, fixture, false);
    assert_lacks(page, "role=\"alert\"");
    assert_contains(page, "<li class=\"green\"><span class=\"chip\">CHIP 5</span>");
    assert_contains(page, "NOTHING IN FORCE");
    talloc_free(context);
}

static void what_only_ran_out_is_past_and_has_no_danger_colour(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    fixture_recent(fixture, fixture_alert(context, "a", HAZARD_TSUNAMI, 5));
    char *page = page_of(context, fixture, false);
    assert_contains(page, "<li class=\"white\"><span class=\"chip\">page.past</span> HEAD en");
    assert_lacks(page, "CHIP 5");
    talloc_free(context);
}

static void a_drill_is_never_among_real_alerts_whatever_list_it_came_in(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    static const enum telegram_status unreal[] = {STATUS_EXERCISE, STATUS_TEST, STATUS_UNKNOWN};
    for (size_t i = 0; i < 3; i++) {
        struct fixture *fixture = fixture_new(context);
        struct alert *drill = fixture_alert(context, "drill", HAZARD_TSUNAMI, 5);
        drill->status = unreal[i];
        fixture_force(fixture, drill);
        fixture_recent(fixture, drill);
        fixture_force(fixture, fixture_alert(context, "real", HAZARD_RAIN, 3));
        char *page = page_of(context, fixture, false);
        char *real = strstr(page, "HEAD en rain");
        char *section = strstr(page, "<section class=\"drills\">");
        char *first = strstr(page, "HEAD en tsunami");
        assert_true(real != NULL && section != NULL && first != NULL);
        assert_true(real < section && section < first);
        assert_contains(section, "card blue");
        assert_contains(section, "This is a drill.");
        assert_lacks(page, "role=\"alert\"");
        assert_contains(page, "page.in-force: 1<");
    }
    talloc_free(context);
}

static void an_event_stands_once_with_its_newest_step(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    struct alert *current = fixture_alert(context, "new", HAZARD_TSUNAMI, 3);
    struct alert *before = fixture_alert(context, "old", HAZARD_TSUNAMI, 5);
    before->event_id = current->event_id;
    before->title_ja = "OLDER STEP";
    fixture_force(fixture, current);
    fixture_recent(fixture, before);
    assert_lacks(page_of(context, fixture, false), "OLDER STEP");
    talloc_free(context);
}

static void hostile_names_are_escaped_and_cleaned(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    struct alert *alert = fixture_alert(context, "\"><script>x", HAZARD_TSUNAMI, 5);
    alert->title_ja = "<script>alert(1)</script>\xe2\x80\xae{time}%n&";
    fixture_place(alert, "\"'><img src=x onerror=y>");
    fixture_force(fixture, alert);
    fixture_recent(fixture, fixture_alert(context, "r", HAZARD_RAIN, 2));
    fixture->input.operator_name = "<b>{time}</b>";
    fixture->feeds[0].name = "<feed>";
    char *page = page_of(context, fixture, false);
    assert_lacks(page, "<script>alert");
    assert_lacks(page, "<img");
    assert_lacks(page, "<feed>");
    assert_lacks(page, "<b>{time}");
    assert_lacks(page, "\xe2\x80\xae");
    assert_contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;{time}%n&amp;");
    assert_contains(page, "SOURCE &lt;b&gt;{time}&lt;/b&gt;");
    assert_int_equal(fixture_times(page, "<script>"), 1);
    talloc_free(context);
}

static void a_name_of_ten_kilobytes_does_not_take_the_page(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    char *name = memory_text(context, "");
    for (size_t i = 0; i < 1000; i++)
        name = talloc_strdup_append(name, "abcdefghij");
    for (size_t i = 0; i < 60; i++) {
        struct alert *alert =
            fixture_alert(context, memory_printf(context, "%zu", i), HAZARD_RAIN, 2);
        fixture_place(alert, name);
        fixture_force(fixture, alert);
        fixture_recent(fixture, alert);
    }
    char *page = page_of(context, fixture, false);
    assert_contains(page, "MORE ALERTS");
    assert_true(strlen(page) < 60000);
    talloc_free(context);
}

static void hundreds_of_alerts_fit_into_a_small_page_gravest_first(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    for (size_t i = 0; i < 350; i++) {
        enum hazard hazard = i % 3 == 0 ? HAZARD_THUNDER : i % 3 == 1 ? HAZARD_FOG : HAZARD_RAIN;
        struct alert *alert =
            fixture_alert(context, memory_printf(context, "w%zu", i), hazard, 2 + (i == 349));
        fixture_place(alert, memory_printf(context, "市町村%zu", i));
        fixture_force(fixture, alert);
    }
    fixture_force(fixture, fixture_alert(context, "t", HAZARD_TSUNAMI, 2));
    char *page = page_of(context, fixture, false);
    assert_true(strlen(page) < 30000);
    assert_contains(page, "page.in-force: 351<");
    char *third = strstr(page, "CHIP 3");
    char *tsunami = strstr(page, "HEAD en tsunami");
    char *rest = strstr(page, "MORE ALERTS");
    assert_true(third != NULL && tsunami != NULL && rest != NULL);
    assert_true(third < tsunami && tsunami < rest);
    for (size_t i = 0; i < 350; i++)
        assert_contains(page, memory_printf(context, "市町村%zu", i));
    talloc_free(context);
}

static void a_long_list_of_places_is_folded_away_by_level(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    struct alert *alert = fixture_alert(context, "a", HAZARD_TSUNAMI, 5);
    struct alert_area *areas = memory_array(alert, struct alert_area, 30);
    for (size_t i = 0; i < 30; i++)
        areas[i] = (struct alert_area){.system = AREA_TSUNAMI_COAST,
                                       .code = "x",
                                       .name_ja = memory_printf(alert, "海岸%zu.", i),
                                       .level = i < 10   ? 3
                                                : i < 25 ? 5
                                                         : 0};
    alert->areas = areas;
    alert->area_count = 30;
    fixture_force(fixture, alert);
    char *page = page_of(context, fixture, false);
    char *list = strstr(page, "<details><summary>ALL PLACES 25</summary>");
    assert_non_null(list);
    assert_true(strstr(list, "海岸10.") < strstr(list, "海岸9."));
    assert_lacks(page, "海岸27.");
    talloc_free(context);
}

static void every_language_has_its_page_and_a_way_to_the_others(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    struct page_set *set = fixture_set(fixture);
    for (size_t i = 0; fixture_languages[i] != NULL; i++) {
        char *page = fixture_body(context, set, PAGE_HOME, fixture_languages[i], false);
        assert_contains(page, memory_printf(context, "<html lang=\"%s\">", fixture_languages[i]));
        assert_contains(page, "<a href=\"/?lang=vi\" lang=\"vi\" hreflang=\"vi\"");
        assert_contains(page, "Tiếng Việt");
        assert_int_equal(fixture_times(page, "aria-current=\"true\""), 1);
        assert_contains(page, "http-equiv=\"refresh\" content=\"60\"");
        assert_contains(page, "MADE 2024-01-01T16:43:00+09:00");
        assert_lacks(page, "http:");
        assert_lacks(page, "https:");
        assert_lacks(page, " style=");
    }
    page_set_unref(set);
    talloc_free(context);
}

static void actions_stand_before_facts(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    fixture_force(fixture, fixture_alert(context, "a", HAZARD_TSUNAMI, 4));
    char *page = page_of(context, fixture, false);
    assert_true(strstr(page, "Go to high ground now.") <
                strstr(page, "First sentence.</p><p>Second"));
    assert_contains(page, "<p class=\"official\">OFFICIAL 津波警報</p>");
    assert_contains(page, "card purple");
    talloc_free(context);
}

static void a_set_lives_until_its_last_reader_lets_go(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct page_set *set = fixture_set(fixture_new(context));
    page_set_ref(set);
    page_set_unref(set);
    assert_true(page_set_body(set, PAGE_HOME, "en", false).parts[0].length > 0);
    page_set_unref(set);
    page_set_unref(NULL);
    talloc_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_in_force_is_said_only_with_fresh_sight),
        cmocka_unit_test(a_blind_feed_is_told_with_the_time_since_when),
        cmocka_unit_test(a_feed_that_was_never_seen_has_no_made_up_time),
        cmocka_unit_test(a_frozen_feed_is_stale_since_its_newest_entry),
        cmocka_unit_test(a_blind_feed_does_not_hide_behind_one_that_is_not_set_up),
        cmocka_unit_test(the_silence_of_a_feed_that_is_not_watched_does_not_matter),
        cmocka_unit_test(a_page_without_any_feed_says_that_it_cannot_warn),
        cmocka_unit_test(an_old_snapshot_keeps_its_alerts_below_a_banner),
        cmocka_unit_test(only_a_real_danger_in_force_interrupts_a_screen_reader),
        cmocka_unit_test(what_only_ran_out_is_past_and_has_no_danger_colour),
        cmocka_unit_test(a_drill_is_never_among_real_alerts_whatever_list_it_came_in),
        cmocka_unit_test(an_event_stands_once_with_its_newest_step),
        cmocka_unit_test(hostile_names_are_escaped_and_cleaned),
        cmocka_unit_test(a_name_of_ten_kilobytes_does_not_take_the_page),
        cmocka_unit_test(hundreds_of_alerts_fit_into_a_small_page_gravest_first),
        cmocka_unit_test(a_long_list_of_places_is_folded_away_by_level),
        cmocka_unit_test(every_language_has_its_page_and_a_way_to_the_others),
        cmocka_unit_test(actions_stand_before_facts),
        cmocka_unit_test(a_set_lives_until_its_last_reader_lets_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
