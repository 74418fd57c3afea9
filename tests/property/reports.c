/* The reports of a history, as the parser would give them, and the audiences that hear of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "history.h"

const struct place places[AREAS] = {
    {"municipality:01100", "0110000", "101", "0110100", 0, -1},
    {"municipality:01203", "0120300", "115", "0120300", 0, 0},
    {"municipality:01235", "0123500", "100", "0123500", 0, 0},
    {"municipality:17205", "1720500", "390", "1720500", 2, 2},
    {"municipality:01213", "0121300", "146", "0121300", 1, 1},
};
const char *const coasts[COASTS] = {"110", "102", "360"};
const enum hazard weather_hazards[HAZARDS] = {HAZARD_RAIN, HAZARD_LANDSLIDE};
const char *const intensities[INTENSITY_RANKS + 1] = {NULL, "1",  "2",  "3",  "4",
                                                      "5-", "5+", "6-", "6+", "7"};

static struct telegram *envelope(TALLOC_CTX *context, const struct history *history, unsigned index)
{
    static const char *const ids[][2] = {
        {"20260901120005", "20260901120905"}, {"306", "109"}, {"820209000400", "820209000500"}};
    static const char *const words[] = {"見出し", "次の見出し", "別の見出し", "四つ目", "五つ目"};
    const struct scripted_telegram *script = &history->telegrams[index];
    struct telegram *telegram = memory_new(context, struct telegram);
    const char **event_ids = memory_array(telegram, const char *, 2);
    bool has_id = script->kind != REPORT_WEATHER;
    event_ids[0] = has_id ? ids[script->kind == REPORT_GENERIC ? 1
                                : script->kind == REPORT_FLOOD ? 2
                                                               : 0][script->event]
                          : NULL;
    *telegram = (struct telegram){
        .id = memory_printf(telegram, "telegram-%u", index),
        .code = script->code,
        .control_title = "題",
        .control_time = script->control_time,
        .status = script->status,
        .info_type = script->info_type,
        .editorial_office = "気象庁本庁",
        .publishing_office = "気象庁",
        .head_title = "題名",
        .reported_at = script->control_time,
        .valid_until = script->valid_until,
        .event_id = has_id ? event_ids[0] : "",
        .event_ids = event_ids,
        .event_id_count = has_id ? 1 : 0,
        .serial = "",
        .info_kind = "",
        .info_kind_version = "",
        .headline = words[script->text % 5],
    };
    return telegram;
}

static void fill_source(const struct scripted_telegram *script, struct earthquake_report *quake)
{
    static const char *const magnitudes[] = {"Ｍ７．６", "Ｍ７．４", "Ｍ６．９", "Ｍ不明"};
    static const double numbers[] = {7.6, 7.4, 6.9, NAN};
    quake->has_source = strcmp(script->code, "VXSE51") != 0;
    quake->source =
        (struct quake_source){.origin_time = HISTORY_BEGINS - USEC_PER_MINUTE,
                              .hypocenter = {.name = "石川県能登地方",
                                             .code = script->text % 5 == 0 ? "391" : "390",
                                             .latitude = 37.5,
                                             .longitude = 137.25,
                                             .depth_km = 16},
                              .magnitude = numbers[script->text / 4 % 4],
                              .magnitude_text = magnitudes[script->text / 4 % 4]};
}

static void fill_earthquake(TALLOC_CTX *context, const struct scripted_telegram *script,
                            struct earthquake_report *quake)
{
    static const char *const comments[] = {"0215", "0217", "0211", "0212"};
    struct quake_area *regions = memory_array(context, struct quake_area, AREAS);
    struct quake_area *cities = memory_array(context, struct quake_area, AREAS);
    for (unsigned i = 0; i < AREAS; i++) {
        if (script->said[0][i] > 0)
            regions[quake->region_count++] =
                (struct quake_area){.system = AREA_QUAKE_REGION,
                                    .code = places[i].quake_region,
                                    .name = "地方",
                                    .intensity = intensities[script->said[0][i]]};
        if (script->said[1][i] > 0)
            cities[quake->city_count++] =
                (struct quake_area){.system = AREA_QUAKE_CITY,
                                    .code = places[i].quake_city,
                                    .name = "市",
                                    .intensity = intensities[script->said[1][i]],
                                    .missing = script->detail[i] == 1};
    }
    quake->has_intensity =
        strcmp(script->code, "VXSE51") == 0 || strcmp(script->code, "VXSE53") == 0;
    quake->regions = regions;
    quake->cities = cities;
    fill_source(script, quake);
    const char **codes = memory_array(context, const char *, 1);
    codes[0] = comments[script->text % 4];
    quake->comment_codes = codes;
    quake->comment_code_count = 1;
}

static void fill_coast(const struct scripted_telegram *script, unsigned coast,
                       struct tsunami_area *area)
{
    static const char *const kinds[] = {"60", "71", NULL, "62", "51", "52"};
    static const struct {
        const char *text;
        double height_m;
    } heights[] = {{"１ｍ", 1}, {"３ｍ", 3}, {"高い", NAN}};
    int level = script->said[0][coast];
    unsigned detail = script->detail[coast];
    const struct tsunami_kind *kind = tsunami_kind_find(kinds[level]);
    *area = (struct tsunami_area){.code = coasts[coast],
                                  .name = "岸",
                                  .kind_code = kind->code,
                                  .grade = kind->grade,
                                  .level = level,
                                  .height_m = NAN};
    if (level < 3)
        return;
    area->height_text = heights[detail % 3].text;
    area->height_m = heights[detail % 3].height_m;
    if (detail / 3 == 3)
        area->arrival_condition = "ただちに津波来襲と予測";
    else
        area->arrival_time = HISTORY_BEGINS + USEC_PER_HOUR + detail / 3 * 10 * USEC_PER_MINUTE;
}

static void fill_tsunami(TALLOC_CTX *context, const struct scripted_telegram *script,
                         struct tsunami_report *tsunami)
{
    static const double waves_m[] = {0.2, 1, 3, 5, 10};
    static const char *const offshore[COASTS] = {"91001", "91002", "91003"};
    struct tsunami_area *areas = memory_array(context, struct tsunami_area, COASTS);
    struct tsunami_observation *seen = memory_array(context, struct tsunami_observation, COASTS);
    tsunami->is_state = strcmp(script->code, "VTSE52") != 0;
    for (unsigned i = 0; i < COASTS; i++) {
        if (tsunami->is_state)
            fill_coast(script, i, &areas[tsunami->area_count++]);
        if (script->seen[i] == 0)
            continue;
        double height_m = waves_m[script->seen[i]];
        seen[tsunami->observation_count++] = (struct tsunami_observation){
            .area_code = tsunami->is_state ? coasts[i] : NULL,
            .station_name = "験潮所",
            .station_code = tsunami->is_state ? coasts[i] : offshore[i],
            .max_at = script->control_time - USEC_PER_MINUTE,
            .height_m = height_m,
            .height_text = "ｍ"};
    }
    tsunami->areas = areas;
    tsunami->observations = seen;
}

static const char *kind_of_level(enum hazard hazard, int level)
{
    static const char *const rain[] = {NULL, NULL, "10", "03", "43", "33"};
    static const char *const landslide[] = {NULL, NULL, "29", "09", "49", "39"};
    return hazard == HAZARD_RAIN ? rain[level] : landslide[level];
}

static void fill_weather(TALLOC_CTX *context, const struct scripted_telegram *script,
                         struct weather_report *weather)
{
    struct weather_item *items = memory_array(context, struct weather_item, HAZARDS * AREAS);
    const char **codes = memory_array(context, const char *, AREAS);
    weather->hazards = weather_hazards;
    for (unsigned i = 0; i < AREAS; i++) {
        if (script->said[0][i] == NEVER_LISTED)
            continue;
        codes[weather->area_code_count++] = places[i].weather_city;
        for (unsigned hazard = 0; hazard < HAZARDS; hazard++) {
            int level = script->said[hazard][i];
            if (level == NEVER_LISTED)
                continue;
            weather->hazard_count = hazard + 1;
            if (level == 0)
                continue;
            items[weather->item_count++] =
                (struct weather_item){.area_code = places[i].weather_city,
                                      .area_name = "町",
                                      .hazard = weather_hazards[hazard],
                                      .kind_code = kind_of_level(weather_hazards[hazard], level),
                                      .level = level};
        }
    }
    weather->items = items;
    weather->area_codes = codes;
}

static void fill_generic(TALLOC_CTX *context, const struct scripted_telegram *script,
                         struct generic_report *generic)
{
    struct generic_area *areas = memory_array(context, struct generic_area, AREAS);
    for (unsigned i = 0; i < AREAS; i++) {
        if (script->said[0][i])
            areas[generic->area_count++] =
                (struct generic_area){AREA_WEATHER_CITY, places[i].weather_city, "町"};
    }
    generic->hazard = HAZARD_VOLCANO;
    generic->level = script->level;
    generic->alerts = true;
    generic->released = script->released;
    generic->areas = areas;
}

static void fill_flood(TALLOC_CTX *context, const struct scripted_telegram *script,
                       struct report *report)
{
    static const char *const grades[] = {NULL, NULL, "advisory", "warning", "urgent", "emergency"};
    struct hazard_area *areas = memory_array(context, struct hazard_area, AREAS);
    struct hazard_report *flood = &report->hazard;
    flood->hazard = HAZARD_FLOOD;
    flood->family = "zone";
    flood->subject = report->telegram->event_id;
    flood->ends_at = script->valid_until;
    flood->areas = areas;
    for (unsigned i = 0; i < AREAS; i++) {
        int level = script->info_type == INFO_CANCEL ? 0 : script->said[0][i];
        if (level > flood->level) {
            flood->level = level;
            flood->grade = grades[level];
        }
        if (level > 0)
            areas[flood->area_count++] = (struct hazard_area){.system = AREA_WEATHER_CITY,
                                                              .code = places[i].weather_city,
                                                              .name = "町",
                                                              .grade = grades[level],
                                                              .level = level};
    }
}

static const struct report *make_report(TALLOC_CTX *context, const struct history *history,
                                        unsigned index)
{
    const struct scripted_telegram *script = &history->telegrams[index];
    struct report *report = memory_new(context, struct report);
    report->telegram = envelope(report, history, index);
    report->kind = script->kind;
    bool withdrawal = script->info_type == INFO_CANCEL;
    switch (script->kind) {
    case REPORT_EARTHQUAKE:
        if (!withdrawal)
            fill_earthquake(report, script, &report->earthquake);
        break;
    case REPORT_TSUNAMI:
        if (!withdrawal)
            fill_tsunami(report, script, &report->tsunami);
        break;
    case REPORT_WEATHER:
        fill_weather(report, script, &report->weather);
        break;
    case REPORT_GENERIC:
        report->row = registry_find(script->code);
        fill_generic(report, script, &report->generic);
        break;
    case REPORT_VOLCANO:
    case REPORT_FLOOD:
    case REPORT_BULLETIN:
    case REPORT_OUTLOOK:
    case REPORT_TRANSITIONAL:
        fill_flood(report, script, report);
        break;
    }
    return report;
}

const struct report **history_reports(TALLOC_CTX *context, const struct history *history)
{
    const struct report **reports = memory_array(context, const struct report *, TELEGRAMS_MAX);
    for (unsigned i = 0; i < history->telegram_count; i++)
        reports[i] = make_report(context, history, i);
    return reports;
}

static struct subscriber random_subscriber(TALLOC_CTX *context, uint64_t *random, unsigned number,
                                           unsigned *ret_places)
{
    const char **areas = memory_array(context, const char *, AREAS);
    struct subscriber subscriber = {.id = memory_printf(context, "s_%u", number),
                                    .areas = areas,
                                    .hazards = ((uint64_t)1 << HAZARD_COUNT) - 1,
                                    .min_level = 1 + (int)random_below(random, 5),
                                    .drills = random_chance(random, 3)};
    *ret_places = 0;
    if (random_chance(random, 5)) {
        areas[subscriber.area_count++] = "country:jp";
        *ret_places = (1U << AREAS) - 1;
        return subscriber;
    }
    unsigned first = random_below(random, AREAS);
    for (unsigned i = 0; i < AREAS; i++) {
        if (i != first && !random_chance(random, 4))
            continue;
        areas[subscriber.area_count++] = places[i].municipality;
        *ret_places |= 1U << i;
    }
    return subscriber;
}

struct listeners *listeners_new(TALLOC_CTX *context)
{
    struct listeners *listeners = memory_new(context, struct listeners);
    const char *root = getenv("NOROSHI_ROOT");
    char *directory = memory_printf(listeners, "%s/config/areas", root != NULL ? root : ".");
    struct problems *problems = problems_new(listeners);
    if (area_graph_load(listeners, directory, problems, &listeners->graph) < 0)
        return NULL;
    uint64_t random = 1;
    for (unsigned i = 0; i < AUDIENCES; i++) {
        struct subscriber **list = memory_array(listeners, struct subscriber *, SUBSCRIBERS);
        for (unsigned j = 0; j < SUBSCRIBERS; j++) {
            listeners->subscribers[i][j] =
                random_subscriber(listeners, &random, j, &listeners->places[i][j]);
            list[j] = &listeners->subscribers[i][j];
        }
        listeners->audiences[i] = audience_of(listeners, listeners->graph, list, SUBSCRIBERS);
    }
    return listeners;
}
