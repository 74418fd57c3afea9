/* Accounts, tokens, sessions, and the audit log. */
#include <errno.h>

#include "base/memory.h"
#include "store/broadcast.h"
#include "store/sqlite.h"

#define ACCOUNT_COLUMNS                                                                            \
    "name, shown_name, role, authority, language, password, totp, totp_step, disabled,"            \
    " break_glass_until, created_at, last_login"

static struct store_account read_account(TALLOC_CTX *context, sqlite3_stmt *s)
{
    return (struct store_account){.name = sqlite_text(context, s, 0),
                                  .shown_name = sqlite_text(context, s, 1),
                                  .role = sqlite_text(context, s, 2),
                                  .authority = sqlite_text(context, s, 3),
                                  .language = sqlite_text(context, s, 4),
                                  .password = sqlite_text(context, s, 5),
                                  .totp = sqlite_text(context, s, 6),
                                  .totp_step = sqlite3_column_int64(s, 7),
                                  .disabled = sqlite3_column_int(s, 8) != 0,
                                  .break_glass_until = sqlite3_column_int64(s, 9),
                                  .created_at = sqlite3_column_int64(s, 10),
                                  .last_login = sqlite3_column_int64(s, 11)};
}

int store_put_account(struct store *store, const struct store_account *row)
{
    return sqlite_run(store,
                      "insert or replace into staff_account values (?,?,?,?,?,?,?,?,?,?,?,?)",
                      "sssssssIiIII", row->name, row->shown_name, row->role, row->authority,
                      row->language, row->password, row->totp, row->totp_step, (int)row->disabled,
                      row->break_glass_until, row->created_at, row->last_login);
}

int store_get_account(struct store *store, TALLOC_CTX *context, const char *name,
                      struct store_account *ret)
{
    sqlite3_stmt *s;
    int r =
        sqlite_prepare(store, "select " ACCOUNT_COLUMNS " from staff_account where name = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", name);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret = r > 0 ? read_account(context, s) : (struct store_account){0};
    sqlite3_reset(s);
    return 0;
}

int store_list_accounts(struct store *store, TALLOC_CTX *context, struct store_account **ret,
                        size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_account *rows = NULL;
    size_t count = 0;
    int r =
        sqlite_prepare(store, "select " ACCOUNT_COLUMNS " from staff_account order by name", &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = read_account(context, s);
    }
    if (r < 0)
        return r;
    *ret = rows;
    *ret_count = count;
    return 0;
}

static struct store_token read_token(TALLOC_CTX *context, sqlite3_stmt *s)
{
    return (struct store_token){.id = sqlite_text(context, s, 0),
                                .account = sqlite_text(context, s, 1),
                                .reach = sqlite_text(context, s, 2),
                                .digest = sqlite_text(context, s, 3),
                                .created_at = sqlite3_column_int64(s, 4),
                                .last_used = sqlite3_column_int64(s, 5)};
}

int store_put_token(struct store *store, const struct store_token *row)
{
    return sqlite_run(store,
                      "insert into staff_token values (?,?,?,?,?,?) on conflict (id) do update set"
                      " last_used = excluded.last_used",
                      "ssssII", row->id, row->account, row->reach, row->digest, row->created_at,
                      row->last_used);
}

int store_get_token(struct store *store, TALLOC_CTX *context, const char *id,
                    struct store_token *ret)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(
        store,
        "select id, account, reach, digest, created_at, last_used from staff_token where id = ?",
        &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret = r > 0 ? read_token(context, s) : (struct store_token){0};
    sqlite3_reset(s);
    return 0;
}

int store_list_tokens(struct store *store, TALLOC_CTX *context, const char *account,
                      struct store_token **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_token *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select id, account, reach, digest, created_at, last_used from"
                           " staff_token where ?1 is null or account = ?1 order by created_at",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", account);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = read_token(context, s);
    }
    if (r < 0)
        return r;
    *ret = rows;
    *ret_count = count;
    return 0;
}

