/* Subscribers from CSV: RFC 4180 with a header, UTF-8 with or without BOM, CRLF or LF.
 *
 * A reader walks over the bytes and gives one row of cells at a time, each with the line and column
 * where it begins. A row that cannot be used is told and skipped; the others are returned. */
#include <jansson.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "match/subscriber_check.h"

#define CSV_CELLS_MAX 64

struct csv_reader {
    const char *file, *at, *end;
    unsigned line, column;
    struct problems *problems;
};

struct csv_row {
    struct subscriber_cell cells[CSV_CELLS_MAX];
    size_t count;
    unsigned line;
    bool bad;
};

static char take(struct csv_reader *reader)
{
    char byte = *reader->at++;
    if (byte == '\n') {
        reader->line++;
        reader->column = 1;
    } else if (((unsigned char)byte & 0xc0) != 0x80) {
        reader->column++; /* columns count characters, not bytes */
    }
    return byte;
}

static bool at_line_end(const struct csv_reader *reader)
{
    return reader->at == reader->end || *reader->at == '\n' ||
           (*reader->at == '\r' && reader->at + 1 < reader->end && reader->at[1] == '\n');
}

static void csv_problem(struct csv_reader *reader, struct csv_row *row, unsigned line,
                        unsigned column, const char *instead, const char *what)
{
    problems_add(reader->problems, reader->file, line, column, instead, "%s", what);
    row->bad = true;
}

/* After the opening quote, up to and with the closing one. */
static char *quoted_cell(TALLOC_CTX *context, struct csv_reader *reader, struct csv_row *row)
{
    unsigned line = reader->line, column = reader->column;
    take(reader);
    char *text = memory_text(context, "");
    while (reader->at < reader->end) {
        const char *quote = memchr(reader->at, '"', (size_t)(reader->end - reader->at));
        const char *stop = quote != NULL ? quote : reader->end;
        text = memory_must(
            talloc_strndup_append_buffer(text, reader->at, (size_t)(stop - reader->at)));
        while (reader->at < stop)
            take(reader);
        if (quote == NULL)
            break;
        take(reader);
        if (reader->at == reader->end || *reader->at != '"') {
            if (!at_line_end(reader) && *reader->at != ',')
                csv_problem(reader, row, reader->line, reader->column,
                            "put a comma after the closing quote", "text follows a closing quote");
            return text;
        }
        take(reader);
        text = memory_must(talloc_strdup_append_buffer(text, "\""));
    }
    csv_problem(reader, row, line, column, "close it with a quote", "a quote is never closed");
    return text;
}

static char *plain_cell(TALLOC_CTX *context, struct csv_reader *reader, struct csv_row *row)
{
    const char *start = reader->at;
    while (!at_line_end(reader) && *reader->at != ',') {
        if (*reader->at == '"' && !row->bad)
            csv_problem(reader, row, reader->line, reader->column,
                        "put the whole cell in quotes and double the quotes inside",
                        "a quote stands inside an unquoted cell");
        take(reader);
    }
    return memory_must(talloc_strndup(context, start, (size_t)(reader->at - start)));
}

/* One row; false at the end. Empty lines are skipped. */
static bool read_row(TALLOC_CTX *context, struct csv_reader *reader, struct csv_row *row)
{
    *row = (struct csv_row){0};
    while (reader->at < reader->end && at_line_end(reader))
        take(reader);
    if (reader->at == reader->end)
        return false;
    row->line = reader->line;
    for (;;) {
        struct subscriber_cell cell = {.line = reader->line, .column = reader->column};
        cell.text = *reader->at == '"' ? quoted_cell(context, reader, row)
                                       : plain_cell(context, reader, row);
        if (row->count < CSV_CELLS_MAX)
            row->cells[row->count++] = cell;
        /* What follows a closing quote by mistake has been told; the row is lost, not the file. */
        while (!at_line_end(reader) && *reader->at != ',')
            take(reader);
        if (at_line_end(reader))
            return true;
        take(reader);
        if (at_line_end(reader)) { /* a comma at the end of a line: one empty cell more */
            if (row->count < CSV_CELLS_MAX)
                row->cells[row->count++] =
                    (struct subscriber_cell){"", reader->line, reader->column};
            return true;
        }
    }
}

