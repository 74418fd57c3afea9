/* Messages, fan-outs and deliveries in the store. Part of store.h.
 *
 * A delivery is a row of numbers, known by (alert, subscriber): the unique key that makes a
 * repeated fan-out harmless. Its text id is computed, not kept. What many deliveries share stands
 * once: the message in `message`, times and status in `alert`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include <talloc.h>
#include "base/clock.h"

struct store;

/* ---- messages ---- */
struct store_message {     /* rendered once per (alert, area set, languages, form) */
    int64_t number;        /* given by the store */
    const char *id;        /* deterministic */
    int64_t alert;         /* its number */
    const char *form;      /* "email", "webhook" */
    const char *languages; /* "en,vi" */
    const char *subject;   /* mail; NULL for webhook */
    const char *body;      /* mail: plain; webhook: JSON */
    const char *html;      /* mail; NULL for webhook */
    const json_t *told;    /* what its reader then knows; not read back by store_get_message */
    const char *alert_id, *event_id; /* only read */
};
/* Adds unless the id is there; either way *ret_number is its number. */
__attribute__((warn_unused_result)) int
store_put_message(struct store *store, const struct store_message *message, int64_t *ret_number);
__attribute__((warn_unused_result)) int store_get_message(struct store *store, TALLOC_CTX *context,
                                                          int64_t number,
                                                          struct store_message *ret);
/* What the reader of a message was told. New reference; NULL when the message has none. */
__attribute__((warn_unused_result)) int store_get_told(struct store *store, int64_t message,
                                                       json_t **ret_told);

/* ---- deliveries ---- */
enum delivery_state {
    DELIVERY_PENDING,
    DELIVERY_SENDING,
    DELIVERY_DEFERRED, /* try again later */
    DELIVERY_DELIVERED,
    DELIVERY_EXPIRED,
    DELIVERY_SUPERSEDED,
    DELIVERY_REFUSED,
    DELIVERY_GIVEN_UP, /* the bound has passed without a result */
    DELIVERY_COUNT
};
const char *delivery_state_name(enum delivery_state state);
/* The table of moves: true when `to` may follow `from`. pending→sending; sending→pending (after a
 * start), deferred, or an end; deferred→sending or an end; pending→an end; an end→nothing. */
bool delivery_may_become(enum delivery_state from, enum delivery_state to);
bool delivery_ended(enum delivery_state state);
/* Every delivery has ended this long after its alert expired; the sweeper sees to it. */
#define DELIVERY_BOUND (2 * USEC_PER_MINUTE)

/* How a delivery travels; each has its own queue in the store. As enum channel of match/. */
enum delivery_channel { DELIVERY_EMAIL, DELIVERY_WEBHOOK, DELIVERY_CHANNELS };
/* "email", "webhook"; -1 for another text. */
const char *delivery_channel_name(enum delivery_channel channel);
int delivery_channel_number(const char *name);

/* "msg_" + hash(alert, subscriber, channel): a crash repeats it, never invents one. */
const char *delivery_id(TALLOC_CTX *context, const char *alert_id, const char *subscriber_id,
                        const char *channel);

struct store_delivery {
    int64_t alert, subscriber; /* the key */
    int64_t message;
    enum delivery_channel channel;
    enum delivery_state state;
    int attempts;
    int level;
    bool drill;
    bool in_trouble; /* only for store_add_deliveries: it takes the second place of its level */
    usec_t next_at, ended_at;
    const char *last_error; /* cleaned, without addresses; NULL none */
    /* Not in the row but of its alert, message and subscriber; filled when it is claimed. */
    const char *id, *alert_id, *event_id, *subscriber_id;
    usec_t created_at, expires_at, issued_at; /* of the fan-out; of the alert; JMA's issue */
};

/* Adds those whose key is not there yet, in a group of one alert; they begin pending, due at
 * next_at. Older open deliveries of the same event to the same subscriber become superseded; a row
 * with message 0 does only that. */
__attribute__((warn_unused_result)) int store_add_deliveries(struct store *store,
                                                             const struct store_delivery *rows,
                                                             size_t count, usec_t now,
                                                             size_t *ret_added);

/* Urgent: level 4 or 5 and no drill. */
enum delivery_class { CLASS_URGENT, CLASS_ORDINARY };
bool delivery_urgent(const struct store_delivery *delivery);
struct store_receiver {
    const char *address, *name, *secret, *languages; /* of the channel; languages: "en;vi" */
    bool other;                                      /* this is the second channel */
    bool fallback;       /* there is another channel, and this is the first */
    const char *refused; /* why nothing may be sent: left, disabled; NULL: send */
};
struct store_claim {
    struct store_delivery delivery;
    struct store_receiver receiver;
};
/* The best due deliveries of a channel and a class: highest level first, drills last; of a level
 * first tries to receivers without trouble, then all others, to whom one of 32 is kept so that
 * they never wait without an end; then the oldest. They become sending with the attempt counted
 * (the count in the row is the one under way). What expired at `now` ends instead. Durable when it
 * returns (or when the caller's transaction commits). At most `limit`; what they point to belongs
 * to `context`. */
