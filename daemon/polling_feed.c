/* The answer of a feed: its new entries into the store, each with whether and how it is wanted.
 *
 * A page is taken in one transaction with its validators: a crash in between asks for the same page
 * again. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "jma/registry.h"
#include "jma/telegram.h"
#include "polling_state.h"

/* An entry this old when we first see it is backlog. */
#define BACKLOG_AGE (3 * USEC_PER_MINUTE)
/* Backlog that cannot matter any more is not fetched. */
#define QUAKE_BACKLOG_AGE (6 * USEC_PER_HOUR)
#define OTHER_BACKLOG_AGE (24 * USEC_PER_HOUR)

/* Why an entry's body is not wanted; NULL: fetch it. */
static const char *unwanted(const struct store_entry *entry, const char *code, usec_t now)
{
    const struct registry_row *row = code != NULL ? registry_find(code) : NULL;
    if (row == NULL)
        return NULL;
    if (row->role == ROLE_RECORDED || row->role == ROLE_CROSS_CHECK)
        return row->reason != NULL ? row->reason : "recorded only";
    if (!entry->backlog)
        return NULL;
    usec_t age = now - entry->updated;
    if (row->kind == REPORT_EARTHQUAKE && age > QUAKE_BACKLOG_AGE)
        return "an earthquake of long before the start";
    if (row->kind == REPORT_GENERIC && age > OTHER_BACKLOG_AGE)
        return "from long before the start";
    return NULL;
}

/* Telegrams that carry a whole state replace each other: of the backlog only the newest counts. The
 * unit is code, office and the area at the end of the file name. */
static bool whole_state(const char *code)
{
    const struct registry_row *row = code != NULL ? registry_find(code) : NULL;
    return row != NULL && (row->kind == REPORT_WEATHER || strcmp(row->code, "VTSE41") == 0);
}

struct feed_answer {
    struct poll *poll;
    struct poll_feed *feed;
    const struct feed_page *page;
    usec_t now;
    bool catching_up;
    json_t *units; /* of whole states already met, newest first */
    size_t added;
    usec_t newest_live; /* `updated` of the newest new entry that is not backlog */
};

static const char *unit_of(TALLOC_CTX *context, const struct feed_entry *entry, const char *code)
{
    const char *area = strrchr(entry->url, '_');
    return memory_printf(context, "%s|%s|%s", code, entry->author != NULL ? entry->author : "",
                         area != NULL ? area : "");
}

static int add_entry(struct feed_answer *answer, const struct feed_entry *entry)
{
    TALLOC_CTX *scratch = talloc_new(answer->poll);
    const char *code = telegram_code_of_id(scratch, entry->url);
    struct store_entry row = {.id = entry->id,
                              .url = entry->url,
                              .feed = answer->feed->name,
                              .title = entry->title,
                              .content = entry->content,
                              .updated = entry->updated,
                              .first_seen = answer->now,
                              .next_at = answer->now};
    row.backlog = answer->catching_up && answer->now - entry->updated > BACKLOG_AGE;
    const char *why_not = unwanted(&row, code, answer->now);
    if (why_not == NULL && row.backlog && whole_state(code)) {
        const char *unit = unit_of(scratch, entry, code);
        if (json_object_get(answer->units, unit) != NULL)
            why_not = "an older state of the same office";
        json_object_set_new(answer->units, unit, json_true());
    }
    if (why_not != NULL) {
        row.state = ENTRY_GIVEN_UP;
        row.last_error = why_not;
    }
    bool fresh = false;
    int r = store_add_entry(answer->poll->store, &row, &fresh);
    if (r >= 0 && fresh && why_not == NULL) {
        answer->added++;
        if (row.backlog)
            answer->feed->untried++;
        else if (entry->updated > answer->newest_live)
            answer->newest_live = entry->updated;
    }
    talloc_free(scratch);
    return r;
}

static int add_entries(struct feed_answer *answer)
{
    int r = 0;
    answer->units = json_object();
    for (size_t i = 0; r >= 0 && i < answer->page->entry_count; i++)
        r = add_entry(answer, &answer->page->entries[i]);
    json_decref(answer->units);
    return r;
}

static void ask_long(struct poll *poll, const struct poll_feed *feed, usec_t now)
{
    struct poll_feed *other =
        feed->row->long_name != NULL ? poll_find_feed(poll, feed->row->long_name) : NULL;
    if (other != NULL && !feed->is_long)
        other->next_at = now;
}

