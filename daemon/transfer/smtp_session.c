/* A session's bytes and order: see smtp_session.h.
 *
 * Commands wait in a ring until they may be written: one at a time, or with PIPELINING all up to a
 * DATA, whose reply must be awaited (RFC 2920 3.1). Replies belong to the written commands in
 * their order. */
#include "transfer/smtp_session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/memory.h"
#include "transfer/failure.h"
#include "transfer/smtp_state.h"

/* A mail with every line a dot, and two envelopes. */
#define OUT_BYTES_MAX (SMTP_MAIL_BYTES_MAX * 2)
/* A whole reply and what one read may bring behind it. */
#define IN_BYTES_MAX (SMTP_REPLY_BYTES_MAX + (size_t)128 * 1024)

struct smtp_session *smtp_session_new(TALLOC_CTX *context, const struct smtp_settings *settings)
{
    struct smtp_session *session = memory_new(context, struct smtp_session);
    session->settings = *settings;
    session->in = buffer_new(session, IN_BYTES_MAX);
    session->out = buffer_new(session, OUT_BYTES_MAX);
    smtp_add(session, SMTP_GREETING, NULL);
    smtp_flush(session);
    return session;
}

enum smtp_phase smtp_session_phase(const struct smtp_session *session)
{
    return session->phase;
}

size_t smtp_session_mails(const struct smtp_session *session)
{
    return session->mails;
}

size_t smtp_session_answered(const struct smtp_session *session)
{
    return session->answered;
}

enum transfer_failure smtp_session_failure(const struct smtp_session *session,
                                           const char **ret_error)
{
    *ret_error = session->error;
    return session->failure;
}

/* ---- the ring ---- */

static struct smtp_step *step_at(struct smtp_session *session, size_t number)
{
    return &session->steps[(session->first + number) % SMTP_STEPS_MAX];
}

void smtp_add(struct smtp_session *session, enum smtp_command command, struct smtp_mail *mail)
{
    *step_at(session, session->written + session->waiting) = (struct smtp_step){command, mail};
    session->waiting++;
}

static void forget(struct smtp_session *session, const struct smtp_mail *mail)
{
    size_t kept = 0;
    for (size_t i = 0; i < session->written + session->waiting; i++) {
        struct smtp_step *step = step_at(session, i);
        bool is_its_own = step->mail == mail;
        if (is_its_own && i >= session->written)
            continue;
        struct smtp_step copy = *step;
        if (is_its_own)
            copy.mail = NULL;
        *step_at(session, kept++) = copy;
    }
    session->waiting = kept - session->written;
}

static bool may_put_out(struct smtp_session *session)
{
    if (session->waiting == 0 || session->phase == SMTP_ENDED)
        return false;
    if (session->written == 0)
        return true;
    return session->can.pipelining && step_at(session, session->written - 1)->command != SMTP_DATA;
}

void smtp_flush(struct smtp_session *session)
{
    while (may_put_out(session)) {
        const struct smtp_step *step = step_at(session, session->written);
        session->written++;
        session->waiting--;
        if (step->command >= SMTP_RESET)
            smtp_transaction_write(session, step);
        else
            smtp_hello_write(session, step->command);
    }
}

/* ---- ends ---- */

void smtp_mail_fail(struct smtp_mail *mail, enum transfer_failure failure, const char *error)
{
    mail->failure = failure;
    if (error == NULL)
        error = failure_text(failure);
    snprintf(mail->error, sizeof(mail->error), "%s", error != NULL ? error : "");
}

void smtp_mail_end(struct smtp_session *session, struct smtp_mail *mail)
{
    forget(session, mail);
    if (session->current == mail)
        session->current = NULL;
    session->mails--;
    session->settings.ended(session->settings.userdata, mail);
}

void smtp_session_close(struct smtp_session *session, enum transfer_failure failure,
                        const char *error)
{
    if (session->phase != SMTP_ENDED) {
        session->phase = SMTP_ENDED;
        session->failure = failure;
        if (error == NULL)
            error = failure_text(failure);
        snprintf(session->error, sizeof(session->error), "%s", error != NULL ? error : "");
    }
    enum transfer_failure of_mails = failure != TRANSFER_OK ? failure : TRANSFER_CUT;
    for (size_t i = 0; i < session->written + session->waiting;) {
        struct smtp_mail *mail = step_at(session, i)->mail;
        if (mail == NULL) {
            i++;
            continue;
        }
        mail->unsent = !mail->begun;
        if (mail->status == 0)
            smtp_mail_fail(mail, of_mails, failure != TRANSFER_OK ? session->error : NULL);
        smtp_mail_end(session, mail);
        i = 0;
    }
}

void smtp_fail(struct smtp_session *session, enum transfer_failure failure, const char *what,
               int code)
{
    char text[sizeof(session->error)];
    snprintf(text, sizeof(text), code > 0 ? "%s (%d)" : "%s", what, code);
    smtp_session_close(session, failure, text);
}

