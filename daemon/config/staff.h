/* The sections `staff` and `broadcast`: the staff listener and the rules of manual broadcasts. */
#pragma once

#include "base/document.h"
#include "broadcast/broadcast.h"

struct staff_settings {
    bool listens; /* the section `staff` is there */
    const char *address;
    unsigned port;
    const char *certificate, *key; /* PEM text for TLS; NULL: none */
    const char *origin; /* of the pages behind a proxy, "https://staff.example.org"; NULL: ours */
};

/* Reads both; what is wrong becomes problems. Relative paths are resolved against `directory` (with
 * its slash). All belongs to `context`. */
void staff_settings_read(TALLOC_CTX *context, const struct node *root, const char *directory,
                         struct problems *problems, struct staff_settings *ret_settings);
/* An authority: id, names, contact, evacuation. False, with a problem, when it is not sound or its
 * id is taken. */
bool broadcast_issuer_read(TALLOC_CTX *context, const struct node *node, struct problems *problems,
                           const struct broadcast_rules *rules,
                           struct broadcast_issuer *ret_issuer);
void broadcast_rules_read(TALLOC_CTX *context, const struct node *root, struct problems *problems,
                          struct broadcast_rules *ret_rules);
