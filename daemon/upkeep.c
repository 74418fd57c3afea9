/* See upkeep.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "deliver/bounce.h"
#include "deliver/maildir.h"
#include "upkeep.h"

#define SWEEP_INTERVAL   (10 * USEC_PER_MINUTE)
#define OVERLAP_INTERVAL USEC_PER_MINUTE
#define BOUNCE_INTERVAL  (15 * USEC_PER_SEC)
#define BOUNCES_AT_ONCE  50
#define GRAVE_LEVEL      4

struct upkeep {
    struct store *store;
    struct receivers *receivers;
    upkeep_notice *notice;
    void *userdata;
    usec_t next_sweep, next_overlap, next_bounce;
    bool maildir_failed;
};

struct upkeep *upkeep_new(TALLOC_CTX *context, struct store *store, struct receivers *receivers,
                          upkeep_notice *notice, void *userdata)
{
    struct upkeep *upkeep = memory_new(context, struct upkeep);
    upkeep->store = store;
    upkeep->receivers = receivers;
    upkeep->notice = notice;
    upkeep->userdata = userdata;
    return upkeep;
}

/* ---- receivers that fail for days ---- */

static int life_safety_in_force(struct store *store, usec_t now, bool *ret_grave)
{
    json_t *alerts = NULL, *alert;
    size_t i;
    int r = store_alerts_in_force(store, now, &alerts);
    *ret_grave = false;
    json_array_foreach(alerts, i, alert)
    {
        const char *status = json_string_value(json_object_get(alert, "status"));
        if (json_integer_value(json_object_get(alert, "level")) >= GRAVE_LEVEL && status != NULL &&
            strcmp(status, "actual") == 0)
            *ret_grave = true;
    }
    json_decref(alerts);
    return r;
}

static int sweep_receivers(struct upkeep *upkeep, TALLOC_CTX *scratch, const struct config *config,
                           usec_t now)
{
    const char *const *ids;
    size_t count = 0;
    bool grave;
    int r = life_safety_in_force(upkeep->store, now, &grave);
    if (r >= 0)
        r = receivers_sweep(upkeep->receivers, scratch, (usec_t)config->failing_days * USEC_PER_DAY,
                            grave, now, &ids, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        log_warning("a subscriber gets nothing more", "subscriber", ids[i], "reason",
                    "it failed for days");
        upkeep->notice(upkeep->userdata,
                       memory_printf(scratch,
                                     "subscriber %s failed for %zu days and was switched off: tell"
                                     " its owner; noroshi subscriber enable %s brings it back",
                                     ids[i], config->failing_days, ids[i]));
    }
    return r;
}

/* ---- mail that came back ---- */

struct bounces {
    struct upkeep *upkeep;
    TALLOC_CTX *scratch;
    const char *sender, *key;
    usec_t now;
};

/* The mail address of a subscriber by number may be his first channel or his second. */
static int strike_off(const struct bounces *bounces, int64_t number, const struct bounce *bounce)
{
    struct store_subscriber *rows;
    size_t count;
    int r = store_page_subscribers(bounces->upkeep->store, bounces->scratch, number - 1, 1, &rows,
                                   &count);
    if (r < 0 || count == 0 || rows[0].number != number)
        return r;
    bool first = strcmp(rows[0].profile.channel, "email") == 0;
    const char *address = first ? rows[0].address : rows[0].fallback;
    if (address == NULL)
        return 0;
    bounces->upkeep->notice(
        bounces->upkeep->userdata,
        memory_printf(bounces->scratch, "mail to subscriber %s came back for good (%s)%s",
                      rows[0].id, bounce->status, first ? ": it was switched off" : ""));
    return first ? receivers_bounced(bounces->upkeep->receivers, number, address, bounce->status,
                                     bounces->now)
                 : store_suppress(bounces->upkeep->store, address, bounce->status, bounces->now);
}

static int take_mail(void *userdata, const char *bytes, size_t length)
{
    struct bounces *bounces = userdata;
    struct bounce bounce =
        bounce_read(bounces->scratch, bounces->sender, bounces->key, bytes, length);
    char *rest;
    bool fresh = false;
    if (bounce.kind != BOUNCE_FAILED && bounce.kind != BOUNCE_HARD)
        return 0;
    int64_t alert = strtoll(bounce.delivery_id, &rest, 10);
    int64_t subscriber = *rest == '_' ? strtoll(rest + 1, NULL, 10) : 0;
    int r = store_put_bounce(bounces->upkeep->store, alert, subscriber, bounce.status,
                             bounce.kind == BOUNCE_HARD, bounces->now, &fresh);
    if (r == -ENOENT || (r >= 0 && !fresh))
        return 0;
    log_warning("mail came back", "status", bounce.status);
    return r >= 0 && bounce.kind == BOUNCE_HARD ? strike_off(bounces, subscriber, &bounce) : r;
}

static int read_bounces(struct upkeep *upkeep, TALLOC_CTX *scratch, const struct config *config,
                        usec_t now, bool *ret_more)
{
    struct bounces bounces = {
        .upkeep = upkeep, .scratch = scratch, .sender = config->email.envelope_from, .now = now};
    size_t count = 0;
    int r = store_get_fact(upkeep->store, scratch, BOUNCE_KEY_FACT, &bounces.key);
    if (r < 0 || bounces.key == NULL)
        return r;
    r = maildir_read(scratch, config->bounces, BOUNCES_AT_ONCE, take_mail, &bounces, &count);
    *ret_more = r >= 0 && count == BOUNCES_AT_ONCE;
    bool failed = r == -ENOENT || r == -EACCES || r == -ENOTDIR || r == -EPERM || r == -EROFS;
    if (failed && !upkeep->maildir_failed)
        upkeep->notice(
            upkeep->userdata,
            memory_printf(scratch, "mail: bounces: the Maildir cannot be read: %s", strerror(-r)));
    upkeep->maildir_failed = failed;
    return failed ? 0 : r;
}

void upkeep_clock_back(struct upkeep *upkeep, usec_t now)
{
    upkeep->next_sweep = upkeep->next_overlap = upkeep->next_bounce = now;
}

/* ---- all of it ---- */

static int do_due(struct upkeep *upkeep, TALLOC_CTX *scratch, const struct config *config,
                  usec_t now)
{
    size_t count;
    int r = 0;
    bool more = false;
    if (now >= upkeep->next_sweep) {
        r = sweep_receivers(upkeep, scratch, config, now);
        upkeep->next_sweep = now + SWEEP_INTERVAL;
    }
    if (r >= 0 && now >= upkeep->next_overlap) {
        r = store_end_overlaps(upkeep->store, now, &count);
        upkeep->next_overlap = now + OVERLAP_INTERVAL;
    }
    if (r >= 0 && now >= upkeep->next_bounce) {
        if (config->bounces != NULL)
            r = read_bounces(upkeep, scratch, config, now, &more);
        upkeep->next_bounce = more ? now : now + BOUNCE_INTERVAL;
    }
    return r;
}

int upkeep_due(struct upkeep *upkeep, const struct config *config, usec_t now, usec_t *ret_next)
{
    TALLOC_CTX *scratch = talloc_new(upkeep);
    int r = do_due(upkeep, scratch, config, now);
    talloc_free(scratch);
    *ret_next =
        upkeep->next_sweep < upkeep->next_overlap ? upkeep->next_sweep : upkeep->next_overlap;
    if (upkeep->next_bounce < *ret_next)
        *ret_next = upkeep->next_bounce;
    return r;
}
