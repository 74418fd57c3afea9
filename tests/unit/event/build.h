/* Telegrams and reports built by hand, and a small run of a state through event_apply: what the
 * tests of event/ and match/ share. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/event.h"

#define NOON ((usec_t)1788264000 * USEC_PER_SEC) /* 2026-09-01T12:00:00Z */

static inline struct area_graph *build_graph(TALLOC_CTX *context)
{
    struct area_graph *graph = NULL;
    const char *root = getenv("NOROSHI_ROOT");
    struct problems *problems = problems_new(context);
    char *directory = memory_printf(context, "%s/config/areas", root != NULL ? root : ".");
    assert_int_equal(area_graph_load(context, directory, problems, &graph), 0);
    return graph;
}

static inline struct report *build_report(TALLOC_CTX *context, const char *code,
                                          enum report_kind kind, const char *event_id,
                                          usec_t control_time)
{
    struct telegram *telegram = memory_new(context, struct telegram);
    const char **ids = memory_array(context, const char *, 2);
    ids[0] = event_id;
    *telegram = (struct telegram){
        .id = memory_printf(context, "%s-%lld", code, (long long)(control_time / USEC_PER_SEC)),
        .code = memory_text(context, code),
        .control_title = "題",
        .control_time = control_time,
        .status = STATUS_ACTUAL,
        .info_type = INFO_ISSUE,
        .editorial_office = "気象庁本庁",
        .publishing_office = "気象庁",
        .head_title = "題名",
        .reported_at = control_time,
        .event_id = event_id != NULL ? event_id : "",
        .event_ids = ids,
        .event_id_count = event_id != NULL ? 1 : 0,
        .serial = "",
        .headline = "見出し",
    };
    struct report *report = memory_new(context, struct report);
    report->telegram = telegram;
    report->kind = kind;
    return report;
}

static inline struct telegram *build_telegram(struct report *report)
{
    return (struct telegram *)report->telegram;
}

static inline void build_info(struct report *report, enum info_type info_type)
{
    build_telegram(report)->info_type = info_type;
}

/* Earthquakes: "390 6+,101 3?" → regions; "?" marks missing data, a lone "?" no intensity at all.
 */
static inline const struct quake_area *build_felt(TALLOC_CTX *context, enum area_system system,
                                                  const char *text, size_t *ret_count)
{
    size_t count;
    char **parts = text_split(context, text, ',', &count);
    struct quake_area *areas = memory_array(context, struct quake_area, count + 1);
    for (size_t i = 0; i < count; i++) {
        char *blank = strchr(parts[i], ' ');
        *blank = '\0';
        char *mark = strchr(blank + 1, '?');
        if (mark != NULL)
            *mark = '\0';
        areas[i] = (struct quake_area){.system = system,
                                       .code = parts[i],
                                       .name = memory_printf(context, "名%s", parts[i]),
                                       .intensity = blank[1] != '\0' ? blank + 1 : NULL,
                                       .missing = mark != NULL};
    }
    *ret_count = count;
    return areas;
}

static inline void build_source(struct report *report, double magnitude)
{
    struct earthquake_report *quake = &report->earthquake;
    quake->has_source = true;
    quake->source =
        (struct quake_source){.origin_time = NOON - USEC_PER_MINUTE,
                              .hypocenter = {.name = "石川県能登地方",
                                             .code = "390",
                                             .latitude = 37.5,
                                             .longitude = 137.25,
                                             .depth_km = 16},
                              .magnitude = magnitude,
                              .magnitude_text = memory_printf(report, "Ｍ%.1f", magnitude)};
}

static inline struct report *build_quake(TALLOC_CTX *context, const char *code, usec_t at,
                                         const char *regions, const char *cities,
                                         const char *comments)
{
    struct report *report = build_report(context, code, REPORT_EARTHQUAKE, "20260901120005", at);
    struct earthquake_report *quake = &report->earthquake;
    quake->source.magnitude = quake->source.hypocenter.depth_km = NAN;
    if (regions != NULL) {
        quake->has_intensity = true;
        quake->regions = build_felt(context, AREA_QUAKE_REGION, regions, &quake->region_count);
        quake->cities =
            build_felt(context, AREA_QUAKE_CITY, cities != NULL ? cities : "", &quake->city_count);
    }
    if (strcmp(code, "VXSE51") != 0)
        build_source(report, 7.6);
    size_t count;
    quake->comment_codes =
        (const char *const *)text_split_blank(context, comments != NULL ? comments : "", &count);
    quake->comment_code_count = count;
    return report;
}

