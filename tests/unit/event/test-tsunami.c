/* The national tsunami state: upgrade, release, forecast, cancel, observations. */
#include "event/build.h"

#define MINUTE USEC_PER_MINUTE

static int begin(void **state)
{
    struct build_run *run = memory_new(NULL, struct build_run);
    run->context = run;
    run->graph = build_graph(run);
    *state = run;
    return 0;
}

static int end(void **state)
{
    struct build_run *run = *state;
    json_decref(run->state);
    talloc_free(run);
    return 0;
}

static struct report *observation(struct build_run *run, const char *code, usec_t at,
                                  const char *area, double height_m, const char *condition)
{
    struct report *report = build_tsunami(run, code, at, "");
    report->tsunami.is_state = false;
    struct tsunami_observation *seen = memory_new(run, struct tsunami_observation);
    *seen = (struct tsunami_observation){.area_code = area,
                                         .station_name = "輪島港",
                                         .station_code = "35001",
                                         .max_at = at,
                                         .max_condition = condition,
                                         .height_m = height_m};
    report->tsunami.observations = seen;
    report->tsunami.observation_count = 1;
    return report;
}

static void each_telegram_is_the_whole_state(void **state)
{
    struct build_run *run = *state;
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE41", NOON, "360 51 ３ｍ,110 62 １ｍ"));
    assert_string_equal(run->key, "tsunami/actual");
    assert_string_equal(alert->event_id, "tsunami-20260901T120000Z");
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert->level, 4);
    assert_true(alert->expires == NOON + USEC_PER_DAY);
    alert = run_report(run, build_tsunami(run, "VTSE41", NOON + MINUTE, "360 53 ５ｍ,110 62 １ｍ"));
    assert_int_equal(alert->phase, PHASE_UPGRADE);
    assert_true(alert_find(alert, "360")->changed);
    assert_int_equal(alert_find(alert, "360")->previous_level, 4);
    assert_false(alert_find(alert, "110")->changed);
    alert = run_report(run, build_tsunami(run, "VTSE41", NOON + 2 * MINUTE, "360 52 ５ｍ,110 60"));
    assert_int_equal(alert->phase, PHASE_UPDATE);
    assert_int_equal(alert_find(alert, "110")->level, 0);
    assert_false(alert_find(alert, "360")->changed); /* 53 and 52 are the same to people */
    alert = run_report(run, build_tsunami(run, "VTSE41", NOON + 3 * MINUTE, "360 50"));
    assert_int_equal(alert->phase, PHASE_ALL_CLEAR);
    assert_int_equal(alert->level, 5);
    assert_int_equal(alert_find(alert, "360")->previous_level, 5);
    assert_false(alert_find(alert, "110")->changed);
}

static void the_next_tsunami_is_a_new_instance(void **state)
{
    struct build_run *run = *state;
    const char *first = run_report(run, build_tsunami(run, "VTSE41", NOON, "360 51"))->event_id;
    run_report(run, build_tsunami(run, "VTSE41", NOON + MINUTE, "360 50"));
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE41", NOON + 2 * MINUTE, "110 62"));
    assert_string_not_equal(alert->event_id, first);
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert->reference_count, 0);
    assert_false(alert_lists(alert, "360"));
}

static void details_without_a_change_make_no_alert(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 51 ３ｍ"));
    assert_null(run_report(run, build_tsunami(run, "VTSE51", NOON + MINUTE, "360 51 ３ｍ")));
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE51", NOON + 2 * MINUTE, "360 51 ５ｍ"));
    assert_int_equal(alert->phase, PHASE_UPDATE);
    assert_true(alert_find(alert, "360")->changed);
    assert_null(run_report(run, build_tsunami(run, "VTSE41", NOON, "360 51 ３ｍ")));
}

static void only_an_important_wave_is_news(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53"));
    assert_null(run_report(run, observation(run, "VTSE51", NOON + MINUTE, "360", 0.4, NULL)));
    assert_null(
        run_report(run, observation(run, "VTSE51", NOON + 2 * MINUTE, "360", NAN, "観測中")));
    struct alert *alert =
        run_report(run, observation(run, "VTSE51", NOON + 3 * MINUTE, "360", NAN, "重要　欠測"));
    assert_non_null(alert);
    assert_int_equal(alert->observation_count, 1);
    assert_string_equal(alert->observations[0].condition, "重要　欠測");
    assert_null(run_report(run, observation(run, "VTSE51", NOON + 4 * MINUTE, "360", 1.2, "重要")));
    assert_non_null(
        run_report(run, observation(run, "VTSE51", NOON + 5 * MINUTE, "360", 3.1, NULL)));
    /* The newest of a station counts, whatever comes later. */
    assert_null(run_report(run, observation(run, "VTSE51", NOON + MINUTE, "360", 9.9, "重要")));
}

