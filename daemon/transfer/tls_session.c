/* Tickets by host: see tls_session.h.
 *
 * They are kept as OpenSSL's objects: as bytes they take an eighth of the memory, but reading a
 * session with its certificate again costs nearly what it saves. tls.c sees to it that the end of a
 * connection without a goodbye does not spoil them. */
#include "transfer/tls_session.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>
#include <uthash.h>
#include "base/clock.h"
#include "base/memory.h"
#include "transfer/tls.h"

#define DAY      86400
#define LIFETIME 7200 /* of TLS 1.2, when the server does not say (RFC 5077 3.3) */

struct ticket {
    TAILQ_ENTRY(ticket) link;
    UT_hash_handle hh;
    time_t verified_at; /* the whole handshake that it comes from */
    time_t until;
    SSL_SESSION *session;
    char key[]; /* host and port */
};
TAILQ_HEAD(ticket_list, ticket);

struct tls_sessions {
    struct ticket *all;
    struct ticket_list used; /* what was used last stands first */
    size_t hosts_max;
};

/* Of one connection. */
struct visit {
    struct tls_sessions *sessions;
    time_t verified_at; /* of the ticket that was offered */
    char key[];
};

static time_t now(void)
{
    return (time_t)(clock_now() / USEC_PER_SEC);
}

static time_t earlier(time_t a, time_t b)
{
    return a < b ? a : b;
}

static struct ticket *find(const struct tls_sessions *sessions, const char *key)
{
    struct ticket *ticket;
    HASH_FIND_STR(sessions->all, key, ticket);
    return ticket;
}

static void drop(struct tls_sessions *sessions, struct ticket *ticket)
{
    SSL_SESSION_free(ticket->session);
    HASH_DEL(sessions->all, ticket);
    TAILQ_REMOVE(&sessions->used, ticket, link);
    talloc_free(ticket);
}

/* ---- what comes ---- */

static time_t end_of_certificate(const SSL_SESSION *session)
{
    struct tm end;
    const X509 *certificate = SSL_SESSION_get0_peer((SSL_SESSION *)session);
    if (certificate == NULL || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1)
        return 0;
    return timegm(&end);
}

static time_t end_of_use(const SSL_SESSION *session, time_t verified_at)
{
    unsigned long hint = SSL_SESSION_get_ticket_lifetime_hint(session);
    if (hint == 0 && SSL_SESSION_get_protocol_version(session) < TLS1_3_VERSION)
        hint = LIFETIME;
    time_t lifetime = now() + (hint < DAY ? (time_t)hint : DAY);
    return earlier(earlier(lifetime, verified_at + DAY), end_of_certificate(session));
}

/* The certificates are most of a session, and the other side chooses them. */
static bool is_small(const SSL *ssl, SSL_SESSION *session)
{
    int bytes = i2d_SSL_SESSION(session, NULL);
    const STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    for (int i = 0; chain != NULL && i < sk_X509_num(chain); i++)
        bytes += i2d_X509(sk_X509_value(chain, i), NULL);
    return bytes > 0 && bytes <= TLS_SESSION_BYTES_MAX;
}

static void keep(struct tls_sessions *sessions, const char *key, SSL_SESSION *session,
                 time_t verified_at)
{
    struct ticket *ticket = find(sessions, key);
    time_t until = end_of_use(session, verified_at);
    if (ticket != NULL)
        drop(sessions, ticket);
    if (until <= now())
        return;
    size_t key_bytes = strlen(key) + 1;
    ticket = memory_must(talloc_zero_size(sessions, sizeof(struct ticket) + key_bytes));
    memcpy(ticket->key, key, key_bytes);
    memory_must(SSL_SESSION_up_ref(session) == 1 ? session : NULL);
    ticket->session = session;
    ticket->verified_at = verified_at;
    ticket->until = until;
    HASH_ADD_STR(sessions->all, key, ticket);
    TAILQ_INSERT_HEAD(&sessions->used, ticket, link);
    if (HASH_COUNT(sessions->all) > sessions->hosts_max)
        drop(sessions, TAILQ_LAST(&sessions->used, ticket_list));
}

/* 0: OpenSSL keeps its own reference. */
static int on_session(SSL *ssl, SSL_SESSION *session)
{
    struct visit *visit = SSL_get_app_data(ssl);
    if (visit != NULL && SSL_get_verify_result(ssl) == X509_V_OK &&
        SSL_SESSION_is_resumable(session) == 1 && is_small(ssl, session))
        keep(visit->sessions, visit->key, session,
             SSL_session_reused(ssl) ? visit->verified_at : now());
    return 0;
}

/* ---- what goes out ---- */

void tls_sessions_offer(struct tls_sessions *sessions, struct tls *tls, const char *host,
                        unsigned port)
{
    SSL *ssl = tls_ssl(tls);
    size_t key_bytes = strlen(host) + sizeof("65535:");
    struct visit *visit = memory_must(talloc_zero_size(tls, sizeof(struct visit) + key_bytes));
    visit->sessions = sessions;
    snprintf(visit->key, key_bytes, "%u:%s", port, host);
    SSL_set_app_data(ssl, visit);
    struct ticket *ticket = find(sessions, visit->key);
    if (ticket == NULL)
        return;
    if (ticket->until <= now()) {
        drop(sessions, ticket);
        return;
    }
    TAILQ_REMOVE(&sessions->used, ticket, link);
    TAILQ_INSERT_HEAD(&sessions->used, ticket, link);
    visit->verified_at = ticket->verified_at;
    memory_must(SSL_set_session(ssl, ticket->session) == 1 ? ssl : NULL);
}

void tls_sessions_forget(struct tls_sessions *sessions, struct tls *tls)
{
    const struct visit *visit = SSL_get_app_data(tls_ssl(tls));
    struct ticket *ticket = visit != NULL ? find(sessions, visit->key) : NULL;
    if (ticket != NULL)
        drop(sessions, ticket);
}

size_t tls_sessions_count(const struct tls_sessions *sessions)
{
    return HASH_COUNT(sessions->all);
}

/* ---- the collector ---- */

static int sessions_destroy(struct tls_sessions *sessions)
{
    struct ticket *ticket;
    while ((ticket = TAILQ_FIRST(&sessions->used)) != NULL)
        drop(sessions, ticket);
    return 0;
}

struct tls_sessions *tls_sessions_new(TALLOC_CTX *context, SSL_CTX *shared, size_t hosts_max)
{
    struct tls_sessions *sessions = memory_new(context, struct tls_sessions);
    sessions->hosts_max = hosts_max;
    TAILQ_INIT(&sessions->used);
    SSL_CTX_set_session_cache_mode(shared, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(shared, on_session);
    talloc_set_destructor(sessions, sessions_destroy);
    return sessions;
}
