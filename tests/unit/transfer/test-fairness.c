/* Receivers that hang, drip, reset, flood or cannot be reached hold up nobody else (test 16). */
#include "bench.h"
#include "server.h"

#define GOOD 600
#define BAD  200

static void drip(struct server *server, int fd)
{
    server_text(fd, "HTTP/1.1 200 OK\r\nX-Slow: ");
    while (!server_wait(server, fd, 100) && !server->ending)
        server_text(fd, "x");
}

static void flood(int fd)
{
    static char block[65536];
    server_text(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (size_t i = 0; i < 256; i++) {
        if (!server_say(fd, block, sizeof(block)))
            return;
    }
}

static void reset(int fd)
{
    const struct linger now = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static void talk(struct server *server, int fd)
{
    char *request = malloc(SERVER_TEXT);
    while (server_request(server, fd, request, SERVER_TEXT)) {
        if (strncmp(request, "POST /good", 10) == 0) {
            server_text(fd, "HTTP/1.1 204 No Content\r\n\r\n");
            continue;
        }
        if (strncmp(request, "POST /hang", 10) == 0)
            server_wait(server, fd, 20000);
        else if (strncmp(request, "POST /drip", 10) == 0)
            drip(server, fd);
        else if (strncmp(request, "POST /flood", 11) == 0)
            flood(fd);
        else
            reset(fd);
        break;
    }
    free(request);
}

struct place {
    struct server *server;
    struct bench *bench;
};

static int set_up(void **state)
{
    struct place *place = memory_new(NULL, struct place);
    place->server = server_new(talk, NULL);
    place->bench = bench_new();
    bench_rule(place->bench, "127.0.0.0/8");
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    bench_free(place->bench);
    server_free(place->server);
    talloc_free(place);
    return 0;
}

static struct transfer_request post_to(struct place *place, size_t host, const char *manner)
{
    return (struct transfer_request){
        .kind = TRANSFER_POST,
        .lane = LANE_RECEIVER,
        .url = memory_printf(place->bench, "http://127.1.%zu.%zu:%u/%s", host / 250, host % 250 + 1,
                             place->server->port, manner),
        .body = "{}",
        .body_length = 2,
        .answer_bytes_max = 65536,
        .connect_timeout = 8 * USEC_PER_SEC,
        .total_timeout = 12 * USEC_PER_SEC,
    };
}

/* By order and not by the clock: every good one ends before the first that hangs is given up. */
static void those_that_hang_do_not_fill_the_window(void **state)
{
    struct place *place = *state;
    static const char *const manners[] = {"hang", "drip", "hang", "flood", "hang", "reset"};
    struct outcome *bad[BAD], *good[GOOD];
    place->bench->limit = 512;
    for (size_t i = 0; i < BAD; i++) {
        const struct transfer_request request = post_to(place, i, manners[i % 6]);
        bad[i] = bench_start(place->bench, &request);
    }
    for (size_t i = 0; i < GOOD; i++) {
        const struct transfer_request request = post_to(place, BAD + i, "good");
        good[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    usec_t last_good = 0, first_hanging = INT64_MAX;
    for (size_t i = 0; i < GOOD; i++) {
        assert_int_equal(good[i]->status, 204);
        if (good[i]->monotonic_end > last_good)
            last_good = good[i]->monotonic_end;
    }
    for (size_t i = 0; i < BAD; i++) {
        bool hangs = manners[i % 6][0] == 'h';
        if (hangs)
            assert_int_equal(bad[i]->failure, TRANSFER_TIMEOUT);
        if (hangs && bad[i]->monotonic_end < first_hanging)
            first_hanging = bad[i]->monotonic_end;
        assert_true(bad[i]->body_length <= 65536);
    }
    assert_true(last_good < first_hanging);
}

/* Even with more that hang than may be under way at all. */
static void those_that_hang_longest_give_way_when_there_is_no_room(void **state)
{
    struct place *place = *state;
    place->bench->limit = 16;
    struct outcome *bad[48], *good[100];
    for (size_t i = 0; i < 48; i++) {
        const struct transfer_request request = post_to(place, i, "hang");
        bad[i] = bench_start(place->bench, &request);
    }
    usec_t before = clock_monotonic();
    for (size_t i = 0; i < 100; i++) {
        const struct transfer_request request = post_to(place, 48 + i, "good");
        good[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(good[i]->status, 204);
        /* Without giving way, three rounds of twelve seconds would come first. */
        assert_true(good[i]->monotonic_end - before < 20 * USEC_PER_SEC);
    }
    for (size_t i = 0; i < 48; i++)
        assert_int_equal(bad[i]->failure, TRANSFER_TIMEOUT);
    assert_true(place->server->most_open <= 16 + 100); /* the good ones may linger at the server */
}

static void one_receiver_never_has_more_than_its_share(void **state)
{
    struct place *place = *state;
    struct outcome *outcomes[60];
    place->bench->limit_per_host = 2;
    for (size_t i = 0; i < 60; i++) {
        const struct transfer_request request = post_to(place, 1, i % 6 == 0 ? "reset" : "good");
        outcomes[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    for (size_t i = 0; i < 60; i++)
        assert_true(outcomes[i]->status == 204 || i % 6 == 0);
    assert_true(place->server->most_open <= 4);
}

static size_t sent_before(struct outcome *const *outcomes, size_t count, usec_t time)
{
    size_t before = 0;
    for (size_t i = 0; i < count; i++)
        before += outcomes[i]->sent_at < time;
    return before;
}

/* 400 of `others` wait, at one host or at many; then a few warnings come for the same hosts. */
static void check_urgent_first(struct place *place, size_t hosts)
{
    struct outcome *others[400], *warnings[40];
    usec_t last = 0, first = INT64_MAX;
    place->bench->limit = 4;
    place->bench->limit_per_host = 2;
    for (size_t i = 0; i < 400; i++) {
        const struct transfer_request request = post_to(place, i % hosts, "good");
        others[i] = bench_start(place->bench, &request);
    }
    for (size_t i = 0; i < 40; i++) {
        struct transfer_request request = post_to(place, i % hosts, "good");
        request.urgent = true;
        warnings[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(warnings[i]->status, 204);
        last = warnings[i]->sent_at > last ? warnings[i]->sent_at : last;
        first = warnings[i]->sent_at < first ? warnings[i]->sent_at : first;
    }
    for (size_t i = 0; i < 400; i++)
        assert_int_equal(others[i]->status, 204);
    assert_true(sent_before(others, 400, last) < 100);
    if (hosts > 1) /* the others are not left waiting */
        assert_true(sent_before(others, 400, last) > sent_before(others, 400, first));
}

static void what_is_urgent_overtakes_at_its_host(void **state)
{
    check_urgent_first(*state, 1);
}

static void what_is_urgent_overtakes_at_other_hosts(void **state)
{
    check_urgent_first(*state, 100);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACED(those_that_hang_do_not_fill_the_window),
        PLACED(those_that_hang_longest_give_way_when_there_is_no_room),
        PLACED(one_receiver_never_has_more_than_its_share),
        PLACED(what_is_urgent_overtakes_at_its_host),
        PLACED(what_is_urgent_overtakes_at_other_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
