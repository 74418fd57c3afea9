/* Real requests over loopback sockets to a server on a port of its own. */
#include "http/fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define ANSWER_BYTES ((size_t)4 * 1024 * 1024)

struct world {
    TALLOC_CTX *context;
    struct fixture *fixture;
    struct http_server *server;
};

static int server_start(void **state, usec_t stale_after)
{
    struct world *world = memory_new(NULL, struct world);
    world->context = world;
    world->fixture = fixture_new(world);
    const struct http_options options = {.address = "127.0.0.1",
                                         .port = 0,
                                         .catalogue = fixture_catalogue(),
                                         .stale_after = stale_after};
    if (http_start(world, &options, &world->server) < 0)
        return -1;
    *state = world;
    return 0;
}

static int setup(void **state)
{
    return server_start(state, 90 * USEC_PER_SEC);
}

static int setup_always_old(void **state)
{
    return server_start(state, -1);
}

static int teardown(void **state)
{
    struct world *world = *state;
    http_stop(world->server);
    talloc_free(world);
    return 0;
}

static void publish(struct world *world)
{
    http_publish(world->server, fixture_set(world->fixture));
}

static int dial(const struct world *world)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_port(world->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    const struct timeval patience = {.tv_sec = 20};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* Sends bytes as they are; what comes until the server closes, as text. */
static char *exchange(struct world *world, const char *request)
{
    int fd = dial(world);
    size_t length = strlen(request);
    assert_int_equal(send(fd, request, length, MSG_NOSIGNAL), length);
    struct buffer *answer = buffer_new(world, ANSWER_BYTES);
    char bytes[8192];
    ssize_t count;
    while ((count = read(fd, bytes, sizeof(bytes))) > 0)
        buffer_append(answer, bytes, (size_t)count);
    assert_false(count < 0 && errno != ECONNRESET);
    close(fd);
    return answer->bytes;
}

static char *ask(struct world *world, const char *method, const char *path, const char *headers)
{
    return exchange(world, memory_printf(world,
                                         "%s %s HTTP/1.1\r\nHost: localhost\r\n"
                                         "Connection: close\r\n%s\r\n",
                                         method, path, headers));
}

static char *get(struct world *world, const char *path)
{
    return ask(world, "GET", path, "");
}

static void assert_status(const char *answer, int status)
{
    int found = 0;
    assert_int_equal(sscanf(answer, "HTTP/1.1 %d ", &found), 1);
    if (found != status)
        fail_msg("status %d instead of %d: %.500s", found, status, answer);
}

static const char *body_of(const char *answer)
{
    const char *blank = strstr(answer, "\r\n\r\n");
    assert_non_null(blank);
    return blank + 4;
}

static void before_the_first_snapshot_the_page_says_that_it_cannot_see(void **state)
{
    struct world *world = *state;
    char *answer = get(world, "/");
    assert_status(answer, 200);
    assert_contains(answer, "page.blind-start");
    assert_lacks(answer, "NOTHING IN FORCE");
    assert_status(get(world, "/healthz"), 503);
    assert_status(get(world, "/readyz"), 503);
    answer = get(world, "/api/v1/alerts");
    assert_status(answer, 200);
    assert_contains(answer, "\"generated_at\":null,\"sight\":\"unavailable\"");
    assert_lacks(get(world, "/metrics"), "\nnoroshi_snapshot_age_seconds ");
}

static void every_route_answers_with_its_type_and_the_safe_headers(void **state)
{
    struct world *world = *state;
    publish(world);
    static const char *const routes[][2] = {
        {"/", "text/html; charset=utf-8"},
        {"/api/v1/alerts", "application/json"},
        {"/api/v1/status", "application/json"},
        {"/healthz", "application/json"},
        {"/readyz", "application/json"},
        {"/metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8"},
    };
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        char *answer = get(world, routes[i][0]);
        assert_status(answer, 200);
        assert_contains(answer, memory_printf(world, "Content-Type: %s\r\n", routes[i][1]));
        assert_contains(answer, "X-Content-Type-Options: nosniff\r\n");
        assert_contains(answer, "X-Frame-Options: DENY\r\n");
        assert_contains(answer, "Referrer-Policy: no-referrer\r\n");
        assert_contains(answer, "Content-Security-Policy: default-src 'none'; style-src 'sha256-");
        assert_contains(answer, "Cache-Control: no-");
    }
    assert_contains(get(world, "/"), "Vary: Accept-Language, Accept-Encoding\r\n");
    char *metrics = get(world, "/metrics");
    assert_contains(metrics, "noroshi_snapshot_age_seconds 0.");
    assert_string_equal(metrics + strlen(metrics) - 6, "# EOF\n");
}

