/* One try at one address with libcurl: see curl_engine.h. What all tries share
 * stands in curl_seat.c.
 *
 * The address that was checked is pinned by CURLOPT_CONNECT_TO, so libcurl never resolves a name,
 * and is checked once more where the socket is made. Nothing is written after the expiry: it is
 * looked at when the socket is made and right before the request. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/memory.h"
#include "transfer/curl_engine.h"

static long milliseconds(usec_t time)
{
    return time > USEC_PER_MSEC ? (long)(time / USEC_PER_MSEC) : 1;
}

static void list_add(struct curl_slist **list, const char *text)
{
    *list = memory_must(curl_slist_append(*list, text));
}

/* Sets an option unless an earlier one has failed. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK)                                                                      \
            code = curl_easy_setopt(item->seat->easy, option, value);                              \
    } while (0)

/* "::address:port": whatever host and port the URL names, the connection goes there. A URL that
 * names the address itself needs no such line. */
static CURLcode set_address(struct transfer_item *item)
{
    CURLcode code = CURLE_OK;
    char text[INET6_ADDRSTRLEN], line[INET6_ADDRSTRLEN + 16];
    SET(CURLOPT_URL, item->request.url);
    if (!item->endpoint.literal) {
        const struct sockaddr_storage *address = &item->addresses.items[0];
        bool v6 = address->ss_family == AF_INET6;
        const void *bytes = v6 ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                               : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
        if (inet_ntop(address->ss_family, bytes, text, sizeof(text)) == NULL)
            return CURLE_COULDNT_CONNECT;
        snprintf(line, sizeof(line), v6 ? "::[%s]:%u" : "::%s:%u", text, item->endpoint.port);
        list_add(&item->connect_to, line);
    }
    SET(CURLOPT_CONNECT_TO, item->connect_to);
    return code;
}

static CURLcode set_times(struct transfer_item *item)
{
    CURLcode code = CURLE_OK;
    usec_t left = item->request.total_timeout - (clock_monotonic() - item->started_at);
    SET(CURLOPT_TIMEOUT_MS, milliseconds(left));
    SET(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(item->request.connect_timeout));
    return code;
}

static CURLcode set_http(struct transfer_item *item)
{
    CURLcode code = CURLE_OK;
    const struct transfer_request *request = &item->request;
    bool typed = false;
    for (size_t i = 0; request->headers[i] != NULL; i++) {
        list_add(&item->headers, request->headers[i]);
        typed = typed || strncasecmp(request->headers[i], "content-type:", 13) == 0;
    }
    if (request->kind == TRANSFER_POST) {
        list_add(&item->headers, "Expect:");
        if (!typed)
            list_add(&item->headers, "Content-Type:");
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        SET(CURLOPT_POSTFIELDS, request->body);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
        SET(CURLOPT_ACCEPT_ENCODING, "gzip");
        SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->answer_bytes_max);
    }
    SET(CURLOPT_HTTPHEADER, item->headers);
    return code;
}

static void release(struct transfer_item *item)
{
    struct seat *seat = item->seat;
    /* Nothing of this try may be looked at by the next one that sits here. */
    if (seat->posts) {
        (void)curl_easy_setopt(seat->easy, CURLOPT_HTTPHEADER, NULL);
        (void)curl_easy_setopt(seat->easy, CURLOPT_CONNECT_TO, NULL);
        (void)curl_easy_setopt(seat->easy, CURLOPT_POSTFIELDS, "");
    }
    seat_leave(item);
    curl_slist_free_all(item->headers);
    curl_slist_free_all(item->connect_to);
    item->headers = item->connect_to = NULL;
}

int curl_attempt_start(struct transfer_item *item, struct engine *engine)
{
    if (seat_take(item, engine) < 0)
        return -EIO;
    item->requested = false;
    answer_start(item);
    CURLcode code = set_address(item);
    if (code == CURLE_OK)
        code = set_times(item);
    if (code == CURLE_OK)
        code = set_http(item);
    if (code == CURLE_OK && engine_add(engine, item->seat->easy))
        return 0;
    release(item);
    return -EIO;
}

static void add_moved(struct transfer_item *item)
{
    CURL *easy = item->seat->easy;
    curl_off_t down = 0, up = 0;
    long header = 0, request = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    (void)curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &up);
    (void)curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &header);
    (void)curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &request);
    item->bytes_moved += (size_t)(down + up) + (size_t)(header + request);
}

void curl_attempt_stop(struct transfer_item *item)
{
    if (item->seat == NULL)
        return;
    engine_remove(item->seat->engine, item->seat->easy);
    add_moved(item);
    release(item);
}

bool curl_attempt_connected(const struct transfer_item *item)
{
    curl_off_t connected = 0;
    (void)curl_easy_getinfo(item->seat->easy, CURLINFO_CONNECT_TIME_T, &connected);
    return item->requested || connected > 0;
}
