/* The smallest pieces of a message: words, numbers, times, lines, and text of telegrams. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/compose.h"

const char *say(const struct composing *composing, const char *key)
{
    return catalogue_text_of(composing->catalogue, composing->language, key);
}

const char *say_word(const struct composing *composing, const char *section, const char *name,
                     const char *otherwise)
{
    const char *key = memory_printf(composing->context, "%s.%s", section, name);
    return catalogue_has(composing->language, key) ? say(composing, key) : otherwise;
}

const char *say_number(const struct composing *composing, double number)
{
    return format_number(composing->context, composing->language, number);
}

const char *say_time(const struct composing *composing, usec_t time)
{
    return message_time(composing->context, composing->catalogue, composing->language->tag, time,
                        composing->scope->now);
}

const char *say_original(const struct composing *composing, const char *text, size_t characters)
{
    const char *clean = text_clean(composing->context, text, false);
    if (clean[0] == '\0')
        return "";
    return memory_printf(composing->context, "%c%s%c", ORIGINAL_BEGIN,
                         text_cut(composing->context, clean, characters), ORIGINAL_END);
}

const char *sentence_end(const char *stop, const char *text)
{
    for (const char *at = text; (at = strstr(at, stop)) != NULL;) {
        at += strlen(stop);
        /* "M7.6" has no full stop; 。 and । are nothing else. */
        if (strcmp(stop, ".") != 0 || at[0] == ' ' || at[0] == '\n' || at[0] == '\0')
            return at;
    }
    return text + strlen(text);
}

void line_add(char **text, const char *line)
{
    if (!text_given(line))
        return;
    *text = memory_must(
        talloc_asprintf_append_buffer(*text, "%s%s", (*text)[0] != '\0' ? "\n" : "", line));
}
