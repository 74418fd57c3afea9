/* What an alert's phase and level mean in words, in CAP, and for how long. */
#include "base/text.h"
#include "event/alert.h"

#include <string.h>

static const char *const phase_names[PHASE_COUNT] = {
    [PHASE_ISSUE] = "issue",         [PHASE_UPGRADE] = "upgrade",       [PHASE_UPDATE] = "update",
    [PHASE_DOWNGRADE] = "downgrade", [PHASE_CORRECTION] = "correction", [PHASE_CANCEL] = "cancel",
    [PHASE_ALL_CLEAR] = "all-clear",
};

const char *alert_phase_name(enum alert_phase phase)
{
    return (unsigned)phase < PHASE_COUNT ? phase_names[phase] : "unknown";
}

bool alert_phase_from_name(const char *name, enum alert_phase *ret_phase)
{
    for (unsigned i = 0; name != NULL && i < PHASE_COUNT; i++) {
        if (strcmp(name, phase_names[i]) == 0) {
            *ret_phase = (enum alert_phase)i;
            return true;
        }
    }
    return false;
}

/* Table of content.md 5: what a level asks of the reader. */
static const struct {
    const char *severity, *urgency, *certainty, *response_type;
} level_words[] = {
    {"Unknown", "Unknown", "Unknown", "None"},     {"Minor", "Future", "Likely", "Monitor"},
    {"Moderate", "Expected", "Likely", "Prepare"}, {"Severe", "Expected", "Likely", "Prepare"},
    {"Severe", "Immediate", "Likely", "Evacuate"}, {"Extreme", "Immediate", "Likely", "Evacuate"},
};

static const char *category(enum hazard hazard)
{
    switch (hazard) {
    case HAZARD_EARTHQUAKE:
    case HAZARD_TSUNAMI:
    case HAZARD_VOLCANO:
    case HAZARD_LANDSLIDE:
        return "Geo";
    case HAZARD_HEAT:
        return "Health";
    case HAZARD_INFORMATION:
    case HAZARD_BROADCAST:
        return "Safety";
    case HAZARD_RAIN:
    case HAZARD_STORM_SURGE:
    case HAZARD_FLOOD:
    case HAZARD_STORM:
    case HAZARD_BLIZZARD:
    case HAZARD_WAVES:
    case HAZARD_HEAVY_SNOW:
    case HAZARD_THUNDER:
    case HAZARD_FOG:
    case HAZARD_DRY_AIR:
    case HAZARD_AVALANCHE:
    case HAZARD_LOW_TEMPERATURE:
    case HAZARD_FROST:
    case HAZARD_ICING:
    case HAZARD_SNOW_ACCRETION:
    case HAZARD_SNOWMELT:
    case HAZARD_OTHER_ADVISORY:
    case HAZARD_TORNADO:
    case HAZARD_COUNT:
        break;
    }
    return "Met";
}

static const char *status_word(enum telegram_status status)
{
    switch (status) {
    case STATUS_ACTUAL:
        return "Actual";
    case STATUS_EXERCISE:
        return "Exercise";
    case STATUS_UNKNOWN:
    case STATUS_TEST:
        break;
    }
    return "Test";
}

/* An earthquake has happened when we hear of it: observed, and what comes next is aftershocks. */
static void earthquake_words(struct alert_cap *cap, int level)
{
    cap->certainty = "Observed";
    if (level >= 2)
        cap->urgency = "Immediate";
    if (level >= 4)
        cap->response_type = "Execute";
}

static void hazard_words(struct alert_cap *cap, enum hazard hazard, int level)
{
    if (hazard == HAZARD_EARTHQUAKE)
        earthquake_words(cap, level);
    else if (hazard == HAZARD_TSUNAMI && level >= 3) {
        cap->urgency = "Immediate";
        cap->response_type = level >= 4 ? "Evacuate" : "Avoid";
        if (level == 3)
            cap->severity = "Moderate";
    } else if (level == 5 && hazard != HAZARD_TSUNAMI) {
        cap->certainty = "Observed";
        cap->response_type = "Shelter"; /* it may be too late to leave */
    } else if (level == 4 &&
               (hazard == HAZARD_TORNADO || hazard == HAZARD_STORM || hazard == HAZARD_BLIZZARD))
        cap->response_type = "Shelter";
}

/* A template has CAP's words itself; only an end has those of every end. */
static void broadcast_words(struct alert_cap *cap, const struct alert_broadcast *broadcast,
                            enum alert_phase phase)
{
    if (broadcast->category != NULL)
        cap->category = broadcast->category;
    if (phase == PHASE_CANCEL || phase == PHASE_ALL_CLEAR || broadcast->severity == NULL ||
        broadcast->urgency == NULL || broadcast->certainty == NULL ||
        broadcast->response_type == NULL)
        return;
    cap->severity = broadcast->severity;
    cap->urgency = broadcast->urgency;
    cap->certainty = broadcast->certainty;
    cap->response_type = broadcast->response_type;
}

struct alert_cap alert_cap(const struct alert *alert, int level, enum alert_phase phase)
{
    int known = level < 0 ? 0 : level > 5 ? 5 : level;
    struct alert_cap cap = {
        .status = status_word(alert->status),
        .message_type = phase == PHASE_ISSUE    ? "Alert"
                        : phase == PHASE_CANCEL ? "Cancel"
                                                : "Update",
        .category = category(alert->hazard),
        .urgency = level_words[known].urgency,
        .severity = level_words[known].severity,
        .certainty = level_words[known].certainty,
        .response_type = level_words[known].response_type,
    };
    if (phase == PHASE_CANCEL || phase == PHASE_ALL_CLEAR) {
        cap.urgency = "Past";
        cap.severity = "Minor";
        cap.certainty = phase == PHASE_CANCEL ? "Unlikely" : "Observed";
        cap.response_type = "AllClear";
    } else {
        hazard_words(&cap, alert->hazard, known);
    }
    if (alert->broadcast != NULL)
        broadcast_words(&cap, alert->broadcast, phase);
    return cap;
}

bool alert_is_own_test(const struct alert *alert)
{
    return text_equal(alert->code, ALERT_CODE_TEST);
}

bool alert_is_letter(const struct alert *alert)
{
    return text_equal(alert->code, ALERT_CODE_LETTER);
}

bool alert_is_canary(const struct alert *alert)
{
    return text_starts(alert->telegram_id, ALERT_CANARY_PREFIX);
}

bool alert_in_force(const struct alert *alert, usec_t now)
{
    return alert->level > 0 && alert->phase != PHASE_CANCEL && alert->phase != PHASE_ALL_CLEAR &&
           alert->expires > now;
}
