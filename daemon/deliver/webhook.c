/* The JSON body of a webhook and its request.
 *
 * The body must stay below 20 kB whatever an alert covers: it is made with all that fits, and made
 * again with less, by the table of measures, until it does. What a reader needs to act goes last:
 * the headline, the short text and the first actions of each language. The limits on the length of
 * each text bound the last measure even for hostile telegrams. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "base/signature.h"
#include "deliver/webhook.h"

#define UTF8_BYTES_MAX 4
#define SIGNING_BYTES  2048 /* what one takes, mostly */

struct measure {
    size_t areas;      /* at most, as all that follow */
    size_t whole;      /* languages with the whole text */
    bool plain;        /* with the text form of those */
    size_t references; /* the newest */
    size_t languages, actions;
    size_t text; /* characters of one text */
};
static const struct measure measures[] = {
    {40, 16, true, 20, 16, 10, 4000},  {40, 2, true, 20, 16, 10, 4000},
    {40, 16, false, 20, 16, 10, 1000}, {20, 1, true, 10, 16, 10, 2000},
    {20, 4, false, 10, 16, 10, 600},   {10, 1, false, 5, 16, 5, 400},
    {5, 0, false, 2, 8, 4, 150},       {2, 0, false, 1, 3, 2, 60},
};

struct body {
    TALLOC_CTX *context;
    const struct alert *alert;
    const struct match *match;
    struct message *const *messages;
    size_t message_count;
    const char *page_url;
    const struct measure *measure;
};

static json_t *text_json(const struct body *body, const char *text)
{
    if (!text_given(text))
        return json_null();
    /* No more than can be kept is looked at: a hostile text must not cost time either. */
    size_t length = strnlen(text, (body->measure->text + 1) * UTF8_BYTES_MAX);
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    const char *start = memory_must(talloc_strndup(body->context, text, length));
    return json_string(
        text_cut(body->context, text_clean(body->context, start, true), body->measure->text));
}

static json_t *time_json(usec_t time)
{
    char text[CLOCK_TEXT_BYTES];
    return time == 0 ? json_null() : json_string(clock_format_jst(time, text));
}

static json_t *number_json(double number)
{
    return isfinite(number) ? json_real(number) : json_null();
}

static json_t *area_json(const struct body *body, const struct alert_area *area)
{
    return json_pack(
        "{sssososisisosososososo}", "system", area_system_name(area->system), "code",
        text_json(body, area->code), "name", text_json(body, area->name_ja), "level", area->level,
        "previous_level", area->previous_level, "grade", text_json(body, area->grade), "intensity",
        text_json(body, area->intensity), "arrival_time", time_json(area->arrival_time),
        "arrival_condition", text_json(body, area->arrival_condition), "height_m",
        number_json(area->height_m), "height_text", text_json(body, area->height_text));
}

static json_t *quake_json(const struct body *body, const struct alert_quake *quake)
{
    if (quake == NULL)
        return json_null();
    return json_pack("{sososososososososososbsb}", "origin_time", time_json(quake->origin_time),
                     "epicenter_code", text_json(body, quake->epicenter_code), "epicenter",
                     text_json(body, quake->epicenter_ja), "latitude", number_json(quake->latitude),
                     "longitude", number_json(quake->longitude), "depth_km",
                     number_json(quake->depth_km), "magnitude", number_json(quake->magnitude),
                     "magnitude_text", text_json(body, quake->magnitude_text), "max_intensity",
                     text_json(body, quake->max_intensity), "tsunami",
                     text_json(body, quake->tsunami_judgement), "distant", quake->distant,
                     "eruption", quake->eruption);
}

