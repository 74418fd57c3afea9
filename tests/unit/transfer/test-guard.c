/* The fence at the connection: names that lead inward, dead names, dead addresses. */
#include "bench.h"
#include "server.h"
#include <errno.h>
#include <fcntl.h>

static const struct name_row names[] = {
    {"good.test", "127.0.0.1", NULL, false, NULL},
    {"inward.test", "127.0.0.1", "::1", false, NULL},
    {"private.test", "10.0.0.1", "fd00::1", false, NULL},
    {"metadata.test", "169.254.169.254", NULL, false, NULL},
    {"mapped.test", NULL, "::ffff:127.0.0.1", false, NULL},
    {"translated.test", NULL, "64:ff9b::7f00:1", false, NULL},
    {"tunnel.test", NULL, "2002:7f00:1::1", false, NULL},
    {"zero.test", "0.0.0.0", "::", false, NULL},
    {"nothing.test", NULL, NULL, false, NULL},
    {"dual.test", "127.0.0.1", "::1", false, NULL},
    {"dead.test", NULL, NULL, true, NULL},
};

static void talk(struct server *server, int fd)
{
    char request[4096];
    while (server_request(server, fd, request, sizeof(request)))
        server_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
}

struct place {
    struct server *canary;
    struct name_server *names;
    struct bench *bench;
};

static int set_up(void **state)
{
    struct place *place = memory_new(NULL, struct place);
    place->canary = server_new(talk, NULL);
    place->names = name_server_new(names, sizeof(names) / sizeof(names[0]));
    place->bench = bench_new();
    bench_names(place->bench, place->names->port);
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    bench_free(place->bench);
    server_free(place->canary);
    name_server_free(place->names);
    talloc_free(place);
    return 0;
}

static struct transfer_request post_to(struct place *place, const char *host, unsigned port)
{
    return (struct transfer_request){
        .kind = TRANSFER_POST,
        .lane = LANE_RECEIVER,
        .url = memory_printf(place->bench, "http://%s:%u/", host, port),
        .body = "{}",
        .body_length = 2,
        .answer_bytes_max = 1024,
        .connect_timeout = 2 * USEC_PER_SEC,
        .total_timeout = 3 * USEC_PER_SEC,
    };
}

static const char *const inward_hosts[] = {
    "127.0.0.1",
    "127.0.0.2",
    "127.1.2.3",
    "127.255.255.254",
    "127.0.1.1",
    "127.8.8.8",
    "127.100.0.1",
    "127.42.42.42",
    "127.0.0.53",
    "127.0.0.99",
    "127.9.9.9",
    "127.64.0.1",
    "127.2.0.1",
    "127.3.0.1",
    "127.4.0.1",
    "127.5.0.1",
    "127.6.0.1",
    "127.7.0.1",
    "127.0.8.1",
    "127.0.9.1",
    "127.10.0.1",
    "127.11.0.1",
    "127.12.0.1",
    "127.13.0.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "good.test",
    "inward.test",
    "GOOD.test",
    "mapped.test",
    "localhost",
    "a.localhost",
    "[::1]",
    "[::]",
    "0.0.0.0",
    "[::127.0.0.1]",
    "[::ffff:0.0.0.0]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::1]",
    "[fe80::1]",
    "private.test",
    "metadata.test",
    "translated.test",
    "tunnel.test",
    "zero.test",
    "127.1",
    "127.0.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.01",
    "0",
    "%31%32%37.0.0.1",
    "127.0.0.1.",
    "user@127.0.0.1",
    "user:pass@good.test",
    "good.test@127.0.0.1",
    "good.test.",
    "10.0.0.1",
    "192.168.0.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "[fd00::1]",
    "[ff02::1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "127.000.000.001",
    "[::1%25lo]",
};
#define INWARD_COUNT (sizeof(inward_hosts) / sizeof(inward_hosts[0]))

