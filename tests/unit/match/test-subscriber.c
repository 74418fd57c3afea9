/* Reading subscribers: fields, YAML, CSV; every fault with its place and what to write instead. */
#include "event/build.h"
#include "match/subscriber.h"

static const char *const languages[] = {"ja", "ja-simple", "en", "vi", NULL};

struct reading {
    struct area_graph *graph;
    struct problems *problems;
};

static int begin(void **state)
{
    struct reading *reading = memory_new(NULL, struct reading);
    reading->graph = build_graph(reading);
    reading->problems = problems_new(reading);
    *state = reading;
    return 0;
}

static int end(void **state)
{
    talloc_free(*state);
    return 0;
}

static struct subscriber_fields mail(void)
{
    return (struct subscriber_fields){.channel = "email",
                                      .address = "guest@example.jp",
                                      .areas = "01100",
                                      .file = "f.csv",
                                      .line = 7,
                                      .column = 3};
}

static struct subscriber *read_fields(struct reading *reading,
                                      const struct subscriber_fields *fields)
{
    return subscriber_read(reading, reading->graph, languages, false, fields, reading->problems);
}

static void assert_problem(const struct reading *reading, size_t index, unsigned line,
                           const char *part)
{
    assert_true(index < reading->problems->count);
    const struct problem *problem = &reading->problems->items[index];
    if (!text_contains(problem->what, part))
        fail_msg("\"%s\" does not speak of \"%s\"", problem->what, part);
    assert_int_equal(problem->line, line);
}

static void what_is_not_given_has_its_default(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    struct subscriber *subscriber = read_fields(reading, &fields);
    assert_non_null(subscriber);
    assert_int_equal(reading->problems->count, 0);
    assert_int_equal(subscriber->language_count, 1);
    assert_string_equal(subscriber->languages[0], "en");
    assert_int_equal(subscriber->min_level, 2);
    assert_false(subscriber->drills);
    assert_false(subscriber->from_config);
    assert_null(subscriber->secret);
    assert_string_equal(subscriber->name, "");
    assert_string_equal(subscriber->areas[0], "municipality:01100");
    assert_true(subscriber->hazards >> HAZARD_TSUNAMI & 1);
    assert_true(subscriber->hazards >> HAZARD_HEAVY_SNOW & 1);
    assert_true(subscriber->hazards >> HAZARD_AVALANCHE & 1);
    assert_false(subscriber->hazards >> HAZARD_THUNDER & 1);
    assert_false(subscriber->hazards >> HAZARD_OTHER_ADVISORY & 1);
}

static void the_id_depends_on_channel_and_address_alone(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    const char *id = read_fields(reading, &fields)->id;
    assert_int_equal(strlen(id), 18);
    assert_true(text_starts(id, "s_"));
    fields.languages = "ja;vi ja";
    fields.hazards = "tsunami earthquake";
    fields.min_level = "5";
    fields.drills = "yes";
    struct subscriber *subscriber = read_fields(reading, &fields);
    assert_string_equal(subscriber->id, id);
    assert_int_equal(subscriber->language_count, 2);
    assert_string_equal(subscriber->languages[1], "vi");
    assert_int_equal(subscriber->hazards, (1 << HAZARD_TSUNAMI) | (1 << HAZARD_EARTHQUAKE));
    assert_int_equal(subscriber->min_level, 5);
    assert_true(subscriber->drills);
    fields.address = "other@example.jp";
    assert_string_not_equal(read_fields(reading, &fields)->id, id);
}

static void all_faults_are_told_in_one_pass(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    fields.address = "guest@";
    fields.languages = "xx";
    fields.areas = "nowhere";
    fields.hazards = "aliens";
    fields.min_level = "9";
    fields.drills = "maybe";
    fields.secret = "x";
    assert_null(read_fields(reading, &fields));
    assert_int_equal(reading->problems->errors, 7);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(reading->problems->items[i].file, "f.csv");
        assert_int_equal(reading->problems->items[i].line, 7);
        assert_non_null(reading->problems->items[i].instead);
    }
}

static void no_place_means_nobody_and_is_refused(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    fields.areas = " ";
    assert_null(read_fields(reading, &fields));
    assert_problem(reading, 0, 7, "place is missing");
}

