/* Form V: a message to be read aloud, by a voice or by a person at a desk. Whole sentences, no
 * brackets, no slashes, no list marks; the drill mark first and last. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/broadcast.h"

/* Marks that a voice would read as noise, and what stands there instead. */
static const struct {
    const char *mark, *instead;
} marks[] = {{" (", ", "}, {"(", ""},  {") ", ", "}, {")", ""},   {"（", "、"}, {"）", ""},
             {"○ ", ""},   {"△ ", ""}, {"× ", ""},   {"－ ", ""}, {"\"", ""},   {"「", ""},
             {"」", ""},   {"“", ""},  {"”", ""},    {"/", " "}};

static size_t mark_at(const char *text, const char **ret_instead)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (!text_starts(text, marks[i].mark))
            continue;
        *ret_instead = marks[i].instead;
        return strlen(marks[i].mark);
    }
    return 0;
}

/* Nobody can follow an address by ear. */
static bool is_spoken(const char *line, size_t length)
{
    return memmem(line, length, "https://", strlen("https://")) == NULL;
}

static void say_line(char **aloud, const char *line, size_t length)
{
    const char *instead;
    char *out = *aloud;
    for (size_t i = 0; i < length;) {
        size_t mark = mark_at(line + i, &instead);
        /* No comma at the beginning of a line or of a value. */
        char before = out[0] != '\0' ? out[strlen(out) - 1] : '\n';
        bool pause = mark > 0 && (instead[0] == ',' || text_equal(instead, "、"));
        if (pause && (before == '\n' || before == ' ' || before == ':'))
            instead = " ";
        out = memory_must(mark > 0 ? talloc_strdup_append(out, instead)
                                   : talloc_strndup_append(out, line + i, 1));
        i += mark > 0 ? mark : 1;
    }
    *aloud = memory_must(talloc_strdup_append(out, "\n"));
}

static void say_aloud(char **aloud, const char *text)
{
    while (text_given(text)) {
        size_t length = strcspn(text, "\n");
        if (is_spoken(text, length))
            say_line(aloud, text, length);
        text += length + (text[length] == '\n');
    }
}

char *message_aloud(TALLOC_CTX *context, const struct message *message)
{
    char *aloud = memory_text(context, "");
    say_aloud(&aloud, message->drill);
    /* The headline of a drill has its mark already; the mark as a sentence came before it. */
    say_aloud(&aloud, message->headline);
    for (size_t i = 0; i < message->action_count; i++)
        say_aloud(&aloud, message->actions[i]);
    say_aloud(&aloud, message->what);
    say_aloud(&aloud, message->where);
    say_aloud(&aloud, message->until);
    say_aloud(&aloud, message->source);
    say_aloud(&aloud, message->drill);
    return aloud;
}
