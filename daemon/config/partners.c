/* Reading of `partners`. */
#include <string.h>

#include "base/memory.h"
#include "base/signature.h"
#include "base/text.h"
#include "config/partners.h"
#include "config/secret_file.h"
#include "config/staff.h"

#define PARTNERS_MAX 50
#define EVENTS_MAX   200

struct reading {
    TALLOC_CTX *context;
    const struct partner_sources *sources;
    struct problems *problems;
    struct broadcast_rules *rules;
    const struct node *node; /* of this partner */
    struct partner *partner;
};

static void wrong(const struct reading *reading, const struct node *node, const char *instead,
                  const char *what)
{
    problems_add(reading->problems, node->file, node->line, node->column, instead, "%s", what);
}

/* The node of a key, or of the partner where the key is missing. */
static const struct node *place_of(const struct reading *reading, const char *key)
{
    const struct node *node = node_child(reading->node, key);
    return node != NULL ? node : reading->node;
}

static void read_handler(const struct reading *reading)
{
    const char *id = node_text(reading->node, "handled_by", NULL, reading->problems);
    bool own = false;
    for (size_t i = 0; i < reading->rules->issuer_count; i++)
        own = own || text_equal(reading->rules->issuers[i].id, id);
    if (!own)
        wrong(reading, place_of(reading, "handled_by"), "the id of one of broadcast: authorities",
              "handled_by names the authority whose staff approve what this partner hands in");
    else
        reading->partner->handled_by = memory_text(reading->context, id);
}

/* One, or while it is changed two: "NEW OLD". */
static bool secrets_sound(const struct reading *reading, const char *secrets)
{
    uint8_t *key;
    size_t length, count = 0;
    char **parts = secrets != NULL ? text_split_blank(reading->context, secrets, &count) : NULL;
    for (size_t i = 0; i < count; i++) {
        if (signature_secret_read(reading->context, parts[i], &key, &length) < 0)
            return false;
        talloc_free(key);
    }
    return count == 1 || count == 2;
}

static void read_secret(const struct reading *reading)
{
    const struct node *file = node_child(reading->node, "secret_file");
    const char *secret = node_text(reading->node, "secret", NULL, reading->problems);
    if (file != NULL && file->type == NODE_SCALAR) {
        const char *path =
            file->text[0] == '/'
                ? file->text
                : memory_printf(reading->context, "%s%s", reading->sources->directory, file->text);
        secret = secret_file_read(reading->context, file, path, reading->problems);
    }
    if (!secrets_sound(reading, secret)) {
        wrong(reading, place_of(reading, file != NULL ? "secret_file" : "secret"),
              "secret_file: a file whose first line is whsec_ and base64 of 24 to 64 random bytes;"
              " two such, the new one first, while it is changed",
              "a partner needs a secret to sign with");
        return;
    }
    reading->partner->secret = memory_text(reading->context, secret);
}

/* The unit is the municipality: a ward would stand for its whole city. */
static bool can_be_agreed(const struct area *area)
{
    return area->system == AREA_PREFECTURE || area->system == AREA_MUNICIPALITY;
}

static void read_areas(const struct reading *reading)
{
    size_t count = 0;
    const char **texts =
        node_list(reading->context, reading->node, "areas", &count, reading->problems);
    const struct area **areas = memory_array(reading->context, const struct area *, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct area *area;
        const char *advice = NULL;
        if (area_read(reading->context, reading->sources->areas, texts[i], &area, &advice) >= 0 &&
            can_be_agreed(area))
            areas[reading->partner->area_count++] = area;
        else
            problems_add(reading->problems, reading->node->file, place_of(reading, "areas")->line,
                         place_of(reading, "areas")->column,
                         advice != NULL ? advice : "prefectures or municipalities",
                         "\"%s\" is not an area of a partner", texts[i]);
    }
    reading->partner->areas = areas;
    if (count == 0)
        wrong(reading, place_of(reading, "areas"), "areas: [石狩市] or [\"01235\"]",
              "a partner needs the areas that it may speak for");
}

static void read_templates(const struct reading *reading)
{
    size_t count = 0;
    const char **ids =
        node_list(reading->context, reading->node, "templates", &count, reading->problems);
    reading->partner->templates = ids;
    if (count == 0) {
        static const char *const none[] = {NULL};
        reading->partner->templates = none;
        wrong(reading, place_of(reading, "templates"), "templates: [M-SHELTER-OPEN, M-WATER-OUT]",
              "a partner needs the templates that it may use");
    }
    for (size_t i = 0; i < count; i++) {
        const struct broadcast_template *row =
            broadcast_template_find(reading->sources->templates, ids[i]);
        if (row != NULL && text_equal(row->role, "missile"))
            wrong(reading, place_of(reading, "templates"), "without it",
                  "of missiles no partner tells: people who are named do");
        if (row == NULL)
            problems_add(reading->problems, reading->node->file,
                         place_of(reading, "templates")->line,
                         place_of(reading, "templates")->column, "a template of broadcast.yaml",
                         "there is no template \"%s\"", ids[i]);
    }
}

