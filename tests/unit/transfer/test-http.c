/* Posts by our own HTTP/1.1 client against servers that do everything wrong. */
#include "bench.h"
#include "certificate.h"
#include "server.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include "transfer/http_client.h"

/* On a busy machine, too, it tells what a limit of its own ends from what ends with the total. */
#define SHORT_OF_ALL (4 * USEC_PER_SEC)
#define BODY_BYTES   ((size_t)900 * 1024)
#define FINE         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static const struct name_row names[] = {{"good.test", "127.0.0.1", NULL, false, NULL},
                                        {"*.many.test", "127.0.0.1", NULL, false, NULL}};

/* What the server does with the next requests. */
enum manner {
    ANSWER,        /* and waits for more requests */
    ANSWER_CLOSE,  /* and closes */
    ANSWER_RESET,  /* and resets */
    ANSWER_SILENT, /* and does nothing more */
    BY_BYTES,      /* the answer byte by byte, and waits for more */
    DRIP,          /* the answer, then a byte each 20 ms */
    EARLY,         /* answers when only the header is there, and reads nothing more */
    EARLY_RESET,   /* the same, and resets */
    SLOWLY,        /* reads slowly, then answers */
    NOT_TLS,       /* accepts, and says nothing */
    LATE_TLS       /* begins its handshake late */
};

struct place {
    struct server *server;
    struct name_server *names;
    struct bench *bench;
    SSL_CTX *tls; /* NULL: plain */
    char file[64];
    char *body; /* of BODY_BYTES */

    enum manner manner;
    const char *answer;
    atomic_int close_after; /* this many requests of all, without an answer; 0: never */
    atomic_bool say_more;   /* on connections that wait: something nobody asked for */
    atomic_int exact;       /* bodies that came as they were sent */
    atomic_bool closed;     /* by our side, while it was silent */
};

