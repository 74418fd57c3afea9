/* Alerts, subscribers and deliveries for tests of the store; include after fixture.h. */
#pragma once

#include "store/sqlite.h"

/* One number straight from the database. */
static inline int64_t number_in(struct store *in, const char *sql)
{
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(in->database, sql, -1, &s, NULL), SQLITE_OK);
    int64_t number = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : -1;
    sqlite3_finalize(s);
    return number;
}

static inline int64_t put_person(const char *id)
{
    const struct store_subscriber row = {.id = id,
                                         .address = memory_printf(context, "%s@example", id),
                                         .name = "Mai",
                                         .profile = {.channel = "email",
                                                     .languages = "vi",
                                                     .areas = "13",
                                                     .hazards = "tsunami",
                                                     .min_level = 2,
                                                     .drills = true},
                                         .created_at = 1};
    bool new_profile;
    struct store_subscriber got;
    assert_int_equal(store_put_subscriber(store, &row, &new_profile), 0);
    assert_int_equal(store_get_subscriber(store, context, id, &got), 0);
    return got.number;
}

struct story {
    const char *alert, *event;
    usec_t created_at, expires;
    bool over;
};

/* An alert with a fan-out of it; its number. */
static inline int64_t tell_alert(struct story story)
{
    json_t *json = json_pack("{ss}", "id", story.alert);
    bool fresh;
    int64_t number = 0;
    const struct store_alert alert = {.id = story.alert,
                                      .event_id = story.event != NULL ? story.event : "event",
                                      .event_key = story.event != NULL ? story.event : "event",
                                      .status = "actual",
                                      .level = 3,
                                      .in_force = !story.over,
                                      .issued_at = story.created_at != 0 ? story.created_at : 1,
                                      .expires = story.expires != 0 ? story.expires : 1000,
                                      .json = json};
    assert_int_equal(store_put_alert(store, &alert, &fresh), 0);
    assert_int_equal(store_begin_fanout(store, story.alert, alert.issued_at, NULL, &fresh, &number),
                     0);
    json_decref(json);
    return number;
}

/* A message of an alert, which says by whom it is. */
static inline int64_t put_message_of(int64_t alert, const char *id)
{
    json_t *told = json_pack("{s:s}", "by", id);
    int64_t number = 0;
    const struct store_message message = {.id = id,
                                          .alert = alert,
                                          .form = "email",
                                          .languages = "en,vi",
                                          .subject = "Subject",
                                          .body = "Body",
                                          .told = told};
    assert_int_equal(store_put_message(store, &message, &number), 0);
    json_decref(told);
    return number;
}

static inline bool add_row(struct store_delivery row)
{
    size_t added = 0;
    assert_int_equal(store_add_deliveries(store, &row, 1, row.next_at, &added), 0);
    return added == 1;
}

/* A delivery of a message of its own, due when the alert was told. */
static inline struct store_delivery row_of(int64_t alert, const char *subscriber, usec_t at)
{
    const char *id = memory_printf(context, "m-%lld-%s", (long long)alert, subscriber);
    return (struct store_delivery){.alert = alert,
                                   .subscriber = put_person(subscriber),
                                   .message = put_message_of(alert, id),
                                   .channel = DELIVERY_EMAIL,
                                   .level = 3,
                                   .next_at = at};
}

static inline size_t claim_rows(enum delivery_class class, usec_t now, size_t limit,
                                struct store_claim **ret)
{
    size_t count = 99;
    assert_int_equal(
        store_claim_deliveries(store, context, DELIVERY_EMAIL, class, now, limit, ret, &count), 0);
    return count;
}

static inline int record_row(int64_t alert, int64_t subscriber, enum delivery_state to)
{
    const struct store_delivery row = {.alert = alert,
                                       .subscriber = subscriber,
                                       .state = to,
                                       .next_at = 50,
                                       .ended_at = 60,
                                       .last_error = "said no"};
    return store_record_delivery(store, &row);
}

/* Nothing that is kept beside the rows differs from them. */
static inline void assert_sound(void)
{
    struct problems *problems = problems_new(context);
    assert_int_equal(store_check(store, problems), 0);
    if (problems->count > 0)
        fail_msg("%s", problems->items[0].what);
}
