/* The page with the real words: every language says what it must, and no key or blank is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "http/page_set.h"

#define NOW       ((usec_t)1704094980 * USEC_PER_SEC) /* 2024-01-01T16:43:00+09:00 */
#define PAGE_MOST 30000

struct words {
    struct catalogue *catalogue;
    struct area_graph *graph;
};

static int load(void **state)
{
    const char *root = getenv("NOROSHI_ROOT");
    struct words *words = memory_new(NULL, struct words);
    struct problems *problems = problems_new(words);
    if (catalogue_load(words, memory_printf(words, "%s/messages", root != NULL ? root : "."),
                       problems, &words->catalogue) < 0 ||
        area_graph_load(words, memory_printf(words, "%s/config/areas", root != NULL ? root : "."),
                        problems, &words->graph) < 0) {
        problems_print(problems, stderr);
        return -1;
    }
    *state = words;
    return 0;
}

static int unload(void **state)
{
    talloc_free(*state);
    return 0;
}

static struct alert *an_alert(TALLOC_CTX *context, const char *id, enum hazard hazard, int level)
{
    struct alert *alert = memory_new(context, struct alert);
    struct alert_area *area = memory_new(alert, struct alert_area);
    bool tsunami = hazard == HAZARD_TSUNAMI;
    *area = (struct alert_area){.system = tsunami ? AREA_TSUNAMI_COAST : AREA_WEATHER_CITY,
                                .code = tsunami ? "360" : "0110000",
                                .name_ja = tsunami ? "石川県能登" : "札幌市",
                                .level = level,
                                .changed = true,
                                .grade = level == 5   ? tsunami ? "major-warning" : "emergency"
                                         : level >= 3 ? "warning"
                                                      : "advisory",
                                .height_m = 5};
    *alert = (struct alert){.id = id,
                            .event_id = memory_printf(alert, "event-%s", id),
                            .event_key = "key",
                            .hazard = hazard,
                            .status = STATUS_ACTUAL,
                            .phase = PHASE_ISSUE,
                            .level = level,
                            .telegram_id = "telegram",
                            .code = tsunami ? "VTSE41" : "VPWW59",
                            .title_ja = "題名",
                            .headline_ja = "見出し",
                            .office_ja = "気象庁",
                            .issued_at = NOW - USEC_PER_MINUTE,
                            .reported_at = NOW - USEC_PER_MINUTE,
                            .expires = NOW + USEC_PER_HOUR,
                            .areas = area,
                            .area_count = 1};
    return alert;
}

struct present {
    struct page_feed feeds[4];
    const struct alert *force[400], *recent[3], *drills[2];
    struct page_input input;
};

static struct present *present_new(TALLOC_CTX *context, enum freshness sight)
{
    static const char *const names[] = {"eqvol", "extra", "regular", "other"};
    struct present *present = memory_new(context, struct present);
    for (size_t i = 0; i < 4; i++)
        present->feeds[i] = (struct page_feed){.name = names[i],
                                               .freshness = sight,
                                               .newest_updated = NOW - USEC_PER_HOUR,
                                               .last_success = NOW - 7 * USEC_PER_MINUTE};
    present->input = (struct page_input){.now = NOW,
                                         .in_force = present->force,
                                         .recent = present->recent,
                                         .drills = present->drills,
                                         .feeds = present->feeds,
                                         .feed_count = 4,
                                         .store_writable = true,
                                         .clock_trusted = true,
                                         .started_at = NOW - USEC_PER_DAY,
                                         .operator_name = "札幌駅",
                                         .version = "1"};
    return present;
}

static void add_all_kinds(TALLOC_CTX *context, struct present *present, size_t weather)
{
    present->force[present->input.in_force_count++] = an_alert(context, "t", HAZARD_TSUNAMI, 5);
    for (size_t i = 0; i < weather; i++)
        present->force[present->input.in_force_count++] =
            an_alert(context, memory_printf(context, "w%zu", i), HAZARD_STORM + i % 12, 2);
    struct alert *over = an_alert(context, "over", HAZARD_TSUNAMI, 4);
    over->phase = PHASE_ALL_CLEAR;
    ((struct alert_area *)over->areas)->level = 0;
    present->recent[present->input.recent_count++] = over;
    present->recent[present->input.recent_count++] = an_alert(context, "past", HAZARD_STORM, 3);
    struct alert *drill = an_alert(context, "drill", HAZARD_TSUNAMI, 5);
    drill->status = STATUS_EXERCISE;
    present->drills[present->input.drill_count++] = drill;
}

