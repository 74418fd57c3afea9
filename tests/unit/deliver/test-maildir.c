/* deliver/maildir.h over a folder of its own. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"
#include "deliver/maildir.h"

static TALLOC_CTX *context;
static char folder[64];
static char *seen; /* what was handed over, one after the other */
static int answer;

static const char *in_folder(const char *rest)
{
    return memory_printf(context, "%s/%s", folder, rest);
}

static int set_up(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    seen = memory_text(context, "");
    answer = 0;
    strcpy(folder, "/tmp/maildir-XXXXXX");
    return mkdtemp(folder) == NULL || mkdir(in_folder("new"), 0700) < 0 ||
           mkdir(in_folder("cur"), 0700) < 0;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"new/a",
                                        "new/b",
                                        "new/c",
                                        "new/link",
                                        "new/pipe",
                                        "new/folder",
                                        "cur/a:2,S",
                                        "cur/b:2,S",
                                        "cur/c:2,S",
                                        "cur/big:2,S",
                                        "cur/link:2,S",
                                        "cur/pipe:2,S",
                                        "cur/folder:2,S",
                                        "secret",
                                        "new",
                                        "cur",
                                        ""};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)remove(in_folder(names[i]));
    talloc_free(context);
    return 0;
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int take(void *userdata, const char *bytes, size_t length)
{
    (void)userdata;
    if (answer == 0)
        seen = talloc_asprintf_append(seen, "%.*s|", (int)(length < 40 ? length : 40), bytes);
    return answer;
}

static size_t read_all(size_t limit, int expected)
{
    size_t count;
    assert_int_equal(maildir_read(context, folder, limit, take, NULL, &count), expected);
    return count;
}

static void each_mail_is_read_once_in_order_and_kept(void **state)
{
    (void)state;
    put("new/b", "second");
    put("new/a", "first");
    put("new/c", "third");
    assert_int_equal(read_all(2, 0), 2);
    assert_string_equal(seen, "first|second|");
    assert_int_equal(read_all(10, 0), 1);
    assert_int_equal(read_all(10, 0), 0);
    assert_string_equal(seen, "first|second|third|");
    assert_int_equal(access(in_folder("cur/a:2,S"), F_OK), 0);
}

static void a_failure_of_ours_leaves_the_mail_for_the_next_time(void **state)
{
    (void)state;
    put("new/a", "first");
    answer = -EIO;
    assert_int_equal(read_all(10, -EIO), 0);
    answer = 0;
    assert_int_equal(read_all(10, 0), 1);
}

static void links_pipes_and_folders_are_not_read(void **state)
{
    (void)state;
    put("secret", "secret");
    assert_int_equal(symlink(in_folder("secret"), in_folder("new/link")), 0);
    assert_int_equal(mkfifo(in_folder("new/pipe"), 0600), 0);
    assert_int_equal(mkdir(in_folder("new/folder"), 0700), 0);
    assert_int_equal(read_all(10, 0), 0);
    assert_string_equal(seen, "");
    assert_int_equal(read_all(10, 0), 0);
}

static void a_huge_mail_is_read_to_its_limit(void **state)
{
    (void)state;
    int fd = open(in_folder("new/big"), O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)(100 * MAILDIR_BYTES_MAX)) == 0);
    close(fd);
    assert_int_equal(read_all(10, 0), 1);
}

static void what_is_no_maildir_is_said(void **state)
{
    size_t count;
    (void)state;
    assert_int_equal(maildir_read(context, in_folder("nowhere"), 1, take, NULL, &count), -ENOENT);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(each_mail_is_read_once_in_order_and_kept),
        FRESH(a_failure_of_ours_leaves_the_mail_for_the_next_time),
        FRESH(links_pipes_and_folders_are_not_read),
        FRESH(a_huge_mail_is_read_to_its_limit),
        FRESH(what_is_no_maildir_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