static int column_of(const char *name)
{
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if (strcmp(name, subscriber_columns[i]) == 0)
            return i;
    }
    return -1;
}

/* Which column each cell of a row is; false when the header cannot be used. */
static bool read_header(TALLOC_CTX *context, struct csv_reader *reader, int columns[],
                        size_t *ret_count)
{
    static const char instead[] =
        "write channel,address,languages,areas,hazards,min_level,drills,name,secret";
    struct csv_row row;
    bool seen[COLUMN_COUNT] = {false};
    size_t errors = reader->problems->errors;
    if (!read_row(context, reader, &row)) {
        problems_add(reader->problems, reader->file, 1, 1, instead, "the header is missing");
        return false;
    }
    for (size_t i = 0; i < row.count; i++) {
        const char *name = text_trim(context, row.cells[i].text);
        columns[i] = column_of(name);
        if (columns[i] < 0)
            csv_problem(reader, &row, row.cells[i].line, row.cells[i].column, instead,
                        memory_printf(context, "the column \"%s\" is unknown", name));
        else if (seen[columns[i]])
            csv_problem(reader, &row, row.cells[i].line, row.cells[i].column, "remove one of them",
                        memory_printf(context, "the column \"%s\" stands twice", name));
        else
            seen[columns[i]] = true;
    }
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        bool needed = i == COLUMN_CHANNEL || i == COLUMN_ADDRESS || i == COLUMN_AREAS;
        if (needed && !seen[i])
            problems_add(reader->problems, reader->file, row.line, 1, instead,
                         "the column \"%s\" is missing", subscriber_columns[i]);
    }
    *ret_count = row.count;
    return reader->problems->errors == errors;
}

static struct subscriber *read_subscriber(TALLOC_CTX *context, struct csv_reader *reader,
                                          struct csv_row *row, const int columns[], size_t count,
                                          struct subscriber_input *input)
{
    if (row->count != count && !row->bad)
        csv_problem(
            reader, row, row->line, 1, "give each column of the header one cell",
            memory_printf(context, "the row has %zu cells, the header %zu", row->count, count));
    if (row->bad)
        return NULL;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        input->cells[i] = (struct subscriber_cell){NULL, row->line, 1};
    for (size_t i = 0; i < count; i++)
        input->cells[columns[i]] = row->cells[i];
    return subscriber_check(context, input);
}

struct subscriber **subscriber_read_csv(TALLOC_CTX *context, const struct area_graph *graph,
                                        const char *const *known_languages, bool http_allowed,
                                        const char *file, const char *bytes, size_t length,
                                        struct problems *problems, size_t *ret_count)
{
    struct subscriber **list = memory_array(context, struct subscriber *, 1);
    size_t count = 0, header_count = 0;
    int columns[CSV_CELLS_MAX];
    *ret_count = 0;
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3;
        length -= 3;
    }
    if (!text_is_utf8(bytes, length)) {
        problems_add(problems, file, 0, 0, "save it as UTF-8", "the file is not UTF-8 text");
        return list;
    }
    struct csv_reader reader = {file, bytes, bytes + length, 1, 1, problems};
    TALLOC_CTX *header = talloc_new(context);
    bool usable = read_header(header, &reader, columns, &header_count);
    talloc_free(header);
    struct subscriber_input input = {.file = file,
                                     .graph = graph,
                                     .known_languages = known_languages,
                                     .http_allowed = http_allowed,
                                     .problems = problems};
    json_t *seen = memory_must(json_object());
    while (usable) {
        struct csv_row row;
        TALLOC_CTX *scratch = talloc_new(context);
        bool more = read_row(scratch, &reader, &row);
        struct subscriber *subscriber =
            more ? read_subscriber(list, &reader, &row, columns, header_count, &input) : NULL;
        if (subscriber != NULL && json_object_get(seen, subscriber->id) != NULL) {
            problems_warn(problems, file, row.line, 1, "remove one of them",
                          "the same channel and address stand twice; the first row counts");
        } else if (subscriber != NULL) {
            list = memory_grow(context, list, count, sizeof(struct subscriber *));
            list[count++] = subscriber;
            json_object_set_new(seen, subscriber->id, json_true());
        }
        talloc_free(scratch);
        if (!more)
            break;
    }
    json_decref(seen);
    *ret_count = count;
    return list;
}
