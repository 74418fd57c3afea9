/* An effect for people and for programs. Every list is bounded, and says how much there is in all.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/effect.h"
#include "event/value.h"

#define GROUPS_SHOWN     25
#define ALERTS_SHOWN     20
#define WORDINGS_SHOWN   15
#define TABLES_SHOWN     20
#define ALERTS_LISTED    500 /* for programs */
#define AREAS_SHOWN      3
#define LANGUAGES_SHOWN  8
#define TITLE_CHARACTERS 40

__attribute__((format(printf, 2, 3))) static void add(char **text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    *text = memory_must(talloc_vasprintf_append_buffer(*text, format, arguments));
    va_end(arguments);
}

static void add_more(char **text, size_t count, size_t shown, const char *what)
{
    if (count > shown)
        add(text, "      and %zu more %s\n", count - shown, what);
}

/* ---- readers ---- */

static char *wish_text(TALLOC_CTX *context, const struct profile *profile)
{
    size_t hazards = 0;
    const char *only = "";
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        if (profile->hazards & (UINT64_C(1) << hazard)) {
            hazards++;
            only = hazard_name((enum hazard)hazard);
        }
    }
    char *text = memory_printf(context, "%s, level %d and up, ", channel_name(profile->channel),
                               profile->min_level);
    if (hazards == 1)
        add(&text, "%s only, ", only);
    else
        add(&text, "%zu hazards, ", hazards);
    for (size_t i = 0; i < profile->language_count && i < LANGUAGES_SHOWN; i++)
        add(&text, "%s%s", i > 0 ? ";" : "", profile->languages[i]);
    for (size_t i = 0; i < profile->area_count && i < AREAS_SHOWN; i++)
        add(&text, "%s%s", i > 0 ? ";" : ", ", profile->areas[i]);
    if (profile->area_count > AREAS_SHOWN)
        add(&text, " and %zu more", profile->area_count - AREAS_SHOWN);
    if (profile->drills)
        add(&text, ", drills");
    return text;
}

static bool same_profile(const struct effect_group *group)
{
    return group->before != NULL && group->after != NULL &&
           profile_equal(group->before, group->after);
}

static bool is_changed(const struct effect_group *group)
{
    return !same_profile(group) || group->messages_before != group->messages_after;
}

static const char *group_text(TALLOC_CTX *context, const struct effect_group *group)
{
    if (group->before == NULL && group->after == NULL)
        return memory_printf(context, "told nothing, before and now: %s",
                             group->fault != NULL ? group->fault : "they cannot be read");
    if (group->before == NULL)
        return memory_printf(context, "%s: %s", group->stays ? "told again" : "new",
                             wish_text(context, group->after));
    if (group->after == NULL && group->stays)
        return memory_printf(context, "%s\n      now: told nothing any more: %s",
                             wish_text(context, group->before), group->fault);
    if (group->after == NULL)
        return memory_printf(context, "leave: %s", wish_text(context, group->before));
    if (same_profile(group))
        return memory_printf(context, "%s%s", is_changed(group) ? "" : "as before: ",
                             wish_text(context, group->after));
    return memory_printf(context, "%s\n      now: %s", wish_text(context, group->before),
                         wish_text(context, group->after));
}

static char *names_of(TALLOC_CTX *context, const struct effect *effect,
                      const struct effect_readers *readers)
{
    char *text = memory_text(context, "");
    size_t shown = 0;
    for (size_t i = 0; i < readers->group_count; i++) {
        const struct effect_group *group = &effect->groups[readers->groups[i]];
        for (size_t j = 0; j < group->name_count && shown < EFFECT_NAMES; j++)
            add(&text, "%s%s", shown++ > 0 ? ", " : "", group->names[j]);
    }
    if (readers->count > shown)
        add(&text, "%s%zu more", shown > 0 ? " and " : "", readers->count - shown);
    return text;
}

static void add_group(char **text, const struct effect_group *group, bool colours)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    const char *red = colours ? "\033[31m" : "", *plain = colours ? "\033[0m" : "";
    long long more = (long long)(group->messages_after - group->messages_before);
    add(text, "%5zu × %s\n      messages before %lld, now %lld: %s%+lld%s\n", group->readers,
        group_text(scratch, group), (long long)group->messages_before,
        (long long)group->messages_after, more > 0 ? red : "", more, more > 0 ? plain : "");
    talloc_free(scratch);
}

