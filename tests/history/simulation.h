/* Histories of deliveries (test 20): the real fan-out, dispatcher and store under a simulated
 * clock, with receivers of every manner, kills and newer alerts; and the rules that each must keep.
 *
 * One seed is one history. world.c drives it, network.c answers, judge.c looks at what was sent and
 * at how each delivery ended. */
#pragma once

#include "config/config.h"
#include "dispatch.h"
#include "subscribers.h"

#define READERS      36
#define HOSTS        12
#define EVENTS       2
#define ALERTS_MAX   16
#define SENT_MAX     40000
#define FLYING_MAX   256
#define SWEEP_PERIOD (10 * USEC_PER_SEC)
#define BEGINS       ((usec_t)1790000000 * USEC_PER_SEC)

/* What a host does with requests; a mail domain is a host, too. */
enum manner {
    MANNER_GOOD, /* always, from the first to the last request */
    MANNER_DEAD, /* no connection until it is back */
    MANNER_SLOW, /* around the timeout, and it takes what it was sent */
    MANNER_FLAKY,
    MANNER_BUSY, /* 429 and 503 with every kind of Retry-After; mail: greylisting */
    MANNER_CUT,  /* takes the request and closes without an answer */
    MANNER_GONE, /* 410; mail: 550 */
    MANNERS
};
struct host {
    enum manner manner;
    usec_t back_at; /* from here on it is good; never for MANNER_GOOD and MANNER_GONE */
};

/* A request that went out. */
struct sent {
    usec_t at;
    int64_t alert, subscriber;
    const char *id, *body; /* webhook-id or Message-ID; a hash of the body */
    const char *phase;     /* of a webhook; NULL of a mail */
    bool taken;            /* the receiver said 2xx, whether or not we heard it */
};
/* A request that has no result yet. */
struct flying {
    usec_t ends_at;
    int64_t alert, subscriber;
    struct transfer_result result;
};
struct raised {
    int64_t number; /* in the store */
    int event;
    usec_t expires;
};

struct world {
    TALLOC_CTX *context;
    const struct config *config;
    uint64_t random;
    usec_t now;
    struct store *store;
    struct subscribers *subscribers;
    struct queue *orders;
    struct dispatch *dispatch;
    struct host hosts[HOSTS];
    struct sent *sent;
    size_t sent_count;
    struct flying flying[FLYING_MAX];
    size_t flying_count;
    struct raised alerts[ALERTS_MAX];
    size_t alert_count;
    struct sent *under_way; /* tries that the store counted when a newer alert came */
    size_t under_way_count;
    int64_t rows; /* deliveries that a fan-out promised */
    int levels[EVENTS];
    int kills;
    size_t late; /* as the sweeper counted */
};

/* splitmix64 below `limit`. */
unsigned world_random(struct world *world, unsigned limit);
/* Runs the history of `seed` to its end, which is when everything must have ended. */
struct world *world_run(TALLOC_CTX *context, const struct config *config, uint64_t seed);
void world_end(struct world *world);

/* The address of a reader: every fourth one reads mail; and his host, which is one of mail then,
 * too. */
const char *reader_address(TALLOC_CTX *context, int reader);
int reader_host(int reader);

/* Hosts for this history. */
void network_make(struct world *world);
/* A parcel goes out: it is noted, and its result will come. */
void network_send(struct world *world, const struct parcel *parcel);
/* When the next result comes; INT64_MAX none. */
usec_t network_next(const struct world *world);
/* Moves the results that have come into `job`. */
void network_collect(struct world *world, struct job *job);

/* A newer alert comes: what the store counts as under way may have been heard, although its
 * receiver may be found to be held a moment later. */
void world_note_under_way(struct world *world);
/* NULL, or the first rule that was broken and by what. */
const char *world_judge(struct world *world);
