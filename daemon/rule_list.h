/* Which rules are live and which are drills, by type (H-13): printed with every loading. */
#pragma once

#include "config/config.h"

/* "2 subscribers: hotel-a, hotel-b" of those of the configuration who hear what is real (`drills`
 * false), or who hear drills; "nobody". Ids only, in `context`. */
const char *rule_list(TALLOC_CTX *context, const struct config *config, bool drills);
