/* noroshi preview --broadcast: the messages of a manual template, with what was given filled in and
 * examples in the other blanks, for translators and for goldens. Sends nothing. */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/preview_broadcast.h"

/* 2026-01-15T12:00:00+09:00: the same in every run. */
#define EXAMPLE_TIME   ((usec_t)1768446000 * USEC_PER_SEC)
#define EXAMPLE_VALUES 64

struct filling {
    const struct broadcast_template *row;
    struct broadcast_value values[EXAMPLE_VALUES];
    size_t count;
};

static void add(struct filling *filling, const char *blank, const char *language, const char *text)
{
    if (filling->count < EXAMPLE_VALUES)
        filling->values[filling->count++] =
            (struct broadcast_value){.blank = blank, .language = language, .text = text};
}

/* "shelters=中央小学校" or "note.en=Bring water". */
static int add_given(TALLOC_CTX *context, struct filling *filling, const char *given)
{
    const char *equal = strchr(given, '=');
    if (equal == NULL) {
        fprintf(stderr, "noroshi preview: write %s as blank=text or blank.language=text\n", given);
        return -1;
    }
    char *name = memory_must(talloc_strndup(context, given, (size_t)(equal - given)));
    char *dot = strchr(name, '.');
    if (dot != NULL)
        *dot = '\0';
    if (broadcast_blank_find(filling->row, name) == NULL) {
        fprintf(stderr, "noroshi preview: %s has no blank \"%s\"\n", filling->row->id, name);
        return -1;
    }
    add(filling, name, dot != NULL ? dot + 1 : NULL, equal + 1);
    return 0;
}

static void add_example(struct filling *filling, const struct broadcast_blank *blank)
{
    static const char *const examples[] = {[BLANK_TIME] = "2026-01-15T15:30",
                                           [BLANK_PHONE] = "011-000-0000",
                                           [BLANK_URL] = "https://example.jp/",
                                           [BLANK_NUMBER] = "10",
                                           [BLANK_TEXT] = "記入例",
                                           [BLANK_PLACE] = "記入例"};
    bool chosen = blank->type == BLANK_CHOICE || blank->type == BLANK_STATE;
    add(filling, blank->name, NULL, chosen ? blank->choices[0] : examples[blank->type]);
}

static void add_examples(struct filling *filling)
{
    for (size_t i = 0; i < filling->row->blank_count; i++) {
        bool given = false;
        for (size_t j = 0; j < filling->count && !given; j++)
            given = text_equal(filling->values[j].blank, filling->row->blanks[i].name);
        if (!given)
            add_example(filling, &filling->row->blanks[i]);
    }
}

static void show(TALLOC_CTX *context, const struct broadcast_preview *preview,
                 const struct broadcast_content *content, const char *language)
{
    const struct message *message =
        broadcast_render(context, preview->templates, preview->graph, language, content);
    if (preview->html) {
        printf("%s\n", message->html);
        return;
    }
    printf("==== %s %s %s\n%s\n---- short: %s\n---- aloud:\n%s\n", content->template_id,
           broadcast_phase_name(content->phase), language, message->plain, message->short_text,
           broadcast_aloud(context, preview->templates, preview->graph, language, content));
}

static void show_languages(TALLOC_CTX *context, const struct broadcast_preview *preview,
                           const struct broadcast_content *content)
{
    const char *const *languages = catalogue_languages(preview->texts);
    for (size_t i = 0; languages[i] != NULL; i++) {
        if (preview->language == NULL || text_equal(languages[i], preview->language))
            show(context, preview, content, languages[i]);
    }
}

static int show_template(TALLOC_CTX *context, const struct broadcast_preview *preview,
                         const struct broadcast_template *row, char **given)
{
    struct filling filling = {.row = row};
    for (; *given != NULL; given++) {
        if (add_given(context, &filling, *given) < 0)
            return -1;
    }
    add_examples(&filling);
    const struct area *area = area_find(preview->graph, AREA_MUNICIPALITY, "01100");
    struct broadcast_content content = {
        .id = "example-1",
        .template_id = row->id,
        .drill = preview->drill || row->drill_only,
        .areas = &area,
        .area_count = 1,
        .values = filling.values,
        .value_count = filling.count,
        .issued_at = EXAMPLE_TIME,
        .expires = EXAMPLE_TIME + row->valid_minutes * USEC_PER_MINUTE,
        .original_at = EXAMPLE_TIME - 20 * USEC_PER_MINUTE,
        .authority = {.name_ja = "発信機関", .name_en = "Authority", .contact = "011-000-0000"}};
    for (int phase = 0; phase < BROADCAST_PHASE_COUNT; phase++) {
        content.phase = (enum broadcast_phase)phase;
        bool wanted = preview->phase == NULL ||
                      text_equal(preview->phase, broadcast_phase_name(content.phase));
        if (wanted && row->phases[phase])
            show_languages(context, preview, &content);
    }
    return 0;
}

int broadcast_preview_show(TALLOC_CTX *context, const struct broadcast_preview *preview,
                           const char *id, char **given)
{
    size_t count;
    const struct broadcast_template *rows = broadcast_templates(preview->templates, &count);
    enum broadcast_phase phase;
    if (preview->phase != NULL && !broadcast_phase_from_name(preview->phase, &phase)) {
        fprintf(stderr, "noroshi preview: there is no phase \"%s\"\n", preview->phase);
        return -1;
    }
    for (size_t i = 0; i < count && strcmp(id, "all") == 0; i++) {
        if (show_template(context, preview, &rows[i], given) < 0)
            return -1;
    }
    if (strcmp(id, "all") == 0)
        return 0;
    const struct broadcast_template *row = broadcast_template_find(preview->templates, id);
    if (row == NULL) {
        fprintf(stderr, "noroshi preview: there is no template \"%s\"; these are there:", id);
        for (size_t i = 0; i < count; i++)
            fprintf(stderr, " %s", rows[i].id);
        fprintf(stderr, "\n");
        return -1;
    }
    return show_template(context, preview, row, given);
}
