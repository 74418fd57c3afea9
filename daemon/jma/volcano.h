/* What the parsers of volcanic telegrams share; only for volcano*.c.
 *
 * JMA repeats in VolcanoInfo what concerns the volcano, the municipalities, what these do about it,
 * and the sea; which of them an item is about is told by the codeType of its areas. */
#pragma once

#include "jma/part.h"

enum volcano_about { ABOUT_VOLCANO, ABOUT_CITY, ABOUT_RESPONSE, ABOUT_SEA };

struct volcano_item { /* one area of one item */
    enum volcano_about about;
    const struct element *item;
    const char *kind_code, *kind_name; /* NULL when absent */
    const char *code, *name;           /* of the area */
};
struct volcano_items {
    const struct volcano_item *all;
    size_t count;
    size_t volcano_count; /* different volcanoes */
};

struct volcano_kind {
    const char *code;
    int level; /* our scale of five; 0: the normal state */
    const char *grade;
};

/* NULL when the kind is not in the table, which ends with a row without code. */
const struct volcano_kind *volcano_kind(const struct volcano_kind *kinds, const char *code);

/* Adds a municipality by its code. One that no table knows stands for its prefecture where it is
 * about lives, and is left out otherwise; both are noted. */
void volcano_add_city(struct parsing *parsing, const struct volcano_item *item, int level,
                      const char *grade);
/* The volcano as a place, when the tables know it and it does not cover a municipality of which the
 * telegram says less. Call it last. */
void volcano_add_itself(struct parsing *parsing, const struct volcano_item *item, int level,
                        const char *grade);
/* What was seen: time of the eruption and height of the plume, as far as they are known. */
void volcano_add_observation(struct parsing *parsing, const struct element *event);

/* One each, by code. `items` names exactly one volcano, which is the report's subject already. */
bool volcano_level_parse(struct parsing *parsing, const struct volcano_items *items,
                         const char **ret_why);
bool volcano_sea_parse(struct parsing *parsing, const struct volcano_items *items,
                       const char **ret_why);
bool volcano_eruption_parse(struct parsing *parsing, const struct volcano_items *items,
                            const char **ret_why);
bool volcano_observed_parse(struct parsing *parsing, const struct volcano_items *items,
                            const char **ret_why);
bool volcano_ash_parse(struct parsing *parsing, const struct volcano_items *items,
                       const char **ret_why);
