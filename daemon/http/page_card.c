/* Alerts on the page: whole cards for what is gravest, one line a kind for the others, what is
 * past, and drills in a place of their own.
 *
 * Cards stop when they are PAGE_CARDS_MAX or fill PAGE_CARD_BYTES (the network is slow when it
 * matters), but the first ones always stand; dangers beyond still say what to do. Only a danger in
 * force has role="alert". */
#include "http/page_write.h"

#include <string.h>
#include "base/memory.h"
#include "base/text.h"

#define PAGE_CARDS_MAX    40
#define PAGE_CARDS_LEAST  3
#define PAGE_CARD_BYTES   ((size_t)14000)
#define PAGE_PLACES_NAMED 12
#define PAGE_PLACES_MAX   120
#define PAGE_WHERE_LINES  3
#define PAGE_RECENT_MAX   10
#define PAGE_DRILLS_MAX   5
#define PAGE_ALERT_LEVEL  4
#define PAGE_NAME_LENGTH  60
#define PAGE_LINE_LENGTH  300

const char *page_colour_class(const char *colour)
{
    static const char *const known[] = {"black", "purple", "red", "yellow",
                                        "white", "green",  "blue"};
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (text_equal(colour, known[i]))
            return known[i];
    }
    return "white";
}

const char *page_level_colour(int level)
{
    static const char *const colours[] = {"white", "white", "yellow", "red", "purple", "black"};
    return level < 0 || level > 5 ? "white" : colours[level];
}

char *page_chip(TALLOC_CTX *context, const struct page_view *view, const char *language, int level)
{
    TALLOC_CTX *scratch = talloc_new(context);
    char *number = memory_printf(scratch, "%d", level);
    const char *word = page_word(view, language, memory_printf(scratch, "level.%d", level));
    const char *colour =
        page_word(view, language, memory_printf(scratch, "colour.%s", page_level_colour(level)));
    char *chip = page_fill(context, page_word(view, language, "chip.level"), "level", number,
                           "word", word, "colour", colour, NULL);
    talloc_free(scratch);
    return chip;
}

static void write_wrapped(struct buffer *out, const char *open, const char *text, const char *close)
{
    if (!text_given(text))
        return;
    buffer_text(out, open);
    page_html_text(out, text);
    buffer_text(out, close);
}

/* Each line a paragraph of its own. */
static void write_lines(struct buffer *out, const char *text)
{
    size_t count = 0;
    char **lines = text_split(out, text != NULL ? text : "", '\n', &count);
    for (size_t i = 0; i < count; i++)
        write_wrapped(out, "<p>", lines[i], "</p>");
    talloc_free(lines);
}

/* A name or headline of any length must not push the rest off the page. */
static void write_cut(struct buffer *out, const char *text, size_t characters)
{
    char *cut = text_cut(out, text != NULL ? text : "", characters);
    page_html_text(out, cut);
    talloc_free(cut);
}

/* "Sapporo (札幌市)", once when both are the same. */
static void write_place(struct buffer *out, const struct page_view *view, const char *language,
                        const struct alert_area *area)
{
    const struct area *known =
        view->graph != NULL ? area_find(view->graph, area->system, area->code) : NULL;
    const char *own = known != NULL ? area_name(view->graph, known, language, NULL) : area->name_ja;
    write_cut(out, text_given(own) ? own : area->code, PAGE_NAME_LENGTH);
    if (text_given(own) && text_given(area->name_ja) && strcmp(own, area->name_ja) != 0) {
        buffer_text(out, " (<span lang=\"ja\">");
        write_cut(out, area->name_ja, PAGE_NAME_LENGTH);
        buffer_text(out, "</span>)");
    }
}

static size_t count_places(const struct alert *alert, int level)
{
    size_t count = 0;
    for (size_t i = 0; i < alert->area_count; i++)
        count += level == 0 ? alert->areas[i].level > 0 : alert->areas[i].level == level;
    return count;
}

