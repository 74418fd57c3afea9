/* Flash bulletins (VPBS50): a band of very heavy rain, record rain, much snow in a few hours.
 *
 * What it is stands in the tag of the headline (情報タグ), and once more in the title, which is all
 * that a withdrawal has. The EventID up to "_" ties the bulletins of one rain together; places that
 * a later one does not name any more stay until the end, which is ours: JMA tells none. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/bulletin.h"

static const struct flash {
    const char *tag, *title;
    enum hazard hazard;
    const char *family, *grade;
    int level;
    usec_t lasts;
} flashes[] = {
    {"線状降水帯発生", "線状降水帯発生", HAZARD_RAIN, "rainband", "rainband", 4, 3 * USEC_PER_HOUR},
    /* It says what may come: not yet what calls everyone away. */
    {"線状降水帯直前", "線状降水帯直前", HAZARD_RAIN, "rainband-soon", "rainband-soon", 3,
     3 * USEC_PER_HOUR},
    {"記録雨", "記録的短時間大雨", HAZARD_RAIN, "record", "record", 4, 3 * USEC_PER_HOUR},
    {"短時間大雪", "短時間大雪", HAZARD_HEAVY_SNOW, "sudden", "sudden", 3, 6 * USEC_PER_HOUR},
};

struct flash_scan {
    struct parsing *parsing;
    const struct flash *flash;
    double most; /* of rain or snow; NAN none yet */
    bool lost;   /* a region is unknown */
};

static const struct flash *flash_find(const char *tag, const char *title)
{
    for (size_t i = 0; i < sizeof(flashes) / sizeof(flashes[0]); i++) {
        if (text_contains(tag, flashes[i].tag))
            return &flashes[i];
    }
    for (size_t i = 0; i < sizeof(flashes) / sizeof(flashes[0]); i++) {
        if (text_contains(title, flashes[i].title))
            return &flashes[i];
    }
    return NULL;
}

static void read_region(void *userdata, const struct element *area)
{
    static const enum area_system systems[] = {AREA_WEATHER_REGION, AREA_WEATHER_GROUP,
                                               AREA_WEATHER_OFFICE, AREA_UNKNOWN};
    struct flash_scan *scan = userdata;
    if (!bulletin_place(scan->parsing, systems, element_text(area, "Code"), scan->flash->level,
                        scan->flash->grade))
        scan->lost = true;
}

/* Instead of a region that nobody knows, or when the headline has none: the prefecture of the
 * title.
 */
static void read_titled(struct flash_scan *scan)
{
    const struct area *whole = bulletin_place_of_title(scan->parsing);
    const enum area_system systems[] = {whole != NULL ? whole->system : AREA_UNKNOWN, AREA_UNKNOWN};
    if (whole != NULL)
        bulletin_place(scan->parsing, systems, whole->code, scan->flash->level, scan->flash->grade);
}

/* The town of a record rain: a second town in the same region is news to those who live there. */
static void read_town(void *userdata, const struct element *area)
{
    static const enum area_system systems[] = {AREA_WEATHER_CITY, AREA_UNKNOWN};
    struct flash_scan *scan = userdata;
    if (text_contains(element_attribute(area, "codeType"), "市町村等"))
        bulletin_place(scan->parsing, systems, element_text(area, "Code"), scan->flash->level,
                       scan->flash->grade);
}

static void read_amount(void *userdata, const struct element *amount)
{
    struct flash_scan *scan = userdata;
    double value = part_number(amount->text);
    if (isnan(value) || (!isnan(scan->most) && value <= scan->most))
        return;
    bool snow = scan->flash->hazard == HAZARD_HEAVY_SNOW;
    bool over = text_equal(element_attribute(amount, "condition"), "以上");
    scan->most = value;
    scan->parsing->report->hazard.fact_count = 0;
    part_add_fact(scan->parsing, snow ? "snow" : "rain",
                  memory_printf(scan->parsing->context, "%s%s", over ? "≥ " : "", amount->text), 0);
}

/* "KJPTG202607271923" of "KJPTG202607271923_202607271923". */
static const char *chain(struct parsing *parsing)
{
    const char *event_id = parsing->telegram->event_id;
    if (!text_given(event_id))
        return NULL;
    return memory_must(talloc_strndup(parsing->context, event_id, strcspn(event_id, "_")));
}

bool bulletin_flash(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *report = &parsing->report->hazard;
    const struct element *headline = element_child(telegram->head, "Headline");
    const struct flash *flash =
        flash_find(element_text(headline, "Information/Item/Kind/Condition"), telegram->head_title);
    *ret_why = "a flash bulletin of a kind that we do not know";
    if (flash == NULL)
        return false;
    *report = (struct hazard_report){.hazard = flash->hazard,
                                     .family = flash->family,
                                     .subject = chain(parsing),
                                     .keeps_places = true,
                                     .ends_at = telegram->control_time + flash->lasts};
    *ret_why = "a flash bulletin without an EventID";
    if (report->subject == NULL)
        return false;
    if (telegram->info_type == INFO_CANCEL)
        return true;
    struct flash_scan scan = {.parsing = parsing, .flash = flash, .most = NAN};
    part_each(headline, "Area", read_region, &scan);
    if (report->area_count == 0)
        part_degraded(parsing, "a flash bulletin without a region");
    if (report->area_count == 0 || scan.lost)
        read_titled(&scan);
    size_t regions = report->area_count;
    if (flash->hazard == HAZARD_RAIN)
        part_each(telegram->body, "Area", read_town, &scan);
    if (strcmp(flash->family, "record") == 0 && report->area_count == regions)
        part_degraded(parsing, "a record rain without a town");
    part_each(telegram->body,
              flash->hazard == HAZARD_HEAVY_SNOW ? "SnowfallDepth" : "Precipitation", read_amount,
              &scan);
    *ret_why = "a flash bulletin without a place";
    return report->area_count > 0;
}
