/* URLs before anything is looked up: see transfer.h and address.h.
 *
 * The host is cut out of the text here and compared with what libcurl's own parser makes of it:
 * where the two differ (escapes, octal and hexadecimal numbers, full-width digits, userinfo tricks)
 * the URL is refused, so that what was checked is what is connected to. Only a URL without anything
 * that could differ is spared that, because it is asked for each delivery. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/address.h"

#define URL_BYTES_MAX  2048
#define HOST_BYTES_MAX 253

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digits[] = "0123456789";

void address_set_port(struct sockaddr_storage *address, unsigned port)
{
    if (address->ss_family == AF_INET)
        ((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
}

socklen_t address_length(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static const char *check_characters(const char *url)
{
    if (strlen(url) > URL_BYTES_MAX)
        return "longer than 2048 bytes";
    for (const unsigned char *c = (const unsigned char *)url; *c != '\0'; c++) {
        if (*c <= 0x20 || *c == 0x7f)
            return "holds a blank or a control character";
        if (*c > 0x7f)
            return "holds a character that must be percent-encoded (a host: punycode)";
        if (*c == '\\')
            return "holds a backslash";
    }
    return NULL;
}

/* 1 to 63 letters, digits, hyphens and underscores; returns the length, 0 when it is no label. */
static size_t label_length(const char *label)
{
    size_t length = 0;
    while (label[length] != '\0' && label[length] != '.') {
        if (strchr(letters, label[length]) == NULL && strchr(digits, label[length]) == NULL &&
            label[length] != '-' && label[length] != '_')
            return 0;
        length++;
    }
    if (length > 63 || (length > 0 && (label[0] == '-' || label[length - 1] == '-')))
        return 0;
    return length;
}

/* A last label that some parser would take for a number makes the whole an IPv4 address. */
static bool is_number(const char *label)
{
    if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
        return strspn(label + 2, "0123456789abcdefABCDEF") == strlen(label + 2);
    return strspn(label, digits) == strlen(label);
}

static const char *check_name(const char *host)
{
    if (strlen(host) > HOST_BYTES_MAX)
        return "the host is too long";
    for (const char *label = host;;) {
        size_t length = label_length(label);
        if (length == 0)
            return "the host is not a plain name";
        if (label[length] == '\0')
            return is_number(label) ? "the host is an address in an unusual spelling" : NULL;
        label += length + 1;
    }
}

/* An address in its one usual spelling. */
static bool read_literal(const char *host, bool bracketed, struct endpoint *endpoint)
{
    char again[INET6_ADDRSTRLEN];
    if (bracketed) {
        struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&endpoint->address;
        if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
            return false;
        v6->sin6_family = AF_INET6;
    } else {
        struct sockaddr_in *v4 = (struct sockaddr_in *)&endpoint->address;
        if (inet_pton(AF_INET, host, &v4->sin_addr) != 1 ||
            inet_ntop(AF_INET, &v4->sin_addr, again, sizeof(again)) == NULL ||
            strcmp(again, host) != 0)
            return false;
        v4->sin_family = AF_INET;
    }
    endpoint->literal = true;
    return true;
}

static const char *read_host(TALLOC_CTX *context, const char *url, struct endpoint *endpoint)
{
    const char *start = strstr(url, "://");
    if (start == NULL)
        return "has no scheme";
    start += 3;
    size_t length = strcspn(start, "/?#");
    if (memchr(start, '@', length) != NULL)
        return "holds a user name";
    bool bracketed = start[0] == '[';
    size_t host_length = bracketed ? strcspn(start, "]") : strcspn(start, ":/?#");
    if (bracketed && (host_length >= length || start[host_length] != ']'))
        return "the brackets of the address are not closed";
    if (host_length == (bracketed ? 1u : 0u))
        return "has no host";
    char *host = memory_must(talloc_strndup(context, start + bracketed, host_length - bracketed));
    endpoint->host = host;
    if (read_literal(host, bracketed, endpoint))
        return NULL;
    return bracketed ? "the host is an address in an unusual spelling" : check_name(host);
}

static char *url_part(TALLOC_CTX *context, CURLU *parsed, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(parsed, part, &text, flags) != CURLUE_OK)
        return NULL;
    char *copy = memory_text(context, text);
    curl_free(text);
    return copy;
}

/* A URL in which no parser can find anything but what stands here: scheme in small letters, a host
 * that read_host has found plain, at most a port of plain digits, and then a path or nothing. */
