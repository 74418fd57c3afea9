/* See effect_compare.h. */
#include "effect_compare.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "deliver/email.h"
#include "event/value.h"

#define LINE_CHARACTERS 100

/* ---- who ---- */

/* By wish, what one side made of one event; NULL nothing. */
struct told {
    const struct effect_made **before, **after;
};

static void add_readers(struct effect_readers *readers, size_t group, size_t count)
{
    if (readers->group_count < EFFECT_NAMES)
        readers->groups[readers->group_count++] = group;
    readers->count += count;
}

static const struct effect_made *made_for(const struct effect_made *const *told, size_t wish)
{
    return wish != EFFECT_NONE ? told[wish] : NULL;
}

static void compare_who(TALLOC_CTX *context, const struct told *told, const struct alert *alert,
                        struct effect *effect)
{
    struct effect_alert row = {.hazard = alert->hazard,
                               .phase = alert->phase,
                               .level = alert->level,
                               .issued_at = alert->issued_at};
    for (size_t i = 0; i < effect->count; i++) {
        const struct effect_group *group = &effect->groups[i];
        bool before = made_for(told->before, group->before_wish) != NULL;
        bool after = made_for(told->after, group->after_wish) != NULL;
        if (group->stays && before != after)
            add_readers(before ? &row.lost : &row.added, i, group->readers);
    }
    if (row.lost.count + row.added.count == 0)
        return;
    row.id = memory_text(context, alert->id);
    row.title_ja = memory_text(context, alert->title_ja != NULL ? alert->title_ja : "");
    effect->lost += row.lost.count;
    effect->added += row.added.count;
    effect->alerts =
        memory_grow(context, effect->alerts, effect->alert_count, sizeof(*effect->alerts));
    effect->alerts[effect->alert_count++] = row;
}

/* ---- what they read ---- */

static size_t line_length(const char *text)
{
    return strcspn(text, "\n");
}

/* Both move to the first line that differs. False: there is none. */
static bool find_difference(const char **before, const char **after)
{
    const char *a = *before, *b = *after;
    for (;;) {
        size_t length = line_length(a);
        if (length != line_length(b) || memcmp(a, b, length) != 0)
            break;
        if (a[length] == '\0' || b[length] == '\0') {
            if (a[length] == b[length])
                return false;
            a += length + (a[length] != '\0');
            b += length + (b[length] != '\0');
            break;
        }
        a += length + 1;
        b += length + 1;
    }
    *before = a;
    *after = b;
    return true;
}

static const char *first_line(TALLOC_CTX *context, const char *text)
{
    if (text == NULL)
        return NULL;
    TALLOC_CTX *scratch = talloc_new(NULL);
    char *line = memory_must(talloc_strndup(scratch, text, line_length(text)));
    line = text_cut(context, text_clean(scratch, line, false), LINE_CHARACTERS);
    talloc_free(scratch);
    return line;
}

/* `before` and `after` stand at the line that differs. */
static void add_wording(TALLOC_CTX *context, const struct effect_made *made, const char *language,
                        const char *before, const char *after, struct effect *effect)
{
    enum hazard hazard = made->alert->hazard;
    for (size_t i = 0; i < effect->wording_count; i++) {
        struct effect_wording *known = &effect->wordings[i];
        if (known->hazard == hazard && known->phase == made->phase &&
            (known->after == NULL) == (after == NULL) && text_equal(known->language, language)) {
            known->messages++;
            return;
        }
    }
    effect->wordings =
        memory_grow(context, effect->wordings, effect->wording_count, sizeof(*effect->wordings));
    effect->wordings[effect->wording_count++] =
        (struct effect_wording){.hazard = hazard,
                                .phase = made->phase,
                                .language = memory_text(context, language),
                                .messages = 1,
                                .alert_id = memory_text(context, made->alert->id),
                                .before = first_line(context, before),
                                .after = first_line(context, after)};
}

static const char *text_in(const struct effect_made *made, const char *language)
{
    for (size_t i = 0; i < made->section_count; i++) {
        if (text_equal(made->sections[i].language, language))
            return made->sections[i].text;
    }
    return NULL;
}

static void compare_message(TALLOC_CTX *context, const struct effect_made *before,
                            const struct effect_made *after, struct effect *effect)
{
    effect->messages++;
    for (size_t i = 0; i < before->section_count; i++) {
        const char *language = before->sections[i].language;
        const char *old = before->sections[i].text, *new = text_in(after, language);
        if (new == NULL || find_difference(&old, &new))
            add_wording(context, after, language, old, new, effect);
    }
}

/* Each pair of messages once, although many wishes share it. */
static void compare_words(TALLOC_CTX *context, const struct told *told, size_t wish_count,
                          struct effect *effect)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    const struct effect_made **seen = memory_array(scratch, const struct effect_made *, wish_count);
    const struct effect_made **pairs =
        memory_array(scratch, const struct effect_made *, wish_count);
    size_t count = 0;
    for (size_t wish = 0; wish < wish_count; wish++) {
        const struct effect_made *before = told->before[wish], *after = told->after[wish];
        size_t i = 0;
        if (before == NULL || after == NULL)
            continue;
        while (i < count &&
               (seen[i]->message != before->message || pairs[i]->message != after->message))
            i++;
        if (i < count)
            continue;
        seen[count] = before;
        pairs[count++] = after;
        compare_message(context, before, after, effect);
    }
    talloc_free(scratch);
}

/* ---- one telegram ---- */

