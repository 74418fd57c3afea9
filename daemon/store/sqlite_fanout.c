/* Fan-outs: the cursor of an alert on its way, who listens, and what they were told before. */
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/sqlite.h"

int store_begin_fanout(struct store *store, const char *alert_id, usec_t now, const json_t *carried,
                       bool *ret_new, int64_t *ret_alert)
{
    char *text = carried != NULL ? json_dumps(carried, JSON_COMPACT) : NULL;
    bool mine, fresh = false;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        goto finish;
    r = sqlite_number(store, "select number from alert where id = ?", 0, ret_alert, "s", alert_id);
    if (r >= 0 && *ret_alert == 0)
        r = -ENOENT;
    if (r >= 0)
        r = sqlite_run(store,
                       "insert into fanout (alert, created_at, cursor, upto, done, carried)"
                       " values (?, ?, 0, coalesce((select max(number) from subscriber), 0), 0, ?)"
                       " on conflict (alert) do nothing",
                       "IIs", *ret_alert, now, text);
    if (r >= 0)
        fresh = sqlite3_changes(store->database) > 0;
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_new = fresh;
finish:
    free(text);
    return r;
}

struct json_owner {
    json_t *json;
};

static int json_owner_destroy(struct json_owner *owner)
{
    json_decref(owner->json);
    return 0;
}

/* A column that goes with `context`. */
static json_t *own_json(TALLOC_CTX *context, sqlite3_stmt *s, int column)
{
    struct json_owner *owner = memory_new(context, struct json_owner);
    owner->json = sqlite_json(s, column);
    talloc_set_destructor(owner, json_owner_destroy);
    return owner->json;
}

int store_open_fanouts(struct store *store, TALLOC_CTX *context, const char *event_id, size_t limit,
                       struct store_fanout **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_fanout *rows = NULL;
    size_t count = 0;
    int r =
        sqlite_prepare(store,
                       "select f.alert, a.id, a.event_id, a.json, f.created_at, a.expires,"
                       " a.issued_at, f.cursor, f.upto, f.carried from fanout f join alert a on"
                       " a.number = f.alert where f.done = 0 and (f.held = 0 or ?1 is not"
                       " null) and (?1 is null or a.event_id = ?1) order by a.status <> 'actual',"
                       " a.level desc, f.alert limit ?2",
                       &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "sI", event_id, (int64_t)limit);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_fanout){.alert = sqlite3_column_int64(s, 0),
                                              .alert_id = sqlite_text(context, s, 1),
                                              .event_id = sqlite_text(context, s, 2),
                                              .alert_json = own_json(context, s, 3),
                                              .created_at = sqlite3_column_int64(s, 4),
                                              .expires_at = sqlite3_column_int64(s, 5),
                                              .issued_at = sqlite3_column_int64(s, 6),
                                              .cursor = sqlite3_column_int64(s, 7),
                                              .upto = sqlite3_column_int64(s, 8),
                                              .carried = own_json(context, s, 9)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_move_fanout(struct store *store, int64_t alert, int64_t cursor)
{
    return sqlite_run(store,
                      "update fanout set cursor = ?2, done = ?2 >= upto where alert = ?1 and"
                      " cursor <= ?2",
                      "II", alert, cursor);
}

int store_end_fanout(struct store *store, int64_t alert)
{
    return sqlite_run(store, "update fanout set done = 1 where alert = ?", "I", alert);
}

int store_reached_profiles(struct store *store, TALLOC_CTX *context, const char *event_id,
                           int64_t **ret_profiles, size_t *ret_count)
{
    sqlite3_stmt *s;
    int64_t *profiles = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select distinct r.profile from alert a join reached r on r.alert ="
                           " a.number where a.event_id = ? order by 1",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", event_id);
    while ((r = sqlite_step(store, s)) > 0) {
        profiles = memory_grow(context, profiles, count, sizeof(*profiles));
        profiles[count++] = sqlite3_column_int64(s, 0);
    }
    *ret_profiles = profiles;
    *ret_count = count;
    return r;
}

int store_put_reached(struct store *store, int64_t alert, int64_t profile)
{
    return sqlite_run(store,
                      "insert into reached values (?, ?) on conflict (alert, profile) do nothing",
                      "II", alert, profile);
}

static int compare_listener(const void *left, const void *right)
{
    const struct store_listener *a = left, *b = right;
    return a->subscriber < b->subscriber ? -1 : a->subscriber > b->subscriber;
}

/* The rest of a statement that gives (number, profile, in trouble). */
static int collect(struct store *store, TALLOC_CTX *context, sqlite3_stmt *s,
                   struct store_listener **rows, size_t *count)
{
    int r;
    while ((r = sqlite_step(store, s)) > 0) {
        *rows = memory_grow(context, *rows, *count, sizeof(**rows));
        (*rows)[(*count)++] = (struct store_listener){.subscriber = sqlite3_column_int64(s, 0),
                                                      .profile = sqlite3_column_int64(s, 1),
                                                      .in_trouble = sqlite3_column_int(s, 2) != 0};
    }
    return r;
}

/* Whom another channel reaches is not in trouble: his first one must fail soon, or is not tried. */
#define LISTENERS                                                                                  \
    "select s.number, s.profile, iif(t.subscriber is null, 0, s.disabled_at = 0 and (select"       \
    " c.fallback is null from contact c where c.subscriber = s.number)) from subscriber s"         \
    " left join trouble t on t.subscriber = s.number where "

static int page_all(struct store *store, TALLOC_CTX *context, int64_t after, int64_t upto,
                    size_t limit, struct store_listener **rows, size_t *count)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store, LISTENERS "s.number > ? and s.number <= ? order by s.number limit ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "III", after, upto, (int64_t)limit);
    return collect(store, context, s, rows, count);
}