static void addresses_that_would_break_a_mail_header_are_refused(void **state)
{
    struct reading *reading = *state;
    static const char *const bad[] = {"",
                                      "a",
                                      "a@",
                                      "@example.jp",
                                      "a@b c.jp",
                                      "a b@example.jp",
                                      "a@example.jp\r\nBcc: x@y.jp",
                                      "a@example.jp\n",
                                      "a@-x.jp",
                                      "a@x..jp",
                                      "a@x.jp.",
                                      ".a@x.jp",
                                      "a..b@x.jp",
                                      "<a@x.jp>",
                                      "a@x.jp,b@x.jp",
                                      "\xe3\x81\x82@x.jp",
                                      "a\x7f@x.jp",
                                      "\"a\"@x.jp"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct subscriber_fields fields = mail();
        fields.address = bad[i];
        if (read_fields(reading, &fields) != NULL)
            fail_msg("accepted: %s", bad[i]);
    }
    static const char *const good[] = {"a@x.jp", "first.last+tag@mail.example.co.jp", "o'hara@x.jp",
                                       " padded@x.jp "};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct subscriber_fields fields = mail();
        fields.address = good[i];
        assert_non_null(read_fields(reading, &fields));
    }
}

static void problems_never_repeat_an_address_or_a_secret(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    fields.channel = "webhook";
    fields.address = "https://user:hunter2@example.jp/private-path";
    fields.secret = "whsec_topsecret";
    assert_null(read_fields(reading, &fields));
    for (size_t i = 0; i < reading->problems->count; i++) {
        char *text = problem_text(reading, &reading->problems->items[i]);
        assert_false(text_contains(text, "hunter2"));
        assert_false(text_contains(text, "private-path"));
        assert_false(text_contains(text, "topsecret"));
    }
}

static void a_webhook_needs_a_plain_https_url(void **state)
{
    struct reading *reading = *state;
    static const char *const bad[] = {"ftp://example.jp/",
                                      "example.jp",
                                      "http://example.jp/",
                                      "https://",
                                      "https:///x",
                                      "https://a@example.jp/",
                                      "https://example.jp:0/",
                                      "https://example.jp:99999/",
                                      "https://example.jp:/",
                                      "https://exa mple.jp/",
                                      "https://example.jp/\n",
                                      "https://[::1/",
                                      "https://[]/",
                                      "https://example.jp/#x",
                                      "https://ex_ample.jp/",
                                      "https://example.jp\\@x/"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct subscriber_fields fields = mail();
        fields.channel = "webhook";
        fields.address = bad[i];
        if (read_fields(reading, &fields) != NULL)
            fail_msg("accepted: %s", bad[i]);
    }
    static const char *const good[] = {"https://example.jp", "HTTPS://example.jp:8443/a?b=c%20d",
                                       "https://192.0.2.1/x", "https://[2001:db8::1]:443/x"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct subscriber_fields fields = mail();
        fields.channel = "webhook";
        fields.address = good[i];
        assert_non_null(read_fields(reading, &fields));
    }
    struct subscriber_fields fields = mail();
    fields.channel = "webhook";
    fields.address = "http://127.0.0.1:9000/hook";
    assert_non_null(
        subscriber_read(reading, reading->graph, languages, true, &fields, reading->problems));
}

static void a_webhook_without_a_secret_gets_one_of_its_own(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    fields.channel = "webhook";
    fields.address = "https://example.jp/hook";
    struct subscriber *one = read_fields(reading, &fields);
    struct subscriber *two = read_fields(reading, &fields);
    assert_true(text_starts(one->secret, "whsec_"));
    assert_string_not_equal(one->secret, two->secret);
    fields.secret = one->secret;
    assert_string_equal(read_fields(reading, &fields)->secret, one->secret);
    fields.secret = "whsec_AAAA";
    assert_null(read_fields(reading, &fields));
    fields.secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert_null(read_fields(reading, &fields));
}

