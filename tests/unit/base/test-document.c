/* YAML: positions, everything that is refused, and typed values with their problems. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/buffer.h"
#include "base/document.h"
#include "base/text.h"

static int make_context(void **state)
{
    *state = talloc_new(NULL);
    return 0;
}

static int free_context(void **state)
{
    return talloc_free(*state);
}

static const struct node *read_good(void *context, const char *text)
{
    struct problems *problems = problems_new(context);
    const struct node *root = NULL;
    int error = document_parse(context, "good.yaml", text, strlen(text), problems, &root);
    if (error != 0)
        fail_msg("%s", problem_text(context, &problems->items[0]));
    return root;
}

static struct problems *read_bytes_bad(void *context, const char *text, size_t length)
{
    struct problems *problems = problems_new(context);
    const struct node untouched = {0};
    const struct node *root = &untouched;
    assert_int_equal(document_parse(context, "bad.yaml", text, length, problems, &root), -EINVAL);
    assert_ptr_equal(root, &untouched);
    assert_true(problems->errors > 0);
    return problems;
}

static struct problems *read_bad(void *context, const char *text)
{
    return read_bytes_bad(context, text, strlen(text));
}

static void assert_problem(void *context, const struct problems *problems, size_t index,
                           const char *start)
{
    assert_true(index < problems->count);
    char *text = problem_text(context, &problems->items[index]);
    if (!text_starts(text, start))
        fail_msg("\"%s\" does not start with \"%s\"", text, start);
}

static void tree_knows_where_each_value_stands(void **state)
{
    const struct node *root =
        read_good(*state, "# comment\nhttp:\n  port: 8080\n"
                          "  allow: [\"a\", 'b', c]\n名: |\n  津波\n  警報\n");
    assert_int_equal(root->type, NODE_MAPPING);
    assert_int_equal(root->count, 2);
    const struct node *http = node_child(root, "http");
    assert_int_equal(http->type, NODE_MAPPING);
    assert_int_equal(http->key_line, 2);
    assert_int_equal(http->key_column, 1);
    assert_int_equal(http->line, 3);
    assert_int_equal(http->column, 3);
    const struct node *port = node_child(http, "port");
    assert_string_equal(port->text, "8080");
    assert_string_equal(port->file, "good.yaml");
    assert_false(port->quoted);
    assert_int_equal(port->line, 3);
    assert_int_equal(port->column, 9);
    const struct node *allow = node_child(http, "allow");
    assert_int_equal(allow->type, NODE_SEQUENCE);
    assert_int_equal(allow->count, 3);
    assert_true(allow->first_child->quoted);
    assert_true(allow->first_child->next->quoted);
    assert_false(allow->first_child->next->next->quoted);
    assert_null(allow->first_child->key);
    const struct node *block = node_child(root, "名");
    assert_string_equal(block->text, "津波\n警報\n");
    assert_true(block->quoted);
}

static void nothing_but_comments_is_a_group_without_keys(void **state)
{
    assert_int_equal(read_good(*state, "")->type, NODE_MAPPING);
    assert_int_equal(read_good(*state, "# nothing\n\n")->count, 0);
    assert_null(read_good(*state, "")->first_child);
}

static void types_are_never_guessed(void **state)
{
    const struct node *root = read_good(*state, "a: no\nb: 010\nc: ~\nd: 1_000\ne:\nf: NO\n");
    assert_string_equal(node_child(root, "a")->text, "no");
    assert_string_equal(node_child(root, "b")->text, "010");
    assert_string_equal(node_child(root, "c")->text, "~");
    assert_string_equal(node_child(root, "d")->text, "1_000");
    assert_string_equal(node_child(root, "e")->text, "");
    assert_string_equal(node_child(root, "f")->text, "NO");
}

static void byte_order_mark_and_windows_lines_are_fine(void **state)
{
    const struct node *root = read_good(*state, "\xEF\xBB\xBF"
                                                "a: 1\r\nb: 2\r\n");
    assert_string_equal(node_child(root, "a")->text, "1");
    assert_int_equal(node_child(root, "b")->line, 2);
}

static void duplicate_keys_are_all_named(void **state)
{
    struct problems *problems = read_bad(*state, "a: 1\nb: {x: 1, x: 2}\na: 3\na: 4\n");
    assert_int_equal(problems->count, 3);
    assert_problem(*state, problems, 0, "bad.yaml:2:11: the key \"x\" already stands in line 2");
    assert_problem(*state, problems, 1, "bad.yaml:3:1: the key \"a\" already stands in line 1");
    assert_problem(*state, problems, 2, "bad.yaml:4:1: the key \"a\" already stands in line 3");
}

static void anchors_tags_aliases_and_merges_are_refused(void **state)
{
    assert_problem(*state, read_bad(*state, "a: &x 1\n"), 0, "bad.yaml:1:4: anchors");
    assert_problem(*state, read_bad(*state, "a: &x [*x]\n"), 0, "bad.yaml:1:4: anchors");
    assert_problem(*state, read_bad(*state, "a: *x\n"), 0, "bad.yaml:1:4: aliases");
    assert_problem(*state, read_bad(*state, "a: !!int 1\n"), 0, "bad.yaml:1:4: tags");
    assert_problem(*state, read_bad(*state, "a: !x {b: 1}\n"), 0, "bad.yaml:1:4: tags");
    assert_problem(*state, read_bad(*state, "<<: {a: 1}\n"), 0, "bad.yaml:1:1: merging");
    assert_problem(*state, read_bad(*state, "%TAG ! tag:x,2000:\n--- \na: 1\n"), 0, "bad.yaml:");
    assert_string_equal(node_child(read_good(*state, "\"<<\": 1\n"), "<<")->text, "1");
}

static void several_faults_come_in_one_pass(void **state)
{
    struct problems *problems = read_bad(*state, "a: &x 1\nb: !t 2\na: 3\nc: *x\n");
    assert_int_equal(problems->count, 3);
    assert_problem(*state, problems, 2, "bad.yaml:4:4: aliases");
}

static void second_document_and_key_that_is_no_text_are_refused(void **state)
{
    assert_problem(*state, read_bad(*state, "a: 1\n---\nb: 2\n"), 0, "bad.yaml:2:1:");
    assert_problem(*state, read_bad(*state, "? [a]\n: 1\n"), 0, "bad.yaml:1:3: a key must");
    assert_problem(*state, read_bad(*state, "? {a: b}\n: 1\n"), 0, "bad.yaml:1:3: a key must");
}

static void syntax_faults_are_named_with_line_and_column(void **state)
{
    assert_problem(*state, read_bad(*state, "a: 1\n b: 2\n"), 0, "bad.yaml:2:3:");
    assert_problem(*state, read_bad(*state, "a: [1, 2\nb: 3\n"), 0, "bad.yaml:");
    assert_problem(*state, read_bad(*state, "a: \"x\nb: 1\n"), 0, "bad.yaml:3:1:");
    assert_problem(*state, read_bad(*state, "a:\n\t- b\n"), 0, "bad.yaml:2:");
    assert_problem(*state, read_bad(*state, "a: 1\nb: \x01\n"), 0, "bad.yaml:2:4:");
}

static void bytes_that_are_not_utf8_are_named_with_their_line(void **state)
{
    assert_problem(*state, read_bad(*state, "a: 津\nb: \x92\xC3\n"), 0, "bad.yaml:2: ");
    struct problems *problems = read_bytes_bad(*state, "a: 1\0\n", 6);
    assert_problem(*state, problems, 0, "bad.yaml:1: ");
    assert_problem(*state, read_bad(*state, "\xFF\xFE"), 0, "bad.yaml:1: ");
    assert_problem(*state, read_bad(*state, "a: \"x\\0y\"\n"), 0, "bad.yaml:1:4: a text holds");
}

static void repeat(struct buffer *text, const char *part, size_t count)
{
    for (size_t i = 0; i < count; i++)
        buffer_text(text, part);
}

static void depth_is_limited_to_32(void **state)
{
    struct buffer *text = buffer_new(*state, 2 * 1024 * 1024);
    repeat(text, "[", 32);
    repeat(text, "]", 32);
    read_good(*state, text->bytes);
    struct buffer *deep = buffer_new(*state, 2 * 1024 * 1024);
    repeat(deep, "[", 33);
    repeat(deep, "]", 33);
    assert_problem(*state, read_bad(*state, deep->bytes), 0, "bad.yaml:1:33: values are nested");
}

static void towers_of_brackets_end_at_once(void **state)
{
    struct buffer *brackets = buffer_new(*state, 2 * 1024 * 1024);
    repeat(brackets, "[", 200000);
    read_bad(*state, brackets->bytes);
    struct buffer *groups = buffer_new(*state, 2 * 1024 * 1024);
    repeat(groups, "{a: ", 20000);
    read_bad(*state, groups->bytes);
    struct buffer *anchors = buffer_new(*state, 2 * 1024 * 1024);
    for (int i = 0; i < 50000; i++)
        buffer_printf(anchors, "- &a%d x\n", i);
    read_bad(*state, anchors->bytes);
}

static void size_and_number_of_values_are_limited(void **state)
{
    struct buffer *large = buffer_new(*state, 2 * 1024 * 1024);
    buffer_text(large, "a: ");
    repeat(large, "x", 1024 * 1024 - 3);
    read_good(*state, large->bytes);
    buffer_text(large, "x");
    assert_problem(*state, read_bad(*state, large->bytes), 0, "bad.yaml: longer than");
    struct buffer *many = buffer_new(*state, 2 * 1024 * 1024);
    repeat(many, "- a\n", 100001);
    assert_problem(*state, read_bad(*state, many->bytes), 0, "bad.yaml:100000:3: there are more");
}

static void many_keys_are_compared_quickly(void **state)
{
    struct buffer *text = buffer_new(*state, 2 * 1024 * 1024);
    for (int i = 0; i < 60000; i++)
        buffer_printf(text, "key%d: 1\n", i);
    assert_int_equal(read_good(*state, text->bytes)->count, 60000);
}

static void a_file_is_read_under_its_name(void **state)
{
    char path[] = "/tmp/noroshi-document-XXXXXX";
    int descriptor = mkstemp(path);
    assert_int_equal(write(descriptor, "a: 1\n", 5), 5);
    close(descriptor);
    struct problems *problems = problems_new(*state);
    const struct node *root = NULL;
    assert_int_equal(document_load(*state, path, problems, &root), 0);
    assert_string_equal(root->file, path);
    unlink(path);
    assert_int_equal(document_load(*state, path, problems, &root), -ENOENT);
    assert_int_equal(document_load(*state, "/", problems, &root), -EISDIR);
    assert_int_equal(problems->errors, 2);
}

static void numbers_are_whole_and_within_their_range(void **state)
{
    const struct node *root = read_good(*state, "a: 5\nb: '-3'\nc: 5s\nd: 0x5\ne: \"\"\nf: [5]\n"
                                                "g: 99999999999999999999\nh: 11\ni: +5\nj: 010\n");
    struct problems *problems = problems_new(*state);
    assert_int_equal(node_number(root, "a", 1, 10, 7, problems), 5);
    assert_int_equal(node_number(root, "b", -10, 10, 7, problems), -3);
    assert_int_equal(node_number(root, "j", 1, 10, 7, problems), 10);
    assert_int_equal(node_number(root, "absent", 1, 10, 7, problems), 7);
    assert_int_equal(node_number(NULL, "a", 1, 10, 7, problems), 7);
    assert_int_equal(problems->count, 0);
    static const char *const bad[] = {"c", "d", "e", "f", "g", "h", "i"};
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(node_number(root, bad[i], 1, 10, 7, problems), 7);
        assert_int_equal(problems->errors, i + 1);
    }
    assert_problem(*state, problems, 0, "good.yaml:3:4: \"c\" is \"5s\"");
    assert_true(text_contains(problems->items[0].instead, "from 1 to 10"));
}

static void flags_are_one_of_four_words(void **state)
{
    const struct node *root = read_good(*state, "a: true\nb: no\nc: yes\nd: false\ne: on\nf:\n");
    struct problems *problems = problems_new(*state);
    assert_true(node_flag(root, "a", false, problems));
    assert_false(node_flag(root, "b", true, problems));
    assert_true(node_flag(root, "c", false, problems));
    assert_false(node_flag(root, "d", true, problems));
    assert_true(node_flag(root, "absent", true, problems));
    assert_int_equal(problems->count, 0);
    assert_true(node_flag(root, "e", true, problems));
    assert_false(node_flag(root, "f", false, problems));
    assert_int_equal(problems->errors, 2);
    assert_problem(*state, problems, 0, "good.yaml:5:4: \"e\" is neither true nor false");
}

static void a_list_is_one_value_or_several(void **state)
{
    const struct node *root =
        read_good(*state, "a: one\nb: [one, \"\", three]\nc: []\nd: {x: 1}\ne:\nf: [[1], two]\n");
    struct problems *problems = problems_new(*state);
    size_t count = 99;
    const char **list = node_list(*state, root, "a", &count, problems);
    assert_int_equal(count, 1);
    assert_string_equal(list[0], "one");
    assert_null(list[1]);
    list = node_list(*state, root, "b", &count, problems);
    assert_int_equal(count, 3);
    assert_string_equal(list[1], "");
    assert_null(list[3]);
    list = node_list(*state, root, "c", &count, problems);
    assert_int_equal(count, 0);
    assert_non_null(list);
    assert_null(node_list(*state, root, "absent", &count, problems));
    assert_int_equal(problems->count, 0);
    assert_null(node_list(*state, root, "d", &count, problems));
    assert_null(node_list(*state, root, "e", &count, problems));
    assert_int_equal(problems->errors, 2);
    list = node_list(*state, root, "f", &count, problems);
    assert_int_equal(count, 1);
    assert_string_equal(list[0], "two");
    assert_int_equal(problems->errors, 3);
}

static void a_text_that_is_a_group_is_a_problem(void **state)
{
    const struct node *root = read_good(*state, "a: {b: c}\nd: e\n");
    struct problems *problems = problems_new(*state);
    assert_string_equal(node_text(root, "d", "x", problems), "e");
    assert_null(node_text(root, "absent", NULL, problems));
    assert_string_equal(node_text(root, "a", "x", problems), "x");
    assert_int_equal(problems->errors, 1);
    assert_null(node_child(node_child(root, "d"), "x"));
}

static void unknown_keys_are_named_with_the_nearest_known_one(void **state)
{
    static const char *const allowed[] = {"languages", "areas", "minimum", NULL};
    const struct node *root = read_good(*state, "langauges: en\nareas: 01\nzzz: 1\n");
    struct problems *problems = problems_new(*state);
    node_only(root, allowed, problems);
    node_only(NULL, allowed, problems);
    assert_int_equal(problems->errors, 2);
    assert_problem(*state, problems, 0, "good.yaml:1:1: the key \"langauges\"");
    assert_string_equal(problems->items[0].instead, "\"languages\"");
    assert_string_equal(problems->items[1].instead, "one of languages, areas, minimum");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_context, free_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tree_knows_where_each_value_stands),
        TEST(nothing_but_comments_is_a_group_without_keys),
        TEST(types_are_never_guessed),
        TEST(byte_order_mark_and_windows_lines_are_fine),
        TEST(duplicate_keys_are_all_named),
        TEST(anchors_tags_aliases_and_merges_are_refused),
        TEST(several_faults_come_in_one_pass),
        TEST(second_document_and_key_that_is_no_text_are_refused),
        TEST(syntax_faults_are_named_with_line_and_column),
        TEST(bytes_that_are_not_utf8_are_named_with_their_line),
        TEST(depth_is_limited_to_32),
        TEST(towers_of_brackets_end_at_once),
        TEST(size_and_number_of_values_are_limited),
        TEST(many_keys_are_compared_quickly),
        TEST(a_file_is_read_under_its_name),
        TEST(numbers_are_whole_and_within_their_range),
        TEST(flags_are_one_of_four_words),
        TEST(a_list_is_one_value_or_several),
        TEST(a_text_that_is_a_group_is_a_problem),
        TEST(unknown_keys_are_named_with_the_nearest_known_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
