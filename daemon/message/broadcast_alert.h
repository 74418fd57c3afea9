/* Alerts of staff among those of JMA: message_render makes both. */
#pragma once

#include "message/broadcast.h"

/* The templates that message_render uses; they outlive the catalogue's use. */
void catalogue_take_broadcasts(struct catalogue *catalogue,
                               const struct broadcast_catalogue *broadcasts);

/* The message for an alert with a broadcast; NULL when its template is gone (then its titles are
 * all that can be said). */
struct message *broadcast_message(TALLOC_CTX *context, const struct catalogue *catalogue,
                                  const struct area_graph *graph, const char *language,
                                  const struct message_scope *scope);
