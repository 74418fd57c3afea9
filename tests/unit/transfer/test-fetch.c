/* GET and POST against a server that behaves in every way but the right one. */
#include "bench.h"
#include "server.h"
#include <errno.h>

#define HUGE_BYTES ((size_t)8 * 1024 * 1024)

static uint32_t checksum(const uint8_t *bytes, size_t length)
{
    uint32_t sum = 0xffffffff;
    for (size_t i = 0; i < length; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum;
}

#define GZIP_HEAD "\x1f\x8b\x08\0\0\0\0\0\0\xff"

/* gzip with one stored block (RFC 1951 3.2.4). */
static void say_zipped(int fd, const char *text)
{
    uint16_t length = (uint16_t)strlen(text), inverse = (uint16_t)~length;
    uint32_t sum = checksum((const uint8_t *)text, length), size = length;
    char head[128], zipped[256];
    size_t used = 10;
    memcpy(zipped, GZIP_HEAD, used);
    zipped[used++] = 1;
    memcpy(zipped + used, &length, 2);
    memcpy(zipped + used + 2, &inverse, 2);
    memcpy(zipped + used + 4, text, length);
    memcpy(zipped + used + 4 + length, &sum, 4);
    memcpy(zipped + used + 8 + length, &size, 4);
    used += 12u + length;
    snprintf(head, sizeof(head),
             "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", used);
    if (server_text(fd, head))
        server_say(fd, zipped, used);
}

static void drip(struct server *server, int fd, const char *start)
{
    server_text(fd, start);
    while (!server_wait(server, fd, 40) && !server->ending)
        server_text(fd, "x");
}

static void flood(int fd)
{
    static char block[65536];
    memset(block, 'x', sizeof(block));
    server_text(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    for (size_t sent = 0; sent < HUGE_BYTES; sent += sizeof(block)) {
        if (!server_say(fd, block, sizeof(block)))
            return;
    }
}

static void endless_headers(int fd)
{
    server_text(fd, "HTTP/1.1 200 OK\r\n");
    while (
        server_text(fd, "X-More: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"))
        continue;
}

/* Adds a Huffman code, its highest bit first. */
static void put_code(uint8_t *bytes, size_t *at, unsigned code, unsigned bits)
{
    for (unsigned i = bits; i-- > 0; (*at)++)
        bytes[*at / 8] = (uint8_t)(bytes[*at / 8] | (code >> i & 1) << *at % 8);
}

/* gzip of 8 MiB of zeros in some 50 kB: one zero, then "258 times the same", again and again. */
static void bomb(int fd)
{
    static uint8_t zipped[65536];
    memset(zipped, 0, sizeof(zipped));
    memcpy(zipped, GZIP_HEAD, 10);
    size_t at = 80;
    put_code(zipped, &at, 1, 1); /* last block */
    put_code(zipped, &at, 2, 2); /* fixed codes, lowest bit first */
    put_code(zipped, &at, 0x30, 8);
    for (size_t i = 0; i < HUGE_BYTES / 258; i++) {
        put_code(zipped, &at, 0xc5, 8);
        put_code(zipped, &at, 0, 5);
    }
    put_code(zipped, &at, 0, 7);
    server_text(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n");
    server_say(fd, zipped, at / 8 + 9);
}

#define CLOSE "Connection: close\r\n"

static const struct {
    const char *path, *answer;
} fixed[] = {
    {"/ok",
     "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"a1\"\r\nLast-Modified: Mon, 01 Jan 2024 "
     "07:22:00 GMT\r\n\r\nhello"},
    {"/missing", "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"},
    {"/same", "HTTP/1.1 304 Not Modified\r\nETag: \"a1\"\r\n\r\n"},
    {"/later", "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"},
    {"/hint", "HTTP/1.1 103 Early Hints\r\nETag: \"wrong\"\r\n\r\nHTTP/1.1 200 OK\r\nETag: "
              "\"right\"\r\nContent-Length: 2\r\n\r\nok"},
    {"/odd-etag", "HTTP/1.1 200 OK\r\nETag: \"\x01\x02\"\r\nContent-Length: 2\r\n\r\nok"},
    {"/half", "HTTP/1.1 200 OK\r\n" CLOSE "Content-Length: 1000\r\n\r\nhalf"},
    {"/half-chunk", "HTTP/1.1 200 OK\r\n" CLOSE "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
    {"/head-only", "HTTP/1.1 200 OK\r\nContent-Le"},
    {"/old", "no http at all\r\n"},
    {"/bad-gzip",
     "HTTP/1.1 200 OK\r\n" CLOSE "Content-Encoding: gzip\r\nContent-Length: 7\r\n\r\nno gzip"},
    {"/claims-much", "HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\nx"},
    {"/nothing", ""},
};

static bool serve(struct server *server, int fd, const char *path)
{
    char text[256];
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (strcmp(path, fixed[i].path) == 0)
            return server_text(fd, fixed[i].answer) && strstr(fixed[i].answer, CLOSE) == NULL &&
                   strstr(fixed[i].answer, "\r\n\r\n") != NULL;
    }
    if (strcmp(path, "/away") == 0) {
        snprintf(text, sizeof(text),
                 "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%u/ok\r\nContent-Length: "
                 "0\r\n\r\n",
                 server->port);
        return server_text(fd, text);
    }
    if (strcmp(path, "/drip-head") == 0)
        drip(server, fd, "HTTP/1.1 200 OK\r\nX-Slow: ");
    else if (strcmp(path, "/drip-body") == 0)
        drip(server, fd, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
    else if (strcmp(path, "/hang") == 0)
        server_wait(server, fd, 20000);
    else if (strcmp(path, "/flood") == 0)
        flood(fd);
    else if (strcmp(path, "/endless") == 0)
        endless_headers(fd);
    else if (strcmp(path, "/bomb") == 0)
        bomb(fd);
    else if (strcmp(path, "/zipped") == 0)
        say_zipped(fd, "a telegram, a telegram, a telegram");
    return false;
}

static void talk(struct server *server, int fd)
{
    char *request = malloc(SERVER_TEXT);
    char path[128];
    while (server_request(server, fd, request, SERVER_TEXT)) {
        if (sscanf(request, "%*s %127s", path) != 1 || !serve(server, fd, path))
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
    bench_rule(place->bench, "::1/128");
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

static struct transfer_request request_of(struct place *place, enum transfer_kind kind,
                                          const char *path)
{
    return (struct transfer_request){
        .kind = kind,
        .lane = kind == TRANSFER_GET ? LANE_FEED : LANE_RECEIVER,
        .url = memory_printf(place->bench, "http://127.0.0.1:%u%s", place->server->port, path),
        .body = kind == TRANSFER_POST ? "{}" : NULL,
        .body_length = kind == TRANSFER_POST ? 2 : 0,
        .answer_bytes_max = 65536,
        .connect_timeout = USEC_PER_SEC,
        .total_timeout = 2 * USEC_PER_SEC,
    };
}

static struct outcome *run(struct place *place, enum transfer_kind kind, const char *path)
{
    const struct transfer_request request = request_of(place, kind, path);
    return bench_run(place->bench, &request);
}

static void an_answer_comes_with_its_headers_and_times(void **state)
{
    struct place *place = *state;
    usec_t before = clock_monotonic();
    struct outcome *outcome = run(place, TRANSFER_GET, "/ok");
    assert_int_equal(outcome->failure, TRANSFER_OK);
    assert_int_equal(outcome->status, 200);
    assert_null(outcome->error);
    assert_string_equal(outcome->body, "hello");
    assert_string_equal(outcome->etag, "\"a1\"");
    assert_string_equal(outcome->last_modified, "Mon, 01 Jan 2024 07:22:00 GMT");
    assert_true(outcome->sent_at >= before && outcome->sent_at <= outcome->ended_at);
    assert_true(outcome->bytes_moved > 100);
}

static void a_status_that_is_no_success_is_an_answer_too(void **state)
{
    struct place *place = *state;
    assert_int_equal(run(place, TRANSFER_GET, "/missing")->status, 404);
    assert_int_equal(run(place, TRANSFER_GET, "/missing")->failure, TRANSFER_OK);
    struct outcome *same = run(place, TRANSFER_GET, "/same");
    assert_int_equal(same->status, 304);
    assert_int_equal(same->failure, TRANSFER_OK);
    assert_int_equal(same->body_length, 0);
    struct outcome *later = run(place, TRANSFER_POST, "/later");
    assert_int_equal(later->status, 503);
    assert_string_equal(later->retry_after, "7");
}

static void headers_of_the_final_answer_count(void **state)
{
    struct place *place = *state;
    struct outcome *outcome = run(place, TRANSFER_GET, "/hint");
    assert_int_equal(outcome->status, 200);
    assert_string_equal(outcome->etag, "\"right\"");
}

static void a_validator_that_could_not_be_sent_back_is_dropped(void **state)
{
    struct place *place = *state;
    struct outcome *outcome = run(place, TRANSFER_GET, "/odd-etag");
    assert_int_equal(outcome->failure, TRANSFER_OK);
    assert_null(outcome->etag);
}

static void a_redirect_is_not_followed(void **state)
{
    struct place *place = *state;
    struct outcome *outcome = run(place, TRANSFER_GET, "/away");
    assert_int_equal(outcome->status, 302);
    assert_int_equal(place->server->requests, 1);
}

static void the_body_and_the_headers_arrive_as_given(void **state)
{
    struct place *place = *state;
    static const char *const headers[] = {"webhook-id: msg_1", "content-type: application/json",
                                          NULL};
    struct transfer_request request = request_of(place, TRANSFER_POST, "/ok");
    request.headers = headers;
    request.body = "{\"a\": 1}";
    request.body_length = 8;
    assert_int_equal(bench_run(place->bench, &request)->status, 200);
    const char *last = place->server->last;
    assert_non_null(strstr(last, "POST /ok HTTP/1.1\r\n"));
    assert_non_null(strstr(last, "\r\nwebhook-id: msg_1\r\n"));
    assert_non_null(strstr(last, "\r\nUser-Agent: test\r\n"));
    assert_non_null(strstr(last, "\r\n\r\n{\"a\": 1}"));
    assert_null(strcasestr(last, "expect:"));
    assert_null(strcasestr(last, "x-www-form-urlencoded"));
}

static void a_dripping_answer_ends_at_the_total_timeout(void **state)
{
    struct place *place = *state;
    static const char *const paths[] = {"/drip-head", "/drip-body", "/hang"};
    for (size_t i = 0; i < 3; i++) {
        struct transfer_request request = request_of(place, TRANSFER_GET, paths[i]);
        request.total_timeout = 300 * USEC_PER_MSEC;
        usec_t before = clock_monotonic();
        struct outcome *outcome = bench_run(place->bench, &request);
        assert_int_equal(outcome->failure, TRANSFER_TIMEOUT);
        assert_true(outcome->monotonic_end - before < 1500 * USEC_PER_MSEC);
    }
}

static void a_get_that_is_too_large_is_an_error(void **state)
{
    struct place *place = *state;
    static const char *const paths[] = {"/flood", "/claims-much", "/bomb", "/endless"};
    for (size_t i = 0; i < 4; i++) {
        struct outcome *outcome = run(place, TRANSFER_GET, paths[i]);
        assert_int_equal(outcome->failure, TRANSFER_TOO_LARGE);
        assert_true(outcome->body_length <= 65536);
    }
}

static void an_answer_to_a_post_is_cut_and_still_a_receipt(void **state)
{
    struct place *place = *state;
    struct outcome *outcome = run(place, TRANSFER_POST, "/flood");
    assert_int_equal(outcome->failure, TRANSFER_OK);
    assert_int_equal(outcome->status, 200);
    assert_int_equal(outcome->body_length, 65536);
    outcome = run(place, TRANSFER_POST, "/half");
    assert_int_equal(outcome->failure, TRANSFER_OK);
    assert_int_equal(outcome->status, 200);
    outcome = run(place, TRANSFER_POST, "/head-only");
    assert_int_equal(outcome->failure, TRANSFER_CUT);
    assert_int_equal(outcome->status, 0);
}

static void a_zipped_answer_is_unpacked(void **state)
{
    struct place *place = *state;
    struct outcome *outcome = run(place, TRANSFER_GET, "/zipped");
    assert_int_equal(outcome->failure, TRANSFER_OK);
    assert_string_equal(outcome->body, "a telegram, a telegram, a telegram");
    assert_non_null(strstr(place->server->last, "\r\nAccept-Encoding: gzip\r\n"));
}

static void a_get_that_is_not_whole_is_cut(void **state)
{
    struct place *place = *state;
    static const char *const paths[] = {"/half", "/half-chunk", "/nothing", "/bad-gzip",
                                        "/head-only"};
    for (size_t i = 0; i < 5; i++) {
        struct outcome *outcome = run(place, TRANSFER_GET, paths[i]);
        if (outcome->failure != TRANSFER_CUT)
            fail_msg("%s: %d", paths[i], (int)outcome->failure);
    }
    assert_int_not_equal(run(place, TRANSFER_GET, "/old")->failure, TRANSFER_OK);
}

static void an_error_never_names_the_receiver(void **state)
{
    struct place *place = *state;
    static const char *const paths[] = {"/hang", "/nothing", "/old", "/half"};
    for (size_t i = 0; i < 4; i++) {
        struct transfer_request request = request_of(place, TRANSFER_GET, paths[i]);
        request.total_timeout = 200 * USEC_PER_MSEC;
        struct outcome *outcome = bench_run(place->bench, &request);
        assert_non_null(outcome->error);
        assert_null(strstr(outcome->error, "127.0"));
        assert_null(strstr(outcome->error, "/"));
    }
}

static void what_has_expired_is_not_sent(void **state)
{
    struct place *place = *state;
    struct transfer_request request = request_of(place, TRANSFER_POST, "/ok");
    request.expires_at = clock_monotonic() - 1;
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_EXPIRED);
    assert_int_equal(outcome->sent_at, 0);
    assert_int_equal(place->server->accepted, 0);
}

static void what_expires_in_the_queue_is_not_sent(void **state)
{
    struct place *place = *state;
    place->bench->limit_per_host = 1;
    struct transfer_request slow = request_of(place, TRANSFER_POST, "/hang");
    slow.total_timeout = 400 * USEC_PER_MSEC;
    struct transfer_request late = request_of(place, TRANSFER_POST, "/ok");
    late.expires_at = clock_monotonic() + 200 * USEC_PER_MSEC;
    struct outcome *first = bench_start(place->bench, &slow);
    struct outcome *second = bench_start(place->bench, &late);
    bench_wait(place->bench);
    assert_int_equal(first->failure, TRANSFER_TIMEOUT);
    assert_int_equal(second->failure, TRANSFER_EXPIRED);
    assert_int_equal(place->server->requests, 1);
}

static void a_request_with_more_than_it_should_hold_is_refused(void **state)
{
    struct place *place = *state;
    static const char *const bad[] = {
        "X-A: b\r\nX-Evil: 1",
        "X-A: b\nX-Evil: 1",
        "X-A: b\rc",
        "X-A:",
        "X-A",
        ": b",
        "X A: b",
        "X-A: \x01",
        "X-A: a\x7f",
        "Content-Length: 3",
        "Transfer-Encoding: chunked",
        "Host: other",
        "\r\n",
        "",
        "X-A;",
        "Expect: 100-continue",
    };
    struct transfer_request request = request_of(place, TRANSFER_POST, "/ok");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *const headers[] = {bad[i], NULL};
        request.headers = headers;
        if (transfer_start(bench_transfer(place->bench), &request, outcome_take, NULL) != -EINVAL)
            fail_msg("taken: %s", bad[i]);
    }
    request.headers = NULL;
    static const char *const urls[] = {NULL,
                                       "",
                                       "http://",
                                       "ftp://127.0.0.1/",
                                       "file:///etc/passwd",
                                       "http://127.0.0.1/a b",
                                       "http://127.0.0.1/\r\nX: y",
                                       "smtp://127.0.0.1/"};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        request.url = urls[i];
        assert_int_equal(transfer_start(bench_transfer(place->bench), &request, outcome_take, NULL),
                         -EINVAL);
    }
    assert_int_equal(transfer_running(place->bench->transfer), 0);
}

static void the_environment_has_no_say(void **state)
{
    struct place *place = *state;
    setenv("http_proxy", "http://127.0.0.1:9/", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:9/", 1);
    struct outcome *outcome = run(place, TRANSFER_GET, "/ok");
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    assert_int_equal(outcome->status, 200);
}

static void two_hundred_at_once_all_end_over_few_connections(void **state)
{
    struct place *place = *state;
    struct outcome *outcomes[200];
    for (size_t i = 0; i < 200; i++) {
        const struct transfer_request request = request_of(place, TRANSFER_POST, "/ok");
        outcomes[i] = bench_start(place->bench, &request);
    }
    assert_int_equal(transfer_running(place->bench->transfer), 200);
    bench_wait(place->bench);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(outcomes[i]->status, 200);
    /* Kept alive: far fewer connections than requests. */
    assert_int_equal(place->server->requests, 200);
    assert_true(place->server->accepted <= 4);
}

static void a_host_has_two_at_once_at_most(void **state)
{
    struct place *place = *state;
    struct transfer_request slow = request_of(place, TRANSFER_POST, "/hang");
    slow.total_timeout = 200 * USEC_PER_MSEC;
    usec_t before = clock_monotonic();
    for (unsigned i = 0; i < 6; i++)
        bench_start(place->bench, &slow);
    bench_wait(place->bench);
    assert_true(clock_monotonic() - before >= 590 * USEC_PER_MSEC);
}

static void hosts_do_not_wait_for_each_other(void **state)
{
    struct place *place = *state;
    struct outcome *outcomes[200];
    for (unsigned i = 0; i < 200; i++) {
        struct transfer_request request = request_of(place, TRANSFER_POST, "/ok");
        request.url = memory_printf(place->bench, "http://127.0.1.%u:%u/%s", i + 1,
                                    place->server->port, i % 5 == 0 ? "hang" : "ok");
        request.total_timeout = 4 * USEC_PER_SEC;
        outcomes[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    /* By order and not by the clock: others use the machine too. */
    usec_t last_good = 0, first_hanging = INT64_MAX;
    for (unsigned i = 0; i < 200; i++) {
        usec_t end = outcomes[i]->monotonic_end;
        bool hangs = i % 5 == 0;
        assert_int_equal(outcomes[i]->failure, hangs ? TRANSFER_TIMEOUT : TRANSFER_OK);
        last_good = !hangs && end > last_good ? end : last_good;
        first_hanging = hangs && end < first_hanging ? end : first_hanging;
    }
    assert_true(last_good < first_hanging);
}

static void the_feed_is_reached_while_all_slots_hang(void **state)
{
    struct place *place = *state;
    place->bench->limit = 2;
    struct transfer_request slow = request_of(place, TRANSFER_POST, "/hang");
    slow.total_timeout = USEC_PER_SEC;
    for (unsigned i = 0; i < 6; i++)
        bench_start(place->bench, &slow);
    struct outcome *feed = NULL;
    usec_t before = clock_monotonic();
    const struct transfer_request request = request_of(place, TRANSFER_GET, "/ok");
    feed = bench_start(place->bench, &request);
    bench_wait(place->bench);
    assert_int_equal(feed->status, 200);
    assert_true(feed->monotonic_end - before < 500 * USEC_PER_MSEC);
}

static void a_service_can_be_freed_with_transfers_under_way(void **state)
{
    struct place *place = *state;
    for (unsigned i = 0; i < 10; i++) {
        const struct transfer_request request = request_of(place, TRANSFER_POST, "/hang");
        bench_start(place->bench, &request);
    }
    for (unsigned i = 0; i < 20; i++)
        assert_true(sd_event_run(place->bench->event, 2000) >= 0);
    assert_int_equal(transfer_running(place->bench->transfer), 10);
}

struct chain {
    struct place *place;
    unsigned left;
};

static void start_another(void *userdata, const struct transfer_result *result)
{
    struct chain *chain = userdata;
    assert_int_equal(result->status, 200);
    if (--chain->left == 0)
        return;
    const struct transfer_request request = request_of(chain->place, TRANSFER_POST, "/ok");
    assert_int_equal(transfer_start(chain->place->bench->transfer, &request, start_another, chain),
                     0);
}

static void a_callback_may_start_the_next(void **state)
{
    struct place *place = *state;
    struct chain chain = {.place = place, .left = 20};
    const struct transfer_request request = request_of(place, TRANSFER_POST, "/ok");
    assert_int_equal(transfer_start(bench_transfer(place->bench), &request, start_another, &chain),
                     0);
    usec_t before = clock_monotonic();
    bench_wait(place->bench);
    assert_int_equal(chain.left, 0);
    /* sd-event's own accuracy of 250 ms would make it seconds. */
    assert_true(clock_monotonic() - before < 2 * USEC_PER_SEC);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACED(an_answer_comes_with_its_headers_and_times),
        PLACED(a_status_that_is_no_success_is_an_answer_too),
        PLACED(headers_of_the_final_answer_count),
        PLACED(a_validator_that_could_not_be_sent_back_is_dropped),
        PLACED(a_redirect_is_not_followed),
        PLACED(the_body_and_the_headers_arrive_as_given),
        PLACED(a_dripping_answer_ends_at_the_total_timeout),
        PLACED(a_get_that_is_too_large_is_an_error),
        PLACED(an_answer_to_a_post_is_cut_and_still_a_receipt),
        PLACED(a_zipped_answer_is_unpacked),
        PLACED(a_get_that_is_not_whole_is_cut),
        PLACED(an_error_never_names_the_receiver),
        PLACED(what_has_expired_is_not_sent),
        PLACED(what_expires_in_the_queue_is_not_sent),
        PLACED(a_request_with_more_than_it_should_hold_is_refused),
        PLACED(the_environment_has_no_say),
        PLACED(two_hundred_at_once_all_end_over_few_connections),
        PLACED(a_host_has_two_at_once_at_most),
        PLACED(hosts_do_not_wait_for_each_other),
        PLACED(the_feed_is_reached_while_all_slots_hang),
        PLACED(a_service_can_be_freed_with_transfers_under_way),
        PLACED(a_callback_may_start_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
