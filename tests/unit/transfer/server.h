/* A small server in threads of the test program, for what a real one would never do.
 *
 * It listens on 127.0.0.1 and ::1 at one port. Each connection has a thread; what it does is
 * decided by the path of the request, or for mail by the local part of the reader's address. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERVER_TEXT 65536

struct server;
typedef void server_talk(struct server *server, int fd);

struct server {
    int v4, v6; /* listening; v6 may be -1 */
    unsigned port;
    pthread_t threads[2];
    server_talk *talk;
    atomic_int accepted, open, most_open, requests;
    atomic_bool ending;
    pthread_mutex_t mutex;
    char last[SERVER_TEXT]; /* the last request or mail session as received */
    void *more;             /* of the test */
};

struct server_guest {
    struct server *server;
    int fd;
};

static inline bool server_say(int fd, const void *bytes, size_t length)
{
    const char *next = bytes;
    while (length > 0) {
        ssize_t n = send(fd, next, length, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        next += n;
        length -= (size_t)n;
    }
    return true;
}

static inline bool server_text(int fd, const char *text)
{
    return server_say(fd, text, strlen(text));
}

/* Waits until the other side closes, at most `milliseconds`; true when it did. */
static inline bool server_wait(struct server *server, int fd, int milliseconds)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN | POLLRDHUP};
    for (int slept = 0; slept < milliseconds && !server->ending; slept += 20) {
        if (poll(&wait, 1, 20) > 0 && (wait.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0)
            return true;
    }
    return false;
}

static inline void server_note(struct server *server, const char *text)
{
    pthread_mutex_lock(&server->mutex);
    snprintf(server->last, sizeof(server->last), "%s", text);
    pthread_mutex_unlock(&server->mutex);
}

static inline void *server_guest_thread(void *userdata)
{
    struct server_guest *guest = userdata;
    struct server *server = guest->server;
    int open = ++server->open;
    int most = server->most_open;
    while (open > most && !atomic_compare_exchange_weak(&server->most_open, &most, open))
        continue;
    server->talk(server, guest->fd);
    close(guest->fd);
    free(guest);
    server->open--;
    return NULL;
}

static inline void server_accept(struct server *server, int listener)
{
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    server->accepted++;
    struct timeval limit = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    struct server_guest *guest = malloc(sizeof(*guest));
    *guest = (struct server_guest){.server = server, .fd = fd};
    pthread_t thread;
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &detached, server_guest_thread, guest) != 0) {
        close(fd);
        free(guest);
    }
    pthread_attr_destroy(&detached);
}

static inline void *server_listen_v4(void *userdata)
{
    struct server *server = userdata;
    struct pollfd wait = {.fd = server->v4, .events = POLLIN};
    while (!server->ending) {
        if (poll(&wait, 1, 20) > 0)
            server_accept(server, server->v4);
    }
    return NULL;
}

static inline void *server_listen_v6(void *userdata)
{
    struct server *server = userdata;
    struct pollfd wait = {.fd = server->v6, .events = POLLIN};
    while (!server->ending && server->v6 >= 0) {
        if (poll(&wait, 1, 20) > 0)
            server_accept(server, server->v6);
    }
    return NULL;
}

/* A listening socket of the family; *port 0 becomes the one that the system gave. -1: none. */
static inline int server_socket(int family, bool any_address, int backlog, unsigned *port)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int yes = 1;
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)*port)};
    if (!any_address) {
        v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        v6.sin6_addr = in6addr_loopback;
    }
    struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
    socklen_t length = family == AF_INET ? sizeof(v4) : sizeof(v6);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
    if (fd < 0 || bind(fd, address, length) < 0 || listen(fd, backlog) < 0 ||
        getsockname(fd, address, &length) < 0) {
        if (fd >= 0)
            close(fd);
        return -1;
    }
    *port = ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
    return fd;
}

static inline struct server *server_new(server_talk *talk, void *more)
{
    struct server *server = calloc(1, sizeof(*server));
    server->talk = talk;
    server->more = more;
    pthread_mutex_init(&server->mutex, NULL);
    server->v4 = server_socket(AF_INET, true, 1024, &server->port);
    server->v6 = server_socket(AF_INET6, true, 1024, &server->port);
    pthread_create(&server->threads[0], NULL, server_listen_v4, server);
    pthread_create(&server->threads[1], NULL, server_listen_v6, server);
    return server;
}

static inline void server_free(struct server *server)
{
    server->ending = true;
    pthread_join(server->threads[0], NULL);
    pthread_join(server->threads[1], NULL);
    while (server->open > 0)
        poll(NULL, 0, 5);
    close(server->v4);
    if (server->v6 >= 0)
        close(server->v6);
    pthread_mutex_destroy(&server->mutex);
    free(server);
}

