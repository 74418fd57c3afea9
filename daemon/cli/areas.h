/* Verbs that need the area tables but no configuration find them here. */
#pragma once

#include "area/area.h"
#include "message/broadcast.h"

/* `directory`, else $NOROSHI_DATA/config/areas, else config/areas beside the working directory,
 * else the installed one. Problems are printed; NULL after a failure. */
struct area_graph *cli_load_areas(TALLOC_CTX *context, const char *directory);
/* The same for messages. */
struct catalogue *cli_load_catalogue(TALLOC_CTX *context, const char *directory);
/* The templates of manual broadcasts, from where the messages are; NULL after problems. */
struct broadcast_catalogue *cli_load_broadcasts(TALLOC_CTX *context, const char *directory,
                                                const struct catalogue *texts);
