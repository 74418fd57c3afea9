/* Random histories: what JMA sends, when each telegram arrives, and who listens.
 *
 * A history is plain data made from its seed alone, so that it can be printed, cut down to what
 * still fails (shrink.c), and run again. */
#pragma once

#include <stdio.h>

#include "event/event.h"
#include "match/match.h"

#define AREAS           5
#define COASTS          3
#define HAZARDS         2
#define TELEGRAMS_MAX   10
#define ARRIVALS_MAX    40
#define SUBSCRIBERS     6
#define AUDIENCES       12
#define NEVER_LISTED    (-1)
#define HISTORY_BEGINS  ((usec_t)1788264000 * USEC_PER_SEC) /* 2026-09-01T12:00:00Z */
#define INTENSITY_RANKS 9

/* The places of all histories; one row is one municipality with its codes in each system. */
struct place {
    const char *municipality, *weather_city, *quake_region, *quake_city;
    unsigned office; /* places of one 府県予報区 share its number */
    int coast;       /* index into coasts; -1 inland */
};
extern const struct place places[AREAS];
extern const char *const coasts[COASTS];
extern const enum hazard weather_hazards[HAZARDS];
extern const char *const intensities[INTENSITY_RANKS + 1]; /* by rank */

/* One telegram. What `said` holds, by kind:
 * earthquake: ranks of regions, then of cities; 0 not listed. tsunami: level of each coast in [0].
 * weather: level by hazard and area, or NEVER_LISTED. generic: listed areas in [0]. */
struct scripted_telegram {
    enum report_kind kind;
    const char *code;
    unsigned event; /* which earthquake or volcano */
    usec_t control_time;
    enum info_type info_type;
    enum telegram_status status;
    usec_t valid_until;
    bool released;
    int said[2][AREAS];
    unsigned detail[AREAS]; /* tsunami: height and arrival; earthquake: data missing of a city */
    unsigned seen[COASTS];  /* tsunami: class of the wave seen at a station */
    unsigned text;          /* comment of an earthquake; wording of the rest */
    int level;              /* generic */
};

struct arrival {
    unsigned telegram;
    usec_t now;
    bool restart; /* the daemon starts anew before it */
    bool expire;  /* what ends by time is ended before it */
};

struct history {
    uint64_t seed;
    unsigned audience;
    bool clock_jumps; /* `now` is no guide to what was in time */
    struct scripted_telegram telegrams[TELEGRAMS_MAX];
    size_t telegram_count;
    struct arrival arrivals[ARRIVALS_MAX];
    size_t arrival_count;
    usec_t ends; /* after everything */
};

/* splitmix64: the same numbers on every machine. */
uint64_t random_next(uint64_t *state);
unsigned random_below(uint64_t *state, unsigned limit);
static inline bool random_chance(uint64_t *state, unsigned one_in)
{
    return random_below(state, one_in) == 0;
}

void history_make(uint64_t seed, struct history *ret_history);
void history_print(FILE *file, const struct history *history);

/* Reports of all telegrams of a history, as the parser would give them. */
const struct report **history_reports(TALLOC_CTX *context, const struct history *history);

/* Who listens: the same few audiences for every history. */
struct listeners {
    struct area_graph *graph;
    struct subscriber subscribers[AUDIENCES][SUBSCRIBERS];
    unsigned places[AUDIENCES][SUBSCRIBERS]; /* bit for each place */
    struct audience *audiences[AUDIENCES];
};
struct listeners *listeners_new(TALLOC_CTX *context);

/* Newer by the order of telegrams: Control/DateTime, then issue, correction, cancel. 0: the same
 * rank, whatever they say. */
int telegram_compare(const struct scripted_telegram *a, const struct scripted_telegram *b);
