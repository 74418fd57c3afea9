/* A relay's mails and connections: see relay.h.
 *
 * When the last connection ends before it could take a mail, every waiting mail shares its fate:
 * none of them would have come further. A relay that takes one connection but not a second one is
 * just served with fewer. */
#include "transfer/relay.h"

#include <string.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/failure.h"

#define MAILS_PER_CONNECTION 1000 /* so that a relay can spread its load */
#define MAILS_WORTH_ANOTHER  4    /* a new connection costs some four round trips */
#define IDLE                 (10 * USEC_PER_SEC)
#define FEWER_FOR            (30 * USEC_PER_SEC)

struct relay_link {
    struct relay *relay;
    struct smtp_connection *connection;
    struct mail_list inside;
    bool ready;   /* has taken a mail, or could have */
    bool idle;    /* and its time runs */
    size_t mails; /* ever */
    TAILQ_ENTRY(relay_link) entry;
};
TAILQ_HEAD(link_list, relay_link);

struct relay {
    const char *url, *user, *password;
    enum mail_security security;
    struct smtp_route route;
    struct mail_list waiting;
    struct mail_list *ended;
    struct link_list links;
    size_t waiting_count, link_count, links_max;
    usec_t setup_time; /* for everything before the first mail */
    usec_t fewer_until;
    usec_t last_answer; /* monotonic */
};

static bool same(const char *a, const char *b)
{
    return a == b || text_equal(a, b);
}

bool relay_is(const struct relay *relay, const struct transfer_request *request)
{
    return relay->security == request->security && strcmp(relay->url, request->url) == 0 &&
           same(relay->user, request->user) && same(relay->password, request->password);
}

struct relay *relay_new(TALLOC_CTX *context, const struct mailer_parts *parts, SSL_CTX *tls,
                        const struct transfer_request *request, const struct endpoint *endpoint,
                        struct mail_list *ended)
{
    struct relay *relay = memory_new(context, struct relay);
    TAILQ_INIT(&relay->waiting);
    TAILQ_INIT(&relay->links);
    relay->ended = ended;
    relay->links_max = parts->connections;
    relay->url = memory_text(relay, request->url);
    relay->user = memory_text_or_null(relay, request->user);
    relay->password = memory_text_or_null(relay, request->password);
    relay->security = request->security;
    relay->setup_time = request->total_timeout;
    struct smtp_route *route = &relay->route;
    *route = (struct smtp_route){.event = parts->event,
                                 .sockets = parts->sockets,
                                 .resolver = parts->resolver,
                                 .tls = tls,
                                 .endpoint = *endpoint,
                                 .connect_timeout = request->connect_timeout,
                                 .after = parts->after,
                                 .userdata = parts->userdata};
    route->endpoint.host = memory_text(relay, endpoint->host);
    route->tls_first = request->security == MAIL_TLS || strcmp(endpoint->scheme, "smtps") == 0;
    route->session.lmtp = strcmp(endpoint->scheme, "lmtp") == 0;
    route->session.starttls = request->security == MAIL_STARTTLS && !route->tls_first;
    route->session.own_name = parts->own_name;
    route->session.user = relay->user;
    route->session.password = relay->password != NULL ? relay->password : "";
    return relay;
}

bool relay_is_empty(const struct relay *relay)
{
    return relay->waiting_count == 0 && relay->link_count == 0;
}

void relay_add(struct relay *relay, struct mail_item *item)
{
    TAILQ_INSERT_TAIL(&relay->waiting, item, entry);
    relay->waiting_count++;
}

/* ---- ends ---- */

static struct mail_item *take_waiting(struct relay *relay)
{
    struct mail_item *item = TAILQ_FIRST(&relay->waiting);
    if (item == NULL)
        return NULL;
    TAILQ_REMOVE(&relay->waiting, item, entry);
    relay->waiting_count--;
    return item;
}

static bool is_expired(const struct mail_item *item)
{
    return item->mail.expires_at != 0 && clock_monotonic() >= item->mail.expires_at;
}

static void end_with(struct relay *relay, struct mail_item *item, enum transfer_failure failure,
                     const char *error)
{
    if (is_expired(item)) {
        failure = TRANSFER_EXPIRED;
        error = failure_text(failure);
    }
    item->mail.failure = failure;
    snprintf(item->mail.error, sizeof(item->mail.error), "%s", error);
    TAILQ_INSERT_TAIL(relay->ended, item, entry);
}

/* A connection that has worked may be closed for reasons of its own; on a new one the mail itself
 * may be the reason. */
static void on_mail_ended(void *userdata, struct smtp_mail *mail)
{
    struct relay_link *link = userdata;
    struct relay *relay = link->relay;
    struct mail_item *item = (struct mail_item *)mail;
    TAILQ_REMOVE(&link->inside, item, entry);
    item->link = NULL;
    if (mail->unsent && smtp_session_answered(smtp_connection_session(link->connection)) > 0) {
        TAILQ_INSERT_HEAD(&relay->waiting, item, entry);
        relay->waiting_count++;
        return;
    }
    if (mail->status != 0)
        relay->last_answer = clock_monotonic();
    TAILQ_INSERT_TAIL(relay->ended, item, entry);
}

