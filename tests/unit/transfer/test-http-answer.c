/* Requests as they are written, and answers read however they are cut. */
#include "transfer/http_client.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/memory.h"

#define BODY_MAX 16

static struct transfer_item *item_for(TALLOC_CTX *context)
{
    struct transfer_item *item = memory_new(context, struct transfer_item);
    item->request.kind = TRANSFER_POST;
    item->request.answer_bytes_max = BODY_MAX;
    return item;
}

/* ---- answers ---- */

#define MORE   HTTP_ANSWER_MORE
#define WHOLE  HTTP_ANSWER_WHOLE
#define BROKEN HTTP_ANSWER_BROKEN

static const struct answer_row {
    const char *text;
    enum http_answer_state state; /* after all of it */
    enum http_answer_state ended; /* and after the end of the connection, when MORE */
    int status;                   /* 0: no complete header */
    const char *body;
    bool keeps;
    const char *retry_after;
} answers[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", WHOLE, MORE, 200, "ok", true, NULL},
    {"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", WHOLE, MORE, 200, "", true, NULL},
    {"HTTP/1.1 200 OK\nContent-Length: 2\n\nok", WHOLE, MORE, 200, "ok", true, NULL},
    {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", WHOLE, MORE, 200, "ok",
     false, NULL},
    {"HTTP/1.1 200 OK\r\n\r\nuntil close", MORE, WHOLE, 200, "until close", false, NULL},
    {"HTTP/1.0 200 OK\r\n\r\nold", MORE, WHOLE, 200, "old", false, NULL},
    {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold", WHOLE, MORE, 200, "old", false, NULL},
    {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nold", WHOLE, MORE, 200,
     "old", true, NULL},
    {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", MORE, BROKEN, 200, "short", false, NULL},
    /* Interim answers, also with what they must not have. */
    {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 None\r\n\r\n", WHOLE, MORE, 204, "", true, NULL},
    {"HTTP/1.1 103 Early\r\nRetry-After: 9\r\n\r\nHTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n"
     "HTTP/1.1 202 Yes\r\nContent-Length: 1\r\n\r\ny",
     WHOLE, MORE, 202, "y", true, NULL},
    {"HTTP/1.1 103 Early\r\nContent-Length: 40\r\n\r\nHTTP/1.1 202 Yes\r\nContent-Length: 1\r\n\r\n"
     "y",
     WHOLE, MORE, 202, "y", true, NULL},
    {"HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n"
     "HTTP/1.1 202 Yes\r\nContent-Length: 1\r\n\r\ny",
     WHOLE, MORE, 202, "y", true, NULL},
    {"HTTP/1.1 100 Continue\r\n\r\n", MORE, MORE, 0, "", false, NULL},
    {"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", BROKEN, MORE, 0, "",
     false, NULL},
    /* Answers without a body whatever their header says (RFC 9112 6.3). */
    {"HTTP/1.1 204 None\r\nContent-Length: 5\r\n\r\n", WHOLE, MORE, 204, "", true, NULL},
    {"HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n", WHOLE, MORE, 304, "", true, NULL},
    {"HTTP/1.1 204 None\r\nTransfer-Encoding: chunked\r\n\r\n", WHOLE, MORE, 204, "", true, NULL},
    /* Chunks, with extensions and trailers; a trailer is not a header. */
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\none\r\nA\r\n twoandtwo\r\n"
     "0\r\n\r\n",
     WHOLE, MORE, 200, "one twoandtwo", true, NULL},
    {"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
     "Retry-After: 99\r\nX-Sum: 1\r\n\r\n",
     WHOLE, MORE, 503, "x", true, "7"},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n", MORE, BROKEN, 200, "one",
     false, NULL},
    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", BROKEN, MORE, 200, "", false,
     NULL},
    /* Both lengths: the chunks count, and nothing may follow (RFC 9112 6.3). */
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
     "0\r\n\r\n",
     WHOLE, MORE, 200, "ok", false, NULL},
    {"HTTP/1.1 429 Slow\r\nRetry-After:   120  \r\nContent-Length: 0\r\n\r\n", WHOLE, MORE, 429, "",
     true, "120"},
    {"HTTP/1.1 503 No\r\nRETRY-AFTER: Wed, 21 Oct 2026 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n",
     WHOLE, MORE, 503, "", true, "Wed, 21 Oct 2026 07:28:00 GMT"},
    {"HTTP/1.1 503 No\r\nRetry-After: "
     "11111111111111111111111111111111111111111111111111111111111111111111111"
     "1\r\nContent-Length: 0\r\n\r\n",
     WHOLE, MORE, 503, "", true, NULL},
    {"HTTP/1.1 503 No\r\nX-Retry-After: 5\r\nRetry-After-X: 5\r\nRetry-Afte: 5\r\nRetry-After:\r\n"
     "Content-Length: 0\r\n\r\n",
     WHOLE, MORE, 503, "", true, NULL},
    /* More than was wanted: the receipt stands. */
    {"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789abcdefXXXX", BROKEN, MORE, 200,
     "0123456789abcdef", false, NULL},
    {"HTTP/1.1 200 OK\r\n\r\n0123456789abcdefXXXX", BROKEN, MORE, 200, "0123456789abcdef", false,
     NULL},
    /* Not HTTP. */
    {"220 mail.test ESMTP\r\n", BROKEN, MORE, 0, "", false, NULL},
    {"HTTP/1.1 abc\r\n\r\n", BROKEN, MORE, 0, "", false, NULL},
    {"\x16\x03\x01\x02", BROKEN, MORE, 0, "", false, NULL},
    {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", BROKEN, MORE, 0, "", false, NULL},
    {"HTTP/1.1 200 OK\r\nContent-Le", MORE, BROKEN, 0, "", false, NULL},
};

