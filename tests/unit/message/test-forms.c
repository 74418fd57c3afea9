/* The short form and the form for the ear in every language, and readings of Japanese names. */
#include "message/fixture.h"
#include "message/reading.h"

static void the_short_form_has_the_stops_of_its_language(void **state)
{
    static const char *const expected[][2] = {
        {"ja", "3/5 暴風警報、札幌市。建物の中にいてください。"},
        {"ja-simple",
         "3/5 とても つよい かぜの けいほう、さっぽろし。たてものの 中に いて ください。"},
        {"en", "3/5 Storm Warning, Sapporo City. Stay indoors."},
        {"zh-Hans", "3/5 暴风警报，札幌市。请留在室内。"},
        {"zh-Hant", "3/5 暴風警報，札幌市。請留在室內。"},
        {"ne", "३/५ आँधी चेतावनी, साप्पोरो सहर। भवनभित्र बस्नुहोस्।"}};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct example *example = example_weather(*state, HAZARD_STORM, 3, "warning");
        assert_string_equal(render(*state, example, expected[i][0])->short_text, expected[i][1]);
        talloc_free(example);
    }
}

static void the_short_form_of_a_grave_danger_keeps_whole_what_to_do(void **state)
{
    const struct fixture *fixture = *state;
    const char *const *languages = catalogue_languages(fixture->catalogue);
    for (size_t i = 0; languages[i] != NULL; i++) {
        struct example *example = example_weather(*state, HAZARD_RAIN, 5, "emergency");
        const struct message *message = render(fixture, example, languages[i]);
        const char *stop = catalogue_word(fixture->catalogue, languages[i], "label.stop");
        assert_lacks(message->short_text, "…");
        assert_string_equal(message->short_text + strlen(message->short_text) - strlen(stop), stop);
        talloc_free(example);
    }
}

static void a_reading_belongs_to_the_name_before_it(void **state)
{
    static const struct {
        const char *text, *html, *aloud;
    } rows[] = {
        {"札幌市（さっぽろし）、小樽市（おたるし）",
         "<ruby>札幌市<rp>（</rp><rt>さっぽろし</rt><rp>）</rp></ruby>、"
         "<ruby>小樽市<rp>（</rp><rt>おたるし</rt><rp>）</rp></ruby>",
         "さっぽろし、おたるし"},
        {"ニセコ町（にせこちょう）",
         "<ruby>ニセコ町<rp>（</rp><rt>にせこちょう</rt><rp>）</rp></ruby>", "にせこちょう"},
        {"もう一度（いちど） よむ",
         "もう<ruby>一度<rp>（</rp><rt>いちど</rt><rp>）</rp></ruby> よむ", "もういちど よむ"},
        {"5弱（じゃく）", "5<ruby>弱<rp>（</rp><rt>じゃく</rt><rp>）</rp></ruby>", "5じゃく"},
        {"利尻・礼文（りしりれぶん）",
         "<ruby>利尻・礼文<rp>（</rp><rt>りしりれぶん</rt><rp>）</rp></ruby>", "りしりれぶん"},
        {"地震（じしん）・津波（つなみ）",
         "<ruby>地震<rp>（</rp><rt>じしん</rt><rp>）</rp></ruby>・"
         "<ruby>津波<rp>（</rp><rt>つなみ</rt><rp>）</rp></ruby>",
         "じしん・つなみ"},
        /* No readings: a colour, a sentence, a name without kanji. */
        {"あぶない（むらさき）", "あぶない（むらさき）", "あぶない（むらさき）"},
        {"大きい（まだ わかりません）", "大きい（まだ わかりません）",
         "大きい（まだ わかりません）"},
        {"レベル1（いきて いる）", "レベル1（いきて いる）", "レベル1（いきて いる）"},
        {"札幌市（札幌）", "札幌市（札幌）", "札幌市（札幌）"},
        {"札幌市（", "札幌市（", "札幌市（"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *html = reading_ruby(*state, rows[i].text);
        char *aloud = reading_alone(*state, rows[i].text);
        assert_string_equal(html, rows[i].html);
        assert_string_equal(aloud, rows[i].aloud);
        talloc_free(html);
        talloc_free(aloud);
    }
}

static void easy_japanese_tells_how_places_are_read(void **state)
{
    const struct fixture *fixture = *state;
    struct example *example = example_weather(*state, HAZARD_RAIN, 4, "urgent");
    const struct message *message = render(fixture, example, "ja-simple");
    assert_contains(message->plain, "ところ：札幌市（さっぽろし）\n");
    assert_contains(message->html, "<ruby>札幌市<rp>（</rp><rt>さっぽろし</rt>");
    assert_contains(message->short_text, "、さっぽろし。");
    assert_lacks(render(fixture, example, "ja")->plain, "さっぽろし");
    /* A name that is not the one of the table has no reading there. */
    example->areas[0].name_ja = "札幌市の一部";
    assert_contains(render(fixture, example, "ja-simple")->plain, "ところ：札幌市の一部\n");
    talloc_free(example);
}

static char *aloud_of(const struct fixture *fixture, const struct example *example,
                      const char *language)
{
    return message_aloud((TALLOC_CTX *)example, fixture->catalogue, fixture->graph, language,
                         &example->scope, "Sapporo Test Hotel");
}

static void read_aloud_a_place_has_one_name_and_is_said_once(void **state)
{
    static const char *const expected[][3] = {{"ja", "札幌市", "さっぽろし"},
                                              {"ja-simple", "さっぽろし", "札幌市"},
                                              {"en", "Sapporo City", "札幌"},
                                              {"ko", "삿포로 시", "札幌"},
                                              {"vi", "thành phố Sapporo", "札幌"}};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct example *example = example_weather(*state, HAZARD_RAIN, 4, "urgent");
        const char *aloud = aloud_of(*state, example, expected[i][0]);
        const char *place = strstr(aloud, expected[i][1]);
        if (place == NULL)
            fail_msg("%s is not in: %s", expected[i][1], aloud);
        assert_null(strstr(place + 1, expected[i][1]));
        assert_lacks(aloud, expected[i][2]);
        talloc_free(example);
    }
}

static void read_aloud_a_sentence_of_the_action_is_not_said_again(void **state)
{
    struct example *example = example_new(*state, HAZARD_VOLCANO, 3, "噴火警報");
    example_add(example, example_area(AREA_MUNICIPALITY, "01213", "苫小牧市", 3, "level-3"));
    assert_contains(render(*state, example, "en")->what, "Do not climb the volcano.");
    const char *aloud = aloud_of(*state, example, "en");
    const char *first = strstr(aloud, "Do not climb the volcano.");
    assert_non_null(first);
    assert_null(strstr(first + 1, "Do not climb the volcano."));
    assert_contains(aloud, "An eruption may throw rocks far from the crater.");
    talloc_free(example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_short_form_has_the_stops_of_its_language),
        cmocka_unit_test(the_short_form_of_a_grave_danger_keeps_whole_what_to_do),
        cmocka_unit_test(a_reading_belongs_to_the_name_before_it),
        cmocka_unit_test(easy_japanese_tells_how_places_are_read),
        cmocka_unit_test(read_aloud_a_place_has_one_name_and_is_said_once),
        cmocka_unit_test(read_aloud_a_sentence_of_the_action_is_not_said_again),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
