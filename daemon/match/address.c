/* Addresses of subscribers: mail addresses, webhook URLs, webhook secrets. Syntax only; whether a
 * host may be reached is decided where the connection is made. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "match/subscriber_check.h"

#define MAIL_BYTES_MAX       254 /* RFC 5321 4.5.3.1.3, less the angle brackets */
#define MAIL_LOCAL_BYTES_MAX 64
#define URL_BYTES_MAX        2000
#define LABEL_BYTES_MAX      63
#define SECRET_BYTES_MIN     24 /* Standard Webhooks 1.0 */
#define SECRET_BYTES_MAX     64

static bool visible(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= 0x20 || (unsigned char)*text >= 0x7f)
            return false;
    }
    return true;
}

/* Letters, digits and hyphens in labels of 1 to 63, hyphens not at the ends. */
static bool host_name_ok(const char *name, size_t length)
{
    size_t label = 0;
    if (length == 0 || length > 253)
        return false;
    for (size_t i = 0; i <= length; i++) {
        if (i == length || name[i] == '.') {
            /* One dot at the very end is the root. */
            if (label == 0 && !(i == length && i > 1))
                return false;
            if (label > LABEL_BYTES_MAX || (label > 0 && name[i - 1] == '-'))
                return false;
            label = 0;
        } else if (isalnum((unsigned char)name[i]) || (name[i] == '-' && label > 0)) {
            label++;
        } else {
            return false;
        }
    }
    return true;
}

static bool local_part_ok(const char *address, size_t length)
{
    static const char specials[] = "!#$%&'*+/=?^_`{|}~-.";
    if (length == 0 || length > MAIL_LOCAL_BYTES_MAX || address[0] == '.' ||
        address[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)address[i]) && strchr(specials, address[i]) == NULL)
            return false;
        if (address[i] == '.' && address[i + 1] == '.')
            return false;
    }
    return true;
}

const char *mail_address_fault(const char *address)
{
    if (!visible(address))
        return "the mail address holds a blank, a control character or a letter outside ASCII";
    if (strlen(address) > MAIL_BYTES_MAX)
        return "the mail address is longer than 254 bytes";
    const char *at = strrchr(address, '@');
    if (at == NULL || !local_part_ok(address, (size_t)(at - address)))
        return "the mail address has no usable part before \"@\"";
    if (!host_name_ok(at + 1, strlen(at + 1)) || at[strlen(at) - 1] == '.')
        return "the mail address has no usable domain after \"@\"";
    return NULL;
}

static bool port_ok(const char *port, size_t length)
{
    long number = 0;
    if (length == 0 || length > 5)
        return false;
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)port[i]))
            return false;
        number = number * 10 + (port[i] - '0');
    }
    return number >= 1 && number <= 65535;
}

static bool address_literal_ok(const char *text, size_t length)
{
    bool colon = false;
    for (size_t i = 0; i < length; i++) {
        if (!isxdigit((unsigned char)text[i]) && text[i] != ':' && text[i] != '.')
            return false;
        colon = colon || text[i] == ':';
    }
    return colon;
}

static const char *authority_fault(const char *authority, size_t length)
{
    const char *host_end;
    if (memchr(authority, '@', length) != NULL)
        return "the URL holds a user name or password";
    if (length > 0 && authority[0] == '[') {
        host_end = memchr(authority, ']', length);
        if (host_end == NULL ||
            !address_literal_ok(authority + 1, (size_t)(host_end - authority) - 1))
            return "the URL has no usable host";
        host_end++;
    } else {
        host_end = memchr(authority, ':', length);
        if (host_end == NULL)
            host_end = authority + length;
        if (!host_name_ok(authority, (size_t)(host_end - authority)))
            return "the URL has no usable host";
    }
    size_t rest = length - (size_t)(host_end - authority);
    if (rest > 0 && (*host_end != ':' || !port_ok(host_end + 1, rest - 1)))
        return "the URL has no usable port";
    return NULL;
}

const char *url_fault(const char *url, bool http_allowed)
{
    if (!visible(url) || strpbrk(url, "\"<>\\^`{|}") != NULL)
        return "the URL holds a blank or a character that no URL may hold";
    if (strlen(url) > URL_BYTES_MAX)
        return "the URL is longer than 2,000 bytes";
    size_t scheme = strncasecmp(url, "https://", 8) == 0  ? 8
                    : strncasecmp(url, "http://", 7) == 0 ? 7
                                                          : 0;
    if (scheme == 0)
        return "the URL does not start with https://";
    if (scheme == 7 && !http_allowed)
        return "plain http is not allowed here";
    if (strchr(url, '#') != NULL)
        return "the URL holds a fragment (#)";
    return authority_fault(url + scheme, strcspn(url + scheme, "/?"));
}

const char *secret_fault(const char *secret)
{
    static const char fault[] = "the secret is not \"whsec_\" and 24 to 64 bytes in base64";
    if (!text_starts(secret, "whsec_"))
        return fault;
    const char *base64 = secret + strlen("whsec_");
    size_t length = strlen(base64);
    size_t digits =
        strspn(base64, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    size_t padding = strspn(base64 + digits, "=");
    if (digits + padding != length || length % 4 != 0 || padding > 2)
        return fault;
    size_t bytes = length / 4 * 3 - padding;
    return bytes < SECRET_BYTES_MIN || bytes > SECRET_BYTES_MAX ? fault : NULL;
}
