/* XML bytes to a tree: see element.h.
 *
 * One pass of expat fills an arena, behind every fence (DOCTYPE, encoding, depth, counts, sizes);
 * a document that runs into one is dropped with its arena. A hostile document thus costs no more
 * than the largest allowed one. The bytes are fed in pieces, so that a single huge token (an
 * attribute of megabytes, a comment without an end) shows as expat falling behind. */
#include "base/element.h"

#include <errno.h>
#include <expat.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/arena.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"

#define ELEMENT_PIECE_BYTES (64 * 1024)
#define ELEMENT_TOKEN_BYTES (256 * 1024)
/* Long namespace addresses times many foreign elements must not multiply the size of the tree. */
#define ELEMENT_GROWTH 4
#define ELEMENT_DEPTH  256
#define NAMESPACE_MARK '|'

const struct element_limits element_limits_default = {
    .bytes = 8 * 1024 * 1024,
    .elements = 500000,
    .text_bytes = 1024 * 1024,
    .depth = 64,
    .attributes = 32,
};

struct element_parser {
    XML_Parser expat;
    const char *name;
    const char *namespace_start;
    const struct element_limits *limits;
    struct problems *problems;
    int error; /* once set, the handlers do nothing more */
    unsigned depth;
    size_t element_count, name_bytes;
    /* Elements apart from texts: whoever walks the tree reads the former closely packed. */
    struct arena *elements, *strings;
    struct element *root;
    struct element *open[ELEMENT_DEPTH];
    struct element *last_child[ELEMENT_DEPTH];
    struct buffer *texts[ELEMENT_DEPTH];
};

__attribute__((format(printf, 4, 5))) static void
element_fail(struct element_parser *parser, int error, const char *instead, const char *what, ...)
{
    if (parser->error != 0)
        return;
    parser->error = error;
    va_list arguments;
    va_start(arguments, what);
    char *text = memory_must(talloc_vasprintf(NULL, what, arguments));
    va_end(arguments);
    problems_add(parser->problems, parser->name, (unsigned)XML_GetCurrentLineNumber(parser->expat),
                 (unsigned)XML_GetCurrentColumnNumber(parser->expat) + 1, instead, "%s", text);
    talloc_free(text);
    XML_StopParser(parser->expat, XML_FALSE);
}

/* The name as the tree shows it: local within the expected namespaces, else "uri|local". */
static const char *element_name(const struct element_parser *parser, const char *name,
                                bool *ret_bare)
{
    const char *mark = strrchr(name, NAMESPACE_MARK);
    bool expected = parser->namespace_start == NULL ||
                    (mark != NULL && text_starts(name, parser->namespace_start));
    *ret_bare = !expected && mark == NULL;
    return expected && mark != NULL ? mark + 1 : name;
}

static const char *attribute_local(const char *name)
{
    const char *mark = strrchr(name, NAMESPACE_MARK);
    return mark != NULL ? mark + 1 : name;
}

static void fence_doctype(void *data, const XML_Char *name, const XML_Char *system,
                          const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    element_fail(data, -EBADMSG, "the document without it", "a DOCTYPE is not allowed");
}

static void fence_declaration(void *data, const XML_Char *version, const XML_Char *encoding,
                              int standalone)
{
    (void)version, (void)standalone;
    if (encoding != NULL && strcasecmp(encoding, "UTF-8") != 0)
        element_fail(data, -EBADMSG, "encoding=\"UTF-8\"", "the encoding \"%.40s\" is not allowed",
                     encoding);
}

/* How many there are, once each is known to be allowed. */
static size_t count_attributes(struct element_parser *parser, const XML_Char **attributes)
{
    size_t count = 0;
    for (; attributes[2 * count] != NULL; count++) {
        if (strlen(attributes[2 * count + 1]) > parser->limits->text_bytes)
            element_fail(parser, -E2BIG, NULL, "an attribute is longer than %zu bytes",
                         parser->limits->text_bytes);
    }
    if (count > parser->limits->attributes)
        element_fail(parser, -E2BIG, NULL, "an element has more than %u attributes",
                     parser->limits->attributes);
    return count;
}

/* Attributes without a namespace come first, so that no foreign one hides them. */
static void take_attributes(struct element_parser *parser, struct element *element,
                            const XML_Char **attributes)
{
    size_t count = count_attributes(parser, attributes);
    if (count == 0 || parser->error != 0)
        return;
    struct element_attribute *taken = arena_take(parser->elements, count * sizeof(*taken));
    element->attributes = taken;
    for (int qualified = 0; qualified < 2; qualified++) {
        for (size_t i = 0; attributes[i] != NULL; i += 2) {
            const char *local = attribute_local(attributes[i]);
            if ((local != attributes[i]) != (qualified == 1))
                continue;
            const char *value = attributes[i + 1];
            taken->name = arena_text(parser->strings, local, strlen(local));
            taken->value = arena_text(parser->strings, value, strlen(value));
            taken++;
            element->attribute_count++;
        }
    }
}

/* Whether one element more is allowed here. */
static bool fence_element(struct element_parser *parser)
{
    if (parser->depth >= parser->limits->depth || parser->depth + 1 >= ELEMENT_DEPTH)
        element_fail(parser, -E2BIG, NULL, "elements are nested deeper than %u",
                     parser->limits->depth);
    else if (parser->element_count >= parser->limits->elements)
        element_fail(parser, -E2BIG, NULL, "there are more than %zu elements",
                     parser->limits->elements);
    else if (parser->name_bytes > ELEMENT_GROWTH * parser->limits->bytes)
        element_fail(parser, -E2BIG, NULL, "names repeat long namespaces too often");
    return parser->error == 0;
}

