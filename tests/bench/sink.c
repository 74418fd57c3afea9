/* A fast webhook receiver on every loopback address: one thread, one epoll set, one listener.
 *
 * Answers each POST with 204 and notes when its first byte came, its path, id, signature and which
 * body it had; after the last one all of it is checked (every path once, ids distinct, signatures
 * right) and a JSON object is printed. Paths that start with a fault behave as named: /slow/
 * answers after 10 s, /hang/ never, /drip/ a byte a second, /reset/ with a reset, /huge/ with 100
 * MB, /429/ and /500/ with that status. They are counted apart.
 *
 * bench-sink PORT FILE EXPECTED [--tls CAFILE] [--keep] [--secret SECRET] [--dead PORT]
 *     [--idle SECONDS] [--hosts N]
 *
 * FILE gets a line "microseconds path id" for each arrival ("-": none). Ends after EXPECTED good
 * requests, after SECONDS without any (30; five minutes more before the first, since a million
 * subscribers are read in the meantime), or at SIGTERM. --hosts: so many addresses have
 * certificates at hand (EXPECTED). */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>
#include "post.h"
#include "sink_tls.h"

#define CONNECTIONS_MAX 20000
#define FIRST_SECONDS   300
#define REQUEST_MAX     32768
#define BODIES_MAX      256
#define HUGE_BYTES      (100 * 1000 * 1000)
#define TLS_HANDSHAKE   0x16 /* begins a connection that should be plain */
#define SLOW_USEC       10000000
#define ANSWER_BUFFER   65536 /* a huge answer is made as it is taken */

enum fault { GOOD, SLOW, HANG, DRIP, RESET, HUGE_ANSWER, STATUS_429, STATUS_500, FAULTS };
static const char *const fault_names[FAULTS] = {"",        "/slow/", "/hang/", "/drip/",
                                                "/reset/", "/huge/", "/429/",  "/500/"};

struct connection {
    int fd;
    SSL *ssl;
    char *bytes; /* of an unfinished request */
    size_t length, size;
    int64_t first_byte, due;
    size_t huge_left;
    bool watched;
    enum fault fault;
    TAILQ_ENTRY(connection) link; /* slow or dripping, by due time */
};
TAILQ_HEAD(connection_list, connection);

struct arrival {
    int64_t at, path;
    char id[48], signature[48], timestamp[16];
    int body;
};

struct body {
    char *bytes;
    size_t length;
};

static struct {
    int poll;
    bool keep;
    SSL_CTX *tls;
    const char *secret;
    struct connection *connections[CONNECTIONS_MAX];
    struct connection_list slow, dripping;
    struct arrival *arrivals;
    size_t expected, count, faults[FAULTS], open, most_open, accepted;
    struct body bodies[BODIES_MAX];
    int body_count;
} sink;

static volatile sig_atomic_t told_to_end;

static void on_signal(int number)
{
    (void)number;
    told_to_end = 1;
}

static void drop(struct connection *connection)
{
    if (connection->due > 0)
        TAILQ_REMOVE(connection->fault == SLOW ? &sink.slow : &sink.dripping, connection, link);
    sink.connections[connection->fd] = NULL;
    if (connection->ssl != NULL) {
        /* close_notify without waiting for the other side's; what it says to one that never stood
         * is no fault of the next. */
        (void)SSL_shutdown(connection->ssl);
        SSL_free(connection->ssl);
        ERR_clear_error();
    }
    close(connection->fd);
    free(connection->bytes);
    free(connection);
    sink.open--;
}

static ssize_t connection_read(struct connection *connection, void *bytes, size_t size)
{
    if (connection->ssl == NULL)
        return recv(connection->fd, bytes, size, 0);
    int n = SSL_read(connection->ssl, bytes, (int)size);
    if (n > 0)
        return n;
    int why = SSL_get_error(connection->ssl, n);
    ERR_clear_error();
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
        errno = EAGAIN;
        return -1;
    }
    return 0;
}

static ssize_t connection_write(struct connection *connection, const void *bytes, size_t length)
{
    if (connection->ssl == NULL)
        return send(connection->fd, bytes, length, MSG_NOSIGNAL);
    int n = SSL_write(connection->ssl, bytes, (int)length);
    ERR_clear_error();
    return n > 0 ? n : -1;
}

static void say(struct connection *connection, const char *text)
{
    (void)connection_write(connection, text, strlen(text));
}