/* In pieces of at most `second` bytes after a first one; stops when it is over, as connections do.
 */
static enum http_answer_state take(struct http_answer *answer, const char *text, size_t first,
                                   size_t second)
{
    size_t length = strlen(text), piece = first;
    enum http_answer_state state = HTTP_ANSWER_MORE;
    for (size_t at = 0; at < length && state == HTTP_ANSWER_MORE; at += piece, piece = second) {
        if (piece > length - at)
            piece = length - at;
        /* A copy of its own, so that reading past its end is found. */
        char *part = talloc_memdup(NULL, text + at, piece);
        state = http_answer_take(answer, part, piece);
        talloc_free(part);
    }
    return state;
}

static void check_answer(const struct answer_row *row, size_t first, size_t second)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct http_answer *answer = http_answer_new(context);
    struct transfer_item *item = item_for(context);
    http_answer_begin(answer, item);
    enum http_answer_state state = take(answer, row->text, first, second);
    if (state != row->state)
        fail_msg("state %d, not %d, cut at %zu and each %zu: %s", (int)state, (int)row->state,
                 first, second, row->text);
    if (state == HTTP_ANSWER_MORE)
        assert_int_equal(http_answer_take(answer, NULL, 0), row->ended);
    assert_int_equal(item->answer.complete_header ? item->status : 0, row->status);
    const struct buffer *body = item->answer.body;
    assert_string_equal(body != NULL ? body->bytes : "", row->body);
    if (http_answer_keeps(answer) != row->keeps)
        fail_msg("kept or not against the rule: %s", row->text);
    assert_int_equal(item->answer.retry_after != NULL, row->retry_after != NULL);
    if (row->retry_after != NULL)
        assert_string_equal(item->answer.retry_after, row->retry_after);
    talloc_free(context);
}

static void answers_are_read_the_same_in_every_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        size_t length = strlen(answers[i].text);
        check_answer(&answers[i], length, length);
        for (size_t first = 1; first < length; first++)
            check_answer(&answers[i], first, length);
        for (size_t each = 1; each < 8; each++)
            check_answer(&answers[i], each, each);
    }
}

static void what_comes_behind_an_answer_breaks_the_connection_only(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct http_answer *answer = http_answer_new(context);
    struct transfer_item *item = item_for(context);
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 X\r\n";
    http_answer_begin(answer, item);
    assert_int_equal(http_answer_take(answer, text, strlen(text)), HTTP_ANSWER_BROKEN);
    assert_int_equal(item->status, 200);
    assert_true(item->answer.complete_header);
    assert_int_equal(item->failure, TRANSFER_OK);
    talloc_free(context);
}

/* Repeats a piece until the answer is broken; returns how much it took. */
static size_t endless(struct transfer_item *item, const char *begin, const char *piece)
{
    struct http_answer *answer = http_answer_new(item);
    size_t taken = strlen(begin), length = strlen(piece);
    http_answer_begin(answer, item);
    enum http_answer_state state = http_answer_take(answer, begin, taken);
    while (state == HTTP_ANSWER_MORE && taken < (size_t)1024 * 1024) {
        state = http_answer_take(answer, piece, length);
        taken += length;
    }
    assert_int_equal(state, HTTP_ANSWER_BROKEN);
    talloc_free(answer);
    return taken;
}

