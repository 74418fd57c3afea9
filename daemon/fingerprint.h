/* What decides who is told what, file by file: the configuration, the area tables, the texts.
 *
 * Gives: a SHA-256 of each file and one over all of them, so that two people can mean exactly the
 * same configuration (H-13). Reads files only. Never: holds their contents. */
#pragma once

#include <jansson.h>
#include "config/config.h"

struct fingerprint {
    json_t *files;      /* {"noroshi.yaml": digest, "areas/…", "messages/…"} */
    const char *digest; /* of all */
};

/* In `context`, of the files that `config` was or would be loaded from. 0 or negative errno. */
__attribute__((warn_unused_result)) int fingerprint_take(TALLOC_CTX *context,
                                                         const struct config *config,
                                                         struct fingerprint **ret_fingerprint);
/* Names of the files that differ or are on one side only: a list of texts. New reference. */
json_t *fingerprint_changes(const json_t *files_before, const json_t *files_after);
/* Whether more than the configuration itself has changed: areas or texts. */
bool fingerprint_tables_changed(const json_t *changes);
