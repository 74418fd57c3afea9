/* The message of a match: rendered and stored the first time it is needed (DESIGN decision 4). */
#pragma once

#include "ingest.h"

/* One alert as it is told to a group of readers. */
struct rendering {
    const struct ingest *ingest;
    const struct alert *alert;
    int64_t number;      /* of the alert in the store */
    const char *variant; /* "" or what makes these messages others than those of the same match */
    usec_t now;
};

/* Number of the message for this match and profile. `key` comes from fanout_message_key. */
__attribute__((warn_unused_result)) int
fanout_render(TALLOC_CTX *scratch, const struct rendering *rendering, const struct profile *profile,
              const struct match *match, const char *key, int64_t *ret_message);
/* Readers whose matches have the same key (areas, phase, level, what they then know), channel and
 * languages share one message. */
const char *fanout_message_key(TALLOC_CTX *context, const struct rendering *rendering,
                               const struct profile *profile, const struct match *match);
