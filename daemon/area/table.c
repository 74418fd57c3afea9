/* A table of config/areas, row by row: see table.h. */
#include "area/table.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

#define TABLE_BYTES (16 * 1024 * 1024)

void table_fault(const struct table *table, size_t cell, const char *instead, const char *what,
                 const char *value)
{
    problems_add(table->problems, table->file, table->line,
                 cell < table->cell_count ? table->columns[cell] : 0, instead, "%s \"%s\"", what,
                 value);
}

/* The whole file as a text that belongs to `context`. */
static int table_read(TALLOC_CTX *context, struct table *table)
{
    struct stat status = {0};
    int descriptor = open(table->file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int error = descriptor < 0 || fstat(descriptor, &status) < 0 ? -errno : 0;
    if (error == 0 && (!S_ISREG(status.st_mode) || status.st_size > TABLE_BYTES))
        error = -EFBIG;
    if (error == 0) {
        size_t length = (size_t)status.st_size, done = 0;
        ssize_t got = 1;
        table->rest = memory_array(context, char, length + 1);
        while (done < length && (got = read(descriptor, table->rest + done, length - done)) > 0)
            done += (size_t)got;
        error = got < 0 ? -errno : 0;
        if (error == 0 && !text_is_utf8(table->rest, done))
            error = -EILSEQ;
    }
    if (descriptor >= 0)
        close(descriptor);
    if (error < 0)
        problems_add(table->problems, table->file, 0, 0, "a table in UTF-8", "cannot be read: %s",
                     strerror(-error));
    return error;
}

static void line_cut(struct table *table, char *line)
{
    size_t length = strlen(line);
    if (length > 0 && line[length - 1] == '\r')
        line[length - 1] = '\0';
    char *cell = line;
    table->cell_count = 0;
    while (cell != NULL && table->cell_count < TABLE_CELLS) {
        table->columns[table->cell_count] = (unsigned)(cell - line) + 1;
        table->cells[table->cell_count++] = strsep(&cell, "\t");
    }
}

bool table_next(struct table *table)
{
    while (table->rest != NULL && *table->rest != '\0') {
        char *line = strsep(&table->rest, "\n");
        table->line++;
        if (line[0] == '#' || line[0] == '\0' || strcmp(line, "\r") == 0)
            continue;
        line_cut(table, line);
        return true;
    }
    return false;
}

int table_open(TALLOC_CTX *context, struct table *table, const char *const *header)
{
    int error = table_read(context, table);
    if (error < 0)
        return -EINVAL;
    bool fits = table_next(table);
    for (size_t i = 0; fits && header[i] != NULL; i++)
        fits = i < table->cell_count && strcmp(table->cells[i], header[i]) == 0;
    if (fits)
        return 0;
    char *expected = memory_text(NULL, header[0]);
    for (size_t i = 1; header[i] != NULL; i++)
        expected = memory_must(talloc_asprintf_append(expected, " %s", header[i]));
    problems_add(table->problems, table->file, table->line, 1, expected,
                 "the header is not the one of this table");
    talloc_free(expected);
    return -EINVAL;
}
