/* One try at one address with libcurl: see item.h.
 *
 * The address that was checked is pinned by CURLOPT_CONNECT_TO, so libcurl never resolves a name,
 * and is checked once more where the socket is made. Nothing is written after the expiry: it is
 * looked at when the socket is made, right before the request, and before each piece of a mail. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/attempt.h"

static curl_socket_t open_socket(void *userdata, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct attempt_context *context = userdata;
    struct transfer_item *item = context->item;
    const struct transfer_options *options = context->options;
    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    if (item->request.lane == LANE_RECEIVER &&
        !address_allowed(&address->addr, options->allowed, options->allowed_count)) {
        item->failure = TRANSFER_ADDRESS_REFUSED;
        return CURL_SOCKET_BAD;
    }
    if (item_expired(item)) {
        item->failure = TRANSFER_EXPIRED;
        return CURL_SOCKET_BAD;
    }
    item->fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                      address->protocol);
    return item->fd >= 0 ? item->fd : CURL_SOCKET_BAD;
}

static int before_request(void *userdata, char *peer, char *own, int peer_port, int own_port)
{
    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    struct transfer_item *item = userdata;
    item->requested = true;
    if (item_expired(item)) {
        item->failure = TRANSFER_EXPIRED;
        return CURL_PREREQFUNC_ABORT;
    }
    if (item->request.kind != TRANSFER_MAIL && item->sent_at == 0)
        item->sent_at = clock_now();
    return CURL_PREREQFUNC_OK;
}

static size_t give_mail(char *bytes, size_t size, size_t count, void *userdata)
{
    struct transfer_item *item = userdata;
    if (item_expired(item)) {
        item->failure = TRANSFER_EXPIRED;
        return CURL_READFUNC_ABORT;
    }
    if (item->sent_at == 0)
        item->sent_at = clock_now();
    size_t left = item->request.body_length - item->body_sent;
    size_t length = size * count < left ? size * count : left;
    memcpy(bytes, (const char *)item->request.body + item->body_sent, length);
    item->body_sent += length;
    return length;
}

static int rewind_mail(void *userdata, curl_off_t offset, int origin)
{
    struct transfer_item *item = userdata;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > item->request.body_length)
        return CURL_SEEKFUNC_FAIL;
    item->body_sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

static CURLcode set_trust(CURL *easy, void *ssl_context, void *userdata)
{
    (void)easy;
    return SSL_CTX_set1_cert_store(ssl_context, userdata), CURLE_OK;
}

static long milliseconds(usec_t time)
{
    return time > USEC_PER_MSEC ? (long)(time / USEC_PER_MSEC) : 1;
}

/* Options are kept in order and the first fault of any of them counts. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK)                                                                      \
            code = curl_easy_setopt(easy, option, value);                                          \
    } while (0)