/* Starts all; returns how many ended well. */
static size_t knock_everywhere(struct place *place)
{
    struct outcome *outcomes[INWARD_COUNT] = {0};
    size_t reached = 0;
    for (size_t i = 0; i < INWARD_COUNT; i++) {
        struct transfer_request request = post_to(place, inward_hosts[i], place->canary->port);
        request.connect_timeout = request.total_timeout = 700 * USEC_PER_MSEC;
        outcomes[i] = memory_new(place->bench, struct outcome);
        if (transfer_start(bench_transfer(place->bench), &request, outcome_take, outcomes[i]) < 0)
            outcomes[i]->failure = TRANSFER_BAD_REQUEST;
    }
    bench_wait(place->bench);
    for (size_t i = 0; i < INWARD_COUNT; i++)
        reached += outcomes[i]->status == 200;
    return reached;
}

static void no_spelling_of_an_inner_address_is_connected_to(void **state)
{
    struct place *place = *state;
    assert_true(INWARD_COUNT >= 60);
    setenv("http_proxy", memory_printf(place->bench, "http://127.0.0.1:%u", place->canary->port),
           1);
    assert_int_equal(knock_everywhere(place), 0);
    unsetenv("http_proxy");
    assert_int_equal(place->canary->accepted, 0);
}

static void the_same_hosts_are_reached_when_the_operator_allows_them(void **state)
{
    struct place *place = *state;
    bench_rule(place->bench, "127.0.0.0/8");
    size_t reached = knock_everywhere(place);
    assert_true(reached >= 25);
    assert_true(place->canary->accepted >= 25);
}

static void a_name_that_leads_inward_is_refused_as_such(void **state)
{
    struct place *place = *state;
    struct transfer_request request = post_to(place, "inward.test", 443);
    request.url = "https://inward.test/";
    assert_int_equal(bench_run(place->bench, &request)->failure, TRANSFER_ADDRESS_REFUSED);
    request.url = "https://10.0.0.1/";
    assert_int_equal(bench_run(place->bench, &request)->failure, TRANSFER_ADDRESS_REFUSED);
    request.url = "https://nothing.test/";
    assert_int_equal(bench_run(place->bench, &request)->failure, TRANSFER_NAME);
    request.url = "https://unknown.test/";
    assert_int_equal(bench_run(place->bench, &request)->failure, TRANSFER_NAME);
}

static void plain_http_stays_inside_the_rules(void **state)
{
    struct place *place = *state;
    const struct transfer_request request = post_to(place, "8.8.8.8", 80);
    assert_int_equal(bench_run(place->bench, &request)->failure, TRANSFER_ADDRESS_REFUSED);
}

static void the_configured_feed_server_may_be_anywhere(void **state)
{
    struct place *place = *state;
    struct transfer_request request = post_to(place, "inward.test", place->canary->port);
    request.kind = TRANSFER_GET;
    request.lane = LANE_FEED;
    assert_int_equal(bench_run(place->bench, &request)->status, 200);
}

static void a_name_is_asked_for_once_while_it_is_remembered(void **state)
{
    struct place *place = *state;
    bench_rule(place->bench, "127.0.0.0/8");
    const struct transfer_request request = post_to(place, "good.test", place->canary->port);
    struct outcome *outcomes[20];
    for (size_t i = 0; i < 20; i++)
        outcomes[i] = bench_start(place->bench, &request);
    bench_wait(place->bench);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(outcomes[i]->status, 200);
    assert_int_equal(bench_run(place->bench, &request)->status, 200);
    assert_int_equal(place->names->questions, 2); /* A and AAAA */
}

static void dead_names_hold_up_nobody(void **state)
{
    struct place *place = *state;
    bench_rule(place->bench, "127.0.0.0/8");
    struct name_row *rows = memory_array(place->bench, struct name_row, 1000);
    struct outcome *outcomes[1000];
    for (size_t i = 0; i < 1000; i++) {
        rows[i] = (struct name_row){memory_printf(place->bench, "host%zu.test", i), "127.0.0.1",
                                    NULL, i % 2 == 0, NULL};
    }
    place->names->rows = rows;
    place->names->count = 1000;
    usec_t before = clock_monotonic();
    for (size_t i = 0; i < 1000; i++) {
        struct transfer_request request = post_to(place, rows[i].name, place->canary->port);
        request.connect_timeout = 8 * USEC_PER_SEC; /* also where others use the machine */
        request.total_timeout = 12 * USEC_PER_SEC;
        outcomes[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    /* By order and not by the clock: every live one ends before the first dead one is given up. */
    usec_t last_live = before, first_dead = INT64_MAX;
    for (size_t i = 0; i < 1000; i++) {
        usec_t end = outcomes[i]->monotonic_end;
        bool live = i % 2 != 0;
        assert_int_equal(outcomes[i]->failure, live ? TRANSFER_OK : TRANSFER_NAME);
        last_live = live && end > last_live ? end : last_live;
        first_dead = !live && end < first_dead ? end : first_dead;
    }
    print_message(
        "# longest turn of the loop %lld us; last live name after %lld ms, first dead one "
        "given up after %lld ms\n",
        (long long)place->bench->longest_turn, (long long)(last_live - before) / 1000,
        (long long)(first_dead - before) / 1000);
    assert_true(last_live < first_dead);
    assert_true(place->bench->longest_turn < first_dead - before);
}

/* A listening socket whose queue is full: new connections to it hang. */
static void fill_queue(unsigned port, int fillers[4])
{
    const struct sockaddr_in6 v6 = {
        .sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port), .sin6_addr = in6addr_loopback};
    for (size_t i = 0; i < 4; i++) {
        fillers[i] = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)!connect(fillers[i], (const struct sockaddr *)&v6, sizeof(v6));
    }
}