/* VTSE52 of one station and of what it means for a coast. */
static struct report *offshore(struct build_run *run, usec_t at, const char *condition,
                               const char *revise)
{
    struct report *report = observation(run, "VTSE52", at, NULL, NAN, condition);
    struct tsunami_observation *estimate = memory_new(run, struct tsunami_observation);
    ((struct tsunami_observation *)report->tsunami.observations)->max_revise = revise;
    *estimate = (struct tsunami_observation){
        .area_code = "360", .max_condition = "推定中", .max_revise = revise, .height_m = NAN};
    report->tsunami.estimates = estimate;
    report->tsunami.estimate_count = 1;
    return report;
}

/* 観測中 that JMA raises (更新) hides a wave as of a warning. */
static void a_wave_out_at_sea_that_is_raised_without_a_height_is_news(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53"));
    assert_null(run_report(run, offshore(run, NOON + MINUTE, "観測中", "追加")));
    assert_null(run_report(run, offshore(run, NOON + 2 * MINUTE, "観測中", NULL)));
    struct alert *alert = run_report(run, offshore(run, NOON + 3 * MINUTE, "観測中", "更新"));
    assert_int_equal(alert->phase, PHASE_UPDATE);
    assert_int_equal(alert->observation_count, 2);
    assert_true(alert->observations[0].risen && alert->observations[1].risen);
    assert_null(alert->observations[1].station_ja);
    assert_string_equal(alert->observations[1].area_code, "360");
    /* It stays so until a height is given, and is no news again. */
    assert_null(run_report(run, offshore(run, NOON + 4 * MINUTE, "観測中", NULL)));
    assert_null(run_report(run, offshore(run, NOON + 5 * MINUTE, "観測中", "更新")));
}

static void a_station_out_at_sea_that_falls_silent_has_not_risen(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53"));
    struct report *silent = observation(run, "VTSE52", NOON + MINUTE, NULL, NAN, "観測中　欠測");
    ((struct tsunami_observation *)silent->tsunami.observations)->max_revise = "更新";
    assert_null(run_report(run, silent));
    /* Nor has one that comes back, or one on a coast: VTSE51 has no such sign. */
    struct report *back = observation(run, "VTSE52", NOON + 2 * MINUTE, NULL, NAN, "観測中");
    ((struct tsunami_observation *)back->tsunami.observations)->max_revise = "更新";
    assert_null(run_report(run, back));
    struct report *coast = observation(run, "VTSE51", NOON + 3 * MINUTE, "360", NAN, "観測中");
    ((struct tsunami_observation *)coast->tsunami.observations)->max_revise = "更新";
    assert_null(run_report(run, coast));
}

static void an_observation_without_any_warning_alerts_nobody(void **state)
{
    struct build_run *run = *state;
    assert_null(run_report(run, observation(run, "VTSE52", NOON, NULL, 3, "重要")));
    struct alert *alert = run_report(run, build_tsunami(run, "VTSE41", NOON + MINUTE, "360 53"));
    assert_int_equal(alert->observation_count, 1);
    assert_null(alert->observations[0].area_code);
}

static void a_forecast_ends_quietly_at_its_time(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_tsunami(run, "VTSE41", NOON, "360 71");
    build_telegram(report)->valid_until = NOON + 60 * MINUTE;
    struct alert *alert = run_report(run, report);
    assert_int_equal(alert->level, 1);
    assert_true(alert->expires == NOON + 60 * MINUTE);
    assert_true(event_expires_at(run->state) == NOON + 60 * MINUTE);
    struct event_state event = {.key = "tsunami/actual", .json = run->state};
    assert_null(event_expire(run->context, run->graph, &event, NOON + 59 * MINUTE));
    struct event_change *change =
        event_expire(run->context, run->graph, &event, NOON + 60 * MINUTE);
    assert_null(change->alert);
    assert_true(event_expires_at(change->state) == 0);
    event.json = change->state;
    assert_null(event_expire(run->context, run->graph, &event, NOON + 61 * MINUTE));
    /* What follows is a new instance, and the forecast does not come back. */
    struct event_change *again =
        event_apply(run->context, run->graph, &event, report, NOON + 61 * MINUTE);
    assert_null(again->alert);
}

