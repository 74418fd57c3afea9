/* Queue: order, limit, ownership, closing and the event descriptor, with one thread and several. */
#include <errno.h>
#include <sys/poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "base/memory.h"
#include "base/queue.h"

static int make_context(void **state)
{
    *state = talloc_new(NULL);
    return 0;
}

static int free_context(void **state)
{
    return talloc_free(*state);
}

static int *make_item(void *context, int number)
{
    int *item = memory_new(context, int);
    *item = number;
    return item;
}

static bool queue_readable(struct queue *queue)
{
    struct pollfd descriptor = {.fd = queue_fd(queue), .events = POLLIN};
    return poll(&descriptor, 1, 0) == 1;
}

static void items_come_out_in_order_and_belong_to_the_taker(void **state)
{
    struct queue *queue = queue_new(*state, 3);
    void *taker = talloc_new(*state);
    void *giver = talloc_new(*state);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 3; i++) {
            int *item = make_item(giver, i);
            assert_int_equal(queue_push(queue, item), 0);
            assert_null(talloc_parent(item));
        }
        assert_int_equal(queue_length(queue), 3);
        for (int i = 0; i < 3; i++) {
            int *item = queue_pop(queue, taker, 0);
            assert_int_equal(*item, i);
            assert_ptr_equal(talloc_parent(item), taker);
        }
    }
    talloc_free(giver);
    assert_int_equal(queue_length(queue), 0);
}

static void full_queue_refuses_and_the_item_stays_with_the_giver(void **state)
{
    struct queue *queue = queue_new(*state, 1);
    int *kept = make_item(*state, 2);
    assert_int_equal(queue_try_push(queue, make_item(*state, 1)), 0);
    assert_int_equal(queue_try_push(queue, kept), -EAGAIN);
    assert_ptr_equal(talloc_parent(kept), *state);
}

static void descriptor_is_readable_exactly_while_items_wait(void **state)
{
    struct queue *queue = queue_new(*state, 4);
    assert_false(queue_readable(queue));
    assert_int_equal(queue_push(queue, make_item(NULL, 1)), 0);
    assert_int_equal(queue_push(queue, make_item(NULL, 2)), 0);
    assert_true(queue_readable(queue));
    assert_true(queue_readable(queue));
    assert_non_null(queue_pop(queue, *state, 0));
    assert_true(queue_readable(queue));
    assert_non_null(queue_pop(queue, *state, 0));
    assert_false(queue_readable(queue));
    assert_null(queue_pop(queue, *state, 0));
    assert_false(queue_readable(queue));
    assert_int_equal(queue_push(queue, make_item(NULL, 3)), 0);
    assert_true(queue_readable(queue));
}

static void empty_queue_gives_nothing_at_the_deadline(void **state)
{
    struct queue *queue = queue_new(*state, 1);
    assert_null(queue_pop(queue, *state, 0));
    assert_null(queue_pop(queue, *state, 1));
    usec_t deadline = clock_monotonic() + 5 * USEC_PER_MSEC;
    assert_null(queue_pop(queue, *state, deadline));
    assert_true(clock_monotonic() >= deadline);
}

static void closed_queue_takes_nothing_and_gives_what_is_inside(void **state)
{
    struct queue *queue = queue_new(*state, 2);
    int *late = make_item(*state, 2);
    assert_int_equal(queue_push(queue, make_item(NULL, 1)), 0);
    assert_false(queue_closed(queue));
    queue_close(queue);
    assert_true(queue_closed(queue));
    assert_int_equal(queue_push(queue, late), -EPIPE);
    assert_int_equal(queue_try_push(queue, late), -EPIPE);
    assert_ptr_equal(talloc_parent(late), *state);
    assert_non_null(queue_pop(queue, *state, INT64_MAX));
    assert_null(queue_pop(queue, *state, INT64_MAX));
}

static int count_destruction(int **counter)
{
    (**counter)++;
    return 0;
}

static void freed_queue_frees_what_nobody_took(void **state)
{
    int freed = 0;
    struct queue *queue = queue_new(*state, 4);
    for (int i = 0; i < 3; i++) {
        int **item = memory_new(NULL, int *);
        *item = &freed;
        talloc_set_destructor(item, count_destruction);
        assert_int_equal(queue_push(queue, item), 0);
    }
    talloc_free(queue_pop(queue, *state, 0));
    talloc_free(queue);
    assert_int_equal(freed, 3);
}

static void *pop_one(void *queue)
{
    return queue_pop(queue, NULL, INT64_MAX);
}

static void *push_one(void *queue)
{
    int *item = make_item(NULL, 7);
    int error = queue_push(queue, item);
    if (error < 0)
        talloc_free(item);
    return (void *)(intptr_t)error;
}

static void closing_wakes_a_waiting_taker_and_a_waiting_giver(void **state)
{
    struct queue *empty = queue_new(*state, 1), *full = queue_new(*state, 1);
    assert_int_equal(queue_push(full, make_item(NULL, 1)), 0);
    pthread_t taker, giver;
    void *taken = &taker, *given = NULL;
    pthread_create(&taker, NULL, pop_one, empty);
    pthread_create(&giver, NULL, push_one, full);
    queue_close(empty);
    queue_close(full);
    pthread_join(taker, &taken);
    pthread_join(giver, &given);
    assert_null(taken);
    assert_int_equal((intptr_t)given, -EPIPE);
}

#define MANY 2000

static void *push_many(void *queue)
{
    for (int i = 1; i <= MANY; i++) {
        int *item = make_item(NULL, i);
        memory_text(item, "belongs to the item");
        if (queue_push(queue, item) != 0)
            return NULL;
    }
    return queue;
}

static void *take_many(void *queue)
{
    void *context = talloc_new(NULL);
    intptr_t sum = 0;
    int *item;
    while ((item = queue_pop(queue, context, INT64_MAX)) != NULL) {
        sum += *item;
        talloc_free(item);
    }
    talloc_free(context);
    return (void *)sum;
}

static void several_givers_and_takers_lose_nothing(void **state)
{
    struct queue *queue = queue_new(*state, 8);
    pthread_t givers[2], takers[2];
    intptr_t sum = 0;
    for (int i = 0; i < 2; i++) {
        pthread_create(&givers[i], NULL, push_many, queue);
        pthread_create(&takers[i], NULL, take_many, queue);
    }
    for (int i = 0; i < 2; i++) {
        void *result = NULL;
        pthread_join(givers[i], &result);
        assert_ptr_equal(result, queue);
    }
    queue_close(queue);
    for (int i = 0; i < 2; i++) {
        void *result = NULL;
        pthread_join(takers[i], &result);
        sum += (intptr_t)result;
    }
    assert_int_equal(sum, 2 * (intptr_t)MANY * (MANY + 1) / 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_context, free_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(items_come_out_in_order_and_belong_to_the_taker),
        TEST(full_queue_refuses_and_the_item_stays_with_the_giver),
        TEST(descriptor_is_readable_exactly_while_items_wait),
        TEST(empty_queue_gives_nothing_at_the_deadline),
        TEST(closed_queue_takes_nothing_and_gives_what_is_inside),
        TEST(freed_queue_frees_what_nobody_took),
        TEST(closing_wakes_a_waiting_taker_and_a_waiting_giver),
        TEST(several_givers_and_takers_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
