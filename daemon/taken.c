/* See taken.h. */
#include "taken.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/value.h"
#include "message/message.h"

#define FOLDER      "taken"
#define OPEN_FILES  8
#define FOLDER_MODE 0700
#define FILE_MODE   0600

static char *folder_of(TALLOC_CTX *context, const char *state_directory)
{
    return memory_printf(context, "%s/" FOLDER, state_directory);
}

/* Only what is a table or a text. */
static json_t *tables_of(TALLOC_CTX *context, const json_t *files)
{
    json_t *tables = value_own(context, memory_must(json_object())), *digest;
    const char *name;
    json_object_foreach((json_t *)files, name, digest)
    {
        if (fingerprint_is_table(name))
            json_object_set(tables, name, digest);
    }
    return tables;
}

static bool copy_is(const char *folder, const json_t *files)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    json_t *there = value_own(scratch, memory_must(json_object()));
    bool same = fingerprint_tables(memory_printf(scratch, "%s/areas", folder),
                                   memory_printf(scratch, "%s/messages", folder), there) >= 0 &&
                json_equal(there, tables_of(scratch, files));
    talloc_free(scratch);
    return same;
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *place)
{
    (void)found;
    (void)kind;
    (void)place;
    return remove(path) < 0 ? -errno : 0;
}

static int remove_copy(const char *folder)
{
    int r = nftw(folder, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
    if (r == -1)
        return errno == ENOENT ? 0 : -errno;
    return r;
}

static int write_file(const char *path, const char *bytes, size_t length)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, FILE_MODE);
    if (file < 0)
        return -errno;
    int r = 0;
    for (size_t done = 0; r >= 0 && done < length;) {
        ssize_t some = write(file, bytes + done, length - done);
        if (some < 0 && errno != EINTR)
            r = -errno;
        else if (some > 0)
            done += (size_t)some;
    }
    if (close(file) < 0 && r >= 0)
        r = -errno;
    return r;
}

/* "areas/places.tsv" → where the configuration has it. */
static const char *source_of(TALLOC_CTX *context, const struct config *config, const char *name)
{
    const char *inner = strchr(name, '/') + 1;
    return memory_printf(
        context, "%s/%s",
        text_starts(name, "areas/") ? config->areas_directory : config->messages_directory, inner);
}

static int make_folders(char *path, size_t from)
{
    for (char *slash = strchr(path + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int r = mkdir(path, FOLDER_MODE) < 0 && errno != EEXIST ? -errno : 0;
        *slash = '/';
        if (r < 0)
            return r;
    }
    return 0;
}

static int copy_file(const struct config *config, const char *folder, const char *name,
                     const char *digest)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    char *bytes, *path = memory_printf(scratch, "%s/%s", folder, name);
    size_t length;
    int r = fingerprint_read(scratch, source_of(scratch, config, name), &bytes, &length);
    if (r >= 0 && !text_equal(fingerprint_of(scratch, bytes, length), digest))
        r = -EAGAIN;
    if (r >= 0)
        r = make_folders(path, strlen(folder) + 1);
    if (r >= 0)
        r = write_file(path, bytes, length);
    talloc_free(scratch);
    return r;
}

int taken_keep(const struct config *config, const json_t *files)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    const char *folder = folder_of(scratch, config->state_directory), *name;
    json_t *tables = tables_of(scratch, files), *digest;
    int r = 0;
    if (!copy_is(folder, files)) {
        r = remove_copy(folder);
        if (r >= 0 && mkdir(folder, FOLDER_MODE) < 0)
            r = -errno;
        json_object_foreach(tables, name, digest)
        {
            if (r >= 0)
                r = copy_file(config, folder, name, json_string_value(digest));
        }
    }
    /* Half a copy is none: it would be looked at and found wrong, but it takes room. */
    if (r < 0)
        (void)remove_copy(folder);
    talloc_free(scratch);
    return r;
}

int taken_load(TALLOC_CTX *context, const char *state_directory, struct store *store,
               struct taken *ret_taken)
{
    struct taken taken = {0};
    struct area_graph *areas;
    struct catalogue *catalogue;
    const char *text = NULL, *folder = folder_of(context, state_directory);
    struct problems *problems = problems_new(context);
    int r = store_get_fact(store, context, TAKEN_FACT, &text);
    if (r < 0)
        return r;
    json_t *files = text_given(text) ? json_loads(text, 0, NULL) : NULL;
    if (files != NULL)
        taken.files = value_own(context, files);
    if (files != NULL &&
        area_graph_load(context, memory_printf(context, "%s/areas", folder), problems, &areas) >=
            0 &&
        catalogue_load(context, memory_printf(context, "%s/messages", folder), problems,
                       &catalogue) >= 0 &&
        copy_is(folder, files)) {
        taken.areas = areas;
        taken.catalogue = catalogue;
    }
    *ret_taken = taken;
    return 0;
}