static void a_black_hole_on_one_family_costs_less_than_the_connect_timeout(void **state)
{
    struct place *place = *state;
    int fillers[4];
    unsigned hole_port = 0;
    int hole = server_socket(AF_INET6, false, 0, &hole_port);
    int v4 = hole < 0 ? -1 : server_socket(AF_INET, false, 64, &hole_port);
    if (hole < 0 || v4 < 0)
        skip();
    fill_queue(hole_port, fillers);
    bench_rule(place->bench, "127.0.0.0/8");
    bench_rule(place->bench, "::1/128");
    const struct transfer_request request = post_to(place, "dual.test", hole_port);
    usec_t before = clock_monotonic();
    bench_start(place->bench, &request);
    struct pollfd wait = {.fd = v4, .events = POLLIN};
    while (poll(&wait, 1, 0) == 0 && clock_monotonic() - before < 5 * USEC_PER_SEC)
        assert_true(sd_event_run(place->bench->event, 5000) >= 0);
    assert_true(clock_monotonic() - before < request.connect_timeout);
    for (size_t i = 0; i < 4; i++)
        close(fillers[i]);
    close(hole);
    close(v4);
}

static void a_refused_address_gives_way_to_the_next_at_once(void **state)
{
    struct place *place = *state;
    unsigned port = 0;
    int v4 = server_socket(AF_INET, false, 64, &port);
    bench_rule(place->bench, "127.0.0.0/8");
    bench_rule(place->bench, "::1/128");
    const struct transfer_request request = post_to(place, "dual.test", port);
    usec_t before = clock_monotonic();
    bench_start(place->bench, &request);
    struct pollfd wait = {.fd = v4, .events = POLLIN};
    while (poll(&wait, 1, 0) == 0 && clock_monotonic() - before < 5 * USEC_PER_SEC)
        assert_true(sd_event_run(place->bench->event, 5000) >= 0);
    assert_true(clock_monotonic() - before < request.connect_timeout);
    close(v4);
}

static void a_host_without_any_open_port_is_no_connection(void **state)
{
    struct place *place = *state;
    unsigned port = 0;
    int v4 = server_socket(AF_INET, false, 1, &port);
    close(v4);
    bench_rule(place->bench, "127.0.0.0/8");
    bench_rule(place->bench, "::1/128");
    const struct transfer_request request = post_to(place, "dual.test", port);
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_CONNECT);
    assert_int_equal(outcome->sent_at, 0);
    assert_null(strstr(outcome->error, "dual"));
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACED(no_spelling_of_an_inner_address_is_connected_to),
        PLACED(the_same_hosts_are_reached_when_the_operator_allows_them),
        PLACED(a_name_that_leads_inward_is_refused_as_such),
        PLACED(plain_http_stays_inside_the_rules),
        PLACED(the_configured_feed_server_may_be_anywhere),
        PLACED(a_name_is_asked_for_once_while_it_is_remembered),
        PLACED(dead_names_hold_up_nobody),
        PLACED(a_black_hole_on_one_family_costs_less_than_the_connect_timeout),
        PLACED(a_refused_address_gives_way_to_the_next_at_once),
        PLACED(a_host_without_any_open_port_is_no_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