/* Reads until a blank line and the body of a Content-Length; false at the end. */
static inline bool server_request(struct server *server, int fd, char *request, size_t size)
{
    size_t length = 0, wanted = 0;
    request[0] = '\0';
    while (length + 1 < size) {
        ssize_t n = recv(fd, request + length, size - length - 1, 0);
        if (n <= 0)
            return false;
        length += (size_t)n;
        request[length] = '\0';
        char *blank = strstr(request, "\r\n\r\n");
        if (blank == NULL)
            continue;
        char *field = strcasestr(request, "\r\nContent-Length:");
        wanted = field != NULL && field < blank ? strtoul(field + 17, NULL, 10) : 0;
        if (length >= (size_t)(blank - request) + 4 + wanted)
            break;
    }
    server->requests++;
    server_note(server, request);
    return true;
}

/* ---- a name server that answers from a table, or not at all ---- */

struct name_row {
    const char *name; /* "a.test", or "*.a.test" for all below it */
    const char *v4, *v6;
    bool silent;
    const char *other; /* told instead of v4 at every second question, with a TTL of 0 */
};

struct name_server {
    int fd;
    unsigned port;
    pthread_t thread;
    atomic_bool ending;
    atomic_int questions;
    const struct name_row *rows;
    size_t count, turns;
};

static inline bool name_is(const struct name_row *row, const char *name)
{
    size_t length = strlen(name), ending = strlen(row->name) - 1;
    if (row->name[0] != '*')
        return strcasecmp(row->name, name) == 0;
    return length > ending && strcasecmp(name + length - ending, row->name + 1) == 0;
}

static inline size_t name_of_question(const uint8_t *packet, size_t length, char *name)
{
    size_t at = 12, used = 0;
    while (at < length && packet[at] != 0 && used + packet[at] + 2u < 256) {
        if (used > 0)
            name[used++] = '.';
        memcpy(name + used, packet + at + 1, packet[at]);
        used += packet[at];
        at += packet[at] + 1u;
    }
    name[used] = '\0';
    return at + 5; /* the last length, type and class */
}

/* Fills the answer after the question; returns the whole length, 0 for silence. */
static inline size_t name_server_answer(struct name_server *names, uint8_t *packet, size_t length)
{
    char name[256];
    size_t end = name_of_question(packet, length, name);
    if (end > length)
        return 0;
    bool want_v6 = packet[end - 3] == 28;
    packet[2] = 0x81;
    packet[3] = 0x83; /* no such name */
    memset(packet + 6, 0, 6);
    for (size_t i = 0; i < names->count; i++) {
        const struct name_row *row = &names->rows[i];
        const char *text = want_v6 ? row->v6 : row->v4;
        if (!name_is(row, name))
            continue;
        if (row->other != NULL && !want_v6 && names->turns++ % 2 == 1)
            text = row->other;
        if (row->silent)
            return 0;
        packet[3] = 0x80;
        if (text == NULL)
            return end;
        packet[7] = 1;
        const uint8_t seconds = row->other != NULL ? 0 : 60;
        const uint8_t head[] = {0xc0, 12, 0, want_v6 ? 28 : 1, 0, 1,
                                0,    0,  0, seconds,          0, want_v6 ? 16 : 4};
        memcpy(packet + end, head, sizeof(head));
        inet_pton(want_v6 ? AF_INET6 : AF_INET, text, packet + end + sizeof(head));
        return end + sizeof(head) + (want_v6 ? 16 : 4);
    }
    return end;
}

static inline void *name_server_thread(void *userdata)
{
    struct name_server *names = userdata;
    struct pollfd wait = {.fd = names->fd, .events = POLLIN};
    uint8_t packet[1500];
    while (!names->ending) {
        struct sockaddr_storage from;
        socklen_t from_length = sizeof(from);
        if (poll(&wait, 1, 20) <= 0)
            continue;
        ssize_t n = recvfrom(names->fd, packet, 512, 0, (struct sockaddr *)&from, &from_length);
        names->questions++;
        size_t length = n > 16 ? name_server_answer(names, packet, (size_t)n) : 0;
        if (length > 0)
            sendto(names->fd, packet, length, 0, (struct sockaddr *)&from, from_length);
    }
    return NULL;
}

static inline struct name_server *name_server_new(const struct name_row *rows, size_t count)
{
    struct name_server *names = calloc(1, sizeof(*names));
    names->rows = rows;
    names->count = count;
    names->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    if (bind(names->fd, (struct sockaddr *)&address, length) < 0 ||
        getsockname(names->fd, (struct sockaddr *)&address, &length) < 0)
        abort();
    names->port = ntohs(address.sin_port);
    pthread_create(&names->thread, NULL, name_server_thread, names);
    return names;
}

static inline void name_server_free(struct name_server *names)
{
    names->ending = true;
    pthread_join(names->thread, NULL);
    close(names->fd);
    free(names);
}
