/* What one snapshot shows, chosen once for all languages and routes.
 *
 * Does: keeps drills apart from what is real, orders by danger, drops what a newer step of the same
 * event has replaced, renders each message once per language. Never: formats for a route. */
#pragma once

#include "http/page.h"

/* Alerts in force that get a whole message; those beyond are in the compact list and, as data, in
 * the API. They come last in the order, so what is gravest always has its text. */
#define PAGE_FORCE_TEXTS  40
#define PAGE_RECENT_TEXTS 20
#define PAGE_DRILL_TEXTS  10

struct page_item {
    const struct alert *alert;
    const struct message *const *messages; /* one a language; NULL beyond the limits above */
};

struct page_list {
    struct page_item *items;
    size_t count;
};

struct page_view {
    const struct catalogue *catalogue;
    const struct area_graph *graph; /* NULL only before the first snapshot */
    const struct page_input *input;
    const char *const *languages;
    size_t language_count;
    enum freshness sight;
    struct page_list force, recent, drills;
};

struct page_view *page_view_new(TALLOC_CTX *context, const struct catalogue *catalogue,
                                const struct area_graph *graph, const struct page_input *input);

/* Since when we do not see, or how old the newest is; 0: we have never seen. `old`: the snapshot
 * itself is too old to be shown as the present. */
usec_t page_view_since(const struct page_view *view, bool old);
/* Whether the silence of this feed matters. */
bool page_feed_watched(const struct page_feed *feed);
/* The prefecture-like place of a weather alert, otherwise its first area. Never NULL. */
const char *page_place(const struct page_view *view, const char *language,
                       const struct alert *alert);
/* `word` with its blanks filled: pairs of name and value, ended by NULL. Values are not read again.
 */
char *page_fill(TALLOC_CTX *context, const char *word, ...) __attribute__((sentinel));
/* The word of this page in the language: catalogue_word. */
const char *page_word(const struct page_view *view, const char *language, const char *key);
