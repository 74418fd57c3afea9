/* Writes to a store as the desk does and says after each commit what is promised: "t<n>" a
 * telegram, "d<n>" a delivery, "r<n>" a receipt. The test pulls the plug and looks whether promises
 * were kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "store/store.h"

static void must(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", what, strerror(-result));
        exit(3);
    }
}

static void promise(char kind, long number)
{
    char line[32];
    int length = snprintf(line, sizeof(line), "%c%ld\n", kind, number);
    if (write(STDOUT_FILENO, line, (size_t)length) != length)
        exit(4);
}

static void put_telegram(struct store *store, TALLOC_CTX *context, long number)
{
    char body[3000];
    memset(body, 'x', sizeof(body));
    const struct store_telegram telegram = {.id = memory_printf(context, "t%ld", number),
                                            .code = "VXSE53",
                                            .url = "",
                                            .body = body,
                                            .body_length = sizeof(body),
                                            .received_at = number + 1,
                                            .control_time = number + 1};
    bool fresh;
    must(store_put_telegram(store, &telegram, &fresh), "telegram");
    promise('t', number);
}

#define READERS 5

/* Subscribers s0 … s4, whose numbers are 1 … 5; those of an earlier run are there already. */
static void put_readers(struct store *store, TALLOC_CTX *context)
{
    for (int i = 0; i < READERS; i++) {
        const struct store_subscriber row = {
            .id = memory_printf(context, "s%d", i),
            .address = "a@example",
            .profile = {.channel = "webhook", .languages = "en", .areas = "13", .hazards = "all"},
            .created_at = 1};
        bool new_profile;
        must(store_put_subscriber(store, &row, &new_profile), "subscriber");
    }
}

static void fan_out(struct store *store, TALLOC_CTX *context, long number)
{
    json_t *json = json_pack("{si}", "n", (int)number);
    const char *alert_id = memory_printf(context, "a%ld", number);
    const struct store_alert alert = {.id = alert_id,
                                      .event_id = alert_id,
                                      .event_key = alert_id,
                                      .status = "actual",
                                      .level = 3,
                                      .in_force = true,
                                      .issued_at = 1,
                                      .expires = 1000000,
                                      .json = json};
    struct store_message message = {.id = memory_printf(context, "m%ld", number),
                                    .form = "webhook",
                                    .languages = "en",
                                    .body = "{}",
                                    .told = json};
    struct store_delivery rows[READERS];
    size_t added;
    int64_t message_number;
    bool fresh;
    must(store_begin(store), "begin");
    must(store_put_event(store, alert_id, json, 0, 1), "event");
    must(store_put_alert(store, &alert, &fresh), "alert");
    must(store_begin_fanout(store, alert_id, 1, NULL, &fresh, &message.alert), "fan-out");
    must(store_put_message(store, &message, &message_number), "message");
    for (int i = 0; i < READERS; i++)
        rows[i] = (struct store_delivery){.alert = message.alert,
                                          .subscriber = i + 1,
                                          .message = message_number,
                                          .channel = DELIVERY_WEBHOOK,
                                          .level = 3,
                                          .next_at = 1};
    must(store_add_deliveries(store, rows, READERS, 1, &added), "deliveries");
    must(store_move_fanout(store, message.alert, READERS), "cursor");
    must(store_commit(store), "commit");
    for (int i = 0; i < READERS; i++)
        promise('d', number * READERS + i);
    json_decref(json);
}

/* Alert a<n> to subscriber s<i> is delivery n * 5 + i. */
static void deliver(struct store *store, TALLOC_CTX *context)
{
    struct store_claim *claims;
    size_t count;
    must(store_claim_deliveries(store, context, DELIVERY_WEBHOOK, CLASS_ORDINARY, 10, 3, &claims,
                                &count),
         "claim");
    must(store_begin(store), "begin");
    for (size_t i = 0; i < count; i++) {
        claims[i].delivery.state = DELIVERY_DELIVERED;
        claims[i].delivery.ended_at = 11;
        must(store_record_delivery(store, &claims[i].delivery), "record");
    }
    must(store_commit(store), "commit");
    for (size_t i = 0; i < count; i++)
        promise('r', atol(claims[i].delivery.alert_id + 1) * READERS +
                         atol(claims[i].delivery.subscriber_id + 1));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    TALLOC_CTX *context = talloc_new(NULL);
    struct problems *problems = problems_new(context);
    struct store *store;
    int owner;
    must(store_open(context, argv[1], problems, &owner, &store), "open");
    put_readers(store, context);
    for (long number = 0;; number++) {
        TALLOC_CTX *scratch = talloc_new(context);
        put_telegram(store, scratch, number);
        fan_out(store, scratch, number);
        deliver(store, scratch);
        talloc_free(scratch);
    }
}
