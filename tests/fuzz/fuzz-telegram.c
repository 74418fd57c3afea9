/* libFuzzer target: bytes to telegram, report, JSON, event state, alert and back.
 *
 * An input is one telegram, or several one after the other, each with its own XML declaration. They
 * go through event_apply in their order and then, on fresh states, in the reverse order. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "event/event.h"
#include "fuzz.h"

#define TELEGRAMS_MAX 4
#define STATES_MAX    512
#define RECEIVED_AT   ((usec_t)1800000000 * USEC_PER_SEC) /* 2027 */
#define DECLARATION   "<?xml"

static struct area_graph *areas; /* loaded once: libFuzzer gives the input no other context */

struct states {
    TALLOC_CTX *context;
    const char *keys[STATES_MAX];
    json_t *values[STATES_MAX];
    size_t count;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    const char *root = getenv("NOROSHI_ROOT");
    struct problems *problems = problems_new(NULL);
    char *directory = memory_printf(NULL, "%s/config/areas", root != NULL ? root : ".");
    fuzz_must(area_graph_load(NULL, directory, problems, &areas) == 0, "no area tables in %s",
              directory);
    talloc_free(problems);
    talloc_free(directory);
    return 0;
}

static json_t **state_of(struct states *states, const char *key)
{
    for (size_t i = 0; i < states->count; i++) {
        if (strcmp(states->keys[i], key) == 0)
            return &states->values[i];
    }
    if (states->count == STATES_MAX)
        return NULL;
    states->keys[states->count] = memory_text(states->context, key);
    return &states->values[states->count++];
}

static void check_areas(const struct alert *alert)
{
    for (size_t i = 0; i < alert->area_count; i++) {
        const struct alert_area *area = &alert->areas[i];
        fuzz_must(area->code != NULL, "an area without a code in %s", alert->id);
        fuzz_must(area->level >= 0 && area->level <= 5 && area->previous_level >= 0 &&
                      area->previous_level <= 5,
                  "level %d of area %s", area->level, area->code);
    }
}

static void check_round_trip(TALLOC_CTX *context, const struct alert *alert)
{
    json_t *there = alert_to_json(alert);
    const struct alert *back = alert_from_json(context, there);
    fuzz_must(back != NULL, "alert %s cannot be read back", alert->id);
    json_t *again = alert_to_json(back);
    char *text = json_dumps(there, JSON_COMPACT);
    fuzz_must(text != NULL, "alert %s cannot be written", alert->id);
    fuzz_must(json_equal(there, again), "alert %s differs when read back: %s", alert->id, text);
    free(text);
    json_decref(there);
    json_decref(again);
}

static void check_alert(TALLOC_CTX *context, const struct report *report, const char *key,
                        const struct alert *alert)
{
    const struct telegram *telegram = report->telegram;
    fuzz_must(alert->id != NULL && alert->id[0] != '\0' &&
                  alert->id[strcspn(alert->id, " \t\r\n,<&.")] == '\0',
              "id \"%s\"", alert->id);
    fuzz_must(alert->event_id != NULL && alert->event_id[0] != '\0', "no event id");
    fuzz_must(strcmp(alert->event_key, key) == 0, "key %s for %s", alert->event_key, key);
    fuzz_must(alert->level >= 0 && alert->level <= 5, "level %d in %s", alert->level, alert->id);
    fuzz_must(alert->status == telegram->status || alert->status == STATUS_UNKNOWN,
              "status %d made of %d", (int)alert->status, (int)telegram->status);
    fuzz_must(alert->hazard < HAZARD_COUNT && alert->phase < PHASE_COUNT, "hazard or phase");
    fuzz_must(alert->expires != 0, "an alert without an end: %s", alert->id);
    const struct alert_cap cap = alert_cap(alert, alert->level, alert->phase);
    fuzz_must((strcmp(cap.status, "Actual") == 0) ==
                  (telegram->status == STATUS_ACTUAL && alert->status == STATUS_ACTUAL),
              "CAP status %s", cap.status);
    check_areas(alert);
    check_round_trip(context, alert);
}

