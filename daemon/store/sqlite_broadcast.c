/* Broadcasts, requests, silences. */
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/broadcast.h"
#include "store/sqlite.h"

/* A row that a check or a trigger refuses is an attempt to get round a rule, not a fault of the
 * store. */
int sqlite_rule(const struct store *store, int result)
{
    return result < 0 && sqlite3_errcode(store->database) == SQLITE_CONSTRAINT ? -EPERM : result;
}

int store_put_broadcast(struct store *store, const struct store_broadcast *row)
{
    char *json = json_dumps(row->json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    memory_must(json);
    int r = sqlite_run(
        store,
        "insert into broadcast values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) on conflict (id) do update"
        " set thread = excluded.thread, kind = excluded.kind, state = excluded.state,"
        " author = excluded.author, last_editor = excluded.last_editor,"
        " approver = excluded.approver, hash = excluded.hash,"
        " approved_hash = excluded.approved_hash, alone = excluded.alone,"
        " alert_id = excluded.alert_id, held = excluded.held, lapses_at = excluded.lapses_at,"
        " json = excluded.json",
        "sssssssssssiIIs", row->id, row->thread, row->kind, row->state, row->author,
        row->last_editor, row->approver, row->hash, row->approved_hash, row->alone, row->alert_id,
        (int)row->held, row->created_at, row->lapses_at, json);
    free(json);
    return sqlite_rule(store, r);
}

/* The JSON of one row, or NULL. */
static int get_json(struct store *store, sqlite3_stmt *s, json_t **ret_json)
{
    int r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_json = r > 0 ? sqlite_json(s, 0) : NULL;
    sqlite3_reset(s);
    return 0;
}

static int list_json(struct store *store, sqlite3_stmt *s, json_t **ret_array)
{
    json_t *list = json_array();
    int r;
    while ((r = sqlite_step(store, s)) > 0)
        json_array_append_new(list, sqlite_json(s, 0));
    if (r < 0) {
        json_decref(list);
        return r;
    }
    *ret_array = list;
    return 0;
}

int store_get_broadcast(struct store *store, const char *id, json_t **ret_json)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select json from broadcast where id = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    return get_json(store, s, ret_json);
}

int store_list_broadcasts(struct store *store, const char *kind, const char *thread, size_t limit,
                          json_t **ret_array)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select json from broadcast where kind = ?1 and (?2 is null or"
                           " thread = ?2) order by created_at desc, id limit ?3",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "ssI", kind, thread, (int64_t)limit);
    return list_json(store, s, ret_array);
}

int store_lapsing_broadcasts(struct store *store, usec_t now, json_t **ret_array)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select json from broadcast where lapses_at > 0 and lapses_at <= ?"
                           " order by lapses_at, id",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", now);
    return list_json(store, s, ret_array);
}

int store_next_lapse(struct store *store, usec_t *ret_at)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select min(lapses_at) from broadcast where lapses_at > 0", &s);
    if (r < 0)
        return r;
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_at = r > 0 ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_reset(s);
    return 0;
}

int store_get_request(struct store *store, TALLOC_CTX *context, const char *id,
                      struct store_request *ret)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store, "select id, who, fingerprint, answer, status, at from staff_request where id = ?",
        &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret = (struct store_request){0};
    if (r > 0)
        *ret = (struct store_request){.id = sqlite_text(context, s, 0),
                                      .who = sqlite_text(context, s, 1),
                                      .fingerprint = sqlite_text(context, s, 2),
                                      .answer = sqlite_text(context, s, 3),
                                      .status = sqlite3_column_int(s, 4),
                                      .at = sqlite3_column_int64(s, 5)};
    sqlite3_reset(s);
    return 0;
}

int store_put_request(struct store *store, const struct store_request *row)
{
    return sqlite_run(store, "insert into staff_request values (?,?,?,?,?,?)", "ssssiI", row->id,
                      row->who, row->fingerprint, row->answer, row->status, row->at);
}

int store_forget_staff(struct store *store, usec_t requests_before, usec_t sessions_before)
{
    int r = sqlite_run(store, "delete from staff_request where at < ?", "I", requests_before);
    if (r >= 0)
        r = sqlite_run(store, "delete from staff_session where last_seen < ?", "I",
                       sessions_before);
    return r;
}

int store_put_silence(struct store *store, const struct store_silence *row)
{
    char *json = json_dumps(row->json, JSON_COMPACT);
    memory_must(json);
    int r = sqlite_run(store,
                       "insert into silence values (?,?,?,?,?,?,?,?) on conflict (id) do update set"
                       " approver = excluded.approver, until = excluded.until,"
                       " ended_at = excluded.ended_at, json = excluded.json",
                       "sssiIIIs", row->id, row->author, row->approver, (int)row->needs_approval,
                       row->from, row->until, row->ended_at, json);
    free(json);
    return sqlite_rule(store, r);
}

int store_get_silence(struct store *store, const char *id, json_t **ret_json)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select json from silence where id = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    return get_json(store, s, ret_json);
}

int store_list_silences(struct store *store, usec_t now, json_t **ret_array)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select json from silence where ?1 = 0 or (begins <= ?1 and until > ?1"
                           " and ended_at = 0 and (needs_approval = 0 or approver is not null))"
                           " order by begins desc, id",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", now);
    return list_json(store, s, ret_array);
}

int store_put_muted(struct store *store, const char *alert_id, const char *silence_id, usec_t at)
{
    return sqlite_run(store, "insert or ignore into muted values (?,?,?)", "ssI", alert_id,
                      silence_id, at);
}

int store_list_muted(struct store *store, size_t limit, json_t **ret_array)
{
    sqlite3_stmt *s;
    json_t *list;
    int r = sqlite_prepare(store,
                           "select m.alert_id, m.silence_id, m.at, a.json from muted m left join"
                           " alert a on a.id = m.alert_id order by m.at desc limit ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", (int64_t)limit);
    list = json_array();
    while ((r = sqlite_step(store, s)) > 0) {
        json_t *alert = sqlite_json(s, 3);
        json_array_append_new(list, json_pack("{sssssIso}", "alert_id",
                                              (const char *)sqlite3_column_text(s, 0), "silence",
                                              (const char *)sqlite3_column_text(s, 1), "at",
                                              (json_int_t)sqlite3_column_int64(s, 2), "alert",
                                              alert != NULL ? alert : json_null()));
    }
    if (r < 0) {
        json_decref(list);
        return r;
    }
    *ret_array = list;
    return 0;
}