static void endless_answers_end(void **state)
{
    (void)state;
    static const struct {
        const char *begin, *piece;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\n", "X-Header: something\r\n"},
        {"HTTP/1.1 200 OK\r\nX", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
        {"HTTP/1.1 200 OK\r\nX: ", "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"},
        {"HTTP/1.1 200 OK\r\nX: ", "                                            "},
        {"HTTP/1.1 200 ", "reason reason reason reason reason"},
        {"\r\n", "\r\n\r\n\r\n\r\n\r\n\r\n"},
        {"HTTP/1.1 100 Go\r\n\r\n",
         "HTTP/1.1 100 Go\r\nX:                                  \r\n\r\n"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "0000000000000000000000000"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-Trailer: something\r\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct transfer_item *item = item_for(NULL);
        assert_true(endless(item, rows[i].begin, rows[i].piece) <= (size_t)160 * 1024);
        talloc_free(item);
    }
}

/* A byte of body in each chunk that is mostly something else would hold the loop for long. */
static void chunks_that_are_mostly_extension_end(void **state)
{
    (void)state;
    struct transfer_item *item = item_for(NULL);
    item->request.answer_bytes_max = (size_t)4096;
    char *chunk = memory_printf(item, "1;%060000d\r\nx\r\n", 1);
    assert_true(endless(item, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk) <=
                (size_t)256 * 1024);
    assert_int_equal(item->status, 200);
    talloc_free(item);
}

/* ---- requests ---- */

static const char *written(struct transfer_item *item, bool keep)
{
    struct buffer *request = buffer_new(item, (size_t)1024 * 1024);
    assert_int_equal(http_request_write(item, "agent/1", keep, request), 0);
    return request->bytes;
}

static void the_host_and_the_target_are_the_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *target, *host;
    } rows[] = {
        {"https://a.test", "/", "a.test"},
        {"https://a.test/", "/", "a.test"},
        {"https://a.test:8443/in", "/in", "a.test:8443"},
        {"https://a.test?q=1", "/?q=1", "a.test"},
        {"https://a.test/p?q=http://b/c#d", "/p?q=http://b/c", "a.test"},
        {"https://a.test#part", "/", "a.test"},
        {"https://a.test/p#part?no", "/p", "a.test"},
        {"http://[::1]:8080/six", "/six", "[::1]:8080"},
        {"http://[::1]", "/", "[::1]"},
        {"http://127.0.0.1:80/%20x", "/%20x", "127.0.0.1:80"},
    };
    static const char *const headers[] = {"Content-Type: application/json", "X-One:  two", NULL};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct transfer_item *item = item_for(NULL);
        item->request.url = rows[i].url;
        item->request.headers = headers;
        item->request.body = "{}\r\n";
        item->request.body_length = 4;
        const char *expected =
            memory_printf(item,
                          "POST %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: agent/1\r\nAccept: */*\r\n"
                          "Content-Type: application/json\r\nX-One:  two\r\nContent-Length: 4\r\n",
                          rows[i].target, rows[i].host);
        assert_string_equal(written(item, false),
                            memory_printf(item, "%sConnection: close\r\n\r\n{}\r\n", expected));
        assert_string_equal(written(item, true), memory_printf(item, "%s\r\n{}\r\n", expected));
        talloc_free(item);
    }
}

static void a_request_that_is_too_large_is_not_cut(void **state)
{
    (void)state;
    static const char *const none[] = {NULL};
    struct transfer_item *item = item_for(NULL);
    struct buffer *request = buffer_new(item, 4096);
    item->request.url = "https://a.test/";
    item->request.headers = none;
    item->request.body = memory_array(item, char, 4096);
    item->request.body_length = 4096;
    assert_int_equal(http_request_write(item, NULL, false, request), -E2BIG);
    item->request.body_length = 1024;
    assert_int_equal(http_request_write(item, NULL, false, request), 0);
    assert_null(strstr(request->bytes, "User-Agent"));
    talloc_free(item);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_read_the_same_in_every_cut),
        cmocka_unit_test(what_comes_behind_an_answer_breaks_the_connection_only),
        cmocka_unit_test(endless_answers_end),
        cmocka_unit_test(chunks_that_are_mostly_extension_end),
        cmocka_unit_test(the_host_and_the_target_are_the_urls),
        cmocka_unit_test(a_request_that_is_too_large_is_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
