/* An alert: one step in an event's life that people must hear; shaped like CAP 1.2.
 *
 * Records only: filled once by event_apply, then const. */
#pragma once

#include <stdbool.h>
#include <jansson.h>
#include "base/clock.h"
#include "area/area.h"
#include "jma/hazard.h"
#include "jma/telegram.h"

enum alert_phase {
    PHASE_ISSUE,
    PHASE_UPGRADE,
    PHASE_UPDATE,
    PHASE_DOWNGRADE,
    PHASE_CORRECTION,
    PHASE_CANCEL,    /* JMA withdrew it: it was an error */
    PHASE_ALL_CLEAR, /* it is over */
    PHASE_COUNT
};
const char *alert_phase_name(enum alert_phase phase); /* "issue" … "all-clear" */
bool alert_phase_from_name(const char *name, enum alert_phase *ret_phase);

/* One area and what holds there after this alert. The list of an alert is the whole current state
 * of the event: areas in force, those that ended with this telegram (level 0, changed), and those
 * that ended before in the same instance (level 0, not changed), for who missed that step. */
struct alert_area {
    enum area_system system;
    const char *code, *name_ja;
    int level, previous_level; /* 0 nothing in force */
    bool changed;              /* level, kind or a told detail differs from the state before */
    const char *kind_code;     /* JMA kind; NULL when none */
    const char *grade;     /* "major-warning" "emergency" "urgent" "warning" "advisory"…; NULL */
    const char *intensity; /* earthquake: "5-" …; NULL otherwise */
    bool intensity_missing;
    usec_t arrival_time;
    const char *arrival_condition; /* tsunami */
    double height_m;
    const char *height_text; /* tsunami; NAN, NULL */
};

struct alert_quake {
    usec_t origin_time;
    const char *epicenter_code, *epicenter_ja;
    double latitude, longitude, depth_km, magnitude; /* NAN unknown */
    const char *magnitude_text, *max_intensity;
    bool distant, eruption;
    /* "none" (0215), "slight" (0212), "in-force" (0211), "wait" (0217), "possible-pacific",
     * "possible-region", "under-investigation" (0229), "no-effect" (0230), NULL unknown */
    const char *tsunami_judgement;
};

struct alert_observation { /* tsunami seen at a station; without one, inferred for the coast from
                              waves out at sea (VTSE52) */
    const char *area_code, *station_ja, *station_code;
    usec_t at;
    double height_m;
    const char *height_text, *condition;
    /* VTSE52 gives no height while it is small beside the forecast (観測中). That JMA raises it all
     * the same (更新) says that a wave as of a warning was seen. */
    bool risen;
};

struct alert_fact {              /* fact.NAME of the messages */
    const char *name, *value_ja; /* value NULL when it is a time */
    usec_t at;
};

struct alert_value { /* one blank of a broadcast, in one language (NULL: in none, or Japanese) */
    const char *blank, *language, *text;
};

/* What staff said: never JMA's (Meteorological Service Act art. 23). */
struct alert_broadcast {
    const char *id, *template_id;
    const char *authority; /* its id in the configuration */
    const char *name_ja, *name_en, *contact;
    const char *category, *urgency, *severity, *certainty, *response_type; /* CAP */
    bool everyone;                      /* chosen in so many words; the alert's area is Japan */
    const char *const *channels;        /* audience: only these; count 0: all */
    const char *const *first_languages; /* audience: readers of these first */
    size_t channel_count, first_language_count;
    usec_t original_at, next_update; /* 0 none */
    const struct alert_value *values;
    size_t value_count;
};

struct alert {
    const char *id; /* deterministic: "<event_id>-<n>"-like, no blank comma < & . (CAP, webhooks) */
    const char *event_id;  /* this instance of the event; stable from first telegram to all clear */
    const char *event_key; /* where its state is kept, see event.h */
    enum hazard hazard;
    enum telegram_status status;
    enum alert_phase phase; /* over all areas */
    int level;              /* highest now in force; for all-clear and cancel: highest that ended */
    const char *telegram_id, *code, *title_ja, *headline_ja, *office_ja;
    usec_t issued_at;      /* Control/DateTime: when JMA sent it */
    usec_t reported_at;    /* Head/ReportDateTime */
    usec_t onset, expires; /* hard end of usefulness, never 0 */
    bool delayed;          /* we learned of it late (downtime): messages say so */
    bool delay_unknown;    /* no clock could be trusted then: messages say that it may be late */
    bool transitional;     /* from an older kind of telegram, those of 2026 being absent */
    bool generic;          /* not fully understood: title and headline only */
    const struct alert_area *areas;
    size_t area_count;
    const struct alert_quake *quake; /* NULL when there is none */
    const struct alert_observation *observations;
    size_t observation_count;
    const char *const *references;
    size_t reference_count; /* ids of earlier alerts of the event */
    const char *grade; /* kind.HAZARD.GRADE of a volcano, flood, bulletin or outlook as a whole */
    const struct alert_fact *facts;
    size_t fact_count;
    const char *text_ja;                     /* generic: readable body text; otherwise NULL */
    const struct alert_broadcast *broadcast; /* HAZARD_BROADCAST; otherwise NULL */
};

struct alert_cap {
    const char *status, *message_type, *category, *urgency, *severity, *certainty, *response_type;
};
/* CAP words for an alert at a level and phase (content.md 5, standards.md 1). */
struct alert_cap alert_cap(const struct alert *alert, int level, enum alert_phase phase);

/* In force at `now`: level above 0, not cancelled or cleared, not expired. The one predicate for
 * page, API and matcher (field-lessons.md 11). */
bool alert_in_force(const struct alert *alert, usec_t now);

/* Made by us and not by JMA, to see whether messages arrive (`noroshi send-test`): its status is
 * STATUS_TEST, it has no area, and no page shows it. */
#define ALERT_CODE_TEST "send-test"
bool alert_is_own_test(const struct alert *alert);
/* A letter to staff (broadcast/letter.h): a test in everything else, and no page shows it. */
#define ALERT_CODE_LETTER "staff-letter"
bool alert_is_letter(const struct alert *alert);
/* From a telegram that we made to see whether the whole path works (canary.h of the program); no
 * entry of a feed has such an id. No page shows it. */
#define ALERT_CANARY_PREFIX "canary-"
bool alert_is_canary(const struct alert *alert);

/* JSON both ways; alert_from_json(alert_to_json(a)) equals a. Returns NULL for JSON that is no
 * alert. */
json_t *alert_to_json(const struct alert *alert);
struct alert *alert_from_json(TALLOC_CTX *context, const json_t *json);
/* Its broadcast; null and NULL for none. */
json_t *alert_broadcast_to_json(const struct alert_broadcast *broadcast);
struct alert_broadcast *alert_broadcast_from_json(TALLOC_CTX *context, const json_t *json);
