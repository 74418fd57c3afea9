/* Changes of several alerts as one, see settled.h. */
#include <stdio.h>

#include "base/memory.h"
#include "settled.h"

#define KEY_BYTES 64

static const char *area_key(const struct alert_area *area, char key[static KEY_BYTES])
{
    snprintf(key, KEY_BYTES, "%s:%s", area_system_name(area->system),
             area->code != NULL ? area->code : "");
    return key;
}

void settled_add(json_t *changed, const struct alert *alert)
{
    char key[KEY_BYTES];
    for (size_t i = 0; i < alert->area_count; i++) {
        const struct alert_area *area = &alert->areas[i];
        if (area->changed && json_object_get(changed, area_key(area, key)) == NULL)
            json_object_set_new(changed, key, json_integer(area->previous_level));
    }
}

void settled_merge(json_t *changed, const json_t *from)
{
    const char *key;
    json_t *level;
    json_object_foreach((json_t *)from, key, level)
    {
        if (json_object_get(changed, key) == NULL)
            json_object_set(changed, key, level);
    }
}

void settled_mark(struct alert *alert, const json_t *changed)
{
    struct alert_area *areas = (struct alert_area *)alert->areas;
    char key[KEY_BYTES];
    for (size_t i = 0; i < alert->area_count; i++) {
        const json_t *before = json_object_get(changed, area_key(&areas[i], key));
        if (before == NULL)
            continue;
        areas[i].changed = true;
        areas[i].previous_level = (int)json_integer_value(before);
    }
}