static const struct alert *fill(const struct effect_step *step, const char *event_key,
                                const struct effect_made **told)
{
    const struct alert *alert = NULL;
    for (size_t i = 0; i < step->count; i++) {
        if (!text_equal(step->items[i].alert->event_key, event_key))
            continue;
        told[step->items[i].wish] = &step->items[i];
        alert = step->items[i].alert;
    }
    return alert;
}

/* The events of a step, each once, behind those that are there. By the key of their state: an
 * instance may have begun at another telegram on the other side, and is the same danger. */
static size_t add_events(const struct effect_step *step, const char **events, size_t count)
{
    for (size_t i = 0; i < step->count; i++) {
        size_t known = 0;
        while (known < count && !text_equal(events[known], step->items[i].alert->event_key))
            known++;
        if (known == count)
            events[count++] = step->items[i].alert->event_key;
    }
    return count;
}

static void compare_event(TALLOC_CTX *context, const struct effect_step *before,
                          const struct effect_step *after, const char *event_key, size_t wish_count,
                          struct effect *effect)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    struct told told = {memory_array(scratch, const struct effect_made *, wish_count),
                        memory_array(scratch, const struct effect_made *, wish_count)};
    const struct alert *was = fill(before, event_key, told.before);
    const struct alert *is = fill(after, event_key, told.after);
    compare_who(context, &told, is != NULL ? is : was, effect);
    if (before != after)
        compare_words(context, &told, wish_count, effect);
    talloc_free(scratch);
}

void effect_compare(TALLOC_CTX *context, const struct effect_step *before,
                    const struct effect_step *after, size_t wish_count, struct effect *effect)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    const char **events = memory_array(scratch, const char *, before->count + after->count + 1);
    size_t count = add_events(after, events, add_events(before, events, 0));
    for (size_t i = 0; i < count; i++)
        compare_event(context, before, after, events[i], wish_count, effect);
    talloc_free(scratch);
}

static int by_gravity(const void *one, const void *other)
{
    const struct effect_alert *a = one, *b = other;
    if (a->level != b->level)
        return a->level > b->level ? -1 : 1;
    if (a->issued_at != b->issued_at)
        return a->issued_at > b->issued_at ? -1 : 1;
    return strcmp(a->id, b->id);
}

static int by_messages(const void *one, const void *other)
{
    const struct effect_wording *a = one, *b = other;
    if ((a->after == NULL) != (b->after == NULL))
        return a->after == NULL ? -1 : 1;
    if (a->messages != b->messages)
        return a->messages > b->messages ? -1 : 1;
    return strcmp(a->language, b->language);
}

void effect_sort(struct effect *effect)
{
    if (effect->alert_count > 0)
        qsort(effect->alerts, effect->alert_count, sizeof(*effect->alerts), by_gravity);
    if (effect->wording_count > 0)
        qsort(effect->wordings, effect->wording_count, sizeof(*effect->wordings), by_messages);
}

/* ---- the parts of a message ---- */

/* All that a person may read of it; the long form is missing where the body had no room. */
static const char *webhook_text(TALLOC_CTX *context, const json_t *message)
{
    static const char *const keys[] = {"headline", "short", "plain", "what", "where", "until"};
    char *text = memory_text(context, "");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *part = value_borrow(message, keys[i]);
        if (part != NULL)
            text = memory_must(talloc_asprintf_append_buffer(text, "%s\n", part));
    }
    return text;
}

static struct effect_section *webhook_sections(TALLOC_CTX *context, const json_t *json,
                                               size_t *ret_count)
{
    const json_t *messages = json_object_get(json_object_get(json, "data"), "messages");
    size_t count = json_array_size(messages);
    struct effect_section *sections = memory_array(context, struct effect_section, count + 1);
    for (size_t i = 0; i < count; i++) {
        const json_t *message = json_array_get(messages, i);
        const char *language = value_text(context, message, "language");
        sections[i] = (struct effect_section){language != NULL ? language : "",
                                              webhook_text(context, message)};
    }
    *ret_count = count;
    return sections;
}

/* The first part begins with the subject, which is its headline. */
static struct effect_section *mail_sections(TALLOC_CTX *context, const char *languages,
                                            const char *subject, const char *body,
                                            size_t *ret_count)
{
    size_t language_count, count = 0;
    char **tags = text_split(context, languages, ',', &language_count);
    struct effect_section *sections =
        memory_array(context, struct effect_section, language_count + 1);
    const char *rest = body;
    while (rest != NULL && count <= language_count) {
        const char *next = strstr(rest, EMAIL_DIVIDER);
        size_t length = next != NULL ? (size_t)(next - rest) : strlen(rest);
        sections[count].language = count < language_count ? tags[count] : "ja";
        sections[count].text = memory_printf(context, "%s%s%.*s", count == 0 ? subject : "",
                                             count == 0 ? "\n" : "", (int)length, rest);
        count++;
        rest = next != NULL ? next + strlen(EMAIL_DIVIDER) : NULL;
    }
    *ret_count = count;
    return sections;
}

struct effect_section *effect_sections(TALLOC_CTX *context, const char *languages,
                                       const char *subject, const char *body, size_t *ret_count)
{
    if (subject != NULL)
        return mail_sections(context, languages, subject, body, ret_count);
    json_t *json = json_loads(body, 0, NULL);
    struct effect_section *sections = webhook_sections(context, json, ret_count);
    json_decref(json);
    return sections;
}
