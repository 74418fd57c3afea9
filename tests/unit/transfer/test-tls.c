/* TLS: what is trusted, and that nothing else is (test 55). Certificates are made on the spot. */
#include "bench.h"
#include "certificate.h"
#include "server.h"
#include <openssl/ssl.h>
#include <signal.h>

struct place {
    struct server *server;
    struct name_server *names;
    struct bench *bench;
    SSL_CTX *context;
    char file[64];
};

static const struct name_row names[] = {{"good.test", "127.0.0.1", NULL, false, NULL},
                                        {"other.test", "127.0.0.1", NULL, false, NULL}};

static void talk(struct server *server, int fd)
{
    struct place *place = server->more;
    char request[4096];
    /* Only here: our own side must never raise it. */
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    SSL *ssl = SSL_new(place->context);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof(request)) > 0) {
        static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        SSL_write(ssl, answer, sizeof(answer) - 1);
        server->requests++;
        server_wait(server, fd, 500);
    }
    SSL_free(ssl);
}

/* Our side of the connection shows a certificate that is valid from and for so many seconds. */
static void make_certificate(struct place *place, long from, long until)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certificate_new(key, from, until);
    place->context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(place->context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(place->context, key), 1);
    FILE *file = certificate_file(place->file);
    assert_non_null(file);
    PEM_write_X509(file, certificate);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static struct place *place_new(long from, long until)
{
    struct place *place = memory_new(NULL, struct place);
    make_certificate(place, from, until);
    place->server = server_new(talk, place);
    place->names = name_server_new(names, sizeof(names) / sizeof(names[0]));
    place->bench = bench_new();
    bench_names(place->bench, place->names->port);
    bench_rule(place->bench, "127.0.0.0/8");
    return place;
}

static void place_free(struct place *place)
{
    bench_free(place->bench);
    server_free(place->server);
    name_server_free(place->names);
    SSL_CTX_free(place->context);
    unlink(place->file);
    talloc_free(place);
}

static struct outcome *fetch(struct place *place, const char *host, enum transfer_lane lane)
{
    const struct transfer_request request = {
        .kind = TRANSFER_GET,
        .lane = lane,
        .url = memory_printf(place->bench, "https://%s:%u/", host, place->server->port),
        .answer_bytes_max = 1024,
        .connect_timeout = 2 * USEC_PER_SEC,
        .total_timeout = 3 * USEC_PER_SEC,
    };
    return bench_run(place->bench, &request);
}

#define DAY 86400L

static void a_certificate_of_the_operators_file_is_trusted(void **state)
{
    (void)state;
    struct place *place = place_new(-DAY, DAY);
    place->bench->ca_file = place->file;
    assert_int_equal(fetch(place, "good.test", LANE_RECEIVER)->status, 200);
    assert_int_equal(fetch(place, "good.test", LANE_FEED)->status, 200);
    place_free(place);
}

static void an_unknown_certificate_is_refused_in_every_lane(void **state)
{
    (void)state;
    struct place *place = place_new(-DAY, DAY);
    static const enum transfer_lane lanes[] = {LANE_FEED, LANE_RECEIVER, LANE_RELAY};
    for (size_t i = 0; i < 3; i++) {
        struct outcome *outcome = fetch(place, "good.test", lanes[i]);
        assert_int_equal(outcome->failure, TRANSFER_TLS);
        assert_int_equal(outcome->sent_at, 0);
    }
    assert_int_equal(place->server->requests, 0);
    place_free(place);
}

static void a_trusted_certificate_counts_for_its_own_name_only(void **state)
{
    (void)state;
    struct place *place = place_new(-DAY, DAY);
    place->bench->ca_file = place->file;
    assert_int_equal(fetch(place, "other.test", LANE_RECEIVER)->failure, TRANSFER_TLS);
    assert_int_equal(fetch(place, "127.0.0.1", LANE_RECEIVER)->failure, TRANSFER_TLS);
    assert_int_equal(place->server->requests, 0);
    place_free(place);
}

static void a_certificate_out_of_its_time_is_refused(void **state)
{
    (void)state;
    static const long times[][2] = {{-2 * DAY, -DAY}, {DAY, 2 * DAY}};
    for (size_t i = 0; i < 2; i++) {
        struct place *place = place_new(times[i][0], times[i][1]);
        place->bench->ca_file = place->file;
        assert_int_equal(fetch(place, "good.test", LANE_FEED)->failure, TRANSFER_TLS);
        assert_int_equal(place->server->requests, 0);
        place_free(place);
    }
}

static void old_versions_of_tls_are_refused(void **state)
{
    (void)state;
    struct place *place = place_new(-DAY, DAY);
    place->bench->ca_file = place->file;
    SSL_CTX_set_security_level(place->context, 0);
    SSL_CTX_set_min_proto_version(place->context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(place->context, TLS1_1_VERSION);
    assert_int_equal(fetch(place, "good.test", LANE_FEED)->failure, TRANSFER_TLS);
    place_free(place);
}

static void a_trust_file_that_cannot_be_read_stops_the_start(void **state)
{
    (void)state;
    struct bench *bench = bench_new();
    struct transfer *transfer = NULL;
    const struct transfer_options options = {.event = bench->event, .ca_file = "/nowhere/ca.pem"};
    assert_int_not_equal(transfer_new(bench, &options, &transfer), 0);
    assert_null(transfer);
    bench_free(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_of_the_operators_file_is_trusted),
        cmocka_unit_test(an_unknown_certificate_is_refused_in_every_lane),
        cmocka_unit_test(a_trusted_certificate_counts_for_its_own_name_only),
        cmocka_unit_test(a_certificate_out_of_its_time_is_refused),
        cmocka_unit_test(old_versions_of_tls_are_refused),
        cmocka_unit_test(a_trust_file_that_cannot_be_read_stops_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
