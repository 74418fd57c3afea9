/* See receivers.h. */
#include <stdio.h>

#include "base/memory.h"
#include "deliver/bounce.h"
#include "deliver/breaker.h"
#include "deliver/receivers.h"

static const char no_such_address[] = "there is no such mail address";

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

bool receivers_may_go(struct receivers *receivers, const char *address, usec_t now,
                      usec_t *ret_again)
{
    char *receiver = breaker_receiver(receivers, address);
    bool go = receiver == NULL || breakers_may_go(receivers->breakers, receiver, now, ret_again);
    talloc_free(receiver);
    return go;
}

static int tell_breaker(struct receivers *receivers, const char *address, bool fine, usec_t now)
{
    char *receiver = breaker_receiver(receivers, address);
    struct breaker_state state;
    int r = 0;
    if (receiver != NULL && breakers_result(receivers->breakers, receiver, fine, now, &state)) {
        const struct store_breaker row = {state.receiver, state.failures, state.failing_since};
        r = store_put_breaker(receivers->store, &row);
    }
    talloc_free(receiver);
    return r;
}

int receivers_tried(struct receivers *receivers, const char *address, enum transfer_kind kind,
                    const struct transfer_result *result, enum verdict verdict, usec_t now)
{
    bool fine = verdict == VERDICT_DELIVERED;
    enum blame blame = retry_blame(kind, result);
    if (fine || blame == BLAME_RECEIVER)
        return tell_breaker(receivers, address, fine, now);
    char *domain = blame == BLAME_PUT_OFF ? breaker_receiver(receivers, address) : NULL;
    if (domain != NULL)
        breakers_put_off(receivers->breakers, domain, now);
    talloc_free(domain);
    return 0;
}

/* Of a mail the relay says nothing about its reader. */
static bool is_late(enum transfer_kind kind, const struct transfer_result *result)
{
    return kind == TRANSFER_POST && result->sent_at > 0 &&
           result->ended_at - result->sent_at >= RECEIVER_LATE;
}

int receivers_result(struct receivers *receivers, int64_t subscriber, const char *address,
                     enum transfer_kind kind, const struct transfer_result *result,
                     enum verdict verdict, usec_t now, const char **ret_off)
{
    *ret_off = NULL;
    int r = receivers_tried(receivers, address, kind, result, verdict, now);
    if (r < 0 || verdict == VERDICT_EXPIRED)
        return r;
    if (verdict == VERDICT_DELIVERED)
        return store_note_success(receivers->store, subscriber, is_late(kind, result));
    if (verdict == VERDICT_DISABLE)
        *ret_off = "the receiver said 410 Gone";
    if (kind == TRANSFER_MAIL && bounce_is_hard(result->status, NULL)) {
        char reason[16];
        snprintf(reason, sizeof(reason), "%d", result->status);
        *ret_off = no_such_address;
        r = store_suppress(receivers->store, address, reason, now);
    }
    if (r >= 0 && *ret_off != NULL)
        return store_disable_subscriber(receivers->store, subscriber, *ret_off, now);
    return r < 0 ? r : store_note_failure(receivers->store, subscriber, now);
}

int receivers_bounced(struct receivers *receivers, int64_t subscriber, const char *address,
                      const char *status, usec_t now)
{
    int r = store_suppress(receivers->store, address, status, now);
    if (r >= 0)
        r = store_disable_subscriber(receivers->store, subscriber, no_such_address, now);
    return r;
}

int receivers_sweep(struct receivers *receivers, TALLOC_CTX *context, usec_t limit,
                    bool life_safety, usec_t now, const char *const **ret_ids, size_t *ret_count)
{
    struct store_trouble *rows = NULL;
    size_t count = 0, off_count = 0;
    *ret_ids = NULL;
    *ret_count = 0;
    if (limit == 0 || life_safety)
        return 0;
    int r = store_list_trouble(receivers->store, context, now - limit, &rows, &count);
    const char **ids = memory_array(context, const char *, count + 1);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        if (rows[i].disabled_at != 0)
            continue;
        r = store_disable_subscriber(receivers->store, rows[i].subscriber, "it failed for days",
                                     now);
        ids[off_count++] = rows[i].id;
    }
    *ret_ids = ids;
    *ret_count = off_count;
    return r;
}

void receivers_clock_back(struct receivers *receivers, usec_t now)
{
    breakers_clock_back(receivers->breakers, now);
}

size_t receivers_held(const struct receivers *receivers)
{
    return breakers_open(receivers->breakers);
}
