/* What a broadcast would be: every text, everybody who would hear it, and what is in force. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "event/value.h"
#include "store/report.h"

#define LIST_MOST 200

static json_t *message_view(struct turn *turn, const char *language,
                            const struct broadcast_content *content)
{
    const struct office_options *options = &turn->office->options;
    const struct message *message =
        broadcast_render(turn->context, options->templates, options->areas, language, content);
    json_t *json = json_object();
    value_set_text(json, "language", language);
    value_set_text(json, "name", catalogue_language_name(options->texts, language));
    value_set_text(json, "headline", message->headline);
    value_set_text(json, "chip", message->chip);
    value_set_text(json, "colour", message->colour);
    value_set_text(json, "short", message->short_text);
    value_set_text(json, "plain", message->plain);
    value_set_text(json, "html", message->html);
    value_set_text(
        json, "aloud",
        broadcast_aloud(turn->context, options->templates, options->areas, language, content));
    value_set_flag(json, "partly_original",
                   broadcast_is_partly_original(options->templates, language, content));
    return json;
}

static json_t *messages_view(struct turn *turn, const struct broadcast *broadcast,
                             usec_t original_at)
{
    const struct office_options *options = &turn->office->options;
    const struct broadcast_issuer *issuer =
        broadcast_issuer_find(options->rules, broadcast->authority);
    json_t *list = json_array();
    if (issuer == NULL ||
        broadcast_template_find(options->templates, broadcast->template_id) == NULL)
        return list;
    const struct broadcast_content content =
        broadcast_content(turn->context, broadcast, issuer, options->areas, original_at, turn->now);
    for (const char *const *tag = catalogue_languages(options->texts); *tag != NULL; tag++)
        json_array_append_new(list, message_view(turn, *tag, &content));
    return list;
}

/* Counts by code become rows with names. */
static json_t *areas_of_reach(struct turn *turn, const json_t *by_area)
{
    const char *code;
    json_t *count, *list = json_array();
    json_object_foreach((json_t *)by_area, code, count)
    {
        const struct area *area = broadcast_area(turn->office->options.areas, code);
        json_array_append_new(list, json_pack("{sssssO}", "area", code, "name",
                                              area != NULL ? area_name(turn->office->options.areas,
                                                                       area, turn->language, NULL)
                                                           : code,
                                              "count", count));
    }
    return list;
}

/* How long it takes, from how fast each channel was lately; null when one that is needed was never
 * measured. The channels send side by side. */
static int put_seconds(struct turn *turn, const json_t *by_channel)
{
    const char *channel;
    json_t *count, *rates = json_object();
    double longest = 0;
    bool known = true;
    int r = 0;
    json_object_foreach((json_t *)by_channel, channel, count)
    {
        double rate = 0;
        if (r >= 0)
            r = store_delivery_rate(turn->store,
                                    (enum delivery_channel)delivery_channel_number(channel), &rate);
        known = known && rate > 0;
        double seconds = rate > 0 ? (double)json_integer_value(count) / rate : 0;
        longest = seconds > longest ? seconds : longest;
        json_object_set_new(rates, channel, rate > 0 ? json_real(rate) : json_null());
    }
    json_object_set_new(turn->answer, "seconds",
                        known ? json_integer((json_int_t)longest + 1) : json_null());
    json_object_set_new(turn->answer, "rates", rates);
    return r;
}

static int put_reach(struct turn *turn, const struct broadcast *broadcast, usec_t original_at)
{
    const struct office_operations *operations = &turn->office->options.operations;
    json_t *reach = NULL;
    struct alert *alert =
        office_alert(turn->office, turn->context, broadcast, original_at, turn->now);
    int r =
        alert != NULL ? operations->reach(operations->userdata, turn->context, alert, &reach) : 0;
    if (r < 0)
        return r;
    if (reach == NULL)
        reach = json_pack("{siso}", "total", 0, "by_area", json_object());
    int64_t total = json_integer_value(json_object_get(reach, "total"));
    json_object_set_new(reach, "by_area", areas_of_reach(turn, json_object_get(reach, "by_area")));
    json_object_set_new(turn->answer, "reach", reach);
    r = put_seconds(turn, json_object_get(reach, "by_channel"));
    value_set_text(turn->answer, "count",
                   count_sign(turn->context, &turn->office->count_key, total, turn->now,
                              turn->person.name, broadcast->hash));
    turn->detail = memory_printf(turn->context, "{\"hash\":\"%s\",\"count\":%lld}", broadcast->hash,
                                 (long long)total);
    return r;
}

