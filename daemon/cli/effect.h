/* What a configuration would have changed (H-13): the telegrams that are kept are put through the
 * whole path for the readers as the store has them and as the file now says.
 *
 * Never: changes the store (its own read-only connection), shows an address: readers are told by
 * what they asked for, and how many they are. */
#pragma once

#include "config/config.h"

#define EFFECT_DAYS 30 /* as long as telegrams are kept (desk_due.c) */

/* Subscribers of the configuration who had, or have, the same wishes. */
struct effect_group {
    const struct profile *before, *after; /* NULL: nobody yet; nobody any more */
    size_t readers;
    int64_t messages_before, messages_after; /* that each of them would have got */
};
struct effect {
    int days;
    size_t telegrams;
    struct effect_group *groups; /* those that stay as they are too */
    size_t count;
};

/* In `context`. Returns 0, or negative errno when the store cannot be read or an own fault. A store
 * that is not there yet: no telegrams and no readers before. */
__attribute__((warn_unused_result)) int effect_find(TALLOC_CTX *context,
                                                    const struct config *config, int days,
                                                    usec_t now, struct effect *ret_effect);
/* Whether readers who stay would have got more or fewer messages. */
bool effect_matters(const struct effect *effect);
/* For people, in `context`; `colours`: more messages in red. */
char *effect_text(TALLOC_CTX *context, const struct effect *effect, bool colours);
/* To standard output; in colours where it is a terminal or NOROSHI_COLOUR is "always". */
void effect_print(const struct effect *effect);
void effect_print_json(const struct effect *effect);
