/* A broadcast as content of a message and as an alert. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/alert.h"

const struct area *broadcast_area(const struct area_graph *graph, const char *canonical)
{
    char system[32];
    const char *colon = strchr(canonical, ':');
    if (colon == NULL || (size_t)(colon - canonical) >= sizeof(system))
        return NULL;
    memcpy(system, canonical, (size_t)(colon - canonical));
    system[colon - canonical] = '\0';
    return area_find(graph, area_system_from_name(system), colon + 1);
}

static const struct area *const *known_areas(TALLOC_CTX *context, const struct broadcast *broadcast,
                                             const struct area_graph *graph, size_t *ret_count)
{
    const struct area **areas =
        memory_array(context, const struct area *, broadcast->area_count + 1);
    *ret_count = 0;
    for (size_t i = 0; i < broadcast->area_count; i++) {
        const struct area *area = broadcast_area(graph, broadcast->areas[i]);
        if (area != NULL)
            areas[(*ret_count)++] = area;
    }
    return areas;
}

struct broadcast_content broadcast_content(TALLOC_CTX *context, const struct broadcast *broadcast,
                                           const struct broadcast_issuer *issuer,
                                           const struct area_graph *graph, usec_t original_at,
                                           usec_t now)
{
    usec_t issued_at = broadcast->sent_at != 0 ? broadcast->sent_at : now;
    struct broadcast_content content = {.id = broadcast->id,
                                        .template_id = broadcast->template_id,
                                        .phase = broadcast->phase,
                                        .drill = broadcast->kind == BROADCAST_DRILL,
                                        .everyone = broadcast->everyone,
                                        .values = broadcast->values,
                                        .value_count = broadcast->value_count,
                                        .issued_at = issued_at,
                                        .expires = issued_at + broadcast->valid_for,
                                        .next_update = broadcast->next_update,
                                        .original_at = original_at};
    content.areas = known_areas(context, broadcast, graph, &content.area_count);
    if (issuer != NULL)
        content.authority = (struct broadcast_authority){
            .name_ja = issuer->name_ja, .name_en = issuer->name_en, .contact = issuer->contact};
    return content;
}

struct fault_list {
    struct broadcast_fault *items;
    size_t count;
};

static void add(TALLOC_CTX *context, struct fault_list *list, const char *field, const char *fault,
                int64_t limit)
{
    list->items = memory_grow(context, list->items, list->count, sizeof(*list->items));
    list->items[list->count++] =
        (struct broadcast_fault){.blank = field, .fault = fault, .limit = limit};
}

/* The fault of an authority that has not this task, or NULL: evacuation is ordered by the one whose
 * task it is, and of missiles it tells by people who are named. */
static const char *authority_fault(const struct broadcast_template *row,
                                   const struct broadcast_issuer *issuer)
{
    if (text_equal(row->role, "missile") && (!issuer->evacuation || issuer->missiles == NULL))
        return "missile-authority";
    return text_equal(row->role, "evacuation") && !issuer->evacuation ? "evacuation-authority"
                                                                      : NULL;
}

/* A link has a blank of its own, which is checked; in free text it could lead anywhere. */
static void find_links(TALLOC_CTX *context, const struct broadcast *broadcast,
                       const struct broadcast_template *row, struct fault_list *list)
{
    for (size_t i = 0; row != NULL && i < broadcast->value_count; i++) {
        const struct broadcast_value *value = &broadcast->values[i];
        const struct broadcast_blank *blank = broadcast_blank_find(row, value->blank);
        if (blank != NULL && blank->type != BLANK_URL && value->text != NULL &&
            (strstr(value->text, "://") != NULL || strcasestr(value->text, "www.") != NULL)) {
            add(context, list, value->blank, "host", 0);
            list->items[list->count - 1].language = value->language;
        }
    }
}

size_t broadcast_faults(TALLOC_CTX *context, const struct broadcast *broadcast,
                        const struct broadcast_rules *rules,
                        const struct broadcast_catalogue *templates, const struct area_graph *graph,
                        usec_t original_at, usec_t now, struct broadcast_fault **ret_faults)
{
    const struct broadcast_issuer *issuer = broadcast_issuer_find(rules, broadcast->authority);
    const struct broadcast_template *row =
        broadcast_template_find(templates, broadcast->template_id);
    const struct broadcast_content content =
        broadcast_content(context, broadcast, issuer, graph, original_at, now);
    struct fault_list list = {0};
    list.count =
        broadcast_content_check(context, templates, &content, rules->hosts, now, &list.items);
    /* A list of ours that can grow. */
    struct fault_list all = {0};
    for (size_t i = 0; i < list.count; i++) {
        all.items = memory_grow(context, all.items, all.count, sizeof(*all.items));
        all.items[all.count++] = list.items[i];
    }
    find_links(context, broadcast, row, &all);
    if (issuer == NULL)
        add(context, &all, "authority", "unknown-authority", 0);
    else if (row != NULL && authority_fault(row, issuer) != NULL)
        add(context, &all, "authority", authority_fault(row, issuer), 0);
    if (content.area_count != broadcast->area_count)
        add(context, &all, "areas", "unknown-area", 0);
    if (broadcast->area_count > BROADCAST_AREAS_MAX)
        add(context, &all, "areas", "too-many", BROADCAST_AREAS_MAX);
    if (broadcast->valid_for < BROADCAST_VALID_LEAST || broadcast->valid_for > BROADCAST_VALID_MOST)
        add(context, &all, "expires", "validity", 0);
    *ret_faults = all.items;
    return all.count;
}