static void set_no_delay(int fd)
{
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static void set_reset(int fd)
{
    const struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Unread bytes or not: until the other side closes, at most `milliseconds`. */
static bool wait_for_end(struct server *server, int fd, int milliseconds)
{
    struct pollfd wait = {.fd = fd, .events = POLLRDHUP};
    for (int slept = 0; slept < milliseconds && !server->ending; slept += 20) {
        if (poll(&wait, 1, 20) > 0)
            return true;
    }
    return false;
}

/* ---- a server's side of a connection, plain or TLS ---- */

struct line {
    int fd;
    SSL *ssl;
};

static ssize_t line_read(const struct line *line, char *bytes, size_t size)
{
    return line->ssl != NULL ? SSL_read(line->ssl, bytes, (int)size)
                             : recv(line->fd, bytes, size, 0);
}

static bool line_say(const struct line *line, const char *bytes, size_t length)
{
    if (line->ssl != NULL)
        return SSL_write(line->ssl, bytes, (int)length) == (int)length;
    return server_say(line->fd, bytes, length);
}

/* One request; with `early` only its header. False at the end. */
static bool read_request(struct place *place, const struct line *line, char *request, size_t size,
                         bool early)
{
    size_t length = 0;
    request[0] = '\0';
    while (length + 1 < size) {
        size_t most = place->manner == SLOWLY ? (size_t)8 * 1024 : size;
        if (most > size - length - 1)
            most = size - length - 1;
        ssize_t n = line_read(line, request + length, most);
        if (n <= 0)
            return false;
        length += (size_t)n;
        request[length] = '\0';
        char *blank = strstr(request, "\r\n\r\n");
        char *field = strstr(request, "\r\nContent-Length: ");
        if (blank == NULL || field == NULL)
            continue;
        size_t wanted = strtoul(field + 18, NULL, 10);
        if (early)
            break;
        if (length < (size_t)(blank - request) + 4 + wanted)
            continue;
        if (wanted == BODY_BYTES && memcmp(blank + 4, place->body, wanted) == 0)
            place->exact++;
        break;
    }
    place->server->requests++;
    server_note(place->server, request);
    return true;
}

static void drip(struct place *place, const struct line *line)
{
    while (!place->server->ending && line_say(line, "x", 1) &&
           !wait_for_end(place->server, line->fd, 20))
        continue;
    place->closed = true;
}

/* True when more requests may come. */
static bool answer(struct place *place, const struct line *line)
{
    size_t length = strlen(place->answer);
    for (size_t i = 0; place->manner == BY_BYTES && i < length; i++)
        line_say(line, place->answer + i, 1);
    if (place->manner != BY_BYTES)
        line_say(line, place->answer, length);
    switch (place->manner) {
    case ANSWER:
    case BY_BYTES:
    case SLOWLY:
    case LATE_TLS:
        return true;
    case DRIP:
        drip(place, line);
        return false;
    case ANSWER_SILENT:
    case EARLY:
        place->closed = wait_for_end(place->server, line->fd, 8000);
        return false;
    case ANSWER_RESET:
    case EARLY_RESET:
        set_reset(line->fd);
        return false;
    case ANSWER_CLOSE:
    case NOT_TLS:
        return false;
    }
    return false;
}

/* Waits for the next request; false when there is none. */
static bool next_comes(struct place *place, const struct line *line)
{
    struct pollfd wait = {.fd = line->fd, .events = POLLIN};
    while (!place->server->ending) {
        if (place->say_more) {
            server_text(line->fd, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n"
                                  "Connection: close\r\n\r\n");
            return false;
        }
        if ((line->ssl != NULL && SSL_pending(line->ssl) > 0) || poll(&wait, 1, 5) > 0)
            return true;
    }
    return false;
}

static void talk_on(struct place *place, const struct line *line)
{
    const size_t size = BODY_BYTES + 4096;
    char *request = malloc(size);
    bool early = place->manner == EARLY || place->manner == EARLY_RESET;
    while (next_comes(place, line) && read_request(place, line, request, size, early)) {
        if (place->close_after > 0 && place->server->requests > place->close_after) {
            place->close_after = 0;
            break;
        }
        if (!answer(place, line))
            break;
    }
    free(request);
}

static void talk(struct server *server, int fd)
{
    struct place *place = server->more;
    struct line line = {.fd = fd};
    sigset_t pipe; /* only here: our own side must never raise it */
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
    set_no_delay(fd);
    if (place->manner == NOT_TLS) {
        wait_for_end(server, fd, 8000);
        return;
    }
    if (place->manner == LATE_TLS)
        wait_for_end(server, fd, 300);
    if (place->tls != NULL) {
        line.ssl = SSL_new(place->tls);
        SSL_set_fd(line.ssl, fd);
        if (SSL_accept(line.ssl) != 1) {
            SSL_free(line.ssl);
            return;
        }
    }
    talk_on(place, &line);
    SSL_free(line.ssl);
}

/* ---- around it ---- */

static int set_up(void **state)
{
    struct place *place = memory_new(NULL, struct place);
    place->answer = FINE;
    place->body = memory_array(place, char, BODY_BYTES);
    for (size_t i = 0; i < BODY_BYTES; i++)
        place->body[i] = (char)(' ' + (i * 7 + i / 251) % 90);
    place->server = server_new(talk, place);
    place->names = name_server_new(names, sizeof(names) / sizeof(names[0]));
    place->bench = bench_new();
    place->bench->limit_per_host = 1;
    bench_names(place->bench, place->names->port);
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
    name_server_free(place->names);
    SSL_CTX_free(place->tls);
    if (place->file[0] != '\0')
        unlink(place->file);
    talloc_free(place);
    return 0;
}

static void use_tls(struct place *place)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = certificate_new(key, -86400L, 86400L);
    place->tls = SSL_CTX_new(TLS_server_method());
    assert_int_equal(SSL_CTX_use_certificate(place->tls, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(place->tls, key), 1);
    FILE *file = certificate_file(place->file);
    assert_non_null(file);
    PEM_write_X509(file, certificate);
    fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
    place->bench->ca_file = place->file;
}

/* Connections from now on hold little that was not read: small segments make our side's buffer
 * small, too, so that it fills. */
static void take_little(struct place *place)
{
    int small = 4096, segment = 1000;
    setsockopt(place->server->v4, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
    setsockopt(place->server->v4, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
}

static struct transfer_request post(struct place *place)
{
    return (struct transfer_request){
        .kind = TRANSFER_POST,
        .lane = LANE_RECEIVER,
        .url = memory_printf(place->bench, "%s://good.test:%u/in?x=1",
                             place->tls != NULL ? "https" : "http", place->server->port),
        .body = "{\"a\":1}",
        .body_length = 7,
        .answer_bytes_max = 1024,
        .connect_timeout = 2 * USEC_PER_SEC,
        .total_timeout = 5 * USEC_PER_SEC,
    };
}

static struct outcome *run(struct place *place)
{
    const struct transfer_request request = post(place);
    return bench_run(place->bench, &request);
}

/* So many at once to one host: one after the other, on connections that are kept. */
static struct outcome **run_several(struct place *place, size_t count)
{
    const struct transfer_request request = post(place);
    struct outcome **outcomes = memory_array(place->bench, struct outcome *, count);
    for (size_t i = 0; i < count; i++)
        outcomes[i] = bench_start(place->bench, &request);
    bench_wait(place->bench);
    for (size_t i = 0; i < count; i++)
        assert_true(outcomes[i]->done);
    return outcomes;
}

/* The loop turns until the number is no larger than `most`, at most five seconds. */
static void turn_until(struct place *place, atomic_int *number, int most)
{
    usec_t deadline = clock_monotonic() + 5 * USEC_PER_SEC;
    while (*number > most) {
        assert_true(clock_monotonic() < deadline);
        (void)sd_event_run(place->bench->event, 5 * USEC_PER_MSEC);
    }
}

static void assert_fine(const struct outcome *outcome)
{
    assert_int_equal(outcome->failure, TRANSFER_OK);
    assert_int_equal(outcome->status, 200);
    assert_string_equal(outcome->body, "ok");
}

/* ---- answers ---- */

static void an_answer_byte_by_byte_is_read(void **state)
{
    struct place *place = *state;
    place->manner = BY_BYTES;
    place->answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 429 Slow\r\nRetry-After: 12\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n";
    struct outcome *outcome = run(place);
    assert_int_equal(outcome->failure, TRANSFER_OK);
    assert_int_equal(outcome->status, 429);
    assert_string_equal(outcome->retry_after, "12");
    assert_string_equal(outcome->body, "ok");
}

static void the_request_is_the_urls(void **state)
{
    struct place *place = *state;
    assert_fine(run(place));
    assert_string_equal(
        place->server->last,
        memory_printf(place->bench,
                      "POST /in?x=1 HTTP/1.1\r\nHost: good.test:%u\r\nUser-Agent: test\r\n"
                      "Accept: */*\r\nContent-Length: 7\r\nConnection: close\r\n\r\n{\"a\":1}",
                      place->server->port));
}

static void an_address_in_brackets_is_reached(void **state)
{
    struct place *place = *state;
    struct transfer_request request = post(place);
    request.url = memory_printf(place->bench, "http://[::1]:%u?q#part", place->server->port);
    assert_fine(bench_run(place->bench, &request));
    const char *start =
        memory_printf(place->bench, "POST /?q HTTP/1.1\r\nHost: [::1]:%u\r\n", place->server->port);
    assert_memory_equal(place->server->last, start, strlen(start));
}

static void a_receipt_is_not_held_up_by_the_rest_of_the_answer(void **state)
{
    struct place *place = *state;
    static const struct {
        enum manner manner;
        const char *answer;
    } rows[] = {{DRIP, "HTTP/1.1 202 Yes\r\nContent-Length: 900000\r\n\r\n"},
                {DRIP, "HTTP/1.1 202 Yes\r\n\r\n"},
                {ANSWER_SILENT, "HTTP/1.1 202 Yes\r\n\r\nx"},
                {ANSWER_SILENT, "HTTP/1.1 202 Yes\r\nTransfer-Encoding: chunked\r\n\r\n"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        place->manner = rows[i].manner;
        place->answer = rows[i].answer;
        usec_t start = clock_monotonic();
        struct outcome *outcome = run(place);
        assert_int_equal(outcome->failure, TRANSFER_OK);
        assert_int_equal(outcome->status, 202);
        assert_in_range(outcome->monotonic_end - start, 0, SHORT_OF_ALL);
        turn_until(place, &place->server->open, 0);
        assert_true(place->closed);
        place->closed = false;
    }
}

static void a_header_that_drips_ends_with_the_time(void **state)
{
    struct place *place = *state;
    place->manner = DRIP;
    place->answer = "HTTP/1.1 200 OK\r\nX: ";
    struct transfer_request request = post(place);
    request.total_timeout = 600 * USEC_PER_MSEC;
    usec_t start = clock_monotonic();
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_TIMEOUT);
    assert_int_equal(outcome->status, 0);
    assert_in_range(outcome->monotonic_end - start, 600 * USEC_PER_MSEC, SHORT_OF_ALL);
    turn_until(place, &place->server->open, 0);
}

static void ends_before_in_and_after_the_header(void **state)
{
    struct place *place = *state;
    static const struct {
        enum manner manner;
        const char *answer;
        enum transfer_failure failure;
        int status;
    } rows[] = {
        {ANSWER_CLOSE, "", TRANSFER_CUT, 0},
        {ANSWER_RESET, "", TRANSFER_CUT, 0},
        {ANSWER_CLOSE, "HTTP/1.1 200 OK\r\nX: y\r\n", TRANSFER_CUT, 0},
        {ANSWER_RESET, "HTTP/1.1 200 OK\r\nX: y\r\n", TRANSFER_CUT, 0},
        {ANSWER_CLOSE, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", TRANSFER_OK, 200},
        {ANSWER_RESET, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", TRANSFER_OK, 200},
        {ANSWER_CLOSE, "HTTP/1.1 200 OK\r\n\r\nok", TRANSFER_OK, 200},
        {ANSWER_CLOSE, "HTTP/1.1 100 Go\r\n\r\n", TRANSFER_CUT, 0},
        {ANSWER_SILENT, "HTTP/1.1 101 Go\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
         TRANSFER_CUT, 0},
        {ANSWER_SILENT, "nonsense\r\n\r\n", TRANSFER_CUT, 0},
    };
    for (size_t tls = 0; tls < 2; tls++) {
        if (tls == 1) {
            use_tls(place);
            transfer_free(place->bench->transfer);
            place->bench->transfer = NULL;
        }
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            place->manner = rows[i].manner;
            place->answer = rows[i].answer;
            struct outcome *outcome = run(place);
            assert_int_equal(outcome->failure, rows[i].failure);
            assert_int_equal(outcome->status, rows[i].status);
            assert_int_not_equal(outcome->sent_at, 0);
        }
    }
    assert_int_equal(place->server->requests, 2 * sizeof(rows) / sizeof(rows[0]));
}

static void an_early_answer_counts_although_the_body_is_not_read(void **state)
{
    struct place *place = *state;
    place->answer = "HTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n";
    take_little(place);
    struct transfer_request request = post(place);
    request.body = place->body;
    request.body_length = BODY_BYTES;
    static const enum manner manners[] = {EARLY, EARLY_RESET};
    for (size_t i = 0; i < 2; i++) {
        place->manner = manners[i];
        struct outcome *outcome = bench_run(place->bench, &request);
        assert_int_equal(outcome->failure, TRANSFER_OK);
        assert_int_equal(outcome->status, 413);
    }
}

/* ---- large bodies ---- */

static void a_slow_reader_gets_every_byte(void **state)
{
    struct place *place = *state;
    place->manner = SLOWLY;
    take_little(place);
    for (int tls = 0; tls < 2; tls++) {
        if (tls == 1) {
            use_tls(place);
            transfer_free(place->bench->transfer);
            place->bench->transfer = NULL;
        }
        struct transfer_request request = post(place);
        request.body = place->body;
        request.body_length = BODY_BYTES;
        assert_fine(bench_run(place->bench, &request));
        assert_int_equal(place->exact, tls + 1);
    }
}

static void a_body_that_is_too_large_is_refused_in_words(void **state)
{
    struct place *place = *state;
    struct transfer_request request = post(place);
    request.body_length = (size_t)2 * 1024 * 1024;
    request.body = memory_array(place->bench, char, request.body_length);
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_BAD_REQUEST);
    assert_string_equal(outcome->error, "the request cannot be made");
    assert_int_equal(outcome->sent_at, 0);
    turn_until(place, &place->server->open, 0);
    assert_int_equal(place->server->requests, 0);
}

/* ---- connections that are kept ---- */

static void several_posts_share_a_connection(void **state)
{
    struct place *place = *state;
    struct outcome **outcomes = run_several(place, 5);
    for (size_t i = 0; i < 5; i++)
        assert_fine(outcomes[i]);
    assert_int_equal(place->server->requests, 5);
    assert_int_equal(place->server->accepted, 1);
}

static void a_connection_that_the_server_ends_is_not_used_again(void **state)
{
    struct place *place = *state;
    static const struct {
        enum manner manner;
        const char *answer;
    } rows[] = {
        {ANSWER_SILENT, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"},
        {ANSWER_SILENT, "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"},
        {ANSWER_SILENT, FINE "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"},
        {ANSWER_CLOSE, "HTTP/1.1 200 OK\r\n\r\nok"},
        {ANSWER_CLOSE, FINE},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int before = place->server->accepted;
        place->manner = rows[i].manner;
        place->answer = rows[i].answer;
        struct outcome **outcomes = run_several(place, 3);
        for (size_t j = 0; j < 3; j++)
            assert_fine(outcomes[j]);
        assert_int_equal(place->server->accepted - before, 3);
        turn_until(place, &place->server->open, 0);
    }
}

static void a_request_that_meets_a_closed_connection_goes_out_once_more(void **state)
{
    struct place *place = *state;
    place->close_after = 1;
    struct outcome **outcomes = run_several(place, 3);
    for (size_t i = 0; i < 3; i++)
        assert_fine(outcomes[i]);
    /* The second was read twice: without an answer, and again on a new connection. */
    assert_int_equal(place->server->requests, 4);
    assert_int_equal(place->server->accepted, 2);
    assert_non_null(strstr(place->server->last, "\r\n\r\n{\"a\":1}"));
}

/* Two at once, the first alone on its connection, so that the second finds it kept. */
static void a_new_connection_without_an_answer_is_not_tried_again(void **state)
{
    struct place *place = *state;
    place->manner = ANSWER_CLOSE;
    place->answer = "";
    struct outcome **outcomes = run_several(place, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(outcomes[i]->failure, TRANSFER_CUT);
    assert_int_equal(place->server->requests, 2);
}

static void what_nobody_asked_for_is_no_answer(void **state)
{
    struct place *place = *state;
    struct outcome **outcomes = run_several(place, 2);
    assert_fine(outcomes[1]);
    assert_int_equal(place->server->accepted, 1);
    /* The server speaks and closes, and our loop does not turn before the next request. */
    place->say_more = true;
    usec_t deadline = clock_monotonic() + 5 * USEC_PER_SEC;
    while (place->server->open > 0)
        assert_true(clock_monotonic() < deadline);
    place->say_more = false;
    outcomes = run_several(place, 2);
    assert_fine(outcomes[0]);
    assert_fine(outcomes[1]);
    assert_int_equal(place->server->requests, 4);
}

static void an_unread_request_does_not_run_into_the_next(void **state)
{
    struct place *place = *state;
    place->manner = EARLY;
    take_little(place);
    struct transfer_request request = post(place);
    request.body = place->body;
    request.body_length = BODY_BYTES;
    struct outcome *first = bench_start(place->bench, &request);
    struct outcome *second = bench_start(place->bench, &request);
    bench_wait(place->bench);
    assert_fine(first);
    assert_fine(second);
    assert_int_equal(place->server->accepted, 2);
}

#define HOSTS 300

static void so_many_connections_are_kept_and_no_more(void **state)
{
    struct place *place = *state;
    struct outcome *outcomes[2 * HOSTS];
    for (size_t i = 0; i < 2 * HOSTS; i++) {
        struct transfer_request request = post(place);
        request.url =
            memory_printf(place->bench, "http://h%zu.many.test:%u/", i / 2, place->server->port);
        outcomes[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    for (size_t i = 0; i < 2 * HOSTS; i++)
        assert_fine(outcomes[i]);
    assert_int_equal(place->server->accepted, HOSTS);
    turn_until(place, &place->server->open, 256);
    assert_int_equal(place->server->open, 256);
}

/* ---- times and fences ---- */

static void nothing_is_written_after_the_expiry(void **state)
{
    struct place *place = *state;
    place->manner = LATE_TLS;
    use_tls(place);
    struct transfer_request request = post(place);
    bench_transfer(place->bench); /* reading the trust store takes its time */
    request.expires_at = clock_monotonic() + 100 * USEC_PER_MSEC;
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_EXPIRED);
    assert_int_equal(outcome->sent_at, 0);
    assert_int_equal(place->server->accepted, 1);
    turn_until(place, &place->server->open, 0);
    assert_int_equal(place->server->requests, 0);
}

static void a_server_that_never_begins_tls_gets_the_time_of_a_connection(void **state)
{
    struct place *place = *state;
    place->manner = NOT_TLS;
    use_tls(place);
    struct transfer_request request = post(place);
    request.connect_timeout = 400 * USEC_PER_MSEC;
    usec_t start = clock_monotonic();
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_TIMEOUT);
    assert_string_equal(outcome->error, "no connection in time");
    assert_in_range(outcome->monotonic_end - start, 400 * USEC_PER_MSEC, SHORT_OF_ALL);
}

/* A listener whose queue is full: the handshake of TCP is never answered. */
static void a_black_hole_costs_the_time_of_a_connection(void **state)
{
    struct place *place = *state;
    unsigned port = 0;
    int listener = server_socket(AF_INET, false, 0, &port), fillers[8];
    assert_true(listener >= 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    for (size_t i = 0; i < 8; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        (void)connect(fillers[i], (struct sockaddr *)&address, sizeof(address));
    }
    struct transfer_request request = post(place);
    request.url = memory_printf(place->bench, "http://127.0.0.1:%u/", port);
    request.connect_timeout = 400 * USEC_PER_MSEC;
    usec_t start = clock_monotonic();
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_TIMEOUT);
    assert_string_equal(outcome->error, "no connection in time");
    assert_in_range(outcome->monotonic_end - start, 400 * USEC_PER_MSEC, SHORT_OF_ALL);
    for (size_t i = 0; i < 8; i++)
        close(fillers[i]);
    close(listener);
}

/* ---- the client alone ---- */

struct alone {
    sd_event *event;
    struct sockets *sockets;
    struct http_client *client;
    struct transfer_options options;
};
static size_t told;
static enum transfer_failure told_failure;

static void on_ended(struct transfer_item *item, enum transfer_failure failure)
{
    (void)item;
    told++;
    told_failure = failure;
}

static void after(void *userdata)
{
    (void)userdata;
}

static void alone_new(struct alone *alone)
{
    told = 0;
    assert_true(sd_event_new(&alone->event) >= 0);
    assert_int_equal(sockets_new(NULL, alone->event, after, NULL, &alone->sockets), 0);
    X509_STORE *trust = X509_STORE_new();
    const struct http_parts parts = {
        .event = alone->event, .sockets = alone->sockets, .trust = trust, .ended = on_ended};
    alone->client = http_client_new(NULL, &parts);
    X509_STORE_free(trust);
}

static void alone_free(struct alone *alone)
{
    talloc_free(alone->client);
    talloc_free(alone->sockets);
    sd_event_unref(alone->event);
}

static struct transfer_item *item_to(struct alone *alone, unsigned port)
{
    struct transfer_item *item = memory_new(NULL, struct transfer_item);
    static const char *const none[] = {NULL};
    item->options = &alone->options;
    item->request = (struct transfer_request){
        .kind = TRANSFER_POST, .url = "http://127.0.0.1/", .headers = none, .body = ""};
    item->endpoint.scheme = "http";
    item->endpoint.host = "127.0.0.1";
    item->endpoint.port = port;
    struct sockaddr_in *address = (struct sockaddr_in *)&item->addresses.items[0];
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    item->addresses.count = 1;
    return item;
}

/* Whatever was looked at before: the address is looked at once more where the socket is made. */
static void an_address_that_is_refused_is_never_connected_to(void **state)
{
    struct place *place = *state;
    struct alone alone = {0};
    alone_new(&alone);
    struct transfer_item *item = item_to(&alone, place->server->port);
    http_attempt_start(alone.client, item, false);
    assert_int_equal(told, 0);
    http_client_drain(alone.client);
    assert_int_equal(told, 1);
    assert_int_equal(told_failure, TRANSFER_ADDRESS_REFUSED);
    assert_int_equal(place->server->accepted, 0);
    talloc_free(item);
    alone_free(&alone);
}

static void an_attempt_that_waits_to_be_told_can_be_stopped(void **state)
{
    struct place *place = *state;
    struct alone alone = {0};
    alone_new(&alone);
    struct transfer_item *item = item_to(&alone, place->server->port);
    http_attempt_start(alone.client, item, false);
    http_attempt_stop(item);
    http_attempt_stop(item);
    talloc_free(item);
    http_client_drain(alone.client);
    assert_int_equal(told, 0);
    alone_free(&alone);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACED(an_answer_byte_by_byte_is_read),
        PLACED(the_request_is_the_urls),
        PLACED(an_address_in_brackets_is_reached),
        PLACED(a_receipt_is_not_held_up_by_the_rest_of_the_answer),
        PLACED(a_header_that_drips_ends_with_the_time),
        PLACED(ends_before_in_and_after_the_header),
        PLACED(an_early_answer_counts_although_the_body_is_not_read),
        PLACED(a_slow_reader_gets_every_byte),
        PLACED(a_body_that_is_too_large_is_refused_in_words),
        PLACED(several_posts_share_a_connection),
        PLACED(a_connection_that_the_server_ends_is_not_used_again),
        PLACED(a_request_that_meets_a_closed_connection_goes_out_once_more),
        PLACED(a_new_connection_without_an_answer_is_not_tried_again),
        PLACED(what_nobody_asked_for_is_no_answer),
        PLACED(an_unread_request_does_not_run_into_the_next),
        PLACED(so_many_connections_are_kept_and_no_more),
        PLACED(nothing_is_written_after_the_expiry),
        PLACED(a_server_that_never_begins_tls_gets_the_time_of_a_connection),
        PLACED(a_black_hole_costs_the_time_of_a_connection),
        PLACED(an_address_that_is_refused_is_never_connected_to),
        PLACED(an_attempt_that_waits_to_be_told_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
