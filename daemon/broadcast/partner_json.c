/* A partner's Standard Webhook with a JSON body. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/cap.h"
#include "broadcast/partner.h"
#include "event/value.h"

#define REFERENCES_MAX 20

static const struct {
    const char *type;
    enum broadcast_phase phase;
} types[] = {{"broadcast.issue", BROADCAST_ISSUE},
             {"broadcast.update", BROADCAST_UPDATE},
             {"broadcast.all-clear", BROADCAST_ALL_CLEAR},
             {"broadcast.cancel", BROADCAST_WITHDRAWN}};

/* What `data` may hold; those that are `copied` are fields of a draft. */
static const struct {
    const char *key;
    bool copied;
} keys[] = {{"identifier", false},   {"status", false},    {"references", false},
            {"template", true},      {"areas", true},      {"values", true},
            {"valid_minutes", true}, {"next_update", true}};
#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

struct reading {
    struct partner_message *message;
    const json_t *data;
    struct problems *problems;
};

static void wrong(const struct reading *reading, const char *field, const char *instead,
                  const char *what)
{
    problems_add(reading->problems, field, 0, 0, instead, "%s", what);
}

static bool is_identifier(const char *text)
{
    if (!text_given(text) || strlen(text) > CAP_NAME_BYTES)
        return false;
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= ' ' || (unsigned char)*text >= 127)
            return false;
    }
    return true;
}

static void read_type(const struct reading *reading, const json_t *root)
{
    const char *type = value_borrow(root, "type");
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (text_equal(types[i].type, type)) {
            reading->message->phase = types[i].phase;
            return;
        }
    }
    wrong(reading, "type",
          "broadcast.issue, broadcast.update, broadcast.all-clear or broadcast.cancel",
          "this type of message is not known");
}

static void read_status(const struct reading *reading)
{
    const char *status = value_borrow(reading->data, "status");
    bool exercise = text_equal(status, "Exercise") || text_equal(status, "Test");
    if (!exercise && !text_equal(status, "Actual"))
        wrong(reading, "status", "Actual, Exercise or Test", "the status is missing or not known");
    reading->message->drill = exercise;
}

static void read_identifier(const struct reading *reading)
{
    const char *text = value_borrow(reading->data, "identifier");
    if (!is_identifier(text))
        wrong(reading, "identifier", "at most 200 ASCII characters without blanks",
              "a message needs an identifier of its own");
    else
        reading->message->identifier = memory_text(reading->message, text);
}

static void read_references(const struct reading *reading)
{
    const json_t *list = json_object_get(reading->data, "references");
    size_t count = json_array_size(list);
    const char **names = memory_array(reading->message, const char *, REFERENCES_MAX + 1);
    bool sound = count <= REFERENCES_MAX && (list == NULL || json_is_array(list));
    for (size_t i = 0; sound && i < count; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        sound = is_identifier(name);
        if (sound)
            names[reading->message->reference_count++] = memory_text(names, name);
    }
    reading->message->references = names;
    if (!sound || (count == 0 && reading->message->phase != BROADCAST_ISSUE))
        wrong(reading, "references", "[\"identifier of the message before\"], at most 20",
              "what follows a message names the one that it follows");
}

static bool are_texts(const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!json_is_string(json_array_get(list, i)))
            return false;
    }
    return json_is_array(list);
}

/* {"reason": "flood", "note": {"ja": "…", "en": "…"}} */
static bool are_values(const json_t *values)
{
    const char *name, *language;
    json_t *value, *text;
    json_object_foreach((json_t *)values, name, value)
    {
        if (!json_is_string(value) && !json_is_object(value))
            return false;
        json_object_foreach(value, language, text)
        {
            if (!json_is_string(text))
                return false;
        }
    }
    return json_is_object(values);
}

static void check_fields(const struct reading *reading)
{
    const json_t *fields = reading->message->fields;
    const json_t *areas = json_object_get(fields, "areas"),
                 *values = json_object_get(fields, "values"),
                 *minutes = json_object_get(fields, "valid_minutes");
    const char *next = value_borrow(fields, "next_update");
    usec_t at;
    if (areas != NULL && !are_texts(areas))
        wrong(reading, "areas", "[\"01100\"] or [\"札幌市\"]", "areas are a list of texts");
    if (values != NULL && !are_values(values))
        wrong(reading, "values", "{\"reason\": \"flood\", \"note\": {\"ja\": \"…\"}}",
              "values are texts, or texts by language");
    if (minutes != NULL && !json_is_integer(minutes))
        wrong(reading, "valid_minutes", "a whole number, 10 to 10080", "this is no number");
    if (json_object_get(fields, "next_update") != NULL &&
        (next == NULL || broadcast_time_read(next, &at) < 0))
        wrong(reading, "next_update", "2026-11-26T08:30:00+09:00", "this is no time");
}

static void read_data(const struct reading *reading)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)reading->data, name, value)
    {
        size_t i = 0;
        while (i < KEY_COUNT && strcmp(keys[i].key, name) != 0)
            i++;
        if (i == KEY_COUNT)
            wrong(reading, "data", "the keys of docs/partners.md",
                  memory_printf(reading->message, "\"%s\" has no meaning here",
                                text_cut(reading->message, name, 40)));
        else if (keys[i].copied)
            json_object_set(reading->message->fields, name, value);
    }
    read_status(reading);
    read_identifier(reading);
    read_references(reading);
    check_fields(reading);
}

int partner_message_json(TALLOC_CTX *context, const char *bytes, struct problems *problems,
                         const struct partner_message **ret_message)
{
    json_error_t error;
    size_t before = problems->errors;
    struct partner_message *message = memory_new(context, struct partner_message);
    json_t *root = json_loads(bytes, JSON_REJECT_DUPLICATES, &error);
    struct reading reading = {
        .message = message, .data = json_object_get(root, "data"), .problems = problems};
    message->fields = value_own(message, json_object());
    if (root == NULL) {
        problems_add(problems, "body", (unsigned)error.line, (unsigned)error.column,
                     "one JSON object in UTF-8", "this is not JSON: %s", error.text);
    } else if (!json_is_object(reading.data)) {
        wrong(&reading, "data", "{\"type\": …, \"timestamp\": …, \"data\": {…}}",
              "the message has no data");
    } else {
        read_type(&reading, root);
        read_data(&reading);
    }
    json_decref(root);
    if (problems->errors > before) {
        talloc_free(message);
        return -EINVAL;
    }
    *ret_message = message;
    return 0;
}
