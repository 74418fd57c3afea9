/* Level 4 in the free text of VPWW50, 53 and 54.
 *
 * Body/Notice lists it by name, one line each: "〈レベル４大雨危険警報〉松江市　姫路市＊", where a
 * star marks what is new and なし that there is none. The headline tells only the hazards:
 * "〈危険警報（大雨、氾濫）〉島根県に…". A name counts only when the telegram lists the area with
 * its code; otherwise the level holds somewhere in the office. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/transitional.h"

static const struct {
    const char *word;
    enum hazard hazard;
} words[] = {
    {"大雨", HAZARD_RAIN},
    {"土砂", HAZARD_LANDSLIDE},
    {"高潮", HAZARD_STORM_SURGE},
};
#define WORD_COUNT (sizeof(words) / sizeof(words[0]))

/* "レベル４大雨危険警報" → 4; a label without number that says 危険警報 → 4; otherwise 0. */
static int level_of_label(TALLOC_CTX *context, const char *label)
{
    const char *number = strstr(label, "レベル");
    if (number == NULL)
        return text_contains(label, "危険警報") ? 4 : 0;
    const char *narrow = text_narrow(context, number + strlen("レベル"));
    return narrow[0] >= '1' && narrow[0] <= '5' ? narrow[0] - '0' : 0;
}

static const char *code_of_name(const struct telegram *telegram, const char *name)
{
    const struct element *item = element_child(transitional_block(telegram), "Item");
    while (item != NULL && !text_equal(element_text(item, "Area/Name"), name))
        item = element_again(item);
    return element_text(item, "Area/Code");
}

static bool is_told(const struct weather_report *report, enum hazard hazard, int level)
{
    for (size_t i = 0; i < report->item_count; i++) {
        if (report->items[i].hazard == hazard && report->items[i].level >= level)
            return true;
    }
    return false;
}

static void add_names(struct weather_scan *scan, const char *names, struct transitional_claim claim)
{
    size_t count;
    char **name = text_split_blank(scan->parsing->context, names, &count);
    for (size_t i = 0; i < count; i++) {
        char *star = strstr(name[i], "＊");
        if (star != NULL)
            *star = '\0';
        if (name[i][0] == '\0' || strcmp(name[i], "なし") == 0)
            continue;
        claim.name = name[i];
        claim.code = code_of_name(scan->parsing->telegram, name[i]);
        if (claim.code == NULL)
            part_degraded(scan->parsing,
                          "the notice names an area that the telegram does not list");
        transitional_add(scan, &claim);
    }
}

/* One 〈label〉 and what follows up to the next; `names` NULL: only the hazards are told. */
static void read_label(struct weather_scan *scan, const char *label, const char *names)
{
    struct transitional_claim claim = {.level = level_of_label(scan->parsing->context, label)};
    for (size_t i = 0; claim.level > 0 && i < WORD_COUNT; i++) {
        if (!text_contains(label, words[i].word))
            continue;
        claim.hazard = words[i].hazard;
        if (names != NULL)
            add_names(scan, names, claim);
        else if (!is_told(&scan->parsing->report->weather, claim.hazard, claim.level))
            transitional_add(scan, &claim);
    }
}

static void read_labels(struct weather_scan *scan, const char *text, bool has_names)
{
    const char *open = text != NULL ? strstr(text, "〈") : NULL;
    while (open != NULL) {
        const char *close = strstr(open, "〉");
        if (close == NULL)
            return;
        const char *next = strstr(close, "〈");
        open += strlen("〈");
        char *label =
            memory_must(talloc_strndup(scan->parsing->context, open, (size_t)(close - open)));
        close += strlen("〉");
        size_t length = next != NULL ? (size_t)(next - close) : strlen(close);
        char *names = memory_must(talloc_strndup(scan->parsing->context, close, length));
        read_label(scan, label, has_names ? names : NULL);
        open = next;
    }
}

void transitional_read_text(struct weather_scan *scan)
{
    read_labels(scan, element_text(scan->parsing->telegram->body, "Notice"), true);
    read_labels(scan, scan->parsing->telegram->headline, false);
}
