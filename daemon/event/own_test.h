/* Alerts that we make ourselves to see whether messages arrive: `noroshi send-test` (H-11). */
#pragma once

#include "event/alert.h"

/* A test alert of `now`: status test, no area, level 1, forgotten after `lifetime`. Its id is made
 * of the time, so that two tests are two messages. */
struct alert *own_test_alert(TALLOC_CTX *context, usec_t now, usec_t lifetime);
