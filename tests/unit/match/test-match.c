/* Who hears what: levels, places, drills, noise, ends. */
#include "event/build.h"
#include "match/canary.h"
#include "match/match.h"
#include "base/clock.h"

#define MINUTE      USEC_PER_MINUTE
#define ALL_HAZARDS (((uint64_t)1 << HAZARD_COUNT) - 1)

/* One event heard by a few subscribers, with what each was last told of it. */
struct hearing {
    struct build_run run;
    struct audience *audience;
    json_t *told[16];
    struct subscriber *subscribers[16];
    size_t count;
};

static int begin(void **state)
{
    struct hearing *hearing = memory_new(NULL, struct hearing);
    hearing->run.context = hearing;
    hearing->run.graph = build_graph(hearing);
    *state = hearing;
    return 0;
}

static int end(void **state)
{
    struct hearing *hearing = *state;
    json_decref(hearing->run.state);
    for (size_t i = 0; i < hearing->count; i++)
        json_decref(hearing->told[i]);
    talloc_free(hearing);
    return 0;
}

/* Adds a subscriber with one or two places; returns his index. */
static size_t add(struct hearing *hearing, const char *places, int min_level)
{
    struct subscriber *subscriber = memory_new(hearing, struct subscriber);
    size_t count;
    char **areas = text_split_blank(hearing, places, &count);
    *subscriber = (struct subscriber){.id = "s_1",
                                      .areas = (const char *const *)areas,
                                      .area_count = count,
                                      .hazards = ALL_HAZARDS,
                                      .min_level = min_level};
    hearing->subscribers[hearing->count] = subscriber;
    return hearing->count++;
}

static struct match *hear(struct hearing *hearing, const struct alert *alert, size_t index)
{
    assert_non_null(alert);
    /* Made anew each time: an audience keeps copies, and tests change what a subscriber wants. */
    talloc_free(hearing->audience);
    hearing->audience =
        audience_of(hearing, hearing->run.graph, hearing->subscribers, hearing->count);
    struct match *match = match_subscriber(hearing, hearing->run.graph, alert, hearing->audience,
                                           index, hearing->told[index]);
    assert_true(match->send == (match->reason == MATCH_SENT));
    if (match->send) {
        assert_non_null(match->told);
        json_decref(hearing->told[index]);
        hearing->told[index] = json_incref(match->told);
    }
    return match;
}

static struct match *apply_and_hear(struct hearing *hearing, const struct report *report,
                                    size_t index)
{
    return hear(hearing, run_report(&hearing->run, report), index);
}

static void expect(const struct match *match, enum alert_phase phase, int level)
{
    assert_string_equal(match_reason_text(match->reason), "told");
    assert_string_equal(alert_phase_name(match->phase), alert_phase_name(phase));
    assert_int_equal(match->level, level);
}

/* Whatever else fits: place, level, hazard, drills. */
static void a_canary_is_heard_by_canaries_only_and_they_hear_nothing_else(void **state)
{
    struct hearing *hearing = *state;
    size_t person = add(hearing, "municipality:01100", 1);
    size_t everywhere = add(hearing, "country:jp", 1);
    size_t canary = add(hearing, CANARY_PLACE, 1);
    struct alert_area area = {.system = AREA_QUAKE_CITY,
                              .code = CANARY_CITY,
                              .name_ja = "Canary",
                              .level = 3,
                              .changed = true,
                              .intensity = "5-"};
    struct alert alert = {.id = "c-1",
                          .event_id = "c",
                          .event_key = "c",
                          .hazard = HAZARD_EARTHQUAKE,
                          .status = STATUS_TEST,
                          .level = 3,
                          .telegram_id = ALERT_CANARY_PREFIX "1",
                          .code = "VXSE53",
                          .issued_at = NOON,
                          .reported_at = NOON,
                          .expires = NOON + USEC_PER_HOUR,
                          .areas = &area,
                          .area_count = 1};
    bool concerned[3];
    for (size_t i = 0; i < 3; i++)
        hearing->subscribers[i]->drills = true;
    hearing->audience = audience_of(hearing, hearing->run.graph, hearing->subscribers, 3);
    assert_true(hear(hearing, &alert, canary)->send);
    assert_false(hear(hearing, &alert, person)->send);
    assert_false(hear(hearing, &alert, everywhere)->send);
    audience_select(hearing, hearing->audience, &alert, concerned);
    assert_true(concerned[canary] && !concerned[person] && !concerned[everywhere]);
    /* The same from anybody else, even with the canary's own codes, is not for canaries. */
    alert.telegram_id = "https://example.org/canary-1.xml";
    assert_false(hear(hearing, &alert, canary)->send);
    audience_select(hearing, hearing->audience, &alert, concerned);
    assert_false(concerned[canary]);
}

