/* VTSE41 津波警報・注意報・予報, VTSE51 津波情報, VTSE52 沖合の津波観測.
 *
 * A telegram with a Forecast lists every coast with something in force or just lifted: the whole
 * state. Heights are shown by their description; the number is only for sorting. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/generic.h"
#include "jma/tsunami.h"

static void read_height(struct parsing *parsing, const struct element *max_height,
                        double *ret_height_m, const char **ret_text, const char **ret_condition)
{
    const struct element *height = element_child(max_height, "TsunamiHeight");
    *ret_height_m = NAN;
    *ret_text = NULL;
    *ret_condition = NULL;
    if (height == NULL)
        return;
    *ret_condition = part_attribute(parsing, height, "condition");
    *ret_text = part_attribute(parsing, height, "description");
    /* 不明 goes with "NaN": a first report of a huge earthquake, in words only. */
    if (text_contains(*ret_condition, "不明"))
        return;
    double value = part_number(height->text);
    if (value >= 0 && value < 1000)
        *ret_height_m = value;
    else if (strcmp(height->text, "NaN") != 0)
        part_degraded(parsing, "the height of a tsunami is garbled");
}

/* A kind that the table does not hold: by JMA's own words, else by the family of its number, else
 * as grave as the title, which names every kind in force. *ret_said: its words or number say it. */
static int level_of_kind(const char *name, const char *code, const char *title, bool *ret_said)
{
    static const struct {
        const char *word;
        int level;
    } words[] = {{"解除", 0}, {"なし", 0}, {"大津波", 5}, {"警報", 4}, {"注意報", 3}, {"予報", 1}};
    *ret_said = true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_contains(name, words[i].word))
            return words[i].level;
    }
    if (code != NULL && strlen(code) == 2 && strspn(code, "0123456789") == 2)
        return code[0] == '7' ? 1 : code[0] == '6' ? 3 : 4;
    *ret_said = false;
    int titled = generic_level_of_words(title);
    return titled > 0 ? titled : 4;
}

static void grade_area(struct parsing *parsing, struct tsunami_area *area)
{
    static const char *const grades[] = {"none",     "forecast", "forecast",
                                         "advisory", "warning",  "major-warning"};
    const struct tsunami_kind *kind = tsunami_kind_find(area->kind_code);
    if (kind != NULL) {
        area->grade = kind->grade;
        area->level = kind->level;
        return;
    }
    part_degraded(parsing, area->kind_code == NULL && area->kind_name == NULL
                               ? "a coast has no kind"
                               : "a tsunami kind is unknown");
    bool said;
    area->level =
        level_of_kind(area->kind_name, area->kind_code, parsing->telegram->head_title, &said);
    area->at_least = !said;
    /* Nothing says that it fell since. */
    const struct tsunami_kind *last = tsunami_kind_find(area->last_kind_code);
    if (!said && last != NULL && last->level > area->level)
        area->level = last->level;
    area->grade = grades[area->level];
}

static void find_kind(void *userdata, const struct element *kind)
{
    const struct element **found = userdata;
    if (*found == NULL)
        *found = kind;
}

/* Where it should stand, else wherever the item still holds one. */
static const struct element *kind_of(const struct element *item)
{
    const struct element *kind = element_path(item, "Category/Kind");
    if (kind == NULL)
        part_each(item, "Kind", find_kind, &kind);
    const struct element *category = element_child(item, "Category");
    if (kind == NULL && category != NULL)
        kind = category->first_child;
    return kind != NULL && strcmp(kind->name, "LastKind") == 0 ? NULL : kind;
}

#define STATION_DIGITS 5 /* the first three are those of the coast */

/* Coasts of the body that are none we know. */
struct lost_coasts {
    struct tsunami_area *items;
    size_t count;
};

/* The first digits of a station are the number of its coast: of a coast that has lost its own.
 * NULL when it has no station, or none of a coast that we know. */
