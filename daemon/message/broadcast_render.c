/* A manual broadcast as a message, in the forms of every message: the phase first (what was wrong,
 * what this replaces), then what happens, the lines that staff filled in, what to do, until when,
 * and who says so. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/broadcast_catalogue.h"
#include "message/form.h"

#define HEADLINE_PLACES 3
#define LISTED_PLACES   60

struct manual {
    const struct broadcast_catalogue *catalogue;
    const struct broadcast_template *row;
    const struct broadcast_content *content;
    struct composing *composing;
};

static const char *text_of(const struct manual *manual, const char *section, const char *name)
{
    return broadcast_word(manual->catalogue, manual->composing->language->tag, section, name);
}

static const char *time_of(const struct manual *manual, usec_t time)
{
    /* Read later and forwarded: always with its date (now unknown). */
    return message_time(manual->composing->context, manual->composing->catalogue,
                        manual->composing->language->tag, time, 0);
}

/* A place is looked for on signs and told to drivers: with its Japanese name beside the other. */
static const char *with_japanese(const struct manual *manual, const struct broadcast_blank *blank,
                                 const struct broadcast_value *value, const char *text)
{
    const struct composing *composing = manual->composing;
    const struct broadcast_value *japanese =
        broadcast_value_choose(manual->content, blank->name, "ja");
    if (blank->type != BLANK_PLACE || composing->aloud || japanese == NULL ||
        text_starts(broadcast_value_language(value), "ja") ||
        text_starts(composing->language->tag, "ja") || strcmp(japanese->text, value->text) == 0)
        return text;
    const char *clean = text_clean(composing->context, japanese->text, false);
    return fill(composing, "label.name", "name", text, "japanese",
                say_original(composing, clean, blank->characters), NULL);
}

/* Free text: as it is in the reader's language, otherwise marked as the original. */
static const char *free_text(const struct manual *manual, const struct broadcast_value *value,
                             size_t characters)
{
    const struct composing *composing = manual->composing;
    const char *written = broadcast_value_language(value);
    const char *clean = text_cut(composing->context,
                                 text_clean(composing->context, value->text, false), characters);
    if (!broadcast_is_foreign(composing->language->tag, written))
        return clean;
    if (text_starts(written, "ja"))
        clean = say_original(composing, clean, characters);
    const char *name = catalogue_language_name(composing->catalogue, written);
    return fill(composing, "broadcast.lead.original", "text", clean, "language",
                name != NULL ? name : written, NULL);
}

static const char *choices_of(const struct manual *manual, const char *text)
{
    const struct composing *composing = manual->composing;
    size_t count = 0;
    char **names = broadcast_choices_split(composing->context, text, &count);
    const char **words = memory_array(composing->context, const char *, count + 1);
    for (size_t i = 0; i < count; i++)
        words[i] = text_of(manual, "choice", names[i]);
    return format_list(composing->context, composing->language, words, count, false);
}

static const char *value_of(const struct manual *manual, const struct broadcast_blank *blank,
                            const struct broadcast_value *value)
{
    const struct composing *composing = manual->composing;
    usec_t time;
    switch (blank->type) {
    case BLANK_TIME:
        return broadcast_time_read(value->text, &time) < 0 ? "" : time_of(manual, time);
    case BLANK_CHOICE:
        return choices_of(manual, value->text);
    case BLANK_STATE:
        return text_of(manual, "state", value->text);
    case BLANK_TEXT:
    case BLANK_PLACE:
        return with_japanese(manual, blank, value, free_text(manual, value, blank->characters));
    case BLANK_NUMBER:
    case BLANK_PHONE:
    case BLANK_URL:
        break;
    }
    return text_clean(composing->context, value->text, false);
}

/* "Address: 札幌市中央区…", one line a blank; when it is over, those that say which one it was. */
static void add_lines(const struct manual *manual, bool only_names, char **text)
{
    const struct composing *composing = manual->composing;
    for (size_t i = 0; i < manual->row->blank_count; i++) {
        const struct broadcast_blank *blank = &manual->row->blanks[i];
        const struct broadcast_value *value =
            broadcast_value_choose(manual->content, blank->name, composing->language->tag);
        if (value != NULL && (blank->names || !only_names))
            line_add(text, fill(composing, "broadcast.lead.line", "label",
                                text_of(manual, "blank", blank->name), "value",
                                value_of(manual, blank, value), NULL));
    }
}

/* What the phase says before everything else, or NULL. */
static const char *lead_of(const struct manual *manual)
{
    static const char *const keys[] = {[BROADCAST_UPDATE] = "broadcast.lead.update",
                                       [BROADCAST_CORRECTION] = "broadcast.lead.correction",
                                       [BROADCAST_WITHDRAWN] = "broadcast.lead.withdrawn",
                                       [BROADCAST_ALL_CLEAR] = "broadcast.lead.all-clear"};
    if (manual->content->phase == BROADCAST_ISSUE)
        return NULL;
    return fill(manual->composing, keys[manual->content->phase], "time",
                time_of(manual, manual->content->original_at), NULL);
}

