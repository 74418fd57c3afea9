/* A dozen English messages as a person reads them, compared with golden/<name>.txt. To accept a
 * change, run with NOROSHI_GOLDEN=write and read what git shows. */
#include "message/fixture.h"

static char *whole(TALLOC_CTX *context, const struct message *message)
{
    return memory_printf(context, "%s\n-- subject\n%s\n-- short\n%s\n", message->plain,
                         message->headline, message->short_text);
}

static char *read_golden(TALLOC_CTX *context, const char *path)
{
    char bytes[8192];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return memory_text(context, "");
    size_t length = fread(bytes, 1, sizeof(bytes) - 1, file);
    bytes[length] = '\0';
    fclose(file);
    return memory_text(context, bytes);
}

static void compare(const struct fixture *fixture, const struct example *example, const char *name)
{
    TALLOC_CTX *context = (TALLOC_CTX *)example;
    char *found = whole(context, render(fixture, example, "en"));
    const char *path =
        root_path(context, memory_printf(context, "tests/unit/message/golden/%s.txt", name));
    const char *mode = getenv("NOROSHI_GOLDEN");
    if (mode != NULL && strcmp(mode, "write") == 0) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(found, file);
        assert_int_equal(fclose(file), 0);
    }
    char *golden = read_golden(context, path);
    if (strcmp(golden, found) != 0)
        print_message("%s\n==== but now\n%s\n", golden, found);
    assert_string_equal(found, golden);
}

static void warn_of_major_tsunami(struct example *example)
{
    example->areas[0].arrival_condition = "ただちに津波来襲と予測";
    example->areas[0].height_text = "巨大";
    example_add(example,
                example_area(AREA_TSUNAMI_COAST, "100", "北海道太平洋沿岸東部", 3, "advisory"));
    example->areas[1].arrival_time = ISSUED + 50 * USEC_PER_MINUTE;
    example->areas[1].height_m = 1;
    example->areas[1].height_text = "１ｍ";
}

static void a_flash_report_reads_as_the_golden(void **state)
{
    struct example *example = example_quake(*state, "5+", NULL);
    example->alert.title_ja = "震度速報";
    example->quake = (struct alert_quake){.latitude = NAN,
                                          .longitude = NAN,
                                          .depth_km = NAN,
                                          .magnitude = NAN,
                                          .max_intensity = "5+"};
    compare(*state, example, "quake-flash");
    talloc_free(example);
}

static void a_strong_earthquake_without_tsunami_reads_as_the_golden(void **state)
{
    struct example *example = example_quake(*state, "6-", "none");
    compare(*state, example, "quake-6-lower");
    talloc_free(example);
}

static void a_felt_earthquake_reads_as_the_golden(void **state)
{
    struct example *example = example_quake(*state, "4", "none");
    example_phase(example, PHASE_UPDATE, 2);
    compare(*state, example, "quake-4");
    talloc_free(example);
}

static void a_withdrawn_earthquake_reads_as_the_golden(void **state)
{
    struct example *example = example_quake(*state, "5-", NULL);
    example_phase(example, PHASE_CANCEL, 3);
    compare(*state, example, "quake-cancel");
    talloc_free(example);
}

static void a_major_tsunami_warning_reads_as_the_golden(void **state)
{
    struct example *example = example_tsunami(*state, 5, "major-warning");
    warn_of_major_tsunami(example);
    compare(*state, example, "tsunami-major");
    talloc_free(example);
}

static void a_drill_reads_as_the_golden(void **state)
{
    struct example *example = example_tsunami(*state, 5, "major-warning");
    warn_of_major_tsunami(example);
    example->alert.status = STATUS_EXERCISE;
    compare(*state, example, "tsunami-drill");
    talloc_free(example);
}

static void a_lowered_tsunami_warning_reads_as_the_golden(void **state)
{
    struct example *example = example_tsunami(*state, 3, "advisory");
    example_phase(example, PHASE_DOWNGRADE, 4);
    example->alert.observation_count = 1;
    example->observations[0] = (struct alert_observation){.area_code = "110",
                                                          .station_ja = "小樽",
                                                          .at = ISSUED - USEC_PER_MINUTE,
                                                          .height_m = 0.8,
                                                          .height_text = "０．８ｍ"};
    compare(*state, example, "tsunami-lowered");
    talloc_free(example);
}

static void a_lifted_tsunami_warning_reads_as_the_golden(void **state)
{
    struct example *example = example_tsunami(*state, 3, NULL);
    example->areas[0].level = 0;
    example_phase(example, PHASE_ALL_CLEAR, 3);
    compare(*state, example, "tsunami-lifted");
    talloc_free(example);
}

static void heavy_rain_of_the_highest_level_reads_as_the_golden(void **state)
{
    struct example *example = example_weather(*state, HAZARD_RAIN, 5, "emergency");
    example_phase(example, PHASE_UPGRADE, 4);
    compare(*state, example, "rain-emergency");
    talloc_free(example);
}

static void a_landslide_warning_of_level_four_reads_as_the_golden(void **state)
{
    struct example *example = example_weather(*state, HAZARD_LANDSLIDE, 4, "urgent");
    example->alert.delayed = true;
    compare(*state, example, "landslide-urgent");
    talloc_free(example);
}

static void a_snowstorm_warning_reads_as_the_golden(void **state)
{
    struct example *example = example_weather(*state, HAZARD_BLIZZARD, 3, "warning");
    compare(*state, example, "blizzard-warning");
    talloc_free(example);
}

static void an_eruption_that_is_known_only_in_japanese_reads_as_the_golden(void **state)
{
    struct example *example = example_new(*state, HAZARD_VOLCANO, 3, "火山名　樽前山　噴火速報");
    example->alert.generic = true;
    example->alert.headline_ja = "樽前山で噴火が発生。";
    example_add(example, example_area(AREA_MUNICIPALITY, "01213", "苫小牧市", 3, NULL));
    compare(*state, example, "volcano-generic");
    talloc_free(example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flash_report_reads_as_the_golden),
        cmocka_unit_test(a_strong_earthquake_without_tsunami_reads_as_the_golden),
        cmocka_unit_test(a_felt_earthquake_reads_as_the_golden),
        cmocka_unit_test(a_withdrawn_earthquake_reads_as_the_golden),
        cmocka_unit_test(a_major_tsunami_warning_reads_as_the_golden),
        cmocka_unit_test(a_drill_reads_as_the_golden),
        cmocka_unit_test(a_lowered_tsunami_warning_reads_as_the_golden),
        cmocka_unit_test(a_lifted_tsunami_warning_reads_as_the_golden),
        cmocka_unit_test(heavy_rain_of_the_highest_level_reads_as_the_golden),
        cmocka_unit_test(a_landslide_warning_of_level_four_reads_as_the_golden),
        cmocka_unit_test(a_snowstorm_warning_reads_as_the_golden),
        cmocka_unit_test(an_eruption_that_is_known_only_in_japanese_reads_as_the_golden),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