static void while_a_secret_changes_there_are_two(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    fields.channel = "webhook";
    fields.address = "https://example.jp/hook";
    const char *old = read_fields(reading, &fields)->secret;
    const char *new = read_fields(reading, &fields)->secret;
    const char *both = memory_printf(reading, "%s %s", new, old);
    fields.secret = memory_printf(reading, " %s  %s ", new, old);
    assert_string_equal(read_fields(reading, &fields)->secret, both);
    fields.secret = memory_printf(reading, "%s whsec_AAAA", new);
    assert_null(read_fields(reading, &fields));
    fields.secret = memory_printf(reading, "%s %s", both, new);
    assert_null(read_fields(reading, &fields));
    assert_problem(reading, 1, 7, "more than two");
}

static void the_fallback_is_the_other_channel(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    fields.fallback = "https://example.jp/hook";
    const struct subscriber *one = read_fields(reading, &fields);
    assert_string_equal(one->fallback, "https://example.jp/hook");
    assert_true(text_starts(one->secret, "whsec_"));
    fields.channel = "webhook";
    fields.address = "https://example.jp/hook";
    fields.fallback = " mailto:desk@example.jp ";
    assert_string_equal(read_fields(reading, &fields)->fallback, "desk@example.jp");
    static const char *const wrong[] = {"https://example.jp/other", "desk", "a@example.jp\nb",
                                        "mailto:", "tel:119"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        fields.fallback = wrong[i];
        assert_null(read_fields(reading, &fields));
    }
    fields = mail();
    fields.fallback = "guest2@example.jp";
    assert_null(read_fields(reading, &fields));
    fields.fallback = "http://example.jp/hook";
    assert_null(read_fields(reading, &fields));
}

static void staff_is_who_says_so(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    assert_false(read_fields(reading, &fields)->staff);
    fields.staff = "yes";
    assert_true(read_fields(reading, &fields)->staff);
    fields.staff = "perhaps";
    assert_null(read_fields(reading, &fields));
}

static void a_facility_is_one_word_and_a_strange_one_is_told(void **state)
{
    struct reading *reading = *state;
    struct subscriber_fields fields = mail();
    assert_string_equal(read_fields(reading, &fields)->facility, "");
    fields.facility = " hotel ";
    assert_string_equal(read_fields(reading, &fields)->facility, "hotel");
    assert_int_equal(reading->problems->count, 0);
    fields.facility = "ski-hut";
    assert_string_equal(read_fields(reading, &fields)->facility, "ski-hut");
    assert_int_equal(reading->problems->count, 1);
    assert_int_equal(reading->problems->errors, 0);
    static const char *const wrong[] = {
        "Hotel", "two words", "-", "=cmd", "a,b", "ホテル", "a-word-that-is-longer-than-any-kind"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        fields.facility = wrong[i];
        assert_null(read_fields(reading, &fields));
    }
}

static struct subscriber **read_csv(struct reading *reading, const char *text, size_t *ret_count)
{
    return subscriber_read_csv(reading, reading->graph, languages, false, "list.csv", text,
                               strlen(text), reading->problems, ret_count);
}

static void csv_is_read_with_quotes_bom_crlf_and_any_order(void **state)
{
    struct reading *reading = *state;
    size_t count;
    struct subscriber **list =
        read_csv(reading,
                 "\xef\xbb\xbfname,areas,address,channel\r\n"
                 "\"Hotel \"\"North\"\", Sapporo\",\"01100;01203\",a@example.jp,email\r\n"
                 "\r\n"
                 "\"two\r\nlines\",札幌市,b@example.jp,email",
                 &count);
    assert_int_equal(reading->problems->count, 0);
    assert_int_equal(count, 2);
    assert_string_equal(list[0]->name, "Hotel \"North\", Sapporo");
    assert_int_equal(list[0]->area_count, 2);
    assert_string_equal(list[1]->areas[0], "municipality:01100");
    assert_false(text_contains(list[1]->name, "\n"));
}

