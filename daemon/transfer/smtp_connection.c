/* A mail connection: see smtp_connection.h.
 *
 *   name ─▶ TCP, address by address ─▶ [TLS] ─▶ session [─ STARTTLS ─▶ TLS ─▶ session] */
#include "transfer/smtp_connection.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/memory.h"
#include "transfer/tls.h"

#define READ_BYTES ((size_t)64 * 1024)
#define ROUNDS_MAX 16 /* of reading, before others have their turn */
/* Plain bytes that are made TLS at once: what comes behind them is still looked at for expiry. */
#define TLS_PART ((size_t)64 * 1024)
/* An address that does not answer lets the next one try; the last one has the whole time. */
#define ADDRESS_TIME USEC_PER_SEC
#define GOOD_BYE     (2 * USEC_PER_SEC) /* for the answer to QUIT */

enum step { STEP_NAME, STEP_CONNECT, STEP_TLS, STEP_TALK };

struct smtp_connection {
    const struct smtp_route *route;
    enum step step;
    int fd; /* -1: none */
    struct tls *tls;
    struct smtp_session *session;
    struct resolver_wait *wait;
    struct address_list addresses;
    size_t tried;
    sd_event_source *timer;
    usec_t timer_at, address_deadline, deadline;
    uint32_t watched;
};

static void on_ready(void *userdata, int fd, uint32_t events);

/* Without a mail inside, either side is free to go. */
static bool is_idle(const struct smtp_connection *connection)
{
    return smtp_session_phase(connection->session) == SMTP_READY &&
           smtp_session_mails(connection->session) == 0;
}

static bool is_over(const struct smtp_connection *connection)
{
    return smtp_session_phase(connection->session) == SMTP_ENDED;
}

static void watch(struct smtp_connection *connection, uint32_t events)
{
    if (connection->watched == events)
        return;
    connection->watched = events;
    sockets_watch(connection->route->sockets, connection->fd, events, on_ready, connection);
}

static void close_socket(struct smtp_connection *connection)
{
    if (connection->fd < 0)
        return;
    watch(connection, 0);
    close(connection->fd);
    connection->fd = -1;
}

/* The last words of TLS go out if there is room for them. */
static void hang_up(struct smtp_connection *connection)
{
    const char *bytes;
    if (connection->tls != NULL && connection->fd >= 0) {
        tls_finish(connection->tls);
        size_t length = tls_output(connection->tls, &bytes);
        if (length > 0)
            (void)!send(connection->fd, bytes, length, MSG_NOSIGNAL);
    }
    close_socket(connection);
    talloc_free(connection->wait);
    connection->wait = NULL;
    alarm_stop(connection->timer);
}

static void fail(struct smtp_connection *connection, enum transfer_failure failure,
                 const char *error)
{
    smtp_session_close(connection->session, failure, error);
    hang_up(connection);
}

/* The other side is gone. */
static void gone(struct smtp_connection *connection)
{
    fail(connection, is_idle(connection) ? TRANSFER_OK : TRANSFER_CUT, NULL);
}

/* ---- time ---- */

static int on_time(sd_event_source *source, uint64_t usec, void *userdata);

static void set_timer(struct smtp_connection *connection)
{
    usec_t at = connection->deadline;
    if (connection->address_deadline != 0 && (at == 0 || connection->address_deadline < at))
        at = connection->address_deadline;
    /* Deadlines mostly move away: the timer stays and looks again when it rings. */
    if (at == 0 || is_over(connection) || (connection->timer_at != 0 && connection->timer_at <= at))
        return;
    connection->timer_at = at;
    alarm_set(connection->route->event, &connection->timer, at - clock_monotonic(), on_time,
              connection);
}

void smtp_connection_deadline(struct smtp_connection *connection, usec_t deadline)
{
    connection->deadline = deadline;
    set_timer(connection);
}

static void next_address(struct smtp_connection *connection, enum transfer_failure failure);

void smtp_connection_leave(struct smtp_connection *connection)
{
    smtp_session_quit(connection->session);
    smtp_connection_deadline(connection, clock_monotonic() + GOOD_BYE);
}

