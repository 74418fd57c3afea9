/* The part of an alert that staff wrote, to JSON and back. */
#include "base/memory.h"
#include "event/alert.h"
#include "event/value.h"

static json_t *texts_json(const char *const *texts, size_t count)
{
    json_t *list = memory_must(json_array());
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

static const char *const *texts_read(TALLOC_CTX *context, const json_t *list, size_t *ret_count)
{
    size_t count = json_array_size(list);
    const char **texts = memory_array(context, const char *, count + 1);
    *ret_count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (text != NULL)
            texts[(*ret_count)++] = memory_text(context, text);
    }
    return texts;
}

json_t *alert_broadcast_to_json(const struct alert_broadcast *broadcast)
{
    json_t *json = memory_must(json_object());
    json_t *values = memory_must(json_array());
    value_set_text(json, "id", broadcast->id);
    value_set_text(json, "template", broadcast->template_id);
    value_set_text(json, "authority", broadcast->authority);
    value_set_text(json, "name_ja", broadcast->name_ja);
    value_set_text(json, "name_en", broadcast->name_en);
    value_set_text(json, "contact", broadcast->contact);
    value_set_text(json, "category", broadcast->category);
    value_set_text(json, "urgency", broadcast->urgency);
    value_set_text(json, "severity", broadcast->severity);
    value_set_text(json, "certainty", broadcast->certainty);
    value_set_text(json, "response_type", broadcast->response_type);
    value_set_flag(json, "everyone", broadcast->everyone);
    value_set_time(json, "original_at", broadcast->original_at);
    value_set_time(json, "next_update", broadcast->next_update);
    json_object_set_new(json, "channels",
                        texts_json(broadcast->channels, broadcast->channel_count));
    json_object_set_new(json, "first_languages",
                        texts_json(broadcast->first_languages, broadcast->first_language_count));
    for (size_t i = 0; i < broadcast->value_count; i++) {
        json_t *row = memory_must(json_object());
        value_set_text(row, "blank", broadcast->values[i].blank);
        value_set_text(row, "language", broadcast->values[i].language);
        value_set_text(row, "text", broadcast->values[i].text);
        json_array_append_new(values, row);
    }
    json_object_set_new(json, "values", values);
    return json;
}

struct alert_broadcast *alert_broadcast_from_json(TALLOC_CTX *context, const json_t *json)
{
    if (value_borrow(json, "id") == NULL || value_borrow(json, "template") == NULL)
        return NULL;
    struct alert_broadcast *broadcast = memory_new(context, struct alert_broadcast);
    *broadcast =
        (struct alert_broadcast){.id = value_text(broadcast, json, "id"),
                                 .template_id = value_text(broadcast, json, "template"),
                                 .authority = value_text(broadcast, json, "authority"),
                                 .name_ja = value_text(broadcast, json, "name_ja"),
                                 .name_en = value_text(broadcast, json, "name_en"),
                                 .contact = value_text(broadcast, json, "contact"),
                                 .category = value_text(broadcast, json, "category"),
                                 .urgency = value_text(broadcast, json, "urgency"),
                                 .severity = value_text(broadcast, json, "severity"),
                                 .certainty = value_text(broadcast, json, "certainty"),
                                 .response_type = value_text(broadcast, json, "response_type"),
                                 .everyone = value_flag(json, "everyone"),
                                 .original_at = value_time(json, "original_at"),
                                 .next_update = value_time(json, "next_update")};
    broadcast->channels =
        texts_read(broadcast, json_object_get(json, "channels"), &broadcast->channel_count);
    broadcast->first_languages = texts_read(broadcast, json_object_get(json, "first_languages"),
                                            &broadcast->first_language_count);
    const json_t *list = json_object_get(json, "values");
    struct alert_value *values =
        memory_array(broadcast, struct alert_value, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        values[broadcast->value_count++] =
            (struct alert_value){.blank = value_text(broadcast, row, "blank"),
                                 .language = value_text(broadcast, row, "language"),
                                 .text = value_text(broadcast, row, "text")};
    }
    broadcast->values = values;
    return broadcast;
}
