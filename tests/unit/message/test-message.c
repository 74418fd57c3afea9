/* What a message says and does not say: the sentences on which somebody decides. */
#include "event/own_test.h"
#include "message/fixture.h"

#define TEST(name) static void name(void **state)

static bool advises(const struct message *message, const char *words)
{
    for (size_t i = 0; i < message->action_count; i++) {
        if (strstr(message->actions[i], words) != NULL)
            return true;
    }
    return false;
}

static struct example *two_coasts(TALLOC_CTX *context)
{
    struct example *example = example_tsunami(context, 5, "major-warning");
    example_add(example,
                example_area(AREA_TSUNAMI_COAST, "100", "北海道太平洋沿岸東部", 3, "advisory"));
    return example;
}

TEST(an_earthquake_without_a_judgement_sends_people_by_the_sea_to_high_ground_first)
{
    struct fixture *fixture = *state;
    static const char *const strong[] = {"5-", "5-?", "5+", "6-", "6+", "7"};
    for (size_t i = 0; i < sizeof(strong) / sizeof(strong[0]); i++) {
        struct example *example = example_quake(fixture, strong[i], NULL);
        const struct message *message = render(fixture, example, "en");
        assert_string_equal(message->actions[0], "If you are near the sea, go to high ground now.");
        assert_contains(message->what, "Nothing is known about a tsunami yet.");
        talloc_free(example);
    }
}

TEST(an_earthquake_that_jma_judged_harmless_for_the_sea_does_not_send_people_away)
{
    struct fixture *fixture = *state;
    static const char *const denied[] = {"none", "slight", "no-effect"};
    for (size_t i = 0; i < 3; i++) {
        struct example *example = example_quake(fixture, "6-", denied[i]);
        const struct message *message = render(fixture, example, "en");
        assert_false(advises(message, "high ground"));
        assert_true(message->action_count > 2);
        talloc_free(example);
    }
}

TEST(weak_shaking_sends_people_away_only_when_jma_says_that_a_tsunami_may_come)
{
    struct fixture *fixture = *state;
    struct example *wait = example_quake(fixture, "4", "wait");
    struct example *unknown = example_quake(fixture, "4", NULL);
    assert_true(advises(render(fixture, wait, "en"), "high ground"));
    assert_false(advises(render(fixture, unknown, "en"), "high ground"));
    talloc_free(wait);
    talloc_free(unknown);
}

TEST(a_flash_report_tells_that_details_follow_and_invents_no_centre)
{
    struct fixture *fixture = *state;
    struct example *example = example_quake(fixture, "5+", NULL);
    example->quake = (struct alert_quake){.latitude = NAN,
                                          .longitude = NAN,
                                          .depth_km = NAN,
                                          .magnitude = NAN,
                                          .max_intensity = "5+"};
    const struct message *message = render(fixture, example, "en");
    assert_contains(message->what, "Details follow.");
    assert_lacks(message->what, "Centre");
    assert_lacks(message->what, "Magnitude");
    assert_lacks(message->plain, "unknown");
    example->alert.quake = NULL;
    assert_contains(render(fixture, example, "en")->what, "Details follow.");
    talloc_free(example);
}

TEST(unknown_and_huge_magnitudes_and_depths_are_words)
{
    struct fixture *fixture = *state;
    struct example *example = example_quake(fixture, "7", "in-force");
    example->quake.magnitude = NAN;
    example->quake.magnitude_text = "Ｍ８を超える巨大地震";
    example->quake.depth_km = 0;
    const char *what = render(fixture, example, "en")->what;
    assert_contains(what, "Magnitude: over 8 (huge earthquake)");
    assert_contains(what, "Depth: very shallow");
    example->quake.magnitude_text = "Ｍ不明";
    example->quake.depth_km = NAN;
    what = render(fixture, example, "en")->what;
    assert_contains(what, "Magnitude: unknown");
    assert_contains(what, "Depth: unknown");
    example->quake.depth_km = 700;
    assert_contains(render(fixture, example, "en")->what, "Depth: 700 km or deeper");
    talloc_free(example);
}