static void fail_all(struct relay *relay, enum transfer_failure failure, const char *error)
{
    struct mail_item *item;
    while ((item = take_waiting(relay)) != NULL)
        end_with(relay, item, failure, error);
}

static void link_free(struct relay_link *link)
{
    struct relay *relay = link->relay;
    TAILQ_REMOVE(&relay->links, link, entry);
    relay->link_count--;
    talloc_free(link);
}

/* What the end of a connection means for those who wait. */
static void reap(struct relay *relay, struct relay_link *link)
{
    const char *error;
    char text[64];
    enum transfer_failure failure =
        smtp_session_failure(smtp_connection_session(link->connection), &error);
    snprintf(text, sizeof(text), "%s", error);
    bool ready = link->ready;
    link_free(link);
    if (failure == TRANSFER_OK)
        return;
    usec_t now = clock_monotonic();
    bool hangs = failure == TRANSFER_TIMEOUT && now - relay->last_answer >= relay->setup_time;
    if (!ready && relay->link_count > 0)
        relay->fewer_until = now + FEWER_FOR;
    else if (!ready || hangs)
        fail_all(relay, failure, text);
}

/* ---- giving mails to connections ---- */

static void give(struct relay_link *link, struct mail_item *item)
{
    struct relay *relay = link->relay;
    if (is_expired(item)) {
        end_with(relay, item, TRANSFER_EXPIRED, "");
        return;
    }
    item->link = link;
    item->deadline = clock_monotonic() + item->request.total_timeout;
    TAILQ_INSERT_TAIL(&link->inside, item, entry);
    link->mails++;
    smtp_session_give(smtp_connection_session(link->connection), &item->mail);
}

/* One more mail for each connection that has room; those without any come first. */
static bool give_round(struct relay *relay, bool idle_only)
{
    bool given = false;
    struct relay_link *link;
    TAILQ_FOREACH(link, &relay->links, entry)
    {
        const struct smtp_session *session = smtp_connection_session(link->connection);
        if (relay->waiting_count == 0)
            return false;
        if (link->mails >= MAILS_PER_CONNECTION || (idle_only && smtp_session_mails(session) > 0) ||
            !smtp_session_room(session))
            continue;
        give(link, take_waiting(relay));
        given = true;
    }
    return given;
}

/* Those that may still take a mail, now or later. */
static size_t usable_links(const struct relay *relay)
{
    size_t count = 0;
    const struct relay_link *link;
    TAILQ_FOREACH(link, &relay->links, entry)
    count += !smtp_session_leaving(smtp_connection_session(link->connection));
    return count;
}

static void open_link(struct relay *relay)
{
    struct relay_link *link = memory_new(relay, struct relay_link);
    link->relay = relay;
    TAILQ_INIT(&link->inside);
    TAILQ_INSERT_TAIL(&relay->links, link, entry);
    relay->link_count++;
    relay->setup_time = TAILQ_FIRST(&relay->waiting)->request.total_timeout;
    link->connection = smtp_connection_new(link, &relay->route, on_mail_ended, link);
    smtp_connection_deadline(link->connection, clock_monotonic() + relay->setup_time);
}

static void open_links(struct relay *relay)
{
    size_t usable = usable_links(relay);
    while (relay->waiting_count > usable * MAILS_WORTH_ANOTHER && usable < relay->links_max &&
           (usable == 0 || clock_monotonic() >= relay->fewer_until)) {
        open_link(relay);
        usable++;
    }
}

/* What it waits for now, and for how long. */
static void set_deadline(struct relay_link *link)
{
    struct smtp_session *session = smtp_connection_session(link->connection);
    struct mail_item *first = TAILQ_FIRST(&link->inside);
    if (smtp_session_phase(session) != SMTP_READY || smtp_session_leaving(session))
        return;
    link->ready = true;
    if (first != NULL) {
        link->idle = false;
        smtp_connection_deadline(link->connection, first->deadline);
    } else if (link->mails >= MAILS_PER_CONNECTION) {
        smtp_connection_leave(link->connection);
    } else if (!link->idle) {
        link->idle = true;
        smtp_connection_deadline(link->connection, clock_monotonic() + IDLE);
    }
}

/* True when a connection has ended. */
static bool move_on(struct relay *relay)
{
    bool ended = false;
    struct relay_link *link, *next;
    while (give_round(relay, true) || give_round(relay, false))
        continue;
    open_links(relay);
    for (link = TAILQ_FIRST(&relay->links); link != NULL; link = next) {
        next = TAILQ_NEXT(link, entry);
        smtp_connection_flush(link->connection);
        set_deadline(link);
        if (smtp_session_phase(smtp_connection_session(link->connection)) != SMTP_ENDED)
            continue;
        reap(relay, link);
        ended = true;
    }
    return ended;
}

void relay_pump(struct relay *relay)
{
    while (move_on(relay))
        continue;
}
