/* The start of a session: greeting, EHLO, STARTTLS, log-in; see smtp_session.h. What the server
 * said before TLS counts for nothing after it (RFC 3207 4.2). */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/smtp_state.h"

#define REFUSES_SESSION "the mail relay refuses our session"
#define REFUSES_LOG_IN  "the mail relay refuses our log-in"

static void put_base64(struct smtp_session *session, const char *before, const char *bytes,
                       size_t length)
{
    char *text = memory_array(session, char, length * 4 / 3 + 8);
    EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)bytes, (int)length);
    buffer_printf(session->out, "%s%s\r\n", before, text);
    talloc_free(text);
}

/* RFC 4616: nothing, NUL, user, NUL, password. */
static void put_plain(struct smtp_session *session)
{
    struct buffer *secret = buffer_new(session, 8192);
    buffer_append(secret, "", 1);
    buffer_text(secret, session->settings.user);
    buffer_append(secret, "", 1);
    buffer_text(secret, session->settings.password);
    put_base64(session, "AUTH PLAIN ", secret->bytes, secret->length);
    talloc_free(secret);
}

void smtp_hello_write(struct smtp_session *session, enum smtp_command command)
{
    const struct smtp_settings *settings = &session->settings;
    if (command == SMTP_HELLO)
        buffer_printf(session->out, "%s %s\r\n", settings->lmtp ? "LHLO" : "EHLO",
                      settings->own_name);
    else if (command == SMTP_OLD_HELLO)
        buffer_printf(session->out, "HELO %s\r\n", settings->own_name);
    else if (command == SMTP_STARTTLS)
        buffer_text(session->out, "STARTTLS\r\n");
    else if (command == SMTP_AUTH_PLAIN)
        put_plain(session);
    else if (command == SMTP_AUTH_LOGIN)
        buffer_text(session->out, "AUTH LOGIN\r\n");
    else if (command == SMTP_AUTH_USER)
        put_base64(session, "", settings->user, strlen(settings->user));
    else if (command == SMTP_AUTH_PASSWORD)
        put_base64(session, "", settings->password, strlen(settings->password));
}

/* ---- what the server can ---- */

static bool word_is(const char *text, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(text, word, length) == 0;
}

static void read_mechanisms(struct smtp_session *session, const char *text, size_t length)
{
    for (size_t at = 0; at < length;) {
        size_t word = 0;
        while (at + word < length && text[at + word] != ' ')
            word++;
        session->can.plain = session->can.plain || word_is(text + at, word, "PLAIN");
        session->can.login = session->can.login || word_is(text + at, word, "LOGIN");
        at += word + 1;
    }
}

static void read_ability(struct smtp_session *session, const char *text, size_t length)
{
    size_t word = 0;
    while (word < length && text[word] != ' ' && text[word] != '=')
        word++;
    size_t rest = word < length ? word + 1 : word;
    if (word_is(text, word, "PIPELINING"))
        session->can.pipelining = true;
    else if (word_is(text, word, "STARTTLS"))
        session->can.starttls = true;
    else if (word_is(text, word, "8BITMIME"))
        session->can.eight_bit = true;
    else if (word_is(text, word, "SMTPUTF8"))
        session->can.utf8 = true;
    else if (word_is(text, word, "AUTH"))
        read_mechanisms(session, text + rest, length - rest);
    else if (word_is(text, word, "SIZE")) {
        session->can.size = true;
        /* The line ends with CR, so the number does, too. */
        session->can.size_max = rest < length ? strtoul(text + rest, NULL, 10) : 0;
    }
}

static void read_abilities(struct smtp_session *session, const struct smtp_reply *reply,
                           const char *bytes)
{
    memset(&session->can, 0, sizeof(session->can));
    for (size_t i = 1; i < reply->lines; i++) {
        const char *text;
        size_t length = smtp_reply_line(bytes, reply, i, &text);
        read_ability(session, text, length);
    }
}

/* ---- the order of things ---- */

static void log_in(struct smtp_session *session)
{
    if (!text_given(session->settings.user))
        session->phase = SMTP_READY;
    else if (session->can.plain)
        smtp_add(session, SMTP_AUTH_PLAIN, NULL);
    else if (session->can.login)
        smtp_add(session, SMTP_AUTH_LOGIN, NULL);
    else
        smtp_fail(session, TRANSFER_OTHER, "the mail relay offers no log-in", 0);
}

static void greeted(struct smtp_session *session, const struct smtp_reply *reply, const char *bytes)
{
    read_abilities(session, reply, bytes);
    if (!session->settings.starttls || session->secured)
        log_in(session);
    else if (session->can.starttls)
        smtp_add(session, SMTP_STARTTLS, NULL);
    else
        smtp_fail(session, TRANSFER_TLS, "the mail relay offers no STARTTLS", 0);
}

/* A server that knows EHLO no better than 1982 can still take a mail from one that wants neither
 * TLS nor log-in (RFC 5321 3.2). */
static void hello_refused(struct smtp_session *session, int code)
{
    const struct smtp_settings *settings = &session->settings;
    if (code >= 500 && code <= 504 && !settings->lmtp && !settings->starttls &&
        !text_given(settings->user))
        smtp_add(session, SMTP_OLD_HELLO, NULL);
    else
        smtp_fail(session, TRANSFER_OTHER, REFUSES_SESSION, code);
}

static void login_reply(struct smtp_session *session, enum smtp_command command, int code)
{
    if (command == SMTP_AUTH_LOGIN && code == 334)
        smtp_add(session, SMTP_AUTH_USER, NULL);
    else if (command == SMTP_AUTH_USER && code == 334)
        smtp_add(session, SMTP_AUTH_PASSWORD, NULL);
    else if ((command == SMTP_AUTH_PLAIN || command == SMTP_AUTH_PASSWORD) && code == 235)
        session->phase = SMTP_READY;
    else
        smtp_fail(session, TRANSFER_OTHER, REFUSES_LOG_IN, code);
}

void smtp_hello_reply(struct smtp_session *session, enum smtp_command command,
                      const struct smtp_reply *reply, const char *bytes)
{
    int code = reply->code;
    if (command == SMTP_GREETING && code == 220)
        smtp_add(session, SMTP_HELLO, NULL);
    else if (command == SMTP_HELLO && code == 250)
        greeted(session, reply, bytes);
    else if (command == SMTP_HELLO)
        hello_refused(session, code);
    else if (command == SMTP_OLD_HELLO && code == 250)
        session->phase = SMTP_READY;
    else if (command == SMTP_STARTTLS && code == 220)
        session->phase = SMTP_SECURING;
    else if (command == SMTP_STARTTLS)
        smtp_fail(session, TRANSFER_TLS, "the mail relay refuses STARTTLS", code);
    else if (command >= SMTP_AUTH_PLAIN && command <= SMTP_AUTH_PASSWORD)
        login_reply(session, command, code);
    else
        smtp_fail(session, TRANSFER_OTHER, REFUSES_SESSION, code);
}
