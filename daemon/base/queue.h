/* A bounded queue between two threads: mutex, condition, and an eventfd for the loop's side.
 *
 * An item is one talloc chunk; pushing hands over its ownership. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>
#include "base/clock.h"

struct queue;

/* `limit`: most items at once. */
struct queue *queue_new(TALLOC_CTX *context, size_t limit);

/* Takes ownership of `item` (talloc_steal to no parent). Waits while the queue is full unless it is
 * closed. Returns 0, or -EPIPE when closed (the item then stays the caller's). */
__attribute__((warn_unused_result)) int queue_push(struct queue *queue, void *item);
/* The same without waiting: -EAGAIN when full. */
__attribute__((warn_unused_result)) int queue_try_push(struct queue *queue, void *item);

/* Next item moved under `context`, or NULL at the monotonic deadline (clock_monotonic), at once
 * when deadline is 0 and the queue is empty, or when closed and empty. */
void *queue_pop(struct queue *queue, TALLOC_CTX *context, usec_t monotonic_deadline);

size_t queue_length(struct queue *queue);
/* Wakes every waiter; later pushes fail; what is inside can still be popped. */
void queue_close(struct queue *queue);
bool queue_closed(struct queue *queue);
/* Readable (level) while items wait; for sd-event. Owned by the queue. */
int queue_fd(struct queue *queue);
