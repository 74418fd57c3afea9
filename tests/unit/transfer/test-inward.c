/* Nobody can make us knock inside (test 39): spellings, schemes, ports, names that change their
 * mind, redirects, a proxy in the environment. A canary listens on every address of this machine.
 */
#undef _FORTIFY_SOURCE /* it refuses numbered formats that leave a number out */
#include "bench.h"
#include "server.h"
#include <errno.h>

#define OUTSIDE "127.9.9.9" /* stands for a public receiver: the only address that is allowed */
#define TRIES   1000

static const struct name_row names[] = {
    {"good.test", OUTSIDE, NULL, false, NULL},
    {"*.rebind.test", OUTSIDE, NULL, false, "127.0.0.1"},
    {"*.inward.test", "127.0.0.1", "::1", false, NULL},
    {"*.private.test", "10.0.0.1", "fd00::1", false, NULL},
    {"*.metadata.test", "169.254.169.254", "::ffff:169.254.169.254", false, NULL},
};

struct place {
    struct server *canary;
    struct name_server *names;
    struct bench *bench;
    atomic_int inside; /* connections to an address that is not OUTSIDE */
};

static void talk(struct server *server, int fd)
{
    struct place *place = server->more;
    char request[4096], text[512];
    struct sockaddr_storage own;
    socklen_t length = sizeof(own);
    if (getsockname(fd, (struct sockaddr *)&own, &length) < 0 || own.ss_family != AF_INET ||
        ((struct sockaddr_in *)&own)->sin_addr.s_addr != inet_addr(OUTSIDE))
        place->inside++;
    while (server_request(server, fd, request, sizeof(request))) {
        const char *target = strstr(request, "to=");
        if (target == NULL) {
            server_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            continue;
        }
        snprintf(text, sizeof(text),
                 "HTTP/1.1 %.3s Away\r\nLocation: %.*s\r\nContent-Length: 0\r\n\r\n", request + 6,
                 (int)strcspn(target + 3, " "), target + 3);
        server_text(fd, text);
    }
}

static int set_up(void **state)
{
    struct place *place = memory_new(NULL, struct place);
    place->canary = server_new(talk, place);
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

static struct transfer_request post_to(const char *url)
{
    return (struct transfer_request){
        .kind = TRANSFER_POST,
        .lane = LANE_RECEIVER,
        .url = url,
        .body = "{}",
        .body_length = 2,
        .answer_bytes_max = 1024,
        .connect_timeout = 2 * USEC_PER_SEC,
        .total_timeout = 3 * USEC_PER_SEC,
    };
}

/* How an IPv4 address can be written: %1$u to %4$u its bytes, %5$u the whole. */
static const char *const spellings[] = {
    "%1$u.%2$u.%3$u.%4$u",
    "%1$03u.%2$03u.%3$03u.%4$03u",
    "0%1$o.0%2$o.0%3$o.0%4$o",
    "000%1$o.%2$u.%3$u.%4$u",
    "0x%1$x.0x%2$x.0x%3$x.0x%4$x",
    "0X%1$X.%2$u.%3$u.%4$u",
    "%1$u.%2$u.%3$u.0x%4$x",
    "%5$u",
    "0x%5$x",
    "0%5$o",
    "00000000000%5$o",
    "%1$u.%2$u.%3$u.%4$u.",
    "%1$u%%2e%2$u%%2e%3$u%%2e%4$u",
    "%%3%1$u.%2$u.%3$u.%4$u",
    "[::ffff:%1$u.%2$u.%3$u.%4$u]",
    "[::%1$u.%2$u.%3$u.%4$u]",
    "[0:0:0:0:0:ffff:%1$02x%2$02x:%3$02x%4$02x]",
    "[64:ff9b::%1$02x%2$02x:%3$02x%4$02x]",
    "[64:ff9b:1::%1$02x%2$02x:%3$02x%4$02x]",
    "[2002:%1$02x%2$02x:%3$02x%4$02x::1]",
    "[::ffff:0:%1$02x%2$02x:%3$02x%4$02x]",
    "[::ffff:%1$u.%2$u.%3$u.%4$u%%25lo]",
    "user@%1$u.%2$u.%3$u.%4$u",
    "user:secret@%1$u.%2$u.%3$u.%4$u",
    "good.test@%1$u.%2$u.%3$u.%4$u",
    "good.test%%40%1$u.%2$u.%3$u.%4$u",
    "good.test:80@%1$u.%2$u.%3$u.%4$u",
    "good.test#@%1$u.%2$u.%3$u.%4$u",
    "good.test\\@%1$u.%2$u.%3$u.%4$u",
    "%1$u.%2$u.%3$u.%4$u\\@good.test",
    "\xef\xbc\x91%1$u.%2$u.%3$u.%4$u",
    "%1$u\xe3\x80\x82%2$u.%3$u.%4$u",
};
static const uint8_t inner[][4] = {
    {127, 0, 0, 1}, {127, 1, 2, 3}, {10, 0, 0, 1}, {169, 254, 169, 254}, {0, 0, 0, 0}};
static const char *const others[] = {
    "localhost",     "LOCALHOST",      "localhost.",        "a.localhost",         "ip6-localhost",
    "[::1]",         "[::]",           "[0:0:0:0:0:0:0:1]", "[fe80::1]",           "[fe80::1%25lo]",
    "[fc00::1]",     "[fd00::1]",      "[ff02::1]",         "[::1%25lo]",          "a.inward.test",
    "B.INWARD.test", "c.private.test", "d.metadata.test",   "nothing.at.all.test", "e.inward.test.",
};

static size_t urls_made, urls_taken;

static void knock(struct place *place, const char *scheme, const char *host, unsigned port)
{
    const struct transfer_request request =
        post_to(memory_printf(place->bench, "%s://%s:%u/", scheme, host, port));
    struct outcome *outcome = memory_new(place->bench, struct outcome);
    urls_made++;
    urls_taken +=
        transfer_start(bench_transfer(place->bench), &request, outcome_take, outcome) == 0;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void knock_everywhere(struct place *place)
{
    static const char *const schemes[] = {"http", "https"};
    unsigned port = place->canary->port;
    urls_made = urls_taken = 0;
    for (size_t s = 0; s < 2; s++) {
        for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
            for (size_t j = 0; j < sizeof(inner) / sizeof(inner[0]); j++) {
                const uint8_t *a = inner[j];
                unsigned whole = (unsigned)a[0] << 24 | (unsigned)a[1] << 16 | a[2] << 8 | a[3];
                knock(place, schemes[s],
                      memory_printf(place->bench, spellings[i], a[0], a[1], a[2], a[3], whole),
                      port);
            }
        }
        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
            knock(place, schemes[s], others[i], port);
    }
    bench_wait(place->bench);
}
#pragma GCC diagnostic pop

static void no_spelling_leads_inside(void **state)
{
    struct place *place = *state;
    static const char *const variables[] = {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY",
                                            "ALL_PROXY"};
    const char *proxy = memory_printf(place->bench, "http://127.0.0.1:%u", place->canary->port);
    for (size_t i = 0; i < 5; i++)
        setenv(variables[i], proxy, 1);
    knock_everywhere(place);
    for (size_t i = 0; i < 5; i++)
        unsetenv(variables[i]);
    assert_true(urls_made >= 300);
    assert_int_equal(place->canary->accepted, 0);
}

/* The canary is no decoy: without the fence the same URLs do reach it. */
static void without_the_fence_many_do(void **state)
{
    struct place *place = *state;
    static const char *const rules[] = {"127.0.0.0/8", "::1/128", "0.0.0.0/32", "::/128"};
    for (size_t i = 0; i < 4; i++)
        bench_rule(place->bench, rules[i]);
    knock_everywhere(place);
    assert_true(place->canary->accepted >= 25);
}

static void other_schemes_are_no_receivers(void **state)
{
    struct place *place = *state;
    static const char *const schemes[] = {
        "ftp",  "ftps", "file",   "gopher", "gophers",    "dict",  "ldap", "ldaps",
        "smb",  "smbs", "smtp",   "smtps",  "imap",       "imaps", "pop3", "rtsp",
        "scp",  "sftp", "telnet", "tftp",   "mqtt",       "ws",    "wss",  "data",
        "unix", "jar",  "x",      "",       "javascript", "rtmp"};
    bench_rule(place->bench, "127.0.0.0/8");
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        const struct transfer_request request = post_to(
            memory_printf(place->bench, "%s://127.0.0.1:%u/", schemes[i], place->canary->port));
        if (transfer_start(bench_transfer(place->bench), &request, outcome_take, NULL) != -EINVAL)
            fail_msg("taken: %s", schemes[i]);
    }
    assert_int_equal(place->canary->accepted, 0);
}