/* Tsunami: "360 52 5m,110 62" → coasts with kinds. */
static inline struct report *build_tsunami(TALLOC_CTX *context, const char *code, usec_t at,
                                           const char *coasts)
{
    static const struct {
        const char *kind, *grade;
        int level;
    } kinds[] = {{"53", "major-warning", 5}, {"52", "major-warning", 5}, {"51", "warning", 4},
                 {"62", "advisory", 3},      {"71", "forecast", 1},      {"50", "none", 0},
                 {"60", "none", 0},          {"00", "none", 0}};
    struct report *report = build_report(context, code, REPORT_TSUNAMI, "20260901120005", at);
    size_t count;
    char **parts = text_split(context, coasts, ',', &count);
    struct tsunami_area *areas = memory_array(context, struct tsunami_area, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t words;
        char **word = text_split_blank(context, parts[i], &words);
        areas[i] = (struct tsunami_area){.code = word[0],
                                         .name = memory_printf(context, "岸%s", word[0]),
                                         .kind_code = word[1],
                                         .height_m = NAN,
                                         .height_text = words > 2 ? word[2] : NULL};
        for (size_t j = 0; j < sizeof(kinds) / sizeof(kinds[0]); j++) {
            if (strcmp(kinds[j].kind, word[1]) == 0) {
                areas[i].grade = kinds[j].grade;
                areas[i].level = kinds[j].level;
            }
        }
    }
    report->tsunami.is_state = strcmp(code, "VTSE52") != 0;
    report->tsunami.areas = areas;
    report->tsunami.area_count = count;
    return report;
}

/* Rain: "0110000 3,0120300 0" → every area listed, with an item where the level is above 0. */
static inline struct report *build_rain(TALLOC_CTX *context, usec_t at, const char *areas)
{
    static const char *const kinds[] = {NULL, NULL, "10", "03", "43", "33"};
    static const enum hazard hazards[] = {HAZARD_RAIN};
    struct report *report = build_report(context, "VPWW55", REPORT_WEATHER, NULL, at);
    size_t count;
    char **parts = text_split(context, areas, ',', &count);
    const char **codes = memory_array(context, const char *, count + 1);
    struct weather_item *items = memory_array(context, struct weather_item, count + 1);
    struct weather_report *weather = &report->weather;
    for (size_t i = 0; i < count; i++) {
        size_t words;
        char **word = text_split_blank(context, parts[i], &words);
        int level = atoi(word[1]);
        codes[i] = word[0];
        if (level > 0)
            items[weather->item_count++] =
                (struct weather_item){.area_code = word[0],
                                      .area_name = memory_printf(context, "町%s", word[0]),
                                      .hazard = HAZARD_RAIN,
                                      .kind_code = kinds[level],
                                      .level = level};
    }
    weather->items = items;
    weather->area_codes = codes;
    weather->area_code_count = count;
    weather->hazards = hazards;
    weather->hazard_count = 1;
    return report;
}

static inline struct report *build_generic(TALLOC_CTX *context, const char *code, usec_t at,
                                           const char *headline, int level,
                                           const char *weather_city)
{
    struct report *report = build_report(context, code, REPORT_GENERIC, "109", at);
    build_telegram(report)->headline = headline;
    struct generic_area *areas = memory_array(context, struct generic_area, 1);
    areas[0] = (struct generic_area){AREA_WEATHER_CITY, weather_city, "町"};
    report->generic = (struct generic_report){.hazard = HAZARD_VOLCANO,
                                              .level = level,
                                              .alerts = true,
                                              .areas = areas,
                                              .area_count = weather_city != NULL ? 1 : 0};
    return report;
}

/* One state under test. */
struct build_run {
    TALLOC_CTX *context;
    struct area_graph *graph;
    const char *key;
    json_t *state;
    const char *note, *notice;
    usec_t now;
};

static inline struct alert *run_report(struct build_run *run, const struct report *report)
{
    size_t count;
    const char **keys = event_keys(run->context, run->graph, report, &count);
    run->key = keys[0];
    struct event_state state = {.key = run->key, .json = run->state};
    usec_t now = run->now != 0 ? run->now : report->telegram->control_time;
    struct event_change *change = event_apply(run->context, run->graph, &state, report, now);
    run->note = change->note;
    run->notice = change->notice;
    if (change->state != NULL) {
        json_decref(run->state);
        run->state = json_incref(change->state);
    }
    return change->alert;
}

static inline bool alert_lists(const struct alert *alert, const char *code)
{
    for (size_t i = 0; alert != NULL && i < alert->area_count; i++) {
        if (strcmp(alert->areas[i].code, code) == 0)
            return true;
    }
    return false;
}

/* The area of that code; the test fails without it. */
static inline const struct alert_area *alert_find(const struct alert *alert, const char *code)
{
    static const struct alert_area none = {.level = -1, .previous_level = -1};
    for (size_t i = 0; alert != NULL && i < alert->area_count; i++) {
        if (strcmp(alert->areas[i].code, code) == 0)
            return &alert->areas[i];
    }
    fail_msg("the alert does not list %s", code);
    return &none;
}
