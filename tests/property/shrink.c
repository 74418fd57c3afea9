/* Judging one history, and cutting it down to what still fails (shrink.h). */
#include "shrink.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* What of `a` differs in `b`, one line for each; arrays and objects at their first level. */
static const char *difference(TALLOC_CTX *context, const char *what, const json_t *a,
                              const json_t *b)
{
    if (json_equal(a, b))
        return NULL;
    json_t *seen = json_is_array(a) ? json_null() : json_deep_copy(a);
    json_object_update(seen, (json_t *)b);
    char *text = memory_text(context, what);
    size_t count = json_is_array(a) ? json_array_size(a) : json_object_size(seen);
    count = json_array_size(b) > count ? json_array_size(b) : count;
    void *member = json_object_iter(seen);
    for (size_t i = 0; i < count; i++, member = json_object_iter_next(seen, member)) {
        const char *key = json_object_iter_key(member);
        const json_t *left = key != NULL ? json_object_get(a, key) : json_array_get(a, i);
        const json_t *right = key != NULL ? json_object_get(b, key) : json_array_get(b, i);
        if (left != NULL && right != NULL && json_equal(left, right))
            continue;
        char *x = json_dumps(left, JSON_SORT_KEYS | JSON_ENCODE_ANY);
        char *y = json_dumps(right, JSON_SORT_KEYS | JSON_ENCODE_ANY);
        text = memory_must(talloc_asprintf_append(
            text, "\n%s\n  as it arrived: %s\n  otherwise: %s", key != NULL ? key : "a message",
            x != NULL ? x : "nothing", y != NULL ? y : "nothing"));
        free(x);
        free(y);
    }
    json_decref(seen);
    return text;
}

static const char *compare_restarts(TALLOC_CTX *context, const struct course *course,
                                    const struct course *steady)
{
    const char *fault = steady->fault;
    if (fault == NULL)
        fault =
            difference(context, "restarts change what is said", course->messages, steady->messages);
    if (fault == NULL)
        fault = difference(context, "restarts change the state", course->states, steady->states);
    return fault;
}

static const char *compare_orders(TALLOC_CTX *context, const struct course *course,
                                  const struct course *in_order)
{
    if (in_order->fault != NULL)
        return memory_printf(context, "in order: %s", in_order->fault);
    json_t *a = course_truth(course), *b = course_truth(in_order);
    const char *fault = difference(context, "another order, another state", a, b);
    json_decref(a);
    json_decref(b);
    return fault;
}

static bool has_restart(const struct history *history)
{
    for (size_t i = 0; i < history->arrival_count; i++) {
        if (history->arrivals[i].restart)
            return true;
    }
    return false;
}

const char *history_judge(TALLOC_CTX *context, const struct listeners *listeners,
                          const struct history *history)
{
    const struct report **reports = history_reports(context, history);
    struct course course = course_begin(context, listeners, history, reports);
    course.restarts = true;
    course_run(&course);
    const char *fault = memory_text_or_null(context, course.fault);
    if (fault == NULL && has_restart(history)) {
        struct course steady = course_begin(context, listeners, history, reports);
        course_run(&steady);
        fault = memory_text_or_null(context, compare_restarts(context, &course, &steady));
        course_end(&steady);
    }
    if (fault == NULL) {
        struct course in_order = course_begin(context, listeners, history, reports);
        course_run_in_order(&in_order);
        fault = memory_text_or_null(context, compare_orders(context, &course, &in_order));
        course_end(&in_order);
    }
    course_end(&course);
    return fault;
}

static bool fails(const struct listeners *listeners, const struct history *history)
{
    TALLOC_CTX *context = talloc_new(NULL);
    bool failed = history_judge(context, listeners, history) != NULL;
    talloc_free(context);
    return failed;
}

static bool keep_if_failing(const struct listeners *listeners, struct history *history,
                            const struct history *smaller)
{
    if (!fails(listeners, smaller))
        return false;
    *history = *smaller;
    return true;
}

static bool drop_arrivals(const struct listeners *listeners, struct history *history)
{
    bool dropped = false;
    for (size_t i = history->arrival_count; i-- > 0;) {
        struct history smaller = *history;
        memmove(&smaller.arrivals[i], &smaller.arrivals[i + 1],
                (smaller.arrival_count - i - 1) * sizeof(struct arrival));
        smaller.arrival_count--;
        dropped = keep_if_failing(listeners, history, &smaller) || dropped;
    }
    return dropped;
}

/* The quietest value that an area can have and still be listed, or not. */
static bool quieten_areas(const struct listeners *listeners, struct history *history)
{
    bool quieter = false;
    for (size_t i = 0; i < history->telegram_count; i++) {
        for (unsigned row = 0; row < 2; row++) {
            for (unsigned area = 0; area < AREAS; area++) {
                struct history smaller = *history;
                if (smaller.telegrams[i].said[row][area] <= 0)
                    continue;
                smaller.telegrams[i].said[row][area] = 0;
                quieter = keep_if_failing(listeners, history, &smaller) || quieter;
            }
        }
    }
    return quieter;
}

static bool plainer_telegrams(const struct listeners *listeners, struct history *history)
{
    bool plainer = false;
    for (size_t i = 0; i < history->telegram_count; i++) {
        for (unsigned what = 0; what < 4; what++) {
            struct history smaller = *history;
            struct scripted_telegram *telegram = &smaller.telegrams[i];
            if (what == 0 && telegram->valid_until != 0)
                telegram->valid_until = 0;
            else if (what == 1 && telegram->info_type != INFO_ISSUE)
                telegram->info_type = INFO_ISSUE;
            else if (what == 2 && telegram->text != 0)
                telegram->text = 0;
            else if (what == 3 && telegram->status != STATUS_ACTUAL)
                telegram->status = STATUS_ACTUAL;
            else
                continue;
            plainer = keep_if_failing(listeners, history, &smaller) || plainer;
        }
    }
    for (size_t i = 0; i < history->arrival_count; i++) {
        struct history smaller = *history;
        if (!smaller.arrivals[i].restart)
            continue;
        smaller.arrivals[i].restart = false;
        plainer = keep_if_failing(listeners, history, &smaller) || plainer;
    }
    return plainer;
}

void history_shrink(const struct listeners *listeners, struct history *history)
{
    bool smaller = true;
    while (smaller) {
        smaller = drop_arrivals(listeners, history);
        smaller = plainer_telegrams(listeners, history) || smaller;
        smaller = quieten_areas(listeners, history) || smaller;
    }
}
