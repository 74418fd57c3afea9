/* The rules of test 20, over all that was sent and over the rows of the store. */
#include <string.h>

#include "base/memory.h"
#include "simulation.h"
#include "store/sqlite.h"

static int event_of(const struct world *world, int64_t alert)
{
    return world->alerts[alert - 1].event;
}

static const char *fault(struct world *world, const struct sent *sent, const char *what)
{
    return memory_printf(world->context, "alert %lld to reader %lld at %lld s: %s",
                         (long long)sent->alert, (long long)sent->subscriber,
                         (long long)((sent->at - BEGINS) / USEC_PER_SEC), what);
}

/* Among what went to the same reader before `sent`. */
static const char *compare(struct world *world, const struct sent *before, const struct sent *sent)
{
    if (before->alert == sent->alert) {
        if (strcmp(before->id, sent->id) != 0)
            return fault(world, sent, "another identifier");
        if (strcmp(before->body, sent->body) != 0)
            return fault(world, sent, "another body");
        return NULL;
    }
    if (strcmp(before->id, sent->id) == 0)
        return fault(world, sent, "the identifier of another alert");
    if (event_of(world, before->alert) == event_of(world, sent->alert) &&
        before->alert > sent->alert)
        return fault(world, sent, "an older version after a newer one");
    return NULL;
}

void world_note_under_way(struct world *world)
{
    sqlite3_stmt *s;
    int r =
        sqlite_prepare(world->store, "select alert, subscriber from delivery where state = ?", &s);
    if (r < 0)
        return;
    sqlite_bind(s, "i", (int)DELIVERY_SENDING);
    while (sqlite_step(world->store, s) > 0)
        world->under_way[world->under_way_count++] = (struct sent){
            .alert = sqlite3_column_int64(s, 0), .subscriber = sqlite3_column_int64(s, 1)};
}

/* Whether one of `list` was of the same event, earlier, and to the same reader. */
static bool heard_by(const struct world *world, const struct sent *list, size_t count,
                     const struct sent *sent)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].subscriber == sent->subscriber && list[i].alert < sent->alert &&
            event_of(world, list[i].alert) == event_of(world, sent->alert))
            return true;
    }
    return false;
}

static bool is_end(const struct sent *sent)
{
    return sent->phase != NULL &&
           (strcmp(sent->phase, "all-clear") == 0 || strcmp(sent->phase, "cancel") == 0);
}

static const char *judge_sent(struct world *world, size_t index)
{
    const struct sent *sent = &world->sent[index];
    if (sent->id == NULL || sent->body == NULL)
        return fault(world, sent, "without an identifier");
    if (sent->at >= world->alerts[sent->alert - 1].expires)
        return fault(world, sent, "sent after its end");
    for (size_t i = 0; i < index; i++) {
        const struct sent *before = &world->sent[i];
        if (before->subscriber != sent->subscriber)
            continue;
        const char *wrong = compare(world, before, sent);
        if (wrong != NULL)
            return wrong;
    }
    bool heard = heard_by(world, world->sent, index, sent) ||
                 heard_by(world, world->under_way, world->under_way_count, sent);
    return is_end(sent) && !heard ? fault(world, sent, "an end of what he never heard") : NULL;
}

static bool was_taken(const struct world *world, int64_t alert, int64_t subscriber)
{
    for (size_t i = 0; i < world->sent_count; i++) {
        const struct sent *sent = &world->sent[i];
        if (sent->alert == alert && sent->subscriber == subscriber && sent->taken)
            return true;
    }
    return false;
}

struct row {
    int64_t alert, subscriber;
    enum delivery_state state;
    usec_t ended_at;
};

static const char *judge_row(struct world *world, const struct row *row)
{
    const struct raised *alert = &world->alerts[row->alert - 1];
    const struct sent as = {world->now, row->alert, row->subscriber, NULL, NULL, NULL, false};
    const struct host *host = &world->hosts[reader_host((int)row->subscriber - 1)];
    if (!delivery_ended(row->state) || row->ended_at == 0)
        return fault(world, &as, "it has no end");
    if (row->ended_at > alert->expires + DELIVERY_BOUND + SWEEP_PERIOD)
        return fault(world, &as, "its end came too late");
    if (row->state == DELIVERY_DELIVERED && !was_taken(world, row->alert, row->subscriber))
        return fault(world, &as, "delivered, and nobody took it");
    if (host->manner == MANNER_GOOD && row->state != DELIVERY_DELIVERED &&
        row->state != DELIVERY_SUPERSEDED)
        return fault(world, &as, "lost, although its receiver is good");
    if (row->state == DELIVERY_REFUSED && host->manner != MANNER_GONE)
        return fault(world, &as, "refused, and nobody refuses");
    return NULL;
}

static const char *judge_rows(struct world *world)
{
    sqlite3_stmt *s;
    const char *wrong = NULL;
    int64_t count = 0;
    int r =
        sqlite_prepare(world->store, "select alert, subscriber, state, ended_at from delivery", &s);
    while (r >= 0 && (r = sqlite_step(world->store, s)) > 0) {
        const struct row row = {sqlite3_column_int64(s, 0), sqlite3_column_int64(s, 1),
                                (enum delivery_state)sqlite3_column_int(s, 2),
                                sqlite3_column_int64(s, 3)};
        count++;
        if (wrong == NULL)
            wrong = judge_row(world, &row);
    }
    if (r < 0)
        return "the store cannot be read";
    if (wrong == NULL && count != world->rows)
        return "rows were lost or doubled";
    return wrong;
}

const char *world_judge(struct world *world)
{
    const char *wrong = NULL;
    for (size_t i = 0; wrong == NULL && i < world->sent_count; i++)
        wrong = judge_sent(world, i);
    if (wrong == NULL)
        wrong = judge_rows(world);
    struct problems *problems = problems_new(world->context);
    if (wrong == NULL && (store_check(world->store, problems) < 0 || problems->count > 0))
        wrong = "the store is not sound";
    return wrong == NULL && world->late > 0 ? "the sweeper found deliveries over their bound"
                                            : wrong;
}