static void
the_end_of_a_forecast_after_a_warning_is_told_to_those_who_missed_the_release(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53"));
    struct report *report = build_tsunami(run, "VTSE41", NOON + MINUTE, "360 71");
    build_telegram(report)->valid_until = NOON + 60 * MINUTE;
    struct alert *alert = run_report(run, report);
    assert_int_equal(alert->phase, PHASE_DOWNGRADE);
    struct event_state event = {.key = "tsunami/actual", .json = run->state};
    struct event_change *change =
        event_expire(run->context, run->graph, &event, NOON + 60 * MINUTE);
    assert_non_null(change->alert);
    assert_int_equal(change->alert->phase, PHASE_ALL_CLEAR);
    assert_int_equal(change->alert->level, 1);
    assert_int_equal(change->alert->status, STATUS_ACTUAL);
    assert_int_equal(alert_find(change->alert, "360")->level, 0);
    assert_string_equal(change->alert->event_id, alert->event_id);
}

static void a_forecast_that_is_overdue_is_not_carried_into_the_next_tsunami(void **state)
{
    struct build_run *run = *state;
    const char *first = run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53"))->event_id;
    struct report *report = build_tsunami(run, "VTSE41", NOON + MINUTE, "360 71");
    build_telegram(report)->valid_until = NOON + 60 * MINUTE;
    run_report(run, report);
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE41", NOON + 30 * USEC_PER_DAY, "110 62"));
    assert_string_not_equal(alert->event_id, first);
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert->area_count, 1);
}

static void a_warning_never_ends_by_time_alone(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_tsunami(run, "VTSE41", NOON, "360 62,110 71");
    build_telegram(report)->valid_until = NOON + 60 * MINUTE;
    assert_true(run_report(run, report)->expires == NOON + USEC_PER_DAY);
    assert_true(event_expires_at(run->state) == 0);
}

static struct report *cancel(struct build_run *run, const char *code, usec_t at, const char *id)
{
    struct report *report = build_report(run, code, REPORT_TSUNAMI, id, at);
    build_info(report, INFO_CANCEL);
    return report;
}

static void a_cancel_withdraws_and_silences_what_is_older(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 62"));
    struct alert *alert = run_report(run, cancel(run, "VTSE41", NOON + MINUTE, "20260901120005"));
    assert_int_equal(alert->phase, PHASE_CANCEL);
    assert_int_equal(alert->level, 3);
    assert_null(run_report(run, cancel(run, "VTSE41", NOON + MINUTE, "20260901120005")));
    assert_null(run_report(run, build_tsunami(run, "VTSE51", NOON + MINUTE / 2, "360 62")));
    assert_non_null(run_report(run, build_tsunami(run, "VTSE41", NOON + 2 * MINUTE, "360 62")));
}

static void a_cancel_of_details_leaves_the_warning(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53 ５ｍ"));
    run_report(run, build_tsunami(run, "VTSE51", NOON + MINUTE, "360 53 １０ｍ"));
    struct alert *alert =
        run_report(run, cancel(run, "VTSE51", NOON + 2 * MINUTE, "20260901120005"));
    assert_int_equal(alert->phase, PHASE_CORRECTION);
    assert_int_equal(alert->level, 5);
    assert_string_equal(alert_find(alert, "360")->height_text, "５ｍ");
}

static void a_withdrawn_wave_is_not_shown_again(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53 ５ｍ"));
    struct report *wave = observation(run, "VTSE51", NOON + MINUTE, "360", 10.2, NULL);
    assert_int_equal(run_report(run, wave)->observation_count, 1);
    run_report(run, cancel(run, "VTSE51", NOON + 2 * MINUTE, "20260901120005"));
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE41", NOON + 3 * MINUTE, "360 53 ３ｍ"));
    assert_int_equal(alert->observation_count, 0);
    assert_null(run_report(run, wave)); /* nor is it news when it comes once more */
}

static void a_wave_of_days_ago_is_no_news(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON + 2 * USEC_PER_DAY, "360 53 ５ｍ"));
    struct report *wave = observation(run, "VTSE52", NOON, "360", 10.2, NULL);
    assert_null(run_report(run, wave));
    assert_null(run_report(run, wave));
}

static void what_stood_before_a_withdrawn_forecast_holds_again(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 51"));
    struct report *forecast = build_tsunami(run, "VTSE51", NOON + MINUTE, "360 71");
    build_telegram(forecast)->valid_until = NOON + 60 * MINUTE;
    run_report(run, forecast);
    run->now = NOON + 90 * MINUTE;
    struct alert *alert =
        run_report(run, cancel(run, "VTSE51", NOON + 80 * MINUTE, "20260901120005"));
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_int_equal(alert_find(alert, "360")->level, 4);
}

