/* What happens when the disk fails, and what must never be lost or kept silently. A shim around
 * SQLite's own file system counts syncs and lets chosen ones fail. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <sqlite3.h>
#include "fixture.h"
#include "numbers.h"
#include "store/emergency.h"

/* ---- the shim ---- */

struct shim_file {
    sqlite3_file base;
    int kind; /* SQLITE_OPEN_MAIN_DB or SQLITE_OPEN_WAL */
    const sqlite3_io_methods *real;
};

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    sqlite3_io_methods database, log; /* the log's file has no shared memory of its own */
    int fail_sync;                    /* of files of this kind; 0 none */
    int fail_write;                   /* SQLITE_FULL for all; 0 none */
    int fail_index;                   /* the log's index cannot grow; 0 none */
    int syncs, failed_syncs;
} shim;

/* The real file stands behind ours in the same block, as SQLite's own shims do it. */
static struct shim_file *ours(sqlite3_file *file)
{
    return (struct shim_file *)((char *)file + shim.real->szOsFile);
}

static int sync_file(sqlite3_file *file, int flags)
{
    struct shim_file *own = ours(file);
    shim.syncs++;
    if (shim.fail_sync != 0 && own->kind == shim.fail_sync) {
        shim.failed_syncs++;
        return SQLITE_IOERR_FSYNC;
    }
    return own->real->xSync(file, flags);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    if (shim.fail_write != 0)
        return SQLITE_FULL;
    return ours(file)->real->xWrite(file, bytes, count, offset);
}

static int map_index(sqlite3_file *file, int region, int size, int extend, void volatile **ret_map)
{
    if (shim.fail_index != 0) {
        errno = ENOSPC;
        return SQLITE_IOERR_SHMSIZE;
    }
    return ours(file)->real->xShmMap(file, region, size, extend, ret_map);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    (void)vfs;
    int r = shim.real->xOpen(shim.real, name, file, flags, ret_flags);
    if (r != SQLITE_OK || (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL)) == 0)
        return r;
    struct shim_file *own = ours(file);
    own->kind = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL);
    own->real = file->pMethods;
    sqlite3_io_methods *methods = own->kind == SQLITE_OPEN_WAL ? &shim.log : &shim.database;
    *methods = *own->real;
    methods->xSync = sync_file;
    methods->xWrite = write_file;
    if (own->kind == SQLITE_OPEN_MAIN_DB)
        methods->xShmMap = map_index;
    file->pMethods = methods;
    return r;
}

static void shim_register(void)
{
    shim.real = sqlite3_vfs_find(NULL);
    shim.vfs = *shim.real;
    shim.vfs.zName = "shim";
    shim.vfs.pNext = NULL;
    shim.vfs.szOsFile = shim.real->szOsFile + (int)sizeof(struct shim_file);
    shim.vfs.xOpen = open_file;
    assert_int_equal(sqlite3_vfs_register(&shim.vfs, 1), SQLITE_OK);
}

/* ---- a store in a folder ---- */

static char *folder;

static void reopen(void)
{
    int owner = 0;
    assert_int_equal(store_open(context, folder, problems_new(context), &owner, &store), 0);
}

static int make_folder(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    folder = memory_text(context, "/tmp/noroshi-store-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    shim.fail_sync = shim.fail_write = shim.fail_index = shim.syncs = shim.failed_syncs = 0;
    reopen();
    return 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"noroshi.db", "noroshi.db-wal", "noroshi.db-shm", "lock"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(memory_printf(context, "%s/%s", folder, names[i]));
    rmdir(folder);
    talloc_free(context);
    return 0;
}

static const char *fact(const char *name)
{
    const char *value = NULL;
    assert_int_equal(store_get_fact(store, context, name, &value), 0);
    return value;
}

static int put_large(int number)
{
    static const char body[100 * 1024];
    bool fresh;
    const struct store_telegram telegram = {.id = memory_printf(context, "t%d", number),
                                            .body = body,
                                            .body_length = sizeof(body),
                                            .received_at = 1};
    return store_put_telegram(store, &telegram, &fresh);
}

/* Enough to have the log written back at least once. */
static int put_much(void)
{
    int r = 0;
    for (int i = 0; r == 0 && i < 80; i++)
        r = put_large(i);
    return r;
}

/* ---- tests ---- */

static void every_commit_is_synced_before_it_is_promised(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        int before = shim.syncs;
        assert_int_equal(store_put_fact(store, "n", memory_printf(context, "%d", i)), 0);
        assert_true(shim.syncs > before);
    }
    store_close(store);
}

