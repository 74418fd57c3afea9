/* Coasts that the area graph does not hold, by code or by name: divided since its tables were made,
 * or garbled on the way. Nobody has chosen such a coast, so nobody would be warned for it.
 *
 * Its kind is said where it may be: on the coasts that share its first two digits, since JMA
 * numbers the coasts of a prefecture together; otherwise on those of the prefecture with which its
 * name begins. A telegram lists every coast with something in force, so of these the ones that it
 * does not list; when it lists them all, all of them. Never beyond, and as an end only when the
 * telegram warns nobody any more. */
#include <string.h>

#include "base/text.h"
#include "jma/tsunami.h"

#define COAST_DIGITS 3

static struct tsunami_area *listed_coast(struct tsunami_report *report, size_t listed,
                                         const char *code)
{
    for (size_t i = 0; i < listed; i++) {
        if (text_equal(report->areas[i].code, code))
            return (struct tsunami_area *)&report->areas[i];
    }
    return NULL;
}

static const struct area *prefecture_of_name(const struct parsing *parsing, const char *name)
{
    size_t count;
    const struct area *const *all = area_list(parsing->graph, AREA_PREFECTURE, &count);
    for (size_t i = 0; name != NULL && i < count; i++) {
        if (text_starts(name, all[i]->name_ja))
            return all[i];
    }
    return NULL;
}

/* What a lost coast may be: coasts whose number or whose prefecture is its own. */
struct suspects {
    const struct area *const *coasts;
    size_t count;
    const struct area *prefecture; /* NULL: all of `coasts` */
};

static struct suspects suspects_of(const struct parsing *parsing, const struct tsunami_area *lost)
{
    struct suspects suspects = {0};
    if (lost->code != NULL && strlen(lost->code) == COAST_DIGITS &&
        strspn(lost->code, "0123456789") == COAST_DIGITS) {
        const char start[] = {lost->code[0], lost->code[1], '\0'};
        suspects.coasts =
            area_list_from(parsing->graph, AREA_TSUNAMI_COAST, start, &suspects.count);
    }
    if (suspects.count > 0)
        return suspects;
    suspects.prefecture = prefecture_of_name(parsing, lost->name);
    if (suspects.prefecture != NULL)
        suspects.coasts = area_list(parsing->graph, AREA_TSUNAMI_COAST, &suspects.count);
    return suspects;
}

static void say_of(struct parsing *parsing, const struct area *coast,
                   const struct tsunami_area *lost)
{
    struct tsunami_report *report = &parsing->report->tsunami;
    struct tsunami_area *known = listed_coast(report, report->area_count, coast->code);
    struct tsunami_area same = *lost;
    same.code = coast->code;
    same.name = coast->name_ja;
    if (known == NULL)
        tsunami_add_area(parsing, &same);
    else if (known->level < lost->level)
        *known = same;
}

static size_t say_of_observed(struct parsing *parsing, const struct tsunami_area *lost,
                              size_t listed)
{
    const struct tsunami_report *report = &parsing->report->tsunami;
    size_t told = 0;
    for (size_t i = 0; i < report->observation_count; i++) {
        const char *code = report->observations[i].area_code;
        const struct area *coast =
            code != NULL ? area_find(parsing->graph, AREA_TSUNAMI_COAST, code) : NULL;
        bool important = text_contains(report->observations[i].max_condition, "重要");
        if (!important || coast == NULL ||
            listed_coast(&parsing->report->tsunami, listed, code) != NULL)
            continue;
        say_of(parsing, coast, lost);
        told++;
    }
    return told;
}

static size_t say_of_suspects(struct parsing *parsing, const struct suspects *suspects,
                              const struct tsunami_area *lost, size_t listed)
{
    size_t told = 0;
    for (size_t i = 0; i < suspects->count; i++) {
        const struct area *coast = suspects->coasts[i];
        if (suspects->prefecture != NULL &&
            !area_meets(parsing->graph, suspects->prefecture, coast))
            continue;
        if (listed_coast(&parsing->report->tsunami, listed, coast->code) != NULL)
            continue;
        say_of(parsing, coast, lost);
        told++;
    }
    return told;
}

void tsunami_widen(struct parsing *parsing, const struct tsunami_area *lost, size_t count)
{
    const struct tsunami_report *report = &parsing->report->tsunami;
    /* What is said of one lost coast does not make its neighbours listed for the next. */
    size_t listed = report->area_count;
    int gravest = 0;
    for (size_t i = 0; i < listed; i++)
        gravest = report->areas[i].level > gravest ? report->areas[i].level : gravest;
    for (size_t i = 0; i < count; i++)
        gravest = lost[i].level > gravest ? lost[i].level : gravest;
    for (size_t i = 0; i < count; i++) {
        struct suspects suspects = suspects_of(parsing, &lost[i]);
        if (lost[i].level == 0 && gravest >= TSUNAMI_ADVISORY_LEVEL)
            continue;
        if (suspects.count == 0 && say_of_observed(parsing, &lost[i], listed) > 0)
            continue;
        if (say_of_suspects(parsing, &suspects, &lost[i], listed) == 0 && lost[i].level > 0)
            say_of_suspects(parsing, &suspects, &lost[i], 0);
    }
}
