/* What the older telegrams of an office say beyond R06, and what is to be done about it. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/crosscheck.h"
#include "event/value.h"

/* R06 telegrams of an office are missing when the newest is older than this. */
#define ABSENT_AFTER USEC_PER_DAY
/* Places that a notice names; the rest is counted. */
#define NAMED_MAX 8

struct judging {
    TALLOC_CTX *context;
    json_t *state;
    const struct crosscheck_known *known;
    size_t known_count;
    usec_t now;
    json_t *differences, *before; /* now, and as they stood */
    char *places;                 /* of the differences that are due */
    size_t due;
    bool due_place; /* one of them names its place */
};

static const json_t *areas_of(const struct judging *judging, enum hazard hazard)
{
    for (size_t i = 0; i < judging->known_count; i++) {
        if (judging->known[i].hazard == hazard)
            return json_object_get(judging->known[i].state, "areas");
    }
    return NULL;
}

static enum hazard hazard_of(const json_t *claim)
{
    enum hazard hazard = HAZARD_INFORMATION;
    hazard_from_name(value_borrow(claim, "hazard"), &hazard);
    return hazard;
}

/* The same area, or another part of a city that was divided since: the claim is of the whole. */
static bool same_place(const json_t *claims, const json_t *claim, const char *area)
{
    const char *code = value_borrow(claim, "area"), *whole = value_borrow(claim, "undivided");
    if (code == NULL || strcmp(code, area) == 0)
        return true;
    size_t i;
    json_t *other;
    json_array_foreach(claims, i, other)
    {
        if (whole != NULL && text_equal(value_borrow(other, "undivided"), whole) &&
            text_equal(value_borrow(other, "area"), area))
            return true;
    }
    return false;
}

static int level_known(const struct judging *judging, const json_t *claims, const json_t *claim,
                       enum hazard hazard)
{
    int level = 0;
    const char *code;
    json_t *entry;
    json_object_foreach((json_t *)areas_of(judging, hazard), code, entry)
    {
        int own = value_integer(entry, "level");
        if (own > level && same_place(claims, claim, code))
            level = own;
    }
    return level;
}

/* The level that R06 says for what a claim may mean. */
static int level_for(const struct judging *judging, const json_t *claims, const json_t *claim)
{
    int level = level_known(judging, claims, claim, hazard_of(claim));
    int other = value_flag(claim, "rain_or_landslide")
                    ? level_known(judging, claims, claim, HAZARD_LANDSLIDE)
                    : 0;
    return other > level ? other : level;
}

static void name_place(struct judging *judging, const char *place)
{
    judging->due++;
    if (judging->due <= NAMED_MAX)
        judging->places =
            talloc_asprintf_append(judging->places, "%s%s", judging->due > 1 ? ", " : "", place);
    memory_must(judging->places);
}

/* Keeps since when it stands. True when it is due and was not told yet. */
static bool note_difference(struct judging *judging, const char *name)
{
    const json_t *old = json_object_get(judging->before, name);
    usec_t since = value_instant(old, "since");
    if (since == 0)
        since = judging->now;
    bool told = value_flag(old, "told");
    bool due = !told && judging->now - since >= CROSSCHECK_PATIENCE;
    json_t *entry = memory_must(json_object());
    value_set_instant(entry, "since", since);
    value_set_flag(entry, "told", told || due);
    json_object_set_new(judging->differences, name, entry);
    return due;
}

/* What R06 has said once is settled: that it lowers it later is its own news. */
static void judge_claim(struct judging *judging, const json_t *claims, json_t *claim)
{
    if (value_flag(claim, "met"))
        return;
    int level = value_integer(claim, "level"), known = level_for(judging, claims, claim);
    if (known >= level) {
        value_set_flag(claim, "met", true);
        return;
    }
    const char *area = value_borrow(claim, "area"), *hazard = value_borrow(claim, "hazard");
    const char *name = value_borrow(claim, "name");
    if (!note_difference(judging, memory_printf(judging->context, "%s/%s/%d", hazard,
                                                area != NULL ? area : "-", level)))
        return;
    judging->due_place = judging->due_place || area != NULL;
    name_place(judging, memory_printf(judging->context, "%s level %d (known: %d) in %s", hazard,
                                      level, known, name != NULL ? name : "an unknown place"));
}

