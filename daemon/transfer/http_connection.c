/* A connection to a receiver: see http_connection.h.
 *
 * Its socket is watched once, edge-triggered: a connection for one request costs one epoll_ctl. So
 * each event is used up: written until the socket is full, read until it is empty. */
#include "transfer/http_connection.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/memory.h"
#include "transfer/http_client.h"
#include "transfer/tls_session.h"

/* The receipt is there with the header; so long the rest may take before we hang up. */
#define REST_TIME USEC_PER_SEC

static void on_ready(void *userdata, int fd, uint32_t events);

static void over(struct http_connection *connection, enum transfer_failure failure)
{
    connection->shared->over(connection, failure);
}

static void lost(struct http_connection *connection)
{
    connection->keep = false;
    over(connection, TRANSFER_CUT);
}

void http_connection_close(struct http_connection *connection)
{
    if (connection->fd < 0)
        return;
    /* Perhaps it was what we offered that the other side does not bear. */
    if (connection->step == HTTP_TLS)
        tls_sessions_forget(connection->shared->sessions, connection->tls);
    sockets_forget(connection->shared->sockets, connection->fd);
    close(connection->fd);
    connection->fd = -1;
}

/* ---- writing ---- */

/* Returns how many were taken; -1 when the connection is lost. */
static ssize_t put(struct http_connection *connection, const char *bytes, size_t length)
{
    ssize_t n;
    do
        n = send(connection->fd, bytes, length, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno != EAGAIN)
        return -1;
    return n < 0 ? 0 : n;
}

/* What the socket does not take at once waits for it. */
static bool put_plain(struct http_connection *connection, const char *bytes, size_t length)
{
    ssize_t n = put(connection, bytes, length);
    if (n >= 0 && (size_t)n < length) {
        connection->rest_length = length - (size_t)n;
        connection->rest_sent = 0;
        connection->rest =
            memory_must(talloc_memdup(connection, bytes + n, connection->rest_length));
    }
    return n >= 0;
}

static bool put_rest(struct http_connection *connection)
{
    if (connection->rest == NULL)
        return true;
    ssize_t n = put(connection, connection->rest + connection->rest_sent,
                    connection->rest_length - connection->rest_sent);
    if (n < 0)
        return false;
    connection->rest_sent += (size_t)n;
    if (connection->rest_sent == connection->rest_length) {
        talloc_free(connection->rest);
        connection->rest = NULL;
    }
    return true;
}

static bool put_tls(struct http_connection *connection)
{
    const char *bytes;
    size_t length = tls_output(connection->tls, &bytes);
    if (length == 0)
        return true;
    ssize_t n = put(connection, bytes, length);
    if (n > 0)
        tls_wrote(connection->tls, (size_t)n);
    return n >= 0;
}

static bool flush(struct http_connection *connection)
{
    return connection->tls != NULL ? put_tls(connection) : put_rest(connection);
}

/* The other side may answer before it has read everything: the next request must not stand behind
 * half of this one. */
static bool is_unsent(const struct http_connection *connection)
{
    const char *bytes;
    return connection->rest != NULL ||
           (connection->tls != NULL && tls_output(connection->tls, &bytes) > 0);
}

static enum transfer_failure send_request(struct http_connection *connection)
{
    const struct http_shared *shared = connection->shared;
    struct transfer_item *item = connection->item;
    struct buffer *request = shared->request;
    if (item_expired(item))
        return TRANSFER_EXPIRED;
    if (http_request_write(item, shared->user_agent, connection->keep, request) < 0)
        return TRANSFER_BAD_REQUEST;
    item->requested = true;
    if (item->sent_at == 0)
        item->sent_at = clock_monotonic();
    item->bytes_moved += request->length;
    http_answer_begin(connection->answer, item);
    connection->answering = false;
    if (connection->tls == NULL)
        return put_plain(connection, request->bytes, request->length) ? TRANSFER_OK : TRANSFER_CUT;
    if (tls_write(connection->tls, request->bytes, request->length) < 0)
        return TRANSFER_CUT;
    return put_tls(connection) ? TRANSFER_OK : TRANSFER_CUT;
}

static void ask(struct http_connection *connection)
{
    enum transfer_failure failure = send_request(connection);
    if (failure == TRANSFER_OK)
        return;
    connection->keep = false;
    over(connection, failure);
}

/* ---- reading ---- */

static void hand_on(struct http_connection *connection, const char *bytes, size_t length)
{
    struct transfer_item *item = connection->item;
    if (item == NULL) { /* nothing was asked */
        lost(connection);
        return;
    }
    connection->answering = true;
    item->bytes_moved += length;
    switch (http_answer_take(connection->answer, bytes, length)) {
    case HTTP_ANSWER_MORE:
        if (item->answer.complete_header)
            item_hurry(item, REST_TIME);
        break;
    case HTTP_ANSWER_WHOLE:
        connection->keep =
            connection->keep && !is_unsent(connection) && http_answer_keeps(connection->answer);
        connection->used = true;
        over(connection, TRANSFER_OK);
        break;
    case HTTP_ANSWER_BROKEN:
        lost(connection);
        break;
    }
}

/* The other side has ended it, which may be the end of an answer, too. */
static void ended(struct http_connection *connection)
{
    connection->keep = false;
    if (connection->item == NULL)
        over(connection, TRANSFER_OK);
    else if (connection->step == HTTP_CONNECT)
        over(connection, TRANSFER_CONNECT);
    else if (connection->step == HTTP_TLS)
        over(connection, TRANSFER_TLS);
    else if (connection->item->requested &&
             http_answer_take(connection->answer, NULL, 0) == HTTP_ANSWER_WHOLE)
        over(connection, TRANSFER_OK);
    else
        over(connection, TRANSFER_CUT);
}

