/* The forms of a message. Everything that came from a telegram was cleaned; for HTML all is
 * escaped. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/form.h"

#define SHORT_CHARACTERS 70

void form_short(const struct composing *composing, struct message *message)
{
    const char *first = message->action_count > 0 ? message->actions[0] : "";
    const char *kind = composing->over ? message->headline : say_kind(composing);
    const char *place = say_places(composing, 0, 1);
    const char *text =
        composing->over ? kind
                        : memory_printf(message, "%s%s%d/5 %s %s. %s",
                                        message->drill != NULL ? message->drill : "",
                                        message->drill != NULL ? " " : "",
                                        composing->scope->level > 0 ? composing->scope->level : 1,
                                        kind, place, first);
    message->short_text = text_cut(message, text, SHORT_CHARACTERS);
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
    add(&text, message->headline);
    add(&text, message->delayed);
    if (message->action_count > 0) {
        gap(&text);
        add(&text, say(composing, composing->over ? "label.after" : "label.do"));
        for (size_t i = 0; i < message->action_count; i++)
            text = memory_must(talloc_asprintf_append_buffer(text, "- %s\n", message->actions[i]));
    }
    gap(&text);
    add(&text, message->what);
    add(&text, message->where);
    add(&text, say_facts(composing));
    gap(&text);
    if (text_given(message->official_ja))
        add(&text, fill(composing, "label.official", "title", message->official_ja, NULL));
    add(&text, message->until);
    add(&text, message->source);
    if (message->drill != NULL)
        add(&text, say(composing, "label.drill-end"));
    message->plain = text;
}

/* Background, text; every pair has a contrast of at least 4.5 to 1. */
static const char *style_of(const char *colour)
{
    static const char *const styles[][2] = {
        {"black", "background:#0c000c;color:#fff"},
        {"purple", "background:#a0a;color:#fff"},
        {"red", "background:#c00;color:#fff"},
        {"yellow", "background:#f2e700;color:#000"},
        {"white", "background:#fff;color:#000;border:1px solid #555"},
        {"green", "background:#06651f;color:#fff"},
        {"blue", "background:#0b4fa8;color:#fff"},
    };
    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
        if (strcmp(styles[i][0], colour) == 0)
            return styles[i][1];
    }
    return styles[4][1];
}

static void add_element(char **html, const char *tag, const char *style, const char *text)
{
    if (!text_given(text))
        return;
    TALLOC_CTX *scratch = talloc_new(NULL);
    char *escaped = text_html(scratch, text);
    *html = memory_must(talloc_asprintf_append_buffer(*html, "<%s style=\"%s\">", tag, style));
    for (char *line = escaped; line != NULL;) {
        char *next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        *html = memory_must(
            talloc_asprintf_append_buffer(*html, "%s%s", line, next != NULL ? "<br>" : ""));
        line = next;
    }
    *html = memory_must(talloc_asprintf_append_buffer(*html, "</%s>", tag));
    talloc_free(scratch);
}

void form_html(const struct composing *composing, struct message *message)
{
    static const char plain[] = "margin:.6em 0";
    const char *tag = message->language;
    const char *chip =
        memory_printf(message, "%s;display:inline-block;padding:.2em .6em;font-weight:bold",
                      style_of(message->colour));
    char *html = memory_printf(message, "<section lang=\"%s\">", tag);
    add_element(&html, "p", "font-weight:bold;color:#0b4fa8", message->drill);
    add_element(&html, "p", chip, message->chip);
    add_element(&html, "h2", "margin:.3em 0;font-size:1.3em", message->headline);
    add_element(&html, "p", plain, message->delayed);
    if (message->action_count > 0) {
        add_element(&html, "p", "margin:.6em 0 0;font-weight:bold",
                    say(composing, composing->over ? "label.after" : "label.do"));
        html = memory_must(talloc_strdup_append_buffer(html, "<ul style=\"margin:.2em 0\">"));
        for (size_t i = 0; i < message->action_count; i++)
            add_element(&html, "li", i == 0 && !composing->over ? "font-weight:bold" : "",
                        message->actions[i]);
        html = memory_must(talloc_strdup_append_buffer(html, "</ul>"));
    }
    add_element(&html, "p", plain, message->what);
    add_element(&html, "p", plain, message->where);
    add_element(&html, "p", plain, say_facts(composing));
    if (text_given(message->official_ja))
        add_element(&html, "p", plain,
                    fill(composing, "label.official", "title", message->official_ja, NULL));
    add_element(&html, "p", plain, message->until);
    add_element(&html, "p", "margin:.6em 0;color:#444;font-size:.9em", message->source);
    if (message->drill != NULL)
        add_element(&html, "p", "font-weight:bold;color:#0b4fa8",
                    say(composing, "label.drill-end"));
    message->html = memory_must(talloc_strdup_append_buffer(html, "</section>"));
}
