/* Random histories (issue 3, life cycle invariants; reliability tests 25, 30, 31, 33, 50).
 *
 * NOROSHI_HISTORIES sets how many are run and NOROSHI_SEED where they begin; a failure prints its
 * seed and the shortest history that still fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "shrink.h"

#define HISTORIES_DEFAULT 2000

static uint64_t number_from(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

static void explain(const struct listeners *listeners, struct history *history)
{
    history_shrink(listeners, history);
    TALLOC_CTX *context = talloc_new(NULL);
    fprintf(stderr, "NOROSHI_SEED=%llu, cut down:\n", (unsigned long long)history->seed);
    history_print(stderr, history);
    for (unsigned i = 0; i < SUBSCRIBERS; i++) {
        const struct subscriber *subscriber = &listeners->subscribers[history->audience][i];
        fprintf(stderr, "  %s from level %d%s, places %#x\n", subscriber->id, subscriber->min_level,
                subscriber->drills ? " with drills" : "", listeners->places[history->audience][i]);
    }
    fprintf(stderr, "%s\n", history_judge(context, listeners, history));
    talloc_free(context);
}

static void every_rule_holds_in_any_history(void **state)
{
    struct listeners *listeners = listeners_new(NULL);
    (void)state;
    assert_non_null(listeners);
    uint64_t first = number_from("NOROSHI_SEED", 1);
    uint64_t count =
        number_from("NOROSHI_HISTORIES", getenv("NOROSHI_SEED") != NULL ? 1 : HISTORIES_DEFAULT);
    for (uint64_t i = 0; i < count; i++) {
        struct history history;
        history_make(first + i, &history);
        TALLOC_CTX *context = talloc_new(NULL);
        const char *fault = history_judge(context, listeners, &history);
        if (fault != NULL)
            explain(listeners, &history);
        assert_null(fault);
        talloc_free(context);
    }
    print_message("# %llu histories from seed %llu\n", (unsigned long long)count,
                  (unsigned long long)first);
    talloc_free(listeners);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_rule_holds_in_any_history)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
