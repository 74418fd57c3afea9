/* What time it is on the desk: this machine's clock, or, while it is not to be trusted, what the
 * feed server knows (feed/timekeeper.h). Who is on the desk asks here, and reads no wall clock. */
#include <stdlib.h>

#include "base/log.h"
#include "deliver/receivers.h"
#include "desk_parts.h"

/* Smaller steps back are what NTP and leap seconds do. */
#define CLOCK_STEP (5 * USEC_PER_SEC)
/* A cache keeps a page for minutes: any other age says nothing. */
#define AGE_MAX_SECONDS 3600

#define NOT_TRUSTED                                                                                \
    "this machine's clock is more than five minutes from the feed server's and is not trusted: "   \
    "set it; until then messages say that they may be late"

int desk_time_new(struct desk *desk, usec_t *ret_now)
{
    usec_t published, wall = clock_now(), monotonic = clock_monotonic();
    bool leapt;
    int r = poll_published(desk->poll, &published);
    if (r < 0)
        return r;
    desk->time = timekeeper_new(desk, published, wall, monotonic);
    desk->clock_trusted = true; /* until desk_now looks at it */
    *ret_now = timekeeper_moment(desk->time, wall, monotonic, &leapt).now;
    return 0;
}

static void take_trust(struct desk *desk, bool trusted, usec_t now)
{
    if (trusted == desk->clock_trusted)
        return;
    desk->clock_trusted = trusted;
    desk->ingest.clock_doubtful = !trusted;
    present_clock(desk->present, trusted ? NULL : NOT_TRUSTED);
    if (trusted) {
        log_notice("this machine's clock agrees with the feed server's again");
        return;
    }
    char wall[CLOCK_TEXT_BYTES], better[CLOCK_TEXT_BYTES];
    log_error("this machine's clock is far from the feed server's and is not trusted", "clock",
              clock_format_jst(clock_now(), wall), "taken", clock_format_jst(now, better));
    dispatch_mail_contact(desk->dispatch, NOT_TRUSTED, now);
}

/* What waits for a time of the desk must not wait for hours because that was set back. */
static int take_steps(struct desk *desk, usec_t now)
{
    usec_t offset = now - clock_monotonic(), before = desk->clock_offset;
    desk->clock_offset = offset;
    if (before == 0 || offset > before - CLOCK_STEP)
        return 0;
    log_warning("the clock was set back");
    desk->next_expiry = desk->next_retention = desk->next_sweep = now;
    desk->next_coverage = desk->next_chain = now;
    poll_at_once(desk->poll, now);
    receivers_clock_back(dispatch_receivers(desk->dispatch), now);
    upkeep_clock_back(desk->upkeep, now);
    present_changed(desk->present);
    return store_clock_back(desk->store, now);
}

usec_t desk_now(struct desk *desk)
{
    bool leapt;
    const struct moment moment =
        timekeeper_moment(desk->time, clock_now(), clock_monotonic(), &leapt);
    desk->asking = moment.asking;
    desk->clock_leapt = desk->clock_leapt || leapt;
    take_trust(desk, moment.trusted, moment.now);
    return moment.now;
}

int desk_watch_clock(struct desk *desk, usec_t now)
{
    size_t held = 0;
    int r = take_steps(desk, now);
    if (r < 0 || !desk->clock_leapt)
        return r;
    desk->clock_leapt = false;
    log_warning("the clock has leapt: the feed server is asked for the time");
    poll_at_once(desk->poll, now);
    return staffing_hold(desk->staffing, "the clock was set", now, &held); /* H-10 */
}

/* The server's Date is the time at which the answer was made; a cache says how long ago that was.
 * 0: it says nothing. */
static usec_t date_of(const struct transfer_result *result)
{
    usec_t made;
    long long age = result->age != NULL ? strtoll(result->age, NULL, 10) : 0;
    if (result->date == NULL || age < 0 || age > AGE_MAX_SECONDS ||
        clock_parse_http(result->date, &made) < 0)
        return 0;
    return made + age * USEC_PER_SEC;
}

void desk_hear_time(struct desk *desk, const struct transfer_result *result)
{
    if (result->failure == TRANSFER_OK)
        timekeeper_answer(desk->time, date_of(result), clock_now(), clock_monotonic());
}

int desk_hear_page(struct desk *desk)
{
    usec_t published;
    int r = poll_published(desk->poll, &published);
    if (r >= 0)
        timekeeper_published(desk->time, published, clock_now(), clock_monotonic());
    return r;
}
