/* Memory, buffer and problems: growth, maximum, order and one-line texts. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/buffer.h"
#include "base/memory.h"
#include "base/problem.h"

static void array_grows_by_one_item_and_new_items_are_zero(void **state)
{
    (void)state;
    uint32_t *array = NULL;
    for (uint32_t i = 0; i < 1000; i++) {
        array = memory_grow(NULL, array, i, sizeof *array);
        assert_int_equal(array[i], 0);
        array[i] = i;
    }
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(array[i], i);
    talloc_free(array);
}

static void array_grown_from_an_exact_size_keeps_its_content(void **state)
{
    (void)state;
    char **array = memory_array(NULL, char *, 1);
    array[0] = array[0];
    array = memory_grow(NULL, array, 1, sizeof *array);
    assert_null(array[1]);
    assert_true(talloc_get_size(array) >= 2 * sizeof *array);
    talloc_free(array);
}

static void text_or_null_passes_null_through(void **state)
{
    (void)state;
    assert_null(memory_text_or_null(NULL, NULL));
    char *copy = memory_text_or_null(NULL, "津波");
    assert_string_equal(copy, "津波");
    talloc_free(copy);
}

static void buffer_takes_exactly_its_maximum_and_not_a_byte_more(void **state)
{
    (void)state;
    struct buffer *buffer = buffer_new(NULL, 5);
    assert_int_equal(buffer_text(buffer, "abcd"), 0);
    assert_int_equal(buffer_append(buffer, "e", 1), 0);
    assert_string_equal(buffer->bytes, "abcde");
    assert_int_equal(buffer_append(buffer, NULL, 0), 0);
    assert_false(buffer->overflow);
    assert_int_equal(buffer_text(buffer, "f"), -E2BIG);
    assert_true(buffer->overflow);
    assert_int_equal(buffer->length, 5);
    assert_string_equal(buffer->bytes, "abcde");
    talloc_free(buffer);
}

static void buffer_that_overflowed_takes_nothing_more(void **state)
{
    (void)state;
    struct buffer *buffer = buffer_new(NULL, 3);
    assert_int_equal(buffer_printf(buffer, "%d", 1234), -E2BIG);
    assert_int_equal(buffer->length, 0);
    assert_int_equal(buffer_text(buffer, "a"), -E2BIG);
    assert_string_equal(buffer->bytes, "");
    talloc_free(buffer);
}

static void buffer_holds_bytes_with_nul_and_stays_terminated(void **state)
{
    (void)state;
    struct buffer *buffer = buffer_new(NULL, 100000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(buffer_append(buffer, "a\0b", 3), 0);
    assert_int_equal(buffer_printf(buffer, "%s-%d", "end", 7), 0);
    assert_int_equal(buffer->length, 3005);
    assert_int_equal(strlen(buffer->bytes + 3000), 5);
    talloc_free(buffer);
}

static void buffer_of_maximum_zero_is_an_empty_text(void **state)
{
    (void)state;
    struct buffer *buffer = buffer_new(NULL, 0);
    assert_int_equal(buffer_text(buffer, ""), 0);
    assert_int_equal(buffer_text(buffer, "x"), -E2BIG);
    assert_string_equal(buffer->bytes, "");
    talloc_free(buffer);
}

static void problems_count_errors_and_warnings_apart_and_keep_their_order(void **state)
{
    (void)state;
    struct problems *problems = problems_new(NULL);
    for (unsigned i = 0; i < 50; i++)
        problems_add(problems, "a.yaml", i + 1, 2, NULL, "fault %u", i);
    problems_warn(problems, NULL, 0, 0, NULL, "only a warning");
    assert_int_equal(problems->count, 51);
    assert_int_equal(problems->errors, 50);
    assert_string_equal(problems->items[49].what, "fault 49");
    assert_true(problems->items[50].warning);
    talloc_free(problems);
}

static void assert_problem_text(const struct problem *problem, const char *expected)
{
    char *text = problem_text(NULL, problem);
    assert_string_equal(text, expected);
    talloc_free(text);
}

static void problem_text_names_only_what_is_known(void **state)
{
    (void)state;
    struct problem problem = {.file = "a.yaml", .line = 3, .column = 7, .what = "bad"};
    assert_problem_text(&problem, "a.yaml:3:7: bad");
    problem.instead = "good";
    assert_problem_text(&problem, "a.yaml:3:7: bad; write good");
    problem.column = 0;
    assert_problem_text(&problem, "a.yaml:3: bad; write good");
    problem.line = 0;
    assert_problem_text(&problem, "a.yaml: bad; write good");
    problem.file = NULL;
    problem.warning = true;
    assert_problem_text(&problem, "warning: bad; write good");
}

static void problem_text_stays_one_line_whatever_was_written(void **state)
{
    (void)state;
    struct problem problem = {.file = "a\nb", .what = "x\r\n\x1b[2J\x7f \xC2\x85\u2028\u202E 津波"};
    assert_problem_text(&problem, "a\\x0ab: x\\x0d\\x0a\\x1b[2J\\x7f "
                                  "\\xc2\\x85\\xe2\\x80\\xa8\\xe2\\x80\\xae 津波");
}

static void problems_print_writes_one_line_each(void **state)
{
    (void)state;
    struct problems *problems = problems_new(NULL);
    problems_add(problems, "f", 1, 1, NULL, "one");
    problems_warn(problems, "f", 2, 1, "three", "two");
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    problems_print(problems, stream);
    fclose(stream);
    assert_string_equal(text, "f:1:1: one\nf:2:1: warning: two; write three\n");
    free(text);
    talloc_free(problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(array_grows_by_one_item_and_new_items_are_zero),
        cmocka_unit_test(array_grown_from_an_exact_size_keeps_its_content),
        cmocka_unit_test(text_or_null_passes_null_through),
        cmocka_unit_test(buffer_takes_exactly_its_maximum_and_not_a_byte_more),
        cmocka_unit_test(buffer_that_overflowed_takes_nothing_more),
        cmocka_unit_test(buffer_holds_bytes_with_nul_and_stays_terminated),
        cmocka_unit_test(buffer_of_maximum_zero_is_an_empty_text),
        cmocka_unit_test(problems_count_errors_and_warnings_apart_and_keep_their_order),
        cmocka_unit_test(problem_text_names_only_what_is_known),
        cmocka_unit_test(problem_text_stays_one_line_whatever_was_written),
        cmocka_unit_test(problems_print_writes_one_line_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
