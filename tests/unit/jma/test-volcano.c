/* VFVO50 to 56, VFSVii and VZVO40: what holds at a volcano and in the municipalities around it. */
#include <dirent.h>

#include "jma/load.h"

#define LEVEL3  "own/VFVO50/hakone-level3_VFVO50.xml"
#define LIFTED  "own/VFVO50/hakone-lifted_VFVO50.xml"
#define WIDE    "own/VFVO50/sakurajima-wide_VFVO50.xml"
#define FLASH   "own/VFVO56/ontake-issued_VFVO56.xml"
#define SEEN    "own/VFVO52/asama-eruption_VFVO52.xml"
#define ROUTINE "own/VFVO52/sakurajima-explosion_VFVO52.xml"
#define ASH     "own/VFVO54/asama-ash_VFVO54.xml"
#define EXTRA   "own/VFVO51/hakone-extra_VFVO51.xml"

#define KAGOSHIMA "4620100"
#define KIRISHIMA "4621800"
#define TARUMIZU  "4621400"

static const struct hazard_report *volcano(const struct report *report)
{
    assert_int_equal(report->kind, REPORT_VOLCANO);
    assert_int_equal(report->hazard.hazard, HAZARD_VOLCANO);
    return &report->hazard;
}

/* Without a problem. */
static const struct hazard_report *understood(void **state, const char *file)
{
    struct report *report = load_report(*state, file);
    assert_null(report->degraded);
    assert_int_equal(report->problem_count, 0);
    return volcano(report);
}

static const struct hazard_area *area(const struct hazard_report *hazard, const char *code)
{
    for (size_t i = 0; i < hazard->area_count; i++) {
        if (strcmp(hazard->areas[i].code, code) == 0)
            return &hazard->areas[i];
    }
    fail_msg("the report does not list %s", code);
    return NULL;
}

static const struct hazard_fact *fact(const struct hazard_report *hazard, const char *name)
{
    for (size_t i = 0; i < hazard->fact_count; i++) {
        if (strcmp(hazard->facts[i].name, name) == 0)
            return &hazard->facts[i];
    }
    return NULL;
}

static void a_level_holds_for_the_volcano_and_its_municipalities(void **state)
{
    const struct hazard_report *hazard = understood(state, LEVEL3);
    assert_string_equal(hazard->family, "level");
    assert_string_equal(hazard->subject, "315");
    assert_string_equal(hazard->subject_name, "箱根山");
    assert_int_equal(hazard->subject_system, AREA_VOLCANO);
    assert_int_equal(hazard->level, 3);
    assert_string_equal(hazard->grade, "level-3");
    assert_int_equal(area(hazard, "1438200")->level, 3);
    assert_string_equal(area(hazard, "1438200")->kind_code, "02");
    assert_string_equal(fact(hazard, "volcano")->value, "箱根山");
    assert_false(hazard->prose);
}

