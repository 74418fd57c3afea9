/* A request as it goes out (RFC 9112 3): see http_client.h. Its URL and headers were checked before
 * it was accepted (transfer_request.c, url.c), so nothing in them can end a line. */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include "transfer/http_client.h"

/* The path and what follows, without a fragment (RFC 9112 3.2.1). */
static void put_target(struct buffer *request, const char *rest)
{
    if (*rest != '/')
        (void)buffer_append(request, "/", 1);
    (void)buffer_append(request, rest, strcspn(rest, "#"));
}

int http_request_write(const struct transfer_item *item, const char *user_agent, bool keep,
                       struct buffer *request)
{
    const struct transfer_request *wanted = &item->request;
    const char *authority = strstr(wanted->url, "://") + 3;
    size_t authority_length = strcspn(authority, "/?#");
    request->length = 0;
    request->overflow = false;
    (void)buffer_text(request, "POST ");
    put_target(request, authority + authority_length);
    (void)buffer_text(request, " HTTP/1.1\r\nHost: ");
    (void)buffer_append(request, authority, authority_length);
    if (user_agent != NULL) {
        (void)buffer_text(request, "\r\nUser-Agent: ");
        (void)buffer_text(request, user_agent);
    }
    (void)buffer_text(request, "\r\nAccept: */*\r\n");
    for (size_t i = 0; wanted->headers[i] != NULL; i++) {
        (void)buffer_text(request, wanted->headers[i]);
        (void)buffer_append(request, "\r\n", 2);
    }
    (void)buffer_printf(request, "Content-Length: %zu\r\n%s\r\n", wanted->body_length,
                        keep ? "" : "Connection: close\r\n");
    (void)buffer_append(request, wanted->body, wanted->body_length);
    return request->overflow ? -E2BIG : 0;
}
