/* Mails in a session: MAIL, RCPT, DATA, text; see smtp_session.h.
 *
 * A "no" to the message or its reader is the mail's status. A "no" to our own sender address would
 * be said to every mail: never a reason to give up on a reader. */
#include <stdio.h>
#include <string.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/smtp_state.h"

static bool has_eighth_bit(const char *bytes, size_t length)
{
    unsigned char any = 0;
    for (size_t i = 0; i < length; i++)
        any |= (unsigned char)bytes[i];
    return any >= 0x80;
}

static bool needs_utf8(const struct smtp_mail *mail)
{
    return has_eighth_bit(mail->from, strlen(mail->from)) ||
           has_eighth_bit(mail->to, strlen(mail->to));
}

/* ---- giving a mail ---- */

bool smtp_session_room(const struct smtp_session *session)
{
    if (session->phase != SMTP_READY || session->leaving || session->waiting > 0)
        return false;
    if (session->mails == 0)
        return session->written == 0;
    return session->can.pipelining && session->mails == 1 && session->current != NULL;
}

/* Why this server cannot take it; NULL when it can. */
static const char *why_impossible(const struct smtp_session *session, const struct smtp_mail *mail)
{
    if (mail->length > SMTP_MAIL_BYTES_MAX ||
        (session->can.size_max > 0 && mail->length > session->can.size_max))
        return "larger than the mail relay takes";
    if (!session->can.utf8 && needs_utf8(mail))
        return "the mail relay does not take such an address";
    if (!session->can.eight_bit && has_eighth_bit(mail->body, mail->length))
        return "the mail relay does not take such a text";
    return NULL;
}

void smtp_session_give(struct smtp_session *session, struct smtp_mail *mail)
{
    const char *why = why_impossible(session, mail);
    mail->begun = mail->unsent = false;
    mail->status = 0;
    mail->enhanced[0] = mail->error[0] = '\0';
    mail->failure = TRANSFER_OK;
    session->mails++;
    if (why != NULL) {
        smtp_mail_fail(mail, TRANSFER_BAD_REQUEST, why);
        smtp_mail_end(session, mail);
        return;
    }
    if (session->in_transaction)
        smtp_add(session, SMTP_RESET, mail);
    smtp_add(session, SMTP_MAIL_FROM, mail);
    smtp_add(session, SMTP_RECIPIENT, mail);
    smtp_add(session, SMTP_DATA, mail);
    smtp_flush(session);
}

/* ---- writing ---- */

static void write_sender(struct smtp_session *session, struct smtp_mail *mail)
{
    buffer_printf(session->out, "MAIL FROM:<%s>", mail->from);
    if (session->can.size)
        buffer_printf(session->out, " SIZE=%zu", mail->length);
    if (session->can.eight_bit && has_eighth_bit(mail->body, mail->length))
        buffer_text(session->out, " BODY=8BITMIME");
    if (session->can.utf8 && needs_utf8(mail))
        buffer_text(session->out, " SMTPUTF8");
    buffer_text(session->out, "\r\n");
}

/* Dots at the start of a line are doubled (RFC 5321 4.5.2); a line's end stands before the last. */
static void write_text(struct smtp_session *session, struct smtp_mail *mail)
{
    struct buffer *out = session->out;
    const char *next = mail->body, *end = mail->body + mail->length;
    while (next < end) {
        if (*next == '.')
            buffer_append(out, ".", 1);
        /* All lines up to the next that begins with a dot go at once. */
        const char *dotted = memmem(next, (size_t)(end - next), "\n.", 2);
        const char *stop = dotted != NULL ? dotted + 1 : end;
        buffer_append(out, next, (size_t)(stop - next));
        next = stop;
    }
    if (mail->length == 0 || end[-1] != '\n')
        buffer_append(out, "\r\n", 2);
    buffer_append(out, ".\r\n", 3);
}

