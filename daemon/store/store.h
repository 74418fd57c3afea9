/* Everything that must survive: telegrams, feed entries, event states, alerts, messages,
 * deliveries, subscribers. One table of functions, back ends behind it (SQLite; PostgreSQL later).
 *
 * Does: keeps; hands out rows in small structs. Durable when a commit returned 0 (WAL, synchronous
 * FULL, R-1). Never: decides; assumes one process (correctness by unique keys), rowid order, or
 * that memory is the truth. Used by the desk thread and by the command line when no daemon runs.
 * Errors: 0 or negative errno; -EIO after a failed fsync is final: the caller ends the
 * process. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <jansson.h>
#include <talloc.h>
#include "base/clock.h"
#include "base/problem.h"
#include "store/delivery.h"
#include "store/maintain.h"
#include "store/receiver.h"
#include "store/subscriber.h"

struct store;

/* Opens or creates `path` (a directory: SQLite file noroshi.db in it plus the lock file; ":memory:"
 * scratch). Takes an flock; when another process holds it: -EBUSY and *ret_owner_pid (0 unknown).
 * An older schema is brought up to date; a newer one is -EPROTO. */
__attribute__((warn_unused_result)) int store_open(TALLOC_CTX *context, const char *path,
                                                   struct problems *problems, int *ret_owner_pid,
                                                   struct store **ret_store);
/* Opens an existing store for reading only, also while a daemon has it; for store_stats,
 * store_check and store_backup. -ENOENT when there is none; a schema that is not this program's is
 * -EPROTO. */
__attribute__((warn_unused_result)) int store_open_reader(TALLOC_CTX *context, const char *path,
                                                          struct problems *problems,
                                                          struct store **ret_store);
void store_close(struct store *store); /* NULL is fine; checkpoints */

/* One transaction at a time; everything between begin and commit happens or not. A function below
 * that is called outside makes its own. */
__attribute__((warn_unused_result)) int store_begin(struct store *store);
__attribute__((warn_unused_result)) int store_commit(struct store *store);
void store_rollback(struct store *store);

/* ---- feeds ---- */
struct store_feed {
    const char *name;                      /* "eqvol", "eqvol_l" … */
    const char *etag, *last_modified;      /* NULL none */
    usec_t newest_updated, oldest_updated; /* entries of the last good poll */
    usec_t last_success, last_attempt;     /* 200 or 304 */
    int failures;                          /* in a row */
    const char *last_error;                /* NULL none */
    int phase_seconds;                     /* learned second of the minute; -1 not yet */
};
__attribute__((warn_unused_result)) int store_get_feed(struct store *store, TALLOC_CTX *context,
                                                       const char *name,
                                                       struct store_feed *ret_feed);
__attribute__((warn_unused_result)) int store_put_feed(struct store *store,
                                                       const struct store_feed *feed);

/* Bytes moved to and from the feed server on a JST day ("2026-11-23"); add returns the new sum. */
__attribute__((warn_unused_result)) int store_add_traffic(struct store *store, const char *day,
                                                          int64_t bytes, int64_t *ret_sum);

/* ---- entries: telegrams to fetch ---- */
enum entry_state { ENTRY_WAITING, ENTRY_STORED, ENTRY_GIVEN_UP };
struct store_entry {
    const char *id, *url, *feed, *title, *content; /* id opaque */
    usec_t updated, first_seen;
    enum entry_state state;
    int attempts;
    usec_t next_at; /* wall time of the next try */
    bool announced; /* "details follow" alert was made from title and content */
    bool backlog;   /* seen on the first poll or after a gap */
    const char *last_error;
};
/* Adds when the id is new; *ret_new says so. Never changes an entry that is there. */
__attribute__((warn_unused_result)) int
store_add_entry(struct store *store, const struct store_entry *entry, bool *ret_new);
__attribute__((warn_unused_result)) int store_update_entry(struct store *store,
                                                           const struct store_entry *entry);
__attribute__((warn_unused_result)) int store_get_entry(struct store *store, TALLOC_CTX *context,
                                                        const char *id, struct store_entry *ret);
/* Waiting entries due at `now`, oldest `updated` first, at most `limit`. */
__attribute__((warn_unused_result)) int store_due_entries(struct store *store, TALLOC_CTX *context,
                                                          usec_t now, size_t limit,
                                                          struct store_entry **ret,
                                                          size_t *ret_count);

