/* Feeds, traffic, entries. */
#include <errno.h>

#include "base/memory.h"
#include "store/sqlite.h"

int store_get_feed(struct store *store, TALLOC_CTX *context, const char *name,
                   struct store_feed *ret_feed)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select etag, last_modified, newest, oldest, last_success, last_attempt,"
                           " failures, last_error, phase from feed where name = ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", name);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    struct store_feed feed = {.name = memory_text(context, name), .phase_seconds = -1};
    if (r > 0)
        feed = (struct store_feed){.name = feed.name,
                                   .etag = sqlite_text(context, s, 0),
                                   .last_modified = sqlite_text(context, s, 1),
                                   .newest_updated = sqlite3_column_int64(s, 2),
                                   .oldest_updated = sqlite3_column_int64(s, 3),
                                   .last_success = sqlite3_column_int64(s, 4),
                                   .last_attempt = sqlite3_column_int64(s, 5),
                                   .failures = sqlite3_column_int(s, 6),
                                   .last_error = sqlite_text(context, s, 7),
                                   .phase_seconds = sqlite3_column_int(s, 8)};
    sqlite3_reset(s);
    *ret_feed = feed;
    return 0;
}

int store_put_feed(struct store *store, const struct store_feed *feed)
{
    return sqlite_run(store, "insert or replace into feed values (?,?,?,?,?,?,?,?,?,?)",
                      "sssIIIIisi", feed->name, feed->etag, feed->last_modified,
                      feed->newest_updated, feed->oldest_updated, feed->last_success,
                      feed->last_attempt, feed->failures, feed->last_error, feed->phase_seconds);
}

int store_add_traffic(struct store *store, const char *day, int64_t bytes, int64_t *ret_sum)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "insert into traffic values (?, ?) on conflict (day) do update"
                           " set bytes = bytes + excluded.bytes returning bytes",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "sI", day, bytes);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -EIO;
    *ret_sum = sqlite3_column_int64(s, 0);
    r = sqlite_step(store, s);
    return r < 0 ? r : 0;
}

#define ENTRY_COLUMNS                                                                              \
    "id, url, feed, title, content, updated, first_seen, state, attempts, next_at, announced,"     \
    " backlog, last_error"

static struct store_entry read_entry(TALLOC_CTX *context, sqlite3_stmt *s)
{
    return (struct store_entry){.id = sqlite_text(context, s, 0),
                                .url = sqlite_text(context, s, 1),
                                .feed = sqlite_text(context, s, 2),
                                .title = sqlite_text(context, s, 3),
                                .content = sqlite_text(context, s, 4),
                                .updated = sqlite3_column_int64(s, 5),
                                .first_seen = sqlite3_column_int64(s, 6),
                                .state = (enum entry_state)sqlite3_column_int(s, 7),
                                .attempts = sqlite3_column_int(s, 8),
                                .next_at = sqlite3_column_int64(s, 9),
                                .announced = sqlite3_column_int(s, 10) != 0,
                                .backlog = sqlite3_column_int(s, 11) != 0,
                                .last_error = sqlite_text(context, s, 12)};
}

int store_add_entry(struct store *store, const struct store_entry *entry, bool *ret_new)
{
    int r = sqlite_run(
        store, "insert into entry values (?,?,?,?,?,?,?,?,?,?,?,?,?) on conflict (id) do nothing",
        "sssssIIiiIiis", entry->id, entry->url, entry->feed, entry->title, entry->content,
        entry->updated, entry->first_seen, (int)entry->state, entry->attempts, entry->next_at,
        (int)entry->announced, (int)entry->backlog, entry->last_error);
    if (r >= 0)
        *ret_new = sqlite3_changes(store->database) > 0;
    return r;
}

int store_update_entry(struct store *store, const struct store_entry *entry)
{
    return sqlite_run(store,
                      "update entry set state = ?, attempts = ?, next_at = ?, announced = ?,"
                      " last_error = ? where id = ?",
                      "iiIiss", (int)entry->state, entry->attempts, entry->next_at,
                      (int)entry->announced, entry->last_error, entry->id);
}

int store_get_entry(struct store *store, TALLOC_CTX *context, const char *id,
                    struct store_entry *ret)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select " ENTRY_COLUMNS " from entry where id = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *ret = read_entry(context, s);
    sqlite3_reset(s);
    return 0;
}

int store_due_entries(struct store *store, TALLOC_CTX *context, usec_t now, size_t limit,
                      struct store_entry **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_entry *entries = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select " ENTRY_COLUMNS
                           " from entry where state = 0 and next_at <= ? order by updated limit ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "II", now, (int64_t)limit);
    while ((r = sqlite_step(store, s)) > 0) {
        entries = memory_grow(context, entries, count, sizeof(*entries));
        entries[count++] = read_entry(context, s);
    }
    if (r < 0)
        return r;
    *ret = entries;
    *ret_count = count;
    return 0;
}
