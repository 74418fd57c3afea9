/* Messages and deliveries. A delivery moves only forward, by the table of delivery_state.c;
 * a new one supersedes the open older ones in the transaction that adds it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite.h"

int store_put_message(struct store *store, const struct store_message *message)
{
    char *told = message->told != NULL ? json_dumps(message->told, JSON_COMPACT) : NULL;
    int r = sqlite_run(
        store, "insert into message values (?,?,?,?,?,?,?,?,?) on conflict (id) do nothing",
        "sssssssss", message->id, message->alert_id, message->event_id, message->form,
        message->languages, message->subject, message->body, message->html, told);
    free(told);
    return r;
}

int store_get_message(struct store *store, TALLOC_CTX *context, const char *id,
                      struct store_message *ret)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select alert_id, event_id, form, languages, subject, body, html from"
                           " message where id = ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *ret = (struct store_message){.id = memory_text(context, id),
                                  .alert_id = sqlite_text(context, s, 0),
                                  .event_id = sqlite_text(context, s, 1),
                                  .form = sqlite_text(context, s, 2),
                                  .languages = sqlite_text(context, s, 3),
                                  .subject = sqlite_text(context, s, 4),
                                  .body = sqlite_text(context, s, 5),
                                  .html = sqlite_text(context, s, 6)};
    sqlite3_reset(s);
    return 0;
}

int store_add_delivery(struct store *store, const struct store_delivery *d, bool *ret_new)
{
    bool mine, fresh = false;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store,
                   "insert into delivery (id, alert_id, event_id, message_id,"
                   " subscriber_id, state, attempts, level, drill, created_at, next_at, expires_at,"
                   " issued_at) values (?,?,?,?,?,0,0,?,?,?,?,?,?) on conflict (id) do nothing",
                   "sssssiiIIII", d->id, d->alert_id, d->event_id, d->message_id, d->subscriber_id,
                   d->level, (int)d->drill, d->created_at, d->next_at, d->expires_at, d->issued_at);
    if (r >= 0)
        fresh = sqlite3_changes(store->database) > 0;
    if (r >= 0 && fresh)
        r = sqlite_run(store,
                       "update delivery set state = ?, ended_at = ? where event_id = ? and"
                       " subscriber_id = ? and id <> ? and state in (0, 1, 2)",
                       "iIsss", (int)DELIVERY_SUPERSEDED, d->created_at, d->event_id,
                       d->subscriber_id, d->id);
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_new = fresh;
    return r;
}

static struct store_delivery read_delivery(TALLOC_CTX *context, sqlite3_stmt *s)
{
    return (struct store_delivery){.id = sqlite_text(context, s, 0),
                                   .alert_id = sqlite_text(context, s, 1),
                                   .event_id = sqlite_text(context, s, 2),
                                   .message_id = sqlite_text(context, s, 3),
                                   .subscriber_id = sqlite_text(context, s, 4),
                                   .state = DELIVERY_SENDING,
                                   .attempts = sqlite3_column_int(s, 5) + 1,
                                   .level = sqlite3_column_int(s, 6),
                                   .drill = sqlite3_column_int(s, 7) != 0,
                                   .created_at = sqlite3_column_int64(s, 8),
                                   .next_at = sqlite3_column_int64(s, 9),
                                   .expires_at = sqlite3_column_int64(s, 10),
                                   .issued_at = sqlite3_column_int64(s, 11)};
}

static int read_due(struct store *store, TALLOC_CTX *context, usec_t now, size_t limit,
                    struct store_delivery **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_delivery *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select id, alert_id, event_id, message_id, subscriber_id, attempts,"
                           " level, drill, created_at, next_at, expires_at, issued_at from delivery"
                           " where state in (0, 2) and next_at <= ?"
                           " order by drill, level desc, created_at, number limit ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "II", now, (int64_t)limit);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = read_delivery(context, s);
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_claim_deliveries(struct store *store, TALLOC_CTX *context, usec_t now, size_t limit,
                           struct store_delivery **ret, size_t *ret_count)
{
    struct store_delivery *rows = NULL;
    size_t count = 0;
    bool mine;
    int r = read_due(store, context, now, 1, &rows, &count);
    if (r < 0)
        return r;
    if (count == 0) {
        /* Nothing is due: no write, no fsync. */
        *ret = NULL;
        *ret_count = 0;
        return 0;
    }
    r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store,
                   "update delivery set state = ?, ended_at = ? where state in (0, 2) and"
                   " expires_at <= ?",
                   "iII", (int)DELIVERY_EXPIRED, now, now);
    if (r >= 0)
        r = read_due(store, context, now, limit, &rows, &count);
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = sqlite_run(store, "update delivery set state = 1, attempts = attempts + 1 where id = ?",
                       "s", rows[i].id);
    r = sqlite_leave(store, mine, r);
    if (r < 0)
        return r;
    *ret = rows;
    *ret_count = count;
    return 0;
}

