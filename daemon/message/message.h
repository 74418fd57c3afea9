/* A message: an alert in one language, for one set of areas.
 *
 * Does: fills checked templates of messages/ with names, times, numbers and lists as the language
 * writes them (ICU). Never: translates; evaluates what stands in a blank. */
#pragma once

#include "event/alert.h"
#include "base/problem.h"
#include "area/area.h"

struct catalogue; /* all languages, loaded and checked; immutable; safe for several readers */

/* Loads messages/catalogue.yaml and each messages/<language>.yaml; proves that every language has
 * every template, phase, phrase and word with the same blanks, and that each language that
 * catalogue.yaml names is there. Returns 0 or -EINVAL. */
__attribute__((warn_unused_result)) int catalogue_load(TALLOC_CTX *context, const char *directory,
                                                       struct problems *problems,
                                                       struct catalogue **ret_catalogue);

/* BCP 47 tags in shown order (ja, ja-simple, en, zh-Hans, zh-Hant, ko, vi, ne), ended by NULL. */
const char *const *catalogue_languages(const struct catalogue *catalogue);
/* The language's own name of itself ("Tiếng Việt"); NULL for an unknown tag. */
const char *catalogue_language_name(const struct catalogue *catalogue, const char *language);

/* RFC 4647 lookup: the first of `wanted` that we have (also zh-TW → zh-Hant, zh-CN → zh-Hans,
 * ja-x-easy → ja-simple), else en. *ret_fallback true when none was to be had. */
const char *catalogue_choose(const struct catalogue *catalogue, const char *const *wanted,
                             size_t count, bool *ret_fallback);
/* The same from an Accept-Language header; header may be NULL. */
const char *catalogue_choose_header(const struct catalogue *catalogue, const char *accept_language);

/* A word of the page or of the system in `language` ("page.title", "freshness.stale",
 * "level.4"); falls back to en; never NULL (an unknown key gives the key). */
const char *catalogue_word(const struct catalogue *catalogue, const char *language,
                           const char *key);

/* Time for a reader: date and time with the words for Japan time. `now` decides whether the date
 * can be left out (same day in Japan). Text in `context`. */
const char *message_time(TALLOC_CTX *context, const struct catalogue *catalogue,
                         const char *language, usec_t time, usec_t now);

/* What the message is about: an alert and the part of it that concerns these readers. */
struct message_scope {
    const struct alert *alert;
    enum alert_phase phase;
    int level, previous_level;
    const unsigned *areas;
    size_t area_count; /* indices into alert->areas; 0: all of them */
    usec_t now;
};

struct message {
    const char *language;
    const char *headline;    /* one line that stands alone: drill mark, level, kind, place */
    const char *chip;        /* "Danger 4 of 5: DANGER (purple)": number, word and colour name */
    const char *colour;      /* "black" "purple" "red" "yellow" "white" "green" "blue" (drill) */
    const char *official_ja; /* as TV and staff call it: JMA's kind, else the telegram's title */
    const char *where;       /* "Place: …" lines: names with the Japanese beside */
    const char *what;        /* sentences, then facts as "Label: value"; newline-separated */
    const char *const *actions;
    size_t action_count; /* most vital first */
    const char *until;   /* validity or "until lifted", next update */
    const char *source; /* source, credit line 出典：気象庁, edited by, issue time with zone */
    const char *drill;  /* the drill sentence, NULL for actual alerts */
    const char *delayed;      /* "we learned of this late", or may have; NULL otherwise */
    const char *transitional; /* "from an older kind of telegram" sentence, NULL otherwise */
    const char *short_text;   /* S form, at most 70 characters */
    const char *plain; /* the whole, as text: drill mark first and last, action before facts */
    const char *html;  /* the whole as an HTML fragment: inline style, no script, lang set */
};

/* Renders; never fails for a loaded catalogue (an unknown word prints its Japanese original).
 * `operator_name`: who edited, for the credit line. */
struct message *message_render(TALLOC_CTX *context, const struct catalogue *catalogue,
                               const struct area_graph *graph, const char *language,
                               const struct message_scope *scope, const char *operator_name);

/* Form V of the same, to be read aloud: whole sentences without brackets, slashes and marks, a
 * place in one name only, nothing twice but the mark of a drill, which stands first and last. For
 * an alert of JMA; a broadcast has broadcast_aloud. */
char *message_aloud(TALLOC_CTX *context, const struct catalogue *catalogue,
                    const struct area_graph *graph, const char *language,
                    const struct message_scope *scope, const char *operator_name);
