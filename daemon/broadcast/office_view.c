/* Broadcasts in and out of requests: what answers show, what a body fills in. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "broadcast/words.h"
#include "event/value.h"

#define AREA_TEXT_MOST 100

int turn_load(struct turn *turn, const char *id, struct broadcast **ret)
{
    json_t *json = NULL;
    int r = store_get_broadcast(turn->store, id, &json);
    if (r < 0)
        return r;
    *ret = json != NULL ? broadcast_from_json(turn->context, json) : NULL;
    json_decref(json);
    /* The other kind does not exist here: a drill's page knows nothing live, and so on. */
    if (*ret != NULL && (*ret)->kind != turn->kind)
        *ret = NULL;
    if (*ret == NULL)
        turn->refusal = REFUSAL_UNKNOWN;
    return 0;
}

int office_put(struct office *office, const struct broadcast *broadcast)
{
    json_t *json = broadcast_to_json(broadcast);
    const struct store_broadcast row = {.id = broadcast->id,
                                        .thread = broadcast->thread,
                                        .kind = broadcast_kind_name(broadcast->kind),
                                        .state = broadcast_state_name(broadcast->state),
                                        .author = broadcast->author,
                                        .last_editor = broadcast->last_editor,
                                        .approver = broadcast->approver,
                                        .hash = broadcast->hash,
                                        .approved_hash = broadcast->approved_hash,
                                        .alone = broadcast_alone_name(broadcast->alone),
                                        .alert_id = broadcast->alert_id,
                                        .held = broadcast->held != NULL,
                                        .created_at = broadcast->created_at,
                                        .lapses_at = broadcast_lapses_at(broadcast),
                                        .json = json};
    int r = store_put_broadcast(office->options.store, &row);
    json_decref(json);
    office->next_at = 0; /* look again what is due next */
    return r;
}

int office_original_at(struct office *office, const struct broadcast *broadcast, usec_t *ret_at)
{
    json_t *json = NULL;
    *ret_at = 0;
    if (broadcast->follows == NULL)
        return 0;
    int r = store_get_broadcast(office->options.store, broadcast->follows, &json);
    if (r < 0)
        return r;
    *ret_at = value_instant(json, "sent_at");
    json_decref(json);
    return 0;
}

static json_t *areas_view(struct turn *turn, const struct broadcast *broadcast)
{
    json_t *list = json_array();
    for (size_t i = 0; i < broadcast->area_count; i++) {
        const struct area *area = broadcast_area(turn->office->options.areas, broadcast->areas[i]);
        const char *name = area != NULL
                               ? area_name(turn->office->options.areas, area, turn->language, NULL)
                               : broadcast->areas[i];
        json_array_append_new(list, json_pack("{ssssss}", "area", broadcast->areas[i], "name", name,
                                              "name_ja", area != NULL ? area->name_ja : name));
    }
    return list;
}

static json_t *values_view(const struct broadcast *broadcast)
{
    json_t *all = json_object();
    for (size_t i = 0; i < broadcast->value_count; i++) {
        const struct broadcast_value *value = &broadcast->values[i];
        json_t *texts = json_object_get(all, value->blank);
        if (texts == NULL) {
            texts = json_object();
            json_object_set_new(all, value->blank, texts);
        }
        value_set_text(texts, value->language != NULL ? value->language : "", value->text);
    }
    return all;
}

