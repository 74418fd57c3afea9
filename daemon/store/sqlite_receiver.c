/* Receivers in trouble, suppressed addresses, old secrets, bounces, and other ways. */
#include <errno.h>

#include "base/memory.h"
#include "store/sqlite.h"

int store_note_failure(struct store *store, int64_t subscriber, usec_t now)
{
    return sqlite_run(store,
                      "insert into trouble values (?1, ?2) on conflict (subscriber) do update set"
                      " since = ?2 where since = 0",
                      "II", subscriber, now);
}

int store_note_success(struct store *store, int64_t subscriber, bool late)
{
    return sqlite_run(store,
                      late ? "insert or replace into trouble values (?, 0)"
                           : "delete from trouble where subscriber = ?",
                      "I", subscriber);
}

int store_list_trouble(struct store *store, TALLOC_CTX *context, usec_t failing_before,
                       struct store_trouble **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_trouble *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select s.number, s.id, ifnull(f.since, 0), s.disabled_at,"
                           " s.disabled_reason from (select number from subscriber where"
                           " disabled_at > 0 union select subscriber from trouble where since > 0"
                           " and since < ?) n join subscriber s on s.number = n.number left join"
                           " trouble f on f.subscriber = n.number and f.since > 0"
                           " order by ifnull(f.since, s.disabled_at), 1",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", failing_before);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_trouble){.subscriber = sqlite3_column_int64(s, 0),
                                               .id = sqlite_text(context, s, 1),
                                               .failing_since = sqlite3_column_int64(s, 2),
                                               .disabled_at = sqlite3_column_int64(s, 3),
                                               .reason = sqlite_text(context, s, 4)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_enable_subscriber(struct store *store, const char *id)
{
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store,
                   "delete from trouble where subscriber = (select number from subscriber where id"
                   " = ?)",
                   "s", id);
    if (r >= 0)
        r = sqlite_run(store,
                       "update subscriber set disabled_at = 0, disabled_reason = null where id = ?"
                       " and disabled_at > 0",
                       "s", id);
    if (r >= 0 && sqlite3_changes(store->database) == 0)
        r = -ENOENT;
    return sqlite_leave(store, mine, r);
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
    int64_t found = 0;
    int r = sqlite_number(store, "select 1 from suppression where address = lower(?)", 0, &found,
                          "s", address);
    if (r >= 0)
        *ret_suppressed = found != 0;
    return r;
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

int store_rotate_secret(struct store *store, int64_t subscriber, const char *secrets, usec_t until)
{
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store, "update contact set secret = ? where subscriber = ?", "sI", secrets,
                   subscriber);
    if (r >= 0 && sqlite3_changes(store->database) == 0)
        r = -ENOENT;
    if (r >= 0)
        r = sqlite_run(store, "insert or replace into secret_overlap values (?, ?)", "II",
                       subscriber, until);
    return sqlite_leave(store, mine, r);
}

int store_end_overlaps(struct store *store, usec_t now, size_t *ret_count)
{
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store,
                   "update contact set secret = substr(secret, 1, instr(secret, ' ') - 1) where"
                   " instr(secret, ' ') > 0 and subscriber in (select subscriber from"
                   " secret_overlap where until <= ?)",
                   "I", now);
    if (r >= 0)
        r = sqlite_run(store, "delete from secret_overlap where until <= ?", "I", now);
    size_t count = r >= 0 ? (size_t)sqlite3_changes(store->database) : 0;
    store->forget = store->forget || count > 0;
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_count = count;
    return r;
}

int store_put_bounce(struct store *store, int64_t alert, int64_t subscriber, const char *status,
                     bool hard, usec_t now, bool *ret_new)
{
    int64_t found = 0;
    int r = sqlite_number(store, "select 1 from delivery where alert = ? and subscriber = ?", 0,
                          &found, "II", alert, subscriber);
    if (r < 0 || found == 0)
        return r < 0 ? r : -ENOENT;
    r = sqlite_run(store, "insert or ignore into bounce values (?, ?, ?, ?, ?)", "IIsiI", alert,
                   subscriber, status, (int)hard, now);
    if (r >= 0)
        *ret_new = sqlite3_changes(store->database) > 0;
    return r;
}

