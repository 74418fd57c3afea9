/* Whole chains of telegrams in random orders, some of them twice or more (reliability test 25).
 *
 * Each chain is first told in the order of JMA. Then, in random orders: what is known at the
 * end is the same, nobody hears more messages than in the right order, and the last word that each
 * reader hears of an event is that of the right order. NOROSHI_ORDERS sets how many
 * (tests/property/run: 1,000). */
#include <glob.h>
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
#include "history.h"

#define CHAIN_MAX      40
#define ORDERS_DEFAULT 50
#define READERS        4

/* From the root of the repository. Those in ../shared are left out where it is not. */
static const struct chain {
    const char *name, *files;
} chains[] = {
    {"a night of rain", "tests/replay/rain/*.xml"},
    {"a tsunami", "tests/replay/tsunami/*.xml"},
    {"Noto 2024", "../shared/corpus/telegrams/V[XT]SE[456]*/2024010[12]T*_koppepam_*.xml"},
    {"2011-03-11", "../shared/corpus/telegrams/V[XT]SE[456]*/32-39_11_*.xml"},
    {"two earthquakes", "../shared/corpus/telegrams/V[XT]SE[456]*/38-39_02_*.xml"},
    {"a withdrawn tsunami", "../shared/corpus/telegrams/V[XT]SE[456]*/38-39_03_*.xml"},
};

static struct area_graph *graph;
static struct audience *audience;

struct outcome {
    json_t *states;           /* by key */
    json_t *told;             /* by "event|reader": what he was told last */
    size_t messages[READERS]; /* of all events */
};

static int load(void **state)
{
    static const char *const wanted[READERS] = {"country:jp", "municipality:17204", "prefecture:03",
                                                "tsunami-coast:110"};
    const char *root = getenv("NOROSHI_ROOT");
    struct problems *problems = problems_new(NULL);
    char *directory = memory_printf(problems, "%s/config/areas", root != NULL ? root : ".");
    int r = area_graph_load(NULL, directory, problems, &graph);
    struct subscriber **list = memory_array(graph, struct subscriber *, READERS);
    for (size_t i = 0; i < READERS; i++) {
        const char **areas = memory_array(graph, const char *, 1);
        areas[0] = wanted[i];
        list[i] = memory_new(graph, struct subscriber);
        *list[i] = (struct subscriber){.id = wanted[i],
                                       .areas = areas,
                                       .area_count = 1,
                                       .hazards = ~(uint64_t)0,
                                       .min_level = i == 0 ? 1 : 2};
    }
    audience = audience_of(graph, graph, list, READERS);
    talloc_free(problems);
    (void)state;
    return r;
}

static int unload(void **state)
{
    (void)state;
    talloc_free(graph);
    return 0;
}

static const struct report *read_report(TALLOC_CTX *context, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = memory_array(context, char, TELEGRAM_BYTES_MAX);
    size_t length = fread(bytes, 1, TELEGRAM_BYTES_MAX, file);
    fclose(file);
    struct telegram *telegram;
    struct problems *problems = problems_new(context);
    assert_int_equal(telegram_parse(context, path, bytes, length, problems, &telegram), 0);
    talloc_free(bytes);
    (void)telegram_settle_times(telegram, telegram->control_time);
    return report_parse(context, graph, telegram, problems);
}

static int by_time(const void *a, const void *b)
{
    const struct report *one = *(const struct report *const *)a;
    const struct report *other = *(const struct report *const *)b;
    return one->telegram->control_time < other->telegram->control_time   ? -1
           : one->telegram->control_time > other->telegram->control_time ? 1
                                                                         : 0;
}

static void hear(TALLOC_CTX *context, struct outcome *outcome, const struct alert *alert)
{
    for (size_t i = 0; i < READERS; i++) {
        char *key = memory_printf(context, "%s|%zu", alert->event_id, i);
        const struct match *match = match_subscriber(context, graph, alert, audience, i,
                                                     json_object_get(outcome->told, key));
        if (!match->send)
            continue;
        outcome->messages[i]++;
        json_object_set(outcome->told, key, match->told);
    }
}

static void apply(struct outcome *outcome, const struct report *report, usec_t now)
{
    TALLOC_CTX *context = talloc_new(NULL);
    size_t count;
    const char **keys = event_keys(context, graph, report, &count);
    for (size_t i = 0; i < count; i++) {
        const struct event_state state = {.key = keys[i],
                                          .json = json_object_get(outcome->states, keys[i])};
        const struct event_change *change = event_apply(context, graph, &state, report, now);
        if (change->alert != NULL)
            hear(context, outcome, change->alert);
        if (change->state != NULL)
            json_object_set(outcome->states, keys[i], change->state);
    }
    talloc_free(context);
}

