/* Opening, the lock, the transaction, facts, and what a damaged or newer store says. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>
#include <sqlite3.h>
#include "fixture.h"

static char *folder;

static int make_folder(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    char *base = memory_text(context, "/tmp/noroshi-store-XXXXXX");
    if (mkdtemp(base) == NULL)
        return -1;
    folder = memory_printf(context, "%s/state", base);
    return 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"/noroshi.db", "/noroshi.db-wal", "/noroshi.db-shm",
                                        "/lock"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(memory_printf(context, "%s%s", folder, names[i]));
    rmdir(folder);
    *strrchr(folder, '/') = '\0';
    rmdir(folder);
    talloc_free(context);
    return 0;
}

static int open_folder(struct problems *problems, int *owner)
{
    return store_open(context, folder, problems, owner, &store);
}

static void must_open(void)
{
    int owner = 0;
    assert_int_equal(open_folder(problems_new(context), &owner), 0);
}

static mode_t mode_of(const char *name)
{
    struct stat status;
    assert_int_equal(stat(memory_printf(context, "%s%s", folder, name), &status), 0);
    return status.st_mode & 0777;
}

/* Runs SQL in the file behind the store's back. */
static void tamper(const char *sql)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(memory_printf(context, "%s/noroshi.db", folder), &database), 0);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void nobody_else_may_read_the_files(void **state)
{
    (void)state;
    must_open();
    assert_int_equal(store_put_fact(store, "a", "1"), 0);
    assert_int_equal(mode_of(""), 0700);
    assert_int_equal(mode_of("/noroshi.db"), 0600);
    assert_int_equal(mode_of("/noroshi.db-wal"), 0600);
    assert_int_equal(mode_of("/lock"), 0600);
    store_close(store);
}

static off_t log_size(void)
{
    struct stat status;
    assert_int_equal(stat(memory_printf(context, "%s/noroshi.db-wal", folder), &status), 0);
    return status.st_size;
}

static void the_log_has_its_blocks_ahead_of_the_commits(void **state)
{
    struct statvfs disk;
    const char *value = NULL;
    (void)state;
    must_open();
    assert_int_equal(statvfs(folder, &disk), 0);
    if (disk.f_bavail * disk.f_frsize < (unsigned long)512 * 1024 * 1024) {
        store_close(store);
        skip();
    }
    off_t size = log_size();
    assert_true(size >= 4 * 1024 * 1024);
    for (int i = 0; i < 100; i++)
        assert_int_equal(store_put_fact(store, memory_printf(context, "%d", i), "what is written"),
                         0);
    assert_int_equal(log_size(), size);
    /* Whoever is killed leaves the log as it is. */
    tamper("select 1");
    assert_int_equal(store_get_fact(store, context, "99", &value), 0);
    assert_string_equal(value, "what is written");
    store_close(store);
}

static void what_was_committed_is_there_again(void **state)
{
    const char *value = NULL;
    (void)state;
    must_open();
    assert_int_equal(store_put_fact(store, "first_start", "1"), 0);
    assert_int_equal(store_put_fact(store, "first_start", "2"), 0);
    store_close(store);
    must_open();
    assert_int_equal(store_get_fact(store, context, "first_start", &value), 0);
    same_text(value, "2");
    assert_int_equal(store_get_fact(store, context, "never", &value), 0);
    assert_null(value);
    store_close(store);
}