static void an_issue_reaches_those_in_its_places_at_their_level(void **state)
{
    struct hearing *hearing = *state;
    size_t sapporo = add(hearing, "municipality:01100", 2);
    size_t wajima = add(hearing, "municipality:17204", 2);
    size_t careful = add(hearing, "municipality:01100", 4);
    size_t hokkaido = add(hearing, "prefecture:01", 2);
    struct alert *alert =
        run_report(&hearing->run, build_rain(hearing, NOON, "0110000 3,0120300 2"));
    struct match *match = hear(hearing, alert, sapporo);
    expect(match, PHASE_ISSUE, 3);
    assert_int_equal(match->area_count, 1);
    assert_string_equal(alert->areas[match->areas[0]].code, "0110000");
    assert_int_equal(hear(hearing, alert, wajima)->reason, MATCH_OTHER_AREA);
    assert_int_equal(hear(hearing, alert, careful)->reason, MATCH_BELOW_LEVEL);
    match = hear(hearing, alert, hokkaido);
    assert_int_equal(match->area_count, 2);
    assert_int_equal(alert->areas[match->areas[0]].level, 3); /* highest first */
    assert_int_equal(hear(hearing, alert, sapporo)->reason, MATCH_ALREADY_TOLD);
}

static void a_rise_is_an_upgrade_and_an_end_is_told_whatever_the_level(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:01100", 3);
    expect(apply_and_hear(hearing, build_rain(hearing, NOON, "0110000 3"), reader), PHASE_ISSUE, 3);
    expect(apply_and_hear(hearing, build_rain(hearing, NOON + MINUTE, "0110000 5"), reader),
           PHASE_UPGRADE, 5);
    struct match *match =
        apply_and_hear(hearing, build_rain(hearing, NOON + 2 * MINUTE, "0110000 2"), reader);
    expect(match, PHASE_DOWNGRADE, 2);
    assert_int_equal(match->previous_level, 5);
    match = apply_and_hear(hearing, build_rain(hearing, NOON + 3 * MINUTE, "0110000 0"), reader);
    expect(match, PHASE_ALL_CLEAR, 2);
    assert_int_equal(match->area_count, 1);
}

static void who_never_heard_the_beginning_does_not_hear_the_end(void **state)
{
    struct hearing *hearing = *state;
    size_t careful = add(hearing, "municipality:01100", 4);
    assert_false(apply_and_hear(hearing, build_rain(hearing, NOON, "0110000 3"), careful)->send);
    struct match *match =
        apply_and_hear(hearing, build_rain(hearing, NOON + MINUTE, "0110000 0"), careful);
    assert_int_equal(match->reason, MATCH_NEVER_TOLD);
}

static void an_end_that_was_missed_is_told_with_the_next_alert(void **state)
{
    struct hearing *hearing = *state;
    size_t otaru = add(hearing, "municipality:01203", 2);
    expect(apply_and_hear(hearing, build_rain(hearing, NOON, "0110000 3,0120300 3"), otaru),
           PHASE_ISSUE, 3);
    run_report(&hearing->run, build_rain(hearing, NOON + MINUTE, "0110000 3,0120300 0"));
    struct match *match = apply_and_hear(
        hearing, build_rain(hearing, NOON + 2 * MINUTE, "0110000 4,0120300 0"), otaru);
    expect(match, PHASE_ALL_CLEAR, 3);
    assert_int_equal(match->area_count, 1);
}

static void a_part_of_his_places_that_ends_is_an_update(void **state)
{
    struct hearing *hearing = *state;
    size_t both = add(hearing, "municipality:01100 municipality:01203", 2);
    expect(apply_and_hear(hearing, build_rain(hearing, NOON, "0110000 3,0120300 3"), both),
           PHASE_ISSUE, 3);
    struct match *match =
        apply_and_hear(hearing, build_rain(hearing, NOON + MINUTE, "0110000 3,0120300 0"), both);
    expect(match, PHASE_UPDATE, 3);
    assert_int_equal(match->area_count, 2);
    match = apply_and_hear(hearing, build_rain(hearing, NOON + 2 * MINUTE, "0110000 3,0120300 4"),
                           both);
    expect(match, PHASE_UPGRADE, 4);
}

static void a_withdrawal_reads_as_one_only_for_those_told(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:01100", 2);
    expect(apply_and_hear(hearing, build_rain(hearing, NOON, "0110000 4"), reader), PHASE_ISSUE, 4);
    struct report *report = build_rain(hearing, NOON, "0110000 2");
    build_info(report, INFO_CORRECTION);
    expect(apply_and_hear(hearing, report, reader), PHASE_CORRECTION, 2);
    report = build_rain(hearing, NOON + MINUTE, "0110000 0");
    build_info(report, INFO_CORRECTION);
    expect(apply_and_hear(hearing, report, reader), PHASE_CANCEL, 2);
}

