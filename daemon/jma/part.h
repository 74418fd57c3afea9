/* What the parsers of reports share; only for jma/. Each returns false when the body cannot be
 * understood, with *ret_why; a part that was lost sets report->degraded and goes on. */
#pragma once

#include "jma/report.h"

struct parsing {
    TALLOC_CTX *context;
    const struct area_graph *graph;
    const struct telegram *telegram;
    struct problems *problems;
    struct report *report;
};

bool earthquake_parse(struct parsing *parsing, const char **ret_why);
bool tsunami_parse(struct parsing *parsing, const char **ret_why);
bool weather_parse(struct parsing *parsing, const char **ret_why);
bool transitional_parse(struct parsing *parsing, const char **ret_why);
bool volcano_parse(struct parsing *parsing, const char **ret_why);
bool flood_parse(struct parsing *parsing, const char **ret_why);
bool bulletin_parse(struct parsing *parsing, const char **ret_why);
bool outlook_parse(struct parsing *parsing, const char **ret_why);
void generic_parse(struct parsing *parsing);

/* A municipality by 7 digits (weather city, ward, or a designated city as a whole) or 5; NULL. */
const struct area *part_city(const struct parsing *parsing, const char *code);

/* Adds a place to the report's hazard, once; the graver of two wins. The report's level and grade
 * follow the gravest place. */
void part_add_area(struct parsing *parsing, const struct hazard_area *area);
void part_add_fact(struct parsing *parsing, const char *name, const char *value, usec_t time);

/* Notes the first part that was lost, for the operator. */
void part_degraded(struct parsing *parsing, const char *what);
/* Instant of an element's text; 0 and a warning when it is garbled. */
usec_t part_time(struct parsing *parsing, const struct element *parent, const char *path);
/* A plain number, whole text; NAN otherwise. */
double part_number(const char *text);
/* A trimmed attribute; NULL when absent or empty. */
const char *part_attribute(struct parsing *parsing, const struct element *element,
                           const char *name);
/* An Earthquake element: origin, hypocentre, magnitude. */
struct quake_source part_source(struct parsing *parsing, const struct element *earthquake);
/* The code of a place: `code` when the tables know it, else that of the one place of this system
 * which has exactly this name, else `code` as it is (NULL when there is none). Anything but the
 * first is noted as degraded; `what` says of which place. But a whole code of a city that is not
 * known is left as it is (it has merged since; its readers hear by the region). */
const char *part_place(struct parsing *parsing, enum area_system system, const char *code,
                       const char *name, const char *what);
/* Codes of every comment under Body/Comments, split at blanks; text of the first comment. */
void part_comments(struct parsing *parsing, const char *const **ret_codes, size_t *ret_count,
                   const char **ret_text, const char **ret_free_text);
/* Four digits, as every code of a comment has them. */
bool part_comment_whole(const char *code);
/* First text that is not empty of an element of that name below `element`; NULL when none. */
const char *part_first_text(const struct element *element, const char *name);
/* Elements below `element` with that name, in document order; calls `step` for each. */
void part_each(const struct element *element, const char *name,
               void (*step)(void *userdata, const struct element *found), void *userdata);
