/* Problems: see problem.h. Each list is one talloc context that owns the items and their texts. */
#include "base/problem.h"

#include <stdarg.h>
#include "base/buffer.h"
#include "base/memory.h"

/* More than a person reads, and a bound for a file made of faults only. */
#define PROBLEM_TEXT_MAXIMUM (64 * 1024)

struct problems *problems_new(TALLOC_CTX *context)
{
    return memory_new(context, struct problems);
}

static struct problem *problem_append(struct problems *problems, const char *file, unsigned line,
                                      unsigned column, const char *instead)
{
    problems->items =
        memory_grow(problems, problems->items, problems->count, sizeof(struct problem));
    struct problem *problem = &problems->items[problems->count++];
    *problem = (struct problem){
        .file = memory_text_or_null(problems, file),
        .line = line,
        .column = column,
        .instead = memory_text_or_null(problems, instead),
    };
    return problem;
}

void problems_add(struct problems *problems, const char *file, unsigned line, unsigned column,
                  const char *instead, const char *what, ...)
{
    struct problem *problem = problem_append(problems, file, line, column, instead);
    va_list arguments;
    va_start(arguments, what);
    problem->what = memory_must(talloc_vasprintf(problems, what, arguments));
    va_end(arguments);
    problems->errors++;
}

void problems_warn(struct problems *problems, const char *file, unsigned line, unsigned column,
                   const char *instead, const char *what, ...)
{
    struct problem *problem = problem_append(problems, file, line, column, instead);
    va_list arguments;
    va_start(arguments, what);
    problem->what = memory_must(talloc_vasprintf(problems, what, arguments));
    va_end(arguments);
    problem->warning = true;
}

/* Escapes C0, DEL and, as they would also break or turn a line, C1, U+2028/9 and bidi controls. */
static void escape_append(struct buffer *line, const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    while (*byte != '\0') {
        size_t length = 1;
        bool escape = *byte < 0x20 || *byte == 0x7F;
        if (byte[0] == 0xC2 && byte[1] >= 0x80 && byte[1] <= 0x9F) {
            length = 2;
            escape = true;
        } else if (byte[0] == 0xE2 &&
                   ((byte[1] == 0x80 && (byte[2] == 0x8E || byte[2] == 0x8F ||
                                         (byte[2] >= 0xA8 && byte[2] <= 0xAE))) ||
                    (byte[1] == 0x81 && byte[2] >= 0xA6 && byte[2] <= 0xA9))) {
            length = 3;
            escape = true;
        }
        for (size_t i = 0; escape && i < length; i++)
            buffer_printf(line, "\\x%02x", byte[i]);
        if (!escape)
            buffer_append(line, byte, length);
        byte += length;
    }
}

char *problem_text(TALLOC_CTX *context, const struct problem *problem)
{
    struct buffer *line = buffer_new(context, PROBLEM_TEXT_MAXIMUM);
    if (problem->file != NULL) {
        escape_append(line, problem->file);
        if (problem->line > 0)
            buffer_printf(line, ":%u", problem->line);
        if (problem->line > 0 && problem->column > 0)
            buffer_printf(line, ":%u", problem->column);
        buffer_text(line, ": ");
    }
    if (problem->warning)
        buffer_text(line, "warning: ");
    escape_append(line, problem->what);
    if (problem->instead != NULL) {
        buffer_text(line, "; write ");
        escape_append(line, problem->instead);
    }
    char *text = talloc_steal(context, line->bytes);
    talloc_free(line);
    return text;
}

void problems_print(const struct problems *problems, FILE *stream)
{
    for (size_t i = 0; i < problems->count; i++) {
        char *text = problem_text(NULL, &problems->items[i]);
        fprintf(stream, "%s\n", text);
        talloc_free(text);
    }
}
