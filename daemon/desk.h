/* The desk: the thread that thinks. Ingest, claim, record, publish; pure code and the store.
 *
 * Never: the network. It waits on its jobs until the next thing is due. */
#pragma once

#include "base/heartbeat.h"
#include "base/queue.h"
#include "config/config.h"
#include "http/page.h"
#include "store/store.h"
#include "work.h"

struct desk;

/* Everything the desk needs; all of it outlives the desk. */
struct desk_options {
    const struct config *config;
    struct store *store;
    struct queue *jobs, *orders;
    struct http_server *http;
    struct heartbeat *heartbeat; /* beats while the desk works */
    usec_t started_at;
    /* Where answers to JOB_STAFF go; NULL: nobody listens. Called on the desk's thread. */
    void (*staff_reply)(void *userdata, uint64_t ticket, const char *answer);
    void *staff_userdata;
    struct job *interrupted; /* of a desk before (desk_interrupted), to be done first; NULL none */
};
__attribute__((warn_unused_result)) int
desk_new(TALLOC_CTX *context, const struct desk_options *options, struct desk **ret_desk);

/* Works until JOB_STOP or a failure of the store. Returns 0 or negative errno: the store failed;
 * the process must end, or, when the disk is full, begin anew in memory (store/emergency.h).
 */
__attribute__((warn_unused_result)) int desk_run(struct desk *desk);
/* The request that found the disk full: whoever asked still waits for the answer. Moves to
 * `context`; NULL none. */
struct job *desk_interrupted(struct desk *desk, TALLOC_CTX *context);
