/* libFuzzer target: what a receiver answers to a webhook, however the network cuts it.
 *
 * The first two bytes choose how the rest is cut and how much of the body is wanted. However it is
 * cut, the same must be understood. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "transfer/http_client.h"

#define COMPARED_MAX                                                                               \
    ((size_t)100000) /* larger ones may end by their size, a piece earlier or later */

struct reading {
    struct http_answer *answer;
    struct transfer_item *item;
    enum http_answer_state state;
};

static struct reading read_cut(TALLOC_CTX *context, const uint8_t *data, size_t size,
                               size_t answer_max, unsigned seed)
{
    struct reading reading = {.answer = http_answer_new(context),
                              .item = memory_new(context, struct transfer_item),
                              .state = HTTP_ANSWER_MORE};
    reading.item->request.kind = TRANSFER_POST;
    reading.item->request.answer_bytes_max = answer_max;
    http_answer_begin(reading.answer, reading.item);
    for (size_t at = 0, piece; at < size && reading.state == HTTP_ANSWER_MORE; at += piece) {
        piece = size - at;
        if (seed != 0) {
            seed = seed * 1103515245 + 12345;
            size_t wanted = 1 + (seed >> 16) % (seed & 0x8000 ? 4 : 200);
            piece = wanted < piece ? wanted : piece;
        }
        /* A copy of its own, so that reading past its end is found. */
        char *bytes = memory_must(talloc_memdup(context, data + at, piece));
        reading.state = http_answer_take(reading.answer, bytes, piece);
        talloc_free(bytes);
    }
    if (reading.state == HTTP_ANSWER_MORE &&
        http_answer_take(reading.answer, NULL, 0) == HTTP_ANSWER_WHOLE)
        reading.state = HTTP_ANSWER_WHOLE;
    return reading;
}

static void check(const struct reading *reading, size_t answer_max)
{
    const struct answer *answer = &reading->item->answer;
    int status = reading->item->status;
    bool whole = reading->state == HTTP_ANSWER_WHOLE;
    fuzz_must(answer->complete_header == (status != 0), "status %d", status);
    fuzz_must(status == 0 || (status >= 200 && status <= 999), "status %d", status);
    fuzz_must(!whole || answer->complete_header, "whole without a header");
    fuzz_must(whole || reading->state == HTTP_ANSWER_BROKEN || !http_answer_keeps(reading->answer),
              "kept in the middle");
    fuzz_must(answer->body == NULL || answer->body->length <= answer_max, "a body too large");
    fuzz_must(answer->retry_after == NULL || strlen(answer->retry_after) < 64, "a long value");
}

static void compare(const struct reading *a, const struct reading *b)
{
    const struct transfer_item *one = a->item, *two = b->item;
    /* What comes behind a whole answer is seen only when it comes with its end. */
    fuzz_must(a->state == b->state ||
                  (a->state != HTTP_ANSWER_MORE && b->state == HTTP_ANSWER_WHOLE),
              "states %d and %d", (int)a->state, (int)b->state);
    fuzz_must(one->status == two->status, "statuses %d and %d", one->status, two->status);
    if (one->status == 0)
        return; /* what a broken header held before its fault is nobody's */
    const char *first = one->answer.retry_after, *second = two->answer.retry_after;
    fuzz_must((first == NULL) == (second == NULL) && (first == NULL || strcmp(first, second) == 0),
              "different Retry-After");
    size_t length = one->answer.body != NULL ? one->answer.body->length : 0;
    size_t other = two->answer.body != NULL ? two->answer.body->length : 0;
    fuzz_must(length == other && (length == 0 || memcmp(one->answer.body->bytes,
                                                        two->answer.body->bytes, length) == 0),
              "different bodies");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    TALLOC_CTX *context = talloc_new(NULL);
    size_t answer_max = (size_t)data[1] * 16;
    struct reading whole = read_cut(context, data + 2, size - 2, answer_max, 0);
    struct reading cut = read_cut(context, data + 2, size - 2, answer_max, data[0] + 1u);
    check(&whole, answer_max);
    check(&cut, answer_max);
    if (size < COMPARED_MAX)
        compare(&whole, &cut);
    talloc_free(context);
    return 0;
}
