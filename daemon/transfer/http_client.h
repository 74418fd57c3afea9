/* HTTP/1.1 posts to receivers by a client of our own: one request on a connection at a time, plain
 * or TLS, connections kept for hosts that get several. libcurl takes nearly twice the processor
 * time for each new connection and four times for a kept one (performance.md 2); it stays for
 * feeds, and for receivers that may speak HTTP/2. Answers are read by Debian's http-parser.
 *
 * It never calls up from inside a round of sockets: attempts that have ended wait for
 * http_client_drain. */
#pragma once

#include "transfer/item.h"

struct http_client;
/* What a client needs; everything outlives it. */
struct http_parts {
    sd_event *event;
    struct sockets *sockets;
    X509_STORE *trust;
    const char *user_agent; /* NULL: none is sent */
    attempt_ended *ended;
};
struct http_client *http_client_new(TALLOC_CTX *context, const struct http_parts *parts);

/* One try at item->addresses.items[0]; with `keep` on a connection that was kept, if there is one.
 * How it ends, even at once, is told by `ended`. Nothing is written after the expiry. */
void http_attempt_start(struct http_client *client, struct transfer_item *item, bool keep);
/* Ends it without telling. An item without an attempt is fine. */
void http_attempt_stop(struct transfer_item *item);
/* Tells of every attempt that has ended. */
void http_client_drain(struct http_client *client);

/* ---- http_request.c ---- */
/* The bytes of the request, instead of what `request` held. -E2BIG when they are too many. */
__attribute__((warn_unused_result)) int http_request_write(const struct transfer_item *item,
                                                           const char *user_agent, bool keep,
                                                           struct buffer *request);

/* ---- http_answer.c ---- */
/* Reads an answer piece by piece, however it is cut, into item->answer. */
struct http_answer;
enum http_answer_state {
    HTTP_ANSWER_MORE,
    HTTP_ANSWER_WHOLE, /* and nothing came behind it */
    HTTP_ANSWER_BROKEN /* not HTTP, too large, or more came than the answer */
};
struct http_answer *http_answer_new(TALLOC_CTX *context);
/* Before each request. */
void http_answer_begin(struct http_answer *answer, struct transfer_item *item);
/* `length` 0: the other side has closed. */
enum http_answer_state http_answer_take(struct http_answer *answer, const char *bytes,
                                        size_t length);
/* True when another request may follow a whole answer (RFC 9112 9.3). */
bool http_answer_keeps(const struct http_answer *answer);
