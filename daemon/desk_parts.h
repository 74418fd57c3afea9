/* What the files of the desk share: its parts, and what each file does for the others. Included by
 * desk*.c only. */
#pragma once

#include "canary.h"
#include "desk.h"
#include "dispatch.h"
#include "fanout.h"
#include "feed/timekeeper.h"
#include "fingerprint.h"
#include "ingest.h"
#include "maintenance.h"
#include "polling.h"
#include "present.h"
#include "request.h"
#include "staffing.h"
#include "subscribers.h"
#include "upkeep.h"

struct desk {
    const struct config *config;
    struct config *reloaded;     /* `config` when it is not the one of the start */
    TALLOC_CTX *retired;         /* those before, except the one of the start */
    usec_t retired_until;        /* monotonic */
    struct fingerprint *running; /* of the files that `config` came from */
    struct config *candidate;    /* looked at, not used */
    struct fingerprint *candidate_print;
    bool candidate_taken; /* by staff: used once their answer is kept */
    struct store *store;
    struct queue *jobs, *orders;
    struct heartbeat *heartbeat;
    struct poll *poll;
    struct dispatch *dispatch;
    struct present *present;
    struct subscribers *subscribers;
    struct upkeep *upkeep;
    struct canary *canary;
    struct staffing *staffing;
    struct maintenance *maintenance;
    void (*staff_reply)(void *userdata, uint64_t ticket, const char *answer);
    void *staff_userdata;
    struct ingest ingest, ingest_after; /* now; and for what maintenance kept until its end */
    struct fanout_work *fanout;
    struct job *interrupted;        /* a full disk came between; NULL none */
    bool fanning_out;               /* an alert may still be on its way to everybody */
    struct fanout_count fanned_out; /* by later chunks, since the last notice */
    usec_t next_expiry, next_retention, next_sweep;
    usec_t next_attach; /* monotonic; while the store is in memory */
    usec_t next_check;  /* monotonic; of the store */
    bool store_fails;   /* it could not be written at the last check */
    bool low;           /* less is free than the reserve */
    struct timekeeper *time;
    usec_t clock_offset; /* of the desk's time from the monotonic clock; 0 not known yet */
    bool clock_trusted, clock_leapt;
    bool asking;                      /* nothing may be judged by time: see struct moment */
    usec_t next_coverage, next_chain; /* desk_tests.c */
    bool stopping;
    bool settled_once;
};

/* One line for each thing that happened; notices go to operators too. `telegram` NULL: none. */
void desk_report(struct desk *desk, const char *telegram, const struct ingest_result *result);
/* Takes in one stored telegram and reports what came of it. 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int
desk_ingest(struct desk *desk, const struct store_telegram *telegram, usec_t now);
/* What time it is by the desk, which need not be this machine's clock: see feed/timekeeper.h. */
usec_t desk_now(struct desk *desk);
/* Before desk_now is called first, when there is `poll`. *ret_now: as desk_now's. 0 or the store's
 * negative errno. */
__attribute__((warn_unused_result)) int desk_time_new(struct desk *desk, usec_t *ret_now);
/* The feed server answered; call it before what it answered is judged. */
void desk_hear_time(struct desk *desk, const struct transfer_result *result);
/* A page of the feed server was taken in. 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int desk_hear_page(struct desk *desk);
/* Deals with a clock that was set back or has leapt. 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int desk_watch_clock(struct desk *desk, usec_t now);
/* Tells the operator: on the status page and by mail. `userdata` is the desk. */
void desk_notice(void *userdata, const char *text);
/* Begins, ends or shows maintenance mode; `answer` gets "since", "reason", "told". 0, -EALREADY, or
 * the store's negative errno. `userdata` is the desk. */
int desk_maintain(void *userdata, enum maintenance_step step, const char *reason, const char *by,
                  json_t *answer);
/* What looks by itself whether everybody would be reached: the weekly look for gaps, the monthly
 * test of the chain. */
__attribute__((warn_unused_result)) int desk_test_due(struct desk *desk, usec_t now,
                                                      usec_t *ret_next);
/* For request.h. `userdata` is the desk. */
int desk_begin_chain_test(void *userdata, TALLOC_CTX *context, const char *by, const char **ret_id);
/* What the ingest needs of a configuration. */
void desk_ingest_by(struct desk *desk, const struct config *config);
/* A new configuration: request.h. `userdata` is the desk. */
int desk_reload(void *userdata, const struct request_reload *wish, struct problems *problems);
/* By SIGHUP: nobody has seen what it changes. 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int desk_reload_on_signal(struct desk *desk);
/* At the start: remembers the files, and tells of those that changed since. */
__attribute__((warn_unused_result)) int desk_begin_config(struct desk *desk, usec_t now);
/* For the office: staffing.h. `userdata` is the desk. */
int desk_look_at_config(void *userdata, TALLOC_CTX *context, struct office_change *ret_change);
void desk_take_config(void *userdata);
/* Uses what staff took. 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int desk_use_taken(struct desk *desk);
/* Tells operators of maintenance mode that is still on. */
void desk_remind(struct desk *desk, usec_t now, usec_t *ret_next);
/* What staff changed is told and shown soon. */
void desk_take_change(struct desk *desk, bool changed);
/* Everything that time brings. *ret_wait: how long nothing more is due. 0 or the store's negative
 * errno. */
__attribute__((warn_unused_result)) int desk_do_due(struct desk *desk, usec_t *ret_wait);
