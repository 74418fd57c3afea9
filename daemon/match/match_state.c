/* Decisions for what is in force by area until it ends: tsunami, weather, and generic telegrams. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"
#include "event/wave.h"
#include "match/decision.h"

/* The end of a tsunami forecast (level 1) was told with the forecast itself, as its last hour. */
#define TSUNAMI_TOLD_LEVEL 3
/* An arrival that comes so much nearer is news to someone who decides whether to run. */
#define ARRIVAL_EARLIER (5 * USEC_PER_MINUTE)

/* Storm guard: so many messages of one event in an hour, and what is neither a rise nor an end nor
 * higher nor nearer waits until a later alert tells it together with the rest. */
#define STORM_MESSAGES 4
#define STORM_TIME     USEC_PER_HOUR

struct difference {
    int now, before; /* highest levels */
    bool rise;       /* an area that is his rose to his level or beyond */
    bool fall;       /* something that he was told is less or over */
    bool fresh;      /* an area in force at his level changed in this alert */
    bool ended;      /* an area of his ended */
};

static const struct alert_area *his_area(const struct decision *decision, size_t number)
{
    return &decision->alert->areas[decision->areas[number]];
}

static int fall_floor(const struct alert *alert)
{
    return alert->hazard == HAZARD_TSUNAMI ? TSUNAMI_TOLD_LEVEL : 1;
}

static void compare_area(const struct decision *decision, const struct alert_area *area,
                         struct difference *difference)
{
    int told = told_area_level(decision->told, area);
    bool enough = area->level >= decision->profile->min_level;
    difference->now = area->level > difference->now ? area->level : difference->now;
    difference->rise = difference->rise ||
                       (area->level > told && enough && (decision->told != NULL || area->changed));
    difference->fall =
        difference->fall || (area->level < told && told >= fall_floor(decision->alert));
    difference->fresh = difference->fresh || (area->changed && enough);
    difference->ended = difference->ended || area->level == 0;
}

/* What he was told of and the alert no longer lists is over. */
static void compare_missing(const struct decision *decision, struct difference *difference)
{
    const char *key;
    json_t *item;
    json_object_foreach(json_object_get(decision->told, "areas"), key, item)
    {
        bool found = false;
        char text[TOLD_KEY_BYTES];
        for (size_t i = 0; i < decision->area_count && !found; i++)
            found = strcmp(told_key(his_area(decision, i), text), key) == 0;
        if (!found && value_integer(item, "level") >= fall_floor(decision->alert))
            difference->fall = true;
    }
}

static struct difference compare(const struct decision *decision)
{
    struct difference difference = {.before = told_level(decision->told)};
    for (size_t i = 0; i < decision->area_count; i++)
        compare_area(decision, his_area(decision, i), &difference);
    if (decision->told != NULL)
        compare_missing(decision, &difference);
    return difference;
}

static bool arrives_now(const struct alert_area *area)
{
    return text_starts(area->arrival_condition, "ただちに");
}

/* What he was told of a coast where he is under a warning; NULL: nothing, or nothing to act on. */
static const json_t *told_coast(const struct decision *decision, const struct alert_area *area)
{
    char key[TOLD_KEY_BYTES];
    if (area->level < TSUNAMI_TOLD_LEVEL || area->level < decision->profile->min_level)
        return NULL;
    return json_object_get(json_object_get(decision->told, "areas"), told_key(area, key));
}

/* Words instead of a number (巨大, 高い) stand for more than any number. */
static double height_rank(const char *text, double height_m)
{
    if (!text_given(text))
        return -1;
    return isnan(height_m) ? INFINITY : height_m;
}

static bool coast_graver(const struct decision *decision, const struct alert_area *area)
{
    const json_t *told = told_coast(decision, area);
    if (told == NULL)
        return false;
    if (height_rank(area->height_text, area->height_m) >
        height_rank(value_borrow(told, "height"), value_number(told, "height_m")))
        return true;
    if (value_flag(told, "now"))
        return false;
    usec_t arrival = value_instant(told, "arrival");
    return arrives_now(area) || (area->arrival_time != 0 && arrival != 0 &&
                                 area->arrival_time + ARRIVAL_EARLIER <= arrival);
}

