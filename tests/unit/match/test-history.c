/* Random histories of weather, tsunami and earthquake telegrams, delivered in any order and more
 * than once, to several subscribers (reliability tests 25, 30, 31, 33).
 *
 * A small model holds the truth: of each area what the newest telegram that speaks of it says.
 * After each delivery every message is judged, and after the last one what each subscriber was told
 * is held against the truth. A failure prints the seed: NOROSHI_SEED=n runs just that history, and
 * NOROSHI_HISTORIES sets how many are run. */
#include <stdio.h>

#include "event/build.h"
#include "match/match.h"

#define TELEGRAMS_MAX 10
#define SUBSCRIBERS   8
#define AREAS         3
#define ALL_HAZARDS   (((uint64_t)1 << HAZARD_COUNT) - 1)

static struct area_graph *graph;
static struct audience *audience;
static struct subscriber subscribers[SUBSCRIBERS];

/* splitmix64: the same numbers on every machine. */
static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15U);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static unsigned below(uint64_t *seed, unsigned limit)
{
    return (unsigned)(next_random(seed) % limit);
}

/* What one subscriber was told: by event id, as the store keeps it. */
struct hearer {
    json_t *told; /* event id → told */
    size_t messages;
};

struct history {
    uint64_t seed, number;
    TALLOC_CTX *context;
    struct build_run run;
    struct hearer hearers[SUBSCRIBERS];
    const struct report *reports[TELEGRAMS_MAX];
    size_t count;
    bool full; /* every telegram lists every area, and every change of level is told */
};

#define CHECK(history, condition)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            fail_msg("NOROSHI_SEED=%llu: %s", (unsigned long long)(history)->number, #condition);  \
    } while (0)

static int told_value(const json_t *told, const char *key)
{
    return (int)json_integer_value(json_object_get(told, key));
}

static bool same_told(const json_t *before, const json_t *after)
{
    static const char *const keys[] = {"level", "areas", "intensity", "tsunami", "places", "shown"};
    for (size_t i = 0; before != NULL && i < sizeof(keys) / sizeof(keys[0]); i++) {
        const json_t *a = json_object_get(before, keys[i]), *b = json_object_get(after, keys[i]);
        if (!(a == NULL && b == NULL) && !json_equal(a, b))
            return false;
    }
    return before != NULL;
}

/* What holds for every message, whatever the history. */
static void judge(struct history *history, const struct alert *alert, const struct match *match,
                  const struct subscriber *subscriber, const json_t *told)
{
    int before = told_value(told, "level");
    CHECK(history, alert->status == STATUS_ACTUAL || subscriber->drills);
    CHECK(history, alert->status != STATUS_UNKNOWN);
    CHECK(history, !same_told(told, match->told)); /* nothing is said twice */
    CHECK(history, match->previous_level == before);
    switch (match->phase) {
    case PHASE_ISSUE:
        CHECK(history, before == 0 || alert->hazard == HAZARD_TSUNAMI);
        CHECK(history, match->level >= subscriber->min_level);
        break;
    case PHASE_UPGRADE:
        CHECK(history, match->level > before && match->level >= subscriber->min_level);
        break;
    case PHASE_DOWNGRADE:
        CHECK(history, before > match->level && match->level > 0);
        break;
    case PHASE_CANCEL:
    case PHASE_ALL_CLEAR:
        CHECK(history, before > 0 && match->level == before); /* ends only for those told */
        CHECK(history, told_value(match->told, "level") <= 1);
        break;
    case PHASE_UPDATE:
    case PHASE_CORRECTION:
        CHECK(history, before > 0);
        break;
    case PHASE_COUNT:
        fail();
    }
    for (size_t i = 0; i < match->area_count; i++)
        CHECK(history, match->areas[i] < alert->area_count);
}

/* A restart keeps nothing but what the store holds: the state as text. */
static void restart(struct history *history)
{
    char *text = json_dumps(history->run.state, JSON_COMPACT);
    json_decref(history->run.state);
    history->run.state = text != NULL ? json_loads(text, 0, NULL) : NULL;
    free(text);
}

