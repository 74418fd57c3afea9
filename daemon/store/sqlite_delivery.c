/* Deliveries: added in groups, moved only forward by the table of delivery_state.c; a new one
 * supersedes the open older ones of its event in the transaction that adds it. */
#include <errno.h>

#include "base/memory.h"
#include "store/sqlite.h"

static int priority_of(const struct store_delivery *d)
{
    int level = d->level < 0 ? 0 : d->level > 5 ? 5 : d->level;
    return (d->drill ? PRIORITY_DRILL : 0) + (5 - level) * 2 +
           (d->attempts > 0 || d->in_trouble ? 1 : 0);
}

/* Other alerts of the event that still have open deliveries, oldest first. */
static int open_alerts(struct store *store, TALLOC_CTX *context, int64_t alert, int64_t **ret,
                       size_t *ret_count)
{
    sqlite3_stmt *s;
    int64_t *alerts = NULL;
    size_t count = 0;
    int r = sqlite_tally_write(store); /* what this transaction did counts too */
    if (r >= 0)
        r = sqlite_prepare(store,
                           "select a.number from alert n join alert a on a.event_id = n.event_id"
                           " where n.number = ?1 and a.number <> ?1 and exists (select 1 from tally"
                           " t where t.alert = a.number and t.state in (0, 1, 2) and t.n > 0)",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", alert);
    while ((r = sqlite_step(store, s)) > 0) {
        alerts = memory_grow(context, alerts, count, sizeof(*alerts));
        alerts[count++] = sqlite3_column_int64(s, 0);
    }
    *ret = alerts;
    *ret_count = count;
    return r;
}

/* Ends one open delivery of an older alert; one statement a state, so that the tally knows which.
 */
static int supersede(struct store *store, sqlite3_stmt *s, int64_t alert,
                     const struct store_delivery *by, usec_t now)
{
    static const enum delivery_state open[] = {DELIVERY_PENDING, DELIVERY_DEFERRED,
                                               DELIVERY_SENDING};
    int r = 0;
    for (size_t i = 0; r >= 0 && i < sizeof(open) / sizeof(open[0]); i++) {
        r = sqlite_again(store, s, "iIIIi", (int)DELIVERY_SUPERSEDED, now, alert, by->subscriber,
                         (int)open[i]);
        if (r >= 0 && sqlite3_changes(store->database) > 0) {
            sqlite_tally_move(store, alert, (int)by->channel, (int)open[i],
                              (int)DELIVERY_SUPERSEDED);
            break;
        }
    }
    return r;
}

struct statements {
    sqlite3_stmt *insert, *supersede;
};

static int add_one(struct store *store, const struct statements *statements,
                   const struct store_delivery *d, const int64_t *older, size_t older_count,
                   usec_t now, size_t *added)
{
    int r = 0;
    if (d->message != 0) {
        r = sqlite_again(store, statements->insert, "IIIiiI", d->alert, d->subscriber, d->message,
                         (int)d->channel, priority_of(d), d->next_at);
        if (r < 0 || sqlite3_changes(store->database) == 0)
            return r;
        ++*added;
        sqlite_tally(store, d->alert, (int)d->channel, (int)DELIVERY_PENDING, 1);
    }
    for (size_t i = 0; r >= 0 && i < older_count; i++)
        r = supersede(store, statements->supersede, older[i], d, now);
    return r;
}

int store_add_deliveries(struct store *store, const struct store_delivery *rows, size_t count,
                         usec_t now, size_t *ret_added)
{
    TALLOC_CTX *scratch = talloc_new(store);
    struct statements statements;
    int64_t *older = NULL;
    size_t older_count = 0, added = 0;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        goto finish;
    r = count > 0 ? open_alerts(store, scratch, rows[0].alert, &older, &older_count) : 0;
    if (r >= 0)
        r = sqlite_prepare(store,
                           "insert into delivery values (?,?,?,?,0,0,?,?,0,NULL)"
                           " on conflict (alert, subscriber) do nothing",
                           &statements.insert);
    if (r >= 0)
        r = sqlite_prepare(store,
                           "update delivery set state = ?, ended_at = ? where alert = ? and"
                           " subscriber = ? and state = ?",
                           &statements.supersede);
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = add_one(store, &statements, &rows[i], older, older_count, now, &added);
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_added = added;
finish:
    talloc_free(scratch);
    return r;
}

static int read_state(struct store *store, const struct store_delivery *d,
                      enum delivery_state *ret_state, int *ret_channel)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store, "select state, channel from delivery where alert = ? and subscriber = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "II", d->alert, d->subscriber);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *ret_state = (enum delivery_state)sqlite3_column_int(s, 0);
    *ret_channel = sqlite3_column_int(s, 1);
    sqlite3_reset(s);
    return 0;
}

