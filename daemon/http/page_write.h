/* The writers of each route over one view. All give text in `context`. */
#pragma once

#include "base/buffer.h"
#include "http/page_view.h"

#define PAGE_HTML_BYTES_MAX ((size_t)512 * 1024)
#define PAGE_JSON_BYTES_MAX ((size_t)64 * 1024 * 1024)

/* Style, script and the Content-Security-Policy that allows just these. */
extern const char page_style[], page_script[];
char *page_policy(TALLOC_CTX *context);

/* Escaped and cleaned; newlines become <br>. */
void page_html_text(struct buffer *out, const char *text);
/* <main>'s alerts, cards first, and what is past or a drill. */
void page_html_force(struct buffer *out, const struct page_view *view, size_t language);
void page_html_rest(struct buffer *out, const struct page_view *view, size_t language);
struct buffer *page_html(TALLOC_CTX *context, const struct page_view *view, size_t language,
                         bool old);
/* "Danger 4 of 5: DANGER (purple)", for lists without a message. */
char *page_chip(TALLOC_CTX *context, const struct page_view *view, const char *language, int level);
/* A class of the style sheet for a message's colour; "white" for one that it does not know. */
const char *page_colour_class(const char *colour);
const char *page_level_colour(int level);
/* Time for a reader, or NULL when it is unknown. */
const char *page_time(TALLOC_CTX *context, const struct page_view *view, const char *language,
                      usec_t time);

/* What all variants of /api/v1/alerts have in common, as JSON text. */
struct page_fragments;
struct page_fragments *page_fragments_new(TALLOC_CTX *context, const struct page_view *view);
/* /api/v1/alerts: head up to "alerts", tail from there; language_count means all languages. */
struct buffer *page_alerts_head(TALLOC_CTX *context, const struct page_view *view, bool old);
struct buffer *page_alerts_tail(TALLOC_CTX *context, const struct page_view *view,
                                const struct page_fragments *fragments, size_t language);
struct buffer *page_status(TALLOC_CTX *context, const struct page_view *view, bool old);
/* Answer of /readyz; *ret_ready tells which. */
struct buffer *page_readiness(TALLOC_CTX *context, const struct page_view *view, bool old,
                              bool *ret_ready);
struct buffer *page_metrics(TALLOC_CTX *context, const struct page_view *view);
/* A member of an object; NULL and text that is not UTF-8 become null, time 0 likewise. */
void page_json_text(json_t *object, const char *key, const char *text);
void page_json_time(json_t *object, const char *key, usec_t time);
/* The feeds as both JSON routes show them. */
json_t *page_json_feeds(const struct page_view *view, bool old);