static void deliver(struct history *history, const struct report *report)
{
    if (history->run.state != NULL && below(&history->seed, 4) == 0)
        restart(history);
    struct alert *alert = run_report(&history->run, report);
    for (size_t i = 0; alert != NULL && i < SUBSCRIBERS; i++) {
        struct hearer *hearer = &history->hearers[i];
        json_t *told = json_object_get(hearer->told, alert->event_id);
        struct match *match = match_subscriber(history->context, graph, alert, audience, i, told);
        if (!match->send)
            continue;
        judge(history, alert, match, &subscribers[i], told);
        json_object_set(hearer->told, alert->event_id, match->told);
        hearer->messages++;
    }
}

static void start(struct history *history)
{
    history->run = (struct build_run){.context = history->context, .graph = graph};
    history->run.now = NOON + USEC_PER_HOUR;
    for (size_t i = 0; i < SUBSCRIBERS; i++)
        history->hearers[i] = (struct hearer){.told = json_object()};
}

static void finish(struct history *history)
{
    json_decref(history->run.state);
    for (size_t i = 0; i < SUBSCRIBERS; i++)
        json_decref(history->hearers[i].told);
}

/* Delivers all in a random order, each one to four times. */
static void deliver_shuffled(struct history *history)
{
    size_t order[TELEGRAMS_MAX * 4];
    size_t count = 0;
    for (size_t i = 0; i < history->count; i++) {
        for (unsigned copies = 1 + below(&history->seed, 4); copies > 0; copies--)
            order[count++] = i;
    }
    for (size_t i = count; i > 1; i--) {
        size_t other = below(&history->seed, (unsigned)i);
        size_t moved = order[i - 1];
        order[i - 1] = order[other];
        order[other] = moved;
    }
    for (size_t i = 0; i < count; i++)
        deliver(history, history->reports[order[i]]);
}

/* The state without what depends on the order in which it was reached: instances and their alerts.
 */
static json_t *truth_of(const json_t *state)
{
    json_t *copy = json_deep_copy(state);
    json_object_del(copy, "life");
    json_object_del(copy, "held");
    json_object_del(copy, "words");
    const char *code;
    json_t *area;
    json_object_foreach(json_object_get(copy, "areas"), code, area) json_object_del(area, "held");
    return copy;
}

static int truth_level(const int levels[AREAS], const struct subscriber *subscriber,
                       const char *const places[AREAS])
{
    int level = 0;
    for (size_t i = 0; i < AREAS; i++) {
        for (size_t j = 0; j < subscriber->area_count; j++) {
            bool his = text_contains(places[i], subscriber->areas[j]) ||
                       strcmp(subscriber->areas[j], "country:jp") == 0;
            if (his && levels[i] > level)
                level = levels[i];
        }
    }
    return level;
}

static int highest_told(const struct hearer *hearer)
{
    int level = 0;
    const char *id;
    json_t *told;
    json_object_foreach(hearer->told, id, told) level =
        told_value(told, "level") > level ? told_value(told, "level") : level;
    return level;
}

/* What everybody was told at the end is what holds. `least`: what is below it is nobody's news. */
static void compare_with_truth(struct history *history, const int levels[AREAS],
                               const char *const places[AREAS], int least)
{
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        int truth = truth_level(levels, &subscribers[i], places);
        int told = highest_told(&history->hearers[i]);
        if (truth >= subscribers[i].min_level && truth >= least)
            CHECK(history, told == truth);
        else
            CHECK(history, told <= truth || told < least);
    }
}

static void compare_orders(struct history *history, const json_t *in_order,
                           const size_t in_order_messages[SUBSCRIBERS])
{
    json_t *truth = truth_of(history->run.state);
    if (!json_equal(truth, in_order)) {
        char *a = json_dumps(in_order, JSON_SORT_KEYS), *b = json_dumps(truth, JSON_SORT_KEYS);
        fprintf(stderr, "in order: %s\nshuffled: %s\n", a, b);
        free(a);
        free(b);
    }
    CHECK(history, json_equal(truth, in_order));
    json_decref(truth);
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        CHECK(history, history->hearers[i].messages <= history->count);
        /* Who hears of every level hears no more than in the right order. For others a dip below
         * their level that an order skips can make a downgrade of what would have been silence. */
        if (history->full && subscribers[i].min_level <= 2)
            CHECK(history, history->hearers[i].messages <= in_order_messages[i]);
    }
}

