/* c-ares' channel with its sockets and its timer in the loop; only resolver.c uses it. */
#pragma once

#include <ares.h>
#include "transfer/sockets.h"

struct channel;

__attribute__((warn_unused_result)) int channel_new(TALLOC_CTX *context, sd_event *event,
                                                    struct sockets *sockets,
                                                    const char *name_servers,
                                                    struct channel **ret_channel);
/* `done` always comes from the loop, never from inside this call. `host` must live until then. */
void channel_ask(struct channel *channel, const char *host, ares_addrinfo_callback done,
                 void *userdata);
/* Reads the machine's name servers again; open questions end without an answer. */
void channel_renew(struct channel *channel);
