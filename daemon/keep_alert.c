/* See keep_alert.h. */
#include "keep_alert.h"

int keep_alert(struct store *store, const struct alert *alert, bool in_force, bool sent,
               bool *ret_fresh)
{
    json_t *json = alert_to_json(alert);
    const struct store_alert row = {.id = alert->id,
                                    .event_id = alert->event_id,
                                    .event_key = alert->event_key,
                                    .status = telegram_status_name(alert->status),
                                    .level = alert->level,
                                    .in_force = in_force,
                                    .issued_at = alert->issued_at,
                                    .expires = alert->expires,
                                    .json = json,
                                    .sent = sent};
    int r = store_put_alert(store, &row, ret_fresh);
    json_decref(json);
    return r;
}

int keep_own_alert(struct store *store, const struct alert *alert, usec_t now, int64_t *ret_number)
{
    bool fresh;
    int r = keep_alert(store, alert, false, true, &fresh);
    if (r >= 0)
        r = store_begin_fanout(store, alert->id, now, NULL, &fresh, ret_number);
    return r < 0 ? r : store_end_fanout(store, *ret_number);
}