static int page_profile(struct store *store, TALLOC_CTX *context, int64_t after, int64_t upto,
                        int64_t profile, size_t limit, struct store_listener **rows, size_t *count)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           LISTENERS "s.profile = ? and s.number > ? and s.number <= ?"
                                     " order by s.number limit ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "IIII", profile, after, upto, (int64_t)limit);
    return collect(store, context, s, rows, count);
}

int store_page_listeners(struct store *store, TALLOC_CTX *context, int64_t after, int64_t upto,
                         const int64_t *profiles, size_t profile_count, size_t limit,
                         struct store_listener **ret, size_t *ret_count)
{
    struct store_listener *rows = NULL;
    size_t count = 0;
    int r = 0;
    if (profiles == NULL)
        r = page_all(store, context, after, upto, limit, &rows, &count);
    for (size_t i = 0; r >= 0 && profiles != NULL && i < profile_count; i++)
        r = page_profile(store, context, after, upto, profiles[i], limit, &rows, &count);
    if (r < 0)
        return r;
    /* Each profile gave its first ones: of these all up to the limit are the first of all. */
    if (profiles != NULL && count > 0)
        qsort(rows, count, sizeof(*rows), compare_listener);
    *ret = rows;
    *ret_count = count < limit ? count : limit;
    return 0;
}

/* What somebody knows: his delivery was, is being or will be made. An expired, superseded or given
 * up one counts only when it was tried, for it may have arrived; so does one that is held
 * (HELD_AT). Newest is what was added last, as for supersession: the wall clock may have been set
 * back. */
#define KNOWN                                                                                      \
    " and (state in (1, 3) or (state in (0, 2) and next_at < 9223372036854775807)"                 \
    " or (state in (0, 2, 4, 5, 7) and attempts > 0))"
#define HEARD "state in (1, 3) or attempts > 0"

static void note_told(struct store_listener *listener, sqlite3_stmt *s, int column)
{
    listener->told = sqlite3_column_int64(s, column);
    listener->heard = listener->heard || sqlite3_column_int(s, column + 1) != 0;
}

static int told_by_range(struct store *store, int64_t alert, struct store_listener *listeners,
                         size_t count)
{
    sqlite3_stmt *s;
    size_t at = 0;
    int r = sqlite_prepare(store,
                           "select subscriber, message, " HEARD " from delivery where alert = ? and"
                           " subscriber >= ? and subscriber <= ?" KNOWN " order by subscriber",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "III", alert, listeners[0].subscriber, listeners[count - 1].subscriber);
    while ((r = sqlite_step(store, s)) > 0) {
        int64_t subscriber = sqlite3_column_int64(s, 0);
        while (at < count && listeners[at].subscriber < subscriber)
            at++;
        if (at < count && listeners[at].subscriber == subscriber)
            note_told(&listeners[at], s, 1);
    }
    return r;
}

static int told_one_by_one(struct store *store, int64_t alert, struct store_listener *listeners,
                           size_t count)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store, "select message, " HEARD " from delivery where alert = ? and subscriber = ?" KNOWN,
        &s);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        sqlite3_reset(s);
        sqlite_bind(s, "II", alert, listeners[i].subscriber);
        r = sqlite_step(store, s);
        if (r > 0)
            note_told(&listeners[i], s, 0);
    }
    if (r > 0)
        sqlite3_reset(s);
    return r < 0 ? r : 0;
}

/* Alerts of the event that were fanned out before this one, oldest first. */
static int earlier_alerts(struct store *store, TALLOC_CTX *context, const char *event_id,
                          int64_t before, int64_t **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    int64_t *alerts = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select a.number from alert a join fanout f on f.alert = a.number where"
                           " a.event_id = ? and a.number < ? order by a.number",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "sI", event_id, before);
    while ((r = sqlite_step(store, s)) > 0) {
        alerts = memory_grow(context, alerts, count, sizeof(*alerts));
        alerts[count++] = sqlite3_column_int64(s, 0);
    }
    *ret = alerts;
    *ret_count = count;
    return r;
}

/* Listeners that lie far apart are asked for one by one. */
#define SPARSE 16

int store_find_told(struct store *store, const char *event_id, int64_t before,
                    struct store_listener *listeners, size_t count)
{
    TALLOC_CTX *scratch = talloc_new(store);
    int64_t *alerts = NULL;
    size_t alert_count = 0;
    int r = count > 0 ? earlier_alerts(store, scratch, event_id, before, &alerts, &alert_count) : 0;
    int64_t width =
        count > 0 ? listeners[count - 1].subscriber - listeners[0].subscriber : (int64_t)0;
    bool sparse = width > (int64_t)count * SPARSE;
    for (size_t i = 0; r >= 0 && i < alert_count; i++)
        r = sparse ? told_one_by_one(store, alerts[i], listeners, count)
                   : told_by_range(store, alerts[i], listeners, count);
    talloc_free(scratch);
    return r;
}
