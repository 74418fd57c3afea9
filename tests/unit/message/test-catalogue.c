/* Loading messages/ and its checks, the choice of a language, words and times. Broken catalogues
 * are made from the real one in a directory of their own. */
#include "message/fixture.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

struct made {
    const char *directory;
    struct problems *problems;
    struct catalogue *catalogue;
};

static char *read_whole(TALLOC_CTX *context, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *text = memory_array(context, char, 1 << 17);
    size_t length = fread(text, 1, (1 << 17) - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

static void write_whole(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The text with `old` (which must be there) replaced. */
static char *replaced(TALLOC_CTX *context, const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    assert_non_null(at);
    return memory_printf(context, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

static int remove_made(struct made *made)
{
    DIR *directory = opendir(made->directory);
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(made->directory);
    return 0;
}

/* A directory with English alone. */
static struct made *made_new(void)
{
    struct made *made = memory_new(NULL, struct made);
    const char *temporary = getenv("TMPDIR");
    char *directory =
        memory_printf(made, "%s/noroshi-messages-XXXXXX", temporary != NULL ? temporary : "/tmp");
    assert_non_null(mkdtemp(directory));
    made->directory = directory;
    made->problems = problems_new(made);
    talloc_set_destructor(made, remove_made);
    const char *all = read_whole(made, root_path(made, "messages/catalogue.yaml"));
    const char *line = strstr(all, "languages: [");
    size_t length = strcspn(line, "\n");
    char *old = memory_must(talloc_strndup(made, line, length));
    write_whole(memory_printf(made, "%s/catalogue.yaml", directory),
                replaced(made, all, old, "languages: [en]"));
    write_whole(memory_printf(made, "%s/en.yaml", directory),
                read_whole(made, root_path(made, "messages/en.yaml")));
    return made;
}

static void change(struct made *made, const char *file, const char *old, const char *new)
{
    const char *path = memory_printf(made, "%s/%s", made->directory, file);
    write_whole(path, replaced(made, read_whole(made, path), old, new));
}

static void copy(struct made *made, const char *language)
{
    const char *name = memory_printf(made, "messages/%s.yaml", language);
    write_whole(memory_printf(made, "%s/%s.yaml", made->directory, language),
                read_whole(made, root_path(made, name)));
}

static int load(struct made *made)
{
    return catalogue_load(made, made->directory, made->problems, &made->catalogue);
}

/* Loading fails, and one of the problems holds `words` with a place in `file`. */
static void assert_refused(struct made *made, const char *file, const char *words)
{
    assert_int_equal(load(made), -EINVAL);
    assert_null(made->catalogue);
    for (size_t i = 0; i < made->problems->count; i++) {
        const struct problem *problem = &made->problems->items[i];
        if (strstr(problem->what, words) != NULL && text_contains(problem->file, file) &&
            problem->line > 0) {
            talloc_free(made);
            return;
        }
    }
    problems_print(made->problems, stderr);
    fail_msg("no problem says \"%s\" of %s", words, file);
}

static void english_alone_loads(void **state)
{
    (void)state;
    struct made *made = made_new();
    int result = load(made);
    problems_print(made->problems, stderr);
    assert_int_equal(result, 0);
    assert_string_equal(catalogue_languages(made->catalogue)[0], "en");
    assert_null(catalogue_languages(made->catalogue)[1]);
    talloc_free(made);
}

static void a_language_that_somebody_added_is_loaded_after_the_required_ones(void **state)
{
    (void)state;
    struct made *made = made_new();
    copy(made, "vi");
    copy(made, "ja");
    assert_int_equal(load(made), 0);
    const char *const *languages = catalogue_languages(made->catalogue);
    assert_string_equal(languages[0], "en");
    assert_string_equal(languages[1], "ja");
    assert_string_equal(languages[2], "vi");
    assert_null(languages[3]);
    talloc_free(made);
}

static void a_required_language_without_a_file_is_refused(void **state)
{
    (void)state;
    struct made *made = made_new();
    change(made, "catalogue.yaml", "languages: [en]", "languages: [en, ja]");
    assert_int_equal(load(made), -EINVAL);
    assert_true(made->problems->errors > 0);
    assert_true(text_contains(made->problems->items[0].file, "ja.yaml"));
    talloc_free(made);
}

static void a_catalogue_without_english_is_refused(void **state)
{
    (void)state;
    struct made *made = made_new();
    copy(made, "ja");
    change(made, "catalogue.yaml", "languages: [en]", "languages: [ja]");
    assert_int_equal(unlink(memory_printf(made, "%s/en.yaml", made->directory)), 0);
    assert_refused(made, "catalogue.yaml", "English");
}

static void a_translation_that_lacks_a_text_is_refused(void **state)
{
    (void)state;
    struct made *made = made_new();
    copy(made, "ko");
    change(made, "ko.yaml", "  high-ground: ", "  high-grounds: ");
    assert_refused(made, "ko.yaml", "phrase.high-ground is missing");
}

static void a_text_that_english_does_not_have_is_refused(void **state)
{
    (void)state;
    struct made *made = made_new();
    copy(made, "ko");
    change(made, "ko.yaml", "\nphrase:\n", "\nphrase:\n  nobody: needs this\n");
    assert_refused(made, "ko.yaml", "phrase.nobody");
}

static void a_translation_with_other_blanks_is_refused(void **state)
{
    (void)state;
    struct made *made = made_new();
    copy(made, "vi");
    change(made, "vi.yaml", "drill-subject: \"DIỄN TẬP: {headline}\"",
           "drill-subject: \"DIỄN TẬP: {tieude}\"");
    assert_refused(made, "vi.yaml", "label.drill-subject has other blanks");
}

static void a_blank_that_the_program_does_not_fill_is_refused_even_in_english(void **state)
{
    (void)state;
    struct made *made = made_new();
    change(made, "en.yaml", "Magnitude: {magnitude}", "Magnitude: {size}");
    assert_refused(made, "en.yaml", "label.quake-magnitude has blanks");
    made = made_new();
    change(made, "en.yaml", "  drive-slowly: Drive slowly.", "  drive-slowly: Drive {speed}.");
    assert_refused(made, "en.yaml", "phrase.drive-slowly has blanks");
}

static void a_text_that_the_program_needs_is_missed_and_a_useless_one_is_found(void **state)
{
    (void)state;
    struct made *made = made_new();
    change(made, "en.yaml", "  judgement-wait: ", "  judgement-weight: ");
    assert_refused(made, "en.yaml", "what.judgement-wait is missing");
    made = made_new();
    change(made, "en.yaml", "  judgement-wait: ", "  judgement-weight: x\n  judgement-wait: ");
    assert_refused(made, "en.yaml", "what.judgement-weight is used by nothing");
    made = made_new();
    change(made, "en.yaml", "  fog.advisory: ", "  mist.advisory: ");
    assert_refused(made, "en.yaml", "kind.fog.advisory is missing");
}

static void a_sentence_without_the_full_stop_of_its_language_is_refused(void **state)
{
    (void)state;
    struct made *made = made_new();
    change(made, "en.yaml", "  stay-indoors: Stay indoors.", "  stay-indoors: Stay indoors");
    assert_refused(made, "en.yaml", "phrase.stay-indoors does not end with label.stop");
    made = made_new();
    change(made, "en.yaml", "short: \"{what}. {action}\"", "short: \"{what}, {action}\"");
    assert_refused(made, "en.yaml", "label.short does not end its sentence with label.stop");
}

static void a_brace_without_its_partner_is_refused(void **state)
{
    (void)state;
    static const char *const broken[] = {"Magnitude: {magnitude", "Magnitude: magnitude}",
                                         "Magnitude: {}", "Magnitude: {{magnitude}}"};
    for (size_t i = 0; i < 4; i++) {
        struct made *made = made_new();
        change(made, "en.yaml", "Magnitude: {magnitude}", broken[i]);
        assert_refused(made, "en.yaml", "brace");
    }
}

static void an_empty_text_an_unknown_section_and_a_wrong_tag_are_refused(void **state)
{
    (void)state;
    struct made *made = made_new();
    change(made, "en.yaml", "drive-slowly: Drive slowly.", "drive-slowly: \"\"");
    assert_refused(made, "en.yaml", "phrase.drive-slowly has no text");
    made = made_new();
    change(made, "en.yaml", "\nphrase:\n", "\nphrases:\n");
    assert_refused(made, "en.yaml", "phrases");
    made = made_new();
    change(made, "en.yaml", "language: en", "language: de");
    assert_refused(made, "en.yaml", "language:");
}

static void a_locale_that_nobody_knows_is_refused(void **state)
{
    (void)state;
    struct made *made = made_new();
    change(made, "en.yaml", "locale: en_GB", "locale: xx_YY");
    assert_refused(made, "en.yaml", "xx_YY");
}

static void actions_name_phrases_hazards_and_levels_that_exist(void **state)
{
    static const struct {
        const char *old, *new, *words;
    } faults[] = {
        {"[leave-water, coast-away, watch-info]", "[swim]", "\"swim\" is no phrase"},
        {"  waves:\n", "  surf:\n", "no hazard \"surf\""},
        {"  waves:\n", "  surf:\n", "nothing to do for waves"},
        {"  fog: {\"2\": ", "  fog: {\"9\": ", "not a level"},
        {"\"5\": black", "\"5\": pink", "danger 5 has no colour"},
        {"unclear: [ask-staff, watch-tv]", "", "is missing"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        struct made *made = made_new();
        change(made, "catalogue.yaml", faults[i].old, faults[i].new);
        assert_refused(made, "catalogue.yaml", faults[i].words);
    }
}

static void all_faults_are_told_in_one_pass(void **state)
{
    (void)state;
    struct made *made = made_new();
    copy(made, "ko");
    change(made, "ko.yaml", "  high-ground: ", "  high-grounds: ");
    change(made, "en.yaml", "Magnitude: {magnitude}", "Magnitude: {size}");
    change(made, "catalogue.yaml", "\"5\": black", "\"5\": pink");
    assert_int_equal(load(made), -EINVAL);
    assert_true(made->problems->errors >= 4);
    talloc_free(made);
}

static void a_missing_directory_is_a_problem_not_a_crash(void **state)
{
    (void)state;
    struct problems *problems = problems_new(NULL);
    struct catalogue *catalogue = NULL;
    assert_int_equal(catalogue_load(problems, "/nowhere/at/all", problems, &catalogue), -EINVAL);
    assert_null(catalogue);
    assert_true(problems->errors > 0);
    talloc_free(problems);
}

static void all_eight_languages_are_there_in_shown_order(void **state)
{
    static const char *const expected[] = {"ja",      "ja-simple", "en", "zh-Hans",
                                           "zh-Hant", "ko",        "vi", "ne"};
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < 8; i++)
        assert_string_equal(catalogue_languages(fixture->catalogue)[i], expected[i]);
    assert_string_equal(catalogue_language_name(fixture->catalogue, "vi"), "Tiếng Việt");
    assert_null(catalogue_language_name(fixture->catalogue, "tlh"));
}

static void a_language_is_chosen_by_the_nearest_tag(void **state)
{
    static const struct {
        const char *wanted, *chosen;
        bool fallback;
    } rows[] = {
        {"vi", "vi", false},
        {"VI-vn", "vi", false},
        {"zh-TW", "zh-Hant", false},
        {"zh-HK", "zh-Hant", false},
        {"zh-CN", "zh-Hans", false},
        {"zh", "zh-Hans", false},
        {"zh-Hant-TW", "zh-Hant", false},
        {"ja-x-easy", "ja-simple", false},
        {"ja-JP", "ja", false},
        {"ja-simple", "ja-simple", false},
        {"en-US", "en", false},
        {"tlh", "en", true},
        {"", "en", true},
        {"-", "en", true},
    };
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool fallback = !rows[i].fallback;
        assert_string_equal(catalogue_choose(fixture->catalogue, &rows[i].wanted, 1, &fallback),
                            rows[i].chosen);
        assert_int_equal(fallback, rows[i].fallback);
    }
    const char *const several[] = {"tl", "ne-NP", "en"};
    bool fallback;
    assert_string_equal(catalogue_choose(fixture->catalogue, several, 3, &fallback), "ne");
}

static void a_browsers_wishes_are_taken_in_their_order_of_weight(void **state)
{
    static const char *const rows[][2] = {
        {"fr;q=0.9, ko;q=0.8, en;q=0.7", "ko"},
        {"en;q=0.1,vi;q=0.9", "vi"},
        {"zh-TW,zh;q=0.9,en;q=0.8", "zh-Hant"},
        {"ja;q=0, ne", "ne"},
        {"*", "en"},
        {"", "en"},
        {",,;q=,;;q=nan,=", "en"},
        {"ko ; q=0.2 , vi ; q=0.4", "vi"},
    };
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(catalogue_choose_header(fixture->catalogue, rows[i][0]), rows[i][1]);
    assert_string_equal(catalogue_choose_header(fixture->catalogue, NULL), "en");
    char endless[20000];
    memset(endless, 'a', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    assert_string_equal(catalogue_choose_header(fixture->catalogue, endless), "en");
}

static void a_word_falls_back_to_english_and_then_to_its_key(void **state)
{
    const struct fixture *fixture = *state;
    assert_string_equal(catalogue_word(fixture->catalogue, "tlh", "level.4"), "DANGER");
    assert_string_equal(catalogue_word(fixture->catalogue, "ja", "level.4"), "危険");
    assert_string_equal(catalogue_word(fixture->catalogue, "ja", "no.such"), "no.such");
}

static void times_are_japans_and_leave_out_only_todays_date(void **state)
{
    const struct fixture *fixture = *state;
    const struct catalogue *catalogue = fixture->catalogue;
    TALLOC_CTX *context = talloc_new(NULL);
    usec_t late = ISSUED + 7 * USEC_PER_HOUR + 37 * USEC_PER_MINUTE; /* 23:59 in Japan */
    assert_string_equal(message_time(context, catalogue, "en", late, ISSUED),
                        "23:59 (Japan time, JST)");
    assert_string_equal(message_time(context, catalogue, "en", late + USEC_PER_MINUTE, ISSUED),
                        "2 Jan 2024, 00:00 (Japan time, JST)");
    assert_string_equal(message_time(context, catalogue, "en", 0, ISSUED), "unknown");
    assert_contains(message_time(context, catalogue, "ja", late, 0), "2024年1月1日 23:59");
    talloc_free(context);
}

static void every_language_writes_the_gregorian_year(void **state)
{
    const struct fixture *fixture = *state;
    TALLOC_CTX *context = talloc_new(NULL);
    const char *const *languages = catalogue_languages(fixture->catalogue);
    for (size_t i = 0; languages[i] != NULL; i++) {
        const char *time = message_time(context, fixture->catalogue, languages[i], ISSUED, 0);
        if (!text_contains(time, "2024") && !text_contains(time, "२०२४"))
            fail_msg("%s: %s", languages[i], time);
    }
    talloc_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(english_alone_loads),
        cmocka_unit_test(a_language_that_somebody_added_is_loaded_after_the_required_ones),
        cmocka_unit_test(a_required_language_without_a_file_is_refused),
        cmocka_unit_test(a_catalogue_without_english_is_refused),
        cmocka_unit_test(a_translation_that_lacks_a_text_is_refused),
        cmocka_unit_test(a_text_that_english_does_not_have_is_refused),
        cmocka_unit_test(a_translation_with_other_blanks_is_refused),
        cmocka_unit_test(a_blank_that_the_program_does_not_fill_is_refused_even_in_english),
        cmocka_unit_test(a_text_that_the_program_needs_is_missed_and_a_useless_one_is_found),
        cmocka_unit_test(a_sentence_without_the_full_stop_of_its_language_is_refused),
        cmocka_unit_test(a_brace_without_its_partner_is_refused),
        cmocka_unit_test(an_empty_text_an_unknown_section_and_a_wrong_tag_are_refused),
        cmocka_unit_test(a_locale_that_nobody_knows_is_refused),
        cmocka_unit_test(actions_name_phrases_hazards_and_levels_that_exist),
        cmocka_unit_test(all_faults_are_told_in_one_pass),
        cmocka_unit_test(a_missing_directory_is_a_problem_not_a_crash),
        cmocka_unit_test(all_eight_languages_are_there_in_shown_order),
        cmocka_unit_test(a_language_is_chosen_by_the_nearest_tag),
        cmocka_unit_test(a_browsers_wishes_are_taken_in_their_order_of_weight),
        cmocka_unit_test(a_word_falls_back_to_english_and_then_to_its_key),
        cmocka_unit_test(times_are_japans_and_leave_out_only_todays_date),
        cmocka_unit_test(every_language_writes_the_gregorian_year),
    };
    return cmocka_run_group_tests(tests, fixture_begin, fixture_end);
}
