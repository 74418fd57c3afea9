/* Judging one history, and the shortest history that still fails. */
#pragma once

#include "course.h"

/* Runs the history as it arrives, again without restarts, and once in order. NULL: every rule
 * holds; otherwise what broke, in `context`. */
const char *history_judge(TALLOC_CTX *context, const struct listeners *listeners,
                          const struct history *history);

/* Leaves out arrivals, and what each telegram says, one by one, as long as it still fails. */
void history_shrink(const struct listeners *listeners, struct history *history);
