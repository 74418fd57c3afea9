/* libmicrohttpd with a thread for each connection: staff are few, and a thread may wait. */
#include "http/staff_inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "http/listen.h"

#define INACTIVITY_SECONDS 15
#define CONNECTION_MEMORY  ((size_t)32 * 1024)

static const char *address_text(TALLOC_CTX *context, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    char text[INET6_ADDRSTRLEN] = "";
    if (info == NULL || info->client_addr == NULL)
        return "";
    const struct sockaddr *address = info->client_addr;
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
                  sizeof(text));
    else if (address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
                  sizeof(text));
    return memory_text(context, text);
}

static struct staff_exchange *exchange_new(struct staff_server *server,
                                           struct MHD_Connection *connection, const char *url,
                                           const char *method)
{
    struct staff_exchange *exchange = memory_new(NULL, struct staff_exchange);
    bool other_method = false;
    exchange->context = exchange;
    exchange->server = server;
    exchange->connection = connection;
    exchange->method = memory_text(exchange, strcmp(method, "HEAD") == 0 ? "GET" : method);
    exchange->path = memory_text(exchange, url);
    exchange->from = address_text(exchange, connection);
    exchange->route = route_find(exchange, method, url, &exchange->id, &other_method);
    if (exchange->route == NULL)
        exchange->refused = other_method ? 405 : 404;
    size_t most = exchange->route != NULL ? exchange->route->bytes : 0;
    exchange->body = buffer_new(exchange, most + 1);
    return exchange;
}

static enum MHD_Result handle(void *userdata, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)version;
    struct staff_server *server = userdata;
    struct staff_exchange *exchange = *state;
    if (exchange == NULL) {
        *state = exchange_new(server, connection, url, method);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        size_t most = exchange->route != NULL ? exchange->route->bytes : 0;
        if (exchange->body->length + *upload_size > most ||
            buffer_append(exchange->body, upload, *upload_size) < 0)
            exchange->refused = exchange->refused != 0 ? exchange->refused : 413;
        *upload_size = 0;
        return MHD_YES;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info != NULL && info->socket_context != NULL)
        connection_answer(server->connections, info->socket_context, clock_monotonic());
    return staff_answer(exchange);
}

static void notice_connection(void *userdata, struct MHD_Connection *connection, void **state,
                              enum MHD_ConnectionNotificationCode code)
{
    struct staff_server *server = userdata;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (info != NULL)
            *state = connection_open(server->connections, info->connect_fd, clock_monotonic());
    } else {
        connection_close(server->connections, *state);
        *state = NULL;
    }
}

static void notice_completed(void *userdata, struct MHD_Connection *connection, void **state,
                             enum MHD_RequestTerminationCode code)
{
    (void)code;
    struct staff_server *server = userdata;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    talloc_free(*state);
    *state = NULL;
    if (info != NULL && info->socket_context != NULL)
        connection_again(server->connections, info->socket_context, clock_monotonic());
}

/* Nothing that we are asked for needs an escape in its path. Values of the query do. */
static size_t unescape(void *userdata, struct MHD_Connection *connection, char *text)
{
    (void)userdata;
    (void)connection;
    return text[0] == '/' ? strlen(text) : MHD_http_unescape(text);
}

static int start_daemon(struct staff_server *server, int fd)
{
    const struct staff_options *options = &server->options;
    bool tls = options->certificate != NULL;
    struct MHD_OptionItem secrets[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)options->certificate},
                                       {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)options->key},
                                       {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                     MHD_USE_POLL | (tls ? MHD_USE_TLS : 0U);
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, handle, server, MHD_OPTION_LISTEN_SOCKET, (MHD_socket)fd,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)STAFF_CONNECTIONS_MAX,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)INACTIVITY_SECONDS, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_CONNECTION,
        notice_connection, server, MHD_OPTION_NOTIFY_COMPLETED, notice_completed, server,
        MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_ARRAY, tls ? secrets : none,
        MHD_OPTION_END);
    return server->daemon != NULL ? 0 : -EIO;
}

static void setup_locks(struct staff_server *server)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&server->lock, NULL);
    pthread_mutex_init(&server->hashing, NULL);
    pthread_cond_init(&server->answered, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

int staff_start(TALLOC_CTX *context, const struct staff_options *options,
                struct staff_server **ret_server)
{
    int fd = -1;
    unsigned port = 0;
    int r = listen_open(options->address, options->port, &fd, &port);
    if (r < 0)
        return r;
    struct staff_server *server = memory_new(context, struct staff_server);
    bool near = strcmp(options->address, "127.0.0.1") == 0 || strcmp(options->address, "::1") == 0;
    server->options = *options;
    server->port = port;
    server->secure = options->certificate != NULL || !near ||
                     (options->origin != NULL && strncmp(options->origin, "https:", 6) == 0);
    server->connections = connections_new(STAFF_CONNECTIONS_MAX);
    setup_locks(server);
    r = connections_watch(server->connections);
    if (r >= 0)
        r = start_daemon(server, fd);
    if (r < 0) {
        close(fd);
        staff_stop(server);
        return r;
    }
    *ret_server = server;
    return 0;
}

unsigned staff_port(const struct staff_server *server)
{
    return server->port;
}

void staff_stop(struct staff_server *server)
{
    if (server == NULL)
        return;
    pthread_mutex_lock(&server->lock);
    server->stopping = true;
    pthread_cond_broadcast(&server->answered);
    pthread_mutex_unlock(&server->lock);
    if (server->daemon != NULL)
        MHD_stop_daemon(server->daemon);
    connections_free(server->connections);
    HASH_CLEAR(hh, server->rates);
    talloc_free(server->rate_memory);
    pthread_mutex_destroy(&server->lock);
    pthread_mutex_destroy(&server->hashing);
    pthread_cond_destroy(&server->answered);
    talloc_free(server);
}
