/* See plan.h. */
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/plan.h"

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

usec_t plan_next_year(usec_t at, usec_t now)
{
    time_t seconds = (time_t)((at + JST_OFFSET_USEC) / USEC_PER_SEC);
    struct tm day;
    gmtime_r(&seconds, &day);
    bool leap_day = day.tm_mon == 1 && day.tm_mday == 29;
    usec_t next = at;
    while (next <= at || next <= now) {
        day.tm_year++;
        if (leap_day)
            day.tm_mday = is_leap(day.tm_year + 1900) ? 29 : 28;
        struct tm copy = day;
        next = (usec_t)timegm(&copy) * USEC_PER_SEC - JST_OFFSET_USEC;
    }
    return next;
}

/* Nothing of what happened to the one that it was copied from. */
static void forget_history(struct broadcast *broadcast, usec_t now)
{
    broadcast->approver = broadcast->approved_hash = broadcast->reason = broadcast->sender = NULL;
    broadcast->confirmed_by = broadcast->held = broadcast->alert_id = broadcast->start = NULL;
    broadcast->approved_at = broadcast->sent_at = broadcast->ended_at = 0;
    broadcast->scheduled_at = broadcast->confirmed_at = broadcast->asked_at = 0;
    broadcast->next_update = 0;
    broadcast->alone = ALONE_NOT;
    broadcast->state = BROADCAST_DRAFT;
    broadcast->created_at = broadcast->edited_at = now;
}

static struct broadcast *copy_as(TALLOC_CTX *context, const struct broadcast *from, const char *id,
                                 usec_t now)
{
    struct broadcast *copy = broadcast_copy(context, from);
    forget_history(copy, now);
    copy->id = memory_text(copy, id);
    copy->thread = copy->id;
    copy->follows = NULL;
    copy->phase = BROADCAST_ISSUE;
    return copy;
}

struct broadcast *plan_drill(TALLOC_CTX *context, const struct broadcast *last, const char *id,
                             usec_t now)
{
    struct broadcast *drill = copy_as(context, last, id, now);
    drill->state = BROADCAST_SCHEDULED;
    drill->scheduled_at = plan_next_year(last->scheduled_at, now);
    drill->hash = broadcast_hash(drill, drill);
    return drill;
}

static usec_t notice_at(const struct broadcast *drill)
{
    return drill->scheduled_at - drill->notice_days * USEC_PER_DAY;
}

bool plan_has_notice(const struct broadcast *drill, usec_t now)
{
    return drill->notice_days > 0 && notice_at(drill) > now;
}

static void put_values(struct broadcast *broadcast, const struct broadcast *drill,
                       const char *title_ja, const char *title_en)
{
    char start[CLOCK_TEXT_BYTES], end[CLOCK_TEXT_BYTES];
    clock_format_jst(drill->scheduled_at, start);
    clock_format_jst(drill->scheduled_at + drill->valid_for, end);
    broadcast->values = memory_array(broadcast, struct broadcast_value, 4);
    broadcast->value_count = 4;
    broadcast->values[0] =
        (struct broadcast_value){.blank = "start", .text = memory_text(broadcast, start)};
    broadcast->values[1] =
        (struct broadcast_value){.blank = "end", .text = memory_text(broadcast, end)};
    broadcast->values[2] = (struct broadcast_value){"practise", "ja", title_ja};
    broadcast->values[3] = (struct broadcast_value){"practise", "en", title_en};
}

struct broadcast *plan_announcement(TALLOC_CTX *context, const struct broadcast *drill,
                                    enum broadcast_part part, const char *id, const char *title_ja,
                                    const char *title_en, usec_t now)
{
    struct broadcast *broadcast = copy_as(context, drill, id, now);
    broadcast->part = part;
    broadcast->template_id = PLAN_TEMPLATE;
    put_values(broadcast, drill, title_ja, title_en);
    if (part == PART_NOTICE) {
        usec_t until = drill->scheduled_at - notice_at(drill);
        broadcast->state = BROADCAST_SCHEDULED;
        broadcast->scheduled_at = notice_at(drill);
        broadcast->valid_for = until < BROADCAST_VALID_MOST ? until : BROADCAST_VALID_MOST;
    } else {
        /* It holds until the drill is over. */
        broadcast->valid_for = drill->scheduled_at - now + drill->valid_for;
    }
    broadcast->hash = broadcast_hash(broadcast, broadcast);
    return broadcast;
}

struct broadcast *plan_end(TALLOC_CTX *context, const struct broadcast *drill,
                           const struct broadcast *start, const char *id, usec_t now)
{
    const struct person person = {.name = drill->confirmed_by};
    struct broadcast *end =
        start != NULL ? broadcast_follow(context, start, BROADCAST_ALL_CLEAR, id, &person, now)
                      : NULL;
    if (end == NULL)
        return NULL;
    end->part = PART_END;
    end->state = BROADCAST_SCHEDULED;
    end->scheduled_at = drill->scheduled_at + drill->valid_for;
    end->confirmed_by = memory_text(end, drill->confirmed_by);
    end->confirmed_at = drill->confirmed_at;
    end->valid_for = USEC_PER_HOUR;
    end->hash = broadcast_hash(end, end);
    return end;
}
