/* The states of a delivery and the one table of moves between them. It knows no database:
 * every back end asks it. */
#include "store/store.h"

/* from (row) → to (column), in the order of enum delivery_state. */
static const bool moves[DELIVERY_COUNT][DELIVERY_COUNT] = {
    [DELIVERY_PENDING] = {[DELIVERY_SENDING] = true,
                          [DELIVERY_EXPIRED] = true,
                          [DELIVERY_SUPERSEDED] = true,
                          [DELIVERY_REFUSED] = true},
    [DELIVERY_SENDING] = {[DELIVERY_PENDING] = true,
                          [DELIVERY_DEFERRED] = true,
                          [DELIVERY_DELIVERED] = true,
                          [DELIVERY_EXPIRED] = true,
                          [DELIVERY_SUPERSEDED] = true,
                          [DELIVERY_REFUSED] = true},
    [DELIVERY_DEFERRED] = {[DELIVERY_SENDING] = true,
                           [DELIVERY_EXPIRED] = true,
                           [DELIVERY_SUPERSEDED] = true,
                           [DELIVERY_REFUSED] = true},
};

const char *delivery_state_name(enum delivery_state state)
{
    static const char *const names[DELIVERY_COUNT] = {
        "pending", "sending", "deferred", "delivered", "expired", "superseded", "refused"};
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
