/* What holds, by a model of its own: of each area what the newest telegram that arrived and speaks
 * of it says. What each subscriber was told is held against it after every telegram.
 *
 * Where two telegrams of the same second say different things JMA does not say which one counts;
 * the model then asks for nothing (that all orders agree is checked elsewhere). */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "course.h"
#include "event/value.h"

#define TSUNAMI_URGES 3
#define LASTS         USEC_PER_DAY

/* What can be true or not: one event key, as event.h names it. */
struct subject {
    char key[96];
    enum hazard hazard;
    enum area_system system;
    enum telegram_status status;
    bool by_coast;
    bool by_time; /* ends by its time, and nobody is told then */
    int least;    /* what was told below this ends by itself */
};

struct truth {
    int level[AREAS];
    bool tied, earthquake, withdrawn;
    bool run_out; /* by its time, of which nobody is told */
};

static bool speaks(const struct course *course, unsigned i, const struct subject *subject,
                   enum report_kind kind)
{
    const struct scripted_telegram *telegram = &course->history->telegrams[i];
    return course->arrived[i] && telegram->kind == kind && telegram->status == subject->status;
}

/* The newest of those that `chosen` marks; NULL: none. */
static const struct scripted_telegram *newest(const struct course *course, const bool chosen[],
                                              bool *ret_tied)
{
    const struct scripted_telegram *best = NULL;
    for (unsigned i = 0; i < course->history->telegram_count; i++) {
        const struct scripted_telegram *telegram = &course->history->telegrams[i];
        if (!chosen[i])
            continue;
        int order = best == NULL ? 1 : telegram_compare(telegram, best);
        if (order == 0)
            *ret_tied = true;
        if (order > 0)
            best = telegram;
    }
    return best;
}

static bool lists_office(const struct scripted_telegram *telegram, unsigned office)
{
    for (unsigned i = 0; i < AREAS; i++) {
        if (places[i].office == office && telegram->said[0][i] != NEVER_LISTED)
            return true;
    }
    return false;
}

static bool speaks_for(const struct scripted_telegram *telegram, unsigned hazard)
{
    for (unsigned i = 0; i < AREAS; i++) {
        if (telegram->said[hazard][i] != NEVER_LISTED)
            return true;
    }
    return false;
}

static void weather_truth(const struct course *course, const struct subject *subject,
                          unsigned hazard, unsigned office, struct truth *truth)
{
    for (unsigned area = 0; area < AREAS; area++) {
        bool chosen[TELEGRAMS_MAX] = {false};
        for (unsigned i = 0; i < course->history->telegram_count; i++) {
            const struct scripted_telegram *telegram = &course->history->telegrams[i];
            if (!speaks(course, i, subject, REPORT_WEATHER) || places[area].office != office ||
                !speaks_for(telegram, hazard))
                continue;
            /* A withdrawal is of the whole office. */
            chosen[i] = telegram->info_type == INFO_CANCEL
                            ? lists_office(telegram, office)
                            : telegram->said[hazard][area] != NEVER_LISTED;
        }
        const struct scripted_telegram *last = newest(course, chosen, &truth->tied);
        if (last != NULL && last->info_type != INFO_CANCEL)
            truth->level[area] = last->said[hazard][area];
    }
}

/* A withdrawal of its earthquake that is newer. */
static bool withdrawn(const struct course *course, const struct subject *subject,
                      const struct scripted_telegram *unit, const char *code, bool *ret_tied)
{
    for (unsigned i = 0; i < course->history->telegram_count; i++) {
        const struct scripted_telegram *telegram = &course->history->telegrams[i];
        if (!speaks(course, i, subject, REPORT_TSUNAMI) || telegram->info_type != INFO_CANCEL ||
            telegram->event != unit->event || strcmp(telegram->code, code) != 0)
            continue;
        if (telegram_compare(telegram, unit) > 0)
            return true;
        *ret_tied = *ret_tied || telegram_compare(telegram, unit) == 0;
    }
    return false;
}

