/* Subscribers, facts, counts, retention. */
#include <errno.h>

#include "base/memory.h"
#include "store/sqlite.h"

#define RETAIN_PIECE 500

int store_put_subscriber(struct store *store, const struct store_subscriber *row)
{
    return sqlite_run(store, "insert or replace into subscriber values (?,?,?,?,?,?,?,?,?,?,?,?)",
                      "ssssssssiiiI", row->id, row->channel, row->address, row->languages,
                      row->areas, row->hazards, row->name, row->secret, row->min_level,
                      (int)row->drills, (int)row->from_config, row->created_at);
}

int store_remove_subscriber(struct store *store, const char *id, usec_t now)
{
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store, "delete from subscriber where id = ?", "s", id);
    if (r >= 0 && sqlite3_changes(store->database) == 0)
        r = -ENOENT;
    if (r >= 0)
        r = sqlite_run(store,
                       "update delivery set state = ?, ended_at = ?, last_error = 'unsubscribed'"
                       " where subscriber_id = ? and state in (0, 1, 2)",
                       "iIs", (int)DELIVERY_REFUSED, now, id);
    /* The log still holds the row as it was until it is written back and cut. */
    store->forget = store->forget || r >= 0;
    return sqlite_leave(store, mine, r);
}

int store_list_subscribers(struct store *store, TALLOC_CTX *context, struct store_subscriber **ret,
                           size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_subscriber *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select id, channel, address, languages, areas, hazards, name, secret,"
                           " min_level, drills, from_config, created_at from subscriber"
                           " order by created_at, rowid",
                           &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_subscriber){.id = sqlite_text(context, s, 0),
                                                  .channel = sqlite_text(context, s, 1),
                                                  .address = sqlite_text(context, s, 2),
                                                  .languages = sqlite_text(context, s, 3),
                                                  .areas = sqlite_text(context, s, 4),
                                                  .hazards = sqlite_text(context, s, 5),
                                                  .name = sqlite_text(context, s, 6),
                                                  .secret = sqlite_text(context, s, 7),
                                                  .min_level = sqlite3_column_int(s, 8),
                                                  .drills = sqlite3_column_int(s, 9) != 0,
                                                  .from_config = sqlite3_column_int(s, 10) != 0,
                                                  .created_at = sqlite3_column_int64(s, 11)};
    }
    if (r < 0)
        return r;
    *ret = rows;
    *ret_count = count;
    return 0;
}

int store_get_fact(struct store *store, TALLOC_CTX *context, const char *name,
                   const char **ret_value)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select value from fact where name = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", name);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_value = r > 0 ? sqlite_text(context, s, 0) : NULL;
    sqlite3_reset(s);
    return 0;
}

int store_put_fact(struct store *store, const char *name, const char *value)
{
    return sqlite_run(store, "insert or replace into fact values (?, ?)", "ss", name, value);
}

/* Rows (group, name, count) into {"group": {"name": count}}. */
static int count_into(struct store *store, const char *sql, const char *(*name_of)(int),
                      json_t *all)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, sql, &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        const char *group = (const char *)sqlite3_column_text(s, 0);
        if (group == NULL)
            continue;
        if (name_of == NULL) {
            json_object_set_new(all, group, json_integer(sqlite3_column_int64(s, 1)));
            continue;
        }
        json_t *inner = json_object_get(all, group);
        if (inner == NULL) {
            inner = json_object();
            json_object_set_new(all, group, inner);
        }
        json_object_set_new(inner, name_of(sqlite3_column_int(s, 1)),
                            json_integer(sqlite3_column_int64(s, 2)));
    }
    return r;
}

static const char *state_of(int number)
{
    return delivery_state_name((enum delivery_state)number);
}

static const char *outcome_of(int number)
{
    return telegram_outcome_name((enum telegram_outcome)number);
}

int store_counts(struct store *store, json_t **ret_counts)
{
    json_t *counts =
        json_pack("{so,so,so,so}", "deliveries", json_object(), "telegrams", json_object(),
                  "alerts", json_object(), "subscribers", json_object());
    int r = count_into(store,
                       "select m.form, d.state, sum(d.n) from (select message_id, state, count(*) n"
                       " from delivery group by 1, 2) d join message m on m.id = d.message_id"
                       " group by 1, 2",
                       state_of, json_object_get(counts, "deliveries"));
    if (r >= 0)
        r = count_into(store, "select code, outcome, count(*) from telegram group by 1, 2",
                       outcome_of, json_object_get(counts, "telegrams"));
    if (r >= 0)
        r = count_into(store, "select hazard, count(*) from alert group by 1", NULL,
                       json_object_get(counts, "alerts"));
    if (r >= 0)
        r = count_into(store, "select channel, count(*) from subscriber group by 1", NULL,
                       json_object_get(counts, "subscribers"));
    if (r < 0) {
        json_decref(counts);
        return r;
    }
    *ret_counts = counts;
    return 0;
}

/* In pieces, each its own transaction, so that nothing waits long behind it. */
static int retain_pieces(struct store *store, const char *sql, usec_t before)
{
    int r;
    do
        r = sqlite_run(store, sql, "II", before, (int64_t)RETAIN_PIECE);
    while (r >= 0 && sqlite3_changes(store->database) == RETAIN_PIECE);
    return r;
}

int store_retain(struct store *store, usec_t before)
{
    static const char *const pieces[] = {
        /* Kept as long as the event goes on: they are what people were told of it. */
        "delete from delivery where number in (select d.number from delivery d where d.ended_at > 0"
        " and d.ended_at < ?1 and not exists (select 1 from alert a where a.event_id = d.event_id"
        " and a.in_force = 1 and a.expires >= ?1) limit ?2)",
        "delete from message where rowid in (select m.rowid from message m join alert a on"
        " a.id = m.alert_id where a.issued_at < ? and not exists (select 1 from delivery d where"
        " d.message_id = m.id) limit ?)",
        /* Kept as long as a message is: it says how old the message is. */
        "delete from alert where rowid in (select a.rowid from alert a where a.issued_at < ?1 and"
        " (a.in_force = 0 or a.expires < ?1) and not exists (select 1 from message m where"
        " m.alert_id = a.id) limit ?2)",
        "update telegram set body = NULL where rowid in (select rowid from telegram where"
        " received_at < ? and outcome <> 0 and body is not null limit ?)",
    };
    int r = 0;
    for (size_t i = 0; r >= 0 && i < sizeof(pieces) / sizeof(pieces[0]); i++)
        r = retain_pieces(store, pieces[i], before);
    return r;
}
