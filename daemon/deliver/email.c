/* A whole mail: headers (RFC 5322, 2047, 8058, 3834) and multipart/alternative in base64 (RFC
 * 2045).
 *
 * Nothing that comes from outside reaches a header before it was checked or encoded: names and
 * subjects that are not plain ASCII become encoded words, cut between characters; addresses with
 * anything odd are refused. */
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "deliver/email.h"

#define MAIL_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define WORD_BYTES     42 /* of UTF-8 in one encoded word: 56 characters of base64 */
#define BASE64_IN_LINE 57

/* Printable ASCII without what would end or split a header value or an address. */
static bool plain_token(const char *text, const char *refused)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 127 || strchr(refused, *c) != NULL)
            return false;
    }
    return true;
}

static bool no_controls(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c < ' ' || *c == 127)
            return false;
    }
    return true;
}

static bool good_address(const char *address)
{
    const char *at = strchr(address, '@');
    return at != NULL && at != address && at[1] != '\0' && strchr(at + 1, '@') == NULL &&
           plain_token(address, "<>(),;:\\\"[]");
}

/* At most WORD_BYTES, ended between two characters. */
static size_t word_length(const char *text)
{
    size_t length = strlen(text);
    if (length <= WORD_BYTES)
        return length;
    length = WORD_BYTES;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

static bool is_ascii(const char *text)
{
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c < ' ' || *c >= 127)
            return false;
    }
    return true;
}

/* Unstructured text or a display name: as it is when short and harmless, else encoded words. */
static char *encode_words(TALLOC_CTX *context, const char *text, const char *refused)
{
    if (is_ascii(text) && strlen(text) < 60 && strpbrk(text, refused) == NULL &&
        strstr(text, "=?") == NULL)
        return memory_text(context, text);
    char *out = memory_text(context, "");
    while (*text != '\0') {
        char encoded[WORD_BYTES * 2];
        size_t length = word_length(text);
        EVP_EncodeBlock((unsigned char *)encoded, (const unsigned char *)text, (int)length);
        out = memory_must(talloc_asprintf_append_buffer(
            out, "%s=?UTF-8?B?%s?=", out[0] != '\0' ? "\r\n " : "", encoded));
        text += length;
    }
    return out;
}

static void add_mailbox(struct buffer *mail, TALLOC_CTX *context, const char *header,
                        const char *name, const char *address)
{
    if (text_given(name))
        buffer_printf(mail, "%s: %s\r\n <%s>\r\n", header,
                      encode_words(context, name, "\"(),.:;<>@[\\]"), address);
    else
        buffer_printf(mail, "%s: %s\r\n", header, address);
}

static void add_part(struct buffer *mail, const char *boundary, const char *type, const char *text)
{
    size_t length = strlen(text);
    buffer_printf(mail,
                  "--%s\r\nContent-Type: %s; charset=utf-8\r\n"
                  "Content-Transfer-Encoding: base64\r\n\r\n",
                  boundary, type);
    for (size_t done = 0; done < length; done += BASE64_IN_LINE) {
        char line[BASE64_IN_LINE * 2];
        size_t part = length - done < BASE64_IN_LINE ? length - done : BASE64_IN_LINE;
        EVP_EncodeBlock((unsigned char *)line, (const unsigned char *)text + done, (int)part);
        buffer_printf(mail, "%s\r\n", line);
    }
}

static char *replace_token(TALLOC_CTX *context, const char *url, const char *token)
{
    const char *at = strstr(url, "{token}");
    if (at == NULL)
        return memory_text(context, url);
    return memory_printf(context, "%.*s%s%s", (int)(at - url), url, token, at + strlen("{token}"));
}

