/* YAML to a tree with positions: see document.h.
 *
 * libyaml's events are taken one at a time, with our own stack of open nodes: the loader of libyaml
 * builds cycles from anchors, and its scanner needs minutes for a hundred thousand open brackets
 * unless somebody stops at a depth. A fault of the syntax ends the reading; every other fault is
 * noted and reading goes on, so that one pass shows them all. */
#include "base/document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml.h>
#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"

#define DOCUMENT_BYTES (1024 * 1024)
#define DOCUMENT_DEPTH 32
#define DOCUMENT_NODES 100000

struct document_reader {
    yaml_parser_t yaml;
    struct arena *arena; /* of the tree */
    const char *file;
    struct problems *problems;
    bool stopped; /* nothing more can be read */
    size_t node_count;
    struct node *root;
    struct node *open[DOCUMENT_DEPTH];
    struct node *last[DOCUMENT_DEPTH];
    unsigned depth;
    const char *key; /* of the open mapping, waiting for its value */
    unsigned key_line, key_column;
};

static unsigned mark_line(yaml_mark_t mark)
{
    return (unsigned)mark.line + 1;
}

static unsigned mark_column(yaml_mark_t mark)
{
    return (unsigned)mark.column + 1;
}

static void document_fault(struct document_reader *reader, yaml_mark_t mark, const char *instead,
                           const char *what)
{
    problems_add(reader->problems, reader->file, mark_line(mark), mark_column(mark), instead, "%s",
                 what);
}

static void document_stop(struct document_reader *reader, yaml_mark_t mark, const char *what)
{
    document_fault(reader, mark, NULL, what);
    reader->stopped = true;
}

static bool in_mapping(const struct document_reader *reader)
{
    return reader->depth > 0 && reader->open[reader->depth - 1]->type == NODE_MAPPING;
}

static struct node *node_append(struct document_reader *reader, enum node_type type,
                                yaml_mark_t mark)
{
    if (++reader->node_count > DOCUMENT_NODES) {
        document_stop(reader, mark, "there are more than 100,000 values");
        return NULL;
    }
    struct node *node = arena_take(reader->arena, sizeof(*node));
    node->type = type;
    node->file = reader->root == NULL
                     ? arena_text(reader->arena, reader->file, strlen(reader->file))
                     : reader->root->file;
    node->line = mark_line(mark);
    node->column = mark_column(mark);
    if (reader->root == NULL)
        reader->root = node;
    if (reader->depth > 0) {
        unsigned top = reader->depth - 1;
        if (in_mapping(reader)) {
            node->key = reader->key;
            node->key_line = reader->key_line;
            node->key_column = reader->key_column;
            reader->key = NULL;
        }
        if (reader->last[top] != NULL)
            reader->last[top]->next = node;
        else
            reader->open[top]->first_child = node;
        reader->last[top] = node;
        reader->open[top]->count++;
    }
    return node;
}

static void fence_properties(struct document_reader *reader, const yaml_event_t *event,
                             const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor != NULL)
        document_fault(reader, event->start_mark, "the value itself, without \"&\"",
                       "anchors are not allowed");
    if (tag != NULL)
        document_fault(reader, event->start_mark, "the value itself, without \"!\"",
                       "tags are not allowed");
}

static void read_scalar(struct document_reader *reader, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    fence_properties(reader, event, event->data.scalar.anchor, event->data.scalar.tag);
    if (strlen(value) != event->data.scalar.length) {
        document_stop(reader, event->start_mark, "a text holds a NUL character");
        return;
    }
    if (in_mapping(reader) && reader->key == NULL) {
        if (plain && strcmp(value, "<<") == 0)
            document_fault(reader, event->start_mark, "the keys themselves",
                           "merging by \"<<\" is not allowed");
        reader->key = arena_text(reader->arena, value, strlen(value));
        reader->key_line = mark_line(event->start_mark);
        reader->key_column = mark_column(event->start_mark);
        return;
    }
    struct node *node = node_append(reader, NODE_SCALAR, event->start_mark);
    if (node == NULL)
        return;
    node->text = arena_text(reader->arena, value, strlen(value));
    node->quoted = !plain;
}

