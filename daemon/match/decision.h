/* The working values of one decision: who, what he was told, what concerns him (match.c). */
#pragma once

#include "match/audience.h"

struct decision {
    TALLOC_CTX *context;
    const struct area_graph *graph;
    const struct alert *alert;
    const struct audience *audience;
    size_t index;
    const struct profile *profile;
    const json_t *told; /* NULL: nothing */
    struct match *match;
    unsigned *areas; /* of the alert, that concern him */
    size_t area_count;
};

static inline const struct audience_place *decision_place(const struct decision *decision,
                                                          size_t number)
{
    unsigned place = decision->audience->profile_places[decision->index][number];
    return &decision->audience->places[place];
}

static inline size_t decision_place_count(const struct decision *decision)
{
    return decision->profile->area_count;
}

/* Longest "system:code" that is looked for in what was told. */
#define TOLD_KEY_BYTES 64
char *told_key(const struct alert_area *area, char text[static TOLD_KEY_BYTES]);
/* Level told for one area; 0 none. */
int told_area_level(const json_t *told, const struct alert_area *area);
int told_level(const json_t *told);

/* The areas of the alert that meet his places. */
void decision_find_areas(struct decision *decision);

/* Fills the match: send, in this phase, with these areas (sorted here, highest level first). */
void decision_send(struct decision *decision, enum alert_phase phase, int level);
/* Base of what he is told with this message: {"level", "phase", "areas", "until"}. */
json_t *decision_told(struct decision *decision, int level);

void decide_earthquake(struct decision *decision);
void decide_state(struct decision *decision);
void decide_broadcast(struct decision *decision);
