/* A fast SMTP sink: takes every mail, pipelined or not, and answers after DELAY milliseconds, as if
 * the way there and back were so long. One thread, epoll.
 * Usage: bench-mail-sink PORT DELAY; ends on SIGTERM and prints how many mails came and how many
 * different readers they had (numbers in RCPT TO:<rNUMBER@…>). */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define IN_MAX          (256 * 1024)
#define OUT_MAX         65536
#define READERS_MAX     (1 << 20)
#define PARTS_MAX       1024

struct part { /* of the answers, with its time */
    int64_t at;
    size_t length;
};
struct connection {
    int fd;
    bool in_text;
    char in[IN_MAX];
    size_t length;
    char out[OUT_MAX];
    size_t out_length;
    struct part parts[PARTS_MAX];
    size_t first, count;
};

static struct connection *connections[CONNECTIONS_MAX];
static uint8_t readers[READERS_MAX / 8];
static size_t mails, different;
static int64_t delay;
static volatile sig_atomic_t ending;

static void on_signal(int number)
{
    (void)number;
    ending = 1;
}

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void say(struct connection *connection, const char *text)
{
    size_t length = strlen(text);
    if (connection->out_length + length > OUT_MAX)
        return;
    memcpy(connection->out + connection->out_length, text, length);
    connection->out_length += length;
}

static void note_reader(const char *line)
{
    unsigned long number = strtoul(line + sizeof("RCPT TO:<r") - 1, NULL, 10) % READERS_MAX;
    uint8_t bit = (uint8_t)(1u << (number % 8));
    different += (readers[number / 8] & bit) == 0;
    readers[number / 8] |= bit;
}

static void take_line(struct connection *connection, const char *line)
{
    if (strncasecmp(line, "EHLO", 4) == 0) {
        say(connection, "250-sink\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250 8BITMIME\r\n");
    } else if (strncasecmp(line, "DATA", 4) == 0) {
        connection->in_text = true;
        say(connection, "354 go on\r\n");
    } else if (strncasecmp(line, "QUIT", 4) == 0) {
        say(connection, "221 bye\r\n");
    } else {
        if (strncasecmp(line, "RCPT", 4) == 0)
            note_reader(line);
        say(connection, "250 2.0.0 ok\r\n");
    }
}

/* Takes what is whole. */
static void take(struct connection *connection)
{
    size_t at = 0;
    while (at < connection->length) {
        char *next = connection->in + at;
        size_t left = connection->length - at;
        if (connection->in_text) {
            char *end = memmem(next, left, "\r\n.\r\n", 5);
            if (end == NULL) {
                at += left > 4 ? left - 4 : 0;
                break;
            }
            connection->in_text = false;
            mails++;
            at = (size_t)(end - connection->in) + 5;
            say(connection, "250 2.0.0 taken\r\n");
        } else {
            char *end = memchr(next, '\n', left);
            if (end == NULL)
                break;
            take_line(connection, next);
            at = (size_t)(end - connection->in) + 1;
        }
    }
    connection->length -= at;
    memmove(connection->in, connection->in + at, connection->length);
}

static void put(struct connection *connection, size_t length)
{
    if (send(connection->fd, connection->out, length, MSG_NOSIGNAL) < 0 && errno != EPIPE &&
        errno != ECONNRESET)
        perror("send");
    connection->out_length -= length;
    memmove(connection->out, connection->out + length, connection->out_length);
}

static void answer(struct connection *connection, size_t before)
{
    size_t length = connection->out_length - before;
    if (length == 0)
        return;
    if (delay == 0) {
        put(connection, length);
        return;
    }
    struct part *part =
        &connection->parts[(connection->first + connection->count++) % PARTS_MAX];
    *part = (struct part){now() + delay, length};
}

static void drop(struct connection *connection)
{
    connections[connection->fd] = NULL;
    close(connection->fd);
    free(connection);
}

static void on_ready(struct connection *connection)
{
    ssize_t n = recv(connection->fd, connection->in + connection->length,
                     IN_MAX - connection->length, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        drop(connection);
        return;
    }
    /* A sender that leaves Nagle's algorithm on shall not wait for a delayed acknowledgement. */
    int yes = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof(yes));
    size_t before = connection->out_length;
    connection->length += (size_t)n;
    take(connection);
    answer(connection, before);
}

static void accept_one(int listener, int poll)
{
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), yes = 1;
    if (fd < 0 || fd >= CONNECTIONS_MAX)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    connections[fd] = calloc(1, sizeof(struct connection));
    connections[fd]->fd = fd;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    say(connections[fd], "220 sink ESMTP\r\n");
    answer(connections[fd], 0);
}

/* Writes what is due; returns milliseconds until the next, -1 for none. */
static int put_due(void)
{
    int64_t time = now(), next = 0;
    for (int fd = 0; delay > 0 && fd < CONNECTIONS_MAX; fd++) {
        struct connection *connection = connections[fd];
        while (connection != NULL && connection->count > 0) {
            struct part *part = &connection->parts[connection->first % PARTS_MAX];
            if (part->at > time) {
                if (next == 0 || part->at < next)
                    next = part->at;
                break;
            }
            put(connection, part->length);
            connection->first++;
            connection->count--;
        }
    }
    return next == 0 ? 200 : (int)((next - time + 999) / 1000);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    delay = strtol(argv[2], NULL, 10) * 1000;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10))};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(listener, 512) < 0) {
        perror("listen");
        return 1;
    }
    signal(SIGTERM, on_signal);
    int poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    puts("ready");
    fflush(stdout);
    while (!ending) {
        struct epoll_event events[64];
        int ready = epoll_wait(poll, events, 64, put_due());
        for (int i = 0; i < ready; i++) {
            if (events[i].data.fd == listener)
                accept_one(listener, poll);
            else if (connections[events[i].data.fd] != NULL)
                on_ready(connections[events[i].data.fd]);
        }
    }
    printf("%zu %zu\n", mails, different);
    return 0;
}