static const struct event_change *apply(TALLOC_CTX *context, const struct report *report,
                                        const char *key, const json_t *before)
{
    const struct event_state state = {.key = key, .json = (json_t *)before};
    json_t *copy = json_deep_copy(before);
    const struct event_change *change =
        event_apply(context, areas, &state, report, report->telegram->control_time);
    fuzz_must(json_equal(copy, before) || before == NULL, "the state before was changed");
    json_decref(copy);
    fuzz_must(strcmp(change->key, key) == 0, "change of %s for %s", change->key, key);
    if (change->alert != NULL)
        check_alert(context, report, key, change->alert);
    return change;
}

/* The new state, as the store would give it back: through text. */
static void keep(json_t **state, const struct event_change *change)
{
    if (change->state == NULL)
        return;
    char *text = json_dumps(change->state, JSON_COMPACT);
    fuzz_must(text != NULL, "the state of %s cannot be written", change->key);
    json_decref(*state);
    *state = json_loads(text, 0, NULL);
    fuzz_must(*state != NULL, "the state of %s cannot be read: %s", change->key, text);
    free(text);
}

static void check_end(TALLOC_CTX *context, const char *key, const json_t *state)
{
    const struct event_state before = {.key = key, .json = (json_t *)state};
    usec_t at = event_expires_at(state);
    if (at == 0)
        return;
    const struct event_change *change = event_expire(context, areas, &before, at);
    fuzz_must(change == NULL || change->state == NULL || event_expires_at(change->state) != at,
              "%s never ends", key);
}

static void apply_all(TALLOC_CTX *context, const struct report *report, struct states *states)
{
    size_t count = 0;
    const char **keys = event_keys(context, areas, report, &count);
    fuzz_must(count > 0 && keys[count] == NULL, "%zu keys", count);
    for (size_t i = 0; i < count; i++) {
        json_t **state = state_of(states, keys[i]);
        if (state == NULL)
            return;
        keep(state, apply(context, report, keys[i], *state));
        const struct event_change *again = apply(context, report, keys[i], *state);
        fuzz_must(again->alert == NULL, "the same telegram twice: %s", again->alert->id);
        keep(state, again);
        check_end(context, keys[i], *state);
    }
}

static struct report *read_report(TALLOC_CTX *context, const char *bytes, size_t length)
{
    struct problems *problems = problems_new(context);
    struct telegram *telegram;
    if (telegram_parse(context, "telegram.xml", bytes, length, problems, &telegram) < 0) {
        fuzz_must(problems->count > 0, "refused without a reason");
        return NULL;
    }
    (void)telegram_settle_times(telegram, RECEIVED_AT);
    fuzz_must(telegram->control_time > 0 && telegram->reported_at > 0, "no time");
    struct report *report = report_parse(context, areas, telegram, problems);
    json_t *json = report_to_json(report, "telegram.xml");
    char *text = json_dumps(json, JSON_COMPACT);
    fuzz_must(text != NULL, "the report cannot be written as JSON");
    free(text);
    json_decref(json);
    return report;
}

static size_t read_all(TALLOC_CTX *context, const char *bytes, size_t size,
                       const struct report **reports)
{
    size_t count = 0;
    const char *end = bytes + size;
    while (bytes < end && count < TELEGRAMS_MAX) {
        size_t left = (size_t)(end - bytes);
        const char *next = memmem(bytes + 1, left - 1, DECLARATION, strlen(DECLARATION));
        size_t length = next != NULL ? (size_t)(next - bytes) : left;
        const struct report *report = read_report(context, bytes, length);
        if (report != NULL)
            reports[count++] = report;
        bytes += length;
    }
    return count;
}

static void run(TALLOC_CTX *context, const struct report **reports, size_t count, bool backwards)
{
    struct states states = {.context = context};
    for (size_t i = 0; i < count; i++)
        apply_all(context, reports[backwards ? count - 1 - i : i], &states);
    for (size_t i = 0; i < states.count; i++)
        json_decref(states.values[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    TALLOC_CTX *context = talloc_new(NULL);
    const struct report *reports[TELEGRAMS_MAX];
    size_t count = read_all(context, (const char *)data, size, reports);
    run(context, reports, count, false);
    if (count > 1)
        run(context, reports, count, true);
    talloc_free(context);
    return 0;
}