int store_record_delivery(struct store *store, const struct store_delivery *d)
{
    enum delivery_state before;
    int channel;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = read_state(store, d, &before, &channel);
    if (r >= 0 && !delivery_may_become(before, d->state))
        r = -EINVAL;
    if (r >= 0)
        r = sqlite_run(store,
                       "update delivery set state = ?, next_at = ?, ended_at = ?, last_error = ?"
                       " where alert = ? and subscriber = ?",
                       "iIIsII", (int)d->state, d->next_at,
                       delivery_ended(d->state) ? d->ended_at : (int64_t)0, d->last_error, d->alert,
                       d->subscriber);
    if (r >= 0)
        sqlite_tally_move(store, d->alert, channel, (int)before, (int)d->state);
    return sqlite_leave(store, mine, r);
}

/* Those of one alert and channel. */
static int requeue(struct store *store, int64_t alert, int channel, size_t *count)
{
    int r = sqlite_run(
        store, "update delivery set state = 0 where alert = ? and channel = ? and state = 1", "Ii",
        alert, channel);
    if (r < 0)
        return r;
    int changes = sqlite3_changes(store->database);
    sqlite_tally(store, alert, channel, DELIVERY_SENDING, -changes);
    sqlite_tally(store, alert, channel, DELIVERY_PENDING, changes);
    *count += (size_t)changes;
    return 0;
}

int store_requeue_deliveries(struct store *store, size_t *ret_count)
{
    TALLOC_CTX *scratch = talloc_new(store);
    struct tally_change *sending = NULL;
    size_t kinds = 0, count = 0;
    sqlite3_stmt *s;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        goto finish;
    r = sqlite_prepare(store, "select alert, channel from tally where state = 1 and n > 0", &s);
    while (r >= 0 && (r = sqlite_step(store, s)) > 0) {
        sending = memory_grow(scratch, sending, kinds, sizeof(*sending));
        sending[kinds++] = (struct tally_change){.alert = sqlite3_column_int64(s, 0),
                                                 .channel = sqlite3_column_int(s, 1)};
    }
    for (size_t i = 0; r >= 0 && i < kinds; i++)
        r = requeue(store, sending[i].alert, sending[i].channel, &count);
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_count = count;
finish:
    talloc_free(scratch);
    return r;
}

int store_next_delivery_at(struct store *store, enum delivery_channel channel, usec_t *ret_at)
{
    /* The first of each queue, leaping from one to the next: a queue may hold a million. */
    sqlite3_stmt *s;
    int priority = -1, r;
    *ret_at = 0;
    for (;;) {
        r = sqlite_prepare(store,
                           "select priority, next_at from delivery where state in (0, 2) and"
                           " channel = ? and priority > ? order by priority, next_at limit 1",
                           &s);
        if (r < 0)
            return r;
        sqlite_bind(s, "ii", (int)channel, priority);
        r = sqlite_step(store, s);
        if (r <= 0)
            return r;
        priority = sqlite3_column_int(s, 0);
        usec_t at = sqlite3_column_int64(s, 1);
        sqlite3_reset(s);
        if (at != HELD_AT && (*ret_at == 0 || at < *ret_at))
            *ret_at = at;
    }
}

int store_thread_root(struct store *store, TALLOC_CTX *context,
                      const struct store_delivery *delivery, const char **ret_id)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select a.number, a.id, d.channel from alert a join delivery d on"
                           " d.alert = a.number and d.subscriber = ?2 where a.event_id = ?1 and"
                           " d.attempts > 0 and d.state <> 6 order by a.number limit 1",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "sI", delivery->event_id, delivery->subscriber);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_id = NULL;
    if (r > 0 && sqlite3_column_int64(s, 0) != delivery->alert)
        *ret_id =
            delivery_id(context, (const char *)sqlite3_column_text(s, 1), delivery->subscriber_id,
                        delivery_channel_name((enum delivery_channel)sqlite3_column_int(s, 2)));
    sqlite3_reset(s);
    return 0;
}
