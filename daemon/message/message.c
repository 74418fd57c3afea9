/* A message from its parts, always in the same order: chip, what kind, where, what happens, what to
 * do now, until when, source. A drill says so first and last, in its own colour. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/compose.h"
#include "message/broadcast_alert.h"
#include "message/form.h"

#define HEADLINE_PLACES 3

static const char *colour_of(const struct composing *composing)
{
    if (composing->drill)
        return "blue";
    if (composing->over)
        return "green";
    return composing->catalogue->colours[composing->level];
}

static const char *headline_key(const struct composing *composing)
{
    /* Danger 1 is no longer "still dangerous". */
    if (composing->scope->phase == PHASE_DOWNGRADE && composing->level < 2)
        return "headline.downgrade-low";
    return memory_printf(composing->context, "headline.%s",
                         alert_phase_name(composing->scope->phase));
}

static const char *with_drill(const struct composing *composing, const char *headline)
{
    return composing->drill ? fill(composing, "label.drill-subject", "headline", headline, NULL)
                            : headline;
}

static const char *title_of(const struct composing *composing)
{
    return fill(composing, headline_key(composing), "kind", say_kind(composing), "hazard",
                say_hazard(composing), NULL);
}

static const char *with_places(const struct composing *composing, const char *title)
{
    const char *places = say_headline_places(composing, HEADLINE_PLACES);
    return text_given(places)
               ? fill(composing, "headline.places", "headline", title, "places", places, NULL)
               : title;
}

/* The subject of a mail stands alone: it says the level, which the chip says elsewhere. */
static const char *headline_of(const struct composing *composing, const char *heading)
{
    if (!composing->over)
        heading = fill(composing, "label.place-level", "level",
                       say_number(composing, composing->level), "places", heading, NULL);
    return with_drill(composing, heading);
}

/* What TV shows: the kind as JMA calls it, else the title of the telegram. */
static const char *official_of(const struct composing *composing)
{
    if (alert_is_own_test(composing->alert))
        return "";
    const struct language *japanese = catalogue_language(composing->catalogue, "ja");
    /* The kinds of 2026 are not what an older telegram is called. */
    bool titled = composing->over || composing->alert->transitional;
    const char *kind = titled ? NULL : kind_of_level(composing, japanese, composing->level);
    return say_original(composing, kind != NULL ? kind : composing->alert->title_ja,
                        TITLE_CHARACTERS);
}

static bool judged(const struct composing *composing, const char *const *judgements)
{
    const struct alert_quake *quake = composing->alert->quake;
    for (; quake != NULL && *judgements != NULL; judgements++) {
        if (text_equal(quake->tsunami_judgement, *judgements))
            return true;
    }
    return false;
}

/* Whether "go to high ground" belongs to this earthquake. Strong shaking: unless JMA says no. Weak
 * shaking: only when JMA says that a tsunami may come. */
static bool coast_in_danger(const struct composing *composing)
{
    static const char *const denied[] = {"none", "slight", "no-effect", NULL};
    static const char *const possible[] = {"in-force", "wait", "possible-pacific",
                                           "possible-region", NULL};
    return composing->level >= 3 ? !judged(composing, denied) : judged(composing, possible);
}

static const char *const *phrases_of(const struct composing *composing)
{
    static const char *const watch[] = {"phrase.watch-info", NULL}, *const nothing[] = {NULL};
    const struct alert *alert = composing->alert;
    if (alert_is_own_test(alert))
        return nothing;
    if (composing->scope->phase == PHASE_CANCEL)
        return watch;
    bool distant = alert->hazard == HAZARD_EARTHQUAKE && alert->quake != NULL &&
                   alert->quake->distant && !alert->generic;
    const char *hazard = composing->likely ? "earthquake-likely"
                         : distant         ? "earthquake-distant"
                                           : hazard_name(alert->hazard);
    const char *graded = composing->over ? NULL : graded_key(composing, "");
    const char *const *phrases =
        graded != NULL ? catalogue_actions(composing->catalogue, graded, composing->level) : NULL;
    if (phrases == NULL || phrases[0] == NULL)
        phrases =
            catalogue_actions(composing->catalogue, hazard, composing->over ? 0 : composing->level);
    return phrases[0] == NULL && !composing->over ? watch : phrases;
}

