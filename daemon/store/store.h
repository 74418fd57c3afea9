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

struct store;

/* Opens or creates `path` (a directory: SQLite file noroshi.db in it plus the lock file; ":memory:"
 * scratch). Takes an flock; when another process holds it: -EBUSY and *ret_owner_pid (0 unknown).
 * Schema version is checked; a newer one is -EPROTO. */
__attribute__((warn_unused_result)) int store_open(TALLOC_CTX *context, const char *path,
                                                   struct problems *problems, int *ret_owner_pid,
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

/* ---- messages and deliveries ---- */
struct store_message { /* rendered once per (alert, area set, languages, form) */
    const char *id;    /* deterministic */
    const char *alert_id, *event_id, *form; /* "email", "webhook" */
    const char *languages;                  /* "en,vi" */
    const char *subject;                    /* mail; NULL for webhook */
    const char *body;                       /* mail: plain; webhook: JSON */
    const char *html;                       /* mail; NULL for webhook */
    const json_t *told;
};
__attribute__((warn_unused_result)) int store_put_message(struct store *store,
                                                          const struct store_message *message);
__attribute__((warn_unused_result)) int store_get_message(struct store *store, TALLOC_CTX *context,
                                                          const char *id,
                                                          struct store_message *ret);

enum delivery_state {
    DELIVERY_PENDING,
    DELIVERY_SENDING,
    DELIVERY_DEFERRED, /* try again later */
    DELIVERY_DELIVERED,
    DELIVERY_EXPIRED,
    DELIVERY_SUPERSEDED,
    DELIVERY_REFUSED,
    DELIVERY_COUNT
};
const char *delivery_state_name(enum delivery_state state);
/* The table of moves: true when `to` may follow `from`. pending→sending; sending→pending (after a
 * start), deferred, or an end; deferred→sending or an end; pending→an end; an end→nothing. */
bool delivery_may_become(enum delivery_state from, enum delivery_state to);
bool delivery_ended(enum delivery_state state);
struct store_delivery {
    const char *id; /* deterministic: "msg_" + hash(alert, subscriber, channel) */
    const char *alert_id, *event_id, *message_id, *subscriber_id;
    enum delivery_state state;
    int attempts;
    int level;
    bool drill; /* priority: level high first, drills last, then age */
    usec_t created_at, next_at, expires_at, ended_at;
    usec_t issued_at;       /* JMA's issue, for the histogram */
    const char *last_error; /* cleaned, without addresses; NULL none */
};
/* Adds unless the id is there (then nothing changes). Older deliveries of the same event to the
 * same subscriber that are not ended become superseded in the same transaction. */
__attribute__((warn_unused_result)) int
store_add_delivery(struct store *store, const struct store_delivery *delivery, bool *ret_new);
/* Due at now (pending or deferred), best first, at most limit: state sending, attempts + 1, durable
 * before they are returned. Expired ones become expired instead. */
__attribute__((warn_unused_result)) int
store_claim_deliveries(struct store *store, TALLOC_CTX *context, usec_t now, size_t limit,
                       struct store_delivery **ret, size_t *ret_count);
/* The result of an attempt: state, next_at, ended_at, last_error by id. Only forward moves of
 * the table above are taken; others return -EINVAL. */
__attribute__((warn_unused_result)) int
store_record_delivery(struct store *store, const struct store_delivery *delivery);
/* After a start: sending → pending (attempts kept). Returns how many. */
__attribute__((warn_unused_result)) int store_requeue_deliveries(struct store *store,
                                                                 size_t *ret_count);
/* Earliest next_at of a due or waiting delivery; 0 none. */
__attribute__((warn_unused_result)) int store_next_delivery_at(struct store *store, usec_t *ret_at);
/* What this subscriber was last told of this event: `told` of his newest delivery that was not
 * refused or expired before it left; NULL when none. Superseded ones count only when an attempt was
 * made. New reference. */
__attribute__((warn_unused_result)) int store_last_told(struct store *store, const char *event_id,
                                                        const char *subscriber_id,
                                                        json_t **ret_told);
/* The same for every subscriber of an event at once: JSON object subscriber_id → told. */
__attribute__((warn_unused_result)) int
store_told_of_event(struct store *store, const char *event_id, json_t **ret_object);
/* Id of the first delivery of the event to the subscriber that was or will be sent, for threading
 * (References); NULL when this would be the first. */
__attribute__((warn_unused_result)) int
store_thread_root(struct store *store, TALLOC_CTX *context, const char *event_id,
                  const char *subscriber_id, const char *delivery_id, const char **ret_id);
/* Counts by state and channel, telegrams by code and outcome …: {"deliveries": {"email":
 * {"delivered": 3}}, "telegrams": {"VXSE53": {"alerted": 2}}, "alerts": {"tsunami": 4},
 * "subscribers": {"email": 1}}. New reference. */
__attribute__((warn_unused_result)) int store_counts(struct store *store, json_t **ret_counts);

/* ---- subscribers ---- */
struct store_subscriber { /* fields as text, as match/subscriber.h reads them */
    const char *id, *channel, *address, *languages, *areas, *hazards, *name, *secret;
    int min_level;
    bool drills, from_config;
    usec_t created_at;
};
/* Adds or replaces by id. */
__attribute__((warn_unused_result)) int store_put_subscriber(struct store *store,
                                                             const struct store_subscriber *row);
/* Removes; their open deliveries become refused. -ENOENT when unknown. Address and secret are
 * overwritten (secure_delete). */
__attribute__((warn_unused_result)) int store_remove_subscriber(struct store *store, const char *id,
                                                                usec_t now);
__attribute__((warn_unused_result)) int store_list_subscribers(struct store *store,
                                                               TALLOC_CTX *context,
                                                               struct store_subscriber **ret,
                                                               size_t *ret_count);

/* ---- odds ---- */
/* Small facts: "first_start", "drill_sent", … NULL when absent. */
__attribute__((warn_unused_result)) int store_get_fact(struct store *store, TALLOC_CTX *context,
                                                       const char *name, const char **ret_value);
__attribute__((warn_unused_result)) int store_put_fact(struct store *store, const char *name,
                                                       const char *value);
/* True when a write transaction succeeds now (readiness). */
bool store_writable(struct store *store);
/* Removes telegram bodies, ended deliveries, messages and alerts older than `before`. */
__attribute__((warn_unused_result)) int store_retain(struct store *store, usec_t before);
