/* The sweeper: every delivery ends within a bound, and what did not is counted. */
#include "base/memory.h"
#include "store/sqlite.h"

/* The first expired alert, from `after` on, with open deliveries; -1 none. Those that are only
 * under way are left alone until the bound has passed. */
static int next_alert(struct store *store, usec_t now, int64_t after, int64_t *ret)
{
    return sqlite_number(store,
                         "select t.alert from tally t join alert a on a.number = t.alert where"
                         " t.alert >= ?1 and t.n > 0 and ((t.state in (0, 2) and a.expires <= ?2)"
                         " or (t.state = 1 and a.expires <= ?3)) order by t.alert limit 1",
                         -1, ret, "III", after, now, now - DELIVERY_BOUND);
}

struct open_row {
    int64_t subscriber;
    int channel, state;
};

static int read_open(struct store *store, TALLOC_CTX *context, const struct store_sweep *sweep,
                     size_t limit, struct open_row **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct open_row *rows = NULL;
    size_t count = 0;
    int r = sqlite_prepare(store,
                           "select subscriber, channel, state from delivery where alert = ? and"
                           " subscriber > ? and state in (0, 1, 2) order by subscriber limit ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "III", sweep->alert, sweep->subscriber, (int64_t)limit);
    while ((r = sqlite_step(store, s)) > 0) {
        rows = memory_grow(context, rows, count, sizeof(*rows));
        rows[count++] = (struct open_row){.subscriber = sqlite3_column_int64(s, 0),
                                          .channel = sqlite3_column_int(s, 1),
                                          .state = sqlite3_column_int(s, 2)};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

static int end_rows(struct store *store, int64_t alert, const struct open_row *rows, size_t count,
                    bool past_bound, usec_t now, size_t *late)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < count; i++) {
        if (rows[i].state == DELIVERY_SENDING && !past_bound)
            continue;
        int to = rows[i].state == DELIVERY_SENDING ? DELIVERY_GIVEN_UP : DELIVERY_EXPIRED;
        r = sqlite_run(store,
                       "update delivery set state = ?, ended_at = ? where alert = ? and"
                       " subscriber = ?",
                       "iIII", to, now, alert, rows[i].subscriber);
        sqlite_tally_move(store, alert, rows[i].channel, rows[i].state, to);
        *late += past_bound ? 1 : 0;
    }
    return r;
}

static int sweep_alert(struct store *store, TALLOC_CTX *scratch, usec_t now, size_t limit,
                       struct store_sweep *sweep, size_t *late)
{
    struct open_row *rows;
    size_t count = 0;
    int64_t expires = 0;
    int r = sqlite_number(store, "select expires from alert where number = ?", 0, &expires, "I",
                          sweep->alert);
    if (r >= 0)
        r = read_open(store, scratch, sweep, limit, &rows, &count);
    if (r >= 0)
        r = end_rows(store, sweep->alert, rows, count, expires + DELIVERY_BOUND <= now, now, late);
    if (r < 0)
        return r;
    if (count == limit)
        sweep->subscriber = rows[count - 1].subscriber;
    else
        *sweep = (struct store_sweep){.alert = sweep->alert + 1};
    return 0;
}

int store_sweep_deliveries(struct store *store, usec_t now, size_t limit, struct store_sweep *sweep,
                           size_t *ret_late, bool *ret_more)
{
    int64_t alert;
    bool mine;
    size_t late = 0;
    int r = next_alert(store, now, sweep->alert, &alert);
    *ret_late = 0;
    *ret_more = alert >= 0;
    if (r < 0 || alert < 0) {
        *sweep = (struct store_sweep){0};
        return r;
    }
    if (alert != sweep->alert)
        *sweep = (struct store_sweep){.alert = alert};
    TALLOC_CTX *scratch = talloc_new(store);
    r = sqlite_join(store, &mine);
    if (r >= 0) {
        r = sweep_alert(store, scratch, now, limit, sweep, &late);
        r = sqlite_leave(store, mine, r);
    }
    talloc_free(scratch);
    if (r >= 0)
        *ret_late = late;
    return r;
}
