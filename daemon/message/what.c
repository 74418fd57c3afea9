/* What happens and how bad it is: the kind and the sentences.
 *
 * JMA's own level numbers stand only in kinds of hazards that JMA numbers (kind.*); our danger 1 to
 * 5 is always called so. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/compose.h"

/* Below it stand investigations and their ends, which do not say that anything is likelier. */
#define LIKELY_LEVEL 3

static const char *hazard_word(const struct composing *composing, const char *section)
{
    return say_word(composing, section, hazard_name(composing->alert->hazard), NULL);
}

const char *say_chip(const struct composing *composing, const char *colour)
{
    const char *colour_word = say_word(composing, "colour", colour, colour);
    if (composing->drill)
        return fill(composing, "chip.drill", "colour", colour_word, NULL);
    if (composing->scope->phase == PHASE_CANCEL)
        return fill(composing, "chip.withdrawn", "colour", colour_word, NULL);
    if (composing->over)
        return fill(composing, "chip.ended", "colour", colour_word, NULL);
    const char *level = memory_printf(composing->context, "%d", composing->level);
    return fill(composing, "chip.level", "level", say_number(composing, composing->level), "word",
                say_word(composing, "level", level, level), "colour", colour_word, NULL);
}

const char *kind_of_level(const struct composing *composing, const struct language *language,
                          int level)
{
    const char *grade = NULL;
    for (size_t i = 0; i < composing->area_count && grade == NULL; i++) {
        if (composing->areas[i]->level == level && text_given(composing->areas[i]->grade))
            grade = composing->areas[i]->grade;
    }
    if (grade == NULL)
        grade = composing->alert->grade;
    if (grade == NULL || language == NULL)
        return NULL;
    const char *key = memory_printf(composing->context, "kind.%s.%s",
                                    hazard_name(composing->alert->hazard), grade);
    if (!catalogue_has(language, key))
        return NULL;
    return catalogue_text_of(composing->catalogue, language, key);
}

static const char *quake_kind(const struct composing *composing)
{
    const struct alert_quake *quake = composing->alert->quake;
    const char *intensity = scope_intensity(composing);
    if (quake != NULL && quake->eruption)
        return say(composing, "kind.earthquake.eruption");
    if (quake != NULL && quake->distant)
        return say(composing, "kind.earthquake.distant");
    if (intensity == NULL)
        return hazard_word(composing, "hazard");
    return fill(composing, "kind.earthquake.intensity", "intensity",
                say_word(composing, "intensity", intensity, intensity), NULL);
}

const char *say_hazard(const struct composing *composing)
{
    /* Of several about the same volcano only one was withdrawn. */
    bool withdrawn =
        composing->alert->hazard == HAZARD_VOLCANO && composing->scope->phase == PHASE_CANCEL;
    const char *kind = withdrawn ? kind_of_level(composing, composing->language, 0) : NULL;
    if (kind != NULL)
        return kind;
    return composing->likely ? say(composing, "hazard.information")
                             : hazard_word(composing, "hazard");
}

const char *say_kind(const struct composing *composing)
{
    const char *kind = kind_of_level(composing, composing->language, composing->level);
    if (kind != NULL)
        return kind;
    if (composing->likely && composing->level >= LIKELY_LEVEL)
        return say(composing, "kind.earthquake.likely");
    if (composing->alert->hazard == HAZARD_EARTHQUAKE && !composing->alert->generic)
        return quake_kind(composing);
    return say_hazard(composing);
}

static const char *lowered(const struct composing *composing)
{
    const struct message_scope *scope = composing->scope;
    return fill(composing, composing->level >= 2 ? "what.downgrade" : "what.downgrade-low", "old",
                say_number(composing, scope->previous_level), "new",
                say_number(composing, composing->level), NULL);
}

