/* A mail: headers, multipart text and HTML, built whole (RFC 5322, 2045-2047, 2231, 8058, 3834). */
#pragma once

#include "base/clock.h"
#include "match/match.h"
#include "message/message.h"
#include "store/store.h"
#include "transfer/transfer.h"

struct email_settings {
    const char *relay_url; /* smtp://host:port, smtps://…, lmtp://…; or NULL */
    const char *directory; /* write .eml files here instead (demo, quickstart); or NULL */
    enum mail_security security;
    const char *user, *password;
    const char *from_name, *from_address; /* header From */
    const char *envelope_from;            /* "" null sender */
    const char *list_id;                  /* "alerts.example.org" */
    const char *unsubscribe_url;          /* https URL; "{token}" is replaced; or NULL */
    const char *unsubscribe_mail;         /* mailto address; or NULL */
    const char *host;                     /* right side of Message-ID */
};

/* Between two languages of a plain mail. */
#define EMAIL_DIVIDER "\n----------------------------------------\n\n"
/* Subject, plain and HTML of one subscriber's languages together (first language first, a rule and
 * the next below; Japanese original always last unless it is among them). */
void email_texts(TALLOC_CTX *context, const struct alert *alert, struct message *const *messages,
                 size_t message_count, const char **ret_subject, const char **ret_plain,
                 const char **ret_html);

/* The whole mail with CRLF lines, at most 998 bytes each. `root_delivery_id`: first mail of this
 * event to this reader, or NULL: sets References and In-Reply-To. Message-ID is "<delivery
 * id@host>". Names and subject are cleaned (text_clean). Returns 0, or -EINVAL when an address, id
 * or token cannot stand in a header. */
__attribute__((warn_unused_result)) int
email_compose(TALLOC_CTX *context, const struct email_settings *settings, const char *to_address,
              const char *to_name, const char *language, const struct store_delivery *delivery,
              const struct store_message *message, const char *root_delivery_id,
              const char *unsubscribe_token, usec_t now, char **ret_mail, size_t *ret_length);

/* Fills a request for the relay. What it points to lives as long as `settings` and the arguments.
 */
void email_request(const struct email_settings *settings, const char *to_address, const char *mail,
                   size_t length, usec_t expires_at, struct transfer_request *ret_request);