static void a_drill_reaches_only_those_who_asked_and_an_unknown_status_nobody(void **state)
{
    struct hearing *hearing = *state;
    size_t resident = add(hearing, "municipality:01100", 1);
    size_t trainee = add(hearing, "municipality:01100", 1);
    hearing->subscribers[trainee]->drills = true;
    struct report *report = build_rain(hearing, NOON, "0110000 5");
    build_telegram(report)->status = STATUS_TEST;
    struct alert *alert = run_report(&hearing->run, report);
    assert_int_equal(hear(hearing, alert, resident)->reason, MATCH_DRILL_NOT_WANTED);
    expect(hear(hearing, alert, trainee), PHASE_ISSUE, 5);
    alert->status = STATUS_UNKNOWN;
    assert_int_equal(hear(hearing, alert, trainee)->reason, MATCH_DRILL_NOT_WANTED);
}

static void a_hazard_that_was_not_chosen_is_not_told(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:01100", 1);
    hearing->subscribers[reader]->hazards = (uint64_t)1 << HAZARD_TSUNAMI;
    assert_int_equal(
        apply_and_hear(hearing, build_rain(hearing, NOON, "0110000 5"), reader)->reason,
        MATCH_OTHER_HAZARD);
}

static void an_alert_without_places_reaches_nobody(void **state)
{
    struct hearing *hearing = *state;
    size_t everywhere = add(hearing, "country:jp", 1);
    struct alert *alert =
        run_report(&hearing->run, build_generic(hearing, "VFVO50", NOON, "噴火", 4, NULL));
    assert_int_equal(hear(hearing, alert, everywhere)->reason, MATCH_OTHER_AREA);
}

static void a_new_text_of_a_generic_telegram_is_an_update(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:01100", 2);
    expect(
        apply_and_hear(hearing, build_generic(hearing, "VFVO50", NOON, "一", 4, "0110000"), reader),
        PHASE_ISSUE, 4);
    expect(apply_and_hear(hearing,
                          build_generic(hearing, "VFVO50", NOON + MINUTE, "二", 4, "0110000"),
                          reader),
           PHASE_UPDATE, 4);
}

static void a_storm_of_texts_is_held_but_never_a_rise(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:01100", 2);
    size_t told = 0;
    for (int i = 0; i < 10; i++) {
        const char *headline = memory_printf(hearing, "第%d報", i);
        struct report *report =
            build_generic(hearing, "VFVO50", NOON + i * MINUTE, headline, 3, "0110000");
        const struct match *match = apply_and_hear(hearing, report, reader);
        told += match->send;
        assert_int_equal(match->reason, i < 4 ? MATCH_SENT : MATCH_HELD);
    }
    assert_int_equal(told, 4);
    expect(apply_and_hear(hearing,
                          build_generic(hearing, "VFVO50", NOON + 11 * MINUTE, "上", 5, "0110000"),
                          reader),
           PHASE_UPGRADE, 5);
    /* An hour later the last text that was held is told. */
    expect(apply_and_hear(hearing,
                          build_generic(hearing, "VFVO50", NOON + 70 * MINUTE, "後", 5, "0110000"),
                          reader),
           PHASE_UPDATE, 5);
}

static struct report *height_report(struct hearing *hearing, usec_t at, const char *text,
                                    double height_m)
{
    char *coast = memory_printf(hearing, "360 52 %s", text);
    struct report *report = build_tsunami(hearing, "VTSE41", at, coast);
    ((struct tsunami_area *)report->tsunami.areas)->height_m = height_m;
    return report;
}

static void a_storm_of_heights_is_held_but_never_a_higher_one(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:17205", 2);
    static const char *const texts[] = {"１０ｍ", "９ｍ", "８ｍ", "７ｍ", "６ｍ", "５ｍ"};
    size_t told = 0;
    for (int i = 0; i < 6; i++) {
        struct report *report = height_report(hearing, NOON + i * MINUTE, texts[i], 10 - i);
        told += apply_and_hear(hearing, report, reader)->send;
    }
    assert_int_equal(told, 4);
    /* He knows of 7 m: what is less than that waits, what is more does not. */
    expect(apply_and_hear(hearing, height_report(hearing, NOON + 7 * MINUTE, "８ｍ", 8), reader),
           PHASE_UPDATE, 5);
    expect(apply_and_hear(hearing, height_report(hearing, NOON + 8 * MINUTE, "巨大", NAN), reader),
           PHASE_UPDATE, 5);
    assert_int_equal(
        apply_and_hear(hearing, height_report(hearing, NOON + 9 * MINUTE, "１０ｍ", 10), reader)
            ->reason,
        MATCH_HELD);
}

