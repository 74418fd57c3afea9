/* Really sends a recorded telegram as a drill: asks the running daemon to take it in. */
#pragma once

#include "config/config.h"

/* The file becomes a drill of now (telegram_file.h) and enters the daemon's path. Returns 0,
 * -ENOENT when no daemon runs, or another negative errno. Prints what happened. */
__attribute__((warn_unused_result)) int replay_send(TALLOC_CTX *context,
                                                    const struct config *config, const char *file);
