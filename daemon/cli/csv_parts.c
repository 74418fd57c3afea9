/* Cuts a CSV file between rows: a line break inside quotes is part of its field (RFC 4180). */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "cli/csv_parts.h"

#define PART_ROWS     5000
#define ROW_BYTES_MAX ((size_t)64 * 1024)

struct csv_parts {
    FILE *file;
    const char *header;
    char *text;
    size_t length, room;
    unsigned line; /* that is read next */
};

static int parts_destroy(struct csv_parts *parts)
{
    fclose(parts->file);
    return 0;
}

static void add_byte(struct csv_parts *parts, char byte)
{
    if (parts->length + 1 >= parts->room) {
        parts->room = parts->room * 2 + ROW_BYTES_MAX;
        parts->text = memory_must(talloc_realloc_size(parts, parts->text, parts->room));
    }
    parts->text[parts->length++] = byte;
    parts->text[parts->length] = '\0';
}

/* Appends one row. 1 a row, 0 the end of the file. */
static int read_row(struct csv_parts *parts)
{
    size_t start = parts->length;
    bool quoted = false;
    int c;
    while ((c = getc(parts->file)) != EOF) {
        if (parts->length - start > ROW_BYTES_MAX)
            return -EFBIG;
        add_byte(parts, (char)c);
        if (c == '"')
            quoted = !quoted;
        if (c == '\n') {
            parts->line++;
            if (!quoted)
                return 1;
        }
    }
    if (ferror(parts->file))
        return -EIO;
    return parts->length > start ? 1 : 0;
}

int csv_parts_open(TALLOC_CTX *context, const char *path, struct csv_parts **ret_parts)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -errno;
    struct csv_parts *parts = memory_new(context, struct csv_parts);
    parts->file = file;
    parts->line = 1;
    talloc_set_destructor(parts, parts_destroy);
    int r = read_row(parts);
    if (r < 0) {
        talloc_free(parts);
        return r;
    }
    parts->header = memory_text(parts, r > 0 && parts->text != NULL ? parts->text : "");
    *ret_parts = parts;
    return 0;
}

int csv_parts_next(struct csv_parts *parts, const char **ret_text, unsigned *ret_line)
{
    bool first = parts->line <= 2 && parts->length == strlen(parts->header);
    int rows = 0, r = 0;
    parts->length = 0;
    for (const char *c = parts->header; *c != '\0'; c++)
        add_byte(parts, *c);
    *ret_line = parts->line;
    while (rows < PART_ROWS && (r = read_row(parts)) > 0)
        rows++;
    if (r < 0)
        return r;
    *ret_text = parts->text != NULL ? parts->text : "";
    /* A file without rows is looked at once all the same: its header may be wrong. */
    return rows > 0 || first ? 1 : 0;
}
