/* What polling.c, polling_feed.c and polling_telegram.c share; nobody else includes it. */
#pragma once

#include "polling.h"

struct poll_feed {
    const struct feed_row *row;
    const char *name; /* with _l for the long one */
    const char *file;
    bool is_long;
    bool configured;
    bool in_flight;
    bool read_once;   /* a good answer since the start */
    usec_t next_at;   /* 0: not until asked for (long feeds) */
    usec_t published; /* the page's own `updated`, of the last 200 */
    bool ticking;     /* the page was seen to be made anew without new entries */
    size_t untried;   /* backlog entries that were not tried yet */
};
struct poll {
    const struct config *config;
    struct store *store;
    struct queue *orders;
    struct poll_feed *feeds;
    size_t feed_count;
    double tokens;
    usec_t tokens_at;
    int64_t bytes_today;
    char day[11];
    enum feed_budget budget_logged;
    bool batch_ready;
};

/* 0 to 1, for jitter. */
double poll_random(void);
/* By name, long feeds included; NULL when there is none. */
struct poll_feed *poll_find_feed(struct poll *poll, const char *name);
/* Adds an answer's bytes to the day's sum. */
__attribute__((warn_unused_result)) int
poll_count_traffic(struct poll *poll, const struct transfer_result *result, usec_t now);
