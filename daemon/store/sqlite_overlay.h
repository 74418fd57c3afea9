/* A file system for SQLite whose log goes on in memory, over the file on a full disk: the file is
 * read where nothing was written since, and stays as it is. Only for store/. */
#pragma once

#include <sqlite3.h>
#include <talloc.h>

struct overlay;

/* Registers the file system; freeing takes it away, after the database that uses it was closed.
 * `bytes_max`: more than that of the log is not taken into memory, writing then fails as on a full
 * disk. NULL: SQLite did not take it. */
struct overlay *overlay_new(TALLOC_CTX *context, size_t bytes_max);
/* For sqlite3_open_v2. */
const char *overlay_name(const struct overlay *overlay);
/* What stands in memory, in bytes. */
size_t overlay_bytes(const struct overlay *overlay);
/* Writes it into the log's file, from the front, and syncs. Each transaction is there or not
 * whenever that ends early, since the log's checksums chain. SQLITE_OK, SQLITE_FULL, or another
 * result of SQLite; it stays in memory too. */
__attribute__((warn_unused_result)) int overlay_write_back(struct overlay *overlay);
