/* Time: what is one date-time and what is not, calendar edges, the three forms of an HTTP date. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>
#include "base/clock.h"

#define NEW_YEAR_2024 ((usec_t)1704067200 * USEC_PER_SEC) /* 2024-01-01T00:00:00Z */

static void assert_parses(const char *text, usec_t expected)
{
    usec_t time = -1;
    if (clock_parse(text, &time) != 0)
        fail_msg("refused: %s", text);
    assert_int_equal(time, expected);
}

static void date_time_is_read_with_its_own_offset(void **state)
{
    (void)state;
    assert_parses("2024-01-01T00:00:00Z", NEW_YEAR_2024);
    assert_parses("2024-01-01T09:00:00+09:00", NEW_YEAR_2024);
    assert_parses("2023-12-31T14:30:00-09:30", NEW_YEAR_2024);
    assert_parses("2024-01-01t00:00:00z", NEW_YEAR_2024);
    assert_parses("1970-01-01T09:00:01+09:00", USEC_PER_SEC);
    assert_parses("1969-12-31T23:59:59Z", -USEC_PER_SEC);
}

static void fraction_is_kept_to_the_microsecond(void **state)
{
    (void)state;
    assert_parses("2024-01-01T00:00:00.5Z", NEW_YEAR_2024 + 500000);
    assert_parses("2024-01-01T00:00:00.123456789Z", NEW_YEAR_2024 + 123456);
    assert_parses("2024-01-01T00:00:00.000001+00:00", NEW_YEAR_2024 + 1);
}

static void what_is_not_exactly_one_date_time_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00Z",
        "2024-01-01 00:00:00Z",
        "2024-01-01T00:00:00Z ",
        " 2024-01-01T00:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00+0900",
        "2024-01-01T00:00:00+09",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00+09:60",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:61Z",
        "2024-00-01T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "2024-04-31T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "+024-01-01T00:00:00Z",
        "20240101T000000Z",
        "２０２４-01-01T00:00:00Z",
        "2024-01-01T00:00:00Z2024-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        usec_t time = 42;
        if (clock_parse(bad[i], &time) != -EINVAL)
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(time, 42);
    }
    usec_t time = 42;
    assert_int_equal(clock_parse(NULL, &time), -EINVAL);
}

static void leap_days_and_leap_seconds_are_read(void **state)
{
    (void)state;
    assert_parses("2000-02-29T00:00:00Z", (usec_t)951782400 * USEC_PER_SEC);
    assert_parses("2024-02-29T23:59:59Z", (usec_t)1709251199 * USEC_PER_SEC);
    assert_parses("2016-12-31T23:59:60Z", (usec_t)1483228800 * USEC_PER_SEC);
}

static void japan_time_is_printed_with_its_offset(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES];
    assert_string_equal(
        clock_format_jst(NEW_YEAR_2024 + 7 * USEC_PER_HOUR + 22 * USEC_PER_MINUTE, text),
        "2024-01-01T16:22:00+09:00");
    assert_string_equal(clock_format_utc(NEW_YEAR_2024 - 1, text), "2023-12-31T23:59:59Z");
    assert_string_equal(clock_format_jst(NEW_YEAR_2024 - JST_OFFSET_USEC, text),
                        "2024-01-01T00:00:00+09:00");
}

static void unknown_time_and_times_beyond_the_calendar_print_as_nothing(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES];
    assert_string_equal(clock_format_jst(0, text), "");
    assert_string_equal(clock_format_utc(0, text), "");
    assert_string_equal(clock_format_mail(0, text), "");
    assert_string_equal(clock_format_jst(INT64_MAX, text), "");
    assert_string_equal(clock_format_utc(INT64_MIN, text), "");
    assert_string_equal(clock_format_mail(INT64_MAX, text), "");
}

static void time_zone_and_locale_of_the_machine_change_nothing(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES];
    setenv("TZ", "America/New_York", 1);
    tzset();
    assert_parses("2024-07-01T09:00:00+09:00", (usec_t)1719792000 * USEC_PER_SEC);
    assert_string_equal(clock_format_jst(NEW_YEAR_2024, text), "2024-01-01T09:00:00+09:00");
    unsetenv("TZ");
    tzset();
}