static const char *code_of_stations(const struct parsing *parsing, const struct element *item)
{
    for (const struct element *s = element_child(item, "Station"); s != NULL;
         s = element_again(s)) {
        const char *station = element_text(s, "Code");
        if (station == NULL || strlen(station) != STATION_DIGITS)
            continue;
        const char start[] = {station[0], station[1], station[2], '\0'};
        const struct area *coast = area_find(parsing->graph, AREA_TSUNAMI_COAST, start);
        if (coast != NULL)
            return coast->code;
    }
    return NULL;
}

static void read_item(struct parsing *parsing, const struct element *item, struct lost_coasts *lost)
{
    const struct element *kind = kind_of(item);
    struct tsunami_area area = {.name = element_text(item, "Area/Name"),
                                .kind_code = element_text(kind, "Code"),
                                .kind_name = element_text(kind, "Name"),
                                .last_kind_code = element_text(item, "Category/LastKind/Code"),
                                .arrival_condition = element_text(item, "FirstHeight/Condition")};
    const char *condition;
    area.code = part_place(parsing, AREA_TSUNAMI_COAST, element_text(item, "Area/Code"), area.name,
                           "coast");
    area.arrival_time = part_time(parsing, item, "FirstHeight/ArrivalTime");
    area.important = text_contains(element_text(item, "MaxHeight/Condition"), "重要");
    read_height(parsing, element_child(item, "MaxHeight"), &area.height_m, &area.height_text,
                &condition);
    grade_area(parsing, &area);
    bool known =
        area.code != NULL && area_find(parsing->graph, AREA_TSUNAMI_COAST, area.code) != NULL;
    const char *stationed = known ? NULL : code_of_stations(parsing, item);
    if (stationed != NULL)
        area.code = stationed;
    if (!known && stationed == NULL) {
        lost->items = memory_grow(parsing->context, lost->items, lost->count, sizeof(*lost->items));
        lost->items[lost->count++] = area;
    }
    if (area.code != NULL)
        tsunami_add_area(parsing, &area);
}

static void read_forecast(struct parsing *parsing)
{
    const struct element *forecast = element_path(parsing->telegram->body, "Tsunami/Forecast");
    struct lost_coasts lost = {0};
    for (const struct element *item = forecast != NULL ? forecast->first_child : NULL; item != NULL;
         item = item->next) {
        if (strcmp(item->name, "Item") != 0 && element_child(item, "Area") == NULL)
            continue;
        if (strcmp(item->name, "Item") != 0)
            part_degraded(parsing, "a part of the forecast has an unknown name");
        read_item(parsing, item, &lost);
    }
    /* A body that lost them all is told in general words. */
    if (parsing->telegram->info_type == INFO_CANCEL ||
        parsing->report->tsunami.area_count + lost.count == 0)
        return;
    tsunami_compare_headline(parsing);
    tsunami_widen(parsing, lost.items, lost.count);
}

/* FirstHeight and MaxHeight of a station, or of an estimate for a coast. */
static struct tsunami_observation read_waves(struct parsing *parsing, const struct element *element)
{
    struct tsunami_observation seen = {
        .first_condition = element_text(element, "FirstHeight/Condition"),
        .initial = element_text(element, "FirstHeight/Initial"),
        .max_condition = element_text(element, "MaxHeight/Condition"),
        .max_revise = element_text(element, "MaxHeight/Revise"),
    };
    seen.first_at = part_time(parsing, element, "FirstHeight/ArrivalTime");
    seen.max_at = part_time(parsing, element, "MaxHeight/DateTime");
    read_height(parsing, element_child(element, "MaxHeight"), &seen.height_m, &seen.height_text,
                &seen.height_condition);
    return seen;
}

static void read_station(struct parsing *parsing, const struct element *station,
                         const char *area_code, struct tsunami_report *report)
{
    struct tsunami_observation seen = read_waves(parsing, station);
    seen.area_code = area_code;
    seen.station_name = element_text(station, "Name");
    seen.station_code = element_text(station, "Code");
    struct tsunami_observation *list = memory_grow(parsing->context, (void *)report->observations,
                                                   report->observation_count, sizeof(*list));
    list[report->observation_count++] = seen;
    report->observations = list;
}

