/* The alerts that a recorded telegram makes on its own, for preview and who. */
#pragma once

#include "area/area.h"
#include "event/event.h"

/* Parses the file and applies it to empty states. `step` is called for each alert. Returns 0 or
 * negative errno; problems are printed. */
__attribute__((warn_unused_result)) int
cli_each_alert(TALLOC_CTX *context, const struct area_graph *graph, const char *file,
               void (*step)(void *userdata, TALLOC_CTX *context, const struct alert *alert),
               void *userdata);