static json_t *texts_view(const char *const *texts, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

static json_t *authority_view(struct turn *turn, const char *id)
{
    const struct broadcast_issuer *issuer = broadcast_issuer_find(turn->office->options.rules, id);
    if (issuer == NULL)
        return json_null();
    return json_pack("{ssssssss}", "id", issuer->id, "name_ja", issuer->name_ja, "name_en",
                     issuer->name_en, "contact", issuer->contact);
}

/* Whether the state machine would let this person do it now, with everything typed rightly. */
static bool would_allow(struct turn *turn, const struct broadcast *broadcast,
                        enum broadcast_action action)
{
    const char *const names[] = {"x", NULL};
    struct broadcast *after;
    const struct broadcast_request request = {.action = action,
                                              .person = &turn->person,
                                              .now = turn->now,
                                              .seen_hash = broadcast->hash,
                                              .typed_area = "x",
                                              .area_names = names,
                                              .typed_words = "x",
                                              .words = names,
                                              .everyone_again = true,
                                              .count_seen_at = turn->now,
                                              .phrase =
                                                  turn->office->options.rules->break_glass_phrase,
                                              .reason = "a reason",
                                              .at = turn->now + USEC_PER_HOUR};
    return broadcast_decide(turn->context, broadcast, broadcast, &request,
                            turn->office->options.rules, &after) == REFUSAL_NONE;
}

static void put_followers(struct turn *turn, const struct broadcast *broadcast, json_t *can)
{
    static const enum broadcast_phase phases[] = {BROADCAST_UPDATE, BROADCAST_CORRECTION,
                                                  BROADCAST_ALL_CLEAR, BROADCAST_WITHDRAWN};
    const struct broadcast_template *row =
        broadcast_template_find(turn->office->options.templates, broadcast->template_id);
    enum right right = broadcast->kind == BROADCAST_DRILL ? RIGHT_DRILL_SEND : RIGHT_SEND;
    if (!staff_role_has(turn->person.role, right))
        return;
    for (size_t i = 0; i < sizeof(phases) / sizeof(phases[0]); i++) {
        bool withdrawn = phases[i] == BROADCAST_WITHDRAWN;
        if ((row == NULL || !row->phases[phases[i]]) && !withdrawn)
            continue;
        if (broadcast_follow(turn->context, broadcast, phases[i], "x", &turn->person, turn->now) !=
            NULL)
            json_array_append_new(
                can, json_string(withdrawn ? "false-alarm" : broadcast_phase_name(phases[i])));
    }
}

static json_t *can_view(struct turn *turn, const struct broadcast *broadcast)
{
    json_t *can = json_array();
    for (int action = 0; action < ACTION_COUNT; action++) {
        if (would_allow(turn, broadcast, (enum broadcast_action)action))
            json_array_append_new(
                can, json_string(broadcast_action_name((enum broadcast_action)action)));
    }
    put_followers(turn, broadcast, can);
    return can;
}

static void put_content(struct turn *turn, json_t *json, const struct broadcast *broadcast)
{
    const struct broadcast_catalogue *templates = turn->office->options.templates;
    const struct broadcast_template *row =
        broadcast_template_find(templates, broadcast->template_id);
    value_set_text(json, "template", broadcast->template_id);
    value_set_text(json, "title",
                   row != NULL ? broadcast_word(templates, turn->language, "title", row->id) : "");
    value_set_text(json, "group", row != NULL ? broadcast_group_name(row->group) : "");
    value_set_text(json, "colour", row != NULL ? row->colour : "");
    value_set_integer(json, "level", broadcast->level);
    json_object_set_new(json, "authority", authority_view(turn, broadcast->authority));
    json_object_set_new(json, "areas", areas_view(turn, broadcast));
    value_set_flag(json, "everyone", broadcast->everyone);
    json_object_set_new(json, "channels",
                        texts_view(broadcast->channels, broadcast->channel_count));
    json_object_set_new(json, "languages",
                        texts_view(broadcast->languages, broadcast->language_count));
    json_object_set_new(json, "values", values_view(broadcast));
    value_set_integer(json, "valid_minutes", broadcast->valid_for / USEC_PER_MINUTE);
    value_set_time(json, "next_update", broadcast->next_update);
}

static void put_history(json_t *json, const struct broadcast *broadcast)
{
    bool approved = broadcast->approved_at != 0;
    value_set_text(json, "hash", broadcast->hash);
    value_set_text(json, "author", broadcast->author);
    value_set_text(json, "last_editor", broadcast->last_editor);
    value_set_text(json, "approver", broadcast->approver);
    value_set_time(json, "approved_at", broadcast->approved_at);
    value_set_time(json, "approval_ends_at",
                   approved ? broadcast->approved_at + BROADCAST_APPROVAL_LASTS : 0);
    value_set_text(json, "alone", broadcast_alone_name(broadcast->alone));
    value_set_text(json, "reason", broadcast->reason);
    value_set_text(json, "sender", broadcast->sender);
    value_set_time(json, "created_at", broadcast->created_at);
    value_set_time(json, "edited_at", broadcast->edited_at);
    value_set_time(json, "sent_at", broadcast->sent_at);
    value_set_time(json, "ended_at", broadcast->ended_at);
    value_set_time(json, "expires_at",
                   broadcast->sent_at != 0 ? broadcast->sent_at + broadcast->valid_for : 0);
    value_set_time(json, "scheduled_at", broadcast->scheduled_at);
    value_set_time(json, "confirmed_at", broadcast->confirmed_at);
    value_set_text(json, "confirmed_by", broadcast->confirmed_by);
    value_set_text(json, "held", broadcast->held);
    value_set_text(json, "source", broadcast->source);
    value_set_text(json, "plan", broadcast->plan);
    value_set_text(json, "part", broadcast_part_name(broadcast->part));
    value_set_integer(json, "notice_days", broadcast->notice_days);
}

json_t *turn_view(struct turn *turn, const struct broadcast *broadcast)
{
    json_t *json = json_object();
    value_set_text(json, "id", broadcast->id);
    value_set_text(json, "kind", broadcast_kind_name(broadcast->kind));
    value_set_text(json, "state", broadcast_state_name(broadcast->state));
    value_set_text(json, "phase", broadcast_phase_name(broadcast->phase));
    value_set_text(json, "thread", broadcast->thread);
    value_set_text(json, "follows", broadcast->follows);
    put_content(turn, json, broadcast);
    put_history(json, broadcast);
    value_set_flag(json, "needs_approval",
                   broadcast_needs_approval(broadcast, turn->office->options.rules));
    json_object_set_new(json, "can", can_view(turn, broadcast));
    return json;
}

int turn_faults(struct turn *turn, const struct broadcast *broadcast, json_t **ret_faults)
{
    const struct office_options *options = &turn->office->options;
    struct broadcast_fault *faults = NULL;
    usec_t original_at;
    int r = office_original_at(turn->office, broadcast, &original_at);
    if (r < 0)
        return r;
    size_t count = broadcast_faults(turn->context, broadcast, options->rules, options->templates,
                                    options->areas, original_at, turn->now, &faults);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_object();
        const char *own = broadcast_own_fault_text(faults[i].fault, turn->language);
        value_set_text(row, "field", faults[i].blank);
        value_set_text(row, "language", faults[i].language);
        value_set_text(row, "fault", faults[i].fault);
        value_set_integer(row, "limit", faults[i].limit);
        value_set_text(row, "text",
                       own != NULL ? own
                                   : broadcast_fault_text(turn->context, options->templates,
                                                          turn->language, &faults[i]));
        json_array_append_new(list, row);
    }
    *ret_faults = list;
    return 0;
}

