/* What one telegram says, typed and checked, with nothing added.
 *
 * Does: turns a telegram into a report by its registry row. Never: loses a telegram; one whose body
 * cannot be understood becomes a generic report with `degraded` set (safety rule 6). Unknown
 * numbers are NAN, unknown texts NULL, unknown times 0. */
#pragma once

#include <stdbool.h>
#include "area/area.h"
#include "jma/hazard.h"
#include "jma/registry.h"
#include "jma/telegram.h"

struct hypocenter {
    const char *name, *code;    /* 震央地名; code NULL when absent */
    const char *detailed_name;  /* overseas, or NULL */
    const char *source;         /* ＰＴＷＣ, ＵＳＧＳ …, or NULL */
    double latitude, longitude; /* degrees; NAN unknown */
    double depth_km;            /* NAN unknown; 0 is ごく浅い */
    const char *depth_text; /* JMA's description, e.g. 深さは６００ｋｍ以上, or NULL */
};
struct quake_source { /* VXSE52/53/61 and each Earthquake of a tsunami telegram */
    usec_t origin_time, arrival_time;
    struct hypocenter hypocenter;
    double magnitude;           /* NAN when unknown or over 8 */
    const char *magnitude_text; /* "Ｍ７．６", "Ｍ不明", "Ｍ８を超える巨大地震" */
    const char *magnitude_type; /* "Mj", "M" or NULL */
};
struct quake_area { /* region or city */
    enum area_system system;
    const char *code, *name;
    const char *intensity; /* NULL unknown */
    bool missing;          /* 震度５弱以上未入電 somewhere in it */
    const char *revise;    /* 追加 上方修正 … or NULL */
};
struct earthquake_report {
    bool has_source, has_intensity;
    bool distant;  /* 遠地地震に関する情報 */
    bool eruption; /* distant "earthquake" whose free text tells of a volcanic eruption */
    struct quake_source source;
    const char *max_intensity;
    const struct quake_area *regions;
    size_t region_count;
    const struct quake_area *cities;
    size_t city_count;
    const char *const *comment_codes;
    size_t comment_code_count; /* Forecast, Var and Warning, split */
    bool judgement_unsure; /* of a tsunami: no sentence that we know, or one of them is garbled */
    const char *comment_text; /* ForecastComment text, or NULL */
    const char *free_text;    /* FreeFormComment, or NULL */
};

struct tsunami_area {
    const char *code, *name;
    const char *kind_code, *kind_name, *last_kind_code;
    const char *grade; /* tsunami_kind.grade */
    int level;
    bool at_least; /* its kind was lost: the level is the least that it can be */
    usec_t arrival_time;
    const char *arrival_condition; /* ただちに津波来襲と予測 …, or NULL */
    double height_m;               /* for sorting only; NAN unknown */
    const char
        *height_text; /* @description as printed: "１０ｍ超", "巨大", "高い"; NULL when empty */
    bool important; /* MaxHeight/Condition 重要 */
};
struct tsunami_observation {
    const char *area_code; /* NULL for VTSE52 */
    const char *station_name, *station_code;
    usec_t first_at;
    const char *first_condition, *initial; /* 押し 引き */
    usec_t max_at;
    const char *max_condition; /* as written, may be two joined by U+3000 */
    const char *max_revise;    /* 追加 更新 or NULL */
    double height_m;
    const char *height_text, *height_condition;
};
struct tsunami_report {
    bool is_state; /* VTSE41, and VTSE51 with a Forecast: full current state of all coasts */
    const struct tsunami_area *areas;
    size_t area_count;
    const struct tsunami_observation *observations;
    size_t observation_count;
    /* VTSE52: what the waves out at sea mean for a coast; without a station. */
    const struct tsunami_observation *estimates;
    size_t estimate_count;
    const struct quake_source *sources;
    size_t source_count;
    const char *const *comment_codes;
    size_t comment_code_count;
    const char *comment_text, *free_text;
};

