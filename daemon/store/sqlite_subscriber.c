/* Subscribers, their profiles, and where they are reached. */
#include <errno.h>

#include "base/memory.h"
#include "store/sqlite.h"

int store_list_profiles(struct store *store, TALLOC_CTX *context, struct store_profile **ret,
                        size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_profile *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select number, channel, languages, areas, hazards, min_level, drills,"
                           " subscribers from profile where subscribers > 0 order by number",
                           &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_profile){.number = sqlite3_column_int64(s, 0),
                                               .channel = sqlite_text(context, s, 1),
                                               .languages = sqlite_text(context, s, 2),
                                               .areas = sqlite_text(context, s, 3),
                                               .hazards = sqlite_text(context, s, 4),
                                               .min_level = sqlite3_column_int(s, 5),
                                               .drills = sqlite3_column_int(s, 6) != 0,
                                               .subscribers = sqlite3_column_int64(s, 7)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_facility_profiles(struct store *store, TALLOC_CTX *context, int64_t **ret,
                            size_t *ret_count)
{
    sqlite3_stmt *s;
    int64_t *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(
        store, "select distinct profile from subscriber where facility != '' order by profile", &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = sqlite3_column_int64(s, 0);
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

static int find_profile(struct store *store, const struct store_profile *profile, int64_t *ret,
                        bool *ret_used)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store,
                           "select number, subscribers from profile where channel = ? and languages"
                           " = ? and areas = ? and hazards = ? and min_level = ? and drills = ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "ssssii", profile->channel, profile->languages, profile->areas, profile->hazards,
                profile->min_level, (int)profile->drills);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret = r > 0 ? sqlite3_column_int64(s, 0) : 0;
    *ret_used = r > 0 && sqlite3_column_int64(s, 1) > 0;
    sqlite3_reset(s);
    return 0;
}

static int profile_number(struct store *store, const struct store_profile *profile, int64_t *ret,
                          bool *ret_used)
{
    int r = find_profile(store, profile, ret, ret_used);
    if (r < 0 || *ret != 0)
        return r;
    r = sqlite_run(store,
                   "insert into profile (channel, languages, areas, hazards, min_level, drills)"
                   " values (?,?,?,?,?,?) on conflict do nothing",
                   "ssssii", profile->channel, profile->languages, profile->areas, profile->hazards,
                   profile->min_level, (int)profile->drills);
    return r < 0 ? r : find_profile(store, profile, ret, ret_used);
}

static int find_subscriber(struct store *store, const char *id, int64_t *ret_number,
                           int64_t *ret_profile)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, "select number, profile from subscriber where id = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    r = sqlite_step(store, s);
    if (r < 0)
        return r;
    *ret_number = r > 0 ? sqlite3_column_int64(s, 0) : 0;
    *ret_profile = r > 0 ? sqlite3_column_int64(s, 1) : 0;
    sqlite3_reset(s);
    return 0;
}

static int count_profile(struct store *store, int64_t profile, int by)
{
    return sqlite_run(store, "update profile set subscribers = subscribers + ? where number = ?",
                      "iI", by, profile);
}

/* He may have been told of what is in force with another profile: then its alerts reach this one
 * too, and their ends will ask him. */
static int carry_reached(struct store *store, int64_t number, int64_t profile)
{
    return sqlite_run(store,
                      "insert into reached select d.alert, ?2 from alert a join delivery d on"
                      " d.alert = a.number and d.subscriber = ?1 where a.event_id in (select"
                      " event_id from alert where in_force = 1) on conflict do nothing",
                      "II", number, profile);
}

static int move_profile(struct store *store, int64_t number, int64_t before, int64_t after)
{
    int r = 0;
    if (before == after)
        return 0;
    if (before != 0)
        r = count_profile(store, before, -1);
    if (r >= 0 && after != 0)
        r = count_profile(store, after, 1);
    return r >= 0 && after != 0 ? carry_reached(store, number, after) : r;
}

/* Who was switched off, or had left, and is added again begins anew: otherwise the days that he
 * failed before would switch him off once more, untried. */
