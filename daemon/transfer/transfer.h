/* Bytes over the network: posts to receivers by HTTP/1.1 of our own (http_client.h), feeds and
 * HTTP/2 by libcurl's multi interface (curl_engine.h), mail by SMTP and LMTP of our own (mailer.h).
 *
 * Does: many transfers at once on the loop thread; all sockets live in one nested epoll set that
 * is one sd-event source; names by c-ares; every address checked before and at connect; one trust
 * store. Never: touches disk, follows a redirect, uses a proxy or the environment, waits. All
 * functions are for the loop thread only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-event.h>
#include <talloc.h>
#include "base/clock.h"
#include "base/problem.h"

struct transfer;

/* A network that may be reached although it is private or loopback, as the operator writes it:
 * "127.0.0.1/32", "10.1.0.0/16", "::1/128". */
struct address_rule;
__attribute__((warn_unused_result)) int address_rule_read(TALLOC_CTX *context, const char *text,
                                                          struct address_rule **ret_rule);
/* True when a socket address may be connected to: public unicast, or inside a rule
 * (standards.md 6, R-16). v4-mapped and NAT64 forms count as the IPv4 address inside; 6to4 and
 * other tunnels are refused unless a rule holds them or the address inside. */
struct sockaddr;
bool address_allowed(const struct sockaddr *address, struct address_rule *const *rules,
                     size_t rule_count);
/* Checks a receiver's URL before any lookup: scheme https (http when http_allowed), no user info, a
 * host that is a plain name or a normal literal (no octal, hex, single integer, trailing dot,
 * localhost unless a loopback rule exists), port 443, 8443 or, when a rule allows the literal host
 * or http_allowed, any. Returns 0 or -EINVAL with *ret_why (static). */
__attribute__((warn_unused_result)) int transfer_check_url(const char *url, bool http_allowed,
                                                           struct address_rule *const *rules,
                                                           size_t rule_count, const char **ret_why);

struct transfer_options {
    sd_event *event;
    struct address_rule *const *allowed;
    size_t allowed_count;  /* for receivers */
    const char *ca_file;   /* extra trust anchors (PEM) beside Debian's bundle; NULL none */
    size_t limit;          /* transfers to receivers at once, at most; feed and relay come on top */
    size_t limit_per_host; /* receivers: 2; the feed server gets 6 */
    size_t mail_connections; /* to a mail relay, at most; 0: 4 */
    const char *mail_host;   /* our own name in EHLO; NULL: "localhost" */
    const char *user_agent;
    const char *name_servers; /* "address[:port],…" instead of /etc/resolv.conf; NULL: that file */
};
__attribute__((warn_unused_result)) int transfer_new(TALLOC_CTX *context,
                                                     const struct transfer_options *options,
                                                     struct transfer **ret_transfer);
void transfer_free(struct transfer *transfer); /* cancels what runs, without callbacks */

enum transfer_kind { TRANSFER_GET, TRANSFER_POST, TRANSFER_MAIL };
enum transfer_lane {
    LANE_FEED /* the configured feed server: any address */,
    LANE_RECEIVER,
    LANE_RELAY /* the configured mail relay: any address */
};
enum mail_security { MAIL_PLAIN, MAIL_STARTTLS /* required */, MAIL_TLS };

struct transfer_request {
    enum transfer_kind kind;
    enum transfer_lane lane;
    const char *url;            /* http(s)://…; smtp(s):// or lmtp://host:port for mail */
    const char *const *headers; /* "Name: value", ended by NULL; checked against CR and LF */
    const void *body;
    size_t body_length;
    size_t answer_bytes_max; /* GET: larger is an error; POST: cut */
    usec_t connect_timeout, total_timeout;
    usec_t expires_at; /* monotonic time after which nothing may be written any more; 0 none:
                          checked again when the request is about to be sent (test 22) */
    bool urgent;       /* goes before what is not: warnings of level 4 and 5 */
    /* mail: LANE_RELAY only; the timeout counts from where a connection has room for it */
    const char *mail_from, *mail_to; /* bare addresses; refused when they hold CR, LF, blanks, <> */
    const char *user, *password;
    enum mail_security security;
};
enum transfer_failure {
    TRANSFER_OK = 0,
    TRANSFER_EXPIRED,
    TRANSFER_NAME,
    TRANSFER_ADDRESS_REFUSED,
    TRANSFER_CONNECT,
    TRANSFER_TLS,
    TRANSFER_TIMEOUT,
    TRANSFER_CUT /* ended before it was whole */,
    TRANSFER_TOO_LARGE,
    TRANSFER_BAD_REQUEST,
    TRANSFER_OTHER
};
struct transfer_result {
    enum transfer_failure failure;
    int status;           /* HTTP or last SMTP status; 0 none */
    const char *error;    /* short, without address or URL; NULL when fine */
    const char *enhanced; /* mail: the reply's code of RFC 3463, "5.1.1"; NULL none */
    const char *etag, *last_modified, *date, *age, *retry_after; /* NULL when absent */
    const void *body;
    size_t body_length; /* GET and POST answers, decoded */
    size_t bytes_moved; /* on the wire, both ways, as far as curl tells */
    usec_t sent_at;     /* monotonic time when the request was written first; 0 never */
    usec_t ended_at;
};
/* Called on the loop thread; `result` lives until it returns. */
typedef void transfer_done(void *userdata, const struct transfer_result *result);

/* Starts or queues. Nothing is copied: what the request points to (URL, headers and their texts,
 * body, addresses, user and password) stays the caller's and must live, unchanged, until `done` was
 * called or the transfer was freed; many requests may share one body. The struct itself need not
 * live. Returns 0; -EINVAL for a request that must not be made (then no callback). */
__attribute__((warn_unused_result)) int transfer_start(struct transfer *transfer,
                                                       const struct transfer_request *request,
                                                       transfer_done *done, void *userdata);
size_t transfer_running(const struct transfer *transfer);