static void head_gives_the_headers_alone(void **state)
{
    struct world *world = *state;
    publish(world);
    static const char *const paths[] = {"/", "/api/v1/alerts", "/metrics", "/nowhere"};
    for (size_t i = 0; i < 4; i++) {
        char *answer = ask(world, "HEAD", paths[i], "");
        assert_status(answer, i < 3 ? 200 : 404);
        assert_string_equal(body_of(answer), "");
        assert_contains(answer, "Content-Length: ");
        assert_lacks(answer, "Content-Length: 0");
    }
}

static void unknown_paths_are_not_found_as_a_problem(void **state)
{
    struct world *world = *state;
    publish(world);
    static const char *const paths[] = {
        "/x",        "//",          "/api/v1/alerts/",  "/../etc/passwd",
        "/%2e%2e/x", "/index.html", "/api/v1/status%00"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        char *answer = get(world, paths[i]);
        if (strstr(answer, "HTTP/1.1 400") == answer)
            continue;
        assert_status(answer, 404);
        assert_contains(answer, "Content-Type: application/problem+json\r\n");
        assert_contains(answer, "\"status\":404");
    }
}

static void other_methods_are_refused_without_reading_their_body(void **state)
{
    struct world *world = *state;
    publish(world);
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        char *answer = ask(world, methods[i], "/api/v1/alerts", "Content-Length: 1000000\r\n");
        assert_status(answer, 405);
        assert_contains(answer, "Allow: GET, HEAD\r\n");
        assert_contains(answer, "application/problem+json");
    }
}