static const char *what_of(const struct manual *manual)
{
    char *text = memory_text(manual->composing->context, "");
    const char *id = manual->row->id;
    switch (manual->content->phase) {
    case BROADCAST_WITHDRAWN:
        line_add(&text, lead_of(manual));
        line_add(&text, text_of(manual, "withdrawn", id));
        add_lines(manual, true, &text);
        return text;
    case BROADCAST_ALL_CLEAR:
        line_add(&text, text_of(manual, "all-clear", id));
        add_lines(manual, true, &text);
        line_add(&text, lead_of(manual));
        return text;
    case BROADCAST_ISSUE:
    case BROADCAST_UPDATE:
    case BROADCAST_CORRECTION:
    case BROADCAST_PHASE_COUNT:
        break;
    }
    line_add(&text, lead_of(manual));
    line_add(&text, text_of(manual, "issue", id));
    add_lines(manual, false, &text);
    return text;
}

static const char *places_of(const struct manual *manual, size_t most)
{
    const struct composing *composing = manual->composing;
    const struct broadcast_content *content = manual->content;
    const char *names[LISTED_PLACES];
    size_t named = content->area_count < most ? content->area_count : most;
    if (content->everyone)
        return say(composing, "broadcast.lead.everyone");
    for (size_t i = 0; i < named; i++)
        names[i] = say_place(composing, content->areas[i]->system, content->areas[i]->code,
                             content->areas[i]->name_ja);
    const char *list = format_list(composing->context, composing->language, names, named,
                                   content->area_count > named);
    if (content->area_count == named)
        return list;
    return fill(composing, "label.more", "places", list, "count",
                say_number(composing, (double)(content->area_count - named)), NULL);
}

static const char *where_of(const struct manual *manual)
{
    if (manual->content->everyone)
        return say(manual->composing, "broadcast.lead.everyone");
    if (manual->content->area_count == 0)
        return "";
    return fill(manual->composing, "label.place", "places", places_of(manual, LISTED_PLACES), NULL);
}

/* The first place in the reader's language only. */
static const char *short_place(const struct manual *manual)
{
    const struct composing *composing = manual->composing;
    const struct broadcast_content *content = manual->content;
    if (content->area_count == 0 || content->everyone)
        return "";
    const struct area *first = content->areas[0];
    const char *name = mark_strip(
        composing->context, say_bare_place(composing, first->system, first->code, first->name_ja));
    if (content->area_count == 1)
        return name;
    return fill(composing, "label.more", "places", name, "count",
                say_number(composing, (double)(content->area_count - 1)), NULL);
}

/* A sentence as a heading: without its full stop. */
static const char *without_stop(const struct composing *composing, const char *sentence)
{
    const char *stop = say(composing, "label.stop");
    size_t length = strlen(sentence), tail = strlen(stop);
    if (length > tail && strcmp(sentence + length - tail, stop) == 0)
        length -= tail;
    return memory_must(talloc_strndup(composing->context, sentence, length));
}

/* The heading without places. */
static const char *title_of(const struct manual *manual)
{
    static const char *const keys[] = {[BROADCAST_ISSUE] = "headline.issue",
                                       [BROADCAST_UPDATE] = "headline.update",
                                       [BROADCAST_CORRECTION] = "headline.correction"};
    const char *title = text_of(manual, "title", manual->row->id);
    switch (manual->content->phase) {
    case BROADCAST_WITHDRAWN:
        return fill(manual->composing, "broadcast.lead.withdrawn-title", "title", title, NULL);
    case BROADCAST_ALL_CLEAR:
        return without_stop(manual->composing, text_of(manual, "all-clear", manual->row->id));
    case BROADCAST_ISSUE:
    case BROADCAST_UPDATE:
    case BROADCAST_CORRECTION:
    case BROADCAST_PHASE_COUNT:
        break;
    }
    return fill(manual->composing, keys[manual->content->phase], "kind", title, NULL);
}

static const char *with_drill(const struct manual *manual, const char *headline)
{
    if (!manual->content->drill)
        return headline;
    return fill(manual->composing, "label.drill-subject", "headline", headline, NULL);
}

static const char *with_places(const struct manual *manual, const char *title)
{
    const char *places = manual->content->everyone ? "" : places_of(manual, HEADLINE_PLACES);
    if (!text_given(places))
        return title;
    return fill(manual->composing, "headline.places", "headline", title, "places", places, NULL);
}

