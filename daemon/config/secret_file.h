/* A secret that stands in a file of its own, out of the configuration and its backups. */
#pragma once

#include "base/document.h"

/* First line of the file at `path`, without its end, in `context`. NULL with a problem at `node`
 * when it cannot be read; NULL without one when it is empty. */
const char *secret_file_read(TALLOC_CTX *context, const struct node *node, const char *path,
                             struct problems *problems);
