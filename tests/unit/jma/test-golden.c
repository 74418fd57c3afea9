/* What each telegram must come to: the files of tests/telegram/golden, checked against the XML by
 * tests/telegram/check-golden, which shares no code with the parser.
 *
 * "file" names the telegram: own/… lies in the repository, corpus/… beside it. Prose of telegrams
 * of the corpus stands in the goldens as a hash. To make or renew goldens: put {"file": "…"} into a
 * new one, run with NOROSHI_WRITE_GOLDENS=1, read the difference, run check-golden. */
#include <dirent.h>

#include "jma/load.h"

static const char *const prose[] = {"headline", "text", "comment", "free_text"};

static json_t *result_of(struct load *load, const char *file)
{
    json_t *json = report_to_json(load_report(load, file), file);
    for (size_t i = 0; text_starts(file, "corpus/") && i < 4; i++) {
        const char *text = json_string_value(json_object_get(json, prose[i]));
        if (text == NULL)
            continue;
        char *hash = memory_printf(load, "sha256:%s", text_hash(load, text, strlen(text), 16));
        json_object_set_new(json, prose[i], json_string(hash));
    }
    /* Numbers as they are written in the file. */
    char *text = json_dumps(json, JSON_REAL_PRECISION(10));
    json_decref(json);
    json = json_loads(text, 0, NULL);
    free(text);
    return json;
}

static void tell_difference(const char *path, const json_t *wanted, const json_t *found)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)found, key, value)
    {
        if (json_equal(value, json_object_get(wanted, key)))
            continue;
        char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(10));
        print_message("# %s: %s is now %.2000s\n", path, key, text);
        free(text);
    }
}

/* Returns false when the telegram is not there. */
static bool check(struct load *load, const char *path, size_t *wrong)
{
    json_error_t error;
    json_t *wanted = json_load_file(path, 0, &error);
    if (wanted == NULL)
        fail_msg("%s:%d: %s", path, error.line, error.text);
    const char *file = json_string_value(json_object_get(wanted, "file"));
    assert_non_null(file);
    if (text_starts(file, "corpus/") && !load_has_corpus()) {
        json_decref(wanted);
        return false;
    }
    json_t *found = result_of(load, file);
    if (getenv("NOROSHI_WRITE_GOLDENS") != NULL)
        assert_int_equal(json_dump_file(found, path, JSON_INDENT(1) | JSON_REAL_PRECISION(10)), 0);
    else if (!json_equal(wanted, found)) {
        tell_difference(path, wanted, found);
        (*wrong)++;
    }
    json_decref(found);
    json_decref(wanted);
    return true;
}

static void every_golden_is_what_the_parser_says(void **state)
{
    struct load *load = *state;
    const char *directory = load_path(load, "golden");
    DIR *files = opendir(directory);
    size_t checked = 0, absent = 0, wrong = 0;
    assert_non_null(files);
    for (struct dirent *file = readdir(files); file != NULL; file = readdir(files)) {
        if (strstr(file->d_name, ".json") == NULL)
            continue;
        if (check(load, memory_printf(load, "%s/%s", directory, file->d_name), &wrong))
            checked++;
        else
            absent++;
    }
    closedir(files);
    print_message("# %zu goldens checked, %zu without their telegram\n", checked, absent);
    assert_int_equal(wrong, 0);
    assert_true(checked + absent >= 80);
}

static bool has_golden(struct load *load, const char *file)
{
    const char *directory = load_path(load, "golden");
    DIR *files = opendir(directory);
    bool found = false;
    for (struct dirent *golden = readdir(files); golden != NULL && !found;
         golden = readdir(files)) {
        json_t *json =
            json_load_file(memory_printf(load, "%s/%s", directory, golden->d_name), 0, NULL);
        found = text_equal(json_string_value(json_object_get(json, "file")), file);
        json_decref(json);
    }
    closedir(files);
    return found;
}

/* Calls `step` for "base/CODE/name.xml". */
static size_t walk(struct load *load, const char *base,
                   void (*step)(struct load *load, const char *file))
{
    size_t count = 0;
    DIR *codes = opendir(load_path(load, base));
    assert_non_null(codes);
    for (struct dirent *code = readdir(codes); code != NULL; code = readdir(codes)) {
        const char *folder = memory_printf(load, "%s%s/", base, code->d_name);
        DIR *files = code->d_name[0] != '.' ? opendir(load_path(load, folder)) : NULL;
        for (struct dirent *file = files != NULL ? readdir(files) : NULL; file != NULL;
             file = readdir(files)) {
            if (strstr(file->d_name, ".xml") == NULL)
                continue;
            step(load, memory_printf(load, "%s%s", folder, file->d_name));
            count++;
        }
        if (files != NULL)
            closedir(files);
    }
    closedir(codes);
    return count;
}

static void want_golden(struct load *load, const char *file)
{
    if (!has_golden(load, file))
        fail_msg("%s has no golden", file);
}

static void every_telegram_of_our_own_has_a_golden(void **state)
{
    assert_true(walk(*state, "own/", want_golden) >= 40);
}

static void parse_whole(struct load *load, const char *file)
{
    struct load *part = memory_new(load, struct load);
    part->graph = load->graph;
    struct report *report = load_report(part, file);
    json_t *json = report_to_json(report, file);
    assert_non_null(json);
    assert_int_equal(part->problems->errors, 0);
    bool silent = report->row != NULL &&
                  (report->row->role == ROLE_RECORDED || report->row->role == ROLE_CROSS_CHECK);
    if (report->kind == REPORT_GENERIC && silent)
        assert_false(report->generic.alerts);
    json_decref(json);
    talloc_free(part);
}

static void every_telegram_of_the_corpus_parses_without_an_error(void **state)
{
    load_need_corpus();
    print_message("# %zu telegrams\n", walk(*state, "corpus/", parse_whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_golden_is_what_the_parser_says),
        TEST(every_telegram_of_our_own_has_a_golden),
        TEST(every_telegram_of_the_corpus_parses_without_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
