/* What the result of an attempt means, and when the next one is. Tables only.
 *
 * Waits: Standard Webhooks' schedule with quick early tries for life safety; mail that was put off
 * with 4xx (greylisting) at least a minute. Mail is never put off for more than a quarter of an
 * hour: the relay is the operator's own, so there is nobody to spare. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "deliver/delivery.h"

#define RETRY_AFTER_MAX    USEC_PER_HOUR
#define MAIL_WAIT_LEAST    (60 * USEC_PER_SEC)
#define MAIL_WAIT_MOST     (15 * USEC_PER_MINUTE)
#define JITTER             0.25
#define RETRY_AFTER_SPREAD 0.2

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

/* Seconds or an HTTP date; 0 for anything else. */
static usec_t retry_after(const char *text, usec_t now)
{
    if (!text_given(text))
        return 0;
    if (strspn(text, "0123456789") == strlen(text)) {
        long long seconds = strlen(text) > 9 ? RETRY_AFTER_MAX / USEC_PER_SEC : atoll(text);
        usec_t wait = seconds * USEC_PER_SEC;
        return wait < RETRY_AFTER_MAX ? wait : RETRY_AFTER_MAX;
    }
    usec_t at;
    if (clock_parse_http(text, &at) < 0 || at <= now)
        return 0;
    return at - now < RETRY_AFTER_MAX ? at - now : RETRY_AFTER_MAX;
}

usec_t retry_wait(enum transfer_kind kind, int attempts, int level,
                  const struct transfer_result *result, usec_t now, double random)
{
    usec_t wait = scheduled_wait(attempts, level);
    usec_t asked = retry_after(result->retry_after, now);
    if (asked > 0 && asked >= wait) {
        usec_t late = asked + (usec_t)((double)asked * RETRY_AFTER_SPREAD * random);
        return late < RETRY_AFTER_MAX ? late : RETRY_AFTER_MAX;
    }
    bool put_off = kind == TRANSFER_MAIL && result->failure == TRANSFER_OK;
    if (put_off && wait < MAIL_WAIT_LEAST)
        wait = MAIL_WAIT_LEAST;
    wait += (usec_t)((double)wait * JITTER * (2 * random - 1));
    if (put_off && wait < MAIL_WAIT_LEAST)
        wait = MAIL_WAIT_LEAST + (usec_t)((double)MAIL_WAIT_LEAST * JITTER * random);
    if (kind == TRANSFER_MAIL && wait > MAIL_WAIT_MOST)
        wait = MAIL_WAIT_MOST;
    return wait < asked ? asked : wait;
}
