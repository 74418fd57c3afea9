/* What JMA says about earthquakes beside the single earthquake: one that may come (Nankai Trough,
 * off Hokkaido and Sanriku), long-period motion, activity, counts and notices.
 *
 * Outlooks name no area: their subject is fixed by law (generic_area.c has the prefectures), and so
 * is the week for which they call for care. Activity, counts and notices name no place and ask for
 * nothing: they are shown, and told to nobody. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/generic.h"

#define WEEK (7 * USEC_PER_DAY)

/* VYSE50 by 地震関連情報番号コード. 190: the investigation is over and found nothing. */
static const struct nankai_stage {
    const char *code, *grade;
    int level;
    usec_t lasts;
} nankai_stages[] = {
    {"111", "nankai-investigating", 2, USEC_PER_DAY},
    {"112", "nankai-investigating", 2, USEC_PER_DAY},
    {"113", "nankai-investigating", 2, USEC_PER_DAY},
    {"120", "nankai-alert", 4, WEEK},
    {"130", "nankai-attention", 3, WEEK},
    {"190", NULL, 0, 0},
};

/* Codes that always say the same, and for how long it is of use. */
static const struct fixed {
    const char *code, *family, *grade;
    int level;
    usec_t lasts;
} fixed[] = {
    {"VYSE51", "nankai-commentary", "nankai-commentary", 1, USEC_PER_DAY},
    {"VYSE52", "nankai-regular", "nankai-commentary", 1, USEC_PER_DAY},
    {"VYSE60", "hokkaido-sanriku", "hokkaido-sanriku", 3, WEEK},
    {"VXSE56", "activity", "activity", 1, USEC_PER_DAY},
    {"VXSE60", "counts", "counts", 1, USEC_PER_DAY},
    {"VZSE40", "notice", "notice", 1, USEC_PER_DAY},
};

static void set_level(struct parsing *parsing, int level, const char *grade, usec_t lasts)
{
    struct hazard_report *outlook = &parsing->report->hazard;
    outlook->level = level;
    outlook->grade = grade;
    outlook->ends_at = parsing->telegram->control_time + lasts;
}

static bool read_nankai(struct parsing *parsing, const char **ret_why)
{
    const char *code = element_text(parsing->telegram->body, "EarthquakeInfo/InfoSerial/Code");
    parsing->report->hazard.family = "nankai";
    if (parsing->telegram->info_type == INFO_CANCEL)
        return true;
    for (size_t i = 0; i < sizeof(nankai_stages) / sizeof(nankai_stages[0]); i++) {
        const struct nankai_stage *stage = &nankai_stages[i];
        if (!text_equal(stage->code, code))
            continue;
        set_level(parsing, stage->level, stage->grade, stage->lasts);
        return true;
    }
    *ret_why = "a stage of the Nankai Trough information that we do not know";
    return false;
}

static void add_prefectures(struct parsing *parsing)
{
    const struct hazard_report *outlook = &parsing->report->hazard;
    size_t count;
    char **codes = text_split_blank(parsing->context,
                                    generic_subject_prefectures(parsing->telegram->code), &count);
    for (size_t i = 0; outlook->level > 0 && i < count; i++) {
        const struct area *known = area_find(parsing->graph, AREA_PREFECTURE, codes[i]);
        if (known == NULL)
            continue;
        const struct hazard_area place = {.system = AREA_PREFECTURE,
                                          .code = known->code,
                                          .name = known->name_ja,
                                          .grade = outlook->grade,
                                          .level = outlook->level};
        part_add_area(parsing, &place);
    }
}

/* JMA repeats each VYSE50 and VYSE51 as a VXSE56 for those who cannot read the newer ones. */
static bool repeats_nankai(const struct telegram *telegram)
{
    return text_starts(telegram->headline, "南海トラフ地震に関連する情報");
}

static bool read_fixed(struct parsing *parsing, const struct fixed *row)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *outlook = &parsing->report->hazard;
    outlook->family = row->family;
    if (text_starts(row->code, "VX") || text_starts(row->code, "VZ"))
        outlook->subject = text_given(telegram->event_id) ? telegram->event_id : "-";
    if (telegram->info_type != INFO_CANCEL && !repeats_nankai(telegram))
        set_level(parsing, row->level, row->grade, row->lasts);
    return true;
}

