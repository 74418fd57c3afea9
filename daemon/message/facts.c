/* Facts as "Label: value" lines: shaking, earthquake, arrival and height of a tsunami, what was
 * seen at the coast, and the Japanese text where nothing else can be given. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/compose.h"

#define COASTS_SHOWN        6
#define OBSERVATIONS_SHOWN  3
#define ORIGINAL_CHARACTERS 400

static const char *depth_text(const struct composing *composing, double depth_km)
{
    if (isnan(depth_km))
        return say(composing, "label.unknown");
    if (depth_km <= 0)
        return say(composing, "label.shallow");
    return fill(composing, depth_km >= 600 ? "label.deep" : "label.km", "number",
                say_number(composing, depth_km), NULL);
}

static const char *magnitude_text(const struct composing *composing,
                                  const struct alert_quake *quake)
{
    if (!isnan(quake->magnitude))
        return say_number(composing, quake->magnitude);
    return say(composing, text_contains(quake->magnitude_text, "８を超える")
                              ? "label.magnitude-over"
                              : "label.unknown");
}

/* Where and how large: nothing before JMA knows the place. */
static void add_source(const struct composing *composing, const struct alert_quake *quake,
                       char **text)
{
    if (quake->origin_time > 0)
        line_add(text, fill(composing, "label.quake-time", "time",
                            say_time(composing, quake->origin_time), NULL));
    if (!text_given(quake->epicenter_ja))
        return;
    line_add(text,
             fill(composing, "label.quake-centre", "place",
                  say_place(composing, AREA_EPICENTER, quake->epicenter_code, quake->epicenter_ja),
                  NULL));
    line_add(text, fill(composing, "label.quake-magnitude", "magnitude",
                        magnitude_text(composing, quake), NULL));
    line_add(text, fill(composing, "label.quake-depth", "depth",
                        depth_text(composing, quake->depth_km), NULL));
}

static void add_quake_facts(const struct composing *composing, char **text)
{
    const struct alert_quake *quake = composing->alert->quake;
    const char *here = scope_intensity(composing);
    const char *most = quake != NULL ? quake->max_intensity : NULL;
    if (here != NULL)
        line_add(text, fill(composing, "label.quake-here", "intensity",
                            say_word(composing, "intensity", here, here), NULL));
    if (text_given(most) && intensity_rank(most) > 0)
        line_add(text, fill(composing, "label.quake-intensity", "intensity",
                            say_word(composing, "intensity", most, most), NULL));
    if (quake != NULL)
        add_source(composing, quake, text);
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
    const char *key = text_contains(description, "超") || text_contains(description, "以上")
                          ? "label.height-over"
                      : text_contains(description, "未満") ? "label.height-below"
                                                           : "label.height-m";
    return fill(composing, key, "height", say_number(composing, height_m), NULL);
}

/* "第１波の到達を確認" has arrived; "津波到達中と推測" is arriving. */
static const char *arrival_text(const struct composing *composing, const struct alert_area *area)
{
    const char *condition = area->arrival_condition;
    if (text_contains(condition, "ただちに") || text_contains(condition, "到達中"))
        return say(composing, "label.arriving-now");
    if (text_contains(condition, "到達"))
        return say(composing, "label.arrived");
    return area->arrival_time != 0 ? say_time(composing, area->arrival_time) : NULL;
}

static void add_coast(const struct composing *composing, const struct alert_area *area, char **text)
{
    const char *place = say_place(composing, area->system, area->code, area->name_ja);
    const char *arrival = arrival_text(composing, area);
    if (arrival != NULL)
        line_add(text, fill(composing, "label.arrival", "place", place, "time", arrival, NULL));
    if (!isnan(area->height_m) || text_given(area->height_text))
        line_add(text, fill(composing, "label.height", "place", place, "height",
                            height_text(composing, area->height_m, area->height_text), NULL));
}

static bool is_own_coast(const struct composing *composing, const char *code)
{
    for (size_t i = 0; i < composing->area_count; i++) {
        if (text_equal(composing->areas[i]->code, code))
            return true;
    }
    return false;
}

