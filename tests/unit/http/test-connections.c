/* Deadlines and room for connections, on socket pairs and a made-up clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>
#include "http/connections.h"

#define LIMIT  8
#define SECOND USEC_PER_SEC

struct pair {
    int ours, theirs;
};

static struct pair pair_new(void)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    return (struct pair){fds[0], fds[1]};
}

static bool pair_ended(const struct pair *pair)
{
    char byte;
    return read(pair->theirs, &byte, 1) == 0;
}

static void pair_close(const struct pair *pair)
{
    close(pair->ours);
    close(pair->theirs);
}

static void a_request_has_an_absolute_deadline(void **state)
{
    (void)state;
    struct connections *connections = connections_new(LIMIT);
    struct pair pair = pair_new();
    struct connection *connection = connection_open(connections, pair.ours, SECOND);
    connections_sweep(connections, SECOND + CONNECTION_REQUEST_DEADLINE);
    assert_false(pair_ended(&pair));
    connections_sweep(connections, 2 * SECOND + CONNECTION_REQUEST_DEADLINE);
    assert_true(pair_ended(&pair));
    connection_close(connections, connection);
    pair_close(&pair);
    connections_free(connections);
}

static void an_answer_has_more_time_and_a_next_request_begins_anew(void **state)
{
    (void)state;
    struct connections *connections = connections_new(LIMIT);
    struct pair pair = pair_new();
    struct connection *connection = connection_open(connections, pair.ours, SECOND);
    connection_answer(connections, connection, 2 * SECOND);
    connections_sweep(connections, 2 * SECOND + CONNECTION_ANSWER_DEADLINE);
    assert_false(pair_ended(&pair));
    connection_again(connections, connection, 100 * SECOND);
    connections_sweep(connections, 100 * SECOND + CONNECTION_REQUEST_DEADLINE);
    assert_false(pair_ended(&pair));
    connections_sweep(connections, 101 * SECOND + CONNECTION_REQUEST_DEADLINE);
    assert_true(pair_ended(&pair));
    assert_int_equal(connections_ended(connections), 1);
    /* What comes late from an ended connection changes nothing. */
    connection_answer(connections, connection, 200 * SECOND);
    connections_sweep(connections, 1000 * SECOND);
    assert_int_equal(connections_ended(connections), 1);
    connection_close(connections, connection);
    assert_int_equal(connections_count(connections), 0);
    pair_close(&pair);
    connections_free(connections);
}

static void above_three_quarters_the_oldest_that_asks_makes_room(void **state)
{
    (void)state;
    struct connections *connections = connections_new(LIMIT);
    struct pair pairs[LIMIT];
    struct connection *open[LIMIT];
    for (size_t i = 0; i < LIMIT; i++) {
        pairs[i] = pair_new();
        open[i] = connection_open(connections, pairs[i].ours, (usec_t)i);
        if (i == 0)
            connection_answer(connections, open[0], 0);
    }
    assert_false(pair_ended(&pairs[0])); /* it is being answered */
    assert_true(pair_ended(&pairs[1]));
    assert_true(pair_ended(&pairs[2]));
    for (size_t i = 3; i < LIMIT; i++)
        assert_false(pair_ended(&pairs[i]));
    assert_int_equal(connections_count(connections), LIMIT);
    for (size_t i = 0; i < LIMIT; i++) {
        connection_close(connections, open[i]);
        pair_close(&pairs[i]);
    }
    assert_int_equal(connections_count(connections), 0);
    connections_free(connections);
}

static void readers_that_stop_make_room_as_well(void **state)
{
    (void)state;
    struct connections *connections = connections_new(LIMIT);
    struct pair pairs[LIMIT];
    for (size_t i = 0; i < LIMIT; i++) {
        pairs[i] = pair_new();
        struct connection *connection = connection_open(connections, pairs[i].ours, (usec_t)i);
        if (i < LIMIT - 1)
            connection_answer(connections, connection, (usec_t)i);
    }
    assert_true(pair_ended(&pairs[0]));
    assert_false(pair_ended(&pairs[LIMIT - 1]));
    for (size_t i = 0; i < LIMIT; i++)
        pair_close(&pairs[i]);
    connections_free(connections);
}

static void beyond_all_places_a_connection_is_ended_at_once(void **state)
{
    (void)state;
    struct connections *connections = connections_new(1);
    struct pair first = pair_new(), second = pair_new();
    assert_non_null(connection_open(connections, first.ours, 0));
    assert_null(connection_open(connections, second.ours, 0));
    assert_true(pair_ended(&second));
    connection_close(connections, NULL);
    pair_close(&first);
    pair_close(&second);
    connections_free(connections);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_has_an_absolute_deadline),
        cmocka_unit_test(an_answer_has_more_time_and_a_next_request_begins_anew),
        cmocka_unit_test(above_three_quarters_the_oldest_that_asks_makes_room),
        cmocka_unit_test(readers_that_stop_make_room_as_well),
        cmocka_unit_test(beyond_all_places_a_connection_is_ended_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
