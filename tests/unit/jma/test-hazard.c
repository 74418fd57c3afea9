/* Names, kinds and rankings. */
#include "jma/load.h"

static void every_hazard_has_a_name_that_finds_it(void **state)
{
    (void)state;
    for (int i = 0; i < HAZARD_COUNT; i++) {
        enum hazard found = HAZARD_COUNT;
        assert_true(hazard_from_name(hazard_name((enum hazard)i), &found));
        assert_int_equal(found, i);
    }
    enum hazard untouched = HAZARD_RAIN;
    assert_false(hazard_from_name("meteor", &untouched));
    assert_int_equal(untouched, HAZARD_RAIN);
}

/* The numbers are not ordered by severity: 03 is graver than 10, 33 than 49. */
static void weather_kinds_rank_by_table_and_not_by_number(void **state)
{
    (void)state;
    assert_int_equal(weather_kind_find("03")->level, 3);
    assert_int_equal(weather_kind_find("10")->level, 2);
    assert_int_equal(weather_kind_find("33")->level, 5);
    assert_int_equal(weather_kind_find("49")->level, 4);
    assert_null(weather_kind_find("99"));
    assert_null(weather_kind_find(NULL));
}

/* JMA prints a level for rain, landslide and storm surge only; wind, waves and snow have none. */
static void only_three_hazards_carry_a_printed_level(void **state)
{
    static const char *const numbered[] = {"33", "43", "03", "10", "39", "49",
                                           "09", "29", "38", "48", "08", "19"};
    static const char *const plain[] = {"35", "05", "15", "32", "02", "13", "37", "07",
                                        "16", "36", "06", "12", "14", "20", "27"};
    (void)state;
    for (size_t i = 0; i < 12; i++)
        assert_true(weather_kind_find(numbered[i])->numbered);
    for (size_t i = 0; i < 15; i++)
        assert_false(weather_kind_find(plain[i])->numbered);
}

static void an_emergency_warning_without_number_ranks_as_five(void **state)
{
    static const char *const codes[] = {"32", "35", "36", "37"};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(weather_kind_find(codes[i])->level, 5);
        assert_string_equal(weather_kind_find(codes[i])->grade, "emergency");
    }
    assert_string_equal(weather_kind_find("43")->grade, "urgent");
    assert_string_equal(weather_kind_find("02")->grade, "warning");
    assert_string_equal(weather_kind_find("17")->grade, "advisory");
}

static void new_and_continued_major_tsunami_warnings_are_one_grade(void **state)
{
    (void)state;
    assert_string_equal(tsunami_kind_find("52")->grade, tsunami_kind_find("53")->grade);
    assert_int_equal(tsunami_kind_find("53")->level, 5);
    assert_int_equal(tsunami_kind_find("51")->level, 4);
    assert_int_equal(tsunami_kind_find("62")->level, 3);
    assert_int_equal(tsunami_kind_find("73")->level, 1);
    assert_true(tsunami_kind_find("50")->lifted && tsunami_kind_find("60")->lifted);
    assert_int_equal(tsunami_kind_find("60")->level, 0);
    assert_false(tsunami_kind_find("00")->lifted);
    assert_null(tsunami_kind_find("59"));
}

static void intensities_rank_in_order_and_a_missing_one_as_5_lower(void **state)
{
    static const char *const order[] = {"1", "2", "3", "4", "5-", "5+", "6-", "6+", "7"};
    (void)state;
    for (int i = 0; i < 9; i++)
        assert_int_equal(intensity_rank(order[i]), i + 1);
    assert_int_equal(intensity_rank("5-?"), intensity_rank("5-"));
    assert_int_equal(intensity_rank("5"), 0);
    assert_int_equal(intensity_rank(NULL), 0);
}

static void shaking_maps_to_the_scale_of_five(void **state)
{
    (void)state;
    assert_int_equal(intensity_level("2"), 0);
    assert_int_equal(intensity_level("3"), 1);
    assert_int_equal(intensity_level("4"), 2);
    assert_int_equal(intensity_level("5-?"), 3);
    assert_int_equal(intensity_level("5+"), 3);
    assert_int_equal(intensity_level("6-"), 4);
    assert_int_equal(intensity_level("6+"), 5);
    assert_int_equal(intensity_level("7"), 5);
    assert_int_equal(intensity_level(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hazard_has_a_name_that_finds_it),
        cmocka_unit_test(weather_kinds_rank_by_table_and_not_by_number),
        cmocka_unit_test(only_three_hazards_carry_a_printed_level),
        cmocka_unit_test(an_emergency_warning_without_number_ranks_as_five),
        cmocka_unit_test(new_and_continued_major_tsunami_warnings_are_one_grade),
        cmocka_unit_test(intensities_rank_in_order_and_a_missing_one_as_5_lower),
        cmocka_unit_test(shaking_maps_to_the_scale_of_five),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
