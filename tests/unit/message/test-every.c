/* Every hazard, phase and level in every language: nothing empty, nothing unfilled, no key instead
 * of a text, marks of drills where they belong, limits of length. */
#include "message/fixture.h"

#define SHORT_CHARACTERS 70

struct sweep {
    const struct fixture *fixture;
    const char *language;
    enum telegram_status status;
    size_t count;
};

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static const char *grade_of(enum hazard hazard, int level)
{
    static const char *const tsunami[] = {NULL,       "forecast", NULL,
                                          "advisory", "warning",  "major-warning"};
    static const char *const weather[] = {NULL, NULL, "advisory", "warning", "urgent", "emergency"};
    return hazard == HAZARD_TSUNAMI ? tsunami[level] : weather[level];
}

static struct example *example_of(TALLOC_CTX *context, enum hazard hazard, int level)
{
    static const char *const intensities[] = {NULL, "3", "4", "5-", "6-", "7"};
    if (hazard == HAZARD_EARTHQUAKE)
        return example_quake(context, intensities[level], level % 2 != 0 ? "wait" : NULL);
    if (hazard == HAZARD_TSUNAMI)
        return example_tsunami(context, level, grade_of(hazard, level));
    return example_weather(context, hazard, level, grade_of(hazard, level));
}

/* A key that slipped through: "what.fog", "phrase.coast". */
static void assert_no_key(const char *text)
{
    static const char *const sections[] = {"kind.",  "hazard.",   "level.", "colour.", "intensity.",
                                           "chip.",  "headline.", "what.",  "phrase.", "label.",
                                           "(null)", "{",         "}",      "\x02",    "\x03"};
    for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++)
        assert_lacks(text, sections[i]);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static void check_drill(const struct sweep *sweep, const struct message *message)
{
    const struct catalogue *catalogue = sweep->fixture->catalogue;
    const char *word = catalogue_word(catalogue, sweep->language, "label.drill-word");
    const char *end = catalogue_word(catalogue, sweep->language, "label.drill-end");
    if (sweep->status == STATUS_ACTUAL) {
        assert_null(message->drill);
        assert_lacks(message->plain, word);
        assert_lacks(message->short_text, word);
        return;
    }
    assert_string_equal(message->colour, "blue");
    assert_true(text_starts(message->drill, word));
    assert_true(text_starts(message->chip, word));
    assert_true(text_starts(message->headline, word));
    assert_true(text_starts(message->short_text, word));
    assert_true(ends_with(message->short_text, word));
    assert_true(text_starts(message->plain, word));
    assert_true(ends_with(message->plain, memory_printf((TALLOC_CTX *)message, "%s\n", end)));
}

/* Number, word and colour of the danger, which the subject tells by its number. */
static void check_level(const struct sweep *sweep, const struct example *example,
                        const struct message *message, bool over)
{
    const struct catalogue *catalogue = sweep->fixture->catalogue;
    TALLOC_CTX *context = (TALLOC_CTX *)message;
    const char *colour = memory_printf(context, "colour.%s", message->colour);
    assert_contains(message->chip, catalogue_word(catalogue, sweep->language, colour));
    assert_contains(message->plain, message->chip);
    if (over || sweep->status != STATUS_ACTUAL)
        return;
    const char *level = memory_printf(context, "%d", example->scope.level);
    const char *number = strcmp(sweep->language, "ne") == 0
                             ? memory_printf(context, "\xE0\xA5%c", 0xA6 + example->scope.level)
                             : level;
    const char *word = memory_printf(context, "level.%s", level);
    assert_contains(message->chip, number);
    assert_contains(message->headline, number);
    assert_contains(message->chip, catalogue_word(catalogue, sweep->language, word));
}

/* What to do stands before what happens, and the time of issue has its zone. */
static void check_order(const struct sweep *sweep, const struct example *example,
                        const struct message *message)
{
    const char *issued = message_time((TALLOC_CTX *)message, sweep->fixture->catalogue,
                                      sweep->language, example->alert.reported_at, 0);
    assert_contains(message->source, issued);
    assert_true(strlen(issued) > strlen("2024-01-01 16:22"));
    if (message->action_count == 0)
        return;
    const char *action = strstr(message->plain, message->actions[0]);
    const char *what = strstr(message->plain, message->what);
    assert_non_null(action);
    assert_non_null(what);
    assert_true(action < what);
}

/* For the ear: no line twice, no brackets, and the marks of a drill. */
static void check_aloud(const struct sweep *sweep, const struct example *example)
{
    TALLOC_CTX *context = talloc_new(NULL);
    const struct fixture *fixture = sweep->fixture;
    char *aloud = message_aloud(context, fixture->catalogue, fixture->graph, sweep->language,
                                &example->scope, "Sapporo Test Hotel");
    size_t count = 0;
    char **lines = text_split(context, aloud, '\n', &count);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(lines[i], lines[j]);
    }
    assert_null(strpbrk(aloud, "()/\x02\x03"));
    assert_lacks(aloud, "（");
    assert_no_key(aloud);
    const char *word = catalogue_word(fixture->catalogue, sweep->language, "label.drill-word");
    const char *end = catalogue_word(fixture->catalogue, sweep->language, "label.drill-end");
    if (sweep->status == STATUS_ACTUAL) {
        assert_lacks(aloud, word);
    } else {
        assert_true(text_starts(aloud, word));
        assert_string_equal(lines[count - 1], end);
    }
    talloc_free(context);
}

