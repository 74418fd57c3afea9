/* What the verbs of disaster staff share: asking the office of the running daemon. */
#pragma once

#include <jansson.h>
#include "config/config.h"

struct office_call {
    const char *config, *token_file, *language;
    const char *method, *path;
    json_t *body;          /* borrowed; NULL none */
    json_t *query;         /* borrowed; NULL none */
    const char *request;   /* id of the request; NULL: a fresh one */
    bool as_administrator; /* of this machine: accounts and the audit log, no broadcast */
    bool makes_password;   /* a new password is made and hashed here */
};

/* The office's answer (docs/staff-api.md), or NULL after a failure that was printed. A refusal is
 * printed too: look at "ok". New reference. */
json_t *office_call(TALLOC_CTX *context, const struct office_call *call);
bool office_ok(const json_t *answer);
/* Whether a token is given, in `file` or in NOROSHI_TOKEN. */
bool office_has_token(const char *file);
/* An id for one action: retried with the same id it happens once. */
const char *office_request_id(TALLOC_CTX *context);