TEST(missing_data_says_that_the_shaking_may_have_been_stronger)
{
    struct fixture *fixture = *state;
    struct example *example = example_quake(fixture, "5-?", NULL);
    example->areas[0].intensity_missing = true;
    const struct message *message = render(fixture, example, "en");
    assert_contains(message->what, "may have been stronger");
    assert_contains(message->headline, "5-lower or above (no data yet)");
    talloc_free(example);
}

TEST(a_distant_earthquake_does_not_warn_of_falling_things)
{
    struct fixture *fixture = *state;
    struct example *example = example_quake(fixture, "4", "possible-pacific");
    example->alert.area_count = 0;
    example->quake.distant = true;
    const struct message *message = render(fixture, example, "en");
    assert_string_equal(message->headline, "Danger 2 of 5: Earthquake far from Japan");
    assert_false(advises(message, "falling"));
    assert_true(advises(message, "sea"));
    assert_contains(message->what, "A tsunami is possible.");
    talloc_free(example);
}

TEST(an_eruption_far_away_is_no_longer_a_possible_tsunami_once_jma_denies_it)
{
    struct fixture *fixture = *state;
    struct example *example = example_quake(fixture, "3", "no-effect");
    example->alert.area_count = 0;
    example->quake.distant = example->quake.eruption = true;
    const struct message *message = render(fixture, example, "en");
    assert_string_equal(message->headline, "Danger 1 of 5: Volcanic eruption far from Japan");
    assert_lacks(message->what, "possible");
    example->quake.tsunami_judgement = "under-investigation";
    assert_contains(render(fixture, example, "en")->what, "A tsunami is possible");
    talloc_free(example);
}

TEST(the_headline_names_only_places_for_which_it_is_true)
{
    struct fixture *fixture = *state;
    struct example *example = two_coasts(fixture);
    const struct message *message = render(fixture, example, "en");
    assert_contains(message->headline, "Major Tsunami Warning: ");
    assert_contains(message->headline, "北海道日本海沿岸北部");
    assert_lacks(message->headline, "北海道太平洋沿岸東部");
    assert_lacks(message->headline, "more");
    assert_lacks(message->short_text, "北海道太平洋沿岸東部");
    talloc_free(example);
}

TEST(places_stand_by_level_with_jmas_word_the_gravest_first)
{
    struct fixture *fixture = *state;
    struct example *example = two_coasts(fixture);
    struct alert_area major = example->areas[0];
    example->areas[0] = example->areas[1];
    example->areas[1] = major;
    const char *where = render(fixture, example, "en")->where;
    const char *first = strstr(where, "Danger 5 of 5: Major Tsunami Warning: ");
    const char *second = strstr(where, "Danger 3 of 5: Tsunami Advisory: ");
    assert_non_null(first);
    assert_non_null(second);
    assert_true(first < second);
    talloc_free(example);
}

TEST(a_place_where_it_ended_never_stands_behind_the_words_of_a_warning)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 4, "warning");
    example_add(example, example_area(AREA_TSUNAMI_COAST, "100", "北海道太平洋沿岸東部", 0, NULL));
    example_phase(example, PHASE_UPDATE, 4);
    const struct message *message = render(fixture, example, "en");
    assert_lacks(message->headline, "北海道太平洋沿岸東部");
    assert_contains(message->where, "Place: ");
    const char *ended = strstr(message->where, "Ended (green): ");
    assert_non_null(ended);
    assert_contains(ended, "北海道太平洋沿岸東部");
    example->areas[1].changed = false;
    assert_lacks(render(fixture, example, "en")->where, "Ended");
    talloc_free(example);
}

TEST(a_long_list_of_places_ends_with_how_many_more)
{
    struct fixture *fixture = *state;
    struct example *example = example_new(fixture, HAZARD_RAIN, 3, "気象警報・注意報");
    for (size_t i = 0; i < 20; i++)
        example_add(example, example_area(AREA_WEATHER_CITY, "9999999",
                                          memory_printf(example, "第%zu町", i + 1), 3, "warning"));
    const struct message *message = render(fixture, example, "en");
    assert_contains(message->where, "第12町");
    assert_lacks(message->where, "第13町");
    assert_contains(message->where, "第11町, 第12町 and 8 more");
    assert_contains(message->headline, "and 17 more");
    talloc_free(example);
}