/* One text or a list of them. */
static const char **read_list(TALLOC_CTX *context, const json_t *json, size_t *ret_count)
{
    size_t size = json_is_array(json) ? json_array_size(json) : 1;
    const char **texts = memory_array(context, const char *, size + 1);
    *ret_count = 0;
    for (size_t i = 0; i < size; i++) {
        const char *text = json_string_value(json_is_array(json) ? json_array_get(json, i) : json);
        if (text_given(text))
            texts[(*ret_count)++] = memory_text(context, text);
    }
    return texts;
}

/* A place that is not known stays in the draft as it was written, and is a fault there. */
static const char *canonical_area(struct turn *turn, struct broadcast *broadcast, const char *text)
{
    const struct area *area;
    const char *advice;
    if (broadcast_area(turn->office->options.areas, text) != NULL)
        return text;
    if (area_read(turn->context, turn->office->options.areas, text, &area, &advice) >= 0)
        return memory_printf(broadcast, "%s:%s", area_system_name(area->system), area->code);
    return memory_printf(broadcast, "?:%s",
                         text_cut(broadcast, text_clean(broadcast, text, false), AREA_TEXT_MOST));
}

static void read_areas(struct turn *turn, struct broadcast *broadcast, const json_t *json)
{
    size_t count;
    const char **texts = read_list(broadcast, json, &count);
    broadcast->areas = memory_array(broadcast, const char *, count + 1);
    broadcast->area_count = 0;
    for (size_t i = 0; i < count && broadcast->area_count <= BROADCAST_AREAS_MAX; i++) {
        const char *area = canonical_area(turn, broadcast, texts[i]);
        bool known = false;
        for (size_t j = 0; j < broadcast->area_count; j++)
            known = known || strcmp(broadcast->areas[j], area) == 0;
        /* All of Japan is "everyone", which must be said in so many words (H-5). */
        if (!known)
            broadcast->areas[broadcast->area_count++] =
                strcmp(area, "country:jp") == 0 ? "?:jp" : area;
    }
}

