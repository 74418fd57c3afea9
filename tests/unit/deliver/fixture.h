/* A made-up alert, its match and its messages, small or as large as wished. Include it once in a
 * test program, after nothing else. */
#pragma once

#include <errno.h>
#include <math.h>
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
#include "match/match.h"
#include "message/message.h"

#define NOW ((usec_t)1704094980 * USEC_PER_SEC) /* 2024-01-01T16:43:00+09:00 */

static TALLOC_CTX *context;

static int make_context(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    return 0;
}

static int drop_context(void **state)
{
    (void)state;
    talloc_free(context);
    return 0;
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, make_context, drop_context)

static inline struct alert *make_alert(size_t area_count, size_t reference_count)
{
    struct alert *alert = memory_new(context, struct alert);
    struct alert_area *areas = memory_array(alert, struct alert_area, area_count);
    const char **references = memory_array(alert, const char *, reference_count);
    for (size_t i = 0; i < area_count; i++)
        areas[i] = (struct alert_area){.system = AREA_TSUNAMI_COAST,
                                       .code = memory_printf(alert, "%03zu", i),
                                       .name_ja = "北海道太平洋沿岸東部",
                                       .level = 4,
                                       .grade = "warning",
                                       .arrival_time = NOW + USEC_PER_HOUR,
                                       .arrival_condition = "津波到達中と推測",
                                       .height_m = i == 0 ? NAN : 3,
                                       .height_text = "３ｍ"};
    for (size_t i = 0; i < reference_count; i++)
        references[i] = memory_printf(alert, "tsunami-20240101161010-%zu", i);
    *alert = (struct alert){.id = "tsunami-20240101161010-9",
                            .event_id = "tsunami-20240101161010",
                            .event_key = "tsunami/actual",
                            .hazard = HAZARD_TSUNAMI,
                            .status = STATUS_ACTUAL,
                            .phase = PHASE_ISSUE,
                            .level = 4,
                            .title_ja = "津波警報・津波注意報・津波予報",
                            .headline_ja = "津波警報を発表しました。",
                            .office_ja = "気象庁",
                            .issued_at = NOW,
                            .reported_at = NOW,
                            .onset = NOW,
                            .expires = NOW + USEC_PER_DAY,
                            .areas = areas,
                            .area_count = area_count,
                            .references = references,
                            .reference_count = reference_count};
    return alert;
}

static inline struct match *make_match(const struct alert *alert)
{
    struct match *match = memory_new(context, struct match);
    unsigned *areas = memory_array(match, unsigned, alert->area_count);
    for (size_t i = 0; i < alert->area_count; i++)
        areas[i] = (unsigned)i;
    *match = (struct match){.send = true,
                            .phase = alert->phase,
                            .level = alert->level,
                            .areas = areas,
                            .area_count = alert->area_count};
    return match;
}

static inline char *repeated(const char *text, size_t times)
{
    size_t length = strlen(text);
    char *all = memory_array(context, char, length *times + 1);
    for (size_t i = 0; i < times; i++)
        memcpy(all + i * length, text, length);
    return all;
}

/* `size` 1: as short as messages are; more: each text that many times as long. */
static inline struct message *make_message(const char *language, size_t size)
{
    struct message *message = memory_new(context, struct message);
    const char **actions = memory_array(message, const char *, 10);
    for (size_t i = 0; i < 10; i++)
        actions[i] = repeated("अहिले नै उच्च स्थानमा जानुहोस्। ", size);
    *message = (struct message){
        .language = language,
        .headline = repeated("Level 4 DANGER: Tsunami Warning, 北海道 ", size),
        .chip = repeated("Level 4 · DANGER · purple ", size),
        .colour = "purple",
        .where =
            repeated("Place: Eastern Pacific coast of Hokkaido (北海道太平洋沿岸東部)\n", size),
        .what = repeated("A tsunami up to 3 metres is coming.\nWaves come more than once.\n", size),
        .actions = actions,
        .action_count = 10,
        .until = repeated("Until it is lifted.", size),
        .source = repeated("Source: Japan Meteorological Agency, 出典：気象庁", size),
        .short_text = "Tsunami Warning. Go to high ground now.",
        .plain = repeated("Go to high ground now. すぐに高い所へ。\n", size * 8),
        .html = memory_printf(message, "<section lang=\"%s\">高い所へ</section>", language)};
    return message;
}