TEST(a_scope_concerns_only_the_readers_own_areas)
{
    struct fixture *fixture = *state;
    static const unsigned own[] = {1};
    struct example *example = two_coasts(fixture);
    example->scope.areas = own;
    example->scope.area_count = 1;
    example->scope.level = 3;
    const struct message *message = render(fixture, example, "en");
    assert_lacks(message->plain, "北海道日本海沿岸北部");
    assert_lacks(message->plain, "Major Tsunami Warning");
    assert_contains(message->headline, "Tsunami Advisory: ");
    assert_string_equal(message->official_ja, "津波注意報");
    talloc_free(example);
}

TEST(a_tsunami_advisory_never_shows_the_word_of_the_graver_warning)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 3, "advisory");
    const struct message *message = render(fixture, example, "en");
    assert_lacks(message->chip, "WARNING");
    assert_lacks(message->headline, "Warning");
    assert_lacks(message->short_text, "Warning");
    talloc_free(example);
}

TEST(heights_and_arrivals_are_jmas_words_not_its_sorting_numbers)
{
    static const struct {
        double metres;
        const char *text, *said;
    } heights[] = {{NAN, "巨大", "huge"},
                   {NAN, "高い", ": high"},
                   {10, "１０ｍ超", "over 10 m"},
                   {5, "５ｍ", ": 5 m"},
                   {0.2, "０．２ｍ未満", "below 0.2 m"}};
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 5, "major-warning");
    for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++) {
        example->areas[0].height_m = heights[i].metres;
        example->areas[0].height_text = heights[i].text;
        assert_contains(render(fixture, example, "en")->what, heights[i].said);
    }
    example->areas[0].arrival_condition = "ただちに津波来襲と予測";
    assert_contains(render(fixture, example, "en")->what, ": arriving now");
    example->areas[0].arrival_condition = "津波到達中と推測";
    assert_contains(render(fixture, example, "en")->what, ": arriving now");
    example->areas[0].arrival_condition = "第１波の到達を確認";
    assert_contains(render(fixture, example, "en")->what, ": arrived already");
    example->areas[0].arrival_condition = NULL;
    example->areas[0].arrival_time = ISSUED + 20 * USEC_PER_MINUTE;
    assert_contains(render(fixture, example, "en")->what, ": 16:42 (Japan time, JST)");
    talloc_free(example);
}

TEST(what_was_seen_never_reads_as_relief)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 5, "major-warning");
    example->alert.observation_count = 4;
    example->observations[0] = (struct alert_observation){.area_code = "110",
                                                          .station_ja = "小樽",
                                                          .at = ISSUED,
                                                          .height_m = NAN,
                                                          .condition = "微弱"};
    example->observations[1] = (struct alert_observation){.area_code = "110",
                                                          .station_ja = "石狩",
                                                          .at = ISSUED,
                                                          .height_m = 0.1,
                                                          .condition = "観測中"};
    example->observations[2] = (struct alert_observation){.area_code = "100",
                                                          .station_ja = "釧路",
                                                          .at = ISSUED,
                                                          .height_m = 9.3,
                                                          .height_text = "９．３ｍ以上"};
    example->observations[3] = (struct alert_observation){
        .station_ja = "沖合のブイ", .at = ISSUED, .height_m = 0.4, .height_text = "０．４ｍ"};
    const char *what = render(fixture, example, "en")->what;
    assert_lacks(what, "小樽");
    assert_lacks(what, "石狩");
    assert_contains(what, "Seen at 釧路: over 9.3 m");
    assert_contains(what, "Later waves can be higher.");
    assert_contains(what, "沖合のブイ");
    assert_lacks(what, "0.4 m");
    assert_contains(what, "much higher at the coast");
    talloc_free(example);
}