static void read_start(struct document_reader *reader, const yaml_event_t *event,
                       enum node_type type)
{
    if (in_mapping(reader) && reader->key == NULL) {
        document_stop(reader, event->start_mark, "a key must be a text, not a list or a group");
        return;
    }
    if (reader->depth == DOCUMENT_DEPTH) {
        document_stop(reader, event->start_mark, "values are nested deeper than 32");
        return;
    }
    struct node *node = node_append(reader, type, event->start_mark);
    if (node == NULL)
        return;
    reader->open[reader->depth] = node;
    reader->last[reader->depth++] = NULL;
}

static int node_compare_keys(const void *a, const void *b)
{
    const struct node *one = *(const struct node *const *)a;
    const struct node *other = *(const struct node *const *)b;
    int order = strcmp(one->key, other->key);
    if (order == 0)
        order = one->key_line < other->key_line ? -1 : one->key_line > other->key_line;
    if (order == 0)
        order = one->key_column < other->key_column ? -1 : one->key_column > other->key_column;
    return order;
}

static void mapping_check_keys(struct document_reader *reader, const struct node *mapping)
{
    const struct node **sorted = memory_array(NULL, const struct node *, mapping->count);
    size_t count = 0;
    for (const struct node *child = mapping->first_child; child != NULL; child = child->next)
        sorted[count++] = child;
    qsort(sorted, count, sizeof *sorted, node_compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i]->key, sorted[i - 1]->key) == 0)
            problems_add(reader->problems, reader->file, sorted[i]->key_line, sorted[i]->key_column,
                         "each key once", "the key \"%s\" already stands in line %u",
                         sorted[i]->key, sorted[i - 1]->key_line);
    }
    talloc_free(sorted);
}

static void read_end(struct document_reader *reader)
{
    const struct node *closed = reader->open[--reader->depth];
    if (closed->type == NODE_MAPPING)
        mapping_check_keys(reader, closed);
}

static void read_document_start(struct document_reader *reader, const yaml_event_t *event)
{
    if (reader->root != NULL)
        document_stop(reader, event->start_mark, "there is a second document after \"---\"");
    else if (event->data.document_start.tag_directives.start !=
             event->data.document_start.tag_directives.end)
        document_fault(reader, event->start_mark, NULL, "%TAG is not allowed");
}

