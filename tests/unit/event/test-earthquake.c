/* The life of an earthquake across VXSE51, 52, 53 and 61, in any order. */
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

static void flash_source_and_details_are_one_event(void **state)
{
    struct build_run *run = *state;
    struct alert *flash = run_report(run, build_quake(run, "VXSE51", NOON, "390 6+", NULL, "0217"));
    assert_string_equal(run->key, "earthquake/actual/20260901120005");
    assert_string_equal(flash->event_id, "earthquake-20260901120005");
    assert_int_equal(flash->phase, PHASE_ISSUE);
    assert_int_equal(flash->level, 5);
    assert_true(flash->expires == NOON + 60 * MINUTE);
    assert_string_equal(flash->quake->tsunami_judgement, "wait");
    assert_string_equal(flash->quake->max_intensity, "6+");
    assert_true(isnan(flash->quake->magnitude));
    struct alert *source =
        run_report(run, build_quake(run, "VXSE52", NOON + MINUTE, NULL, NULL, "0211"));
    assert_string_equal(source->event_id, flash->event_id);
    assert_int_equal(source->phase, PHASE_UPDATE);
    assert_false(alert_find(source, "390")->changed);
    struct alert *details = run_report(run, build_quake(run, "VXSE53", NOON + 2 * MINUTE, "390 7",
                                                        "1720500 7,1720400 6-", "0211"));
    assert_int_equal(details->phase, PHASE_UPDATE); /* 6+ and 7 are the same level */
    assert_string_equal(alert_find(details, "1720400")->intensity, "6-");
    assert_true(alert_find(details, "390")->changed);
    assert_int_equal(details->reference_count, 2);
    assert_string_equal(details->references[0], flash->id);
}

/* JMA may go on from Osaka what Tokyo began. */
static void another_office_goes_on_with_the_same_event(void **state)
{
    struct build_run *run = *state;
    struct alert *flash = run_report(run, build_quake(run, "VXSE51", NOON, "390 6+", NULL, "0217"));
    struct report *report = build_quake(run, "VXSE53", NOON + MINUTE, "390 7", "1720500 7", "0211");
    build_telegram(report)->editorial_office = "大阪管区気象台";
    struct alert *details = run_report(run, report);
    assert_string_equal(run->key, "earthquake/actual/20260901120005");
    assert_string_equal(details->event_id, flash->event_id);
    assert_int_equal(details->phase, PHASE_UPDATE);
    report = build_quake(run, "VXSE53", NOON + 2 * MINUTE, NULL, NULL, NULL);
    build_info(report, INFO_CANCEL);
    build_telegram(report)->editorial_office = "大阪管区気象台";
    report->earthquake = (struct earthquake_report){0};
    assert_string_equal(run_report(run, report)->event_id, flash->event_id);
}

static void ids_hold_only_letters_digits_and_hyphens(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_quake(run, "VXSE51", NOON, "390 6+", NULL, NULL);
    build_telegram(report)->event_ids = (const char *const[]){"岩手県 <土砂>"};
    struct alert *alert = run_report(run, report);
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    assert_int_equal(strspn(alert->id, allowed), strlen(alert->id));
    assert_int_equal(strspn(alert->event_id, allowed), strlen(alert->event_id));
}

static void a_source_after_the_details_removes_no_intensity(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON, "390 5-", "1720500 5-", "0215"));
    struct alert *alert =
        run_report(run, build_quake(run, "VXSE52", NOON + MINUTE, NULL, NULL, NULL));
    assert_null(alert); /* it says nothing that was not known */
    assert_string_equal(run->note, "nothing that people were told changed");
    struct report *revised = build_quake(run, "VXSE61", NOON + 5 * USEC_PER_HOUR, NULL, NULL, NULL);
    build_source(revised, 7.4);
    alert = run_report(run, revised);
    assert_int_equal(alert->level, 3);
    assert_true(alert->quake->magnitude == 7.4);
    assert_string_equal(alert_find(alert, "1720500")->intensity, "5-");
    /* A revised source does not bring the earthquake back into force. */
    assert_true(alert->expires == NOON + 60 * MINUTE);
    assert_string_equal(alert->quake->tsunami_judgement, "none");
}

static void the_same_telegram_again_and_an_older_one_change_nothing(void **state)
{
    struct build_run *run = *state;
    struct report *second =
        build_quake(run, "VXSE53", NOON + MINUTE, "390 5+", "1720500 5+", "0215");
    assert_non_null(run_report(run, second));
    assert_null(run_report(run, second));
    assert_string_equal(run->note, "no change: the same telegram again");
    assert_null(run_report(run, build_quake(run, "VXSE53", NOON, "390 4", "1720500 4", "0217")));
    assert_string_equal(run->note, "older than what is known");
}