TEST(a_wave_out_at_sea_that_has_risen_is_told_without_a_height)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 5, "major-warning");
    example->alert.observation_count = 3;
    for (size_t i = 0; i < 3; i++)
        example->observations[i] =
            (struct alert_observation){.at = ISSUED, .height_m = NAN, .condition = "観測中"};
    example->observations[0].station_ja = "静かな沖";
    example->observations[1].station_ja = "岩手沖";
    example->observations[1].risen = true;
    /* What it means for a coast has no station to name. */
    example->observations[2].area_code = "110";
    example->observations[2].risen = true;
    const char *what = render(fixture, example, "en")->what;
    assert_contains(what, "measured out at sea (岩手沖");
    assert_contains(what, "much higher at the coast");
    assert_lacks(what, "静かな沖");
    assert_lacks(what, "Seen at");
    talloc_free(example);
}

TEST(jmas_level_numbers_stand_only_with_the_hazards_that_jma_numbers)
{
    struct fixture *fixture = *state;
    static const struct {
        enum hazard hazard;
        int level;
        const char *grade;
    } plain[] = {{HAZARD_STORM, 5, "emergency"},
                 {HAZARD_BLIZZARD, 3, "warning"},
                 {HAZARD_WAVES, 2, "advisory"},
                 {HAZARD_HEAVY_SNOW, 5, "emergency"}};
    for (size_t i = 0; i < 4; i++) {
        struct example *example =
            example_weather(fixture, plain[i].hazard, plain[i].level, plain[i].grade);
        const struct message *message = render(fixture, example, "en");
        assert_lacks(message->plain, "Level ");
        assert_lacks(message->plain, "evacuation order");
        assert_contains(message->chip, "Danger ");
        assert_lacks(render(fixture, example, "ja")->plain, "レベル");
        talloc_free(example);
    }
    struct example *rain = example_weather(fixture, HAZARD_RAIN, 4, "urgent");
    const struct message *message = render(fixture, rain, "en");
    assert_contains(message->headline, "Level 4 Urgent Warning (Heavy Rain)");
    assert_contains(message->what, "as dangerous as under an evacuation order");
    assert_string_equal(message->official_ja, "レベル４大雨危険警報");
    talloc_free(rain);
}

TEST(a_lower_level_that_is_still_dangerous_says_so_and_the_lowest_does_not)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 3, "advisory");
    example_phase(example, PHASE_DOWNGRADE, 5);
    const struct message *message = render(fixture, example, "en");
    assert_contains(message->headline, "Lowered, still dangerous: Tsunami Advisory");
    assert_contains(message->what, "from 5 to 3 of 5. It is still dangerous.");
    struct example *low = example_tsunami(fixture, 1, "forecast");
    example_phase(low, PHASE_DOWNGRADE, 3);
    message = render(fixture, low, "en");
    assert_contains(message->headline, "Lowered: Tsunami Forecast");
    assert_lacks(message->plain, "still dangerous");
    talloc_free(example);
    talloc_free(low);
}

TEST(an_end_is_green_and_says_nothing_of_what_to_flee_from)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 4, NULL);
    example->areas[0].level = 0;
    example->areas[0].previous_level = 4;
    example_phase(example, PHASE_ALL_CLEAR, 4);
    const struct message *message = render(fixture, example, "en");
    assert_string_equal(message->colour, "green");
    assert_string_equal(message->chip, "Ended (green)");
    assert_true(text_starts(message->headline, "Ended: Tsunami: "));
    assert_lacks(message->plain, "Do now");
    assert_lacks(message->plain, "high ground");
    assert_lacks(message->plain, "Danger ");
    assert_true(text_starts(message->short_text, "Ended: Tsunami: "));
    talloc_free(example);
}

TEST(an_end_for_everyone_names_the_places_that_ended_now)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 4, NULL);
    example->areas[0].level = 0;
    example_add(example, example_area(AREA_TSUNAMI_COAST, "100", "北海道太平洋沿岸東部", 0, NULL));
    example->areas[1].changed = false;
    example_phase(example, PHASE_ALL_CLEAR, 4);
    const struct message *message = render(fixture, example, "en");
    assert_contains(message->where, "北海道日本海沿岸北部");
    assert_lacks(message->plain, "北海道太平洋沿岸東部");
    talloc_free(example);
}