/* ---- telegrams ---- */
enum telegram_outcome {
    OUTCOME_RECEIVED /* stored, not yet ingested */,
    OUTCOME_ALERTED,
    OUTCOME_NO_CHANGE,
    OUTCOME_RECORDED,
    OUTCOME_DRILL,
    OUTCOME_BROKEN,
    OUTCOME_UNKNOWN_CODE,
    OUTCOME_PAST /* learned too late to send */,
    OUTCOME_COUNT
};
const char *telegram_outcome_name(enum telegram_outcome outcome);
struct store_telegram {
    const char *id, *code, *url;
    const void *body;
    size_t body_length;
    usec_t received_at, control_time;
    enum telegram_outcome outcome;
    const char *note; /* why, for operators; NULL none */
    bool backlog;
};
/* Stores the body and marks the entry stored, in one transaction. Stored once: *ret_new false when
 * the id is there already. */
__attribute__((warn_unused_result)) int
store_put_telegram(struct store *store, const struct store_telegram *telegram, bool *ret_new);
__attribute__((warn_unused_result)) int store_finish_telegram(struct store *store, const char *id,
                                                              const char *code, usec_t control_time,
                                                              enum telegram_outcome outcome,
                                                              const char *note);
/* Received but not ingested (crash in between), by control_time then received_at. */
/* Ids of those that were issued since then and are kept, in the order of Control/DateTime. */
__attribute__((warn_unused_result)) int store_archived_telegrams(struct store *store,
                                                                 TALLOC_CTX *context, usec_t since,
                                                                 char ***ret, size_t *ret_count);
/* -ENOENT when it is not kept any more. */
__attribute__((warn_unused_result)) int store_get_telegram(struct store *store, TALLOC_CTX *context,
                                                           const char *id,
                                                           struct store_telegram *ret);
__attribute__((warn_unused_result)) int store_unfinished_telegrams(struct store *store,
                                                                   TALLOC_CTX *context,
                                                                   struct store_telegram **ret,
                                                                   size_t *ret_count);

/* ---- events and alerts ---- */
/* NULL state when there is none. New reference in *ret_state: json_decref. */
__attribute__((warn_unused_result)) int store_get_event(struct store *store, const char *key,
                                                        json_t **ret_state);
/* `expires_at` 0: never by time. */
__attribute__((warn_unused_result)) int store_put_event(struct store *store, const char *key,
                                                        const json_t *state, usec_t expires_at,
                                                        usec_t now);
/* Keys of events whose expires_at is at or before now. */
__attribute__((warn_unused_result)) int store_expiring_events(struct store *store,
                                                              TALLOC_CTX *context, usec_t now,
                                                              char ***ret_keys, size_t *ret_count);
struct store_alert {
    const char *id, *event_id, *event_key, *status;
    int level;
    bool in_force;
    usec_t issued_at, expires;
    const json_t *json;
    bool sent;
};
/* Same id again: no second row, *ret_new false. The newest alert of an event_key that is stored
 * here makes older ones of the same event_id not in_force. */
__attribute__((warn_unused_result)) int
store_put_alert(struct store *store, const struct store_alert *alert, bool *ret_new);
/* json arrays of alerts as stored: the newest of each event that is in force at now (level > 0, not
 * ended, not expired); then the latest `recent` of any kind. New references. */
__attribute__((warn_unused_result)) int store_alerts_in_force(struct store *store, usec_t now,
                                                              json_t **ret_array);
__attribute__((warn_unused_result)) int store_recent_alerts(struct store *store, size_t recent,
                                                            json_t **ret_array);

/* Counts by state and channel, telegrams by code and outcome …: {"deliveries": {"email":
 * {"delivered": 3}}, "telegrams": {"VXSE53": {"alerted": 2}}, "alerts": {"tsunami": 4},
 * "subscribers": {"email": 1}}. New reference. */
__attribute__((warn_unused_result)) int store_counts(struct store *store, json_t **ret_counts);

/* ---- odds ---- */
/* Small facts: "first_start", "drill_sent", … NULL when absent. */
__attribute__((warn_unused_result)) int store_get_fact(struct store *store, TALLOC_CTX *context,
                                                       const char *name, const char **ret_value);
__attribute__((warn_unused_result)) int store_put_fact(struct store *store, const char *name,
                                                       const char *value);
/* Writes something and commits it: 0 when that succeeds now (readiness), -ENOSPC also while the
 * store is detached (emergency.h), otherwise negative errno. */
__attribute__((warn_unused_result)) int store_try(struct store *store);
/* What failed last, for people: the file, SQLite's result, the system's errno by name. NULL:
 * nothing yet. */
const char *store_fault(TALLOC_CTX *context, const struct store *store);
