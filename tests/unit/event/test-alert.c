/* Alerts: CAP words, what is in force, and JSON without loss. */
#include "event/build.h"

static void phases_have_names_both_ways(void **state)
{
    (void)state;
    for (int i = 0; i < PHASE_COUNT; i++) {
        enum alert_phase phase;
        assert_true(alert_phase_from_name(alert_phase_name((enum alert_phase)i), &phase));
        assert_int_equal(phase, i);
    }
    enum alert_phase untouched = PHASE_CANCEL;
    assert_false(alert_phase_from_name("finished", &untouched));
    assert_false(alert_phase_from_name(NULL, &untouched));
    assert_int_equal(untouched, PHASE_CANCEL);
}

static void an_alert_is_in_force_until_its_end_and_never_after_a_cancel(void **state)
{
    (void)state;
    struct alert alert = {.level = 3, .phase = PHASE_ISSUE, .expires = NOON};
    assert_true(alert_in_force(&alert, NOON - 1));
    assert_false(alert_in_force(&alert, NOON));
    alert.phase = PHASE_CANCEL;
    assert_false(alert_in_force(&alert, NOON - 1));
    alert.phase = PHASE_ALL_CLEAR;
    assert_false(alert_in_force(&alert, NOON - 1));
    alert.phase = PHASE_DOWNGRADE;
    alert.level = 0;
    assert_false(alert_in_force(&alert, NOON - 1));
}

static void cap_words_follow_level_phase_and_status(void **state)
{
    (void)state;
    struct alert alert = {.hazard = HAZARD_TSUNAMI, .status = STATUS_ACTUAL};
    struct alert_cap cap = alert_cap(&alert, 5, PHASE_ISSUE);
    assert_string_equal(cap.status, "Actual");
    assert_string_equal(cap.message_type, "Alert");
    assert_string_equal(cap.category, "Geo");
    assert_string_equal(cap.severity, "Extreme");
    assert_string_equal(cap.urgency, "Immediate");
    assert_string_equal(cap.response_type, "Evacuate");
    cap = alert_cap(&alert, 5, PHASE_ALL_CLEAR);
    assert_string_equal(cap.message_type, "Update");
    assert_string_equal(cap.response_type, "AllClear");
    assert_string_equal(cap.urgency, "Past");
    assert_string_equal(alert_cap(&alert, 4, PHASE_CANCEL).message_type, "Cancel");
    alert.status = STATUS_EXERCISE;
    assert_string_equal(alert_cap(&alert, 5, PHASE_ISSUE).status, "Exercise");
    alert.status = STATUS_UNKNOWN;
    assert_string_equal(alert_cap(&alert, 5, PHASE_ISSUE).status, "Test");
}

static struct alert full_alert(const struct alert_area *areas, const struct alert_quake *quake,
                               const struct alert_observation *seen, const char *const *references)
{
    return (struct alert){.id = "tsunami-1-2",
                          .event_id = "tsunami-1",
                          .event_key = "tsunami/actual",
                          .hazard = HAZARD_TSUNAMI,
                          .status = STATUS_EXERCISE,
                          .phase = PHASE_UPGRADE,
                          .level = 5,
                          .telegram_id = "https://example.jp/x.xml",
                          .code = "VTSE41",
                          .title_ja = "大津波警報",
                          .headline_ja = "津波\n\"ただちに\"",
                          .office_ja = NULL,
                          .issued_at = NOON,
                          .reported_at = NOON + 123456,
                          .onset = 0,
                          .expires = NOON + USEC_PER_DAY,
                          .delayed = true,
                          .delay_unknown = true,
                          .generic = true,
                          .areas = areas,
                          .area_count = 2,
                          .quake = quake,
                          .observations = seen,
                          .observation_count = 1,
                          .references = references,
                          .reference_count = 2,
                          .text_ja = "本文"};
}

static void json_keeps_every_field_exactly(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    const struct alert_area areas[] = {{.system = AREA_TSUNAMI_COAST,
                                        .code = "360",
                                        .name_ja = "石川県能登",
                                        .level = 5,
                                        .previous_level = 4,
                                        .changed = true,
                                        .kind_code = "53",
                                        .grade = "major-warning",
                                        .arrival_time = NOON + 1,
                                        .arrival_condition = "ただちに津波来襲と予測",
                                        .height_m = 0.1,
                                        .height_text = "５ｍ"},
                                       {.system = AREA_QUAKE_CITY,
                                        .code = "1720500",
                                        .intensity = "6+",
                                        .intensity_missing = true,
                                        .height_m = NAN}};
    const struct alert_quake quake = {.origin_time = NOON,
                                      .epicenter_code = "390",
                                      .epicenter_ja = "石川県能登地方",
                                      .latitude = 37.5,
                                      .longitude = -137.123456789012345,
                                      .depth_km = NAN,
                                      .magnitude = 7.6,
                                      .magnitude_text = "Ｍ７．６",
                                      .max_intensity = "7",
                                      .distant = true,
                                      .eruption = true};
    const struct alert_observation seen = {.area_code = NULL,
                                           .station_ja = "輪島港",
                                           .station_code = "35001",
                                           .at = NOON,
                                           .height_m = 1.2,
                                           .height_text = "１．２ｍ",
                                           .condition = "重要"};
    const char *const references[] = {"a", "b"};
    struct alert alert = full_alert(areas, &quake, &seen, references);
    json_t *json = alert_to_json(&alert);
    char *text = json_dumps(json, 0);
    json_t *read = json_loads(text, 0, NULL);
    struct alert *again = alert_from_json(context, read);
    assert_non_null(again);
    json_t *second = alert_to_json(again);
    assert_true(json_equal(json, second));
    assert_true(again->reported_at == alert.reported_at && again->onset == 0);
    assert_true(isnan(again->areas[1].height_m) && isnan(again->quake->depth_km));
    assert_true(again->quake->longitude == quake.longitude);
    assert_null(again->office_ja);
    assert_true(again->areas[0].arrival_time == NOON + 1);
    assert_string_equal(again->references[1], "b");
    assert_int_equal(again->status, STATUS_EXERCISE);
    json_decref(json);
    json_decref(read);
    json_decref(second);
    free(text);
    talloc_free(context);
}

static void json_that_is_no_alert_gives_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {"[]", "{}", "\"x\"", "{\"id\":\"a\",\"event_id\":\"b\"}",
                                        "{\"id\":\"a\",\"event_id\":\"b\",\"hazard\":\"none\","
                                        "\"status\":\"actual\",\"phase\":\"issue\"}"};
    TALLOC_CTX *context = talloc_new(NULL);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);
        assert_null(alert_from_json(context, json));
        json_decref(json);
    }
    assert_null(alert_from_json(context, NULL));
    talloc_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_have_names_both_ways),
        cmocka_unit_test(an_alert_is_in_force_until_its_end_and_never_after_a_cancel),
        cmocka_unit_test(cap_words_follow_level_phase_and_status),
        cmocka_unit_test(json_keeps_every_field_exactly),
        cmocka_unit_test(json_that_is_no_alert_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
