/* The receipts that a plain program would keep: rows written before the first post, in chunks, and
 * marked when their post was accepted, in groups. WAL, synchronous FULL. */
#pragma once

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define RECEIPTS_CHUNK 10000
#define RECEIPTS_GROUP 1000
#define RECEIPTS_USEC  30000

struct receipts {
    sqlite3 *database;
    sqlite3_stmt *insert, *mark;
    size_t inserted, total;
    uint32_t ended[RECEIPTS_GROUP];
    size_t ended_count;
    int64_t oldest; /* monotonic time of the first that waits */
};

static inline void receipts_do(struct receipts *receipts, const char *sql)
{
    if (sqlite3_exec(receipts->database, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(receipts->database));
        exit(1);
    }
}

static inline void receipts_open(struct receipts *receipts, const char *path, size_t total)
{
    sqlite3_open(path, &receipts->database);
    receipts_do(receipts, "PRAGMA journal_mode=WAL");
    receipts_do(receipts, "PRAGMA synchronous=FULL");
    receipts_do(receipts, "CREATE TABLE delivery (id INTEGER PRIMARY KEY, alert INTEGER, "
                          "state INTEGER, tries INTEGER, due INTEGER, ended INTEGER)");
    receipts_do(receipts, "CREATE INDEX due ON delivery (due) WHERE state = 0");
    sqlite3_prepare_v2(receipts->database, "INSERT INTO delivery VALUES (?, 1, 0, 0, 0, 0)", -1,
                       &receipts->insert, NULL);
    sqlite3_prepare_v2(receipts->database,
                       "UPDATE delivery SET state = 2, tries = 1, ended = ? WHERE id = ?", -1,
                       &receipts->mark, NULL);
    receipts->total = total;
}

/* One chunk more, until all stand. */
static inline void receipts_chunk(struct receipts *receipts)
{
    receipts_do(receipts, "BEGIN");
    for (size_t i = 0; i < RECEIPTS_CHUNK && receipts->inserted < receipts->total; i++) {
        sqlite3_bind_int64(receipts->insert, 1, (int64_t)receipts->inserted++);
        sqlite3_step(receipts->insert);
        sqlite3_reset(receipts->insert);
    }
    receipts_do(receipts, "COMMIT");
}

static inline void receipts_write(struct receipts *receipts, int64_t now)
{
    if (receipts->ended_count == 0)
        return;
    receipts_do(receipts, "BEGIN");
    for (size_t i = 0; i < receipts->ended_count; i++) {
        sqlite3_bind_int64(receipts->mark, 1, now);
        sqlite3_bind_int64(receipts->mark, 2, receipts->ended[i]);
        sqlite3_step(receipts->mark);
        sqlite3_reset(receipts->mark);
    }
    receipts_do(receipts, "COMMIT");
    receipts->ended_count = 0;
}

static inline void receipts_mark(struct receipts *receipts, uint32_t id, int64_t now)
{
    if (receipts->ended_count == 0)
        receipts->oldest = now;
    receipts->ended[receipts->ended_count++] = id;
    if (receipts->ended_count == RECEIPTS_GROUP || now - receipts->oldest > RECEIPTS_USEC)
        receipts_write(receipts, now);
}

static inline void receipts_close(struct receipts *receipts)
{
    sqlite3_finalize(receipts->insert);
    sqlite3_finalize(receipts->mark);
    sqlite3_close(receipts->database);
}
