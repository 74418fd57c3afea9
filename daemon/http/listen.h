/* A listening socket of our own: it tells exactly why it cannot be had. */
#pragma once

/* `address`: numeric, IPv4 or IPv6; `port` 0: any free one. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int listen_open(const char *address, unsigned port, int *ret_fd,
                                                    unsigned *ret_port);