static bool is_over(const struct manual *manual)
{
    return manual->content->phase == BROADCAST_WITHDRAWN ||
           manual->content->phase == BROADCAST_ALL_CLEAR;
}

static const char *colour_of(const struct manual *manual)
{
    if (manual->content->drill)
        return "blue";
    return is_over(manual) ? "green" : manual->row->colour;
}

static const char *chip_of(const struct manual *manual, const char *colour_name)
{
    const struct composing *composing = manual->composing;
    const char *colour = say_word(composing, "colour", colour_name, colour_name);
    bool information = text_equal(manual->row->severity, "Minor");
    const char *word = say(composing, memory_printf(composing->context, "level.%d",
                                                    information ? 1 : manual->row->level));
    if (manual->content->drill)
        return fill(composing, "chip.drill", "colour", colour, NULL);
    if (manual->content->phase == BROADCAST_WITHDRAWN)
        return fill(composing, "chip.withdrawn", "colour", colour, NULL);
    if (is_over(manual))
        return fill(composing, "chip.ended", "colour", colour, NULL);
    if (information)
        return fill(composing, "broadcast.lead.information", "word", word, "colour", colour, NULL);
    return fill(composing, "chip.level", "level", say_number(composing, manual->row->level), "word",
                word, "colour", colour, NULL);
}

static void add_phrases(const struct manual *manual, const char *const *phrases,
                        const char **actions, size_t *count)
{
    for (; *phrases != NULL && *count < ACTIONS_MAX; phrases++)
        actions[(*count)++] = say(manual->composing, *phrases);
}

/* "Go to high ground" before all else when the reason is a tsunami. */
static void add_firsts(const struct manual *manual, const char **actions, size_t *count)
{
    const struct broadcast_value *reason =
        broadcast_value_choose(manual->content, "reason", manual->composing->language->tag);
    size_t chosen = 0;
    char **reasons =
        reason != NULL ? broadcast_choices_split(manual->composing->context, reason->text, &chosen)
                       : NULL;
    for (size_t i = 0; i < manual->row->first_count; i++) {
        for (size_t j = 0; j < chosen; j++) {
            if (text_equal(manual->row->firsts[i].choice, reasons[j]))
                add_phrases(manual, manual->row->firsts[i].actions, actions, count);
        }
    }
}

static void add_actions(const struct manual *manual, struct message *message)
{
    const char **actions = memory_array(message, const char *, ACTIONS_MAX + 1);
    message->actions = actions;
    if (manual->content->phase == BROADCAST_WITHDRAWN) {
        add_phrases(manual, manual->row->withdrawn, actions, &message->action_count);
    } else if (manual->content->phase == BROADCAST_ALL_CLEAR) {
        add_phrases(manual, manual->row->after, actions, &message->action_count);
    } else {
        add_firsts(manual, actions, &message->action_count);
        add_phrases(manual, manual->row->actions, actions, &message->action_count);
    }
}

static const char *until_of(const struct manual *manual)
{
    const struct composing *composing = manual->composing;
    const struct broadcast_content *content = manual->content;
    char *text = memory_text(composing->context, "");
    if (!is_over(manual))
        line_add(&text,
                 fill(composing, "label.until", "time", time_of(manual, content->expires), NULL));
    if (content->next_update != 0)
        line_add(&text, fill(composing, "broadcast.lead.next", "time",
                             time_of(manual, content->next_update), NULL));
    else if (!is_over(manual))
        line_add(&text, say(composing, "label.next"));
    return text;
}

/* Who says so, in his own name; never JMA (H-8). */
static const char *source_of(const struct manual *manual)
{
    const struct composing *composing = manual->composing;
    const struct broadcast_authority *authority = &manual->content->authority;
    const char *ja = text_clean(composing->context, authority->name_ja, false);
    const char *en = text_clean(composing->context, authority->name_en, false);
    bool japanese = text_starts(composing->language->tag, "ja") || strcmp(ja, en) == 0;
    const char *name = japanese ? ja
                       : composing->aloud
                           ? en
                           : fill(composing, "label.name", "name", en, "japanese", ja, NULL);
    char *text = memory_text(composing->context, "");
    line_add(&text, fill(composing, "broadcast.lead.issuer", "name", name, NULL));
    line_add(&text, fill(composing, "broadcast.lead.contact", "contact",
                         text_clean(composing->context, authority->contact, false), NULL));
    line_add(&text, fill(composing, "broadcast.lead.issued", "time",
                         time_of(manual, manual->content->issued_at), NULL));
    if (text_given(manual->content->id))
        line_add(&text, fill(composing, "broadcast.lead.number", "id",
                             text_clean(composing->context, manual->content->id, false), NULL));
    return text;
}

