/* The tables of store/receiver.h, and deliveries that wait or take another way. */
#include "fixture.h"
#include "store/numbers.h"

#define NOW ((usec_t)1704094980 * USEC_PER_SEC)

static void breakers_are_kept_until_they_close(void **state)
{
    const struct store_breaker one = {"hotel.example.org", 5, NOW}, more = {one.receiver, 6, NOW},
                               closed = {one.receiver, 0, 0};
    struct store_breaker *rows;
    size_t count;
    (void)state;
    assert_int_equal(store_put_breaker(store, &one), 0);
    assert_int_equal(store_put_breaker(store, &more), 0);
    assert_int_equal(store_list_breakers(store, context, &rows, &count), 0);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].receiver, one.receiver);
    assert_int_equal(rows[0].failures, 6);
    assert_int_equal(rows[0].failing_since, NOW);
    assert_int_equal(store_put_breaker(store, &closed), 0);
    assert_int_equal(store_list_breakers(store, context, &rows, &count), 0);
    assert_int_equal(count, 0);
}

static void a_suppressed_address_is_known_in_any_case(void **state)
{
    struct store_suppression *rows;
    size_t count;
    bool suppressed;
    (void)state;
    assert_int_equal(store_suppress(store, "Gone@Example.net", "550 5.1.1", NOW), 0);
    assert_int_equal(store_suppress(store, "gone@example.net", "again", NOW + 1), 0);
    assert_int_equal(store_suppressed(store, "GONE@example.net", &suppressed), 0);
    assert_true(suppressed);
    assert_int_equal(store_suppressed(store, "other@example.net", &suppressed), 0);
    assert_false(suppressed);
    assert_int_equal(store_list_suppressions(store, context, &rows, &count), 0);
    assert_int_equal(count, 1);
    same_text(rows[0].reason, "550 5.1.1");
    assert_int_equal(store_unsuppress(store, "gone@EXAMPLE.net"), 0);
    assert_int_equal(store_unsuppress(store, "gone@example.net"), -ENOENT);
}

static const char *secret_of(const char *id)
{
    struct store_subscriber row;
    assert_int_equal(store_get_subscriber(store, context, id, &row), 0);
    return row.secret;
}

static void the_old_secret_goes_when_the_overlap_ends(void **state)
{
    size_t count;
    (void)state;
    int64_t mai = put_person("mai"), aki = put_person("aki");
    assert_int_equal(store_rotate_secret(store, mai, "new old", NOW), 0);
    assert_int_equal(store_rotate_secret(store, aki, "new old", NOW + 5), 0);
    assert_int_equal(store_rotate_secret(store, 999, "new old", NOW), -ENOENT);
    assert_int_equal(store_end_overlaps(store, NOW - 1, &count), 0);
    assert_int_equal(count, 0);
    same_text(secret_of("mai"), "new old");
    assert_int_equal(store_end_overlaps(store, NOW, &count), 0);
    assert_int_equal(count, 1);
    same_text(secret_of("mai"), "new");
    same_text(secret_of("aki"), "new old");
    assert_int_equal(store_remove_subscriber(store, "aki", NOW), 0);
    assert_int_equal(store_end_overlaps(store, NOW + 9, &count), 0);
    assert_int_equal(count, 0);
}

static void a_bounce_of_a_real_delivery_counts_once(void **state)
{
    bool fresh;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "a"});
    struct store_delivery row = row_of(alert, "mai", 1);
    assert_true(add_row(row));
    assert_int_equal(store_put_bounce(store, alert, row.subscriber, "5.1.1", true, NOW, &fresh), 0);
    assert_true(fresh);
    assert_int_equal(store_put_bounce(store, alert, row.subscriber, "5.1.1", true, NOW, &fresh), 0);
    assert_false(fresh);
    assert_int_equal(store_put_bounce(store, alert, 999, "5.1.1", true, NOW, &fresh), -ENOENT);
}

static void to_be_held_costs_no_try(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "a"});
    struct store_delivery row = row_of(alert, "mai", 1);
    assert_true(add_row(row));
    assert_int_equal(store_hold_delivery(store, &row, 50), -EINVAL);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 9, &claims), 1);
    assert_int_equal(store_hold_delivery(store, &claims[0].delivery, 50), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 49, 9, &claims), 0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 50, 9, &claims), 1);
    assert_int_equal(claims[0].delivery.attempts, 1);
    assert_sound();
}

static void who_is_in_trouble_comes_after_the_others_of_his_level_only(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "a"});
    struct store_delivery troubled = row_of(alert, "aki", 1), fine = row_of(alert, "mai", 2),
                          lower = row_of(alert, "ken", 1);
    troubled.in_trouble = true;
    lower.level = 2;
    assert_true(add_row(troubled) && add_row(fine) && add_row(lower));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 9, &claims), 3);
    same_text(claims[0].delivery.subscriber_id, "mai");
    same_text(claims[1].delivery.subscriber_id, "aki");
    assert_int_equal(claims[1].delivery.level, 3);
    assert_int_equal(claims[1].delivery.attempts, 1);
    same_text(claims[2].delivery.subscriber_id, "ken");
    assert_sound();
}

