/* The audit log checked and exported: `noroshi report --audit`, `noroshi staff audit`. */
#pragma once

#include <stdbool.h>
#include <talloc.h>

/* Prints whether the log is intact, the first record that is not, and the last hash, which is worth
 * writing down elsewhere; with `as_json` each record, one a line. Exit status: failed when it is
 * not intact. */
int report_audit(TALLOC_CTX *context, const char *config, bool as_json);