static const struct scripted_telegram *tsunami_unit(const struct course *course,
                                                    const struct subject *subject, const char *code,
                                                    bool *ret_tied)
{
    bool chosen[TELEGRAMS_MAX] = {false};
    for (unsigned i = 0; i < course->history->telegram_count; i++) {
        const struct scripted_telegram *telegram = &course->history->telegrams[i];
        chosen[i] = speaks(course, i, subject, REPORT_TSUNAMI) &&
                    telegram->info_type != INFO_CANCEL && strcmp(telegram->code, code) == 0;
    }
    const struct scripted_telegram *unit = newest(course, chosen, ret_tied);
    if (unit == NULL || withdrawn(course, subject, unit, "VTSE41", ret_tied) ||
        withdrawn(course, subject, unit, code, ret_tied))
        return NULL;
    return unit;
}

static void tsunami_truth(const struct course *course, const struct subject *subject,
                          struct truth *truth)
{
    const struct scripted_telegram *unit = tsunami_unit(course, subject, "VTSE41", &truth->tied);
    const struct scripted_telegram *details = tsunami_unit(course, subject, "VTSE51", &truth->tied);
    if (unit == NULL || (details != NULL && telegram_compare(details, unit) > 0))
        unit = details;
    else if (details != NULL && telegram_compare(details, unit) == 0)
        truth->tied = true;
    if (unit == NULL)
        return;
    int highest = 0;
    for (unsigned i = 0; i < COASTS; i++)
        highest = unit->said[0][i] > highest ? unit->said[0][i] : highest;
    usec_t ends = unit->valid_until != 0 ? unit->valid_until : unit->control_time + LASTS;
    for (unsigned i = 0; i < COASTS && !(highest <= 1 && ends <= course->now); i++)
        truth->level[i] = unit->said[0][i];
}

static void flood_truth(const struct course *course, const struct subject *subject, unsigned event,
                        struct truth *truth)
{
    bool chosen[TELEGRAMS_MAX] = {false};
    for (unsigned i = 0; i < course->history->telegram_count; i++)
        chosen[i] = speaks(course, i, subject, REPORT_FLOOD) &&
                    course->history->telegrams[i].event == event;
    const struct scripted_telegram *last = newest(course, chosen, &truth->tied);
    if (last == NULL || last->info_type == INFO_CANCEL)
        return;
    usec_t ends = last->valid_until != 0 ? last->valid_until : last->control_time + LASTS;
    truth->run_out = ends <= course->now;
    for (unsigned i = 0; i < AREAS && !truth->run_out; i++)
        truth->level[i] = last->said[0][i];
}

static void generic_truth(const struct course *course, const struct subject *subject,
                          const char *code, unsigned event, struct truth *truth)
{
    bool chosen[TELEGRAMS_MAX] = {false};
    for (unsigned i = 0; i < course->history->telegram_count; i++) {
        const struct scripted_telegram *telegram = &course->history->telegrams[i];
        chosen[i] = speaks(course, i, subject, REPORT_GENERIC) && telegram->event == event &&
                    strcmp(telegram->code, code) == 0;
    }
    const struct scripted_telegram *last = newest(course, chosen, &truth->tied);
    if (last == NULL || last->info_type == INFO_CANCEL || last->released)
        return;
    usec_t ends =
        last->valid_until > last->control_time ? last->valid_until : last->control_time + LASTS;
    truth->run_out = ends <= course->now;
    for (unsigned i = 0; i < AREAS && !truth->run_out; i++)
        truth->level[i] = last->said[0][i] ? last->level : 0;
}