static struct outcome run(const struct report *const *reports, const size_t *order, size_t count,
                          usec_t now)
{
    struct outcome outcome = {.states = json_object(), .told = json_object()};
    for (size_t i = 0; i < count; i++)
        apply(&outcome, reports[order[i]], now);
    return outcome;
}

/* What is known, without how it came about and how it was told. */
static void bare(json_t *json)
{
    const char *key;
    json_t *member;
    json_object_del(json, "life");
    json_object_del(json, "held");
    json_object_del(json, "words");
    json_object_foreach(json, key, member) bare(member);
}

static int told_level(const json_t *told)
{
    return (int)json_integer_value(json_object_get(told, "level"));
}

/* The level that each reader believes at the end, over all instances of events. */
static int believed(const struct outcome *outcome, size_t reader)
{
    int level = 0;
    const char *key;
    json_t *told;
    json_object_foreach(outcome->told, key, told)
    {
        if (strtoul(strrchr(key, '|') + 1, NULL, 10) == reader && told_level(told) > level)
            level = told_level(told);
    }
    return level;
}

static void outcome_free(struct outcome *outcome)
{
    json_decref(outcome->states);
    json_decref(outcome->told);
}

static size_t shuffle(uint64_t *seed, size_t count, size_t *ret_order)
{
    size_t length = 0;
    for (size_t i = 0; i < count; i++) {
        for (unsigned copies = 1 + random_below(seed, 4); copies > 0; copies--)
            ret_order[length++] = i;
    }
    for (size_t i = length - 1; i > 0; i--) {
        size_t other = random_below(seed, (unsigned)(i + 1));
        size_t kept = ret_order[i];
        ret_order[i] = ret_order[other];
        ret_order[other] = kept;
    }
    return length;
}

static void compare(const char *name, unsigned long number, const struct outcome *right,
                    struct outcome *random)
{
    bare(random->states);
    if (!json_equal(right->states, random->states)) {
        char *wanted = json_dumps(right->states, JSON_SORT_KEYS);
        char *found = json_dumps(random->states, JSON_SORT_KEYS);
        fail_msg("%s, order %lu: another end:\n%.6000s\n%.6000s", name, number, wanted, found);
    }
    for (size_t i = 0; i < READERS; i++) {
        if (random->messages[i] > right->messages[i])
            fail_msg("%s, order %lu: reader %zu hears %zu messages, in order %zu", name, number, i,
                     random->messages[i], right->messages[i]);
        if (believed(random, i) != believed(right, i))
            fail_msg("%s, order %lu: reader %zu believes level %d, in order %d", name, number, i,
                     believed(random, i), believed(right, i));
    }
}

static bool check_chain(const struct chain *chain, unsigned long orders)
{
    const char *root = getenv("NOROSHI_ROOT");
    TALLOC_CTX *context = talloc_new(NULL);
    const struct report *reports[CHAIN_MAX];
    size_t order[CHAIN_MAX * 4], count = 0;
    glob_t found = {0};
    char *pattern = memory_printf(context, "%s/%s", root != NULL ? root : ".", chain->files);
    if (glob(pattern, 0, NULL, &found) != 0) {
        globfree(&found);
        talloc_free(context);
        return false;
    }
    for (; count < found.gl_pathc && count < CHAIN_MAX; count++)
        reports[count] = read_report(context, found.gl_pathv[count]);
    globfree(&found);
    qsort((void *)reports, count, sizeof(reports[0]), by_time);
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    usec_t now = reports[0]->telegram->control_time;
    struct outcome right = run(reports, order, count, now);
    bare(right.states);
    for (unsigned long i = 0; i < orders; i++) {
        uint64_t seed = i;
        size_t length = shuffle(&seed, count, order);
        struct outcome random = run(reports, order, length, now);
        compare(chain->name, i, &right, &random);
        outcome_free(&random);
    }
    print_message("# %s: %zu telegrams, %zu messages to all of Japan in order\n", chain->name,
                  count, right.messages[0]);
    outcome_free(&right);
    talloc_free(context);
    return true;
}

static void order_does_not_matter(void **state)
{
    const char *wanted = getenv("NOROSHI_ORDERS");
    unsigned long orders = wanted != NULL ? strtoul(wanted, NULL, 10) : ORDERS_DEFAULT;
    size_t checked = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
        checked += check_chain(&chains[i], orders) ? 1 : 0;
    print_message("# %zu of %zu chains, %lu orders each\n", checked,
                  sizeof(chains) / sizeof(chains[0]), orders);
    assert_true(checked >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(order_does_not_matter)};
    return cmocka_run_group_tests(tests, load, unload);
}
