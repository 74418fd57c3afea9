/* What the folder shares about addresses and URLs; the rest stands in transfer.h. */
#pragma once

#include <sys/socket.h>
#include "transfer/transfer.h"

/* True when a rule holds the address or the IPv4 address inside it. */
bool address_in_rules(const struct sockaddr *address, struct address_rule *const *rules,
                      size_t rule_count);

/* Where a URL leads. `host` has no brackets. */
struct endpoint {
    const char *scheme, *host;
    unsigned port;
    bool literal; /* `host` is an address, and `address` holds it */
    struct sockaddr_storage address;
};

/* Takes a URL apart and refuses every spelling of a host that two parsers could read differently.
 * Returns 0 or -EINVAL with *ret_why (static). */
__attribute__((warn_unused_result)) int endpoint_read(TALLOC_CTX *context, const char *url,
                                                      struct endpoint *ret_endpoint,
                                                      const char **ret_why);

/* Why a receiver may not be at this endpoint (transfer_check_url), NULL when it may. */
const char *endpoint_check(const struct endpoint *endpoint, bool http_allowed,
                           struct address_rule *const *rules, size_t rule_count);

/* Puts the port into an address of either family. */
void address_set_port(struct sockaddr_storage *address, unsigned port);
socklen_t address_length(const struct sockaddr_storage *address);