/* ---- long-period ground motion ---- */

/* Class 3: hard to stand on upper floors, for which JMA issues early warnings as for intensity
 * 5-lower; class 4: impossible to stand. */
static const struct {
    const char *name, *grade;
    int level;
} classes[] = {
    {"長周期地震動階級４", "long-period-4", 4},
    {"長周期地震動階級３", "long-period-3", 3},
    {"長周期地震動階級２", "long-period-2", 1},
    {"長周期地震動階級１", "long-period-1", 1},
};

static void read_class(void *userdata, const struct element *item)
{
    struct parsing *parsing = userdata;
    const char *name = element_text(item, "Kind/Name");
    size_t row = 0;
    while (row < 4 && !text_equal(classes[row].name, name))
        row++;
    if (row == 4 || !text_contains(element_attribute(item->parent, "type"), "細分区域"))
        return;
    for (const struct element *a = element_path(item, "Areas/Area"); a != NULL;
         a = element_again(a)) {
        const char *code = element_text(a, "Code");
        if (code == NULL || area_find(parsing->graph, AREA_QUAKE_REGION, code) == NULL) {
            part_degraded(parsing, "an area is unknown");
            continue;
        }
        const struct hazard_area place = {.system = AREA_QUAKE_REGION,
                                          .code = code,
                                          .name = element_text(a, "Name"),
                                          .kind_name = name,
                                          .grade = classes[row].grade,
                                          .level = classes[row].level};
        part_add_area(parsing, &place);
    }
}

/* The body says the strongest class of all. Stronger than any place of the headline: one was lost,
 * and as nobody knows which, every place of the telegram may be it. */
static void check_class(struct parsing *parsing)
{
    struct hazard_report *outlook = &parsing->report->hazard;
    const char *text = element_text(parsing->telegram->body, "Intensity/Observation/MaxLgInt");
    int number = text != NULL && strlen(text) == 1 ? text[0] - '0' : 0;
    if (number < 1 || number > 4) {
        part_degraded(parsing, "the strongest class of long-period motion is missing");
        return;
    }
    size_t row = (size_t)(4 - number);
    if (classes[row].level <= outlook->level)
        return;
    part_degraded(parsing, "no place has the strongest class of long-period motion");
    for (size_t i = 0; i < outlook->area_count; i++) {
        struct hazard_area place = outlook->areas[i];
        place.kind_name = classes[row].name;
        place.grade = classes[row].grade;
        place.level = classes[row].level;
        part_add_area(parsing, &place);
    }
}

static bool read_long_period(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *outlook = &parsing->report->hazard;
    outlook->family = "long-period";
    outlook->subject = text_given(telegram->event_id) ? telegram->event_id : NULL;
    outlook->prose = false;
    outlook->ends_at = telegram->control_time + USEC_PER_HOUR;
    if (outlook->subject == NULL) {
        *ret_why = "long-period motion without an EventID";
        return false;
    }
    if (telegram->info_type == INFO_CANCEL)
        return true;
    part_each(element_child(telegram->head, "Headline"), "Item", read_class, parsing);
    check_class(parsing);
    if (outlook->area_count > 0)
        return true;
    *ret_why = "long-period motion without a place";
    return false;
}

bool outlook_parse(struct parsing *parsing, const char **ret_why)
{
    const struct telegram *telegram = parsing->telegram;
    struct hazard_report *outlook = &parsing->report->hazard;
    *outlook = (struct hazard_report){.hazard = HAZARD_EARTHQUAKE,
                                      .subject = "japan",
                                      .prose = true,
                                      .text = part_first_text(telegram->body, "Text")};
    bool understood = false;
    if (text_equal(telegram->code, "VXSE62"))
        return read_long_period(parsing, ret_why);
    if (text_equal(telegram->code, "VYSE50"))
        understood = read_nankai(parsing, ret_why);
    for (size_t i = 0; !understood && i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (text_equal(fixed[i].code, telegram->code))
            understood = read_fixed(parsing, &fixed[i]);
    }
    if (understood)
        add_prefectures(parsing);
    return understood;
}