/* 北部 is in 17 prefectures; 加賀 is one place. */
TEST(a_region_of_which_there_are_many_is_told_with_its_prefecture)
{
    struct fixture *fixture = *state;
    struct example *example = example_new(fixture, HAZARD_HEAVY_SNOW, 3, "滋賀県気象防災速報");
    example_add(example, example_area(AREA_WEATHER_REGION, "250020", "北部", 3, "sudden"));
    example_add(example, example_area(AREA_WEATHER_REGION, "170010", "加賀", 3, "sudden"));
    const struct message *message = render(fixture, example, "en");
    assert_contains(message->headline, "Northern Region, Shiga (滋賀県北部) and Kaga (加賀)");
    message = render(fixture, example, "ja");
    assert_contains(message->headline, "滋賀県北部、加賀");
    talloc_free(example);
}

/* Level 5 is 氾濫発生, or so near to it that nobody can tell: "may overflow" is too little. */
TEST(a_river_at_level_5_no_longer_only_may_overflow)
{
    struct fixture *fixture = *state;
    struct example *example = example_weather(fixture, HAZARD_FLOOD, 5, "emergency");
    assert_contains(render(fixture, example, "en")->what, "The river overflows or is about to.");
    talloc_free(example);
    example = example_weather(fixture, HAZARD_FLOOD, 4, "urgent");
    assert_contains(render(fixture, example, "en")->what, "A river may overflow.");
    talloc_free(example);
}

TEST(a_cancel_says_that_jma_withdrew_it_and_that_it_was_an_error)
{
    struct fixture *fixture = *state;
    struct example *example = example_quake(fixture, "6+", NULL);
    example_phase(example, PHASE_CANCEL, 5);
    const struct message *message = render(fixture, example, "en");
    assert_string_equal(message->colour, "green");
    assert_contains(message->headline, "Withdrawn by JMA: Earthquake");
    assert_string_equal(message->what, "JMA withdrew this information. It was an error.");
    assert_lacks(message->plain, "Nothing is known about a tsunami");
    assert_false(advises(message, "damaged"));
    talloc_free(example);
}

TEST(a_drill_says_so_first_and_last_in_every_form)
{
    struct fixture *fixture = *state;
    static const enum telegram_status drills[] = {STATUS_EXERCISE, STATUS_TEST, STATUS_UNKNOWN};
    for (size_t i = 0; i < 3; i++) {
        struct example *example = example_tsunami(fixture, 5, "major-warning");
        example->alert.status = drills[i];
        const struct message *message = render(fixture, example, "en");
        assert_string_equal(message->colour, "blue");
        assert_string_equal(message->chip, "DRILL (blue)");
        assert_true(text_starts(message->headline, "DRILL: "));
        assert_true(text_starts(message->plain, "DRILL. This is not real."));
        assert_contains(message->plain, "\nDRILL. This was not real. Nothing happened.\n");
        assert_true(text_starts(message->short_text, "DRILL "));
        assert_string_equal(message->short_text + strlen(message->short_text) - 6, " DRILL");
        const char *end = strstr(message->html, "This was not real");
        assert_non_null(end);
        assert_lacks(end, "<li");
        talloc_free(example);
    }
}

