/* Subscribers in the store. Part of store.h.
 *
 * A *profile* is what decides whether a message concerns somebody: channel, languages, areas,
 * hazards, least level, drills. Many subscribers share one; only profiles are held in memory. Who a
 * subscriber is and where he is reached stays in the store, by number. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>
#include "base/clock.h"

struct store;

struct store_profile { /* fields as text, as match/subscriber.h reads them */
    int64_t number;    /* given by the store, never used again for another */
    const char *channel, *languages, *areas, *hazards;
    int min_level;
    bool drills;
    int64_t subscribers; /* how many have it now */
};
/* All profiles that somebody has, by number. */
__attribute__((warn_unused_result)) int store_list_profiles(struct store *store,
                                                            TALLOC_CTX *context,
                                                            struct store_profile **ret,
                                                            size_t *ret_count);

/* Numbers of the profiles of those who are a facility (a kind is said), in order: reads everybody.
 */
__attribute__((warn_unused_result)) int
store_facility_profiles(struct store *store, TALLOC_CTX *context, int64_t **ret, size_t *ret_count);

struct store_subscriber {
    int64_t number; /* given by the store; kept when he leaves and comes back */
    const char *id, *address, *name, *secret;
    const char *fallback; /* address of the other channel; NULL none */
    const char *facility; /* "hotel"; NULL or "" nobody said */
    bool staff;
    bool secret_made;             /* putting: nobody gave the secret, so one that is there stays */
    struct store_profile profile; /* number is set by reading and ignored by putting */
    bool from_config;
    usec_t created_at;
    usec_t disabled_at;          /* 0: not; then nothing is sent until he is put again */
    const char *disabled_reason; /* NULL none */
};
/* Adds or replaces by id; a replaced one keeps his number, and is enabled again unless it merely
 * still stands in the configuration.
 * *ret_new_profile: nobody had this profile before (the audience must be read again). */
__attribute__((warn_unused_result)) int store_put_subscriber(struct store *store,
                                                             const struct store_subscriber *row,
                                                             bool *ret_new_profile);
/* Removes; his open deliveries become refused. -ENOENT when unknown. Address, name and secret are
 * overwritten (secure_delete); the bare id stays as long as deliveries to it are kept. */
__attribute__((warn_unused_result)) int store_remove_subscriber(struct store *store, const char *id,
                                                                usec_t now);
/* -ENOENT when unknown. */
__attribute__((warn_unused_result)) int store_get_subscriber(struct store *store,
                                                             TALLOC_CTX *context, const char *id,
                                                             struct store_subscriber *ret);
/* Ids of those that stand in the configuration. */
__attribute__((warn_unused_result)) int
store_ids_from_config(struct store *store, TALLOC_CTX *context, char ***ret, size_t *ret_count);
/* Those with a number above `after`, by number, at most `limit`: page by page through all. */
__attribute__((warn_unused_result)) int
store_page_subscribers(struct store *store, TALLOC_CTX *context, int64_t after, size_t limit,
                       struct store_subscriber **ret, size_t *ret_count);
/* Those who are staff, by number, at most `limit`. */
__attribute__((warn_unused_result)) int store_staff_subscribers(struct store *store,
                                                                TALLOC_CTX *context, size_t limit,
                                                                struct store_subscriber **ret,
                                                                size_t *ret_count);
/* Nothing more is sent to him (410 Gone, days of failure …). `reason` is for operators. */
__attribute__((warn_unused_result)) int
store_disable_subscriber(struct store *store, int64_t subscriber, const char *reason, usec_t now);
