/* The control socket. Each connection carries one request line and one answer line; requests are
 * bounded, and a client that stays silent is closed after a while by the next one (CLIENTS_MAX). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "control.h"

#define CLIENTS_MAX      16
#define ANSWER_WAIT_MSEC 30000

struct client {
    TAILQ_ENTRY(client) entry;
    struct control *control;
    uint64_t id;
    int fd;
    sd_event_source *source;
    struct buffer *request;
    const char *answer;
    size_t answered;
};
struct control {
    sd_event *event;
    sd_event_source *source;
    int fd;
    const char *path;
    control_request *request;
    void *userdata;
    uint64_t next_id;
    size_t client_count;
    TAILQ_HEAD(client_list, client) clients;
};

static int client_destroy(struct client *client)
{
    TAILQ_REMOVE(&client->control->clients, client, entry);
    client->control->client_count--;
    sd_event_source_disable_unref(client->source);
    close(client->fd);
    return 0;
}

static void client_read(struct client *client)
{
    char bytes[4096];
    ssize_t n = read(client->fd, bytes, sizeof(bytes));
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0 || buffer_append(client->request, bytes, (size_t)n) < 0) {
        talloc_free(client);
        return;
    }
    char *end = memchr(client->request->bytes, '\n', client->request->length);
    if (end == NULL)
        return;
    *end = '\0';
    sd_event_source_set_io_events(client->source, 0);
    client->control->request(client->control->userdata, client->id, client->request->bytes);
}

static void client_write(struct client *client)
{
    size_t length = strlen(client->answer);
    ssize_t n = send(client->fd, client->answer + client->answered, length - client->answered,
                     MSG_NOSIGNAL);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n > 0)
        client->answered += (size_t)n;
    if (n <= 0 || client->answered == length)
        talloc_free(client);
}

static int client_event(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    (void)source;
    (void)fd;
    (void)events;
    struct client *client = userdata;
    if (client->answer != NULL)
        client_write(client);
    else
        client_read(client);
    return 0;
}

static int control_accept(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    (void)source;
    (void)events;
    struct control *control = userdata;
    int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted < 0)
        return 0;
    if (control->client_count >= CLIENTS_MAX)
        talloc_free(TAILQ_FIRST(&control->clients));
    struct client *client = memory_new(control, struct client);
    client->control = control;
    client->id = ++control->next_id;
    client->fd = accepted;
    client->request = buffer_new(client, CONTROL_REQUEST_BYTES_MAX);
    if (sd_event_add_io(control->event, &client->source, accepted, EPOLLIN, client_event, client) <
        0) {
        close(accepted);
        talloc_free(client);
        return 0;
    }
    TAILQ_INSERT_TAIL(&control->clients, client, entry);
    control->client_count++;
    talloc_set_destructor(client, client_destroy);
    return 0;
}

void control_reply(struct control *control, uint64_t id, const char *text)
{
    struct client *client;
    TAILQ_FOREACH(client, &control->clients, entry)
    {
        if (client->id != id)
            continue;
        client->answer = memory_printf(client, "%s\n", text);
        sd_event_source_set_io_events(client->source, EPOLLOUT);
        return;
    }
}

static int address_of(const char *path, struct sockaddr_un *ret_address)
{
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(ret_address->sun_path))
        return -ENAMETOOLONG;
    memcpy(ret_address->sun_path, path, strlen(path) + 1);
    return 0;
}

static int control_destroy(struct control *control)
{
    while (!TAILQ_EMPTY(&control->clients))
        talloc_free(TAILQ_FIRST(&control->clients));
    sd_event_source_disable_unref(control->source);
    if (control->fd >= 0)
        close(control->fd);
    unlink(control->path);
    return 0;
}

int control_listen(TALLOC_CTX *context, sd_event *event, const char *path, control_request *request,
                   void *userdata, struct control **ret_control)
{
    struct sockaddr_un address;
    int r = address_of(path, &address);
    if (r < 0)
        return r;
    struct control *control = memory_new(context, struct control);
    TAILQ_INIT(&control->clients);
    control->event = event;
    control->path = memory_text(control, path);
    control->request = request;
    control->userdata = userdata;
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    talloc_set_destructor(control, control_destroy);
    /* The store's lock is held, so a socket that is there was left by a daemon that was killed. */
    unlink(path);
    mode_t before = umask(0177);
    r = control->fd < 0 || bind(control->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
                listen(control->fd, CLIENTS_MAX) < 0
            ? -errno
            : 0;
    umask(before);
    if (r >= 0)
        r = sd_event_add_io(event, &control->source, control->fd, EPOLLIN, control_accept, control);
    if (r < 0) {
        talloc_free(control);
        return r;
    }
    *ret_control = control;
    return 0;
}

void control_free(struct control *control)
{
    talloc_free(control);
}

static int read_answer(int fd, struct buffer *answer)
{
    for (;;) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        int ready = poll(&wait, 1, ANSWER_WAIT_MSEC);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return ready < 0 ? -errno : -ETIMEDOUT;
        char bytes[4096];
        ssize_t n = read(fd, bytes, sizeof(bytes));
        if (n < 0)
            return -errno;
        if (n == 0)
            return answer->length > 0 ? 0 : -EPIPE;
        int r = buffer_append(answer, bytes, (size_t)n);
        if (r < 0)
            return r;
    }
}

static int write_all(int fd, const char *text)
{
    size_t length = strlen(text);
    while (length > 0) {
        ssize_t n = send(fd, text, length, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        text += n;
        length -= (size_t)n;
    }
    return 0;
}

int control_call(TALLOC_CTX *context, const char *path, const char *request, char **ret_answer)
{
    struct sockaddr_un address;
    int r = address_of(path, &address);
    if (r < 0)
        return r;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    struct buffer *answer = buffer_new(context, CONTROL_REQUEST_BYTES_MAX);
    r = connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
    if (r >= 0)
        r = write_all(fd, request);
    if (r >= 0)
        r = write_all(fd, "\n");
    if (r >= 0)
        r = read_answer(fd, answer);
    close(fd);
    if (r < 0)
        return r;
    *ret_answer = answer->bytes;
    return 0;
}
