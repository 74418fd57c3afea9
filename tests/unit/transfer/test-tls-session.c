/* Tickets: who is offered which, and that nothing is trusted that was not verified. */
#include "bench.h"
#include "certificate.h"
#include "server.h"
#include <openssl/ssl.h>
#include <signal.h>
#include "transfer/tls.h"
#include "transfer/tls_session.h"

#define DAY   86400L
#define NAMES "DNS:good.test,DNS:other.test,DNS:*.many.test"

/* A server's certificate, and a store that trusts it. */
struct identity {
    EVP_PKEY *key;
    X509 *certificate;
    X509_STORE *trust;
};

static void identity_new(struct identity *identity, const char *names, long until)
{
    identity->key = EVP_EC_gen("P-256");
    identity->certificate = certificate_for(identity->key, -DAY, until, names);
    identity->trust = X509_STORE_new();
    assert_int_equal(X509_STORE_add_cert(identity->trust, identity->certificate), 1);
}

static void identity_free(struct identity *identity)
{
    X509_STORE_free(identity->trust);
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
}

/* Each has ticket keys of its own. */
static SSL_CTX *server_context(const struct identity *identity, int version)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(context, identity->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, identity->key), 1);
    SSL_CTX_set_min_proto_version(context, version);
    SSL_CTX_set_max_proto_version(context, version);
    return context;
}

/* ---- two ends in memory ---- */

struct ends {
    struct identity identity;
    SSL_CTX *client, *server;
    struct tls_sessions *sessions;
};

static void ends_new(struct ends *ends, const char *names, long until, int version,
                     size_t hosts_max)
{
    identity_new(&ends->identity, names, until);
    ends->client = tls_context(ends->identity.trust);
    ends->server = server_context(&ends->identity, version);
    ends->sessions = tls_sessions_new(NULL, ends->client, hosts_max);
}

static void ends_free(struct ends *ends)
{
    talloc_free(ends->sessions);
    SSL_CTX_free(ends->client);
    SSL_CTX_free(ends->server);
    identity_free(&ends->identity);
}

static void carry(struct tls *tls, SSL *server)
{
    char bytes[16384];
    const char *out;
    size_t length = tls_output(tls, &out);
    BIO_write(SSL_get_rbio(server), out, (int)length);
    tls_wrote(tls, length);
    int n = SSL_do_handshake(server);
    while ((n = BIO_read(SSL_get_wbio(server), bytes, sizeof(bytes))) > 0)
        tls_take(tls, bytes, (size_t)n);
}

enum meeting { FAILED, WHOLE, RESUMED };

/* A connection with a byte each way, which ends without a goodbye. */
static enum meeting meet(struct ends *ends, const char *host, unsigned port)
{
    struct tls *tls = tls_new(NULL, ends->client, host, false);
    tls_sessions_offer(ends->sessions, tls, host, port);
    SSL *server = SSL_new(ends->server);
    SSL_set_bio(server, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_accept_state(server);
    int r = 0;
    for (int turn = 0; turn < 6 && (r = tls_handshake(tls)) == 0; turn++)
        carry(tls, server);
    enum meeting meeting = FAILED;
    if (r == 1) {
        char byte;
        carry(tls, server);
        assert_int_equal(SSL_write(server, "x", 1), 1);
        carry(tls, server);
        assert_int_equal(tls_read(tls, &byte, 1), 1);
        assert_int_equal(SSL_session_reused(server), SSL_session_reused(tls_ssl(tls)));
        meeting = SSL_session_reused(server) ? RESUMED : WHOLE;
    } else {
        tls_sessions_forget(ends->sessions, tls);
    }
    talloc_free(tls);
    SSL_free(server);
    return meeting;
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static void the_next_connection_to_a_host_goes_on(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct ends ends;
        ends_new(&ends, NAMES, DAY, versions[i], 8);
        assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
        for (int times = 0; times < 4; times++)
            assert_int_equal(meet(&ends, "good.test", 443), RESUMED);
        assert_int_equal(tls_sessions_count(ends.sessions), 1);
        ends_free(&ends);
    }
}

/* The server would take it: it is we who must not offer it. */
static void another_name_or_port_gets_no_ticket(void **state)
{
    (void)state;
    struct ends ends;
    ends_new(&ends, NAMES, DAY, TLS1_3_VERSION, 8);
    assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
    assert_int_equal(meet(&ends, "other.test", 443), WHOLE);
    assert_int_equal(meet(&ends, "good.test", 8443), WHOLE);
    assert_int_equal(meet(&ends, "wrong.test", 443), FAILED);
    assert_int_equal(meet(&ends, "good.test", 443), RESUMED);
    assert_int_equal(tls_sessions_count(ends.sessions), 3);
    ends_free(&ends);
}

static void a_refused_ticket_leads_to_a_whole_handshake(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct ends ends;
        ends_new(&ends, NAMES, DAY, versions[i], 8);
        assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
        SSL_CTX_free(ends.server);
        ends.server = server_context(&ends.identity, versions[i]);
        assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
        assert_int_equal(meet(&ends, "good.test", 443), RESUMED);
        ends_free(&ends);
    }
}

