/* What one telegram led to, by the old configuration and by the new one.
 *
 * Pure. Takes: the messages that each side made for each wish. Gives: who was added and who lost,
 * alert by alert, and which messages read otherwise, into the effect. Never: reads a store. */
#pragma once

#include "cli/effect.h"

/* A message in one of its languages. */
struct effect_section {
    const char *language, *text;
};
/* A message for the readers with one wish. */
struct effect_made {
    size_t wish;
    int64_t message; /* its number on its side: many wishes share one */
    const struct alert *alert;
    enum alert_phase phase; /* for these readers */
    const struct effect_section *sections;
    size_t section_count;
};
struct effect_step {
    struct effect_made *items; /* one at most for each event and wish */
    size_t count;
};

/* `before` and `after` may be the same: then only the wishes differ, and texts are not compared.
 * What the effect keeps is copied into `context`. */
void effect_compare(TALLOC_CTX *context, const struct effect_step *before,
                    const struct effect_step *after, size_t wish_count, struct effect *effect);
/* Gravest and most frequent first: after the last step. */
void effect_sort(struct effect *effect);

/* The parts of a message as it is stored (store/delivery.h): mail is parted where email_texts
 * begins another language, `languages` are those of its readers ("vi,en"); a webhook's body says
 * itself. In `context`. */
struct effect_section *effect_sections(TALLOC_CTX *context, const char *languages,
                                       const char *subject, const char *body, size_t *ret_count);