static void add_value(struct broadcast *broadcast, const char *blank, const char *language,
                      const char *text)
{
    if (!text_given(text))
        return;
    broadcast->values = memory_grow(broadcast, broadcast->values, broadcast->value_count,
                                    sizeof(*broadcast->values));
    broadcast->values[broadcast->value_count++] = (struct broadcast_value){
        .blank = memory_text(broadcast, blank),
        .language = text_given(language) ? memory_text(broadcast, language) : NULL,
        .text = memory_text(broadcast, text)};
}

static void read_values(struct broadcast *broadcast, const json_t *json)
{
    const char *blank, *language;
    json_t *texts, *text;
    broadcast->values = NULL;
    broadcast->value_count = 0;
    json_object_foreach((json_t *)json, blank, texts)
    {
        add_value(broadcast, blank, NULL, json_string_value(texts));
        json_object_foreach(texts, language, text)
            add_value(broadcast, blank, language, json_string_value(text));
    }
}

static int64_t read_number(const json_t *json, int64_t otherwise)
{
    if (json_is_integer(json))
        return json_integer_value(json);
    const char *text = json_string_value(json);
    char *end;
    if (!text_given(text))
        return otherwise;
    int64_t number = strtoll(text, &end, 10);
    return *end == '\0' ? number : -1;
}

int turn_number(const struct turn *turn, const char *key, int otherwise)
{
    int64_t number = read_number(json_object_get(turn->body, key), otherwise);
    return number < 0 || number > INT_MAX ? -1 : (int)number;
}

static void read_validity(struct turn *turn, struct broadcast *broadcast, int64_t otherwise)
{
    const json_t *given = json_object_get(turn->body, "valid_minutes");
    const char *next = turn_text(turn, "next_update");
    int64_t minutes = read_number(given, otherwise);
    int64_t most = BROADCAST_VALID_MOST / USEC_PER_MINUTE;
    broadcast->valid_for = (minutes < 0 || minutes > most ? 0 : minutes) * USEC_PER_MINUTE;
    usec_t lasts = turn->office->options.rules->drill_lasts;
    if (broadcast->kind == BROADCAST_DRILL && broadcast->valid_for > lasts)
        broadcast->valid_for = lasts; /* a drill ends by itself (H-17) */
    if (next != NULL && broadcast_time_read(next, &broadcast->next_update) < 0)
        broadcast->next_update = 0;
}

struct broadcast *turn_read_fields(struct turn *turn, const struct broadcast *base)
{
    struct broadcast *broadcast = base != NULL ? broadcast_copy(turn->context, base)
                                               : memory_new(turn->context, struct broadcast);
    const json_t *everyone = json_object_get(turn->body, "everyone");
    const char *template_id = turn_text(turn, "template"),
               *authority = turn_text(turn, "authority");
    if (template_id != NULL)
        broadcast->template_id = memory_text(broadcast, template_id);
    if (authority != NULL)
        broadcast->authority = memory_text(broadcast, authority);
    else if (base == NULL)
        broadcast->authority = turn->person.authority;
    const struct broadcast_template *row =
        broadcast_template_find(turn->office->options.templates, broadcast->template_id);
    broadcast->kind = turn->kind;
    /* A template that is gone counts as the gravest: nobody gets round the second person so. */
    broadcast->level = row != NULL ? row->level : 5;
    broadcast->role = row != NULL ? row->role : NULL;
    if (json_object_get(turn->body, "areas") != NULL || base == NULL)
        read_areas(turn, broadcast, json_object_get(turn->body, "areas"));
    if (everyone != NULL)
        broadcast->everyone =
            json_is_true(everyone) || text_equal(json_string_value(everyone), "yes");
    if (json_object_get(turn->body, "values") != NULL)
        read_values(broadcast, json_object_get(turn->body, "values"));
    if (json_object_get(turn->body, "channels") != NULL)
        broadcast->channels = read_list(broadcast, json_object_get(turn->body, "channels"),
                                        &broadcast->channel_count);
    if (json_object_get(turn->body, "languages") != NULL)
        broadcast->languages = read_list(broadcast, json_object_get(turn->body, "languages"),
                                         &broadcast->language_count);
    read_validity(turn, broadcast,
                  base != NULL  ? base->valid_for / USEC_PER_MINUTE
                  : row != NULL ? row->valid_minutes
                                : 60);
    return broadcast;
}
