/* TLS sessions that can be gone on with: the newest ticket of each host, so that the next
 * connection to it costs half (performance.md 2). TLS only asks for a certificate in a whole
 * handshake, so
 *   - a ticket belongs to the name, or address, and the port that the certificate was checked for,
 *   - it is kept only when that check was passed, and no longer than the certificate is valid,
 *   - after a day a whole handshake is due, however often it was renewed in between.
 * The anchors of trust are those of the context, which never change: others need another context,
 * which begins without tickets. Tickets stay in memory.
 *
 * Memory: at most so many hosts, whose oldest use leaves first. A session with its certificates has
 * at most 12 KiB as bytes, larger ones are not kept; in memory it is about five to eight times that
 * (680 bytes with one certificate are 5.5 kB). */
#pragma once

#include <openssl/types.h>
#include <talloc.h>

#define TLS_SESSION_BYTES_MAX 12288

struct tls;
struct tls_sessions;
/* Collects what servers give to connections of `shared`, which has one collector, and is freed only
 * after its connections. */
struct tls_sessions *tls_sessions_new(TALLOC_CTX *context, SSL_CTX *shared, size_t hosts_max);
/* Before the handshake of a new connection to the host that tls_new was told: offers what there is,
 * and collects what comes. */
void tls_sessions_offer(struct tls_sessions *sessions, struct tls *tls, const char *host,
                        unsigned port);
/* Its handshake came to nothing: the next one is a whole one, whatever the fault was. */
void tls_sessions_forget(struct tls_sessions *sessions, struct tls *tls);
/* How many hosts have one. */
size_t tls_sessions_count(const struct tls_sessions *sessions);
