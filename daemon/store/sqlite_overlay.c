/* The log in pieces: a piece that is written to is read from the file first and kept from then on.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "store/sqlite_overlay.h"

#define PIECE_BYTES ((sqlite3_int64)64 * 1024)
#define NAME_BYTES  32

struct overlay {
    sqlite3_vfs vfs; /* first: SQLite hands it back */
    sqlite3_vfs *real;
    sqlite3_io_methods methods;
    char name[NAME_BYTES];
    sqlite3_file *log; /* the file itself; NULL: not open */
    char **pieces;     /* by offset; NULL: as in the file */
    size_t held, held_max;
    sqlite3_int64 size;
};

/* Stands in front of SQLite's own file in the same block. */
struct log_file {
    sqlite3_file base;
    struct overlay *overlay;
};

static struct overlay *overlay_of(sqlite3_file *file)
{
    return ((struct log_file *)file)->overlay;
}

static char *piece_at(const struct overlay *overlay, sqlite3_int64 offset)
{
    size_t index = (size_t)(offset / PIECE_BYTES);
    return index < talloc_array_length(overlay->pieces) ? overlay->pieces[index] : NULL;
}

/* From here to the end of its piece, at most `count`. */
static int part_of(sqlite3_int64 offset, int count)
{
    sqlite3_int64 left = PIECE_BYTES - offset % PIECE_BYTES;
    return left < count ? (int)left : count;
}