/* VPOA50 tells of the same rain as the VPBS50 whose EventID is its own with a K before it. */
static void judge_record_rain(struct judging *judging, json_t *unit)
{
    const json_t *telegram = json_object_get(unit, "telegram");
    const char *event_id = value_borrow(telegram, "event_id");
    if (event_id == NULL || value_flag(unit, "met"))
        return;
    const char *bulletin = memory_printf(judging->context, "K%s", event_id);
    if (value_instant(json_object_get(judging->state, "bulletins"), bulletin) != 0) {
        value_set_flag(unit, "met", true);
        return;
    }
    if (note_difference(judging, memory_printf(judging->context, "record-rain/%s", event_id)))
        name_place(judging,
                   memory_printf(judging->context, "a record rain without VPBS50 %s", bulletin));
}

static void judge_units(struct judging *judging)
{
    const char *name;
    json_t *unit, *claim;
    size_t i;
    json_object_foreach(json_object_get(judging->state, "units"), name, unit)
    {
        if (strcmp(name, "record-rain") == 0)
            judge_record_rain(judging, unit);
        const json_t *claims = json_object_get(unit, "claims");
        json_array_foreach(claims, i, claim) judge_claim(judging, claims, claim);
    }
}

/* The newest telegram of the older kinds that speaks of warnings. */
static const json_t *newest_unit(const struct judging *judging)
{
    const json_t *newest = NULL;
    const char *name;
    json_t *unit;
    json_object_foreach(json_object_get(judging->state, "units"), name, unit)
    {
        if (json_object_get(unit, "claims") != NULL && strcmp(order_of(unit), order_of(newest)) > 0)
            newest = unit;
    }
    return newest;
}

/* No telegram of R06 for this office in the day before the newest older one, nor since. */
static bool r06_absent(const struct judging *judging, const json_t *newest)
{
    usec_t after = order_time(newest) - ABSENT_AFTER;
    for (size_t i = 0; i < judging->known_count; i++) {
        const char *code;
        json_t *entry;
        json_object_foreach(json_object_get(judging->known[i].state, "areas"), code, entry)
        {
            if (!value_flag(entry, "transitional") && order_time(entry) >= after)
                return false;
        }
    }
    return newest != NULL;
}

static const struct telegram *telegram_of(const struct judging *judging, const json_t *unit)
{
    const json_t *json = json_object_get(unit, "telegram");
    TALLOC_CTX *context = judging->context;
    struct telegram *telegram = memory_new(context, struct telegram);
    *telegram =
        (struct telegram){.id = value_text(context, json, "id"),
                          .code = value_text(context, json, "code"),
                          .control_title = value_text(context, json, "control_title"),
                          .head_title = value_text(context, json, "head_title"),
                          .headline = value_text(context, json, "headline"),
                          .editorial_office = value_text(context, json, "editorial_office"),
                          .publishing_office = value_text(context, json, "publishing_office"),
                          .control_time = value_instant(json, "control_time"),
                          .reported_at = value_instant(json, "reported_at"),
                          .target_at = value_instant(json, "target_at"),
                          .status = STATUS_ACTUAL,
                          .info_type = INFO_ISSUE,
                          .event_id = "",
                          .serial = ""};
    return telegram;
}

static void add_hazards(const struct judging *judging, const json_t *unit,
                        struct weather_report *weather)
{
    enum hazard *hazards = (enum hazard *)weather->hazards;
    const json_t *list = json_object_get(unit, "hazards");
    for (size_t i = 0; i < json_array_size(list); i++) {
        enum hazard hazard;
        const char *name = json_string_value(json_array_get(list, i));
        bool known = name == NULL || !hazard_from_name(name, &hazard);
        for (size_t j = 0; j < weather->hazard_count && !known; j++)
            known = hazards[j] == hazard;
        if (known)
            continue;
        hazards = memory_grow(judging->context, hazards, weather->hazard_count, sizeof(*hazards));
        hazards[weather->hazard_count++] = hazard;
    }
    weather->hazards = hazards;
}

static void add_areas(const struct judging *judging, const json_t *unit,
                      struct weather_report *weather)
{
    const char **codes = (const char **)weather->area_codes;
    const json_t *list = json_object_get(unit, "areas");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *code = json_string_value(json_array_get(list, i));
        bool known = code == NULL;
        for (size_t j = 0; j < weather->area_code_count && !known; j++)
            known = strcmp(codes[j], code) == 0;
        if (known)
            continue;
        codes =
            memory_grow(judging->context, (void *)codes, weather->area_code_count, sizeof(*codes));
        codes[weather->area_code_count++] = memory_text(judging->context, code);
    }
    weather->area_codes = codes;
}

