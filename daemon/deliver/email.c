/* A whole mail: headers (RFC 5322, 2047, 8058, 3834) and multipart/alternative in base64 (RFC
 * 2045).
 *
 * Nothing that comes from outside reaches a header before it was checked or encoded. Names and
 * subjects lose their control characters, for a stray one must not cost anybody a warning, and
 * become encoded words, cut between characters, where they are not plain ASCII. Addresses, ids and
 * tokens with anything odd are refused. */
#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "deliver/email.h"

#define MAIL_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define WORD_BYTES     39 /* of UTF-8 in one encoded word: with "Subject: " it fits 76 columns */
#define ASCII_MAX      60 /* of a name or subject that goes as it is */
#define BASE64_IN_LINE 57
#define ADDRESS_MAX    254 /* RFC 5321 */
#define ID_MAX         200
#define LINE_MAX_BYTES 999 /* 998 and the CR */
#define TOKEN_MAX      900 /* keeps a header line below 998 */

/* Printable ASCII without what would end or split a header value or an address. */
static bool plain_token(const char *text, const char *refused)
{
    if (!text_given(text) || strlen(text) > TOKEN_MAX)
        return false;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 127 || strchr(refused, *c) != NULL)
            return false;
    }
    return true;
}

static bool good_address(const char *address)
{
    if (!plain_token(address, "<>(),;:\\\"[]") || strlen(address) > ADDRESS_MAX)
        return false;
    const char *at = strchr(address, '@');
    return at != NULL && at != address && at[1] != '\0' && strchr(at + 1, '@') == NULL;
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

/* What may be encoded: one line of valid UTF-8 without controls. */
static char *header_text(TALLOC_CTX *context, const char *text)
{
    return text_trim(context, text_clean(context, text, false));
}

/* Unstructured text or a display name: as it is when short and harmless, else encoded words. */
static char *encode_words(TALLOC_CTX *context, const char *text, const char *refused)
{
    if (is_ascii(text) && strlen(text) < ASCII_MAX && strpbrk(text, refused) == NULL &&
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
    const char *clean = header_text(context, name);
    if (clean[0] != '\0')
        buffer_printf(mail, "%s: %s\r\n <%s>\r\n", header,
                      encode_words(context, clean, "\"(),.:;<>@[\\]"), address);
    else
        buffer_printf(mail, "%s: %s\r\n", header, address);
}

/* Lines of text in mail end with CR LF, also inside base64 (RFC 2045, 6.8). */
static char *mail_lines(TALLOC_CTX *context, const char *text)
{
    char *lines = memory_array(context, char, strlen(text) * 2 + 1);
    size_t length = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\r')
            continue;
        if (*c == '\n')
            lines[length++] = '\r';
        lines[length++] = *c;
    }
    return lines;
}

static void add_part(struct buffer *mail, TALLOC_CTX *context, const char *boundary,
                     const char *type, const char *lf_text)
{
    const char *text = mail_lines(context, lf_text);
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

/* The first `mark` of the text becomes `value`. */
static char *replace(TALLOC_CTX *context, const char *text, const char *mark, const char *value)
{
    const char *at = strstr(text, mark);
    if (at == NULL)
        return memory_text(context, text);
    return memory_printf(context, "%.*s%s%s", (int)(at - text), text, value, at + strlen(mark));
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
        buffer_printf(mail, " <%s>%s", replace(context, url, "{token}", token),
                      settings->unsubscribe_mail != NULL ? ",\r\n" : "");
    if (settings->unsubscribe_mail != NULL)
        buffer_printf(mail, " <mailto:%s?subject=%s>", settings->unsubscribe_mail, token);
    buffer_text(mail, "\r\n");
    /* One click must say who clicks, so a URL without token cannot promise it (RFC 8058). */
    if (text_starts(url, "https://") && text_contains(url, "{token}"))
        buffer_text(mail, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

static bool may_compose(const struct email_settings *settings, const char *to_address,
                        const char *language, const char *delivery_id, const char *root_id,
                        const char *token)
{
    return good_address(to_address) && good_address(settings->from_address) &&
           plain_token(language, "<>(),;:\\\"@") && plain_token(delivery_id, "<>@\"") &&
           strlen(delivery_id) <= ID_MAX && plain_token(token, "<>,\"") &&
           strlen(token) <= ID_MAX && plain_token(settings->host, "<>@") &&
           (root_id == NULL || (plain_token(root_id, "<>@\"") && strlen(root_id) <= ID_MAX)) &&
           (settings->list_id == NULL || plain_token(settings->list_id, "<>")) &&
           (settings->unsubscribe_url == NULL || plain_token(settings->unsubscribe_url, "<>,")) &&
           (settings->unsubscribe_mail == NULL || good_address(settings->unsubscribe_mail));
}

/* RFC 5322 2.1.1: the token checks leave room for this, all together may still pass it. */
static bool lines_fit(const struct buffer *mail)
{
    const char *line = mail->bytes;
    for (const char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        if (end - line > LINE_MAX_BYTES)
            return false;
    }
    return true;
}

/* "en, vi": all that the mail is for, not the Japanese original below it. */
static const char *languages_header(TALLOC_CTX *context, const char *languages, const char *first)
{
    size_t count;
    char **parts = text_split(context, languages, ',', &count);
    char *list = memory_text(context, "");
    for (size_t i = 0; i < count; i++) {
        if (!plain_token(parts[i], "<>(),;:\\\"@"))
            return first;
        list =
            memory_must(talloc_asprintf_append_buffer(list, "%s%s", i > 0 ? ", " : "", parts[i]));
    }
    return count > 0 && strlen(list) <= TOKEN_MAX ? list : first;
}

static void add_marks(struct buffer *mail, const struct store_delivery *delivery)
{
    buffer_text(mail, "Auto-Submitted: auto-generated\r\n");
    if (delivery->level >= 4 && !delivery->drill)
        buffer_text(mail, "Importance: high\r\n");
    if (delivery->drill)
        buffer_text(mail, "X-Noroshi-Drill: yes\r\n");
}

int email_compose(TALLOC_CTX *context, const struct email_settings *settings,
                  const char *to_address, const char *to_name, const char *language,
                  const struct store_delivery *delivery, const struct store_message *message,
                  const char *root_delivery_id, const char *unsubscribe_token, usec_t now,
                  char **ret_mail, size_t *ret_length)
{
    char date[CLOCK_TEXT_BYTES];
    if (!may_compose(settings, to_address, language, delivery->id, root_delivery_id,
                     unsubscribe_token))
        return -EINVAL;
    struct buffer *mail = buffer_new(context, MAIL_BYTES_MAX);
    const char *boundary =
        memory_printf(context, "=_%s", text_hash(context, delivery->id, strlen(delivery->id), 32));
    buffer_printf(mail, "Date: %s\r\n", clock_format_mail(now, date));
    add_mailbox(mail, context, "From", settings->from_name, settings->from_address);
    add_mailbox(mail, context, "To", to_name, to_address);
    buffer_printf(mail, "Subject: %s\r\n",
                  encode_words(context, header_text(context, message->subject), ""));
    buffer_printf(mail, "Message-ID: <%s@%s>\r\n", delivery->id, settings->host);
    if (root_delivery_id != NULL)
        buffer_printf(mail, "In-Reply-To: <%s@%s>\r\nReferences: <%s@%s>\r\n", root_delivery_id,
                      settings->host, root_delivery_id, settings->host);
    add_marks(mail, delivery);
    add_unsubscribe(mail, context, settings, unsubscribe_token);
    buffer_printf(mail,
                  "Content-Language: %s\r\nMIME-Version: 1.0\r\n"
                  "Content-Type: multipart/alternative;\r\n boundary=\"%s\"\r\n\r\n",
                  languages_header(context, message->languages, language), boundary);
    add_part(mail, context, boundary, "text/plain", message->body);
    if (message->html != NULL)
        add_part(mail, context, boundary, "text/html", message->html);
    buffer_printf(mail, "--%s--\r\n", boundary);
    if (mail->overflow || !lines_fit(mail))
        return -EINVAL;
    *ret_mail = mail->bytes;
    *ret_length = mail->length;
    return 0;
}

void email_request(TALLOC_CTX *context, const struct email_settings *settings,
                   const char *to_address, const char *delivery_id, const char *mail, size_t length,
                   usec_t expires_at, struct transfer_request *ret_request)
{
    const char *sender = replace(context, settings->envelope_from, "{delivery}", delivery_id);
    *ret_request = (struct transfer_request){.kind = TRANSFER_MAIL,
                                             .lane = LANE_RELAY,
                                             .url = settings->relay_url,
                                             .body = mail,
                                             .body_length = length,
                                             .expires_at = expires_at,
                                             .mail_from = sender,
                                             .mail_to = to_address,
                                             .user = settings->user,
                                             .password = settings->password,
                                             .security = settings->security};
}
