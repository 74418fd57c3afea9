/* Text: broken UTF-8, wide blanks, control characters, cutting between graphemes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/text.h"

static void assert_text(char *text, const char *expected)
{
    assert_string_equal(text, expected);
    talloc_free(text);
}

static void only_well_formed_utf8_without_nul_passes(void **state)
{
    (void)state;
    static const char *const good[] = {"",       "abc",      "津波警報",        "\U0001F30A",
                                       "\uFFFD", "\xC2\x80", "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {
        "\x80",
        "\xC3",
        "\xC0\xAF",
        "\xC1\xBF",
        "\xE0\x80\xAF",
        "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xE6\xB4",
        "a\xFF",
        "\xE6\xB4\x41",
        "\xFE\xFF",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(text_is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(text_is_utf8(bad[i], strlen(bad[i])));
    assert_false(text_is_utf8("a\0b", 3));
    assert_false(text_is_utf8("津波", 4));
}

static void trimming_takes_wide_blanks_at_both_ends_only(void **state)
{
    (void)state;
    assert_text(text_trim(NULL, "\n 　津波　警報\t　\r\n"), "津波　警報");
    assert_text(text_trim(NULL, " 　\n"), "");
    assert_text(text_trim(NULL, ""), "");
    assert_text(text_trim(NULL, NULL), "");
    /* 、 (E3 80 81) shares two bytes with the wide blank. */
    assert_text(text_trim(NULL, "、津波、"), "、津波、");
    assert_text(text_trim(NULL, "\xE3\x80"), "\xE3\x80");
}

static void splitting_at_blanks_leaves_no_empty_part(void **state)
{
    (void)state;
    size_t count = 99;
    char **parts = text_split_blank(NULL, "　+37.5  +137.2\n-10000/　", &count);
    assert_int_equal(count, 3);
    assert_string_equal(parts[0], "+37.5");
    assert_string_equal(parts[1], "+137.2");
    assert_string_equal(parts[2], "-10000/");
    assert_null(parts[3]);
    talloc_free(parts);
    parts = text_split_blank(NULL, " 　 ", &count);
    assert_int_equal(count, 0);
    assert_null(parts[0]);
    talloc_free(parts);
    parts = text_split_blank(NULL, NULL, &count);
    assert_int_equal(count, 0);
    talloc_free(parts);
}