static int take_page(struct poll *poll, struct poll_feed *feed, const struct job *job,
                     struct store_feed *state, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(poll);
    struct problems *problems = problems_new(scratch);
    struct feed_page *page;
    int r = feed_parse(scratch, feed->name, poll->config->feed_base_url, job->result.body,
                       job->result.body_length, problems, &page);
    for (size_t i = 0; i < problems->count; i++)
        log_warning("feed problem", "feed", feed->name, "problem",
                    problem_text(scratch, &problems->items[i]));
    if (r < 0) {
        state->failures++;
        state->last_error = "the answer is not a feed";
        r = store_put_feed(poll->store, state);
        talloc_free(scratch);
        return r;
    }
    struct feed_answer answer = {.poll = poll, .feed = feed, .page = page, .now = now};
    bool gap = feed_gap(state, page);
    answer.catching_up =
        feed->is_long || !feed->read_once || gap || now - state->last_success > 5 * USEC_PER_MINUTE;
    if (gap || (state->failures > 0 && feed->read_once))
        ask_long(poll, feed, now);
    r = store_begin(poll->store);
    if (r >= 0)
        r = add_entries(&answer);
    /* A page that is made anew without anything new in it: then a page that is not made anew any
     * more is frozen, and we notice at once (poll_sight). */
    if (feed->published > 0 && page->updated > feed->published && page->entry_count > 0 &&
        page->entries[0].updated == state->newest_updated)
        feed->ticking = true;
    if (page->entry_count > 0) {
        state->newest_updated = page->entries[0].updated;
        state->oldest_updated = page->entries[page->entry_count - 1].updated;
    }
    feed->published = page->updated;
    if (answer.newest_live > 0 && !answer.catching_up)
        state->phase_seconds = feed_learn_phase(state->phase_seconds, page->updated, now);
    state->etag = job->result.etag;
    state->last_modified = job->result.last_modified;
    state->failures = 0;
    state->last_success = now;
    state->last_error = NULL;
    if (r >= 0)
        r = store_put_feed(poll->store, state);
    if (r >= 0)
        r = store_commit(poll->store);
    if (r < 0)
        store_rollback(poll->store);
    feed->read_once = true;
    talloc_free(scratch);
    return r;
}

static int note_feed_failure(struct poll *poll, struct poll_feed *feed, const struct job *job,
                             struct store_feed *state, TALLOC_CTX *scratch)
{
    state->failures++;
    state->last_error = job->result.error != NULL
                            ? job->result.error
                            : memory_printf(scratch, "HTTP %d", job->result.status);
    if (state->failures == 1 || state->failures % 30 == 0)
        log_warning("feed not reached; trying again", "feed", feed->name, "error",
                    state->last_error);
    return store_put_feed(poll->store, state);
}

static int take_feed_answer(struct poll *poll, struct poll_feed *feed, const struct job *job,
                            TALLOC_CTX *scratch, usec_t now)
{
    struct store_feed state;
    int r = store_get_feed(poll->store, scratch, feed->name, &state);
    if (r < 0)
        return r;
    bool was_failing = state.failures > 0;
    if (job->result.failure == TRANSFER_OK && job->result.status == 200) {
        r = take_page(poll, feed, job, &state, now);
    } else if (job->result.failure == TRANSFER_OK && job->result.status == 304) {
        if (was_failing)
            ask_long(poll, feed, now);
        state.failures = 0;
        state.last_success = now;
        state.last_error = NULL;
        feed->read_once = true;
        r = store_put_feed(poll->store, &state);
    } else {
        return note_feed_failure(poll, feed, job, &state, scratch);
    }
    if (r >= 0 && was_failing && state.failures == 0)
        log_notice("feed reached again", "feed", feed->name);
    return r;
}

int poll_feed_done(struct poll *poll, const struct job *job, usec_t now)
{
    struct poll_feed *feed = poll_find_feed(poll, job->name);
    if (feed == NULL)
        return 0;
    TALLOC_CTX *scratch = talloc_new(poll);
    feed->in_flight = false;
    feed->next_at = 0; /* a gap found below may ask for the long feed at once */
    int r = poll_count_traffic(poll, &job->result, now);
    if (r >= 0)
        r = take_feed_answer(poll, feed, job, scratch, now);
    struct store_feed state;
    if (r >= 0)
        r = store_get_feed(poll->store, scratch, feed->name, &state);
    if (r >= 0) {
        if (feed->is_long)
            feed->next_at = state.failures > 0 ? now + USEC_PER_MINUTE : now + USEC_PER_HOUR;
        else
            feed->next_at = feed_next_poll(feed->row, &state, now, poll_random());
        if (feed_budget(poll->bytes_today) == BUDGET_LAST)
            feed->next_at += USEC_PER_MINUTE;
    }
    talloc_free(scratch);
    return r;
}