/* ---- what the server says ---- */

/* 421: the server closes the connection whatever it was asked (RFC 5321 3.8). A mail without an
 * answer of its own takes this one. */
static void closed_by_server(struct smtp_session *session, const struct smtp_step *step,
                             const struct smtp_reply *reply)
{
    if (step != NULL && step->mail != NULL) {
        struct smtp_mail *mail = step->mail;
        mail->status = reply->code;
        snprintf(mail->enhanced, sizeof(mail->enhanced), "%s", reply->enhanced);
        snprintf(mail->error, sizeof(mail->error), "the mail relay closed the session (421)");
        if (mail->begun) /* its text was not taken, which is not an end that hangs in the air */
            smtp_mail_end(session, mail);
    }
    if (session->phase == SMTP_OPENING)
        smtp_fail(session, TRANSFER_OTHER, "the mail relay refuses our session", reply->code);
    else
        smtp_session_close(session, TRANSFER_OK, NULL);
}

static void take_reply(struct smtp_session *session, const struct smtp_reply *reply,
                       const char *bytes, usec_t now)
{
    const struct smtp_step step =
        session->written > 0 ? *step_at(session, 0) : (struct smtp_step){SMTP_QUIT, NULL};
    if (reply->code == 421) {
        closed_by_server(session, session->written > 0 ? &step : NULL, reply);
        return;
    }
    if (session->written == 0) {
        smtp_fail(session, TRANSFER_CUT, "the mail relay speaks out of turn", 0);
        return;
    }
    /* The mail must still be found in the ring when it ends, so the step goes afterwards. */
    if (step.command >= SMTP_RESET)
        smtp_transaction_reply(session, &step, reply, now);
    else
        smtp_hello_reply(session, step.command, reply, bytes);
    session->first = (session->first + 1) % SMTP_STEPS_MAX;
    session->written--;
    smtp_flush(session);
}

void smtp_session_take(struct smtp_session *session, const char *bytes, size_t length, usec_t now)
{
    struct buffer *in = session->in;
    if (session->phase == SMTP_ENDED)
        return;
    size_t used = 0;
    if (buffer_append(in, bytes, length) < 0) {
        smtp_fail(session, TRANSFER_CUT, "the mail relay speaks out of turn", 0);
        return;
    }
    while (session->phase != SMTP_ENDED && used < in->length) {
        struct smtp_reply reply;
        size_t reply_length;
        int r = session->phase == SMTP_SECURING
                    ? -EBADMSG
                    : smtp_reply_read(in->bytes + used, in->length - used, &reply, &reply_length);
        if (r == -EAGAIN)
            break;
        if (r < 0) {
            /* Plain text behind the answer to STARTTLS is the one that was slipped in (RFC 3207 6,
             * CVE-2011-0411); the rest is just no SMTP. */
            bool injected = session->phase == SMTP_SECURING;
            smtp_fail(session, injected ? TRANSFER_TLS : TRANSFER_CUT,
                      injected ? "plain text before the TLS handshake"
                               : "the mail relay does not speak SMTP",
                      0);
            break;
        }
        take_reply(session, &reply, in->bytes + used, now);
        used += reply_length;
    }
    in->length -= used;
    memmove(in->bytes, in->bytes + used, in->length);
    in->bytes[in->length] = '\0';
}

void smtp_session_secured(struct smtp_session *session)
{
    session->secured = true;
    session->phase = SMTP_OPENING;
    smtp_add(session, SMTP_HELLO, NULL);
    smtp_flush(session);
}

void smtp_session_quit(struct smtp_session *session)
{
    if (session->phase != SMTP_READY || session->mails > 0 || session->leaving)
        return;
    session->leaving = true;
    smtp_add(session, SMTP_QUIT, NULL);
    smtp_flush(session);
}

bool smtp_session_leaving(const struct smtp_session *session)
{
    return session->leaving;
}

/* ---- what is to be written ---- */

const char *smtp_session_output(const struct smtp_session *session, size_t *ret_length)
{
    *ret_length = session->phase == SMTP_ENDED ? 0 : session->out->length - session->out_done;
    return session->out->bytes + session->out_done;
}

void smtp_session_wrote(struct smtp_session *session, size_t length)
{
    session->out_done += length;
    if (session->out_done < session->out->length)
        return;
    session->out->length = session->out_done = 0;
}

bool smtp_session_may_write(struct smtp_session *session, usec_t now)
{
    struct smtp_mail *mail = session->current;
    size_t length;
    (void)smtp_session_output(session, &length);
    if (mail == NULL || length == 0 || mail->expires_at == 0 || now < mail->expires_at)
        return true;
    smtp_mail_fail(mail, TRANSFER_EXPIRED, NULL);
    smtp_mail_end(session, mail);
    smtp_session_close(session, TRANSFER_OK, NULL);
    return false;
}
