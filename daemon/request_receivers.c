/* Requests about receivers: enable, rotate a secret, suppressed addresses, test messages. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/signature.h"
#include "request_command.h"
#include "send_test.h"

#define OVERLAP_HOURS_MOST (7 * 24) /* as Standard Webhooks' reference server allows */
#define STAFF_MOST         10000

static int find(struct request *request, struct store_subscriber *ret, bool *ret_found)
{
    const char *id = request_field(request->json, "subscriber");
    int r = id != NULL ? store_get_subscriber(subscribers_store(request->subscribers),
                                              request->context, id, ret)
                       : -ENOENT;
    *ret_found = r >= 0;
    if (r != -ENOENT)
        return r;
    request_refuse(request, "no such subscriber; `noroshi subscriber list` shows their ids");
    return 0;
}

int request_enable(struct request *request)
{
    struct store_subscriber row;
    bool found;
    int r = find(request, &row, &found);
    if (r < 0 || !found)
        return r;
    r = store_enable_subscriber(subscribers_store(request->subscribers), row.id);
    if (r == -ENOENT) {
        request_refuse(request, "this subscriber was not switched off");
        return 0;
    }
    return r;
}

int request_rotate(struct request *request)
{
    struct store_subscriber row;
    bool found;
    json_int_t hours = json_integer_value(json_object_get(request->json, "hours"));
    int r = find(request, &row, &found);
    if (r < 0 || !found)
        return r;
    if (row.secret == NULL)
        request_refuse(request, "this subscriber has no webhook, and so no secret");
    else if (row.from_config)
        request_refuse(request, "its secret stands in the configuration: write \"NEW OLD\" there, "
                                "reload, and take the old one out later");
    else if (hours < 0 || hours > OVERLAP_HOURS_MOST)
        request_refuse(request, "the overlap is 0 to 168 hours");
    else {
        const char *secret = signature_secret_new(request->context);
        const char *both = memory_printf(request->context, "%s %.*s", secret,
                                         (int)strcspn(row.secret, " "), row.secret);
        usec_t until = request->now + hours * USEC_PER_HOUR;
        r = store_rotate_secret(subscribers_store(request->subscribers), row.number, both, until);
        json_object_set_new(request->answer, "secret", json_string(secret));
    }
    return r;
}

int request_suppressions(struct request *request)
{
    struct store_suppression *rows;
    size_t count;
    int r = store_list_suppressions(subscribers_store(request->subscribers), request->context,
                                    &rows, &count);
    if (r < 0)
        return r;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        char time[CLOCK_TEXT_BYTES];
        json_array_append_new(list,
                              json_pack("{ssssss}", "address", rows[i].address, "reason",
                                        rows[i].reason, "at", clock_format_jst(rows[i].at, time)));
    }
    json_object_set_new(request->answer, "suppressions", list);
    return 0;
}

int request_unsuppress(struct request *request)
{
    const char *address = request_field(request->json, "address");
    int r = address != NULL ? store_unsuppress(subscribers_store(request->subscribers), address)
                            : -ENOENT;
    if (r != -ENOENT)
        return r;
    request_refuse(request, "this address is not suppressed");
    return 0;
}

/* ---- test messages ---- */

static int begin_chain(struct request *request)
{
    const char *id = NULL, *by = request_field(request->json, "by");
    int r = request->daemon->chain_test(request->daemon->userdata, request->context,
                                        by != NULL ? by : "system", &id);
    if (r == -EALREADY || r == -ENOENT) {
        request_refuse(request, r == -EALREADY ? "a test of the chain is under way"
                                               : "no subscriber is staff; add them with --staff");
        return 0;
    }
    json_object_set_new(request->answer, "alert", json_string(id != NULL ? id : ""));
    return r;
}

int request_send_test(struct request *request)
{
    struct store_subscriber one, *rows = &one;
    size_t count = 1;
    bool found = true;
    if (request->daemon == NULL) {
        request_refuse(request, "a test message needs a running daemon");
        return 0;
    }
    if (json_is_true(json_object_get(request->json, "chain")))
        return begin_chain(request);
    bool all = json_is_true(json_object_get(request->json, "all_staff"));
    int r = all ? store_staff_subscribers(subscribers_store(request->subscribers), request->context,
                                          STAFF_MOST, &rows, &count)
                : find(request, &one, &found);
    if (r < 0 || !found)
        return r;
    if (count == 0) {
        request_refuse(request, "no subscriber is staff; add them with --staff");
        return 0;
    }
    const char *alert;
    r = send_test(request->context, subscribers_store(request->subscribers),
                  subscribers_config(request->subscribers), rows, count, request->now, &alert);
    if (r < 0)
        return r;
    json_object_set_new(request->answer, "alert", json_string(alert));
    json_object_set_new(request->answer, "deliveries", json_integer((json_int_t)count));
    return 0;
}