static bool shares_area(const struct broadcast *a, const struct broadcast *b)
{
    for (size_t i = 0; i < a->area_count; i++) {
        for (size_t j = 0; j < b->area_count; j++) {
            if (strcmp(a->areas[i], b->areas[j]) == 0)
                return true;
        }
    }
    return a->everyone || b->everyone;
}

/* What is in force for the same places, and how many this template reached the last time (H-5). */
static int put_others(struct turn *turn, const struct broadcast *broadcast)
{
    json_t *rows = NULL, *same = json_array(), *usual = NULL;
    int r =
        store_list_broadcasts(turn->store, broadcast_kind_name(turn->kind), NULL, LIST_MOST, &rows);
    for (size_t i = 0; r >= 0 && i < json_array_size(rows); i++) {
        const struct broadcast *other = broadcast_from_json(turn->context, json_array_get(rows, i));
        if (other == NULL || other->alert_id == NULL)
            continue;
        if (turn->now < other->sent_at + other->valid_for && shares_area(other, broadcast))
            json_array_append_new(same, turn_view(turn, other));
        if (usual == NULL && text_equal(other->template_id, broadcast->template_id)) {
            json_t *progress = NULL;
            r = office_progress(turn->office, other, &progress);
            usual = json_incref(json_object_get(progress, "total"));
            json_decref(progress);
        }
    }
    json_decref(rows);
    json_object_set_new(turn->answer, "same", same);
    json_object_set_new(turn->answer, "usual", usual != NULL ? usual : json_null());
    return r;
}

static void put_names(struct turn *turn, const char *key, const char *const *names)
{
    json_t *list = json_array();
    for (; *names != NULL; names++)
        json_array_append_new(list, json_string(*names));
    json_object_set_new(turn->answer, key, list);
}

static void put_needs(struct turn *turn, const struct broadcast *broadcast)
{
    const struct office_options *options = &turn->office->options;
    bool live = broadcast->kind == BROADCAST_LIVE;
    bool withdrawn = broadcast->phase == BROADCAST_WITHDRAWN;
    put_names(turn, "type_area", broadcast_typed_names(turn->context, broadcast, options->areas));
    put_names(turn, "type_words",
              broadcast_typed_words(turn->context, broadcast, options->templates));
    json_object_set_new(turn->answer, "needs",
                        json_pack("{sbsbsbsb}", "approval",
                                  broadcast_needs_approval(broadcast, turn->office->options.rules),
                                  "area", live && !withdrawn, "everyone",
                                  broadcast->everyone && !withdrawn, "count", !withdrawn));
    value_set_text(turn->answer, "phrase",
                   live && turn->person.break_glass_until > turn->now &&
                           broadcast->level >= turn->office->options.rules->break_glass_level
                       ? turn->office->options.rules->break_glass_phrase
                       : NULL);
}

int answer_preview(struct turn *turn)
{
    struct broadcast *broadcast;
    json_t *faults = NULL;
    usec_t original_at;
    int r = turn_load(turn, turn->id, &broadcast);
    if (r < 0 || turn->refusal != REFUSAL_NONE)
        return r;
    r = office_original_at(turn->office, broadcast, &original_at);
    if (r >= 0)
        r = turn_faults(turn, broadcast, &faults);
    if (r < 0)
        return r;
    /* A text with faults may hold anything: it is not shown as a message. */
    json_object_set_new(turn->answer, "messages",
                        json_array_size(faults) == 0 ? messages_view(turn, broadcast, original_at)
                                                     : json_array());
    json_object_set_new(turn->answer, "faults", faults);
    json_object_set_new(turn->answer, "broadcast", turn_view(turn, broadcast));
    put_needs(turn, broadcast);
    r = put_reach(turn, broadcast, original_at);
    return r >= 0 ? put_others(turn, broadcast) : r;
}