static void each_kind_has_its_level_and_its_words(void **state)
{
    static const struct {
        const char *code;
        int level;
        const char *grade;
    } cases[] = {{"11", 0, "level-1"},     {"12", 2, "level-2"},  {"13", 3, "level-3"},
                 {"14", 4, "level-4"},     {"15", 5, "level-5"},  {"21", 0, "calm"},
                 {"22", 2, "crater"},      {"23", 3, "mountain"}, {"24", 4, "mountain"},
                 {"25", 4, "residential"}, {"35", 0, "calm"},     {"36", 2, "sea"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *code = memory_printf(*state, ">%s<", cases[i].code);
        const struct hazard_report *hazard = volcano(load_changed(*state, WIDE, ">15<", code));
        /* A municipality that is warned at a calm volcano keeps its warning. */
        int level = cases[i].level > 0 ? cases[i].level : 4;
        assert_int_equal(hazard->level, level);
        assert_string_equal(hazard->grade, cases[i].level > 0 ? cases[i].grade : "residential");
        assert_int_equal(area(hazard, KAGOSHIMA)->level, level);
    }
}

static void a_municipality_that_need_do_less_has_a_lower_level(void **state)
{
    const struct hazard_report *hazard = understood(state, WIDE);
    assert_int_equal(hazard->level, 5);
    assert_int_equal(area(hazard, KAGOSHIMA)->level, 5);
    assert_string_equal(area(hazard, KAGOSHIMA)->grade, "level-5");
    assert_int_equal(area(hazard, KIRISHIMA)->level, 3);
    assert_string_equal(area(hazard, KIRISHIMA)->grade, "mountain");
    assert_int_equal(area(hazard, TARUMIZU)->level, 1);
    assert_string_equal(area(hazard, TARUMIZU)->grade, "commentary");
}

static void each_response_limits_the_level(void **state)
{
    static const struct {
        const char *code;
        int level;
    } cases[] = {{"41", 5}, {"43", 3}, {"44", 2}, {"45", 1},
                 {"46", 5}, {"47", 5}, {"48", 3}, {"49", 3}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *code = memory_printf(*state, ">%s<", cases[i].code);
        struct report *report = load_changed(*state, WIDE, ">42<", code);
        assert_null(report->degraded);
        assert_int_equal(area(volcano(report), KIRISHIMA)->level, cases[i].level);
    }
}

static void a_response_never_raises_a_level(void **state)
{
    const struct hazard_report *hazard = volcano(load_changed(*state, WIDE, ">15<", ">12<"));
    assert_int_equal(area(hazard, KIRISHIMA)->level, 2);
    assert_string_equal(area(hazard, KIRISHIMA)->grade, "level-2");
}

static void an_unknown_response_leaves_the_level_of_the_volcano(void **state)
{
    struct report *report = load_changed(*state, WIDE, ">42<", ">40<");
    assert_non_null(report->degraded);
    assert_int_equal(area(volcano(report), KIRISHIMA)->level, 5);
}

static void level_one_is_the_normal_state(void **state)
{
    const struct hazard_report *hazard = understood(state, LIFTED);
    assert_int_equal(hazard->level, 0);
    assert_string_equal(hazard->grade, "level-1");
    assert_int_equal(area(hazard, "1438200")->level, 0);
    assert_true(hazard->ends_at == 0);
}

static void a_municipality_whose_warning_is_lifted_has_none(void **state)
{
    const struct hazard_report *hazard = volcano(load_changed(*state, WIDE, ">01<", ">04<"));
    assert_int_equal(hazard->level, 5);
    assert_int_equal(area(hazard, KAGOSHIMA)->level, 0);
    assert_int_equal(area(hazard, KIRISHIMA)->level, 3);
}

static void a_volcanic_warning_outlives_a_year(void **state)
{
    struct report *report = load_report(*state, LEVEL3);
    assert_true(report->hazard.ends_at == report->telegram->control_time + 366 * USEC_PER_DAY);
}

static void an_unknown_kind_is_told_in_general_words(void **state)
{
    struct report *report = load_changed(*state, WIDE, ">15<", ">19<");
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
    assert_true(report->generic.alerts);
    assert_true(report->generic.area_count >= 2);
}

static void two_volcanoes_are_not_taken_for_one(void **state)
{
    struct report *report =
        load_changed(*state, WIDE, "<Areas codeType=\"火山名\">",
                     "<Areas codeType=\"火山名\"><Area><Name>御嶽山</Name><Code>312</Code></Area>");
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
}

static void a_municipality_that_nobody_knows_widens_where_it_is_about_lives(void **state)
{
    struct report *report = load_changed(*state, WIDE, KAGOSHIMA, "4699900");
    assert_non_null(report->degraded);
    assert_int_equal(area(volcano(report), "46")->system, AREA_PREFECTURE);
    assert_int_equal(area(&report->hazard, "46")->level, 5);
    report = load_changed(*state, WIDE, TARUMIZU, "4699900");
    assert_non_null(report->degraded);
    assert_int_equal(volcano(report)->area_count, 2);
}

static void a_withdrawal_names_its_event(void **state)
{
    const struct hazard_report *hazard =
        understood(state, "own/VFVO50/sakurajima-withdrawn_VFVO50.xml");
    assert_string_equal(hazard->subject, "506");
    assert_int_equal(hazard->level, 0);
    hazard = understood(state, "own/VFVO56/ontake-withdrawn_VFVO56.xml");
    assert_string_equal(hazard->subject, "20140927120000_312");
    assert_string_equal(hazard->subject_code, "312");
    assert_string_equal(hazard->grade, "eruption");
    /* It keeps a whole body and is withdrawn all the same. */
    hazard = understood(state, "own/VFVO52/asama-withdrawn_VFVO52.xml");
    assert_string_equal(hazard->subject, "20190807221200_306");
    assert_int_equal(hazard->level, 0);
    assert_int_equal(hazard->area_count, 0);
}

static void a_withdrawal_without_an_event_is_told_in_general_words(void **state)
{
    struct report *report = load_changed(*state, "own/VFVO50/sakurajima-withdrawn_VFVO50.xml",
                                         "<EventID>506</EventID>", "<EventID/>");
    assert_int_equal(report->kind, REPORT_GENERIC);
    assert_non_null(report->degraded);
}

static void an_eruption_is_level_three_for_its_municipalities(void **state)
{
    const struct hazard_report *hazard = understood(state, FLASH);
    assert_string_equal(hazard->family, "eruption");
    assert_string_equal(hazard->subject, "20140927120000_312");
    assert_int_equal(hazard->level, 3);
    assert_string_equal(hazard->grade, "eruption");
    assert_int_equal(area(hazard, "2042900")->level, 3);
    assert_int_equal(area(hazard, "2043200")->level, 3);
    assert_true(fact(hazard, "eruption-time")->time == (usec_t)1411786380 * USEC_PER_SEC);
}

static void a_day_without_an_hour_is_no_time_of_an_eruption(void **state)
{
    struct report *report = load_changed(*state, ASH, "yyyy-mm-ddThh:mm", "yyyy-mm-dd");
    assert_null(fact(volcano(report), "eruption-time"));
    assert_non_null(fact(understood(state, ASH), "eruption-time"));
}

static void an_eruption_for_nobody_is_noted(void **state)
{
    struct report *report = load_without(
        *state, FLASH, "<VolcanoInfo type=\"噴火速報（対象市町村等）\">", "<VolcanoInfoContent>");
    const struct area *known = area_find(((struct load *)*state)->graph, AREA_VOLCANO, "312");
    assert_int_equal(volcano(report)->level, 3);
    assert_int_equal(report->hazard.area_count, known != NULL ? 1 : 0);
    assert_true((report->degraded != NULL) == (known == NULL));
}

static void what_erupts_daily_is_information(void **state)
{
    const struct hazard_report *hazard = understood(state, SEEN);
    assert_string_equal(hazard->family, "observed");
    assert_string_equal(hazard->subject, "20190807221200_306");
    assert_int_equal(hazard->level, 2);
    assert_string_equal(fact(hazard, "plume")->value, "1800");
    assert_int_equal(understood(state, ROUTINE)->level, 1);
}

static void each_phenomenon_has_its_level(void **state)
{
    static const struct {
        const char *code;
        int level;
    } cases[] = {{"51", 2}, {"54", 1}, {"55", 0}, {"56", 2}, {"61", 2},
                 {"62", 2}, {"64", 1}, {"65", 0}, {"99", 1}};
    const char *from = "<VolcanoInfo type=\"噴火に関する火山観測報\">";
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        /* An item of its own before the telegram's. */
        char *to = memory_printf(*state,
                                 "%s<Item><Kind><Name>名</Name><Code>%s</Code></Kind>"
                                 "<Areas codeType=\"火山名\"><Area><Name>浅間山</Name>"
                                 "<Code>306</Code></Area></Areas></Item>",
                                 from, cases[i].code);
        assert_int_equal(volcano(load_changed(*state, SEEN, from, to))->level, cases[i].level);
    }
}

