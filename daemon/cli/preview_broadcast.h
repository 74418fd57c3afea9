/* Previews of manual templates. */
#pragma once

#include <talloc.h>
#include "message/broadcast.h"

struct broadcast_preview {
    const struct area_graph *graph;
    const struct catalogue *texts;
    const struct broadcast_catalogue *templates;
    const char *language, *phase; /* NULL: all */
    bool drill, html;
};

/* Prints the messages of the template `id` ("all": of every one) with the blanks of `given`
 * ("blank=text", ended by NULL). Returns 0, or -1 after a message on stderr. */
int broadcast_preview_show(TALLOC_CTX *context, const struct broadcast_preview *preview,
                           const char *id, char **given);