static void every_day_of_four_centuries_survives_printing_and_reading(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES], expected[CLOCK_TEXT_BYTES];
    usec_t first;
    assert_int_equal(clock_parse("1899-12-31T12:34:56Z", &first), 0);
    for (int day = 0; day < 146097; day++) {
        usec_t time = first + day * USEC_PER_DAY, read = 0;
        clock_format_utc(time, text);
        struct tm calendar;
        time_t seconds = (time_t)(time / USEC_PER_SEC);
        strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &calendar));
        assert_string_equal(text, expected);
        assert_int_equal(clock_parse(text, &read), 0);
        assert_int_equal(read, time);
    }
}

static void mail_date_has_the_weekday_in_japan(void **state)
{
    (void)state;
    char text[CLOCK_TEXT_BYTES];
    assert_string_equal(clock_format_mail(NEW_YEAR_2024 - USEC_PER_HOUR, text),
                        "Mon, 01 Jan 2024 08:00:00 +0900");
    assert_string_equal(clock_format_mail(NEW_YEAR_2024 - 10 * USEC_PER_HOUR, text),
                        "Sun, 31 Dec 2023 23:00:00 +0900");
}

static void all_three_forms_of_an_http_date_are_read(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "Mon, 01 Jan 2024 07:22:00 GMT",
        "Monday, 01-Jan-24 07:22:00 GMT",
        "Mon Jan  1 07:22:00 2024",
    };
    for (size_t i = 0; i < 3; i++) {
        usec_t time = 0;
        assert_int_equal(clock_parse_http(forms[i], &time), 0);
        assert_int_equal(time, NEW_YEAR_2024 + 7 * USEC_PER_HOUR + 22 * USEC_PER_MINUTE);
    }
    usec_t time = 0;
    assert_int_equal(clock_parse_http("Sunday, 06-Nov-94 08:49:37 GMT", &time), 0);
    assert_int_equal(time, (usec_t)784111777 * USEC_PER_SEC);
    assert_int_equal(clock_parse_http("Sat Nov 12 08:49:37 1994", &time), 0);
}

static void broken_http_dates_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "Mon",
        "Mon, 1 Jan 2024 07:22:00 GMT",
        "Mon, 01 Jan 2024 07:22:00 UTC",
        "Mon, 01 jan 2024 07:22:00 GMT",
        "Mon, 01 Jan 2024 07:22:00 GMT x",
        "Mon, 31 Feb 2024 07:22:00 GMT",
        "Xyz, 01 Jan 2024 07:22:00 GMT",
        "2024-01-01T00:00:00Z",
        "Mon, 01 Jan 24 07:22:00 GMT",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        usec_t time = 42;
        if (clock_parse_http(bad[i], &time) != -EINVAL)
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(time, 42);
    }
    usec_t time;
    assert_int_equal(clock_parse_http(NULL, &time), -EINVAL);
}

static void monotonic_clock_never_goes_back(void **state)
{
    (void)state;
    usec_t earlier = clock_monotonic();
    assert_true(earlier > 0);
    for (int i = 0; i < 1000; i++) {
        usec_t later = clock_monotonic();
        assert_true(later >= earlier);
        earlier = later;
    }
    assert_true(clock_now() > NEW_YEAR_2024);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(date_time_is_read_with_its_own_offset),
        cmocka_unit_test(fraction_is_kept_to_the_microsecond),
        cmocka_unit_test(what_is_not_exactly_one_date_time_is_refused),
        cmocka_unit_test(leap_days_and_leap_seconds_are_read),
        cmocka_unit_test(japan_time_is_printed_with_its_offset),
        cmocka_unit_test(unknown_time_and_times_beyond_the_calendar_print_as_nothing),
        cmocka_unit_test(time_zone_and_locale_of_the_machine_change_nothing),
        cmocka_unit_test(every_day_of_four_centuries_survives_printing_and_reading),
        cmocka_unit_test(mail_date_has_the_weekday_in_japan),
        cmocka_unit_test(all_three_forms_of_an_http_date_are_read),
        cmocka_unit_test(broken_http_dates_are_refused),
        cmocka_unit_test(monotonic_clock_never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