static void a_failed_sync_is_final(void **state)
{
    const char *value = "untouched";
    (void)state;
    assert_int_equal(store_put_fact(store, "kept", "1"), 0);
    shim.fail_sync = SQLITE_OPEN_WAL;
    assert_int_equal(store_put_fact(store, "lost", "1"), -EIO);
    int syncs = shim.syncs;
    shim.fail_sync = 0;
    assert_int_equal(store_put_fact(store, "later", "1"), -EIO);
    assert_int_equal(store_get_fact(store, context, "kept", &value), -EIO);
    assert_int_equal(store_begin(store), -EIO);
    assert_true(store_try(store) < 0);
    same_text(value, "untouched");
    store_close(store);
    assert_int_equal(shim.syncs, syncs);
    assert_int_equal(shim.failed_syncs, 1);
    /* A new process believes the disk, and nothing but the disk. */
    reopen();
    same_text(fact("kept"), "1");
    assert_null(fact("later"));
    store_close(store);
}

static void a_failed_sync_inside_a_transaction_is_final_too(void **state)
{
    (void)state;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_fact(store, "lost", "1"), 0);
    shim.fail_sync = SQLITE_OPEN_WAL;
    assert_int_equal(store_commit(store), -EIO);
    store_rollback(store);
    shim.fail_sync = 0;
    assert_int_equal(store_begin(store), -EIO);
    store_close(store);
    assert_int_equal(shim.failed_syncs, 1);
}

static void a_failed_sync_while_the_log_is_written_back_is_seen(void **state)
{
    (void)state;
    shim.fail_sync = SQLITE_OPEN_MAIN_DB;
    assert_int_equal(put_much(), -EIO);
    assert_int_equal(shim.failed_syncs, 1);
    shim.fail_sync = 0;
    int syncs = shim.syncs;
    store_close(store);
    assert_int_equal(shim.syncs, syncs);
    reopen();
    assert_int_equal(store_put_fact(store, "again", "1"), 0);
    store_close(store);
}

static void the_log_is_written_back_and_stays_small(void **state)
{
    struct stat log;
    (void)state;
    for (int i = 0; i < 300; i++)
        assert_int_equal(put_large(i), 0);
    assert_int_equal(stat(memory_printf(context, "%s/noroshi.db-wal", folder), &log), 0);
    assert_in_range(log.st_size, 1, 8 * 1024 * 1024);
    store_close(store);
}

static void a_full_disk_refuses_and_works_again_when_there_is_room(void **state)
{
    (void)state;
    assert_int_equal(store_put_fact(store, "before", "1"), 0);
    shim.fail_write = 1;
    assert_int_equal(store_put_fact(store, "full", "1"), -ENOSPC);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_put_fact(store, "full", "1"), 0);
    assert_int_equal(store_commit(store), -ENOSPC);
    store_rollback(store);
    assert_true(store_try(store) < 0);
    shim.fail_write = 0;
    assert_int_equal(store_try(store), 0);
    same_text(fact("before"), "1");
    assert_null(fact("full"));
    store_close(store);
}

static void detach_on_a_full_disk(void)
{
    assert_int_equal(store_put_fact(store, "before", "1"), 0);
    shim.fail_write = 1;
    assert_int_equal(store_put_fact(store, "full", "1"), -ENOSPC);
    assert_non_null(strstr(store_fault(context, store), "noroshi.db: "));
    assert_non_null(strstr(store_fault(context, store), "ENOSPC"));
    assert_false(store_detached(store));
    assert_int_equal(store_detach(store), 0);
    assert_true(store_detached(store));
}

