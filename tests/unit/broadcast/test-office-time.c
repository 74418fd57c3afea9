/* The office and what time brings: what waited over a start, what was scheduled, drills that come
 * again every year, and clocks that jump. */
#include "office_fixture.h"

static void after_a_start_nothing_manual_goes_by_itself(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "drill");
    struct written drill = write_draft(anna, "drill", "E-4");
    usec_t at = now + USEC_PER_HOUR;
    char text[CLOCK_TEXT_BYTES];
    bool changed;
    REFUSED(ask(anna, "POST", path_of("drill", drill, "schedule"),
                json_pack("{ssss}", "hash", drill.hash, "at", clock_format_jst(at, text))),
            "");
    now = at - 5 * USEC_PER_MINUTE;
    REFUSED(ask(anna, "POST", path_of("drill", drill, "confirm"),
                json_pack("{ss}", "hash", drill.hash)),
            "");
    make_office(); /* the daemon starts again */
    assert_int_equal(office_start(office, now), 0);
    assert_int_equal(noticed, 1);
    now = at;
    assert_int_equal(office_due(office, now, now, &changed), 0);
    assert_int_equal(raised, 0);
}

static void a_confirmed_drill_goes_at_its_time(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "drill");
    struct written drill = write_draft(anna, "drill", "E-4");
    usec_t at = now + 20 * USEC_PER_MINUTE;
    char text[CLOCK_TEXT_BYTES];
    bool changed;
    assert_int_equal(office_due(office, now, now, &changed), 0);
    REFUSED(ask(anna, "POST", path_of("drill", drill, "schedule"),
                json_pack("{ssss}", "hash", drill.hash, "at", clock_format_jst(at, text))),
            "");
    now = at - 5 * USEC_PER_MINUTE;
    assert_int_equal(office_due(office, now, now, &changed), 0);
    REFUSED(ask(anna, "POST", path_of("drill", drill, "confirm"),
                json_pack("{ss}", "hash", drill.hash)),
            "");
    now = at;
    assert_int_equal(office_due(office, now, now, &changed), 0);
    assert_true(changed);
    assert_int_equal(raised, 1);
    assert_string_equal(last_alert, "exercise issue");
}

/* What the list of drills says of a part of the plan: its id and hash; id NULL when none is in this
 * state. */
static struct written find_part(const char *token, const char *part, const char *state)
{
    struct written found = {NULL, NULL};
    json_t *answer = ask(token, "GET", "/staff/api/drill", NULL), *row;
    size_t i;
    json_array_foreach(json_object_get(answer, "broadcasts"), i, row)
    {
        if (strcmp(json_string_value(json_object_get(row, "part")), part) == 0 &&
            strcmp(json_string_value(json_object_get(row, "state")), state) == 0)
            found = (struct written){
                memory_text(context, json_string_value(json_object_get(row, "id"))),
                memory_text(context, json_string_value(json_object_get(row, "hash")))};
    }
    json_decref(answer);
    return found;
}

static void schedule_yearly(const char *token, struct written drill, usec_t at, int days)
{
    char text[CLOCK_TEXT_BYTES];
    REFUSED(ask(token, "POST", path_of("drill", drill, "schedule"),
                json_pack("{sssssbsi}", "hash", drill.hash, "at", clock_format_jst(at, text),
                          "yearly", 1, "notice_days", days)),
            "");
}

/* The hours go by; the office is looked in on as the desk does. */
static void pass_until(usec_t until)
{
    bool changed;
    while (now < until) {
        now = until - now > 5 * USEC_PER_MINUTE ? now + 5 * USEC_PER_MINUTE : until;
        assert_int_equal(office_due(office, now, now, &changed), 0);
    }
}

static void confirm_drill(const char *token, struct written drill)
{
    REFUSED(ask(token, "POST", path_of("drill", drill, "confirm"),
                json_pack("{ss}", "hash", drill.hash)),
            "");
}

static void a_yearly_drill_is_announced_held_ended_and_planned_again(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "drill");
    struct written drill = write_draft(anna, "drill", "E-4");
    usec_t at = now + 3 * USEC_PER_DAY;
    schedule_yearly(anna, drill, at, 2);
    struct written notice = find_part(anna, "notice", "scheduled");
    assert_non_null(notice.id);
    pass_until(at - 2 * USEC_PER_DAY - 5 * USEC_PER_MINUTE);
    assert_non_null(strstr(last_notice, notice.id)); /* operators are asked */
    assert_int_equal(raised, 0);
    confirm_drill(anna, notice);
    pass_until(at - 2 * USEC_PER_DAY);
    assert_int_equal(raised, 1);
    pass_until(at - 5 * USEC_PER_MINUTE);
    assert_non_null(strstr(last_notice, drill.id));
    assert_int_equal(raised, 1);
    confirm_drill(anna, drill); /* which announces the start, at once and only once */
    assert_int_equal(raised, 2);
    confirm_drill(anna, drill);
    assert_int_equal(raised, 2);
    assert_non_null(find_part(anna, "start", "sent").id);
    pass_until(at);
    assert_int_equal(raised, 3);
    pass_until(at + USEC_PER_HOUR); /* the drill ends by itself */
    assert_int_equal(raised, 4);
    assert_string_equal(last_alert, "exercise all-clear");
    struct written next = find_part(anna, "drill", "scheduled");
    assert_non_null(next.id);
    json_t *shown =
        ask(anna, "GET", memory_printf(context, "/staff/api/drill/b/%s", next.id), NULL);
    usec_t planned;
    assert_int_equal(clock_parse(of_broadcast(shown, "scheduled_at"), &planned), 0);
    json_decref(shown);
    assert_true(planned - at == 365 * USEC_PER_DAY || planned - at == 366 * USEC_PER_DAY);
    json_t *report =
        ask(anna, "GET", memory_printf(context, "/staff/api/drill/b/%s/report", drill.id), NULL);
    const json_t *plan = json_object_get(report, "plan");
    assert_int_equal(json_array_size(json_object_get(plan, "broadcasts")), 6);
    json_decref(report);
}

