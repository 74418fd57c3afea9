/* The body of a webhook keeps its shape and its size whatever goes in, and the request carries what
 * a receiver needs to trust it. */
#include "fixture.h"
#include "base/signature.h"
#include "deliver/webhook.h"

static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

static json_t *body_of(const struct alert *alert, struct message *const *messages, size_t count)
{
    char *text = webhook_body(context, NULL, alert, make_match(alert), messages, count,
                              "https://a.example/");
    assert_true(strlen(text) < WEBHOOK_BODY_BYTES_MAX);
    assert_true(text_is_utf8(text, strlen(text)));
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

static const char *text_at(const json_t *json, const char *key)
{
    return json_string_value(json_object_get(json, key));
}

static struct message **make_messages(size_t count, size_t size)
{
    static const char *const tags[] = {"ne", "en", "zh-Hans", "zh-Hant",
                                       "ko", "vi", "ja",      "ja-simple"};
    struct message **messages = memory_array(context, struct message *, count);
    for (size_t i = 0; i < count; i++)
        messages[i] = make_message(tags[i % 8], size);
    return messages;
}

static void a_body_says_what_where_and_how_bad(void **state)
{
    (void)state;
    json_t *json = body_of(make_alert(2, 1), make_messages(1, 1), 1);
    const json_t *data = json_object_get(json, "data");
    assert_string_equal(text_at(json, "type"), "alert.issue");
    assert_string_equal(text_at(json, "timestamp"), "2024-01-01T16:43:00+09:00");
    assert_string_equal(text_at(data, "id"), "tsunami-20240101161010-9");
    assert_string_equal(text_at(data, "hazard"), "tsunami");
    assert_string_equal(text_at(data, "status"), "actual");
    assert_true(json_is_false(json_object_get(data, "drill")));
    assert_int_equal(json_integer_value(json_object_get(data, "level")), 4);
    assert_int_equal(json_array_size(json_object_get(data, "areas")), 2);
    assert_int_equal(json_integer_value(json_object_get(data, "areas_total")), 2);
    const json_t *area = json_array_get(json_object_get(data, "areas"), 0);
    assert_string_equal(text_at(area, "system"), "tsunami-coast");
    assert_string_equal(text_at(area, "code"), "000");
    assert_true(json_is_null(json_object_get(area, "height_m")));
    assert_true(json_is_null(json_object_get(data, "quake")));
    assert_string_equal(text_at(json_object_get(data, "cap"), "status"), "Actual");
    assert_string_equal(text_at(json_object_get(data, "links"), "page"), "https://a.example/");
    const json_t *message = json_array_get(json_object_get(data, "messages"), 0);
    assert_string_equal(text_at(message, "language"), "ne");
    assert_int_equal(json_array_size(json_object_get(message, "actions")), 10);
    assert_non_null(text_at(message, "plain"));
    json_decref(json);
}

static void a_drill_says_so_in_three_places(void **state)
{
    struct alert *alert = make_alert(1, 0);
    struct message **messages = make_messages(1, 1);
    (void)state;
    messages[0]->drill = "This is a drill.";
    for (int status = STATUS_UNKNOWN; status <= STATUS_TEST; status++) {
        alert->status = (enum telegram_status)status;
        bool drill = status != STATUS_ACTUAL;
        json_t *json = body_of(alert, messages, 1);
        const json_t *data = json_object_get(json, "data");
        assert_string_equal(text_at(json, "type"), drill ? "drill.issue" : "alert.issue");
        assert_int_equal(json_is_true(json_object_get(data, "drill")), drill);
        assert_string_equal(text_at(data, "status"),
                            telegram_status_name((enum telegram_status)status));
        json_decref(json);
    }
    alert->status = STATUS_EXERCISE;
    json_t *json = body_of(alert, messages, 1);
    const json_t *said = json_object_get(json_object_get(json, "data"), "messages");
    assert_string_equal(text_at(json_array_get(said, 0), "drill"), "This is a drill.");
    json_decref(json);
}

static void the_type_names_the_phase_of_the_reader(void **state)
{
    const struct alert *alert = make_alert(1, 0);
    struct match *match = make_match(alert);
    (void)state;
    match->phase = PHASE_ALL_CLEAR;
    match->previous_level = 5;
    char *text = webhook_body(context, NULL, alert, match, make_messages(1, 1), 1, NULL);
    json_t *json = json_loads(text, 0, NULL);
    const json_t *data = json_object_get(json, "data");
    assert_string_equal(text_at(json, "type"), "alert.all-clear");
    assert_string_equal(text_at(data, "phase"), "all-clear");
    assert_int_equal(json_integer_value(json_object_get(data, "previous_level")), 5);
    assert_int_equal(json_object_size(json_object_get(data, "links")), 0);
    json_decref(json);
}

static void sixty_areas_and_eight_languages_stay_below_20_kilobytes(void **state)
{
    (void)state;
    json_t *json = body_of(make_alert(60, 300), make_messages(8, 1), 8);
    const json_t *data = json_object_get(json, "data");
    assert_int_equal(json_integer_value(json_object_get(data, "areas_total")), 60);
    assert_true(json_array_size(json_object_get(data, "areas")) >= 10);
    assert_int_equal(json_array_size(json_object_get(data, "messages")), 8);
    for (size_t i = 0; i < 8; i++) {
        const json_t *message = json_array_get(json_object_get(data, "messages"), i);
        assert_non_null(text_at(message, "headline"));
        assert_true(json_array_size(json_object_get(message, "actions")) > 0);
    }
    json_decref(json);
}

static void the_newest_references_are_kept(void **state)
{
    (void)state;
    json_t *json = body_of(make_alert(1, 1000), make_messages(1, 1), 1);
    const json_t *references = json_object_get(json_object_get(json, "data"), "references");
    size_t count = json_array_size(references);
    assert_int_equal(count, 20);
    assert_string_equal(json_string_value(json_array_get(references, count - 1)),
                        "tsunami-20240101161010-999");
    json_decref(json);
}

static void any_size_of_anything_stays_below_20_kilobytes(void **state)
{
    static const size_t areas[] = {0, 5, 41, 2000}, sizes[] = {0, 1, 3, 20, 400};
    (void)state;
    for (size_t a = 0; a < 4; a++)
        for (size_t s = 0; s < 5; s++)
            for (size_t count = 1; count <= 16; count *= 4)
                json_decref(
                    body_of(make_alert(areas[a], areas[a]), make_messages(count, sizes[s]), count));
}

static void hostile_texts_are_bounded_and_the_result_is_still_an_alert(void **state)
{
    struct alert *alert = make_alert(50, 50);
    const char *hostile = repeated("\xf0\x9f\x94\xa5\"\\\n\r\x01\xe2\x80\xae\xff</script>", 20000);
    struct message **messages = make_messages(8, 1);
    struct alert_area *areas = (struct alert_area *)alert->areas;
    (void)state;
    alert->title_ja = alert->headline_ja = alert->office_ja = hostile;
    for (size_t i = 0; i < 50; i++)
        areas[i].name_ja = areas[i].height_text = areas[i].arrival_condition = hostile;
    for (size_t i = 0; i < 8; i++) {
        messages[i]->headline = messages[i]->chip = messages[i]->short_text = hostile;
        messages[i]->source = messages[i]->plain = messages[i]->drill = hostile;
        messages[i]->delayed = hostile;
    }
    const struct alert_quake quake = {.epicenter_ja = hostile,
                                      .magnitude_text = hostile,
                                      .magnitude = INFINITY,
                                      .latitude = NAN,
                                      .depth_km = -HUGE_VAL};
    alert->quake = &quake;
    json_t *json = body_of(alert, messages, 8);
    const json_t *data = json_object_get(json, "data");
    assert_string_equal(text_at(json, "type"), "alert.issue");
    assert_int_equal(json_integer_value(json_object_get(data, "areas_total")), 50);
    assert_true(json_array_size(json_object_get(data, "messages")) > 0);
    const char *headline = text_at(data, "headline_ja");
    assert_null(strpbrk(headline, "\r\x01"));
    assert_false(text_contains(headline, "\xe2\x80\xae"));
    json_decref(json);
}

static void a_missing_text_is_null_and_never_an_empty_body(void **state)
{
    struct alert *alert = make_alert(1, 0);
    struct message empty = {.language = "en"};
    struct message *messages[] = {&empty};
    (void)state;
    alert->title_ja = alert->headline_ja = alert->office_ja = NULL;
    alert->issued_at = 0;
    json_t *json = body_of(alert, messages, 1);
    const json_t *data = json_object_get(json, "data");
    assert_true(json_is_null(json_object_get(json, "timestamp")));
    assert_true(json_is_null(json_object_get(data, "title_ja")));
    assert_true(json_is_null(
        json_object_get(json_array_get(json_object_get(data, "messages"), 0), "headline")));
    json_decref(json);
}

static const char *header(const struct transfer_request *request, const char *name)
{
    for (size_t i = 0; request->headers[i] != NULL; i++)
        if (text_starts(request->headers[i], name))
            return request->headers[i] + strlen(name);
    return NULL;
}

static void a_request_is_signed_anew_for_each_attempt_under_the_same_id(void **state)
{
    const struct store_delivery delivery = {.id = "msg_0123456789abcdef"};
    struct transfer_request first, second;
    (void)state;
    assert_int_equal(webhook_request(context, signer_new(context), "https://a.example/", secret,
                                     &delivery, "{}", NOW, &first),
                     0);
    assert_int_equal(webhook_request(context, signer_new(context), "https://a.example/", secret,
                                     &delivery, "{}", NOW + 20 * USEC_PER_MINUTE, &second),
                     0);
    assert_int_equal(first.kind, TRANSFER_POST);
    assert_int_equal(first.lane, LANE_RECEIVER);
    assert_int_equal(first.body_length, 2);
    assert_string_equal(header(&first, "content-type: "), "application/json");
    assert_string_equal(header(&first, "webhook-id: "), delivery.id);
    assert_string_equal(header(&second, "webhook-id: "), delivery.id);
    assert_string_equal(header(&first, "webhook-timestamp: "), "1704094980");
    assert_string_equal(header(&second, "webhook-timestamp: "), "1704096180");
    assert_string_not_equal(header(&first, "webhook-signature: "),
                            header(&second, "webhook-signature: "));
    assert_true(signature_check(secret, delivery.id, "1704096180",
                                header(&second, "webhook-signature: "), "{}", 2, 1704096180));
}

static void while_a_secret_changes_both_the_old_and_the_new_one_check(void **state)
{
    const struct store_delivery delivery = {.id = "msg_0123456789abcdef"};
    const char *fresh = signature_secret_new(context);
    struct transfer_request request;
    (void)state;
    assert_int_equal(webhook_request(context, signer_new(context), "https://a.example/",
                                     memory_printf(context, "%s %s", fresh, secret), &delivery,
                                     "{}", NOW, &request),
                     0);
    const char *signatures = header(&request, "webhook-signature: ");
    assert_true(
        signature_check(secret, delivery.id, "1704094980", signatures, "{}", 2, 1704094980));
    assert_true(signature_check(fresh, delivery.id, "1704094980", signatures, "{}", 2, 1704094980));
    assert_false(signature_check(signature_secret_new(context), delivery.id, "1704094980",
                                 signatures, "{}", 2, 1704094980));
}

static void a_request_without_a_good_secret_or_id_is_not_made(void **state)
{
    const struct store_delivery good = {.id = "msg_1"}, bad = {.id = "msg.1"};
    struct transfer_request request = {.kind = TRANSFER_MAIL};
    (void)state;
    assert_int_equal(webhook_request(context, signer_new(context), "https://a.example/", NULL,
                                     &good, "{}", NOW, &request),
                     -EINVAL);
    assert_int_equal(webhook_request(context, signer_new(context), "https://a.example/", "whsec_",
                                     &good, "{}", NOW, &request),
                     -EINVAL);
    assert_int_equal(webhook_request(context, signer_new(context), "https://a.example/", secret,
                                     &bad, "{}", NOW, &request),
                     -EINVAL);
    assert_int_equal(request.kind, TRANSFER_MAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_says_what_where_and_how_bad),
        TEST(a_drill_says_so_in_three_places),
        TEST(the_type_names_the_phase_of_the_reader),
        TEST(sixty_areas_and_eight_languages_stay_below_20_kilobytes),
        TEST(the_newest_references_are_kept),
        TEST(any_size_of_anything_stays_below_20_kilobytes),
        TEST(hostile_texts_are_bounded_and_the_result_is_still_an_alert),
        TEST(a_missing_text_is_null_and_never_an_empty_body),
        TEST(a_request_is_signed_anew_for_each_attempt_under_the_same_id),
        TEST(while_a_secret_changes_both_the_old_and_the_new_one_check),
        TEST(a_request_without_a_good_secret_or_id_is_not_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
