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
/* Only the area tables and the texts, from these directories, into an object that is there. 0 or
 * negative errno. */
__attribute__((warn_unused_result)) int
fingerprint_tables(const char *areas_directory, const char *messages_directory, json_t *ret_files);
/* One file whole, as it is looked at; -EFBIG for what no configuration needs. */
__attribute__((warn_unused_result)) int fingerprint_read(TALLOC_CTX *scratch, const char *path,
                                                         char **ret_bytes, size_t *ret_length);
/* The digest of a file's bytes, as it stands in `files`. */
char *fingerprint_of(TALLOC_CTX *context, const char *bytes, size_t length);
/* Names of the files that differ or are on one side only: a list of texts. New reference. */
json_t *fingerprint_changes(const json_t *files_before, const json_t *files_after);
/* Whether a name in `files` is that of an area table or a text, not of the configuration itself. */
bool fingerprint_is_table(const char *name);
/* Whether more than the configuration itself has changed: areas or texts. */
bool fingerprint_tables_changed(const json_t *changes);
