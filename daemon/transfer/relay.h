/* One mail relay: the mails that wait for it and its connections. Only mailer.c uses it. */
#pragma once

#include <sys/queue.h>
#include "transfer/mailer.h"
#include "transfer/smtp_connection.h"

struct relay;
struct mail_item {
    struct smtp_mail mail; /* first: what the session gives back is the item */
    struct transfer_request request;
    transfer_done *done;
    void *userdata;
    struct relay_link *link;      /* inside which connection; NULL: none */
    usec_t deadline;              /* monotonic, since it is inside a connection */
    TAILQ_ENTRY(mail_item) entry; /* waiting, inside, or ended */
};
TAILQ_HEAD(mail_list, mail_item);

/* Ended items go to the end of `ended`, which outlives the relay. */
struct relay *relay_new(TALLOC_CTX *context, const struct mailer_parts *parts, SSL_CTX *tls,
                        const struct transfer_request *request, const struct endpoint *endpoint,
                        struct mail_list *ended);
/* True when a mail goes this way: same relay, same log-in, same security. */
bool relay_is(const struct relay *relay, const struct transfer_request *request);
void relay_add(struct relay *relay, struct mail_item *item);
void relay_pump(struct relay *relay);
/* True when it has neither mails nor connections. */
bool relay_is_empty(const struct relay *relay);