static const char *take_name(struct element_parser *parser, const char *name)
{
    bool bare;
    const char *shown = element_name(parser, name, &bare);
    size_t length = strlen(shown);
    parser->name_bytes += length;
    if (!bare)
        return arena_text(parser->strings, shown, length);
    /* Outside of every namespace: "|name", so that no lookup takes it for a known one. */
    char *marked = arena_take(parser->strings, length + 2);
    marked[0] = NAMESPACE_MARK;
    memcpy(marked + 1, shown, length + 1);
    return marked;
}

static void take_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct element_parser *parser = data;
    if (parser->error != 0 || !fence_element(parser))
        return;
    struct element *element = arena_take(parser->elements, sizeof(*element));
    struct element *parent = parser->open[parser->depth];
    parser->element_count++;
    element->name = take_name(parser, name);
    element->text = "";
    element->parent = parent;
    element->line = (unsigned)XML_GetCurrentLineNumber(parser->expat);
    element->column = (unsigned)XML_GetCurrentColumnNumber(parser->expat) + 1;
    if (parser->last_child[parser->depth] != NULL)
        parser->last_child[parser->depth]->next = element;
    else if (parent != NULL)
        parent->first_child = element;
    else
        parser->root = element;
    parser->last_child[parser->depth] = element;
    parser->depth++;
    parser->open[parser->depth] = element;
    parser->last_child[parser->depth] = NULL;
    if (parser->texts[parser->depth] == NULL)
        parser->texts[parser->depth] = buffer_new(parser, parser->limits->text_bytes);
    parser->texts[parser->depth]->length = 0;
    take_attributes(parser, element, attributes);
}

static void take_text(void *data, const XML_Char *text, int length)
{
    struct element_parser *parser = data;
    if (parser->error == 0 && buffer_append(parser->texts[parser->depth], text, (size_t)length) < 0)
        element_fail(parser, -E2BIG, NULL, "a text is longer than %zu bytes",
                     parser->limits->text_bytes);
}

static void take_end(void *data, const XML_Char *name)
{
    struct element_parser *parser = data;
    (void)name;
    if (parser->error != 0)
        return;
    const struct buffer *own = parser->texts[parser->depth];
    own->bytes[own->length] = '\0';
    size_t length;
    const char *inner = text_inner(own->bytes, own->length, &length);
    if (length > 0)
        parser->open[parser->depth]->text = arena_text(parser->strings, inner, length);
    parser->depth--;
}

static void expat_fail(struct element_parser *parser)
{
    enum XML_Error code = XML_GetErrorCode(parser->expat);
    if (code == XML_ERROR_NO_MEMORY)
        memory_must(NULL);
    element_fail(parser, -EBADMSG, NULL, "not well-formed XML in UTF-8: %s", XML_ErrorString(code));
}

/* One pass over all bytes. */
static void element_feed(struct element_parser *parser, const char *bytes, size_t length)
{
    size_t fed = 0;
    do {
        size_t piece = length - fed < ELEMENT_PIECE_BYTES ? length - fed : ELEMENT_PIECE_BYTES;
        bool last = fed + piece == length;
        if (XML_Parse(parser->expat, bytes + fed, (int)piece, last) != XML_STATUS_OK) {
            expat_fail(parser);
            return;
        }
        fed += piece;
        XML_Index reached = XML_GetCurrentByteIndex(parser->expat);
        if (fed < length && reached >= 0 && fed - (size_t)reached > ELEMENT_TOKEN_BYTES) {
            element_fail(parser, -E2BIG, NULL, "a tag or comment is longer than %d bytes",
                         ELEMENT_TOKEN_BYTES);
            return;
        }
    } while (fed < length);
}

/* Expat turns to UTF-16 by itself when the first bytes look like it, whatever it was told. */
static bool begins_as_utf16(const char *bytes, size_t length)
{
    return length >= 2 && (bytes[0] == '\0' || bytes[1] == '\0' ||
                           memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
}

static void parse_all(struct element_parser *parser, const char *bytes, size_t length)
{
    parser->expat = memory_must(XML_ParserCreateNS("UTF-8", NAMESPACE_MARK));
    XML_SetUserData(parser->expat, parser);
    XML_SetXmlDeclHandler(parser->expat, fence_declaration);
    XML_SetStartDoctypeDeclHandler(parser->expat, fence_doctype);
    XML_SetElementHandler(parser->expat, take_start, take_end);
    XML_SetCharacterDataHandler(parser->expat, take_text);
    if (length > parser->limits->bytes)
        element_fail(parser, -E2BIG, NULL, "the document is longer than %zu bytes",
                     parser->limits->bytes);
    if (begins_as_utf16(bytes, length))
        element_fail(parser, -EBADMSG, "the document in UTF-8", "this is not UTF-8 but UTF-16");
    if (parser->error == 0)
        element_feed(parser, bytes, length);
    XML_ParserFree(parser->expat);
}

int element_parse(TALLOC_CTX *context, const char *name, const void *bytes, size_t length,
                  const char *namespace_start, const struct element_limits *limits,
                  struct problems *problems, const struct element **ret_root)
{
    struct element_parser *parser = memory_new(NULL, struct element_parser);
    struct arena *elements = arena_new(context);
    *parser = (struct element_parser){
        .name = name,
        .namespace_start = namespace_start,
        .limits = limits,
        .problems = problems,
        .elements = elements,
        .strings = arena_new(elements),
    };
    parse_all(parser, bytes, length);
    int error = parser->error;
    if (error == 0)
        *ret_root = parser->root;
    else
        talloc_free(elements);
    talloc_free(parser);
    return error;
}