static int begin_anew(struct store *store, int64_t number, bool from_config)
{
    return sqlite_run(store,
                      "delete from trouble where subscriber = ?1 and (select profile = 0 or"
                      " (disabled_at > 0 and not (from_config and ?2)) from subscriber where number"
                      " = ?1)",
                      "Ii", number, (int)from_config);
}

int store_put_subscriber(struct store *store, const struct store_subscriber *row,
                         bool *ret_new_profile)
{
    int64_t number, before = 0, after = 0;
    bool mine, used = false;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = profile_number(store, &row->profile, &after, &used);
    if (r >= 0)
        r = find_subscriber(store, row->id, &number, &before);
    if (r >= 0 && number != 0)
        r = begin_anew(store, number, row->from_config);
    if (r >= 0)
        r = sqlite_run(store,
                       "insert into subscriber (id, profile, from_config, created_at, staff,"
                       " facility) values (?,?,?,?,?,?) on conflict (id) do update set profile ="
                       " excluded.profile, staff = excluded.staff, facility = excluded.facility,"
                       " disabled_at = iif(from_config"
                       " and excluded.from_config, disabled_at, 0), disabled_reason ="
                       " iif(from_config and excluded.from_config, disabled_reason, null),"
                       " from_config = excluded.from_config",
                       "sIiIis", row->id, after, (int)row->from_config, row->created_at,
                       (int)row->staff, row->facility != NULL ? row->facility : "");
    if (r >= 0 && number == 0)
        number = sqlite3_last_insert_rowid(store->database);
    if (r >= 0)
        r = sqlite_run(store,
                       "insert into contact (subscriber, address, name, secret, fallback) values"
                       " (?1,?2,?3,?4,?5) on conflict (subscriber) do update set address ="
                       " excluded.address, name = excluded.name, secret = iif(?6 and secret is not"
                       " null, secret, excluded.secret), fallback = excluded.fallback",
                       "Issssi", number, row->address, row->name, row->secret, row->fallback,
                       (int)row->secret_made);
    if (r >= 0)
        r = move_profile(store, number, before, after);
    r = sqlite_leave(store, mine, r);
    if (r >= 0)
        *ret_new_profile = !used;
    return r;
}

/* Open deliveries to one subscriber end as refused. */
static int refuse_open(struct store *store, int64_t number, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(store);
    struct tally_change *open = NULL;
    size_t count = 0;
    sqlite3_stmt *s;
    int r = sqlite_tally_write(store);
    if (r >= 0)
        r = sqlite_prepare(store,
                           "select d.alert, d.channel, d.state from (select distinct alert from"
                           " tally where state in (0, 1, 2) and n > 0) t join delivery d on"
                           " d.alert = t.alert and d.subscriber = ? where d.state in (0, 1, 2)",
                           &s);
    if (r >= 0)
        sqlite_bind(s, "I", number);
    while (r >= 0 && (r = sqlite_step(store, s)) > 0) {
        open = memory_grow(scratch, open, count, sizeof(*open));
        open[count++] = (struct tally_change){.alert = sqlite3_column_int64(s, 0),
                                              .channel = sqlite3_column_int(s, 1),
                                              .state = sqlite3_column_int(s, 2)};
    }
    for (size_t i = 0; r >= 0 && i < count; i++) {
        r = sqlite_run(store,
                       "update delivery set state = ?, ended_at = ?, last_error = 'unsubscribed'"
                       " where alert = ? and subscriber = ?",
                       "iIII", (int)DELIVERY_REFUSED, now, open[i].alert, number);
        if (r >= 0)
            sqlite_tally_move(store, open[i].alert, open[i].channel, open[i].state,
                              DELIVERY_REFUSED);
    }
    talloc_free(scratch);
    return r;
}

