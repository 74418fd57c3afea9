/* Who gets which connection: see http_client.h.
 *
 * A connection that was kept may have been closed by the other side just before the next request:
 * when it ends without a byte of an answer the request goes out once more on a new one, with the
 * same webhook-id (RFC 9112 9.3.1; a receiver drops what it has by that id). */
#include "transfer/http_client.h"

#include <openssl/ssl.h>
#include <string.h>
#include "base/memory.h"
#include "transfer/http_connection.h"
#include "transfer/tls_session.h"

#define IDLE_MAX          256
#define IDLE_TIME         (20 * USEC_PER_SEC)
#define REQUEST_BYTES_MAX ((size_t)1024 * 1024)
#define TICKETS_MAX       1024 /* with usual certificates about 20 MiB */

struct http_client {
    struct http_parts parts;
    struct http_shared shared;
    struct http_connection_list idle; /* what was used last stands first */
    struct http_connection_list dead; /* freed when no event of theirs can be under way */
    size_t idle_count;
    TALLOC_CTX *connections; /* all of them, which are freed before what they share */
    struct item_list ended;
    sd_event_source *alarm;
};

/* ---- connections that wait ---- */

static void bury(struct http_client *client, struct http_connection *connection)
{
    http_connection_close(connection);
    TAILQ_INSERT_TAIL(&client->dead, connection, link);
}

static void leave_idle(struct http_client *client, struct http_connection *connection)
{
    TAILQ_REMOVE(&client->idle, connection, link);
    client->idle_count--;
}

static int on_alarm(sd_event_source *source, uint64_t usec, void *userdata);

static void watch_idle(struct http_client *client)
{
    alarm_set(client->parts.event, &client->alarm, IDLE_TIME / 2, on_alarm, client);
}

static void bury_oldest(struct http_client *client)
{
    struct http_connection *oldest = TAILQ_LAST(&client->idle, http_connection_list);
    leave_idle(client, oldest);
    bury(client, oldest);
}

static int on_alarm(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    struct http_client *client = userdata;
    usec_t since = clock_monotonic() - IDLE_TIME;
    while (client->idle_count > 0 &&
           TAILQ_LAST(&client->idle, http_connection_list)->idle_since <= since)
        bury_oldest(client);
    if (client->idle_count > 0)
        watch_idle(client);
    http_client_drain(client);
    return 0;
}

static void keep_idle(struct http_client *client, struct http_connection *connection)
{
    if (client->idle_count == 0)
        watch_idle(client);
    connection->idle_since = clock_monotonic();
    TAILQ_INSERT_HEAD(&client->idle, connection, link);
    client->idle_count++;
    if (client->idle_count > IDLE_MAX)
        bury_oldest(client);
}

static bool leads_to(const struct http_connection *connection, const struct endpoint *endpoint)
{
    return connection->port == endpoint->port && strcmp(connection->host, endpoint->host) == 0 &&
           strcmp(connection->scheme, endpoint->scheme) == 0;
}

/* One that can be used, which is then no longer idle; NULL when there is none. */
static struct http_connection *find_idle(struct http_client *client,
                                         const struct endpoint *endpoint)
{
    struct http_connection *connection = TAILQ_FIRST(&client->idle), *next;
    for (; connection != NULL; connection = next) {
        next = TAILQ_NEXT(connection, link);
        if (!leads_to(connection, endpoint))
            continue;
        leave_idle(client, connection);
        if (http_connection_is_fresh(connection))
            return connection;
        bury(client, connection);
    }
    return NULL;
}

/* ---- attempts ---- */

static void open_new(struct http_client *client, struct transfer_item *item, bool keep)
{
    struct http_connection *connection =
        http_connection_new(client->connections, &client->shared, keep);
    if (keep) {
        connection->scheme = memory_text(connection, item->endpoint.scheme);
        connection->host = memory_text(connection, item->endpoint.host);
        connection->port = item->endpoint.port;
    }
    item->connection = connection;
    http_connection_open(connection, item);
}

/* From here on it has the time of a connection. */
static void begin_try(struct transfer_item *item)
{
    item->requested = item->connected = false;
    item->tried_at = clock_monotonic();
}

static void try_once_more(struct http_client *client, struct transfer_item *item)
{
    begin_try(item);
    item_hurry(item, item->request.connect_timeout);
    open_new(client, item, true);
}

static void item_over(struct http_client *client, struct transfer_item *item,
                      enum transfer_failure failure)
{
    item->failure = failure;
    item->attempted = true;
    TAILQ_INSERT_TAIL(&client->ended, item, attempted_link);
}

static void on_over(struct http_connection *connection, enum transfer_failure failure)
{
    struct http_client *client = connection->shared->userdata;
    struct transfer_item *item = connection->item;
    bool keep = connection->keep, stale = connection->used && !connection->answering;
    if (item == NULL) {
        leave_idle(client, connection);
        bury(client, connection);
        return;
    }
    connection->item = NULL;
    item->connection = NULL;
    if (failure == TRANSFER_OK && keep)
        keep_idle(client, connection);
    else
        bury(client, connection);
    if (failure == TRANSFER_CUT && stale)
        try_once_more(client, item);
    else
        item_over(client, item, failure);
}

void http_attempt_start(struct http_client *client, struct transfer_item *item, bool keep)
{
    item->client = client;
    begin_try(item);
    answer_start(item);
    struct http_connection *idle = keep ? find_idle(client, &item->endpoint) : NULL;
    if (idle == NULL) {
        open_new(client, item, keep);
        return;
    }
    item->connection = idle;
    http_connection_again(idle, item);
}

/* The item leaves the list of those that wait to be told. */
static void leave_ended(struct transfer_item *item)
{
    TAILQ_REMOVE(&item->client->ended, item, attempted_link);
    item->attempted = false;
}

void http_attempt_stop(struct transfer_item *item)
{
    if (item->attempted)
        leave_ended(item);
    if (item->connection == NULL)
        return;
    item->connection->item = NULL;
    bury(item->client, item->connection);
    item->connection = NULL;
}

void http_client_drain(struct http_client *client)
{
    struct transfer_item *item;
    while ((item = TAILQ_FIRST(&client->ended)) != NULL) {
        leave_ended(item);
        client->parts.ended(item, item->failure);
    }
    struct http_connection *connection;
    while ((connection = TAILQ_FIRST(&client->dead)) != NULL) {
        TAILQ_REMOVE(&client->dead, connection, link);
        talloc_free(connection);
    }
}

/* ---- the client ---- */

static int client_destroy(struct http_client *client)
{
    sd_event_source_disable_unref(client->alarm);
    talloc_free(client->connections);
    SSL_CTX_free(client->shared.tls);
    return 0;
}

struct http_client *http_client_new(TALLOC_CTX *context, const struct http_parts *parts)
{
    struct http_client *client = memory_new(context, struct http_client);
    client->parts = *parts;
    client->shared = (struct http_shared){.sockets = parts->sockets,
                                          .tls = tls_context(parts->trust),
                                          .user_agent = parts->user_agent,
                                          .request = buffer_new(client, REQUEST_BYTES_MAX),
                                          .over = on_over,
                                          .userdata = client};
    client->shared.read = memory_array(client, char, HTTP_READ_BYTES);
    client->shared.sessions = tls_sessions_new(client, client->shared.tls, TICKETS_MAX);
    client->connections = memory_must(talloc_new(client));
    TAILQ_INIT(&client->idle);
    TAILQ_INIT(&client->dead);
    TAILQ_INIT(&client->ended);
    talloc_set_destructor(client, client_destroy);
    return client;
}
