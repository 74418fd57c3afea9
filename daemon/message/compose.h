/* One message being made, for message/ only. */
#pragma once

#include "message/catalogue.h"

struct composing {
    TALLOC_CTX *context;
    const struct catalogue *catalogue;
    const struct language *language;
    const struct area_graph *graph;
    const struct message_scope *scope;
    const struct alert *alert;
    const char *operator_name;
    bool drill, over; /* over: all clear or withdrawn */
};

/* A plain text of the language. */
const char *say(const struct composing *composing, const char *key);
/* With blanks, see catalogue_fill. */
#define fill(composing, ...)                                                                       \
    catalogue_fill((composing)->context, (composing)->catalogue, (composing)->language, __VA_ARGS__)

/* "Sapporo City (札幌市)"; the name alone when it is the same. Text of telegrams is cleaned. */
const char *say_place(const struct composing *composing, enum area_system system, const char *code,
                      const char *name_ja);
/* Places of the scope as one list, at most `most` of them and then "and n more". `level` 0: all. */
const char *say_places(const struct composing *composing, int level, size_t most);
/* The i-th area of the scope. */
const struct alert_area *scope_area(const struct composing *composing, size_t i);
size_t scope_count(const struct composing *composing);

/* "Tsunami Warning", "Earthquake, shaking intensity 5-lower", …: the kind at the scope's level. */
const char *say_kind(const struct composing *composing);
/* What happens, one sentence a line. */
const char *say_what(const struct composing *composing);
/* Facts, one "Label: value" a line; empty when there are none. */
const char *say_facts(const struct composing *composing);

/* Strongest shaking in the scope's areas, or NULL. */
const char *scope_intensity(const struct composing *composing);
