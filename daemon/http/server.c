/* libmicrohttpd on one thread of its own (epoll), over a snapshot that is swapped whole.
 *
 * It never meets the store or a lock that is held for longer than an instant. Limits: connections,
 * memory a connection, inactivity, and the deadlines of connections.h. TLS is a proxy's work. */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/log.h"
#include "base/memory.h"
#include "http/listen.h"
#include "http/page_write.h"

#define CONNECTIONS_MAX    1000
#define CONNECTIONS_LEAST  32
#define FILES_FOR_OTHERS   256
#define CONNECTION_MEMORY  ((size_t)16 * 1024)
#define INACTIVITY_SECONDS 15
#define LOG_LINES_A_MINUTE 10

struct page_set *http_current(struct http_server *server, bool *ret_old, usec_t *ret_age)
{
    pthread_mutex_lock(&server->lock);
    struct page_set *set = server->current;
    page_set_ref(set);
    usec_t age = server->published_at == 0 ? -1 : clock_monotonic() - server->published_at;
    pthread_mutex_unlock(&server->lock);
    *ret_old = age < 0 || age > server->stale_after;
    *ret_age = age;
    return set;
}

void http_publish(struct http_server *server, struct page_set *set)
{
    usec_t now = clock_monotonic();
    pthread_mutex_lock(&server->lock);
    struct page_set *before = server->current;
    server->current = set;
    server->published_at = now;
    pthread_mutex_unlock(&server->lock);
    page_set_unref(before);
}

/* A refused connection is one line of libmicrohttpd's: an attack must not fill the log. */
static bool log_allowed(struct http_server *server)
{
    usec_t minute = clock_monotonic() / USEC_PER_MINUTE;
    pthread_mutex_lock(&server->lock);
    if (server->log_minute != minute) {
        server->log_minute = minute;
        server->log_lines = 0;
    }
    bool allowed = server->log_lines < LOG_LINES_A_MINUTE;
    server->log_lines++;
    pthread_mutex_unlock(&server->lock);
    return allowed;
}

__attribute__((format(printf, 2, 0))) static void write_log(void *context, const char *format,
                                                            va_list arguments)
{
    struct http_server *server = context;
    char text[300];
    if (!log_allowed(server))
        return;
    vsnprintf(text, sizeof(text), format, arguments);
    log_info("http server", "text", text);
}

static void notice_connection(void *context, struct MHD_Connection *connection,
                              void **socket_context, enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info != NULL)
            *socket_context =
                connection_open(server->connections, info->connect_fd, clock_monotonic());
    } else {
        connection_close(server->connections, *socket_context);
        *socket_context = NULL;
    }
}

static void notice_completed(void *context, struct MHD_Connection *connection, void **request,
                             enum MHD_RequestTerminationCode code)
{
    (void)request;
    (void)code;
    struct http_server *server = context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info != NULL && info->socket_context != NULL)
        connection_again(server->connections, info->socket_context, clock_monotonic());
}

static unsigned connection_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == RLIM_INFINITY ||
        files.rlim_cur >= CONNECTIONS_MAX + FILES_FOR_OTHERS)
        return CONNECTIONS_MAX;
    if (files.rlim_cur < CONNECTIONS_LEAST + FILES_FOR_OTHERS)
        return CONNECTIONS_LEAST;
    return (unsigned)files.rlim_cur - FILES_FOR_OTHERS;
}

/* Nothing that we are asked for needs an escape: a path with one is in no table, NUL or not. */
static size_t keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static int start_daemon(struct http_server *server, int fd, unsigned limit)
{
    server->daemon = MHD_start_daemon(
        MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL,
        http_answer, server, MHD_OPTION_EXTERNAL_LOGGER, write_log, server,
        MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd, MHD_OPTION_CONNECTION_LIMIT, limit,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)INACTIVITY_SECONDS, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION,
        notice_connection, server, MHD_OPTION_NOTIFY_COMPLETED, notice_completed, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_END);
    return server->daemon != NULL ? 0 : -EIO;
}

int http_start(TALLOC_CTX *context, const struct http_options *options,
               struct http_server **ret_server)
{
    int fd = -1;
    unsigned port = 0;
    int r = listen_open(options->address, options->port, &fd, &port);
    if (r < 0)
        return r;
    const struct page_input nothing = {.now = 0};
    unsigned limit = connection_limit();
    struct http_server *server = memory_new(context, struct http_server);
    server->stale_after = options->stale_after;
    server->policy = page_policy(server);
    server->port = port;
    server->connections = connections_new(limit);
    server->current = page_set_new(options->catalogue, NULL, &nothing);
    pthread_mutex_init(&server->lock, NULL);
    r = connections_watch(server->connections);
    if (r == 0)
        r = start_daemon(server, fd, limit);
    if (r < 0) {
        close(fd);
        http_stop(server);
        return r;
    }
    *ret_server = server;
    return 0;
}

unsigned http_port(const struct http_server *server)
{
    return server->port;
}

void http_stop(struct http_server *server)
{
    if (server == NULL)
        return;
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    connections_free(server->connections);
    page_set_unref(server->current);
    pthread_mutex_destroy(&server->lock);
    talloc_free(server);
}
