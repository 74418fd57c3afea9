/* The states of a delivery, the one table of moves between them, and its names. It knows no
 * database: every back end asks it. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "store/store.h"

/* from (row) → to (column), in the order of enum delivery_state. */
static const bool moves[DELIVERY_COUNT][DELIVERY_COUNT] = {
    [DELIVERY_PENDING] = {[DELIVERY_SENDING] = true,
                          [DELIVERY_EXPIRED] = true,
                          [DELIVERY_SUPERSEDED] = true,
                          [DELIVERY_REFUSED] = true,
                          [DELIVERY_GIVEN_UP] = true},
    [DELIVERY_SENDING] = {[DELIVERY_PENDING] = true,
                          [DELIVERY_DEFERRED] = true,
                          [DELIVERY_DELIVERED] = true,
                          [DELIVERY_EXPIRED] = true,
                          [DELIVERY_SUPERSEDED] = true,
                          [DELIVERY_REFUSED] = true,
                          [DELIVERY_GIVEN_UP] = true},
    [DELIVERY_DEFERRED] = {[DELIVERY_SENDING] = true,
                           [DELIVERY_EXPIRED] = true,
                           [DELIVERY_SUPERSEDED] = true,
                           [DELIVERY_REFUSED] = true,
                           [DELIVERY_GIVEN_UP] = true},
};

const char *delivery_state_name(enum delivery_state state)
{
    static const char *const names[DELIVERY_COUNT] = {"pending",   "sending", "deferred",
                                                      "delivered", "expired", "superseded",
                                                      "refused",   "given-up"};
    return state < DELIVERY_COUNT ? names[state] : "unknown";
}

bool delivery_may_become(enum delivery_state from, enum delivery_state to)
{
    return from < DELIVERY_COUNT && to < DELIVERY_COUNT && moves[from][to];
}

bool delivery_ended(enum delivery_state state)
{
    return state >= DELIVERY_DELIVERED;
}

bool delivery_urgent(const struct store_delivery *delivery)
{
    return delivery->level >= 4 && !delivery->drill;
}

static const char *const channels[DELIVERY_CHANNELS] = {
    [DELIVERY_EMAIL] = "email", [DELIVERY_WEBHOOK] = "webhook"};

const char *delivery_channel_name(enum delivery_channel channel)
{
    return channel < DELIVERY_CHANNELS ? channels[channel] : "unknown";
}

int delivery_channel_number(const char *name)
{
    for (int i = 0; name != NULL && i < DELIVERY_CHANNELS; i++) {
        if (strcmp(channels[i], name) == 0)
            return i;
    }
    return -1;
}

const char *delivery_id(TALLOC_CTX *context, const char *alert_id, const char *subscriber_id,
                        const char *channel)
{
    char *text = memory_printf(context, "%s|%s|%s", alert_id, subscriber_id, channel);
    char *id = memory_printf(context, "msg_%s", text_hash(text, text, strlen(text), 32));
    talloc_free(text);
    return id;
}
