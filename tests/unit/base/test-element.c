/* XML: what the tree shows, and each fence from both sides. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include "base/buffer.h"
#include "base/element.h"
#include "base/memory.h"
#include "base/text.h"

#define JMX "http://xml.kishou.go.jp/jmaxml1/"

static int make_context(void **state)
{
    *state = talloc_new(NULL);
    return 0;
}

static int free_context(void **state)
{
    return talloc_free(*state);
}

static const struct element *parse_good(void *context, const char *text, const char *start)
{
    struct problems *problems = problems_new(context);
    const struct element *root = NULL;
    int error = element_parse(context, "good.xml", text, strlen(text), start,
                              &element_limits_default, problems, &root);
    if (error != 0)
        fail_msg("%s", problem_text(context, &problems->items[0]));
    assert_int_equal(problems->count, 0);
    return root;
}

/* The one problem of a refused document. */
static const struct problem *parse_bytes_bad(void *context, const void *bytes, size_t length,
                                             const struct element_limits *limits, int expected)
{
    struct problems *problems = problems_new(context);
    const struct element untouched = {0};
    const struct element *root = &untouched;
    int error = element_parse(context, "bad.xml", bytes, length, NULL, limits, problems, &root);
    assert_int_equal(error, expected);
    assert_ptr_equal(root, &untouched);
    assert_int_equal(problems->count, 1);
    assert_string_equal(problems->items[0].file, "bad.xml");
    return &problems->items[0];
}

static const struct problem *parse_bad(void *context, const char *text, int expected)
{
    return parse_bytes_bad(context, text, strlen(text), &element_limits_default, expected);
}

static void tree_has_names_texts_attributes_and_positions(void **state)
{
    const struct element *root =
        parse_good(*state,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<Report xmlns=\"" JMX "\" xmlns:e=\"" JMX "elementBasis1/\">\n"
                   "  <Head>\n    <Title> 津波　警報\n　</Title><Title>again</Title>\n  </Head>\n"
                   "  <Body><e:Magnitude type=\"Mj\" condition=\"不明\">NaN</e:Magnitude></Body>\n"
                   "</Report>",
                   JMX);
    assert_string_equal(root->name, "Report");
    assert_string_equal(root->text, "");
    assert_null(root->parent);
    assert_null(root->next);
    assert_string_equal(element_text(root, "Head/Title"), "津波　警報");
    const struct element *title = element_path(root, "Head/Title");
    assert_int_equal(title->line, 4);
    assert_int_equal(title->column, 5);
    assert_string_equal(element_again(title)->text, "again");
    assert_null(element_again(element_again(title)));
    const struct element *magnitude = element_path(root, "Body/Magnitude");
    assert_string_equal(element_attribute(magnitude, "type"), "Mj");
    assert_string_equal(element_attribute(magnitude, "condition"), "不明");
    assert_null(element_attribute(magnitude, "unit"));
    assert_ptr_equal(magnitude->parent, element_child(root, "Body"));
    assert_string_equal(magnitude->text, "NaN");
}

static void looking_for_what_is_absent_gives_null(void **state)
{
    const struct element *root = parse_good(*state, "<a><b/><bc>x</bc></a>", NULL);
    assert_null(element_child(NULL, "a"));
    assert_null(element_child(root, "c"));
    assert_null(element_path(root, "b/c/d"));
    assert_null(element_path(root, "bcd"));
    assert_null(element_text(root, "b"));
    assert_null(element_text(NULL, "b"));
    assert_null(element_attribute(NULL, "b"));
    assert_null(element_again(NULL));
    assert_string_equal(element_text(root, "bc"), "x");
    assert_ptr_equal(element_path(root, ""), root);
}

static void own_text_is_joined_across_children_sections_and_entities(void **state)
{
    const struct element *root = parse_good(
        *state, "<a> x<b>inner</b><!-- no -->y<![CDATA[<z>]]>&amp;&#x6D25;<c/> </a>", NULL);
    assert_string_equal(root->text, "xy<z>&津");
    assert_string_equal(element_text(root, "b"), "inner");
}

static void elements_outside_the_expected_namespace_keep_their_address(void **state)
{
    const struct element *root =
        parse_good(*state,
                   "<r xmlns=\"" JMX "\" xmlns:f=\"http://example.org/f\">"
                   "<f:Title>foreign</f:Title><Title>own</Title><x xmlns=\"\">none</x></r>",
                   JMX);
    assert_string_equal(element_text(root, "Title"), "own");
    assert_string_equal(root->first_child->name, "http://example.org/f|Title");
    assert_null(element_child(root, "x"));
    assert_string_equal(element_child(root, "|x")->text, "none");
}