static void a_plume_that_nobody_saw_is_not_told(void **state)
{
    struct report *report = load_changed(*state, SEEN, "1800</", "</");
    assert_null(fact(volcano(report), "plume"));
    assert_null(report->degraded);
}

static void ash_is_told_where_it_falls_by_its_amount(void **state)
{
    const struct hazard_report *hazard = understood(state, ASH);
    assert_string_equal(hazard->family, "ash");
    assert_string_equal(hazard->subject, "306");
    assert_int_equal(hazard->area_count, 2);
    assert_int_equal(area(hazard, "1042500")->level, 3);
    assert_string_equal(area(hazard, "1042500")->grade, "ash-heavy");
    assert_int_equal(area(hazard, "2032100")->level, 1);
    assert_string_equal(area(hazard, "2032100")->grade, "ash-light");
    assert_true(hazard->ends_at == (usec_t)1565186880 * USEC_PER_SEC);
    assert_string_equal(fact(hazard, "plume")->value, "1800+");
}

static void a_commentary_out_of_turn_is_graver(void **state)
{
    const struct hazard_report *hazard = understood(state, EXTRA);
    assert_string_equal(hazard->family, "commentary");
    assert_int_equal(hazard->level, 2);
    assert_true(hazard->prose);
    assert_string_equal(hazard->text, "大涌谷の近くで小さな地震が多い。");
    assert_int_equal(volcano(load_changed(*state, EXTRA, "（臨時）", ""))->level, 1);
}

