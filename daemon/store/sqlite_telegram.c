/* Telegrams as received, event states, alerts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite.h"

const char *telegram_outcome_name(enum telegram_outcome outcome)
{
    static const char *const names[OUTCOME_COUNT] = {[OUTCOME_RECEIVED] = "received",
                                                     [OUTCOME_ALERTED] = "alerted",
                                                     [OUTCOME_NO_CHANGE] = "no-change",
                                                     [OUTCOME_RECORDED] = "recorded",
                                                     [OUTCOME_DRILL] = "drill",
                                                     [OUTCOME_BROKEN] = "broken",
                                                     [OUTCOME_UNKNOWN_CODE] = "unknown-code",
                                                     [OUTCOME_PAST] = "past"};
    return outcome < OUTCOME_COUNT ? names[outcome] : "unknown";
}

int store_put_telegram(struct store *store, const struct store_telegram *telegram, bool *ret_new)
{
    bool mine, fresh = false;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = sqlite_run(store,
                   "insert into telegram values (?,?,?,?,?,?,0,NULL,?) on conflict (id) do nothing",
                   "sssbIIi", telegram->id, telegram->code, telegram->url, telegram->body,
                   telegram->body_length, telegram->received_at, telegram->control_time,
                   (int)telegram->backlog);
    if (r >= 0) {
        fresh = sqlite3_changes(store->database) > 0;
        r = sqlite_run(store, "update entry set state = ?, last_error = NULL where id = ?", "is",
                       (int)ENTRY_STORED, telegram->id);
    }
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_new = fresh;
    return r;
}

int store_finish_telegram(struct store *store, const char *id, const char *code,
                          usec_t control_time, enum telegram_outcome outcome, const char *note)
{
    return sqlite_run(
        store, "update telegram set code = ?, control_time = ?, outcome = ?, note = ? where id = ?",
        "sIiss", code, control_time, (int)outcome, note, id);
}

/* Of "id, code, url, body, received_at, control_time, backlog". */
static struct store_telegram read_telegram(TALLOC_CTX *context, sqlite3_stmt *s)
{
    size_t length = (size_t)sqlite3_column_bytes(s, 3);
    return (struct store_telegram){
        .id = sqlite_text(context, s, 0),
        .code = sqlite_text(context, s, 1),
        .url = sqlite_text(context, s, 2),
        .body = length > 0 ? memory_must(talloc_memdup(context, sqlite3_column_blob(s, 3), length))
                           : memory_text(context, ""),
        .body_length = length,
        .received_at = sqlite3_column_int64(s, 4),
        .control_time = sqlite3_column_int64(s, 5),
        .backlog = sqlite3_column_int(s, 6) != 0};
}

int store_archived_telegrams(struct store *store, TALLOC_CTX *context, usec_t since, char ***ret,
                             size_t *ret_count)
{
    sqlite3_stmt *s;
    char **list = memory_array(context, char *, 1);
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select id from telegram where control_time >= ? and length(body) > 0"
                           " order by control_time, received_at, id",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", since);
    while ((r = sqlite_step(store, s)) > 0) {
        list = memory_grow(context, list, count, sizeof(*list));
        list[count++] = (char *)sqlite_text(context, s, 0);
    }
    *ret = list;
    *ret_count = count;
    return r;
}

int store_get_telegram(struct store *store, TALLOC_CTX *context, const char *id,
                       struct store_telegram *ret)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select id, code, url, body, received_at, control_time, backlog from"
                           " telegram where id = ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *ret = read_telegram(context, s);
    sqlite3_reset(s);
    return 0;
}

int store_unfinished_telegrams(struct store *store, TALLOC_CTX *context,
                               struct store_telegram **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_telegram *list = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select id, code, url, body, received_at, control_time, backlog from"
                           " telegram where outcome = 0 order by control_time, received_at",
                           &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        list = memory_grow(context, list, count, sizeof(*list));
        list[count++] = read_telegram(context, s);
    }
    if (r < 0)
        return r;
    *ret = list;
    *ret_count = count;
    return 0;
}

int store_get_event(struct store *store, const char *key, json_t **ret_state)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select state from event where key = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", key);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_state = r > 0 ? sqlite_json(s, 0) : NULL;
    sqlite3_reset(s);
    return 0;
}

int store_put_event(struct store *store, const char *key, const json_t *state, usec_t expires_at,
                    usec_t now)
{
    char *text = json_dumps(state, JSON_COMPACT);
    if (text == NULL)
        return -EINVAL;
    int r = sqlite_run(store, "insert or replace into event values (?,?,?,?)", "ssII", key, text,
                       expires_at, now);
    free(text);
    return r;
}

int store_expiring_events(struct store *store, TALLOC_CTX *context, usec_t now, char ***ret_keys,
                          size_t *ret_count)
{
    sqlite3_stmt *s;
    char **keys = NULL;
    size_t count = 0;
    int r = sqlite_prepare(
        store, "select key from event where expires_at > 0 and expires_at <= ? order by expires_at",
        &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", now);
    while ((r = sqlite_step(store, s)) > 0) {
        keys = memory_grow(context, keys, count, sizeof(*keys));
        keys[count++] = (char *)sqlite_text(context, s, 0);
    }
    if (r < 0)
        return r;
    *ret_keys = keys;
    *ret_count = count;
    return 0;
}

int store_put_alert(struct store *store, const struct store_alert *alert, bool *ret_new)
{
    const char *hazard = json_string_value(json_object_get(alert->json, "hazard"));
    char *text = json_dumps(alert->json, JSON_COMPACT);
    bool mine, fresh = false;
    int r = text != NULL ? sqlite_join(store, &mine) : -EINVAL;
    if (r < 0)
        goto finish;
    r = sqlite_run(store,
                   "insert into alert (id, event_id, event_key, status, hazard, level, in_force,"
                   " issued_at, expires, sent, json) values (?,?,?,?,?,?,?,?,?,?,?)"
                   " on conflict (id) do nothing",
                   "sssssiiIIis", alert->id, alert->event_id, alert->event_key, alert->status,
                   hazard, alert->level, (int)alert->in_force, alert->issued_at, alert->expires,
                   (int)alert->sent, text);
    if (r >= 0)
        fresh = sqlite3_changes(store->database) > 0;
    if (r >= 0 && !fresh && alert->sent)
        r = sqlite_run(store, "update alert set sent = 1, json = ? where id = ?", "ss", text,
                       alert->id);
    if (r >= 0 && fresh)
        r = sqlite_run(store, "update alert set in_force = 0 where event_key = ? and id <> ?", "ss",
                       alert->event_key, alert->id);
    r = sqlite_leave(store, mine, r);
finish:
    free(text);
    if (r >= 0)
        *ret_new = fresh;
    return r;
}

static int collect_json(struct store *store, sqlite3_stmt *s, json_t **ret_array)
{
    json_t *array = json_array();
    int r;
    while ((r = sqlite_step(store, s)) > 0) {
        json_t *json = sqlite_json(s, 0);
        if (json != NULL)
            json_array_append_new(array, json);
    }
    if (r < 0) {
        json_decref(array);
        return r;
    }
    *ret_array = array;
    return 0;
}

int store_alerts_in_force(struct store *store, usec_t now, json_t **ret_array)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store,
        "select json from alert where in_force = 1 and expires > ? order by level desc, issued_at",
        &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", now);
    return collect_json(store, s, ret_array);
}

int store_recent_alerts(struct store *store, size_t recent, json_t **ret_array)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select json from alert order by issued_at desc limit ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", (int64_t)recent);
    return collect_json(store, s, ret_array);
}
