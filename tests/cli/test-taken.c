/* The copy of the areas and texts that were taken last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "event/value.h"
#include "taken.h"

struct fixture {
    TALLOC_CTX *context;
    char *folder;
    struct config config;
    json_t *files;
    struct store *store;
};

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place)
{
    (void)found;
    (void)kind;
    (void)place;
    return remove(path);
}

static int begin(void **state)
{
    struct fixture *fixture = memory_new(NULL, struct fixture);
    const char *root = getenv("NOROSHI_ROOT");
    char *text;
    int owner;
    fixture->folder = memory_text(fixture, "/tmp/noroshi-taken-XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    fixture->config = (struct config){
        .file = memory_printf(fixture, "%s/config/noroshi.yaml", root),
        .state_directory = fixture->folder,
        .areas_directory = memory_printf(fixture, "%s/config/areas", root),
        .messages_directory = memory_printf(fixture, "%s/messages", root),
    };
    struct fingerprint *print;
    assert_int_equal(fingerprint_take(fixture, &fixture->config, &print), 0);
    fixture->files = print->files;
    assert_int_equal(
        store_open(fixture, ":memory:", problems_new(fixture), &owner, &fixture->store), 0);
    text = json_dumps(fixture->files, JSON_COMPACT);
    assert_int_equal(store_put_fact(fixture->store, TAKEN_FACT, text), 0);
    free(text);
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    store_close(fixture->store);
    nftw(fixture->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    talloc_free(fixture);
    return 0;
}

static struct taken load(struct fixture *fixture)
{
    struct taken taken;
    assert_int_equal(taken_load(fixture, fixture->folder, fixture->store, &taken), 0);
    return taken;
}

static void write_text(struct fixture *fixture, const char *name, const char *text)
{
    FILE *file = fopen(memory_printf(fixture, "%s/%s", fixture->folder, name), "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void test_what_is_kept_is_had_again(void **state)
{
    struct fixture *fixture = *state;
    assert_null(load(fixture).areas); /* nothing yet */
    assert_int_equal(taken_keep(&fixture->config, fixture->files), 0);
    const struct taken taken = load(fixture);
    assert_non_null(taken.areas);
    assert_non_null(taken.catalogue);
    assert_true(json_equal(taken.files, fixture->files));
    assert_non_null(area_find(taken.areas, AREA_MUNICIPALITY, "01100"));
    /* Subscribers' addresses and secrets stand in the configuration: no copy of it. */
    assert_int_equal(access(memory_printf(fixture, "%s/taken/noroshi.yaml", fixture->folder), F_OK),
                     -1);
    struct stat found;
    assert_int_equal(
        stat(memory_printf(fixture, "%s/taken/messages/broadcast/en.yaml", fixture->folder),
             &found),
        0);
    ino_t was = found.st_ino;
    assert_int_equal(taken_keep(&fixture->config, fixture->files), 0);
    assert_int_equal(
        stat(memory_printf(fixture, "%s/taken/messages/broadcast/en.yaml", fixture->folder),
             &found),
        0);
    assert_int_equal(found.st_ino, was); /* what is so already is left */
}

static void test_a_copy_that_was_touched_is_none_and_is_made_anew(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(taken_keep(&fixture->config, fixture->files), 0);
    write_text(fixture, "taken/messages/more.yaml", "language: xx\n");
    assert_null(load(fixture).areas);
    assert_non_null(load(fixture).files);
    assert_int_equal(taken_keep(&fixture->config, fixture->files), 0);
    assert_non_null(load(fixture).areas);
}

/* Between taking and keeping somebody saved a file. */
static void test_what_is_another_file_by_now_is_not_kept(void **state)
{
    struct fixture *fixture = *state;
    json_t *files = json_deep_copy(fixture->files);
    value_set_text(files, "areas/places.tsv", "0000");
    assert_int_equal(taken_keep(&fixture->config, files), -EAGAIN);
    json_decref(files);
    assert_int_equal(access(memory_printf(fixture, "%s/taken", fixture->folder), F_OK), -1);
    assert_null(load(fixture).areas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_kept_is_had_again, begin, end),
        cmocka_unit_test_setup_teardown(test_a_copy_that_was_touched_is_none_and_is_made_anew,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_what_is_another_file_by_now_is_not_kept, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
