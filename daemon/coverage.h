/* Who would hear nothing: municipalities, facilities and languages without a reader (H-19).
 *
 * Does: expands the places of all profiles in the store, and looks which municipality of the served
 * areas none of them covers. Never: shows who the readers are. */
#pragma once

#include <jansson.h>
#include "config/config.h"
#include "store/store.h"

/* {"at", "municipalities": of the served areas, "readers": in all, "without_reader": [{"code",
 * "name_ja", "name"}], "without_facility": the same, "languages": {tag: readers whose first it is},
 * "languages_without": [tag]}. Served are `coverage: areas:` of the configuration, else every
 * prefecture that has a reader. New reference. 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int coverage_find(TALLOC_CTX *context,
                                                      const struct config *config,
                                                      struct store *store, usec_t now,
                                                      json_t **ret_coverage);
/* One line for operators, in `context`; NULL when everything is covered. */
const char *coverage_notice(TALLOC_CTX *context, const json_t *coverage);
/* The same once a week, kept as the fact "coverage" for the console. *ret_notice: what operators
 * must hear, in `context`; NULL nothing. *ret_next: when to come again. */
__attribute__((warn_unused_result)) int coverage_due(TALLOC_CTX *context,
                                                     const struct config *config,
                                                     struct store *store, usec_t now,
                                                     const char **ret_notice, usec_t *ret_next);
