/* Between a broadcast, the alert that it becomes, and what message/ needs of either. Pure. */
#pragma once

#include "broadcast/broadcast.h"

/* What the record says, for checking and rendering. `now`: the time of issue until it is sent.
 * `original_at`: when the broadcast that it follows was sent; 0. Areas that the graph does not know
 * are left out: the check then says so. */
struct broadcast_content broadcast_content(TALLOC_CTX *context, const struct broadcast *broadcast,
                                           const struct broadcast_issuer *issuer,
                                           const struct area_graph *graph, usec_t original_at,
                                           usec_t now);
/* Everything wrong with it: what broadcast_content_check finds, unknown areas and authority, a
 * template that this authority may not use. Returns the number of faults. */
size_t broadcast_faults(TALLOC_CTX *context, const struct broadcast *broadcast,
                        const struct broadcast_rules *rules,
                        const struct broadcast_catalogue *templates, const struct area_graph *graph,
                        usec_t original_at, usec_t now, struct broadcast_fault **ret_faults);

/* The alert. `title_ja`: the template's Japanese name. */
struct alert *broadcast_alert(TALLOC_CTX *context, const struct broadcast *broadcast,
                              const struct broadcast_template *row, const char *title_ja,
                              const struct broadcast_issuer *issuer, const struct area_graph *graph,
                              usec_t original_at, usec_t now);

/* Names by which the area may be typed: of the first area, in Japanese, English and by its code, or
 * of "everyone". Ended by NULL. */
const char **broadcast_typed_names(TALLOC_CTX *context, const struct broadcast *broadcast,
                                   const struct area_graph *graph);
/* What is typed besides where it is guarded: the Japanese or English title, of an all-clear its own
 * words, so that one is never sent for the other. Ended by NULL; empty where nothing is typed. */
const char **broadcast_typed_words(TALLOC_CTX *context, const struct broadcast *broadcast,
                                   const struct broadcast_catalogue *templates);
const struct area *broadcast_area(const struct area_graph *graph, const char *canonical);