static int read_log(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
    struct overlay *overlay = overlay_of(file);
    bool whole = offset + count <= overlay->size;
    char *to = bytes;
    for (int part = 0; count > 0; to += part, offset += part, count -= part) {
        const char *piece = piece_at(overlay, offset);
        part = part_of(offset, count);
        int result = SQLITE_OK;
        if (piece != NULL)
            memcpy(to, piece + offset % PIECE_BYTES, (size_t)part);
        else
            result = overlay->log->pMethods->xRead(overlay->log, to, part, offset);
        if (result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ)
            return result;
    }
    return whole ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int take_piece(struct overlay *overlay, sqlite3_int64 offset, char **ret_piece)
{
    size_t index = (size_t)(offset / PIECE_BYTES);
    *ret_piece = piece_at(overlay, offset);
    if (*ret_piece != NULL)
        return SQLITE_OK;
    if (overlay->held == overlay->held_max)
        return SQLITE_FULL;
    char *piece = memory_array(overlay, char, (size_t)PIECE_BYTES);
    int result = overlay->log->pMethods->xRead(overlay->log, piece, (int)PIECE_BYTES,
                                               offset - offset % PIECE_BYTES);
    if (result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ) {
        talloc_free(piece);
        return result;
    }
    overlay->pieces = memory_grow(overlay, overlay->pieces, index, sizeof(*overlay->pieces));
    overlay->pieces[index] = *ret_piece = piece;
    overlay->held++;
    return SQLITE_OK;
}

static int write_log(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    struct overlay *overlay = overlay_of(file);
    const char *from = bytes;
    for (int part = 0; count > 0; from += part, offset += part, count -= part) {
        char *piece;
        int result = take_piece(overlay, offset, &piece);
        if (result != SQLITE_OK)
            return result;
        part = part_of(offset, count);
        memcpy(piece + offset % PIECE_BYTES, from, (size_t)part);
        if (overlay->size < offset + part)
            overlay->size = offset + part;
    }
    return SQLITE_OK;
}

/* SQLite cuts a log only to give room back: there is none to give. */
static int keep_length(sqlite3_file *file, sqlite3_int64 size)
{
    (void)file;
    (void)size;
    return SQLITE_OK;
}

static int keep_unsynced(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return SQLITE_OK;
}

static int size_of_log(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    *ret_size = overlay_of(file)->size;
    return SQLITE_OK;
}

static int control_log(sqlite3_file *file, int what, void *value)
{
    (void)file;
    (void)what;
    (void)value;
    return SQLITE_NOTFOUND;
}

static int sector_of_log(sqlite3_file *file)
{
    sqlite3_file *log = overlay_of(file)->log;
    return log->pMethods->xSectorSize(log);
}

static int kind_of_log(sqlite3_file *file)
{
    sqlite3_file *log = overlay_of(file)->log;
    return log->pMethods->xDeviceCharacteristics(log);
}

static int close_log(sqlite3_file *file)
{
    struct overlay *overlay = overlay_of(file);
    sqlite3_file *log = overlay->log;
    overlay->log = NULL;
    return log->pMethods->xClose(log);
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    struct overlay *overlay = (struct overlay *)vfs;
    struct log_file *own = (struct log_file *)file;
    if ((flags & SQLITE_OPEN_WAL) == 0 || overlay->log != NULL)
        return overlay->real->xOpen(overlay->real, name, file, flags, ret_flags);
    sqlite3_file *log = (sqlite3_file *)(own + 1);
    own->base.pMethods = NULL;
    int result = overlay->real->xOpen(overlay->real, name, log, flags, ret_flags);
    if (result == SQLITE_OK)
        result = log->pMethods->xFileSize(log, &overlay->size);
    if (result != SQLITE_OK) {
        if (log->pMethods != NULL)
            log->pMethods->xClose(log);
        return result;
    }
    overlay->log = log;
    own->overlay = overlay;
    own->base.pMethods = &overlay->methods;
    return SQLITE_OK;
}

static int overlay_destroy(struct overlay *overlay)
{
    sqlite3_vfs_unregister(&overlay->vfs);
    return 0;
}

struct overlay *overlay_new(TALLOC_CTX *context, size_t bytes_max)
{
    struct overlay *overlay = memory_new(context, struct overlay);
    overlay->real = sqlite3_vfs_find(NULL);
    overlay->held_max = bytes_max / (size_t)PIECE_BYTES;
    overlay->methods = (sqlite3_io_methods){.iVersion = 1,
                                            .xClose = close_log,
                                            .xRead = read_log,
                                            .xWrite = write_log,
                                            .xTruncate = keep_length,
                                            .xSync = keep_unsynced,
                                            .xFileSize = size_of_log,
                                            .xFileControl = control_log,
                                            .xSectorSize = sector_of_log,
                                            .xDeviceCharacteristics = kind_of_log};
    snprintf(overlay->name, sizeof(overlay->name), "overlay-%p", (void *)overlay);
    /* All but opening is the real one's. */
    overlay->vfs = *overlay->real;
    overlay->vfs.zName = overlay->name;
    overlay->vfs.pNext = NULL;
    overlay->vfs.szOsFile = overlay->real->szOsFile + (int)sizeof(struct log_file);
    overlay->vfs.xOpen = open_file;
    if (sqlite3_vfs_register(&overlay->vfs, 0) != SQLITE_OK) {
        talloc_free(overlay);
        return NULL;
    }
    talloc_set_destructor(overlay, overlay_destroy);
    return overlay;
}

const char *overlay_name(const struct overlay *overlay)
{
    return overlay->name;
}

size_t overlay_bytes(const struct overlay *overlay)
{
    return overlay->held * (size_t)PIECE_BYTES;
}

int overlay_write_back(struct overlay *overlay)
{
    sqlite3_file *log = overlay->log;
    if (log == NULL)
        return SQLITE_OK; /* nothing was read or written yet */
    for (size_t i = 0; i < talloc_array_length(overlay->pieces); i++) {
        sqlite3_int64 offset = (sqlite3_int64)i * PIECE_BYTES;
        sqlite3_int64 left = overlay->size - offset;
        if (overlay->pieces[i] == NULL || left <= 0)
            continue;
        int result = log->pMethods->xWrite(log, overlay->pieces[i],
                                           (int)(left < PIECE_BYTES ? left : PIECE_BYTES), offset);
        if (result != SQLITE_OK)
            return result;
    }
    return log->pMethods->xSync(log, SQLITE_SYNC_FULL);
}
