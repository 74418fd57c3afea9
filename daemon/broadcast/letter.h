/* What all staff are told at once when one person alone sent a broadcast, or took one back (H-3).
 *
 * Pure. Gives: subject and text in Japanese and English: who, what, where, when, why, and how to
 * take it back. Never: holds an address. */
#pragma once

#include "area/area.h"
#include "broadcast/broadcast.h"

enum letter_language { LETTER_JAPANESE, LETTER_ENGLISH, LETTER_LANGUAGES };
struct letter {
    const char *id; /* made of the broadcast's: one letter for each */
    bool drill;
    const char *subject[LETTER_LANGUAGES], *text[LETTER_LANGUAGES];
};

/* `broadcast`: as it was sent, with its reason. `origin`: of the staff pages; NULL: not known. */
struct letter letter_write(TALLOC_CTX *context, const struct broadcast *broadcast,
                           const struct person *person, const struct broadcast_rules *rules,
                           const struct broadcast_catalogue *templates,
                           const struct area_graph *areas, const char *origin);
