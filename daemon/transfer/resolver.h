/* Names to addresses without ever waiting: c-ares in the nested epoll set, and a small memory. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>
#include "transfer/sockets.h"

#define RESOLVER_ADDRESSES_MAX 4

/* IPv6 and IPv4 by turns, what worked last first; without a port. */
struct address_list {
    struct sockaddr_storage items[RESOLVER_ADDRESSES_MAX];
    size_t count; /* 0: the name has no address, or nobody answers for it */
};

struct resolver;
struct resolver_wait;
/* `addresses` lives until the call returns. Not called for a wait that was freed. */
typedef void resolver_done(void *userdata, const struct address_list *addresses);

/* `name_servers`: "address[:port],…" or NULL for /etc/resolv.conf. */
__attribute__((warn_unused_result)) int resolver_new(TALLOC_CTX *context, sd_event *event,
                                                     struct sockets *sockets,
                                                     const char *name_servers,
                                                     struct resolver **ret_resolver);
/* What is remembered of a name; NULL when it must be asked for. Lives until the next call. */
const struct address_list *resolver_known(struct resolver *resolver, const char *host);
/* Asks; waits for one name share one question. `done` comes later, never from inside. Freeing the
 * wait (talloc_free) withdraws it; it frees itself after `done`. */
struct resolver_wait *resolver_ask(struct resolver *resolver, TALLOC_CTX *context, const char *host,
                                   resolver_done *done, void *userdata);
/* This address did not answer: others of the name go first while it is remembered. */
void resolver_demote(struct resolver *resolver, const char *host,
                     const struct sockaddr_storage *address);
/* Adds an address unless the list is full. */
void address_list_add(struct address_list *list, const struct sockaddr *address);