static void a_graver_wave_is_never_held(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:17205", 2);
    static const char *const texts[] = {"１０ｍ", "９ｍ", "８ｍ", "７ｍ"};
    for (int i = 0; i < 4; i++)
        apply_and_hear(hearing, height_report(hearing, NOON + i * MINUTE, texts[i], 10 - i),
                       reader);
    struct report *report = height_report(hearing, NOON + 5 * MINUTE, "７ｍ", 7);
    struct tsunami_observation seen = {
        .area_code = "360", .station_name = "輪島港", .station_code = "35001", .height_m = 5.1};
    report->tsunami.observations = &seen;
    report->tsunami.observation_count = 1;
    expect(apply_and_hear(hearing, report, reader), PHASE_UPDATE, 5);
}

/* Stations out at sea belong to no coast; what JMA infers from them does. */
static void waves_out_at_sea_are_told_where_they_will_arrive(void **state)
{
    struct hearing *hearing = *state;
    size_t noto = add(hearing, "municipality:17205", 2);
    size_t otaru = add(hearing, "municipality:01203", 2);
    struct alert *alert =
        run_report(&hearing->run, build_tsunami(hearing, "VTSE41", NOON, "360 53,110 62"));
    expect(hear(hearing, alert, noto), PHASE_ISSUE, 5);
    expect(hear(hearing, alert, otaru), PHASE_ISSUE, 3);
    struct report *report = build_tsunami(hearing, "VTSE52", NOON + MINUTE, "");
    struct tsunami_observation estimate = {
        .area_code = "360", .max_condition = "推定中", .max_revise = "更新", .height_m = NAN};
    report->tsunami.estimates = &estimate;
    report->tsunami.estimate_count = 1;
    alert = run_report(&hearing->run, report);
    expect(hear(hearing, alert, noto), PHASE_UPDATE, 5);
    assert_false(hear(hearing, alert, otaru)->send);
    /* It takes the place of nothing that is seen at his coast later. */
    report = build_tsunami(hearing, "VTSE51", NOON + 2 * MINUTE, "360 53,110 62");
    struct tsunami_observation seen = {
        .area_code = "360", .station_name = "輪島港", .station_code = "36020", .height_m = 1.2};
    report->tsunami.observations = &seen;
    report->tsunami.observation_count = 1;
    expect(hear(hearing, run_report(&hearing->run, report), noto), PHASE_UPDATE, 5);
}

static void the_release_of_what_ran_out_reaches_those_who_were_told(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:01100", 4);
    size_t above = add(hearing, "municipality:01100", 5);
    struct alert *issue =
        run_report(&hearing->run, build_generic(hearing, "VFVO50", NOON, "噴火", 4, "0110000"));
    expect(hear(hearing, issue, reader), PHASE_ISSUE, 4);
    assert_false(hear(hearing, issue, above)->send);
    struct report *release =
        build_generic(hearing, "VFVO50", NOON + 3 * USEC_PER_DAY, "解除", 4, "0110000");
    release->generic.released = true;
    struct alert *end = run_report(&hearing->run, release);
    assert_string_equal(end->event_id, issue->event_id);
    expect(hear(hearing, end, reader), PHASE_ALL_CLEAR, 4);
    assert_int_equal(hear(hearing, end, above)->reason, MATCH_NEVER_TOLD);
    /* And only once. */
    build_telegram(release)->control_time += USEC_PER_HOUR;
    assert_null(run_report(&hearing->run, release));
}

/* Earthquakes */

static void details_of_one_region_do_not_hide_the_flash_of_another(void **state)
{
    struct hearing *hearing = *state;
    size_t country = add(hearing, "country:jp", 3);
    run_report(&hearing->run, build_quake(hearing, "VXSE53", NOON, "146 4", "0121300 4", "0215"));
    struct match *match = apply_and_hear(
        hearing, build_quake(hearing, "VXSE51", NOON + MINUTE, "390 6-", NULL, "0217"), country);
    expect(match, PHASE_ISSUE, 4);
    assert_string_equal(json_string_value(json_object_get(match->told, "intensity")), "6-");
}

static void the_details_of_an_earthquake_are_told_only_for_what_they_change(void **state)
{
    struct hearing *hearing = *state;
    size_t suzu = add(hearing, "municipality:17205", 2);
    size_t wajima = add(hearing, "municipality:17204", 2);
    struct alert *flash =
        run_report(&hearing->run, build_quake(hearing, "VXSE51", NOON, "390 6+", NULL, "0215"));
    expect(hear(hearing, flash, suzu), PHASE_ISSUE, 5);
    expect(hear(hearing, flash, wajima), PHASE_ISSUE, 5);
    struct alert *source = run_report(
        &hearing->run, build_quake(hearing, "VXSE52", NOON + MINUTE, NULL, NULL, "0215"));
    assert_int_equal(hear(hearing, source, suzu)->reason, MATCH_ALREADY_TOLD);
    struct alert *details =
        run_report(&hearing->run, build_quake(hearing, "VXSE53", NOON + 2 * MINUTE, "390 7",
                                              "1720500 7,1720400 4", "0215"));
    struct match *match = hear(hearing, details, suzu);
    expect(match, PHASE_UPDATE, 5); /* 7 instead of 6 upper, the same level */
    assert_string_equal(json_string_value(json_object_get(match->told, "intensity")), "7");
    assert_int_equal(hear(hearing, details, wajima)->reason, MATCH_ALREADY_TOLD);
}