int store_hold_delivery(struct store *store, const struct store_delivery *delivery, usec_t next_at)
{
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store,
                   "update delivery set state = ?, attempts = attempts - 1, next_at = ? where alert"
                   " = ? and subscriber = ? and state = ?",
                   "iIIIi", (int)DELIVERY_DEFERRED, next_at, delivery->alert, delivery->subscriber,
                   (int)DELIVERY_SENDING);
    if (r >= 0 && sqlite3_changes(store->database) == 0)
        r = -EINVAL;
    if (r >= 0)
        sqlite_tally_move(store, delivery->alert, (int)delivery->channel, (int)DELIVERY_SENDING,
                          (int)DELIVERY_DEFERRED);
    return sqlite_leave(store, mine, r);
}

int store_reroute_delivery(struct store *store, const struct store_delivery *delivery, int channel,
                           int64_t message, usec_t next_at, const char *why)
{
    int64_t state = DELIVERY_REFUSED;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_number(store, "select state from delivery where alert = ? and subscriber = ?",
                      DELIVERY_REFUSED, &state, "II", delivery->alert, delivery->subscriber);
    if (r >= 0 && delivery_ended((enum delivery_state)state))
        r = -EINVAL;
    if (r >= 0)
        r = sqlite_run(store,
                       "update delivery set channel = ?, message = ?, state = ?, attempts = 0,"
                       " priority = priority & ~1, next_at = ?, last_error = ? where alert = ? and"
                       " subscriber = ?",
                       "iIiIsII", channel, message, (int)DELIVERY_PENDING, next_at, why,
                       delivery->alert, delivery->subscriber);
    if (r >= 0) {
        sqlite_tally(store, delivery->alert, (int)delivery->channel, (int)state, -1);
        sqlite_tally(store, delivery->alert, channel, (int)DELIVERY_PENDING, 1);
    }
    return sqlite_leave(store, mine, r);
}

int store_telegram_arrived(struct store *store, const char *telegram_id, bool *ret_arrived)
{
    int64_t delivered = 0, missing = 1;
    /* One of the newest alerts: the index by time finds it at once. */
    const char *const counts[] = {
        "select count(*) from delivery where state = 3 and alert in (select number from alert where"
        " issued_at > (select received_at - 86400000000 from telegram where id = ?1) and"
        " json_extract(json, '$.telegram_id') = ?1)",
        "select count(*) from delivery where state <> 3 and alert in (select number from alert"
        " where issued_at > (select received_at - 86400000000 from telegram where id = ?1) and"
        " json_extract(json, '$.telegram_id') = ?1)"};
    int r = sqlite_number(store, counts[0], 0, &delivered, "s", telegram_id);
    if (r >= 0)
        r = sqlite_number(store, counts[1], 1, &missing, "s", telegram_id);
    if (r >= 0)
        *ret_arrived = delivered > 0 && missing == 0;
    return r;
}

int store_clock_back(struct store *store, usec_t now)
{
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store, "update entry set next_at = ?1 where state = 0 and next_at > ?1", "I",
                   now);
    if (r >= 0)
        r = sqlite_run(store,
                       "update delivery set next_at = ?1 where state in (0, 2) and next_at > ?1 and"
                       " next_at < ?2",
                       "II", now, (int64_t)HELD_AT);
    return sqlite_leave(store, mine, r);
}

int store_get_alert(struct store *store, int64_t alert, json_t **ret_json)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select json from alert where number = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", alert);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *ret_json = sqlite_json(s, 0);
    sqlite3_reset(s);
    return *ret_json != NULL ? 0 : -EBADMSG;
}

int store_profile_of(struct store *store, int64_t subscriber, int64_t *ret_profile)
{
    int r = sqlite_number(store, "select profile from subscriber where number = ?", 0, ret_profile,
                          "I", subscriber);
    return r >= 0 && *ret_profile == 0 ? -ENOENT : r;
}
