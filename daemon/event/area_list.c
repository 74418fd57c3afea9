/* Lists of areas with what holds there, and the difference between two of them (step.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/step.h"

void area_list_add(TALLOC_CTX *context, struct area_list *list, const struct alert_area *area)
{
    list->items = memory_grow(context, list->items, list->count, sizeof(*list->items));
    list->items[list->count++] = *area;
}

int area_list_level(const struct area_list *list)
{
    int level = 0;
    for (size_t i = 0; i < list->count; i++)
        level = list->items[i].level > level ? list->items[i].level : level;
    return level;
}

static int compare_place(const void *left, const void *right)
{
    const struct alert_area *a = *(const struct alert_area *const *)left;
    const struct alert_area *b = *(const struct alert_area *const *)right;
    if (a->system != b->system)
        return a->system < b->system ? -1 : 1;
    return strcmp(a->code, b->code);
}

static const struct alert_area **sorted(TALLOC_CTX *context, const struct area_list *list)
{
    const struct alert_area **order =
        memory_array(context, const struct alert_area *, list->count + 1);
    for (size_t i = 0; i < list->count; i++)
        order[i] = &list->items[i];
    qsort(order, list->count, sizeof(*order), compare_place);
    return order;
}

static const struct alert_area *look_up(const struct alert_area **order, size_t count,
                                        const struct alert_area *area)
{
    const struct alert_area **found = bsearch(&area, order, count, sizeof(*order), compare_place);
    return found != NULL ? *found : NULL;
}

static bool same_number(double a, double b)
{
    return (isnan(a) && isnan(b)) || a == b;
}

static bool same_facts(const struct alert_area *a, const struct alert_area *b)
{
    return a->level == b->level && text_equal(a->grade, b->grade) &&
           text_equal(a->intensity, b->intensity) && a->intensity_missing == b->intensity_missing &&
           a->arrival_time == b->arrival_time &&
           text_equal(a->arrival_condition, b->arrival_condition) &&
           same_number(a->height_m, b->height_m) && text_equal(a->height_text, b->height_text);
}

static void mark(struct alert_area *area, const struct alert_area *old,
                 struct area_changes *changes)
{
    area->previous_level = old != NULL ? old->level : 0;
    area->changed =
        old != NULL ? !same_facts(area, old) : area->level > 0 || area->intensity != NULL;
    changes->any = changes->any || area->changed;
    changes->rise = changes->rise || area->level > area->previous_level;
    changes->fall = changes->fall || area->level < area->previous_level;
}

void area_list_compare(TALLOC_CTX *context, const struct area_list *before, struct area_list *after,
                       struct area_changes *ret_changes)
{
    struct area_changes changes = {.before_level = area_list_level(before),
                                   .after_level = area_list_level(after)};
    const struct alert_area **old = sorted(context, before);
    for (size_t i = 0; i < after->count; i++)
        mark(&after->items[i], look_up(old, before->count, &after->items[i]), &changes);
    const struct alert_area **now = sorted(context, after);
    size_t now_count = after->count;
    struct area_list ended = {0};
    for (size_t i = 0; i < before->count; i++) {
        const struct alert_area *item = &before->items[i];
        if (item->level == 0 || look_up(now, now_count, item) != NULL)
            continue;
        struct alert_area gone = {.system = item->system,
                                  .code = item->code,
                                  .name_ja = item->name_ja,
                                  .previous_level = item->level,
                                  .changed = true,
                                  .kind_code = item->kind_code,
                                  .height_m = NAN};
        area_list_add(context, &ended, &gone);
        changes.any = changes.fall = true;
    }
    for (size_t i = 0; i < ended.count; i++)
        area_list_add(context, after, &ended.items[i]);
    *ret_changes = changes;
}

void area_list_renew(struct area_list *list, struct area_changes *changes)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].level > 0)
            list->items[i].changed = changes->any = true;
    }
}
