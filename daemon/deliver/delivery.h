/* What a result of an attempt means. Pure tables. The states are the store's (store/store.h):
 *
 *   pending ─▶ sending ─▶ delivered
 *      ▲          ├─────▶ deferred ─▶ sending …
 *      └─(start)──┘      refused · expired · superseded   (ends) */
#pragma once

#include <stdbool.h>
#include "base/clock.h"
#include "store/store.h"
#include "transfer/transfer.h"

enum verdict {
    VERDICT_DELIVERED,
    VERDICT_LATER,
    VERDICT_REFUSED,
    VERDICT_DISABLE /* 410: refuse and
stop sending to this receiver */
    ,
    VERDICT_EXPIRED
};
/* Webhook: 2xx delivered; 410 disable; 408 425 429 5xx and network trouble later; other 3xx and 4xx
 * later as well while the alert is in force (a receiver may be mended), never followed.
 * An address that our rules refuse: refused. Mail: 2xx delivered, 4xx later, 5xx refused. */
enum verdict retry_verdict(enum transfer_kind kind, const struct transfer_result *result);

/* Wait before the attempt after `attempts` (≥ 1): level ≥ 3: 1 2 5 10 20 40 s, then 5 min, 30 min,
 * 2 h …; others 5 s, 5 min, 30 min … (standards.md 3); mail after a 4xx 60 to 210 s (greylisting),
 * then at most 15 min; moved by up to ±75 % by `random` (0..1). Retry-After (seconds or HTTP date)
 * with 429 or 503 is obeyed on the first ten tries: [asked, asked + 20 %], at most an hour, and a
 * last try shortly before `expires_at` (0: never) when it lies beyond. A wait that ends after
 * `expires_at` means that there is no further try. */
usec_t retry_wait(enum transfer_kind kind, int attempts, int level,
                  const struct transfer_result *result, usec_t now, usec_t expires_at,
                  double random);

/* What a failed try says of the receiver itself (host, or the domain of a mail address), for its
 * breaker (breaker.h). Mail: 421 and 452 are trouble; other 4xx put off (greylisting); 5xx is about
 * one address. */
enum blame { BLAME_NOBODY, BLAME_PUT_OFF, BLAME_RECEIVER };
enum blame retry_blame(enum transfer_kind kind, const struct transfer_result *result);