static void bad_rows_are_told_with_line_and_column_and_good_ones_kept(void **state)
{
    struct reading *reading = *state;
    size_t count;
    struct subscriber **list = read_csv(reading,
                                        "channel,address,areas,min_level\n"
                                        "email,a@example.jp,01100,2\n"
                                        "email,b@example.jp,01100,7\n"
                                        "email,c@example.jp\n"
                                        "pigeon,d@example.jp,01100,2\n"
                                        "email,\"e@example.jp\"x,01100,2\n"
                                        "email,f\"@example.jp,01100,2\n"
                                        "email,g@example.jp,01203,\n"
                                        "email,a@example.jp,01203,3\n"
                                        "email,\"h@example.jp,01100,2\n",
                                        &count);
    assert_int_equal(count, 2);
    assert_string_equal(list[0]->address, "a@example.jp");
    assert_string_equal(list[1]->address, "g@example.jp");
    assert_problem(reading, 0, 3, "level");
    assert_int_equal(reading->problems->items[0].column, 26);
    assert_problem(reading, 1, 4, "cells");
    assert_problem(reading, 2, 5, "channel");
    assert_problem(reading, 3, 6, "closing quote");
    assert_int_equal(reading->problems->items[3].column, 21);
    assert_problem(reading, 4, 7, "unquoted");
    assert_problem(reading, 5, 9, "twice");
    assert_true(reading->problems->items[5].warning);
    assert_problem(reading, 6, 10, "never closed");
}

static void a_header_that_cannot_be_used_stops_the_file(void **state)
{
    struct reading *reading = *state;
    size_t count;
    read_csv(reading, "channel,adress,areas,areas\nemail,a@example.jp,01100,x\n", &count);
    assert_int_equal(count, 0);
    assert_problem(reading, 0, 1, "adress");
    assert_problem(reading, 1, 1, "twice");
    assert_problem(reading, 2, 1, "\"address\" is missing");
    read_csv(reading, "", &count);
    assert_problem(reading, 3, 1, "header is missing");
    read_csv(reading, "channel\xff", &count);
    assert_problem(reading, 4, 0, "UTF-8");
}

static void yaml_gives_the_same_with_its_own_places(void **state)
{
    struct reading *reading = *state;
    static const char text[] = "- channel: email\n"
                               "  address: guest@example.jp\n"
                               "  languages: [vi, en]\n"
                               "  areas:\n"
                               "    - 札幌市\n"
                               "    - \"17\"\n"
                               "  drills: yes\n"
                               "- channel: email\n"
                               "  address: other@example.jp\n"
                               "  areas: 01100\n"
                               "  min_level: [1, 2]\n"
                               "  colour: red\n";
    const struct node *root;
    assert_int_equal(
        document_parse(reading, "n.yaml", text, strlen(text), reading->problems, &root), 0);
    struct subscriber *subscriber = subscriber_from_node(reading, reading->graph, languages, false,
                                                         root->first_child, reading->problems);
    assert_non_null(subscriber);
    assert_true(subscriber->from_config && subscriber->drills);
    assert_string_equal(subscriber->languages[0], "vi");
    assert_string_equal(subscriber->areas[1], "prefecture:17");
    assert_int_equal(reading->problems->count, 0);
    assert_null(subscriber_from_node(reading, reading->graph, languages, false,
                                     root->first_child->next, reading->problems));
    assert_int_equal(reading->problems->count, 2);
    assert_problem(reading, 0, 12, "colour");
    assert_problem(reading, 1, 11, "min_level");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_given_has_its_default),
        TEST(the_id_depends_on_channel_and_address_alone),
        TEST(all_faults_are_told_in_one_pass),
        TEST(no_place_means_nobody_and_is_refused),
        TEST(addresses_that_would_break_a_mail_header_are_refused),
        TEST(problems_never_repeat_an_address_or_a_secret),
        TEST(a_webhook_needs_a_plain_https_url),
        TEST(a_webhook_without_a_secret_gets_one_of_its_own),
        TEST(while_a_secret_changes_there_are_two),
        TEST(the_fallback_is_the_other_channel),
        TEST(staff_is_who_says_so),
        TEST(a_facility_is_one_word_and_a_strange_one_is_told),
        TEST(csv_is_read_with_quotes_bom_crlf_and_any_order),
        TEST(bad_rows_are_told_with_line_and_column_and_good_ones_kept),
        TEST(a_header_that_cannot_be_used_stops_the_file),
        TEST(yaml_gives_the_same_with_its_own_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
