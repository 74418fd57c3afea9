/* Retention: a few rows at a time, so that nothing waits behind it. */
#include "base/memory.h"
#include "store/sqlite.h"

#define VACUUM_SHARE 4 /* pages given back for so many rows */

/* Alerts that are old, through, and whose event is over: they are what people were told of it, so
 * they are kept as long as the event goes on. */
#define FORGETTABLE                                                                                \
    " a.issued_at < ?1 and (a.in_force = 0 or a.expires < ?1) and not exists (select 1 from tally" \
    " t where t.alert = a.number and t.state in (0, 1, 2) and t.n > 0) and not exists (select 1"   \
    " from alert o where o.event_id = a.event_id and o.in_force = 1 and o.expires >= ?1)"          \
    " and not exists (select 1 from fanout f where f.alert = a.number and f.done = 0)"

static const char *const pieces[] = {
    "delete from message where number in (select m.number from alert a join message m on m.alert"
    " = a.number where" FORGETTABLE " and not exists (select 1 from delivery d where d.alert ="
    " a.number) limit ?2)",
    "delete from reached where (alert, profile) in (select r.alert, r.profile from alert a join"
    " reached r on r.alert = a.number where" FORGETTABLE " and not exists (select 1 from delivery d"
    " where d.alert = a.number) limit ?2)",
    "delete from fanout where alert in (select f.alert from alert a join fanout f on f.alert ="
    " a.number where" FORGETTABLE " and not exists (select 1 from delivery d where d.alert ="
    " a.number) limit ?2)",
    "delete from tally where (alert, channel, state) in (select t.alert, t.channel, t.state from"
    " alert a join tally t on t.alert = a.number where" FORGETTABLE " and not exists (select 1 from"
    " delivery d where d.alert = a.number) limit ?2)",
    /* Kept as long as a message is: it says how old the message is. */
    "delete from alert where number in (select a.number from alert a where" FORGETTABLE
    " and not exists (select 1 from message m where m.alert = a.number) and not exists (select 1"
    " from delivery d where d.alert = a.number) limit ?2)",
    "update telegram set body = NULL where rowid in (select rowid from telegram where"
    " received_at < ? and outcome <> 0 and body is not null limit ?)",
};

/* The tally goes with its rows. */
static int forget_deliveries(struct store *store, usec_t before, size_t limit, size_t *ret_count)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "delete from delivery where (alert, subscriber) in (select d.alert,"
                           " d.subscriber from (select a.number from alert a where" FORGETTABLE
                           " order by a.issued_at) g join delivery d on d.alert = g.number where"
                           " d.ended_at > 0 and d.ended_at < ?1 limit ?2) returning alert, channel,"
                           " state",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "II", before, (int64_t)limit);
    for (*ret_count = 0; (r = sqlite_step(store, s)) > 0; ++*ret_count)
        sqlite_tally(store, sqlite3_column_int64(s, 0), sqlite3_column_int(s, 1),
                     sqlite3_column_int(s, 2), -1);
    return r;
}

static int retain(struct store *store, usec_t before, size_t limit, bool *ret_more)
{
    size_t forgotten = 0;
    int r = forget_deliveries(store, before, limit, &forgotten);
    if (r >= 0)
        r = sqlite_tally_write(store); /* before its rows may go */
    size_t left = limit - forgotten;
    for (size_t i = 0; r >= 0 && left > 0 && i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        r = sqlite_run(store, pieces[i], "II", before, (int64_t)left);
        if (r >= 0)
            left -= (size_t)sqlite3_changes(store->database);
    }
    *ret_more = left < limit;
    return r;
}

int store_retain(struct store *store, usec_t before, size_t limit, bool *ret_more)
{
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = retain(store, before, limit, ret_more);
    r = sqlite_leave(store, mine, r);
    if (r < 0 || store->in_transaction)
        return r;
    char *vacuum = memory_printf(store, "pragma incremental_vacuum(%zu)", limit / VACUUM_SHARE + 1);
    int result = sqlite3_exec(store->database, vacuum, NULL, NULL, NULL);
    talloc_free(vacuum);
    if (result != SQLITE_OK)
        sqlite_note(store);
    return sqlite_errno(store, result);
}