/* Found by fuzzing: what a damaged telegram took over made it look new the second time. */
static void the_same_damaged_telegram_again_changes_nothing(void **state)
{
    struct build_run *run = *state;
    struct report *damaged =
        build_quake(run, "VXSE53", NOON, "390 7,101 ?,101 6-", "1720500 7", "0215");
    damaged->degraded = "an intensity is garbled";
    assert_non_null(run_report(run, damaged));
    assert_null(run_report(run, damaged));
    assert_string_equal(run->note, "no change: the same telegram again");
}

static void what_a_degraded_report_leaves_out_stays(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON, "390 7,101 4", "1720500 7,0110100 4", "0215"));
    struct report *damaged = build_quake(run, "VXSE53", NOON + MINUTE, "390 7", NULL, "0215");
    damaged->degraded = "a region could not be read";
    assert_null(run_report(run, damaged));
    damaged = build_quake(run, "VXSE53", NOON + 2 * MINUTE, NULL, NULL, NULL);
    damaged->degraded = "no region with an intensity";
    build_source(damaged, 7.4);
    struct alert *alert = run_report(run, damaged);
    assert_int_equal(alert->phase, PHASE_UPDATE);
    assert_int_equal(alert->level, 5);
    assert_true(alert->quake->magnitude == 7.4);
    assert_string_equal(alert->quake->tsunami_judgement, "none");
    assert_string_equal(alert_find(alert, "1720500")->intensity, "7");
    assert_string_equal(alert_find(alert, "101")->intensity, "4");
}

static void a_late_flash_does_not_undo_the_details(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON + MINUTE, "390 5+", "1720500 5+", "0215"));
    assert_null(run_report(run, build_quake(run, "VXSE51", NOON, "390 6-", NULL, "0217")));
}

static void a_newer_flash_that_is_stronger_is_never_held_back_by_older_details(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON, "390 4,101 4", "1720500 4,0110100 4", "0215"));
    struct alert *alert =
        run_report(run, build_quake(run, "VXSE51", NOON + MINUTE, "390 6+", NULL, "0217"));
    assert_int_equal(alert->phase, PHASE_UPGRADE);
    assert_int_equal(alert->level, 5);
    assert_int_equal(alert_find(alert, "1720500")->level, 0); /* its region stands for it now */
    assert_string_equal(alert_find(alert, "0110100")->intensity, "4");
}

static void a_newer_flash_of_the_same_level_but_a_higher_intensity_counts(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON, "390 5-", "1720500 5-", "0215"));
    struct alert *alert =
        run_report(run, build_quake(run, "VXSE51", NOON + MINUTE, "390 5+", NULL, "0217"));
    assert_string_equal(alert_find(alert, "390")->intensity, "5+");
    assert_true(alert_find(alert, "390")->changed);
    assert_string_equal(alert->quake->max_intensity, "5+");
}

static void missing_data_counts_as_five_lower_at_least(void **state)
{
    struct build_run *run = *state;
    struct alert *alert =
        run_report(run, build_quake(run, "VXSE53", NOON, "390 4", "1720500 ?,1720400 4?", "0215"));
    assert_int_equal(alert->level, 3);
    assert_int_equal(alert_find(alert, "1720500")->level, 3);
    assert_null(alert_find(alert, "1720500")->intensity);
    assert_true(alert_find(alert, "1720400")->intensity_missing);
    assert_int_equal(alert_find(alert, "1720400")->level, 3);
}

static void a_correction_in_the_same_second_replaces(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON, "390 6+", "1720500 6+", "0215"));
    struct report *correction = build_quake(run, "VXSE53", NOON, "390 4", "1720500 4", "0215");
    build_info(correction, INFO_CORRECTION);
    struct alert *alert = run_report(run, correction);
    assert_int_equal(alert->phase, PHASE_CORRECTION);
    assert_int_equal(alert->level, 2);
    assert_null(run_report(run, build_quake(run, "VXSE53", NOON, "390 6+", "1720500 6+", "0215")));
}

static struct report *cancel(struct build_run *run, const char *code, usec_t at)
{
    struct report *report = build_report(run, code, REPORT_EARTHQUAKE, "20260901120005", at);
    build_info(report, INFO_CANCEL);
    return report;
}

