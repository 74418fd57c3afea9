/* See own_test.h. */
#include "base/memory.h"
#include "event/own_test.h"

struct alert *own_test_alert(TALLOC_CTX *context, usec_t now, usec_t lifetime)
{
    struct alert *alert = memory_new(context, struct alert);
    const char *id = memory_printf(alert, "test-%llx", (unsigned long long)now);
    *alert = (struct alert){.id = id,
                            .event_id = id,
                            .event_key = id,
                            .hazard = HAZARD_INFORMATION,
                            .status = STATUS_TEST,
                            .phase = PHASE_ISSUE,
                            .level = 1,
                            .grade = "test",
                            .code = ALERT_CODE_TEST,
                            .issued_at = now,
                            .reported_at = now,
                            .onset = now,
                            .expires = now + lifetime};
    return alert;
}