/* The end of the handshake goes out together with the request: by itself it would be a small packet
 * whose receipt the next one had to wait for. */
static void shake(struct http_connection *connection)
{
    int r = tls_handshake(connection->tls);
    if (r == 1) {
        connection->step = HTTP_TALK;
        ask(connection);
    } else if (!put_tls(connection) || r < 0) {
        over(connection, TRANSFER_TLS);
    }
}

static void take_tls(struct http_connection *connection, char *bytes, size_t length)
{
    int r = 1;
    tls_take(connection->tls, bytes, length);
    if (connection->step == HTTP_TLS)
        shake(connection);
    while (connection->fd >= 0 && connection->step == HTTP_TALK &&
           (r = tls_read(connection->tls, bytes, HTTP_READ_BYTES)) > 0)
        hand_on(connection, bytes, (size_t)r);
    if (connection->fd >= 0 && r < 0)
        ended(connection);
    else if (connection->fd >= 0 && !put_tls(connection)) /* TLS answers, too: new keys */
        lost(connection);
}

/* `closing`: the end is near, and has to be found now. */
static void receive(struct http_connection *connection, bool closing)
{
    char *bytes = connection->shared->read;
    ssize_t n = 0;
    do {
        n = recv(connection->fd, bytes, HTTP_READ_BYTES, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0)
            ended(connection);
        else if (connection->tls != NULL)
            take_tls(connection, bytes, (size_t)n);
        else
            hand_on(connection, bytes, (size_t)n);
    } while (connection->fd >= 0 && (closing || n < 0 || (size_t)n == HTTP_READ_BYTES));
}

/* ---- events ---- */

static void connected(struct http_connection *connection)
{
    struct transfer_item *item = connection->item;
    const struct endpoint *endpoint = &item->endpoint;
    item->connected = true;
    if (strcmp(endpoint->scheme, "https") != 0) {
        connection->step = HTTP_TALK;
        ask(connection);
        return;
    }
    connection->step = HTTP_TLS;
    connection->tls =
        tls_new(connection, connection->shared->tls, endpoint->host, endpoint->literal);
    tls_sessions_offer(connection->shared->sessions, connection->tls, endpoint->host,
                       endpoint->port);
    shake(connection);
}

static void on_ready(void *userdata, int fd, uint32_t events)
{
    (void)fd;
    struct http_connection *connection = userdata;
    bool closing = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0, broken = false;
    if (connection->step == HTTP_CONNECT) {
        if ((events & (EPOLLERR | EPOLLHUP)) != 0)
            ended(connection);
        else if ((events & EPOLLOUT) != 0)
            connected(connection);
    } else if ((events & EPOLLOUT) != 0 && !flush(connection)) {
        connection->keep = false;
        broken = closing = true; /* an answer may have come before the end */
    }
    if (connection->fd >= 0 && connection->step != HTTP_CONNECT &&
        (closing || (events & EPOLLIN) != 0))
        receive(connection, closing);
    if (broken && connection->fd >= 0)
        lost(connection);
}

/* ---- life ---- */

static int connection_destroy(struct http_connection *connection)
{
    http_connection_close(connection);
    return 0;
}

struct http_connection *http_connection_new(TALLOC_CTX *context, const struct http_shared *shared,
                                            bool keep)
{
    struct http_connection *connection = memory_new(context, struct http_connection);
    connection->shared = shared;
    connection->keep = keep;
    connection->fd = -1;
    connection->answer = http_answer_new(connection);
    talloc_set_destructor(connection, connection_destroy);
    return connection;
}

/* To a receiver on this machine (a proxy, say) it is there when connect() returns: the request then
 * goes out at once, not after a round of the loop. Nothing can be written before. */
static bool is_connected(const struct http_connection *connection)
{
    return send(connection->fd, "", 0, MSG_NOSIGNAL) == 0;
}

static enum transfer_failure begin(struct http_connection *connection,
                                   const struct transfer_item *item)
{
    const struct transfer_options *options = item->options;
    struct sockaddr_storage address = item->addresses.items[0];
    if (!address_allowed((const struct sockaddr *)&address, options->allowed,
                         options->allowed_count))
        return TRANSFER_ADDRESS_REFUSED;
    if (item_expired(item))
        return TRANSFER_EXPIRED;
    address_set_port(&address, item->endpoint.port);
    connection->fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection->fd < 0)
        return TRANSFER_CONNECT;
    if (connect(connection->fd, (const struct sockaddr *)&address, address_length(&address)) < 0 &&
        errno != EINPROGRESS)
        return TRANSFER_CONNECT;
    return TRANSFER_OK;
}

/* Room to write is news only where something waits for it, or will. */
static void watch(struct http_connection *connection)
{
    bool writes = connection->step != HTTP_TALK || connection->keep || is_unsent(connection);
    sockets_watch(connection->shared->sockets, connection->fd,
                  EPOLLIN | EPOLLRDHUP | EPOLLET | (writes ? EPOLLOUT : 0), on_ready, connection);
}

void http_connection_open(struct http_connection *connection, struct transfer_item *item)
{
    connection->item = item;
    enum transfer_failure failure = begin(connection, item);
    if (failure != TRANSFER_OK) {
        over(connection, failure);
        return;
    }
    if (is_connected(connection))
        connected(connection);
    if (connection->fd >= 0)
        watch(connection);
}

bool http_connection_is_fresh(const struct http_connection *connection)
{
    char byte;
    return recv(connection->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void http_connection_again(struct http_connection *connection, struct transfer_item *item)
{
    connection->item = item;
    item->connected = true;
    ask(connection);
}
