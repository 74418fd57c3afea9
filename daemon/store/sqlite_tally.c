/* How many deliveries of an alert are in which state: changed with every move, in the same
 * transaction. So nothing needs to be counted to show figures or to know that an alert is through;
 * store_check compares it with the rows. */
#include "base/memory.h"
#include "store/sqlite.h"

void sqlite_tally(struct store *store, int64_t alert, int channel, int state, int64_t by)
{
    for (size_t i = store->tally_count; i > 0; i--) {
        struct tally_change *change = &store->tally[i - 1];
        if (change->alert == alert && change->channel == channel && change->state == state) {
            change->by += by;
            return;
        }
    }
    store->tally = memory_grow(store, store->tally, store->tally_count, sizeof(*store->tally));
    store->tally[store->tally_count++] = (struct tally_change){alert, channel, state, by};
}

void sqlite_tally_move(struct store *store, int64_t alert, int channel, int from, int to)
{
    sqlite_tally(store, alert, channel, from, -1);
    sqlite_tally(store, alert, channel, to, 1);
}

int sqlite_tally_write(struct store *store)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < store->tally_count; i++) {
        const struct tally_change *change = &store->tally[i];
        if (change->by != 0)
            r = sqlite_run(store,
                           "insert into tally values (?, ?, ?, ?) on conflict (alert, channel,"
                           " state) do update set n = n + excluded.n",
                           "IiiI", change->alert, change->channel, change->state, change->by);
    }
    store->tally_count = 0;
    return r;
}