/* Felt at each place, as a rank; told as it was felt most unless JMA corrects or withdraws. */
static void earthquake_truth(const struct course *course, const struct subject *subject,
                             unsigned event, struct truth *truth)
{
    static const char *const codes[] = {"VXSE51", "VXSE53", "VXSE52", "VXSE61"};
    const struct scripted_telegram *last[4];
    truth->earthquake = truth->withdrawn = true;
    for (unsigned code = 0; code < 4; code++) {
        bool chosen[TELEGRAMS_MAX] = {false};
        for (unsigned i = 0; i < course->history->telegram_count; i++)
            chosen[i] = speaks(course, i, subject, REPORT_EARTHQUAKE) &&
                        course->history->telegrams[i].event == event &&
                        strcmp(course->history->telegrams[i].code, codes[code]) == 0;
        last[code] = newest(course, chosen, &truth->tied);
        if (last[code] != NULL && last[code]->info_type == INFO_CANCEL)
            last[code] = NULL;
        truth->withdrawn = truth->withdrawn && last[code] == NULL;
    }
    const struct scripted_telegram *flash = last[0], *details = last[1];
    bool flash_newer = flash != NULL && details != NULL && telegram_compare(flash, details) > 0;
    truth->tied =
        truth->tied || (flash != NULL && details != NULL && telegram_compare(flash, details) == 0);
    for (unsigned i = 0; i < AREAS; i++) {
        int city = details != NULL ? details->said[1][i] : 0;
        if (city > 0 && details->detail[i] == 1 && city < intensity_rank("5-"))
            city = intensity_rank("5-"); /* no data means 5 lower at least */
        int region = details != NULL ? details->said[0][i] : flash != NULL ? flash->said[0][i] : 0;
        truth->level[i] = city > 0 ? city : region;
        if (flash_newer && flash->said[0][i] > region)
            truth->level[i] = flash->said[0][i];
    }
}

static bool concerns(const struct course *course, const struct subject *subject, unsigned number,
                     unsigned area)
{
    unsigned his = course_places(course, number);
    if (!subject->by_coast)
        return his >> area & 1;
    for (unsigned i = 0; i < AREAS; i++) {
        if ((his >> i & 1) != 0 && places[i].coast == (int)area)
            return true;
    }
    return false;
}

static bool listens(const struct course *course, const struct subject *subject, unsigned number)
{
    return subject->status == STATUS_ACTUAL || course_subscriber(course, number)->drills;
}

/* An instance that ended by its time alone: it is not the one that lives, and nobody heard its end.
 */
static bool ended_quietly(const struct course *course, const struct subject *subject,
                          const char *event_id)
{
    const json_t *life = json_object_get(json_object_get(course->states, subject->key), "life");
    return subject->by_time && !text_equal(value_borrow(life, "id"), event_id) &&
           json_object_get(course->ended, event_id) == NULL;
}

struct belief {
    int level; /* the highest that he was told and not told the end of */
    int lasts; /* the same without what has run out by its own time */
};

static struct belief belief_of(const struct course *course, const struct subject *subject,
                               unsigned number, const char *code)
{
    struct belief belief = {0};
    const char *event_id;
    json_t *told_of_event;
    json_object_foreach(course->told, event_id, told_of_event)
    {
        const json_t *told = json_object_get(told_of_event, course_subscriber(course, number)->id);
        if (told == NULL || !text_equal(value_borrow(course->keys, event_id), subject->key))
            continue;
        int level = told_integer(json_object_get(json_object_get(told, "areas"), code), "level");
        bool run_out = ended_quietly(course, subject, event_id);
        belief.level = level > belief.level ? level : belief.level;
        belief.lasts = !run_out && level > belief.lasts ? level : belief.lasts;
    }
    return belief;
}

static void compare_area(struct course *course, const struct subject *subject,
                         const struct truth *truth, unsigned area)
{
    char code[64];
    snprintf(code, sizeof(code), "%s:%s", area_system_name(subject->system),
             subject->by_coast ? coasts[area] : places[area].weather_city);
    int holds = truth->level[area];
    for (unsigned i = 0; i < SUBSCRIBERS && course->fault == NULL; i++) {
        const struct subscriber *subscriber = course_subscriber(course, i);
        if (!listens(course, subject, i) || !concerns(course, subject, i, area))
            continue;
        struct belief belief = belief_of(course, subject, i, code);
        if (belief.lasts > holds && belief.lasts >= subject->least && !truth->run_out)
            course_fail(course, "%s still believes %s at level %d in %s; it is %d", subscriber->id,
                        subject->key, belief.lasts, code, holds);
        if (holds >= subscriber->min_level && belief.level < holds)
            course_fail(course, "%s (from level %d) was told %s at level %d in %s; it is %d",
                        subscriber->id, subscriber->min_level, subject->key, belief.level, code,
                        holds);
    }
}

