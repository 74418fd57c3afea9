/* Whether a match lies wholly inside a silence: in each of its areas that is in force. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/alert.h"
#include "broadcast/silence.h"
#include "event/value.h"

struct silences {
    const struct area_graph *graph;
    struct silence *const *list;
    size_t count;
};

json_t *silence_to_json(const struct silence *silence)
{
    json_t *json = memory_must(json_object()), *areas = memory_must(json_array());
    value_set_text(json, "id", silence->id);
    value_set_text(json, "hazard", hazard_name(silence->hazard));
    for (size_t i = 0; i < silence->area_count; i++)
        json_array_append_new(areas, json_string(silence->areas[i]));
    json_object_set_new(json, "areas", areas);
    value_set_integer(json, "level_max", silence->level_max);
    value_set_time(json, "from", silence->from);
    value_set_time(json, "until", silence->until);
    value_set_time(json, "ended_at", silence->ended_at);
    value_set_text(json, "reason", silence->reason);
    value_set_text(json, "author", silence->author);
    value_set_text(json, "approver", silence->approver);
    value_set_time(json, "approved_at", silence->approved_at);
    return json;
}

struct silence *silence_from_json(TALLOC_CTX *context, const json_t *json)
{
    enum hazard hazard;
    if (!hazard_from_name(value_borrow(json, "hazard"), &hazard) ||
        value_borrow(json, "id") == NULL)
        return NULL;
    struct silence *silence = memory_new(context, struct silence);
    *silence = (struct silence){.id = value_text(silence, json, "id"),
                                .hazard = hazard,
                                .level_max = value_integer(json, "level_max"),
                                .from = value_time(json, "from"),
                                .until = value_time(json, "until"),
                                .ended_at = value_time(json, "ended_at"),
                                .reason = value_text(silence, json, "reason"),
                                .author = value_text(silence, json, "author"),
                                .approver = value_text(silence, json, "approver"),
                                .approved_at = value_time(json, "approved_at")};
    const json_t *list = json_object_get(json, "areas");
    const char **areas = memory_array(silence, const char *, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *area = json_string_value(json_array_get(list, i));
        if (area != NULL)
            areas[silence->area_count++] = memory_text(silence, area);
    }
    silence->areas = areas;
    return silence;
}

bool silence_possible(enum hazard hazard)
{
    return hazard != HAZARD_EARTHQUAKE && hazard != HAZARD_TSUNAMI && hazard != HAZARD_VOLCANO &&
           hazard != HAZARD_BROADCAST && (unsigned)hazard < HAZARD_COUNT;
}

bool silence_needs_approval(const struct silence *silence)
{
    return silence->level_max > SILENCE_ALONE_MOST;
}

bool silence_on(const struct silence *silence, usec_t now)
{
    bool approved = silence->approver != NULL && !text_equal(silence->approver, silence->author);
    return silence_possible(silence->hazard) && silence->ended_at == 0 && silence->from <= now &&
           now < silence->until && (approved || !silence_needs_approval(silence));
}

struct silences *silences_new(TALLOC_CTX *context, const struct area_graph *graph,
                              struct silence *const *list, size_t count)
{
    struct silences *silences = memory_new(context, struct silences);
    silences->graph = graph;
    silences->list = list;
    silences->count = count;
    return silences;
}

/* Every municipality of the area is in the set: adding it makes the set no larger. */
static bool inside(const struct silences *silences, size_t index, const struct alert_area *area)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    struct area_set *sum = area_set_new(scratch, silences->graph);
    const struct silence *silence = silences->list[index];
    bool known = true;
    for (size_t i = 0; i < silence->area_count; i++) {
        const struct area *own = broadcast_area(silences->graph, silence->areas[i]);
        known =
            known && own != NULL && area_set_add(sum, silences->graph, own->system, own->code) >= 0;
    }
    size_t before = area_set_count(sum);
    known = known && area->code != NULL &&
            area_set_add(sum, silences->graph, area->system, area->code) >= 0;
    bool same = known && area_set_count(sum) == before;
    talloc_free(scratch);
    return same;
}

static bool rises(enum alert_phase phase)
{
    return phase == PHASE_ISSUE || phase == PHASE_UPGRADE || phase == PHASE_UPDATE;
}

static bool mutes(const struct silences *silences, size_t index, const struct alert *alert,
                  const struct match *match)
{
    const struct silence *silence = silences->list[index];
    for (size_t i = 0; i < match->area_count; i++) {
        const struct alert_area *area = &alert->areas[match->areas[i]];
        if (area->level > silence->level_max || (area->level > 0 && !inside(silences, index, area)))
            return false;
    }
    return match->area_count > 0;
}

const struct silence *silences_mute(const struct silences *silences, const struct alert *alert,
                                    const struct match *match, usec_t now)
{
    for (size_t i = 0; silences != NULL && i < silences->count; i++) {
        const struct silence *silence = silences->list[i];
        if (silence->hazard == alert->hazard && alert->status == STATUS_ACTUAL &&
            rises(match->phase) && match->level <= silence->level_max && silence_on(silence, now) &&
            mutes(silences, i, alert, match))
            return silence;
    }
    return NULL;
}
