/* Places as a reader knows them, with the Japanese name that stands on signs. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "message/compose.h"

#define LISTED_MAX 64

const char *say(const struct composing *composing, const char *key)
{
    return catalogue_text_of(composing->catalogue, composing->language, key);
}

size_t scope_count(const struct composing *composing)
{
    return composing->scope->area_count > 0 ? composing->scope->area_count
                                            : composing->alert->area_count;
}

const struct alert_area *scope_area(const struct composing *composing, size_t i)
{
    size_t index = composing->scope->area_count > 0 ? composing->scope->areas[i] : i;
    return &composing->alert->areas[index];
}

const char *say_place(const struct composing *composing, enum area_system system, const char *code,
                      const char *name_ja)
{
    const char *japanese = text_clean(composing->context, name_ja != NULL ? name_ja : "", false);
    const struct area *area = code != NULL ? area_find(composing->graph, system, code) : NULL;
    const char *tag = composing->language->tag;
    const char *name = area != NULL ? area_name(composing->graph, area, tag, NULL) : japanese;
    if (text_starts(tag, "ja") || strcmp(name, japanese) == 0 || japanese[0] == '\0')
        return text_starts(tag, "ja") && japanese[0] != '\0' ? japanese : name;
    return fill(composing, "label.name", "name", name, "japanese", japanese, NULL);
}

const char *say_places(const struct composing *composing, int level, size_t most)
{
    const char *names[LISTED_MAX];
    size_t count = 0, more = 0;
    most = most < LISTED_MAX ? most : LISTED_MAX;
    for (size_t i = 0; i < scope_count(composing); i++) {
        const struct alert_area *area = scope_area(composing, i);
        if (level > 0 && area->level != level)
            continue;
        if (count == most) {
            more++;
            continue;
        }
        names[count++] = say_place(composing, area->system, area->code, area->name_ja);
    }
    const char *list = format_list(composing->context, composing->language, names, count);
    if (more == 0)
        return list;
    return fill(composing, "label.more", "places", list, "count",
                format_number(composing->context, composing->language, (double)more), NULL);
}

const char *scope_intensity(const struct composing *composing)
{
    const char *strongest = NULL;
    for (size_t i = 0; i < scope_count(composing); i++) {
        const char *here = scope_area(composing, i)->intensity;
        if (intensity_rank(here) > intensity_rank(strongest))
            strongest = here;
    }
    return strongest;
}
