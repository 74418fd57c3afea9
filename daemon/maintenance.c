/* See maintenance.h. */
#include <errno.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/silence.h"
#include "event/value.h"
#include "maintenance.h"

#define FACT        "maintenance"
#define GRAVE_LEVEL 4

struct maintenance {
    struct store *store;
    usec_t since, reminded;
    const char *reason, *by;
};

int maintenance_new(TALLOC_CTX *context, struct store *store, struct maintenance **ret_maintenance)
{
    struct maintenance *maintenance = memory_new(context, struct maintenance);
    const char *text = NULL;
    maintenance->store = store;
    int r = store_get_fact(store, maintenance, FACT, &text);
    if (r < 0) {
        talloc_free(maintenance);
        return r;
    }
    json_t *json = text != NULL ? json_loads(text, 0, NULL) : NULL;
    if (json != NULL) {
        maintenance->since = value_instant(json, "since");
        maintenance->reason = value_text(maintenance, json, "reason");
        maintenance->by = value_text(maintenance, json, "by");
    }
    json_decref(json);
    *ret_maintenance = maintenance;
    return 0;
}

int maintenance_begin(struct maintenance *maintenance, const char *reason, const char *by,
                      usec_t now)
{
    if (maintenance->since != 0)
        return -EALREADY;
    json_t *json = memory_must(json_object());
    value_set_instant(json, "since", now);
    value_set_text(json, "reason", reason);
    value_set_text(json, "by", by);
    char *text = json_dumps(json, JSON_COMPACT);
    int r = store_put_fact(maintenance->store, FACT, memory_must(text));
    if (r >= 0) {
        maintenance->since = maintenance->reminded = now;
        maintenance->reason = memory_text(maintenance, reason);
        maintenance->by = memory_text(maintenance, by);
    }
    free(text);
    json_decref(json);
    return r;
}

int maintenance_end(struct maintenance *maintenance)
{
    if (maintenance->since == 0)
        return -EALREADY;
    int r = store_put_fact(maintenance->store, FACT, "");
    if (r >= 0)
        maintenance->since = 0;
    return r;
}

usec_t maintenance_since(const struct maintenance *maintenance)
{
    return maintenance != NULL ? maintenance->since : 0;
}

const char *maintenance_reason(const struct maintenance *maintenance)
{
    return maintenance_since(maintenance) != 0 ? maintenance->reason : NULL;
}

/* Something that people do not know yet, or that got worse. */
static bool is_news(enum alert_phase phase)
{
    return phase == PHASE_ISSUE || phase == PHASE_UPDATE || phase == PHASE_UPGRADE;
}

bool maintenance_keeps(const struct maintenance *maintenance, const struct alert *alert)
{
    if (maintenance_since(maintenance) == 0 || alert_is_canary(alert) || alert_is_own_test(alert))
        return false;
    if (alert->status == STATUS_ACTUAL && alert->hazard != HAZARD_BROADCAST &&
        (alert->level >= GRAVE_LEVEL || !silence_possible(alert->hazard)))
        return false;
    return is_news(alert->phase);
}

const char *maintenance_due(TALLOC_CTX *context, struct maintenance *maintenance, usec_t now,
                            usec_t *ret_next)
{
    char since[CLOCK_TEXT_BYTES];
    *ret_next = now + MAINTENANCE_REMINDER;
    if (maintenance->since == 0)
        return NULL;
    usec_t due = maintenance->reminded + MAINTENANCE_REMINDER;
    if (now < due && now >= maintenance->reminded) {
        *ret_next = due;
        return NULL;
    }
    maintenance->reminded = now;
    return memory_printf(context,
                         "maintenance mode is on since %s (%s, %s): people get nothing but warnings"
                         " of danger to life; noroshi maintenance off ends it",
                         clock_format_jst(maintenance->since, since),
                         text_given(maintenance->by) ? maintenance->by : "?",
                         text_given(maintenance->reason) ? maintenance->reason : "?");
}
