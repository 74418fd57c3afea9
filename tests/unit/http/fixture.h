/* A small made-up catalogue in place of message/, and a made-up present, so that the tests of http/
 * decide every word themselves. Include it once in a test program. The real words are tested by
 * test-words.c. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/buffer.h"
#include "base/text.h"
#include "http/page.h"
#include "http/page_set.h"

#define NOW ((usec_t)1704094980 * USEC_PER_SEC) /* 2024-01-01T16:43:00+09:00 */

struct catalogue {
    int unused;
};

static const char *const fixture_languages[] = {"ja", "en", "zh-Hans", "vi", NULL};

static inline const struct catalogue *fixture_catalogue(void)
{
    static const struct catalogue catalogue = {0};
    return &catalogue;
}

int catalogue_load(TALLOC_CTX *context, const char *directory, struct problems *problems,
                   struct catalogue **ret_catalogue)
{
    (void)context;
    (void)directory;
    (void)problems;
    (void)ret_catalogue;
    return -22;
}

const char *const *catalogue_languages(const struct catalogue *catalogue)
{
    (void)catalogue;
    return fixture_languages;
}

const char *catalogue_language_name(const struct catalogue *catalogue, const char *language)
{
    (void)catalogue;
    return strcmp(language, "vi") == 0 ? "Tiếng Việt" : language;
}

static const char *fixture_find(const char *tag, size_t length)
{
    for (size_t i = 0; fixture_languages[i] != NULL; i++) {
        if (strlen(fixture_languages[i]) == length &&
            strncmp(fixture_languages[i], tag, length) == 0)
            return fixture_languages[i];
    }
    return NULL;
}

const char *catalogue_choose(const struct catalogue *catalogue, const char *const *wanted,
                             size_t count, bool *ret_fallback)
{
    (void)catalogue;
    *ret_fallback = false;
    for (size_t i = 0; i < count; i++) {
        const char *found = fixture_find(wanted[i], strlen(wanted[i]));
        if (found != NULL)
            return found;
    }
    *ret_fallback = true;
    return "en";
}

/* Quality values are the catalogue's work: here the best known one wins. */
const char *catalogue_choose_header(const struct catalogue *catalogue, const char *accept_language)
{
    (void)catalogue;
    const char *best = "en";
    double best_quality = 0;
    for (const char *part = accept_language; part != NULL && *part != '\0';) {
        part += strspn(part, " ,");
        size_t length = strcspn(part, ";,");
        size_t whole = strcspn(part, ",");
        double quality = length < whole ? strtod(part + length + 3, NULL) : 1;
        const char *found = fixture_find(part, length);
        if (found != NULL && quality > best_quality) {
            best = found;
            best_quality = quality;
        }
        part += whole;
    }
    return best;
}

/* A key is its own word; those of a time have the blank. */
const char *catalogue_word(const struct catalogue *catalogue, const char *language, const char *key)
{
    (void)catalogue;
    (void)language;
    static const char *const timed[][2] = {{"page.blind", "BLIND SINCE {time}"},
                                           {"page.stale", "STALE SINCE {time}"},
                                           {"page.checked", "CHECKED {time}"},
                                           {"page.made", "MADE {time}"},
                                           {"page.quiet", "NOTHING IN FORCE"},
                                           {"page.areas-more", "ALL PLACES {count}"},
                                           {"page.more-alerts", "MORE ALERTS {count}"},
                                           {"page.source", "SOURCE {operator}"},
                                           {"label.official", "OFFICIAL {title}"},
                                           {"chip.level", "Danger {level} {word} {colour}"}};
    for (size_t i = 0; i < sizeof(timed) / sizeof(timed[0]); i++) {
        if (strcmp(timed[i][0], key) == 0)
            return timed[i][1];
    }
    return key;
}

const char *message_time(TALLOC_CTX *context, const struct catalogue *catalogue,
                         const char *language, usec_t time, usec_t now)
{
    (void)catalogue;
    (void)language;
    (void)now;
    char text[CLOCK_TEXT_BYTES];
    return memory_text(context, clock_format_jst(time, text));
}

struct message *message_render(TALLOC_CTX *context, const struct catalogue *catalogue,
                               const struct area_graph *graph, const char *language,
                               const struct message_scope *scope, const char *operator_name)
{
    (void)catalogue;
    (void)graph;
    static const char *const colours[] = {"white", "white", "yellow", "red", "purple", "black"};
    static const char *const actions[] = {"Go to high ground now.", "Stay there.", NULL};
    const struct alert *alert = scope->alert;
    bool real = alert->status == STATUS_ACTUAL;
    bool over = scope->phase == PHASE_ALL_CLEAR || scope->phase == PHASE_CANCEL;
    struct message *message = memory_new(context, struct message);
    message->language = language;
    message->headline =
        memory_printf(message, "%sHEAD %s %s %s", real ? "" : "DRILL ", language,
                      hazard_name(alert->hazard), alert->title_ja != NULL ? alert->title_ja : "");
    message->chip = real ? memory_printf(message, "CHIP %d", scope->level) : "DRILL";
    message->colour = !real ? "blue" : over ? "green" : colours[scope->level];
    message->official_ja = alert->title_ja;
    message->where = alert->area_count > 0 ? alert->areas[0].name_ja : NULL;
    message->what = "First sentence.\nSecond sentence.";
    message->actions = actions;
    message->action_count = 2;
    message->until = "Until lifted.";
    message->source = memory_printf(message, "Source: JMA, edited by %s",
                                    operator_name != NULL ? operator_name : "nobody");
    message->drill = real ? NULL : "This is a drill.";
    message->plain = memory_printf(message, "PLAIN %s", message->headline);
    return message;
}

