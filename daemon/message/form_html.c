/* The HTML form: a fragment with inline styles only, no script, nothing to load. Every text is
 * escaped; Japanese text of telegrams gets its own language, for voices and for the right glyphs.
 */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/form.h"
#include "message/reading.h"

#define PARAGRAPH "margin:.6em 0"

/* Background and text; every pair has a contrast of at least 4.5 to 1. */
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

/* Escaped text with line breaks and with the marks of Japanese made visible to machines. */
static void add_text(char **html, const char *text)
{
    static const char special[] = {'\n', ORIGINAL_BEGIN, ORIGINAL_END, '\0'};
    TALLOC_CTX *scratch = talloc_new(NULL);
    const char *from = text_html(scratch, text);
    while (*from != '\0') {
        size_t plain = strcspn(from, special);
        char *out = memory_must(talloc_strndup_append_buffer(*html, from, plain));
        from += plain;
        if (*from != '\0') {
            const char *tag = *from == '\n'             ? "<br>"
                              : *from == ORIGINAL_BEGIN ? "<span lang=\"ja\">"
                                                        : "</span>";
            out = memory_must(talloc_strdup_append_buffer(out, tag));
            from++;
        }
        *html = out;
    }
    talloc_free(scratch);
}

static void add_element(char **html, const char *tag, const char *style, const char *text)
{
    if (!text_given(text))
        return;
    *html = memory_must(talloc_asprintf_append_buffer(*html, "<%s style=\"%s\">", tag, style));
    add_text(html, text);
    *html = memory_must(talloc_asprintf_append_buffer(*html, "</%s>", tag));
}

static void add_actions(const struct composing *composing, const struct message *message,
                        char **html)
{
    if (message->action_count == 0)
        return;
    add_element(html, "p", "margin:.6em 0 0;font-weight:bold",
                say(composing, composing->over ? "label.after" : "label.do"));
    *html = memory_must(talloc_strdup_append_buffer(*html, "<ul style=\"margin:.2em 0\">"));
    for (size_t i = 0; i < message->action_count; i++)
        add_element(html, "li",
                    i == 0 && !composing->over ? "font-weight:bold" : "font-weight:normal",
                    message->actions[i]);
    *html = memory_must(talloc_strdup_append_buffer(*html, "</ul>"));
}

void form_html(const struct composing *composing, struct message *message)
{
    static const char drill[] = "margin:.6em 0;font-weight:bold;color:#0b4fa8";
    const char *chip =
        memory_printf(message, "%s;display:inline-block;padding:.2em .6em;font-weight:bold",
                      style_of(message->colour));
    char *html = memory_printf(message, "<section lang=\"%s\">", message->language);
    add_element(&html, "p", drill, message->drill);
    add_element(&html, "p", chip, message->chip);
    add_element(&html, "h2", "margin:.3em 0;font-size:1.3em", composing->heading);
    add_element(&html, "p", PARAGRAPH, message->delayed);
    add_element(&html, "p", PARAGRAPH, message->transitional);
    add_actions(composing, message, &html);
    add_element(&html, "p", PARAGRAPH, message->what);
    add_element(&html, "p", PARAGRAPH, message->where);
    if (text_given(message->official_ja))
        add_element(&html, "p", PARAGRAPH,
                    fill(composing, composing->official_key, "title", message->official_ja, NULL));
    add_element(&html, "p", PARAGRAPH, message->until);
    add_element(&html, "p", "margin:.6em 0;color:#444;font-size:.9em", message->source);
    if (message->drill != NULL)
        add_element(&html, "p", drill, say(composing, "label.drill-end"));
    html = memory_must(talloc_strdup_append_buffer(html, "</section>"));
    message->html = composing->language->reading != NULL ? reading_ruby(message, html) : html;
}
