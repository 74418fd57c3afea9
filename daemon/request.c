/* Requests of the command line. A table of commands; each fills the answer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "request_command.h"
#include "store/emergency.h"

void request_refuse(struct request *request, const char *text)
{
    json_t *problems = json_object_get(request->answer, "problems");
    if (problems == NULL) {
        problems = json_array();
        json_object_set_new(request->answer, "problems", problems);
    }
    json_object_set_new(request->answer, "ok", json_false());
    json_array_append_new(problems, json_string(text));
}

static void refuse_problems(struct request *request, const struct problems *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        request_refuse(request, problem_text(request->context, &problems->items[i]));
}

static int do_status(struct request *request)
{
    json_t *status = request->daemon != NULL ? json_loads(request->daemon->status, 0, NULL) : NULL;
    json_t *shift = NULL;
    int r = status != NULL && request->daemon->shift != NULL
                ? request->daemon->shift(request->daemon->userdata, request->context, &shift)
                : 0;
    if (shift != NULL)
        json_object_set_new(status, "shift", shift);
    json_object_set_new(request->answer, "status", status != NULL ? status : json_null());
    return r;
}

#define PAGE_ROWS 1000

static json_t *subscriber_json(const struct store_subscriber *row)
{
    const struct store_profile *profile = &row->profile;
    return json_pack("{sssssssssssssssisbsbssss?}", "id", row->id, "channel", profile->channel,
                     "name", row->name != NULL ? row->name : "", "address", row->address,
                     "languages", profile->languages, "areas", profile->areas, "hazards",
                     profile->hazards, "min_level", profile->min_level, "drills", profile->drills,
                     "from_config", row->from_config, "facility",
                     row->facility != NULL ? row->facility : "", "disabled", row->disabled_reason);
}

static int do_list(struct request *request)
{
    struct store_subscriber *rows;
    size_t count;
    int64_t after = json_integer_value(json_object_get(request->json, "after"));
    int r = store_page_subscribers(subscribers_store(request->subscribers), request->context, after,
                                   PAGE_ROWS, &rows, &count);
    if (r < 0)
        return r;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, subscriber_json(&rows[i]));
    json_object_set_new(request->answer, "subscribers", list);
    json_object_set_new(request->answer, "next",
                        json_integer(count == PAGE_ROWS ? rows[count - 1].number : 0));
    return 0;
}

const char *request_field(const json_t *fields, const char *name)
{
    return json_string_value(json_object_get(fields, name));
}

static int put(struct request *request, const struct subscriber *subscriber, json_t *added)
{
    int r = subscribers_put(request->subscribers, subscriber, request->now);
    if (r < 0)
        return r;
    request->changed = true;
    json_array_append_new(added,
                          json_pack("{ssss?}", "id", subscriber->id, "secret", subscriber->secret));
    return 0;
}

static int do_add(struct request *request)
{
    const struct config *config = subscribers_config(request->subscribers);
    const json_t *from = json_object_get(request->json, "fields");
    struct problems *problems = problems_new(request->context);
    const struct subscriber_fields fields = {.channel = request_field(from, "channel"),
                                             .address = request_field(from, "address"),
                                             .languages = request_field(from, "languages"),
                                             .areas = request_field(from, "areas"),
                                             .hazards = request_field(from, "hazards"),
                                             .min_level = request_field(from, "min_level"),
                                             .drills = request_field(from, "drills"),
                                             .name = request_field(from, "name"),
                                             .secret = request_field(from, "secret"),
                                             .fallback = request_field(from, "fallback"),
                                             .staff = request_field(from, "staff"),
                                             .facility = request_field(from, "facility")};
    const struct subscriber *subscriber =
        subscriber_read(request->context, config->areas, catalogue_languages(config->catalogue),
                        config->http_receivers, &fields, problems);
    if (subscriber == NULL) {
        refuse_problems(request, problems);
        return 0;
    }
    bool suppressed = false;
    int r =
        store_suppressed(subscribers_store(request->subscribers), subscriber->address, &suppressed);
    if (r < 0)
        return r;
    if (suppressed) {
        request_refuse(request, "mail to this address came back for good; `noroshi suppression "
                                "remove` allows it again");
        return 0;
    }
    json_t *added = json_array();
    json_object_set_new(request->answer, "added", added);
    return put(request, subscriber, added);
}

static int do_remove(struct request *request)
{
    const char *who = request_field(request->json, "subscriber");
    int r = who != NULL ? subscribers_remove(request->subscribers, who, request->now) : -ENOENT;
    if (r == -ENOENT || r == -EPERM) {
        request_refuse(request,
                       r == -ENOENT
                           ? "no such subscriber; `noroshi subscriber list` shows their ids"
                           : "this subscriber stands in the configuration; take it out there");
        return 0;
    }
    request->changed = r >= 0;
    return r;
}

static int do_import(struct request *request)
{
    const struct config *config = subscribers_config(request->subscribers);
    const char *csv = request_field(request->json, "csv"),
               *file = request_field(request->json, "file");
    struct problems *problems = problems_new(request->context);
    size_t count;
    struct subscriber **list = subscriber_read_csv(
        request->context, config->areas, catalogue_languages(config->catalogue),
        config->http_receivers, file != NULL ? file : "-", csv != NULL ? csv : "",
        csv != NULL ? strlen(csv) : 0, problems, &count);
    json_t *added = json_array();
    json_object_set_new(request->answer, "added", added);
    int r = store_begin(subscribers_store(request->subscribers));
    if (r < 0)
        return r;
    for (size_t i = 0; r >= 0 && i < count; i++)
        r = put(request, list[i], added);
    /* The file came in parts; people look for the line in the whole. */
    int64_t line = json_integer_value(json_object_get(request->json, "line"));
    for (size_t i = 0; line > 0 && i < problems->count; i++) {
        if (problems->items[i].line > 1)
            problems->items[i].line += (unsigned)(line - 2);
    }
    if (r >= 0)
        r = store_commit(subscribers_store(request->subscribers));
    if (r < 0)
        store_rollback(subscribers_store(request->subscribers));
    refuse_problems(request, problems);
    return r;
}

