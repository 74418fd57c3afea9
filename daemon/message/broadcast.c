/* The templates of manual broadcasts: names, look-up, words. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/broadcast_catalogue.h"

static const char *const group_names[GROUP_COUNT] = {
    [GROUP_EVACUATION] = "evacuation",
    [GROUP_CIVIL] = "civil",
    [GROUP_MISSILE] = "missile",
    [GROUP_SHELTER] = "shelter",
    [GROUP_TRANSPORT] = "transport",
    [GROUP_UTILITIES] = "utilities",
    [GROUP_INFORMATION] = "information",
    [GROUP_ALL_CLEAR] = "all-clear",
    [GROUP_DRILL] = "drill",
};
static const char *const phase_names[BROADCAST_PHASE_COUNT] = {
    [BROADCAST_ISSUE] = "issue",           [BROADCAST_UPDATE] = "update",
    [BROADCAST_CORRECTION] = "correction", [BROADCAST_WITHDRAWN] = "withdrawn",
    [BROADCAST_ALL_CLEAR] = "all-clear",
};

const char *broadcast_group_name(enum broadcast_group group)
{
    return group_names[group];
}

const char *broadcast_phase_name(enum broadcast_phase phase)
{
    return phase_names[phase];
}

bool broadcast_phase_from_name(const char *name, enum broadcast_phase *ret_phase)
{
    for (int phase = 0; phase < BROADCAST_PHASE_COUNT; phase++) {
        if (!text_equal(phase_names[phase], name))
            continue;
        *ret_phase = (enum broadcast_phase)phase;
        return true;
    }
    return false;
}

const struct broadcast_template *broadcast_templates(const struct broadcast_catalogue *catalogue,
                                                     size_t *ret_count)
{
    *ret_count = catalogue->count;
    return catalogue->templates;
}

const struct broadcast_template *
broadcast_template_find(const struct broadcast_catalogue *catalogue, const char *id)
{
    for (size_t i = 0; i < catalogue->count; i++) {
        if (text_equal(catalogue->templates[i].id, id))
            return &catalogue->templates[i];
    }
    return NULL;
}

const struct broadcast_blank *broadcast_blank_find(const struct broadcast_template *row,
                                                   const char *name)
{
    for (size_t i = 0; i < row->blank_count; i++) {
        if (text_equal(row->blanks[i].name, name))
            return &row->blanks[i];
    }
    return NULL;
}

const struct catalogue_text *broadcast_text_find(TALLOC_CTX *context,
                                                 const struct language *language,
                                                 const char *section, const char *name)
{
    char *key = memory_printf(context, "broadcast.%s.%s", section, name);
    const struct catalogue_text *text = language_find(language, key);
    talloc_free(key);
    return text;
}

const char *broadcast_word(const struct broadcast_catalogue *catalogue, const char *language,
                           const char *section, const char *name)
{
    const struct catalogue *texts = catalogue->texts;
    const struct catalogue_text *text =
        broadcast_text_find(NULL, catalogue_language(texts, language), section, name);
    if (text == NULL)
        text = broadcast_text_find(NULL, catalogue_language(texts, "en"), section, name);
    return text != NULL ? text->text : name;
}
