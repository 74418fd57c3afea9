/* Form V: a message to be read aloud, by a voice or by a person at a desk. Whole sentences, no
 * brackets, no slashes, no list marks, nothing twice but the mark of a drill, which stands first
 * and last. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/form.h"
#include "message/reading.h"

/* What is said instead of a mark that a voice would read as noise. */
enum instead { SAY_PAUSE, SAY_NOTHING, SAY_BLANK };

static const struct {
    const char *mark;
    enum instead instead;
} marks[] = {{" (", SAY_PAUSE},   {"(", SAY_NOTHING},   {") ", SAY_PAUSE},   {")", SAY_NOTHING},
             {"（", SAY_PAUSE},   {"）", SAY_NOTHING},  {"○ ", SAY_NOTHING}, {"△ ", SAY_NOTHING},
             {"× ", SAY_NOTHING}, {"－ ", SAY_NOTHING}, {"\"", SAY_NOTHING}, {"「", SAY_NOTHING},
             {"」", SAY_NOTHING}, {"“", SAY_NOTHING},   {"”", SAY_NOTHING},  {"/", SAY_BLANK}};

struct aloud {
    const char *stop, *pause;
    char *text;
};

static size_t mark_at(const char *text, enum instead *ret_instead)
{
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (!text_starts(text, marks[i].mark))
            continue;
        *ret_instead = marks[i].instead;
        return strlen(marks[i].mark);
    }
    return 0;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* No pause at the beginning of a line or of a value, nor before a stop. */
static const char *instead_of(const struct aloud *aloud, enum instead instead, const char *out,
                              const char *rest)
{
    if (instead == SAY_BLANK)
        return " ";
    bool begins =
        *out == '\0' || ends_with(out, " ") || ends_with(out, ":") || ends_with(out, "：");
    bool ends = *rest == '\0' || text_starts(rest, aloud->stop) || *rest == ',' || *rest == ':';
    return instead == SAY_NOTHING || begins || ends ? "" : aloud->pause;
}

static char *without_marks(const struct aloud *aloud, TALLOC_CTX *context, const char *sentence)
{
    char *out = memory_text(context, "");
    while (*sentence != '\0') {
        enum instead instead = SAY_NOTHING;
        size_t plain = 0, mark;
        while ((mark = mark_at(sentence + plain, &instead)) == 0 && sentence[plain] != '\0')
            plain++;
        out = memory_must(talloc_strndup_append_buffer(out, sentence, plain));
        sentence += plain + mark;
        if (mark > 0)
            out = memory_must(
                talloc_strdup_append_buffer(out, instead_of(aloud, instead, out, sentence)));
    }
    return out;
}

/* Whether a sentence that begins like this was said: the headline has no full stop. */
static bool was_said(const struct aloud *aloud, const char *sentence)
{
    size_t length = strlen(sentence), stop = strlen(aloud->stop);
    length -= ends_with(sentence, aloud->stop) ? stop : 0;
    for (const char *at = aloud->text; length > 0; at++) {
        at = memmem(at, strlen(at), sentence, length);
        if (at == NULL)
            return false;
        size_t before = (size_t)(at - aloud->text);
        bool begins = before == 0 || at[-1] == '\n' ||
                      (at[-1] == ' ' && before > stop && text_starts(at - 1 - stop, aloud->stop)) ||
                      (before >= stop && text_starts(at - stop, aloud->stop));
        bool ends = text_starts(at + length, aloud->stop) || at[length] == '\n' ||
                    at[length] == ':' || text_starts(at + length, "：");
        if (begins && ends)
            return true;
    }
    return true;
}

/* Nobody can follow an address by ear. */
static bool is_spoken(const char *sentence)
{
    return strstr(sentence, "https://") == NULL;
}

static void say_line(struct aloud *aloud, TALLOC_CTX *context, const char *line)
{
    size_t begun = strlen(aloud->text);
    while (*line != '\0') {
        const char *end = sentence_end(aloud->stop, line);
        char *sentence = memory_must(talloc_strndup(context, line, (size_t)(end - line)));
        const char *said = without_marks(aloud, context, sentence);
        bool first = strlen(aloud->text) == begun;
        if (is_spoken(sentence) && !was_said(aloud, said))
            aloud->text = memory_must(talloc_asprintf_append_buffer(
                aloud->text, "%s%s", first || strcmp(aloud->stop, "。") == 0 ? "" : " ", said));
        for (line = end; *line == ' '; line++)
            ;
    }
    if (strlen(aloud->text) > begun)
        aloud->text = memory_must(talloc_strdup_append_buffer(aloud->text, "\n"));
}

static void say_aloud(struct aloud *aloud, const struct composing *composing, const char *text)
{
    TALLOC_CTX *context = composing->context;
    size_t count = 0;
    char **lines = text_split(context, text != NULL ? mark_strip(context, text) : "", '\n', &count);
    for (size_t i = 0; i < count; i++)
        say_line(aloud, context,
                 composing->language->reading != NULL ? reading_alone(context, lines[i])
                                                      : lines[i]);
}

/* The danger is told by number, word and colour; an end and a drill are told by the heading. */
static void say_head(struct aloud *aloud, const struct composing *composing,
                     const struct message *message)
{
    if (!composing->over && message->drill == NULL)
        say_aloud(aloud, composing, message->chip);
    say_aloud(aloud, composing,
              composing->heading_tells_where ? composing->heading : composing->title);
    say_aloud(aloud, composing, message->delayed);
    say_aloud(aloud, composing, message->transitional);
}

/* The lines of where that the heading has not told. */
static const char *where_left(const struct composing *composing, const char *where)
{
    if (!composing->heading_tells_where)
        return where;
    size_t first = strcspn(where, "\n");
    return where + first + (where[first] == '\n');
}

char *form_aloud(const struct composing *composing, const struct message *message)
{
    struct aloud aloud = {.stop = say(composing, "label.stop"),
                          .pause = say(composing, "label.pause"),
                          .text = memory_text(message, "")};
    say_aloud(&aloud, composing, message->drill);
    say_head(&aloud, composing, message);
    for (size_t i = 0; i < message->action_count; i++)
        say_aloud(&aloud, composing, message->actions[i]);
    say_aloud(&aloud, composing, message->what);
    say_aloud(&aloud, composing, where_left(composing, message->where));
    say_aloud(&aloud, composing, message->until);
    say_aloud(&aloud, composing, message->source);
    /* Whatever was said, it ends as it began. */
    if (message->drill != NULL)
        aloud.text = memory_must(
            talloc_asprintf_append_buffer(aloud.text, "%s\n", say(composing, "label.drill-end")));
    return aloud.text;
}
