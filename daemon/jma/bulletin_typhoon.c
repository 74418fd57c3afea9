/* Typhoons (VPTW60 to 65), as information: their warnings come as weather warnings.
 *
 * Only what is now, of the first MeteorologicalInfo; the forecasts behind it are for charts. They
 * name no place on land: they are shown, and told to nobody. One event for each EventID. */
#include "base/memory.h"
#include "base/text.h"
#include "jma/bulletin.h"

/* JMA tells anew every three hours; longer silence means that it is over. */
#define TYPHOON_LASTS (12 * USEC_PER_HOUR)

static bool is_over(const char *remark)
{
    return text_contains(remark, "消滅") || text_contains(remark, "可能性が小さくなった") ||
           text_contains(remark, "域外");
}

static void add_name(struct parsing *parsing, const struct element *name_part)
{
    const char *name = element_text(name_part, "Name"), *number = element_text(name_part, "Number");
    if (text_given(name) && text_given(number))
        part_add_fact(parsing, "typhoon", memory_printf(parsing->context, "%s (%s)", name, number),
                      0);
}

struct wanted {
    struct parsing *parsing;
    const char *fact, *type, *unit;
    bool found;
};

static void read_number(void *userdata, const struct element *element)
{
    struct wanted *wanted = userdata;
    if (wanted->found || !text_equal(element_attribute(element, "type"), wanted->type) ||
        !text_equal(element_attribute(element, "unit"), wanted->unit) || !text_given(element->text))
        return;
    wanted->found = true;
    part_add_fact(wanted->parsing, wanted->fact, element->text, 0);
}

bool bulletin_typhoon(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *report = &parsing->report->hazard;
    const struct element *now =
        element_path(telegram->body, "MeteorologicalInfos/MeteorologicalInfo");
    const struct element *name = element_path(now, "Item/Kind/Property/TyphoonNamePart");
    report->hazard = HAZARD_INFORMATION;
    report->family = "typhoon";
    report->subject = telegram->event_id;
    report->ends_at = telegram->control_time + TYPHOON_LASTS;
    *ret_why = "a typhoon without an EventID";
    if (!text_given(report->subject))
        return false;
    if (telegram->info_type == INFO_CANCEL)
        return true;
    *ret_why = "a typhoon without what it is called";
    if (name == NULL)
        return false;
    add_name(parsing, name);
    if (is_over(element_text(name, "Remark")))
        return true;
    struct wanted pressure = {parsing, "pressure", "中心気圧", "hPa", false};
    struct wanted wind = {parsing, "wind", "最大風速", "m/s", false};
    part_each(now, "Pressure", read_number, &pressure);
    part_each(now, "WindSpeed", read_number, &wind);
    report->level = 1;
    report->grade = "typhoon";
    return true;
}
