/* Queues by destination: see item.h.
 *
 * A destination is a lane, a host and a port. Items of one destination start in the order in which
 * they came and only so many at once; destinations that could start something take turns. One that
 * hangs thus blocks nobody but itself. Only receivers count against the limits of all: however many
 * of them hang, the feed is still reached.
 *
 * There are two limits for receivers. Few are *fresh* at once, as many as keep this machine busy;
 * those that only wait for the other side are set aside after a moment and make room, until `limit`
 * are under way: that bounds sockets and memory. So receivers that hang do not hold up the others,
 * and in bulk few transfers are under way at once, at which each is quickest. */
#include <stdint.h>
#include <string.h>
#include "base/memory.h"
#include "transfer/item.h"

#define FEED_CONNECTIONS      6
#define FRESH_MAX             96
#define ORDINARY_SHARE        12  /* of starts while something urgent waits, one is another's */
#define DESTINATION_KEY_BYTES 260 /* a host has at most 253 */

TAILQ_HEAD(turn_list, destination);
struct destination {
    enum transfer_lane lane;
    struct item_list waiting;
    size_t running;
    struct turn_list *turns; /* in which it stands; NULL: it has nothing that could start */
    bool shared; /* had several at once: the last of them still finds their connection */
    TAILQ_ENTRY(destination) turn;
    UT_hash_handle hh;
    char key[]; /* lane, host and port */
};

struct destinations {
    struct destination *all;
    struct turn_list own;          /* feeds */
    struct turn_list urgent;       /* receivers with something urgent to start and room for it */
    struct turn_list receivers;    /* the others */
    unsigned starts;               /* of receivers, to give the others their share */
    struct item_list fresh, aside; /* receivers under way, by their start */
    size_t fresh_count, running;   /* running: both */
    size_t limit, limit_per_host;
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
    TAILQ_INIT(&destinations->urgent);
    TAILQ_INIT(&destinations->receivers);
    TAILQ_INIT(&destinations->fresh);
    TAILQ_INIT(&destinations->aside);
    talloc_set_destructor(destinations, destinations_destroy);
    return destinations;
}

static size_t room_of(const struct destinations *destinations, enum transfer_lane lane)
{
    return lane == LANE_RECEIVER ? destinations->limit_per_host : FEED_CONNECTIONS;
}

static struct turn_list *turns_of(struct destinations *destinations,
                                  const struct transfer_item *item)
{
    if (item->request.lane != LANE_RECEIVER)
        return &destinations->own;
    return item->request.urgent ? &destinations->urgent : &destinations->receivers;
}

static void leave_turn(struct destination *destination)
{
    if (destination->turns != NULL)
        TAILQ_REMOVE(destination->turns, destination, turn);
    destination->turns = NULL;
}

/* In the queue that its first item belongs to. */
static void take_turn(struct destinations *destinations, struct destination *destination)
{
    const struct transfer_item *first = TAILQ_FIRST(&destination->waiting);
    struct turn_list *turns =
        first != NULL && destination->running < room_of(destinations, destination->lane)
            ? turns_of(destinations, first)
            : NULL;
    if (turns == destination->turns)
        return;
    leave_turn(destination);
    if (turns != NULL)
        TAILQ_INSERT_TAIL(turns, destination, turn);
    destination->turns = turns;
}

static struct destination *find_destination(struct destinations *destinations,
                                            const struct transfer_item *item)
{
    const struct endpoint *endpoint = &item->endpoint;
    char key[DESTINATION_KEY_BYTES];
    size_t host = strlen(endpoint->host);
    if (host > sizeof(key) - 3)
        host = sizeof(key) - 3;
    key[0] = (char)item->request.lane;
    key[1] = (char)(endpoint->port >> 8);
    key[2] = (char)endpoint->port;
    memcpy(key + 3, endpoint->host, host);
    size_t length = host + 3;
    struct destination *destination;
    HASH_FIND(hh, destinations->all, key, length, destination);
    if (destination != NULL)
        return destination;
    destination = memory_must(talloc_zero_size(destinations, sizeof(*destination) + length));
    memcpy(destination->key, key, length);
    destination->lane = item->request.lane;
    TAILQ_INIT(&destination->waiting);
    HASH_ADD_KEYPTR(hh, destinations->all, destination->key, length, destination);
    return destination;
}

void destinations_add(struct destinations *destinations, struct transfer_item *item)
{
    struct destination *destination = find_destination(destinations, item);
    item->destination = destination;
    struct transfer_item *after = TAILQ_FIRST(&destination->waiting);
    while (item->request.urgent && after != NULL && after->request.urgent)
        after = TAILQ_NEXT(after, link);
    if (item->request.urgent && after != NULL)
        TAILQ_INSERT_BEFORE(after, item, link);
    else
        TAILQ_INSERT_TAIL(&destination->waiting, item, link);
    take_turn(destinations, destination);
}

/* What is urgent first, but for one start in so many. */
static struct destination *next_receiver(struct destinations *destinations)
{
    struct destination *urgent = TAILQ_FIRST(&destinations->urgent);
    struct destination *other = TAILQ_FIRST(&destinations->receivers);
    if (urgent == NULL || other == NULL)
        return urgent != NULL ? urgent : other;
    return ++destinations->starts % ORDINARY_SHARE == 0 ? other : urgent;
}

struct transfer_item *destinations_next(struct destinations *destinations, bool *ret_busy)
{
    struct destination *destination = TAILQ_FIRST(&destinations->own);
    if (destination == NULL && destinations->running < destinations->limit &&
        destinations->fresh_count < FRESH_MAX)
        destination = next_receiver(destinations);
    if (destination == NULL)
        return NULL;
    leave_turn(destination);
    struct transfer_item *item = TAILQ_FIRST(&destination->waiting);
    TAILQ_REMOVE(&destination->waiting, item, link);
    destination->shared |= destination->running > 0 || !TAILQ_EMPTY(&destination->waiting);
    *ret_busy = destination->shared;
    destination->running++;
    if (destination->lane == LANE_RECEIVER) {
        TAILQ_INSERT_TAIL(&destinations->fresh, item, link);
        destinations->fresh_count++;
        destinations->running++;
    }
    take_turn(destinations, destination);
    return item;
}

void destinations_release(struct destinations *destinations, struct transfer_item *item)
{
    struct destination *destination = item->destination;
    item->destination = NULL;
    destination->running--;
    if (destination->lane == LANE_RECEIVER) {
        TAILQ_REMOVE(item->aside ? &destinations->aside : &destinations->fresh, item, link);
        destinations->fresh_count -= !item->aside;
        destinations->running--;
    }
    take_turn(destinations, destination);
    if (destination->running > 0 || !TAILQ_EMPTY(&destination->waiting))
        return;
    HASH_DEL(destinations->all, destination);
    talloc_free(destination);
}

bool destinations_blocked(const struct destinations *destinations)
{
    return !TAILQ_EMPTY(&destinations->urgent) || !TAILQ_EMPTY(&destinations->receivers);
}

void destinations_set_aside(struct destinations *destinations, usec_t since)
{
    struct transfer_item *item;
    while ((item = TAILQ_FIRST(&destinations->fresh)) != NULL && item->started_at <= since) {
        TAILQ_REMOVE(&destinations->fresh, item, link);
        TAILQ_INSERT_TAIL(&destinations->aside, item, link);
        item->aside = true;
        destinations->fresh_count--;
    }
}

struct transfer_item *destinations_oldest(const struct destinations *destinations)
{
    if (destinations->running < destinations->limit || !destinations_blocked(destinations))
        return NULL;
    return TAILQ_FIRST(&destinations->aside);
}
