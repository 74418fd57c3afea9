/* Facts and counts. */
#include "base/memory.h"
#include "store/sqlite.h"

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

/* Rows (group, name, count) into {"group": {"name": count}}; without name_of (group, count). A
 * group without group_of is a text. */
static int count_into(struct store *store, const char *sql, const char *(*group_of)(int),
                      const char *(*name_of)(int), json_t *all)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, sql, &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        const char *group = group_of != NULL ? group_of(sqlite3_column_int(s, 0))
                                             : (const char *)sqlite3_column_text(s, 0);
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

static const char *channel_of(int number)
{
    return delivery_channel_name((enum delivery_channel)number);
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
                       "select channel, state, sum(n) from tally group by 1, 2 having sum(n) > 0",
                       channel_of, state_of, json_object_get(counts, "deliveries"));
    if (r >= 0)
        r = count_into(store, "select code, outcome, count(*) from telegram group by 1, 2", NULL,
                       outcome_of, json_object_get(counts, "telegrams"));
    if (r >= 0)
        r = count_into(store, "select hazard, count(*) from alert group by 1", NULL, NULL,
                       json_object_get(counts, "alerts"));
    if (r >= 0)
        r = count_into(
            store, "select channel, sum(subscribers) from profile where subscribers > 0 group by 1",
            NULL, NULL, json_object_get(counts, "subscribers"));
    if (r < 0) {
        json_decref(counts);
        return r;
    }
    *ret_counts = counts;
    return 0;
}
