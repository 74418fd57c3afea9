/* Messages: rendered once, shared by many deliveries. */
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "store/sqlite.h"

int store_put_message(struct store *store, const struct store_message *message, int64_t *ret_number)
{
    char *told = message->told != NULL ? json_dumps(message->told, JSON_COMPACT) : NULL;
    int r = sqlite_run(store,
                       "insert into message (id, alert, form, languages, subject, body, html, told)"
                       " values (?,?,?,?,?,?,?,?) on conflict (id) do nothing",
                       "sIssssss", message->id, message->alert, message->form, message->languages,
                       message->subject, message->body, message->html, told);
    free(told);
    if (r >= 0)
        r = sqlite_number(store, "select number from message where id = ?", 0, ret_number, "s",
                          message->id);
    return r;
}

int store_get_message(struct store *store, TALLOC_CTX *context, int64_t number,
                      struct store_message *ret)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select m.id, m.alert, m.form, m.languages, m.subject, m.body, m.html,"
                           " a.id, a.event_id from message m join alert a on a.number = m.alert"
                           " where m.number = ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", number);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *ret = (struct store_message){.number = number,
                                  .id = sqlite_text(context, s, 0),
                                  .alert = sqlite3_column_int64(s, 1),
                                  .form = sqlite_text(context, s, 2),
                                  .languages = sqlite_text(context, s, 3),
                                  .subject = sqlite_text(context, s, 4),
                                  .body = sqlite_text(context, s, 5),
                                  .html = sqlite_text(context, s, 6),
                                  .alert_id = sqlite_text(context, s, 7),
                                  .event_id = sqlite_text(context, s, 8)};
    sqlite3_reset(s);
    return 0;
}

int store_get_told(struct store *store, int64_t message, json_t **ret_told)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select told from message where number = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", message);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_told = r > 0 ? sqlite_json(s, 0) : NULL;
    sqlite3_reset(s);
    return 0;
}
