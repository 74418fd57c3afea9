/* Queues by destination: see item.h.
 *
 * A destination is a lane, a host and a port. Items of one destination start in the order in which
 * they came and only so many at once; destinations that could start something take turns. One that
 * hangs thus blocks nobody but itself. Only receivers count against the limit of all: however many
 * of them hang, the feed is still reached. */
#include <stdint.h>
#include "base/memory.h"
#include "transfer/item.h"

#define FEED_CONNECTIONS 6

struct destination {
    const char *key;
    enum transfer_lane lane;
    struct item_list waiting;
    size_t running;
    bool ready; /* stands in its turn queue */
    TAILQ_ENTRY(destination) turn;
    UT_hash_handle hh;
};
TAILQ_HEAD(turn_list, destination);

struct destinations {
    struct destination *all;
    struct turn_list own;       /* feeds */
    struct turn_list receivers; /* with something to start and room for it */
    size_t limit, limit_per_host, running;
};

static int destinations_destroy(struct destinations *destinations)
{
    HASH_CLEAR(hh, destinations->all);
    return 0;
}

struct destinations *destinations_new(TALLOC_CTX *context, size_t limit, size_t limit_per_host)
{
    struct destinations *destinations = memory_new(context, struct destinations);
    destinations->limit = limit;
    destinations->limit_per_host = limit_per_host;
    TAILQ_INIT(&destinations->own);
    TAILQ_INIT(&destinations->receivers);
    talloc_set_destructor(destinations, destinations_destroy);
    return destinations;
}

static size_t room_of(const struct destinations *destinations, enum transfer_lane lane)
{
    return lane == LANE_RECEIVER ? destinations->limit_per_host : FEED_CONNECTIONS;
}

static struct turn_list *turns_of(struct destinations *destinations, enum transfer_lane lane)
{
    return lane == LANE_RECEIVER ? &destinations->receivers : &destinations->own;
}

static void take_turn(struct destinations *destinations, struct destination *destination)
{
    if (destination->ready || TAILQ_EMPTY(&destination->waiting) ||
        destination->running >= room_of(destinations, destination->lane))
        return;
    destination->ready = true;
    TAILQ_INSERT_TAIL(turns_of(destinations, destination->lane), destination, turn);
}

void destinations_add(struct destinations *destinations, struct transfer_item *item)
{
    char *key = memory_printf(NULL, "%d %s %u", (int)item->request.lane, item->endpoint.host,
                              item->endpoint.port);
    struct destination *destination;
    HASH_FIND_STR(destinations->all, key, destination);
    if (destination == NULL) {
        destination = memory_new(destinations, struct destination);
        destination->key = talloc_steal(destination, key);
        destination->lane = item->request.lane;
        TAILQ_INIT(&destination->waiting);
        HASH_ADD_KEYPTR(hh, destinations->all, key, strlen(key), destination);
    } else {
        talloc_free(key);
    }
    item->destination = destination;
    TAILQ_INSERT_TAIL(&destination->waiting, item, link);
    take_turn(destinations, destination);
}

struct transfer_item *destinations_next(struct destinations *destinations, bool *ret_busy)
{
    struct destination *destination = TAILQ_FIRST(&destinations->own);
    if (destination == NULL && destinations->running < destinations->limit)
        destination = TAILQ_FIRST(&destinations->receivers);
    if (destination == NULL)
        return NULL;
    TAILQ_REMOVE(turns_of(destinations, destination->lane), destination, turn);
    destination->ready = false;
    struct transfer_item *item = TAILQ_FIRST(&destination->waiting);
    TAILQ_REMOVE(&destination->waiting, item, link);
    *ret_busy = destination->running > 0 || !TAILQ_EMPTY(&destination->waiting);
    destination->running++;
    if (destination->lane == LANE_RECEIVER)
        destinations->running++;
    take_turn(destinations, destination);
    return item;
}

void destinations_release(struct destinations *destinations, struct transfer_item *item)
{
    struct destination *destination = item->destination;
    item->destination = NULL;
    destination->running--;
    if (destination->lane == LANE_RECEIVER)
        destinations->running--;
    take_turn(destinations, destination);
    if (destination->running > 0 || !TAILQ_EMPTY(&destination->waiting))
        return;
    HASH_DEL(destinations->all, destination);
    talloc_free(destination);
}
