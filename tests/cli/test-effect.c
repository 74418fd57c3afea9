/* What one telegram led to by the old and by the new configuration: who was added and who lost, and
 * which messages read otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cli/effect_compare.h"
#include "deliver/email.h"

#define WISHES 3

static const struct alert rain = {.id = "rain-1",
                                  .event_id = "rain-of-monday",
                                  .event_key = "rain",
                                  .hazard = HAZARD_RAIN,
                                  .phase = PHASE_ISSUE,
                                  .level = 3,
                                  .title_ja = "大雨警報",
                                  .issued_at = USEC_PER_DAY};
/* The same step of the same event: by other areas its content, and so its id, may be another, and
 * it may have begun at another time. */
static const struct alert rain_other = {.id = "rain-1b",
                                        .event_id = "rain-of-tuesday",
                                        .event_key = "rain",
                                        .hazard = HAZARD_RAIN,
                                        .phase = PHASE_ISSUE,
                                        .level = 3,
                                        .title_ja = "大雨警報",
                                        .issued_at = USEC_PER_DAY};
static const struct alert wave = {.id = "wave-1",
                                  .event_id = "wave",
                                  .event_key = "wave",
                                  .hazard = HAZARD_TSUNAMI,
                                  .phase = PHASE_ISSUE,
                                  .level = 5,
                                  .title_ja = "大津波警報",
                                  .issued_at = 2 * USEC_PER_DAY};

static const struct profile resident = {.channel = CHANNEL_EMAIL, .min_level = 2};

static struct effect_group group(size_t before, size_t after, size_t readers, const char *name)
{
    return (struct effect_group){.before = before != EFFECT_NONE ? &resident : NULL,
                                 .after = after != EFFECT_NONE ? &resident : NULL,
                                 .before_wish = before,
                                 .after_wish = after,
                                 .stays = true,
                                 .readers = readers,
                                 .names = {name},
                                 .name_count = 1};
}

static struct effect_made made(size_t wish, const struct alert *alert)
{
    return (struct effect_made){
        .wish = wish, .message = (int64_t)wish + 1, .alert = alert, .phase = alert->phase};
}

static void test_who_lost_and_who_was_added_alert_by_alert(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct effect_group groups[] = {group(0, 0, 2, "hotel"), group(1, 1, 1, "school"),
                                    group(2, 2, 40, "office")};
    struct effect effect = {.groups = groups, .count = 3};
    struct effect_made old[] = {made(0, &rain), made(1, &rain)};
    struct effect_made new[] = {made(1, &rain_other), made(2, &rain_other), made(0, &wave)};
    effect_compare(context, &(struct effect_step){old, 2}, &(struct effect_step){new, 3}, WISHES,
                   &effect);
    effect_sort(&effect);
    assert_int_equal(effect.alert_count, 2);
    assert_int_equal(effect.lost, 2);
    assert_int_equal(effect.added, 42);
    assert_string_equal(effect.alerts[0].id, "wave-1"); /* the gravest first */
    assert_int_equal(effect.alerts[0].lost.count, 0);
    assert_int_equal(effect.alerts[0].added.count, 2);
    assert_int_equal(effect.alerts[1].lost.count, 2);
    assert_int_equal(effect.alerts[1].lost.groups[0], 0);
    assert_int_equal(effect.alerts[1].added.count, 40);
    assert_true(effect_matters(&effect));
    char *text = effect_text(context, &effect, false);
    assert_non_null(strstr(text, "lost 2: hotel and 1 more"));
    assert_non_null(strstr(text, "added 40: office and 39 more"));
    talloc_free(context);
}

/* Other rules on the same areas: the old wish and the new one are asked of the same step. */
static void test_other_rules_need_one_side_only(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct effect_group groups[] = {group(0, 1, 1, "hotel"), group(EFFECT_NONE, 1, 1, "new"),
                                    group(0, EFFECT_NONE, 1, "leaves")};
    groups[1].stays = groups[2].stays = false;
    struct effect effect = {.groups = groups, .count = 3};
    struct effect_made items[] = {made(1, &wave)};
    const struct effect_step step = {items, 1};
    effect_compare(context, &step, &step, WISHES, &effect);
    assert_int_equal(effect.alert_count, 1);
    assert_int_equal(effect.alerts[0].added.count, 1);
    assert_int_equal(effect.alerts[0].lost.count, 0);
    assert_int_equal(effect.messages, 0);
    talloc_free(context);
}

