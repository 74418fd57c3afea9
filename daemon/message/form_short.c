/* The short form: at most 70 characters, joined with the language's own stops (label.short). */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/form.h"

#define SHORT_CHARACTERS 70

/* Characters (code points), as text_cut counts them. */
static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* "Find the safest place here." of an action of two sentences: by the rule of the translators that
 * is the action. */
static const char *first_sentence(const struct composing *composing, const char *text)
{
    const char *end = sentence_end(say(composing, "label.stop"), text);
    return memory_must(talloc_strndup(composing->context, text, (size_t)(end - text)));
}

static const char *join(const struct composing *composing, const char *what, const char *place,
                        const char *action)
{
    if (text_given(action))
        return fill(composing, text_given(place) ? "label.short-place" : "label.short", "what",
                    what, "place", place, "action", action, NULL);
    return text_given(place)
               ? fill(composing, "headline.places", "headline", what, "places", place, NULL)
               : what;
}

/* The first candidate that fits whole: the first sentence of the action matters most, then the
 * place. The last is cut when it has to be. */
static const char *fitting(const struct composing *composing, const struct short_parts *parts,
                           size_t room)
{
    const char *action = parts->action, *first = first_sentence(composing, action);
    const char *candidates[] = {join(composing, parts->what, parts->place, action),
                                join(composing, parts->what, parts->place, first),
                                join(composing, parts->what, "", action),
                                join(composing, parts->what, "", first),
                                join(composing, parts->briefly, "", action),
                                join(composing, parts->briefly, "", first)};
    size_t last = sizeof(candidates) / sizeof(candidates[0]) - 1, chosen = 0;
    while (chosen < last && count_characters(candidates[chosen]) > room)
        chosen++;
    return text_cut(composing->context, candidates[chosen], room);
}

const char *form_short(const struct composing *composing, const struct short_parts *parts)
{
    if (!composing->drill)
        return fitting(composing, parts, SHORT_CHARACTERS);
    /* Both marks stand, whatever has to be cut between them. */
    const char *word = say(composing, "label.drill-word");
    size_t marks = 2 * (count_characters(word) + 1);
    return memory_printf(composing->context, "%s %s %s", word,
                         fitting(composing, parts, SHORT_CHARACTERS - marks), word);
}
