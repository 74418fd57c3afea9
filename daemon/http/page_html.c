/* The status page of one language as a whole document: head, what we see, alerts, feet.
 *
 * What it says of the present depends on sight first: without fresh sight it never says that
 * nothing is in force. Small (30 kB), one file, readable without script at 320 px. */
#include "http/page_write.h"

#include <string.h>
#include "base/memory.h"
#include "base/text.h"

void page_html_text(struct buffer *out, const char *text)
{
    if (!text_given(text))
        return;
    char *clean = text_clean(out, text, true);
    char *escaped = text_html(out, clean);
    for (char *line = escaped, *end; line != NULL; line = end) {
        end = strchr(line, '\n');
        size_t length = end != NULL ? (size_t)(end - line) : strlen(line);
        buffer_append(out, line, length);
        if (end != NULL) {
            end++;
            buffer_text(out, "<br>");
        }
    }
    talloc_free(escaped);
    talloc_free(clean);
}

const char *page_time(TALLOC_CTX *context, const struct page_view *view, const char *language,
                      usec_t time)
{
    if (time <= 0)
        return NULL;
    return message_time(context, view->catalogue, language, time, view->input->now);
}

/* <tag attributes>word with {time}</tag>; nothing when the time is unknown. */
static void write_timed(struct buffer *out, const struct page_view *view, const char *language,
                        const char *open, const char *close, const char *key, usec_t time)
{
    TALLOC_CTX *scratch = talloc_new(out);
    const char *text = page_time(scratch, view, language, time);
    if (text != NULL) {
        buffer_text(out, open);
        page_html_text(out, page_fill(scratch, page_word(view, language, key), "time", text, NULL));
        buffer_text(out, close);
    }
    talloc_free(scratch);
}

static void write_word(struct buffer *out, const struct page_view *view, const char *language,
                       const char *open, const char *close, const char *key)
{
    buffer_text(out, open);
    page_html_text(out, page_word(view, language, key));
    buffer_text(out, close);
}

static void write_head(struct buffer *out, const struct page_view *view, const char *language)
{
    buffer_printf(out,
                  "<!DOCTYPE html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
                  "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                  "<noscript><meta http-equiv=\"refresh\" content=\"60\"></noscript>"
                  "<link rel=\"icon\" href=\"data:,\"><title>",
                  language);
    page_html_text(out, page_word(view, language, "page.title"));
    buffer_printf(out, "</title><style>%s</style></head>\n<body><header><h1>", page_style);
    page_html_text(out, page_word(view, language, "page.title"));
    buffer_text(out, "</h1><nav aria-label=\"");
    page_html_text(out, page_word(view, language, "page.languages"));
    buffer_text(out, "\"><ul>");
    for (size_t i = 0; i < view->language_count; i++) {
        const char *other = view->languages[i];
        buffer_printf(out, "<li><a href=\"/?lang=%s\" lang=\"%s\" hreflang=\"%s\"%s>", other, other,
                      other, strcmp(other, language) == 0 ? " aria-current=\"true\"" : "");
        const char *name = catalogue_language_name(view->catalogue, other);
        page_html_text(out, name != NULL ? name : other);
        buffer_text(out, "</a></li>");
    }
    buffer_text(out, "</ul></nav></header>\n<main>");
}

/* The words for what we see, and the class that goes with them. */
struct state_words {
    const char *class, *key, *key_never;
};

static struct state_words state_words(const struct page_view *view, bool old)
{
    static const struct state_words blind = {"blind", "page.blind", "page.blind-start"};
    static const struct state_words stale = {"stale", "page.stale", "page.blind-start"};
    static const struct state_words none = {"blind", "page.not-configured", "page.not-configured"};
    static const struct state_words partly = {"partly", "page.partly", "page.partly"};
    static const struct state_words quiet = {"quiet", "page.quiet", "page.quiet"};
    static const struct state_words alerts = {"alerts", "page.in-force", "page.in-force"};
    if (old || view->sight == UNAVAILABLE)
        return blind;
    if (view->sight == STALE)
        return stale;
    if (view->sight == NOT_CONFIGURED) {
        for (size_t i = 0; i < view->input->feed_count; i++) {
            if (view->input->feeds[i].freshness != NOT_CONFIGURED &&
                page_feed_watched(&view->input->feeds[i]))
                return partly;
        }
        return none;
    }
    return view->force.count > 0 ? alerts : quiet;
}

static usec_t last_checked(const struct page_view *view)
{
    usec_t oldest = 0;
    for (size_t i = 0; i < view->input->feed_count; i++) {
        const struct page_feed *feed = &view->input->feeds[i];
        if (page_feed_watched(feed) && feed->freshness != NOT_CONFIGURED &&
            (oldest == 0 || feed->last_success < oldest))
            oldest = feed->last_success;
    }
    return oldest;
}

static void write_tagged(struct buffer *out, const char *open, const char *text, const char *close)
{
    buffer_text(out, open);
    page_html_text(out, text);
    buffer_text(out, close);
}