static void add_unsubscribe(struct buffer *mail, TALLOC_CTX *context,
                            const struct email_settings *settings, const char *token)
{
    const char *url = settings->unsubscribe_url;
    if (settings->list_id != NULL)
        buffer_printf(mail, "List-Id: <%s>\r\n", settings->list_id);
    if (url == NULL && settings->unsubscribe_mail == NULL)
        return;
    buffer_text(mail, "List-Unsubscribe:");
    if (url != NULL)
        buffer_printf(mail, " <%s>%s", replace_token(context, url, token),
                      settings->unsubscribe_mail != NULL ? ",\r\n" : "");
    if (settings->unsubscribe_mail != NULL)
        buffer_printf(mail, " <mailto:%s?subject=%s>", settings->unsubscribe_mail, token);
    buffer_text(mail, "\r\n");
    if (text_starts(url, "https://"))
        buffer_text(mail, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

static bool may_compose(const struct email_settings *settings, const char *to_address,
                        const char *to_name, const char *language, const char *subject,
                        const char *token)
{
    return good_address(to_address) && good_address(settings->from_address) &&
           no_controls(to_name != NULL ? to_name : "") &&
           no_controls(settings->from_name != NULL ? settings->from_name : "") &&
           no_controls(subject) && plain_token(language, "<>(),;:\\\"@") &&
           plain_token(token, "<>,\"") && plain_token(settings->host, "<>@") &&
           (settings->list_id == NULL || plain_token(settings->list_id, "<>")) &&
           (settings->unsubscribe_url == NULL || plain_token(settings->unsubscribe_url, "<>,")) &&
           (settings->unsubscribe_mail == NULL || good_address(settings->unsubscribe_mail));
}

int email_compose(TALLOC_CTX *context, const struct email_settings *settings,
                  const char *to_address, const char *to_name, const char *language,
                  const struct store_delivery *delivery, const struct store_message *message,
                  const char *root_delivery_id, const char *unsubscribe_token, usec_t now,
                  char **ret_mail, size_t *ret_length)
{
    char date[CLOCK_TEXT_BYTES];
    if (!may_compose(settings, to_address, to_name, language, message->subject, unsubscribe_token))
        return -EINVAL;
    struct buffer *mail = buffer_new(context, MAIL_BYTES_MAX);
    const char *boundary = memory_printf(context, "=_%s", delivery->id);
    buffer_printf(mail, "Date: %s\r\n", clock_format_mail(now, date));
    add_mailbox(mail, context, "From", settings->from_name, settings->from_address);
    add_mailbox(mail, context, "To", to_name, to_address);
    buffer_printf(mail, "Subject: %s\r\n", encode_words(context, message->subject, ""));
    buffer_printf(mail, "Message-ID: <%s@%s>\r\n", delivery->id, settings->host);
    if (root_delivery_id != NULL)
        buffer_printf(mail, "In-Reply-To: <%s@%s>\r\nReferences: <%s@%s>\r\n", root_delivery_id,
                      settings->host, root_delivery_id, settings->host);
    buffer_text(mail, "Auto-Submitted: auto-generated\r\n");
    add_unsubscribe(mail, context, settings, unsubscribe_token);
    if (delivery->level >= 4 && !delivery->drill)
        buffer_text(mail, "Importance: high\r\n");
    if (delivery->drill)
        buffer_text(mail, "X-Noroshi-Drill: yes\r\n");
    buffer_printf(mail,
                  "Content-Language: %s\r\nMIME-Version: 1.0\r\n"
                  "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
                  language, boundary);
    add_part(mail, boundary, "text/plain", message->body);
    add_part(mail, boundary, "text/html", message->html != NULL ? message->html : message->body);
    buffer_printf(mail, "--%s--\r\n", boundary);
    if (mail->overflow)
        return -EINVAL;
    *ret_mail = mail->bytes;
    *ret_length = mail->length;
    return 0;
}

void email_request(const struct email_settings *settings, const char *to_address, const char *mail,
                   size_t length, usec_t expires_at, struct transfer_request *ret_request)
{
    *ret_request = (struct transfer_request){.kind = TRANSFER_MAIL,
                                             .lane = LANE_RELAY,
                                             .url = settings->relay_url,
                                             .body = mail,
                                             .body_length = length,
                                             .expires_at = expires_at,
                                             .mail_from = settings->envelope_from,
                                             .mail_to = to_address,
                                             .user = settings->user,
                                             .password = settings->password,
                                             .security = settings->security};
}