static int told_rank(const json_t *told, unsigned place)
{
    const json_t *felt = json_object_get(told, "places");
    const char *here = value_borrow(felt, places[place].municipality);
    const char *anywhere = value_borrow(felt, "country:jp");
    int rank = here != NULL ? intensity_rank(here) : 0;
    int country = anywhere != NULL ? intensity_rank(anywhere) : 0;
    return rank > country ? rank : country;
}

static void compare_felt(struct course *course, const struct subject *subject,
                         const struct truth *truth, unsigned number)
{
    const struct subscriber *subscriber = course_subscriber(course, number);
    const char *event_id;
    json_t *of_event, *told = NULL;
    json_object_foreach(course->told, event_id, of_event)
    {
        if (text_equal(value_borrow(course->keys, event_id), subject->key))
            told = json_object_get(of_event, subscriber->id);
    }
    if (truth->withdrawn && told_integer(told, "level") > 0)
        course_fail(course, "%s still believes in %s, which was withdrawn", subscriber->id,
                    subject->key);
    for (unsigned i = 0; i < AREAS; i++) {
        int rank = truth->level[i];
        if (concerns(course, subject, number, i) && rank > 0 &&
            intensity_level(intensities[rank]) >= subscriber->min_level &&
            told_rank(told, i) < rank)
            course_fail(course, "%s (from level %d) was told %s of %s, felt %s at %s",
                        subscriber->id, subscriber->min_level,
                        told_rank(told, i) > 0 ? intensities[told_rank(told, i)] : "nothing",
                        subject->key, intensities[rank], places[i].municipality);
    }
}

static void check(struct course *course, const struct subject *subject, const struct truth *truth)
{
    if (truth->tied || course->history->clock_jumps ||
        json_object_get(course->withheld, subject->key) != NULL)
        return;
    unsigned areas = subject->by_coast ? COASTS : AREAS;
    if (!truth->earthquake) {
        for (unsigned area = 0; area < areas; area++)
            compare_area(course, subject, truth, area);
        return;
    }
    for (unsigned i = 0; i < SUBSCRIBERS && course->fault == NULL; i++) {
        if (listens(course, subject, i))
            compare_felt(course, subject, truth, i);
    }
}

/* Of one telegram only what it speaks of. */
static void check_weather(struct course *course, enum telegram_status status,
                          const struct scripted_telegram *telegram)
{
    static const char *const offices[] = {"016000", "015000", "170000"};
    for (unsigned hazard = 0; hazard < HAZARDS; hazard++) {
        for (unsigned office = 0; office < 3; office++) {
            struct subject subject = {.system = AREA_WEATHER_CITY, .status = status, .least = 1};
            struct truth truth = {0};
            if (telegram != NULL &&
                !(speaks_for(telegram, hazard) && lists_office(telegram, office)))
                continue;
            snprintf(subject.key, sizeof(subject.key), "weather/%s/%s/%s",
                     telegram_status_name(status), hazard_name(weather_hazards[hazard]),
                     offices[office]);
            weather_truth(course, &subject, hazard, office, &truth);
            check(course, &subject, &truth);
        }
    }
}

static void check_tsunami(struct course *course, enum telegram_status status)
{
    struct subject subject = {
        .system = AREA_TSUNAMI_COAST, .status = status, .by_coast = true, .least = TSUNAMI_URGES};
    struct truth truth = {0};
    snprintf(subject.key, sizeof(subject.key), "tsunami/%s", telegram_status_name(status));
    tsunami_truth(course, &subject, &truth);
    check(course, &subject, &truth);
}