static void a_judgement_on_the_tsunami_that_changes_is_told(void **state)
{
    struct hearing *hearing = *state;
    size_t suzu = add(hearing, "municipality:17205", 2);
    expect(
        apply_and_hear(hearing, build_quake(hearing, "VXSE51", NOON, "390 5-", NULL, "0217"), suzu),
        PHASE_ISSUE, 3);
    struct match *match = apply_and_hear(
        hearing, build_quake(hearing, "VXSE52", NOON + MINUTE, NULL, NULL, "0211"), suzu);
    expect(match, PHASE_UPDATE, 3);
    assert_string_equal(json_string_value(json_object_get(match->told, "tsunami")), "in-force");
}

static void a_city_that_felt_less_than_its_region_is_not_told_of_the_region(void **state)
{
    struct hearing *hearing = *state;
    size_t wajima = add(hearing, "municipality:17204", 2);
    struct alert *alert = run_report(&hearing->run, build_quake(hearing, "VXSE53", NOON, "390 5+",
                                                                "1720500 5+,1720400 2", "0215"));
    assert_int_equal(hear(hearing, alert, wajima)->reason, MATCH_BELOW_LEVEL);
}

static void a_ward_is_told_of_its_own_intensity(void **state)
{
    struct hearing *hearing = *state;
    size_t chuo = add(hearing, "quake-city:0110100", 2);
    size_t kita = add(hearing, "quake-city:0110200", 2);
    size_t city = add(hearing, "municipality:01100", 2);
    struct alert *alert = run_report(&hearing->run, build_quake(hearing, "VXSE53", NOON, "101 5-",
                                                                "0110100 4,0110200 5-", "0215"));
    expect(hear(hearing, alert, chuo), PHASE_ISSUE, 2);
    expect(hear(hearing, alert, kita), PHASE_ISSUE, 3);
    expect(hear(hearing, alert, city), PHASE_ISSUE, 3);
}

static void missing_data_counts_for_the_reader_too(void **state)
{
    struct hearing *hearing = *state;
    size_t suzu = add(hearing, "municipality:17205", 3);
    struct match *match = apply_and_hear(
        hearing, build_quake(hearing, "VXSE53", NOON, "390 4", "1720500 ?,1720400 4", "0215"),
        suzu);
    expect(match, PHASE_ISSUE, 3);
    assert_string_equal(json_string_value(json_object_get(match->told, "intensity")), "5-?");
}

static void a_second_place_that_shook_is_told_even_at_the_same_level(void **state)
{
    struct hearing *hearing = *state;
    size_t both = add(hearing, "municipality:17205 municipality:01100", 2);
    expect(
        apply_and_hear(hearing, build_quake(hearing, "VXSE51", NOON, "390 5-", NULL, "0215"), both),
        PHASE_ISSUE, 3);
    expect(apply_and_hear(
               hearing, build_quake(hearing, "VXSE51", NOON + MINUTE, "390 5-,101 4", NULL, "0215"),
               both),
           PHASE_UPDATE, 3);
}

static void a_false_earthquake_is_withdrawn_from_exactly_those_who_were_told(void **state)
{
    struct hearing *hearing = *state;
    size_t suzu = add(hearing, "municipality:17205", 2);
    size_t sapporo = add(hearing, "municipality:01100", 2);
    size_t drill = add(hearing, "municipality:17205", 2);
    hearing->subscribers[drill]->hazards = 0;
    struct alert *alert =
        run_report(&hearing->run, build_quake(hearing, "VXSE51", NOON, "390 7", NULL, "0217"));
    expect(hear(hearing, alert, suzu), PHASE_ISSUE, 5);
    assert_false(hear(hearing, alert, sapporo)->send);
    struct report *report =
        build_report(hearing, "VXSE51", REPORT_EARTHQUAKE, "20260901120005", NOON + 9 * MINUTE);
    build_info(report, INFO_CANCEL);
    alert = run_report(&hearing->run, report);
    struct match *match = hear(hearing, alert, suzu);
    expect(match, PHASE_CANCEL, 5);
    assert_int_equal(match->area_count, 1);
    assert_int_equal(hear(hearing, alert, sapporo)->reason, MATCH_OTHER_AREA);
    assert_int_equal(hear(hearing, alert, drill)->reason, MATCH_OTHER_HAZARD);
    assert_false(hear(hearing, alert, suzu)->send);
    alert = run_report(&hearing->run,
                       build_quake(hearing, "VXSE51", NOON + 10 * MINUTE, "390 4", NULL, "0217"));
    expect(hear(hearing, alert, suzu), PHASE_ISSUE, 2);
}