/* Runs the telegrams in their order, and then shuffled, and compares. */
static void run_both_ways(struct history *history, const int levels[AREAS],
                          const char *const places[AREAS], int least)
{
    start(history);
    for (size_t i = 0; i < history->count; i++)
        deliver(history, history->reports[i]);
    json_t *in_order = truth_of(history->run.state);
    size_t messages[SUBSCRIBERS];
    for (size_t i = 0; i < SUBSCRIBERS; i++)
        messages[i] = history->hearers[i].messages;
    if (places != NULL)
        compare_with_truth(history, levels, places, least);
    finish(history);
    start(history);
    deliver_shuffled(history);
    compare_orders(history, in_order, messages);
    if (places != NULL)
        compare_with_truth(history, levels, places, least);
    finish(history);
    json_decref(in_order);
}

static void weather_history(struct history *history)
{
    static const char *const codes[AREAS] = {"0110000", "0120300", "0123500"};
    static const char *const places[AREAS] = {"municipality:01100", "municipality:01203",
                                              "municipality:01235"};
    static const int scale[] = {0, 0, 2, 3, 4, 5};
    int levels[AREAS] = {0};
    history->count = 1 + below(&history->seed, TELEGRAMS_MAX);
    history->full = below(&history->seed, 2) == 0;
    for (size_t i = 0; i < history->count; i++) {
        char *text = memory_text(history->context, "");
        bool any = false;
        for (size_t j = 0; j < AREAS; j++) {
            bool last = j + 1 == AREAS;
            if (!history->full && below(&history->seed, 3) == 0 && (any || !last))
                continue;
            any = true;
            levels[j] = scale[below(&history->seed, 6)];
            text = talloc_asprintf_append(text, "%s %d,", codes[j], levels[j]);
        }
        struct report *report =
            build_rain(history->context, NOON + (usec_t)i * USEC_PER_MINUTE, text);
        if (below(&history->seed, 8) == 0)
            build_info(report, INFO_CORRECTION);
        history->reports[i] = report;
    }
    run_both_ways(history, levels, places, 1);
}

static struct report *cancel_of(struct history *history, const char *code, enum report_kind kind,
                                usec_t at)
{
    struct report *report = build_report(history->context, code, kind, "20260901120005", at);
    build_info(report, INFO_CANCEL);
    return report;
}

static void tsunami_history(struct history *history)
{
    static const char *const codes[AREAS] = {"110", "102", "360"};
    static const char *const places[AREAS] = {"municipality:01203 municipality:01235",
                                              "municipality:01213", "municipality:17205"};
    static const struct {
        const char *kind;
        int level;
    } kinds[] = {{"53", 5}, {"52", 5}, {"51", 4}, {"62", 3}, {"71", 1}, {"60", 0}, {"50", 0}};
    int levels[AREAS] = {0};
    history->count = 1 + below(&history->seed, TELEGRAMS_MAX);
    for (size_t i = 0; i < history->count; i++) {
        usec_t at = NOON + (usec_t)i * USEC_PER_MINUTE;
        if (below(&history->seed, 7) == 0) {
            history->reports[i] = cancel_of(history, "VTSE41", REPORT_TSUNAMI, at);
            memset(levels, 0, sizeof(levels));
            continue;
        }
        char *text = memory_text(history->context, "");
        for (size_t j = 0; j < AREAS; j++) {
            unsigned kind = below(&history->seed, 7);
            levels[j] = kinds[kind].level;
            text = talloc_asprintf_append(text, "%s %s,", codes[j], kinds[kind].kind);
        }
        history->reports[i] = build_tsunami(
            history->context, below(&history->seed, 3) == 0 ? "VTSE51" : "VTSE41", at, text);
    }
    run_both_ways(history, levels, places, 3);
}

static const char *random_intensity(uint64_t *seed)
{
    static const char *const scale[] = {"3", "4", "5-", "5+", "6-", "6+", "7"};
    return scale[below(seed, 7)];
}