static void check_generic(struct course *course, enum telegram_status status,
                          const struct scripted_telegram *telegram)
{
    static const char *const codes[] = {"VFVO50", "VFVO56"}, *const events[] = {"306", "109"};
    for (unsigned i = 0; i < 4; i++) {
        struct subject subject = {
            .system = AREA_WEATHER_CITY, .status = status, .least = 1, .by_time = true};
        struct truth truth = {0};
        if (telegram != NULL &&
            !(telegram->event == i % 2 && strcmp(telegram->code, codes[i / 2]) == 0))
            continue;
        snprintf(subject.key, sizeof(subject.key), "generic/%s/%s/%s", telegram_status_name(status),
                 codes[i / 2], events[i % 2]);
        generic_truth(course, &subject, codes[i / 2], i % 2, &truth);
        check(course, &subject, &truth);
    }
}

static void check_floods(struct course *course, enum telegram_status status,
                         const struct scripted_telegram *telegram)
{
    static const char *const events[] = {"820209000400", "820209000500"};
    for (unsigned event = 0; event < 2; event++) {
        struct subject subject = {
            .system = AREA_WEATHER_CITY, .status = status, .least = 1, .by_time = true};
        struct truth truth = {0};
        if (telegram != NULL && telegram->event != event)
            continue;
        snprintf(subject.key, sizeof(subject.key), "hazard/%s/flood/zone/%s",
                 telegram_status_name(status), events[event]);
        flood_truth(course, &subject, event, &truth);
        check(course, &subject, &truth);
    }
}

static void check_earthquakes(struct course *course, enum telegram_status status,
                              const struct scripted_telegram *telegram)
{
    static const char *const events[] = {"20260901120005", "20260901120905"};
    for (unsigned event = 0; event < 2; event++) {
        struct subject subject = {.status = status};
        struct truth truth = {0};
        if (telegram != NULL && telegram->event != event)
            continue;
        snprintf(subject.key, sizeof(subject.key), "earthquake/%s/%s", telegram_status_name(status),
                 events[event]);
        earthquake_truth(course, &subject, event, &truth);
        check(course, &subject, &truth);
    }
}

static void check_kind(struct course *course, enum report_kind kind, enum telegram_status status,
                       const struct scripted_telegram *telegram)
{
    switch (kind) {
    case REPORT_EARTHQUAKE:
        check_earthquakes(course, status, telegram);
        break;
    case REPORT_TSUNAMI:
        check_tsunami(course, status);
        break;
    case REPORT_WEATHER:
        check_weather(course, status, telegram);
        break;
    case REPORT_GENERIC:
        check_generic(course, status, telegram);
        break;
    case REPORT_VOLCANO:
    case REPORT_FLOOD:
    case REPORT_BULLETIN:
    case REPORT_OUTLOOK:
    case REPORT_TRANSITIONAL:
        check_floods(course, status, telegram);
        break;
    }
}

static bool any_arrived(const struct course *course, enum report_kind kind,
                        enum telegram_status status)
{
    const struct subject subject = {.status = status};
    for (unsigned i = 0; i < course->history->telegram_count; i++) {
        if (speaks(course, i, &subject, kind))
            return true;
    }
    return false;
}

void truth_check(struct course *course, const struct scripted_telegram *telegram)
{
    static const enum telegram_status statuses[] = {STATUS_ACTUAL, STATUS_EXERCISE, STATUS_TEST};
    static const enum report_kind kinds[] = {REPORT_EARTHQUAKE, REPORT_TSUNAMI, REPORT_WEATHER,
                                             REPORT_GENERIC, REPORT_FLOOD};
    if (telegram != NULL) {
        if (telegram->status != STATUS_UNKNOWN)
            check_kind(course, telegram->kind, telegram->status, telegram);
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
            if (any_arrived(course, kinds[kind], statuses[i]))
                check_kind(course, kinds[kind], statuses[i], NULL);
        }
    }
}
