/* A new configuration while the daemon runs: loaded whole, checked whole, and only then used.
 *
 * Never: changes anything that is in use. Areas and messages are loaded again too. */
#pragma once

#include "config/config.h"

/* Subscribers of the configuration who stay and would be told by other rules: other areas, hazards,
 * languages, a least level. */
size_t reload_other_rules(const struct config *before, const struct config *after);

/* Loads the file of `current` again. Returns 0, or -EINVAL with all problems: then `current` stays.
 * What cannot change while we run (reload.c has the table) keeps its present value in *ret_config,
 * and a warning in `problems` says so. */
__attribute__((warn_unused_result)) int reload_config(TALLOC_CTX *context,
                                                      const struct config *current,
                                                      struct problems *problems,
                                                      struct config **ret_config);