int store_remove_subscriber(struct store *store, const char *id, usec_t now)
{
    int64_t number, profile;
    bool mine;
    int r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    r = find_subscriber(store, id, &number, &profile);
    if (r >= 0 && profile == 0)
        r = -ENOENT;
    if (r >= 0)
        r = sqlite_run(store,
                       "update subscriber set profile = 0, from_config = 0, disabled_at = 0,"
                       " disabled_reason = null where number = ?",
                       "I", number);
    if (r >= 0)
        r = sqlite_run(store, "delete from contact where subscriber = ?", "I", number);
    if (r >= 0)
        r = count_profile(store, profile, -1);
    if (r >= 0)
        r = refuse_open(store, number, now);
    /* The log still holds the row as it was until it is written back and cut. */
    store->forget = store->forget || r >= 0;
    return sqlite_leave(store, mine, r);
}

#define COLUMNS                                                                                    \
    "select s.number, s.id, s.profile, s.from_config, s.created_at, s.disabled_at,"                \
    " s.disabled_reason, c.address, c.name, c.secret, p.channel, p.languages, p.areas, p.hazards," \
    " p.min_level, p.drills, c.fallback, s.staff, s.facility from subscriber s join contact c on " \
    "c.subscriber = s.number"                                                                      \
    " join profile p on p.number = s.profile where "

static struct store_subscriber read_subscriber(TALLOC_CTX *context, sqlite3_stmt *s)
{
    return (struct store_subscriber){.number = sqlite3_column_int64(s, 0),
                                     .id = sqlite_text(context, s, 1),
                                     .from_config = sqlite3_column_int(s, 3) != 0,
                                     .created_at = sqlite3_column_int64(s, 4),
                                     .disabled_at = sqlite3_column_int64(s, 5),
                                     .disabled_reason = sqlite_text(context, s, 6),
                                     .address = sqlite_text(context, s, 7),
                                     .name = sqlite_text(context, s, 8),
                                     .secret = sqlite_text(context, s, 9),
                                     .fallback = sqlite_text(context, s, 16),
                                     .staff = sqlite3_column_int(s, 17) != 0,
                                     .facility = sqlite_text(context, s, 18),
                                     .profile = {.number = sqlite3_column_int64(s, 2),
                                                 .channel = sqlite_text(context, s, 10),
                                                 .languages = sqlite_text(context, s, 11),
                                                 .areas = sqlite_text(context, s, 12),
                                                 .hazards = sqlite_text(context, s, 13),
                                                 .min_level = sqlite3_column_int(s, 14),
                                                 .drills = sqlite3_column_int(s, 15) != 0}};
}

int store_get_subscriber(struct store *store, TALLOC_CTX *context, const char *id,
                         struct store_subscriber *ret)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, COLUMNS "s.id = ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    r = sqlite_step(store, s);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *ret = read_subscriber(context, s);
    sqlite3_reset(s);
    return 0;
}

static int read_rows(struct store *store, TALLOC_CTX *context, sqlite3_stmt *s,
                     struct store_subscriber **ret, size_t *ret_count)
{
    struct store_subscriber *rows = NULL;
    size_t count = 0;
    int r;
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = read_subscriber(context, s);
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_page_subscribers(struct store *store, TALLOC_CTX *context, int64_t after, size_t limit,
                           struct store_subscriber **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, COLUMNS "s.number > ? order by s.number limit ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "II", after, (int64_t)limit);
    return read_rows(store, context, s, ret, ret_count);
}

int store_staff_subscribers(struct store *store, TALLOC_CTX *context, size_t limit,
                            struct store_subscriber **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(store, COLUMNS "s.staff = 1 order by s.number limit ?", &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", (int64_t)limit);
    return read_rows(store, context, s, ret, ret_count);
}

int store_ids_from_config(struct store *store, TALLOC_CTX *context, char ***ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    char **ids = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store, "select id from subscriber where from_config = 1", &s);
    if (r < 0)
        return r;
    while ((r = sqlite_step(store, s)) > 0) {
        ids = memory_grow(context, ids, count, sizeof(*ids));
        ids[count++] = (char *)sqlite_text(context, s, 0);
    }
    *ret = ids;
    *ret_count = count;
    return r;
}

int store_disable_subscriber(struct store *store, int64_t subscriber, const char *reason,
                             usec_t now)
{
    return sqlite_run(store,
                      "update subscriber set disabled_at = ?, disabled_reason = ? where number = ?",
                      "IsI", now, reason, subscriber);
}