static void read_event_values(const struct reading *reading, const struct node *node,
                              const struct broadcast_template *row, struct partner_event *event)
{
    const struct node *values = node_child(node, "values");
    if (values == NULL)
        return;
    struct broadcast_value *list =
        memory_array(reading->context, struct broadcast_value, values->count + 1);
    for (const struct node *value = values->first_child; value != NULL; value = value->next) {
        if (values->type != NODE_MAPPING || value->type != NODE_SCALAR)
            wrong(reading, value, "values: {reason: flood}", "a value is \"blank: text\"");
        else if (row != NULL && broadcast_blank_find(row, value->key) == NULL)
            wrong(reading, value, "one of its blanks", "the template has no such blank");
        else
            list[event->value_count++] =
                (struct broadcast_value){.blank = memory_text(reading->context, value->key),
                                         .text = memory_text(reading->context, value->text)};
    }
    event->values = list;
}

static struct partner_event read_event(const struct reading *reading, const struct node *node)
{
    static const char *const allowed[] = {"event", "template", "values", NULL};
    struct partner_event event = {0};
    const char *name = node_text(node, "event", NULL, reading->problems);
    const char *id = node_text(node, "template", NULL, reading->problems);
    const struct broadcast_template *row = broadcast_template_find(reading->sources->templates, id);
    node_only(node, allowed, reading->problems);
    if (!text_given(name) || row == NULL)
        wrong(reading, node, "- event: 避難指示, and template: E-4",
              "an event of CAP needs its words and a template that there is");
    event.event = memory_text(reading->context, name != NULL ? name : "");
    event.template_id = memory_text(reading->context, id != NULL ? id : "");
    read_event_values(reading, node, row, &event);
    return event;
}

static void read_events(const struct reading *reading)
{
    const struct node *list = node_child(reading->node, "events");
    if (list == NULL)
        return;
    if (list->type != NODE_SEQUENCE || list->count > EVENTS_MAX) {
        wrong(reading, list, "\"- event: 避難指示\" and so on", "events must be a list");
        return;
    }
    struct partner_event *events =
        memory_array(reading->context, struct partner_event, list->count + 1);
    for (const struct node *node = list->first_child; node != NULL; node = node->next) {
        if (node->type == NODE_MAPPING)
            events[reading->partner->event_count++] = read_event(reading, node);
        else
            wrong(reading, node, "\"- event: 避難指示\" and so on", "an event is a group of keys");
    }
    reading->partner->events = events;
}

static void read_limits(const struct reading *reading)
{
    struct partner *partner = reading->partner;
    const char *makes = node_text(reading->node, "makes", "draft", reading->problems);
    partner->level = (int)node_number(reading->node, "level", 1, 5, 2, reading->problems);
    int send_level =
        (int)node_number(reading->node, "broadcast_level", 1, 5, partner->level, reading->problems);
    if (strcmp(makes, "broadcast") == 0)
        partner->send_level = send_level < partner->level ? send_level : partner->level;
    else if (strcmp(makes, "draft") != 0)
        wrong(reading, place_of(reading, "makes"), "draft or broadcast",
              "makes says what becomes of what a partner hands in");
}

static void read_partner(struct reading *reading)
{
    static const char *const allowed[] = {"id",         "name_ja",         "name_en", "contact",
                                          "evacuation", "handled_by",      "secret",  "secret_file",
                                          "areas",      "templates",       "events",  "level",
                                          "makes",      "broadcast_level", NULL};
    node_only(reading->node, allowed, reading->problems);
    bool sound = broadcast_issuer_read(reading->context, reading->node, reading->problems,
                                       reading->rules, &reading->partner->issuer);
    read_handler(reading);
    read_secret(reading);
    read_areas(reading);
    read_templates(reading);
    read_events(reading);
    read_limits(reading);
    reading->rules->partner_count += sound;
}

void partners_read(TALLOC_CTX *context, const struct node *root,
                   const struct partner_sources *sources, struct problems *problems,
                   struct broadcast_rules *rules)
{
    struct reading reading = {
        .context = context, .sources = sources, .problems = problems, .rules = rules};
    const struct node *list = node_child(root, "partners");
    if (list == NULL)
        return;
    if (list->type != NODE_SEQUENCE || list->count > PARTNERS_MAX) {
        wrong(&reading, list, "\"- id: east-city\" and so on, at most 50 items",
              "partners must be a list");
        return;
    }
    struct partner *partners = memory_array(context, struct partner, list->count + 1);
    rules->partners = partners;
    for (const struct node *node = list->first_child; node != NULL; node = node->next) {
        reading.node = node;
        reading.partner = &partners[rules->partner_count];
        *reading.partner = (struct partner){0};
        if (node->type == NODE_MAPPING)
            read_partner(&reading);
        else
            wrong(&reading, node, "\"- id: east-city\" and so on", "a partner is a group of keys");
    }
}