static void the_monthly_summary_is_no_event(void **state)
{
    const struct hazard_report *hazard = understood(state, "own/VFVO51/monthly_VFVO51.xml");
    assert_int_equal(hazard->level, 0);
    assert_int_equal(hazard->area_count, 0);
    assert_int_equal(hazard->fact_count, 0);
}

static void a_warning_at_sea_is_for_no_place_on_land(void **state)
{
    const struct hazard_report *hazard = understood(state, "own/VFSVii/okanoba-warning_VFSVii.xml");
    assert_string_equal(hazard->family, "sea");
    assert_string_equal(hazard->subject, "331");
    assert_int_equal(hazard->level, 2);
    assert_string_equal(hazard->grade, "sea");
    assert_int_equal(hazard->area_count, 0);
    assert_int_equal(understood(state, "own/VFSVii/okanoba-lifted_VFSVii.xml")->level, 0);
}

static void a_notice_is_quoted(void **state)
{
    const struct hazard_report *hazard = understood(state, "own/VZVO40/notice_VZVO40.xml");
    assert_string_equal(hazard->family, "notice");
    assert_string_equal(hazard->subject, "20200302140000");
    assert_int_equal(hazard->level, 1);
    assert_string_equal(hazard->text, "ある山の観測点を一つ止める。");
}

static void read_whole(struct load *load, const char *code, const char *name)
{
    struct report *report = load_report(load, memory_printf(load, "corpus/%s/%s", code, name));
    assert_null(report->degraded);
    const struct hazard_report *hazard = volcano(report);
    for (size_t i = 0; i < hazard->area_count; i++) {
        assert_non_null(area_find(load->graph, hazard->areas[i].system, hazard->areas[i].code));
        assert_true(hazard->areas[i].level <= hazard->level);
    }
}

static void every_volcanic_telegram_of_the_corpus_is_understood(void **state)
{
    static const char *const codes[] = {"VFVO50", "VFVO51", "VFVO52", "VFVO54",
                                        "VFVO56", "VFSVii", "VZVO40"};
    size_t count = 0;
    load_need_corpus();
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        DIR *folder = opendir(load_path(*state, memory_printf(*state, "corpus/%s/", codes[i])));
        assert_non_null(folder);
        for (struct dirent *file = readdir(folder); file != NULL; file = readdir(folder)) {
            if (strstr(file->d_name, ".xml") == NULL)
                continue;
            read_whole(*state, codes[i], file->d_name);
            count++;
        }
        closedir(folder);
    }
    print_message("# %zu telegrams\n", count);
    assert_true(count >= 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_level_holds_for_the_volcano_and_its_municipalities),
        TEST(each_kind_has_its_level_and_its_words),
        TEST(a_municipality_that_need_do_less_has_a_lower_level),
        TEST(each_response_limits_the_level),
        TEST(a_response_never_raises_a_level),
        TEST(an_unknown_response_leaves_the_level_of_the_volcano),
        TEST(level_one_is_the_normal_state),
        TEST(a_municipality_whose_warning_is_lifted_has_none),
        TEST(a_volcanic_warning_outlives_a_year),
        TEST(an_unknown_kind_is_told_in_general_words),
        TEST(two_volcanoes_are_not_taken_for_one),
        TEST(a_municipality_that_nobody_knows_widens_where_it_is_about_lives),
        TEST(a_withdrawal_names_its_event),
        TEST(a_withdrawal_without_an_event_is_told_in_general_words),
        TEST(an_eruption_is_level_three_for_its_municipalities),
        TEST(a_day_without_an_hour_is_no_time_of_an_eruption),
        TEST(an_eruption_for_nobody_is_noted),
        TEST(what_erupts_daily_is_information),
        TEST(each_phenomenon_has_its_level),
        TEST(a_plume_that_nobody_saw_is_not_told),
        TEST(ash_is_told_where_it_falls_by_its_amount),
        TEST(a_commentary_out_of_turn_is_graver),
        TEST(the_monthly_summary_is_no_event),
        TEST(a_warning_at_sea_is_for_no_place_on_land),
        TEST(a_notice_is_quoted),
        TEST(every_volcanic_telegram_of_the_corpus_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