static void a_region_whose_details_are_withdrawn_is_a_change(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON + MINUTE, "390 5-", "1720500 2", "0215"));
    assert_null(run_report(run, build_quake(run, "VXSE51", NOON, "390 5-", NULL, "0217")));
    struct alert *alert = run_report(run, cancel(run, "VXSE53", NOON + 2 * MINUTE));
    assert_true(alert_find(alert, "390")->changed);
    assert_int_equal(alert_find(alert, "390")->level, 3);
}

static void a_cancelled_flash_ends_the_event_and_a_new_one_revives_it(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE51", NOON, "390 7", NULL, "0217"));
    struct alert *alert = run_report(run, cancel(run, "VXSE51", NOON + MINUTE));
    assert_int_equal(alert->phase, PHASE_CANCEL);
    assert_int_equal(alert->level, 5);
    assert_false(alert_in_force(alert, NOON + MINUTE));
    assert_int_equal(alert_find(alert, "390")->level, 0);
    assert_int_equal(alert_find(alert, "390")->previous_level, 5);
    assert_null(run_report(run, cancel(run, "VXSE51", NOON + MINUTE)));
    assert_null(run_report(run, cancel(run, "VXSE51", NOON + 2 * MINUTE)));
    alert = run_report(run, build_quake(run, "VXSE51", NOON + 3 * MINUTE, "390 4", NULL, "0217"));
    assert_int_equal(alert->phase, PHASE_ISSUE);
    assert_string_equal(alert->event_id, "earthquake-20260901120005");
}

static void a_cancel_takes_back_only_what_its_code_said(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE51", NOON, "390 5-", NULL, "0217"));
    run_report(run, build_quake(run, "VXSE53", NOON + MINUTE, "390 7", "1720500 7", "0215"));
    struct alert *alert = run_report(run, cancel(run, "VXSE53", NOON + 2 * MINUTE));
    assert_int_equal(alert->phase, PHASE_CORRECTION);
    assert_string_equal(alert_find(alert, "390")->intensity, "5-");
    assert_int_equal(alert_find(alert, "1720500")->level, 0);
}

static void a_cancel_that_comes_first_silences_its_late_original(void **state)
{
    struct build_run *run = *state;
    assert_null(run_report(run, cancel(run, "VXSE51", NOON + MINUTE)));
    assert_string_equal(run->note, "cancel of an unknown earthquake, remembered");
    assert_null(run_report(run, build_quake(run, "VXSE51", NOON, "390 7", NULL, "0217")));
}

static void a_distant_earthquake_ranks_by_what_it_means_for_japan(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_quake(run, "VXSE53", NOON, NULL, NULL, "0229");
    report->earthquake.distant = true;
    struct alert *alert = run_report(run, report);
    assert_int_equal(alert->area_count, 0);
    assert_int_equal(alert->level, 1);
    assert_true(alert->quake->distant);
    report = build_quake(run, "VXSE53", NOON + MINUTE, NULL, NULL, "0221");
    report->earthquake.distant = true;
    assert_int_equal(run_report(run, report)->level, 2);
    report = build_quake(run, "VXSE53", NOON + 2 * MINUTE, NULL, NULL, "0226 0230");
    report->earthquake.distant = true;
    alert = run_report(run, report);
    assert_string_equal(alert->quake->tsunami_judgement, "no-effect");
    assert_int_equal(alert->level, 1);
}

static void a_drill_has_its_own_state_and_id(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_quake(run, "VXSE51", NOON, "390 7", NULL, "0217");
    build_telegram(report)->status = STATUS_EXERCISE;
    struct alert *alert = run_report(run, report);
    assert_string_equal(run->key, "earthquake/exercise/20260901120005");
    assert_true(text_starts(alert->event_id, "exercise-"));
    assert_int_equal(alert->status, STATUS_EXERCISE);
}

static void an_unknown_information_type_is_not_taken_as_actual(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_quake(run, "VXSE51", NOON, "390 7", NULL, "0217");
    build_info(report, INFO_UNKNOWN);
    assert_int_equal(run_report(run, report)->status, STATUS_UNKNOWN);
    assert_string_equal(run->key, "earthquake/unknown/20260901120005");
}

static void a_state_that_is_not_json_we_wrote_counts_as_none(void **state)
{
    struct build_run *run = *state;
    run->state = json_string("broken");
    assert_non_null(run_report(run, build_quake(run, "VXSE51", NOON, "390 7", NULL, "0217")));
    assert_string_equal(run->note, "the stored state could not be read and counts as none");
}

static void a_distant_earthquake_with_its_title_lost_stays_distant(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_quake(run, "VXSE53", NOON, NULL, NULL, "0221");
    report->earthquake.distant = true;
    assert_int_equal(run_report(run, report)->level, 2);
    report = build_quake(run, "VXSE53", NOON + MINUTE, NULL, NULL, "0221");
    report->degraded = "no region with an intensity";
    assert_null(run_report(run, report));
}

