/* A store that goes on in memory while its disk is full.
 *
 * What the file holds is copied into memory and worked on there; when the disk takes something
 * again all pages go back in one transaction. The file itself is not touched in between, so a kill
 * leaves it as it was when the disk was full. */
#include <errno.h>

#include "base/memory.h"
#include "store/emergency.h"
#include "store/sqlite.h"

static int copy_all(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
    if (copy == NULL)
        return -EIO;
    int result = sqlite3_backup_step(copy, -1);
    sqlite3_backup_finish(copy);
    if (result == SQLITE_DONE)
        return 0;
    return (result & 0xff) == SQLITE_FULL ? -ENOSPC : -EIO;
}

/* Statements belong to the connection that they were prepared on. */
static void use(struct store *store, sqlite3 *database)
{
    struct prepared *p, *next;
    HASH_ITER(hh, store->prepared, p, next)
    {
        sqlite3_finalize(p->statement);
        HASH_DEL(store->prepared, p);
        talloc_free(p);
    }
    store->database = database;
}

static int too_large(struct store *store)
{
    int64_t bytes = 0;
    int r = sqlite_number(
        store, "select c.page_count * s.page_size from pragma_page_count c, pragma_page_size s", 0,
        &bytes, "");
    return r >= 0 && bytes > STORE_EMERGENCY_BYTES_MAX ? -EFBIG : r;
}

int store_detach(struct store *store)
{
    sqlite3 *memory = NULL;
    store_rollback(store);
    if (store->failed || store->disk != NULL)
        return -EIO;
    int r = too_large(store);
    if (r >= 0 && sqlite3_open_v2(":memory:", &memory, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                  NULL) != SQLITE_OK)
        r = -ENOMEM;
    if (r >= 0)
        r = copy_all(store->database, memory);
    if (r >= 0 && sqlite3_exec(memory, "pragma temp_store = memory", NULL, NULL, NULL) != SQLITE_OK)
        r = -EIO;
    if (r < 0) {
        sqlite3_close(memory);
        return r;
    }
    store->disk = store->database;
    use(store, memory);
    return 0;
}

bool store_detached(const struct store *store)
{
    return store->disk != NULL;
}

int store_attach(struct store *store)
{
    if (store->disk == NULL || store->in_transaction)
        return store->disk == NULL ? 0 : -EBUSY;
    int r = copy_all(store->database, store->disk);
    if (r < 0)
        return r;
    sqlite3 *memory = store->database, *disk = store->disk;
    store->disk = NULL;
    use(store, disk);
    sqlite3_close(memory);
    sqlite_checkpoint(store, SQLITE_CHECKPOINT_PASSIVE);
    return store->failed ? -EIO : 0;
}
