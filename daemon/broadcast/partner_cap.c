/* A partner's CAP 1.2 alert as the fields of a draft.
 *
 * The event chooses the template, geocodes the areas. The headline in each language is the first
 * free text of the template; every other blank comes from a parameter "noroshi:NAME" or from the
 * configuration's row of the event. */
#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/cap.h"
#include "broadcast/partner.h"
#include "event/value.h"

#define BODY             "body"
#define PARAMETER_PREFIX "noroshi:"

struct reading {
    TALLOC_CTX *context;
    const struct partner *partner;
    const struct broadcast_template *row;
    const char *const *languages;
    json_t *values;
    struct problems *problems;
};

static const struct partner_event *event_find(const struct partner *partner, const char *name)
{
    for (size_t i = 0; i < partner->event_count; i++) {
        if (text_equal(partner->events[i].event, name))
            return &partner->events[i];
    }
    return NULL;
}

/* By its words, or by one of its codes. */
static const struct partner_event *event_of(const struct partner *partner,
                                            const struct cap_info *info)
{
    const struct partner_event *event = event_find(partner, info->event);
    for (size_t i = 0; event == NULL && i < info->code_count; i++)
        event = event_find(partner, info->codes[i].value);
    return event;
}

/* Of the first <info> whose event is known: it is another word in each language. */
static const struct partner_event *choose_event(const struct reading *reading,
                                                const struct cap_alert *alert)
{
    const struct partner_event *chosen = NULL;
    for (size_t i = 0; i < alert->info_count; i++) {
        const struct partner_event *event = event_of(reading->partner, &alert->infos[i]);
        if (event != NULL && chosen != NULL && !text_equal(event->template_id, chosen->template_id))
            problems_add(reading->problems, BODY, alert->infos[i].line, alert->infos[i].column,
                         "one alert for each event", "<info> is about another event");
        chosen = chosen != NULL ? chosen : event;
    }
    if (chosen == NULL && alert->info_count > 0)
        problems_add(reading->problems, BODY, alert->infos[0].line, alert->infos[0].column,
                     "an <event> or <eventCode> agreed with this partner",
                     "no <event> here is known");
    return chosen;
}

/* Our tag for a CAP language: "vi-VN" is "vi". NULL: none that we have. */
static const char *language_of(const struct reading *reading, const char *tag)
{
    static const char *const chinese[][2] = {{"zh", "zh-Hans"},    {"zh-CN", "zh-Hans"},
                                             {"zh-SG", "zh-Hans"}, {"zh-TW", "zh-Hant"},
                                             {"zh-HK", "zh-Hant"}, {"zh-MO", "zh-Hant"}};
    for (size_t i = 0; i < sizeof(chinese) / sizeof(chinese[0]); i++) {
        if (strcasecmp(chinese[i][0], tag) == 0)
            tag = chinese[i][1];
    }
    for (size_t whole = strlen(tag); whole > 0;) {
        for (const char *const *own = reading->languages; *own != NULL; own++) {
            if (strlen(*own) == whole && strncasecmp(*own, tag, whole) == 0)
                return *own;
        }
        while (whole > 0 && tag[--whole] != '-')
            continue;
    }
    return NULL;
}

static bool is_free_text(const struct broadcast_blank *blank)
{
    return blank->type == BLANK_TEXT || blank->type == BLANK_PLACE;
}

/* The first that is given stays. */
static void put_value(json_t *values, const char *blank, const char *language, const char *text)
{
    json_t *texts = json_object_get(values, blank);
    if (texts == NULL) {
        texts = json_object();
        json_object_set_new(values, blank, texts);
    }
    if (json_object_get(texts, language) == NULL)
        json_object_set_new(texts, language, json_string(text));
}

static void read_parameters(const struct reading *reading, const struct cap_info *info,
                            const char *language)
{
    for (size_t i = 0; i < info->parameter_count; i++) {
        const struct cap_pair *pair = &info->parameters[i];
        if (!text_starts(pair->name, PARAMETER_PREFIX))
            continue;
        const char *name = pair->name + strlen(PARAMETER_PREFIX);
        const struct broadcast_blank *blank = broadcast_blank_find(reading->row, name);
        if (blank == NULL)
            problems_add(reading->problems, BODY, pair->line, pair->column,
                         "the name of one of its blanks", "the template %s has no blank \"%s\"",
                         reading->row->id, name);
        else
            put_value(reading->values, name, is_free_text(blank) ? language : "", pair->value);
    }
}

static void read_headline(const struct reading *reading, const struct cap_info *info,
                          const char *language)
{
    const char *text = info->headline != NULL ? info->headline : info->description;
    for (size_t i = 0; text != NULL && i < reading->row->blank_count; i++) {
        if (reading->row->blanks[i].type == BLANK_TEXT) {
            put_value(reading->values, reading->row->blanks[i].name, language, text);
            return;
        }
    }
}

static void read_values(const struct reading *reading, const struct cap_alert *alert,
                        const struct partner_event *event)
{
    for (size_t i = 0; i < alert->info_count; i++) {
        const char *language = language_of(reading, alert->infos[i].language);
        if (language == NULL)
            continue; /* the template says it in the languages that we have */
        read_parameters(reading, &alert->infos[i], language);
        read_headline(reading, &alert->infos[i], language);
    }
    for (size_t i = 0; i < event->value_count; i++) {
        const struct broadcast_value *value = &event->values[i];
        const struct broadcast_blank *blank = broadcast_blank_find(reading->row, value->blank);
        if (blank != NULL && json_object_get(reading->values, value->blank) == NULL)
            put_value(reading->values, value->blank, is_free_text(blank) ? "ja" : "", value->text);
    }
}