static bool coast_changed(const struct decision *decision, const struct alert_area *area)
{
    const json_t *told = told_coast(decision, area);
    return told != NULL && text_given(area->height_text) &&
           !text_equal(value_borrow(told, "height"), area->height_text);
}

/* The gravest wave on a coast where he is under a warning: seen at a station, or inferred from what
 * was seen out at sea. */
static int observed_class(const struct decision *decision, bool inferred)
{
    int gravest = 0;
    const struct alert *alert = decision->alert;
    for (size_t i = 0; i < alert->observation_count; i++) {
        const struct alert_observation *seen = &alert->observations[i];
        bool station = seen->station_ja != NULL || seen->station_code != NULL;
        for (size_t j = 0; station != inferred && j < decision->area_count; j++) {
            const struct alert_area *area = his_area(decision, j);
            if (area->level < TSUNAMI_TOLD_LEVEL || !text_equal(area->code, seen->area_code))
                continue;
            int class = wave_class(seen->height_m, seen->condition, seen->risen);
            gravest = class > gravest ? class : gravest;
        }
    }
    return gravest;
}

static const char *facts(const struct decision *decision)
{
    const struct alert *alert = decision->alert;
    char *text = memory_printf(
        decision->match, "%s\n%s\n%s", alert->title_ja ? alert->title_ja : "",
        alert->headline_ja ? alert->headline_ja : "", alert->text_ja ? alert->text_ja : "");
    return text_hash(decision->match, text, strlen(text), 16);
}

static bool tells_tsunami(const struct decision *decision)
{
    return decision->told != NULL && !decision->alert->generic &&
           decision->alert->hazard == HAZARD_TSUNAMI;
}

/* Higher, nearer, or a graver wave was seen: never waits. */
static bool threat_grew(const struct decision *decision)
{
    if (!tells_tsunami(decision))
        return false;
    for (size_t i = 0; i < decision->area_count; i++) {
        if (coast_graver(decision, his_area(decision, i)))
            return true;
    }
    return observed_class(decision, false) > value_integer(decision->told, "observed") ||
           observed_class(decision, true) > value_integer(decision->told, "inferred");
}

/* A text or a height that is not what he was told. */
static bool story_changed(const struct decision *decision)
{
    if (decision->told != NULL && decision->alert->generic)
        return !text_equal(value_borrow(decision->told, "facts"), facts(decision));
    for (size_t i = 0; tells_tsunami(decision) && i < decision->area_count; i++) {
        if (coast_changed(decision, his_area(decision, i)))
            return true;
    }
    return false;
}

static bool in_storm(const struct decision *decision)
{
    const json_t *recent = json_object_get(decision->told, "recent");
    const json_t *oldest = json_array_get(recent, 0);
    return json_array_size(recent) >= STORM_MESSAGES &&
           decision->alert->issued_at - json_integer_value(oldest) < STORM_TIME;
}

/* When he was told the last few times. */
static void put_recent(const struct decision *decision, json_t *told)
{
    json_t *recent = memory_must(json_array());
    const json_t *before = json_object_get(decision->told, "recent");
    size_t count = json_array_size(before);
    for (size_t i = count >= STORM_MESSAGES ? 1 : 0; i < count; i++)
        json_array_append(recent, json_array_get(before, i));
    json_array_append_new(recent, json_integer(decision->alert->issued_at));
    json_object_set_new(told, "recent", recent);
}