static void add_items(const struct judging *judging, const json_t *unit,
                      struct weather_report *weather)
{
    TALLOC_CTX *context = judging->context;
    struct weather_item *items = (struct weather_item *)weather->items;
    const json_t *claims = json_object_get(unit, "claims");
    for (size_t i = 0; i < json_array_size(claims); i++) {
        const json_t *claim = json_array_get(claims, i);
        if (value_borrow(claim, "area") == NULL)
            continue;
        items = memory_grow(context, items, weather->item_count, sizeof(*items));
        items[weather->item_count++] =
            (struct weather_item){.area_code = value_text(context, claim, "area"),
                                  .area_name = value_text(context, claim, "name"),
                                  .hazard = hazard_of(claim),
                                  .kind_code = value_text(context, claim, "kind"),
                                  .level = value_integer(claim, "level")};
    }
    weather->items = items;
}

/* All that the older telegrams say now, as a weather report. */
static const struct report *report_of(const struct judging *judging, const json_t *newest)
{
    struct report *report = memory_new(judging->context, struct report);
    report->telegram = telegram_of(judging, newest);
    report->row = registry_find(report->telegram->code);
    report->kind = REPORT_WEATHER;
    report->weather.transitional = true;
    const char *name;
    json_t *unit;
    json_object_foreach(json_object_get(judging->state, "units"), name, unit)
    {
        add_hazards(judging, unit, &report->weather);
        add_areas(judging, unit, &report->weather);
        add_items(judging, unit, &report->weather);
    }
    return report;
}

static const char *notice_of(const struct judging *judging, const json_t *newest, bool takeover)
{
    const json_t *record_rain =
        json_object_get(json_object_get(judging->state, "units"), "record-rain");
    const json_t *telegram = json_object_get(newest != NULL ? newest : record_rain, "telegram");
    const char *title = value_borrow(telegram, "head_title");
    const char *code = value_borrow(telegram, "code");
    const char *more = judging->due > NAMED_MAX ? memory_printf(judging->context, " and %zu more",
                                                                judging->due - NAMED_MAX)
                                                : "";
    return memory_printf(
        judging->context, "%s (%s) says what JMA's telegrams of 2026 do not say: %s%s; %s",
        title != NULL ? title : "an older telegram", code != NULL ? code : "-", judging->places,
        more,
        takeover ? "none of those came for a day, so people are told from the older ones"
                 : "nobody was told of it, check by hand");
}

static void note_bulletin(json_t *state, const struct report *report, usec_t now)
{
    json_t *bulletins = memory_must(json_object());
    const char *event_id;
    json_t *at;
    json_object_foreach(json_object_get(state, "bulletins"), event_id, at)
    {
        if (now - json_integer_value(at) < USEC_PER_DAY)
            json_object_set(bulletins, event_id, at);
    }
    if (report != NULL && text_given(report->telegram->event_id))
        value_set_instant(bulletins, report->telegram->event_id, now);
    json_object_set_new(state, "bulletins", bulletins);
}

/* When the first difference that was not told yet will be due; 0: there is none. */
static usec_t next_due(const json_t *differences)
{
    usec_t next = 0;
    const char *name;
    json_t *entry;
    json_object_foreach((json_t *)differences, name, entry)
    {
        usec_t due = value_instant(entry, "since") + CROSSCHECK_PATIENCE;
        if (!value_flag(entry, "told") && (next == 0 || due < next))
            next = due;
    }
    return next;
}

struct crosscheck_verdict crosscheck_judge(TALLOC_CTX *context, const json_t *state,
                                           const struct crosscheck_known *known, size_t known_count,
                                           const struct report *report, usec_t now)
{
    struct judging judging = {.context = context,
                              .state = state != NULL ? json_deep_copy(state) : json_object(),
                              .known = known,
                              .known_count = known_count,
                              .now = now,
                              .before = json_object_get(state, "differences"),
                              .differences = memory_must(json_object()),
                              .places = memory_text(context, "")};
    struct crosscheck_verdict verdict = {.state = value_own(context, memory_must(judging.state))};
    note_bulletin(verdict.state, report, now);
    judge_units(&judging);
    json_object_set_new(verdict.state, "differences", judging.differences);
    const json_t *newest = newest_unit(&judging);
    bool absent = r06_absent(&judging, newest);
    bool taken = absent && (value_flag(state, "taken") || judging.due_place);
    if (taken)
        verdict.takeover = report_of(&judging, newest);
    if (judging.due > 0)
        verdict.notice = notice_of(&judging, newest, taken);
    value_set_flag(verdict.state, "taken", taken);
    value_set_instant(verdict.state, "expires", next_due(judging.differences));
    return verdict;
}
