/* One request of the command line while it is answered; shared by the files that answer. */
#pragma once

#include "request.h"

struct request {
    TALLOC_CTX *context;
    struct subscribers *subscribers;
    const struct request_daemon *daemon; /* NULL: none runs */
    const json_t *json;
    usec_t now;
    json_t *answer;
    bool changed; /* the audience is another one now */
};

/* The answer becomes a refusal; `text` for people. */
void request_refuse(struct request *request, const char *text);
/* A text of the request; NULL when absent. */
const char *request_field(const json_t *fields, const char *name);

/* request_receivers.c: 0, or the store's negative errno. */
__attribute__((warn_unused_result)) int request_enable(struct request *request);
__attribute__((warn_unused_result)) int request_rotate(struct request *request);
__attribute__((warn_unused_result)) int request_suppressions(struct request *request);
__attribute__((warn_unused_result)) int request_unsuppress(struct request *request);
__attribute__((warn_unused_result)) int request_send_test(struct request *request);