static void write_state(struct buffer *out, const struct page_view *view, const char *language,
                        bool old)
{
    struct state_words words = state_words(view, old);
    TALLOC_CTX *scratch = talloc_new(out);
    const char *time = page_time(scratch, view, language, page_view_since(view, old));
    buffer_text(out, "<p class=\"state lost-note\" role=\"status\">");
    page_html_text(out, page_word(view, language, "page.old-page"));
    buffer_printf(out,
                  "</p><div id=\"state\" role=\"status\" data-sight=\"%s\">"
                  "<h2 class=\"state %s\">",
                  old ? "unavailable" : freshness_name(view->sight), words.class);
    if (time == NULL)
        page_html_text(out, page_word(view, language, words.key_never));
    else
        page_html_text(
            out, page_fill(scratch, page_word(view, language, words.key), "time", time, NULL));
    if (strcmp(words.class, "alerts") == 0)
        buffer_printf(out, ": %zu", view->force.count);
    buffer_text(out, "</h2>");
    if (view->input->maintenance_since != 0)
        write_timed(out, view, language, "<p class=\"state partly\" id=\"maintenance\">", "</p>",
                    "page.maintenance", view->input->maintenance_since);
    if (view->input->store_detached)
        write_word(out, view, language, "<p class=\"state partly\" id=\"emergency\">", "</p>",
                   "page.emergency");
    if (!view->input->clock_trusted)
        write_tagged(out, "<p class=\"state partly\" id=\"clock\">",
                     page_word(view, language, "page.clock"), "</p>");
    buffer_text(out, "</div><div id=\"checked\">");
    if (!old)
        write_timed(out, view, language, "<p class=\"small\">", "</p>", "page.checked",
                    last_checked(view));
    buffer_text(out, "</div>");
    talloc_free(scratch);
}

static void write_as_of(struct buffer *out, const struct page_view *view, const char *language,
                        bool old)
{
    TALLOC_CTX *scratch = talloc_new(out);
    write_tagged(out, "<h2>", page_word(view, language, "page.as-of"), " ");
    usec_t since = page_view_since(view, old);
    const char *time = page_time(scratch, view, language, since > 0 ? since : view->input->now);
    write_tagged(out, "", time, "</h2>");
    talloc_free(scratch);
}

static void write_alerts(struct buffer *out, const struct page_view *view, size_t language,
                         bool old)
{
    const char *tag = view->languages[language];
    buffer_text(out, "\n<div id=\"alerts\">");
    if (view->force.count > 0) {
        if (old || view->sight == STALE || view->sight == UNAVAILABLE)
            write_as_of(out, view, tag, old);
        else if (view->sight == NOT_CONFIGURED)
            write_tagged(out, "<h2>", page_word(view, tag, "page.in-force"), "</h2>");
        page_html_force(out, view, language);
    }
    buffer_text(out, "</div>\n<div id=\"rest\">");
    page_html_rest(out, view, language);
}

static void write_feeds(struct buffer *out, const struct page_view *view, const char *language,
                        bool old)
{
    buffer_text(out, "<h2>");
    page_html_text(out, page_word(view, language, "page.feeds"));
    buffer_text(out, "</h2><ul>");
    for (size_t i = 0; i < view->input->feed_count; i++) {
        const struct page_feed *feed = &view->input->feeds[i];
        TALLOC_CTX *scratch = talloc_new(out);
        enum freshness freshness =
            old && feed->freshness != NOT_CONFIGURED ? UNAVAILABLE : feed->freshness;
        const char *key = memory_printf(scratch, "page.feed-%s", feed->name);
        const char *name = page_word(view, language, key);
        buffer_text(out, "<li>");
        page_html_text(out, strcmp(name, key) == 0 ? feed->name : name);
        buffer_text(out, ": <b>");
        page_html_text(
            out, page_word(view, language,
                           memory_printf(scratch, "freshness.%s", freshness_name(freshness))));
        buffer_text(out, "</b>");
        const char *time = page_time(scratch, view, language, feed->last_success);
        if (time != NULL) {
            buffer_text(out, " · ");
            page_html_text(out, time);
        }
        buffer_text(out, "</li>");
        talloc_free(scratch);
    }
    buffer_text(out, "</ul>");
}

static void write_scale(struct buffer *out, const struct page_view *view, const char *language)
{
    buffer_text(out, "<p>");
    page_html_text(out, page_word(view, language, "page.scale"));
    buffer_text(out, "</p><ul class=\"scale\">");
    for (int level = 5; level >= 1; level--) {
        char *chip = page_chip(out, view, language, level);
        buffer_printf(out, "<li class=\"%s\"><span class=\"chip\">", page_level_colour(level));
        page_html_text(out, chip);
        buffer_text(out, "</span></li>");
        talloc_free(chip);
    }
    buffer_text(out, "</ul>");
}

static void write_foot(struct buffer *out, const struct page_view *view, const char *language,
                       bool old)
{
    if (view->input->feed_count > 0)
        write_feeds(out, view, language, old);
    buffer_text(out, "</div></main>\n<footer>");
    write_scale(out, view, language);
    buffer_text(out, "<div id=\"made\">");
    write_timed(out, view, language, "<p>", "</p>", "page.made", view->input->now);
    buffer_text(out, "</div><p>");
    const char *operator_name = view->input->operator_name;
    char *source = page_fill(out, page_word(view, language, "page.source"), "operator",
                             text_given(operator_name) ? operator_name : "Noroshi", NULL);
    page_html_text(out, source);
    talloc_free(source);
    buffer_text(out, "</p><p>");
    page_html_text(out, page_word(view, language, "page.not-only"));
    buffer_printf(out, "</p><p><a class=\"button\" href=\"/?lang=%s\">", language);
    page_html_text(out, page_word(view, language, "page.reload"));
    buffer_printf(out, "</a></p></footer><script>%s</script></body></html>\n", page_script);
}

struct buffer *page_html(TALLOC_CTX *context, const struct page_view *view, size_t language,
                         bool old)
{
    const char *tag = view->languages[language];
    struct buffer *out = buffer_new(context, PAGE_HTML_BYTES_MAX);
    write_head(out, view, tag);
    write_state(out, view, tag, old);
    write_alerts(out, view, language, old);
    write_foot(out, view, tag, old);
    return out;
}