/* Whoever takes the place of the server has to show a certificate. */
static void a_ticket_does_not_stand_for_another_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct ends ends;
        struct identity other;
        ends_new(&ends, NAMES, DAY, versions[i], 8);
        identity_new(&other, NAMES, DAY);
        assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
        SSL_CTX *first = ends.server;
        ends.server = server_context(&other, versions[i]);
        assert_int_equal(meet(&ends, "good.test", 443), FAILED);
        /* Nothing is left of the failure, nor of what was there before. */
        assert_int_equal(tls_sessions_count(ends.sessions), 0);
        SSL_CTX_free(ends.server);
        ends.server = first;
        assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
        identity_free(&other);
        ends_free(&ends);
    }
}

static void other_trust_begins_without_tickets(void **state)
{
    (void)state;
    struct ends ends;
    ends_new(&ends, NAMES, DAY, TLS1_3_VERSION, 8);
    assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
    talloc_free(ends.sessions);
    SSL_CTX_free(ends.client);
    X509_STORE *empty = X509_STORE_new();
    ends.client = tls_context(empty);
    ends.sessions = tls_sessions_new(NULL, ends.client, 8);
    assert_int_equal(meet(&ends, "good.test", 443), FAILED);
    assert_int_equal(tls_sessions_count(ends.sessions), 0);
    X509_STORE_free(empty);
    ends_free(&ends);
}

static void the_host_that_was_used_last_stays(void **state)
{
    (void)state;
    struct ends ends;
    ends_new(&ends, NAMES, DAY, TLS1_3_VERSION, 3);
    assert_int_equal(meet(&ends, "a.many.test", 443), WHOLE);
    assert_int_equal(meet(&ends, "b.many.test", 443), WHOLE);
    assert_int_equal(meet(&ends, "c.many.test", 443), WHOLE);
    assert_int_equal(meet(&ends, "a.many.test", 443), RESUMED);
    assert_int_equal(meet(&ends, "d.many.test", 443), WHOLE);
    assert_int_equal(tls_sessions_count(ends.sessions), 3);
    assert_int_equal(meet(&ends, "a.many.test", 443), RESUMED);
    assert_int_equal(meet(&ends, "c.many.test", 443), RESUMED);
    assert_int_equal(meet(&ends, "b.many.test", 443), WHOLE);
    assert_int_equal(tls_sessions_count(ends.sessions), 3);
    ends_free(&ends);
}

static void what_is_too_large_is_not_kept(void **state)
{
    (void)state;
    struct ends ends;
    char *many = memory_text(NULL, "DNS:good.test");
    while (strlen(many) < TLS_SESSION_BYTES_MAX)
        many = talloc_asprintf_append(many, ",DNS:n%zu.a-name-among-many.test", strlen(many));
    ends_new(&ends, many, DAY, TLS1_3_VERSION, 8);
    assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
    assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
    assert_int_equal(tls_sessions_count(ends.sessions), 0);
    ends_free(&ends);
    talloc_free(many);
}

static void a_ticket_ends_with_the_certificate(void **state)
{
    (void)state;
    struct ends ends;
    ends_new(&ends, NAMES, -1, TLS1_3_VERSION, 8);
    /* So that it is the ticket's end that is seen. */
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ends.client), X509_V_FLAG_NO_CHECK_TIME);
    assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
    assert_int_equal(tls_sessions_count(ends.sessions), 0);
    ends_free(&ends);
}

/* The server's word in seconds; waited for on the clock that decides. */
static void a_ticket_ends_when_the_server_says(void **state)
{
    (void)state;
    struct ends ends;
    ends_new(&ends, NAMES, DAY, TLS1_3_VERSION, 8);
    SSL_CTX_set_timeout(ends.server, 1);
    assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
    usec_t end = clock_now() + 2 * USEC_PER_SEC;
    while (clock_now() < end)
        poll(NULL, 0, 10);
    assert_int_equal(meet(&ends, "good.test", 443), WHOLE);
    ends_free(&ends);
}

