/* A telegram that comes cut at every byte, and in other wrong ways: never a partial alert, tried
 * again with back-off, siblings not held up, and nothing is asked for once it is there (test 26 of
 * the reliability list). */
#include "scenario.h"

#define NOON  ((usec_t)1788264000 * USEC_PER_SEC)
#define CODE  "VXSE51"
#define TITLE "震度速報"

static const char *const feeds[] = {"eqvol"};

static char *telegram(TALLOC_CTX *context, size_t *ret_length)
{
    const char *root = getenv("NOROSHI_ROOT");
    char *bytes;
    char *path = memory_printf(context, "%s/tests/telegram/own/VXSE51/iburi_VXSE51.xml",
                               root != NULL ? root : ".");
    assert_int_equal(telegram_file_read(context, path, 100000, &bytes, ret_length), 0);
    return bytes;
}

static const char *file_of(TALLOC_CTX *context, size_t number)
{
    return memory_printf(context, "20260901120000_0_" CODE "_%06zu.xml", number);
}

/* A feed page with `count` entries is polled and answered. */
static void publish(struct scenario *scenario, size_t count)
{
    usec_t next;
    assert_int_equal(poll_due(scenario->poll, scenario->now, &next), 0);
    struct buffer *page = page_begin(scenario, scenario->now);
    for (size_t i = 0; i < count; i++)
        page_entry(page, file_of(page, i), TITLE, scenario->now - 10 * USEC_PER_SEC);
    buffer_text(page, "</feed>");
    struct order *order;
    while ((order = queue_pop(scenario->orders, scenario, 0)) != NULL) {
        const struct transfer_result result = {
            .status = 200, .body = page->bytes, .body_length = page->length};
        struct job *job = job_new(JOB_FEED, order->name, &result);
        assert_int_equal(poll_feed_done(scenario->poll, job, scenario->now), 0);
        talloc_free(job);
        talloc_free(order);
    }
    talloc_free(page);
}

struct verdict {
    bool handed_over, overdue;
    usec_t next_at;
    int attempts;
};

static struct verdict answer(struct scenario *scenario, const char *id,
                             const struct transfer_result *result)
{
    TALLOC_CTX *context = talloc_new(scenario);
    struct job *job = job_new(JOB_TELEGRAM, id, result);
    struct store_telegram row;
    struct store_entry entry = {0};
    struct verdict verdict = {0};
    assert_int_equal(poll_telegram_done(scenario->poll, context, job, scenario->now, &row, &entry,
                                        &verdict.overdue),
                     0);
    talloc_free(job);
    verdict.handed_over = row.id != NULL;
    struct store_entry stored;
    assert_int_equal(store_get_entry(scenario->store, context, id, &stored), 0);
    verdict.next_at = stored.next_at;
    verdict.attempts = stored.attempts;
    talloc_free(context);
    return verdict;
}

static bool only_blanks(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (strchr(" \t\r\n", bytes[i]) == NULL)
            return false;
    }
    return true;
}

struct cut {
    const char *bytes;
    size_t length;
    bool length_is_right; /* the server's Content-Length agrees with the cut body */
};

/* Asks for all that is due; `first` answers for entries that are asked for the first time. */
static size_t serve_due(struct scenario *scenario, const struct cut *whole, bool cut_first,
                        size_t *ret_handed_over)
{
    usec_t next;
    size_t asked = 0;
    struct order *order;
    assert_int_equal(poll_due(scenario->poll, scenario->now, &next), 0);
    while ((order = queue_pop(scenario->orders, scenario, 0)) != NULL) {
        if (order->kind != ORDER_FETCH_TELEGRAM) {
            const struct transfer_result unchanged = {.status = 304};
            struct job *job = job_new(JOB_FEED, order->name, &unchanged);
            assert_int_equal(poll_feed_done(scenario->poll, job, scenario->now), 0);
            talloc_free(job);
            talloc_free(order);
            continue;
        }
        asked++;
        size_t number = strtoul(strrchr(order->name, '_') + 1, NULL, 10);
        /* Each third is a sibling that comes whole at once. */
        bool whole_now = !cut_first || number % 3 == 2;
        size_t length = whole_now ? whole->length : number / 3 % whole->length;
        const struct transfer_result result = {
            .failure = whole_now || number % 3 == 0 ? TRANSFER_OK : TRANSFER_CUT,
            .status = 200,
            .error = whole_now || number % 3 == 0 ? NULL : "cut",
            .body = whole->bytes,
            .body_length = length};
        struct verdict verdict = answer(scenario, order->name, &result);
        bool complete = result.failure == TRANSFER_OK &&
                        only_blanks(whole->bytes + length, whole->length - length);
        if (verdict.handed_over != complete)
            fail_msg("cut at byte %zu of %zu: handed over: %d", length, whole->length,
                     verdict.handed_over);
        if (!complete) {
            assert_true(verdict.next_at > scenario->now);
            assert_true(verdict.next_at <= scenario->now + 2 * USEC_PER_SEC);
        }
        *ret_handed_over += verdict.handed_over ? 1 : 0;
        talloc_free(order);
    }
    return asked;
}

