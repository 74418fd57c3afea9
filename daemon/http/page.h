/* What people and machines can read about the present: made on the desk, served by the http thread.
 *
 * page_publish builds every answer of the fixed routes for every language once; the http thread
 * only hands out bytes. When the snapshot itself is too old it says so instead (safety rule 5). */
#pragma once

#include <jansson.h>
#include "area/area.h"
#include "base/clock.h"
#include "event/alert.h"
#include "feed/feed.h"
#include "message/message.h"

struct page_feed {
    const char *name;
    enum freshness freshness;
    usec_t newest_updated, last_success;
    int failures;
    const char *last_error;
};
struct page_input {
    usec_t now;
    const struct alert *const *in_force;
    size_t in_force_count; /* highest level first */
    const struct alert *const *recent;
    size_t recent_count; /* ended or older, newest first */
    const struct alert *const *drills;
    size_t drill_count; /* of the last 24 h */
    const struct page_feed *feeds;
    size_t feed_count;
    const json_t *counts;  /* store_counts */
    const json_t *latency; /* {"webhook": {"buckets": [[0.05, 3], …], "sum": s, "count": n}} */
    const char *const *notices;
    size_t notice_count; /* for operators: unknown codes, budget … */
    bool store_writable;
    bool store_detached;      /* the disk is full: what is told stands in memory only */
    bool canary_missing;      /* canaries do not arrive */
    bool clock_trusted;       /* this machine's */
    usec_t maintenance_since; /* only danger to life is told since then; 0: everything is */
    size_t late_ends;         /* deliveries without an end within their bound, since the start */
    usec_t started_at;
    const char *operator_name, *version, *base_url_host;
    int64_t bytes_today;
};

struct page_set; /* immutable, reference-counted */
struct page_set *page_set_new(const struct catalogue *catalogue, const struct area_graph *graph,
                              const struct page_input *input);
void page_set_unref(struct page_set *set); /* NULL is fine; any thread */

/* Overall sight: the worst of the watched feeds. */
enum freshness page_sight(const struct page_feed *feeds, size_t count);

struct http_server;
struct http_options {
    const char *address; /* "127.0.0.1" */
    unsigned port;
    const struct catalogue *catalogue;
    usec_t stale_after; /* snapshot age: 90 s */
};
/* Starts libmicrohttpd on its own thread. Routes: GET / /api/v1/alerts /api/v1/status /healthz
 * /readyz /metrics; HEAD alike; others 404 as problem+json, other methods 405. */
__attribute__((warn_unused_result)) int http_start(TALLOC_CTX *context,
                                                   const struct http_options *options,
                                                   struct http_server **ret_server);
/* Hands over a reference; the server drops the one before when no answer uses it. */
void http_publish(struct http_server *server, struct page_set *set);
unsigned http_port(const struct http_server *server);
void http_stop(struct http_server *server); /* NULL is fine */
