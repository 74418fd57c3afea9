/* What became of an event or an alert: times, reach, failures (H-19, H-20). Never an address. */
#pragma once

#include <jansson.h>
#include "area/area.h"
#include "base/buffer.h"
#include "store/report.h"

/* The report of docs/schema/report.schema.json; `id` of an alert or an event. New reference.
 * Returns 0, -ENOENT when nothing has this id, or the store's negative errno. */
__attribute__((warn_unused_result)) int report_make(struct store *store,
                                                    const struct area_graph *graph, const char *id,
                                                    usec_t now, json_t **ret_report);

/* The same for people: text, a page, a table of every count. */
void report_plain(struct buffer *out, const json_t *report);
void report_html(struct buffer *out, const json_t *report);
void report_csv(struct buffer *out, const json_t *report);
