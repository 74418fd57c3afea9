/* The message of an alert that staff broadcast. */
#include "base/memory.h"
#include "message/broadcast_alert.h"
#include "message/catalogue.h"

void catalogue_take_broadcasts(struct catalogue *catalogue,
                               const struct broadcast_catalogue *broadcasts)
{
    catalogue->broadcasts = broadcasts;
}

static enum broadcast_phase phase_of(enum alert_phase phase)
{
    switch (phase) {
    case PHASE_CORRECTION:
        return BROADCAST_CORRECTION;
    case PHASE_CANCEL:
        return BROADCAST_WITHDRAWN;
    case PHASE_ALL_CLEAR:
        return BROADCAST_ALL_CLEAR;
    case PHASE_UPDATE:
    case PHASE_UPGRADE:
    case PHASE_DOWNGRADE:
        return BROADCAST_UPDATE;
    case PHASE_ISSUE:
    case PHASE_COUNT:
        break;
    }
    return BROADCAST_ISSUE;
}

static struct broadcast_content content_of(TALLOC_CTX *context, const struct area_graph *graph,
                                           const struct message_scope *scope)
{
    const struct alert *alert = scope->alert;
    const struct alert_broadcast *said = alert->broadcast;
    struct broadcast_value *values =
        memory_array(context, struct broadcast_value, said->value_count + 1);
    const struct area **areas = memory_array(context, const struct area *, alert->area_count + 1);
    struct broadcast_content content = {.id = said->id,
                                        .template_id = said->template_id,
                                        .phase = phase_of(scope->phase),
                                        .drill = alert->status != STATUS_ACTUAL,
                                        .everyone = said->everyone,
                                        .areas = areas,
                                        .values = values,
                                        .value_count = said->value_count,
                                        .issued_at = alert->issued_at,
                                        .expires = alert->expires,
                                        .next_update = said->next_update,
                                        .original_at = said->original_at,
                                        .authority = {.name_ja = said->name_ja,
                                                      .name_en = said->name_en,
                                                      .contact = said->contact}};
    for (size_t i = 0; !said->everyone && i < alert->area_count; i++) {
        areas[content.area_count] = area_find(graph, alert->areas[i].system, alert->areas[i].code);
        content.area_count += areas[content.area_count] != NULL;
    }
    for (size_t i = 0; i < said->value_count; i++)
        values[i] = (struct broadcast_value){.blank = said->values[i].blank,
                                             .language = said->values[i].language,
                                             .text = said->values[i].text};
    return content;
}

struct message *broadcast_message(TALLOC_CTX *context, const struct catalogue *catalogue,
                                  const struct area_graph *graph, const char *language,
                                  const struct message_scope *scope)
{
    const struct broadcast_content content = content_of(context, graph, scope);
    if (broadcast_template_find(catalogue->broadcasts, content.template_id) == NULL)
        return NULL;
    return broadcast_render(context, catalogue->broadcasts, graph, language, &content);
}
