/* Mail against a relay in a thread: what it says is decided by the reader's address. */
#include "bench.h"
#include "server.h"
#include <errno.h>

#define LINE 2048

/* One line without its CRLF; false at the end. */
static bool read_line(int fd, char line[LINE])
{
    size_t length = 0;
    while (length + 1 < LINE && recv(fd, line + length, 1, 0) == 1) {
        if (line[length++] == '\n')
            break;
    }
    line[length] = '\0';
    bool whole = length > 0 && line[length - 1] == '\n';
    line[strcspn(line, "\r\n")] = '\0';
    return whole;
}

/* What the relay does, chosen by a test. */
enum relay_manner { RELAY_GOOD, RELAY_NO_GREETING, RELAY_AUTH, RELAY_HANGS_AT_DATA };

static void reply_to_rcpt(int fd, const char *line)
{
    if (strstr(line, "greylisted") != NULL)
        server_text(fd, "450 4.2.0 come back later\r\n");
    else if (strstr(line, "unknown") != NULL)
        server_text(fd, "550 5.1.1 no such reader\r\n");
    else
        server_text(fd, "250 ok\r\n");
}

/* Takes the message; true when it was whole. */
static bool take_data(struct server *server, int fd, const char *reader, char *session)
{
    char line[LINE];
    server_text(fd, "354 go on\r\n");
    while (read_line(fd, line)) {
        snprintf(session + strlen(session), SERVER_TEXT - strlen(session), "%s\n", line);
        if (strcmp(line, ".") == 0) {
            server->requests++;
            server_note(server, session);
            if (strstr(reader, "spam") != NULL)
                return server_text(fd, "554 5.7.1 no\r\n");
            if (strstr(reader, "cut-after-dot") != NULL)
                return false;
            return server_text(fd, "250 taken\r\n");
        }
    }
    return false;
}

static bool answer_line(struct server *server, int fd, const char *line, char reader[LINE],
                        char *session)
{
    enum relay_manner manner = *(enum relay_manner *)server->more;
    if (strncmp(line, "EHLO", 4) == 0)
        return server_text(fd, manner == RELAY_AUTH ? "250-relay\r\n250 AUTH PLAIN\r\n"
                                                    : "250-relay\r\n250 SIZE 1000000\r\n");
    if (strncmp(line, "AUTH ", 5) == 0)
        return server_text(fd, strcmp(line, "AUTH PLAIN AHVzZXIAZ29vZA==") == 0
                                   ? "235 welcome\r\n"
                                   : "535 5.7.8 wrong password\r\n");
    if (strncmp(line, "MAIL", 4) == 0)
        return server_text(fd, strstr(line, "banned") != NULL ? "553 not you\r\n" : "250 ok\r\n");
    if (strncmp(line, "RCPT", 4) == 0) {
        snprintf(reader, LINE, "%s", line);
        reply_to_rcpt(fd, line);
        return true;
    }
    if (strcmp(line, "DATA") == 0) {
        if (manner == RELAY_HANGS_AT_DATA)
            return !server_wait(server, fd, 600) && take_data(server, fd, reader, session);
        return take_data(server, fd, reader, session);
    }
    if (strcmp(line, "QUIT") == 0)
        return server_text(fd, "221 bye\r\n") && false;
    return server_text(fd, "250 ok\r\n");
}

static void talk(struct server *server, int fd)
{
    char line[LINE], reader[LINE] = "";
    char *session = calloc(1, SERVER_TEXT);
    if (*(enum relay_manner *)server->more == RELAY_NO_GREETING) {
        server_text(fd, "554 5.3.2 closed\r\n");
    } else {
        server_text(fd, "220 relay\r\n");
        while (read_line(fd, line)) {
            snprintf(session + strlen(session), SERVER_TEXT - strlen(session), "%s\n", line);
            if (!answer_line(server, fd, line, reader, session))
                break;
        }
        server_note(server, session);
    }
    free(session);
}

struct place {
    struct server *server;
    struct bench *bench;
    enum relay_manner manner;
};