static void a_full_disk_is_gone_on_with_in_memory_until_there_is_room(void **state)
{
    (void)state;
    detach_on_a_full_disk();
    same_text(fact("before"), "1");
    assert_null(fact("full"));
    int syncs = shim.syncs;
    assert_int_equal(store_put_fact(store, "told", "1"), 0);
    assert_int_equal(put_much(), 0);
    same_text(fact("told"), "1");
    assert_int_equal(shim.syncs, syncs);
    same_text(store_refusal(context, store), "the disk is full: nothing can be kept");
    assert_int_equal(store_try(store), -ENOSPC);
    assert_int_equal(store_attach(store), -ENOSPC);
    assert_true(store_detached(store));
    same_text(fact("told"), "1");
    shim.fail_write = 0;
    assert_int_equal(store_attach(store), 0);
    assert_false(store_detached(store));
    assert_true(shim.syncs > syncs);
    same_text(fact("told"), "1");
    assert_int_equal(store_try(store), 0);
    store_close(store);
    reopen();
    same_text(fact("told"), "1");
    assert_int_equal(put_large(1000), 0);
    store_close(store);
}

static void what_stands_in_memory_goes_with_the_process(void **state)
{
    (void)state;
    detach_on_a_full_disk();
    assert_int_equal(store_put_fact(store, "told", "1"), 0);
    store_close(store);
    shim.fail_write = 0;
    reopen();
    same_text(fact("before"), "1");
    assert_null(fact("told"));
    store_close(store);
}

static void a_failed_sync_while_it_is_put_back_is_final(void **state)
{
    (void)state;
    detach_on_a_full_disk();
    assert_int_equal(store_put_fact(store, "told", "1"), 0);
    shim.fail_write = 0;
    shim.fail_sync = SQLITE_OPEN_WAL;
    assert_int_equal(store_attach(store), -EIO);
    shim.fail_sync = 0;
    assert_int_equal(store_put_fact(store, "later", "1"), -EIO);
    assert_int_equal(store_attach(store), -EIO);
    assert_int_equal(shim.failed_syncs, 1);
    store_close(store);
}

static void a_store_is_opened_on_a_full_disk(void **state)
{
    (void)state;
    assert_int_equal(store_put_fact(store, "before", "1"), 0);
    store_close(store);
    shim.fail_write = shim.fail_index = 1;
    reopen();
    assert_true(store_detached(store));
    same_text(fact("before"), "1");
    assert_int_equal(store_put_fact(store, "told", "1"), 0);
    shim.fail_write = shim.fail_index = 0;
    assert_int_equal(store_attach(store), 0);
    same_text(fact("told"), "1");
    store_close(store);
}

static void files_from_a_backup_are_kept_from_others(void **state)
{
    struct stat status;
    (void)state;
    const char *file = memory_printf(context, "%s/noroshi.db", folder);
    store_close(store);
    assert_int_equal(chmod(file, 0644), 0);
    reopen();
    assert_int_equal(stat(file, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    store_close(store);
}

static bool holds(const char *name, const char *word)
{
    static char bytes[1024 * 1024];
    int file = open(memory_printf(context, "%s/%s", folder, name), O_RDONLY);
    ssize_t length = file >= 0 ? read(file, bytes, sizeof(bytes)) : 0;
    if (file >= 0)
        close(file);
    return length > 0 && memmem(bytes, (size_t)length, word, strlen(word)) != NULL;
}

static void who_leaves_in_a_larger_transaction_is_forgotten_too(void **state)
{
    const struct store_subscriber row = {
        .id = "s",
        .address = "someone@gone.example",
        .profile = {.channel = "email", .languages = "en", .areas = "jp", .hazards = "all"},
        .created_at = 1};
    bool new_profile;
    (void)state;
    assert_int_equal(store_put_subscriber(store, &row, &new_profile), 0);
    assert_true(holds("noroshi.db-wal", "gone.example"));
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_remove_subscriber(store, "s", 2), 0);
    assert_int_equal(store_commit(store), 0);
    assert_false(holds("noroshi.db-wal", "gone.example"));
    assert_false(holds("noroshi.db", "gone.example"));
    store_close(store);
}

static void a_row_without_what_it_needs_is_refused_and_not_overlooked(void **state)
{
    const struct store_message message = {.id = "m", .alert = 1};
    const struct store_entry entry = {.id = "e"};
    bool fresh = true;
    int64_t number = 7;
    (void)state;
    assert_int_equal(store_begin_fanout(store, "nobody knows it", 1, NULL, &fresh, &number),
                     -ENOENT);
    assert_int_equal(store_put_message(store, &message, &number), -EINVAL);
    assert_int_equal(store_add_entry(store, &entry, &fresh), -EINVAL);
    assert_true(fresh);
}

static void put_told(int64_t alert)
{
    struct store_claim *claims;
    struct store_delivery row = row_of(alert, "s", 10);
    add_row(row);
    assert_int_equal(store_move_fanout(store, alert, INT64_MAX), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 1, &claims), 1);
    assert_int_equal(record_row(alert, row.subscriber, DELIVERY_DELIVERED), 0);
}

