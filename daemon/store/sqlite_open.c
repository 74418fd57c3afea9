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
#include "store/emergency.h"
#include "store/schema.h"
#include "store/sqlite.h"

#define BUSY_TIMEOUT_MSEC 5000
#define CHECKPOINT_PAGES  1000 /* 4 MiB of log */
#define PRAGMA_BYTES      32

static int make_directory(const char *path, struct problems *problems)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return 0;
    int error = errno;
    problems_add(problems, path, 0, 0, "a state directory that this user can make",
                 "cannot be made: %s", strerror(error));
    return -error;
}

/* Addresses and secrets are inside: nobody else may read them, also when the files came from a
 * backup. The log's files get the mode of the database. */
static int guard_files(const char *file, struct problems *problems)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    TALLOC_CTX *scratch = talloc_new(NULL);
    int r = 0;
    for (size_t i = 0; r >= 0 && i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        const char *name = memory_printf(scratch, "%s%s", file, suffixes[i]);
        if (chmod(name, 0600) == 0 || errno == ENOENT)
            continue;
        r = -errno;
        problems_add(problems, name, 0, 0, "a file of this user", "cannot be kept from others: %s",
                     strerror(-r));
    }
    talloc_free(scratch);
    return r;
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
    /* In place, so that a full disk takes it; and without the number the lock is one, too. */
    int length = snprintf(text, sizeof(text), "%-10d\n", (int)getpid());
    if (pwrite(store->lock, text, (size_t)length, 0) != length && errno != ENOSPC)
        return -EIO;
    return 0;
}

