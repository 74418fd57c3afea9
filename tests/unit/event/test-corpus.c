/* Real telegrams through the real parser: every one of the corpus, and the chains whose course is
 * known. Skipped where the corpus is not beside the repository. */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "event/build.h"

#define TELEGRAMS_MAX 2000

struct corpus {
    struct area_graph *graph;
    char *directory;
    json_t *states; /* key → state */
};

static int begin(void **state)
{
    struct corpus *corpus = memory_new(NULL, struct corpus);
    const char *root = getenv("NOROSHI_ROOT");
    corpus->graph = build_graph(corpus);
    corpus->directory =
        memory_printf(corpus, "%s/../shared/corpus/telegrams", root != NULL ? root : ".");
    corpus->states = json_object();
    *state = corpus;
    return 0;
}

static int end(void **state)
{
    struct corpus *corpus = *state;
    json_decref(corpus->states);
    talloc_free(corpus);
    return 0;
}

static void need_corpus(const struct corpus *corpus)
{
    struct stat info;
    if (stat(corpus->directory, &info) < 0) {
        print_message("# skipped: no corpus at ../shared/corpus\n");
        skip();
    }
}

static struct report *load(struct corpus *corpus, TALLOC_CTX *context, const char *code,
                           const char *name)
{
    char *path = memory_printf(context, "%s/%s/%s", corpus->directory, code, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("cannot open %s", path);
    char *bytes = memory_array(context, char, TELEGRAM_BYTES_MAX);
    size_t length = fread(bytes, 1, TELEGRAM_BYTES_MAX, file);
    fclose(file);
    struct problems *problems = problems_new(context);
    struct telegram *telegram;
    int r = telegram_parse(context, name, bytes, length, problems, &telegram);
    talloc_free(bytes);
    if (r < 0)
        fail_msg("%s: %s", name, problem_text(context, &problems->items[0]));
    telegram->code = memory_text(context, code);
    return report_parse(context, corpus->graph, telegram, problems);
}

/* Applies to every key of the report; the last alert that came of it. */
static struct alert *apply(struct corpus *corpus, TALLOC_CTX *context, const struct report *report)
{
    size_t count;
    struct alert *alert = NULL;
    const char **keys = event_keys(context, corpus->graph, report, &count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        struct event_state state = {.key = keys[i],
                                    .json = json_object_get(corpus->states, keys[i])};
        struct event_change *change =
            event_apply(context, corpus->graph, &state, report, report->telegram->control_time);
        if (change->state != NULL)
            json_object_set(corpus->states, keys[i], change->state);
        assert_true(change->note != NULL || change->alert != NULL);
        if (change->alert != NULL)
            alert = change->alert;
    }
    return alert;
}

static void check_alert(TALLOC_CTX *context, const struct alert *alert)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    assert_int_equal(strspn(alert->id, allowed), strlen(alert->id));
    assert_true(alert->expires > 0);
    assert_true(alert->level >= 1 && alert->level <= 5);
    json_t *json = alert_to_json(alert);
    struct alert *again = alert_from_json(context, json);
    json_t *second = alert_to_json(again);
    assert_true(json_equal(json, second));
    json_decref(json);
    json_decref(second);
}

static void every_telegram_of_the_corpus_is_applied(void **state)
{
    struct corpus *corpus = *state;
    need_corpus(corpus);
    size_t telegrams = 0, alerts = 0;
    DIR *codes = opendir(corpus->directory);
    for (struct dirent *code = readdir(codes); code != NULL; code = readdir(codes)) {
        char *path = memory_printf(corpus, "%s/%s", corpus->directory, code->d_name);
        DIR *files = code->d_name[0] != '.' ? opendir(path) : NULL;
        for (struct dirent *file = files != NULL ? readdir(files) : NULL; file != NULL;
             file = readdir(files)) {
            if (strstr(file->d_name, ".xml") == NULL)
                continue;
            TALLOC_CTX *scratch = talloc_new(corpus);
            const struct report *report = load(corpus, scratch, code->d_name, file->d_name);
            const struct alert *alert = apply(corpus, scratch, report);
            telegrams++;
            if (alert != NULL) {
                alerts++;
                check_alert(scratch, alert);
            }
            /* The same again says nothing. */
            assert_null(apply(corpus, scratch, report));
            talloc_free(scratch);
        }
        if (files != NULL)
            closedir(files);
    }
    closedir(codes);
    print_message("# %zu telegrams, %zu alerts\n", telegrams, alerts);
    assert_true(telegrams > 100 && alerts > 50);
}

/* The first file of a code whose name holds `part`. */
static const char *file_of(struct corpus *corpus, const char *code, const char *part)
{
    char *path = memory_printf(corpus, "%s/%s", corpus->directory, code);
    DIR *files = opendir(path);
    const char *found = NULL;
    for (struct dirent *file = files != NULL ? readdir(files) : NULL; file != NULL && found == NULL;
         file = readdir(files)) {
        if (strstr(file->d_name, part) != NULL)
            found = memory_text(corpus, file->d_name);
    }
    if (files != NULL)
        closedir(files);
    if (found == NULL)
        fail_msg("no telegram %s of %s", part, code);
    return found;
}

static struct alert *next(struct corpus *corpus, const char *code, const char *part)
{
    return apply(corpus, corpus, load(corpus, corpus, code, file_of(corpus, code, part)));
}

static void the_noto_earthquake_is_one_event_up_to_seven(void **state)
{
    struct corpus *corpus = *state;
    need_corpus(corpus);
    struct alert *flash = next(corpus, "VXSE51", "20240101T161300");
    assert_int_equal(flash->phase, PHASE_ISSUE);
    assert_string_equal(flash->event_id, "earthquake-20240101161010");
    struct alert *details = next(corpus, "VXSE53", "20240101");
    assert_string_equal(details->event_id, flash->event_id);
    assert_string_equal(details->quake->max_intensity, "7");
    assert_int_equal(details->level, 5);
    assert_int_equal(alert_find(details, "390")->level, 5);
}

static void the_tsunami_of_2011_rises_and_never_repeats_itself(void **state)
{
    struct corpus *corpus = *state;
    need_corpus(corpus);
    struct alert *issue = next(corpus, "VTSE41", "32-39_11_02");
    assert_int_equal(issue->phase, PHASE_ISSUE);
    assert_int_equal(issue->level, 5);
    assert_null(next(corpus, "VTSE41", "32-39_11_02"));
    struct alert *rise = next(corpus, "VTSE41", "32-39_11_11");
    assert_string_equal(rise->event_id, issue->event_id);
    assert_null(next(corpus, "VTSE41", "32-39_11_06")); /* older */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_telegram_of_the_corpus_is_applied),
        TEST(the_noto_earthquake_is_one_event_up_to_seven),
        TEST(the_tsunami_of_2011_rises_and_never_repeats_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
