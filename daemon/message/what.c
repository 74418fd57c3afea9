/* What happens and how bad it is: the kind, the sentences, the facts. */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/compose.h"

#define COASTS_SHOWN       6
#define OBSERVATIONS_SHOWN 3

static void add_line(char **text, const char *line)
{
    if (!text_given(line))
        return;
    *text = memory_must(
        talloc_asprintf_append_buffer(*text, "%s%s", (*text)[0] != '\0' ? "\n" : "", line));
}

static const char *hazard_key(const struct composing *composing, const char *section)
{
    return memory_printf(composing->context, "%s.%s", section,
                         hazard_name(composing->alert->hazard));
}

static const char *intensity_text(const struct composing *composing, const char *intensity)
{
    return say(composing, memory_printf(composing->context, "intensity.%s", intensity));
}

/* Grade of the highest level in the scope, for hazards whose areas have one. */
static const char *scope_grade(const struct composing *composing)
{
    for (size_t i = 0; i < scope_count(composing); i++) {
        const struct alert_area *area = scope_area(composing, i);
        if (area->level == composing->scope->level && text_given(area->grade))
            return area->grade;
    }
    return NULL;
}

const char *say_kind(const struct composing *composing)
{
    const struct alert *alert = composing->alert;
    const char *intensity = scope_intensity(composing), *grade = scope_grade(composing);
    if (alert->generic)
        return say(composing, hazard_key(composing, "hazard"));
    if (alert->hazard == HAZARD_EARTHQUAKE) {
        if (alert->quake != NULL && alert->quake->eruption)
            return say(composing, "kind.earthquake.eruption");
        if (alert->quake != NULL && alert->quake->distant)
            return say(composing, "kind.earthquake.distant");
        if (intensity != NULL)
            return fill(composing, "kind.earthquake.intensity", "intensity",
                        intensity_text(composing, intensity), NULL);
    }
    const char *key = grade != NULL ? memory_printf(composing->context, "kind.%s.%s",
                                                    hazard_name(alert->hazard), grade)
                                    : NULL;
    if (key != NULL && catalogue_has(composing->language, key))
        return say(composing, key);
    return say(composing, hazard_key(composing, "hazard"));
}

static const char *phase_sentence(const struct composing *composing)
{
    const struct message_scope *scope = composing->scope;
    TALLOC_CTX *context = composing->context;
    switch (scope->phase) {
    case PHASE_ISSUE:
        return NULL;
    case PHASE_UPGRADE:
        return say(composing, "what.upgrade");
    case PHASE_UPDATE:
        return say(composing, "what.update");
    case PHASE_DOWNGRADE:
        return fill(composing, "what.downgrade", "old",
                    format_number(context, composing->language, scope->previous_level), "new",
                    format_number(context, composing->language, scope->level), NULL);
    case PHASE_CORRECTION:
        return say(composing, "what.correction");
    case PHASE_CANCEL:
        return say(composing, "what.cancel");
    case PHASE_ALL_CLEAR:
        return say(composing, composing->alert->hazard == HAZARD_TSUNAMI ? "what.all-clear-tsunami"
                                                                         : "what.all-clear");
    case PHASE_COUNT:
        break;
    }
    return NULL;
}

static const char *judgement_sentence(const struct composing *composing)
{
    const char *judgement = composing->alert->quake->tsunami_judgement;
    if (judgement == NULL)
        return say(composing, "what.judgement-unknown");
    if (text_starts(judgement, "possible"))
        return say(composing, "what.judgement-possible");
    return say(composing, memory_printf(composing->context, "what.judgement-%s", judgement));
}

static void add_quake_sentences(const struct composing *composing, char **text)
{
    const struct alert_quake *quake = composing->alert->quake;
    bool missing = false;
    for (size_t i = 0; i < scope_count(composing); i++)
        missing = missing || scope_area(composing, i)->intensity_missing;
    if (quake == NULL || (!text_given(quake->epicenter_ja) && !quake->distant))
        add_line(text, say(composing, "what.quake-flash"));
    else
        add_line(text, say(composing, quake->eruption  ? "what.quake-eruption"
                                      : quake->distant ? "what.quake-distant"
                                                       : "what.quake-details"));
    if (missing)
        add_line(text, say(composing, "what.quake-missing"));
    if (quake != NULL)
        add_line(text, judgement_sentence(composing));
}

static void add_weather_sentences(const struct composing *composing, char **text)
{
    enum hazard hazard = composing->alert->hazard;
    bool numbered = hazard == HAZARD_RAIN || hazard == HAZARD_LANDSLIDE ||
                    hazard == HAZARD_STORM_SURGE || hazard == HAZARD_FLOOD;
    const char *key = memory_printf(composing->context, "what.%s-%d",
                                    numbered ? "numbered" : "plain", composing->scope->level);
    add_line(text, say(composing, hazard_key(composing, "what")));
    if (!composing->alert->generic && catalogue_has(composing->language, key))
        add_line(text, say(composing, key));
}

const char *say_what(const struct composing *composing)
{
    char *text = memory_text(composing->context, "");
    const struct alert *alert = composing->alert;
    add_line(&text, phase_sentence(composing));
    if (composing->over)
        return text;
    if (alert->generic) {
        add_line(&text, say(composing, hazard_key(composing, "what")));
        add_line(&text, say(composing, "what.generic"));
    } else if (alert->hazard == HAZARD_EARTHQUAKE) {
        add_quake_sentences(composing, &text);
    } else if (alert->hazard == HAZARD_TSUNAMI) {
        add_line(&text, say(composing, memory_printf(composing->context, "what.tsunami-%d",
                                                     composing->scope->level)));
    } else {
        add_weather_sentences(composing, &text);
    }
    return text;
}