static struct page_set *set_of(const struct words *words, const struct present *present)
{
    return page_set_new(words->catalogue, words->graph, &present->input);
}

static char *page_of(TALLOC_CTX *context, const struct page_set *set, const char *language,
                     bool old)
{
    struct page_body body = page_set_body(set, PAGE_HOME, language, old);
    return talloc_strndup(context, body.parts[0].bytes, body.parts[0].length);
}

/* The page without its style and script, which have braces of their own. */
static char *words_of(char *page)
{
    static const char *const elements[][2] = {{"<style>", "</style>"}, {"<script>", "</script>"}};
    for (size_t i = 0; i < 2; i++) {
        char *begin = strstr(page, elements[i][0]);
        char *end = begin != NULL ? strstr(begin, elements[i][1]) : NULL;
        if (end != NULL)
            memmove(begin, end, strlen(end) + 1);
    }
    return page;
}

static void no_key_and_no_blank_is_left_on_any_page(void **state)
{
    const struct words *words = *state;
    static const char *const leftovers[] = {"page.",   "freshness.", "label.", "chip.", "level.",
                                            "colour.", "hazard.",    "{",      "}"};
    TALLOC_CTX *context = talloc_new(NULL);
    for (int sight = FRESH_ALERTS; sight <= NOT_CONFIGURED; sight++) {
        struct present *present = present_new(context, (enum freshness)sight);
        add_all_kinds(context, present, 60);
        struct page_set *set = set_of(words, present);
        const char *const *language = catalogue_languages(words->catalogue);
        for (; *language != NULL; language++) {
            char *page = words_of(page_of(context, set, *language, sight == STALE));
            for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++) {
                char *left = strstr(page, leftovers[i]);
                if (left != NULL)
                    fail_msg("%s: %.60s", *language, left);
            }
        }
        page_set_unref(set);
    }
    talloc_free(context);
}

static void every_language_tells_blind_from_quiet(void **state)
{
    const struct words *words = *state;
    TALLOC_CTX *context = talloc_new(NULL);
    for (int sight = FRESH_ALERTS; sight <= NOT_CONFIGURED; sight++) {
        struct page_set *set = set_of(words, present_new(context, (enum freshness)sight));
        const char *const *language = catalogue_languages(words->catalogue);
        for (; *language != NULL; language++) {
            const char *word = catalogue_word(words->catalogue, *language, "page.quiet");
            const char *quiet = text_html(context, word);
            char *page = page_of(context, set, *language, false);
            assert_int_equal(strstr(page, quiet) != NULL, sight <= FRESH_QUIET);
            assert_int_equal(strstr(page, "state quiet") != NULL, sight <= FRESH_QUIET);
            page = page_of(context, set, *language, true);
            assert_null(strstr(page, quiet));
            assert_non_null(strstr(page, "state blind"));
        }
        page_set_unref(set);
    }
    talloc_free(context);
}

static void a_busy_day_stays_below_thirty_kilobytes_in_every_language(void **state)
{
    const struct words *words = *state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct present *present = present_new(context, FRESH_ALERTS);
    add_all_kinds(context, present, 350);
    struct page_set *set = set_of(words, present);
    const char *const *language = catalogue_languages(words->catalogue);
    for (; *language != NULL; language++) {
        size_t length = strlen(page_of(context, set, *language, false));
        if (length > PAGE_MOST)
            fail_msg("%s: %zu bytes", *language, length);
    }
    page_set_unref(set);
    talloc_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_key_and_no_blank_is_left_on_any_page),
        cmocka_unit_test(every_language_tells_blind_from_quiet),
        cmocka_unit_test(a_busy_day_stays_below_thirty_kilobytes_in_every_language),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