static void read_observations(struct parsing *parsing, struct tsunami_report *report)
{
    const struct element *observation =
        element_path(parsing->telegram->body, "Tsunami/Observation");
    for (const struct element *item = element_child(observation, "Item"); item != NULL;
         item = element_again(item)) {
        for (const struct element *s = element_child(item, "Station"); s != NULL;
             s = element_again(s))
            read_station(parsing, s, element_text(item, "Area/Code"), report);
    }
}

static void read_estimates(struct parsing *parsing, struct tsunami_report *report)
{
    const struct element *estimation = element_path(parsing->telegram->body, "Tsunami/Estimation");
    for (const struct element *item = element_child(estimation, "Item"); item != NULL;
         item = element_again(item)) {
        struct tsunami_observation seen = read_waves(parsing, item);
        seen.area_code = element_text(item, "Area/Code");
        struct tsunami_observation *list = memory_grow(parsing->context, (void *)report->estimates,
                                                       report->estimate_count, sizeof(*list));
        list[report->estimate_count++] = seen;
        report->estimates = list;
    }
}

static void read_sources(struct parsing *parsing, struct tsunami_report *report)
{
    for (const struct element *e = element_child(parsing->telegram->body, "Earthquake"); e != NULL;
         e = element_again(e)) {
        struct quake_source *sources = memory_grow(parsing->context, (void *)report->sources,
                                                   report->source_count, sizeof(*sources));
        sources[report->source_count++] = part_source(parsing, e);
        report->sources = sources;
    }
}

/* A wave that nobody sees where nothing is in force: JMA marks it, or it is a metre high. */
static bool is_great(const struct tsunami_observation *seen)
{
    return text_contains(seen->max_condition, "重要") || seen->height_m >= 1;
}

/* Details list every coast with something in force, and so each one with a great wave. */
static void check_observed(struct parsing *parsing, const struct tsunami_report *report)
{
    if (!report->is_state)
        part_degraded(parsing, "no coast in the body");
    for (size_t i = 0; i < report->observation_count; i++) {
        const char *code = report->observations[i].area_code;
        if (is_great(&report->observations[i]) && code != NULL &&
            tsunami_coast(report, code) == NULL)
            part_degraded(parsing, "a coast with a great wave is not in the forecast");
    }
}

static bool has_level(const struct tsunami_report *report, int level)
{
    for (size_t i = 0; i < report->area_count; i++) {
        if (report->areas[i].level == level)
            return true;
    }
    return false;
}

static bool title_names(const char *title, const char *kind)
{
    static const char major[] = "大";
    size_t length = strlen(major);
    const char *at = title != NULL ? strstr(title, kind) : NULL;
    for (; at != NULL; at = strstr(at + 1, kind)) {
        if ((size_t)(at - title) < length || strncmp(at - length, major, length) != 0)
            return true;
    }
    return false;
}

/* "大津波警報・津波警報・津波注意報・津波予報": the title of a warning names every kind in force,
 * and no other. A kind that no coast has was lost with its coasts. */
static void check_title(struct parsing *parsing, const struct tsunami_report *report)
{
    static const struct {
        const char *kind;
        int level;
    } rows[] = {{"大津波警報", 5}, {"津波警報", 4}, {"津波注意報", 3}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (title_names(parsing->telegram->head_title, rows[i].kind) &&
            !has_level(report, rows[i].level))
            part_degraded(parsing, "no coast has what the title warns of");
    }
}

bool tsunami_parse(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct tsunami_report *report = &parsing->report->tsunami;
    read_observations(parsing, report);
    read_estimates(parsing, report);
    read_forecast(parsing);
    report->is_state = report->area_count > 0;
    read_sources(parsing, report);
    part_comments(parsing, &report->comment_codes, &report->comment_code_count,
                  &report->comment_text, &report->free_text);
    if (telegram->info_type == INFO_CANCEL)
        return true;
    if (strcmp(telegram->code, "VTSE41") == 0 && !report->is_state) {
        *ret_why = "no coast in the body";
        return false;
    }
    if (strcmp(telegram->code, "VTSE41") == 0)
        check_title(parsing, report);
    if (strcmp(telegram->code, "VTSE51") == 0)
        check_observed(parsing, report);
    return true;
}
