/* A poller with a scratch store and a queue of orders, and Atom pages for it: what the scenarios
 * share. Nothing here waits: the time is a number. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "polling.h"
#include "telegram_file.h"

#define FEED_BASE  "https://www.data.jma.go.jp/developer/xml/feed/"
#define DATA_BASE  "https://www.data.jma.go.jp/developer/xml/data/"
#define ORDERS_MAX 8192
#define PAGE_MAX   ((size_t)16 * 1024 * 1024)

struct scenario {
    struct config config;
    struct store *store;
    struct queue *orders;
    struct poll *poll;
    usec_t now;
};

static inline struct scenario *scenario_new(const char *const *feeds, size_t count, usec_t now)
{
    struct scenario *scenario = memory_new(NULL, struct scenario);
    int owner;
    scenario->config.feed_base_url = FEED_BASE;
    scenario->config.feeds = feeds;
    scenario->config.feed_count = count;
    scenario->now = now;
    scenario->orders = queue_new(scenario, ORDERS_MAX);
    assert_int_equal(
        store_open(scenario, ":memory:", problems_new(scenario), &owner, &scenario->store), 0);
    assert_int_equal(poll_new(scenario, &scenario->config, scenario->store, scenario->orders, now,
                              &scenario->poll),
                     0);
    return scenario;
}

static inline void scenario_free(struct scenario *scenario)
{
    talloc_free(scenario->poll);
    store_close(scenario->store);
    talloc_free(scenario);
}

static inline struct buffer *page_begin(TALLOC_CTX *context, usec_t updated)
{
    char time[CLOCK_TEXT_BYTES];
    struct buffer *page = buffer_new(context, PAGE_MAX);
    buffer_text(page, "<?xml version=\"1.0\" encoding=\"utf-8\"?><feed "
                      "xmlns=\"http://www.w3.org/2005/Atom\" lang=\"ja\"><title>高頻度</title>"
                      "<updated>");
    buffer_text(page, clock_format_jst(updated, time));
    buffer_text(page, "</updated>");
    return page;
}

static inline void page_entry(struct buffer *page, const char *file, const char *title,
                              usec_t updated)
{
    char time[CLOCK_TEXT_BYTES];
    char *entry =
        memory_printf(page,
                      "<entry><title>%s</title><id>" DATA_BASE "%s</id><updated>%s"
                      "</updated><author><name>気象庁</name></author><link href=\"" DATA_BASE
                      "%s\"/><content type=\"text\">【%s】</content></entry>",
                      title, file, clock_format_utc(updated, time), file, title);
    buffer_text(page, entry);
    talloc_free(entry);
}
