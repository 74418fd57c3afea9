/* The present as a page: collects what the store and the feeds say and publishes it. On the desk.
 */
#pragma once

#include "config/config.h"
#include "dispatch.h"
#include "http/page.h"
#include "polling.h"

struct present;

struct present *present_new(TALLOC_CTX *context, const struct config *config, struct store *store,
                            struct http_server *http, usec_t started_at);
/* From now on with this configuration; the one before is used until the next page. */
void present_configure(struct present *present, const struct config *config);
/* Something a reader would see has changed: publish soon. */
void present_changed(struct present *present);
/* Whether canaries are missing, for /readyz and the metrics. */
void present_canary(struct present *present, bool missing);
/* What is wrong with this machine's clock, for the page and /api/v1/status (static); NULL: it is
 * trusted. */
void present_clock(struct present *present, const char *fault);
/* Maintenance mode since then, for the page; 0 off. */
void present_maintenance(struct present *present, usec_t since);
/* Whether the store can be written, and whether what is told now stands in memory only. */
void present_store(struct present *present, bool writable, bool detached);
/* So many deliveries more had no end within their bound, for the metrics. */
void present_late_ends(struct present *present, size_t count);
/* Keeps a notice for operators (the last NOTICES_MAX). */
void present_notice(struct present *present, const char *text, usec_t now);
/* Publishes when it is due; `idle`: no job waits, so a page may be made at once. */
void present_publish(struct present *present, struct poll *poll, const struct dispatch *dispatch,
                     bool idle, usec_t now);
/* When present_publish is due again. */
usec_t present_next(const struct present *present);
/* The last status as JSON text, for `noroshi status`; "{}" before the first page. */
const char *present_status(const struct present *present);
