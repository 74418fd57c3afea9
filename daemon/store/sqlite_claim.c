/* Claiming: the best due deliveries become sending, joined with what sending needs. */
#include <errno.h>

#include "base/memory.h"
#include "store/sqlite.h"

/* So many rows for each that is wanted are looked at in one call; the others ended instead. */
#define LOOK_AHEAD 4
/* One of so many is kept for the second place of a level; at least one of a few. */
#define SECOND_PLACES 32
#define FEW           8

struct claiming {
    struct store *store;
    TALLOC_CTX *context;
    enum delivery_channel channel;
    usec_t now;
    size_t left; /* rows that may still be looked at */
    struct store_claim *claims;
    size_t count;
    struct store_delivery alert; /* what the last row's alert gave: rows of one come together */
};

/* At most `wanted` rows of one priority; they are read first and moved afterwards. */
static int read_rows(struct claiming *claiming, TALLOC_CTX *scratch, int priority, size_t wanted,
                     struct store_delivery **ret, size_t *ret_count)
{
    sqlite3_stmt *s;
    struct store_delivery *rows = NULL;
    size_t count = 0;
    if (wanted > claiming->left)
        wanted = claiming->left;
    int r = sqlite_prepare(claiming->store,
                           "select alert, subscriber, message, state, attempts, next_at from"
                           " delivery where state in (0, 2) and channel = ? and priority = ? and"
                           " next_at <= ? order by next_at, alert, subscriber limit ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "iiII", (int)claiming->channel, priority, claiming->now, (int64_t)wanted);
    while ((r = sqlite_step(claiming->store, s)) > 0) {
        rows = memory_grow(scratch, rows, count, sizeof(*rows));
        rows[count++] =
            (struct store_delivery){.alert = sqlite3_column_int64(s, 0),
                                    .subscriber = sqlite3_column_int64(s, 1),
                                    .message = sqlite3_column_int64(s, 2),
                                    .channel = claiming->channel,
                                    .state = (enum delivery_state)sqlite3_column_int(s, 3),
                                    .attempts = sqlite3_column_int(s, 4),
                                    .next_at = sqlite3_column_int64(s, 5),
                                    .drill = priority >= PRIORITY_DRILL,
                                    .level = 5 - priority % PRIORITY_DRILL / 2};
    }
    *ret = rows;
    *ret_count = count;
    return r;
}

static int read_alert(struct claiming *claiming, int64_t alert)
{
    sqlite3_stmt *s;
    struct store_delivery *kept = &claiming->alert;
    if (kept->alert == alert)
        return 0;
    int r = sqlite_prepare(claiming->store,
                           "select a.id, a.event_id, a.expires, a.issued_at, f.created_at from"
                           " alert a left join fanout f on f.alert = a.number where a.number = ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", alert);
    r = sqlite_step(claiming->store, s);
    if (r <= 0)
        return r < 0 ? r : -EBADMSG;
    *kept = (struct store_delivery){.alert = alert,
                                    .alert_id = sqlite_text(claiming->context, s, 0),
                                    .event_id = sqlite_text(claiming->context, s, 1),
                                    .expires_at = sqlite3_column_int64(s, 2),
                                    .issued_at = sqlite3_column_int64(s, 3),
                                    .created_at = sqlite3_column_int64(s, 4)};
    sqlite3_reset(s);
    return 0;
}

/* Who is disabled is still reached by his other channel. */
static const char *refusal(sqlite3_stmt *s, bool other)
{
    if (sqlite3_column_int64(s, 1) == 0)
        return "no longer subscribed";
    if (other)
        return sqlite3_column_text(s, 8) == NULL ? "it has no other channel any more" : NULL;
    const char *reason = (const char *)sqlite3_column_text(s, 3);
    return sqlite3_column_int64(s, 2) == 0 ? NULL : reason != NULL ? reason : "disabled";
}

static int read_receiver(struct claiming *claiming, struct store_claim *claim)
{
    sqlite3_stmt *s;
    int r = sqlite_prepare(claiming->store,
                           "select s.id, s.profile, s.disabled_at, s.disabled_reason, c.address,"
                           " c.name, c.secret, p.languages, c.fallback, p.channel from subscriber s"
                           " left join contact c on c.subscriber = s.number"
                           " left join profile p on p.number = s.profile where s.number = ?",
                           &s);
    if (r < 0)
        return r;
    sqlite_bind(s, "I", claim->delivery.subscriber);
    r = sqlite_step(claiming->store, s);
    if (r <= 0)
        return r < 0 ? r : -EBADMSG;
    TALLOC_CTX *context = claiming->context;
    const char *first = (const char *)sqlite3_column_text(s, 9);
    bool other = first != NULL && delivery_channel_number(first) != (int)claiming->channel;
    claim->delivery.subscriber_id = sqlite_text(context, s, 0);
    claim->receiver =
        (struct store_receiver){.refused = memory_text_or_null(context, refusal(s, other)),
                                .address = sqlite_text(context, s, other ? 8 : 4),
                                .other = other,
                                .fallback = !other && sqlite3_column_text(s, 8) != NULL,
                                .name = sqlite_text(context, s, 5),
                                .secret = sqlite_text(context, s, 6),
                                .languages = sqlite_text(context, s, 7)};
    sqlite3_reset(s);
    return 0;
}

/* Moves a row unless somebody else did. *ret_moved. */
static int move(struct claiming *claiming, const struct store_delivery *row, bool expired,
                bool *ret_moved)
{
    int to = expired ? DELIVERY_EXPIRED : DELIVERY_SENDING;
    int r = sqlite_run(claiming->store,
                       "update delivery set state = ?, ended_at = ?, attempts = attempts + ?,"
                       " priority = priority | ? where alert = ? and subscriber = ? and state = ?",
                       "iIiiIIi", to, expired ? claiming->now : (usec_t)0, expired ? 0 : 1,
                       expired ? 0 : 1, row->alert, row->subscriber, (int)row->state);
    *ret_moved = r >= 0 && sqlite3_changes(claiming->store->database) > 0;
    if (*ret_moved)
        sqlite_tally_move(claiming->store, row->alert, (int)row->channel, (int)row->state, to);
    return r;
}

static int claim_row(struct claiming *claiming, struct store_delivery *row)
{
    bool moved = false;
    int r = read_alert(claiming, row->alert);
    if (r < 0)
        return r;
    const struct store_delivery *alert = &claiming->alert;
    bool expired = alert->expires_at <= claiming->now;
    r = move(claiming, row, expired, &moved);
    if (r < 0 || !moved || expired)
        return r;
    struct store_claim *claim = &claiming->claims[claiming->count];
    claim->delivery = *row;
    claim->delivery.state = DELIVERY_SENDING;
    claim->delivery.attempts++;
    claim->delivery.alert_id = alert->alert_id;
    claim->delivery.event_id = alert->event_id;
    claim->delivery.expires_at = alert->expires_at;
    claim->delivery.issued_at = alert->issued_at;
    claim->delivery.created_at = alert->created_at;
    r = read_receiver(claiming, claim);
    if (r < 0)
        return r;
    claim->delivery.id =
        delivery_id(claiming->context, alert->alert_id, claim->delivery.subscriber_id,
                    delivery_channel_name(row->channel));
    claiming->count++;
    return 0;
}

/* Until `limit` are claimed, those before included. */
static int claim_priority(struct claiming *claiming, int priority, size_t limit)
{
    TALLOC_CTX *scratch = talloc_new(claiming->context);
    struct store_delivery *rows;
    size_t count = 1;
    int r = 0;
    while (r >= 0 && count > 0 && claiming->count < limit && claiming->left > 0) {
        r = read_rows(claiming, scratch, priority, limit - claiming->count, &rows, &count);
        for (size_t i = 0; r >= 0 && i < count; i++)
            r = claim_row(claiming, &rows[i]);
        claiming->left -= count;
    }
    talloc_free(scratch);
    return r;
}

/* Both places of a level, `first` being the priority of the first: see store/delivery.h. */
static int claim_level(struct claiming *claiming, int first, size_t limit)
{
    size_t room = limit - claiming->count, kept = room / SECOND_PLACES;
    if (kept == 0 && room >= FEW)
        kept = 1;
    int r = claim_priority(claiming, first, limit - kept);
    if (r >= 0)
        r = claim_priority(claiming, first + 1, limit);
    return r < 0 ? r : claim_priority(claiming, first, limit);
}

/* The first priority from `priority` on, up to `last`, that has rows; -1 none. */
static int next_priority(struct claiming *claiming, int64_t priority, int last, int64_t *ret)
{
    return sqlite_number(claiming->store,
                         "select priority from delivery where state in (0, 2) and channel = ? and"
                         " priority >= ? and priority <= ? order by priority limit 1",
                         -1, ret, "iIi", (int)claiming->channel, priority, last);
}

int store_claim_deliveries(struct store *store, TALLOC_CTX *context, enum delivery_channel channel,
                           enum delivery_class class, usec_t now, size_t limit,
                           struct store_claim **ret, size_t *ret_count)
{
    struct claiming claiming = {.store = store,
                                .context = context,
                                .channel = channel,
                                .now = now,
                                .left = limit * LOOK_AHEAD};
    int64_t priority = class == CLASS_URGENT ? 0 : PRIORITY_URGENT + 1;
    int last = class == CLASS_URGENT ? PRIORITY_URGENT : PRIORITY_LAST;
    bool mine;
    *ret = NULL;
    *ret_count = 0;
    int r = next_priority(&claiming, priority, last, &priority);
    if (r < 0 || priority < 0 || limit == 0)
        return r;
    claiming.claims = memory_array(context, struct store_claim, limit);
    r = sqlite_join(store, &mine);
    if (r < 0)
        return r;
    while (r >= 0 && priority >= 0 && claiming.count < limit && claiming.left > 0) {
        int first = (int)priority & ~1;
        r = claim_level(&claiming, first, limit);
        if (r >= 0)
            r = next_priority(&claiming, first + 2, last, &priority);
    }
    r = sqlite_leave(store, mine, r);
    if (r < 0)
        return r;
    *ret = claiming.claims;
    *ret_count = claiming.count;
    return 0;
}
