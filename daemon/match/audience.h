/* The places of profiles, expanded to the codes of every system that meet them (audience.c).
 *
 * A code and its system are packed into one 64-bit number, and each distinct place keeps the
 * numbers that it meets in an open hash table: one test is a few nanoseconds and touches no text.
 */
#pragma once

#include "match/match.h"

struct audience_place {
    const char *text; /* "municipality:01100" */
    bool everywhere;  /* all of Japan */
    uint64_t *slots;  /* 0 empty */
    size_t slot_mask;
};

struct audience {
    struct profile *profiles; /* copies that point into the audience */
    size_t count;
    struct audience_place *places; /* distinct */
    size_t place_count;
    unsigned **profile_places; /* indices into places; as many as the profile has areas */
};

uint64_t area_pack(enum area_system system, const char *code);
bool place_meets(const struct audience_place *place, uint64_t packed);
