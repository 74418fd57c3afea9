/* The plain and the short form of a message, and its parts without marks. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/form.h"

#define SHORT_CHARACTERS 70

char *mark_strip(TALLOC_CTX *context, const char *text)
{
    static const char marks[] = {ORIGINAL_BEGIN, ORIGINAL_END, '\0'};
    char *stripped = memory_array(context, char, strlen(text) + 1), *to = stripped;
    while (*text != '\0') {
        size_t plain = strcspn(text, marks);
        memcpy(to, text, plain);
        to += plain;
        text += plain + (text[plain] != '\0');
    }
    *to = '\0';
    return stripped;
}

void form_strip(struct message *message)
{
    message->headline = mark_strip(message, message->headline);
    message->official_ja = mark_strip(message, message->official_ja);
    message->where = mark_strip(message, message->where);
    message->what = mark_strip(message, message->what);
}

/* Characters (code points), as text_cut counts them. */
static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

/* The first candidate that fits whole: the action matters more than the place, and the place more
 * than nothing. The last is cut when it has to be. */
static const char *fitting(const struct message *message, const char *const *candidates,
                           size_t count, size_t limit)
{
    for (size_t i = 0; i + 1 < count; i++) {
        if (count_characters(candidates[i]) <= limit)
            return candidates[i];
    }
    return text_cut((TALLOC_CTX *)message, candidates[count - 1], limit);
}

static const char *short_body(const struct composing *composing, const struct message *message,
                              size_t limit)
{
    TALLOC_CTX *context = composing->context;
    const char *place = mark_strip(context, say_short_place(composing));
    if (composing->over) {
        const char *headline =
            fill(composing,
                 composing->scope->phase == PHASE_CANCEL ? "headline.cancel" : "headline.all-clear",
                 "hazard", say_word(composing, "hazard", hazard_name(composing->alert->hazard), ""),
                 NULL);
        const char *candidates[] = {
            fill(composing, "headline.places", "headline", headline, "places", place, NULL),
            headline};
        return fitting(message, candidates + (text_given(place) ? 0 : 1), text_given(place) ? 2 : 1,
                       limit);
    }
    const char *kind = say_kind(composing);
    const char *hazard = say_hazard(composing);
    const char *action = message->action_count > 0 ? message->actions[0] : "";
    const char *level = memory_printf(context, "%d/5", composing->level);
    const char *candidates[] = {memory_printf(context, "%s %s, %s. %s", level, kind, place, action),
                                memory_printf(context, "%s %s. %s", level, kind, action),
                                memory_printf(context, "%s %s. %s", level, hazard, action)};
    bool with_place = text_given(place);
    return fitting(message, candidates + (with_place ? 0 : 1), with_place ? 3 : 2, limit);
}

void form_short(const struct composing *composing, struct message *message)
{
    if (message->drill == NULL) {
        message->short_text = short_body(composing, message, SHORT_CHARACTERS);
        return;
    }
    /* Both marks stand, whatever has to be cut between them. */
    const char *word = say(composing, "label.drill-word");
    size_t marks = 2 * (count_characters(word) + 1);
    const char *body = short_body(composing, message, SHORT_CHARACTERS - marks);
    message->short_text = memory_printf(message, "%s %s %s", word, body, word);
}

static void add(char **text, const char *part)
{
    if (text_given(part))
        *text = memory_must(talloc_asprintf_append_buffer(*text, "%s\n", part));
}

static void gap(char **text)
{
    *text = memory_must(talloc_strdup_append_buffer(*text, "\n"));
}

void form_plain(const struct composing *composing, struct message *message)
{
    char *text = memory_text(message, "");
    add(&text, message->drill);
    add(&text, message->chip);
    add(&text, mark_strip(message, composing->heading));
    add(&text, message->delayed);
    add(&text, message->transitional);
    if (message->action_count > 0) {
        gap(&text);
        add(&text, say(composing, composing->over ? "label.after" : "label.do"));
        for (size_t i = 0; i < message->action_count; i++)
            text = memory_must(talloc_asprintf_append_buffer(text, "- %s\n", message->actions[i]));
    }
    gap(&text);
    add(&text, message->what);
    add(&text, message->where);
    gap(&text);
    if (text_given(message->official_ja))
        add(&text, fill(composing, composing->official_key, "title", message->official_ja, NULL));
    add(&text, message->until);
    add(&text, message->source);
    if (message->drill != NULL)
        add(&text, say(composing, "label.drill-end"));
    message->plain = text;
}