/* Whether the message itself, which names twelve of a level, leaves some out. */
static bool leaves_places_out(const struct alert *alert)
{
    for (int level = 1; level <= 5; level++) {
        if (count_places(alert, level) > PAGE_PLACES_NAMED)
            return true;
    }
    return false;
}

/* Every place of a long list, by level, folded away. */
static void write_places(struct buffer *out, const struct page_view *view, const char *language,
                         const struct alert *alert)
{
    size_t written = 0;
    TALLOC_CTX *scratch = talloc_new(out);
    for (int level = 5; level >= 1; level--) {
        bool any = false;
        for (size_t i = 0; i < alert->area_count && written < PAGE_PLACES_MAX; i++) {
            if (alert->areas[i].level != level)
                continue;
            if (!any)
                write_wrapped(out, "<h4>", page_chip(scratch, view, language, level), "</h4><p>");
            else
                buffer_text(out, " · ");
            write_place(out, view, language, &alert->areas[i]);
            any = true;
            written++;
        }
        if (any)
            buffer_text(out, "</p>");
    }
    buffer_text(out, written < count_places(alert, 0) ? "<p>…</p>" : "");
    talloc_free(scratch);
}

/* The lines of the worst levels stand open; the others, and what the message leaves out, are folded
 * away: whole when `with_places`, otherwise as the message has them. */
static void write_where(struct buffer *out, const struct page_view *view, const char *language,
                        const struct page_item *item, const char *where, bool with_places)
{
    TALLOC_CTX *scratch = talloc_new(out);
    size_t count = 0;
    char **lines = text_split(scratch, where != NULL ? where : "", '\n', &count);
    for (size_t i = 0; i < count && i < PAGE_WHERE_LINES; i++)
        write_wrapped(out, "<p>", lines[i], "</p>");
    if (count > PAGE_WHERE_LINES || (with_places && leaves_places_out(item->alert))) {
        char *number = memory_printf(scratch, "%zu", count_places(item->alert, 0));
        const char *word = page_word(view, language, "page.areas-more");
        write_wrapped(out, "<details><summary>", page_fill(scratch, word, "count", number, NULL),
                      "</summary>");
        if (with_places)
            write_places(out, view, language, item->alert);
        for (size_t i = PAGE_WHERE_LINES; i < count && !with_places; i++)
            write_wrapped(out, "<p>", lines[i], "</p>");
        buffer_text(out, "</details>");
    }
    talloc_free(scratch);
}

static void write_actions(struct buffer *out, const struct page_view *view, const char *language,
                          const struct message *message)
{
    if (message->action_count == 0)
        return;
    write_wrapped(out, "<div class=\"do\"><p>", page_word(view, language, "label.do"), "</p><ul>");
    for (size_t i = 0; i < message->action_count; i++)
        write_wrapped(out, "<li>", message->actions[i], "</li>");
    buffer_text(out, "</ul></div>");
}

/* What stands on TV, signs and the lips of staff. */
static void write_official(struct buffer *out, const struct page_view *view, const char *language,
                           const char *title)
{
    if (!text_given(title) || strcmp(language, "ja") == 0)
        return;
    char *text = page_fill(out, page_word(view, language, "label.official"), "title", title, NULL);
    write_wrapped(out, "<p class=\"official\">", text, "</p>");
    talloc_free(text);
}

static bool is_danger(const struct alert *alert)
{
    return alert->level >= PAGE_ALERT_LEVEL && alert->status == STATUS_ACTUAL &&
           alert->phase != PHASE_ALL_CLEAR && alert->phase != PHASE_CANCEL;
}