static void a_share_is_kept_for_the_second_place_of_a_level(void **state)
{
    enum { LIMIT = 64, FINE = 140, TROUBLED = 3 };
    struct store_claim *claims;
    size_t troubled = 0;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "a"});
    for (int i = 0; i < FINE + TROUBLED; i++) {
        struct store_delivery row = row_of(alert, memory_printf(context, "s%d", i), 1);
        row.in_trouble = i >= FINE;
        assert_true(add_row(row));
    }
    for (int round = 1; round <= 3; round++) {
        size_t count = claim_rows(CLASS_ORDINARY, 10, LIMIT, &claims);
        assert_int_equal(count, round < 3 ? LIMIT : FINE + TROUBLED - 2 * LIMIT);
        for (size_t i = 0; i < count; i++)
            troubled += claims[i].delivery.subscriber > FINE;
        assert_int_equal(troubled, round == 1 ? 2 : TROUBLED);
    }
    assert_sound();
}

static void of_a_few_one_is_kept_for_the_second_place_and_of_fewer_none(void **state)
{
    struct store_claim *claims;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "a"});
    for (int i = 0; i < 20; i++) {
        struct store_delivery row = row_of(alert, memory_printf(context, "s%d", i), 1);
        row.in_trouble = i >= 18;
        assert_true(add_row(row));
    }
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 7, &claims), 7);
    same_text(claims[6].delivery.subscriber_id, "s6");
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 8, &claims), 8);
    same_text(claims[7].delivery.subscriber_id, "s18");
}

static void the_other_channel_begins_anew_with_another_id(void **state)
{
    struct store_claim *claims;
    size_t count;
    (void)state;
    int64_t alert = tell_alert((struct story){.alert = "a"});
    struct store_delivery row = row_of(alert, "mai", 1);
    bool fresh;
    struct store_subscriber mai;
    assert_int_equal(store_get_subscriber(store, context, "mai", &mai), 0);
    mai.fallback = "https://example/hook";
    mai.secret = "secret";
    assert_int_equal(store_put_subscriber(store, &mai, &fresh), 0);
    assert_true(add_row(row));
    assert_int_equal(claim_rows(CLASS_ORDINARY, 10, 9, &claims), 1);
    assert_true(claims[0].receiver.fallback && !claims[0].receiver.other);
    same_text(claims[0].receiver.address, "mai@example");
    const char *first = claims[0].delivery.id;
    int64_t other = put_message_of(alert, "other");
    assert_int_equal(store_disable_subscriber(store, row.subscriber, "gone", NOW), 0);
    assert_int_equal(
        store_reroute_delivery(store, &claims[0].delivery, DELIVERY_WEBHOOK, other, 20, "said no"),
        0);
    assert_int_equal(claim_rows(CLASS_ORDINARY, 90, 9, &claims), 0);
    assert_int_equal(store_claim_deliveries(store, context, DELIVERY_WEBHOOK, CLASS_ORDINARY, 20, 9,
                                            &claims, &count),
                     0);
    assert_int_equal(count, 1);
    assert_int_equal(claims[0].delivery.attempts, 1);
    assert_int_equal(claims[0].delivery.message, other);
    assert_string_not_equal(claims[0].delivery.id, first);
    assert_null(claims[0].receiver.refused); /* it is the other channel that is off */
    assert_true(claims[0].receiver.other && !claims[0].receiver.fallback);
    same_text(claims[0].receiver.address, "https://example/hook");
    assert_int_equal(record_row(alert, row.subscriber, DELIVERY_DELIVERED), 0);
    assert_int_equal(store_reroute_delivery(store, &row, DELIVERY_EMAIL, other, 20, ""), -EINVAL);
    assert_sound();
}

static void what_still_stands_in_the_configuration_stays_off(void **state)
{
    struct store_subscriber mai;
    bool fresh;
    (void)state;
    int64_t number = put_person("mai");
    assert_int_equal(store_get_subscriber(store, context, "mai", &mai), 0);
    mai.from_config = true;
    assert_int_equal(store_put_subscriber(store, &mai, &fresh), 0);
    assert_int_equal(store_disable_subscriber(store, number, "gone", NOW), 0);
    assert_int_equal(store_put_subscriber(store, &mai, &fresh), 0);
    assert_int_equal(store_get_subscriber(store, context, "mai", &mai), 0);
    same_text(mai.disabled_reason, "gone");
    mai.from_config = false;
    assert_int_equal(store_put_subscriber(store, &mai, &fresh), 0);
    assert_int_equal(store_get_subscriber(store, context, "mai", &mai), 0);
    assert_int_equal(mai.disabled_at, 0);
}

static void a_secret_that_nobody_gave_is_not_replaced(void **state)
{
    struct store_subscriber mai;
    bool fresh;
    (void)state;
    put_person("mai");
    assert_int_equal(store_get_subscriber(store, context, "mai", &mai), 0);
    mai.secret = "first";
    mai.secret_made = true;
    assert_int_equal(store_put_subscriber(store, &mai, &fresh), 0);
    mai.secret = "second";
    assert_int_equal(store_put_subscriber(store, &mai, &fresh), 0);
    same_text(secret_of("mai"), "first");
    mai.secret_made = false;
    assert_int_equal(store_put_subscriber(store, &mai, &fresh), 0);
    same_text(secret_of("mai"), "second");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(breakers_are_kept_until_they_close),
        FRESH(a_suppressed_address_is_known_in_any_case),
        FRESH(the_old_secret_goes_when_the_overlap_ends),
        FRESH(a_bounce_of_a_real_delivery_counts_once),
        FRESH(to_be_held_costs_no_try),
        FRESH(who_is_in_trouble_comes_after_the_others_of_his_level_only),
        FRESH(a_share_is_kept_for_the_second_place_of_a_level),
        FRESH(of_a_few_one_is_kept_for_the_second_place_and_of_fewer_none),
        FRESH(the_other_channel_begins_anew_with_another_id),
        FRESH(what_still_stands_in_the_configuration_stays_off),
        FRESH(a_secret_that_nobody_gave_is_not_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
