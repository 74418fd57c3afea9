/* A broadcast to JSON and back, exactly: how the store keeps it. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/broadcast.h"
#include "event/value.h"

static json_t *texts_json(const char *const *texts, size_t count)
{
    json_t *list = memory_must(json_array());
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

static const char **texts_read(TALLOC_CTX *context, const json_t *list, size_t *ret_count)
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

static json_t *values_json(const struct broadcast *broadcast)
{
    json_t *values = memory_must(json_array());
    for (size_t i = 0; i < broadcast->value_count; i++) {
        const struct broadcast_value *value = &broadcast->values[i];
        json_t *row = memory_must(json_object());
        value_set_text(row, "blank", value->blank);
        value_set_text(row, "language", value->language);
        value_set_text(row, "text", value->text);
        json_array_append_new(values, row);
    }
    return values;
}

static void values_read(struct broadcast *broadcast, const json_t *list)
{
    broadcast->value_count = json_array_size(list);
    broadcast->values = memory_array(broadcast, struct broadcast_value, broadcast->value_count + 1);
    for (size_t i = 0; i < broadcast->value_count; i++) {
        const json_t *row = json_array_get(list, i);
        broadcast->values[i] =
            (struct broadcast_value){.blank = value_text(broadcast, row, "blank"),
                                     .language = value_text(broadcast, row, "language"),
                                     .text = value_text(broadcast, row, "text")};
    }
}

static void put_content(json_t *json, const struct broadcast *broadcast)
{
    value_set_text(json, "kind", broadcast_kind_name(broadcast->kind));
    value_set_text(json, "phase", broadcast_phase_name(broadcast->phase));
    value_set_text(json, "thread", broadcast->thread);
    value_set_text(json, "follows", broadcast->follows);
    value_set_text(json, "template", broadcast->template_id);
    value_set_integer(json, "level", broadcast->level);
    if (broadcast->role != NULL)
        value_set_text(json, "role", broadcast->role);
    value_set_text(json, "authority", broadcast->authority);
    json_object_set_new(json, "areas",
                        texts_json((const char *const *)broadcast->areas, broadcast->area_count));
    value_set_flag(json, "everyone", broadcast->everyone);
    json_object_set_new(json, "channels",
                        texts_json(broadcast->channels, broadcast->channel_count));
    json_object_set_new(json, "languages",
                        texts_json(broadcast->languages, broadcast->language_count));
    json_object_set_new(json, "values", values_json(broadcast));
    value_set_instant(json, "valid_for", broadcast->valid_for);
    value_set_instant(json, "next_update", broadcast->next_update);
}

json_t *broadcast_to_json(const struct broadcast *broadcast)
{
    json_t *json = memory_must(json_object());
    value_set_text(json, "id", broadcast->id);
    put_content(json, broadcast);
    value_set_text(json, "state", broadcast_state_name(broadcast->state));
    value_set_text(json, "hash", broadcast->hash);
    value_set_text(json, "author", broadcast->author);
    value_set_text(json, "last_editor", broadcast->last_editor);
    value_set_text(json, "approver", broadcast->approver);
    value_set_text(json, "approved_hash", broadcast->approved_hash);
    value_set_instant(json, "approved_at", broadcast->approved_at);
    value_set_integer(json, "alone", broadcast->alone);
    value_set_text(json, "reason", broadcast->reason);
    value_set_text(json, "sender", broadcast->sender);
    value_set_instant(json, "created_at", broadcast->created_at);
    value_set_instant(json, "edited_at", broadcast->edited_at);
    value_set_instant(json, "sent_at", broadcast->sent_at);
    value_set_instant(json, "ended_at", broadcast->ended_at);
    value_set_instant(json, "scheduled_at", broadcast->scheduled_at);
    value_set_instant(json, "confirmed_at", broadcast->confirmed_at);
    value_set_text(json, "confirmed_by", broadcast->confirmed_by);
    value_set_text(json, "held", broadcast->held);
    value_set_text(json, "alert_id", broadcast->alert_id);
    value_set_text(json, "source", broadcast->source);
    if (broadcast->origin != NULL)
        value_set_text(json, "origin", broadcast->origin);
    value_set_text(json, "plan", broadcast->plan);
    value_set_integer(json, "part", broadcast->part);
    value_set_integer(json, "notice_days", broadcast->notice_days);
    value_set_instant(json, "asked_at", broadcast->asked_at);
    value_set_text(json, "start", broadcast->start);
    return json;
}

static void read_content(struct broadcast *broadcast, const json_t *json)
{
    broadcast->thread = value_text(broadcast, json, "thread");
    broadcast->follows = value_text(broadcast, json, "follows");
    broadcast->template_id = value_text(broadcast, json, "template");
    broadcast->level = value_integer(json, "level");
    broadcast->role = value_text(broadcast, json, "role");
    broadcast->authority = value_text(broadcast, json, "authority");
    broadcast->areas =
        texts_read(broadcast, json_object_get(json, "areas"), &broadcast->area_count);
    broadcast->everyone = value_flag(json, "everyone");
    broadcast->channels =
        texts_read(broadcast, json_object_get(json, "channels"), &broadcast->channel_count);
    broadcast->languages =
        texts_read(broadcast, json_object_get(json, "languages"), &broadcast->language_count);
    values_read(broadcast, json_object_get(json, "values"));
    broadcast->valid_for = value_instant(json, "valid_for");
    broadcast->next_update = value_instant(json, "next_update");
}

static void read_history(struct broadcast *broadcast, const json_t *json)
{
    broadcast->hash = value_text(broadcast, json, "hash");
    broadcast->author = value_text(broadcast, json, "author");
    broadcast->last_editor = value_text(broadcast, json, "last_editor");
    broadcast->approver = value_text(broadcast, json, "approver");
    broadcast->approved_hash = value_text(broadcast, json, "approved_hash");
    broadcast->approved_at = value_instant(json, "approved_at");
    broadcast->alone = (enum broadcast_alone)value_integer(json, "alone");
    broadcast->reason = value_text(broadcast, json, "reason");
    broadcast->sender = value_text(broadcast, json, "sender");
    broadcast->created_at = value_instant(json, "created_at");
    broadcast->edited_at = value_instant(json, "edited_at");
    broadcast->sent_at = value_instant(json, "sent_at");
    broadcast->ended_at = value_instant(json, "ended_at");
    broadcast->scheduled_at = value_instant(json, "scheduled_at");
    broadcast->confirmed_at = value_instant(json, "confirmed_at");
    broadcast->confirmed_by = value_text(broadcast, json, "confirmed_by");
    broadcast->held = value_text(broadcast, json, "held");
    broadcast->alert_id = value_text(broadcast, json, "alert_id");
    broadcast->source = value_text(broadcast, json, "source");
    broadcast->origin = value_text(broadcast, json, "origin");
    broadcast->plan = value_text(broadcast, json, "plan");
    broadcast->part = (enum broadcast_part)value_integer(json, "part");
    broadcast->notice_days = value_integer(json, "notice_days");
    broadcast->asked_at = value_instant(json, "asked_at");
    broadcast->start = value_text(broadcast, json, "start");
}

struct broadcast *broadcast_from_json(TALLOC_CTX *context, const json_t *json)
{
    const char *kind = value_borrow(json, "kind");
    enum broadcast_state state;
    enum broadcast_phase phase;
    bool live = text_equal(kind, broadcast_kind_name(BROADCAST_LIVE));
    if (value_borrow(json, "id") == NULL ||
        (!live && !text_equal(kind, broadcast_kind_name(BROADCAST_DRILL))) ||
        !broadcast_state_from_name(value_borrow(json, "state"), &state) ||
        !broadcast_phase_from_name(value_borrow(json, "phase"), &phase) ||
        (unsigned)value_integer(json, "alone") > ALONE_PARTNER ||
        (unsigned)value_integer(json, "part") >= PART_COUNT)
        return NULL;
    struct broadcast *broadcast = memory_new(context, struct broadcast);
    broadcast->id = value_text(broadcast, json, "id");
    broadcast->kind = live ? BROADCAST_LIVE : BROADCAST_DRILL;
    broadcast->state = state;
    broadcast->phase = phase;
    read_content(broadcast, json);
    read_history(broadcast, json);
    return broadcast;
}
