/* Queue: see queue.h. A ring under one mutex; two conditions on the monotonic clock; an eventfd
 * whose counter is non-zero exactly while items wait, changed under the mutex so that it never
 * lies. Ownership changes under the mutex too: talloc chunks carry no lock, and the mutex is what
 * orders the writer's last touch before the reader's first. */
#include "base/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>
#include "base/memory.h"

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t filled, emptied;
    void **items; /* ring of `limit` */
    size_t limit, first, count;
    bool closed;
    int event;
};

static int queue_destroy(struct queue *queue)
{
    while (queue->count > 0) {
        talloc_free(queue->items[queue->first]);
        queue->first = (queue->first + 1) % queue->limit;
        queue->count--;
    }
    close(queue->event);
    pthread_cond_destroy(&queue->filled);
    pthread_cond_destroy(&queue->emptied);
    pthread_mutex_destroy(&queue->mutex);
    return 0;
}

/* CLOCK_BOOTTIME cannot be waited for by a condition; the wait is made relative on this clock. */
static void condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

struct queue *queue_new(TALLOC_CTX *context, size_t limit)
{
    struct queue *queue = memory_new(context, struct queue);
    queue->limit = limit == 0 ? 1 : limit;
    queue->items = memory_array(queue, void *, queue->limit);
    queue->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (queue->event < 0) {
        fprintf(stderr, "noroshi: no eventfd: %s\n", strerror(errno));
        abort();
    }
    pthread_mutex_init(&queue->mutex, NULL);
    condition_init(&queue->filled);
    condition_init(&queue->emptied);
    talloc_set_destructor(queue, queue_destroy);
    return queue;
}

static void event_set(struct queue *queue, bool waiting)
{
    uint64_t number = 1;
    ssize_t done = waiting ? write(queue->event, &number, sizeof number)
                           : read(queue->event, &number, sizeof number);
    (void)done; /* cannot fail: the counter goes 0 → 1 → 0 under the mutex */
}

static int queue_put(struct queue *queue, void *item, bool wait)
{
    int error = 0;
    pthread_mutex_lock(&queue->mutex);
    while (wait && !queue->closed && queue->count == queue->limit)
        pthread_cond_wait(&queue->emptied, &queue->mutex);
    if (queue->closed) {
        error = -EPIPE;
    } else if (queue->count == queue->limit) {
        error = -EAGAIN;
    } else {
        talloc_steal(NULL, item);
        queue->items[(queue->first + queue->count++) % queue->limit] = item;
        if (queue->count == 1)
            event_set(queue, true);
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->mutex);
    return error;
}

int queue_push(struct queue *queue, void *item)
{
    return queue_put(queue, item, true);
}

int queue_try_push(struct queue *queue, void *item)
{
    return queue_put(queue, item, false);
}

/* Waits for an item until the deadline; false when it has passed. */
static bool queue_wait(struct queue *queue, usec_t deadline)
{
    usec_t left = deadline == 0 ? 0 : deadline - clock_monotonic();
    if (left <= 0)
        return false;
    /* Not longer than a minute at once: after a suspend the deadline is looked at again. */
    if (left > USEC_PER_MINUTE)
        left = USEC_PER_MINUTE;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    usec_t end = (usec_t)until.tv_sec * USEC_PER_SEC + until.tv_nsec / 1000 + left;
    until = (struct timespec){.tv_sec = end / USEC_PER_SEC, .tv_nsec = end % USEC_PER_SEC * 1000};
    pthread_cond_timedwait(&queue->filled, &queue->mutex, &until);
    return true;
}

void *queue_pop(struct queue *queue, TALLOC_CTX *context, usec_t monotonic_deadline)
{
    void *item = NULL;
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->closed && queue_wait(queue, monotonic_deadline))
        continue;
    if (queue->count > 0) {
        item = queue->items[queue->first];
        queue->items[queue->first] = NULL;
        queue->first = (queue->first + 1) % queue->limit;
        queue->count--;
        if (queue->count == 0)
            event_set(queue, false);
        talloc_steal(context, item);
        pthread_cond_signal(&queue->emptied);
    }
    pthread_mutex_unlock(&queue->mutex);
    return item;
}

size_t queue_length(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    size_t length = queue->count;
    pthread_mutex_unlock(&queue->mutex);
    return length;
}

void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_cond_broadcast(&queue->emptied);
    pthread_mutex_unlock(&queue->mutex);
}

bool queue_closed(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    bool closed = queue->closed;
    pthread_mutex_unlock(&queue->mutex);
    return closed;
}

int queue_fd(struct queue *queue)
{
    return queue->event;
}
