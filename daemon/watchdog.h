/* systemd's watchdog, fed by the work and not by the loop alone.
 *
 * Does: tells systemd that we live while the desk's heartbeat is young. A loop that still turns
 * while the desk hangs must not keep a dead daemon alive. Without WatchdogSec= it does nothing. */
#pragma once

#include <systemd/sd-event.h>
#include <talloc.h>
#include "base/heartbeat.h"

struct watchdog;
__attribute__((warn_unused_result)) int watchdog_start(TALLOC_CTX *context, sd_event *event,
                                                       const struct heartbeat *heartbeat,
                                                       struct watchdog **ret_watchdog);
