/* See maildir.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "deliver/maildir.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int list_new(TALLOC_CTX *context, const char *path, char ***ret_names, size_t *ret_count)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return -errno;
    char **names = NULL;
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        names = memory_grow(context, names, count, sizeof(*names));
        names[count++] = memory_text(names, entry->d_name);
    }
    closedir(folder);
    if (count > 0)
        qsort(names, count, sizeof(*names), compare_names);
    *ret_names = names;
    *ret_count = count;
    return 0;
}

/* Only a plain file: a FIFO would hold us, a link could show us anything. */
static bool read_file(TALLOC_CTX *context, const char *path, char **ret_bytes, size_t *ret_length)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat about;
    if (fd < 0)
        return false;
    bool plain = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    char *bytes = memory_array(context, char, MAILDIR_BYTES_MAX);
    size_t length = 0;
    while (plain && length < MAILDIR_BYTES_MAX) {
        ssize_t n = read(fd, bytes + length, MAILDIR_BYTES_MAX - length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        length += (size_t)n;
    }
    close(fd);
    *ret_bytes = bytes;
    *ret_length = length;
    return plain;
}

static int set_aside(TALLOC_CTX *context, const char *directory, const char *name)
{
    const char *from = memory_printf(context, "%s/new/%s", directory, name);
    const char *flags = strstr(name, ":2,") != NULL ? "" : ":2,S";
    const char *to = memory_printf(context, "%s/cur/%s%s", directory, name, flags);
    return rename(from, to) < 0 ? -errno : 0;
}

int maildir_read(TALLOC_CTX *context, const char *directory, size_t limit, maildir_mail *mail,
                 void *userdata, size_t *ret_count)
{
    TALLOC_CTX *scratch = talloc_new(context);
    char **names = NULL;
    size_t count = 0, done = 0;
    int r = list_new(scratch, memory_printf(scratch, "%s/new", directory), &names, &count);
    for (size_t i = 0; r >= 0 && i < count && i < limit; i++) {
        TALLOC_CTX *own = talloc_new(scratch);
        char *bytes;
        size_t length;
        if (read_file(own, memory_printf(own, "%s/new/%s", directory, names[i]), &bytes, &length)) {
            r = mail(userdata, bytes, length);
            done += r >= 0;
        }
        if (r >= 0)
            r = set_aside(own, directory, names[i]);
        talloc_free(own);
    }
    talloc_free(scratch);
    *ret_count = done;
    return r;
}
