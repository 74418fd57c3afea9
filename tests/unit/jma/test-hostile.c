/* Documents that mean harm or are broken (tests/telegram/hostile): none is parsed half, none reads
 * anything else, none ends the process. Those named fine-… are well-formed and must give a report.
 * Then each of our own telegrams, cut at many places and with bytes changed. */
#include <dirent.h>
#include <errno.h>

#include "base/buffer.h"
#include "jma/load.h"

/* The whole way to text; every report must survive it. */
static void print_report(const struct report *report)
{
    json_t *json = report_to_json(report, "hostile");
    assert_non_null(json);
    char *text = json_dumps(json, JSON_COMPACT);
    assert_non_null(text);
    free(text);
    json_decref(json);
}

static int parse(struct load *load, const char *name, const char *bytes, size_t length,
                 struct report **ret_report)
{
    /* Exactly as long as the bytes: reading one further is seen by the sanitizer. */
    TALLOC_CTX *context = talloc_new(load);
    char *exact = malloc(length > 0 ? length : 1);
    memcpy(exact, bytes, length);
    struct telegram *telegram = NULL;
    struct problems *problems = problems_new(context);
    int r = telegram_parse(context, name, exact, length, problems, &telegram);
    free(exact);
    if (r == 0) {
        *ret_report = report_parse(context, load->graph, telegram, problems);
        print_report(*ret_report);
    } else {
        assert_null(telegram);
        assert_int_equal(problems->errors, 1);
        talloc_free(context);
    }
    return r;
}

static void every_hostile_document_is_refused_or_fully_understood(void **state)
{
    struct load *load = *state;
    DIR *files = opendir(load_path(load, "hostile"));
    size_t refused = 0, fine = 0;
    assert_non_null(files);
    for (struct dirent *file = readdir(files); file != NULL; file = readdir(files)) {
        if (strstr(file->d_name, ".xml") == NULL)
            continue;
        size_t length;
        struct report *report = NULL;
        char *bytes = load_bytes(load, memory_printf(load, "hostile/%s", file->d_name), &length);
        int r = parse(load, file->d_name, bytes, length, &report);
        bool wanted = strncmp(file->d_name, "fine-", 5) == 0;
        if (wanted ? r != 0 : r != -EBADMSG && r != -E2BIG)
            fail_msg("%s: %d", file->d_name, r);
        fine += wanted ? 1 : 0;
        refused += wanted ? 0 : 1;
    }
    closedir(files);
    assert_true(refused >= 20 && fine >= 8);
}

static struct report *fine(struct load *load, const char *name)
{
    return load_report(load, memory_printf(load, "hostile/fine-%s.xml", name));
}

static void a_telegram_with_nothing_in_its_elements_still_alerts(void **state)
{
    static const char *const names[] = {"empty-elements_VTSE41", "empty-elements_VPWW55",
                                        "empty-elements_VXSE53"};
    for (size_t i = 0; i < 3; i++) {
        struct report *report = fine(*state, names[i]);
        assert_non_null(report->degraded);
        assert_int_equal(report->telegram->status, STATUS_UNKNOWN);
        if (report->kind == REPORT_GENERIC)
            assert_true(report->generic.alerts);
    }
}

static void a_body_of_another_family_is_told_in_general_words(void **state)
{
    static const char *const names[] = {"wrong-family_VTSE41", "wrong-family_VPWW55",
                                        "wrong-family_VXSE51"};
    for (size_t i = 0; i < 3; i++) {
        struct report *report = fine(*state, names[i]);
        assert_int_equal(report->kind, REPORT_GENERIC);
        assert_non_null(report->degraded);
        assert_true(report->generic.alerts);
    }
}

static void huge_numbers_are_unknown(void **state)
{
    struct report *report = fine(*state, "huge-numbers_VXSE53");
    assert_true(isnan(report->earthquake.source.magnitude));
    assert_true(isnan(report->earthquake.source.hypocenter.latitude));
    assert_int_equal(report->earthquake.source.origin_time, 0);
    assert_string_equal(report->earthquake.max_intensity, "7");
}

static void a_document_over_the_limit_is_refused_unread(void **state)
{
    struct load *load = *state;
    struct report *report = NULL;
    char *bytes = memory_array(load, char, TELEGRAM_BYTES_MAX + 1);
    memset(bytes, ' ', TELEGRAM_BYTES_MAX + 1);
    assert_int_equal(parse(load, "big", bytes, TELEGRAM_BYTES_MAX + 1, &report), -E2BIG);
}

/* An area is written down once; a telegram of nothing but areas must not cost a minute. */
static void a_telegram_of_nothing_but_areas_is_bounded(void **state)
{
    struct load *load = *state;
    struct buffer *text = buffer_new(load, TELEGRAM_BYTES_MAX);
    buffer_text(text, "<Report xmlns='http://xml.kishou.go.jp/jmaxml1/'><Control><Title>x</Title>"
                      "</Control><Body><Warning type='（市町村等）'>");
    for (int i = 0; i < 60000; i++)
        buffer_printf(text, "<Item><Kind><Code>03</Code></Kind><Area><Code>%d</Code></Area></Item>",
                      i);
    buffer_text(text, "</Warning></Body></Report>");
    assert_false(text->overflow);
    struct report *report = load_text(load, "a_0_VPWW55_010000.xml", text->bytes, text->length);
    assert_int_equal(report->kind, REPORT_WEATHER);
    assert_non_null(report->degraded);
    assert_true(report->weather.area_code_count < 5000);
    assert_true(report->problem_count <= 50);
}

static void damage(struct load *load, const char *file)
{
    size_t length;
    TALLOC_CTX *context = talloc_new(load);
    char *bytes = load_bytes(context, file, &length);
    struct report *report = NULL;
    for (size_t end = 0; end < length; end += 97)
        assert_true(parse(load, file, bytes, end, &report) < 0);
    /* Each element, attribute and text once without its first letters. */
    for (size_t at = 40; at + 2 < length; at += 41) {
        char kept[2] = {bytes[at], bytes[at + 1]};
        memcpy(bytes + at, "0 ", 2);
        (void)parse(load, file, bytes, length, &report);
        memcpy(bytes + at, kept, 2);
    }
    talloc_free(context);
}

static void our_own_telegrams_may_be_cut_and_damaged_anywhere(void **state)
{
    static const char *const files[] = {
        "own/VXSE53/iburi-missing_VXSE53.xml",  "own/VXSE61/iburi_VXSE61.xml",
        "own/VTSE41/tohoku-huge_VTSE41.xml",    "own/VTSE51/noto-observed_VTSE51.xml",
        "own/VPWW55/noto-downgrade_VPWW55.xml", "own/VXKO70/level5_VXKO70.xml",
        "own/VFVO50/ontake-level3_VFVO50.xml",
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        damage(*state, files[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_hostile_document_is_refused_or_fully_understood),
        TEST(a_telegram_with_nothing_in_its_elements_still_alerts),
        TEST(a_body_of_another_family_is_told_in_general_words),
        TEST(huge_numbers_are_unknown),
        TEST(a_document_over_the_limit_is_refused_unread),
        TEST(a_telegram_of_nothing_but_areas_is_bounded),
        TEST(our_own_telegrams_may_be_cut_and_damaged_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