static struct report *quake_report(struct history *history, const char *code, usec_t at,
                                   int ranks[AREAS])
{
    static const char *const regions[AREAS] = {"101", "115", "390"};
    static const char *const cities[AREAS] = {"0110100", "0120300", "1720500"};
    static const char *const comments[] = {"0215", "0217", "0211", ""};
    char *region_text = memory_text(history->context, "");
    char *city_text = memory_text(history->context, "");
    for (size_t i = 0; i < AREAS; i++) {
        const char *intensity = random_intensity(&history->seed);
        ranks[i] = intensity_rank(intensity);
        region_text = talloc_asprintf_append(region_text, "%s %s,", regions[i], intensity);
        city_text = talloc_asprintf_append(city_text, "%s %s,", cities[i], intensity);
    }
    bool felt = strcmp(code, "VXSE51") == 0 || strcmp(code, "VXSE53") == 0;
    return build_quake(history->context, code, at, felt ? region_text : NULL,
                       strcmp(code, "VXSE53") == 0 ? city_text : NULL,
                       comments[below(&history->seed, 4)]);
}

/* Earthquakes are told as they were felt most, unless JMA corrects: so what was told may be more
 * than the last details say, but never less. */
static void compare_felt(struct history *history, const int ranks[AREAS], bool withdrawn)
{
    static const char *const places[AREAS] = {"municipality:01100", "municipality:01203",
                                              "municipality:17205"};
    static const char *const scale[] = {"1", "2", "3", "4", "5-", "5+", "6-", "6+", "7"};
    int levels[AREAS];
    for (size_t i = 0; i < AREAS; i++)
        levels[i] = ranks[i] > 0 ? intensity_level(scale[ranks[i] - 1]) : 0;
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        int truth = truth_level(levels, &subscribers[i], places);
        int told = highest_told(&history->hearers[i]);
        if (withdrawn)
            CHECK(history, told == 0);
        else if (truth >= subscribers[i].min_level)
            CHECK(history, told >= truth);
    }
}

static void earthquake_history(struct history *history)
{
    static const char *const codes[] = {"VXSE51", "VXSE52", "VXSE53", "VXSE53", "VXSE61"};
    int flash[AREAS] = {0}, details[AREAS] = {0}, unused[AREAS];
    bool has_flash = false, has_details = false, said = false;
    history->count = 1 + below(&history->seed, TELEGRAMS_MAX);
    history->full = false;
    for (size_t i = 0; i < history->count; i++) {
        /* A flash comes before all details; what a later one does is tested by hand. */
        unsigned pick = has_details ? 1 + below(&history->seed, 4) : below(&history->seed, 5);
        const char *code = codes[pick];
        usec_t at = NOON + (usec_t)i * USEC_PER_MINUTE;
        bool is_flash = pick == 0, is_details = pick == 2 || pick == 3;
        if ((is_flash || is_details) && below(&history->seed, 6) == 0) {
            history->reports[i] = cancel_of(history, code, REPORT_EARTHQUAKE, at);
            has_flash = is_flash ? false : has_flash;
            has_details = is_details ? false : has_details;
            continue;
        }
        history->reports[i] = quake_report(history, code, at,
                                           is_flash     ? flash
                                           : is_details ? details
                                                        : unused);
        has_flash = has_flash || is_flash;
        has_details = has_details || is_details;
        said = said || pick == 1 || pick == 4;
    }
    run_both_ways(history, unused, NULL, 1);
    start(history);
    deliver_shuffled(history);
    if (has_details || has_flash)
        compare_felt(history, has_details ? details : flash, false);
    else if (!said)
        compare_felt(history, unused, true);
    finish(history);
}