static int set_up(void **state)
{
    struct place *place = memory_new(NULL, struct place);
    place->server = server_new(talk, &place->manner);
    place->bench = bench_new();
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

static const char mail[] = "Subject: test\r\n\r\nfirst\r\n.\r\n..two\r\nlast\r\n";

static struct transfer_request mail_to(struct place *place, const char *address)
{
    return (struct transfer_request){
        .kind = TRANSFER_MAIL,
        .lane = LANE_RELAY,
        .url = memory_printf(place->bench, "smtp://127.0.0.1:%u", place->server->port),
        .body = mail,
        .body_length = sizeof(mail) - 1,
        .mail_from = "noroshi@example.org",
        .mail_to = address,
        .answer_bytes_max = 1024,
        .connect_timeout = USEC_PER_SEC,
        .total_timeout = 3 * USEC_PER_SEC,
    };
}

static struct outcome *send_to(struct place *place, const char *address)
{
    const struct transfer_request request = mail_to(place, address);
    return bench_run(place->bench, &request);
}

/* What the relay has seen, when every session has ended. */
static const char *session_of(struct place *place)
{
    transfer_free(place->bench->transfer);
    place->bench->transfer = NULL;
    while (place->server->open > 0)
        poll(NULL, 0, 2);
    return place->server->last;
}

static void a_mail_goes_to_one_reader_with_its_dots_doubled(void **state)
{
    struct place *place = *state;
    struct outcome *outcome = send_to(place, "reader@example.org");
    assert_int_equal(outcome->failure, TRANSFER_OK);
    assert_int_equal(outcome->status, 250);
    assert_null(outcome->error);
    assert_true(outcome->sent_at > 0);
    const char *session = session_of(place);
    assert_non_null(strstr(session, "\nMAIL FROM:<noroshi@example.org>"));
    assert_non_null(strstr(session, "\nRCPT TO:<reader@example.org>\n"));
    assert_non_null(strstr(session, "\nfirst\n..\n...two\nlast\n.\n"));
    assert_int_equal(place->server->requests, 1);
}

static void a_null_sender_is_possible(void **state)
{
    struct place *place = *state;
    struct transfer_request request = mail_to(place, "reader@example.org");
    request.mail_from = "";
    assert_int_equal(bench_run(place->bench, &request)->status, 250);
    assert_non_null(strstr(session_of(place), "\nMAIL FROM:<>"));
}

static void the_connection_is_used_again(void **state)
{
    struct place *place = *state;
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(send_to(place, "reader@example.org")->status, 250);
    assert_int_equal(place->server->accepted, 1);
    assert_int_equal(place->server->requests, 5);
}

static void a_hundred_mails_each_arrive_once(void **state)
{
    struct place *place = *state;
    struct outcome *outcomes[100];
    for (size_t i = 0; i < 100; i++) {
        const struct transfer_request request =
            mail_to(place, memory_printf(place->bench, "reader%zu@example.org", i));
        outcomes[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(outcomes[i]->status, 250);
    assert_int_equal(place->server->requests, 100);
    assert_true(place->server->accepted <= 20);
}

static void the_relays_no_to_a_reader_is_the_status(void **state)
{
    struct place *place = *state;
    static const struct {
        const char *reader;
        int status;
    } rows[] = {
        {"greylisted@example.org", 450}, {"unknown@example.org", 550}, {"spam@example.org", 554}};
    for (size_t i = 0; i < 3; i++) {
        struct outcome *outcome = send_to(place, rows[i].reader);
        assert_int_equal(outcome->failure, TRANSFER_OK);
        assert_int_equal(outcome->status, rows[i].status);
        assert_non_null(outcome->error);
        assert_null(strstr(outcome->error, "@"));
    }
    /* And the next reader is served. */
    assert_int_equal(send_to(place, "reader@example.org")->status, 250);
}

static void a_no_to_all_of_us_is_never_a_no_to_the_reader(void **state)
{
    struct place *place = *state;
    struct transfer_request request = mail_to(place, "reader@example.org");
    request.mail_from = "banned@example.org";
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_OTHER);
    assert_int_equal(outcome->status, 0);
    place->manner = RELAY_AUTH;
    session_of(place);
    request = mail_to(place, "reader@example.org");
    request.user = "user";
    request.password = "wrong";
    outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_OTHER);
    assert_int_equal(outcome->status, 0);
    assert_null(strstr(outcome->error, "wrong"));
    place->manner = RELAY_NO_GREETING;
    outcome = send_to(place, "reader@example.org");
    assert_int_not_equal(outcome->failure, TRANSFER_OK);
    assert_int_equal(outcome->status, 0);
}

static void a_log_in_is_made(void **state)
{
    struct place *place = *state;
    place->manner = RELAY_AUTH;
    struct transfer_request request = mail_to(place, "reader@example.org");
    request.user = "user";
    request.password = "good";
    assert_int_equal(bench_run(place->bench, &request)->status, 250);
}

static void a_cut_after_the_last_dot_is_no_delivery(void **state)
{
    struct place *place = *state;
    struct outcome *outcome = send_to(place, "cut-after-dot@example.org");
    assert_int_equal(outcome->failure, TRANSFER_CUT);
    assert_int_equal(outcome->status, 0);
}

static void a_relay_without_starttls_gets_nothing(void **state)
{
    struct place *place = *state;
    struct transfer_request request = mail_to(place, "reader@example.org");
    request.security = MAIL_STARTTLS;
    assert_int_equal(bench_run(place->bench, &request)->failure, TRANSFER_TLS);
    assert_null(strstr(session_of(place), "MAIL"));
}

static void a_mail_that_expires_before_its_first_byte_is_not_written(void **state)
{
    struct place *place = *state;
    place->manner = RELAY_HANGS_AT_DATA;
    struct transfer_request request = mail_to(place, "reader@example.org");
    request.expires_at = clock_monotonic() + 300 * USEC_PER_MSEC;
    struct outcome *outcome = bench_run(place->bench, &request);
    assert_int_equal(outcome->failure, TRANSFER_EXPIRED);
    assert_int_equal(outcome->sent_at, 0);
    assert_null(strstr(session_of(place), "Subject"));
    assert_int_equal(place->server->requests, 0);
}

static void an_address_that_is_more_than_an_address_is_refused(void **state)
{
    struct place *place = *state;
    static const char *const bad[] = {
        "a@b.org>\r\nRCPT TO:<c@d.org",
        "a@b.org\r\nDATA",
        "a@b.org\n",
        "a@b.org\r",
        "\r\na@b.org",
        "<a@b.org>",
        "a@b.org>",
        "a b@c.org",
        "a@b.org c",
        "a@b.org,c@d.org",
        "\"a\"@b.org",
        "",
        "a",
        "@b.org",
        "a@",
        "a@b@c.org",
        "a@b.org\x01",
        "a\xc2\x85@b.org",
        "a\xe2\x80\xa8@b.org",
        "a\xe2\x80\xae@b.org",
        "a\xff@b.org",
        "a@b.org\t",
        "a@b.org;c@d.org",
        "a(c)@b.org",
        NULL,
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct transfer_request request = mail_to(place, bad[i]);
        if (transfer_start(bench_transfer(place->bench), &request, outcome_take, NULL) != -EINVAL)
            fail_msg("taken: %s", bad[i]);
        request = mail_to(place, "reader@example.org");
        request.mail_from = bad[i];
        if (bad[i] != NULL && bad[i][0] == '\0')
            continue;
        if (transfer_start(bench_transfer(place->bench), &request, outcome_take, NULL) != -EINVAL)
            fail_msg("taken as sender: %s", bad[i]);
    }
    assert_int_equal(place->server->accepted, 0);
}

static void a_mail_with_bare_line_ends_is_refused(void **state)
{
    struct place *place = *state;
    static const char *const bad[] = {"a\nb\r\n", "a\rb\r\n", "a\r\n.\nb\r\n",
                                      "\na\r\n",  "a\r",      ""};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct transfer_request request = mail_to(place, "reader@example.org");
        request.body = bad[i];
        request.body_length = strlen(bad[i]);
        assert_int_equal(transfer_start(bench_transfer(place->bench), &request, outcome_take, NULL),
                         -EINVAL);
    }
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACED(a_mail_goes_to_one_reader_with_its_dots_doubled),
        PLACED(a_null_sender_is_possible),
        PLACED(the_connection_is_used_again),
        PLACED(a_hundred_mails_each_arrive_once),
        PLACED(the_relays_no_to_a_reader_is_the_status),
        PLACED(a_no_to_all_of_us_is_never_a_no_to_the_reader),
        PLACED(a_log_in_is_made),
        PLACED(a_cut_after_the_last_dot_is_no_delivery),
        PLACED(a_relay_without_starttls_gets_nothing),
        PLACED(a_mail_that_expires_before_its_first_byte_is_not_written),
        PLACED(an_address_that_is_more_than_an_address_is_refused),
        PLACED(a_mail_with_bare_line_ends_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
