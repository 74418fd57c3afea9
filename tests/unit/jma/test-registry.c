/* The table of codes: complete, sorted, and with a reason for every silence. */
#include <dirent.h>

#include "jma/load.h"

static void rows_are_sorted_and_unique(void **state)
{
    unsigned long count;
    const struct registry_row *rows = registry_rows(&count);
    (void)state;
    assert_true(count > 100);
    for (unsigned long i = 1; i < count; i++)
        assert_true(strcmp(rows[i - 1].code, rows[i].code) < 0);
    for (unsigned long i = 0; i < count; i++)
        assert_ptr_equal(registry_find(rows[i].code), &rows[i]);
}

static void every_row_that_alerts_nobody_says_why_and_no_other(void **state)
{
    unsigned long count;
    const struct registry_row *rows = registry_rows(&count);
    (void)state;
    for (unsigned long i = 0; i < count; i++) {
        bool silent = rows[i].role != ROLE_PARSED && rows[i].role != ROLE_GENERIC;
        if (silent != text_given(rows[i].reason))
            fail_msg("%s", rows[i].code);
        if (!silent)
            assert_in_range(rows[i].level, 1, 5);
        if (rows[i].kind == REPORT_GENERIC)
            assert_int_not_equal(rows[i].role, ROLE_PARSED);
        if (rows[i].role == ROLE_GENERIC)
            assert_int_equal(rows[i].kind, REPORT_GENERIC);
        assert_true(text_given(rows[i].title) && text_given(rows[i].feed));
    }
}

static void the_telegrams_of_life_safety_are_parsed(void **state)
{
    static const char *const codes[] = {"VXSE51", "VXSE52", "VXSE53", "VXSE61", "VTSE41",
                                        "VTSE51", "VTSE52", "VPWW55", "VPWW56", "VPWW57",
                                        "VPWW58", "VPWW59", "VPWW60", "VPWW61"};
    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        assert_int_equal(registry_find(codes[i])->role, ROLE_PARSED);
}

static void transitional_telegrams_are_a_cross_check(void **state)
{
    static const char *const codes[] = {"VPWW50", "VPWW53", "VXWW40", "VXWW50", "VPNO50", "VPOA50"};
    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        assert_int_equal(registry_find(codes[i])->role, ROLE_CROSS_CHECK);
    /* The same content at three times the size: read where it is given, but not fetched. */
    assert_int_equal(registry_find("VPWW54")->role, ROLE_RECORDED);
    assert_int_equal(registry_find("VPWW54")->kind, REPORT_TRANSITIONAL);
    assert_int_equal(registry_find("VPWS50")->role, ROLE_AFTER_GAP);
}

static void bulletins_are_parsed(void **state)
{
    static const char *const codes[] = {"VPBS50", "VPHW50", "VPHW51", "VPFT50", "VPZJ51",
                                        "VPCJ51", "VPFJ51", "VPTW60", "VPTW65"};
    (void)state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_int_equal(registry_find(codes[i])->role, ROLE_PARSED);
        assert_int_equal(registry_find(codes[i])->kind, REPORT_BULLETIN);
    }
}

static void a_family_stands_for_its_numbers(void **state)
{
    (void)state;
    for (int number = 50; number <= 89; number++) {
        char code[8];
        snprintf(code, sizeof(code), "VXKO%d", number);
        assert_string_equal(registry_find(code)->code, "VXKOii");
    }
    assert_string_equal(registry_find("VXSU51")->code, "VXSUii");
    assert_string_equal(registry_find("VFSV50")->code, "VFSVii");
}

static void an_unknown_code_has_no_row(void **state)
{
    (void)state;
    assert_null(registry_find("VXSE99"));
    assert_null(registry_find("VXKO5"));
    assert_null(registry_find("VXKO5x"));
    assert_null(registry_find(""));
    assert_null(registry_find(NULL));
}

static void the_corpus_holds_no_code_that_the_table_lacks(void **state)
{
    struct load *load = *state;
    load_need_corpus();
    DIR *codes = opendir(load_path(load, "corpus/"));
    size_t count = 0;
    for (struct dirent *code = readdir(codes); code != NULL; code = readdir(codes)) {
        /* "VPFT_old" and the like are labels of the collection and no codes. */
        if (strlen(code->d_name) != 6)
            continue;
        count++;
        if (registry_find(code->d_name) == NULL)
            fail_msg("%s", code->d_name);
    }
    closedir(codes);
    assert_true(count > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_sorted_and_unique),
        cmocka_unit_test(every_row_that_alerts_nobody_says_why_and_no_other),
        cmocka_unit_test(the_telegrams_of_life_safety_are_parsed),
        cmocka_unit_test(transitional_telegrams_are_a_cross_check),
        cmocka_unit_test(bulletins_are_parsed),
        cmocka_unit_test(a_family_stands_for_its_numbers),
        cmocka_unit_test(an_unknown_code_has_no_row),
        TEST(the_corpus_holds_no_code_that_the_table_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