static void a_connection_is_kept_for_the_next_request(void **state)
{
    struct world *world = *state;
    publish(world);
    char *answers = exchange(world, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
                                    "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"
                                    "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_int_equal(fixture_times(answers, "HTTP/1.1 200 OK\r\n"), 3);
    assert_int_equal(fixture_times(answers, "<html"), 1);
}

static void a_body_with_a_get_is_not_read(void **state)
{
    struct world *world = *state;
    publish(world);
    char *answer = exchange(world, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n"
                                   "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(fixture_times(answer, "HTTP/1.1 "), 1);
    assert_contains(answer, "Connection: close\r\n");
}

static void a_known_tag_gives_304_until_something_changes(void **state)
{
    struct world *world = *state;
    publish(world);
    static const char *const paths[] = {"/", "/api/v1/alerts", "/api/v1/status"};
    for (size_t i = 0; i < 3; i++) {
        char *answer = get(world, paths[i]);
        char tag[100];
        assert_int_equal(sscanf(strstr(answer, "ETag: "), "ETag: %99s", tag), 1);
        char *same = ask(world, "GET", paths[i],
                         memory_printf(world, "If-None-Match: \"x\", W/%s\r\n", tag));
        assert_status(same, 304);
        assert_string_equal(body_of(same), "");
        assert_contains(same, tag);
        world->fixture->input.now += USEC_PER_SEC;
        publish(world);
        assert_status(
            ask(world, "GET", paths[i], memory_printf(world, "If-None-Match: %s\r\n", tag)), 200);
    }
}

static void tags_of_two_languages_differ(void **state)
{
    struct world *world = *state;
    publish(world);
    char tag[100];
    assert_int_equal(sscanf(strstr(get(world, "/?lang=vi"), "ETag: "), "ETag: %99s", tag), 1);
    assert_status(
        ask(world, "GET", "/?lang=ja", memory_printf(world, "If-None-Match: %s\r\n", tag)), 200);
}

static void the_reader_gets_the_language_that_he_wants_most(void **state)
{
    struct world *world = *state;
    publish(world);
    static const char *const wishes[][2] = {
        {"Accept-Language: ja;q=0.3,vi;q=0.9,en;q=0.5\r\n", "vi"},
        {"Accept-Language: xx, zh-Hans;q=0.1\r\n", "zh-Hans"},
        {"Accept-Language: xx\r\n", "en"},
        {"", "en"},
    };
    for (size_t i = 0; i < 4; i++) {
        char *answer = ask(world, "GET", "/", wishes[i][0]);
        assert_contains(answer, memory_printf(world, "<html lang=\"%s\">", wishes[i][1]));
        assert_contains(answer, memory_printf(world, "Content-Language: %s\r\n", wishes[i][1]));
    }
    char *answer = ask(world, "GET", "/?lang=ja", "Accept-Language: vi\r\n");
    assert_contains(answer, "<html lang=\"ja\">");
    answer = ask(world, "GET", "/?lang=%22%3Cscript", "Accept-Language: vi\r\n");
    assert_contains(answer, "<html lang=\"vi\">");
}

static void the_api_refuses_a_language_that_it_does_not_have(void **state)
{
    struct world *world = *state;
    fixture_force(world->fixture, fixture_alert(world, "a", HAZARD_TSUNAMI, 5));
    publish(world);
    assert_status(get(world, "/api/v1/alerts?lang=xx"), 400);
    char *answer = get(world, "/api/v1/alerts?lang=vi");
    assert_status(answer, 200);
    assert_contains(answer, "\"messages\":{\"vi\":{");
    assert_lacks(answer, "\"messages\":{\"vi\":{\"en\"");
    json_t *json = json_loads(body_of(answer), 0, NULL);
    assert_non_null(json);
    json_decref(json);
}

static void a_snapshot_that_is_too_old_is_not_the_present(void **state)
{
    struct world *world = *state;
    fixture_force(world->fixture, fixture_alert(world, "a", HAZARD_TSUNAMI, 5));
    publish(world);
    char *answer = get(world, "/");
    assert_contains(answer, "BLIND SINCE");
    assert_contains(answer, "HEAD en tsunami");
    assert_status(get(world, "/healthz"), 503);
    assert_status(get(world, "/readyz"), 503);
    assert_contains(get(world, "/api/v1/alerts"), "\"snapshot_old\":true");
}

static void readiness_follows_what_was_published(void **state)
{
    struct world *world = *state;
    publish(world);
    assert_status(get(world, "/readyz"), 200);
    assert_status(get(world, "/healthz"), 200);
    world->fixture->input.store_writable = false;
    publish(world);
    char *answer = get(world, "/readyz");
    assert_status(answer, 503);
    assert_contains(answer, "application/problem+json");
    assert_contains(answer, "the store cannot be written");
    assert_status(get(world, "/healthz"), 200);
}

static void too_large_a_header_is_refused(void **state)
{
    struct world *world = *state;
    publish(world);
    char *header = memory_text(world, "X-Large: ");
    for (size_t i = 0; i < 400; i++)
        header =
            talloc_strdup_append(header, "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    char *answer = ask(world, "GET", "/", talloc_strdup_append(header, "\r\n"));
    if (answer[0] != '\0')
        assert_status(answer, 431);
    assert_status(get(world, "/healthz"), 200);
}

static void broken_framing_is_never_answered_with_a_page(void **state)
{
    struct world *world = *state;
    publish(world);
    static const char *const requests[] = {
        "GET / HTTP/1.1\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "\x16\x03\x01\x02\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        assert_lacks(exchange(world, requests[i]), "200 OK");
    assert_status(get(world, "/healthz"), 200);
}

/* ---- slow clients ---- */

#define DRIPPING 200

static void two_hundred_dripping_clients_do_not_stop_a_probe(void **state)
{
    struct world *world = *state;
    publish(world);
    int fds[DRIPPING];
    for (size_t i = 0; i < DRIPPING; i++) {
        fds[i] = dial(world);
        assert_true(send(fds[i], "GET / HTTP/1.1\r\nHost: a\r\n", 25, MSG_NOSIGNAL) == 25);
    }
    for (size_t round = 0; round < 20; round++) {
        for (size_t i = 0; i < DRIPPING; i++)
            assert_true(send(fds[i], "X", 1, MSG_NOSIGNAL) == 1);
        usec_t begin = clock_monotonic();
        assert_status(get(world, "/healthz"), 200);
        assert_status(get(world, "/"), 200);
        assert_true(clock_monotonic() - begin < USEC_PER_SEC);
    }
    for (size_t i = 0; i < DRIPPING; i++)
        close(fds[i]);
}

/* ---- swapping while others read ---- */

struct reader {
    struct world *world;
    pthread_t thread;
    unsigned good, bad;
};

/* Keeps one connection and asks again and again; cmocka's asserts are for the main thread only. */
static void *read_pages(void *context)
{
    struct reader *reader = context;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_port(reader->world->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (size_t i = 0; i < 100; i++) {
        static const char request[] =
            "GET /api/v1/alerts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        char bytes[4096], last = 0;
        ssize_t count, total = 0;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
            send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0) {
            reader->bad++;
        } else {
            while ((count = read(fd, bytes, sizeof(bytes))) > 0) {
                total += count;
                last = bytes[count - 1];
            }
            if (total > 1000 && last == '\n')
                reader->good++;
            else
                reader->bad++;
        }
        if (fd >= 0)
            close(fd);
    }
    return NULL;
}

static void snapshots_can_be_swapped_while_they_are_read(void **state)
{
    struct world *world = *state;
    struct reader readers[3] = {0};
    fixture_force(world->fixture, fixture_alert(world, "a", HAZARD_TSUNAMI, 5));
    publish(world);
    for (size_t i = 0; i < 3; i++) {
        readers[i].world = world;
        assert_int_equal(pthread_create(&readers[i].thread, NULL, read_pages, &readers[i]), 0);
    }
    for (size_t i = 0; i < 100; i++) {
        world->fixture->input.now++;
        publish(world);
    }
    for (size_t i = 0; i < 3; i++) {
        pthread_join(readers[i].thread, NULL);
        assert_int_equal(readers[i].bad, 0);
        assert_int_equal(readers[i].good, 100);
    }
}

static void a_server_that_cannot_listen_says_why(void **state)
{
    struct world *world = *state;
    struct http_server *server = NULL;
    struct http_options options = {.address = "127.0.0.1",
                                   .port = http_port(world->server),
                                   .catalogue = fixture_catalogue(),
                                   .stale_after = USEC_PER_SEC};
    assert_int_equal(http_start(world, &options, &server), -EADDRINUSE);
    options.address = "not an address";
    assert_int_equal(http_start(world, &options, &server), -EINVAL);
    options.port = 70000;
    options.address = "127.0.0.1";
    assert_int_equal(http_start(world, &options, &server), -EINVAL);
    assert_null(server);
    http_stop(NULL);
}

#define with_server(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_server(before_the_first_snapshot_the_page_says_that_it_cannot_see),
        with_server(every_route_answers_with_its_type_and_the_safe_headers),
        with_server(head_gives_the_headers_alone),
        with_server(unknown_paths_are_not_found_as_a_problem),
        with_server(other_methods_are_refused_without_reading_their_body),
        with_server(a_connection_is_kept_for_the_next_request),
        with_server(a_body_with_a_get_is_not_read),
        with_server(a_known_tag_gives_304_until_something_changes),
        with_server(tags_of_two_languages_differ),
        with_server(the_reader_gets_the_language_that_he_wants_most),
        with_server(the_api_refuses_a_language_that_it_does_not_have),
        cmocka_unit_test_setup_teardown(a_snapshot_that_is_too_old_is_not_the_present,
                                        setup_always_old, teardown),
        with_server(readiness_follows_what_was_published),
        with_server(too_large_a_header_is_refused),
        with_server(broken_framing_is_never_answered_with_a_page),
        with_server(two_hundred_dripping_clients_do_not_stop_a_probe),
        with_server(snapshots_can_be_swapped_while_they_are_read),
        with_server(a_server_that_cannot_listen_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