static void read_event(struct document_reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        read_document_start(reader, event);
        break;
    case YAML_SCALAR_EVENT:
        read_scalar(reader, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        fence_properties(reader, event, event->data.sequence_start.anchor,
                         event->data.sequence_start.tag);
        read_start(reader, event, NODE_SEQUENCE);
        break;
    case YAML_MAPPING_START_EVENT:
        fence_properties(reader, event, event->data.mapping_start.anchor,
                         event->data.mapping_start.tag);
        read_start(reader, event, NODE_MAPPING);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        read_end(reader);
        break;
    case YAML_ALIAS_EVENT:
        document_stop(reader, event->start_mark, "aliases (\"*\") are not allowed");
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
}

/* Where libyaml refused a character: it then tells only the offset. */
static yaml_mark_t offset_mark(const char *bytes, size_t offset)
{
    yaml_mark_t mark = {.index = offset};
    for (size_t i = 0; i < offset; i++) {
        mark.column = bytes[i] == '\n' ? 0 : mark.column + ((bytes[i] & 0xC0) != 0x80);
        mark.line += bytes[i] == '\n';
    }
    return mark;
}

static void syntax_fault(struct document_reader *reader, const char *bytes)
{
    const yaml_parser_t *yaml = &reader->yaml;
    if (yaml->error == YAML_MEMORY_ERROR)
        memory_must(NULL);
    const char *what = yaml->problem != NULL ? yaml->problem : "unreadable";
    /* Where the thing began that is now wrong is what helps with an unclosed quote. */
    if (yaml->context != NULL && yaml->context_mark.line != yaml->problem_mark.line)
        problems_add(reader->problems, reader->file, mark_line(yaml->problem_mark),
                     mark_column(yaml->problem_mark), NULL, "%s (%s that begins in line %u)", what,
                     yaml->context, mark_line(yaml->context_mark));
    else if (yaml->error == YAML_READER_ERROR)
        document_fault(reader, offset_mark(bytes, yaml->problem_offset), NULL, what);
    else
        document_fault(reader, yaml->problem_mark, NULL, what);
    reader->stopped = true;
}

static void document_read(struct document_reader *reader, const char *bytes, size_t length)
{
    if (yaml_parser_initialize(&reader->yaml) == 0)
        memory_must(NULL);
    yaml_parser_set_encoding(&reader->yaml, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->yaml, (const unsigned char *)bytes, length);
    bool more = true;
    while (more && !reader->stopped) {
        yaml_event_t event;
        if (yaml_parser_parse(&reader->yaml, &event) == 0) {
            syntax_fault(reader, bytes);
            break;
        }
        read_event(reader, &event);
        more = event.type != YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&reader->yaml);
}

/* Names the line of the first byte that is not UTF-8. */
static void encoding_fault(const char *file, const char *bytes, size_t length,
                           struct problems *problems)
{
    unsigned line = 1;
    for (size_t start = 0; start < length; line++) {
        const char *end = memchr(bytes + start, '\n', length - start);
        size_t width = end == NULL ? length - start : (size_t)(end - bytes) - start;
        if (!text_is_utf8(bytes + start, width))
            break;
        start += width + 1;
    }
    problems_add(problems, file, line, 0, "the file in UTF-8", "this line is not UTF-8 text");
}

int document_parse(TALLOC_CTX *context, const char *file, const char *bytes, size_t length,
                   struct problems *problems, const struct node **ret_root)
{
    size_t errors = problems->errors;
    if (length > DOCUMENT_BYTES) {
        problems_add(problems, file, 0, 0, "a smaller file", "longer than %d bytes",
                     DOCUMENT_BYTES);
        return -EINVAL;
    }
    if (!text_is_utf8(bytes, length)) {
        encoding_fault(file, bytes, length, problems);
        return -EINVAL;
    }
    bool marked = length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
    struct document_reader *reader = memory_new(NULL, struct document_reader);
    struct arena *arena = reader->arena = arena_new(context);
    reader->file = file;
    reader->problems = problems;
    document_read(reader, bytes + (marked ? 3 : 0), length - (marked ? 3 : 0));
    if (reader->root == NULL && !reader->stopped) /* nothing but comments: a group without keys */
        node_append(reader, NODE_MAPPING, (yaml_mark_t){0});
    struct node *root = reader->root;
    talloc_free(reader);
    if (problems->errors > errors) {
        talloc_free(arena);
        return -EINVAL;
    }
    *ret_root = root;
    return 0;
}

/* Up to one byte more than allowed, so that a file that is too long shows. */
static int file_read(TALLOC_CTX *context, const char *file, char **ret_bytes, size_t *ret_length)
{
    int descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor < 0)
        return -errno;
    /* Not zeroed: only the pages that a file fills cost anything. */
    char *bytes = memory_must(talloc_size(context, DOCUMENT_BYTES + 1));
    size_t length = 0;
    ssize_t got = 1;
    while (got > 0 && length < DOCUMENT_BYTES + 1) {
        got = read(descriptor, bytes + length, DOCUMENT_BYTES + 1 - length);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            length += (size_t)got;
    }
    int error = got < 0 ? -errno : 0;
    close(descriptor);
    if (error < 0) {
        talloc_free(bytes);
        return error;
    }
    *ret_bytes = bytes;
    *ret_length = length;
    return 0;
}

int document_load(TALLOC_CTX *context, const char *file, struct problems *problems,
                  const struct node **ret_root)
{
    char *bytes;
    size_t length;
    int error = file_read(context, file, &bytes, &length);
    if (error < 0) {
        problems_add(problems, file, 0, 0, NULL, "cannot be read: %s", strerror(-error));
        return error;
    }
    error = document_parse(context, file, bytes, length, problems, ret_root);
    talloc_free(bytes);
    return error;
}