static void a_second_process_is_told_who_holds_the_lock(void **state)
{
    int status;
    (void)state;
    must_open();
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int owner = 0;
        struct problems *problems = problems_new(NULL);
        struct store *other = NULL;
        int r = store_open(NULL, folder, problems, &owner, &other);
        _exit(r == -EBUSY && owner == getppid() && other == NULL ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    store_close(store);
}

static void the_lock_goes_with_the_store(void **state)
{
    int owner = 0;
    struct store *first;
    (void)state;
    must_open();
    first = store;
    assert_int_equal(open_folder(problems_new(context), &owner), -EBUSY);
    assert_int_equal(owner, getpid());
    assert_ptr_equal(store, first);
    store_close(first);
    must_open();
    store_close(store);
}

static void a_newer_schema_is_refused(void **state)
{
    int owner = 0;
    struct problems *problems = problems_new(context);
    (void)state;
    must_open();
    store_close(store);
    tamper("pragma user_version = 99");
    assert_int_equal(open_folder(problems, &owner), -EPROTO);
    assert_int_equal(problems->count, 1);
}

static void a_file_that_is_no_database_is_refused(void **state)
{
    static const char text[] = "this is not a database, and long enough to have had a header "
                               "of a hundred bytes if it had been one of them after all";
    int owner = 0;
    struct problems *problems = problems_new(context);
    (void)state;
    assert_int_equal(mkdir(folder, 0700), 0);
    int file = open(memory_printf(context, "%s/noroshi.db", folder), O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(file, text, sizeof(text)), (ssize_t)sizeof(text));
    close(file);
    assert_int_equal(open_folder(problems, &owner), -EBADMSG);
    assert_int_equal(problems->count, 1);
}

static void a_directory_that_cannot_be_made_is_named(void **state)
{
    int owner = 0;
    struct problems *problems = problems_new(context);
    char *path = memory_printf(context, "%s/deeper/still", folder);
    (void)state;
    assert_int_equal(store_open(context, path, problems, &owner, &store), -ENOENT);
    assert_int_equal(problems->count, 1);
    assert_non_null(strstr(problem_text(context, &problems->items[0]), "No such file"));
}

static void what_was_rolled_back_never_happened(void **state)
{
    const char *value = "";
    (void)state;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_fact(store, "a", "1"), 0);
    store_rollback(store);
    assert_int_equal(store_get_fact(store, context, "a", &value), 0);
    assert_null(value);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_fact(store, "a", "2"), 0);
    assert_int_equal(store_commit(store), 0);
    store_rollback(store);
    assert_int_equal(store_get_fact(store, context, "a", &value), 0);
    same_text(value, "2");
}

static void a_kill_loses_what_was_not_committed_and_nothing_else(void **state)
{
    const char *value = NULL;
    int status;
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int owner = 0;
        struct store *mine = NULL;
        bool good = store_open(NULL, folder, problems_new(NULL), &owner, &mine) == 0 &&
                    store_put_fact(mine, "kept", "1") == 0 && store_begin(mine) == 0 &&
                    store_put_fact(mine, "lost", "1") == 0;
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    must_open();
    assert_int_equal(store_get_fact(store, context, "kept", &value), 0);
    same_text(value, "1");
    assert_int_equal(store_get_fact(store, context, "lost", &value), 0);
    assert_null(value);
    store_close(store);
}

static void a_store_says_whether_it_can_be_written(void **state)
{
    (void)state;
    must_open();
    assert_int_equal(store_try(store), 0);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_try(store), 0);
    assert_int_equal(store_commit(store), 0);
    tamper("drop table fact");
    assert_true(store_try(store) < 0);
    store_close(store);
    store_close(NULL);
}

static void a_store_on_a_full_disk_is_not_writable(void **state)
{
    struct rlimit before, little;
    (void)state;
    must_open();
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    little = before;
    little.rlim_cur = 1;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    bool writable = store_try(store) >= 0;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(writable);
    assert_int_equal(store_try(store), 0);
    store_close(store);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(nobody_else_may_read_the_files),
        IN_FOLDER(the_log_has_its_blocks_ahead_of_the_commits),
        IN_FOLDER(what_was_committed_is_there_again),
        IN_FOLDER(a_second_process_is_told_who_holds_the_lock),
        IN_FOLDER(the_lock_goes_with_the_store),
        IN_FOLDER(a_newer_schema_is_refused),
        IN_FOLDER(a_file_that_is_no_database_is_refused),
        IN_FOLDER(a_directory_that_cannot_be_made_is_named),
        FRESH(what_was_rolled_back_never_happened),
        IN_FOLDER(a_kill_loses_what_was_not_committed_and_nothing_else),
        IN_FOLDER(a_store_says_whether_it_can_be_written),
        IN_FOLDER(a_store_on_a_full_disk_is_not_writable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
