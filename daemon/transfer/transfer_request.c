/* A request before it is accepted: see item.h.
 *
 * libcurl writes CR and LF in headers to the wire as they are (reliability.md 0.3), so everything
 * that becomes a line of a protocol is checked here; mails in mail_request.c. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/item.h"

#define HEADERS_MAX      64
#define HEADER_BYTES_MAX 8192

#define ITEM_PARTS       6
#define ITEM_PARTS_BYTES 512

#define CONNECT_TIMEOUT (5 * USEC_PER_SEC)
#define TOTAL_TIMEOUT   (15 * USEC_PER_SEC)

/* Headers that say where the message ends or to whom it goes are not the caller's. */
static bool is_reserved(const char *header, size_t name_length)
{
    static const char *const names[] = {
        "content-length", "transfer-encoding", "host", "connection", "upgrade", "te", "trailer",
        "expect"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == name_length && strncasecmp(header, names[i], name_length) == 0)
            return true;
    }
    return false;
}

/* RFC 9110 5.6.2. */
static bool is_token(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           (c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL);
}

static bool header_usable(const char *header)
{
    size_t length = strlen(header), name = 0;
    while (is_token((unsigned char)header[name]))
        name++;
    if (length > HEADER_BYTES_MAX || name == 0 || header[name] != ':' || is_reserved(header, name))
        return false;
    const char *value = header + name + 1;
    /* libcurl takes a header without a value for the wish to leave it out. */
    if (value[strspn(value, " \t")] == '\0')
        return false;
    for (const char *c = value; *c != '\0'; c++) {
        if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f)
            return false;
    }
    return true;
}

static bool headers_usable(const char *const *headers)
{
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++) {
        if (i == HEADERS_MAX || !header_usable(headers[i]))
            return false;
    }
    return true;
}

static bool scheme_usable(const char *scheme)
{
    return strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0;
}

/* Receivers have to pass the rules of URLs again, whoever has checked them before. */
static bool receiver_usable(struct transfer_item *item, const struct transfer_options *options)
{
    if (item->request.lane != LANE_RECEIVER)
        return true;
    item->ruled_only = strcmp(item->endpoint.scheme, "https") != 0 ||
                       (item->endpoint.port != 443 && item->endpoint.port != 8443);
    /* A literal address that is refused gets its own result. */
    return item->endpoint.literal ||
           endpoint_check(&item->endpoint, true, options->allowed, options->allowed_count) == NULL;
}

/* The request with nothing left out. */
static void fill_request(struct transfer_item *item, const struct transfer_request *request)
{
    static const char *const none[] = {NULL};
    struct transfer_request *full = &item->request;
    *full = *request;
    if (full->headers == NULL)
        full->headers = none;
    if (full->body == NULL) {
        full->body = "";
        full->body_length = 0;
    }
    if (full->connect_timeout <= 0)
        full->connect_timeout = CONNECT_TIMEOUT;
    if (full->total_timeout <= 0)
        full->total_timeout = TOTAL_TIMEOUT;
}

int item_new(struct transfer *transfer, const struct transfer_options *options,
             const struct transfer_request *request, struct transfer_item **ret_item)
{
    const char *why;
    if (request->url == NULL || !headers_usable(request->headers))
        return -EINVAL;
    /* One chunk for the item and the small things below it. */
    struct transfer_item *item =
        memory_roomy((TALLOC_CTX *)transfer, struct transfer_item, ITEM_PARTS, ITEM_PARTS_BYTES);
    item->transfer = transfer;
    item->options = options;
    fill_request(item, request);
    if (endpoint_read(item, item->request.url, &item->endpoint, &why) < 0 ||
        !scheme_usable(item->endpoint.scheme) || !receiver_usable(item, options)) {
        talloc_free(item);
        return -EINVAL;
    }
    *ret_item = item;
    return 0;
}
