/* Answers by http-parser: see http_client.h. Interim answers (1xx) are passed over. */
#include <http_parser.h>
#include <string.h>
#include <strings.h>
#include "base/memory.h"
#include "transfer/http_client.h"

#define NAME_BYTES  16 /* longer ones are not wanted */
#define VALUE_BYTES 64

/* On the wire an answer may be so much larger than its body: a header, and eight times the body for
 * the frames of its chunks. Extensions of chunks without end would keep the loop. */
#define HEADER_ROOM ((size_t)128 * 1024)
#define FRAME_ROOM  8

struct http_answer {
    http_parser parser;
    struct transfer_item *item;
    size_t bytes; /* on the wire */
    /* The header at hand; both may come in pieces. */
    char name[NAME_BYTES], value[VALUE_BYTES];
    size_t name_length, value_length;
    bool in_value, whole;
};

static struct http_answer *of(const http_parser *parser)
{
    return parser->data;
}

/* The final one, whose receipt counts. */
static bool is_final(const http_parser *parser)
{
    return parser->status_code >= 200;
}

/* Without a body whatever its header says (RFC 9112 6.3). */
static bool is_bodiless(const http_parser *parser)
{
    return !is_final(parser) || parser->status_code == 204 || parser->status_code == 304;
}

/* Trailers say nothing about the answer (RFC 9110 6.5.1). */
static void header_over(struct http_answer *answer)
{
    if (answer->in_value && is_final(&answer->parser) && !answer->item->answer.complete_header &&
        answer->value_length < VALUE_BYTES)
        answer_keep_header(answer->item, answer->name, answer->name_length, answer->value,
                           answer->value_length);
    answer->name_length = answer->value_length = 0;
    answer->in_value = false;
}

/* What fills the room is longer than anything that is wanted. */
static void add(char *text, size_t size, size_t *length, const char *bytes, size_t count)
{
    if (count <= size - *length)
        memcpy(text + *length, bytes, count);
    *length = count <= size - *length ? *length + count : size;
}

static int on_header_name(http_parser *parser, const char *bytes, size_t length)
{
    struct http_answer *answer = of(parser);
    if (answer->in_value)
        header_over(answer);
    add(answer->name, NAME_BYTES, &answer->name_length, bytes, length);
    return answer_count_header(answer->item, length) ? 0 : 1;
}

static int on_header_value(http_parser *parser, const char *bytes, size_t length)
{
    struct http_answer *answer = of(parser);
    answer->in_value = true;
    add(answer->value, VALUE_BYTES, &answer->value_length, bytes, length);
    return answer_count_header(answer->item, length) ? 0 : 1;
}

static int on_reason(http_parser *parser, const char *bytes, size_t length)
{
    (void)bytes;
    return answer_count_header(of(parser)->item, length) ? 0 : 1;
}

static int on_headers_complete(http_parser *parser)
{
    struct http_answer *answer = of(parser);
    header_over(answer);
    /* Nobody has asked for another protocol. */
    if (parser->status_code == 101 || !answer_count_header(answer->item, 16))
        return -1;
    if (is_final(parser)) {
        answer->item->answer.complete_header = true;
        answer->item->status = (int)parser->status_code;
    }
    return is_bodiless(parser) ? 1 : 0; /* 1: the parser expects no body */
}

static int on_body(http_parser *parser, const char *bytes, size_t length)
{
    return answer_keep_body(of(parser)->item, bytes, length) ? 0 : 1;
}

static int on_message_complete(http_parser *parser)
{
    struct http_answer *answer = of(parser);
    if (is_final(parser)) {
        answer->whole = true;
        http_parser_pause(parser, 1);
    }
    return 0;
}

static const http_parser_settings settings = {.on_status = on_reason,
                                              .on_header_field = on_header_name,
                                              .on_header_value = on_header_value,
                                              .on_headers_complete = on_headers_complete,
                                              .on_body = on_body,
                                              .on_message_complete = on_message_complete};

struct http_answer *http_answer_new(TALLOC_CTX *context)
{
    return memory_new(context, struct http_answer);
}

void http_answer_begin(struct http_answer *answer, struct transfer_item *item)
{
    *answer = (struct http_answer){.item = item};
    http_parser_init(&answer->parser, HTTP_RESPONSE);
    answer->parser.allow_chunked_length = 1; /* the chunks count (RFC 9112 6.3) */
    answer->parser.data = answer;
}

enum http_answer_state http_answer_take(struct http_answer *answer, const char *bytes,
                                        size_t length)
{
    answer->bytes += length;
    if (answer->bytes > HEADER_ROOM + FRAME_ROOM * answer->item->request.answer_bytes_max)
        return HTTP_ANSWER_BROKEN;
    size_t taken = http_parser_execute(&answer->parser, &settings, bytes, length);
    if (answer->whole)
        return taken >= length ? HTTP_ANSWER_WHOLE : HTTP_ANSWER_BROKEN;
    if (HTTP_PARSER_ERRNO(&answer->parser) != HPE_OK)
        return HTTP_ANSWER_BROKEN;
    return HTTP_ANSWER_MORE;
}

bool http_answer_keeps(const struct http_answer *answer)
{
    unsigned flags = answer->parser.flags;
    bool two_lengths = (flags & F_CHUNKED) != 0 && (flags & F_CONTENTLENGTH) != 0;
    return answer->whole && !two_lengths && http_should_keep_alive(&answer->parser) != 0;
}
