/* The inside of a session, shared by smtp_session.c, smtp_hello.c and smtp_transaction.c. */
#pragma once

#include "transfer/smtp_session.h"

enum smtp_command {
    SMTP_GREETING, /* not a command, but a reply that is waited for */
    SMTP_HELLO,
    SMTP_OLD_HELLO,
    SMTP_STARTTLS,
    SMTP_AUTH_PLAIN,
    SMTP_AUTH_LOGIN,
    SMTP_AUTH_USER,
    SMTP_AUTH_PASSWORD,
    SMTP_RESET,
    SMTP_MAIL_FROM,
    SMTP_RECIPIENT,
    SMTP_DATA,
    SMTP_TEXT,  /* the mail's text and its last dot */
    SMTP_EMPTY, /* a lone dot: DATA was accepted although nobody shall get the mail */
    SMTP_QUIT
};

/* A command that waits for its reply, or for its turn to be written. */
struct smtp_step {
    enum smtp_command command;
    struct smtp_mail *mail; /* NULL: none, or it has ended */
};

/* Two mails with four commands each at most, and QUIT. */
#define SMTP_STEPS_MAX 16

struct smtp_session {
    struct smtp_settings settings;
    enum smtp_phase phase;
    bool secured, leaving;
    struct {
        bool pipelining, starttls, eight_bit, utf8, size, plain, login;
        size_t size_max; /* 0: not said */
    } can;
    struct buffer *in, *out;
    size_t out_done;
    struct smtp_step steps[SMTP_STEPS_MAX]; /* a ring: first written ones, then waiting ones */
    size_t first, written, waiting;
    size_t mails, answered;
    struct smtp_mail *current; /* whose text was put out last and is not answered; or NULL */
    bool in_transaction;       /* MAIL FROM was accepted: the next mail needs RSET first */
    enum transfer_failure failure;
    char error[64];
};

/* ---- smtp_session.c ---- */
/* Queues a command; it is written when the protocol allows. */
void smtp_add(struct smtp_session *session, enum smtp_command command, struct smtp_mail *mail);
/* Writes what may be written of the queue. */
void smtp_flush(struct smtp_session *session);
/* The session is over, by a reply of the server (code 0: none) or by nonsense. */
void smtp_fail(struct smtp_session *session, enum transfer_failure failure, const char *what,
               int code);

/* ---- smtp_hello.c: up to the log-in ---- */
void smtp_hello_write(struct smtp_session *session, enum smtp_command command);
/* `bytes`: where the reply was read from. */
void smtp_hello_reply(struct smtp_session *session, enum smtp_command command,
                      const struct smtp_reply *reply, const char *bytes);

/* ---- smtp_transaction.c: one mail after the other ---- */
void smtp_transaction_write(struct smtp_session *session, const struct smtp_step *step);
void smtp_transaction_reply(struct smtp_session *session, const struct smtp_step *step,
                            const struct smtp_reply *reply, usec_t now);
/* The mail leaves the session. */
void smtp_mail_end(struct smtp_session *session, struct smtp_mail *mail);
/* Sets failure and text. `error` NULL: the failure's own text. */
void smtp_mail_fail(struct smtp_mail *mail, enum transfer_failure failure, const char *error);
