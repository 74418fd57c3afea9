/* Control and Head: every field, every way in which one can be missing. */
#include <errno.h>

#include "jma/load.h"

#define IBURI "own/VXSE53/iburi_VXSE53.xml"

static void the_code_comes_from_the_file_name(void **state)
{
    TALLOC_CTX *context = *state;
    assert_string_equal(telegram_code_of_id(context,
                                            "https://www.data.jma.go.jp/developer/xml/data/"
                                            "20260728084817_0_VXSE53_010000.xml"),
                        "VXSE53");
    assert_string_equal(telegram_code_of_id(context, "x/20260728084817_0_VXKO70_050000.xml"),
                        "VXKO70");
    assert_string_equal(telegram_code_of_id(context, "38-39_02_04_250206_VTSE41.xml"), "VTSE41");
    assert_null(telegram_code_of_id(context, "urn:uuid:0a1b2c3d-0000-3000-8000-000000000000"));
    assert_null(telegram_code_of_id(context, "VXSE53/quake.xml"));
    assert_null(telegram_code_of_id(context, ""));
    assert_null(telegram_code_of_id(context, NULL));
}

static void a_file_without_a_code_is_known_by_its_title(void **state)
{
    struct load *load = *state;
    size_t length;
    char *bytes = load_bytes(load, "own/VTSE41/noto-issue_VTSE41.xml", &length);
    struct report *report = load_text(load, "urn:uuid:1", bytes, length);
    assert_string_equal(report->telegram->code, "VTSE41");
    assert_int_equal(report->kind, REPORT_TSUNAMI);
    /* 津波情報a, with the letter that JMA puts behind it. */
    bytes = load_bytes(load, "own/VTSE51/noto-observed_VTSE51.xml", &length);
    report = load_text(load, "urn:uuid:2", bytes, length);
    assert_string_equal(report->telegram->control_title, "津波情報a");
    assert_string_equal(report->telegram->code, "VTSE51");
    assert_int_equal(report->kind, REPORT_TSUNAMI);
}

static void the_envelope_is_read(void **state)
{
    struct load *load = *state;
    const struct telegram *telegram = load_report(load, IBURI)->telegram;
    char text[CLOCK_TEXT_BYTES];
    assert_string_equal(telegram->control_title, "震源・震度に関する情報");
    assert_string_equal(telegram->head_title, "震源・震度情報");
    assert_string_equal(clock_format_utc(telegram->control_time, text), "2018-09-05T21:11:10Z");
    assert_string_equal(clock_format_jst(telegram->reported_at, text), "2018-09-06T06:11:00+09:00");
    assert_int_equal(telegram->status, STATUS_ACTUAL);
    assert_int_equal(telegram->info_type, INFO_ISSUE);
    assert_string_equal(telegram->event_id, "20180906030809");
    assert_int_equal(telegram->event_id_count, 1);
    assert_string_equal(telegram->serial, "2");
    assert_int_equal(telegram->valid_until, 0);
    assert_int_equal(load->problems->count, 0);
}

static void several_event_ids_are_split_at_blanks(void **state)
{
    const struct telegram *telegram =
        load_report(*state, "own/VTSE41/two-quakes_VTSE41.xml")->telegram;
    assert_int_equal(telegram->event_id_count, 2);
    assert_string_equal(telegram->event_ids[0], "20110311144640");
    assert_string_equal(telegram->event_ids[1], "20110311151530");
}

static void an_empty_event_id_and_serial_are_empty_and_not_null(void **state)
{
    const struct telegram *telegram =
        load_report(*state, "own/VPWW55/noto-issue_VPWW55.xml")->telegram;
    assert_string_equal(telegram->event_id, "");
    assert_int_equal(telegram->event_id_count, 0);
    assert_string_equal(telegram->serial, "");
}

static void only_the_exact_word_makes_a_telegram_actual(void **state)
{
    static const struct {
        const char *word;
        enum telegram_status status;
    } cases[] = {
        {"<Status>通常</Status>", STATUS_ACTUAL},
        {"<Status> 通常\n</Status>", STATUS_ACTUAL},
        {"<Status>訓練</Status>", STATUS_EXERCISE},
        {"<Status>試験</Status>", STATUS_TEST},
        {"<Status>通常訓練</Status>", STATUS_UNKNOWN},
        {"<Status/>", STATUS_UNKNOWN},
        {"", STATUS_UNKNOWN},
    };
    struct load *load = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct report *report = load_changed(load, IBURI, "<Status>通常</Status>", cases[i].word);
        assert_int_equal(report->telegram->status, cases[i].status);
        assert_true((load->problems->count > 0) == (cases[i].status == STATUS_UNKNOWN));
    }
    assert_string_equal(telegram_status_name(STATUS_EXERCISE), "exercise");
    assert_int_equal(telegram_status_from_name("actual"), STATUS_ACTUAL);
    assert_int_equal(telegram_status_from_name("real"), STATUS_UNKNOWN);
}

static void the_drill_the_correction_and_the_cancel_are_known(void **state)
{
    struct load *load = *state;
    assert_int_equal(load_report(load, "own/VXSE53/iburi-drill_VXSE53.xml")->telegram->status,
                     STATUS_EXERCISE);
    assert_int_equal(
        load_report(load, "own/VXSE53/iburi-correction_VXSE53.xml")->telegram->info_type,
        INFO_CORRECTION);
    assert_int_equal(load_report(load, "own/VXSE53/iburi-cancel_VXSE53.xml")->telegram->info_type,
                     INFO_CANCEL);
    assert_int_equal(
        load_changed(load, IBURI, "発表</InfoType>", "遅延</InfoType>")->telegram->info_type,
        INFO_DELAY);
    assert_int_equal(
        load_changed(load, IBURI, "発表</InfoType>", "中止</InfoType>")->telegram->info_type,
        INFO_UNKNOWN);
    assert_string_equal(info_type_name(INFO_CANCEL), "cancel");
}

