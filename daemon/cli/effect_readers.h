/* Who reads by the store and by the configuration, gathered by what they ask for. Part of effect.h.
 */
#pragma once

#include "cli/effect.h"
#include "store/store.h"

/* What some readers ask for, in whatever languages: one reader, rehearsed in all of these, stands
 * for them. */
struct effect_wish {
    struct profile profile; /* every language that somebody with this wish reads, each once */
    bool before, after;     /* on which side somebody asks for it, and can be told */
};
struct effect_wishes {
    struct effect_wish *items;
    size_t count;
    /* The group of those of the store who have a profile, by its number. */
    struct effect_stored {
        int64_t profile;
        size_t group;
    } * stored;
    size_t stored_count;
};

struct effect_reading {
    struct store *archive; /* NULL: nobody was there */
    const struct config *config;
    const struct area_graph *areas_before;
    const char *const *languages_before;
};

/* Fills the effect's groups and gives the wishes, in `context`. Those of the configuration are old
 * as the store has them and new as the file says; the others ask for the same, by old and by new
 * areas and languages. 0 or negative errno. */
__attribute__((warn_unused_result)) int effect_read_readers(TALLOC_CTX *context,
                                                            const struct effect_reading *reading,
                                                            struct effect *effect,
                                                            struct effect_wishes **ret_wishes);
/* Names a few of each group that an alert was lost or added for, or whom nothing reaches any more.
 * Reads all subscribers, page by page, until that is done; nothing when no group needs a name. */
__attribute__((warn_unused_result)) int effect_name_readers(TALLOC_CTX *context,
                                                            struct store *archive,
                                                            const struct effect_wishes *wishes,
                                                            struct effect *effect);