/* Which body it is; bodies are shared by many requests, so one comparison mostly suffices. */
static int body_number(const char *bytes, size_t length)
{
    for (int i = sink.body_count - 1; i >= 0; i--) {
        if (sink.bodies[i].length == length && memcmp(sink.bodies[i].bytes, bytes, length) == 0)
            return i;
    }
    if (sink.body_count == BODIES_MAX)
        return -1;
    struct body *body = &sink.bodies[sink.body_count];
    body->bytes = memcpy(malloc(length + 1), bytes, length);
    body->length = length;
    return sink.body_count++;
}

static void header_word(const char *head, const char *name, char *word, size_t size)
{
    const char *at = strcasestr(head, name);
    size_t length = 0;
    if (at != NULL) {
        at += strlen(name);
        at += strspn(at, " ");
        length = strcspn(at, " \r\n");
        if (length >= size)
            length = size - 1;
        memcpy(word, at, length);
    }
    word[length] = '\0';
}

/* Takes the whole request at `bytes`; returns what to do with the connection. */
static enum fault note(const struct connection *connection, const char *bytes, size_t head,
                       size_t body)
{
    const char *path = strchr(bytes, ' ');
    for (int i = 1; path != NULL && i < FAULTS; i++) {
        if (strncmp(path + 1, fault_names[i], strlen(fault_names[i])) == 0) {
            sink.faults[i]++;
            return (enum fault)i;
        }
    }
    if (sink.count < sink.expected + 1000) {
        struct arrival *arrival = &sink.arrivals[sink.count++];
        arrival->at = connection->first_byte;
        arrival->path = path != NULL ? atoll(path + 2) : -1;
        header_word(bytes, "\r\nwebhook-id:", arrival->id, sizeof(arrival->id));
        header_word(bytes, "\r\nwebhook-timestamp:", arrival->timestamp,
                    sizeof(arrival->timestamp));
        header_word(bytes, "\r\nwebhook-signature:", arrival->signature,
                    sizeof(arrival->signature));
        arrival->body = body_number(bytes + head, body);
    }
    return GOOD;
}

static void watch(struct connection *connection, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};
    epoll_ctl(sink.poll, connection->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, connection->fd,
              &event);
    connection->watched = true;
}

static void pour(struct connection *connection)
{
    static char block[65536];
    while (connection->huge_left > 0) {
        ssize_t n = connection_write(connection, block, sizeof(block));
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            connection->huge_left = 0;
            break;
        }
        connection->huge_left -=
            (size_t)n < connection->huge_left ? (size_t)n : connection->huge_left;
    }
    drop(connection);
}

