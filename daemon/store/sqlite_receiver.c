/* Receivers in trouble, suppressed addresses, old secrets, bounces. */
#include <errno.h>

#include "base/memory.h"
#include "store/receiver.h"
#include "store/sqlite.h"

/* Made at every start when they are not there. What belongs to a subscriber leaves with it; what an
 * address did stays, so that adding it again does not write to it again. */
const char store_receiver_schema[] =
    "create table if not exists subscriber_health (subscriber_id text primary key, failing_since"
    " integer not null, off_since integer not null default 0, reason text) strict;"
    "create table if not exists breaker (receiver text primary key, failures integer not null,"
    " failing_since integer not null) strict;"
    "create table if not exists suppression (address text primary key, reason text not null,"
    " at integer not null) strict;"
    "create table if not exists secret_overlap (subscriber_id text primary key, until integer not"
    " null) strict;"
    "create table if not exists bounce (delivery_id text primary key, status text not null, hard"
    " integer not null, at integer not null) strict;"
    "create trigger if not exists subscriber_left after delete on subscriber begin"
    " delete from subscriber_health where subscriber_id = old.id;"
    " delete from secret_overlap where subscriber_id = old.id; end;";

int store_note_failure(struct store *store, const char *subscriber_id, usec_t now)
{
    return sqlite_run(store,
                      "insert into subscriber_health (subscriber_id, failing_since) values (?, ?)"
                      " on conflict do update set failing_since = excluded.failing_since"
                      " where failing_since = 0",
                      "sI", subscriber_id, now);
}

int store_note_success(struct store *store, const char *subscriber_id)
{
    return sqlite_run(store,
                      "delete from subscriber_health where subscriber_id = ? and off_since = 0",
                      "s", subscriber_id);
}

int store_switch_off(struct store *store, const char *subscriber_id, const char *reason, usec_t now,
                     bool *ret_new)
{
    int r = sqlite_run(store,
                       "insert into subscriber_health values (?, ?, ?, ?) on conflict do update"
                       " set off_since = excluded.off_since, reason = excluded.reason"
                       " where off_since = 0",
                       "sIIs", subscriber_id, now, now, reason);
    if (r >= 0)
        *ret_new = sqlite3_changes(store->database) > 0;
    return r;
}

int store_switch_on(struct store *store, const char *subscriber_id)
{
    int r =
        sqlite_run(store, "delete from subscriber_health where subscriber_id = ? and off_since > 0",
                   "s", subscriber_id);
    return r >= 0 && sqlite3_changes(store->database) == 0 ? -ENOENT : r;
}

int store_off_reason(struct store *store, TALLOC_CTX *context, const char *subscriber_id,
                     const char **ret_reason)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select reason from subscriber_health where subscriber_id = ?"
                           " and off_since > 0",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", subscriber_id);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_reason = NULL;
    if (r > 0) {
        *ret_reason = sqlite_text(context, s, 0);
        sqlite3_reset(s);
    }
    return 0;
}

int store_list_health(struct store *store, TALLOC_CTX *context, usec_t failing_before,
                      struct store_health **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_health *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select subscriber_id, failing_since, off_since, reason from"
                           " subscriber_health where off_since > 0 or failing_since < ?"
                           " order by failing_since, subscriber_id",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", failing_before);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_health){.subscriber_id = sqlite_text(context, s, 0),
                                              .failing_since = sqlite3_column_int64(s, 1),
                                              .off_since = sqlite3_column_int64(s, 2),
                                              .reason = sqlite_text(context, s, 3)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_put_breaker(struct store *store, const struct store_breaker *row)
{
    if (row->failures == 0)
        return sqlite_run(store, "delete from breaker where receiver = ?", "s", row->receiver);
    return sqlite_run(store, "insert or replace into breaker values (?, ?, ?)", "siI",
                      row->receiver, row->failures, row->failing_since);
}

int store_list_breakers(struct store *store, TALLOC_CTX *context, struct store_breaker **ret,
                        size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_breaker *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store, "select receiver, failures, failing_since from breaker", &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_breaker){.receiver = sqlite_text(context, s, 0),
                                               .failures = sqlite3_column_int(s, 1),
                                               .failing_since = sqlite3_column_int64(s, 2)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_suppress(struct store *store, const char *address, const char *reason, usec_t now)
{
    return sqlite_run(store, "insert or ignore into suppression values (lower(?), ?, ?)", "ssI",
                      address, reason, now);
}

int store_unsuppress(struct store *store, const char *address)
{
    int r = sqlite_run(store, "delete from suppression where address = lower(?)", "s", address);
    if (r >= 0 && sqlite3_changes(store->database) == 0)
        return -ENOENT;
    store->forget = store->forget || r >= 0;
    return r;
}

int store_suppressed(struct store *store, const char *address, bool *ret_suppressed)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select 1 from suppression where address = lower(?)", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", address);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_suppressed = r > 0;
    sqlite3_reset(s);
    return 0;
}

int store_list_suppressions(struct store *store, TALLOC_CTX *context,
                            struct store_suppression **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_suppression *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select address, reason, at from suppression order by at, address", &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_suppression){.address = sqlite_text(context, s, 0),
                                                   .reason = sqlite_text(context, s, 1),
                                                   .at = sqlite3_column_int64(s, 2)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_put_overlap(struct store *store, const char *subscriber_id, usec_t until)
{
    return sqlite_run(store, "insert or replace into secret_overlap values (?, ?)", "sI",
                      subscriber_id, until);
}

int store_take_ended_overlaps(struct store *store, TALLOC_CTX *context, usec_t now, char ***ret_ids,
                              size_t *ret_count)
{
    sqlite3_stmt *s;
    char **ids = NULL;
    size_t count = 0;
    int r = sqlite_prepare(
        store, "delete from secret_overlap where until <= ? returning subscriber_id", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", now);
    while ((r = sqlite_step(store, s)) > 0) {
        ids = memory_grow(context, ids, count, sizeof(*ids));
        ids[count++] = (char *)sqlite_text(context, s, 0);
    }
    *ret_ids = ids;
    *ret_count = count;
    return r;
}

int store_put_bounce(struct store *store, const char *delivery_id, const char *status, bool hard,
                     usec_t now, bool *ret_new)
{
    int r = sqlite_run(store, "insert or ignore into bounce values (?, ?, ?, ?)", "ssiI",
                       delivery_id, status, (int)hard, now);
    if (r >= 0)
        *ret_new = sqlite3_changes(store->database) > 0;
    return r;
}
