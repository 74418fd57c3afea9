/* How far a broadcast has come, and holding back what has not gone. */
#include <string.h>

#include "base/memory.h"
#include "store/broadcast.h"
#include "store/sqlite.h"

/* next_at of what waits for release: no clock reaches it. */
#define HELD_AT ((int64_t)1 << 62)

static const char *word_of(enum delivery_state state, bool held, int attempts)
{
    switch (state) {
    case DELIVERY_PENDING:
    case DELIVERY_DEFERRED:
        return held ? "held" : "waiting";
    case DELIVERY_SENDING:
        return "sending";
    case DELIVERY_DELIVERED:
        return "delivered";
    case DELIVERY_EXPIRED:
        return "expired";
    case DELIVERY_SUPERSEDED:
        return "stopped";
    case DELIVERY_REFUSED:
        return attempts == 0 ? "stopped" : "failed";
    case DELIVERY_COUNT:
        break;
    }
    return "failed";
}

static void add_to(json_t *object, const char *key, int64_t count)
{
    json_t *before = json_object_get(object, key);
    json_object_set_new(object, key, json_integer(json_integer_value(before) + count));
}

static void add_in(json_t *groups, const char *group, const char *word, int64_t count)
{
    json_t *inner = json_object_get(groups, group);
    if (inner == NULL) {
        inner = json_object();
        json_object_set_new(groups, group, inner);
    }
    add_to(inner, word, count);
}

static void add_row(TALLOC_CTX *context, sqlite3_stmt *s, json_t *progress)
{
    const char *word = word_of((enum delivery_state)sqlite3_column_int(s, 2),
                               sqlite3_column_int(s, 4) != 0, sqlite3_column_int(s, 3));
    int64_t count = sqlite3_column_int64(s, 5);
    const char *form = sqlite_text(context, s, 0), *languages = sqlite_text(context, s, 1);
    char *comma = strchr(languages, ',');
    if (comma != NULL)
        *comma = '\0'; /* the reader's first language */
    add_to(progress, "total", count);
    add_to(progress, word, count);
    add_in(json_object_get(progress, "by_channel"), form, word, count);
    add_in(json_object_get(progress, "by_language"), languages, word, count);
    int64_t first = sqlite3_column_int64(s, 6), last = sqlite3_column_int64(s, 7);
    int64_t before = json_integer_value(json_object_get(progress, "first_at"));
    if (first > 0 && (before == 0 || first < before))
        json_object_set_new(progress, "first_at", json_integer(first));
    if (last > json_integer_value(json_object_get(progress, "last_at")))
        json_object_set_new(progress, "last_at", json_integer(last));
}

int store_broadcast_progress(struct store *store, const char *alert_id, json_t **ret_progress)
{
    static const char *const words[] = {"total",   "waiting", "sending", "delivered", "failed",
                                        "expired", "stopped", "held",    "first_at",  "last_at"};
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store,
        "select m.form, m.languages, d.state, min(d.attempts, 1), d.next_at >= ?2, count(*),"
        " min(case d.state when 3 then d.ended_at end), max(case d.state when 3 then d.ended_at"
        " end) from delivery d join message m on m.id = d.message_id where d.alert_id = ?1"
        " group by 1, 2, 3, 4, 5",
        &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "sI", alert_id, HELD_AT);
    TALLOC_CTX *scratch = talloc_new(NULL);
    json_t *progress = json_object();
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        json_object_set_new(progress, words[i], json_integer(0));
    json_object_set_new(progress, "by_channel", json_object());
    json_object_set_new(progress, "by_language", json_object());
    while ((r = sqlite_step(store, s)) > 0)
        add_row(scratch, s, progress);
    talloc_free(scratch);
    if (r < 0) {
        json_decref(progress);
        return r;
    }
    *ret_progress = progress;
    return 0;
}

int store_broadcast_reached_at(struct store *store, const char *alert_id, int percent,
                               usec_t *ret_at)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store,
        "select ended_at from delivery where alert_id = ?1 and state = 3 order by ended_at limit 1"
        " offset (select max((count(*) * ?2 + 99) / 100 - 1, 0) from delivery where alert_id = ?1)",
        &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "si", alert_id, percent);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_at = r > 0 ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_reset(s);
    return 0;
}

static int count_changes(struct store *store, int r, int64_t *ret_count)
{
    if (r >= 0)
        *ret_count = sqlite3_changes64(store->database);
    return r < 0 ? r : 0;
}

int store_stop_alert(struct store *store, const char *alert_id, usec_t now, int64_t *ret_stopped)
{
    int r = sqlite_run(store,
                       "update delivery set state = case attempts when 0 then ?2 else ?3 end,"
                       " ended_at = ?4, last_error = 'stopped by staff' where alert_id = ?1"
                       " and state in (0, 2)",
                       "siiI", alert_id, (int)DELIVERY_REFUSED, (int)DELIVERY_SUPERSEDED, now);
    return count_changes(store, r, ret_stopped);
}

int store_hold_alert(struct store *store, const char *alert_id, int64_t *ret_held)
{
    int r = sqlite_run(store,
                       "update delivery set next_at = ?2 where alert_id = ?1 and state in (0, 2)"
                       " and next_at < ?2",
                       "sI", alert_id, HELD_AT);
    return count_changes(store, r, ret_held);
}

int store_release_alert(struct store *store, const char *alert_id, usec_t now,
                        int64_t *ret_released)
{
    int r = sqlite_run(store,
                       "update delivery set next_at = ?3 where alert_id = ?1 and state in (0, 2)"
                       " and next_at >= ?2",
                       "sII", alert_id, HELD_AT, now);
    return count_changes(store, r, ret_released);
}
