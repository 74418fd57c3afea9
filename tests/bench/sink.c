/* A fast webhook sink: answers every POST with 204 and writes "microseconds path id" of each
 * request's first byte to a file when it is told to stop (SIGTERM). One thread, epoll, connections
 * closed after each answer. Usage: bench-sink PORT FILE EXPECTED; ends by itself after EXPECTED
 * requests. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 16384
#define REQUEST_MAX     32768

struct connection {
    char bytes[REQUEST_MAX];
    size_t length;
    int64_t first_byte;
};
struct arrival {
    int64_t at;
    char path[24];
    char id[48];
};

static struct connection *connections[CONNECTIONS_MAX];

static int64_t wall_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* Length of the whole request when it is there, 0 otherwise. */
static size_t whole_request(const struct connection *connection)
{
    const char *end = memmem(connection->bytes, connection->length, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    size_t head = (size_t)(end - connection->bytes) + 4;
    const char *length = strcasestr(connection->bytes, "content-length:");
    size_t body = length != NULL && length < end ? strtoul(length + 15, NULL, 10) : 0;
    return connection->length >= head + body ? head + body : 0;
}

static void note(const struct connection *connection, struct arrival *arrival)
{
    arrival->at = connection->first_byte;
    sscanf(connection->bytes, "POST %23s", arrival->path);
    const char *id = strcasestr(connection->bytes, "webhook-id:");
    if (id != NULL)
        sscanf(id + 11, " %47s", arrival->id);
}

static void drop(int fd)
{
    free(connections[fd]);
    connections[fd] = NULL;
    close(fd);
}

/* True when a whole request was taken and answered. */
static int take(int fd, struct arrival *arrival)
{
    static const char answer[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
    struct connection *connection = connections[fd];
    ssize_t n =
        recv(fd, connection->bytes + connection->length, REQUEST_MAX - 1 - connection->length, 0);
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n <= 0) {
        drop(fd);
        return 0;
    }
    if (connection->first_byte == 0)
        connection->first_byte = wall_now();
    connection->length += (size_t)n;
    connection->bytes[connection->length] = '\0';
    if (whole_request(connection) == 0)
        return 0;
    note(connection, arrival);
    if (send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) < 0)
        perror("send");
    drop(fd);
    return 1;
}

static void accept_all(int listener, int poll)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        if (fd >= CONNECTIONS_MAX) {
            close(fd);
            continue;
        }
        connections[fd] = calloc(1, sizeof(struct connection));
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    size_t expected = strtoul(argv[3], NULL, 10), count = 0;
    struct arrival *arrivals = calloc(expected + 1, sizeof(*arrivals));
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10))};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(listener, 4096) < 0) {
        perror("listen");
        return 1;
    }
    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    puts("ready");
    fflush(stdout);
    while (count < expected) {
        struct epoll_event events[256];
        int ready = epoll_wait(poll, events, 256, 30000);
        if (ready <= 0)
            break;
        for (int i = 0; i < ready && count < expected; i++) {
            if (events[i].data.fd == listener)
                accept_all(listener, poll);
            else if (connections[events[i].data.fd] != NULL)
                count += (size_t)take(events[i].data.fd, &arrivals[count]);
        }
    }
    FILE *out = fopen(argv[2], "w");
    if (out == NULL)
        return 1;
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%lld %s %s\n", (long long)arrivals[i].at, arrivals[i].path, arrivals[i].id);
    fclose(out);
    return count == expected ? 0 : 1;
}