static bool has_action(const struct message *message, const char *action)
{
    for (size_t i = 0; i < message->action_count; i++) {
        if (strcmp(message->actions[i], action) == 0)
            return true;
    }
    return false;
}

static void add_actions(const struct composing *composing, struct message *message)
{
    const char **actions = memory_array(composing->context, const char *, 2 * ACTIONS_MAX + 1);
    message->actions = actions;
    for (const char *const *phrase = phrases_of(composing); *phrase != NULL; phrase++) {
        if (strcmp(*phrase, "phrase.coast") != 0 || coast_in_danger(composing))
            actions[message->action_count++] = say(composing, *phrase);
    }
    if (!composing->alert->generic || composing->over)
        return;
    for (const char *const *phrase = composing->catalogue->unclear; *phrase != NULL; phrase++) {
        const char *action = say(composing, *phrase);
        if (!has_action(message, action))
            actions[message->action_count++] = action;
    }
}

/* Only these end by their time, without a telegram; a whole day is our own bound, not JMA's. */
static bool ends_by_time(const struct composing *composing)
{
    const struct alert *alert = composing->alert;
    usec_t day_after = alert->issued_at + USEC_PER_DAY;
    bool timed = alert->hazard == HAZARD_TORNADO || alert->hazard == HAZARD_HEAT;
    return text_starts(alert->grade, "ash-") || (timed && alert->expires < day_after) ||
           (composing->likely && alert->expires > day_after);
}

/* Nobody lifts an earthquake or an eruption: it happened. */
static bool is_lifted(const struct alert *alert)
{
    bool happened =
        alert->hazard == HAZARD_EARTHQUAKE ||
        (alert->hazard == HAZARD_VOLCANO && alert->expires <= alert->issued_at + USEC_PER_DAY);
    return !happened && !alert->generic;
}

static const char *until_of(const struct composing *composing)
{
    const struct alert *alert = composing->alert;
    if (composing->over || alert_is_own_test(alert))
        return "";
    char *text = memory_text(composing->context, "");
    if (ends_by_time(composing))
        line_add(&text,
                 fill(composing, "label.until", "time", say_time(composing, alert->expires), NULL));
    else if (is_lifted(alert))
        line_add(&text, say(composing, "label.until-lifted"));
    line_add(&text, say(composing, "label.next"));
    return text;
}

static const char *source_of(const struct composing *composing)
{
    TALLOC_CTX *context = composing->context;
    if (alert_is_own_test(composing->alert)) /* nothing of it is JMA's */
        return text_clean(context, composing->operator_name, false);
    /* A mail is read later and forwarded: the time of issue always has its date (now unknown). */
    const char *time = message_time(context, composing->catalogue, composing->language->tag,
                                    composing->alert->reported_at, 0);
    const char *credit = composing->aloud ? "label.source-aloud" : "label.source";
    return memory_printf(context, "%s\n%s", fill(composing, "label.issued", "time", time, NULL),
                         fill(composing, credit, "operator",
                              text_clean(context, composing->operator_name, false), NULL));
}

static struct composing begin(struct message *message, const struct catalogue *catalogue,
                              const struct area_graph *graph, const char *language,
                              const struct message_scope *scope)
{
    const struct language *chosen = catalogue_language(catalogue, language);
    struct composing composing = {
        .context = message,
        .catalogue = catalogue,
        .language = chosen != NULL ? chosen : catalogue_language(catalogue, "en"),
        .graph = graph,
        .scope = scope,
        .official_key = "label.official",
        .alert = scope->alert,
        .drill = scope->alert->status != STATUS_ACTUAL,
        .over = scope->phase == PHASE_CANCEL || scope->phase == PHASE_ALL_CLEAR,
        .likely =
            scope->alert->hazard == HAZARD_EARTHQUAKE && text_starts(scope->alert->code, "VYSE"),
        .level = scope->level < 1   ? 1
                 : scope->level > 5 ? 5
                                    : scope->level};
    places_sort(&composing);
    return composing;
}

