/* One message being made, for message/ only.
 *
 * While it is made, Japanese text of telegrams stands between two control characters (ORIGINAL_*),
 * which cannot come from a cleaned text: HTML turns them into <span lang="ja">, the other forms
 * drop them. */
#pragma once

#include "message/catalogue.h"

#define ORIGINAL_BEGIN '\x02'
#define ORIGINAL_END   '\x03'

#define TITLE_CHARACTERS 120
#define NAME_CHARACTERS  60

struct composing {
    TALLOC_CTX *context;
    const struct catalogue *catalogue;
    const struct language *language;
    const struct area_graph *graph;
    const struct message_scope *scope;
    const struct alert *alert;
    const char *operator_name;
    bool drill, over;         /* over: all clear or withdrawn */
    bool likely;              /* an earthquake that may come: nothing has happened */
    bool aloud;               /* for the ear: a place has one name, and nothing is said twice */
    int level;                /* of the scope, 1 to 5 */
    const char *heading;      /* the headline without level, below the chip */
    const char *title;        /* the heading without places */
    bool heading_tells_where; /* as much as the first line of where */
    const char *official_key; /* label of the Japanese name: "label.official" */
    /* The scope's areas that the message is about, gravest first: those in force, or, when it is
     * over, those for which it is. */
    const struct alert_area **areas;
    size_t area_count;
    /* In a message about a danger in force: the scope's areas where nothing is in force now. */
    const struct alert_area **ended;
    size_t ended_count;
};

/* A plain text of the language. */
const char *say(const struct composing *composing, const char *key);
/* The text of "section.name"; `otherwise` when the language has none. */
const char *say_word(const struct composing *composing, const char *section, const char *name,
                     const char *otherwise);
/* With blanks, see catalogue_fill. */
#define fill(composing, ...)                                                                       \
    catalogue_fill((composing)->context, (composing)->catalogue, (composing)->language, __VA_ARGS__)
const char *say_number(const struct composing *composing, double number);
const char *say_time(const struct composing *composing, usec_t time);

/* Text of a telegram: cleaned, cut, and marked as Japanese. "" for NULL. */
const char *say_original(const struct composing *composing, const char *text, size_t characters);

/* Sorts the scope's areas into composing->areas and ->ended. */
void places_sort(struct composing *composing);
/* "Sapporo City (札幌市)"; the name alone when it is the same, or when it is for the ear.
 * 札幌市（さっぽろし） where the language wants readings. */
const char *say_place(const struct composing *composing, enum area_system system, const char *code,
                      const char *name_ja);
/* The same in the reader's language alone, where there is little room. */
const char *say_bare_place(const struct composing *composing, enum area_system system,
                           const char *code, const char *name_ja);
/* The places for which the headline is true (those of the highest level, or of the strongest
 * shaking), at most `most` of them and then "and n more". */
const char *say_headline_places(const struct composing *composing, size_t most);
/* Whether these are all places of the first line of say_where. */
bool headline_tells_where(const struct composing *composing, size_t most);
/* The first of these in the reader's language only, and how many more; empty without areas. */
const char *say_short_place(const struct composing *composing);
/* "Place: …", one line a level when levels differ, and what has ended; empty without areas. */
const char *say_where(const struct composing *composing);
/* Strongest shaking in the scope's areas, or NULL. */
const char *scope_intensity(const struct composing *composing);

/* "Level 4 of 5: DANGER (purple)" in the language. */
const char *say_chip(const struct composing *composing, const char *colour);
/* "Tsunami", "Heavy rain". */
const char *say_hazard(const struct composing *composing);
/* "Tsunami Warning", "Earthquake, shaking intensity 5-lower", …: the kind at the scope's level. */
const char *say_kind(const struct composing *composing);
/* The kind in force at `level` in `language` by its areas' grade, or NULL. */
const char *kind_of_level(const struct composing *composing, const struct language *language,
                          int level);
/* `section` and "HAZARD-GRADE" of what the message is about; NULL when it has no grade. */
const char *graded_key(const struct composing *composing, const char *section);
/* What happens, one sentence a line. */
const char *say_what(const struct composing *composing);
/* Facts, one "Label: value" a line; empty when there are none. */
const char *say_facts(const struct composing *composing);

/* Behind the full stop of the first sentence of the text, or its end. */
const char *sentence_end(const char *stop, const char *text);

/* Adds a line; an empty one adds nothing. */
void line_add(char **text, const char *line);