static int do_release(struct request *request)
{
    int64_t count = 0;
    int r = store_release(subscribers_store(request->subscribers), request->now, &count);
    json_object_set_new(request->answer, "released", json_integer(count));
    return r;
}

static int do_drill(struct request *request)
{
    const json_t *body = json_object_get(request->json, "body");
    const char *id = request_field(request->json, "id"),
               *code = request_field(request->json, "code");
    if (request->daemon == NULL || id == NULL || !json_is_string(body)) {
        request_refuse(request, "a drill needs a running daemon, an id and a telegram");
        return 0;
    }
    size_t deliveries = 0;
    int r =
        request->daemon->take_drill(request->daemon->userdata, id, code, json_string_value(body),
                                    json_string_length(body), &deliveries);
    if (r == -EPERM || r == -EBADMSG) {
        request_refuse(request,
                       r == -EPERM ? "this telegram is not a drill: its Status must be 訓練 or 試験"
                                   : "this is not a telegram");
        return 0;
    }
    json_object_set_new(request->answer, "deliveries", json_integer((json_int_t)deliveries));
    return r;
}

/* The warnings of a configuration that was taken stand in "notes". */
static int do_reload(struct request *request)
{
    if (request->daemon == NULL) {
        request_refuse(request, "no daemon is running; the next start reads the configuration");
        return 0;
    }
    struct problems *problems = problems_new(request->context);
    const char *by = request_field(request->json, "by");
    const struct request_reload wish = {
        .accepted = json_is_true(json_object_get(request->json, "accept")),
        .seen = json_is_true(json_object_get(request->json, "seen")),
        .by = by != NULL ? text_clean(request->context, by, false) : "system"};
    int r = request->daemon->reload(request->daemon->userdata, &wish, problems);
    if (r == -EINVAL) {
        refuse_problems(request, problems);
        return 0;
    }
    json_t *notes = json_array();
    for (size_t i = 0; i < problems->count; i++)
        json_array_append_new(notes,
                              json_string(problem_text(request->context, &problems->items[i])));
    json_object_set_new(request->answer, "notes", notes);
    return r;
}