static json_t *message_json(const struct body *body, const struct message *message, bool whole)
{
    json_t *actions = json_array();
    for (size_t i = 0; i < message->action_count && i < body->measure->actions; i++)
        json_array_append_new(actions, text_json(body, message->actions[i]));
    json_t *json = json_pack(
        "{sosososososososososo}", "language", text_json(body, message->language), "headline",
        text_json(body, message->headline), "chip", text_json(body, message->chip), "colour",
        text_json(body, message->colour), "drill", text_json(body, message->drill), "delayed",
        text_json(body, message->delayed), "transitional", text_json(body, message->transitional),
        "short", text_json(body, message->short_text), "actions", actions, "source",
        text_json(body, message->source));
    if (!whole)
        return json;
    json_object_set_new(json, "what", text_json(body, message->what));
    json_object_set_new(json, "where", text_json(body, message->where));
    json_object_set_new(json, "until", text_json(body, message->until));
    if (body->measure->plain)
        json_object_set_new(json, "plain", text_json(body, message->plain));
    return json;
}

static void put_lists(const struct body *body, json_t *data)
{
    json_t *areas = json_array(), *references = json_array(), *messages = json_array();
    size_t referred = body->alert->reference_count, most = body->measure->references;
    for (size_t i = 0; i < body->match->area_count && i < body->measure->areas; i++)
        json_array_append_new(areas, area_json(body, &body->alert->areas[body->match->areas[i]]));
    for (size_t i = referred > most ? referred - most : 0; i < referred; i++)
        json_array_append_new(references, text_json(body, body->alert->references[i]));
    for (size_t i = 0; i < body->message_count && i < body->measure->languages; i++)
        json_array_append_new(messages,
                              message_json(body, body->messages[i], i < body->measure->whole));
    json_object_set_new(data, "areas", areas);
    json_object_set_new(data, "areas_total", json_integer((json_int_t)body->match->area_count));
    json_object_set_new(data, "references", references);
    json_object_set_new(data, "messages", messages);
}

/* A broadcast is its authority's own, a test ours: nothing of them may look like JMA's (H-8). */
static json_t *source_json(const struct body *body)
{
    const struct alert_broadcast *broadcast = body->alert->broadcast;
    if (broadcast != NULL)
        return json_pack("{sosososo}", "name", text_json(body, broadcast->name_en), "credit",
                         text_json(body, broadcast->name_ja), "office",
                         text_json(body, broadcast->name_ja), "contact",
                         text_json(body, broadcast->contact));
    bool own = alert_is_own_test(body->alert);
    return json_pack("{ssssso}", "name", own ? "Noroshi" : "Japan Meteorological Agency", "credit",
                     own ? "Noroshi" : "出典：気象庁", "office",
                     text_json(body, body->alert->office_ja));
}

static void put_sources(const struct body *body, json_t *data)
{
    const struct alert_cap cap = alert_cap(body->alert, body->match->level, body->match->phase);
    json_object_set_new(data, "source", source_json(body));
    json_object_set_new(data, "cap",
                        json_pack("{ssssssssssssss}", "status", cap.status, "msgType",
                                  cap.message_type, "category", cap.category, "urgency",
                                  cap.urgency, "severity", cap.severity, "certainty", cap.certainty,
                                  "responseType", cap.response_type));
    json_t *links = json_object();
    if (body->page_url != NULL)
        json_object_set_new(links, "page", text_json(body, body->page_url));
    json_object_set_new(data, "links", links);
}

static json_t *facts_json(const struct body *body)
{
    json_t *facts = json_array();
    for (size_t i = 0; i < body->alert->fact_count; i++) {
        const struct alert_fact *fact = &body->alert->facts[i];
        json_array_append_new(facts, json_pack("{sssoso}", "name", fact->name, "value",
                                               text_json(body, fact->value_ja), "at",
                                               time_json(fact->at)));
    }
    return facts;
}

