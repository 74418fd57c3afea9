/* The state of one earthquake, and what it amounts to (earthquake.c, earthquake_view.c).
 *
 * State: {"units": {"VXSE51": {...}, "VXSE52": …, "VXSE53": …, "VXSE61": …}, "life": …}. Each unit
 * is what the newest telegram of that code said, or {"cancelled": true}; the view is a pure
 * function of the units, so the order of arrival does not matter. */
#pragma once

#include "event/step.h"

/* {"source", "distant", "eruption", "max", "regions", "cities", "judgement"} of a report. */
json_t *earthquake_unit(const struct earthquake_report *report);
/* What a degraded report leaves out has not ended: it stays as the older unit says. Of two tsunami
 * judgements the graver one stays while the newer is unsure (earthquake_report). */
void earthquake_take_over(json_t *unit, const json_t *old, bool judgement_unsure);

struct earthquake_view {
    bool any; /* some unit says something */
    struct alert_quake quake;
    struct area_list areas;
    int level; /* at least 1 while there is anything to show */
};

/* Texts are borrowed from the state. */
struct earthquake_view earthquake_view(TALLOC_CTX *context, const struct area_graph *graph,
                                       const json_t *state);

/* A region whose cities are no longer told stands for them again: that is a change for who was told
 * of his city alone. */
void earthquake_mark_bare(const struct area_graph *graph, const struct area_list *before,
                          struct area_list *after, struct area_changes *changes);

/* Same origin, place, size and judgement. */
bool earthquake_same(const struct alert_quake *a, const struct alert_quake *b);

/* The view in `state` as an alert's quake, copied into `context`. */
struct alert_quake *earthquake_copy(TALLOC_CTX *context, const struct alert_quake *quake);
/* A source of any report as an alert's quake; texts borrowed. */
void quake_of_source(const json_t *source, struct alert_quake *quake);
json_t *source_to_json(const struct quake_source *source);
