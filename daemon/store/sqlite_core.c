/* One connection: statements are prepared once and kept; errors become errno. */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite.h"

int sqlite_errno(const struct store *store, int result)
{
    switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return 0;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EBADMSG;
    case SQLITE_CONSTRAINT:
        result = sqlite3_extended_errcode(store->database);
        return result == SQLITE_CONSTRAINT_NOTNULL || result == SQLITE_CONSTRAINT_DATATYPE
                   ? -EINVAL
                   : -EEXIST;
    case SQLITE_IOERR:
        /* The log's index could not grow. */
        return sqlite3_extended_errcode(store->database) == SQLITE_IOERR_SHMSIZE ? -ENOSPC : -EIO;
    default:
        return -EIO;
    }
}

void sqlite_note(struct store *store)
{
    /* SQLite passes the system's on for some results only. */
    int system = errno, result = sqlite3_extended_errcode(store->database);
    store->fault = result;
    store->fault_errno = (result & 0xff) == SQLITE_FULL ? ENOSPC : system;
    if (result == SQLITE_IOERR_FSYNC || result == SQLITE_IOERR_DIR_FSYNC)
        store->failed = true;
}

void sqlite_checkpoint(struct store *store, int mode)
{
    if (!store->failed && store->overlay == NULL &&
        sqlite3_wal_checkpoint_v2(store->database, NULL, mode, NULL, NULL) != SQLITE_OK)
        sqlite_note(store);
}

int sqlite_prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement)
{
    struct prepared *found;
    /* After some errors SQLite rolls back by itself: what follows must not be taken alone. */
    bool broken = store->in_transaction && sqlite3_get_autocommit(store->database) != 0;
    if (store->failed || broken)
        return -EIO;
    HASH_FIND_STR(store->prepared, sql, found);
    if (found == NULL) {
        sqlite3_stmt *statement;
        int result = sqlite3_prepare_v3(store->database, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                        &statement, NULL);
        if (result != SQLITE_OK)
            return sqlite_errno(store, result);
        found = memory_new(store, struct prepared);
        found->sql = sql;
        found->statement = statement;
        HASH_ADD_KEYPTR(hh, store->prepared, found->sql, strlen(found->sql), found);
    }
    sqlite3_reset(found->statement);
    sqlite3_clear_bindings(found->statement);
    *ret_statement = found->statement;
    return 0;
}

static void bind_all(sqlite3_stmt *statement, const char *format, va_list values)
{
    for (int i = 0; format[i] != '\0'; i++) {
        if (format[i] == 's') {
            sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
        } else if (format[i] == 'i') {
            sqlite3_bind_int(statement, i + 1, va_arg(values, int));
        } else if (format[i] == 'I') {
            sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t));
        } else {
            const void *bytes = va_arg(values, const void *);
            size_t length = va_arg(values, size_t);
            sqlite3_bind_blob64(statement, i + 1, bytes, length, SQLITE_TRANSIENT);
        }
    }
}

void sqlite_bind(sqlite3_stmt *statement, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    bind_all(statement, format, values);
    va_end(values);
}

int sqlite_step(struct store *store, sqlite3_stmt *statement)
{
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        return 1;
    if (result != SQLITE_DONE)
        sqlite_note(store);
    int r = sqlite_errno(store, result);
    sqlite3_reset(statement);
    return r;
}

int sqlite_run(struct store *store, const char *sql, const char *format, ...)
{
    sqlite3_stmt *statement;
    int r = sqlite_prepare(store, sql, &statement);
    if (r < 0)
        return r;
    va_list values;
    va_start(values, format);
    bind_all(statement, format, values);
    va_end(values);
    do
        r = sqlite_step(store, statement);
    while (r > 0);
    return r;
}

int sqlite_again(struct store *store, sqlite3_stmt *statement, const char *format, ...)
{
    va_list values;
    int r;
    sqlite3_reset(statement);
    va_start(values, format);
    bind_all(statement, format, values);
    va_end(values);
    do
        r = sqlite_step(store, statement);
    while (r > 0);
    return r;
}

int sqlite_number(struct store *store, const char *sql, int64_t otherwise, int64_t *ret_number,
                  const char *format, ...)
{
    sqlite3_stmt *statement;
    int r = sqlite_prepare(store, sql, &statement);
    if (r < 0)
        return r;
    va_list values;
    va_start(values, format);
    bind_all(statement, format, values);
    va_end(values);
    r = sqlite_step(store, statement);
    if (r < 0)
        return r;
    *ret_number = r > 0 && sqlite3_column_type(statement, 0) != SQLITE_NULL
                      ? sqlite3_column_int64(statement, 0)
                      : otherwise;
    sqlite3_reset(statement);
    return 0;
}

const char *sqlite_text(TALLOC_CTX *context, sqlite3_stmt *statement, int column)
{
    return memory_text_or_null(context, (const char *)sqlite3_column_text(statement, column));
}

json_t *sqlite_json(sqlite3_stmt *statement, int column)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

static int execute(struct store *store, const char *sql)
{
    return sqlite_run(store, sql, "");
}

int store_begin(struct store *store)
{
    int r = execute(store, "begin immediate");
    if (r >= 0)
        store->in_transaction = true;
    return r;
}

int store_commit(struct store *store)
{
    int r = sqlite_tally_write(store);
    if (r >= 0)
        r = execute(store, "commit");
    if (r < 0)
        return r;
    store->in_transaction = false;
    if (store->forget) {
        sqlite_checkpoint(store, SQLITE_CHECKPOINT_TRUNCATE);
        sqlite_lay_out_log(store);
    }
    store->forget = store->forget && store->overlay != NULL;
    return 0;
}

void store_rollback(struct store *store)
{
    store->in_transaction = store->forget = false;
    store->tally_count = 0;
    /* A failed statement may have rolled back by itself. */
    if (sqlite3_get_autocommit(store->database) == 0 && execute(store, "rollback") < 0)
        return;
}

int sqlite_join(struct store *store, bool *ret_mine)
{
    *ret_mine = !store->in_transaction;
    return *ret_mine ? store_begin(store) : 0;
}

int sqlite_leave(struct store *store, bool mine, int result)
{
    if (!mine)
        return result;
    if (result >= 0)
        result = store_commit(store);
    if (result < 0)
        store_rollback(store);
    return result;
}