static char *make(const struct body *body)
{
    const struct alert *alert = body->alert;
    bool drill = alert->status != STATUS_ACTUAL;
    json_t *data = json_pack(
        "{sososssbsbsbsbsssisisssosososososo}", "id", text_json(body, alert->id), "event_id",
        text_json(body, alert->event_id), "status", telegram_status_name(alert->status), "drill",
        drill, "generic", alert->generic, "delayed", alert->delayed, "transitional",
        alert->transitional, "phase", alert_phase_name(body->match->phase), "level",
        body->match->level, "previous_level", body->match->previous_level, "hazard",
        hazard_name(alert->hazard), "title_ja", text_json(body, alert->title_ja), "headline_ja",
        text_json(body, alert->headline_ja), "issued_at", time_json(alert->issued_at),
        "reported_at", time_json(alert->reported_at), "onset", time_json(alert->onset), "expires",
        time_json(alert->expires));
    json_object_set_new(data, "delay_unknown", json_boolean(alert->delay_unknown));
    json_object_set_new(data, "quake", quake_json(body, alert->quake));
    json_object_set_new(data, "grade", text_json(body, alert->grade));
    json_object_set_new(data, "facts", facts_json(body));
    put_lists(body, data);
    put_sources(body, data);
    const char *type = memory_printf(body->context, "%s.%s", drill ? "drill" : "alert",
                                     alert_phase_name(body->match->phase));
    json_t *json =
        json_pack("{sssoso}", "type", type, "timestamp", time_json(alert->issued_at), "data", data);
    char *dumped = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    char *text = memory_text(body->context, dumped != NULL ? dumped : "{}");
    free(dumped);
    json_decref(json);
    return text;
}

char *webhook_body(TALLOC_CTX *context, const struct area_graph *graph, const struct alert *alert,
                   const struct match *match, struct message *const *messages, size_t message_count,
                   const char *page_url)
{
    (void)graph;
    struct body body = {.context = context,
                        .alert = alert,
                        .match = match,
                        .messages = messages,
                        .message_count = message_count,
                        .page_url = page_url};
    char *text = NULL;
    for (size_t i = 0; i < sizeof(measures) / sizeof(measures[0]); i++) {
        body.measure = &measures[i];
        text = make(&body);
        if (strlen(text) < WEBHOOK_BODY_BYTES_MAX)
            break;
    }
    return text;
}

/* One signature for each secret: while a receiver changes over there are two, parted by a blank. */
static int sign(TALLOC_CTX *context, struct signer *signer, const char *secrets, const char *id,
                int64_t seconds, const char *body, char **ret_signatures)
{
    size_t count;
    char **parts = text_split_blank(context, secrets, &count);
    char *list = memory_text(context, "");
    for (size_t i = 0; i < count; i++) {
        char *signature;
        int r = signer_sign(signer, context, parts[i], id, seconds, body, strlen(body), &signature);
        if (r < 0)
            return r;
        list =
            memory_must(talloc_asprintf_append_buffer(list, "%s%s", i > 0 ? " " : "", signature));
    }
    if (count == 0)
        return -EINVAL;
    *ret_signatures = list;
    return 0;
}

int webhook_request(TALLOC_CTX *context, struct signer *signer, const char *url, const char *secret,
                    const struct store_delivery *delivery, const char *body, usec_t now,
                    struct transfer_request *ret_request)
{
    int64_t seconds = now / USEC_PER_SEC;
    char *signature;
    TALLOC_CTX *scratch = memory_must(talloc_pool(NULL, SIGNING_BYTES));
    int r = sign(scratch, signer, secret, delivery->id, seconds, body, &signature);
    if (r >= 0) {
        const char **headers = memory_array(context, const char *, 5);
        headers[0] = "content-type: application/json";
        headers[1] = memory_printf(context, "webhook-id: %s", delivery->id);
        headers[2] = memory_printf(context, "webhook-timestamp: %lld", (long long)seconds);
        headers[3] = memory_printf(context, "webhook-signature: %s", signature);
        *ret_request = (struct transfer_request){.kind = TRANSFER_POST,
                                                 .lane = LANE_RECEIVER,
                                                 .url = url,
                                                 .headers = headers,
                                                 .body = body,
                                                 .body_length = strlen(body)};
    }
    talloc_free(scratch);
    return r;
}