static int read_state(struct store *store, const char *id, enum delivery_state *ret_state)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select state from delivery where id = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *ret_state = (enum delivery_state)sqlite3_column_int(s, 0);
    sqlite3_reset(s);
    return 0;
}

int store_record_delivery(struct store *store, const struct store_delivery *d)
{
    enum delivery_state before;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = read_state(store, d->id, &before);
    if (r >= 0 && !delivery_may_become(before, d->state))
        r = -EINVAL;
    if (r >= 0)
        r = sqlite_run(store,
                       "update delivery set state = ?, next_at = ?, ended_at = ?, last_error = ?"
                       " where id = ?",
                       "iIIss", (int)d->state, d->next_at,
                       delivery_ended(d->state) ? d->ended_at : (int64_t)0, d->last_error, d->id);
    return sqlite_leave(store, mine, r);
}

int store_requeue_deliveries(struct store *store, size_t *ret_count)
{
    int r = sqlite_run(store, "update delivery set state = 0 where state = 1", "");
    if (r >= 0)
        *ret_count = (size_t)sqlite3_changes(store->database);
    return r;
}

int store_next_delivery_at(struct store *store, usec_t *ret_at)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select min(next_at) from delivery where state in (0, 2)", &s);
    if (r < 0)
        return r;
    r = sqlite_step(store, s);
    if (r > 0)
        *ret_at = sqlite3_column_int64(s, 0);
    sqlite3_reset(s);
    return r < 0 ? r : 0;
}

/* Newest delivery of each subscriber that was, is being or will be made: what he knows. An expired
 * or superseded one counts only when it was tried, for it may have arrived. Newest is what was
 * added last, as for supersession: the wall clock may have been set back in between. */
#define TOLD                                                                                       \
    " from delivery d join message m on m.id = d.message_id where d.event_id = ?1"                 \
    " and (d.state in (0, 1, 2, 3) or (d.state in (4, 5) and d.attempts > 0))"

int store_last_told(struct store *store, const char *event_id, const char *subscriber_id,
                    json_t **ret_told)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store, "select m.told" TOLD " and d.subscriber_id = ?2 order by d.number desc limit 1", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "ss", event_id, subscriber_id);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_told = r > 0 ? sqlite_json(s, 0) : NULL;
    sqlite3_reset(s);
    return 0;
}

int store_told_of_event(struct store *store, const char *event_id, json_t **ret_object)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store, "select d.subscriber_id, m.told, m.id" TOLD " order by d.subscriber_id, d.number",
        &s);
    if (r < 0)
        return r;
    json_t *object = json_object(), *shared = json_object();
    sqlite_bind(s, "s", event_id);
    while ((r = sqlite_step(store, s)) > 0) {
        const char *message = (const char *)sqlite3_column_text(s, 2);
        json_t *told = json_object_get(shared, message);
        const char *subscriber = (const char *)sqlite3_column_text(s, 0);
        if (told == NULL) {
            json_object_set_new(shared, message, sqlite_json(s, 1));
            told = json_object_get(shared, message);
        }
        if (told != NULL)
            json_object_set(object, subscriber, told);
        else
            json_object_del(object, subscriber);
    }
    json_decref(shared);
    if (r < 0) {
        json_decref(object);
        return r;
    }
    *ret_object = object;
    return 0;
}

int store_thread_root(struct store *store, TALLOC_CTX *context, const char *event_id,
                      const char *subscriber_id, const char *delivery_id, const char **ret_id)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select id from delivery where event_id = ? and subscriber_id = ? and"
                           " attempts > 0 and state <> 6 order by number limit 1",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "ss", event_id, subscriber_id);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    const char *id = r > 0 ? sqlite_text(context, s, 0) : NULL;
    sqlite3_reset(s);
    *ret_id = id != NULL && strcmp(id, delivery_id) != 0 ? id : NULL;
    return 0;
}