static void test_whom_nothing_reaches_any_more_lost_it(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct effect_group groups[] = {group(0, EFFECT_NONE, 1, "school")};
    groups[0].fault = "the place is not known";
    struct effect effect = {.groups = groups, .count = 1};
    struct effect_made old[] = {made(0, &rain)};
    effect_compare(context, &(struct effect_step){old, 1}, &(struct effect_step){NULL, 0}, WISHES,
                   &effect);
    assert_int_equal(effect.lost, 1);
    char *text = effect_text(context, &effect, false);
    assert_non_null(strstr(text, "told nothing any more: the place is not known"));
    talloc_free(context);
}

static void test_nothing_differs_and_nothing_is_said(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct effect_group groups[] = {group(0, 0, 1, "hotel")};
    struct effect effect = {.groups = groups, .count = 1, .compared = true};
    const struct effect_section words[] = {{"en", "one\ntwo\n"}};
    struct effect_made old[] = {made(0, &rain)}, new[] = {made(0, &rain)};
    old[0].sections = new[0].sections = words;
    old[0].section_count = new[0].section_count = 1;
    effect_compare(context, &(struct effect_step){old, 1}, &(struct effect_step){new, 1}, WISHES,
                   &effect);
    assert_int_equal(effect.alert_count, 0);
    assert_int_equal(effect.wording_count, 0);
    assert_int_equal(effect.messages, 1);
    assert_false(effect_matters(&effect));
    talloc_free(context);
}

static void test_the_first_line_that_differs_in_each_language(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct effect_group groups[] = {group(0, 0, 1, "hotel"), group(1, 1, 1, "school")};
    struct effect effect = {.groups = groups, .count = 2, .compared = true, .table_count = 1};
    effect.tables = (const char *[]){"messages/vi.yaml"};
    const struct effect_section before[] = {
        {"vi", "same\nold line\nrest"}, {"en", "same"}, {"ko", "longer\nthan before"}, {"ne", "x"}};
    const struct effect_section after[] = {
        {"vi", "same\nnew line\nrest"}, {"en", "same"}, {"ko", "longer"}};
    struct effect_made old[] = {made(0, &rain), made(1, &rain)};
    struct effect_made new[] = {made(0, &rain), made(1, &rain)};
    for (size_t i = 0; i < 2; i++) {
        old[i].message = new[i].message = 7; /* both wishes share one */
        old[i].sections = before;
        old[i].section_count = 4;
        new[i].sections = after;
        new[i].section_count = 3;
    }
    effect_compare(context, &(struct effect_step){old, 2}, &(struct effect_step){new, 2}, WISHES,
                   &effect);
    effect_sort(&effect);
    assert_int_equal(effect.messages, 1);
    assert_int_equal(effect.wording_count, 3);
    assert_string_equal(effect.wordings[0].language, "ne"); /* what is not rendered comes first */
    assert_null(effect.wordings[0].after);
    assert_string_equal(effect.wordings[1].language, "ko");
    assert_string_equal(effect.wordings[1].before, "than before");
    assert_string_equal(effect.wordings[1].after, "");
    assert_string_equal(effect.wordings[2].before, "old line");
    assert_string_equal(effect.wordings[2].after, "new line");
    assert_int_equal(effect.wordings[2].messages, 1);
    char *text = effect_text(context, &effect, false);
    assert_non_null(
        strstr(text, "rain issue, vi\n      before: old line\n      now:    new line\n"));
    assert_non_null(strstr(text, "not rendered in this language any more"));
    talloc_free(context);
}

