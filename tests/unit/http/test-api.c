/* The JSON answers and the OpenMetrics text, read again by a parser. */
#include "http/fixture.h"

#include <ctype.h>

static json_t *json_of(const struct fixture *fixture, enum page_kind kind, const char *language,
                       bool old)
{
    struct page_set *set = fixture_set(fixture);
    char *text = fixture_body(NULL, set, kind, language, old);
    json_error_t error;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL)
        fail_msg("%s at %d: %.500s", error.text, error.position, text);
    talloc_free(text);
    page_set_unref(set);
    return json;
}

static const char *text_at(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static struct fixture *fixture_busy(TALLOC_CTX *context)
{
    struct fixture *fixture = fixture_new(context);
    fixture_force(fixture, fixture_alert(context, "a", HAZARD_RAIN, 3));
    fixture_force(fixture, fixture_alert(context, "b", HAZARD_TSUNAMI, 5));
    fixture_recent(fixture, fixture_alert(context, "c", HAZARD_FOG, 2));
    struct alert *drill = fixture_alert(context, "d", HAZARD_TSUNAMI, 5);
    drill->status = STATUS_EXERCISE;
    fixture->drills[fixture->input.drill_count++] = drill;
    return fixture;
}

static void alerts_come_gravest_first_with_messages_of_all_languages(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    json_t *json = json_of(fixture_busy(context), PAGE_ALERTS, NULL, false);
    json_t *alerts = json_object_get(json, "alerts");
    assert_int_equal(json_array_size(alerts), 2);
    assert_string_equal(text_at(json_array_get(alerts, 0), "id"), "b");
    json_t *messages = json_object_get(json_array_get(alerts, 0), "messages");
    assert_int_equal(json_object_size(messages), 4);
    json_t *message = json_object_get(messages, "vi");
    assert_string_equal(text_at(message, "headline"), "HEAD vi tsunami 津波警報");
    assert_string_equal(text_at(message, "text"), "PLAIN HEAD vi tsunami 津波警報");
    assert_string_equal(text_at(json, "generated_at"), "2024-01-01T16:43:00+09:00");
    assert_string_equal(text_at(json, "sight"), "fresh-quiet");
    assert_true(json_is_null(json_object_get(json, "no_data_since")));
    json_decref(json);
    talloc_free(context);
}

static void drills_are_in_a_list_of_their_own(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_busy(context);
    fixture_force(fixture, fixture->drills[0]);
    json_t *json = json_of(fixture, PAGE_ALERTS, NULL, false);
    const char *const lists[] = {"alerts", "recent"};
    for (size_t i = 0; i < 2; i++) {
        size_t j;
        json_t *alert;
        json_array_foreach(json_object_get(json, lists[i]), j, alert)
        {
            assert_string_equal(text_at(alert, "status"), "actual");
        }
    }
    assert_int_equal(json_array_size(json_object_get(json, "drills")), 2);
    json_decref(json);
    talloc_free(context);
}

static void one_language_can_be_asked_for(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    for (size_t i = 0; fixture_languages[i] != NULL; i++) {
        json_t *json = json_of(fixture_busy(context), PAGE_ALERTS, fixture_languages[i], false);
        json_t *alert = json_array_get(json_object_get(json, "alerts"), 1);
        json_t *messages = json_object_get(alert, "messages");
        assert_int_equal(json_object_size(messages), 1);
        assert_non_null(json_object_get(messages, fixture_languages[i]));
        json_decref(json);
    }
    talloc_free(context);
}

static void an_alert_beyond_the_texts_still_has_its_data_and_a_headline(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    for (size_t i = 0; i < 60; i++)
        fixture_force(fixture,
                      fixture_alert(context, memory_printf(context, "a%zu", i), HAZARD_THUNDER, 2));
    json_t *json = json_of(fixture, PAGE_ALERTS, "en", false);
    json_t *alerts = json_object_get(json, "alerts");
    assert_int_equal(json_array_size(alerts), 60);
    json_t *message =
        json_object_get(json_object_get(json_array_get(alerts, 59), "messages"), "en");
    assert_true(json_is_null(json_object_get(message, "text")));
    assert_string_equal(text_at(message, "headline"), "hazard.thunder: 北海道日本海沿岸北部");
    assert_string_equal(text_at(json_array_get(alerts, 59), "id"), "a59");
    json_decref(json);
    talloc_free(context);
}

static void an_old_snapshot_says_that_it_cannot_see(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    json_t *json = json_of(fixture_busy(context), PAGE_ALERTS, NULL, true);
    assert_string_equal(text_at(json, "sight"), "unavailable");
    assert_true(json_is_true(json_object_get(json, "snapshot_old")));
    assert_string_equal(text_at(json, "no_data_since"), "2024-01-01T16:43:00+09:00");
    assert_int_equal(json_array_size(json_object_get(json, "alerts")), 2);
    json_t *feed = json_array_get(json_object_get(json, "feeds"), 0);
    assert_string_equal(text_at(feed, "state"), "unavailable");
    json_decref(json);
    talloc_free(context);
}

static void status_tells_ages_errors_counts_and_notices(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_busy(context);
    fixture->feeds[1].failures = 3;
    fixture->feeds[1].last_error = "HTTP 503";
    fixture->feeds[1].last_success = 0;
    const char *const notices[] = {"unknown code VXXX99"};
    fixture->input.notices = notices;
    fixture->input.notice_count = 1;
    json_t *json = json_of(fixture, PAGE_STATUS, NULL, false);
    json_t *feeds = json_object_get(json, "feeds");
    json_t *seen = json_array_get(feeds, 0), *failing = json_array_get(feeds, 1);
    assert_int_equal(json_integer_value(json_object_get(seen, "last_success_age_seconds")), 20);
    assert_int_equal(json_integer_value(json_object_get(seen, "newest_age_seconds")), 600);
    assert_true(json_is_null(json_object_get(failing, "last_success_age_seconds")));
    assert_string_equal(text_at(failing, "last_error"), "HTTP 503");
    assert_int_equal(json_integer_value(json_object_get(failing, "failures")), 3);
    assert_int_equal(json_array_size(json_object_get(json, "notices")), 1);
    assert_int_equal(json_integer_value(json_object_get(json, "alerts_in_force")), 2);
    assert_string_equal(text_at(json, "version"), "1.2.3");
    json_decref(json);
    talloc_free(context);
}

static void readiness_names_each_reason(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    struct page_set *set = fixture_set(fixture);
    assert_true(page_set_ready(set));
    page_set_unref(set);
    fixture->feeds[0].freshness = UNAVAILABLE;
    set = fixture_set(fixture);
    assert_true(page_set_ready(set)); /* one watched feed is still seen */
    page_set_unref(set);
    fixture->feeds[1].freshness = STALE;
    fixture->input.store_writable = false;
    set = fixture_set(fixture);
    assert_false(page_set_ready(set));
    page_set_unref(set);
    json_t *json = json_of(fixture, PAGE_READY, NULL, true);
    assert_int_equal(json_array_size(json_object_get(json, "reasons")), 3);
    assert_int_equal(json_integer_value(json_object_get(json, "status")), 503);
    json_decref(json);
    talloc_free(context);
}

static void a_clock_that_is_not_trusted_is_shown_to_readers_and_programs(void **state)
{
    (void)state;
    for (int trusted = 0; trusted < 2; trusted++) {
        TALLOC_CTX *context = talloc_new(NULL);
        struct fixture *fixture = fixture_new(context);
        fixture->input.clock_trusted = trusted;
        json_t *json = json_of(fixture, PAGE_STATUS, NULL, false);
        assert_int_equal(json_is_true(json_object_get(json, "clock_trusted")), trusted);
        json_decref(json);
        struct page_set *set = fixture_set(fixture);
        char *html = fixture_body(context, set, PAGE_HOME, "en", false);
        assert_int_equal(strstr(html, "id=\"clock\"") == NULL, trusted);
        page_set_unref(set);
        talloc_free(context);
    }
}

/* ---- OpenMetrics: a small checker ---- */

struct family {
    char name[128], type[32], unit[32];
    bool helped;
};

static bool is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)text[i]) && text[i] != '_')
            return false;
    }
    return length > 0 && !isdigit((unsigned char)text[0]);
}

