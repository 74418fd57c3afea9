/* The parts of the tsunami report; only for jma/. */
#pragma once

#include "jma/part.h"

#define TSUNAMI_ADVISORY_LEVEL 3 /* a release has the title of a forecast, level 1 */

/* Adds a copy of the coast; the report owns it. */
struct tsunami_area *tsunami_add_area(struct parsing *parsing, const struct tsunami_area *area);
/* The coast of the report with that code; NULL when it lists none. */
const struct tsunami_area *tsunami_coast(const struct tsunami_report *report, const char *code);
/* Raises the coasts that Head/Headline names with a graver kind than the body, and says so in
 * report->degraded. To be called when the coasts of the body are known. */
void tsunami_compare_headline(struct parsing *parsing);
/* Says what holds on coasts that are none we know where it may be (tsunami_unknown.c). To be called
 * when all coasts are listed, those of the headline too. */
void tsunami_widen(struct parsing *parsing, const struct tsunami_area *lost, size_t count);