static void any_namespace_gives_local_names(void **state)
{
    const struct element *root =
        parse_good(*state, "<r><f:Title xmlns:f=\"http://example.org/f\">t</f:Title></r>", NULL);
    assert_string_equal(element_text(root, "Title"), "t");
}

static void a_foreign_attribute_does_not_hide_a_plain_one(void **state)
{
    const struct element *root = parse_good(
        *state, "<r xmlns:f=\"http://example.org/f\" f:type=\"no\" type=\"yes\" xml:lang=\"ja\"/>",
        NULL);
    assert_string_equal(element_attribute(root, "type"), "yes");
    assert_string_equal(element_attribute(root, "lang"), "ja");
    assert_int_equal(root->attribute_count, 3);
}

static void byte_order_mark_and_missing_declaration_are_fine(void **state)
{
    assert_string_equal(parse_good(*state, "\xEF\xBB\xBF<a>津</a>", NULL)->text, "津");
    assert_string_equal(
        parse_good(*state, "<?xml version='1.0' encoding='utf-8'?><a>津</a>", NULL)->text, "津");
}

static void doctype_is_refused_before_any_entity(void **state)
{
    const struct problem *problem =
        parse_bad(*state,
                  "<?xml version=\"1.0\"?>\n"
                  "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>"
                  "<a>&b;</a>",
                  -EBADMSG);
    assert_int_equal(problem->line, 2);
    assert_true(text_contains(problem->what, "DOCTYPE"));
    parse_bad(*state, "<!DOCTYPE a><a/>", -EBADMSG);
    parse_bad(*state, "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x.dtd\"><a/>", -EBADMSG);
    parse_bad(*state,
              "<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">]>"
              "<a>&c;&c;&c;</a>",
              -EBADMSG);
    parse_bad(*state, "<a>&undeclared;</a>", -EBADMSG);
}

static void another_encoding_is_refused_by_name(void **state)
{
    const struct problem *problem =
        parse_bad(*state, "<?xml version=\"1.0\" encoding=\"Shift_JIS\"?><a/>", -EBADMSG);
    assert_true(text_contains(problem->what, "Shift_JIS"));
    parse_bad(*state, "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", -EBADMSG);
    parse_bytes_bad(*state, "\xFF\xFE<\0a\0/\0>\0", 10, &element_limits_default, -EBADMSG);
    parse_bytes_bad(*state, "\xFE\xFF\0<\0a\0/\0>", 10, &element_limits_default, -EBADMSG);
    parse_bytes_bad(*state, "<\0a\0/\0>\0", 8, &element_limits_default, -EBADMSG);
    parse_bytes_bad(*state, "\0<\0a\0/\0>", 8, &element_limits_default, -EBADMSG);
}