TEST(a_test_of_our_own_is_marked_and_nothing_of_it_is_jmas)
{
    struct fixture *fixture = *state;
    TALLOC_CTX *context = talloc_new(fixture);
    const struct alert *alert = own_test_alert(context, ISSUED, USEC_PER_HOUR);
    const struct message_scope scope = {.alert = alert, .phase = PHASE_ISSUE, .level = 1};
    for (const char *const *language = catalogue_languages(fixture->catalogue); *language != NULL;
         language++) {
        const struct message *message = message_render(context, fixture->catalogue, fixture->graph,
                                                       *language, &scope, "Test City");
        const char *word = catalogue_word(fixture->catalogue, *language, "label.drill-word");
        assert_true(text_starts(message->headline, word));
        assert_true(text_starts(message->plain, message->drill));
        assert_true(text_starts(message->short_text, word));
        assert_string_equal(message->colour, "blue");
        assert_string_equal(message->source, "Test City");
        assert_contains(message->headline,
                        catalogue_word(fixture->catalogue, *language, "kind.information.test"));
        assert_lacks(message->plain, "JMA");
        assert_lacks(message->plain, "気象庁");
        assert_string_equal(message->where, "");
        assert_string_equal(message->until, "");
    }
    talloc_free(context);
}

TEST(an_actual_alert_bears_no_mark_of_a_drill)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 5, "major-warning");
    const struct message *message = render(fixture, example, "en");
    assert_null(message->drill);
    assert_lacks(message->plain, "DRILL");
    assert_lacks(message->html, "DRILL");
    assert_string_not_equal(message->colour, "blue");
    talloc_free(example);
}

TEST(what_was_not_understood_shows_the_japanese_and_asks_staff)
{
    struct fixture *fixture = *state;
    struct example *example = example_new(fixture, HAZARD_INFORMATION, 3, "顕著な大雪に関する情報");
    example->alert.generic = true;
    example->alert.headline_ja = "これまでにない大雪です。";
    const struct message *message = render(fixture, example, "vi");
    assert_contains(message->what, "これまでにない大雪です。");
    assert_string_equal(message->official_ja, "顕著な大雪に関する情報");
    message = render(fixture, example, "en");
    assert_string_equal(message->headline, "Danger 3 of 5: Important information");
    assert_true(advises(message, "staff"));
    assert_true(advises(message, "TV"));
    assert_contains(message->html, "<span lang=\"ja\">これまでにない大雪です。</span>");
    talloc_free(example);
}

TEST(a_tsunami_telegram_that_was_not_understood_never_sounds_harmless)
{
    struct fixture *fixture = *state;
    for (int level = 1; level <= 5; level++) {
        struct example *example =
            example_new(fixture, HAZARD_TSUNAMI, level, "津波警報・注意報・予報a");
        example->alert.generic = true;
        const struct message *message = render(fixture, example, "en");
        assert_lacks(message->what, "No damage is expected");
        assert_lacks(message->plain, "what.");
        assert_contains(message->what, "tsunami");
        assert_true(advises(message, "staff"));
        talloc_free(example);
    }
}

TEST(an_earthquake_that_may_come_sends_nobody_away)
{
    struct fixture *fixture = *state;
    struct example *example =
        example_new(fixture, HAZARD_EARTHQUAKE, 3, "北海道・三陸沖後発地震注意情報");
    example->alert.generic = true;
    example->alert.code = "VYSE60";
    example_add(example, example_area(AREA_PREFECTURE, "01", "北海道", 3, NULL));
    const struct message *message = render(fixture, example, "en");
    assert_contains(message->headline, "A large earthquake is more likely than usual");
    assert_contains(message->what, "It may not happen.");
    assert_lacks(message->plain, "shook");
    assert_lacks(message->plain, "go to high ground now");
    assert_true(advises(message, "Be ready to leave at once."));
    example->alert.level = example->scope.level = 1; /* an investigation, or its end */
    message = render(fixture, example, "en");
    assert_contains(message->headline, "Important information");
    assert_lacks(message->plain, "more likely");
    talloc_free(example);
}

TEST(a_time_of_end_is_given_only_when_jma_gave_one)
{
    struct fixture *fixture = *state;
    struct example *example = example_new(fixture, HAZARD_TORNADO, 2, "竜巻注意情報");
    example->alert.generic = true;
    example->alert.expires = ISSUED + USEC_PER_HOUR;
    assert_contains(render(fixture, example, "en")->until, "Valid until: 17:22 (Japan time, JST)");
    example->alert.expires = ISSUED + USEC_PER_DAY;
    assert_lacks(render(fixture, example, "en")->until, "Valid until");
    talloc_free(example);
}

