/* Yearly drills: what follows when one is scheduled, confirmed, over or given up. All inside the
 * caller's transaction. */
#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"
#include "broadcast/plan.h"
#include "event/value.h"

#define LIST_MOST 500

const char *office_new_id(TALLOC_CTX *context, enum broadcast_kind kind)
{
    return memory_printf(context, "%s-%s", broadcast_kind_name(kind), secret_random(context, 10));
}

static void tell(struct office *office, const char *text)
{
    office->options.operations.notice(office->options.operations.userdata, text);
}

int office_plan_list(struct office *office, TALLOC_CTX *context, const char *plan,
                     struct broadcast ***ret, size_t *ret_count)
{
    json_t *rows = NULL;
    int r = store_list_broadcasts(office->options.store, "drill", NULL, LIST_MOST, &rows);
    struct broadcast **list = memory_array(context, struct broadcast *, json_array_size(rows) + 1);
    *ret_count = 0;
    for (size_t i = json_array_size(rows); r >= 0 && i > 0; i--) {
        const json_t *row = json_array_get(rows, i - 1);
        if (!text_equal(value_borrow(row, "plan"), plan))
            continue;
        list[*ret_count] = broadcast_from_json(list, row);
        *ret_count += list[*ret_count] != NULL;
    }
    json_decref(rows);
    *ret = list;
    return r;
}

static struct broadcast *announcement(struct office *office, TALLOC_CTX *context,
                                      const struct broadcast *drill, enum broadcast_part part,
                                      usec_t now)
{
    const struct broadcast_catalogue *templates = office->options.templates;
    return plan_announcement(context, drill, part, office_new_id(context, BROADCAST_DRILL),
                             broadcast_word(templates, "ja", "title", drill->template_id),
                             broadcast_word(templates, "en", "title", drill->template_id), now);
}

static int put_notice(struct office *office, TALLOC_CTX *context, const struct broadcast *drill,
                      usec_t now)
{
    if (!plan_has_notice(drill, now))
        return 0;
    struct broadcast *notice = announcement(office, context, drill, PART_NOTICE, now);
    int r = office_put(office, notice);
    return r >= 0 ? office_audit_time(office, context, "plan notice", notice, drill->id, now) : r;
}

int office_plan_withdraw(struct office *office, TALLOC_CTX *context, const char *plan, usec_t now)
{
    struct broadcast **list;
    size_t count;
    int r = office_plan_list(office, context, plan, &list, &count);
    for (size_t i = 0; r >= 0 && i < count; i++) {
        if (list[i]->part != PART_NOTICE || list[i]->state != BROADCAST_SCHEDULED)
            continue;
        list[i]->state = BROADCAST_DROPPED;
        list[i]->ended_at = now;
        list[i]->held = NULL;
        r = office_put(office, list[i]);
        if (r >= 0)
            r = office_audit_time(office, context, "drop notice", list[i], "", now);
    }
    return r;
}

int office_plan_scheduled(struct office *office, TALLOC_CTX *context,
                          const struct broadcast *before, const struct broadcast *drill, usec_t now)
{
    int r = 0;
    if (before->plan != NULL)
        r = office_plan_withdraw(office, context, before->plan, now);
    return r >= 0 && drill->plan != NULL ? put_notice(office, context, drill, now) : r;
}

int office_plan_confirmed(struct office *office, TALLOC_CTX *context, struct broadcast *drill,
                          usec_t now, size_t *ret_deliveries)
{
    if (drill->part != PART_DRILL || drill->start != NULL)
        return 0;
    struct broadcast *start = announcement(office, context, drill, PART_START, now);
    start->state = BROADCAST_SENT;
    start->sent_at = now;
    start->sender = drill->confirmed_by;
    start->alone = ALONE_RULE; /* what was approved is the drill; this only says when it is */
    start->hash = broadcast_hash(start, start);
    drill->start = memory_text(drill, start->id);
    int r = office_raise(office, context, start, now, ret_deliveries);
    return r >= 0 ? office_audit_time(office, context, "announce start", start, drill->id, now) : r;
}

static int put_end(struct office *office, TALLOC_CTX *context, const struct broadcast *drill,
                   usec_t now)
{
    json_t *json = NULL;
    int r =
        drill->start != NULL ? store_get_broadcast(office->options.store, drill->start, &json) : 0;
    const struct broadcast *start = json != NULL ? broadcast_from_json(context, json) : NULL;
    json_decref(json);
    const struct broadcast *end =
        plan_end(context, drill, start, office_new_id(context, BROADCAST_DRILL), now);
    return r >= 0 && end != NULL ? office_put(office, end) : r;
}

static int put_next_year(struct office *office, TALLOC_CTX *context, const struct broadcast *last,
                         usec_t now)
{
    char at[CLOCK_TEXT_BYTES];
    struct broadcast *next =
        plan_drill(context, last, office_new_id(context, BROADCAST_DRILL), now);
    int r = office_put(office, next);
    if (r >= 0)
        r = office_audit_time(office, context, "plan again", next, last->id, now);
    if (r >= 0)
        r = put_notice(office, context, next, now);
    tell(office, memory_printf(context, "the next drill of this plan is %s, on %s", next->id,
                               clock_format_jst(next->scheduled_at, at)));
    return r;
}

int office_plan_over(struct office *office, TALLOC_CTX *context, const struct broadcast *drill,
                     usec_t now)
{
    int r = 0;
    if (drill->part != PART_DRILL || drill->plan == NULL)
        return 0;
    if (drill->state == BROADCAST_SENT)
        r = put_end(office, context, drill, now);
    else if (drill->start != NULL)
        tell(office, memory_printf(context,
                                   "the start of a drill that will not be was announced: take it "
                                   "back with noroshi drill false-alarm %s",
                                   drill->start));
    return r >= 0 ? put_next_year(office, context, drill, now) : r;
}
