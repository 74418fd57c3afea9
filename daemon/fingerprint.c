/* See fingerprint.h. */
#include "fingerprint.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"

#define FILE_BYTES_MAX ((size_t)32 * 1024 * 1024)
#define HASH_DIGITS    64
/* messages/broadcast/ is the deepest. */
#define DEPTH_MAX 2

int fingerprint_read(TALLOC_CTX *scratch, const char *path, char **ret_bytes, size_t *ret_length)
{
    FILE *stream = fopen(path, "re");
    if (stream == NULL)
        return -errno;
    size_t room = 64 * 1024, length = 0;
    char *bytes = memory_array(scratch, char, room);
    for (size_t got; (got = fread(bytes + length, 1, room - length, stream)) > 0;) {
        length += got;
        if (length == room && room < FILE_BYTES_MAX) {
            room *= 2;
            bytes = memory_must(talloc_realloc(scratch, bytes, char, (unsigned)room));
        }
    }
    int r = ferror(stream) != 0 ? -EIO : length >= FILE_BYTES_MAX ? -EFBIG : 0;
    fclose(stream);
    *ret_bytes = bytes;
    *ret_length = length;
    return r;
}

char *fingerprint_of(TALLOC_CTX *context, const char *bytes, size_t length)
{
    return text_hash(context, bytes, length, HASH_DIGITS);
}

static int add_file(json_t *files, const char *name, const char *path)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    char *bytes;
    size_t length;
    int r = fingerprint_read(scratch, path, &bytes, &length);
    if (r >= 0)
        value_set_text(files, name, fingerprint_of(scratch, bytes, length));
    talloc_free(scratch);
    return r;
}

static int not_hidden(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int add_folder(json_t *files, const char *name, const char *path, int depth)
{
    struct dirent **entries;
    int count = scandir(path, &entries, not_hidden, alphasort), r = 0;
    if (count < 0)
        return -errno;
    for (int i = 0; i < count; i++) {
        TALLOC_CTX *scratch = talloc_new(NULL);
        const char *inner = memory_printf(scratch, "%s/%s", path, entries[i]->d_name);
        const char *inner_name = memory_printf(scratch, "%s/%s", name, entries[i]->d_name);
        struct stat found;
        if (r >= 0 && stat(inner, &found) == 0 && S_ISDIR(found.st_mode))
            r = depth < DEPTH_MAX ? add_folder(files, inner_name, inner, depth + 1) : 0;
        else if (r >= 0)
            r = add_file(files, inner_name, inner);
        talloc_free(scratch);
        free(entries[i]);
    }
    free(entries);
    return r;
}

int fingerprint_tables(const char *areas_directory, const char *messages_directory,
                       json_t *ret_files)
{
    int r = add_folder(ret_files, "areas", areas_directory, 1);
    return r >= 0 ? add_folder(ret_files, "messages", messages_directory, 1) : r;
}

int fingerprint_take(TALLOC_CTX *context, const struct config *config,
                     struct fingerprint **ret_fingerprint)
{
    struct fingerprint *fingerprint = memory_new(context, struct fingerprint);
    const char *slash = strrchr(config->file, '/');
    fingerprint->files = value_own(fingerprint, json_object());
    int r = add_file(fingerprint->files, slash != NULL ? slash + 1 : config->file, config->file);
    if (r >= 0)
        r = fingerprint_tables(config->areas_directory, config->messages_directory,
                               fingerprint->files);
    if (r < 0) {
        talloc_free(fingerprint);
        return r;
    }
    fingerprint->digest = value_digest(fingerprint, fingerprint->files, HASH_DIGITS);
    *ret_fingerprint = fingerprint;
    return 0;
}

json_t *fingerprint_changes(const json_t *files_before, const json_t *files_after)
{
    json_t *changes = json_array(), *value;
    const char *name;
    json_object_foreach((json_t *)files_after, name, value)
    {
        if (!json_equal(value, json_object_get(files_before, name)))
            json_array_append_new(changes, json_string(name));
    }
    json_object_foreach((json_t *)files_before, name, value)
    {
        if (json_object_get(files_after, name) == NULL)
            json_array_append_new(changes, json_string(name));
    }
    return changes;
}

bool fingerprint_is_table(const char *name)
{
    return text_starts(name, "areas/") || text_starts(name, "messages/");
}

bool fingerprint_tables_changed(const json_t *changes)
{
    size_t index;
    json_t *name;
    json_array_foreach(changes, index, name)
    {
        if (fingerprint_is_table(json_string_value(name)))
            return true;
    }
    return false;
}
