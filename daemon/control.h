/* The control socket: the command line speaks to the running daemon, one line of JSON each way.
 *
 * Does: accepts, reads one request a connection, hands it over, writes the answer. On the loop
 * thread. Never: interprets the request. Only the owner of the state directory can connect (mode
 * 0600). */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>
#include <talloc.h>

#define CONTROL_REQUEST_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct control;
typedef void control_request(void *userdata, uint64_t client, const char *text);

__attribute__((warn_unused_result)) int control_listen(TALLOC_CTX *context, sd_event *event,
                                                       const char *path, control_request *request,
                                                       void *userdata,
                                                       struct control **ret_control);
/* Sends the answer and closes; a client that has gone is fine. */
void control_reply(struct control *control, uint64_t client, const char *text);
void control_free(struct control *control); /* NULL is fine */

/* The command line's side: sends `request`, waits for the answer (10 s). Returns 0; -ENOENT or
 * -ECONNREFUSED when no daemon listens; other negative errno. */
__attribute__((warn_unused_result)) int control_call(TALLOC_CTX *context, const char *path,
                                                     const char *request, char **ret_answer);
