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
    const struct store_message message = {.id = memory_printf(context, "m%ld", number),
                                          .alert_id = alert_id,
                                          .event_id = alert_id,
                                          .form = "webhook",
                                          .languages = "en",
                                          .body = "{}",
                                          .told = json};
    bool fresh;
    must(store_begin(store), "begin");
    must(store_put_event(store, alert_id, json, 0, 1), "event");
    must(store_put_alert(store, &alert, &fresh), "alert");
    must(store_put_message(store, &message), "message");
    for (int i = 0; i < 5; i++) {
        const struct store_delivery delivery = {.id =
                                                    memory_printf(context, "d%ld", number * 5 + i),
                                                .alert_id = alert_id,
                                                .event_id = alert_id,
                                                .message_id = message.id,
                                                .subscriber_id = memory_printf(context, "s%d", i),
                                                .level = 3,
                                                .created_at = 1,
                                                .next_at = 1,
                                                .expires_at = 1000000,
                                                .issued_at = 1};
        must(store_add_delivery(store, &delivery, &fresh), "delivery");
    }
    must(store_commit(store), "commit");
    for (int i = 0; i < 5; i++)
        promise('d', number * 5 + i);
    json_decref(json);
}

static void deliver(struct store *store, TALLOC_CTX *context)
{
    struct store_delivery *rows;
    size_t count;
    must(store_claim_deliveries(store, context, 10, 3, &rows, &count), "claim");
    must(store_begin(store), "begin");
    for (size_t i = 0; i < count; i++) {
        rows[i].state = DELIVERY_DELIVERED;
        rows[i].ended_at = 11;
        must(store_record_delivery(store, &rows[i]), "record");
    }
    must(store_commit(store), "commit");
    for (size_t i = 0; i < count; i++)
        promise('r', atol(rows[i].id + 1));
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
    for (long number = 0;; number++) {
        TALLOC_CTX *scratch = talloc_new(context);
        put_telegram(store, scratch, number);
        fan_out(store, scratch, number);
        deliver(store, scratch);
        talloc_free(scratch);
    }
}