static const char *phase_sentence(const struct composing *composing)
{
    switch (composing->scope->phase) {
    case PHASE_ISSUE:
        return NULL;
    case PHASE_UPGRADE: /* the headline says both */
        return composing->aloud ? NULL : say(composing, "what.upgrade");
    case PHASE_UPDATE:
        return composing->aloud ? NULL : say(composing, "what.update");
    case PHASE_DOWNGRADE:
        return lowered(composing);
    case PHASE_CORRECTION:
        /* A test has no second sentence: nothing of it is JMA's, and its own says it all. */
        return alert_is_own_test(composing->alert) ? NULL : say(composing, "what.correction");
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
    const struct alert_quake *quake = composing->alert->quake;
    const char *judgement = quake != NULL ? quake->tsunami_judgement : NULL;
    const char *unknown = say(composing, "what.judgement-unknown");
    if (judgement == NULL)
        return unknown;
    if (text_starts(judgement, "possible"))
        return say(composing, "what.judgement-possible");
    return say_word(composing, "what", memory_printf(composing->context, "judgement-%s", judgement),
                    unknown);
}

static const char *quake_sentence(const struct composing *composing)
{
    const struct alert_quake *quake = composing->alert->quake;
    if (quake != NULL && quake->eruption) {
        /* The sentence holds "a tsunami is possible", which JMA may have denied by now. */
        bool denied = text_equal(quake->tsunami_judgement, "no-effect") ||
                      text_equal(quake->tsunami_judgement, "none");
        return denied ? NULL : say(composing, "what.quake-eruption");
    }
    if (quake != NULL && quake->distant)
        return say(composing, "what.quake-distant");
    bool flash = quake == NULL || !text_given(quake->epicenter_ja);
    return say(composing,
               flash && !composing->alert->generic ? "what.quake-flash" : "what.quake-details");
}

static void add_quake_sentences(const struct composing *composing, char **text)
{
    bool missing = false;
    for (size_t i = 0; i < composing->area_count; i++)
        missing = missing || composing->areas[i]->intensity_missing;
    line_add(text, quake_sentence(composing));
    if (missing)
        line_add(text, say(composing, "what.quake-missing"));
    line_add(text, judgement_sentence(composing));
}

/* A tsunami telegram that was not understood must not sound harmless because its level is low. */
static const char *tsunami_sentence(const struct composing *composing)
{
    if (composing->alert->generic && composing->level < 3)
        return say(composing, "what.judgement-possible");
    const char *key = memory_printf(composing->context, "tsunami-%d", composing->level);
    return say_word(composing, "what", key, say(composing, "what.judgement-possible"));
}

/* "volcano-level-3": the key of what is special to this kind, after `section`; NULL for none. */
const char *graded_key(const struct composing *composing, const char *section)
{
    const struct alert *alert = composing->alert;
    const char *grade = alert->grade;
    for (size_t i = 0; i < composing->area_count; i++) {
        if (composing->areas[i]->level == composing->level &&
            text_given(composing->areas[i]->grade)) {
            grade = composing->areas[i]->grade;
            break;
        }
    }
    if (grade == NULL)
        return NULL;
    return memory_printf(composing->context, "%s%s-%s", section, hazard_name(alert->hazard), grade);
}

static const char *graded_sentence(const struct composing *composing)
{
    const char *key = graded_key(composing, "what.");
    return key != NULL && catalogue_has(composing->language, key) ? say(composing, key) : NULL;
}

static void add_weather_sentences(const struct composing *composing, char **text)
{
    enum hazard hazard = composing->alert->hazard;
    bool numbered = hazard == HAZARD_RAIN || hazard == HAZARD_LANDSLIDE ||
                    hazard == HAZARD_STORM_SURGE || hazard == HAZARD_FLOOD;
    line_add(text, hazard_word(composing, "what"));
    if (!composing->alert->generic) {
        const char *key = memory_printf(composing->context, "%s-%d",
                                        numbered ? "numbered" : "plain", composing->level);
        line_add(text, say_word(composing, "what", key, NULL));
    }
}

const char *say_what(const struct composing *composing)
{
    char *text = memory_text(composing->context, "");
    enum hazard hazard = composing->alert->hazard;
    line_add(&text, phase_sentence(composing));
    const char *graded = graded_sentence(composing);
    if (composing->over) {
        /* What is left when it is over for all: the volcano is calm and active. */
        if (composing->alert->phase == PHASE_ALL_CLEAR && graded != NULL)
            line_add(&text, graded);
        line_add(&text, say_facts(composing));
        return text;
    }
    if (graded != NULL)
        line_add(&text, graded);
    else if (composing->likely)
        line_add(&text, say(composing, composing->level >= LIKELY_LEVEL ? "what.quake-likely"
                                                                        : "what.information"));
    else if (hazard == HAZARD_EARTHQUAKE)
        add_quake_sentences(composing, &text);
    else if (hazard == HAZARD_TSUNAMI)
        line_add(&text, tsunami_sentence(composing));
    else
        add_weather_sentences(composing, &text);
    if (composing->alert->generic)
        line_add(&text, say(composing, "what.generic"));
    line_add(&text, say_facts(composing));
    return text;
}