static const char *depth_text(const struct composing *composing, double depth_km)
{
    if (isnan(depth_km))
        return say(composing, "label.unknown");
    if (depth_km == 0)
        return say(composing, "label.shallow");
    return fill(composing, depth_km >= 600 ? "label.deep" : "label.km", "number",
                format_number(composing->context, composing->language, depth_km), NULL);
}

static const char *magnitude_text(const struct composing *composing,
                                  const struct alert_quake *quake)
{
    if (!isnan(quake->magnitude))
        return format_number(composing->context, composing->language, quake->magnitude);
    return say(composing, text_starts(quake->magnitude_text, "Ｍ８を超える")
                              ? "label.magnitude-over"
                              : "label.unknown");
}

static void add_quake_facts(const struct composing *composing, char **text)
{
    const struct alert_quake *quake = composing->alert->quake;
    const char *here = scope_intensity(composing);
    const char *tag = composing->language->tag;
    if (here != NULL)
        add_line(text, fill(composing, "label.quake-here", "intensity",
                            intensity_text(composing, here), NULL));
    if (quake == NULL)
        return;
    if (text_given(quake->max_intensity))
        add_line(text, fill(composing, "label.quake-intensity", "intensity",
                            intensity_text(composing, quake->max_intensity), NULL));
    if (quake->origin_time > 0)
        add_line(text, fill(composing, "label.quake-time", "time",
                            message_time(composing->context, composing->catalogue, tag,
                                         quake->origin_time, composing->scope->now),
                            NULL));
    if (!text_given(quake->epicenter_ja))
        return;
    add_line(text,
             fill(composing, "label.quake-centre", "place",
                  say_place(composing, AREA_EPICENTER, quake->epicenter_code, quake->epicenter_ja),
                  NULL));
    add_line(text, fill(composing, "label.quake-magnitude", "magnitude",
                        magnitude_text(composing, quake), NULL));
    add_line(text, fill(composing, "label.quake-depth", "depth",
                        depth_text(composing, quake->depth_km), NULL));
}

/* JMA's height in the reader's words: by the description, the number alone would lie. */
static const char *height_text(const struct composing *composing, double height_m,
                               const char *description)
{
    if (text_contains(description, "巨大"))
        return say(composing, "label.height-huge");
    if (text_contains(description, "高い"))
        return say(composing, "label.height-high");
    if (isnan(height_m))
        return say(composing, "label.unknown");
    const char *number = format_number(composing->context, composing->language, height_m);
    const char *key = text_contains(description, "超") || text_contains(description, "以上")
                          ? "label.height-over"
                      : text_contains(description, "未満") ? "label.height-below"
                                                           : "label.height-m";
    return fill(composing, key, "height", number, NULL);
}

static const char *arrival_text(const struct composing *composing, const struct alert_area *area)
{
    if (text_contains(area->arrival_condition, "ただちに"))
        return say(composing, "label.arriving-now");
    if (text_contains(area->arrival_condition, "到達") ||
        text_contains(area->arrival_condition, "第１波の到達を確認"))
        return say(composing, "label.arrived");
    if (area->arrival_time == 0)
        return NULL;
    return message_time(composing->context, composing->catalogue, composing->language->tag,
                        area->arrival_time, composing->scope->now);
}

static void add_tsunami_facts(const struct composing *composing, char **text)
{
    const struct alert *alert = composing->alert;
    for (size_t i = 0; i < scope_count(composing) && i < COASTS_SHOWN; i++) {
        const struct alert_area *area = scope_area(composing, i);
        if (area->level < 3)
            continue;
        const char *place = say_place(composing, area->system, area->code, area->name_ja);
        const char *arrival = arrival_text(composing, area);
        if (arrival != NULL)
            add_line(text, fill(composing, "label.arrival", "place", place, "time", arrival, NULL));
        if (!isnan(area->height_m) || text_given(area->height_text))
            add_line(text, fill(composing, "label.height", "place", place, "height",
                                height_text(composing, area->height_m, area->height_text), NULL));
    }
    for (size_t i = 0; i < alert->observation_count && i < OBSERVATIONS_SHOWN; i++) {
        const struct alert_observation *seen = &alert->observations[i];
        /* A small or faint first wave must not read as relief. */
        if (isnan(seen->height_m) || text_contains(seen->condition, "観測中"))
            continue;
        add_line(text, fill(composing, "what.tsunami-observed", "station",
                            text_clean(composing->context, seen->station_ja, false), "height",
                            height_text(composing, seen->height_m, seen->height_text), "time",
                            message_time(composing->context, composing->catalogue,
                                         composing->language->tag, seen->at, composing->scope->now),
                            NULL));
    }
}

const char *say_facts(const struct composing *composing)
{
    char *text = memory_text(composing->context, "");
    const struct alert *alert = composing->alert;
    if (composing->over)
        return text;
    if (alert->generic) {
        const char *original = text_given(alert->headline_ja) ? alert->headline_ja : alert->text_ja;
        if (text_given(original))
            add_line(&text, fill(composing, "label.original", "text",
                                 text_cut(composing->context,
                                          text_clean(composing->context, original, false), 400),
                                 NULL));
    } else if (alert->hazard == HAZARD_EARTHQUAKE) {
        add_quake_facts(composing, &text);
    } else if (alert->hazard == HAZARD_TSUNAMI) {
        add_tsunami_facts(composing, &text);
    }
    return text;
}
