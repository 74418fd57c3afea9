/* Test 20: every promised delivery ends in exactly one way within its bound; versions never go
 * back; an end only to who heard the beginning; identifiers and bodies are stable.
 *
 * NOROSHI_SEED runs one history and prints what was sent; NOROSHI_HISTORIES says how many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/memory.h"
#include "simulation.h"

static TALLOC_CTX *context;

static void print(const struct world *world)
{
    for (size_t i = 0; i < world->sent_count; i++) {
        const struct sent *sent = &world->sent[i];
        print_message(
            "{\"at\": %.3f, \"event\": %d, \"alert\": %lld, \"reader\": %lld, \"host\": %d,"
            " \"manner\": %d, \"id\": \"%s\", \"phase\": \"%s\", \"taken\": %d}\n",
            (double)(sent->at - BEGINS) / 1e6, world->alerts[sent->alert - 1].event,
            (long long)sent->alert, (long long)sent->subscriber,
            reader_host((int)sent->subscriber - 1),
            (int)world->hosts[reader_host((int)sent->subscriber - 1)].manner, sent->id,
            sent->phase != NULL ? sent->phase : "mail", sent->taken);
    }
}

static void every_rule_holds_in_every_history(void **state)
{
    const struct config *config = *state;
    const char *seed = getenv("NOROSHI_SEED"), *many = getenv("NOROSHI_HISTORIES");
    uint64_t first = seed != NULL ? strtoull(seed, NULL, 10) : 1;
    uint64_t count = seed != NULL ? 1 : many != NULL ? strtoull(many, NULL, 10) : 50;
    size_t sent = 0;
    int64_t rows = 0;
    int kills = 0;
    for (uint64_t i = first; i < first + count; i++) {
        struct world *world = world_run(NULL, config, i);
        const char *wrong = world_judge(world);
        if (seed != NULL || wrong != NULL)
            print(world);
        if (wrong != NULL)
            fail_msg("NOROSHI_SEED=%llu: %s", (unsigned long long)i, wrong);
        sent += world->sent_count;
        rows += world->rows;
        kills += world->kills;
        world_end(world);
    }
    print_message("# %llu histories: %lld deliveries, %zu tries, %d kills\n",
                  (unsigned long long)count, (long long)rows, sent, kills);
    assert_true(sent > 0 && rows > 0 && kills > 0);
}

static int set_up(void **state)
{
    const char *root = getenv("NOROSHI_ROOT");
    struct config *config;
    context = talloc_new(NULL);
    int r = config_load(context,
                        memory_printf(context, "%s/config/noroshi.yaml", root != NULL ? root : "."),
                        problems_new(context), &config);
    if (r < 0)
        return r;
    config->transfers_limit = 12; /* so that deliveries wait for each other */
    config->email.relay_url = "smtp://relay.example:25";
    config->email.directory = NULL;
    config->email.from_address = "alerts@test.example";
    config->email.host = "test.example";
    log_setup(LOG_FORMAT_PLAIN, LOG_PRIORITY_ERROR);
    *state = config;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    talloc_free(context);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule_holds_in_every_history)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