static void a_body_cut_at_any_byte_is_never_taken_and_comes_whole_later(void **state)
{
    (void)state;
    struct scenario *scenario = scenario_new(feeds, 1, NOON);
    struct cut whole = {0};
    whole.bytes = telegram(scenario, &whole.length);
    assert_true(whole.length > 3000 && whole.length < 4000);
    size_t count = whole.length * 3, handed_over = 0, asked = 0;
    publish(scenario, count);
    size_t now;
    while ((now = serve_due(scenario, &whole, true, &handed_over)) > 0 && asked + now < count)
        asked += now;
    assert_int_equal(asked + now, count);
    assert_true(handed_over >= whole.length); /* the siblings, at once */
    size_t second = 0;
    for (int i = 0; i < 600 && handed_over < count; i++) {
        scenario->now += USEC_PER_SEC / 10;
        second += serve_due(scenario, &whole, false, &handed_over);
    }
    assert_int_equal(handed_over, count);
    /* Nothing is asked for again. */
    scenario->now += USEC_PER_HOUR;
    assert_int_equal(serve_due(scenario, &whole, false, &handed_over), 0);
    print_message("# %zu bytes: cut at each with right and wrong length, %zu tried again, "
                  "%zu handed over once\n",
                  whole.length, second, handed_over);
    scenario_free(scenario);
}

static void
wrong_answers_are_tried_again_with_back_off_and_told_once_when_they_are_late(void **state)
{
    (void)state;
    static const struct transfer_result wrong[] = {
        {.status = 404},
        {.status = 500, .body = "sorry", .body_length = 5},
        {.status = 200, .body = "", .body_length = 0},
        {.status = 200, .body = "<html><p>maintenance</html>", .body_length = 27},
        {.failure = TRANSFER_CONNECT, .error = "reset"},
        {.failure = TRANSFER_TIMEOUT, .error = "too slow"},
    };
    for (size_t kind = 0; kind < sizeof(wrong) / sizeof(wrong[0]); kind++) {
        struct scenario *scenario = scenario_new(feeds, 1, NOON);
        struct cut whole = {0};
        whole.bytes = telegram(scenario, &whole.length);
        publish(scenario, 1);
        const char *id = memory_printf(scenario, DATA_BASE "%s", file_of(scenario, 0));
        int overdue = 0, tries = 0;
        usec_t last_wait = 0, overdue_at = 0, begun = scenario->now;
        while (scenario->now < begun + 5 * USEC_PER_MINUTE) {
            usec_t next;
            struct order *order;
            assert_int_equal(poll_due(scenario->poll, scenario->now, &next), 0);
            while ((order = queue_pop(scenario->orders, scenario, 0)) != NULL) {
                if (order->kind == ORDER_FETCH_TELEGRAM) {
                    struct verdict verdict = answer(scenario, order->name, &wrong[kind]);
                    tries++;
                    assert_false(verdict.handed_over);
                    last_wait = verdict.next_at - scenario->now;
                    if (verdict.overdue && overdue++ == 0) {
                        overdue_at = scenario->now;
                        /* As the desk does when it has told it. */
                        struct store_entry entry;
                        assert_int_equal(store_get_entry(scenario->store, scenario, id, &entry), 0);
                        entry.announced = true;
                        assert_int_equal(store_update_entry(scenario->store, &entry), 0);
                    }
                } else {
                    const struct transfer_result unchanged = {.status = 304};
                    struct job *job = job_new(JOB_FEED, order->name, &unchanged);
                    assert_int_equal(poll_feed_done(scenario->poll, job, scenario->now), 0);
                    talloc_free(job);
                }
                talloc_free(order);
            }
            scenario->now += USEC_PER_SEC / 2;
        }
        assert_int_equal(overdue, 1);
        assert_true(overdue_at - begun >= 60 * USEC_PER_SEC &&
                    overdue_at - begun <= 62 * USEC_PER_SEC);
        assert_true(tries >= 6 && tries <= 14);
        assert_true(last_wait >= 40 * USEC_PER_SEC);
        const struct transfer_result good = {
            .status = 200, .body = whole.bytes, .body_length = whole.length};
        assert_true(answer(scenario, id, &good).handed_over);
        assert_false(answer(scenario, id, &good).handed_over); /* a late second answer */
        scenario_free(scenario);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_cut_at_any_byte_is_never_taken_and_comes_whole_later),
        cmocka_unit_test(
            wrong_answers_are_tried_again_with_back_off_and_told_once_when_they_are_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
