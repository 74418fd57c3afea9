/* Copies of a store in use, and what a restored copy holds back (H-10).
 *
 * All pages are copied in one read transaction: what is written meanwhile stays in the log and out
 * of the copy. The hold is in the copy itself: next_at of its open deliveries lies at the end of
 * time. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/sqlite.h"

/* Addresses are inside: nobody else may read it, from the first moment. */
static int make_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

static int hold_all(struct store *copy)
{
    size_t again;
    int r = store_begin(copy);
    if (r < 0)
        return r;
    r = store_requeue_deliveries(copy, &again);
    if (r >= 0)
        r = sqlite_run(copy, "update delivery set next_at = ? where state in (0, 2)", "I", HELD_AT);
    if (r >= 0)
        r = sqlite_run(copy, "update fanout set held = 1 where done = 0", "");
    return sqlite_leave(copy, true, r);
}

static int mark_held(const char *file)
{
    struct store *copy;
    int r = sqlite_open_copy(NULL, file, &copy);
    if (r < 0)
        return r;
    r = hold_all(copy);
    store_close(copy);
    return r;
}

static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = fsync(fd) < 0 ? -errno : 0;
    close(fd);
    return r;
}

static int copy_pages(struct store *store, const char *file)
{
    sqlite3 *target = NULL;
    int result = sqlite3_open_v2(file, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_backup *copy =
        result == SQLITE_OK ? sqlite3_backup_init(target, "main", store->database, "main") : NULL;
    if (copy != NULL) {
        result = sqlite3_backup_step(copy, -1);
        sqlite3_backup_finish(copy);
    }
    sqlite3_close(target);
    if (result == SQLITE_DONE)
        return 0;
    return (result & 0xff) == SQLITE_FULL ? -ENOSPC : -EIO;
}

/* Appears under its name whole, and stays after a power cut. */
static int settle(TALLOC_CTX *scratch, const char *partial, const char *path)
{
    int r = mark_held(partial);
    if (r >= 0)
        r = sync_path(partial, O_RDONLY);
    if (r >= 0 && link(partial, path) < 0)
        r = -errno;
    if (r >= 0)
        r = sync_path(dirname(memory_text(scratch, path)), O_RDONLY | O_DIRECTORY);
    return r;
}

int store_backup(struct store *store, const char *path)
{
    TALLOC_CTX *scratch = talloc_new(store);
    const char *partial = memory_printf(scratch, "%s.partial", path);
    int r = access(path, F_OK) == 0 ? -EEXIST : make_file(partial);
    if (r >= 0) {
        r = copy_pages(store, partial);
        if (r >= 0)
            r = settle(scratch, partial, path);
        unlink(partial);
    }
    talloc_free(scratch);
    return r;
}

int store_count_held(struct store *store, int64_t *ret_count)
{
    return sqlite_number(store,
                         "select (select count(*) from delivery where state in (0, 2) and next_at ="
                         " ?1) + (select count(*) from fanout where held = 1)",
                         0, ret_count, "I", HELD_AT);
}

int store_release(struct store *store, usec_t now, int64_t *ret_count)
{
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = store_count_held(store, ret_count);
    if (r >= 0)
        r = sqlite_run(store,
                       "update delivery set next_at = ? where state in (0, 2) and next_at = ?",
                       "II", now, HELD_AT);
    if (r >= 0)
        r = sqlite_run(store, "update fanout set held = 0 where held = 1", "");
    return sqlite_leave(store, mine, r);
}
