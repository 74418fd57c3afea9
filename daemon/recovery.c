/* See recovery.h. */
#include <stdlib.h>

#include "base/memory.h"
#include "recovery.h"

#define RECOVERY_TRIES 2

int recovery_allowed(struct store *store, TALLOC_CTX *context,
                     const struct store_telegram *telegram, bool *ret_allowed,
                     const char **ret_aside)
{
    const char *name = memory_printf(context, "recovery:%s", telegram->id);
    const char *tries = NULL;
    *ret_aside = NULL;
    int r = store_get_fact(store, context, name, &tries);
    if (r < 0)
        return r;
    int count = tries != NULL ? atoi(tries) : 0;
    *ret_allowed = count < RECOVERY_TRIES;
    if (*ret_allowed)
        return store_put_fact(store, name, memory_printf(context, "%d", count + 1));
    *ret_aside =
        memory_printf(context, "telegram %s could not be taken in: read it by hand", telegram->id);
    return store_finish_telegram(store, telegram->id, telegram->code, telegram->control_time,
                                 OUTCOME_BROKEN, "set aside after it ended the process twice");
}
