/* See watchdog.h. Looks four times in a period; the heart may be two thirds of one old. */
#include <stdbool.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/log.h"
#include "base/memory.h"
#include "watchdog.h"

#define LOOKS_PER_PERIOD 4

struct watchdog {
    const struct heartbeat *heartbeat;
    sd_event_source *timer;
    usec_t period;
    bool silent;
};

static int look(sd_event_source *source, uint64_t time, void *userdata)
{
    (void)time;
    struct watchdog *watchdog = userdata;
    bool silent = heartbeat_age(watchdog->heartbeat, clock_monotonic()) > watchdog->period * 2 / 3;
    if (!silent)
        sd_notify(0, "WATCHDOG=1");
    else if (!watchdog->silent)
        log_error("the desk does not move; systemd will end us unless it does");
    watchdog->silent = silent;
    return sd_event_source_set_time_relative(source,
                                             (uint64_t)(watchdog->period / LOOKS_PER_PERIOD));
}

static int watchdog_destroy(struct watchdog *watchdog)
{
    sd_event_source_disable_unref(watchdog->timer);
    return 0;
}

int watchdog_start(TALLOC_CTX *context, sd_event *event, const struct heartbeat *heartbeat,
                   struct watchdog **ret_watchdog)
{
    uint64_t period = 0;
    *ret_watchdog = NULL;
    int r = sd_watchdog_enabled(0, &period);
    if (r <= 0)
        return r;
    struct watchdog *watchdog = memory_new(context, struct watchdog);
    watchdog->heartbeat = heartbeat;
    watchdog->period = (usec_t)period;
    r = sd_event_add_time_relative(event, &watchdog->timer, CLOCK_MONOTONIC, 0, 0, look, watchdog);
    if (r >= 0)
        r = sd_event_source_set_enabled(watchdog->timer, SD_EVENT_ON);
    if (r < 0) {
        talloc_free(watchdog);
        return r;
    }
    talloc_set_destructor(watchdog, watchdog_destroy);
    *ret_watchdog = watchdog;
    return 0;
}