static void a_correction_is_told_when_a_fact_that_was_shown_differs(void **state)
{
    struct hearing *hearing = *state;
    size_t suzu = add(hearing, "municipality:17205", 2);
    size_t wajima = add(hearing, "municipality:17204", 2);
    struct alert *alert = run_report(&hearing->run, build_quake(hearing, "VXSE53", NOON, "390 6-",
                                                                "1720500 6-,1720400 5-", "0215"));
    hear(hearing, alert, suzu);
    hear(hearing, alert, wajima);
    struct report *report =
        build_quake(hearing, "VXSE53", NOON, "390 5-", "1720500 4,1720400 5-", "0215");
    build_info(report, INFO_CORRECTION);
    alert = run_report(&hearing->run, report);
    expect(hear(hearing, alert, suzu), PHASE_CORRECTION, 2);
    assert_int_equal(hear(hearing, alert, wajima)->reason, MATCH_ALREADY_TOLD);
    report =
        build_quake(hearing, "VXSE53", NOON + MINUTE, "390 5-", "1720500 4,1720400 5-", "0215");
    build_source(report, 6.6);
    build_info(report, INFO_CORRECTION);
    alert = run_report(&hearing->run, report);
    expect(hear(hearing, alert, wajima), PHASE_CORRECTION, 3);
    report = build_quake(hearing, "VXSE53", NOON + 2 * MINUTE, "101 4", "0110100 4", "0215");
    build_source(report, 6.6);
    build_info(report, INFO_CORRECTION);
    alert = run_report(&hearing->run, report);
    struct match *match = hear(hearing, alert, suzu); /* neither his city nor its region is left */
    expect(match, PHASE_CANCEL, 2);
}

static void a_distant_earthquake_concerns_the_whole_country_when_japan_may_be_affected(void **state)
{
    struct hearing *hearing = *state;
    size_t country = add(hearing, "country:jp", 2);
    size_t sapporo = add(hearing, "municipality:01100", 1);
    struct report *report = build_quake(hearing, "VXSE53", NOON, NULL, NULL, "0229");
    report->earthquake.distant = true;
    assert_int_equal(apply_and_hear(hearing, report, country)->reason, MATCH_BELOW_LEVEL);
    report = build_quake(hearing, "VXSE53", NOON + MINUTE, NULL, NULL, "0221");
    report->earthquake.distant = true;
    struct alert *alert = run_report(&hearing->run, report);
    expect(hear(hearing, alert, country), PHASE_ISSUE, 2);
    assert_int_equal(hear(hearing, alert, sapporo)->reason, MATCH_OTHER_AREA);
    report = build_quake(hearing, "VXSE53", NOON + 2 * MINUTE, NULL, NULL, "0230");
    report->earthquake.distant = true;
    alert = run_report(&hearing->run, report);
    assert_int_equal(hear(hearing, alert, country)->phase, PHASE_UPDATE);
}

/* Tsunami */

static void a_coast_reaches_its_municipalities_and_not_those_inland(void **state)
{
    struct hearing *hearing = *state;
    size_t otaru = add(hearing, "municipality:01203", 2);
    size_t sapporo = add(hearing, "municipality:01100", 2);
    struct alert *alert =
        run_report(&hearing->run, build_tsunami(hearing, "VTSE41", NOON, "110 51 ３ｍ,360 53"));
    expect(hear(hearing, alert, otaru), PHASE_ISSUE, 4);
    assert_int_equal(hear(hearing, alert, sapporo)->reason, MATCH_OTHER_AREA);
    alert = run_report(&hearing->run,
                       build_tsunami(hearing, "VTSE41", NOON + MINUTE, "110 51 ３ｍ,360 52 ５ｍ"));
    assert_int_equal(hear(hearing, alert, otaru)->reason, MATCH_ALREADY_TOLD);
}

static void twenty_updates_elsewhere_are_silent_here(void **state)
{
    struct hearing *hearing = *state;
    size_t otaru = add(hearing, "municipality:01203", 1);
    expect(apply_and_hear(hearing, build_tsunami(hearing, "VTSE41", NOON, "110 62"), otaru),
           PHASE_ISSUE, 3);
    for (int i = 1; i <= 20; i++) {
        const char *coasts = i % 2 == 0 ? "110 62,360 62" : "110 62,360 51,102 62";
        assert_false(apply_and_hear(hearing,
                                    build_tsunami(hearing, "VTSE41", NOON + i * MINUTE, coasts),
                                    otaru)
                         ->send);
    }
}

