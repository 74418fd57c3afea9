/* A mail before it is accepted: see mail_request.h. */
#include "transfer/mail_request.h"

#include <string.h>
#include "base/text.h"

#define ADDRESS_BYTES_MAX 320
#define LINE_BYTES_MAX    998 /* RFC 5322 2.1.1, without the CRLF */

/* A bare address of a mail, as it stands between < and >. */
static bool mail_address_usable(const char *address)
{
    if (address == NULL)
        return false;
    size_t length = strlen(address);
    const char *at = strrchr(address, '@');
    if (length > ADDRESS_BYTES_MAX || at == NULL || at == address || at[1] == '\0' ||
        strpbrk(address, " \t\r\n<>\"\\,;:()") != NULL || !text_is_utf8(address, length))
        return false;
    char *clean = text_clean(NULL, address, false);
    bool same = strcmp(clean, address) == 0;
    talloc_free(clean);
    return same && strchr(address, '@') == at;
}

/* Every CR has its LF and the reverse, no line is too long, and there is no NUL: what two mail
 * servers read differently could hide a second mail. */
static bool mail_lines_usable(const char *bytes, size_t length)
{
    const char *line = bytes, *end = bytes + length;
    if (memchr(bytes, '\0', length) != NULL)
        return false;
    while (line < end) {
        size_t left = (size_t)(end - line);
        const char *line_end = memchr(line, '\n', left);
        const char *stop = line_end != NULL ? line_end : end;
        const char *cr = memchr(line, '\r', (size_t)(stop - line));
        if (line_end == NULL ? cr != NULL : cr != line_end - 1)
            return false;
        if (stop - line > LINE_BYTES_MAX + (line_end != NULL ? 1 : 0))
            return false;
        line = stop + 1;
    }
    return length > 0;
}

static bool word_usable(const char *word)
{
    for (const char *c = word != NULL ? word : ""; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return false;
    }
    return true;
}

bool mail_request_usable(const struct transfer_request *request)
{
    return request->mail_from != NULL &&
           (request->mail_from[0] == '\0' || mail_address_usable(request->mail_from)) &&
           mail_address_usable(request->mail_to) && request->body != NULL &&
           mail_lines_usable(request->body, request->body_length) && word_usable(request->user) &&
           word_usable(request->password);
}

bool mail_scheme_usable(const char *scheme)
{
    return strcmp(scheme, "smtp") == 0 || strcmp(scheme, "smtps") == 0 ||
           strcmp(scheme, "lmtp") == 0;
}
