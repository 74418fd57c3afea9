/* The plain form of a message, and its parts without marks. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/form.h"

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