static void a_yearly_drill_that_nobody_confirms_is_dropped_and_comes_next_year(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "drill");
    struct written drill = write_draft(anna, "drill", "E-4");
    usec_t at = now + 2 * USEC_PER_DAY;
    schedule_yearly(anna, drill, at, 1);
    pass_until(at + USEC_PER_HOUR);
    assert_int_equal(raised, 0);
    assert_string_equal(find_part(anna, "drill", "dropped").id, drill.id);
    assert_non_null(find_part(anna, "notice", "dropped").id);
    struct written next = find_part(anna, "drill", "scheduled");
    assert_non_null(next.id);
    assert_non_null(find_part(anna, "notice", "scheduled").id);
    /* Given up by a person, it does not come back, and nobody is told of it. */
    REFUSED(ask(anna, "POST", path_of("drill", next, "drop"), NULL), "");
    assert_null(find_part(anna, "drill", "scheduled").id);
    assert_null(find_part(anna, "notice", "scheduled").id);
    pass_until(at + 2 * USEC_PER_DAY);
    assert_null(find_part(anna, "drill", "scheduled").id);
}

/* After a restart the end of a drill waits for a person like everything else, and is not lost. */
static void the_end_of_a_drill_is_held_and_goes_when_released(void **state)
{
    (void)state;
    bool changed;
    const char *anna = person("anna", "author", "drill");
    struct written drill = write_draft(anna, "drill", "E-4");
    usec_t at = now + USEC_PER_DAY;
    schedule_yearly(anna, drill, at, 0);
    pass_until(at - USEC_PER_MINUTE);
    confirm_drill(anna, drill);
    pass_until(at);
    make_office();
    assert_int_equal(office_start(office, now), 0);
    pass_until(at + 2 * USEC_PER_HOUR);
    assert_int_equal(raised, 2);
    struct written end = find_part(anna, "end", "scheduled");
    REFUSED(ask(anna, "POST", path_of("drill", end, "release"),
                json_pack("{ss}", "reason", "people still wait")),
            "");
    assert_int_equal(office_due(office, now, now, &changed), 0);
    assert_int_equal(raised, 3);
    assert_string_equal(last_alert, "exercise all-clear");
}

/* The wall clock jumps while the other one does not; a machine sleeps for an hour (test 47). */
static void a_clock_that_jumps_holds_what_is_scheduled(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "drill");
    static const struct {
        usec_t wall, monotonic;
        bool held;
    } rows[] = {{9 * USEC_PER_MINUTE, 0, false},
                {11 * USEC_PER_MINUTE, 0, true},
                {-11 * USEC_PER_MINUTE, 0, true},
                {31 * USEC_PER_MINUTE, 31 * USEC_PER_MINUTE, true},
                {29 * USEC_PER_MINUTE, 29 * USEC_PER_MINUTE, false}};
    usec_t monotonic = USEC_PER_HOUR;
    char text[CLOCK_TEXT_BYTES];
    bool changed;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct written drill = write_draft(anna, "drill", "E-4");
        assert_int_equal(office_due(office, now, monotonic, &changed), 0);
        REFUSED(ask(anna, "POST", path_of("drill", drill, "schedule"),
                    json_pack("{ssss}", "hash", drill.hash, "at",
                              clock_format_jst(now + 5 * USEC_PER_HOUR, text))),
                "");
        size_t before = noticed;
        now += rows[i].wall;
        monotonic += rows[i].monotonic;
        assert_int_equal(office_due(office, now, monotonic, &changed), 0);
        assert_int_equal(noticed > before, rows[i].held);
        json_t *answer =
            ask(anna, "POST", path_of("drill", drill, "drop"), NULL); /* for the next row */
        json_decref(answer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(after_a_start_nothing_manual_goes_by_itself),
        FRESH(a_confirmed_drill_goes_at_its_time),
        FRESH(a_yearly_drill_is_announced_held_ended_and_planned_again),
        FRESH(a_yearly_drill_that_nobody_confirms_is_dropped_and_comes_next_year),
        FRESH(the_end_of_a_drill_is_held_and_goes_when_released),
        FRESH(a_clock_that_jumps_holds_what_is_scheduled),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
