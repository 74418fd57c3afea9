/* Silences: staff keep a hazard that is no danger to life from people, for places and a time.
 *
 * Pure. Never: mutes an earthquake, tsunami, eruption or broadcast; an end, a downgrade or a
 * correction; level 4 or 5 by one person; anything beyond its places. What was not told is told
 * when the silence ends and it still holds, because nobody was told of it before. */
#pragma once

#include <jansson.h>
#include "broadcast/person.h"
#include "match/match.h"

#define SILENCE_MOST       (24 * USEC_PER_HOUR)
#define SILENCE_ALONE_MOST 3 /* one person: up to this level */

struct silence {
    const char *id;
    enum hazard hazard;
    const char *const *areas; /* canonical */
    size_t area_count;
    int level_max;
    usec_t from, until, ended_at;
    const char *reason, *author, *approver;
    usec_t approved_at;
};
json_t *silence_to_json(const struct silence *silence);
struct silence *silence_from_json(TALLOC_CTX *context, const json_t *json);

bool silence_possible(enum hazard hazard);
bool silence_needs_approval(const struct silence *silence);
bool silence_on(const struct silence *silence, usec_t now);

/* Those that are on, with what their places cover. */
struct silences;
struct silences *silences_new(TALLOC_CTX *context, const struct area_graph *graph,
                              struct silence *const *list, size_t count);
/* The silence that keeps this match from its reader; NULL: tell. */
const struct silence *silences_mute(const struct silences *silences, const struct alert *alert,
                                    const struct match *match, usec_t now);