/* Those that something changes for first. */
static void add_groups(char **text, const struct effect *effect, bool colours)
{
    size_t shown = 0;
    for (int changed = 1; changed >= 0; changed--) {
        for (size_t i = 0; i < effect->count && shown < GROUPS_SHOWN; i++) {
            if (is_changed(&effect->groups[i]) != (changed == 1))
                continue;
            add_group(text, &effect->groups[i], colours);
            shown++;
        }
    }
    add_more(text, effect->count, shown, "groups");
}

/* ---- alerts ---- */

static void add_readers(char **text, const struct effect *effect, const char *what,
                        const struct effect_readers *readers)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    if (readers->count > 0)
        add(text, "      %s %zu: %s\n", what, readers->count, names_of(scratch, effect, readers));
    talloc_free(scratch);
}

static void add_alert(char **text, const struct effect *effect, const struct effect_alert *alert)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    char at[CLOCK_TEXT_BYTES];
    add(text, "  %s level %d %s %s %s\n", clock_format_jst(alert->issued_at, at), alert->level,
        hazard_name(alert->hazard), alert_phase_name(alert->phase),
        text_cut(scratch, text_clean(scratch, alert->title_ja, false), TITLE_CHARACTERS));
    add_readers(text, effect, "lost", &alert->lost);
    add_readers(text, effect, "added", &alert->added);
    talloc_free(scratch);
}

static void add_alerts(char **text, const struct effect *effect)
{
    if (effect->alert_count == 0)
        return;
    add(text, "alerts that other readers would have been told: %zu; messages lost %zu, added %zu\n",
        effect->alert_count, effect->lost, effect->added);
    for (size_t i = 0; i < effect->alert_count && i < ALERTS_SHOWN; i++)
        add_alert(text, effect, &effect->alerts[i]);
    add_more(text, effect->alert_count, ALERTS_SHOWN, "alerts");
}

/* ---- areas and texts ---- */

static void add_tables(char **text, const struct effect *effect)
{
    if (effect->table_count == 0)
        return;
    add(text, "changed:");
    for (size_t i = 0; i < effect->table_count && i < TABLES_SHOWN; i++)
        add(text, " %s", effect->tables[i]);
    if (effect->table_count > TABLES_SHOWN)
        add(text, " and %zu more", effect->table_count - TABLES_SHOWN);
    add(text, "\n");
    if (!effect->compared)
        add(text, "what they said before is not kept: areas and texts are not compared\n");
}

static void add_wordings(char **text, const struct effect *effect)
{
    size_t differ = 0;
    if (effect->table_count == 0 || !effect->compared)
        return;
    for (size_t i = 0; i < effect->wording_count; i++)
        differ += effect->wordings[i].messages;
    add(text, "messages that were rendered both ways: %zu; texts that read otherwise: %zu\n",
        effect->messages, differ);
    for (size_t i = 0; i < effect->wording_count && i < WORDINGS_SHOWN; i++) {
        const struct effect_wording *wording = &effect->wordings[i];
        add(text, "%5zu × %s %s, %s\n      before: %s\n      now:    %s\n", wording->messages,
            hazard_name(wording->hazard), alert_phase_name(wording->phase), wording->language,
            wording->before,
            wording->after != NULL ? wording->after : "(not rendered in this language any more)");
    }
    add_more(text, effect->wording_count, WORDINGS_SHOWN, "kinds of messages");
}

static const char *verdict(const struct effect *effect)
{
    if (!effect_matters(effect))
        return "nobody who stays would have got anything else";
    if (effect->table_count > 0)
        return "areas or texts have changed: reload needs --accept";
    return "readers who stay would have got other messages: reload needs --accept";
}

char *effect_text(TALLOC_CTX *context, const struct effect *effect, bool colours)
{
    char *text =
        memory_printf(context, "the last %d days, %zu telegrams; subscribers, messages for each:\n",
                      effect->days, effect->telegrams);
    add_groups(&text, effect, colours);
    add_tables(&text, effect);
    add_alerts(&text, effect);
    add_wordings(&text, effect);
    add(&text, "%s\n", verdict(effect));
    /* The bounds of the lists keep it far below; hostile names of files and readers do not. */
    if (strlen(text) > EFFECT_TEXT_BYTES) {
        char *cut = text_cut(context, text, EFFECT_TEXT_BYTES / 4 - 1);
        talloc_free(text);
        text = cut;
    }
    return text;
}