int store_remove_token(struct store *store, const char *account, const char *id)
{
    int r = sqlite_run(store, "delete from staff_token where account = ? and id = ?", "ss", account,
                       id);
    return r >= 0 && sqlite3_changes(store->database) == 0 ? -ENOENT : r;
}

int store_put_session(struct store *store, const struct store_session *row)
{
    return sqlite_run(store, "insert or replace into staff_session values (?,?,?,?,?,?)", "ssssII",
                      row->digest, row->account, row->csrf, row->source, row->created_at,
                      row->last_seen);
}

#define SESSION_COLUMNS "digest, account, csrf, source, created_at, last_seen"

static struct store_session read_session(TALLOC_CTX *context, sqlite3_stmt *s)
{
    return (struct store_session){.digest = sqlite_text(context, s, 0),
                                  .account = sqlite_text(context, s, 1),
                                  .csrf = sqlite_text(context, s, 2),
                                  .source = sqlite_text(context, s, 3),
                                  .created_at = sqlite3_column_int64(s, 4),
                                  .last_seen = sqlite3_column_int64(s, 5)};
}

int store_get_session(struct store *store, TALLOC_CTX *context, const char *digest,
                      struct store_session *ret)
{
    sqlite3_stmt *s;
    int r =
        sqlite_prepare(store, "select " SESSION_COLUMNS " from staff_session where digest = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", digest);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret = r > 0 ? read_session(context, s) : (struct store_session){0};
    sqlite3_reset(s);
    return 0;
}

int store_list_sessions(struct store *store, TALLOC_CTX *context, usec_t since,
                        struct store_session **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_session *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select " SESSION_COLUMNS " from staff_session where last_seen > ?"
                           " order by created_at",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", since);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = read_session(context, s);
    }
    if (r < 0)
        return r;
    *ret = rows;
    *ret_count = count;
    return 0;
}

int store_end_session(struct store *store, const char *digest)
{
    return sqlite_run(store, "delete from staff_session where digest = ?", "s", digest);
}

int store_end_sessions(struct store *store, const char *account, const char *but_digest)
{
    return sqlite_run(
        store, "delete from staff_session where account = ?1 and (?2 is null or digest <> ?2)",
        "ss", account, but_digest);
}

int store_add_audit(struct store *store, const struct store_audit *row)
{
    int r = sqlite_run(store, "insert into audit values (?,?,?,?,?,?,?,?,?,?)", "IIssssssss",
                       row->number, row->at, row->who, row->via, row->source, row->what,
                       row->object, row->why, row->detail, row->hash);
    return r < 0 && sqlite3_errcode(store->database) == SQLITE_CONSTRAINT ? -EEXIST : r;
}

static struct store_audit read_audit(TALLOC_CTX *context, sqlite3_stmt *s)
{
    return (struct store_audit){.number = sqlite3_column_int64(s, 0),
                                .at = sqlite3_column_int64(s, 1),
                                .who = sqlite_text(context, s, 2),
                                .via = sqlite_text(context, s, 3),
                                .source = sqlite_text(context, s, 4),
                                .what = sqlite_text(context, s, 5),
                                .object = sqlite_text(context, s, 6),
                                .why = sqlite_text(context, s, 7),
                                .detail = sqlite_text(context, s, 8),
                                .hash = sqlite_text(context, s, 9)};
}

int store_page_audit(struct store *store, TALLOC_CTX *context, int64_t after, size_t limit,
                     struct store_audit **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_audit *rows = NULL;
    size_t count = 0;
    int r =
        sqlite_prepare(store, "select * from audit where number > ? order by number limit ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "II", after, (int64_t)limit);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = read_audit(context, s);
    }
    if (r < 0)
        return r;
    *ret = rows;
    *ret_count = count;
    return 0;
}

int store_last_audit(struct store *store, TALLOC_CTX *context, struct store_audit *ret)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select * from audit order by number desc limit 1", &s);
    if (r < 0)
        return r;
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret = r > 0 ? read_audit(context, s) : (struct store_audit){0};
    sqlite3_reset(s);
    return 0;
}
