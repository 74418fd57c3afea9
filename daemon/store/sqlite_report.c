/* Reports: sums over the deliveries of one alert, which are one range of the table. */
#include <errno.h>

#include "base/memory.h"
#include "store/report.h"
#include "store/sqlite.h"

int store_report_alerts(struct store *store, TALLOC_CTX *context, const char *id,
                        struct store_report_alert **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_report_alert *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select a.number, a.id, a.event_id, a.status, a.hazard, a.level,"
                           " a.issued_at, ifnull((select t.received_at from telegram t where t.id ="
                           " json_extract(a.json, '$.telegram_id')), 0), ifnull(f.created_at, 0)"
                           " from alert a left join fanout f on f.alert = a.number where a.id = ?1"
                           " or a.event_id = ?1 order by a.number",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "s", id);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_report_alert){.number = sqlite3_column_int64(s, 0),
                                                    .id = sqlite_text(context, s, 1),
                                                    .event_id = sqlite_text(context, s, 2),
                                                    .status = sqlite_text(context, s, 3),
                                                    .hazard = sqlite_text(context, s, 4),
                                                    .level = sqlite3_column_int(s, 5),
                                                    .issued_at = sqlite3_column_int64(s, 6),
                                                    .seen_at = sqlite3_column_int64(s, 7),
                                                    .begun_at = sqlite3_column_int64(s, 8)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

/* When the delivery of that rank was delivered. */
static int at_rank(struct store *store, int64_t alert, int64_t rank, usec_t *ret)
{
    return sqlite_number(store,
                         "select ended_at from delivery where alert = ? and state = 3 order by"
                         " ended_at limit 1 offset ?",
                         0, ret, "II", alert, rank);
}

int store_report_times(struct store *store, int64_t alert, struct store_report_times *ret)
{
    *ret = (struct store_report_times){0};
    int64_t n;
    int r = sqlite_number(store, "select count(*) from delivery where alert = ? and state = 3", 0,
                          &n, "I", alert);
    if (r < 0 || n == 0)
        return r;
    ret->delivered = n;
    r = at_rank(store, alert, 0, &ret->first);
    if (r >= 0)
        r = at_rank(store, alert, (n - 1) / 2, &ret->median);
    if (r >= 0)
        r = at_rank(store, alert, (n * 99 + 99) / 100 - 1, &ret->p99);
    if (r >= 0)
        r = at_rank(store, alert, n - 1, &ret->last);
    return r;
}

/* A larger one would take long to look through, and the desk waits. */
int store_delivery_rate(struct store *store, enum delivery_channel channel, double *ret_rate)
{
    int64_t alert, n = 0, begun = 0, reached = 0;
    *ret_rate = 0;
    int r = sqlite_number(store,
                          "select alert from (select alert, n from tally where channel = ? and"
                          " state = 3 and n between 20 and 50000 order by alert desc limit 10)"
                          " order by n desc, alert desc limit 1",
                          0, &alert, "i", (int)channel);
    if (r >= 0 && alert != 0)
        r = sqlite_number(store, "select created_at from fanout where alert = ?", 0, &begun, "I",
                          alert);
    if (r < 0 || begun == 0)
        return r;
    r = sqlite_number(store,
                      "select count(*) from delivery where alert = ? and channel = ? and state = 3",
                      0, &n, "Ii", alert, (int)channel);
    int64_t rank = n * 95 / 100;
    if (r >= 0 && rank > 0)
        r = sqlite_number(store,
                          "select ended_at from delivery where alert = ? and channel = ? and state"
                          " = 3 order by ended_at limit 1 offset ?",
                          0, &reached, "IiI", alert, (int)channel, rank - 1);
    if (r >= 0 && reached > begun)
        *ret_rate = (double)rank * (double)USEC_PER_SEC / (double)(reached - begun);
    return r;
}

int store_report_groups(struct store *store, TALLOC_CTX *context, int64_t alert,
                        struct store_report_group **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_report_group *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select p.languages, p.areas, d.channel, p.channel, d.state, d.n,"
                           " d.facility from (select s.profile, d.channel, d.state, count(*) n,"
                           " s.facility from delivery d join subscriber s on s.number ="
                           " d.subscriber where d.alert = ? group by 1, 2, 3, 5) d left join"
                           " profile p on p.number = d.profile order by d.profile, d.channel,"
                           " d.state, d.facility",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", alert);
    while ((r = sqlite_step(store, s)) > 0) {
        const char *first = (const char *)sqlite3_column_text(s, 3);
        int channel = sqlite3_column_int(s, 2);
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct store_report_group){
            .languages = sqlite_text(context, s, 0),
            .areas = sqlite_text(context, s, 1),
            .facility = sqlite_text(context, s, 6),
            .channel = (enum delivery_channel)channel,
            .other = first != NULL && delivery_channel_number(first) != channel,
            .state = (enum delivery_state)sqlite3_column_int(s, 4),
            .count = sqlite3_column_int64(s, 5)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

int store_report_reasons(struct store *store, TALLOC_CTX *context, int64_t alert, size_t limit,
                         struct store_report_reason **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_report_reason *rows = NULL;
    size_t count = 0;
    int r =
        sqlite_prepare(store,
                       "select channel, state, reason, count(*) n from (select channel, state,"
                       " ifnull(last_error, '') reason from delivery where alert = ?1 and (state"
                       " > 3 or (state < 3 and last_error is not null)) union all select 0, 3,"
                       " 'came back: ' || status from bounce where alert = ?1) group by 1, 2, 3"
                       " order by n desc, 1, 2, 3 limit ?2",
                       &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "II", alert, (int64_t)limit);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] =
            (struct store_report_reason){.channel = (enum delivery_channel)sqlite3_column_int(s, 0),
                                         .state = (enum delivery_state)sqlite3_column_int(s, 1),
                                         .reason = sqlite_text(context, s, 2),
                                         .count = sqlite3_column_int64(s, 3)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}
