/* The answer of a telegram: kept when it is a whole document, tried again otherwise. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "jma/telegram.h"
#include "polling_state.h"

/* A body that is still not a whole document after this is kept as it is. */
#define BROKEN_AFTER (10 * USEC_PER_MINUTE)
/* A life-safety entry without body is told from the feed's text after this (test 26). */
#define DETAILS_FOLLOW_AFTER (60 * USEC_PER_SEC)

/* NULL when the answer is a whole document; otherwise what is wrong with it. */
static const char *body_fault(TALLOC_CTX *context, const struct job *job, const char *id,
                              usec_t *ret_control_time)
{
    if (job->result.failure != TRANSFER_OK)
        return job->result.error != NULL ? job->result.error : "not reached";
    if (job->result.status != 200)
        return memory_printf(context, "HTTP %d", job->result.status);
    struct problems *problems = problems_new(context);
    struct telegram *telegram;
    if (telegram_parse(context, id, job->result.body, job->result.body_length, problems,
                       &telegram) < 0)
        return problems->count > 0 ? problems->items[problems->count - 1].what : "not a telegram";
    *ret_control_time = telegram->control_time;
    return NULL;
}

static void tried(struct poll *poll, const struct store_entry *entry)
{
    struct poll_feed *feed = poll_find_feed(poll, entry->feed);
    if (!entry->backlog || entry->attempts != 1 || feed == NULL || feed->untried == 0)
        return;
    feed->untried--;
    if (feed->untried == 0)
        poll->batch_ready = true;
}

static int try_later(struct poll *poll, struct store_entry *entry, const char *fault, usec_t now,
                     bool *ret_overdue)
{
    usec_t age = now - entry->first_seen;
    usec_t wait = feed_entry_wait(entry->attempts, age, poll_random());
    bool overdue = !entry->announced && age >= DETAILS_FOLLOW_AFTER;
    if (!entry->announced && age < DETAILS_FOLLOW_AFTER && age + wait > DETAILS_FOLLOW_AFTER)
        wait = DETAILS_FOLLOW_AFTER - age;
    if (wait <= 0 && age > USEC_PER_HOUR) {
        entry->state = ENTRY_GIVEN_UP;
        log_error("telegram given up", "telegram", entry->id, "error", fault);
    } else if (entry->attempts == 1 || entry->attempts % 10 == 0) {
        log_warning("telegram not fetched; trying again", "telegram", entry->id, "error", fault);
    }
    entry->next_at = now + wait;
    entry->last_error = fault;
    *ret_overdue = overdue;
    return store_update_entry(poll->store, entry);
}

int poll_telegram_done(struct poll *poll, TALLOC_CTX *context, const struct job *job, usec_t now,
                       struct store_telegram *ret_telegram, struct store_entry *ret_entry,
                       bool *ret_overdue)
{
    *ret_telegram = (struct store_telegram){0};
    *ret_overdue = false;
    int r = poll_count_traffic(poll, &job->result, now);
    if (r < 0)
        return r;
    struct store_entry entry;
    r = store_get_entry(poll->store, context, job->name, &entry);
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return r;
    usec_t control_time = entry.updated;
    const char *fault = body_fault(context, job, entry.id, &control_time);
    bool body_given = job->result.failure == TRANSFER_OK && job->result.status == 200;
    bool keep_broken = body_given && now - entry.first_seen > BROKEN_AFTER;
    if (fault != NULL && !keep_broken) {
        r = try_later(poll, &entry, fault, now, ret_overdue);
        tried(poll, &entry);
        *ret_entry = entry;
        return r;
    }
    struct store_telegram row = {.id = entry.id,
                                 .code = telegram_code_of_id(context, entry.url),
                                 .url = entry.url,
                                 .body = job->result.body,
                                 .body_length = job->result.body_length,
                                 .received_at = now,
                                 .control_time = control_time,
                                 .outcome = OUTCOME_RECEIVED,
                                 .backlog = entry.backlog};
    bool fresh = false;
    r = store_put_telegram(poll->store, &row, &fresh);
    tried(poll, &entry);
    if (r >= 0 && fresh && !entry.backlog)
        *ret_telegram = row;
    else if (r >= 0 && fresh && entry.attempts > 1)
        poll->batch_ready = true; /* its batch has gone already */
    return r;
}