struct weather_item { /* one hazard of one municipality-level area */
    /* AREA_WEATHER_CITY; of a transitional telegram NULL for "somewhere in this office". */
    const char *area_code, *area_name;
    enum hazard hazard;
    const char *kind_code, *kind_name; /* kept as written even when released; NULL for なし */
    const char *status; /* 発表 継続 解除 特別警報から危険警報 …; 発表警報・注意報はなし */
    int level;     /* what is in force now: 0 when released or none */
    bool at_least; /* its kind is unknown and has no name: the level is the least that it can be */
    const char *last_kind_code;
    usec_t issued_at; /* VPWS50: when JMA issued this element; 0 otherwise */
    /* Transitional telegrams only. */
    bool rain_or_landslide; /* 大雨 without 浸水害 or 土砂災害: hazard is rain, landslide may be
                               meant */
    const char *undivided; /* the old code of the whole city; the area is a part of it */
};
struct weather_report {
    bool national;      /* VPWS50: all of Japan, each item with its own time */
    bool transitional;  /* taken from an older kind of telegram */
    const char *office; /* 府県予報区 code by the areas in the body, or NULL */
    const struct weather_item *items;
    size_t item_count;
    const enum hazard *hazards;
    size_t hazard_count; /* that this code speaks for: an area of the
report without an item for one of them has nothing in force of it */
    const char *const *area_codes;
    size_t area_code_count; /* every municipality-level area listed */
    const char *const
        *area_offices; /* 府県予報区 of each (NULL: unknown), looked up once; or NULL */
};

struct generic_area {
    enum area_system system;
    const char *code, *name;
};
struct generic_report {
    enum hazard hazard;
    int level;
    bool alerts;   /* may concern life safety: becomes a plain message */
    bool released; /* title or kinds say only 解除 */
    const struct generic_area *areas;
    size_t area_count; /* from Headline and Body, never the office */
    const char *text;  /* first body text that a person can read, or NULL */
};

/* One hazard in places that each have their own level: volcanoes, floods, bulletins, outlooks.
 * The telegram is the whole state of its subject; a place that it does not list has nothing. */
struct hazard_area {
    enum area_system system;
    const char *code, *name;
    const char *kind_code, *kind_name; /* as JMA writes them, or NULL */
    const char *grade;                 /* kind.HAZARD.GRADE of the messages, or NULL */
    int level;                         /* our scale of five; 0: nothing in force there */
};
struct hazard_fact {
    const char *name;  /* fact.NAME of the messages: "plume", "rain", … */
    const char *value; /* a number or a name as JMA writes it; NULL when it is a time */
    usec_t time;
};
struct hazard_report {
    enum hazard hazard;
    /* Together they name the event: "level" and "306", "zone" and "810103003100". */
    const char *family, *subject;
    /* The volcano or the river itself, for "Volcano: …"; name NULL when there is none. */
    enum area_system subject_system;
    const char *subject_code, *subject_name;
    int level; /* highest in force; 0: nothing is */
    const char *grade;
    const struct hazard_area *areas;
    size_t area_count;
    const struct hazard_fact *facts;
    size_t fact_count;
    usec_t ends_at; /* when JMA says that it ends, or when nobody needs it any more; 0: a day after
                       the telegram */
    bool floor;     /* says "at least so much": a place that is known to be graver stays so */
    bool keeps_places; /* a place that is not listed any more stays at the level of the whole */
    bool prose;       /* what it says stands in `text` only: it is quoted, and a new text is news */
    const char *text; /* body text that a person can read, or NULL */
};

struct report {
    const struct telegram *telegram;
    const struct registry_row *row; /* NULL: unknown code */
    enum report_kind kind;
    const char *degraded; /* NULL, or why it became generic or lost a part: for the operator */
    const char *const *problems; /* all that was noticed in this telegram, a line each */
    size_t problem_count;
    union {
        struct earthquake_report earthquake;
        struct tsunami_report tsunami;
        struct weather_report weather; /* WEATHER, TRANSITIONAL */
        struct generic_report generic;
        struct hazard_report hazard; /* VOLCANO, FLOOD, BULLETIN, OUTLOOK */
    };
};

/* A national weather report as one for each office; what names no known office is left out. */
const struct report *const *weather_of_offices(TALLOC_CTX *context, const struct area_graph *graph,
                                               const struct report *report, size_t *ret_count);

/* Has `hazard`. */
bool report_has_hazard(const struct report *report);

/* Never fails for a parsed telegram: at worst the report is generic and `degraded` says why.
 * The report and all it points to belong to `context` (or to the telegram). */
struct report *report_parse(TALLOC_CTX *context, const struct area_graph *graph,
                            const struct telegram *telegram, struct problems *problems);

/* One JSON object as `noroshi parse --json` prints it (docs/schema/parse.schema.json). */
struct json_t;
struct json_t *report_to_json(const struct report *report, const char *file);