static bool is_told(void)
{
    struct store_listener listener = {.subscriber = put_person("s")};
    assert_int_equal(store_find_told(store, "event", INT64_MAX, &listener, 1), 0);
    return listener.told != 0;
}

static void retain_all(usec_t before)
{
    bool more = true;
    for (int i = 0; more && i < 100; i++)
        assert_int_equal(store_retain(store, before, 100, &more), 0);
    assert_false(more);
}

static void what_people_were_told_stays_while_the_event_goes_on(void **state)
{
    (void)state;
    put_told(tell_alert((struct story){.alert = "a", .created_at = 10, .expires = 500}));
    retain_all(100);
    assert_true(is_told());
    /* The end of it: nobody needs the beginning any more. */
    tell_alert((struct story){.alert = "b", .created_at = 300, .expires = 500, .over = true});
    retain_all(100);
    assert_false(is_told());
}

static void an_event_that_just_ran_out_does_not_keep_rows_for_ever(void **state)
{
    (void)state;
    put_told(tell_alert((struct story){.alert = "a", .created_at = 10, .expires = 50}));
    retain_all(100);
    assert_false(is_told());
}

static void a_tsunami_goes_before_thousands_that_wait(void **state)
{
    struct store_claim *claims;
    struct store_delivery row;
    (void)state;
    assert_int_equal(store_begin(store), 0);
    int64_t alert = tell_alert((struct story){.alert = "a"});
    for (int i = 0; i < 5000; i++) {
        row = row_of(alert, memory_printf(context, "w%d", i), 10);
        row.level = 2;
        add_row(row);
    }
    row = row_of(alert, "drill", 10);
    row.level = 5;
    row.drill = true;
    add_row(row);
    row = row_of(alert, "tsunami", 11);
    row.level = 5;
    add_row(row);
    assert_int_equal(store_commit(store), 0);
    assert_int_equal(claim_rows(CLASS_URGENT, 12, 64, &claims), 1);
    same_text(claims[0].delivery.subscriber_id, "tsunami");
    assert_int_equal(claim_rows(CLASS_ORDINARY, 12, 64, &claims), 64);
    for (size_t i = 0; i < 64; i++)
        same_text(claims[i].delivery.subscriber_id, memory_printf(context, "w%zu", i));
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(every_commit_is_synced_before_it_is_promised),
        IN_FOLDER(a_failed_sync_is_final),
        IN_FOLDER(a_failed_sync_inside_a_transaction_is_final_too),
        IN_FOLDER(a_failed_sync_while_the_log_is_written_back_is_seen),
        IN_FOLDER(the_log_is_written_back_and_stays_small),
        IN_FOLDER(a_full_disk_refuses_and_works_again_when_there_is_room),
        IN_FOLDER(a_full_disk_is_gone_on_with_in_memory_until_there_is_room),
        IN_FOLDER(what_stands_in_memory_goes_with_the_process),
        IN_FOLDER(a_failed_sync_while_it_is_put_back_is_final),
        IN_FOLDER(a_store_is_opened_on_a_full_disk),
        IN_FOLDER(files_from_a_backup_are_kept_from_others),
        IN_FOLDER(who_leaves_in_a_larger_transaction_is_forgotten_too),
        FRESH(a_row_without_what_it_needs_is_refused_and_not_overlooked),
        FRESH(what_people_were_told_stays_while_the_event_goes_on),
        FRESH(an_event_that_just_ran_out_does_not_keep_rows_for_ever),
        FRESH(a_tsunami_goes_before_thousands_that_wait),
    };
    shim_register();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
