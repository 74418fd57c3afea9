/* Choosing and ordering what a snapshot shows: see page_view.h.
 *
 * Order of what is in force: level, then what leaves the least time (tsunami, earthquake, then the
 * others as they stand in enum hazard), then as given (newest first). */
#include "http/page_view.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/text.h"

struct ordered {
    const struct alert *alert;
    size_t position;
};

static int hazard_order(enum hazard hazard)
{
    return hazard == HAZARD_TSUNAMI ? -1 : (int)hazard;
}

static int compare_ordered(const void *left, const void *right)
{
    const struct ordered *a = left, *b = right;
    if (a->alert->level != b->alert->level)
        return b->alert->level - a->alert->level;
    if (a->alert->hazard != b->alert->hazard)
        return hazard_order(a->alert->hazard) - hazard_order(b->alert->hazard);
    return a->position < b->position ? -1 : a->position > b->position;
}

static void list_add(TALLOC_CTX *context, struct page_list *list, const struct alert *alert)
{
    list->items = memory_grow(context, list->items, list->count, sizeof(struct page_item));
    list->items[list->count++] = (struct page_item){.alert = alert};
}

/* Whatever list it came in, an alert that is not real is a drill: never mixed (safety rule 1). */
static void choose_force(struct page_view *view)
{
    const struct page_input *input = view->input;
    struct ordered *ordered = memory_array(view, struct ordered, input->in_force_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < input->in_force_count; i++) {
        if (input->in_force[i]->status != STATUS_ACTUAL)
            list_add(view, &view->drills, input->in_force[i]);
        else
            ordered[count++] = (struct ordered){input->in_force[i], i};
    }
    qsort(ordered, count, sizeof(*ordered), compare_ordered);
    for (size_t i = 0; i < count; i++)
        list_add(view, &view->force, ordered[i].alert);
    talloc_free(ordered);
}

static bool list_has_event(const struct page_list *list, const char *event_id)
{
    for (size_t i = 0; i < list->count; i++) {
        if (text_equal(list->items[i].alert->event_id, event_id))
            return true;
    }
    return false;
}

/* Only the newest step of an event, and none of one that stands above as in force. */
static void choose_recent(struct page_view *view)
{
    const struct page_input *input = view->input;
    for (size_t i = 0; i < input->recent_count; i++) {
        const struct alert *alert = input->recent[i];
        if (alert->status != STATUS_ACTUAL)
            list_add(view, &view->drills, alert);
        else if (!list_has_event(&view->force, alert->event_id) &&
                 !list_has_event(&view->recent, alert->event_id))
            list_add(view, &view->recent, alert);
    }
}

static void render_list(struct page_view *view, struct page_list *list, size_t most)
{
    for (size_t i = 0; i < list->count && i < most; i++) {
        struct page_item *item = &list->items[i];
        const struct message **messages =
            memory_array(view, const struct message *, view->language_count + 1);
        struct message_scope scope = {.alert = item->alert,
                                      .phase = item->alert->phase,
                                      .level = item->alert->level,
                                      .now = view->input->now};
        for (size_t j = 0; j < view->language_count; j++)
            messages[j] = message_render(view, view->catalogue, view->graph, view->languages[j],
                                         &scope, view->input->operator_name);
        item->messages = messages;
    }
}

struct page_view *page_view_new(TALLOC_CTX *context, const struct catalogue *catalogue,
                                const struct area_graph *graph, const struct page_input *input)
{
    struct page_view *view = memory_new(context, struct page_view);
    view->catalogue = catalogue;
    view->graph = graph;
    view->input = input;
    view->languages = catalogue_languages(catalogue);
    while (view->languages[view->language_count] != NULL)
        view->language_count++;
    view->sight = page_sight(input->feeds, input->feed_count);
    choose_force(view);
    choose_recent(view);
    for (size_t i = 0; i < input->drill_count; i++)
        list_add(view, &view->drills, input->drills[i]);
    render_list(view, &view->force, PAGE_FORCE_TEXTS);
    render_list(view, &view->recent, PAGE_RECENT_TEXTS);
    render_list(view, &view->drills, PAGE_DRILL_TEXTS);
    return view;
}

