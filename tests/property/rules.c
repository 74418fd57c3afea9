/* What holds for each alert and for each message, whatever the history (course.h). */
#include <string.h>

#include "base/text.h"
#include "course.h"
#include "event/value.h"

#define STORM_MESSAGES 4
#define TSUNAMI_URGES  3 /* from here on people are told to act, and must hear of the end */

static bool is_end(enum alert_phase phase)
{
    return phase == PHASE_CANCEL || phase == PHASE_ALL_CLEAR;
}

void rule_alert(struct course *course, const char *key, const struct alert *alert)
{
    const char *status = telegram_status_name(alert->status);
    if (json_object_get(course->alerts, alert->id) != NULL)
        course_fail(course, "alert %s was made twice: nobody would be told the second", alert->id);
    if (strstr(key, status) == NULL)
        course_fail(course, "%s makes an alert of status %s", key, status);
    if (alert->status != STATUS_ACTUAL && !text_starts(alert->event_id, status))
        course_fail(course, "drill %s looks like an actual event", alert->event_id);
    if (alert->level < 1 || alert->level > 5 || alert->expires <= 0)
        course_fail(course, "alert %s has level %d or no end", alert->id, alert->level);
    int highest = 0;
    for (size_t i = 0; i < alert->area_count; i++)
        highest = alert->areas[i].level > highest ? alert->areas[i].level : highest;
    if (is_end(alert->phase) && highest > 0)
        course_fail(course, "alert %s says %s with level %d in force", alert->id,
                    alert_phase_name(alert->phase), highest);
}

/* The same without what does not show: how often, in which phase, until when. */
static bool same_told(const json_t *before, const json_t *after)
{
    static const char *const silent[] = {"recent", "phase", "until"};
    json_t *a = json_copy((json_t *)before), *b = json_copy((json_t *)after);
    for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
        json_object_del(a, silent[i]);
        json_object_del(b, silent[i]);
    }
    bool same = json_equal(a, b);
    json_decref(a);
    json_decref(b);
    return same;
}

static void rule_said_once(struct course *course, const char *who, const struct alert *alert,
                           const struct match *match, const json_t *told)
{
    if (told == NULL || !same_told(told, match->told))
        return;
    usec_t until = value_instant(told, "until");
    if (until > alert->issued_at)
        course_fail(course, "%s is told the same twice by %s", who, alert->id);
}

static int tall(const char *height)
{
    return text_equal(height, "高い") ? 4 : text_equal(height, "３ｍ") ? 2 : height != NULL ? 1 : 0;
}

/* Higher, nearer, more: what may not wait, however many messages there were. */
static bool escalates(const json_t *before, const json_t *after)
{
    const char *code;
    json_t *area;
    json_object_foreach(json_object_get(after, "areas"), code, area)
    {
        const json_t *old = json_object_get(json_object_get(before, "areas"), code);
        usec_t arrival = value_instant(area, "arrival"), expected = value_instant(old, "arrival");
        if (told_integer(area, "level") > told_integer(old, "level") ||
            tall(value_borrow(area, "height")) > tall(value_borrow(old, "height")) ||
            (value_flag(area, "now") && !value_flag(old, "now")) ||
            (arrival != 0 && arrival < expected))
            return true;
    }
    return false;
}

static bool falls(const json_t *before, const json_t *after)
{
    const char *code;
    json_t *area;
    json_object_foreach(json_object_get(before, "areas"), code, area)
    {
        const json_t *now = json_object_get(json_object_get(after, "areas"), code);
        if (told_integer(now, "level") < told_integer(area, "level"))
            return true;
    }
    return false;
}

static void rule_storm(struct course *course, const char *who, const struct alert *alert,
                       const struct match *match, const json_t *told)
{
    const char *key = talloc_asprintf(course->context, "%s|%s", alert->event_id, who);
    json_t *sent = json_object_get(course->sent, key);
    if (sent == NULL) {
        sent = json_array();
        json_object_set_new(course->sent, key, sent);
    }
    size_t recent = 0, index;
    json_t *at;
    json_array_foreach(sent, index, at)
    {
        usec_t apart = alert->issued_at - json_integer_value(at);
        recent += apart < USEC_PER_HOUR && apart > -USEC_PER_HOUR ? 1 : 0;
    }
    bool earthquake =
        alert->hazard == HAZARD_EARTHQUAKE; /* judgements and corrections may not wait */
    if (recent >= STORM_MESSAGES && !earthquake && !escalates(told, match->told) &&
        !falls(told, match->told))
        course_fail(course, "%s gets message %zu in an hour, and nothing is graver: %s", who,
                    recent + 1, alert->id);
    json_array_append_new(sent, json_integer(alert->issued_at));
}

static void rule_phase(struct course *course, const struct subscriber *subscriber,
                       const struct alert *alert, const struct match *match, const json_t *told)
{
    int before = told_integer(told, "level"), after = told_integer(match->told, "level");
    int highest = 0;
    for (size_t i = 0; i < match->area_count; i++) {
        int level = alert->areas[match->areas[i]].level;
        highest = level > highest ? level : highest;
    }
    bool tsunami = alert->hazard == HAZARD_TSUNAMI && !alert->generic;
    int quiet = tsunami ? TSUNAMI_URGES - 1 : 0;
    const char *phase = alert_phase_name(match->phase);
    bool right = false;
    switch (match->phase) {
    case PHASE_ISSUE:
        right = before <= quiet && match->level >= subscriber->min_level;
        break;
    case PHASE_UPGRADE:
        right = before > 0 && match->level > before && match->level >= subscriber->min_level;
        break;
    case PHASE_DOWNGRADE:
        right = before > match->level && match->level > 0;
        break;
    case PHASE_UPDATE:
    case PHASE_CORRECTION:
        right = before > 0 && match->level > 0;
        break;
    case PHASE_CANCEL:
    case PHASE_ALL_CLEAR:
        right = before > 0 && match->level == before && after <= quiet && highest <= quiet;
        break;
    case PHASE_COUNT:
        break;
    }
    if (!right || match->previous_level != before || (!is_end(match->phase) && after == 0))
        course_fail(course, "%s (from level %d) is told %s at level %d → %d by %s; %d in force",
                    subscriber->id, subscriber->min_level, phase, before, match->level, alert->id,
                    highest);
}

void rule_message(struct course *course, unsigned number, const struct alert *alert,
                  const struct match *match, const json_t *told)
{
    const struct subscriber *subscriber = course_subscriber(course, number);
    if (alert->status == STATUS_UNKNOWN || (alert->status != STATUS_ACTUAL && !subscriber->drills))
        course_fail(course, "%s gets a drill: %s", subscriber->id, alert->id);
    rule_phase(course, subscriber, alert, match, told);
    rule_said_once(course, subscriber->id, alert, match, told);
    rule_storm(course, subscriber->id, alert, match, told);
}
