/* The JSON body of a webhook (docs/schema/webhook.schema.json, below 20 kB) and its request. */
#pragma once

#include "base/signature.h"
#include "match/match.h"
#include "message/message.h"
#include "store/store.h"
#include "transfer/transfer.h"

#define WEBHOOK_BODY_BYTES_MAX ((size_t)20000)

/* Text of the body: {"type": "alert.issue" (drills: "drill.issue"), "timestamp": issue time,
 * "data": {alert identity, status, drill flag, phase, level, hazard, areas, times, quake, source,
 * cap, messages by language in the subscriber's order, links}}. Areas beyond what fits are cut with
 * "areas_total" saying how many there are. `page_url` NULL: no links. Never NULL, never empty. */
char *webhook_body(TALLOC_CTX *context, const struct area_graph *graph, const struct alert *alert,
                   const struct match *match, struct message *const *messages, size_t message_count,
                   const char *page_url);

/* Fills a request: headers webhook-id (the delivery id), webhook-timestamp (of this attempt),
 * webhook-signature, content-type. `secret` may hold two, parted by a blank, while a receiver
 * changes over: then there are two signatures. Returns 0 or -EINVAL (bad secret). */
__attribute__((warn_unused_result)) int webhook_request(TALLOC_CTX *context, struct signer *signer,
                                                        const char *url, const char *secret,
                                                        const struct store_delivery *delivery,
                                                        const char *body, usec_t now,
                                                        struct transfer_request *ret_request);
