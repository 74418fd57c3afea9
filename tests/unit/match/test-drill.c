/* Drills (reliability test 33): every telegram, with each Status that is not 通常, against many
 * random subscribers: nobody hears it who did not ask. What speaks of a drill under 通常 is a
 * matter of ingest (tests/system/test_drill.py). By default our own telegrams and 1,000
 * subscribers; with NOROSHI_SUBSCRIBERS so many, and the corpus too (tests/property/run: 10,000).
 */
#include <dirent.h>

#include "event/event.h"
#include "jma/load.h"
#include "match/match.h"

#define SUBSCRIBERS_DEFAULT 1000
#define DRILL_ASKERS        20 /* the last of them */
#define RANDOM_SEED         20261126

static struct audience *audience;
static size_t subscriber_count, alerts, drills_heard;

static uint64_t next_random(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15U);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/* All of Japan, or a random place of a random system. */
static const char *random_place(TALLOC_CTX *context, const struct area_graph *graph, uint64_t *seed)
{
    static const enum area_system systems[] = {AREA_COUNTRY, AREA_PREFECTURE, AREA_MUNICIPALITY,
                                               AREA_WEATHER_CITY, AREA_TSUNAMI_COAST};
    enum area_system system = systems[next_random(seed) % 5];
    size_t count;
    const struct area *const *areas = area_list(graph, system, &count);
    return memory_printf(context, "%s:%s", area_system_name(system),
                         areas[next_random(seed) % count]->code);
}

static void make_audience(struct load *load)
{
    struct subscriber **list = memory_array(load, struct subscriber *, subscriber_count);
    uint64_t seed = RANDOM_SEED;
    for (size_t i = 0; i < subscriber_count; i++) {
        const char **areas = memory_array(load, const char *, 1);
        bool asks = i >= subscriber_count - DRILL_ASKERS;
        list[i] = memory_new(load, struct subscriber);
        areas[0] = asks ? "country:jp" : random_place(load, load->graph, &seed);
        *list[i] = (struct subscriber){.id = memory_printf(load, "s_%zu", i),
                                       .areas = areas,
                                       .area_count = 1,
                                       .hazards = asks ? ~(uint64_t)0 : next_random(&seed),
                                       .min_level = asks ? 1 : 1 + (int)(next_random(&seed) % 5),
                                       .drills = asks};
    }
    audience = audience_of(load, load->graph, list, subscriber_count);
}

static void hear(struct load *load, const char *file, const struct alert *alert)
{
    alerts++;
    if (alert->status == STATUS_ACTUAL)
        fail_msg("%s: an actual alert", file);
    for (size_t i = 0; i < subscriber_count; i++) {
        TALLOC_CTX *context = talloc_new(load);
        const struct match *match =
            match_subscriber(context, load->graph, alert, audience, i, NULL);
        if (match->send && !audience_profile(audience, i)->drills)
            fail_msg("%s reaches reader %zu, who did not ask for drills", file, i);
        drills_heard += match->send ? 1 : 0;
        talloc_free(context);
    }
}

static void apply(struct load *load, const char *file, const char *bytes)
{
    struct telegram *telegram;
    struct problems *problems = problems_new(load);
    if (telegram_parse(load, file, bytes, strlen(bytes), problems, &telegram) < 0)
        return;
    (void)telegram_settle_times(telegram, telegram->control_time);
    struct report *report = report_parse(load, load->graph, telegram, problems);
    size_t count;
    const char **keys = event_keys(load, load->graph, report, &count);
    for (size_t i = 0; i < count; i++) {
        const struct event_state state = {.key = keys[i]};
        const struct event_change *change =
            event_apply(load, load->graph, &state, report, telegram->control_time);
        if (change->alert != NULL)
            hear(load, file, change->alert);
    }
}

/* The first <element>…</element> with another text; NULL text: without it. */
static char *with_text(TALLOC_CTX *context, const char *bytes, const char *element,
                       const char *text)
{
    char *open = memory_printf(context, "<%s>", element);
    char *close = memory_printf(context, "</%s>", element);
    const char *at = strstr(bytes, open), *end = at != NULL ? strstr(at, close) : NULL;
    if (end == NULL)
        return NULL;
    if (text == NULL)
        return memory_printf(context, "%.*s%s", (int)(at - bytes), bytes, end + strlen(close));
    return memory_printf(context, "%.*s%s%s%s", (int)(at - bytes), bytes, open, text, end);
}

static void every_status(struct load *load, const char *file)
{
    static const char *const statuses[] = {"訓練", "試験", "", NULL, "　訓練　", "normal"};
    TALLOC_CTX *context = talloc_new(load);
    size_t length;
    char *bytes = load_bytes(context, file, &length);
    bytes[length] = '\0';
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
        const char *changed = with_text(context, bytes, "Status", statuses[i]);
        if (changed != NULL)
            apply(load, file, changed);
    }
    talloc_free(context);
}

static size_t walk(struct load *load, const char *folder)
{
    DIR *codes = opendir(load_path(load, folder));
    size_t count = 0;
    assert_non_null(codes);
    for (struct dirent *code = readdir(codes); code != NULL; code = readdir(codes)) {
        char *path = load_path(load, memory_printf(load, "%s%s", folder, code->d_name));
        DIR *files = code->d_name[0] != '.' ? opendir(path) : NULL;
        for (struct dirent *file = files != NULL ? readdir(files) : NULL; file != NULL;
             file = readdir(files)) {
            if (strstr(file->d_name, ".xml") == NULL)
                continue;
            struct load *each = memory_new(load, struct load);
            each->graph = load->graph;
            every_status(each, memory_printf(each, "%s%s/%s", folder, code->d_name, file->d_name));
            talloc_free(each);
            count++;
        }
        if (files != NULL)
            closedir(files);
    }
    closedir(codes);
    return count;
}

static void a_drill_never_reaches_who_did_not_ask(void **state)
{
    struct load *load = *state;
    const char *wanted = getenv("NOROSHI_SUBSCRIBERS");
    subscriber_count = wanted != NULL ? strtoul(wanted, NULL, 10) : SUBSCRIBERS_DEFAULT;
    assert_true(subscriber_count > DRILL_ASKERS);
    make_audience(load);
    size_t count = walk(load, "own/");
    if (wanted != NULL && load_has_corpus())
        count += walk(load, "corpus/");
    print_message("# %zu telegrams, %zu alerts that are no actual ones, %zu subscribers\n", count,
                  alerts, subscriber_count);
    assert_true(count >= 40 && alerts >= count && drills_heard > count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(a_drill_never_reaches_who_did_not_ask)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
