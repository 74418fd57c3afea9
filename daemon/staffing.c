/* What the office needs of the program around it: raising an alert and counting who would hear it.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "ingest_step.h"
#include "maintenance.h"
#include "staff_mail.h"
#include "staffing.h"

struct staffing {
    struct office *office;
    const struct ingest *ingest;
    struct staffing_desk desk;
};

static int raise_alert(void *userdata, TALLOC_CTX *context, struct alert *alert, usec_t now,
                       size_t *ret_deliveries)
{
    const struct staffing *staffing = userdata;
    struct ingest_result result = {.outcome = OUTCOME_ALERTED};
    int r = ingest_raise_alert(context, staffing->ingest, alert, false, now, &result);
    if (r < 0)
        return r;
    *ret_deliveries = result.alert_count > 0 ? result.alerts[0].deliveries : 0;
    return 0;
}

static void add(json_t *counts, const char *key, int64_t readers)
{
    json_t *before = json_object_get(counts, key);
    json_object_set_new(counts, key, json_integer(json_integer_value(before) + readers));
}

static void add_match(json_t *reach, const struct alert *alert, const struct profile *profile,
                      const struct match *match, int64_t readers)
{
    add(reach, "total", readers);
    add(json_object_get(reach, "by_channel"), channel_name(profile->channel), readers);
    if (profile->language_count > 0)
        add(json_object_get(reach, "by_language"), profile->languages[0], readers);
    for (size_t i = 0; i < match->area_count; i++) {
        const struct alert_area *area = &alert->areas[match->areas[i]];
        char *key = memory_printf(NULL, "%s:%s", area_system_name(area->system), area->code);
        add(json_object_get(reach, "by_area"), key, readers);
        talloc_free(key);
    }
}

/* Whoever has a profile is decided for together, as in the fan-out. */
static void count_audience(TALLOC_CTX *context, const struct ingest *ingest,
                           const struct alert *alert, json_t *reach)
{
    const struct audience *audience = ingest->audience;
    for (size_t i = 0; i < audience_count(audience); i++) {
        const struct profile *profile = audience_profile(audience, i);
        TALLOC_CTX *scratch = talloc_new(context);
        const struct match *match =
            match_subscriber(scratch, ingest->areas, alert, audience, i, NULL);
        if (match->send && profile->subscribers > 0)
            add_match(reach, alert, profile, match, profile->subscribers);
        talloc_free(scratch);
    }
}

/* What follows a broadcast goes to those who got it. */
static int count_told(const struct ingest *ingest, const struct alert *alert, json_t *reach)
{
    json_t *counts = NULL;
    int r = store_count_told(ingest->store, alert->event_id, &counts);
    if (r < 0)
        return r;
    json_object_update(reach, counts);
    json_decref(counts);
    return 0;
}

static int count_reach(void *userdata, TALLOC_CTX *context, const struct alert *alert,
                       json_t **ret_reach)
{
    const struct staffing *staffing = userdata;
    json_t *reach = json_pack("{sisososo}", "total", 0, "by_channel", json_object(), "by_language",
                              json_object(), "by_area", json_object());
    int r = 0;
    if (alert->phase == PHASE_ISSUE)
        count_audience(context, staffing->ingest, alert, reach);
    else
        r = count_told(staffing->ingest, alert, reach);
    if (r < 0) {
        json_decref(reach);
        return r;
    }
    *ret_reach = reach;
    return 0;
}

static void tell(void *userdata, const char *text)
{
    const struct staffing *staffing = userdata;
    staffing->desk.notice(staffing->desk.userdata, text);
}

static int look(void *userdata, TALLOC_CTX *context, struct office_change *ret_change)
{
    const struct staffing *staffing = userdata;
    return staffing->desk.look(staffing->desk.userdata, context, ret_change);
}

static void take(void *userdata)
{
    const struct staffing *staffing = userdata;
    staffing->desk.take(staffing->desk.userdata);
}

static int send_letter(void *userdata, TALLOC_CTX *context, const struct letter *letter, usec_t now)
{
    const struct staffing *staffing = userdata;
    size_t count;
    int r = staff_mail(context, staffing->ingest->store, letter, now, &count);
    if (r >= 0 && count == 0)
        log_warning("nobody of staff is reached: give subscribers staff: yes", "letter",
                    letter->id);
    return r;
}

static const char *paused(void *userdata)
{
    const struct staffing *staffing = userdata;
    return maintenance_reason(staffing->ingest->maintenance);
}

int staffing_new(TALLOC_CTX *context, const struct config *config, const struct ingest *ingest,
                 const struct staffing_desk *desk, usec_t now, struct staffing **ret_staffing)
{
    struct staffing *staffing = memory_new(context, struct staffing);
    staffing->ingest = ingest;
    staffing->desk = *desk;
    const struct office_options options = {.store = ingest->store,
                                           .areas = config->areas,
                                           .texts = config->catalogue,
                                           .templates = config->broadcasts,
                                           .rules = &config->broadcast,
                                           .origin = config->staff.origin,
                                           .operations = {.raise = raise_alert,
                                                          .reach = count_reach,
                                                          .notice = tell,
                                                          .letter = send_letter,
                                                          .paused = paused,
                                                          .look = look,
                                                          .take = take,
                                                          .userdata = staffing}};
    int r = secret_setup();
    if (r >= 0) {
        staffing->office = office_new(staffing, &options);
        r = office_start(staffing->office, now);
    }
    if (r < 0) {
        talloc_free(staffing);
        return r;
    }
    *ret_staffing = staffing;
    return 0;
}

int staffing_answer(TALLOC_CTX *context, struct staffing *staffing, const char *text, usec_t now,
                    const char **ret_answer, bool *ret_changed)
{
    json_t *answer = NULL, *request = json_loads(text, 0, NULL);
    int r = office_answer(context, staffing->office, request, now, &answer, ret_changed);
    json_decref(request);
    if (r < 0)
        return r;
    char *dumped = json_dumps(answer, JSON_COMPACT);
    *ret_answer = memory_text(context, dumped != NULL ? dumped : "{}");
    free(dumped);
    json_decref(answer);
    return 0;
}

int staffing_hold(struct staffing *staffing, const char *why, usec_t now, size_t *ret_count)
{
    return office_hold(staffing->office, why, now, ret_count);
}

int staffing_due(struct staffing *staffing, usec_t now, bool *ret_changed)
{
    return office_due(staffing->office, now, clock_monotonic(), ret_changed);
}

usec_t staffing_next(const struct staffing *staffing)
{
    return office_next(staffing->office);
}

const struct silences *staffing_silences(const struct staffing *staffing)
{
    return office_silences(staffing->office);
}

int staffing_two_people(struct staffing *staffing, bool *ret_two)
{
    return office_two_people(staffing->office, ret_two);
}

int staffing_note(struct staffing *staffing, const char *who, const char *what, const char *object,
                  const char *detail, usec_t now)
{
    return office_note(staffing->office, who, what, object, detail, now);
}

int staffing_shift(struct staffing *staffing, TALLOC_CTX *context, usec_t now, json_t **ret_shift)
{
    return office_shift(staffing->office, context, "en", now, ret_shift);
}