static void two_telegrams_of_one_second_make_two_ids(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53 ５ｍ"));
    struct report *first = observation(run, "VTSE51", NOON + MINUTE, "360", 1.2, NULL);
    struct report *second = observation(run, "VTSE51", NOON + MINUTE, "360", 5.2, NULL);
    build_telegram(second)->id = "VTSE51-second";
    struct tsunami_observation *seen = (struct tsunami_observation *)second->tsunami.observations;
    seen->station_code = "35002";
    const char *id = run_report(run, first)->id;
    assert_string_not_equal(run_report(run, second)->id, id);
}

static void a_cancel_for_another_earthquake_changes_nothing(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53"));
    assert_null(run_report(run, cancel(run, "VTSE41", NOON + MINUTE, "20200101000000")));
    assert_non_null(run_report(run, cancel(run, "VTSE41", NOON + 2 * MINUTE, NULL)));
}

/* Two earthquakes behind one warning: its withdrawal names both. */
static void a_cancel_of_two_earthquakes_withdraws_what_either_began(void **state)
{
    for (size_t i = 0; i < 2; i++) {
        struct build_run *run = *state;
        static const char *const ids[] = {"20260901120005", "20260901123000"};
        json_decref(run->state);
        run->state = NULL;
        struct report *warning = build_tsunami(run, "VTSE41", NOON, "360 53");
        build_telegram(warning)->event_ids = &ids[i];
        run_report(run, warning);
        struct report *both = cancel(run, "VTSE41", NOON + MINUTE, "20260901120005 20260901123000");
        build_telegram(both)->event_ids = ids;
        build_telegram(both)->event_id_count = 2;
        struct alert *alert = run_report(run, both);
        assert_non_null(alert);
        assert_int_equal(alert->phase, PHASE_CANCEL);
    }
}

static void a_telegram_that_names_no_coast_does_not_release(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53,110 62"));
    assert_null(run_report(run, build_tsunami(run, "VTSE41", NOON + MINUTE, "")));
    struct report *damaged = build_tsunami(run, "VTSE41", NOON + 2 * MINUTE, "110 51");
    damaged->degraded = "one coast could not be read";
    struct alert *alert = run_report(run, damaged);
    assert_int_equal(alert_find(alert, "360")->level, 5);
    assert_int_equal(alert_find(alert, "110")->level, 4);
}

static void the_same_damaged_telegram_again_changes_nothing(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53,110 62"));
    run_report(run, build_tsunami(run, "VTSE51", NOON + MINUTE, "360 53,110 62,530 62"));
    struct report *damaged = build_tsunami(run, "VTSE41", NOON + 2 * MINUTE, "110 51");
    damaged->degraded = "one coast could not be read";
    assert_non_null(run_report(run, damaged));
    assert_null(run_report(run, damaged));
    assert_null(run_report(run, damaged));
}

static void a_state_that_ran_out_is_renewed_by_the_same_telegram(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 62"));
    assert_null(run_report(run, build_tsunami(run, "VTSE41", NOON + MINUTE, "360 62")));
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE41", NOON + 13 * USEC_PER_HOUR, "360 62"));
    assert_int_equal(alert->phase, PHASE_UPDATE); /* only so that it stays in force on the page */
    assert_false(alert_find(alert, "360")->changed);
    alert = run_report(run, build_tsunami(run, "VTSE41", NOON + 60 * USEC_PER_HOUR, "360 62"));
    assert_true(alert_find(alert, "360")->changed);
}

static void a_coast_whose_kind_was_lost_keeps_it_until_the_next_whole_telegram(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53,110 51"));
    struct report *damaged = build_tsunami(run, "VTSE41", NOON + MINUTE, "360 51,110 62");
    ((struct tsunami_area *)damaged->tsunami.areas)[0].at_least = true;
    damaged->degraded = "a coast has no kind";
    struct alert *alert = run_report(run, damaged);
    assert_int_equal(alert_find(alert, "360")->level, 5);
    assert_string_equal(alert_find(alert, "360")->grade, "major-warning");
    assert_int_equal(alert_find(alert, "110")->level, 3); /* its kind was read */
    alert = run_report(run, build_tsunami(run, "VTSE41", NOON + 2 * MINUTE, "360 51,110 62"));
    assert_int_equal(alert->phase, PHASE_DOWNGRADE);
    assert_int_equal(alert_find(alert, "360")->level, 4);
}

