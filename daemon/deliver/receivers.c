/* See receivers.h. */
#include <stdio.h>

#include "base/memory.h"
#include "deliver/bounce.h"
#include "deliver/breaker.h"
#include "deliver/receivers.h"

struct receivers {
    struct store *store;
    struct breakers *breakers;
};

int receivers_new(TALLOC_CTX *context, struct store *store, usec_t now,
                  struct receivers **ret_receivers)
{
    struct receivers *receivers = memory_new(context, struct receivers);
    receivers->store = store;
    receivers->breakers = breakers_new(receivers);
    struct store_breaker *rows;
    size_t count;
    int r = store_list_breakers(store, receivers, &rows, &count);
    if (r < 0) {
        talloc_free(receivers);
        return r;
    }
    for (size_t i = 0; i < count; i++) {
        const struct breaker_state state = {rows[i].receiver, rows[i].failures,
                                            rows[i].failing_since};
        breakers_restore(receivers->breakers, &state, now);
    }
    talloc_free(rows);
    *ret_receivers = receivers;
    return 0;
}

int receivers_ask(struct receivers *receivers, TALLOC_CTX *context, const char *subscriber_id,
                  const char *address, usec_t now, enum receiver_answer *ret_answer,
                  usec_t *ret_again, const char **ret_reason)
{
    int r = store_off_reason(receivers->store, context, subscriber_id, ret_reason);
    if (r < 0)
        return r;
    if (*ret_reason != NULL) {
        *ret_answer = RECEIVER_OFF;
        return 0;
    }
    char *receiver = breaker_receiver(context, address);
    bool go = receiver == NULL || breakers_may_go(receivers->breakers, receiver, now, ret_again);
    *ret_answer = go ? RECEIVER_GO : RECEIVER_HOLD;
    talloc_free(receiver);
    return 0;
}

static int tell_breaker(struct receivers *receivers, const char *address, bool fine, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(receivers);
    const char *receiver = breaker_receiver(scratch, address);
    struct breaker_state state;
    int r = 0;
    if (receiver != NULL && breakers_result(receivers->breakers, receiver, fine, now, &state)) {
        const struct store_breaker row = {state.receiver, state.failures, state.failing_since};
        r = store_put_breaker(receivers->store, &row);
    }
    talloc_free(scratch);
    return r;
}

static int switch_off(struct receivers *receivers, const char *subscriber_id, const char *reason,
                      usec_t now, const char **ret_off)
{
    bool fresh = false;
    int r = store_switch_off(receivers->store, subscriber_id, reason, now, &fresh);
    if (r >= 0 && fresh)
        *ret_off = reason;
    return r;
}

static const char no_such_address[] = "there is no such mail address";

int receivers_result(struct receivers *receivers, const char *subscriber_id, const char *address,
                     enum transfer_kind kind, const struct transfer_result *result,
                     enum verdict verdict, usec_t now, const char **ret_off)
{
    bool fine = verdict == VERDICT_DELIVERED;
    *ret_off = NULL;
    int r = 0;
    if (fine || retry_blames_receiver(kind, result))
        r = tell_breaker(receivers, address, fine, now);
    if (r < 0)
        return r;
    if (fine)
        return store_note_success(receivers->store, subscriber_id);
    if (verdict == VERDICT_DISABLE)
        return switch_off(receivers, subscriber_id, "the receiver said 410 Gone", now, ret_off);
    if (kind == TRANSFER_MAIL && bounce_is_hard(result->status, NULL)) {
        char reason[32];
        snprintf(reason, sizeof(reason), "%d", result->status);
        r = store_suppress(receivers->store, address, reason, now);
        return r < 0 ? r : switch_off(receivers, subscriber_id, no_such_address, now, ret_off);
    }
    return verdict == VERDICT_EXPIRED ? 0
                                      : store_note_failure(receivers->store, subscriber_id, now);
}

int receivers_bounced(struct receivers *receivers, const char *subscriber_id, const char *address,
                      const char *status, usec_t now, bool *ret_off)
{
    const char *off = NULL;
    int r = store_suppress(receivers->store, address, status, now);
    if (r >= 0)
        r = switch_off(receivers, subscriber_id, no_such_address, now, &off);
    *ret_off = off != NULL;
    return r;
}

int receivers_sweep(struct receivers *receivers, TALLOC_CTX *context, usec_t limit,
                    bool life_safety, usec_t now, const char *const **ret_ids, size_t *ret_count)
{
    struct store_health *rows = NULL;
    size_t count = 0;
    *ret_ids = NULL;
    *ret_count = 0;
    if (limit == 0 || life_safety)
        return 0;
    int r = store_list_health(receivers->store, context, now - limit, &rows, &count);
    const char **ids = memory_array(context, const char *, count + 1);
    size_t off_count = 0;
    for (size_t i = 0; r >= 0 && i < count; i++) {
        const char *off = NULL;
        if (rows[i].off_since == 0)
            r = switch_off(receivers, rows[i].subscriber_id, "it failed for days", now, &off);
        if (off != NULL)
            ids[off_count++] = rows[i].subscriber_id;
    }
    *ret_ids = ids;
    *ret_count = off_count;
    return r;
}

size_t receivers_held(const struct receivers *receivers)
{
    return breakers_open(receivers->breakers);
}