static void broken_documents_are_refused_whole(void **state)
{
    static const char *const bad[] = {
        "",
        "   ",
        "x",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>x",
        "<a b='1' b='2'/>",
        "<a><b></a></b>",
        "<a>\xFF</a>",
        "<a>\xED\xA0\x80</a>",
        "<a>\xC0\x80</a>",
        "<a>&#0;</a>",
        "<a>\x01</a>",
        "<p:a/>",
        "<a b=\"<\"/>",
        "<html><body>503</html>",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        parse_bad(*state, bad[i], -EBADMSG);
    parse_bytes_bad(*state, "<a>\0</a>", 8, &element_limits_default, -EBADMSG);
}

static void the_fault_is_named_with_its_line(void **state)
{
    const struct problem *problem = parse_bad(*state, "<a>\n<b>\n</c>\n</a>", -EBADMSG);
    assert_int_equal(problem->line, 3);
    assert_true(problem->column > 0);
}

/* `head`, `count` times `body`, `tail`. */
static struct buffer *repeat(void *context, const char *head, const char *body, size_t count,
                             const char *tail)
{
    struct buffer *text = buffer_new(context, 64 * 1024 * 1024);
    buffer_text(text, head);
    for (size_t i = 0; i < count; i++)
        buffer_text(text, body);
    buffer_text(text, tail);
    assert_false(text->overflow);
    return text;
}

static void depth_is_limited(void **state)
{
    struct element_limits limits = element_limits_default;
    limits.depth = 3;
    struct problems *problems = problems_new(*state);
    const struct element *root = NULL;
    const char *deep = "<a><a><a/><a/></a></a>";
    assert_int_equal(element_parse(*state, "x", deep, strlen(deep), NULL, &limits, problems, &root),
                     0);
    deep = "<a><a><a><a/></a></a></a>";
    parse_bytes_bad(*state, deep, strlen(deep), &limits, -E2BIG);
    struct buffer *tower = repeat(*state, "", "<a>", 300000, "");
    parse_bytes_bad(*state, tower->bytes, tower->length, &element_limits_default, -E2BIG);
}

static void number_of_elements_is_limited_and_siblings_do_not_recurse(void **state)
{
    struct element_limits limits = element_limits_default;
    limits.elements = 100001;
    struct buffer *wide = repeat(*state, "<a>", "<b/>", 100000, "</a>");
    struct problems *problems = problems_new(*state);
    const struct element *root = NULL;
    assert_int_equal(
        element_parse(*state, "x", wide->bytes, wide->length, NULL, &limits, problems, &root), 0);
    size_t count = 0;
    for (const struct element *child = root->first_child; child != NULL; child = child->next)
        count++;
    assert_int_equal(count, 100000);
    limits.elements = 100000;
    parse_bytes_bad(*state, wide->bytes, wide->length, &limits, -E2BIG);
}

static void attributes_are_limited(void **state)
{
    struct buffer *text = buffer_new(*state, 100000);
    buffer_text(text, "<a");
    for (int i = 0; i < 32; i++)
        buffer_printf(text, " b%d='%d'", i, i);
    size_t open = text->length;
    buffer_text(text, "/>");
    const struct element *root = parse_good(*state, text->bytes, NULL);
    assert_int_equal(root->attribute_count, 32);
    assert_string_equal(element_attribute(root, "b31"), "31");
    text->length = open;
    buffer_text(text, " c=''/>");
    parse_bytes_bad(*state, text->bytes, text->length, &element_limits_default, -E2BIG);
}

static void size_of_the_document_is_limited_before_parsing(void **state)
{
    struct element_limits limits = element_limits_default;
    limits.bytes = 10;
    struct problems *problems = problems_new(*state);
    const struct element *root = NULL;
    assert_int_equal(element_parse(*state, "x", "<a>bbb</a>", 10, NULL, &limits, problems, &root),
                     0);
    parse_bytes_bad(*state, "<a>bbbb</a>", 11, &limits, -E2BIG);
    struct buffer *large = repeat(*state, "<a>", "0123456789abcdef", 512 * 1024, "</a>");
    parse_bytes_bad(*state, large->bytes, large->length, &element_limits_default, -E2BIG);
}

static void one_text_is_limited_even_when_children_stand_between(void **state)
{
    struct element_limits limits = element_limits_default;
    limits.text_bytes = 8;
    struct problems *problems = problems_new(*state);
    const struct element *root = NULL;
    const char *fits = "<a>1234<b>12345678</b>5678</a>";
    assert_int_equal(element_parse(*state, "x", fits, strlen(fits), NULL, &limits, problems, &root),
                     0);
    assert_string_equal(root->text, "12345678");
    const char *longer = "<a>1234<b/>5678<b/>9</a>";
    parse_bytes_bad(*state, longer, strlen(longer), &limits, -E2BIG);
    const char *attribute = "<a b='123456789'/>";
    parse_bytes_bad(*state, attribute, strlen(attribute), &limits, -E2BIG);
}

static void a_token_of_megabytes_is_refused(void **state)
{
    struct buffer *attribute = repeat(*state, "<a b='", "0123456789abcdef", 500000, "'/>");
    parse_bytes_bad(*state, attribute->bytes, attribute->length, &element_limits_default, -E2BIG);
    struct buffer *comment = repeat(*state, "<a><!--", "0123456789abcdef", 500000, "");
    parse_bytes_bad(*state, comment->bytes, comment->length, &element_limits_default, -E2BIG);
    struct buffer *many = buffer_new(*state, 4 * 1024 * 1024);
    buffer_text(many, "<a");
    for (int i = 0; i < 200000; i++)
        buffer_printf(many, " b%d=''", i);
    buffer_text(many, "/>");
    parse_bytes_bad(*state, many->bytes, many->length, &element_limits_default, -E2BIG);
}

static void long_namespaces_cannot_multiply_memory(void **state)
{
    struct buffer *text = buffer_new(*state, 8 * 1024 * 1024);
    buffer_text(text, "<a xmlns:p='http://");
    for (int i = 0; i < 100000; i++)
        buffer_text(text, "x");
    buffer_text(text, "'>");
    for (int i = 0; i < 10000; i++)
        buffer_text(text, "<p:b/>");
    buffer_text(text, "</a>");
    struct problems *problems = problems_new(*state);
    const struct element *root = NULL;
    assert_int_equal(element_parse(*state, "x", text->bytes, text->length, JMX,
                                   &element_limits_default, problems, &root),
                     -E2BIG);
    assert_null(root);
}

static void a_refused_document_leaves_nothing_in_the_context(void **state)
{
    void *context = talloc_new(*state);
    struct problems *problems = problems_new(*state);
    const struct element *root = NULL;
    assert_int_equal(element_parse(context, "x", "<a><b></a>", 10, NULL, &element_limits_default,
                                   problems, &root),
                     -EBADMSG);
    assert_int_equal(talloc_total_blocks(context), 1);
}

static void a_text_longer_than_a_piece_is_whole(void **state)
{
    struct buffer *text = repeat(*state, "<a><b>", "津波警報。", 40000, "</b></a>");
    const struct element *root = parse_good(*state, text->bytes, NULL);
    assert_int_equal(strlen(root->first_child->text), 40000 * strlen("津波警報。"));
}

static size_t parse_folder(void *context, const char *folder)
{
    size_t count = 0;
    DIR *directory = opendir(folder);
    struct dirent *entry;
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot == NULL || strcmp(dot, ".xml") != 0)
            continue;
        char *path = talloc_asprintf(context, "%s/%s", folder, entry->d_name);
        FILE *file = fopen(path, "rb");
        struct stat status;
        assert_non_null(file);
        assert_int_equal(fstat(fileno(file), &status), 0);
        char *bytes = talloc_zero_size(context, (size_t)status.st_size + 1);
        assert_int_equal(fread(bytes, 1, (size_t)status.st_size, file), status.st_size);
        fclose(file);
        const struct element *root = parse_good(bytes, bytes, JMX);
        assert_non_null(element_text(root, "Control/Title"));
        assert_non_null(element_text(root, "Head/ReportDateTime"));
        talloc_free(bytes);
        count++;
    }
    if (directory != NULL)
        closedir(directory);
    return count;
}

