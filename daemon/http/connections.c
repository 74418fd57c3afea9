/* Connections in two queues, asking and answering, each oldest first: see connections.h. */
#include "http/connections.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <time.h>
#include "base/memory.h"

struct connection {
    struct connection *before, *after;
    struct connection_queue *queue; /* NULL: shut down, waiting for its close */
    usec_t since;
    int fd;
};

struct connection_queue {
    struct connection *oldest, *newest;
    usec_t deadline;
};

struct connections {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t watcher;
    bool watching, stopping;
    struct connection_queue asking, answering;
    struct connection *free; /* linked by `after` */
    size_t limit, count, ended_open;
    unsigned long ended;
};

static void queue_remove(struct connection *connection)
{
    struct connection_queue *queue = connection->queue;
    if (queue == NULL)
        return;
    if (connection->before != NULL)
        connection->before->after = connection->after;
    else
        queue->oldest = connection->after;
    if (connection->after != NULL)
        connection->after->before = connection->before;
    else
        queue->newest = connection->before;
    connection->before = connection->after = NULL;
    connection->queue = NULL;
}

static void queue_add(struct connection_queue *queue, struct connection *connection, usec_t now)
{
    connection->since = now;
    connection->queue = queue;
    connection->after = NULL;
    connection->before = queue->newest;
    if (queue->newest != NULL)
        queue->newest->after = connection;
    else
        queue->oldest = connection;
    queue->newest = connection;
}

struct connections *connections_new(size_t limit)
{
    struct connections *connections = memory_new(NULL, struct connections);
    struct connection *places = memory_array(connections, struct connection, limit);
    connections->limit = limit;
    connections->asking.deadline = CONNECTION_REQUEST_DEADLINE;
    connections->answering.deadline = CONNECTION_ANSWER_DEADLINE;
    for (size_t i = 0; i < limit; i++) {
        places[i].after = connections->free;
        connections->free = &places[i];
    }
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&connections->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&connections->lock, NULL);
    return connections;
}

static void end_connection(struct connections *connections, struct connection *connection)
{
    queue_remove(connection);
    shutdown(connection->fd, SHUT_RDWR);
    connections->ended_open++;
    connections->ended++;
}

/* The newest place is never taken from who has just come. */
static void make_room(struct connections *connections)
{
    if (connections->count - connections->ended_open <= connections->limit / 4 * 3)
        return;
    struct connection *oldest = connections->asking.oldest;
    if (oldest == NULL || oldest == connections->asking.newest)
        oldest = connections->answering.oldest;
    if (oldest != NULL)
        end_connection(connections, oldest);
}

struct connection *connection_open(struct connections *connections, int fd, usec_t now)
{
    pthread_mutex_lock(&connections->lock);
    struct connection *connection = connections->free;
    if (connection == NULL) {
        shutdown(fd, SHUT_RDWR);
        connections->ended++;
    } else {
        connections->free = connection->after;
        connection->fd = fd;
        connections->count++;
        queue_add(&connections->asking, connection, now);
        make_room(connections);
    }
    pthread_mutex_unlock(&connections->lock);
    return connection;
}

static void move_to(struct connections *connections, struct connection *connection,
                    struct connection_queue *queue, usec_t now)
{
    if (connection == NULL)
        return;
    pthread_mutex_lock(&connections->lock);
    if (connection->queue != NULL) {
        queue_remove(connection);
        queue_add(queue, connection, now);
    }
    pthread_mutex_unlock(&connections->lock);
}

void connection_answer(struct connections *connections, struct connection *connection, usec_t now)
{
    move_to(connections, connection, &connections->answering, now);
}

void connection_again(struct connections *connections, struct connection *connection, usec_t now)
{
    move_to(connections, connection, &connections->asking, now);
}

void connection_close(struct connections *connections, struct connection *connection)
{
    if (connection == NULL)
        return;
    pthread_mutex_lock(&connections->lock);
    if (connection->queue == NULL)
        connections->ended_open--;
    queue_remove(connection);
    connection->fd = -1;
    connection->after = connections->free;
    connections->free = connection;
    connections->count--;
    pthread_mutex_unlock(&connections->lock);
}

static void sweep_queue(struct connections *connections, struct connection_queue *queue, usec_t now)
{
    while (queue->oldest != NULL && now - queue->oldest->since > queue->deadline)
        end_connection(connections, queue->oldest);
}

static void sweep_locked(struct connections *connections, usec_t now)
{
    sweep_queue(connections, &connections->asking, now);
    sweep_queue(connections, &connections->answering, now);
}

void connections_sweep(struct connections *connections, usec_t now)
{
    pthread_mutex_lock(&connections->lock);
    sweep_locked(connections, now);
    pthread_mutex_unlock(&connections->lock);
}

static void *watch(void *context)
{
    struct connections *connections = context;
    pthread_mutex_lock(&connections->lock);
    while (!connections->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_sec++;
        pthread_cond_timedwait(&connections->wake, &connections->lock, &until);
        sweep_locked(connections, clock_monotonic());
    }
    pthread_mutex_unlock(&connections->lock);
    return NULL;
}

int connections_watch(struct connections *connections)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for the loop's thread */
    int r = pthread_create(&connections->watcher, NULL, watch, connections);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    connections->watching = r == 0;
    return -r;
}

void connections_free(struct connections *connections)
{
    if (connections == NULL)
        return;
    if (connections->watching) {
        pthread_mutex_lock(&connections->lock);
        connections->stopping = true;
        pthread_cond_signal(&connections->wake);
        pthread_mutex_unlock(&connections->lock);
        pthread_join(connections->watcher, NULL);
    }
    pthread_cond_destroy(&connections->wake);
    pthread_mutex_destroy(&connections->lock);
    talloc_free(connections);
}

size_t connections_count(struct connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    size_t count = connections->count;
    pthread_mutex_unlock(&connections->lock);
    return count;
}

unsigned long connections_ended(struct connections *connections)
{
    pthread_mutex_lock(&connections->lock);
    unsigned long ended = connections->ended;
    pthread_mutex_unlock(&connections->lock);
    return ended;
}
