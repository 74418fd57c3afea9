/* One SMTP or LMTP session as a client, without I/O (RFC 5321, 2033, 2920, 3207, 4954).
 *
 * Takes: the server's bytes, mails, the time. Gives: bytes to write, and the end of each mail.
 * Never: reads a clock or a socket, keeps a mail after its end. With PIPELINING the envelope of
 * the next mail goes with the text of the one before, so that a mail costs one round trip; without
 * it, each command waits for its reply. Each mail has one recipient. */
#pragma once

#include "base/buffer.h"
#include "transfer/smtp_reply.h"
#include "transfer/transfer.h"

#define SMTP_MAIL_BYTES_MAX ((size_t)8 * 1024 * 1024)

struct smtp_mail {
    /* by its owner; all of it lives until the end */
    const char *from, *to; /* bare addresses that were checked; "" the null sender */
    const char *body;      /* lines with CRLF, dots not doubled */
    size_t length;
    usec_t expires_at; /* monotonic time after which its text may not be begun; 0 none */
    /* by the session */
    bool begun;  /* its text was put out, at least in part */
    bool unsent; /* at the end: nothing of its text was, and the session, not the mail, failed */
    usec_t sent_at;
    size_t bytes_moved;
    enum transfer_failure failure;
    int status; /* the reply that decided; 0 none */
    char enhanced[SMTP_ENHANCED_BYTES];
    char error[64]; /* for people, empty when fine */
};

/* Called with each mail that has ended. May not call back into the session. */
typedef void smtp_mail_ended(void *userdata, struct smtp_mail *mail);

struct smtp_settings {
    bool lmtp;
    bool starttls;               /* required before anything else */
    const char *own_name;        /* for EHLO */
    const char *user, *password; /* NULL or empty: no log-in */
    smtp_mail_ended *ended;
    void *userdata;
};

enum smtp_phase {
    SMTP_OPENING,  /* greeting, EHLO, STARTTLS, log-in */
    SMTP_SECURING, /* the server waits for a TLS handshake: smtp_session_secured() */
    SMTP_READY,    /* takes mails */
    SMTP_ENDED     /* the connection is to be closed */
};

struct smtp_session;
/* `settings` is copied, what it points to must live as long as the session. */
struct smtp_session *smtp_session_new(TALLOC_CTX *context, const struct smtp_settings *settings);
enum smtp_phase smtp_session_phase(const struct smtp_session *session);

/* Bytes of the server; `now` is monotonic. */
void smtp_session_take(struct smtp_session *session, const char *bytes, size_t length, usec_t now);
/* The TLS handshake that SMTP_SECURING asked for is done. */
void smtp_session_secured(struct smtp_session *session);

/* True when a mail may be given. Mails that are inside already are counted by _mails(). */
bool smtp_session_room(const struct smtp_session *session);
size_t smtp_session_mails(const struct smtp_session *session);
/* How many mails the server has answered with anything at all. */
size_t smtp_session_answered(const struct smtp_session *session);
/* Puts out the envelope. A mail that this server cannot take ends at once. */
void smtp_session_give(struct smtp_session *session, struct smtp_mail *mail);
/* Says good-bye when no mail is inside; no mail is taken any more. */
void smtp_session_quit(struct smtp_session *session);
bool smtp_session_leaving(const struct smtp_session *session);

/* What is to be written. */
const char *smtp_session_output(const struct smtp_session *session, size_t *ret_length);
/* `length` bytes of it were written. */
void smtp_session_wrote(struct smtp_session *session, size_t length);
/* False when what waits to be written holds text of a mail that has expired meanwhile: then the
 * mail has ended and the connection must be closed. */
bool smtp_session_may_write(struct smtp_session *session, usec_t now);

/* The connection has failed or is closed; ends the mails inside. `error` NULL: the failure's text.
 */
void smtp_session_close(struct smtp_session *session, enum transfer_failure failure,
                        const char *error);
/* Why it ended: TRANSFER_OK after QUIT, or when the server closed it in peace. */
enum transfer_failure smtp_session_failure(const struct smtp_session *session,
                                           const char **ret_error);