static bool allowed_suffix(const struct family *family, const char *suffix)
{
    if (strcmp(family->type, "counter") == 0)
        return strcmp(suffix, "_total") == 0;
    if (strcmp(family->type, "info") == 0)
        return strcmp(suffix, "_info") == 0;
    if (strcmp(family->type, "histogram") == 0)
        return strcmp(suffix, "_bucket") == 0 || strcmp(suffix, "_count") == 0 ||
               strcmp(suffix, "_sum") == 0;
    return suffix[0] == '\0';
}

/* After "{": name="value" pairs up to "}"; returns what stands behind it. */
static const char *check_labels(const char *text)
{
    while (*text != '}') {
        const char *equal = strchr(text, '=');
        assert_non_null(equal);
        assert_true(is_name(text, (size_t)(equal - text)));
        assert_int_equal(equal[1], '"');
        for (text = equal + 2; *text != '"'; text++) {
            assert_int_not_equal(*text, '\0');
            if (*text == '\\') {
                text++;
                assert_non_null(strchr("\\\"n", *text));
            }
        }
        text++;
        if (*text == ',')
            text++;
        else
            assert_int_equal(*text, '}');
    }
    return text + 1;
}

static void check_sample(const struct family *family, const char *line)
{
    size_t name = strcspn(line, "{ ");
    char sample[160];
    assert_true(is_name(line, name) && name < sizeof(sample));
    memcpy(sample, line, name);
    sample[name] = '\0';
    if (!text_starts(sample, family->name) ||
        !allowed_suffix(family, sample + strlen(family->name)))
        fail_msg("%s is not of the family %s (%s)", sample, family->name, family->type);
    const char *rest = line + name;
    if (*rest == '{')
        rest = check_labels(rest + 1);
    char *end = NULL;
    assert_int_equal(*rest, ' ');
    double value = strtod(rest + 1, &end);
    assert_true(end != rest + 1 && *end == '\0');
    assert_true(value == value);
    if (text_contains(line, "le=\""))
        assert_true(text_contains(line, "le=\"+Inf\"") || strpbrk(strstr(line, "le="), ".e"));
}

