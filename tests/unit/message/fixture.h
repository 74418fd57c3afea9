/* Alerts built by hand and the real catalogue, shared by the tests of message/. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/message.h"

/* 2024-01-01T16:22:00+09:00 */
#define ISSUED ((usec_t)1704093720 * USEC_PER_SEC)

struct fixture {
    struct area_graph *graph;
    struct catalogue *catalogue;
};

static inline const char *root_path(TALLOC_CTX *context, const char *path)
{
    const char *root = getenv("NOROSHI_ROOT");
    return memory_printf(context, "%s/%s", root != NULL ? root : ".", path);
}

static inline int fixture_begin(void **state)
{
    struct fixture *fixture = memory_new(NULL, struct fixture);
    struct problems *problems = problems_new(fixture);
    int graph =
        area_graph_load(fixture, root_path(fixture, "config/areas"), problems, &fixture->graph);
    int catalogue =
        catalogue_load(fixture, root_path(fixture, "messages"), problems, &fixture->catalogue);
    problems_print(problems, stderr);
    *state = fixture;
    return graph == 0 && catalogue == 0 ? 0 : -1;
}

static inline int fixture_end(void **state)
{
    talloc_free(*state);
    return 0;
}

/* An alert of one area, which the caller changes. */
struct example {
    struct alert alert;
    struct alert_area areas[24];
    struct alert_quake quake;
    struct alert_observation observations[4];
    struct message_scope scope;
};

static inline struct alert_area example_area(enum area_system system, const char *code,
                                             const char *name, int level, const char *grade)
{
    return (struct alert_area){.system = system,
                               .code = code,
                               .name_ja = name,
                               .level = level,
                               .changed = true,
                               .grade = grade,
                               .height_m = NAN};
}

static inline struct example *example_new(TALLOC_CTX *context, enum hazard hazard, int level,
                                          const char *title)
{
    struct example *example = memory_new(context, struct example);
    example->alert = (struct alert){.id = "example-1",
                                    .event_id = "example",
                                    .event_key = "example",
                                    .hazard = hazard,
                                    .status = STATUS_ACTUAL,
                                    .phase = PHASE_ISSUE,
                                    .level = level,
                                    .title_ja = title,
                                    .headline_ja = "",
                                    .office_ja = "気象庁本庁",
                                    .issued_at = ISSUED,
                                    .reported_at = ISSUED,
                                    .onset = ISSUED,
                                    .expires = ISSUED + USEC_PER_DAY,
                                    .areas = example->areas,
                                    .observations = example->observations};
    example->scope = (struct message_scope){.alert = &example->alert,
                                            .phase = PHASE_ISSUE,
                                            .level = level,
                                            .now = ISSUED + USEC_PER_MINUTE};
    return example;
}

static inline void example_add(struct example *example, struct alert_area area)
{
    example->areas[example->alert.area_count++] = area;
}

static inline void example_phase(struct example *example, enum alert_phase phase, int previous)
{
    example->alert.phase = example->scope.phase = phase;
    example->scope.previous_level = previous;
}

static inline struct example *example_tsunami(TALLOC_CTX *context, int level, const char *grade)
{
    struct example *example =
        example_new(context, HAZARD_TSUNAMI, level, "津波警報・注意報・予報a");
    example_add(example,
                example_area(AREA_TSUNAMI_COAST, "110", "北海道日本海沿岸北部", level, grade));
    return example;
}

static inline struct example *example_weather(TALLOC_CTX *context, enum hazard hazard, int level,
                                              const char *grade)
{
    struct example *example = example_new(context, hazard, level, "気象警報・注意報");
    example_add(example, example_area(AREA_WEATHER_CITY, "0110000", "札幌市", level, grade));
    return example;
}

/* Known centre off Noto, magnitude 7.6. */
static inline struct example *example_quake(TALLOC_CTX *context, const char *intensity,
                                            const char *judgement)
{
    int level = intensity_level(intensity);
    struct example *example =
        example_new(context, HAZARD_EARTHQUAKE, level, "震源・震度に関する情報");
    example_add(example, example_area(AREA_QUAKE_CITY, "0110100", "札幌中央区", level, NULL));
    example->areas[0].intensity = intensity;
    example->quake = (struct alert_quake){.origin_time = ISSUED - 12 * USEC_PER_MINUTE,
                                          .epicenter_code = "390",
                                          .epicenter_ja = "石川県能登地方",
                                          .latitude = 37.5,
                                          .longitude = 137.3,
                                          .depth_km = 16,
                                          .magnitude = 7.6,
                                          .magnitude_text = "Ｍ７．６",
                                          .max_intensity = "7",
                                          .tsunami_judgement = judgement};
    example->alert.quake = &example->quake;
    return example;
}

static inline const struct message *render(const struct fixture *fixture,
                                           const struct example *example, const char *language)
{
    return message_render((TALLOC_CTX *)example, fixture->catalogue, fixture->graph, language,
                          &example->scope, "Sapporo Test Hotel");
}

#define assert_contains(text, part)                                                                \
    do {                                                                                           \
        if (!text_contains(text, part))                                                            \
            fail_msg("\"%s\" is not in: %s", part, text);                                          \
    } while (0)
#define assert_lacks(text, part)                                                                   \
    do {                                                                                           \
        if (text_contains(text, part))                                                             \
            fail_msg("\"%s\" stands in: %s", part, text);                                          \
    } while (0)
