/* What changed over several alerts of one event, carried into the last of them: the reader of only
 * that one hears of all of it. */
#pragma once

#include "event/alert.h"

/* Adds what changed in `alert` to `changed`: {"system:code": level before the first change}. */
void settled_add(json_t *changed, const struct alert *alert);
/* Adds `from` to `changed`; what is there already is older and stays. */
void settled_merge(json_t *changed, const json_t *from);
/* Marks areas of `alert` as changed since then. */
void settled_mark(struct alert *alert, const json_t *changed);