bool page_feed_watched(const struct page_feed *feed)
{
    const struct feed_row *row = feed_find(feed->name);
    return row == NULL || row->watched;
}

/* A feed that is blind must not hide behind one that was never set up. */
static int sight_order(enum freshness freshness)
{
    switch (freshness) {
    case FRESH_ALERTS:
        return 1;
    case FRESH_QUIET:
        return 0;
    case NOT_CONFIGURED:
        return 2;
    case STALE:
        return 3;
    case UNAVAILABLE:
    default:
        return 4;
    }
}

enum freshness page_sight(const struct page_feed *feeds, size_t count)
{
    bool any = false;
    enum freshness worst = NOT_CONFIGURED;
    for (size_t i = 0; i < count; i++) {
        if (!page_feed_watched(&feeds[i]))
            continue;
        if (!any || sight_order(feeds[i].freshness) > sight_order(worst))
            worst = feeds[i].freshness;
        any = true;
    }
    return worst;
}

usec_t page_view_since(const struct page_view *view, bool old)
{
    usec_t since = view->input->now;
    for (size_t i = 0; i < view->input->feed_count; i++) {
        const struct page_feed *feed = &view->input->feeds[i];
        if (!page_feed_watched(feed) || feed->freshness != view->sight)
            continue;
        usec_t time = since;
        if (feed->freshness == UNAVAILABLE)
            time = feed->last_success;
        else if (feed->freshness == STALE && !old)
            time = feed->newest_updated;
        if (time < since)
            since = time;
    }
    return since;
}

const char *page_place(const struct page_view *view, const char *language,
                       const struct alert *alert)
{
    const struct area *place = NULL;
    if (alert->area_count > 0 && view->graph != NULL) {
        const struct alert_area *first = &alert->areas[0];
        const char *office = area_weather_office(view->graph, first->system, first->code);
        place = office != NULL ? area_find(view->graph, AREA_WEATHER_OFFICE, office)
                               : area_find(view->graph, first->system, first->code);
    }
    if (place == NULL && view->graph != NULL && alert->quake != NULL &&
        text_given(alert->quake->epicenter_code))
        place = area_find(view->graph, AREA_EPICENTER, alert->quake->epicenter_code);
    if (place != NULL)
        return area_name(view->graph, place, language, NULL);
    if (alert->area_count > 0 && text_given(alert->areas[0].name_ja))
        return alert->areas[0].name_ja;
    if (alert->quake != NULL && text_given(alert->quake->epicenter_ja))
        return alert->quake->epicenter_ja;
    if (text_given(alert->office_ja))
        return alert->office_ja;
    return text_given(alert->title_ja) ? alert->title_ja : alert->code;
}

/* The value for the blank that starts at `name`, or NULL. */
static const char *blank_value(va_list arguments, const char *name, size_t length)
{
    const char *found = NULL;
    va_list pairs;
    va_copy(pairs, arguments);
    const char *key;
    while (found == NULL && (key = va_arg(pairs, const char *)) != NULL) {
        const char *value = va_arg(pairs, const char *);
        if (strlen(key) == length && strncmp(key, name, length) == 0)
            found = value;
    }
    va_end(pairs);
    return found;
}

char *page_fill(TALLOC_CTX *context, const char *word, ...)
{
    va_list arguments;
    va_start(arguments, word);
    char *text = memory_text(context, "");
    while (*word != '\0') {
        const char *open = strchr(word, '{');
        const char *close = open != NULL ? strchr(open, '}') : NULL;
        const char *value =
            close != NULL ? blank_value(arguments, open + 1, (size_t)(close - open - 1)) : NULL;
        size_t plain = open == NULL ? strlen(word) : (size_t)(open - word);
        if (open != NULL && value == NULL)
            plain++;
        text = memory_must(talloc_strndup_append(text, word, plain));
        if (value != NULL)
            text = memory_must(talloc_strdup_append(text, value));
        word = value != NULL ? close + 1 : word + plain;
    }
    va_end(arguments);
    return text;
}

const char *page_word(const struct page_view *view, const char *language, const char *key)
{
    return catalogue_word(view->catalogue, language, key);
}
