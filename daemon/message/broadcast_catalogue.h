/* The loaded templates of manual broadcasts, for message/ only. */
#pragma once

#include "message/broadcast.h"
#include "message/catalogue.h"

struct broadcast_catalogue {
    const struct catalogue *texts;
    struct broadcast_template *templates;
    size_t count;
    const char *const *drill_words, *const *reserved_words; /* ended by NULL */
};

/* "broadcast.SECTION.NAME" of one language, or NULL. */
const struct catalogue_text *broadcast_text_find(TALLOC_CTX *context,
                                                 const struct language *language,
                                                 const char *section, const char *name);
/* Whether `text` has one of the words (whole ones, for languages with spaces), in any case. */
bool words_found(const char *const *words, const char *text);

/* The value to show in `language`: its own text, else English, else Japanese; NULL when the blank
 * was left empty. */
const struct broadcast_value *broadcast_value_choose(const struct broadcast_content *content,
                                                     const char *blank, const char *language);
/* Language of a free text: that of the value, or Japanese. */
const char *broadcast_value_language(const struct broadcast_value *value);
/* Whether a reader of `language` reads a text in `written` as a foreign one: やさしい日本語 and
 * Japanese are one. */
bool broadcast_is_foreign(const char *language, const char *written);
/* The names of a choice's parts, "rain,flood". */
char **broadcast_choices_split(TALLOC_CTX *context, const char *text, size_t *ret_count);