static void every_real_telegram_is_read(void **state)
{
    const char *root = getenv("NOROSHI_ROOT");
    char *folder = talloc_asprintf(*state, "%s/../shared/corpus/telegrams", root ? root : ".");
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        print_message("skipped: no corpus beside the repository\n");
        skip();
    }
    struct dirent *entry;
    size_t count = 0;
    while ((entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] != '.')
            count += parse_folder(*state, talloc_asprintf(*state, "%s/%s", folder, entry->d_name));
    }
    closedir(directory);
    print_message("%zu telegrams\n", count);
    assert_true(count > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_context, free_context)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tree_has_names_texts_attributes_and_positions),
        TEST(looking_for_what_is_absent_gives_null),
        TEST(own_text_is_joined_across_children_sections_and_entities),
        TEST(elements_outside_the_expected_namespace_keep_their_address),
        TEST(any_namespace_gives_local_names),
        TEST(a_foreign_attribute_does_not_hide_a_plain_one),
        TEST(byte_order_mark_and_missing_declaration_are_fine),
        TEST(doctype_is_refused_before_any_entity),
        TEST(another_encoding_is_refused_by_name),
        TEST(broken_documents_are_refused_whole),
        TEST(the_fault_is_named_with_its_line),
        TEST(depth_is_limited),
        TEST(number_of_elements_is_limited_and_siblings_do_not_recurse),
        TEST(attributes_are_limited),
        TEST(size_of_the_document_is_limited_before_parsing),
        TEST(one_text_is_limited_even_when_children_stand_between),
        TEST(a_token_of_megabytes_is_refused),
        TEST(long_namespaces_cannot_multiply_memory),
        TEST(a_refused_document_leaves_nothing_in_the_context),
        TEST(a_text_longer_than_a_piece_is_whole),
        TEST(every_real_telegram_is_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