/* What was checked is what is connected to, whatever the name says next. */
static void a_name_that_changes_its_mind_leads_nowhere_else(void **state)
{
    struct place *place = *state;
    struct outcome *outcomes[TRIES];
    size_t reached = 0;
    bench_rule(place->bench, OUTSIDE "/32");
    for (size_t i = 0; i < TRIES; i++) {
        struct transfer_request request = post_to(
            memory_printf(place->bench, "http://try%zu.rebind.test:%u/", i, place->canary->port));
        request.connect_timeout = request.total_timeout = 20 * USEC_PER_SEC;
        outcomes[i] = bench_start(place->bench, &request);
    }
    bench_wait(place->bench);
    for (size_t i = 0; i < TRIES; i++) {
        reached += outcomes[i]->status == 200;
        assert_true(outcomes[i]->status == 200 ||
                    outcomes[i]->failure == TRANSFER_ADDRESS_REFUSED ||
                    outcomes[i]->failure == TRANSFER_NAME);
    }
    assert_int_equal(place->inside, 0);
    assert_true(reached >= TRIES / 4 && reached < TRIES);
}

static void a_redirect_leads_nowhere(void **state)
{
    struct place *place = *state;
    static const char *const statuses[] = {"300", "301", "302", "303", "305", "307", "308"};
    static const char *const targets[] = {"http://127.0.0.1:%u/", "http://[::1]:%u/",
                                          "https://127.0.0.1:%u/", "//127.0.0.1:%u/",
                                          "file:///etc/hostname?%u"};
    bench_rule(place->bench, OUTSIDE "/32");
    for (size_t i = 0; i < 7; i++) {
        for (size_t j = 0; j < 5; j++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            const char *target = memory_printf(place->bench, targets[j], place->canary->port);
#pragma GCC diagnostic pop
            const struct transfer_request request =
                post_to(memory_printf(place->bench, "http://" OUTSIDE ":%u/%s?to=%s",
                                      place->canary->port, statuses[i], target));
            struct outcome *outcome = bench_run(place->bench, &request);
            assert_int_equal(outcome->status, atoi(statuses[i]));
        }
    }
    assert_int_equal(place->inside, 0);
    assert_int_equal(place->canary->requests, 35);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACED(no_spelling_leads_inside),
        PLACED(without_the_fence_many_do),
        PLACED(other_schemes_are_no_receivers),
        PLACED(a_name_that_changes_its_mind_leads_nowhere_else),
        PLACED(a_redirect_leads_nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
