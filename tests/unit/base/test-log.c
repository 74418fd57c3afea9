/* Log: one fact is one line, whatever the values hold; read back from a file in place of stderr. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/log.h"
#include "base/text.h"

struct capture {
    int kept, file;
};

static int capture_start(void **state)
{
    struct capture *capture = talloc_zero(NULL, struct capture);
    char path[] = "/tmp/noroshi-log-XXXXXX";
    capture->file = mkostemp(path, O_APPEND);
    unlink(path);
    capture->kept = dup(STDERR_FILENO);
    dup2(capture->file, STDERR_FILENO);
    *state = capture;
    unsetenv("JOURNAL_STREAM");
    return 0;
}

static int capture_end(void **state)
{
    struct capture *capture = *state;
    dup2(capture->kept, STDERR_FILENO);
    close(capture->kept);
    close(capture->file);
    return talloc_free(capture);
}

/* What was logged so far. */
static char *captured(struct capture *capture)
{
    struct stat status;
    assert_int_equal(fstat(capture->file, &status), 0);
    char *text = talloc_zero_size(capture, (size_t)status.st_size + 1);
    assert_int_equal(pread(capture->file, text, (size_t)status.st_size, 0), status.st_size);
    return text;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void plain_line_has_time_text_and_fields(void **state)
{
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_INFO);
    log_info("telegram stored", "code", "VXSE53", "absent", NULL, "title", "震源・震度に関する情報",
             "empty", "", "blank", "a \"b\" \\c");
    char *line = captured(*state);
    assert_int_equal(line[4], '-');
    assert_true(text_contains(line, "+09:00 telegram stored code=VXSE53 "
                                    "title=震源・震度に関する情報 empty=\"\" "
                                    "blank=\"a \\\"b\\\" \\\\c\"\n"));
    assert_int_equal(count_lines(line), 1);
}

static void values_cannot_begin_a_line_or_turn_it(void **state)
{
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_INFO);
    log_warning("a\nb", "v", "x\r\n<0>2026 forged\u2028\u202E\x1b[2J\xFF");
    char *line = captured(*state);
    assert_int_equal(count_lines(line), 1);
    assert_true(text_contains(line, " ab v=\"x<0>2026 forged[2J\uFFFD\"\n"));
}

static void lower_priorities_are_left_out(void **state)
{
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_WARNING);
    log_info("no");
    log_notice("no");
    log_warning("yes");
    log_error("yes");
    char *text = captured(*state);
    assert_int_equal(count_lines(text), 2);
    assert_false(text_contains(text, "no"));
}

static void json_line_is_one_object(void **state)
{
    log_setup(LOG_FORMAT_JSON, LOG_PRIORITY_DEBUG);
    log_write(LOG_PRIORITY_DEBUG, "津波", "key", "a\n\"b\"\xFF", NULL);
    char *line = captured(*state);
    assert_int_equal(count_lines(line), 1);
    json_t *object = json_loads(line, 0, NULL);
    assert_non_null(object);
    assert_string_equal(json_string_value(json_object_get(object, "text")), "津波");
    assert_string_equal(json_string_value(json_object_get(object, "key")), "a\"b\"\uFFFD");
    assert_int_equal(json_integer_value(json_object_get(object, "priority")), 7);
    assert_non_null(json_object_get(object, "time"));
    json_decref(object);
}

static void priority_prefix_is_for_the_journal_only(void **state)
{
    struct stat status;
    char stream[64];
    fstat(STDERR_FILENO, &status);
    snprintf(stream, sizeof stream, "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_INFO);
    log_error("one");
    setenv("JOURNAL_STREAM", "1:1", 1);
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_INFO);
    log_error("two");
    unsetenv("JOURNAL_STREAM");
    char *text = captured(*state);
    assert_true(text_starts(text, "<3>2"));
    assert_false(text_contains(text + 1, "<3>"));
}

static void very_long_values_are_shortened_and_the_line_still_ends(void **state)
{
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_INFO);
    char *value = talloc_zero_size(*state, 100001);
    memset(value, '"', 100000);
    log_info("long", "a", value, "b", value, "c", value, "d", value, "e", value, "f", value, "g",
             value, "h", value, "i", value, "j", value, "k", value, "l", value, "m", value, "n",
             value, "o", value, "p", value, "q", value, "r", value, "s", value);
    char *line = captured(*state);
    assert_int_equal(count_lines(line), 1);
    assert_int_equal(line[strlen(line) - 1], '\n');
    assert_true(strlen(line) <= 32 * 1024 + 1);
}

static void errno_survives(void **state)
{
    (void)state;
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_INFO);
    errno = ENOSPC;
    log_info("fact", "a", "b");
    assert_int_equal(errno, ENOSPC);
}

static void *write_many(void *name)
{
    for (int i = 0; i < 500; i++)
        log_info("thread", "name", name, "filler", "0123456789012345678901234567890123456789");
    return NULL;
}

static void lines_of_several_threads_never_mix(void **state)
{
    static const char *const names[] = {"aaaa", "bbbb", "cccc"};
    pthread_t threads[3];
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_INFO);
    for (size_t i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, write_many, (void *)names[i]);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    char *text = captured(*state);
    assert_int_equal(count_lines(text), 1500);
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        assert_int_equal(strlen(line), strlen("2026-11-23T22:31:53+09:00 thread name=aaaa filler="
                                              "0123456789012345678901234567890123456789"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, capture_start, capture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_line_has_time_text_and_fields),
        TEST(values_cannot_begin_a_line_or_turn_it),
        TEST(lower_priorities_are_left_out),
        TEST(json_line_is_one_object),
        TEST(priority_prefix_is_for_the_journal_only),
        TEST(very_long_values_are_shortened_and_the_line_still_ends),
        TEST(errno_survives),
        TEST(lines_of_several_threads_never_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