static void write_card(struct buffer *out, const struct page_view *view, size_t language,
                       const struct page_item *item, bool with_places)
{
    const char *tag = view->languages[language];
    const struct message *message = item->messages[language];
    const char *colour = item->alert->status == STATUS_ACTUAL ? message->colour : "blue";
    buffer_printf(out, "\n<section class=\"card %s\"", page_colour_class(colour));
    if (is_danger(item->alert)) {
        char *id = text_hash(out, item->alert->id, strlen(item->alert->id), 12);
        buffer_printf(out, " id=\"a%s\" role=\"alert\"", id);
        talloc_free(id);
    }
    buffer_text(out, ">");
    write_wrapped(out, "<p><b>", message->drill, "</b></p>");
    write_wrapped(out, "<span class=\"chip\">", message->chip, "</span>");
    write_wrapped(out, "<h3>", message->headline, "</h3>");
    write_actions(out, view, tag, message);
    write_wrapped(out, "<p>", message->delayed, "</p>");
    write_wrapped(out, "<p>", message->transitional, "</p>");
    write_lines(out, message->what);
    write_where(out, view, tag, item, message->where, with_places);
    write_lines(out, message->until);
    write_official(out, view, tag, message->official_ja);
    write_wrapped(out, "<p class=\"small\">", message->source, "</p></section>");
    if (!text_given(message->source))
        buffer_text(out, "</section>");
}

/* Places of all alerts from `from` with the level and hazard of that one, and once what to do where
 * that is urgent; marks them as done. */
static void write_kind(struct buffer *out, const struct page_view *view, size_t index, size_t from,
                       bool *done)
{
    const char *language = view->languages[index];
    const struct alert *first = view->force.items[from].alert;
    TALLOC_CTX *scratch = talloc_new(out);
    buffer_text(out, "\n<li><b>");
    page_html_text(out, page_word(view, language,
                                  memory_printf(scratch, "hazard.%s", hazard_name(first->hazard))));
    buffer_text(out, "</b>: ");
    const char *before = NULL;
    for (size_t i = from; i < view->force.count; i++) {
        const struct alert *alert = view->force.items[i].alert;
        if (alert->level != first->level || alert->hazard != first->hazard)
            continue;
        done[i] = true;
        const char *place = page_place(view, language, alert);
        if (before != NULL && text_equal(before, place))
            continue;
        if (before != NULL)
            buffer_text(out, " · ");
        write_cut(out, place, PAGE_NAME_LENGTH);
        before = place;
    }
    const struct message *const *messages = view->force.items[from].messages;
    if (first->level >= PAGE_ALERT_LEVEL && messages != NULL)
        write_actions(out, view, language, messages[index]);
    buffer_text(out, "</li>");
    talloc_free(scratch);
}

static void write_kinds(struct buffer *out, const struct page_view *view, size_t index, size_t from)
{
    const char *language = view->languages[index];
    if (from >= view->force.count)
        return;
    bool *done = memory_array(out, bool, view->force.count);
    char *number = memory_printf(done, "%zu", view->force.count - from);
    char *title =
        page_fill(done, page_word(view, language, "page.more-alerts"), "count", number, NULL);
    write_wrapped(out, "\n<h3>", title, "</h3><ul class=\"list\">");
    int level = 0;
    for (size_t i = from; i < view->force.count; i++) {
        if (done[i])
            continue;
        if (view->force.items[i].alert->level != level) {
            buffer_text(out, level != 0 ? "</ul></li>" : "");
            level = view->force.items[i].alert->level;
            char *chip = page_chip(done, view, language, level);
            buffer_printf(out, "\n<li class=\"%s\">", page_level_colour(level));
            write_wrapped(out, "<span class=\"chip\">", chip, "</span><ul>");
        }
        write_kind(out, view, index, i, done);
    }
    buffer_text(out, "</ul></li></ul>");
    talloc_free(done);
}

/* Writes the card when there is room for it: with all its places, or else with those that the
 * message names. */