static enum alert_phase phase_of(enum broadcast_phase phase)
{
    switch (phase) {
    case BROADCAST_UPDATE:
        return PHASE_UPDATE;
    case BROADCAST_CORRECTION:
        return PHASE_CORRECTION;
    case BROADCAST_WITHDRAWN:
        return PHASE_CANCEL;
    case BROADCAST_ALL_CLEAR:
        return PHASE_ALL_CLEAR;
    case BROADCAST_ISSUE:
    case BROADCAST_PHASE_COUNT:
        break;
    }
    return PHASE_ISSUE;
}

static void put_areas(struct alert *alert, const struct broadcast *broadcast,
                      const struct area_graph *graph)
{
    size_t count = 0;
    bool over = alert->phase == PHASE_CANCEL || alert->phase == PHASE_ALL_CLEAR;
    const struct area *const *areas = known_areas(alert, broadcast, graph, &count);
    struct alert_area *list = memory_array(alert, struct alert_area, count + 1);
    if (broadcast->everyone) {
        const struct area *country = area_find(graph, AREA_COUNTRY, "jp");
        list[alert->area_count++] = (struct alert_area){
            .system = AREA_COUNTRY, .code = "jp", .name_ja = country ? country->name_ja : "日本"};
    }
    for (size_t i = 0; !broadcast->everyone && i < count; i++)
        list[alert->area_count++] = (struct alert_area){
            .system = areas[i]->system, .code = areas[i]->code, .name_ja = areas[i]->name_ja};
    for (size_t i = 0; i < alert->area_count; i++) {
        list[i].level = over ? 0 : broadcast->level;
        list[i].previous_level = broadcast->follows != NULL ? broadcast->level : 0;
        list[i].changed = true;
    }
    alert->areas = list;
}

static struct alert_broadcast *part_of(struct alert *alert, const struct broadcast *broadcast,
                                       const struct broadcast_template *row,
                                       const struct broadcast_issuer *issuer, usec_t original_at)
{
    struct alert_broadcast *part = memory_new(alert, struct alert_broadcast);
    struct alert_value *values = memory_array(part, struct alert_value, broadcast->value_count + 1);
    *part = (struct alert_broadcast){.id = broadcast->id,
                                     .template_id = broadcast->template_id,
                                     .authority = broadcast->authority,
                                     .name_ja = issuer->name_ja,
                                     .name_en = issuer->name_en,
                                     .contact = issuer->contact,
                                     .category = row->category,
                                     .urgency = row->urgency,
                                     .severity = row->severity,
                                     .certainty = row->certainty,
                                     .response_type = row->response_type,
                                     .everyone = broadcast->everyone,
                                     .channels = broadcast->channels,
                                     .channel_count = broadcast->channel_count,
                                     .first_languages = broadcast->languages,
                                     .first_language_count = broadcast->language_count,
                                     .original_at = original_at,
                                     .next_update = broadcast->next_update,
                                     .values = values,
                                     .value_count = broadcast->value_count};
    for (size_t i = 0; i < broadcast->value_count; i++)
        values[i] = (struct alert_value){.blank = broadcast->values[i].blank,
                                         .language = broadcast->values[i].language,
                                         .text = broadcast->values[i].text};
    return part;
}

struct alert *broadcast_alert(TALLOC_CTX *context, const struct broadcast *broadcast,
                              const struct broadcast_template *row, const char *title_ja,
                              const struct broadcast_issuer *issuer, const struct area_graph *graph,
                              usec_t original_at, usec_t now)
{
    bool drill = broadcast->kind == BROADCAST_DRILL;
    struct alert *alert = memory_new(context, struct alert);
    const char **references = memory_array(alert, const char *, 2);
    references[0] = broadcast->follows;
    *alert =
        (struct alert){.id = broadcast->id,
                       .event_id = memory_printf(alert, "broadcast-%s", broadcast->thread),
                       .event_key = memory_printf(alert, "broadcast/%s/%s",
                                                  drill ? "exercise" : "actual", broadcast->thread),
                       .hazard = HAZARD_BROADCAST,
                       .status = drill ? STATUS_EXERCISE : STATUS_ACTUAL,
                       .phase = phase_of(broadcast->phase),
                       .level = broadcast->level,
                       .telegram_id = broadcast->id,
                       .code = "BROADCAST",
                       .title_ja = memory_text(alert, title_ja),
                       .office_ja = issuer->name_ja,
                       .issued_at = now,
                       .reported_at = now,
                       .onset = now,
                       .expires = now + broadcast->valid_for,
                       .references = references,
                       .reference_count = broadcast->follows != NULL ? 1 : 0};
    put_areas(alert, broadcast, graph);
    alert->broadcast = part_of(alert, broadcast, row, issuer, original_at);
    return alert;
}

const char **broadcast_typed_names(TALLOC_CTX *context, const struct broadcast *broadcast,
                                   const struct area_graph *graph)
{
    const char **names = memory_array(context, const char *, 4);
    if (broadcast->everyone) {
        names[0] = "全員";
        names[1] = "everyone";
        return names;
    }
    const struct area *area =
        broadcast->area_count > 0 ? broadcast_area(graph, broadcast->areas[0]) : NULL;
    if (area == NULL)
        return names;
    names[0] = area->name_ja;
    names[1] = area_name(graph, area, "en", NULL);
    names[2] = area->code;
    return names;
}

const char **broadcast_typed_words(TALLOC_CTX *context, const struct broadcast *broadcast,
                                   const struct broadcast_catalogue *templates)
{
    const char **words = memory_array(context, const char *, 3);
    if (!broadcast_is_guarded(broadcast))
        return words;
    bool over = broadcast->phase == BROADCAST_ALL_CLEAR;
    const char *section = over ? "phase" : "title";
    const char *name = over ? broadcast_phase_name(broadcast->phase) : broadcast->template_id;
    words[0] = broadcast_word(templates, "ja", section, name);
    words[1] = broadcast_word(templates, "en", section, name);
    return words;
}