/* The deadline of what it does has passed. */
static void late(struct smtp_connection *connection)
{
    if (!is_idle(connection))
        fail(connection, TRANSFER_TIMEOUT, NULL);
    else if (smtp_session_leaving(connection->session))
        fail(connection, TRANSFER_OK, NULL);
    else
        smtp_connection_leave(connection);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    struct smtp_connection *connection = userdata;
    usec_t now = clock_monotonic();
    connection->timer_at = 0;
    if (connection->deadline != 0 && now >= connection->deadline) {
        late(connection);
    } else if (connection->address_deadline != 0 && now >= connection->address_deadline) {
        if (connection->step == STEP_NAME)
            fail(connection, TRANSFER_NAME, NULL);
        else
            next_address(connection, TRANSFER_TIMEOUT);
    }
    set_timer(connection);
    connection->route->after(connection->route->userdata);
    return 0;
}

/* ---- TCP ---- */

static void connect_to(struct smtp_connection *connection, const struct sockaddr_storage *address)
{
    int yes = 1;
    connection->fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (connection->fd < 0) {
        next_address(connection, TRANSFER_CONNECT);
        return;
    }
    (void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    if (connect(connection->fd, (const struct sockaddr *)address, address_length(address)) < 0 &&
        errno != EINPROGRESS) {
        next_address(connection, TRANSFER_CONNECT);
        return;
    }
    bool last = connection->tried == connection->addresses.count;
    connection->address_deadline =
        clock_monotonic() + (last ? connection->route->connect_timeout : ADDRESS_TIME);
    set_timer(connection);
    watch(connection, EPOLLOUT);
}

static void next_address(struct smtp_connection *connection, enum transfer_failure failure)
{
    struct address_list *list = &connection->addresses;
    close_socket(connection);
    connection->address_deadline = 0;
    if (connection->tried > 0)
        resolver_demote(connection->route->resolver, connection->route->endpoint.host,
                        &list->items[connection->tried - 1]);
    if (connection->tried == list->count) {
        fail(connection, failure, NULL);
        return;
    }
    struct sockaddr_storage address = list->items[connection->tried++];
    address_set_port(&address, connection->route->endpoint.port);
    connect_to(connection, &address);
}

static void on_addresses(void *userdata, const struct address_list *addresses)
{
    struct smtp_connection *connection = userdata;
    connection->wait = NULL;
    connection->addresses = *addresses;
    connection->step = STEP_CONNECT;
    connection->address_deadline = 0;
    next_address(connection, TRANSFER_NAME);
}

static void find_addresses(struct smtp_connection *connection)
{
    const struct smtp_route *route = connection->route;
    const struct address_list *known;
    if (route->endpoint.literal) {
        struct address_list own = {0};
        address_list_add(&own, (const struct sockaddr *)&route->endpoint.address);
        on_addresses(connection, &own);
    } else if ((known = resolver_known(route->resolver, route->endpoint.host)) != NULL) {
        struct address_list copy = *known;
        on_addresses(connection, &copy);
    } else {
        connection->wait = resolver_ask(route->resolver, connection, route->endpoint.host,
                                        on_addresses, connection);
        connection->address_deadline = clock_monotonic() + route->connect_timeout;
        set_timer(connection);
    }
}

/* ---- reading and writing ---- */

static void start_tls(struct smtp_connection *connection)
{
    const struct endpoint *endpoint = &connection->route->endpoint;
    connection->step = STEP_TLS;
    connection->tls =
        tls_new(connection, connection->route->tls, endpoint->host, endpoint->literal);
}

static void shake(struct smtp_connection *connection)
{
    int r = tls_handshake(connection->tls);
    if (r < 0) {
        fail(connection, TRANSFER_TLS, NULL);
    } else if (r == 1) {
        connection->step = STEP_TALK;
        if (!connection->route->tls_first)
            smtp_session_secured(connection->session);
    }
}

static void connected(struct smtp_connection *connection)
{
    int error = 0;
    socklen_t length = sizeof(error);
    if (getsockopt(connection->fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error != 0) {
        next_address(connection, TRANSFER_CONNECT);
        return;
    }
    connection->address_deadline = 0;
    connection->step = STEP_TALK;
    if (connection->route->tls_first) {
        start_tls(connection);
        shake(connection);
    }
}

static void hand_on(struct smtp_connection *connection, const char *bytes, size_t length)
{
    smtp_session_take(connection->session, bytes, length, clock_monotonic());
    if (smtp_session_phase(connection->session) != SMTP_SECURING)
        return;
    start_tls(connection);
    shake(connection);
}

static void take_tls(struct smtp_connection *connection, char *bytes, size_t length)
{
    int r;
    tls_take(connection->tls, bytes, length);
    if (connection->step == STEP_TLS)
        shake(connection);
    if (connection->step != STEP_TALK)
        return;
    while (!is_over(connection) && (r = tls_read(connection->tls, bytes, READ_BYTES)) != 0) {
        if (r < 0)
            gone(connection);
        else
            hand_on(connection, bytes, (size_t)r);
    }
}

static void receive(struct smtp_connection *connection)
{
    char bytes[READ_BYTES];
    for (int round = 0; round < ROUNDS_MAX && !is_over(connection); round++) {
        ssize_t n = recv(connection->fd, bytes, sizeof(bytes), 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            gone(connection);
            return;
        }
        if (connection->tls != NULL)
            take_tls(connection, bytes, (size_t)n);
        else
            hand_on(connection, bytes, (size_t)n);
        if ((size_t)n < sizeof(bytes))
            return;
    }
}

/* Returns how many were sent; fewer than all when the socket is full or has failed. */
static size_t put(struct smtp_connection *connection, const char *bytes, size_t length)
{
    ssize_t n = send(connection->fd, bytes, length, MSG_NOSIGNAL);
    if (n >= 0)
        return (size_t)n;
    if (errno != EAGAIN && errno != EINTR)
        gone(connection);
    return 0;
}

/* False when the socket takes no more. */
static bool put_tls(struct smtp_connection *connection)
{
    const char *bytes;
    size_t length = tls_output(connection->tls, &bytes);
    if (length == 0)
        return true;
    size_t sent = put(connection, bytes, length);
    tls_wrote(connection->tls, sent);
    return sent == length;
}

/* Puts out a part of what the session has to say; false when nothing is left, or no room. */
static bool put_part(struct smtp_connection *connection)
{
    size_t length, sent;
    const char *bytes = smtp_session_output(connection->session, &length);
    if (length == 0 || connection->step != STEP_TALK)
        return false;
    if (!smtp_session_may_write(connection->session, clock_monotonic()))
        return false;
    if (connection->tls == NULL) {
        sent = put(connection, bytes, length);
    } else {
        sent = length < TLS_PART ? length : TLS_PART;
        if (tls_write(connection->tls, bytes, sent) < 0) {
            gone(connection);
            return false;
        }
    }
    smtp_session_wrote(connection->session, sent);
    return connection->tls != NULL || sent == length;
}

void smtp_connection_flush(struct smtp_connection *connection)
{
    if (connection->step < STEP_TLS || is_over(connection))
        return;
    bool room = true;
    do
        room = connection->tls == NULL || put_tls(connection);
    while (room && !is_over(connection) && put_part(connection));
    if (is_over(connection)) {
        hang_up(connection);
        return;
    }
    size_t length;
    (void)smtp_session_output(connection->session, &length);
    bool blocked = !room || (length > 0 && connection->step == STEP_TALK);
    watch(connection, EPOLLIN | (blocked ? EPOLLOUT : 0));
}

static void on_ready(void *userdata, int fd, uint32_t events)
{
    (void)fd;
    struct smtp_connection *connection = userdata;
    if (connection->step == STEP_CONNECT)
        connected(connection);
    else if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
        receive(connection);
    /* The owner flushes after the round, with the mails that it has given by then. */
}

/* ---- life ---- */

static int connection_destroy(struct smtp_connection *connection)
{
    hang_up(connection);
    sd_event_source_disable_unref(connection->timer);
    return 0;
}

struct smtp_connection *smtp_connection_new(TALLOC_CTX *context, const struct smtp_route *route,
                                            smtp_mail_ended *ended, void *userdata)
{
    struct smtp_connection *connection = memory_new(context, struct smtp_connection);
    struct smtp_settings settings = route->session;
    settings.ended = ended;
    settings.userdata = userdata;
    connection->route = route;
    connection->fd = -1;
    connection->session = smtp_session_new(connection, &settings);
    talloc_set_destructor(connection, connection_destroy);
    find_addresses(connection);
    return connection;
}

struct smtp_session *smtp_connection_session(struct smtp_connection *connection)
{
    return connection->session;
}
