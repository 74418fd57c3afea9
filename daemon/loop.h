/* The loop: sockets, timers, signals. Carries out orders, turns what happens into jobs.
 *
 * Never: disk, parsing, rendering. Runs on the main thread until told to stop. */
#pragma once

#include "base/heartbeat.h"
#include "base/queue.h"
#include "config/config.h"

struct loop;

/* Takes over SIGINT, SIGTERM and SIGHUP (they must be blocked in every thread) and the control
 * socket `control_path`; feeds the watchdog while `heartbeat`, the desk's, is young. Returns 0 or
 * negative errno. */
__attribute__((warn_unused_result)) int loop_new(TALLOC_CTX *context, const struct config *config,
                                                 const char *control_path, struct queue *jobs,
                                                 struct queue *orders,
                                                 const struct heartbeat *heartbeat,
                                                 struct loop **ret_loop);
/* Runs until a signal, and then until the desk has ended (ORDER_STOPPED). */
__attribute__((warn_unused_result)) int loop_run(struct loop *loop);
void loop_free(struct loop *loop); /* NULL is fine */
