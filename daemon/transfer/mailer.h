/* Mails to relays over a few kept connections each; transfer.h's TRANSFER_MAIL.
 *
 * Does: keeps the order of the mails, gives the next one to a connection that has room, opens
 * connections as there is work and closes idle ones. A mail whose text was not begun when its
 * connection ended goes over another one; a mail whose text was begun ends as cut, and the caller
 * sends it again with the same Message-ID. Never: sends a mail to more than one recipient, or
 * after its expiry. */
#pragma once

#include <openssl/types.h>
#include "transfer/resolver.h"
#include "transfer/sockets.h"
#include "transfer/transfer.h"

struct mailer;
struct mailer_parts {
    sd_event *event;
    struct sockets *sockets;
    struct resolver *resolver;
    X509_STORE *trust;
    size_t connections;   /* to a relay, at most */
    const char *own_name; /* for EHLO */
    sockets_after *after; /* after a timer: calls mailer_pump */
    void *userdata;
};
struct mailer *mailer_new(TALLOC_CTX *context, const struct mailer_parts *parts);
/* As transfer_start(): what the request points to must live until `done`. */
__attribute__((warn_unused_result)) int mailer_start(struct mailer *mailer,
                                                     const struct transfer_request *request,
                                                     transfer_done *done, void *userdata);
/* Moves everything on; then tells who has ended. */
void mailer_pump(struct mailer *mailer);
void mailer_tell(struct mailer *mailer);
/* Mails that have not been told of. */
size_t mailer_count(const struct mailer *mailer);
