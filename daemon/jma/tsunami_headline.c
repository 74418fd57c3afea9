/* What the headline of VTSE41 says against the body: of the two the graver holds.
 *
 * A headline names single coasts, or several as one ("東北地方太平洋沿岸") of which at least one
 * has that kind; the body names every coast singly. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/tsunami.h"

/* 領域表現 and 結合表現 of JMA's code table AreaTsunami. */
static const struct {
    const char *code, *coasts;
} groups[] = {
    {"191", "100 101 102"},
    {"192", "110 111"},
    {"281", "200 201 202"},
    {"291", "201 210 220 250"},
    {"292", "200 202 230 240"},
    {"481", "310 311 312"},
    {"482", "312 330"},
    {"483", "340 341"},
    {"484", "360 361"},
    {"485", "390 391"},
    {"486", "391 400"},
    {"491", "300 310 311 312 330"},
    {"492", "320 321"},
    {"493", "340 341 350 360 361 370"},
    {"494", "380 390 391 400"},
    {"681", "520 521 522"},
    {"682", "550 551"},
    {"683", "600 601"},
    {"691", "522 530 580 600 610"},
    {"692", "500 520 540 550 551 700"},
    {"693", "510 521 560 570 590 601 701"},
    {"781", "700 701"},
    {"782", "710 711 712"},
    {"783", "712 720"},
    {"784", "712 730 731"},
    {"785", "712 740"},
    {"786", "750 751"},
    {"787", "770 771 772 773"},
    {"791", "710 750 751 760 770"},
    {"792", "711 712 720 730 731 740 773"},
    {"793", "771 772"},
    {"891", "800 801 802"},
};

/* A kind of the headline, with JMA's name of it. */
struct claim {
    const struct tsunami_kind *kind;
    const char *name;
};

struct tsunami_area *tsunami_add_area(struct parsing *parsing, const struct tsunami_area *area)
{
    struct tsunami_report *report = &parsing->report->tsunami;
    struct tsunami_area *areas =
        memory_grow(parsing->context, (void *)report->areas, report->area_count, sizeof(*areas));
    areas[report->area_count] = *area;
    report->areas = areas;
    return &areas[report->area_count++];
}

const struct tsunami_area *tsunami_coast(const struct tsunami_report *report, const char *code)
{
    for (size_t i = 0; i < report->area_count; i++) {
        if (text_equal(report->areas[i].code, code))
            return &report->areas[i];
    }
    return NULL;
}

static struct tsunami_area *coast_of(struct tsunami_report *report, const char *code)
{
    return (struct tsunami_area *)tsunami_coast(report, code);
}

static void raise_coast(struct parsing *parsing, const struct claim *claim, const char *code)
{
    const struct tsunami_kind *kind = claim->kind;
    const struct area *known = area_find(parsing->graph, AREA_TSUNAMI_COAST, code);
    struct tsunami_area *coast = coast_of(&parsing->report->tsunami, code);
    if (known == NULL || (coast != NULL && coast->level >= kind->level))
        return;
    part_degraded(parsing, "the headline warns a coast more gravely than the body");
    const struct tsunami_area bare = {.code = known->code, .name = known->name_ja, .height_m = NAN};
    if (coast == NULL)
        coast = tsunami_add_area(parsing, &bare);
    coast->kind_code = kind->code;
    coast->kind_name = claim->name;
    coast->grade = kind->grade;
    coast->level = kind->level;
    coast->at_least = false;
}

/* A group none of whose coasts is so grave: one was lost, and as nobody knows which, each may be
 * it. */
static void raise_group(struct parsing *parsing, const struct claim *claim, const char *members)
{
    size_t count;
    char **codes = text_split_blank(parsing->context, members, &count);
    for (size_t i = 0; i < count; i++) {
        const struct tsunami_area *coast = coast_of(&parsing->report->tsunami, codes[i]);
        if (coast != NULL && coast->level >= claim->kind->level)
            return;
    }
    for (size_t i = 0; i < count; i++)
        raise_coast(parsing, claim, codes[i]);
}

static void raise_place(struct parsing *parsing, const struct claim *claim, const char *code)
{
    if (code == NULL || strlen(code) != 3 || strspn(code, "0123456789") != 3) {
        part_degraded(parsing, "a coast of the headline has no code");
        return;
    }
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        if (strcmp(groups[i].code, code) == 0)
            raise_group(parsing, claim, groups[i].coasts);
    }
    raise_coast(parsing, claim, code);
}

static void compare_item(void *userdata, const struct element *item)
{
    struct parsing *parsing = userdata;
    const char *code = element_text(item, "Kind/Code");
    const struct tsunami_kind *kind = code != NULL ? tsunami_kind_find(code) : NULL;
    if (kind == NULL)
        part_degraded(parsing, "a tsunami kind of the headline is unknown");
    if (kind == NULL || kind->level < TSUNAMI_ADVISORY_LEVEL)
        return;
    const struct claim claim = {kind, element_text(item, "Kind/Name")};
    for (const struct element *a = element_path(item, "Areas/Area"); a != NULL;
         a = element_again(a))
        raise_place(parsing, &claim, element_text(a, "Code"));
}

void tsunami_compare_headline(struct parsing *parsing)
{
    part_each(element_child(parsing->telegram->head, "Headline"), "Item", compare_item, parsing);
}
