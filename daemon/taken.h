/* The area tables and texts that the daemon works with, kept beside the store: a file that a person
 * edits no longer says what it said, and whoever is asked whether to take it wants to see both.
 *
 * Does: copies each file of areas and messages into STATE/taken/ when a configuration is taken;
 * loads them again for a command that compares. Never: keeps noroshi.yaml, which has secrets and
 * addresses (its subscribers stand in the store); trusts a copy that is not, byte by byte, what was
 * taken. */
#pragma once

#include "fingerprint.h"
#include "store/store.h"

/* Digests of all files that were taken last: a fact of the store. */
#define TAKEN_FACT "configuration"

/* Makes the copy that of `config`, whose files are `files`; one that is so already is left. 0 or
 * negative errno: -EAGAIN when a file is another one by now. Then there is none. */
__attribute__((warn_unused_result)) int taken_keep(const struct config *config,
                                                   const json_t *files);

/* What was taken last. */
struct taken {
    json_t *files; /* digests, as in a fingerprint; NULL: nothing was ever taken */
    /* NULL: nothing was taken, or the copy is not whole. */
    const struct area_graph *areas;
    const struct catalogue *catalogue;
};
/* Reads it, in `context`, for a daemon that runs or ran with this state directory; `store` may be a
 * reader. 0, or negative errno when the store cannot be read. */
__attribute__((warn_unused_result)) int taken_load(TALLOC_CTX *context, const char *state_directory,
                                                   struct store *store, struct taken *ret_taken);