static void splitting_at_a_separator_trims_and_drops_empty_parts(void **state)
{
    (void)state;
    size_t count = 99;
    char **parts = text_split(NULL, ", a b ,,　津波　,", ',', &count);
    assert_int_equal(count, 2);
    assert_string_equal(parts[0], "a b");
    assert_string_equal(parts[1], "津波");
    assert_null(parts[2]);
    talloc_free(parts);
    char **many = text_split(NULL, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19", ',', &count);
    assert_int_equal(count, 19);
    assert_string_equal(many[18], "19");
    assert_null(many[19]);
    talloc_free(many);
}

static void narrowing_changes_wide_digits_and_letters_only(void **state)
{
    (void)state;
    assert_text(text_narrow(NULL, "Ｍ７．６　ａＺ０９＋カ"), "M7．6　aZ09＋カ");
    assert_text(text_narrow(NULL, ""), "");
    assert_text(text_narrow(NULL, "\xFFＡ"), "\xFF"
                                             "A");
}

static void cleaning_removes_what_breaks_or_turns_a_line(void **state)
{
    (void)state;
    assert_text(text_clean(NULL, "a\r\nb\tc\x1b\x7f\xC2\x85\xC2\x9F", false), "abc");
    assert_text(text_clean(NULL, "\u2028津\u2029波\u202A\u202B\u202C\u202D\u202E", false), "津波");
    assert_text(text_clean(NULL, "\u2066a\u2067b\u2068c\u2069\u200E\u200F\u061C", false), "abc");
    assert_text(text_clean(NULL, "a\r\n\r\nb\rc\n", true), "a\n\nbc\n");
    assert_text(text_clean(NULL, NULL, false), "");
    /* The joiner of an emoji and the space of Devanagari signs are no control characters. */
    assert_text(text_clean(NULL, "\U0001F468\u200D\U0001F469", false),
                "\U0001F468\u200D\U0001F469");
}

static void cleaning_replaces_broken_bytes(void **state)
{
    (void)state;
    assert_text(text_clean(NULL, "a\xFF\xE6\xB4", false), "a\uFFFD\uFFFD\uFFFD");
}

static void html_escapes_all_five(void **state)
{
    (void)state;
    assert_text(text_html(NULL, "<a href=\"x\" b='y'>&amp;津"),
                "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;津");
    assert_text(text_html(NULL, "\"\"\"\"\"\"\"\""),
                "&quot;&quot;&quot;&quot;&quot;&quot;&quot;&quot;");
    assert_text(text_html(NULL, ""), "");
}

static void text_that_fits_is_not_cut(void **state)
{
    (void)state;
    assert_text(text_cut(NULL, "津波警報", 4), "津波警報");
    assert_text(text_cut(NULL, "", 4), "");
    assert_text(text_cut(NULL, NULL, 4), "");
}

static void cut_text_ends_with_the_mark_within_the_limit(void **state)
{
    (void)state;
    assert_text(text_cut(NULL, "津波警報", 3), "津波…");
    assert_text(text_cut(NULL, "津波警報", 1), "…");
    assert_text(text_cut(NULL, "津波警報", 0), "");
}

static void cutting_never_splits_what_a_reader_sees_as_one(void **state)
{
    (void)state;
    /* か + combining voice mark; flag of Japan; family joined by U+200D; Hangul by parts. */
    assert_text(text_cut(NULL, "か\u3099き\u3099く", 4), "か\u3099…");
    assert_text(text_cut(NULL, "\U0001F1EF\U0001F1F5abc", 2), "…");
    assert_text(text_cut(NULL, "a\U0001F468\u200D\U0001F469\u200D\U0001F467b", 5), "a…");
    assert_text(text_cut(NULL, "\u1112\u1161\u11ab\u1112\u1161", 4), "\u1112\u1161\u11ab…");
    assert_text(text_cut(NULL, "a\r\nbc", 3), "a…");
}

static void hash_is_the_start_of_sha_256(void **state)
{
    (void)state;
    assert_text(text_hash(NULL, "abc", 3, 64),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_text(text_hash(NULL, "abc", 3, 8), "ba7816bf");
    assert_text(text_hash(NULL, NULL, 0, 7), "e3b0c44");
    assert_text(text_hash(NULL, "abc", 3, 1000),
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void comparing_knows_null(void **state)
{
    (void)state;
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal(NULL, ""));
    assert_false(text_equal("", NULL));
    assert_true(text_equal("津", "津"));
    assert_true(text_starts("津波警報", "津波"));
    assert_false(text_starts("津", "津波"));
    assert_false(text_starts(NULL, ""));
    assert_true(text_contains("大津波警報", "津波"));
    assert_false(text_contains(NULL, ""));
    assert_false(text_given(NULL));
    assert_false(text_given(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_well_formed_utf8_without_nul_passes),
        cmocka_unit_test(trimming_takes_wide_blanks_at_both_ends_only),
        cmocka_unit_test(splitting_at_blanks_leaves_no_empty_part),
        cmocka_unit_test(splitting_at_a_separator_trims_and_drops_empty_parts),
        cmocka_unit_test(narrowing_changes_wide_digits_and_letters_only),
        cmocka_unit_test(cleaning_removes_what_breaks_or_turns_a_line),
        cmocka_unit_test(cleaning_replaces_broken_bytes),
        cmocka_unit_test(html_escapes_all_five),
        cmocka_unit_test(text_that_fits_is_not_cut),
        cmocka_unit_test(cut_text_ends_with_the_mark_within_the_limit),
        cmocka_unit_test(cutting_never_splits_what_a_reader_sees_as_one),
        cmocka_unit_test(hash_is_the_start_of_sha_256),
        cmocka_unit_test(comparing_knows_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
