/* What the result of an attempt means, and when the next one is. Tables only.
 *
 * Waits: Standard Webhooks' schedule with quick early tries for life safety; mail that was put off
 * with 4xx (greylisting) at least a minute. Mail is never put off for more than a quarter of an
 * hour: the relay is the operator's own, so there is nobody to spare. Chance moves each wait by
 * three quarters, so that a thousand that failed together do not come back together: from the 40 s
 * step on no second sees more than 3 % of them (before it, the breaker of the receiver does that).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "deliver/delivery.h"

#define RETRY_AFTER_MAX    USEC_PER_HOUR
#define RETRY_AFTER_SPREAD 0.2
#define RETRY_AFTER_BELIEVED                                                                       \
    10 /* tries; then a receiver that always says "1 s" gets our schedule */
#define LAST_TRY_BEFORE_END (10 * USEC_PER_SEC)
#define MAIL_FIRST_WAIT     (2 * USEC_PER_MINUTE)
#define MAIL_WAIT_LEAST     (60 * USEC_PER_SEC)
#define MAIL_WAIT_MOST      (15 * USEC_PER_MINUTE)
#define JITTER              0.75

static enum verdict failure_verdict(enum transfer_failure failure)
{
    switch (failure) {
    case TRANSFER_EXPIRED:
        return VERDICT_EXPIRED;
    case TRANSFER_ADDRESS_REFUSED:
    case TRANSFER_BAD_REQUEST:
        return VERDICT_REFUSED;
    case TRANSFER_OK:
    case TRANSFER_NAME:
    case TRANSFER_CONNECT:
    case TRANSFER_TLS:
    case TRANSFER_TIMEOUT:
    case TRANSFER_CUT:
    case TRANSFER_TOO_LARGE:
    case TRANSFER_OTHER:
        return VERDICT_LATER;
    }
    return VERDICT_LATER;
}

enum verdict retry_verdict(enum transfer_kind kind, const struct transfer_result *result)
{
    if (result->failure != TRANSFER_OK)
        return failure_verdict(result->failure);
    if (result->status >= 200 && result->status < 300)
        return VERDICT_DELIVERED;
    if (kind == TRANSFER_MAIL)
        return result->status >= 500 && result->status < 600 ? VERDICT_REFUSED : VERDICT_LATER;
    return result->status == 410 ? VERDICT_DISABLE : VERDICT_LATER;
}

static usec_t scheduled_wait(int attempts, int level)
{
    static const int urgent[] = {1, 2, 5, 10, 20, 40, 300, 1800, 7200, 18000};
    static const int ordinary[] = {5, 300, 1800, 7200, 18000, 36000};
    bool quick = level >= 3;
    int count = quick ? 10 : 6;
    int index = attempts < 1 ? 0 : attempts > count ? count - 1 : attempts - 1;
    return (quick ? urgent[index] : ordinary[index]) * USEC_PER_SEC;
}

/* Seconds or an HTTP date, at most an hour; 0 for anything else. */
static usec_t retry_after(const struct transfer_result *result, usec_t now)
{
    const char *text = result->retry_after;
    if (!text_given(text) || (result->status != 429 && result->status != 503))
        return 0;
    if (strspn(text, "0123456789") == strlen(text)) {
        usec_t wait = strlen(text) > 9 ? RETRY_AFTER_MAX : atoll(text) * USEC_PER_SEC;
        return wait < RETRY_AFTER_MAX ? wait : RETRY_AFTER_MAX;
    }
    usec_t at;
    if (clock_parse_http(text, &at) < 0 || at <= now)
        return 0;
    return at - now < RETRY_AFTER_MAX ? at - now : RETRY_AFTER_MAX;
}

/* What a receiver asks for may lie beyond the end of the alert: then there is one last try. */
static usec_t wait_as_asked(usec_t asked, usec_t left, double random)
{
    usec_t wait = asked + (usec_t)((double)asked * RETRY_AFTER_SPREAD * random);
    if (wait > RETRY_AFTER_MAX)
        wait = RETRY_AFTER_MAX;
    if (wait >= left && left > LAST_TRY_BEFORE_END)
        wait = left - LAST_TRY_BEFORE_END;
    return wait;
}

static usec_t mail_wait(usec_t wait, int attempts, bool put_off)
{
    usec_t most = (usec_t)((double)MAIL_WAIT_MOST / (1 + JITTER));
    if (put_off && (attempts <= 1 || wait < MAIL_FIRST_WAIT))
        wait = MAIL_FIRST_WAIT;
    return wait < most ? wait : most;
}

usec_t retry_wait(enum transfer_kind kind, int attempts, int level,
                  const struct transfer_result *result, usec_t now, usec_t expires_at,
                  double random)
{
    usec_t asked = retry_after(result, now);
    if (asked > 0 && attempts <= RETRY_AFTER_BELIEVED)
        return wait_as_asked(asked, expires_at > 0 ? expires_at - now : USEC_PER_DAY, random);
    bool put_off = kind == TRANSFER_MAIL && result->failure == TRANSFER_OK;
    usec_t wait = scheduled_wait(attempts, level);
    if (kind == TRANSFER_MAIL)
        wait = mail_wait(wait, attempts, put_off);
    wait += (usec_t)((double)wait * JITTER * (2 * random - 1));
    return put_off && wait < MAIL_WAIT_LEAST ? MAIL_WAIT_LEAST : wait;
}

static enum blame mail_blame(int status)
{
    if (status == 421 || status == 452)
        return BLAME_RECEIVER;
    return status >= 400 && status < 500 ? BLAME_PUT_OFF : BLAME_NOBODY;
}

enum blame retry_blame(enum transfer_kind kind, const struct transfer_result *result)
{
    switch (result->failure) {
    case TRANSFER_OK:
        if (kind == TRANSFER_MAIL)
            return mail_blame(result->status);
        return result->status < 200 || result->status >= 300 ? BLAME_RECEIVER : BLAME_NOBODY;
    case TRANSFER_NAME:
    case TRANSFER_CONNECT:
    case TRANSFER_TLS:
    case TRANSFER_TIMEOUT:
    case TRANSFER_CUT:
    case TRANSFER_TOO_LARGE:
    case TRANSFER_OTHER:
        return BLAME_RECEIVER;
    case TRANSFER_EXPIRED:
    case TRANSFER_ADDRESS_REFUSED:
    case TRANSFER_BAD_REQUEST:
        return BLAME_NOBODY;
    }
    return BLAME_NOBODY;
}
