/* Power loss, simulated: an LD_PRELOAD library that forgets writes which were not synced.
 *
 * It remembers every write to the files below POWER_DIRECTORY until they are synced. At write
 * number POWER_AT the power goes: each file is put back to what was synced, a random part
 * (POWER_SEED) of the writes since then is applied in random order, some of them torn at 512 bytes,
 * and the process is killed. With POWER_IGNORE, syncs of files whose name holds that text do
 * nothing: "-wal" makes SQLite's synchronous=FULL behave like NORMAL, and then the test must fail
 * (its self-check). */
/* Both open and open64 are wanted here. */
#undef _FILE_OFFSET_BITS
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILES_MAX 256
#define SECTOR    512

struct pending {
    off_t offset;
    size_t length; /* of the new bytes; 0: a truncation to `offset` */
    uint8_t *new_bytes, *old_bytes;
    size_t old_length;
    off_t old_size;
    struct pending *next; /* newest first */
};
struct file {
    ino_t inode;
    char name[512];
    struct pending *pending;
};

static struct file files[FILES_MAX];
static int by_fd[4096];
static long write_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

static struct file *file_of(int fd)
{
    return fd >= 0 && fd < 4096 && by_fd[fd] > 0 ? &files[by_fd[fd] - 1] : NULL;
}

static void note_open(int fd, const char *path)
{
    const char *directory = getenv("POWER_DIRECTORY");
    struct stat info;
    if (fd < 0 || fd >= 4096)
        return;
    by_fd[fd] = 0;
    if (directory == NULL || strncmp(path, directory, strlen(directory)) != 0 ||
        strstr(path, "-shm") != NULL || strstr(path, "lock") != NULL || fstat(fd, &info) < 0 ||
        !S_ISREG(info.st_mode))
        return;
    pthread_mutex_lock(&lock);
    int slot = 0;
    while (slot < FILES_MAX - 1 && files[slot].inode != 0 && files[slot].inode != info.st_ino)
        slot++;
    files[slot].inode = info.st_ino;
    snprintf(files[slot].name, sizeof(files[slot].name), "%s", path);
    by_fd[fd] = slot + 1;
    pthread_mutex_unlock(&lock);
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    int fd = REAL(open)(path, flags, mode);
    note_open(fd, path);
    return fd;
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    int fd = REAL(open64)(path, flags, mode);
    note_open(fd, path);
    return fd;
}

static void apply(int fd, const struct pending *pending, bool torn)
{
    if (pending->length == 0) {
        if (REAL(ftruncate64)(fd, pending->offset) < 0)
            _exit(98);
        return;
    }
    for (size_t done = 0; done < pending->length; done += SECTOR) {
        size_t part = pending->length - done < SECTOR ? pending->length - done : SECTOR;
        if (torn && random() % 2 == 0)
            continue;
        if (REAL(pwrite64)(fd, pending->new_bytes + done, part, pending->offset + (off_t)done) < 0)
            _exit(98);
    }
}

static void forget(struct file *file)
{
    while (file->pending != NULL) {
        struct pending *next = file->pending->next;
        free(file->pending->new_bytes);
        free(file->pending->old_bytes);
        free(file->pending);
        file->pending = next;
    }
}

/* What was synced, and then a random part of what was not. */
static void lose(struct file *file)
{
    struct pending *order[65536];
    size_t count = 0;
    int fd = REAL(open64)(file->name, O_RDWR);
    if (fd < 0 || file->pending == NULL)
        return;
    for (struct pending *p = file->pending; p != NULL && count < 65536; p = p->next) {
        if (p->old_length > 0 && REAL(pwrite64)(fd, p->old_bytes, p->old_length, p->offset) < 0)
            _exit(98);
        if (REAL(ftruncate64)(fd, p->old_size) < 0)
            _exit(98);
        order[count++] = p;
    }
    for (size_t i = 0; i < count; i++) {
        size_t other = i + (size_t)random() % (count - i);
        struct pending *swap = order[i];
        order[i] = order[other];
        order[other] = swap;
        if (random() % 3 == 0)
            apply(fd, order[i], random() % 4 == 0);
    }
    close(fd);
}

static void count_write(void)
{
    const char *at = getenv("POWER_AT");
    if (at == NULL || ++write_count != atol(at))
        return;
    const char *seed = getenv("POWER_SEED");
    srandom(seed != NULL ? (unsigned)atol(seed) : 1);
    for (int i = 0; i < FILES_MAX; i++) {
        if (files[i].inode != 0)
            lose(&files[i]);
    }
    kill(getpid(), SIGKILL);
}

static void remember(int fd, struct file *file, const void *bytes, size_t length, off_t offset)
{
    struct stat info;
    struct pending *pending = calloc(1, sizeof(*pending));
    if (fstat(fd, &info) < 0 || pending == NULL)
        _exit(98);
    pending->offset = offset;
    pending->length = length;
    pending->old_size = info.st_size;
    pending->new_bytes = malloc(length + 1);
    size_t old = length > 0 ? length : (size_t)(info.st_size > offset ? info.st_size - offset : 0);
    pending->old_bytes = malloc(old + 1);
    if (length > 0)
        memcpy(pending->new_bytes, bytes, length);
    ssize_t got = old > 0 ? pread(fd, pending->old_bytes, old, offset) : 0;
    pending->old_length = got > 0 ? (size_t)got : 0;
    pending->next = file->pending;
    file->pending = pending;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset)
{
    struct file *file = file_of(fd);
    if (file != NULL) {
        pthread_mutex_lock(&lock);
        remember(fd, file, bytes, length, offset);
    }
    ssize_t n = REAL(pwrite64)(fd, bytes, length, offset);
    if (file != NULL) {
        count_write();
        pthread_mutex_unlock(&lock);
    }
    return n;
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    return pwrite64(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length)
{
    struct file *file = file_of(fd);
    return file != NULL ? pwrite64(fd, bytes, length, lseek(fd, 0, SEEK_CUR))
                        : REAL(write)(fd, bytes, length);
}

int ftruncate64(int fd, off_t length)
{
    struct file *file = file_of(fd);
    if (file != NULL) {
        pthread_mutex_lock(&lock);
        remember(fd, file, NULL, 0, length);
        pthread_mutex_unlock(&lock);
    }
    return REAL(ftruncate64)(fd, length);
}

int ftruncate(int fd, off_t length)
{
    return ftruncate64(fd, length);
}

static void note_sync(int fd)
{
    struct file *file = file_of(fd);
    const char *ignore = getenv("POWER_IGNORE");
    if (file == NULL || (ignore != NULL && strstr(file->name, ignore) != NULL))
        return;
    pthread_mutex_lock(&lock);
    forget(file);
    pthread_mutex_unlock(&lock);
}

int fsync(int fd)
{
    int r = REAL(fsync)(fd);
    note_sync(fd);
    return r;
}

int fdatasync(int fd)
{
    int r = REAL(fdatasync)(fd);
    note_sync(fd);
    return r;
}

int close(int fd)
{
    if (fd >= 0 && fd < 4096)
        by_fd[fd] = 0;
    return REAL(close)(fd);
}