static void a_missing_control_time_is_the_report_time_with_a_warning(void **state)
{
    struct load *load = *state;
    struct report *report =
        load_changed(load, IBURI, "<DateTime>2018-09-05T21:11:10Z</DateTime>", "");
    assert_int_equal(report->telegram->control_time, report->telegram->reported_at);
    assert_true(report->telegram->control_time > 0);
    assert_int_equal(load->problems->count, 1);
    assert_true(load->problems->items[0].warning);
}

static void a_garbled_time_is_a_warning_with_its_line(void **state)
{
    struct load *load = *state;
    struct report *report = load_changed(load, IBURI, "2018-09-06T06:11:00+09:00</ReportDateTime>",
                                         "６日６時１１分</ReportDateTime>");
    assert_int_equal(report->telegram->reported_at, report->telegram->control_time);
    assert_int_equal(load->problems->count, 1);
    assert_true(load->problems->items[0].line > 1);
}

static void a_time_that_cannot_be_is_settled_by_the_receipt(void **state)
{
    /* 2018-09-06T06:11:10+09:00 was sent as Japan time marked UTC, in the far future, at another
     * time that is no time for a telegram, days before its report, and not at all. */
    static const char *const wrong[] = {
        "<DateTime>2018-09-06T06:11:10Z</DateTime>", "<DateTime>2088-09-05T21:11:10Z</DateTime>",
        "<DateTime>1018-09-05T21:11:10Z</DateTime>", "<DateTime>2008-09-05T21:11:10Z</DateTime>",
        "<DateTime></DateTime>"};
    struct load *load = *state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct report *report =
            load_changed(load, IBURI, "<DateTime>2018-09-05T21:11:10Z</DateTime>", wrong[i]);
        struct telegram *telegram = (struct telegram *)report->telegram;
        usec_t reported_at = telegram->reported_at, received_at = reported_at + 5 * USEC_PER_SEC;
        (void)telegram_settle_times(telegram, received_at);
        assert_int_equal(telegram->control_time, reported_at);
        assert_int_equal(telegram->reported_at, reported_at);
        assert_false(telegram_settle_times(telegram, received_at));
    }
}

static void without_any_possible_time_the_receipt_counts(void **state)
{
    struct load *load = *state;
    struct report *report =
        load_changed(load, IBURI, "2018-09-05T21:11:10Z", "2099-09-05T21:11:10Z");
    struct telegram *telegram = (struct telegram *)report->telegram;
    usec_t received_at = telegram->reported_at - 2 * USEC_PER_HOUR;
    assert_true(telegram_settle_times(telegram, received_at));
    assert_int_equal(telegram->control_time, received_at);
    assert_int_equal(telegram->reported_at, received_at);
}

static void a_telegram_without_head_or_body_is_still_a_telegram(void **state)
{
    static const char bare[] =
        "<Report xmlns='http://xml.kishou.go.jp/jmaxml1/'><Control><Title>震源・震度に関する情報"
        "</Title><DateTime>2026-01-01T00:00:00Z</DateTime><Status>通常</Status></Control></Report>";
    struct load *load = *state;
    struct report *report = load_text(load, "bare", bare, strlen(bare));
    assert_string_equal(report->telegram->headline, "");
    assert_null(report->telegram->body);
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
}

static void what_is_no_jma_report_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "no xml",
        "<Report xmlns='http://xml.kishou.go.jp/jmaxml1/'/>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><Control/></feed>",
        "<Report xmlns='http://example.com/'><Control/></Report>",
        "<Report><Control/></Report>",
    };
    struct load *load = *state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct telegram *telegram = NULL;
        struct problems *problems = problems_new(load);
        int r = telegram_parse(load, "x", texts[i], strlen(texts[i]), problems, &telegram);
        if (r != -EBADMSG)
            fail_msg("%s: %d", texts[i], r);
        assert_null(telegram);
        assert_int_equal(problems->errors, 1);
    }
}

static void prefixes_do_not_matter_only_namespaces(void **state)
{
    static const char odd[] =
        "<a:Report xmlns:a='http://xml.kishou.go.jp/jmaxml1/'><a:Control><a:Title>x</a:Title>"
        "<a:Status><![CDATA[通常]]></a:Status></a:Control><b:Head "
        "xmlns:b='http://xml.kishou.go.jp/jmaxml1/informationBasis1/'><b:Title>A &amp; B</b:Title>"
        "</b:Head></a:Report>";
    struct report *report = load_text(*state, "odd", odd, strlen(odd));
    assert_int_equal(report->telegram->status, STATUS_ACTUAL);
    assert_string_equal(report->telegram->head_title, "A & B");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_code_comes_from_the_file_name),
        TEST(a_file_without_a_code_is_known_by_its_title),
        TEST(the_envelope_is_read),
        TEST(several_event_ids_are_split_at_blanks),
        TEST(an_empty_event_id_and_serial_are_empty_and_not_null),
        TEST(only_the_exact_word_makes_a_telegram_actual),
        TEST(the_drill_the_correction_and_the_cancel_are_known),
        TEST(a_missing_control_time_is_the_report_time_with_a_warning),
        TEST(a_garbled_time_is_a_warning_with_its_line),
        TEST(a_time_that_cannot_be_is_settled_by_the_receipt),
        TEST(without_any_possible_time_the_receipt_counts),
        TEST(a_telegram_without_head_or_body_is_still_a_telegram),
        TEST(what_is_no_jma_report_is_refused),
        TEST(prefixes_do_not_matter_only_namespaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
