/* How far a broadcast has come, and holding back what has not gone. */
#include <string.h>

#include "base/memory.h"
#include "store/broadcast.h"
#include "store/sqlite.h"

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
    case DELIVERY_GIVEN_UP:
        return "failed";
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

/* "vi" of "vi,en": the reader's first. */
static const char *first_language(TALLOC_CTX *context, sqlite3_stmt *s, int column)
{
    const char *all = (const char *)sqlite3_column_text(s, column);
    return all != NULL ? memory_must(talloc_strndup(context, all, strcspn(all, ",;"))) : "";
}

static void add_row(TALLOC_CTX *context, sqlite3_stmt *s, json_t *progress)
{
    const char *word = word_of((enum delivery_state)sqlite3_column_int(s, 2),
                               sqlite3_column_int(s, 4) != 0, sqlite3_column_int(s, 3));
    int64_t count = sqlite3_column_int64(s, 5);
    const char *form = sqlite_text(context, s, 0), *languages = first_language(context, s, 1);
    add_to(progress, "total", count);
    add_to(progress, word, count);
    add_in(json_object_get(progress, "by_channel"), form, word, count);
    add_in(json_object_get(progress, "by_language"), languages, word, count);
    const char *facility = sqlite_text(context, s, 8);
    if (facility != NULL && facility[0] != '\0')
        add_in(json_object_get(progress, "by_facility"), facility, word, count);
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
        " end), s.facility from alert a join delivery d on d.alert = a.number join message m on"
        " m.number = d.message join subscriber s on s.number = d.subscriber where a.id = ?1"
        " group by 1, 2, 3, 4, 5, 9",
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
    json_object_set_new(progress, "by_facility", json_object());
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
        "select d.ended_at from alert a join delivery d on d.alert = a.number where a.id = ?1 and"
        " d.state = 3 order by d.ended_at limit 1 offset (select max((count(*) * ?2 + 99) / 100 - "
        "1,"
        " 0) from alert b join delivery e on e.alert = b.number where b.id = ?1)",
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

/* As store_find_told counts: delivered, under way, or ended after an attempt. */
int store_count_told(struct store *store, const char *event_id, json_t **ret_counts)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store,
        "select form, languages, count(*) from (select d.subscriber, m.form, m.languages,"
        " max(d.alert) from alert a join delivery d on d.alert = a.number join message m on"
        " m.number = d.message where a.event_id = ? and d.state <> 6 and (d.state not in (4, 5) or"
        " d.attempts > 0) group by d.subscriber) group by 1, 2",
        &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", event_id);
    TALLOC_CTX *scratch = talloc_new(NULL);
    json_t *counts = json_pack("{sisoso}", "total", 0, "by_channel", json_object(), "by_language",
                               json_object());
    while ((r = sqlite_step(store, s)) > 0) {
        int64_t count = sqlite3_column_int64(s, 2);
        add_to(counts, "total", count);
        add_to(json_object_get(counts, "by_channel"), sqlite_text(scratch, s, 0), count);
        add_to(json_object_get(counts, "by_language"), first_language(scratch, s, 1), count);
    }
    talloc_free(scratch);
    if (r < 0) {
        json_decref(counts);
        return r;
    }
    *ret_counts = counts;
    return 0;
}

/* The number of an alert; 0 when it is not stored. */
static int number_of(struct store *store, const char *alert_id, int64_t *ret_number)
{
    return sqlite_number(store, "select number from alert where id = ?", 0, ret_number, "s",
                         alert_id);
}

/* Ends the open rows of one channel and state, and keeps the tally. */
static int stop_rows(struct store *store, int64_t alert, int channel, enum delivery_state from,
                     bool tried, usec_t now, int64_t *stopped)
{
    enum delivery_state to = tried ? DELIVERY_SUPERSEDED : DELIVERY_REFUSED;
    int r = sqlite_run(store,
                       "update delivery set state = ?, ended_at = ?, last_error ="
                       " 'stopped by staff' where alert = ? and channel = ? and state = ? and"
                       " (attempts > 0) = ?",
                       "iIIiii", (int)to, now, alert, channel, (int)from, (int)tried);
    if (r < 0)
        return r;
    int64_t count = sqlite3_changes64(store->database);
    sqlite_tally(store, alert, channel, (int)from, -count);
    sqlite_tally(store, alert, channel, (int)to, count);
    *stopped += count;
    return 0;
}

int store_stop_alert(struct store *store, const char *alert_id, usec_t now, int64_t *ret_stopped)
{
    static const enum delivery_state open[] = {DELIVERY_PENDING, DELIVERY_DEFERRED};
    int64_t alert = 0, stopped = 0;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = number_of(store, alert_id, &alert);
    for (int channel = 0; r >= 0 && channel < DELIVERY_CHANNELS; channel++) {
        for (int i = 0; r >= 0 && i < 4; i++)
            r = stop_rows(store, alert, channel, open[i / 2], i % 2 != 0, now, &stopped);
    }
    if (r >= 0)
        r = store_end_fanout(store, alert);
    /* What is under way and fails is not tried again. */
    if (r >= 0)
        r = sqlite_run(store, "update alert set expires = min(expires, ?) where number = ?", "II",
                       now, alert);
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_stopped = stopped;
    return r;
}

int store_hold_alert(struct store *store, const char *alert_id, int64_t *ret_held)
{
    int64_t alert = 0, held = 0;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = number_of(store, alert_id, &alert);
    if (r >= 0)
        r = sqlite_run(store,
                       "update delivery set next_at = ?2 where alert = ?1 and state in (0, 2) and"
                       " next_at < ?2",
                       "II", alert, HELD_AT);
    if (r >= 0)
        held = sqlite3_changes64(store->database);
    if (r >= 0)
        r = sqlite_run(store, "update fanout set held = 1 where alert = ? and done = 0", "I",
                       alert);
    if (r >= 0)
        held += sqlite3_changes64(store->database);
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_held = held;
    return r;
}

int store_release_alert(struct store *store, const char *alert_id, usec_t now,
                        int64_t *ret_released)
{
    int64_t alert = 0, released = 0;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = number_of(store, alert_id, &alert);
    if (r >= 0)
        r = sqlite_run(store,
                       "update delivery set next_at = ? where alert = ? and state in (0, 2) and"
                       " next_at = ?",
                       "III", now, alert, HELD_AT);
    if (r >= 0)
        released = sqlite3_changes64(store->database);
    if (r >= 0)
        r = sqlite_run(store, "update fanout set held = 0 where alert = ? and held = 1", "I",
                       alert);
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_released = released;
    return r;
}