static void tell(struct decision *decision, enum alert_phase phase, int level, int now)
{
    /* Of what is not in force only that which he was told of concerns him. */
    size_t kept = 0;
    for (size_t i = 0; i < decision->area_count; i++) {
        const struct alert_area *area = his_area(decision, i);
        if (area->level > 0 || told_area_level(decision->told, area) > 0)
            decision->areas[kept++] = decision->areas[i];
    }
    decision->area_count = kept;
    decision_send(decision, phase, level);
    json_t *told = decision_told(decision, now);
    if (decision->alert->generic)
        value_set_text(told, "facts", facts(decision));
    if (decision->alert->generic || decision->alert->hazard == HAZARD_TSUNAMI)
        put_recent(decision, told);
    if (decision->alert->hazard == HAZARD_TSUNAMI) {
        value_set_integer(told, "observed", observed_class(decision, false));
        value_set_integer(told, "inferred", observed_class(decision, true));
        for (size_t i = 0; i < decision->area_count; i++) {
            char key[TOLD_KEY_BYTES];
            const struct alert_area *area = his_area(decision, i);
            json_t *item = json_object_get(json_object_get(told, "areas"), told_key(area, key));
            if (item == NULL)
                continue;
            value_set_text(item, "height", area->height_text);
            value_set_number(item, "height_m", area->height_m);
            value_set_instant(item, "arrival", area->arrival_time);
            value_set_flag(item, "now", arrives_now(area));
        }
    }
    decision->match->told = told;
}

static enum alert_phase rise_phase(const struct decision *decision,
                                   const struct difference *difference)
{
    bool over = text_equal(value_borrow(decision->told, "phase"), "all-clear");
    if (difference->before == 0 || over)
        return PHASE_ISSUE;
    return difference->now > difference->before ? PHASE_UPGRADE : PHASE_UPDATE;
}

static void tell_fall(struct decision *decision, const struct difference *difference)
{
    enum alert_phase cause = decision->alert->phase;
    bool error = cause == PHASE_CANCEL || cause == PHASE_CORRECTION;
    int now = difference->now, before = difference->before;
    if (now == 0)
        tell(decision, error ? PHASE_CANCEL : PHASE_ALL_CLEAR, before, now);
    else if (error)
        tell(decision, PHASE_CORRECTION, now, now);
    else if (now < before && decision->alert->hazard == HAZARD_TSUNAMI && now < TSUNAMI_TOLD_LEVEL)
        tell(decision, PHASE_ALL_CLEAR, before, now);
    else
        tell(decision, now < before ? PHASE_DOWNGRADE : PHASE_UPDATE, now, now);
}

static enum match_reason silence(const struct decision *decision,
                                 const struct difference *difference)
{
    if (decision->told != NULL)
        return MATCH_ALREADY_TOLD;
    if (decision->area_count == 0)
        return MATCH_OTHER_AREA;
    if (difference->now == 0)
        return difference->ended ? MATCH_NEVER_TOLD : MATCH_BELOW_LEVEL;
    return difference->now < decision->profile->min_level ? MATCH_BELOW_LEVEL : MATCH_ALREADY_TOLD;
}

void decide_state(struct decision *decision)
{
    if (decision->area_count == 0 && decision->told == NULL)
        return;
    struct difference difference = compare(decision);
    bool enough = difference.now >= decision->profile->min_level;
    usec_t until = value_instant(decision->told, "until");
    bool run_out = decision->told != NULL && until != 0 && decision->alert->issued_at >= until &&
                   difference.fresh;
    if (difference.rise)
        tell(decision, rise_phase(decision, &difference), difference.now, difference.now);
    else if (difference.fall)
        tell_fall(decision, &difference);
    else if (enough && !run_out && !threat_grew(decision) && story_changed(decision) &&
             in_storm(decision))
        decision->match->reason = MATCH_HELD;
    else if (enough && (run_out || threat_grew(decision) || story_changed(decision)))
        tell(decision, decision->alert->phase == PHASE_CORRECTION ? PHASE_CORRECTION : PHASE_UPDATE,
             difference.now, difference.now);
    else
        decision->match->reason = silence(decision, &difference);
}