static void begin_family(struct family *family, const char *line, char *seen)
{
    memset(family, 0, sizeof(*family));
    assert_int_equal(sscanf(line, "# TYPE %127s %31s", family->name, family->type), 2);
    char mark[140];
    snprintf(mark, sizeof(mark), " %s ", family->name);
    if (strstr(seen, mark) != NULL)
        fail_msg("%s comes twice", family->name);
    memcpy(seen + strlen(seen), mark, strlen(mark) + 1);
}

/* Checks the whole exposition; `text` is changed. */
static void check_metrics(char *text)
{
    struct family family = {0};
    char seen[8000] = "";
    size_t length = strlen(text);
    assert_true(length > 6);
    assert_string_equal(text + length - 6, "# EOF\n");
    text[length - 6] = '\0';
    for (char *line = text, *end; *line != '\0'; line = end + 1) {
        end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        if (text_starts(line, "# TYPE ")) {
            begin_family(&family, line, seen);
        } else if (text_starts(line, "# UNIT ")) {
            assert_int_equal(sscanf(line, "# UNIT %*s %31s", family.unit), 1);
            size_t name = strlen(family.name), unit = strlen(family.unit);
            assert_true(name > unit && strcmp(family.name + name - unit, family.unit) == 0);
        } else if (text_starts(line, "# HELP ")) {
            assert_true(text_contains(line, family.name));
            family.helped = true;
        } else {
            assert_true(family.helped);
            check_sample(&family, line);
        }
    }
}

static char *metrics_of(TALLOC_CTX *context, const struct fixture *fixture)
{
    struct page_set *set = fixture_set(fixture);
    struct page_part part = page_set_metrics(set);
    char *text = memory_printf(context, "%.*s# EOF\n", (int)part.length, part.bytes);
    page_set_unref(set);
    return text;
}

static void metrics_are_open_metrics(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_busy(context);
    json_t *counts =
        json_loads("{\"deliveries\":{\"email\":{\"delivered\":3,\"expired\":1}},"
                   "\"telegrams\":{\"VXSE53\":{\"alerted\":2},\"a\\\"b\\\\c\\nd\":{\"x\":1}},"
                   "\"alerts\":{\"tsunami\":4},\"subscribers\":{\"email\":1}}",
                   0, NULL);
    json_t *latency = json_loads(
        "{\"webhook\":{\"buckets\":[[0.05,1],[1,3],[10.0,3]],\"sum\":1.5,\"count\":4}}", 0, NULL);
    fixture->input.counts = counts;
    fixture->input.latency = latency;
    fixture->input.late_ends = 7;
    fixture->feeds[0].last_success = 0;
    char *text = metrics_of(context, fixture);
    assert_contains(text, "noroshi_telegrams{code=\"VXSE53\",outcome=\"alerted\"} 2\n");
    assert_contains(text, "{code=\"a\\\"b\\\\c\\nd\",outcome=\"x\"} 1\n");
    assert_contains(text, "noroshi_deliveries{channel=\"email\",state=\"expired\"} 1\n");
    assert_contains(text, "_seconds_bucket{channel=\"webhook\",le=\"1.0\"} 3\n");
    assert_contains(text, "_seconds_bucket{channel=\"webhook\",le=\"+Inf\"} 4\n");
    assert_contains(text, "noroshi_deliveries_over_bound_total 7\n");
    assert_contains(text, "noroshi_feed_age_seconds{feed=\"extra\"} 20.000\n");
    assert_lacks(text, "noroshi_feed_age_seconds{feed=\"eqvol\"}");
    assert_contains(text, "{feed=\"eqvol\",noroshi_feed_state=\"fresh-quiet\"} 1\n");
    assert_contains(text, "noroshi_alerts_in_force{level=\"5\"} 1\n");
    check_metrics(text);
    json_decref(counts);
    json_decref(latency);
    talloc_free(context);
}

static void metrics_without_any_count_are_open_metrics_too(void **state)
{
    (void)state;
    TALLOC_CTX *context = talloc_new(NULL);
    struct fixture *fixture = fixture_new(context);
    fixture->input.feed_count = 0;
    check_metrics(metrics_of(context, fixture));
    talloc_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alerts_come_gravest_first_with_messages_of_all_languages),
        cmocka_unit_test(drills_are_in_a_list_of_their_own),
        cmocka_unit_test(one_language_can_be_asked_for),
        cmocka_unit_test(an_alert_beyond_the_texts_still_has_its_data_and_a_headline),
        cmocka_unit_test(an_old_snapshot_says_that_it_cannot_see),
        cmocka_unit_test(status_tells_ages_errors_counts_and_notices),
        cmocka_unit_test(readiness_names_each_reason),
        cmocka_unit_test(a_clock_that_is_not_trusted_is_shown_to_readers_and_programs),
        cmocka_unit_test(metrics_are_open_metrics),
        cmocka_unit_test(metrics_without_any_count_are_open_metrics_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
