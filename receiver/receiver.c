/* A small webhook receiver: shows how a facility takes alerts, and serves the quickstart.
 *
 * It checks the signature and the age of each POST (Standard Webhooks 1.0), refuses what does not
 * verify with 401, keeps each message once by its webhook-id as one JSON file in a folder, and
 * prints a line. Usage: noroshi-receiver --port N --secret-file FILE --directory DIR */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "cli/options.h"
#include "base/signature.h"

#define BODY_BYTES_MAX ((size_t)64 * 1024)

struct receiver {
    const char *secret, *directory;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status, const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

/* Only the characters of our ids may become a file name. */
static bool plain_id(const char *id)
{
    return id != NULL && id[0] != '\0' && strlen(id) < 100 &&
           strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
               strlen(id);
}

/* 1 when it is new, 0 when it was here before, negative errno. */
static int keep(const struct receiver *receiver, TALLOC_CTX *context, const char *id,
                const struct buffer *body)
{
    const char *path = memory_printf(context, "%s/%s.json", receiver->directory, id);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    ssize_t n = write(fd, body->bytes, body->length);
    int r = n == (ssize_t)body->length && fsync(fd) == 0 ? 1 : -EIO;
    close(fd);
    return r;
}

static void print_line(const char *id, const struct buffer *body, bool fresh)
{
    json_t *json = json_loads(body->bytes, 0, NULL);
    const json_t *data = json_object_get(json, "data");
    const json_t *messages = json_object_get(data, "messages");
    const json_t *first = json_is_array(messages) ? json_array_get(messages, 0) : NULL;
    const char *type = json_string_value(json_object_get(json, "type"));
    const char *headline = json_string_value(json_object_get(first, "headline"));
    printf("%s %s %s %s\n", fresh ? "verified" : "repeated", id, type != NULL ? type : "?",
           headline != NULL ? headline : "");
    fflush(stdout);
    json_decref(json);
}

static enum MHD_Result take(const struct receiver *receiver, struct MHD_Connection *connection,
                            const struct buffer *body)
{
    const char *id = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "webhook-id");
    const char *time =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "webhook-timestamp");
    const char *signature =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "webhook-signature");
    if (body->overflow)
        return answer(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too large\n");
    if (!plain_id(id) || time == NULL || signature == NULL ||
        !signature_check(receiver->secret, id, time, signature, body->bytes, body->length,
                         clock_now() / USEC_PER_SEC)) {
        printf("refused: the signature does not verify\n");
        fflush(stdout);
        return answer(connection, MHD_HTTP_UNAUTHORIZED, "the signature does not verify\n");
    }
    TALLOC_CTX *context = talloc_new(NULL);
    int kept = keep(receiver, context, id, body);
    talloc_free(context);
    if (kept < 0) {
        fprintf(stderr, "cannot keep %s: %s\n", id, strerror(-kept));
        return answer(connection, MHD_HTTP_SERVICE_UNAVAILABLE, "try later\n");
    }
    print_line(id, body, kept == 1);
    return answer(connection, MHD_HTTP_OK, "ok\n");
}

static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
                                  const char *url, const char *method, const char *version,
                                  const char *upload, size_t *upload_size, void **request)
{
    (void)url;
    (void)version;
    struct buffer *body = *request;
    if (body == NULL) {
        *request = buffer_new(NULL, BODY_BYTES_MAX);
        return MHD_YES;
    }
    if (*upload_size > 0) {
        buffer_append(body, upload, *upload_size);
        *upload_size = 0;
        return MHD_YES;
    }
    if (strcmp(method, "POST") != 0)
        return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "send webhooks by POST\n");
    return take(userdata, connection, body);
}

static void on_completed(void *userdata, struct MHD_Connection *connection, void **request,
                         enum MHD_RequestTerminationCode code)
{
    (void)userdata;
    (void)connection;
    (void)code;
    talloc_free(*request);
}

static const char *read_secret(TALLOC_CTX *context, const char *path)
{
    char line[256] = "";
    FILE *stream = fopen(path, "re");
    if (stream == NULL || fgets(line, sizeof(line), stream) == NULL)
        fprintf(stderr, "%s: cannot be read\n", path);
    if (stream != NULL)
        fclose(stream);
    line[strcspn(line, "\r\n")] = '\0';
    return memory_text(context, line);
}

static int serve(struct receiver *receiver, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_EPOLL, 0, NULL, NULL, on_request,
                         receiver, MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED,
                         on_completed, NULL, MHD_OPTION_CONNECTION_TIMEOUT, 15u, MHD_OPTION_END);
    if (daemon == NULL) {
        fprintf(stderr, "cannot listen on 127.0.0.1 port %u\n", port);
        return EXIT_FAILURE;
    }
    printf("receiving on 127.0.0.1:%u into %s\n", port, receiver->directory);
    fflush(stdout);
    int signal_number;
    sigwait(&set, &signal_number);
    MHD_stop_daemon(daemon);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    const char *port = NULL, *secret = NULL, *directory = NULL;
    const struct option_row rows[] = {
        {"port", "N", "on 127.0.0.1", &port, NULL},
        {"secret-file", "FILE", "its first line is whsec_…", &secret, NULL},
        {"directory", "DIR", "one JSON file a message", &directory, NULL}};
    int first = options_read(
        argc, argv, "noroshi-receiver --port N --secret-file FILE --directory DIR", rows, 3);
    if (first == -1)
        return EXIT_SUCCESS;
    if (first < argc || port == NULL || secret == NULL || directory == NULL) {
        fprintf(stderr, "noroshi-receiver: --port, --secret-file and --directory are needed\n");
        return 2;
    }
    TALLOC_CTX *context = talloc_new(NULL);
    struct receiver receiver = {.secret = read_secret(context, secret), .directory = directory};
    mkdir(directory, 0700);
    int status = serve(&receiver, (unsigned)strtoul(port, NULL, 10));
    talloc_free(context);
    return status;
}