/* Found by tests/telegram/degrade: of "0221 0229" only 0229 was left, and the earthquake fell by a
 * level. */
static void a_judgement_that_cannot_be_read_lowers_nothing(void **state)
{
    struct build_run *run = *state;
    struct report *report = build_quake(run, "VXSE53", NOON, NULL, NULL, "0221 0229");
    report->earthquake.distant = true;
    assert_int_equal(run_report(run, report)->level, 2);
    report = build_quake(run, "VXSE53", NOON + MINUTE, NULL, NULL, "？ 0229");
    report->earthquake.distant = report->earthquake.judgement_unsure = true;
    report->degraded = "the code of a comment is garbled";
    assert_null(run_report(run, report));
    report = build_quake(run, "VXSE53", NOON + 2 * MINUTE, NULL, NULL, "？ 0211");
    report->earthquake.distant = report->earthquake.judgement_unsure = true;
    report->degraded = "the code of a comment is garbled";
    assert_string_equal(run_report(run, report)->quake->tsunami_judgement, "in-force");
}

/* Only what the damage may have hidden stays: a judgement that is whole counts. */
static void a_whole_judgement_of_a_damaged_telegram_counts(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON, "390 5-", "1720500 5-", "0217"));
    struct report *damaged =
        build_quake(run, "VXSE53", NOON + MINUTE, "390 5-", "1720500 5-", "0215");
    damaged->degraded = "a region could not be read";
    assert_string_equal(run_report(run, damaged)->quake->tsunami_judgement, "none");
}

/* Found by tests/telegram/degrade: of a lost body the headline stood in, which was behind. */
static void an_intensity_that_only_the_headline_gives_lowers_nothing(void **state)
{
    struct build_run *run = *state;
    run_report(run, build_quake(run, "VXSE53", NOON, "420 6-,421 5-", "2020100 5-", "0215"));
    struct report *damaged =
        build_quake(run, "VXSE53", NOON + MINUTE, "420 6-,421 4", NULL, "0215");
    damaged->degraded = "a place of the headline is not in the body";
    assert_null(run_report(run, damaged));
    run_report(
        run, build_quake(run, "VXSE53", NOON + 2 * MINUTE, "420 6-,421 4?", "2020100 5-", "0215"));
    damaged = build_quake(run, "VXSE53", NOON + 3 * MINUTE, "420 6-,421 4", NULL, "0215");
    damaged->degraded = "a place of the headline is not in the body";
    assert_null(run_report(run, damaged));
    damaged = build_quake(run, "VXSE53", NOON + 4 * MINUTE, "420 6-,421 6-", NULL, "0215");
    damaged->degraded = "a place of the headline is not in the body";
    assert_string_equal(alert_find(run_report(run, damaged), "421")->intensity, "6-");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flash_source_and_details_are_one_event),
        TEST(another_office_goes_on_with_the_same_event),
        TEST(ids_hold_only_letters_digits_and_hyphens),
        TEST(a_source_after_the_details_removes_no_intensity),
        TEST(the_same_telegram_again_and_an_older_one_change_nothing),
        TEST(the_same_damaged_telegram_again_changes_nothing),
        TEST(what_a_degraded_report_leaves_out_stays),
        TEST(a_late_flash_does_not_undo_the_details),
        TEST(a_newer_flash_that_is_stronger_is_never_held_back_by_older_details),
        TEST(a_newer_flash_of_the_same_level_but_a_higher_intensity_counts),
        TEST(missing_data_counts_as_five_lower_at_least),
        TEST(a_region_whose_details_are_withdrawn_is_a_change),
        TEST(a_correction_in_the_same_second_replaces),
        TEST(a_cancelled_flash_ends_the_event_and_a_new_one_revives_it),
        TEST(a_cancel_takes_back_only_what_its_code_said),
        TEST(a_cancel_that_comes_first_silences_its_late_original),
        TEST(a_distant_earthquake_ranks_by_what_it_means_for_japan),
        TEST(a_drill_has_its_own_state_and_id),
        TEST(an_unknown_information_type_is_not_taken_as_actual),
        TEST(a_state_that_is_not_json_we_wrote_counts_as_none),
        TEST(a_distant_earthquake_with_its_title_lost_stays_distant),
        TEST(a_judgement_that_cannot_be_read_lowers_nothing),
        TEST(a_whole_judgement_of_a_damaged_telegram_counts),
        TEST(an_intensity_that_only_the_headline_gives_lowers_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
