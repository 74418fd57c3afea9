/* XML bytes to a tree: see element.h.
 *
 * The bytes go through expat twice. The first pass builds nothing: it holds every fence (DOCTYPE,
 * encoding, depth, counts, sizes) and measures how much the tree needs. The second pass runs only
 * when the whole document has passed, and fills three arrays of exactly that size. A hostile
 * document thus costs no more memory than expat's own token buffer, and a tree is four chunks
 * however many elements it has. The bytes are fed in pieces, so that a single huge token (an
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
    /* First pass: what the tree needs. */
    size_t element_count, attribute_count, string_bytes;
    size_t text_lengths[ELEMENT_DEPTH];
    /* Second pass: the tree. */
    struct element *elements;
    struct element_attribute *attributes;
    char *strings;
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

static void measure_attributes(struct element_parser *parser, const XML_Char **attributes)
{
    size_t count = 0;
    for (; attributes[2 * count] != NULL; count++) {
        size_t length = strlen(attributes[2 * count + 1]);
        if (length > parser->limits->text_bytes) {
            element_fail(parser, -E2BIG, NULL, "an attribute is longer than %zu bytes",
                         parser->limits->text_bytes);
            return;
        }
        parser->string_bytes += strlen(attribute_local(attributes[2 * count])) + length + 2;
    }
    parser->attribute_count += count;
    if (count > parser->limits->attributes)
        element_fail(parser, -E2BIG, NULL, "an element has more than %u attributes",
                     parser->limits->attributes);
}

static void measure_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct element_parser *parser = data;
    bool bare;
    if (parser->error != 0)
        return;
    if (parser->depth >= parser->limits->depth || parser->depth + 1 >= ELEMENT_DEPTH) {
        element_fail(parser, -E2BIG, NULL, "elements are nested deeper than %u",
                     parser->limits->depth);
        return;
    }
    if (parser->element_count >= parser->limits->elements) {
        element_fail(parser, -E2BIG, NULL, "there are more than %zu elements",
                     parser->limits->elements);
        return;
    }
    parser->element_count++;
    parser->text_lengths[++parser->depth] = 0;
    parser->string_bytes += strlen(element_name(parser, name, &bare)) + 2 + (bare ? 1 : 0);
    measure_attributes(parser, attributes);
    if (parser->string_bytes > ELEMENT_GROWTH * parser->limits->bytes)
        element_fail(parser, -E2BIG, NULL, "names repeat long namespaces too often");
}

static void measure_text(void *data, const XML_Char *text, int length)
{
    struct element_parser *parser = data;
    (void)text;
    if (parser->error != 0)
        return;
    size_t *own = &parser->text_lengths[parser->depth];
    *own += (size_t)length;
    parser->string_bytes += (size_t)length;
    if (*own > parser->limits->text_bytes)
        element_fail(parser, -E2BIG, NULL, "a text is longer than %zu bytes",
                     parser->limits->text_bytes);
}

static void measure_end(void *data, const XML_Char *name)
{
    struct element_parser *parser = data;
    (void)name;
    if (parser->error == 0)
        parser->depth--;
}

static const char *string_copy(struct element_parser *parser, const char *text, size_t length)
{
    char *copy = parser->strings;
    memcpy(copy, text, length);
    copy[length] = '\0';
    parser->strings += length + 1;
    return copy;
}

/* Attributes without a namespace come first, so that no foreign one hides them. */
static void build_attributes(struct element_parser *parser, struct element *element,
                             const XML_Char **attributes)
{
    element->attributes = parser->attributes;
    for (int qualified = 0; qualified < 2; qualified++) {
        for (size_t i = 0; attributes[i] != NULL; i += 2) {
            const char *local = attribute_local(attributes[i]);
            if ((local != attributes[i]) != (qualified == 1))
                continue;
            const char *value = attributes[i + 1];
            parser->attributes->name = string_copy(parser, local, strlen(local));
            parser->attributes->value = string_copy(parser, value, strlen(value));
            parser->attributes++;
            element->attribute_count++;
        }
    }
}