static bool in_colour(void)
{
    const char *wish = getenv("NOROSHI_COLOUR");
    return (wish != NULL && strcmp(wish, "always") == 0) ||
           (isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == NULL);
}

void effect_print(const struct effect *effect)
{
    char *text = effect_text(NULL, effect, in_colour());
    fputs(text, stdout);
    talloc_free(text);
}

/* ---- for programs ---- */

static json_t *groups_json(TALLOC_CTX *scratch, const struct effect *effect)
{
    json_t *groups = memory_must(json_array());
    for (size_t i = 0; i < effect->count; i++) {
        const struct effect_group *group = &effect->groups[i];
        json_t *json =
            json_pack("{sIsssssIsI}", "readers", (json_int_t)group->readers, "before",
                      group->before != NULL ? wish_text(scratch, group->before) : "", "after",
                      group->after != NULL ? wish_text(scratch, group->after) : "",
                      "messages_before", (json_int_t)group->messages_before, "messages_after",
                      (json_int_t)group->messages_after);
        value_set_text(json, "fault", group->fault);
        json_array_append_new(groups, json);
    }
    return groups;
}

static json_t *readers_json(const struct effect *effect, const struct effect_readers *readers)
{
    json_t *names = memory_must(json_array());
    for (size_t i = 0; i < readers->group_count; i++) {
        const struct effect_group *group = &effect->groups[readers->groups[i]];
        for (size_t j = 0; j < group->name_count && json_array_size(names) < EFFECT_NAMES; j++)
            json_array_append_new(names, json_string(group->names[j]));
    }
    return json_pack("{sIso}", "readers", (json_int_t)readers->count, "names", names);
}

static json_t *alerts_json(const struct effect *effect)
{
    json_t *alerts = memory_must(json_array());
    for (size_t i = 0; i < effect->alert_count && i < ALERTS_LISTED; i++) {
        const struct effect_alert *alert = &effect->alerts[i];
        json_t *json =
            json_pack("{sssssssssisoso}", "id", alert->id, "title_ja", alert->title_ja, "hazard",
                      hazard_name(alert->hazard), "phase", alert_phase_name(alert->phase), "level",
                      alert->level, "lost", readers_json(effect, &alert->lost), "added",
                      readers_json(effect, &alert->added));
        value_set_time(json, "issued_at", alert->issued_at);
        json_array_append_new(alerts, json);
    }
    return alerts;
}

static json_t *wordings_json(const struct effect *effect)
{
    json_t *wordings = memory_must(json_array());
    for (size_t i = 0; i < effect->wording_count; i++) {
        const struct effect_wording *wording = &effect->wordings[i];
        json_t *json =
            json_pack("{sssssssIss}", "hazard", hazard_name(wording->hazard), "phase",
                      alert_phase_name(wording->phase), "language", wording->language, "messages",
                      (json_int_t)wording->messages, "alert", wording->alert_id);
        value_set_text(json, "before", wording->before);
        value_set_text(json, "after", wording->after);
        json_array_append_new(wordings, json);
    }
    return wordings;
}

void effect_print_json(const struct effect *effect)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    json_t *tables = memory_must(json_array());
    for (size_t i = 0; i < effect->table_count; i++)
        json_array_append_new(tables, json_string(effect->tables[i]));
    json_t *json =
        json_pack("{sisIsbsososbsIsIsIsosIso}", "days", effect->days, "telegrams",
                  (json_int_t)effect->telegrams, "needs_accept", effect_matters(effect), "groups",
                  groups_json(scratch, effect), "changed", tables, "compared", effect->compared,
                  "alerts_changed", (json_int_t)effect->alert_count, "messages_lost",
                  (json_int_t)effect->lost, "messages_added", (json_int_t)effect->added, "alerts",
                  alerts_json(effect), "messages_compared", (json_int_t)effect->messages, "texts",
                  wordings_json(effect));
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    puts(text);
    free(text);
    json_decref(json);
    talloc_free(scratch);
}