static void a_height_and_a_nearer_arrival_are_news_under_a_warning(void **state)
{
    struct hearing *hearing = *state;
    size_t suzu = add(hearing, "municipality:17205", 2);
    struct report *report = build_tsunami(hearing, "VTSE41", NOON, "360 53 巨大");
    struct tsunami_area *area = (struct tsunami_area *)report->tsunami.areas;
    area->arrival_time = NOON + 30 * MINUTE;
    expect(apply_and_hear(hearing, report, suzu), PHASE_ISSUE, 5);
    report = build_tsunami(hearing, "VTSE51", NOON + MINUTE, "360 52 １０ｍ");
    area = (struct tsunami_area *)report->tsunami.areas;
    area->arrival_time = NOON + 30 * MINUTE;
    expect(apply_and_hear(hearing, report, suzu), PHASE_UPDATE, 5);
    report = build_tsunami(hearing, "VTSE51", NOON + 2 * MINUTE, "360 52 １０ｍ");
    area = (struct tsunami_area *)report->tsunami.areas;
    area->arrival_time = NOON + 28 * MINUTE;
    assert_int_equal(apply_and_hear(hearing, report, suzu)->reason, MATCH_ALREADY_TOLD);
    report = build_tsunami(hearing, "VTSE51", NOON + 3 * MINUTE, "360 52 １０ｍ");
    area = (struct tsunami_area *)report->tsunami.areas;
    area->arrival_condition = "ただちに津波来襲と予測";
    expect(apply_and_hear(hearing, report, suzu), PHASE_UPDATE, 5);
    report = build_tsunami(hearing, "VTSE51", NOON + 4 * MINUTE, "360 52 １０ｍ");
    area = (struct tsunami_area *)report->tsunami.areas;
    area->arrival_condition = "津波到達中と推測";
    assert_int_equal(apply_and_hear(hearing, report, suzu)->reason, MATCH_ALREADY_TOLD);
}

static void a_release_to_a_forecast_is_an_all_clear_and_its_end_is_quiet(void **state)
{
    struct hearing *hearing = *state;
    size_t suzu = add(hearing, "municipality:17205", 2);
    size_t low = add(hearing, "municipality:17205", 1);
    struct alert *alert =
        run_report(&hearing->run, build_tsunami(hearing, "VTSE41", NOON, "360 51"));
    hear(hearing, alert, suzu);
    hear(hearing, alert, low);
    struct report *report = build_tsunami(hearing, "VTSE41", NOON + MINUTE, "360 71");
    build_telegram(report)->valid_until = NOON + 60 * MINUTE;
    alert = run_report(&hearing->run, report);
    struct match *match = hear(hearing, alert, suzu);
    expect(match, PHASE_ALL_CLEAR, 4);
    expect(hear(hearing, alert, low), PHASE_ALL_CLEAR, 4);
    struct event_state event = {.key = "tsunami/actual", .json = hearing->run.state};
    struct event_change *change =
        event_expire(hearing, hearing->run.graph, &event, NOON + 60 * MINUTE);
    assert_int_equal(hear(hearing, change->alert, suzu)->reason, MATCH_ALREADY_TOLD);
    assert_int_equal(hear(hearing, change->alert, low)->reason, MATCH_ALREADY_TOLD);
    size_t asleep = add(hearing, "municipality:17204", 2);
    hearing->told[asleep] = json_pack("{s:i,s:s,s:{s:{s:i}}}", "level", 4, "phase", "issue",
                                      "areas", "tsunami-coast:360", "level", 4);
    expect(hear(hearing, change->alert, asleep), PHASE_ALL_CLEAR, 4);
}

static void a_downgrade_that_is_still_dangerous_is_no_all_clear(void **state)
{
    struct hearing *hearing = *state;
    size_t suzu = add(hearing, "municipality:17205", 2);
    expect(apply_and_hear(hearing, build_tsunami(hearing, "VTSE41", NOON, "360 53"), suzu),
           PHASE_ISSUE, 5);
    expect(apply_and_hear(hearing, build_tsunami(hearing, "VTSE41", NOON + MINUTE, "360 62"), suzu),
           PHASE_DOWNGRADE, 3);
    expect(apply_and_hear(hearing, build_tsunami(hearing, "VTSE41", NOON + 2 * MINUTE, "360 60"),
                          suzu),
           PHASE_ALL_CLEAR, 3);
}

static void what_ran_out_is_said_again_once(void **state)
{
    struct hearing *hearing = *state;
    size_t reader = add(hearing, "municipality:01100", 2);
    expect(apply_and_hear(hearing, build_rain(hearing, NOON, "0110000 3"), reader), PHASE_ISSUE, 3);
    struct match *match = apply_and_hear(
        hearing, build_rain(hearing, NOON + 13 * USEC_PER_HOUR, "0110000 3"), reader);
    assert_int_equal(match->reason, MATCH_ALREADY_TOLD);
    expect(apply_and_hear(hearing, build_rain(hearing, NOON + 38 * USEC_PER_HOUR, "0110000 3"),
                          reader),
           PHASE_UPDATE, 3);
}