__attribute__((warn_unused_result)) int
store_claim_deliveries(struct store *store, TALLOC_CTX *context, enum delivery_channel channel,
                       enum delivery_class class, usec_t now, size_t limit,
                       struct store_claim **ret, size_t *ret_count);
/* The result of an attempt: state, next_at, ended_at, last_error by key. Only forward moves of the
 * table above are taken; others return -EINVAL. */
__attribute__((warn_unused_result)) int
store_record_delivery(struct store *store, const struct store_delivery *delivery);
/* After a start: sending → pending (attempts kept). Returns how many. */
__attribute__((warn_unused_result)) int store_requeue_deliveries(struct store *store,
                                                                 size_t *ret_count);
/* Earliest next_at of a due or waiting delivery of a channel; 0 none. */
__attribute__((warn_unused_result)) int
store_next_delivery_at(struct store *store, enum delivery_channel channel, usec_t *ret_at);
/* Key of the first delivery of the event to the subscriber that was or will be sent, for threading
 * (References): its text id; NULL when `delivery` would be the first. */
__attribute__((warn_unused_result)) int store_thread_root(struct store *store, TALLOC_CTX *context,
                                                          const struct store_delivery *delivery,
                                                          const char **ret_id);

/* ---- fan-outs ---- */
/* One alert on its way to everybody: in chunks by subscriber number, with the cursor in the store.
 */
struct store_fanout {
    int64_t alert;
    const char *alert_id, *event_id;
    json_t *alert_json; /* as stored; freed with the context */
    usec_t created_at, expires_at, issued_at;
    int64_t cursor, upto; /* all up to `cursor` are done; nobody above `upto` is asked */
    json_t *carried;      /* what it took over from unfinished ones; NULL none; as alert_json */
};
/* Begins; `alert_id` must be stored. *ret_new false: it was begun before and nothing changes. */
__attribute__((warn_unused_result)) int store_begin_fanout(struct store *store,
                                                           const char *alert_id, usec_t now,
                                                           const json_t *carried, bool *ret_new,
                                                           int64_t *ret_alert);
/* Unfinished ones, the gravest first, then the oldest, but not those that are held; or all of one
 * event, held ones too. */
__attribute__((warn_unused_result)) int store_open_fanouts(struct store *store, TALLOC_CTX *context,
                                                           const char *event_id, size_t limit,
                                                           struct store_fanout **ret,
                                                           size_t *ret_count);
/* Moves the cursor; at `upto` it is finished. */
__attribute__((warn_unused_result)) int store_move_fanout(struct store *store, int64_t alert,
                                                          int64_t cursor);
/* Finished where it stands: a newer alert took the rest over. */
__attribute__((warn_unused_result)) int store_end_fanout(struct store *store, int64_t alert);

/* Profiles that an earlier alert of this event reached: their readers may have been told. */
__attribute__((warn_unused_result)) int
store_reached_profiles(struct store *store, TALLOC_CTX *context, const char *event_id,
                       int64_t **ret_profiles, size_t *ret_count);
__attribute__((warn_unused_result)) int store_put_reached(struct store *store, int64_t alert,
                                                          int64_t profile);

struct store_listener {
    int64_t subscriber, profile;
    int64_t told;    /* message that he was told of this event last; 0 nothing */
    bool heard;      /* something of this event was tried: what is only pending he has not heard */
    bool in_trouble; /* his last try failed, or was answered late (receiver.h), and there is no
                        other channel */
};
/* Subscribers with numbers in (after, upto], by number, at most `limit`. `profiles` NULL: of every
 * profile; else only of these (few). `told` is 0 until store_find_told. */
__attribute__((warn_unused_result)) int
store_page_listeners(struct store *store, TALLOC_CTX *context, int64_t after, int64_t upto,
                     const int64_t *profiles, size_t profile_count, size_t limit,
                     struct store_listener **ret, size_t *ret_count);
/* Fills `told` of listeners sorted by number: message of the newest delivery of the event, before
 * alert `before`, that was not refused, or expired or superseded before it was tried. */
__attribute__((warn_unused_result)) int store_find_told(struct store *store, const char *event_id,
                                                        int64_t before,
                                                        struct store_listener *listeners,
                                                        size_t count);

/* ---- ends ---- */
/* Where a sweep stands; zero to begin with. */
struct store_sweep {
    int64_t alert, subscriber;
};
/* Ends at most `limit` deliveries of expired alerts, and gives up those past DELIVERY_BOUND.
 * *ret_late: how many of these broke the bound. *ret_more: come again soon. */
__attribute__((warn_unused_result)) int store_sweep_deliveries(struct store *store, usec_t now,
                                                               size_t limit,
                                                               struct store_sweep *sweep,
                                                               size_t *ret_late, bool *ret_more);