TEST(text_of_telegrams_is_cleaned_escaped_and_never_evaluated)
{
    struct fixture *fixture = *state;
    struct example *example = example_new(fixture, HAZARD_INFORMATION, 3, "題{operator}<b>\r\nX");
    example->alert.generic = true;
    example->alert.headline_ja = "<script>alert('1')</script>{places}\x02\x03\n\xe2\x80\xae見出し";
    example_add(example, example_area(AREA_UNKNOWN, NULL, "町\n<img src=x>{count}", 3, NULL));
    const struct message *message = render(fixture, example, "en");
    assert_string_equal(message->official_ja, "題{operator}<b>X");
    assert_contains(message->plain, "<script>alert('1')</script>{places}見出し");
    assert_contains(message->where, "町<img src=x>{count}");
    assert_lacks(message->headline, "\n");
    assert_lacks(message->html, "<script");
    assert_lacks(message->html, "<img");
    assert_lacks(message->html, "<b>");
    assert_lacks(message->plain, "\x02");
    assert_lacks(message->html, "\x02");
    talloc_free(example);
}

TEST(a_telegram_of_endless_names_does_not_make_an_endless_headline)
{
    struct fixture *fixture = *state;
    struct example *example = example_new(fixture, HAZARD_INFORMATION, 3, "題");
    char *name = memory_array(example, char, 30001);
    for (size_t i = 0; i < 10000; i++)
        memcpy(name + 3 * i, "町", 3);
    name[30000] = '\0';
    example->alert.generic = true;
    example->alert.title_ja = example->alert.headline_ja = name;
    example_add(example, example_area(AREA_UNKNOWN, NULL, name, 3, NULL));
    const struct message *message = render(fixture, example, "en");
    assert_true(strlen(message->headline) < 400);
    assert_true(strlen(message->plain) < 4000);
    talloc_free(example);
}

TEST(the_short_form_keeps_the_action_and_drops_the_place_first)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 5, "major-warning");
    const char *text = render(fixture, example, "en")->short_text;
    assert_string_equal(text, "5/5 Tsunami. Go to high ground or a tall strong building now.");
    struct example *storm = example_weather(fixture, HAZARD_STORM, 3, "warning");
    text = render(fixture, storm, "en")->short_text;
    assert_true(text_starts(text, "3/5 Storm Warning, Sapporo"));
    assert_contains(text, "Stay indoors.");
    talloc_free(example);
    talloc_free(storm);
}

TEST(the_source_names_jma_the_operator_and_the_whole_date_in_japan_time)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 4, "warning");
    const struct message *message = render(fixture, example, "en");
    assert_string_equal(message->source,
                        "Issued by JMA: 1 Jan 2024, 16:22 (Japan time, JST)\nSource: Japan "
                        "Meteorological Agency (出典：気象庁), edited by Sapporo Test Hotel.");
    talloc_free(example);
}

TEST(a_late_message_says_so_before_what_to_do)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 4, "warning");
    assert_null(render(fixture, example, "en")->delayed);
    example->alert.delayed = true;
    const struct message *message = render(fixture, example, "en");
    assert_non_null(message->delayed);
    assert_true(strstr(message->plain, message->delayed) < strstr(message->plain, "Do now"));
    talloc_free(example);
}

TEST(a_message_whose_delay_nobody_can_tell_says_so_in_every_language)
{
    static const char *const languages[] = {"en", "ja", "ja-simple", "ko",
                                            "ne", "vi", "zh-Hans",   "zh-Hant"};
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 4, "warning");
    for (size_t i = 0; i < sizeof(languages) / sizeof(*languages); i++) {
        example->alert.delayed = true;
        example->alert.delay_unknown = false;
        const char *late = render(fixture, example, languages[i])->delayed;
        example->alert.delayed = false;
        example->alert.delay_unknown = true;
        const struct message *message = render(fixture, example, languages[i]);
        assert_string_not_equal(message->delayed, late);
        assert_non_null(strstr(message->plain, message->delayed));
        assert_non_null(strstr(message->html, message->delayed));
    }
    talloc_free(example);
}

