/* The keys that the program uses, with the blanks that it fills. English must have them all; the
 * other languages are compared with English. Words of the page and phrases are free: the page has
 * its own test, phrases are named by catalogue.yaml, and texts of manual broadcasts are checked
 * with their templates. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/catalogue.h"

struct key_rule {
    const char *key, *blanks; /* as blanks_of writes them */
};

static const struct key_rule rules[] = {
    {"kind.tsunami.major-warning", ""},
    {"kind.tsunami.warning", ""},
    {"kind.tsunami.advisory", ""},
    {"kind.tsunami.forecast", ""},
    {"kind.earthquake.intensity", "{intensity} "},
    {"kind.earthquake.distant", ""},
    {"kind.earthquake.eruption", ""},
    {"kind.earthquake.likely", ""},
    {"level.1", ""},
    {"level.2", ""},
    {"level.3", ""},
    {"level.4", ""},
    {"level.5", ""},
    {"colour.black", ""},
    {"colour.purple", ""},
    {"colour.red", ""},
    {"colour.yellow", ""},
    {"colour.white", ""},
    {"colour.green", ""},
    {"colour.blue", ""},
    {"intensity.1", ""},
    {"intensity.2", ""},
    {"intensity.3", ""},
    {"intensity.4", ""},
    {"intensity.5-", ""},
    {"intensity.5+", ""},
    {"intensity.6-", ""},
    {"intensity.6+", ""},
    {"intensity.7", ""},
    {"intensity.5-?", ""},
    {"chip.level", "{colour} {level} {word} "},
    {"chip.ended", "{colour} "},
    {"chip.withdrawn", "{colour} "},
    {"chip.drill", "{colour} "},
    {"headline.issue", "{kind} "},
    {"headline.upgrade", "{kind} "},
    {"headline.update", "{kind} "},
    {"headline.downgrade", "{kind} "},
    {"headline.downgrade-low", "{kind} "},
    {"headline.correction", "{kind} "},
    {"headline.cancel", "{hazard} "},
    {"headline.all-clear", "{hazard} "},
    {"headline.places", "{headline} {places} "},
    {"what.quake-flash", ""},
    {"what.quake-details", ""},
    {"what.quake-distant", ""},
    {"what.quake-eruption", ""},
    {"what.quake-missing", ""},
    {"what.quake-likely", ""},
    {"what.judgement-none", ""},
    {"what.judgement-slight", ""},
    {"what.judgement-in-force", ""},
    {"what.judgement-wait", ""},
    {"what.judgement-possible", ""},
    {"what.judgement-under-investigation", ""},
    {"what.judgement-no-effect", ""},
    {"what.judgement-unknown", ""},
    {"what.tsunami-5", ""},
    {"what.tsunami-4", ""},
    {"what.tsunami-3", ""},
    {"what.tsunami-1", ""},
    {"what.tsunami-observed", "{height} {station} {time} "},
    {"what.tsunami-offshore", "{station} {time} "},
    {"what.numbered-5", ""},
    {"what.numbered-4", ""},
    {"what.numbered-3", ""},
    {"what.numbered-2", ""},
    {"what.plain-5", ""},
    {"what.plain-3", ""},
    {"what.plain-2", ""},
    {"what.upgrade", ""},
    {"what.update", ""},
    {"what.downgrade", "{new} {old} "},
    {"what.downgrade-low", "{new} {old} "},
    {"what.correction", ""},
    {"what.cancel", ""},
    {"what.all-clear", ""},
    {"what.all-clear-tsunami", ""},
    {"what.generic", ""},
    {"fact.volcano", "{value} "},
    {"fact.river", "{value} "},
    {"fact.typhoon", "{value} "},
    {"fact.pressure", "{value} "},
    {"fact.wind", "{value} "},
    {"fact.eruption-time", "{value} "},
    {"fact.plume", "{value} "},
    {"fact.rain", "{value} "},
    {"fact.snow", "{value} "},
    {"label.do", ""},
    {"label.after", ""},
    {"label.place", "{places} "},
    {"label.place-level", "{level} {places} "},
    {"label.name", "{japanese} {name} "},
    {"label.part", "{name} {whole} "},
    {"label.more", "{count} {places} "},
    {"label.quake-time", "{time} "},
    {"label.quake-intensity", "{intensity} "},
    {"label.quake-here", "{intensity} "},
    {"label.quake-centre", "{place} "},
    {"label.quake-magnitude", "{magnitude} "},
    {"label.quake-depth", "{depth} "},
    {"label.arrival", "{place} {time} "},
    {"label.arriving-now", ""},
    {"label.arrived", ""},
    {"label.height", "{height} {place} "},
    {"label.height-m", "{height} "},
    {"label.height-over", "{height} "},
    {"label.height-below", "{height} "},
    {"label.height-huge", ""},
    {"label.height-high", ""},
    {"label.km", "{number} "},
    {"label.shallow", ""},
    {"label.deep", "{number} "},
    {"label.magnitude-over", ""},
    {"label.unknown", ""},
    {"label.official", "{title} "},
    {"label.original", "{text} "},
    {"label.until", "{time} "},
    {"label.until-lifted", ""},
    {"label.next", ""},
    {"label.issued", "{time} "},
    {"label.source", "{operator} "},
    {"label.source-aloud", "{operator} "},
    {"label.japan-time", "{time} "},
    {"label.delayed", ""},
    {"label.delay-unknown", ""},
    {"label.transitional", ""},
    {"label.stop", ""},
    {"label.pause", ""},
    {"label.short", "{action} {what} "},
    {"label.short-place", "{action} {place} {what} "},
    {"label.drill", ""},
    {"label.drill-subject", "{headline} "},
    {"label.drill-word", ""},
    {"label.drill-end", ""},
};