static void test_equal_kinds_of_messages_are_counted_together(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct effect_group groups[] = {group(0, 0, 1, "hotel")};
    struct effect effect = {.groups = groups, .count = 1};
    const struct effect_section before[] = {{"vi", "old"}}, after[] = {{"vi", "new"}};
    for (int round = 0; round < 5; round++) {
        struct effect_made old[] = {made(0, &rain)}, new[] = {made(0, &rain)};
        old[0].sections = before;
        new[0].sections = after;
        old[0].section_count = new[0].section_count = 1;
        effect_compare(context, &(struct effect_step){old, 1}, &(struct effect_step){new, 1},
                       WISHES, &effect);
    }
    assert_int_equal(effect.wording_count, 1);
    assert_int_equal(effect.wordings[0].messages, 5);
    talloc_free(context);
}

static void test_the_parts_of_a_mail_and_of_a_webhook(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    size_t count;
    const struct effect_section *mail = effect_sections(
        context, "vi,en", "Tiêu đề", "một" EMAIL_DIVIDER "one" EMAIL_DIVIDER "一", &count);
    assert_int_equal(count, 3);
    assert_string_equal(mail[0].language, "vi");
    assert_string_equal(mail[0].text, "Tiêu đề\nmột");
    assert_string_equal(mail[1].text, "one");
    assert_string_equal(mail[2].language, "ja"); /* the original that ends every mail */
    assert_string_equal(mail[2].text, "一");
    const char *body = "{\"data\": {\"messages\": [{\"language\": \"en\", \"headline\": \"H\", "
                       "\"short\": \"S\", \"plain\": null}]}}";
    const struct effect_section *webhook = effect_sections(context, "en", NULL, body, &count);
    assert_int_equal(count, 1);
    assert_string_equal(webhook[0].language, "en");
    assert_string_equal(webhook[0].text, "H\nS\n");
    effect_sections(context, "en", NULL, "no JSON", &count);
    assert_int_equal(count, 0);
    talloc_free(context);
}

/* What a second person is shown must fit into a proposal, however much has changed. */
static void test_much_is_bounded_and_counted(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    enum { MANY = 2000 };
    struct effect_group *groups = memory_array(context, struct effect_group, MANY);
    struct effect_made *old = memory_array(context, struct effect_made, MANY);
    struct effect effect = {.groups = groups, .count = MANY};
    struct alert *alerts = memory_array(context, struct alert, MANY);
    for (size_t i = 0; i < MANY; i++) {
        groups[i] = group(i, EFFECT_NONE, 1, "A name as long as one may be");
        groups[i].fault = "the place \"municipality:01204\" is not known";
        old[i] = made(i, &wave);
        alerts[i] = rain;
        alerts[i].event_key = alerts[i].id = memory_printf(context, "event-%zu", i);
    }
    effect_compare(context, &(struct effect_step){old, MANY}, &(struct effect_step){NULL, 0}, MANY,
                   &effect);
    for (size_t i = 0; i < MANY; i++) {
        struct effect_made one[] = {made(0, &alerts[i])};
        effect_compare(context, &(struct effect_step){one, 1}, &(struct effect_step){NULL, 0}, MANY,
                       &effect);
    }
    effect_sort(&effect);
    assert_int_equal(effect.alert_count, MANY + 1);
    assert_int_equal(effect.lost, 2 * MANY);
    char *text = effect_text(context, &effect, false);
    assert_true(strlen(text) <= EFFECT_TEXT_BYTES / 2);
    assert_non_null(strstr(text, "lost 2000: A name as long as one may be, "));
    assert_non_null(strstr(text, "and 1997 more\n"));
    assert_non_null(strstr(text, "and 1981 more alerts\n"));
    assert_non_null(strstr(text, "and 1975 more groups\n"));
    talloc_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_lost_and_who_was_added_alert_by_alert),
        cmocka_unit_test(test_other_rules_need_one_side_only),
        cmocka_unit_test(test_whom_nothing_reaches_any_more_lost_it),
        cmocka_unit_test(test_nothing_differs_and_nothing_is_said),
        cmocka_unit_test(test_the_first_line_that_differs_in_each_language),
        cmocka_unit_test(test_equal_kinds_of_messages_are_counted_together),
        cmocka_unit_test(test_the_parts_of_a_mail_and_of_a_webhook),
        cmocka_unit_test(test_much_is_bounded_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