/* Found by tests/telegram/degrade: a coast that was lost from a telegram was told as released. */
static void a_coast_that_is_neither_warned_nor_lifted_stays_warned(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53 ５ｍ,110 62 １ｍ"));
    assert_null(run_report(run, build_tsunami(run, "VTSE41", NOON + MINUTE, "360 52 ５ｍ")));
    assert_string_equal(run->notice,
                        "VTSE41 neither warns nor lifts 岸110, warned before: kept warned");
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE41", NOON + 2 * MINUTE, "360 62 １ｍ,110 60"));
    assert_int_equal(alert_find(alert, "110")->level, 0);
    assert_int_equal(alert_find(alert, "110")->previous_level, 3);
    assert_null(run->notice);
}

static void a_telegram_that_warns_nobody_ends_it_all(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53,110 62"));
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE41", NOON + MINUTE, "360 50,340 71"));
    assert_int_equal(alert_find(alert, "110")->level, 0);
    assert_null(run->notice);
}

static void a_correction_may_take_back_a_coast(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53,110 62"));
    struct report *correction = build_tsunami(run, "VTSE41", NOON, "360 53");
    build_info(correction, INFO_CORRECTION);
    assert_int_equal(alert_find(run_report(run, correction), "110")->level, 0);
}

/* Its end was missed, as during a day without a network. */
static void a_coast_of_yesterday_is_not_carried_into_a_new_warning(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53"));
    struct report *next = build_tsunami(run, "VTSE41", NOON + 2 * USEC_PER_DAY, "110 62");
    assert_int_equal(alert_find(run_report(run, next), "360")->level, 0);
}

/* VTSE51 lists what is warned when it is written, and may overtake the VTSE41 that it follows. */
static void details_that_leave_out_a_coast_lift_nothing(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_tsunami(run, "VTSE41", NOON, "360 53 ５ｍ,110 62 １ｍ"));
    assert_null(run_report(run, build_tsunami(run, "VTSE51", NOON + 2 * MINUTE, "360 53 ５ｍ")));
    struct alert *said =
        run_report(run, build_tsunami(run, "VTSE51", NOON + 3 * MINUTE, "360 53 ５ｍ,110 60"));
    assert_int_equal(alert_find(said, "110")->level, 0);
    assert_non_null(run_report(
        run, build_tsunami(run, "VTSE51", NOON + 4 * MINUTE, "360 53 ５ｍ,110 62 １ｍ")));
    assert_null(run_report(run, build_tsunami(run, "VTSE51", NOON + 5 * MINUTE, "360 53 ５ｍ")));
    struct alert *alert =
        run_report(run, build_tsunami(run, "VTSE41", NOON + MINUTE, "360 53 ５ｍ,110 60"));
    assert_int_equal(alert_find(alert, "110")->level, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_telegram_is_the_whole_state),
        TEST(the_next_tsunami_is_a_new_instance),
        TEST(details_without_a_change_make_no_alert),
        TEST(only_an_important_wave_is_news),
        TEST(a_wave_out_at_sea_that_is_raised_without_a_height_is_news),
        TEST(a_station_out_at_sea_that_falls_silent_has_not_risen),
        TEST(an_observation_without_any_warning_alerts_nobody),
        TEST(a_forecast_ends_quietly_at_its_time),
        TEST(the_end_of_a_forecast_after_a_warning_is_told_to_those_who_missed_the_release),
        TEST(a_forecast_that_is_overdue_is_not_carried_into_the_next_tsunami),
        TEST(a_warning_never_ends_by_time_alone),
        TEST(a_cancel_withdraws_and_silences_what_is_older),
        TEST(a_cancel_of_details_leaves_the_warning),
        TEST(a_withdrawn_wave_is_not_shown_again),
        TEST(a_wave_of_days_ago_is_no_news),
        TEST(what_stood_before_a_withdrawn_forecast_holds_again),
        TEST(two_telegrams_of_one_second_make_two_ids),
        TEST(a_cancel_for_another_earthquake_changes_nothing),
        TEST(a_cancel_of_two_earthquakes_withdraws_what_either_began),
        TEST(a_telegram_that_names_no_coast_does_not_release),
        TEST(the_same_damaged_telegram_again_changes_nothing),
        TEST(a_state_that_ran_out_is_renewed_by_the_same_telegram),
        TEST(a_coast_whose_kind_was_lost_keeps_it_until_the_next_whole_telegram),
        TEST(a_coast_that_is_neither_warned_nor_lifted_stays_warned),
        TEST(a_telegram_that_warns_nobody_ends_it_all),
        TEST(a_correction_may_take_back_a_coast),
        TEST(a_coast_of_yesterday_is_not_carried_into_a_new_warning),
        TEST(details_that_leave_out_a_coast_lift_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
