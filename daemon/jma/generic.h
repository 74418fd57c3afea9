/* The parts of the generic report; only for jma/. Kinds give level and state, codes give areas. */
#pragma once

#include "jma/part.h"

struct generic_scan {
    struct parsing *parsing;
    struct generic_report *generic;
    size_t kinds, in_force; /* kinds that name a state, and those of them in force */
    int level;              /* the highest in force, 0 none */
    bool unknown_area;      /* a code that the area graph does not hold */
};

enum kind_state {
    KIND_SILENT, /* says nothing of a state */
    KIND_NONE,   /* nothing is announced there, and nothing was */
    KIND_LIFTED,
    KIND_IN_FORCE,
};

/* What one Kind of an Item says; *ret_level only for one in force. */
enum kind_state generic_kind(const struct generic_scan *scan, const struct element *item,
                             const struct element *kind, int *ret_level);
/* First Kind of an Item; in the body of a tsunami telegram it stands in Category. */
const struct element *generic_first_kind(const struct element *item);
/* The gravest state of an Item; one without kinds is in force. */
enum kind_state generic_item(const struct generic_scan *scan, const struct element *item);
/* Level that a title or a name tells in JMA's words, 0 for none. */
int generic_level_of_words(const char *text);
bool generic_says_lifted(const char *text);
/* Prefectures that an outlook is about, by law, separated by blanks; "" for other codes. */
const char *generic_subject_prefectures(const char *code);
/* VYSE50 and VYSE51 tell their stage by a number (地震関連情報番号コード). Returns false for a
 * telegram without one; level 0 when the investigation is over. */
bool generic_nankai_level(const struct element *body, int *ret_level);

/* Areas of the telegram: of items in force, or of what was lifted when nothing is. */
void generic_areas(struct generic_scan *scan);
