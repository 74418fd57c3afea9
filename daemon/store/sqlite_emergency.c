/* A store that goes on in memory while its disk is full.
 *
 * The database is opened anew with its log in memory (sqlite_overlay.h) and the log's index, too,
 * so that nothing is written. When there is room again the log is written out, and the database
 * opened as always. The files are not touched in between, so a kill leaves them as they were when
 * the disk was full. */
#include <errno.h>
#include <sys/statvfs.h>

#include "base/memory.h"
#include "store/emergency.h"
#include "store/sqlite.h"

/* Statements belong to the connection that they were prepared on. A checkpoint would write. */
static void close_database(struct store *store)
{
    struct prepared *p, *next;
    HASH_ITER(hh, store->prepared, p, next)
    {
        sqlite3_finalize(p->statement);
        HASH_DEL(store->prepared, p);
        talloc_free(p);
    }
    sqlite3_db_config(store->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(store->database);
    store->database = NULL;
    TALLOC_FREE(store->overlay);
}

int sqlite_open_detached(struct store *store)
{
    close_database(store);
    store->overlay = overlay_new(store, STORE_EMERGENCY_BYTES_MAX);
    return store->overlay != NULL ? sqlite_open(store) : -ENOMEM;
}

int store_detach(struct store *store)
{
    store_rollback(store);
    if (store->failed || store->overlay != NULL || store->file == NULL)
        return -EIO;
    int r = sqlite_open_detached(store);
    if (r >= 0)
        return 0;
    close_database(store);
    if (sqlite_open(store) < 0)
        store->failed = true;
    return store->failed ? -EIO : r;
}

bool store_detached(const struct store *store)
{
    return store->overlay != NULL;
}

/* Without the checkpoint that other closings make: what was just written is in the log. */
static int open_again(struct store *store)
{
    close_database(store);
    int r = sqlite_open(store);
    if (r < 0 && sqlite_open_detached(store) < 0) {
        store->failed = true;
        return -EIO;
    }
    return r < 0 ? -ENOSPC : 0;
}

int store_attach(struct store *store)
{
    int64_t reserve;
    if (store->failed)
        return -EIO;
    if (store->overlay == NULL || store->in_transaction)
        return store->overlay == NULL ? 0 : -EBUSY;
    if (store_low(store, &reserve))
        return -ENOSPC;
    int result = overlay_write_back(store->overlay);
    if ((result & 0xff) == SQLITE_FULL)
        return -ENOSPC;
    store->failed = result != SQLITE_OK;
    int r = store->failed ? -EIO : open_again(store);
    if (r < 0)
        return r;
    sqlite_checkpoint(store,
                      store->forget ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE);
    store->forget = false;
    return store->failed ? -EIO : 0;
}

bool store_low(const struct store *store, int64_t *ret_reserve)
{
    struct statvfs disk;
    if (store->file == NULL || statvfs(store->file, &disk) < 0)
        return false;
    int64_t unit = (int64_t)disk.f_frsize, reserve = (int64_t)disk.f_blocks / 20 * unit;
    *ret_reserve = reserve < STORE_RESERVE_BYTES_MAX ? reserve : STORE_RESERVE_BYTES_MAX;
    return (int64_t)disk.f_bavail * unit < *ret_reserve;
}

const char *store_refusal(TALLOC_CTX *context, const struct store *store)
{
    int64_t reserve;
    if (store->overlay != NULL)
        return "the disk is full: nothing can be kept";
    if (!store_low(store, &reserve))
        return NULL;
    return memory_printf(context,
                         "the disk is nearly full: less than the reserve of %lld KiB is free, and "
                         "only warnings are taken on",
                         (long long)(reserve / 1024));
}