static void answer(struct connection *connection, enum fault fault)
{
    connection->fault = fault;
    switch (fault) {
    case SLOW:
        connection->due = post_now(CLOCK_MONOTONIC) + SLOW_USEC;
        TAILQ_INSERT_TAIL(&sink.slow, connection, link);
        break;
    case DRIP:
        say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\nX-");
        connection->due = post_now(CLOCK_MONOTONIC) + 1000000;
        TAILQ_INSERT_TAIL(&sink.dripping, connection, link);
        break;
    case HANG:
        break;
    case RESET: {
        const struct linger now = {.l_onoff = 1};
        setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        drop(connection);
        break;
    }
    case HUGE_ANSWER:
        say(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
        connection->huge_left = HUGE_BYTES;
        watch(connection, EPOLLOUT);
        break;
    case STATUS_429:
        say(connection, "HTTP/1.1 429 Later\r\nRetry-After: 60\r\nConnection: close\r\n"
                        "Content-Length: 0\r\n\r\n");
        drop(connection);
        break;
    case STATUS_500:
        say(connection, "HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        drop(connection);
        break;
    case GOOD:
    case FAULTS:
        if (sink.keep) {
            say(connection, "HTTP/1.1 204 No Content\r\n\r\n");
            connection->first_byte = 0;
        } else {
            say(connection, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
            drop(connection);
        }
        break;
    }
}

/* Length of the head when the whole request is there, 0 otherwise. */
static size_t whole_request(const char *bytes, size_t length, size_t *ret_body)
{
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    size_t head = (size_t)(end - bytes) + 4;
    const char *field = strcasestr(bytes, "\r\ncontent-length:");
    *ret_body = field != NULL && field < end ? strtoul(field + 17, NULL, 10) : 0;
    return length >= head + *ret_body ? head : 0;
}

static void keep_rest(struct connection *connection, const char *bytes, size_t length)
{
    if (connection->bytes == NULL)
        connection->bytes = malloc(REQUEST_MAX);
    if (bytes != connection->bytes)
        memcpy(connection->bytes, bytes, length);
    connection->length = length;
}

static void take(struct connection *connection)
{
    static char scratch[REQUEST_MAX];
    char *bytes = connection->length > 0 ? connection->bytes : scratch;
    size_t have = connection->length;
    ssize_t n = connection_read(connection, bytes + have, REQUEST_MAX - 1 - have);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        drop(connection);
        return;
    }
    if (connection->first_byte == 0)
        connection->first_byte = post_now(CLOCK_REALTIME);
    have += (size_t)n;
    bytes[have] = '\0';
    if (bytes[0] == TLS_HANDSHAKE) {
        say(connection, "HTTP/1.1 400 This is plain HTTP\r\nContent-Length: 0\r\n\r\n");
        drop(connection);
        return;
    }
    size_t body = 0, head = whole_request(bytes, have, &body);
    if (head == 0) {
        keep_rest(connection, bytes, have);
        return;
    }
    connection->length = 0;
    answer(connection, note(connection, bytes, head, body));
}

static void accept_all(int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= CONNECTIONS_MAX) {
            close(fd);
            continue;
        }
        struct connection *connection = calloc(1, sizeof(*connection));
        sink.connections[fd] = connection;
        connection->fd = fd;
        if (sink.tls != NULL)
            connection->ssl = sink_tls_connection(sink.tls, fd);
        sink.accepted++;
        if (++sink.open > sink.most_open)
            sink.most_open = sink.open;
        take(connection); /* mostly the whole request, see listen_at() */
        if (sink.connections[fd] == connection && !connection->watched)
            watch(connection, EPOLLIN);
    }
}

static void serve_due(void)
{
    struct connection *connection;
    int64_t now = post_now(CLOCK_MONOTONIC);
    while ((connection = TAILQ_FIRST(&sink.slow)) != NULL && connection->due <= now) {
        say(connection, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        drop(connection);
    }
    while ((connection = TAILQ_FIRST(&sink.dripping)) != NULL && connection->due <= now) {
        say(connection, "x");
        connection->due = now + 1000000;
        TAILQ_REMOVE(&sink.dripping, connection, link);
        TAILQ_INSERT_TAIL(&sink.dripping, connection, link);
    }
}

/* A connection is only taken once its first bytes are there, as busy web servers do it: the
 * receivers share two cores with whom they measure. */
static int listen_at(unsigned port, int backlog)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    const int answer = ANSWER_BUFFER;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &on, sizeof(on));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &answer, sizeof(answer));
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, backlog) < 0) {
        perror("listen");
        exit(1);
    }
    return fd;
}

/* A port where connections hang: its queue is full and nobody takes from it. */
static void listen_dead(unsigned port)
{
    (void)listen_at(port, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (int i = 0; i < 4; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)!connect(fd, (struct sockaddr *)&address, sizeof(address));
    }
}

static int by_path(const void *a, const void *b)
{
    const struct arrival *x = a, *y = b;
    return x->path < y->path ? -1 : x->path > y->path;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct arrival *)a)->id, ((const struct arrival *)b)->id);
}