static bool card_fits(struct buffer *out, const struct page_view *view, size_t language,
                      const struct page_item *item, size_t room, bool always)
{
    for (int with_places = 1; with_places >= 0; with_places--) {
        struct buffer *card = buffer_new(out, PAGE_HTML_BYTES_MAX / 8);
        write_card(card, view, language, item, with_places);
        bool fits = !card->overflow && (card->length <= room || (always && !with_places));
        if (fits)
            buffer_append(out, card->bytes, card->length);
        talloc_free(card);
        if (fits)
            return true;
    }
    return false;
}

void page_html_force(struct buffer *out, const struct page_view *view, size_t language)
{
    size_t start = out->length, count = 0;
    while (count < view->force.count && count < PAGE_CARDS_MAX &&
           view->force.items[count].messages != NULL) {
        size_t used = out->length - start;
        size_t room = used < PAGE_CARD_BYTES ? PAGE_CARD_BYTES - used : 0;
        if (!card_fits(out, view, language, &view->force.items[count], room,
                       count < PAGE_CARDS_LEAST))
            break;
        count++;
    }
    write_kinds(out, view, language, count);
}

/* What is past is calm whatever it was: green, or white where it only ran out, and no chip of its
 * old level. */
static void write_past(struct buffer *out, const struct page_view *view, size_t language,
                       const struct page_item *item)
{
    const char *tag = view->languages[language];
    const struct message *message = item->messages[language];
    bool ended = item->alert->phase == PHASE_ALL_CLEAR || item->alert->phase == PHASE_CANCEL;
    TALLOC_CTX *scratch = talloc_new(out);
    buffer_printf(out, "\n<li class=\"%s\"><span class=\"chip\">", ended ? "green" : "white");
    page_html_text(out, ended ? message->chip : page_word(view, tag, "page.past"));
    buffer_text(out, "</span> ");
    write_cut(out, message->headline, PAGE_LINE_LENGTH);
    const char *time = page_time(scratch, view, tag, item->alert->issued_at);
    write_wrapped(out, " <span class=\"small\">", time, "</span>");
    if (ended && text_given(message->what)) {
        buffer_text(out, "<br>");
        write_cut(out, message->what, PAGE_LINE_LENGTH);
    }
    buffer_text(out, "</li>");
    talloc_free(scratch);
}

static void write_drills(struct buffer *out, const struct page_view *view, size_t language)
{
    const char *tag = view->languages[language];
    buffer_text(out, "\n<section class=\"drills\">");
    write_wrapped(out, "<h2>", page_word(view, tag, "page.drills"), "</h2>");
    write_wrapped(out, "<p>", page_word(view, tag, "page.drills-note"), "</p>");
    for (size_t i = 0; i < view->drills.count && i < PAGE_DRILLS_MAX; i++) {
        const struct message *message = view->drills.items[i].messages[language];
        TALLOC_CTX *scratch = talloc_new(out);
        buffer_text(out, "\n<div class=\"card blue\"><span class=\"chip\">");
        page_html_text(out, message->chip);
        buffer_text(out, "</span><h3>");
        write_cut(out, message->headline, PAGE_LINE_LENGTH);
        buffer_text(out, "</h3>");
        write_wrapped(out, "<p>", message->drill, "</p>");
        write_wrapped(out, "<p class=\"small\">",
                      page_time(scratch, view, tag, view->drills.items[i].alert->issued_at),
                      "</p>");
        buffer_text(out, "</div>");
        talloc_free(scratch);
    }
    buffer_text(out, "</section>");
}

void page_html_rest(struct buffer *out, const struct page_view *view, size_t language)
{
    const char *tag = view->languages[language];
    if (view->recent.count > 0) {
        write_wrapped(out, "<section><h2>", page_word(view, tag, "page.recent"), "</h2>");
        buffer_text(out, "<ul class=\"list\">");
        for (size_t i = 0; i < view->recent.count && i < PAGE_RECENT_MAX; i++)
            write_past(out, view, language, &view->recent.items[i]);
        buffer_text(out, "</ul></section>");
    }
    if (view->drills.count > 0)
        write_drills(out, view, language);
}
