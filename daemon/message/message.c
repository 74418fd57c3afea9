/* A message from its parts, always in the same order: chip, what kind, where, what happens, what to
 * do now, facts, until when, source. A drill says so first and last, in its own colour. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/compose.h"
#include "message/form.h"

#define HEADLINE_PLACES 3
#define LISTED_PLACES   12

static const char *colour_of(const struct composing *composing)
{
    static const char *const colours[] = {"green", "white", "yellow", "red", "purple", "black"};
    if (composing->drill)
        return "blue";
    if (composing->over)
        return "green";
    int level = composing->scope->level;
    return colours[level >= 1 && level <= 5 ? level : 1];
}

static const char *chip_of(const struct composing *composing, const char *colour)
{
    TALLOC_CTX *context = composing->context;
    const char *colour_word = say(composing, memory_printf(context, "colour.%s", colour));
    if (composing->drill)
        return fill(composing, "chip.drill", "colour", colour_word, NULL);
    if (composing->scope->phase == PHASE_CANCEL)
        return fill(composing, "chip.withdrawn", "colour", colour_word, NULL);
    if (composing->over)
        return fill(composing, "chip.ended", "colour", colour_word, NULL);
    int level = composing->scope->level > 0 ? composing->scope->level : 1;
    return fill(composing, "chip.level", "level",
                format_number(context, composing->language, level), "word",
                say(composing, memory_printf(context, "level.%d", level)), "colour", colour_word,
                NULL);
}

static const char *headline_of(const struct composing *composing)
{
    const char *hazard = say(composing, memory_printf(composing->context, "hazard.%s",
                                                      hazard_name(composing->alert->hazard)));
    const char *key =
        memory_printf(composing->context, "headline.%s", alert_phase_name(composing->scope->phase));
    const char *headline =
        fill(composing, key, "kind", say_kind(composing), "hazard", hazard, NULL);
    const char *places = say_places(composing, 0, HEADLINE_PLACES);
    if (text_given(places))
        headline = fill(composing, "headline.places", "headline", headline, "places", places, NULL);
    if (composing->drill)
        headline = fill(composing, "label.drill-subject", "headline", headline, NULL);
    return headline;
}

/* One line, or one line a level when levels differ. */
static const char *where_of(const struct composing *composing)
{
    bool present[6] = {false};
    int levels = 0;
    char *text = memory_text(composing->context, "");
    for (size_t i = 0; i < scope_count(composing); i++) {
        int level = scope_area(composing, i)->level;
        if (level >= 0 && level <= 5 && !present[level]) {
            present[level] = true;
            levels++;
        }
    }
    if (scope_count(composing) == 0)
        return text;
    if (levels == 1 || composing->over)
        return fill(composing, "label.place", "places", say_places(composing, 0, LISTED_PLACES),
                    NULL);
    for (int level = 5; level >= 1; level--) {
        if (!present[level])
            continue;
        const char *line = fill(composing, "label.place-level", "level",
                                format_number(composing->context, composing->language, level),
                                "places", say_places(composing, level, LISTED_PLACES), NULL);
        text = memory_must(
            talloc_asprintf_append_buffer(text, "%s%s", text[0] != '\0' ? "\n" : "", line));
    }
    return text;
}

static bool no_tsunami(const struct alert *alert)
{
    const char *judgement = alert->quake != NULL ? alert->quake->tsunami_judgement : NULL;
    return text_equal(judgement, "none") || text_equal(judgement, "slight") ||
           text_equal(judgement, "no-effect");
}

static void add_actions(const struct composing *composing, struct message *message)
{
    static const char *const watch[] = {"phrase.watch-info", NULL};
    const char *hazard = hazard_name(composing->alert->hazard);
    bool withdrawn = composing->scope->phase == PHASE_CANCEL;
    int level = composing->over ? 0 : composing->scope->level > 0 ? composing->scope->level : 1;
    const char *const *phrases =
        withdrawn ? watch : catalogue_actions(composing->catalogue, hazard, level);
    if (phrases[0] == NULL && !composing->over)
        phrases = watch;
    const char **actions = memory_array(composing->context, const char *, ACTIONS_MAX + 1);
    for (size_t i = 0; phrases[i] != NULL; i++) {
        if (strcmp(phrases[i], "phrase.coast") == 0 &&
            (no_tsunami(composing->alert) || composing->scope->level < 3))
            continue;
        actions[message->action_count++] = say(composing, phrases[i]);
    }
    message->actions = actions;
}

static const char *until_of(const struct composing *composing)
{
    const struct alert *alert = composing->alert;
    if (composing->over)
        return "";
    bool by_time = alert->hazard == HAZARD_TORNADO;
    const char *until =
        by_time
            ? fill(composing, "label.until", "time",
                   message_time(composing->context, composing->catalogue, composing->language->tag,
                                alert->expires, composing->scope->now),
                   NULL)
        : alert->hazard == HAZARD_EARTHQUAKE || alert->generic
            ? NULL
            : say(composing, "label.until-lifted");
    const char *next = say(composing, "label.next");
    return until != NULL ? memory_printf(composing->context, "%s\n%s", until, next) : next;
}

static const char *source_of(const struct composing *composing)
{
    const struct alert *alert = composing->alert;
    const char *time =
        message_time(composing->context, composing->catalogue, composing->language->tag,
                     alert->reported_at, composing->scope->now + 2 * USEC_PER_DAY);
    return memory_printf(
        composing->context, "%s\n%s", fill(composing, "label.issued", "time", time, NULL),
        fill(composing, "label.source", "operator",
             text_clean(composing->context, composing->operator_name, false), NULL));
}

struct message *message_render(TALLOC_CTX *context, const struct catalogue *catalogue,
                               const struct area_graph *graph, const char *language,
                               const struct message_scope *scope, const char *operator_name)
{
    struct message *message = memory_new(context, struct message);
    const struct alert *alert = scope->alert;
    const struct language *chosen = catalogue_language(catalogue, language);
    const struct composing composing = {
        .context = message,
        .catalogue = catalogue,
        .language = chosen != NULL ? chosen : catalogue_language(catalogue, "en"),
        .graph = graph,
        .scope = scope,
        .alert = alert,
        .operator_name = operator_name,
        .drill = alert->status != STATUS_ACTUAL,
        .over = scope->phase == PHASE_CANCEL || scope->phase == PHASE_ALL_CLEAR};
    message->language = composing.language->tag;
    message->colour = colour_of(&composing);
    message->chip = chip_of(&composing, message->colour);
    message->headline = headline_of(&composing);
    message->official_ja = text_clean(message, alert->title_ja, false);
    message->where = where_of(&composing);
    message->what = say_what(&composing);
    add_actions(&composing, message);
    message->until = until_of(&composing);
    message->source = source_of(&composing);
    message->drill = composing.drill ? say(&composing, "label.drill") : NULL;
    message->delayed = alert->delayed ? say(&composing, "label.delayed") : NULL;
    form_short(&composing, message);
    form_plain(&composing, message);
    form_html(&composing, message);
    return message;
}