static void check_message(const struct sweep *sweep, const struct example *example,
                          const struct message *message)
{
    bool over = example->scope.phase == PHASE_CANCEL || example->scope.phase == PHASE_ALL_CLEAR;
    assert_string_equal(message->language, sweep->language);
    assert_true(text_given(message->chip));
    assert_true(text_given(message->headline));
    assert_true(text_given(message->where));
    assert_true(text_given(message->what));
    assert_true(over || text_given(message->until));
    assert_true(text_given(message->official_ja));
    assert_true(text_given(message->short_text));
    assert_true(over || message->action_count > 0);
    assert_true(characters(message->short_text) <= SHORT_CHARACTERS);
    assert_lacks(message->headline, "\n");
    assert_lacks(message->short_text, "\n");
    assert_contains(message->source, "出典：気象庁");
    assert_true(text_is_utf8(message->short_text, strlen(message->short_text)));
    assert_no_key(message->plain);
    assert_no_key(message->headline);
    assert_no_key(message->short_text);
    assert_no_key(message->html);
    assert_true(
        text_starts(message->html, memory_printf((TALLOC_CTX *)message, "<section lang=\"%s\">",
                                                 sweep->language)));
    if (sweep->status == STATUS_ACTUAL && over)
        assert_string_equal(message->colour, "green");
    check_drill(sweep, message);
    check_level(sweep, example, message, over);
    check_order(sweep, example, message);
    if (!example->alert.generic && example->scope.level % 2 != 0) /* it takes its time */
        check_aloud(sweep, example);
}

static void render_all_of(struct sweep *sweep, enum hazard hazard, int level, bool generic)
{
    for (int phase = 0; phase < PHASE_COUNT; phase++) {
        TALLOC_CTX *context = talloc_new(NULL);
        struct example *example = example_of(context, hazard, level);
        example_phase(example, (enum alert_phase)phase, level < 5 ? level + 1 : 4);
        example->alert.status = sweep->status;
        example->alert.generic = generic;
        example->alert.headline_ja = "見出し。";
        if (phase == PHASE_ALL_CLEAR) {
            example->areas[0].level = 0;
            example->areas[0].grade = NULL;
        }
        check_message(sweep, example, render(sweep->fixture, example, sweep->language));
        sweep->count++;
        talloc_free(context);
    }
}

static void render_everything(const struct fixture *fixture, enum telegram_status status)
{
    struct sweep sweep = {.fixture = fixture, .status = status};
    const char *const *languages = catalogue_languages(fixture->catalogue);
    for (size_t i = 0; languages[i] != NULL; i++) {
        sweep.language = languages[i];
        for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
            if (hazard == HAZARD_BROADCAST) /* test-broadcast.c */
                continue;
            for (int level = 1; level <= 5; level++) {
                render_all_of(&sweep, (enum hazard)hazard, level, false);
                render_all_of(&sweep, (enum hazard)hazard, level, true);
            }
        }
    }
    assert_true(sweep.count >= 24u * 5 * 2 * PHASE_COUNT);
}

static void every_actual_message_is_whole_in_every_language(void **state)
{
    render_everything(*state, STATUS_ACTUAL);
}

static void every_drill_bears_its_marks_in_every_language(void **state)
{
    render_everything(*state, STATUS_EXERCISE);
}

static void japanese_names_stand_beside_those_of_the_reader(void **state)
{
    const struct fixture *fixture = *state;
    const char *const *languages = catalogue_languages(fixture->catalogue);
    for (size_t i = 0; languages[i] != NULL; i++) {
        struct example *example = example_weather(*state, HAZARD_RAIN, 4, "urgent");
        const struct message *message = render(fixture, example, languages[i]);
        assert_contains(message->where, "札幌市");
        assert_string_equal(message->official_ja, "レベル４大雨危険警報");
        talloc_free(example);
    }
}

static void two_levels_never_have_the_same_word_or_colour(void **state)
{
    const struct fixture *fixture = *state;
    const char *const *languages = catalogue_languages(fixture->catalogue);
    for (size_t i = 0; languages[i] != NULL; i++) {
        for (int a = 1; a <= 5; a++) {
            for (int b = a + 1; b <= 5; b++) {
                struct example *lower =
                    example_weather(*state, HAZARD_RAIN, a, grade_of(HAZARD_RAIN, a));
                struct example *higher =
                    example_weather(*state, HAZARD_RAIN, b, grade_of(HAZARD_RAIN, b));
                const struct message *low = render(fixture, lower, languages[i]);
                const struct message *high = render(fixture, higher, languages[i]);
                assert_string_not_equal(low->chip, high->chip);
                assert_string_not_equal(low->colour, high->colour);
                assert_string_not_equal(low->headline, high->headline);
                talloc_free(lower);
                talloc_free(higher);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_actual_message_is_whole_in_every_language),
        cmocka_unit_test(every_drill_bears_its_marks_in_every_language),
        cmocka_unit_test(japanese_names_stand_beside_those_of_the_reader),
        cmocka_unit_test(two_levels_never_have_the_same_word_or_colour),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