static int read_pragma(struct store *store, const char *sql, char ret_text[static PRAGMA_BYTES])
{
    sqlite3_stmt *statement;
    int r = sqlite_prepare(store, sql, &statement);
    if (r < 0)
        return r;
    r = sqlite_step(store, statement);
    if (r > 0)
        snprintf(ret_text, PRAGMA_BYTES, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_reset(statement);
    return r < 0 ? r : 0;
}

/* A setting that a file system or a build cannot give is left out without an error. */
static int check_settings(struct store *store, bool scratch, struct problems *problems)
{
    char journal[PRAGMA_BYTES] = "", synchronous[PRAGMA_BYTES] = "";
    int r = read_pragma(store, "pragma journal_mode", journal);
    if (r >= 0)
        r = read_pragma(store, "pragma synchronous", synchronous);
    if (r < 0)
        return r;
    if ((scratch || strcmp(journal, "wal") == 0) && strcmp(synchronous, "2") == 0)
        return 0;
    problems_add(problems, sqlite3_db_filename(store->database, "main"), 0, 0,
                 "a state directory on a local file system",
                 "the store cannot be made durable here: journal %s, synchronous %s", journal,
                 synchronous);
    return -ENOTSUP;
}

/* Written back by ourselves, so that a failed fsync is seen. */
static int after_commit(void *userdata, sqlite3 *database, const char *name, int pages)
{
    (void)database;
    (void)name;
    if (pages >= CHECKPOINT_PAGES)
        sqlite_checkpoint(userdata, SQLITE_CHECKPOINT_PASSIVE);
    return SQLITE_OK;
}

/* One step and its version, both or neither. */
static int take_step(struct store *store, size_t version)
{
    char settle[PRAGMA_BYTES * 2];
    snprintf(settle, sizeof(settle), "pragma user_version = %zu; commit", version + 1);
    int result = sqlite3_exec(store->database, "begin immediate", NULL, NULL, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(store->database, schema_steps[version].sql, NULL, NULL, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(store->database, settle, NULL, NULL, NULL);
    return sqlite_errno(store, result);
}

/* An older file learns to give pages back; once, since it is written anew for that. */
static int enable_vacuum(struct store *store)
{
    char text[PRAGMA_BYTES] = "";
    int r = read_pragma(store, "pragma auto_vacuum", text);
    if (r < 0 || strcmp(text, "2") == 0)
        return r;
    return sqlite_errno(store,
                        sqlite3_exec(store->database, "pragma auto_vacuum = incremental; vacuum",
                                     NULL, NULL, NULL));
}

static int make_schema(struct store *store)
{
    char text[PRAGMA_BYTES] = "";
    int r = read_pragma(store, "pragma user_version", text);
    size_t version = (size_t)atoi(text), before = version;
    if (r < 0 || version == schema_step_count)
        return r;
    if (version > schema_step_count)
        return -EPROTO;
    for (; r >= 0 && version < schema_step_count; version++)
        r = take_step(store, version);
    if (r >= 0 && before > 0)
        r = enable_vacuum(store);
    return r;
}

int sqlite_open(struct store *store)
{
    /* Of one process alone when detached: the log's index is a file otherwise. */
    static const char alone[] = "pragma locking_mode = exclusive";
    static const char settings[] = "pragma auto_vacuum = incremental;"
                                   "pragma journal_mode = wal; pragma synchronous = full;"
                                   "pragma mmap_size = 0; pragma secure_delete = on;"
                                   "pragma temp_store = memory; pragma cache_size = -4096;"
                                   "pragma journal_size_limit = 33554432";
    bool detached = store->overlay != NULL;
    int result = sqlite3_open_v2(store->file != NULL ? store->file : ":memory:", &store->database,
                                 SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                                 detached ? overlay_name(store->overlay) : NULL);
    if (result == SQLITE_OK)
        result = sqlite3_busy_timeout(store->database, BUSY_TIMEOUT_MSEC);
    if (result == SQLITE_OK && detached)
        result = sqlite3_exec(store->database, alone, NULL, NULL, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_exec(store->database, settings, NULL, NULL, NULL);
    if (result == SQLITE_OK) {
        sqlite3_wal_hook(store->database, after_commit, store);
        return make_schema(store);
    }
    sqlite_note(store);
    return sqlite_errno(store, result);
}

static int store_destroy(struct store *store)
{
    /* Closing writes the log back and syncs: not once a sync has failed. */
    if (store->failed || store->overlay != NULL)
        sqlite3_db_config(store->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    for (struct prepared *p = store->prepared; p != NULL; p = p->hh.next)
        sqlite3_finalize(p->statement);
    HASH_CLEAR(hh, store->prepared);
    sqlite3_close(store->database);
    TALLOC_FREE(store->overlay);
    if (store->lock >= 0)
        close(store->lock);
    return 0;
}

int sqlite_open_copy(TALLOC_CTX *context, const char *file, struct store **ret_store)
{
    struct store *store = memory_new(context, struct store);
    store->lock = -1;
    store->file = memory_text(store, file);
    talloc_set_destructor(store, store_destroy);
    int r = sqlite_open(store);
    if (r < 0) {
        talloc_free(store);
        return r;
    }
    *ret_store = store;
    return 0;
}

/* With no room for the log and its index it is opened in memory (emergency.h). */
static int open_anyhow(struct store *store)
{
    int64_t reserve;
    int r = sqlite_open(store);
    if (r >= 0 || store->file == NULL || access(store->file, F_OK) < 0)
        return r;
    bool full = r == -ENOSPC || sqlite3_system_errno(store->database) == ENOSPC;
    return full || store_low(store, &reserve) ? sqlite_open_detached(store) : r;
}

static void explain(const struct store *store, const char *file, int error,
                    struct problems *problems)
{
    const char *why = store->database != NULL ? sqlite3_errmsg(store->database) : strerror(-error);
    problems_add(problems, file, 0, 0, error == -EPROTO ? "a newer version of Noroshi" : NULL,
                 "the store cannot be opened: %s",
                 error == -EPROTO ? "its schema is newer than this program" : why);
}

int store_open(TALLOC_CTX *context, const char *path, struct problems *problems, int *ret_owner_pid,
               struct store **ret_store)
{
    struct store *store = memory_new(context, struct store);
    bool scratch = strcmp(path, ":memory:") == 0;
    const char *file = scratch ? path : memory_printf(store, "%s/noroshi.db", path);
    size_t errors = problems->errors;
    int r = 0;
    store->lock = -1;
    talloc_set_destructor(store, store_destroy);
    if (!scratch) {
        store->file = file;
        r = make_directory(path, problems);
        if (r >= 0)
            r = take_lock(store, path, problems, ret_owner_pid);
        if (r >= 0)
            r = guard_files(file, problems);
    }
    mode_t before = umask(0077);
    if (r >= 0)
        r = open_anyhow(store);
    umask(before);
    if (r >= 0)
        r = check_settings(store, scratch, problems);
    if (r >= 0)
        sqlite_lay_out_log(store);
    if (r >= 0 && store->failed)
        r = -EIO;
    if (r < 0 && r != -EBUSY && problems->errors == errors)
        explain(store, file, r, problems);
    if (r < 0) {
        talloc_free(store);
        return r;
    }
    *ret_store = store;
    return 0;
}

int store_open_reader(TALLOC_CTX *context, const char *path, struct problems *problems,
                      struct store **ret_store)
{
    struct store *store = memory_new(context, struct store);
    const char *file = memory_printf(store, "%s/noroshi.db", path);
    char version[PRAGMA_BYTES] = "";
    store->lock = -1;
    talloc_set_destructor(store, store_destroy);
    int r = access(file, F_OK) < 0 ? -errno : 0;
    if (r >= 0)
        r = sqlite_errno(store, sqlite3_open_v2(file, &store->database,
                                                SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL));
    if (r >= 0)
        r = sqlite_errno(store, sqlite3_busy_timeout(store->database, BUSY_TIMEOUT_MSEC));
    if (r >= 0)
        r = read_pragma(store, "pragma user_version", version);
    if (r >= 0 && (size_t)atoi(version) != schema_step_count)
        r = -EPROTO;
    if (r < 0) {
        problems_add(problems, file, 0, 0, NULL, "the store cannot be read: %s",
                     r == -EPROTO ? "its schema is another one than this program's" : strerror(-r));
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

int store_try(struct store *store)
{
    /* Committed on purpose: a full disk shows only then. */
    return store->overlay != NULL
               ? -ENOSPC
               : sqlite_run(store, "insert or replace into fact values ('writable', '1')", "");
}

const char *store_fault(TALLOC_CTX *context, const struct store *store)
{
    const char *name = strerrorname_np(store->fault_errno);
    if (store->fault == 0)
        return NULL;
    return memory_printf(
        context, "%s: %s (%d), %s: %s",
        store->file != NULL ? store->file : ":memory:", sqlite3_errstr(store->fault), store->fault,
        name != NULL ? name : "?", strerror(store->fault_errno));
}