#define RULE_COUNT (sizeof(rules) / sizeof(rules[0]))

struct key_check {
    TALLOC_CTX *scratch;
    const struct language *english;
    struct problems *problems;
};

static void check_key(struct key_check *check, const char *key, const char *blanks)
{
    const struct language *english = check->english;
    const struct catalogue_text *text = language_find(english, key);
    if (text == NULL) {
        problems_add(check->problems, english->file, 1, 1, NULL, "%s is missing", key);
        return;
    }
    const char *found = blanks_of(check->scratch, text->text);
    if (strcmp(found, blanks) != 0)
        problems_add(check->problems, english->file, text->line, text->column,
                     blanks[0] != '\0' ? blanks : "a text without blanks",
                     "%s has blanks that are not filled so: %s", key,
                     found[0] != '\0' ? found : "none");
}

static bool is_free(const char *key)
{
    return text_starts(key, "page.") || text_starts(key, "freshness.") ||
           text_starts(key, "phrase.") || text_starts(key, "broadcast.");
}

/* "what.fog", "hazard.fog", "kind.fog.advisory" */
static bool names_hazard(TALLOC_CTX *scratch, const char *key)
{
    enum hazard hazard;
    if (!text_starts(key, "hazard.") && !text_starts(key, "what.") && !text_starts(key, "kind."))
        return false;
    const char *name = strchr(key, '.') + 1;
    size_t length = text_starts(key, "kind.") ? strcspn(name, ".") : strlen(name);
    return hazard_from_name(memory_must(talloc_strndup(scratch, name, length)), &hazard);
}

/* "what.volcano-level-5" with its "kind.volcano.level-5" */
static bool describes_kind(const struct key_check *check, const char *key)
{
    for (int hazard = 0; text_starts(key, "what.") && hazard < HAZARD_COUNT; hazard++) {
        const char *name = hazard_name((enum hazard)hazard);
        size_t length = strlen("what.") + strlen(name);
        if (!text_starts(key + strlen("what."), name) || key[length] != '-')
            continue;
        if (catalogue_has(check->english,
                          memory_printf(check->scratch, "kind.%s.%s", name, key + length + 1)))
            return true;
    }
    return false;
}

static bool is_used(const struct key_check *check, const char *key)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (strcmp(rules[i].key, key) == 0)
            return true;
    }
    return is_free(key) || names_hazard(check->scratch, key) || describes_kind(check, key);
}

static void check_hazards(struct key_check *check)
{
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        const char *name = hazard_name((enum hazard)hazard);
        check_key(check, memory_printf(check->scratch, "hazard.%s", name), "");
        /* Staff's broadcasts have texts of their own. */
        if (hazard != HAZARD_EARTHQUAKE && hazard != HAZARD_TSUNAMI && hazard != HAZARD_BROADCAST)
            check_key(check, memory_printf(check->scratch, "what.%s", name), "");
    }
}

/* JMA's codes of weather kinds have two digits. */
static void check_weather_kinds(struct key_check *check)
{
    for (int number = 0; number < 100; number++) {
        const char *code = memory_printf(check->scratch, "%02d", number);
        const struct weather_kind *kind = weather_kind_find(code);
        if (kind != NULL)
            check_key(
                check,
                memory_printf(check->scratch, "kind.%s.%s", hazard_name(kind->hazard), kind->grade),
                "");
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* What the short form is joined with must end a sentence of the language. */
static void check_joint(const struct language *language, const char *key, const char *before,
                        const char *stop, struct problems *problems)
{
    const struct catalogue_text *text = language_find(language, key);
    const char *joint = text != NULL ? strstr(text->text, before) : NULL;
    if (text != NULL && (joint == NULL || !text_starts(joint + strlen(before), stop)))
        problems_add(problems, text->file, text->line, text->column, stop,
                     "%s does not end its sentence with label.stop after %s", key, before);
}

void stops_check(const struct language *language, struct problems *problems)
{
    const struct catalogue_text *stop = language_find(language, "label.stop");
    if (stop == NULL) /* noted already */
        return;
    check_joint(language, "label.short", "{what}", stop->text, problems);
    check_joint(language, "label.short-place", "{place}", stop->text, problems);
    for (const struct catalogue_text *t = language->texts; t != NULL; t = t->hh.next) {
        if (text_starts(t->key, "phrase.") && !ends_with(t->text, stop->text))
            problems_add(problems, t->file, t->line, t->column, stop->text,
                         "%s does not end with label.stop", t->key);
    }
}

void keys_check(const struct language *english, struct problems *problems)
{
    struct key_check check = {
        .scratch = talloc_new(NULL), .english = english, .problems = problems};
    for (size_t i = 0; i < RULE_COUNT; i++)
        check_key(&check, rules[i].key, rules[i].blanks);
    check_hazards(&check);
    check_weather_kinds(&check);
    for (const struct catalogue_text *t = english->texts; t != NULL; t = t->hh.next) {
        if (!is_used(&check, t->key))
            problems_add(problems, english->file, t->line, t->column, NULL, "%s is used by nothing",
                         t->key);
        if (text_starts(t->key, "phrase.") && strchr(t->text, '{') != NULL)
            problems_add(problems, english->file, t->line, t->column, "a text without blanks",
                         "%s has blanks that are not filled", t->key);
    }
    talloc_free(check.scratch);
}