/* A made-up alert with one area; in force until an hour from NOW. */
static inline struct alert *fixture_alert(TALLOC_CTX *context, const char *id, enum hazard hazard,
                                          int level)
{
    struct alert *alert = memory_new(context, struct alert);
    struct alert_area *area = memory_new(alert, struct alert_area);
    *area = (struct alert_area){.system = AREA_TSUNAMI_COAST,
                                .code = "110",
                                .name_ja = "北海道日本海沿岸北部",
                                .level = level,
                                .height_m = 3};
    *alert = (struct alert){.id = memory_text(alert, id),
                            .event_id = memory_printf(alert, "event-%s", id),
                            .event_key = "tsunami/actual",
                            .hazard = hazard,
                            .status = STATUS_ACTUAL,
                            .phase = PHASE_ISSUE,
                            .level = level,
                            .telegram_id = "20240101_0_VTSE41_010000.xml",
                            .code = "VTSE41",
                            .title_ja = "津波警報",
                            .office_ja = "気象庁",
                            .issued_at = NOW - USEC_PER_MINUTE,
                            .reported_at = NOW - USEC_PER_MINUTE,
                            .expires = NOW + USEC_PER_HOUR,
                            .areas = area,
                            .area_count = 1};
    return alert;
}

/* Puts another place in place of the first. */
static inline void fixture_place(struct alert *alert, const char *name)
{
    struct alert_area *area = memory_new(alert, struct alert_area);
    *area = alert->areas[0];
    area->system = AREA_WEATHER_CITY;
    area->name_ja = name;
    alert->areas = area;
}

struct fixture {
    struct page_feed feeds[2];
    const struct alert *force[400], *recent[80], *drills[20];
    struct page_input input;
};

/* Both watched feeds seen, nothing in force. */
static inline struct fixture *fixture_new(TALLOC_CTX *context)
{
    struct fixture *fixture = memory_new(context, struct fixture);
    const char *const names[] = {"eqvol", "extra"};
    for (size_t i = 0; i < 2; i++)
        fixture->feeds[i] = (struct page_feed){.name = names[i],
                                               .freshness = FRESH_QUIET,
                                               .newest_updated = NOW - 10 * USEC_PER_MINUTE,
                                               .last_success = NOW - 20 * USEC_PER_SEC};
    fixture->input = (struct page_input){.now = NOW,
                                         .in_force = fixture->force,
                                         .recent = fixture->recent,
                                         .drills = fixture->drills,
                                         .feeds = fixture->feeds,
                                         .feed_count = 2,
                                         .store_writable = true,
                                         .clock_trusted = true,
                                         .started_at = NOW - USEC_PER_DAY,
                                         .operator_name = "Test Operator",
                                         .version = "1.2.3",
                                         .base_url_host = "www.data.jma.go.jp",
                                         .bytes_today = 12345};
    return fixture;
}

static inline void fixture_force(struct fixture *fixture, const struct alert *alert)
{
    fixture->force[fixture->input.in_force_count++] = alert;
}

static inline void fixture_recent(struct fixture *fixture, const struct alert *alert)
{
    fixture->recent[fixture->input.recent_count++] = alert;
}

static inline struct page_set *fixture_set(const struct fixture *fixture)
{
    return page_set_new(fixture_catalogue(), NULL, &fixture->input);
}

/* A body as one text in `context`. */
static inline char *fixture_body(TALLOC_CTX *context, const struct page_set *set,
                                 enum page_kind kind, const char *language, bool old)
{
    struct page_body body = page_set_body(set, kind, language, old);
    char *text = talloc_strndup(context, body.parts[0].bytes, body.parts[0].length);
    if (body.parts[1].length > 0)
        text = talloc_strndup_append(text, body.parts[1].bytes, body.parts[1].length);
    return text;
}

static inline size_t fixture_times(const char *text, const char *part)
{
    size_t count = 0;
    for (text = strstr(text, part); text != NULL; text = strstr(text + 1, part))
        count++;
    return count;
}

#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (strstr(text, part) == NULL)                                                            \
            fail_msg("\"%s\" is missing in: %.3000s", part, text);                                 \
    } while (0)
#define assert_lacks(text, part)                                                                   \
    do {                                                                                           \
        if (strstr(text, part) != NULL)                                                            \
            fail_msg("\"%s\" must not stand in: %.400s", part, strstr(text, part));                \
    } while (0)