static bool read_plain(const char *url, struct endpoint *endpoint)
{
    static const struct {
        const char *scheme, *start;
        unsigned port;
    } schemes[] = {{"https", "https://", 443},
                   {"http", "http://", 80},
                   {"smtp", "smtp://", 25},
                   {"smtps", "smtps://", 465}};
    size_t i = 0, count = sizeof(schemes) / sizeof(schemes[0]);
    while (i < count && strncmp(url, schemes[i].start, strlen(schemes[i].start)) != 0)
        i++;
    if (i == count || url[strlen(schemes[i].start)] == '[')
        return false;
    const char *rest = url + strlen(schemes[i].start) + strlen(endpoint->host);
    unsigned port = schemes[i].port;
    if (*rest == ':') {
        size_t length = strspn(++rest, digits);
        if (length == 0 || length > 5 || *rest == '0')
            return false;
        port = (unsigned)strtoul(rest, NULL, 10);
        rest += length;
    }
    if ((*rest != '\0' && *rest != '/') || port > 65535)
        return false;
    endpoint->scheme = schemes[i].scheme;
    endpoint->port = port;
    return true;
}

/* What libcurl will make of it must be what we have read. */
static const char *compare_with_curl(TALLOC_CTX *context, const char *url,
                                     struct endpoint *endpoint)
{
    CURLU *parsed = curl_url();
    memory_must(parsed);
    const char *why = "is not a URL";
    if (curl_url_set(parsed, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK) {
        endpoint->scheme = url_part(context, parsed, CURLUPART_SCHEME, 0);
        char *host = url_part(context, parsed, CURLUPART_HOST, 0);
        char *port = url_part(context, parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT);
        char *zone = url_part(context, parsed, CURLUPART_ZONEID, 0);
        unsigned long number = port != NULL ? strtoul(port, NULL, 10) : 0;
        endpoint->port = (unsigned)number;
        if (endpoint->literal && host != NULL && host[0] == '[')
            why = zone == NULL ? NULL : "holds a zone";
        else if (host != NULL && strcasecmp(host, endpoint->host) == 0)
            why = NULL;
        else
            why = "the host can be read in two ways";
        if (why == NULL && (endpoint->scheme == NULL || number == 0 || number > 65535))
            why = "has no usable port";
    }
    curl_url_cleanup(parsed);
    return why;
}

int endpoint_read(TALLOC_CTX *context, const char *url, struct endpoint *ret_endpoint,
                  const char **ret_why)
{
    struct endpoint endpoint = {0};
    const char *why = url == NULL ? "is missing" : check_characters(url);
    if (why == NULL)
        why = read_host(context, url, &endpoint);
    if (why == NULL && !read_plain(url, &endpoint))
        why = compare_with_curl(context, url, &endpoint);
    if (why != NULL) {
        *ret_why = why;
        return -EINVAL;
    }
    if (endpoint.literal)
        address_set_port(&endpoint.address, endpoint.port);
    *ret_endpoint = endpoint;
    return 0;
}

/* Names that mean this machine whatever a name server says. */
static bool is_local_name(const char *host)
{
    static const char *const names[] = {"localhost", "localhost.localdomain", "ip6-localhost",
                                        "ip6-loopback"};
    static const char ending[] = ".localhost";
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcasecmp(host, names[i]) == 0)
            return true;
    }
    size_t length = strlen(host);
    return length >= sizeof(ending) && strcasecmp(host + length - strlen(ending), ending) == 0;
}

static bool loopback_ruled(struct address_rule *const *rules, size_t rule_count)
{
    const struct sockaddr_in v4 = {.sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    return address_in_rules((const struct sockaddr *)&v4, rules, rule_count) ||
           address_in_rules((const struct sockaddr *)&v6, rules, rule_count);
}

const char *endpoint_check(const struct endpoint *endpoint, bool http_allowed,
                           struct address_rule *const *rules, size_t rule_count)
{
    const struct sockaddr *address = (const struct sockaddr *)&endpoint->address;
    bool https = strcmp(endpoint->scheme, "https") == 0;
    if (!https && !(http_allowed && strcmp(endpoint->scheme, "http") == 0))
        return "must start with https://";
    if (endpoint->literal && !address_allowed(address, rules, rule_count))
        return "leads to an address that is not public";
    if (!endpoint->literal && is_local_name(endpoint->host) && !loopback_ruled(rules, rule_count))
        return "leads to this machine";
    bool ruled = endpoint->literal && address_in_rules(address, rules, rule_count);
    if (endpoint->port != 443 && endpoint->port != 8443 && !ruled && !http_allowed)
        return "the port must be 443 or 8443";
    return NULL;
}

int transfer_check_url(const char *url, bool http_allowed, struct address_rule *const *rules,
                       size_t rule_count, const char **ret_why)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    struct endpoint endpoint;
    int r = endpoint_read(scratch, url, &endpoint, ret_why);
    if (r == 0) {
        const char *why = endpoint_check(&endpoint, http_allowed, rules, rule_count);
        if (why != NULL) {
            *ret_why = why;
            r = -EINVAL;
        }
    }
    talloc_free(scratch);
    return r;
}