/* The parts, with their marks of Japanese text. */
static void compose(struct composing *composing, struct message *message)
{
    const struct alert *alert = composing->alert;
    message->language = composing->language->tag;
    message->colour = colour_of(composing);
    message->chip = say_chip(composing, message->colour);
    const char *title = title_of(composing), *heading = with_places(composing, title);
    message->headline = headline_of(composing, heading);
    composing->title = with_drill(composing, title);
    composing->heading = with_drill(composing, heading);
    composing->heading_tells_where = headline_tells_where(composing, HEADLINE_PLACES);
    message->official_ja = official_of(composing);
    message->where = say_where(composing);
    message->what = say_what(composing);
    add_actions(composing, message);
    message->until = until_of(composing);
    message->source = source_of(composing);
    message->drill = composing->drill ? say(composing, "label.drill") : NULL;
    message->delayed = alert->delayed         ? say(composing, "label.delayed")
                       : alert->delay_unknown ? say(composing, "label.delay-unknown")
                                              : NULL;
    message->transitional = alert->transitional ? say(composing, "label.transitional") : NULL;
}

/* An end is told by the hazard; what is in force by its kind, or by the hazard where that is long.
 */
static const char *short_of(const struct composing *composing, const struct message *message)
{
    struct short_parts parts = {.place = mark_strip(composing->context, say_short_place(composing)),
                                .action = ""};
    if (composing->over) {
        bool withdrawn = composing->scope->phase == PHASE_CANCEL;
        parts.what = parts.briefly =
            fill(composing, withdrawn ? "headline.cancel" : "headline.all-clear", "hazard",
                 say_word(composing, "hazard", hazard_name(composing->alert->hazard), ""), NULL);
        return form_short(composing, &parts);
    }
    const char *level = say_number(composing, composing->level), *most = say_number(composing, 5);
    parts.what = memory_printf(composing->context, "%s/%s %s", level, most, say_kind(composing));
    parts.briefly =
        memory_printf(composing->context, "%s/%s %s", level, most, say_hazard(composing));
    parts.action = message->action_count > 0 ? message->actions[0] : "";
    return form_short(composing, &parts);
}

struct message *message_render(TALLOC_CTX *context, const struct catalogue *catalogue,
                               const struct area_graph *graph, const char *language,
                               const struct message_scope *scope, const char *operator_name)
{
    if (scope->alert->broadcast != NULL && catalogue->broadcasts != NULL) {
        struct message *said = broadcast_message(context, catalogue, graph, language, scope);
        if (said != NULL)
            return said;
    }
    struct message *message = memory_new(context, struct message);
    struct composing composing = begin(message, catalogue, graph, language, scope);
    composing.operator_name = operator_name;
    compose(&composing, message);
    form_html(&composing, message);
    form_strip(message); /* the marks are for HTML only */
    message->short_text = short_of(&composing, message);
    form_plain(&composing, message);
    return message;
}

char *message_aloud(TALLOC_CTX *context, const struct catalogue *catalogue,
                    const struct area_graph *graph, const char *language,
                    const struct message_scope *scope, const char *operator_name)
{
    struct message *message = memory_new(NULL, struct message);
    struct composing composing = begin(message, catalogue, graph, language, scope);
    composing.operator_name = operator_name;
    composing.aloud = true;
    compose(&composing, message);
    char *aloud = talloc_steal(context, form_aloud(&composing, message));
    talloc_free(message);
    return aloud;
}