/* A small or faint first wave must not read as relief: while JMA calls it 観測中 or 微弱, it gives
 * no height. Out at sea none is shown, so a wave that has risen may be. */
static bool may_show(const struct alert_observation *seen)
{
    if (seen->risen && !text_given(seen->area_code))
        return text_given(seen->station_ja);
    return !isnan(seen->height_m) && text_given(seen->station_ja) &&
           !text_contains(seen->condition, "観測中") && !text_contains(seen->condition, "微弱");
}

/* Better to show than the one chosen so far: the reader's own coast first, then the highest. */
static bool is_better(const struct composing *composing, const struct alert_observation *seen,
                      const struct alert_observation *best)
{
    if (best == NULL)
        return true;
    bool own = is_own_coast(composing, seen->area_code);
    bool best_own = is_own_coast(composing, best->area_code);
    if (own != best_own)
        return own;
    return isnan(best->height_m) || seen->height_m > best->height_m;
}

static const char *observation_text(const struct composing *composing,
                                    const struct alert_observation *seen)
{
    const char *station = say_original(composing, seen->station_ja, NAME_CHARACTERS);
    const char *time = say_time(composing, seen->at);
    /* Far out a wave is low; its height there would mislead. */
    if (!text_given(seen->area_code))
        return fill(composing, "what.tsunami-offshore", "station", station, "time", time, NULL);
    return fill(composing, "what.tsunami-observed", "station", station, "height",
                height_text(composing, seen->height_m, seen->height_text), "time", time, NULL);
}

static void add_observations(const struct composing *composing, char **text)
{
    const struct alert *alert = composing->alert;
    bool *shown = memory_array(composing->context, bool, alert->observation_count + 1);
    for (size_t n = 0; n < OBSERVATIONS_SHOWN; n++) {
        const struct alert_observation *best = NULL;
        for (size_t i = 0; i < alert->observation_count; i++) {
            const struct alert_observation *seen = &alert->observations[i];
            if (!shown[i] && may_show(seen) && is_better(composing, seen, best))
                best = seen;
        }
        if (best == NULL)
            return;
        shown[best - alert->observations] = true;
        line_add(text, observation_text(composing, best));
    }
}

static void add_tsunami_facts(const struct composing *composing, char **text)
{
    for (size_t i = 0; i < composing->area_count && i < COASTS_SHOWN; i++) {
        if (composing->areas[i]->level >= 3)
            add_coast(composing, composing->areas[i], text);
    }
    add_observations(composing, text);
    if (composing->alert->quake != NULL)
        add_source(composing, composing->alert->quake, text);
}

static void add_original(const struct composing *composing, char **text)
{
    const struct alert *alert = composing->alert;
    const char *original = text_given(alert->headline_ja) ? alert->headline_ja : alert->text_ja;
    if (text_given(original))
        line_add(text, fill(composing, "label.original", "text",
                            say_original(composing, original, ORIGINAL_CHARACTERS), NULL));
}

static void add_told_facts(const struct composing *composing, char **text)
{
    for (size_t i = 0; i < composing->alert->fact_count; i++) {
        const struct alert_fact *fact = &composing->alert->facts[i];
        const char *key = memory_printf(composing->context, "fact.%s", fact->name);
        const char *value = fact->value_ja == NULL
                                ? say_time(composing, fact->at)
                                : say_original(composing, fact->value_ja, NAME_CHARACTERS);
        if (catalogue_has(composing->language, key))
            line_add(text, fill(composing, key, "value", value, NULL));
    }
}

const char *say_facts(const struct composing *composing)
{
    char *text = memory_text(composing->context, "");
    const struct alert *alert = composing->alert;
    add_told_facts(composing, &text);
    if (composing->over)
        return text;
    if (alert->generic)
        add_original(composing, &text);
    else if (alert->hazard == HAZARD_EARTHQUAKE)
        add_quake_facts(composing, &text);
    else if (alert->hazard == HAZARD_TSUNAMI)
        add_tsunami_facts(composing, &text);
    return text;
}