TEST(an_unknown_language_is_rendered_in_english)
{
    struct fixture *fixture = *state;
    struct example *example = example_tsunami(fixture, 4, "warning");
    assert_string_equal(render(fixture, example, "tlh")->language, "en");
    talloc_free(example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            an_earthquake_without_a_judgement_sends_people_by_the_sea_to_high_ground_first),
        cmocka_unit_test(
            an_earthquake_that_jma_judged_harmless_for_the_sea_does_not_send_people_away),
        cmocka_unit_test(weak_shaking_sends_people_away_only_when_jma_says_that_a_tsunami_may_come),
        cmocka_unit_test(a_flash_report_tells_that_details_follow_and_invents_no_centre),
        cmocka_unit_test(unknown_and_huge_magnitudes_and_depths_are_words),
        cmocka_unit_test(missing_data_says_that_the_shaking_may_have_been_stronger),
        cmocka_unit_test(a_distant_earthquake_does_not_warn_of_falling_things),
        cmocka_unit_test(an_eruption_far_away_is_no_longer_a_possible_tsunami_once_jma_denies_it),
        cmocka_unit_test(the_headline_names_only_places_for_which_it_is_true),
        cmocka_unit_test(places_stand_by_level_with_jmas_word_the_gravest_first),
        cmocka_unit_test(a_place_where_it_ended_never_stands_behind_the_words_of_a_warning),
        cmocka_unit_test(a_long_list_of_places_ends_with_how_many_more),
        cmocka_unit_test(a_scope_concerns_only_the_readers_own_areas),
        cmocka_unit_test(a_tsunami_advisory_never_shows_the_word_of_the_graver_warning),
        cmocka_unit_test(heights_and_arrivals_are_jmas_words_not_its_sorting_numbers),
        cmocka_unit_test(what_was_seen_never_reads_as_relief),
        cmocka_unit_test(a_wave_out_at_sea_that_has_risen_is_told_without_a_height),
        cmocka_unit_test(jmas_level_numbers_stand_only_with_the_hazards_that_jma_numbers),
        cmocka_unit_test(a_lower_level_that_is_still_dangerous_says_so_and_the_lowest_does_not),
        cmocka_unit_test(an_end_is_green_and_says_nothing_of_what_to_flee_from),
        cmocka_unit_test(an_end_for_everyone_names_the_places_that_ended_now),
        cmocka_unit_test(a_region_of_which_there_are_many_is_told_with_its_prefecture),
        cmocka_unit_test(a_river_at_level_5_no_longer_only_may_overflow),
        cmocka_unit_test(a_cancel_says_that_jma_withdrew_it_and_that_it_was_an_error),
        cmocka_unit_test(a_drill_says_so_first_and_last_in_every_form),
        cmocka_unit_test(a_test_of_our_own_is_marked_and_nothing_of_it_is_jmas),
        cmocka_unit_test(an_actual_alert_bears_no_mark_of_a_drill),
        cmocka_unit_test(what_was_not_understood_shows_the_japanese_and_asks_staff),
        cmocka_unit_test(a_tsunami_telegram_that_was_not_understood_never_sounds_harmless),
        cmocka_unit_test(an_earthquake_that_may_come_sends_nobody_away),
        cmocka_unit_test(a_time_of_end_is_given_only_when_jma_gave_one),
        cmocka_unit_test(text_of_telegrams_is_cleaned_escaped_and_never_evaluated),
        cmocka_unit_test(a_telegram_of_endless_names_does_not_make_an_endless_headline),
        cmocka_unit_test(the_short_form_keeps_the_action_and_drops_the_place_first),
        cmocka_unit_test(the_source_names_jma_the_operator_and_the_whole_date_in_japan_time),
        cmocka_unit_test(a_late_message_says_so_before_what_to_do),
        cmocka_unit_test(a_message_whose_delay_nobody_can_tell_says_so_in_every_language),
        cmocka_unit_test(an_unknown_language_is_rendered_in_english),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
