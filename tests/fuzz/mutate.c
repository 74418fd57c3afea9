/* XML-aware mutation: most changes keep the document well-formed, so that they reach the parsers
 * behind expat. One in four is libFuzzer's own, which need not. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define NAME_MAX_BYTES 64
#define CELL_MAX       4096

struct span {
    size_t at, length;
};
struct document {
    uint8_t *bytes;
    size_t size, room;
    uint64_t state; /* of the random numbers */
};

void fuzz_stop(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("broken promise: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}

static size_t random_below(struct document *document, size_t limit)
{
    document->state = document->state * 6364136223846793005u + 1442695040888963407u;
    return limit == 0 ? 0 : (size_t)(document->state >> 33) % limit;
}

/* Puts `length` bytes in the place of a span. False when there is no room. */
static bool replace(struct document *document, struct span span, const uint8_t *bytes,
                    size_t length)
{
    size_t size = document->size - span.length + length;
    if (size > document->room)
        return false;
    size_t behind = span.at + span.length;
    memmove(document->bytes + span.at + length, document->bytes + behind, document->size - behind);
    if (length > 0)
        memcpy(document->bytes + span.at, bytes, length);
    document->size = size;
    return true;
}

/* The next `wanted` byte at or after a random place, from the start when there is none. */
static bool find_byte(struct document *document, uint8_t wanted, size_t *ret_at)
{
    size_t start = random_below(document, document->size);
    uint8_t *found = memchr(document->bytes + start, wanted, document->size - start);
    if (found == NULL)
        found = memchr(document->bytes, wanted, document->size);
    if (found == NULL)
        return false;
    *ret_at = (size_t)(found - document->bytes);
    return true;
}

/* Text between two tags, or the value of an attribute. */
static bool find_value(struct document *document, struct span *ret_span)
{
    bool attribute = random_below(document, 4) == 0;
    for (int attempt = 0; attempt < 16; attempt++) {
        size_t at;
        if (!find_byte(document, attribute ? '"' : '>', &at))
            return false;
        at++;
        uint8_t *end = memchr(document->bytes + at, attribute ? '"' : '<', document->size - at);
        size_t length = end != NULL ? (size_t)(end - document->bytes) - at : 0;
        bool closes = end != NULL && (attribute || end[1] == '/');
        if (closes && length <= CELL_MAX) {
            *ret_span = (struct span){at, length};
            return true;
        }
    }
    return false;
}

/* From "<name" to the first "</name>" behind it: a whole element, but where it holds its like. */
static bool find_element(struct document *document, struct span *ret_span)
{
    for (int attempt = 0; attempt < 16; attempt++) {
        char close[NAME_MAX_BYTES + 4] = "</";
        size_t at, length = 0;
        if (!find_byte(document, '<', &at))
            return false;
        const uint8_t *name = document->bytes + at + 1;
        size_t left = document->size - at - 1;
        while (length < left && length < NAME_MAX_BYTES &&
               strchr(" \r\n\t/>?!", name[length]) == NULL)
            close[2 + length] = (char)name[length], length++;
        close[2 + length] = '>';
        const uint8_t *end = length > 0 ? memmem(name, left, close, length + 3) : NULL;
        if (end != NULL) {
            *ret_span = (struct span){at, (size_t)(end - document->bytes) + length + 3 - at};
            return true;
        }
    }
    return false;
}

static bool change_value(struct document *document)
{
    uint8_t cell[CELL_MAX * 2] = {0};
    struct span span;
    if (!find_value(document, &span))
        return false;
    memcpy(cell, document->bytes + span.at, span.length);
    size_t length = LLVMFuzzerMutate(cell, span.length, sizeof(cell));
    for (size_t i = 0; i < length; i++) {
        if (cell[i] == '<' || cell[i] == '&' || cell[i] == '"' || cell[i] < ' ')
            cell[i] = '0';
    }
    return replace(document, span, cell, length);
}

static bool copy_value(struct document *document)
{
    uint8_t cell[CELL_MAX];
    struct span from, to;
    if (!find_value(document, &from))
        return false;
    memcpy(cell, document->bytes + from.at, from.length);
    return find_value(document, &to) && replace(document, to, cell, from.length);
}

static bool empty_value(struct document *document)
{
    struct span span;
    return find_value(document, &span) && replace(document, span, NULL, 0);
}

static bool drop_element(struct document *document)
{
    struct span span;
    return find_element(document, &span) && replace(document, span, NULL, 0);
}

/* A copy of one element goes before another, or in its place. */
static bool move_element(struct document *document)
{
    struct span from, to;
    if (!find_element(document, &from))
        return false;
    uint8_t *copy = malloc(from.length);
    memcpy(copy, document->bytes + from.at, from.length);
    bool done = find_element(document, &to);
    if (done) {
        to.length = random_below(document, 2) == 0 ? to.length : 0;
        done = replace(document, to, copy, from.length);
    }
    free(copy);
    return done;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    static bool (*const changes[])(struct document *) = {change_value, change_value, copy_value,
                                                         empty_value,  drop_element, move_element};
    struct document document = {.bytes = data, .size = size, .room = max_size, .state = seed};
    random_below(&document, 2);
    if (random_below(&document, 4) == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    bool changed = false;
    size_t rounds = 1 + random_below(&document, 3);
    for (size_t i = 0; i < rounds; i++)
        changed = changes[random_below(&document, 6)](&document) || changed;
    return changed ? document.size : LLVMFuzzerMutate(data, size, max_size);
}