/* Without what stands in brackets at its end: "Evacuation Order (hinan shiji)". */
static const char *bare_title(const struct manual *manual)
{
    char *title = memory_text(manual->composing->context, title_of(manual));
    size_t length = strlen(title);
    char *wide = strstr(title, "（"), *narrow = strstr(title, " (");
    char *bracket = wide != NULL ? wide : narrow;
    if (bracket != NULL && bracket > title &&
        (title[length - 1] == ')' || text_equal(title + length - strlen("）"), "）")))
        *bracket = '\0';
    return title;
}

/* Title, place, first action; sent in error, what holds instead, whole or not at all: cut, a
 * sentence with its "not" at the end would say the opposite. */
static const char *short_of(const struct manual *manual, const struct message *message)
{
    const char *title = without_stop(manual->composing, bare_title(manual)); /* "…, Etc." */
    bool acts = !is_over(manual) && message->action_count > 0;
    struct short_parts parts = {.what = title,
                                .briefly = title,
                                .place = short_place(manual),
                                .action = acts ? message->actions[0] : ""};
    if (manual->content->phase != BROADCAST_WITHDRAWN)
        return form_short(manual->composing, &parts);
    const char *instead = text_of(manual, "withdrawn", manual->row->id);
    const char *end = sentence_end(say(manual->composing, "label.stop"), instead);
    const char *first =
        memory_printf(manual->composing->context, "%.*s", (int)(end - instead), instead);
    parts.action = first;
    const char *text = form_short(manual->composing, &parts);
    parts.action = "";
    return text_contains(text, first) ? text : form_short(manual->composing, &parts);
}

/* The parts, with their marks of Japanese text. */
static void compose(const struct manual *manual, struct message *message)
{
    struct composing *composing = manual->composing;
    const struct language *japanese = catalogue_language(composing->catalogue, "ja");
    const struct broadcast_content *content = manual->content;
    message->language = composing->language->tag;
    message->colour = colour_of(manual);
    message->chip = chip_of(manual, message->colour);
    /* The ear has had the title in its own language. */
    const char *title = composing->aloud ? bare_title(manual) : title_of(manual);
    composing->title = with_drill(manual, title);
    composing->heading = message->headline = with_drill(manual, with_places(manual, title));
    composing->heading_tells_where = !content->everyone && content->area_count <= HEADLINE_PLACES;
    message->official_ja = say_original(
        composing, broadcast_word(manual->catalogue, japanese->tag, "title", manual->row->id),
        TITLE_CHARACTERS);
    message->where = where_of(manual);
    message->what = what_of(manual);
    add_actions(manual, message);
    message->until = until_of(manual);
    message->source = source_of(manual);
    message->drill = content->drill ? say(composing, "label.drill") : NULL;
}

static struct composing begin(struct message *message, const struct broadcast_catalogue *catalogue,
                              const struct area_graph *graph, const char *language,
                              const struct broadcast_content *content)
{
    const struct catalogue *texts = catalogue->texts;
    const struct language *chosen = catalogue_language(texts, language);
    return (struct composing){.context = message,
                              .catalogue = texts,
                              .language = chosen != NULL ? chosen : catalogue_language(texts, "en"),
                              .graph = graph,
                              .drill = content->drill,
                              .official_key = "broadcast.lead.official"};
}

static struct manual manual_of(const struct broadcast_catalogue *catalogue,
                               const struct broadcast_content *content, struct composing *composing)
{
    const struct manual manual = {.catalogue = catalogue,
                                  .row = broadcast_template_find(catalogue, content->template_id),
                                  .content = content,
                                  .composing = composing};
    composing->over = is_over(&manual);
    composing->level = manual.row->level;
    return manual;
}

struct message *broadcast_render(TALLOC_CTX *context, const struct broadcast_catalogue *catalogue,
                                 const struct area_graph *graph, const char *language,
                                 const struct broadcast_content *content)
{
    struct message *message = memory_new(context, struct message);
    struct composing composing = begin(message, catalogue, graph, language, content);
    const struct manual manual = manual_of(catalogue, content, &composing);
    compose(&manual, message);
    form_html(&composing, message);
    form_strip(message);
    message->short_text = short_of(&manual, message);
    form_plain(&composing, message);
    return message;
}

char *broadcast_aloud(TALLOC_CTX *context, const struct broadcast_catalogue *catalogue,
                      const struct area_graph *graph, const char *language,
                      const struct broadcast_content *content)
{
    struct message *message = memory_new(NULL, struct message);
    struct composing composing = begin(message, catalogue, graph, language, content);
    const struct manual manual = manual_of(catalogue, content, &composing);
    composing.aloud = true;
    compose(&manual, message);
    char *aloud = talloc_steal(context, form_aloud(&composing, message));
    talloc_free(message);
    return aloud;
}
