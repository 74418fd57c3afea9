/* /api/v1/alerts: what is in force, what is past and, apart from both, drills (docs/schema).
 *
 * Each alert is turned into text once and shared by the variants for one and for all languages. */
#include "http/page_write.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

struct fragment {
    char *data;      /* the alert without its last brace */
    char **messages; /* one a language: "en":{…} */
};
struct page_fragments {
    struct fragment *lists[3];
};

static const char *const list_names[] = {"alerts", "recent", "drills"};

static const struct page_list *list_of(const struct page_view *view, size_t i)
{
    const struct page_list *lists[] = {&view->force, &view->recent, &view->drills};
    return lists[i];
}

void page_json_text(json_t *object, const char *key, const char *text)
{
    json_t *value = text != NULL ? json_string(text) : NULL;
    json_object_set_new(object, key, value != NULL ? value : json_null());
}

void page_json_time(json_t *object, const char *key, usec_t time)
{
    char text[CLOCK_TEXT_BYTES];
    page_json_text(object, key, time > 0 ? clock_format_jst(time, text) : NULL);
}

/* JSON as text in `context`; takes the reference. */
static char *dump(TALLOC_CTX *context, json_t *json)
{
    char *text = memory_must(json_dumps(memory_must(json), JSON_COMPACT));
    char *copy = memory_text(context, text);
    free(text);
    json_decref(json);
    return copy;
}

static json_t *message_json(TALLOC_CTX *context, const struct page_view *view,
                            const struct page_item *item, size_t language)
{
    const char *tag = view->languages[language];
    json_t *json = memory_must(json_object());
    if (item->messages != NULL) {
        page_json_text(json, "headline", item->messages[language]->headline);
        page_json_text(json, "text", item->messages[language]->plain);
        return json;
    }
    const char *mark =
        item->alert->status == STATUS_ACTUAL ? "" : page_word(view, tag, "label.drill");
    const char *hazard = memory_printf(context, "hazard.%s", hazard_name(item->alert->hazard));
    page_json_text(json, "headline",
                   memory_printf(context, "%s%s%s: %s", mark, mark[0] != '\0' ? " " : "",
                                 page_word(view, tag, hazard), page_place(view, tag, item->alert)));
    page_json_text(json, "text", NULL);
    return json;
}

static void fill_fragment(TALLOC_CTX *context, const struct page_view *view,
                          const struct page_item *item, struct fragment *fragment)
{
    fragment->data = dump(context, alert_to_json(item->alert));
    fragment->data[strlen(fragment->data) - 1] = '\0';
    fragment->messages = memory_array(context, char *, view->language_count + 1);
    for (size_t i = 0; i < view->language_count; i++) {
        TALLOC_CTX *scratch = talloc_new(context);
        char *text = dump(scratch, message_json(scratch, view, item, i));
        fragment->messages[i] = memory_printf(context, "\"%s\":%s", view->languages[i], text);
        talloc_free(scratch);
    }
}

struct page_fragments *page_fragments_new(TALLOC_CTX *context, const struct page_view *view)
{
    struct page_fragments *fragments = memory_new(context, struct page_fragments);
    for (size_t i = 0; i < 3; i++) {
        const struct page_list *list = list_of(view, i);
        fragments->lists[i] = memory_array(fragments, struct fragment, list->count + 1);
        for (size_t j = 0; j < list->count; j++)
            fill_fragment(fragments, view, &list->items[j], &fragments->lists[i][j]);
    }
    return fragments;
}

static void write_fragment(struct buffer *out, const struct page_view *view,
                           const struct fragment *fragment, size_t language)
{
    buffer_text(out, fragment->data);
    buffer_text(out, ",\"messages\":{");
    for (size_t i = 0; i < view->language_count; i++) {
        if (language != view->language_count && language != i)
            continue;
        if (language == view->language_count && i > 0)
            buffer_text(out, ",");
        buffer_text(out, fragment->messages[i]);
    }
    buffer_text(out, "}}");
}

struct buffer *page_alerts_tail(TALLOC_CTX *context, const struct page_view *view,
                                const struct page_fragments *fragments, size_t language)
{
    struct buffer *out = buffer_new(context, PAGE_JSON_BYTES_MAX);
    for (size_t i = 0; i < 3; i++) {
        buffer_printf(out, "%s\"%s\":[", i > 0 ? "," : "", list_names[i]);
        for (size_t j = 0; j < list_of(view, i)->count; j++) {
            buffer_text(out, j > 0 ? ",\n" : "\n");
            write_fragment(out, view, &fragments->lists[i][j], language);
        }
        buffer_text(out, "]");
    }
    buffer_text(out, "}\n");
    return out;
}

json_t *page_json_feeds(const struct page_view *view, bool old)
{
    json_t *feeds = memory_must(json_array());
    for (size_t i = 0; i < view->input->feed_count; i++) {
        const struct page_feed *feed = &view->input->feeds[i];
        enum freshness state =
            old && feed->freshness != NOT_CONFIGURED ? UNAVAILABLE : feed->freshness;
        json_t *json = memory_must(json_object());
        page_json_text(json, "name", feed->name);
        page_json_text(json, "state", freshness_name(state));
        json_object_set_new(json, "watched", json_boolean(page_feed_watched(feed)));
        page_json_time(json, "newest_updated", feed->newest_updated);
        page_json_time(json, "last_success", feed->last_success);
        json_array_append_new(feeds, json);
    }
    return feeds;
}

struct buffer *page_alerts_head(TALLOC_CTX *context, const struct page_view *view, bool old)
{
    enum freshness sight = old ? UNAVAILABLE : view->sight;
    json_t *json = memory_must(json_object());
    page_json_time(json, "generated_at", view->input->now);
    page_json_text(json, "sight", freshness_name(sight));
    json_object_set_new(json, "snapshot_old", json_boolean(old));
    page_json_time(json, "no_data_since",
                   sight == UNAVAILABLE || sight == STALE ? page_view_since(view, old) : 0);
    page_json_text(json, "operator", view->input->operator_name);
    page_json_text(json, "source", "出典：気象庁 (Japan Meteorological Agency), edited");
    json_object_set_new(json, "feeds", page_json_feeds(view, old));
    struct buffer *out = buffer_new(context, PAGE_JSON_BYTES_MAX);
    char *text = dump(out, json);
    buffer_append(out, text, strlen(text) - 1);
    buffer_text(out, ",");
    talloc_free(text);
    return out;
}
