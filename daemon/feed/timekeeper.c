/* See timekeeper.h. */
#include "feed/timekeeper.h"

#include "base/memory.h"

/* 2025-01-01: older than any build of this program, younger than what a machine without a battery
 * for its clock begins with. */
#define BUILT_AFTER (1735689600 * USEC_PER_SEC)
#define ERROR_MAX   (5 * USEC_PER_MINUTE) /* */
/* Two dates of one clock: they are cut to seconds, and an answer is under way for a while. */
#define SAME_CLOCK USEC_PER_MINUTE
/* Longer than a feed may take to answer. */
#define ASKING_MAX (25 * USEC_PER_SEC)
/* A start after so short a pause needs not ask: the clock agrees with what was there before. */
#define SHORT_PAUSE (10 * USEC_PER_MINUTE)

/* A clock by its distance from the monotonic one. */
struct reading {
    usec_t offset;
    bool known;
};
struct timekeeper {
    struct reading server;
    struct reading doubtful;  /* a date that no second answer has confirmed yet */
    struct reading published; /* the newest page, when it came: the server's clock is not behind */
    struct reading wall;      /* this machine's, when it was last looked at */
    usec_t asking_until;      /* monotonic; 0 not asking */
};

static bool near(usec_t a, usec_t b, usec_t distance)
{
    return a - b <= distance && b - a <= distance;
}

static struct reading take_reading(usec_t time, usec_t monotonic)
{
    return (struct reading){.offset = time - monotonic, .known = true};
}

static bool agrees(const struct reading *reading, usec_t time, usec_t monotonic, usec_t distance)
{
    return reading->known && near(reading->offset + monotonic, time, distance);
}

static usec_t lowest(const struct timekeeper *keeper, usec_t monotonic)
{
    usec_t published = keeper->published.known ? keeper->published.offset + monotonic : 0;
    return published > BUILT_AFTER ? published : BUILT_AFTER;
}

struct timekeeper *timekeeper_new(TALLOC_CTX *context, usec_t published, usec_t wall,
                                  usec_t monotonic)
{
    struct timekeeper *keeper = memory_new(context, struct timekeeper);
    if (published > 0)
        keeper->published = take_reading(published, monotonic);
    keeper->wall = take_reading(wall, monotonic);
    bool paused = published > 0 && wall > published + SHORT_PAUSE;
    if (paused || wall < lowest(keeper, monotonic) - ERROR_MAX)
        keeper->asking_until = monotonic + ASKING_MAX;
    return keeper;
}

void timekeeper_answer(struct timekeeper *keeper, usec_t date, usec_t wall, usec_t monotonic)
{
    keeper->asking_until = 0;
    if (date < BUILT_AFTER)
        return;
    bool confirmed = !keeper->server.known || near(date, wall, ERROR_MAX) ||
                     agrees(&keeper->server, date, monotonic, SAME_CLOCK) ||
                     agrees(&keeper->doubtful, date, monotonic, SAME_CLOCK);
    *(confirmed ? &keeper->server : &keeper->doubtful) = take_reading(date, monotonic);
    if (confirmed)
        keeper->doubtful.known = false;
}

void timekeeper_published(struct timekeeper *keeper, usec_t published, usec_t wall,
                          usec_t monotonic)
{
    usec_t server = keeper->server.known ? keeper->server.offset + monotonic : 0;
    usec_t latest = wall > server ? wall : server;
    if (published <= latest + ERROR_MAX && published > lowest(keeper, monotonic))
        keeper->published = take_reading(published, monotonic);
}

/* Two clocks that agree are right; otherwise what is behind the newest page is wrong. */
static struct moment judge(const struct timekeeper *keeper, usec_t wall, usec_t monotonic)
{
    usec_t server = keeper->server.known ? keeper->server.offset + monotonic : 0;
    usec_t least = lowest(keeper, monotonic);
    bool wall_possible = wall >= least - ERROR_MAX;
    bool server_possible = server >= least - ERROR_MAX;
    if (wall >= BUILT_AFTER && agrees(&keeper->server, wall, monotonic, ERROR_MAX))
        return (struct moment){.now = wall, .trusted = true};
    if (wall_possible && !server_possible)
        return (struct moment){.now = wall, .trusted = true};
    if (wall_possible)
        return (struct moment){.now = wall < server ? wall : server};
    return (struct moment){.now = server_possible ? server : least};
}

struct moment timekeeper_moment(struct timekeeper *keeper, usec_t wall, usec_t monotonic,
                                bool *ret_leapt)
{
    bool leapt = !agrees(&keeper->wall, wall, monotonic, ERROR_MAX) &&
                 !agrees(&keeper->server, wall, monotonic, ERROR_MAX);
    keeper->wall = take_reading(wall, monotonic);
    if (leapt)
        keeper->asking_until = monotonic + ASKING_MAX;
    struct moment moment = judge(keeper, wall, monotonic);
    moment.asking = monotonic < keeper->asking_until;
    *ret_leapt = leapt;
    return moment;
}