static int do_staff(struct request *request)
{
    const json_t *asked = json_object_get(request->json, "request");
    if (request->daemon == NULL || !json_is_object(asked)) {
        request_refuse(request, "staff and broadcasts need the running daemon: noroshi run");
        return 0;
    }
    const char *answer = NULL;
    char *text = json_dumps(asked, JSON_COMPACT);
    int r = request->daemon->staff(request->daemon->userdata, request->context,
                                   text != NULL ? text : "{}", &answer);
    free(text);
    if (r >= 0)
        json_object_set_new(request->answer, "staff", json_loads(answer, 0, NULL));
    return r;
}

static int do_maintenance(struct request *request)
{
    static const char *const steps[] = {"status", "on", "off"};
    const char *name = request_field(request->json, "step");
    const char *reason = request_field(request->json, "reason"),
               *by = request_field(request->json, "by");
    unsigned step = 0;
    while (step < 3 && !text_equal(name, steps[step]))
        step++;
    if (request->daemon == NULL || step == 3 || by == NULL ||
        (step == MAINTENANCE_ON && !text_given(reason))) {
        request_refuse(request, "maintenance mode needs the running daemon, and a reason to begin");
        return 0;
    }
    if (reason != NULL)
        reason = text_clean(request->context, reason, false);
    int r = request->daemon->maintain(request->daemon->userdata, (enum maintenance_step)step,
                                      reason, by, request->answer);
    if (r == -EALREADY) {
        request_refuse(request, step == MAINTENANCE_ON ? "maintenance mode is on already"
                                                       : "maintenance mode is off already");
        return 0;
    }
    return r;
}

static const struct {
    const char *command;
    int (*answer)(struct request *request);
} commands[] = {
    {"status", do_status},
    {"subscriber-list", do_list},
    {"subscriber-add", do_add},
    {"subscriber-remove", do_remove},
    {"subscriber-import", do_import},
    {"reload", do_reload},
    {"subscriber-enable", request_enable},
    {"subscriber-rotate", request_rotate},
    {"suppression-list", request_suppressions},
    {"suppression-remove", request_unsuppress},
    {"send-test", request_send_test},
    {"drill-telegram", do_drill},
    {"staff", do_staff},
    {"db-release", do_release},
    {"maintenance", do_maintenance},
};

/* What must still be there after a crash is not taken on while the disk is full. */
static const char *const lasting[] = {
    "subscriber-add",    "subscriber-remove",  "subscriber-import", "subscriber-enable",
    "subscriber-rotate", "suppression-remove", "db-release"};

static int carry_out(struct request *request)
{
    const char *command = request_field(request->json, "command");
    bool promises = false; /* to keep something */
    for (size_t i = 0; command != NULL && i < sizeof(lasting) / sizeof(lasting[0]); i++)
        promises = promises || strcmp(lasting[i], command) == 0;
    const char *refusal =
        promises ? store_refusal(request->context, subscribers_store(request->subscribers)) : NULL;
    if (refusal != NULL) {
        request_refuse(request, refusal);
        return 0;
    }
    for (size_t i = 0; command != NULL && i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(commands[i].command, command) == 0)
            return commands[i].answer(request);
    }
    request_refuse(request, "unknown request");
    return 0;
}

int request_answer(TALLOC_CTX *context, struct subscribers *subscribers,
                   const struct request_daemon *daemon, const char *text, usec_t now,
                   const char **ret_answer, bool *ret_changed)
{
    struct request request = {.context = context,
                              .subscribers = subscribers,
                              .daemon = daemon,
                              .now = now,
                              .answer = json_pack("{sb}", "ok", 1)};
    json_t *json = json_loads(text, 0, NULL);
    request.json = json;
    int r = carry_out(&request);
    if (r >= 0 && request.changed)
        r = subscribers_refresh(subscribers);
    char *dumped = json_dumps(request.answer, JSON_COMPACT);
    *ret_answer = memory_text(context, dumped != NULL ? dumped : "{\"ok\":false}");
    *ret_changed = request.changed;
    free(dumped);
    json_decref(json);
    json_decref(request.answer);
    return r;
}