static void build_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
    struct element_parser *parser = data;
    struct element *element = parser->elements++;
    struct element *parent = parser->open[parser->depth];
    bool bare;
    const char *shown = element_name(parser, name, &bare);
    if (bare) /* outside of every namespace: "|name", so that no lookup takes it for a known one */
        *parser->strings = NAMESPACE_MARK;
    char *start = parser->strings;
    parser->strings += bare ? 1 : 0;
    string_copy(parser, shown, strlen(shown));
    element->name = start;
    element->parent = parent;
    element->line = (unsigned)XML_GetCurrentLineNumber(parser->expat);
    element->column = (unsigned)XML_GetCurrentColumnNumber(parser->expat) + 1;
    if (parser->last_child[parser->depth] != NULL)
        parser->last_child[parser->depth]->next = element;
    else if (parent != NULL)
        parent->first_child = element;
    parser->last_child[parser->depth] = element;
    parser->depth++;
    parser->open[parser->depth] = element;
    parser->last_child[parser->depth] = NULL;
    if (parser->texts[parser->depth] == NULL)
        parser->texts[parser->depth] = buffer_new(parser, parser->limits->text_bytes);
    parser->texts[parser->depth]->length = 0;
    build_attributes(parser, element, attributes);
}

static void build_text(void *data, const XML_Char *text, int length)
{
    struct element_parser *parser = data;
    buffer_append(parser->texts[parser->depth], text, (size_t)length);
}

static void build_end(void *data, const XML_Char *name)
{
    struct element_parser *parser = data;
    (void)name;
    struct buffer *own = parser->texts[parser->depth];
    own->bytes[own->length] = '\0';
    char *trimmed = text_trim(own, own->bytes);
    parser->open[parser->depth]->text = string_copy(parser, trimmed, strlen(trimmed));
    talloc_free(trimmed);
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

static void expat_new(struct element_parser *parser)
{
    parser->expat = memory_must(XML_ParserCreateNS("UTF-8", NAMESPACE_MARK));
    XML_SetUserData(parser->expat, parser);
    XML_SetXmlDeclHandler(parser->expat, fence_declaration);
    XML_SetStartDoctypeDeclHandler(parser->expat, fence_doctype);
    parser->depth = 0;
}

/* Expat turns to UTF-16 by itself when the first bytes look like it, whatever it was told. */
static bool begins_as_utf16(const char *bytes, size_t length)
{
    return length >= 2 && (bytes[0] == '\0' || bytes[1] == '\0' ||
                           memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0);
}

static void element_measure(struct element_parser *parser, const char *bytes, size_t length)
{
    expat_new(parser);
    if (length > parser->limits->bytes)
        element_fail(parser, -E2BIG, NULL, "the document is longer than %zu bytes",
                     parser->limits->bytes);
    if (begins_as_utf16(bytes, length))
        element_fail(parser, -EBADMSG, "the document in UTF-8", "this is not UTF-8 but UTF-16");
    XML_SetElementHandler(parser->expat, measure_start, measure_end);
    XML_SetCharacterDataHandler(parser->expat, measure_text);
    if (parser->error == 0)
        element_feed(parser, bytes, length);
    XML_ParserFree(parser->expat);
}

static const struct element *element_build(TALLOC_CTX *context, struct element_parser *parser,
                                           const char *bytes, size_t length)
{
    struct element *root = memory_array(context, struct element, parser->element_count);
    parser->elements = root;
    parser->attributes = memory_array(root, struct element_attribute, parser->attribute_count);
    parser->strings = memory_array(root, char, parser->string_bytes);
    expat_new(parser);
    XML_SetElementHandler(parser->expat, build_start, build_end);
    XML_SetCharacterDataHandler(parser->expat, build_text);
    element_feed(parser, bytes, length);
    XML_ParserFree(parser->expat);
    return root;
}

int element_parse(TALLOC_CTX *context, const char *name, const void *bytes, size_t length,
                  const char *namespace_start, const struct element_limits *limits,
                  struct problems *problems, const struct element **ret_root)
{
    struct element_parser *parser = memory_new(NULL, struct element_parser);
    *parser = (struct element_parser){
        .name = name,
        .namespace_start = namespace_start,
        .limits = limits,
        .problems = problems,
    };
    element_measure(parser, bytes, length);
    if (parser->error == 0)
        *ret_root = element_build(context, parser, bytes, length);
    int error = parser->error;
    talloc_free(parser);
    return error;
}