/* What ends by time has ended when its time is past, in every order, and only once. */
static void expiry_history(struct history *history)
{
    history->count = 1 + below(&history->seed, 4);
    bool warned = false;
    for (size_t i = 0; i < history->count; i++) {
        usec_t at = NOON + (usec_t)i * USEC_PER_MINUTE;
        bool forecast = i + 1 == history->count || below(&history->seed, 2) == 0;
        struct report *report = build_tsunami(history->context, "VTSE41", at,
                                              forecast ? "110 71,360 71" : "110 51,360 62");
        if (forecast)
            build_telegram(report)->valid_until = NOON + USEC_PER_HOUR + (usec_t)i;
        warned = warned || !forecast;
        history->reports[i] = report;
    }
    start(history);
    history->run.now = NOON + USEC_PER_MINUTE;
    deliver_shuffled(history);
    usec_t end_at = event_expires_at(history->run.state);
    CHECK(history, end_at == NOON + USEC_PER_HOUR + (usec_t)history->count - 1);
    struct event_state event = {.key = "tsunami/actual", .json = history->run.state};
    CHECK(history, event_expire(history->context, graph, &event, end_at - 1) == NULL);
    struct event_change *change = event_expire(history->context, graph, &event, end_at);
    CHECK(history, change != NULL && change->state != NULL);
    CHECK(history, warned || change->alert == NULL);
    event.json = change->state;
    CHECK(history, event_expire(history->context, graph, &event, end_at + 1) == NULL);
    for (size_t i = 0; i < SUBSCRIBERS; i++)
        CHECK(history, highest_told(&history->hearers[i]) < 3);
    finish(history);
}

/* Drills in between change nothing for the actual event, and reach only those who asked. */
static void drill_history(struct history *history)
{
    static const enum telegram_status statuses[] = {STATUS_EXERCISE, STATUS_TEST, STATUS_UNKNOWN};
    start(history);
    struct report *report = build_tsunami(history->context, "VTSE41", NOON, "110 53,360 51,102 62");
    enum telegram_status status = statuses[below(&history->seed, 3)];
    build_telegram(report)->status = status;
    deliver(history, report);
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        bool wanted = subscribers[i].drills && status != STATUS_UNKNOWN;
        if (!wanted)
            CHECK(history, history->hearers[i].messages == 0);
    }
    finish(history);
}

static void run_one(uint64_t number)
{
    struct history history = {.seed = number, .number = number, .context = talloc_new(NULL)};
    switch (number % 8) {
    case 0:
        if (number % 16 == 0)
            drill_history(&history);
        else
            expiry_history(&history);
        break;
    case 1:
    case 2:
    case 3:
        weather_history(&history);
        break;
    case 4:
    case 5:
        tsunami_history(&history);
        break;
    default:
        earthquake_history(&history);
    }
    talloc_free(history.context);
}

static int begin(void **state)
{
    static const char *const places[][2] = {{"municipality:01100", NULL},
                                            {"municipality:01203", NULL},
                                            {"municipality:17205", NULL},
                                            {"country:jp", NULL},
                                            {"municipality:01203", "municipality:17205"},
                                            {"municipality:01235", NULL},
                                            {"municipality:01213", NULL},
                                            {"country:jp", NULL}};
    static const int levels[SUBSCRIBERS] = {1, 2, 3, 4, 3, 5, 2, 1};
    struct subscriber *list[SUBSCRIBERS];
    TALLOC_CTX *context = talloc_new(NULL);
    graph = build_graph(context);
    for (size_t i = 0; i < SUBSCRIBERS; i++) {
        subscribers[i] = (struct subscriber){.areas = places[i],
                                             .area_count = places[i][1] != NULL ? 2 : 1,
                                             .hazards = ALL_HAZARDS,
                                             .min_level = levels[i],
                                             .drills = i % 3 == 1};
        list[i] = &subscribers[i];
    }
    audience = audience_of(context, graph, list, SUBSCRIBERS);
    *state = context;
    return 0;
}

static int end(void **state)
{
    talloc_free(*state);
    return 0;
}

static void any_history_ends_in_the_truth_and_nothing_is_said_twice(void **state)
{
    (void)state;
    const char *seed = getenv("NOROSHI_SEED");
    const char *histories = getenv("NOROSHI_HISTORIES");
    if (seed != NULL) {
        run_one(strtoull(seed, NULL, 10));
        return;
    }
    uint64_t count = histories != NULL ? strtoull(histories, NULL, 10) : 2000;
    for (uint64_t i = 0; i < count; i++)
        run_one(i);
    print_message("# %llu histories\n", (unsigned long long)count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_history_ends_in_the_truth_and_nothing_is_said_twice,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