/* ---- posts over the network ---- */

struct place {
    struct server *server;
    struct name_server *names;
    struct bench *bench;
    struct identity identity;
    SSL_CTX *context;
    char file[64];
    atomic_int resumed;
    atomic_bool hang_up; /* in the handshake */
};

static const struct name_row names[] = {{"good.test", "127.0.0.1", NULL, false, NULL},
                                        {"other.test", "127.0.0.1", NULL, false, NULL}};

static void talk(struct server *server, int fd)
{
    struct place *place = server->more;
    char request[4096];
    sigset_t pipe; /* only here: our own side must never raise it */
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    if (place->hang_up) {
        (void)recv(fd, request, sizeof(request), 0);
        return;
    }
    SSL *ssl = SSL_new(place->context);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof(request)) > 0) {
        static const char answer[] = "HTTP/1.1 204 None\r\n\r\n";
        server->requests++;
        place->resumed += SSL_session_reused(ssl);
        SSL_write(ssl, answer, sizeof(answer) - 1);
        server_wait(server, fd, 500);
    }
    SSL_free(ssl);
}

static enum transfer_failure post(struct place *place, const char *host)
{
    const struct transfer_request request = {
        .kind = TRANSFER_POST,
        .lane = LANE_RECEIVER,
        .url = memory_printf(place->bench, "https://%s:%u/", host, place->server->port),
        .body = "{}",
        .body_length = 2,
        .answer_bytes_max = 1024,
        .connect_timeout = 2 * USEC_PER_SEC,
        .total_timeout = 3 * USEC_PER_SEC,
    };
    return bench_run(place->bench, &request)->failure;
}

static void posts_to_a_host_go_on_where_the_last_ended(void **state)
{
    (void)state;
    struct place *place = memory_new(NULL, struct place);
    identity_new(&place->identity, NAMES, DAY);
    place->context = server_context(&place->identity, TLS1_3_VERSION);
    FILE *file = certificate_file(place->file);
    assert_non_null(file);
    PEM_write_X509(file, place->identity.certificate);
    fclose(file);
    place->server = server_new(talk, place);
    place->names = name_server_new(names, sizeof(names) / sizeof(names[0]));
    place->bench = bench_new();
    place->bench->ca_file = place->file;
    bench_names(place->bench, place->names->port);
    bench_rule(place->bench, "127.0.0.0/8");

    assert_int_equal(post(place, "good.test"), TRANSFER_OK);
    assert_int_equal(place->resumed, 0);
    assert_int_equal(post(place, "good.test"), TRANSFER_OK);
    assert_int_equal(post(place, "good.test"), TRANSFER_OK);
    assert_int_equal(place->resumed, 2);
    assert_int_equal(post(place, "other.test"), TRANSFER_OK);
    assert_int_equal(place->resumed, 2);
    /* A server that does not bear what it is offered gets a whole handshake the next time. */
    place->hang_up = true;
    assert_int_equal(post(place, "good.test"), TRANSFER_TLS);
    place->hang_up = false;
    assert_int_equal(post(place, "good.test"), TRANSFER_OK);
    assert_int_equal(place->resumed, 2);
    assert_int_equal(post(place, "good.test"), TRANSFER_OK);
    assert_int_equal(place->resumed, 3);
    assert_int_equal(place->server->accepted, 7);

    bench_free(place->bench);
    server_free(place->server);
    name_server_free(place->names);
    SSL_CTX_free(place->context);
    identity_free(&place->identity);
    unlink(place->file);
    talloc_free(place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_connection_to_a_host_goes_on),
        cmocka_unit_test(another_name_or_port_gets_no_ticket),
        cmocka_unit_test(a_refused_ticket_leads_to_a_whole_handshake),
        cmocka_unit_test(a_ticket_does_not_stand_for_another_server),
        cmocka_unit_test(other_trust_begins_without_tickets),
        cmocka_unit_test(the_host_that_was_used_last_stays),
        cmocka_unit_test(what_is_too_large_is_not_kept),
        cmocka_unit_test(a_ticket_ends_with_the_certificate),
        cmocka_unit_test(a_ticket_ends_when_the_server_says),
        cmocka_unit_test(posts_to_a_host_go_on_where_the_last_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