static int by_time(const void *a, const void *b)
{
    const struct arrival *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static size_t bad_signatures(void)
{
    if (sink.secret == NULL)
        return 0;
    size_t bad = 0;
    HMAC_CTX *signer = post_signer(sink.secret);
    for (size_t i = 0; i < sink.count; i++) {
        const struct arrival *arrival = &sink.arrivals[i];
        char signature[48];
        if (arrival->body < 0) {
            bad++;
            continue;
        }
        const struct body *body = &sink.bodies[arrival->body];
        post_sign(signer, arrival->id, arrival->timestamp, body->bytes, body->length, signature);
        bad += strcmp(signature, arrival->signature) != 0;
    }
    HMAC_CTX_free(signer);
    return bad;
}

static size_t repeated(int (*order)(const void *, const void *))
{
    size_t twice = 0;
    qsort(sink.arrivals, sink.count, sizeof(struct arrival), order);
    for (size_t i = 1; i < sink.count; i++)
        twice += order(&sink.arrivals[i - 1], &sink.arrivals[i]) == 0;
    return twice;
}

static int64_t share(unsigned per_mille)
{
    return sink.count > 0 ? sink.arrivals[(sink.count - 1) * per_mille / 1000].at : 0;
}

static void report(const char *path)
{
    size_t bad = bad_signatures(), same_id = sink.secret != NULL ? repeated(by_id) : 0;
    size_t same_path = repeated(by_path);
    qsort(sink.arrivals, sink.count, sizeof(struct arrival), by_time);
    printf("{\"arrived\": %zu, \"same_id\": %zu, \"same_path\": %zu, \"bad_signatures\": %zu, "
           "\"bodies\": %d, \"first\": %lld, \"p50\": %lld, \"p90\": %lld, \"p99\": %lld, "
           "\"last\": %lld, \"cpu_usec\": %lld, \"most_open\": %zu, \"accepted\": %zu, "
           "\"faults\": %zu}\n",
           sink.count, same_id, same_path, bad, sink.body_count, (long long)share(0),
           (long long)share(500), (long long)share(900), (long long)share(990),
           (long long)share(1000), (long long)post_cpu(), sink.most_open, sink.accepted,
           sink.faults[SLOW] + sink.faults[HANG] + sink.faults[DRIP] + sink.faults[RESET] +
               sink.faults[HUGE_ANSWER] + sink.faults[STATUS_429] + sink.faults[STATUS_500]);
    FILE *out = strcmp(path, "-") == 0 ? NULL : fopen(path, "w");
    for (size_t i = 0; out != NULL && i < sink.count; i++)
        fprintf(out, "%lld %lld %s\n", (long long)sink.arrivals[i].at,
                (long long)sink.arrivals[i].path, sink.arrivals[i].id);
    if (out != NULL)
        fclose(out);
}

static void serve(int listener, int idle_seconds)
{
    int64_t last = post_now(CLOCK_MONOTONIC) + FIRST_SECONDS * (int64_t)1000000;
    while (sink.count < sink.expected && !told_to_end) {
        struct epoll_event events[512];
        size_t before = sink.count;
        int ready = epoll_wait(sink.poll, events, 512, 100);
        for (int i = 0; i < ready; i++) {
            struct connection *connection = events[i].data.ptr;
            if (connection == NULL)
                accept_all(listener);
            else if (connection->huge_left > 0)
                pour(connection);
            else
                take(connection);
        }
        serve_due();
        int64_t now = post_now(CLOCK_MONOTONIC);
        if (sink.count > before)
            last = now;
        else if (now - last > (int64_t)idle_seconds * 1000000)
            break;
    }
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    unsigned port = (unsigned)atoi(argv[1]);
    int idle = 30;
    size_t hosts = 0;
    sink.expected = strtoul(argv[3], NULL, 10);
    for (int i = 4; i < argc; i++) {
        if (strcmp(argv[i], "--keep") == 0)
            sink.keep = true;
        else if (i + 1 == argc)
            return 2;
        else if (strcmp(argv[i], "--tls") == 0)
            sink.tls = sink_tls_new(argv[++i]);
        else if (strcmp(argv[i], "--secret") == 0)
            sink.secret = argv[++i];
        else if (strcmp(argv[i], "--dead") == 0)
            listen_dead((unsigned)atoi(argv[++i]));
        else if (strcmp(argv[i], "--idle") == 0)
            idle = atoi(argv[++i]);
        else if (strcmp(argv[i], "--hosts") == 0)
            hosts = strtoul(argv[++i], NULL, 10);
    }
    if (hosts < sink.expected)
        hosts = sink.expected;
    /* Certificates are made before anybody waits for one. */
    for (size_t n = 0; sink.tls != NULL && n < hosts && n < 100000; n++)
        (void)sink_leaf(post_address(n));
    TAILQ_INIT(&sink.slow);
    TAILQ_INIT(&sink.dripping);
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
    sink.arrivals = calloc(sink.expected + 1000, sizeof(struct arrival));
    int listener = listen_at(port, 4096);
    sink.poll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN};
    epoll_ctl(sink.poll, EPOLL_CTL_ADD, listener, &event);
    puts("ready");
    fflush(stdout);
    serve(listener, idle);
    report(argv[2]);
    return sink.count == sink.expected ? 0 : 1;
}
