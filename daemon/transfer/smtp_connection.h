/* One connection to a mail relay: name, TCP, TLS, and the session over it, in the loop's nested
 * epoll set. It never calls up: whoever owns it looks at it after each round (sockets_after). */
#pragma once

#include "transfer/address.h"
#include "transfer/resolver.h"
#include "transfer/smtp_session.h"
#include "transfer/sockets.h"
#include <openssl/types.h>

/* The way to a relay; shared by its connections and outlives them. */
struct smtp_route {
    sd_event *event;
    struct sockets *sockets;
    struct resolver *resolver;
    SSL_CTX *tls;
    struct endpoint endpoint;
    bool tls_first; /* TLS before the greeting (RFC 8314), not by STARTTLS */
    struct smtp_settings session;
    usec_t connect_timeout; /* of each address */
    sockets_after *after;   /* after a timer */
    void *userdata;
};

struct smtp_connection;
/* Begins to connect; failures show up in the session. `ended` and its `userdata` replace those of
 * the route's session. */
struct smtp_connection *smtp_connection_new(TALLOC_CTX *context, const struct smtp_route *route,
                                            smtp_mail_ended *ended, void *userdata);
/* Give mails to it, then flush. When it is SMTP_ENDED, free the connection. */
struct smtp_session *smtp_connection_session(struct smtp_connection *connection);
/* Writes what the session has to say, as far as the socket takes it. */
void smtp_connection_flush(struct smtp_connection *connection);
/* Says good-bye; the session ends soon. */
void smtp_connection_leave(struct smtp_connection *connection);
/* Monotonic time at which the session is closed with TRANSFER_TIMEOUT; without mails it says
 * good-bye then. 0: never. */
void smtp_connection_deadline(struct smtp_connection *connection, usec_t deadline);
