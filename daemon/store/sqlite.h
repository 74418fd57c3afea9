/* The SQLite store from inside: one connection, its prepared statements, and short ways to bind and
 * read. Only for store/. */
#pragma once

#include <sqlite3.h>
#include <uthash.h>

#include "store/sqlite_overlay.h"
#include "store/store.h"

struct prepared {
    const char *sql; /* a literal, never freed; the key */
    sqlite3_stmt *statement;
    UT_hash_handle hh;
};
struct tally_change {
    int64_t alert;
    int channel, state;
    int64_t by;
};
struct store {
    sqlite3 *database;
    const char *file;        /* of the database; NULL: in memory only, or only read */
    struct overlay *overlay; /* detached: what stands in memory (emergency.h); else NULL */
    struct prepared *prepared;
    int lock;
    bool in_transaction;
    bool forget;                /* an address was deleted: the log is cut after the commit */
    struct tally_change *tally; /* of the transaction that runs; written before it commits */
    size_t tally_count;
    bool failed;            /* an fsync failed: nothing is promised any more */
    int fault, fault_errno; /* SQLite's and the system's, of the last write that failed; 0 none */
};

/* SQLite's result as 0 or negative errno. */
int sqlite_errno(const struct store *store, int result);

/* A prepared statement, reset and ready to bind; `sql` is a string literal. */
__attribute__((warn_unused_result)) int sqlite_prepare(struct store *store, const char *sql,
                                                       sqlite3_stmt **ret_statement);
/* Binds by a format: 's' const char * (NULL is SQL NULL), 'i' int, 'I' int64_t, 'b' const void * +
 * size_t. */
void sqlite_bind(sqlite3_stmt *statement, const char *format, ...);
/* Steps once: 1 a row, 0 done, negative errno. Resets when done or failed. */
__attribute__((warn_unused_result)) int sqlite_step(struct store *store, sqlite3_stmt *statement);
/* Prepares, binds, runs to the end. `format` and what follows as in sqlite_bind. */
__attribute__((warn_unused_result)) int sqlite_run(struct store *store, const char *sql,
                                                   const char *format, ...);
/* Binds a statement that is prepared already, for rows one after the other, and runs it to the
 * end. */
__attribute__((warn_unused_result)) int sqlite_again(struct store *store, sqlite3_stmt *statement,
                                                     const char *format, ...);
/* One number of one row; `otherwise` when there is no row. `format` and what follows bind. */
__attribute__((warn_unused_result)) int sqlite_number(struct store *store, const char *sql,
                                                      int64_t otherwise, int64_t *ret_number,
                                                      const char *format, ...);
/* Column texts; NULL stays NULL. */
const char *sqlite_text(TALLOC_CTX *context, sqlite3_stmt *statement, int column);
json_t *sqlite_json(sqlite3_stmt *statement, int column);

/* The result of a statement, -EPERM when a check or a trigger refused the row. */
int sqlite_rule(const struct store *store, int result);

/* Notes why the last statement failed (store_fault). After a failed fsync, whose pages the kernel
 * may have dropped, everything is -EIO from then on. */
void sqlite_note(struct store *store);
/* Writes the log back; the only place that does. Errors other than fsync's wait for the next
 * time: the log just grows. */
void sqlite_checkpoint(struct store *store, int mode);

/* Gives the log its blocks ahead of the commits. A disk without room for them is no error; a failed
 * sync is final, as any. */
void sqlite_lay_out_log(struct store *store);

/* Begins when no transaction runs; *ret_mine says whether this call did, and then it must end it.
 */
__attribute__((warn_unused_result)) int sqlite_join(struct store *store, bool *ret_mine);
/* Commits or, when `result` is negative, rolls back what sqlite_join began; returns the result. */
__attribute__((warn_unused_result)) int sqlite_leave(struct store *store, bool mine, int result);

/* Counts a change of the tally; it is written with the transaction. */
void sqlite_tally(struct store *store, int64_t alert, int channel, int state, int64_t by);
void sqlite_tally_move(struct store *store, int64_t alert, int channel, int from, int to);
__attribute__((warn_unused_result)) int sqlite_tally_write(struct store *store);

/* Priority of a delivery, see schema_numbers.c. */
#define PRIORITY_DRILL  16
#define PRIORITY_URGENT 3 /* the last that is urgent */
#define PRIORITY_LAST   31
/* next_at of a delivery that a restored copy holds back. */
#define HELD_AT INT64_MAX

/* Opens store->file, detached when there is an overlay, and brings its schema up to date. */
__attribute__((warn_unused_result)) int sqlite_open(struct store *store);
/* The same with a new overlay, whatever was open before. */
__attribute__((warn_unused_result)) int sqlite_open_detached(struct store *store);

/* Opens another database file as a store, without taking a lock: a copy nobody else knows yet. */
__attribute__((warn_unused_result)) int sqlite_open_copy(TALLOC_CTX *context, const char *file,
                                                         struct store **ret_store);
