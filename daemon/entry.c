/* "Details follow": a life-safety entry of a feed whose telegram cannot be had (ingest_entry).
 *
 * The feed tells title, text and time, but neither codes nor the status. So: it speaks only for
 * what may cost lives, never when the text speaks of a drill, at the level that its own words name,
 * and only to places that the text names (a missing place never means everyone; then an operator is
 * told). This is the one exception to "areas by codes": silence would be worse (test 26, rule
 * H-18). */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "ingest.h"
#include "ingest_step.h"

/* Level by the words of JMA, highest first. */
static int level_of_words(const char *text)
{
    static const struct {
        const char *word;
        int level;
    } words[] = {
        {"大津波警報", 5}, {"特別警報", 5}, {"津波警報", 4}, {"危険警報", 4}, {"噴火速報", 5},
        {"噴火警報", 4},   {"震度７", 5},   {"震度６強", 5}, {"震度６弱", 4}, {"震度５", 3},
        {"津波注意報", 3}, {"震度速報", 3}, {"氾濫発生", 5}, {"氾濫危険", 4}, {"警報", 3},
    };
    if (text_contains(text, "解除"))
        return 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (text_contains(text, words[i].word))
            return words[i].level;
    }
    return 0;
}

static void add_named(TALLOC_CTX *context, const struct area_graph *graph, enum area_system system,
                      const char *text, struct generic_report *generic)
{
    size_t count;
    const struct area *const *areas = area_list(graph, system, &count);
    for (size_t i = 0; i < count; i++) {
        if (!text_given(areas[i]->name_ja) || !text_contains(text, areas[i]->name_ja))
            continue;
        struct generic_area *list =
            memory_grow(context, (void *)generic->areas, generic->area_count, sizeof(*list));
        list[generic->area_count++] = (struct generic_area){
            .system = system, .code = areas[i]->code, .name = areas[i]->name_ja};
        generic->areas = list;
    }
}

/* "【震度速報】本文" → the words inside the brackets; the whole title otherwise. */
static const char *bracketed(TALLOC_CTX *context, const char *content, const char *otherwise)
{
    const char *open = strstr(content, "【");
    const char *close = open != NULL ? strstr(open, "】") : NULL;
    if (close == NULL)
        return otherwise;
    open += strlen("【");
    return memory_must(talloc_strndup(context, open, (size_t)(close - open)));
}

static struct telegram *telegram_of_entry(TALLOC_CTX *context, const struct store_entry *entry,
                                          const char *code)
{
    struct telegram *telegram = memory_new(context, struct telegram);
    telegram->id = entry->id;
    telegram->code = code;
    telegram->control_title = entry->title;
    telegram->control_time = entry->updated;
    telegram->reported_at = entry->updated;
    telegram->status = STATUS_ACTUAL;
    telegram->info_type = INFO_ISSUE;
    telegram->editorial_office = telegram->publishing_office = "気象庁";
    telegram->head_title = bracketed(context, entry->content, entry->title);
    telegram->event_id = telegram->serial = telegram->info_kind = "";
    telegram->info_kind_version = "";
    telegram->headline = entry->content;
    return telegram;
}

static struct report *report_of_entry(TALLOC_CTX *context, const struct area_graph *graph,
                                      const struct store_entry *entry)
{
    const char *code = telegram_code_of_id(context, entry->url);
    const struct registry_row *row = code != NULL ? registry_find(code) : NULL;
    bool recorded = row != NULL && (row->role == ROLE_RECORDED || row->role == ROLE_CROSS_CHECK);
    const char *words = memory_printf(context, "%s %s", entry->title, entry->content);
    int level = level_of_words(words);
    if (recorded || level < 3 || text_contains(words, "訓練") || text_contains(words, "試験"))
        return NULL;
    struct report *report = memory_new(context, struct report);
    report->telegram = telegram_of_entry(context, entry, code != NULL ? code : "unknown");
    report->row = row;
    report->kind = REPORT_GENERIC;
    report->degraded = "the telegram could not be fetched yet; told from the feed's text";
    report->generic.alerts = true;
    report->generic.level = level;
    report->generic.hazard = row != NULL ? row->hazard : HAZARD_INFORMATION;
    report->generic.text = entry->content;
    add_named(context, graph, AREA_TSUNAMI_COAST, words, &report->generic);
    add_named(context, graph, AREA_PREFECTURE, words, &report->generic);
    add_named(context, graph, AREA_WEATHER_REGION, words, &report->generic);
    return report;
}

int ingest_entry(TALLOC_CTX *context, const struct ingest *ingest, const struct store_entry *entry,
                 usec_t now, struct ingest_result *ret_result)
{
    struct ingest_result result = {.outcome = OUTCOME_NO_CHANGE};
    const struct report *report = report_of_entry(context, ingest->areas, entry);
    int r = store_begin(ingest->store);
    if (r < 0)
        return r;
    struct store_entry told = *entry;
    told.announced = true;
    r = store_update_entry(ingest->store, &told);
    if (r >= 0 && report != NULL) {
        result.notice = memory_printf(
            context, "%s cannot be fetched; told from the feed's text%s", report->telegram->code,
            report->generic.area_count == 0 ? ", which names no place: nobody was told, act by hand"
                                            : "");
        r = ingest_report(context, ingest, report, entry->backlog, now, &result);
    }
    if (r >= 0)
        r = store_commit(ingest->store);
    if (r < 0) {
        store_rollback(ingest->store);
        return r;
    }
    *ret_result = result;
    return 0;
}
