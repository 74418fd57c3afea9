/* HTTP/2 against a real server that speaks nothing else (nghttpd): several deliveries to one
 * receiver share a connection. */
#include "bench.h"
#include "certificate.h"
#include "server.h"
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#define POSTS 24

extern char **environ;

struct place {
    struct name_server *names;
    struct bench *bench;
    char certificate[64], key[64], log[64];
    unsigned port;
    pid_t server;
};

static const struct name_row names[] = {{"good.test", "127.0.0.1", NULL, false, NULL}};

static bool answers(unsigned port)
{
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool open = connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return open;
}

static void write_files(struct place *place)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certificate_new(key, -86400, 86400);
    FILE *file = certificate_file(place->certificate);
    assert_non_null(file);
    PEM_write_X509(file, certificate);
    fclose(file);
    file = certificate_file(place->key);
    assert_non_null(file);
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    fclose(file);
    file = certificate_file(place->log);
    assert_non_null(file);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

/* False when there is no nghttpd. */
static bool start_server(struct place *place)
{
    unsigned port = 0;
    int probe = server_socket(AF_INET, false, 1, &port);
    close(probe);
    place->port = port;
    char text[16];
    snprintf(text, sizeof(text), "%u", port);
    char *arguments[] = {"nghttpd", "-v",       "--echo-upload",    "--address=127.0.0.1",
                         text,      place->key, place->certificate, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, place->log, O_WRONLY, 0600);
    int r = posix_spawnp(&place->server, "nghttpd", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    usec_t deadline = clock_monotonic() + 10 * USEC_PER_SEC;
    while (r == 0 && !answers(port) && clock_monotonic() < deadline)
        poll(NULL, 0, 10);
    return r == 0;
}

static int set_up(void **state)
{
    struct place *place = memory_new(NULL, struct place);
    write_files(place);
    place->names = name_server_new(names, 1);
    place->bench = bench_new();
    bench_names(place->bench, place->names->port);
    bench_rule(place->bench, "127.0.0.0/8");
    place->bench->ca_file = place->certificate;
    place->bench->limit_per_host = 4;
    if (!start_server(place))
        place->server = 0;
    *state = place;
    return 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    bench_free(place->bench);
    name_server_free(place->names);
    if (place->server > 0) {
        kill(place->server, SIGTERM);
        waitpid(place->server, NULL, 0);
    }
    unlink(place->certificate);
    unlink(place->key);
    unlink(place->log);
    talloc_free(place);
    return 0;
}

static struct transfer_request post_of(struct place *place, const char *body)
{
    return (struct transfer_request){
        .kind = TRANSFER_POST,
        .lane = LANE_RECEIVER,
        .url = memory_printf(place->bench, "https://good.test:%u/hook", place->port),
        .body = body,
        .body_length = strlen(body),
        .answer_bytes_max = 65536,
        .connect_timeout = 5 * USEC_PER_SEC,
        .total_timeout = 10 * USEC_PER_SEC,
    };
}

/* Connections that the server told of in its log after our own knocks: those with a request. */
static size_t connections_with_requests(const struct place *place)
{
    char line[1024];
    bool seen[64] = {false};
    size_t count = 0;
    FILE *file = fopen(place->log, "r");
    while (fgets(line, sizeof(line), file) != NULL) {
        const char *id = strstr(line, "[id=");
        size_t number = id != NULL ? strtoul(id + 4, NULL, 10) % 64 : 0;
        if (id == NULL || strstr(line, "HEADERS") == NULL || seen[number])
            continue;
        seen[number] = true;
        count++;
    }
    fclose(file);
    return count;
}

static void several_posts_to_one_receiver_share_a_connection(void **state)
{
    struct place *place = *state;
    if (place->server == 0)
        skip();
    struct outcome *outcomes[POSTS];
    const char *bodies[POSTS];
    for (size_t i = 0; i < POSTS; i++) {
        bodies[i] = memory_printf(place->bench, "{\"number\": %zu}", i);
        const struct transfer_request request = post_of(place, bodies[i]);
        outcomes[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    for (size_t i = 0; i < POSTS; i++) {
        assert_int_equal(outcomes[i]->failure, TRANSFER_OK);
        assert_int_equal(outcomes[i]->status, 200);
        assert_string_equal(outcomes[i]->body, bodies[i]);
    }
    assert_int_equal(connections_with_requests(place), 1);
}

static void a_server_that_stops_leaves_no_post_without_its_end(void **state)
{
    struct place *place = *state;
    if (place->server == 0)
        skip();
    struct outcome *outcomes[POSTS];
    for (size_t i = 0; i < POSTS; i++) {
        const struct transfer_request request = post_of(place, "{}");
        outcomes[i] = bench_start(place->bench, &request);
    }
    while (!outcomes[0]->done)
        assert_true(sd_event_run(place->bench->event, 100000) >= 0);
    kill(place->server, SIGKILL);
    bench_wait(place->bench);
    for (size_t i = 0; i < POSTS; i++) {
        assert_true(outcomes[i]->done);
        assert_true(outcomes[i]->failure == TRANSFER_OK || outcomes[i]->status == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(several_posts_to_one_receiver_share_a_connection, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_server_that_stops_leaves_no_post_without_its_end, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
