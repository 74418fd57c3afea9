/* The table of routes and their answers. Nothing can be asked but what stands in the table, by GET
 * and HEAD; a body is never read. Faults are problem+json (RFC 9457). */
#include "http/server.h"

#include <string.h>
#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"

#define LANGUAGE_LENGTH_MAX 40
#define ACCEPT_LENGTH_MAX   1000
#define METRICS_BYTES_MAX   ((size_t)8 * 1024 * 1024)

#define TYPE_HTML    "text/html; charset=utf-8"
#define TYPE_JSON    "application/json"
#define TYPE_PROBLEM "application/problem+json"
#define TYPE_METRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct asking {
    struct http_server *server;
    struct MHD_Connection *connection;
    const struct route *route;
    struct page_set *set; /* a reference of its own */
    bool old;
    usec_t age;
};

/* A route: its path, how long others may keep the answer, and who makes it. All are open to anyone,
 * read-only, and take no body. */
struct route {
    const char *path, *cache, *vary;
    enum MHD_Result (*answer)(const struct asking *asking);
};

struct header {
    const char *name, *value;
};

static void add_headers(struct MHD_Response *response, const struct header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (headers[i].value != NULL)
            MHD_add_response_header(response, headers[i].name, headers[i].value);
    }
}

/* Queues and lets go of the response. */
static enum MHD_Result send_response(const struct asking *asking, unsigned status,
                                     struct MHD_Response *response, const char *type)
{
    if (response == NULL)
        return MHD_NO;
    const struct route *route = asking->route;
    const struct header headers[] = {
        {"Content-Type", type},
        {"Cache-Control", route != NULL ? route->cache : "no-store"},
        {"Vary", route != NULL ? route->vary : NULL},
        {"Content-Security-Policy", asking->server->policy},
        {"X-Content-Type-Options", "nosniff"},
        {"X-Frame-Options", "DENY"},
        {"Referrer-Policy", "no-referrer"},
    };
    add_headers(response, headers, sizeof(headers) / sizeof(headers[0]));
    enum MHD_Result result = MHD_queue_response(asking->connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Response *copied_response(const char *bytes, size_t length)
{
    return MHD_create_response_from_buffer(length, (void *)bytes, MHD_RESPMEM_MUST_COPY);
}

/* The texts are ours: nothing of the request is repeated in them. */
static enum MHD_Result send_problem(const struct asking *asking, unsigned status, const char *title,
                                    const char *detail)
{
    char body[400];
    int length = snprintf(body, sizeof(body),
                          "{\"type\":\"about:blank\",\"title\":\"%s\",\"status\":%u,"
                          "\"detail\":\"%s\"}\n",
                          title, status, detail);
    struct MHD_Response *response = copied_response(body, (size_t)length);
    if (response != NULL && status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(response, "Allow", "GET, HEAD");
    return send_response(asking, status, response, TYPE_PROBLEM);
}

static void let_go(void *set)
{
    page_set_unref(set);
}

/* Bytes of the set, without a copy: the response holds a reference to it until it is sent. */
static struct MHD_Response *body_response(struct page_set *set, const struct page_body *body)
{
    struct MHD_IoVec parts[2];
    unsigned count = 0;
    for (size_t i = 0; i < 2; i++) {
        if (body->parts[i].length > 0)
            parts[count++] = (struct MHD_IoVec){body->parts[i].bytes, body->parts[i].length};
    }
    page_set_ref(set);
    struct MHD_Response *response = MHD_create_response_from_iovec(parts, count, let_go, set);
    if (response == NULL)
        page_set_unref(set);
    return response;
}

/* If-None-Match: a list of tags, weakly compared (RFC 9110 13.1.2). */
static bool has_tag(const char *list, const char *tag)
{
    if (list == NULL || tag == NULL)
        return false;
    size_t length = strlen(tag);
    while (*list != '\0') {
        list += strspn(list, " \t,");
        if (list[0] == '*')
            return true;
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        if (strncmp(list, tag, length) == 0)
            return true;
        list += strcspn(list, ",");
    }
    return false;
}

static enum MHD_Result send_body(const struct asking *asking, unsigned status,
                                 const struct page_body *body, const char *type,
                                 const char *language)
{
    if (body->parts[0].length == 0)
        return send_problem(asking, MHD_HTTP_INTERNAL_SERVER_ERROR, "Too large",
                            "The answer would be too large. Watch TV or radio.");
    const char *known = MHD_lookup_connection_value(asking->connection, MHD_HEADER_KIND,
                                                    MHD_HTTP_HEADER_IF_NONE_MATCH);
    bool same = status == MHD_HTTP_OK && has_tag(known, body->etag);
    struct MHD_Response *response =
        same ? copied_response("", 0) : body_response(asking->set, body);
    if (response == NULL)
        return MHD_NO;
    const struct header headers[] = {{"ETag", status == MHD_HTTP_OK ? body->etag : NULL},
                                     {"Content-Language", language}};
    add_headers(response, headers, 2);
    return send_response(asking, same ? MHD_HTTP_NOT_MODIFIED : status, response,
                         same ? NULL : type);
}

/* The language that ?lang= asks for; NULL when it asks for none or for one that we do not have. */
static const char *asked_language(const struct asking *asking, bool *ret_unknown)
{
    const char *wanted =
        MHD_lookup_connection_value(asking->connection, MHD_GET_ARGUMENT_KIND, "lang");
    bool fallback = true;
    const char *language = NULL;
    if (text_given(wanted) && strlen(wanted) <= LANGUAGE_LENGTH_MAX)
        language = catalogue_choose(page_set_catalogue(asking->set), &wanted, 1, &fallback);
    *ret_unknown = wanted != NULL && fallback;
    return fallback ? NULL : language;
}

static enum MHD_Result answer_home(const struct asking *asking)
{
    bool unknown = false;
    const char *language = asked_language(asking, &unknown);
    if (language == NULL) {
        const char *accepted = MHD_lookup_connection_value(asking->connection, MHD_HEADER_KIND,
                                                           MHD_HTTP_HEADER_ACCEPT_LANGUAGE);
        if (accepted != NULL && strlen(accepted) > ACCEPT_LENGTH_MAX)
            accepted = NULL;
        language = catalogue_choose_header(page_set_catalogue(asking->set), accepted);
    }
    struct page_body body = page_set_body(asking->set, PAGE_HOME, language, asking->old);
    return send_body(asking, MHD_HTTP_OK, &body, TYPE_HTML, language);
}

static enum MHD_Result answer_alerts(const struct asking *asking)
{
    bool unknown = false;
    const char *language = asked_language(asking, &unknown);
    if (unknown)
        return send_problem(asking, MHD_HTTP_BAD_REQUEST, "Unknown language",
                            "lang must be one of the language tags of this service.");
    struct page_body body = page_set_body(asking->set, PAGE_ALERTS, language, asking->old);
    return send_body(asking, MHD_HTTP_OK, &body, TYPE_JSON, NULL);
}

static enum MHD_Result answer_status(const struct asking *asking)
{
    struct page_body body = page_set_body(asking->set, PAGE_STATUS, NULL, asking->old);
    return send_body(asking, MHD_HTTP_OK, &body, TYPE_JSON, NULL);
}

static enum MHD_Result answer_health(const struct asking *asking)
{
    static const char alive[] = "{\"status\":\"alive\"}\n";
    if (asking->old)
        return send_problem(asking, MHD_HTTP_SERVICE_UNAVAILABLE, "Not alive",
                            "No new snapshot has come for too long.");
    return send_response(asking, MHD_HTTP_OK, copied_response(alive, sizeof(alive) - 1), TYPE_JSON);
}

static enum MHD_Result answer_ready(const struct asking *asking)
{
    bool ready = !asking->old && page_set_ready(asking->set);
    struct page_body body = page_set_body(asking->set, PAGE_READY, NULL, asking->old);
    body.etag = NULL;
    return send_body(asking, ready ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, &body,
                     ready ? TYPE_JSON : TYPE_PROBLEM, NULL);
}

static enum MHD_Result answer_metrics(const struct asking *asking)
{
    struct connections *connections = asking->server->connections;
    struct page_part known = page_set_metrics(asking->set);
    struct buffer *out = buffer_new(NULL, METRICS_BYTES_MAX);
    buffer_append(out, known.bytes, known.length);
    buffer_text(out, "# TYPE noroshi_snapshot_age_seconds gauge\n"
                     "# UNIT noroshi_snapshot_age_seconds seconds\n"
                     "# HELP noroshi_snapshot_age_seconds Age of the published snapshot.\n");
    if (asking->age >= 0)
        buffer_printf(out, "noroshi_snapshot_age_seconds %.3f\n", (double)asking->age / 1e6);
    buffer_printf(out,
                  "# TYPE noroshi_http_connections gauge\n"
                  "# HELP noroshi_http_connections Open connections.\n"
                  "noroshi_http_connections %zu\n"
                  "# TYPE noroshi_http_ended counter\n"
                  "# HELP noroshi_http_ended Connections ended by a deadline or to make room.\n"
                  "noroshi_http_ended_total %lu\n# EOF\n",
                  connections_count(connections), connections_ended(connections));
    struct MHD_Response *response = copied_response(out->bytes, out->length);
    talloc_free(out);
    return send_response(asking, MHD_HTTP_OK, response, TYPE_METRICS);
}

static const struct route routes[] = {
    {"/", "no-cache", "Accept-Language, Accept-Encoding", answer_home},
    {"/api/v1/alerts", "no-cache", "Accept-Encoding", answer_alerts},
    {"/api/v1/status", "no-cache", "Accept-Encoding", answer_status},
    {"/healthz", "no-store", NULL, answer_health},
    {"/readyz", "no-store", NULL, answer_ready},
    {"/metrics", "no-store", NULL, answer_metrics},
};

static enum MHD_Result answer_route(struct asking *asking, const char *url, const char *method)
{
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        if (strcmp(routes[i].path, url) == 0)
            asking->route = &routes[i];
    }
    const struct route *route = asking->route;
    if (route == NULL)
        return send_problem(asking, MHD_HTTP_NOT_FOUND, "Not found", "There is no such page.");
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        asking->route = NULL;
        return send_problem(asking, MHD_HTTP_METHOD_NOT_ALLOWED, "Method not allowed",
                            "This page can only be read.");
    }
    asking->set = http_current(asking->server, &asking->old, &asking->age);
    enum MHD_Result result = route->answer(asking);
    page_set_unref(asking->set);
    return result;
}

static bool has_body(struct MHD_Connection *connection)
{
    const char *length =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    return (length != NULL && strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                       MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}

enum MHD_Result http_answer(void *context, struct MHD_Connection *connection, const char *url,
                            const char *method, const char *version, const char *upload,
                            size_t *upload_size, void **request)
{
    (void)version;
    (void)upload;
    (void)upload_size;
    struct asking asking = {.server = context, .connection = connection};
    /* An answer at the first call, before the body, makes libmicrohttpd close the connection: right
     * for a body that nobody wants, wrong for a reader who comes back for the next page. */
    bool reading = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    if (*request == NULL && reading && !has_body(connection)) {
        *request = context;
        return MHD_YES;
    }
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info != NULL && info->socket_context != NULL)
        connection_answer(asking.server->connections, info->socket_context, clock_monotonic());
    return answer_route(&asking, url, method);
}
