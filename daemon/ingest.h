/* Telegram → durable deliveries: the straight line, one transaction. Read this first.
 *
 * Does: steps 4 to 10 of docs/architecture.md. Takes: stored telegram bytes, the store, the clock's
 * value. Gives: event states, alerts, messages and deliveries in the store, and a summary.
 * Never: touches the network, reads the clock, keeps anything between two calls. */
#pragma once

#include "area/area.h"
#include "base/problem.h"
#include "event/event.h"
#include "match/match.h"
#include "message/message.h"
#include "store/store.h"

struct maintenance;
struct silences;

struct ingest {
    struct store *store;
    const struct area_graph *areas;
    const struct catalogue *catalogue;
    const struct audience *audience;
    const struct silences *silences;       /* of staff, that are on; NULL none */
    const struct maintenance *maintenance; /* NULL: there is none */
    const char *operator_name;
    const char *page_url; /* NULL: no links */
    usec_t quake_age_max; /* older earthquakes are recorded, not sent (test 29) */
    bool first_start;     /* nothing was ever told from this store: only what is grave and in force
                             is sent, the rest of the past is loaded quietly */
    bool clock_doubtful;  /* this machine's clock is not trusted: `now` may be behind */
    bool drills_only;     /* replay --deliver: every telegram counts as a drill */
};

/* One alert that a telegram, or a batch of them, led to. */
struct ingest_alert {
    const struct alert *alert;
    size_t deliveries;    /* so far; a large fan-out goes on in chunks (fanout.h) */
    const char *withheld; /* why nobody was told although it changed something; NULL otherwise */
};
struct ingest_result {
    enum telegram_outcome outcome;
    const char *note;   /* for the log and operators; NULL none */
    const char *notice; /* something an operator must look at (unknown code, degraded); NULL none */
    const struct ingest_alert *alerts;
    size_t alert_count;
};

/* One telegram that has just arrived. Returns 0 or the store's negative errno (then nothing of it
 * happened). The result belongs to `context`. Problems are those of the telegram. */
__attribute__((warn_unused_result)) int ingest_telegram(TALLOC_CTX *context,
                                                        const struct ingest *ingest,
                                                        const struct store_telegram *telegram,
                                                        usec_t now, struct problems *problems,
                                                        struct ingest_result *ret_result);

/* What was missed while the daemon was down: telegrams in any order. All states are brought up to
 * date in the order of Control/DateTime, and then each event that is still in force makes at most
 * one alert for each subscriber: the difference to what he was last told (test 29). One
 * transaction. */
__attribute__((warn_unused_result)) int
ingest_backlog(TALLOC_CTX *context, const struct ingest *ingest,
               const struct store_telegram *telegrams, size_t count, usec_t now,
               struct problems *problems, struct ingest_result *ret_result);

/* Ends events that JMA ends only by time. */
__attribute__((warn_unused_result)) int ingest_expired(TALLOC_CTX *context,
                                                       const struct ingest *ingest, usec_t now,
                                                       struct ingest_result *ret_result);

/* A life-safety entry whose body cannot be had: a plain alert from the feed's title and text
 * ("details follow", test 26). *ret_result says that nothing was done when the entry is not one. */
__attribute__((warn_unused_result)) int ingest_entry(TALLOC_CTX *context,
                                                     const struct ingest *ingest,
                                                     const struct store_entry *entry, usec_t now,
                                                     struct ingest_result *ret_result);