void smtp_transaction_write(struct smtp_session *session, const struct smtp_step *step)
{
    size_t before = session->out->length;
    if (step->command == SMTP_RESET)
        buffer_text(session->out, "RSET\r\n");
    else if (step->command == SMTP_MAIL_FROM)
        write_sender(session, step->mail);
    else if (step->command == SMTP_RECIPIENT)
        buffer_printf(session->out, "RCPT TO:<%s>\r\n", step->mail->to);
    else if (step->command == SMTP_DATA)
        buffer_text(session->out, "DATA\r\n");
    else if (step->command == SMTP_TEXT)
        write_text(session, step->mail);
    else if (step->command == SMTP_EMPTY)
        buffer_text(session->out, ".\r\n");
    else if (step->command == SMTP_QUIT)
        buffer_text(session->out, "QUIT\r\n");
    if (step->mail != NULL)
        step->mail->bytes_moved += session->out->length - before;
}

/* ---- replies ---- */

static void take_status(struct smtp_mail *mail, const struct smtp_reply *reply)
{
    mail->status = reply->code;
    snprintf(mail->enhanced, sizeof(mail->enhanced), "%s", reply->enhanced);
    if (reply->code >= 400)
        snprintf(mail->error, sizeof(mail->error), "the mail relay answered %d%s%s", reply->code,
                 reply->enhanced[0] != '\0' ? " " : "", reply->enhanced);
}

/* The relay says no before the text. With pipelining the rest of the envelope is answered, too, but
 * the mail has its end. */
static void refuse(struct smtp_session *session, enum smtp_command command, struct smtp_mail *mail,
                   const struct smtp_reply *reply)
{
    take_status(mail, reply);
    if (command == SMTP_MAIL_FROM && reply->code >= 500 && reply->code != 552) {
        mail->status = 0;
        mail->failure = TRANSFER_OTHER;
        snprintf(mail->error, sizeof(mail->error), "the mail relay refuses our sender address (%d)",
                 reply->code);
    }
    session->answered++;
    smtp_mail_end(session, mail);
}

static void on_data(struct smtp_session *session, struct smtp_mail *mail,
                    const struct smtp_reply *reply, usec_t now)
{
    session->in_transaction = false;
    if (reply->code != 354) {
        session->in_transaction = true; /* what was accepted of the envelope is still there */
        if (mail != NULL)
            refuse(session, SMTP_DATA, mail, reply);
        return;
    }
    if (mail == NULL) {
        /* RFC 2920 3.1; LMTP would not even answer. */
        if (session->settings.lmtp)
            smtp_session_close(session, TRANSFER_OK, NULL);
        else
            smtp_add(session, SMTP_EMPTY, NULL);
        return;
    }
    if (mail->expires_at != 0 && now >= mail->expires_at) {
        /* There is no way back from DATA but to hang up before the dot. */
        smtp_mail_fail(mail, TRANSFER_EXPIRED, NULL);
        smtp_mail_end(session, mail);
        smtp_session_close(session, TRANSFER_OK, NULL);
        return;
    }
    mail->begun = true;
    mail->sent_at = now;
    session->current = mail;
    smtp_add(session, SMTP_TEXT, mail);
}

void smtp_transaction_reply(struct smtp_session *session, const struct smtp_step *step,
                            const struct smtp_reply *reply, usec_t now)
{
    struct smtp_mail *mail = step->mail;
    int kind = reply->code / 100;
    bool is_data = step->command == SMTP_DATA;
    if (step->command == SMTP_QUIT) {
        smtp_session_close(session, TRANSFER_OK, NULL);
    } else if (kind == 3 ? !is_data : (is_data && kind == 2)) {
        smtp_fail(session, TRANSFER_CUT, "the mail relay does not speak SMTP", reply->code);
    } else if (is_data) {
        on_data(session, mail, reply, now);
    } else if (step->command == SMTP_TEXT || step->command == SMTP_EMPTY) {
        if (mail == NULL)
            return;
        take_status(mail, reply);
        session->answered++;
        smtp_mail_end(session, mail);
    } else if (step->command == SMTP_RESET && kind != 2) {
        smtp_fail(session, TRANSFER_CUT, "the mail relay refuses RSET", reply->code);
    } else {
        if (step->command == SMTP_RESET)
            session->in_transaction = false;
        if (step->command == SMTP_MAIL_FROM && kind == 2)
            session->in_transaction = true;
        if (kind != 2 && mail != NULL)
            refuse(session, step->command, mail, reply);
    }
}
