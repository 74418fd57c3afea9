/* Opening: the lock first, then the database with WAL and synchronous FULL. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/sqlite.h"

#define BUSY_TIMEOUT_MSEC 5000

static int make_directory(const char *path, struct problems *problems)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    int error = errno;
    problems_add(problems, path, 0, 0, "a state directory that this user can make",
                 "cannot be made: %s", strerror(error));
    return -error;
}

/* The lock is the kernel's: it goes with the process, so a kill leaves nothing stale. */
static int take_lock(struct store *store, const char *path, struct problems *problems,
                     int *ret_owner_pid)
{
    const char *file = memory_printf(store, "%s/lock", path);
    char text[32] = "";
    store->lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock < 0) {
        int error = errno;
        problems_add(problems, file, 0, 0, "a state directory that this user can write",
                     "cannot be opened: %s", strerror(error));
        return -error;
    }
    if (flock(store->lock, LOCK_EX | LOCK_NB) < 0) {
        ssize_t n = pread(store->lock, text, sizeof(text) - 1, 0);
        *ret_owner_pid = n > 0 ? atoi(text) : 0;
        return -EBUSY;
    }
    int length = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    if (ftruncate(store->lock, 0) < 0 || pwrite(store->lock, text, (size_t)length, 0) != length)
        return -EIO;
    return 0;
}

static int read_version(struct store *store, int *ret_version)
{
    sqlite3_stmt *statement;
    int r = sqlite_prepare(store, "pragma user_version", &statement);
    if (r < 0)
        return r;
    r = sqlite_step(store, statement);
    if (r > 0)
        *ret_version = sqlite3_column_int(statement, 0);
    sqlite3_reset(statement);
    return r < 0 ? r : 0;
}

static int make_schema(struct store *store)
{
    int version = 0;
    int r = read_version(store, &version);
    if (r < 0 || version == STORE_SCHEMA_VERSION)
        return r;
    if (version > STORE_SCHEMA_VERSION)
        return -EPROTO;
    int result = sqlite3_exec(store->database, "begin immediate", NULL, NULL, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(store->database, store_schema, NULL, NULL, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(store->database, "pragma user_version = 1; commit", NULL, NULL, NULL);
    return sqlite_errno(store, result);
}

static int open_database(struct store *store, const char *file)
{
    static const char settings[] = "pragma journal_mode = wal; pragma synchronous = full;"
                                   "pragma mmap_size = 0; pragma secure_delete = on;"
                                   "pragma wal_autocheckpoint = 1000; pragma temp_store = memory;"
                                   "pragma journal_size_limit = 33554432";
    int result =
        sqlite3_open_v2(file, &store->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_busy_timeout(store->database, BUSY_TIMEOUT_MSEC);
    if (result == SQLITE_OK)
        result = sqlite3_exec(store->database, settings, NULL, NULL, NULL);
    return result == SQLITE_OK ? make_schema(store) : sqlite_errno(store, result);
}

static int store_destroy(struct store *store)
{
    for (struct prepared *p = store->prepared; p != NULL; p = p->hh.next)
        sqlite3_finalize(p->statement);
    HASH_CLEAR(hh, store->prepared);
    sqlite3_close(store->database);
    if (store->lock >= 0)
        close(store->lock);
    return 0;
}

int store_open(TALLOC_CTX *context, const char *path, struct problems *problems, int *ret_owner_pid,
               struct store **ret_store)
{
    struct store *store = memory_new(context, struct store);
    bool scratch = strcmp(path, ":memory:") == 0;
    char *file = memory_text(store, path);
    int r = 0;
    store->lock = -1;
    talloc_set_destructor(store, store_destroy);
    if (!scratch) {
        file = memory_must(talloc_strdup_append(file, "/noroshi.db"));
        r = make_directory(path, problems);
        if (r >= 0)
            r = take_lock(store, path, problems, ret_owner_pid);
    }
    mode_t before = umask(0077);
    if (r >= 0)
        r = open_database(store, file);
    umask(before);
    if (r < 0 && store->database != NULL)
        problems_add(problems, file, 0, 0, r == -EPROTO ? "a newer version of Noroshi" : NULL,
                     "the store cannot be opened: %s",
                     r == -EPROTO ? "its schema is newer than this program"
                                  : sqlite3_errmsg(store->database));
    if (r < 0) {
        talloc_free(store);
        return r;
    }
    *ret_store = store;
    return 0;
}

void store_close(struct store *store)
{
    talloc_free(store);
}

bool store_writable(struct store *store)
{
    /* Committed on purpose: a full disk shows only then. */
    return sqlite_run(store, "insert or replace into fact values ('writable', '1')", "") >= 0;
}