/* "municipality" or "JMA:municipality" names one of our code systems; JIS codes say by their length
 * what they are. NULL: a code system that we do not know. */
static const char *area_text(const struct reading *reading, const struct cap_pair *geocode)
{
    static const char *const plain[] = {"JIS", "JIS X 0401", "JIS X 0402", "JISX0401", "JISX0402"};
    const char *name = geocode->name;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (strcmp(plain[i], name) == 0)
            return geocode->value;
    }
    if (text_starts(name, "JMA:"))
        name += strlen("JMA:");
    return area_system_from_name(name) != AREA_UNKNOWN
               ? memory_printf(reading->context, "%s:%s", name, geocode->value)
               : NULL;
}

/* Areas are decided by codes. A name alone will do; a shape alone will not. */
static void read_area(const struct reading *reading, const struct cap_area *area, json_t *areas)
{
    size_t known = 0;
    for (size_t i = 0; i < area->geocode_count; i++) {
        const char *text = area_text(reading, &area->geocodes[i]);
        if (text != NULL && ++known > 0)
            json_array_append_new(areas, json_string(text));
    }
    if (known == 0 && area->geocode_count == 0 && !area->shape)
        json_array_append_new(areas, json_string(area->description));
    else if (known == 0)
        problems_add(reading->problems, BODY, area->line, area->column,
                     "<geocode><valueName>JIS X 0402</valueName><value>01100</value></geocode>",
                     "<area> has no code that is known here");
}

static json_t *areas_of(const struct reading *reading, const struct cap_info *info)
{
    json_t *areas = json_array();
    for (size_t i = 0; i < info->area_count; i++)
        read_area(reading, &info->areas[i], areas);
    return areas;
}

/* The same in every language, or it would be two broadcasts. */
static json_t *read_areas(const struct reading *reading, const struct cap_alert *alert)
{
    json_t *areas = NULL;
    for (size_t i = 0; i < alert->info_count; i++) {
        json_t *own = areas_of(reading, &alert->infos[i]);
        if (areas != NULL && !json_equal(areas, own))
            problems_add(reading->problems, BODY, alert->infos[i].line, alert->infos[i].column,
                         "one alert for each set of areas",
                         "<info> has other areas than the first");
        if (areas == NULL)
            areas = json_incref(own);
        json_decref(own);
    }
    return areas;
}

static void read_validity(const struct reading *reading, const struct cap_alert *alert, usec_t now,
                          json_t *fields)
{
    usec_t expires = alert->infos[0].expires;
    if (expires == 0)
        return;
    if (expires <= now)
        problems_add(reading->problems, BODY, alert->infos[0].line, alert->infos[0].column,
                     "a later <expires>", "<info> is over already");
    else
        value_set_integer(fields, "valid_minutes",
                          (expires - now + USEC_PER_MINUTE - 1) / USEC_PER_MINUTE);
}

static void read_content(struct reading *reading, const struct cap_alert *alert, usec_t now,
                         const struct broadcast_catalogue *templates, json_t *fields)
{
    const struct partner_event *event = choose_event(reading, alert);
    reading->row = event != NULL ? broadcast_template_find(templates, event->template_id) : NULL;
    if (reading->row == NULL)
        return;
    reading->values = json_object();
    read_values(reading, alert, event);
    value_set_text(fields, "template", event->template_id);
    json_object_set_new(fields, "values", reading->values);
    json_object_set_new(fields, "areas", read_areas(reading, alert));
    read_validity(reading, alert, now, fields);
}

static enum broadcast_phase phase_of(const struct cap_alert *alert)
{
    if (alert->message_type == CAP_CANCEL)
        return BROADCAST_WITHDRAWN;
    if (alert->message_type == CAP_ALERT)
        return BROADCAST_ISSUE;
    return alert->infos[0].all_clear ? BROADCAST_ALL_CLEAR : BROADCAST_UPDATE;
}

int partner_message_cap(TALLOC_CTX *context, const struct partner *partner,
                        const struct broadcast_catalogue *templates, const struct catalogue *texts,
                        const char *bytes, usec_t now, struct problems *problems,
                        const struct partner_message **ret_message)
{
    const struct cap_alert *alert;
    size_t before = problems->errors;
    struct partner_message *message = memory_new(context, struct partner_message);
    struct reading reading = {.context = message,
                              .partner = partner,
                              .languages = catalogue_languages(texts),
                              .problems = problems};
    int r = cap_parse(message, BODY, bytes, strlen(bytes), problems, &alert);
    if (r < 0) {
        talloc_free(message);
        return -EINVAL;
    }
    message->fields = value_own(message, json_object());
    message->identifier = alert->identifier;
    message->drill = alert->status != CAP_ACTUAL;
    message->phase = phase_of(alert);
    message->references = alert->references;
    message->reference_count = alert->reference_count;
    if (message->phase != BROADCAST_WITHDRAWN)
        read_content(&reading, alert, now, templates, message->fields);
    if (problems->errors > before) {
        talloc_free(message);
        return -EINVAL;
    }
    *ret_message = message;
    return 0;
}