static void equal_matches_share_a_message_and_different_ones_do_not(void **state)
{
    struct hearing *hearing = *state;
    size_t one = add(hearing, "municipality:01100", 2);
    size_t two = add(hearing, "municipality:01100", 3);
    size_t otaru = add(hearing, "municipality:01203", 2);
    struct alert *alert =
        run_report(&hearing->run, build_rain(hearing, NOON, "0110000 3,0120300 3"));
    const char *first = match_message_key(hearing, alert, hear(hearing, alert, one));
    const char *second = match_message_key(hearing, alert, hear(hearing, alert, two));
    const char *third = match_message_key(hearing, alert, hear(hearing, alert, otaru));
    assert_string_equal(first, second);
    assert_string_not_equal(first, third);
}

static void ten_thousand_subscribers_are_matched_in_a_moment(void **state)
{
    struct hearing *hearing = *state;
    static const char *const places[] = {"municipality:01100", "municipality:01203",
                                         "municipality:17204", "municipality:17205",
                                         "municipality:01204"};
    enum { COUNT = 10000 };
    struct subscriber **subscribers = memory_array(hearing, struct subscriber *, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        subscribers[i] = memory_new(hearing, struct subscriber);
        *subscribers[i] = (struct subscriber){
            .areas = &places[i % 5], .area_count = 1, .hazards = ALL_HAZARDS, .min_level = 2};
    }
    struct audience *audience = audience_of(hearing, hearing->run.graph, subscribers, COUNT);
    char *areas = memory_text(hearing, "0110000 3,0120300 0");
    for (int i = 0; i < 40; i++)
        areas = talloc_asprintf_append(areas, ",019%04d 3", i);
    struct report *report = build_rain(hearing, NOON, areas);
    report->weather.office = "016000";
    struct alert *alert = run_report(&hearing->run, report);
    size_t sent = 0;
    usec_t start = clock_monotonic();
    for (size_t i = 0; i < COUNT; i++) {
        TALLOC_CTX *scratch = talloc_new(NULL);
        sent += match_subscriber(scratch, hearing->run.graph, alert, audience, i, NULL)->send;
        talloc_free(scratch);
    }
    usec_t taken = clock_monotonic() - start;
    assert_int_equal(sent, COUNT / 5);
    print_message("# %d subscribers matched in %lld us\n", COUNT, (long long)taken);
    assert_true(taken < 2 * USEC_PER_SEC); /* generous: sanitizers, a loaded machine */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_canary_is_heard_by_canaries_only_and_they_hear_nothing_else),
        TEST(an_issue_reaches_those_in_its_places_at_their_level),
        TEST(a_rise_is_an_upgrade_and_an_end_is_told_whatever_the_level),
        TEST(who_never_heard_the_beginning_does_not_hear_the_end),
        TEST(an_end_that_was_missed_is_told_with_the_next_alert),
        TEST(a_part_of_his_places_that_ends_is_an_update),
        TEST(a_withdrawal_reads_as_one_only_for_those_told),
        TEST(a_drill_reaches_only_those_who_asked_and_an_unknown_status_nobody),
        TEST(a_hazard_that_was_not_chosen_is_not_told),
        TEST(an_alert_without_places_reaches_nobody),
        TEST(a_new_text_of_a_generic_telegram_is_an_update),
        TEST(a_storm_of_texts_is_held_but_never_a_rise),
        TEST(a_storm_of_heights_is_held_but_never_a_higher_one),
        TEST(a_graver_wave_is_never_held),
        TEST(waves_out_at_sea_are_told_where_they_will_arrive),
        TEST(the_release_of_what_ran_out_reaches_those_who_were_told),
        TEST(details_of_one_region_do_not_hide_the_flash_of_another),
        TEST(the_details_of_an_earthquake_are_told_only_for_what_they_change),
        TEST(a_judgement_on_the_tsunami_that_changes_is_told),
        TEST(a_city_that_felt_less_than_its_region_is_not_told_of_the_region),
        TEST(a_ward_is_told_of_its_own_intensity),
        TEST(missing_data_counts_for_the_reader_too),
        TEST(a_second_place_that_shook_is_told_even_at_the_same_level),
        TEST(a_false_earthquake_is_withdrawn_from_exactly_those_who_were_told),
        TEST(a_correction_is_told_when_a_fact_that_was_shown_differs),
        TEST(a_distant_earthquake_concerns_the_whole_country_when_japan_may_be_affected),
        TEST(a_coast_reaches_its_municipalities_and_not_those_inland),
        TEST(twenty_updates_elsewhere_are_silent_here),
        TEST(a_height_and_a_nearer_arrival_are_news_under_a_warning),
        TEST(a_release_to_a_forecast_is_an_all_clear_and_its_end_is_quiet),
        TEST(a_downgrade_that_is_still_dangerous_is_no_all_clear),
        TEST(what_ran_out_is_said_again_once),
        TEST(equal_matches_share_a_message_and_different_ones_do_not),
        TEST(ten_thousand_subscribers_are_matched_in_a_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
