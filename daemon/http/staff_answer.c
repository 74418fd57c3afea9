/* From a whole request to its answer: JSON, a page, a redirect, or a file. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/words.h"
#include "http/staff_inside.h"

#define COOKIE        "noroshi_staff"
#define RANDOM_BYTES  16
#define PROXY_ADDRESS "127.0.0.1"

const char *staff_header(const struct staff_exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static bool starts_with(const char *text, const char *prefix)
{
    return text != NULL && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static const char *own_origin(struct staff_exchange *exchange)
{
    const struct staff_options *options = &exchange->server->options;
    const char *host = staff_header(exchange, "Host");
    if (options->origin != NULL)
        return options->origin;
    return memory_printf(exchange->context, "%s://%s",
                         options->certificate != NULL ? "https" : "http", host ? host : "");
}

static enum MHD_Result take_query(void *userdata, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
    (void)kind;
    if (value != NULL && text_is_utf8(key, strlen(key)) && text_is_utf8(value, strlen(value)))
        json_object_set_new(userdata, key, json_string(value));
    return MHD_YES;
}

static void put_text(json_t *request, const char *key, const char *text)
{
    if (text != NULL && text_is_utf8(text, strlen(text)))
        json_object_set_new(request, key, json_string(text));
}

json_t *staff_request(struct staff_exchange *exchange)
{
    json_t *request = json_object(), *query = json_object();
    const char *bearer = staff_header(exchange, "Authorization");
    const char *origin = staff_header(exchange, "Origin");
    MHD_get_connection_values(exchange->connection, MHD_GET_ARGUMENT_KIND, take_query, query);
    put_text(request, "method", exchange->method);
    put_text(request, "path", exchange->path);
    put_text(request, "from", exchange->from);
    put_text(request, "language", exchange->language);
    json_object_set_new(request, "query", query);
    if (starts_with(bearer, "Bearer "))
        put_text(request, "bearer", bearer + strlen("Bearer "));
    else
        put_text(request, "cookie",
                 MHD_lookup_connection_value(exchange->connection, MHD_COOKIE_KIND, COOKIE));
    json_object_set_new(request, "origin", json_boolean(text_equal(origin, own_origin(exchange))));
    return request;
}

/* The body as JSON, and what of it belongs to the request itself. */
static bool put_body(struct staff_exchange *exchange, json_t *request)
{
    const char *type = staff_header(exchange, "Content-Type");
    const char *bytes = exchange->body->length > 0 ? exchange->body->bytes : "";
    json_t *body;
    exchange->form = starts_with(type, "application/x-www-form-urlencoded");
    if (exchange->form)
        body = staff_form_read(exchange->context, bytes, exchange->body->length);
    else if (exchange->body->length == 0)
        body = json_object();
    else
        body = starts_with(type, "application/json")
                   ? json_loadb(bytes, exchange->body->length, JSON_REJECT_DUPLICATES, NULL)
                   : NULL;
    if (!json_is_object(body)) {
        json_decref(body);
        return false;
    }
    const char *csrf = staff_header(exchange, "X-CSRF-Token");
    const char *id = staff_header(exchange, "Idempotency-Key");
    json_t *csrf_field = json_object_get(body, "csrf"),
           *id_field = json_object_get(body, "request");
    put_text(request, "csrf", csrf != NULL ? csrf : json_string_value(csrf_field));
    put_text(request, "request", id != NULL ? id : json_string_value(id_field));
    json_object_del(body, "csrf");
    json_object_del(body, "request");
    json_object_set_new(request, "body", body);
    return true;
}

/* "json" or "cap"; NULL: neither. */
static const char *message_type(struct staff_exchange *exchange)
{
    static const char *const xml[] = {"application/cap+xml", "application/xml", "text/xml"};
    const char *type = staff_header(exchange, "Content-Type");
    for (size_t i = 0; i < sizeof(xml) / sizeof(xml[0]); i++) {
        if (starts_with(type, xml[i]))
            return "cap";
    }
    return starts_with(type, "application/json") ? "json" : NULL;
}

/* A partner's message as it came, since it is signed byte by byte, and what proves it. */
static bool put_message(struct staff_exchange *exchange, json_t *request)
{
    const struct buffer *bytes = exchange->body;
    const char *type = message_type(exchange);
    json_t *webhook = json_object();
    put_text(webhook, "id", staff_header(exchange, "webhook-id"));
    put_text(webhook, "timestamp", staff_header(exchange, "webhook-timestamp"));
    put_text(webhook, "signature", staff_header(exchange, "webhook-signature"));
    json_object_set_new(request, "webhook", webhook);
    if (type == NULL || bytes->length == 0 || !text_is_utf8(bytes->bytes, bytes->length))
        return false;
    json_object_set_new(
        request, "body",
        json_pack("{ssso}", "type", type, "raw", json_stringn(bytes->bytes, bytes->length)));
    return true;
}

static bool put_posted(struct staff_exchange *exchange, json_t *request)
{
    return exchange->route->right == RIGHT_PARTNER ? put_message(exchange, request)
                                                   : put_body(exchange, request);
}

static void put_headers(struct staff_exchange *exchange, struct MHD_Response *response,
                        const char *type, const char *nonce)
{
    const char *policy = memory_printf(
        exchange->context,
        "default-src 'none'; style-src 'self' 'nonce-%s'; style-src-attr"
        " 'unsafe-inline'; script-src 'self' 'nonce-%s'; img-src"
        " 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri"
        " 'none'",
        nonce, nonce);
    MHD_add_response_header(response, "Content-Type", type);
    MHD_add_response_header(response, "Content-Security-Policy", policy);
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    /* With no-referrer browsers would send "Origin: null" with our own forms. */
    MHD_add_response_header(response, "Referrer-Policy", "same-origin");
    MHD_add_response_header(response, "Cache-Control", "no-store");
    if (exchange->server->secure)
        MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
}

static void put_cookie(struct staff_exchange *exchange, struct MHD_Response *response,
                       const json_t *answer)
{
    const char *cookie = json_string_value(json_object_get(answer, "cookie"));
    if (cookie == NULL)
        return;
    const char *header = memory_printf(
        exchange->context, "%s=%s; Path=/staff; HttpOnly; SameSite=Strict%s%s", COOKIE, cookie,
        exchange->server->secure ? "; Secure" : "", cookie[0] == '\0' ? "; Max-Age=0" : "");
    MHD_add_response_header(response, "Set-Cookie", header);
}

/* The language that was chosen by a link stays chosen. */
static void put_language(struct staff_exchange *exchange, struct MHD_Response *response)
{
    if (MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, "language") ==
        NULL)
        return;
    const char *header = memory_printf(
        exchange->context, "noroshi_language=%s; Path=/staff; Max-Age=31536000; SameSite=Strict%s",
        exchange->language, exchange->server->secure ? "; Secure" : "");
    MHD_add_response_header(response, "Set-Cookie", header);
}

static enum MHD_Result queue_text(struct staff_exchange *exchange, unsigned status,
                                  const char *type, const char *text, const char *nonce,
                                  const json_t *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    put_headers(exchange, response, type, nonce);
    put_cookie(exchange, response, answer);
    put_language(exchange, response);
    if (status == 401 && !exchange->form && exchange->route->right != RIGHT_PARTNER)
        MHD_add_response_header(response, "WWW-Authenticate", "Bearer");
    enum MHD_Result r = MHD_queue_response(exchange->connection, status, response);
    MHD_destroy_response(response);
    return r;
}

static enum MHD_Result redirect(struct staff_exchange *exchange, const char *to,
                                const json_t *answer)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
    put_headers(exchange, response, "text/plain; charset=utf-8", "none");
    put_cookie(exchange, response, answer);
    MHD_add_response_header(response, "Location", to);
    enum MHD_Result r = MHD_queue_response(exchange->connection, 303, response);
    MHD_destroy_response(response);
    return r;
}

static enum MHD_Result queue_json(struct staff_exchange *exchange, unsigned status,
                                  const json_t *json, const json_t *answer)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    enum MHD_Result r =
        queue_text(exchange, status, "application/json", text ? text : "{}", "none", answer);
    free(text);
    return r;
}

static enum MHD_Result refuse(struct staff_exchange *exchange, unsigned status,
                              enum broadcast_refusal refusal)
{
    json_t *json = json_pack("{sbssss}", "ok", 0, "refusal", broadcast_refusal_name(refusal),
                             "text", broadcast_refusal_text(refusal, exchange->language));
    enum MHD_Result r = queue_json(exchange, status, json, NULL);
    json_decref(json);
    return r;
}

static const char *answer_text(const json_t *answer, const char *key)
{
    const char *text = json_string_value(json_object_get(answer, key));
    return text != NULL ? text : "";
}

static enum MHD_Result queue_page(struct staff_exchange *exchange, const char *page,
                                  unsigned status, const json_t *data, const json_t *answer)
{
    const struct staff_pages *pages = exchange->server->options.pages;
    const char *nonce = secret_random(exchange->context, RANDOM_BYTES);
    const char *find =
        MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, "find");
    json_t *nothing = json_object();
    const struct staff_view view = {
        .page = page,
        .language = exchange->language,
        .data = data != NULL ? data : nothing,
        .person = json_object_get(answer, "person"),
        .csrf = answer_text(answer, "csrf"),
        .request = secret_random(exchange->context, RANDOM_BYTES),
        .nonce = nonce,
        .query = find != NULL ? text_clean(exchange->context, find, false) : "",
        .drill = starts_with(exchange->path, "/staff/drill") ||
                 starts_with(exchange->path, "/staff/api/drill"),
        .now = clock_now()};
    char *html = pages->render(exchange->context, pages, &view);
    json_decref(nothing);
    if (html == NULL)
        return refuse(exchange, 404, REFUSAL_UNKNOWN);
    return queue_text(exchange, status, "text/html; charset=utf-8", html, nonce, answer);
}

static enum MHD_Result queue_asset(struct staff_exchange *exchange)
{
    const struct staff_pages *pages = exchange->server->options.pages;
    const char *type;
    size_t length;
    const char *bytes = pages->asset(pages, exchange->id, &length, &type);
    if (bytes == NULL)
        return refuse(exchange, 404, REFUSAL_UNKNOWN);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, (void *)bytes, MHD_RESPMEM_MUST_COPY);
    put_headers(exchange, response, type, "none");
    enum MHD_Result r = MHD_queue_response(exchange->connection, 200, response);
    MHD_destroy_response(response);
    return r;
}

/* Where a form wants to go; only within these pages. */
static const char *next_page(struct staff_exchange *exchange, const json_t *request,
                             const json_t *data)
{
    const char *next = json_string_value(json_object_get(json_object_get(request, "body"), "next"));
    const char *id = json_string_value(json_object_get(json_object_get(data, "broadcast"), "id"));
    if (!text_starts(next, "/staff") || text_contains(next, "//") || text_contains(next, "\\") ||
        strpbrk(next, "\r\n") != NULL)
        return "/staff";
    const char *hole = strstr(next, "{id}");
    if (hole == NULL || id == NULL)
        return next;
    return memory_printf(exchange->context, "%.*s%s%s", (int)(hole - next), next, id, hole + 4);
}

/* The form comes back with what was wrong, so that nothing is typed twice. */
static enum MHD_Result refuse_form(struct staff_exchange *exchange, const json_t *request,
                                   unsigned status, json_t *data, const json_t *answer)
{
    const char *back = staff_header(exchange, "Referer");
    const char *path = back != NULL ? strstr(back, "/staff") : NULL;
    json_t *form = json_deep_copy(json_object_get(request, "body"));
    static const char *const secrets[] = {"password", "old", "new", "code"};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        json_object_del(form, secrets[i]);
    /* Sent once more it is the same request, so that nothing happens twice. */
    json_object_set(form, "request", json_object_get(request, "request"));
    json_object_set_new(data, "form", form);
    json_object_set_new(
        data, "back",
        json_string(path != NULL ? text_clean(exchange->context, path, false) : "/staff"));
    json_object_set_new(data, "action", json_string(exchange->path));
    return queue_page(exchange, "refused", status, data, answer);
}

static enum MHD_Result queue_csv(struct staff_exchange *exchange, const char *csv)
{
    return queue_text(exchange, 200, "text/csv; charset=utf-8", csv, "none", NULL);
}

static enum MHD_Result show(struct staff_exchange *exchange, const json_t *request,
                            const json_t *answer)
{
    json_t *data = json_object_get(answer, "answer");
    unsigned status = (unsigned)json_integer_value(json_object_get(answer, "status"));
    bool pages = exchange->server->options.pages != NULL;
    const char *csv = json_string_value(json_object_get(data, "csv"));
    if (csv != NULL)
        return queue_csv(exchange, csv);
    if (exchange->form && pages && status == 200) {
        /* What is shown only once must be shown now. */
        bool once = json_object_get(data, "password") != NULL ||
                    json_object_get(data, "token") != NULL ||
                    json_object_get(data, "secret") != NULL;
        return once ? queue_page(exchange, "once", 200, data, answer)
                    : redirect(exchange, next_page(exchange, request, data), answer);
    }
    if (exchange->form && pages)
        return refuse_form(exchange, request, status, data, answer);
    if (exchange->route->page == NULL)
        return queue_json(exchange, status, data, answer);
    if (!pages)
        return refuse(exchange, 404, REFUSAL_UNKNOWN);
    if (status == 401)
        return redirect(exchange, "/staff/login", answer);
    return queue_page(exchange, status == 200 ? exchange->route->page : "refused", status, data,
                      answer);
}

static const char *choose_language(struct staff_exchange *exchange)
{
    const char *query =
        MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, "language");
    if (query == NULL)
        query =
            MHD_lookup_connection_value(exchange->connection, MHD_COOKIE_KIND, "noroshi_language");
    if (query == NULL)
        query = staff_header(exchange, "Accept-Language");
    return starts_with(query, "en") ? "en" : "ja";
}

/* A proxy on this machine says whom it asks for; nobody else is believed. */
static const char *true_source(struct staff_exchange *exchange)
{
    const char *forwarded = staff_header(exchange, "X-Forwarded-For");
    bool near = strcmp(exchange->from, PROXY_ADDRESS) == 0 || strcmp(exchange->from, "::1") == 0;
    if (!near || forwarded == NULL || strlen(forwarded) > 200)
        return exchange->from;
    const char *last = strrchr(forwarded, ',');
    return text_clean(exchange->context,
                      text_trim(exchange->context, last != NULL ? last + 1 : forwarded), false);
}

static enum MHD_Result answer_ours(struct staff_exchange *exchange)
{
    bool pages = exchange->server->options.pages != NULL;
    if (!pages)
        return refuse(exchange, 404, REFUSAL_UNKNOWN);
    return strcmp(exchange->route->page, "asset") == 0
               ? queue_asset(exchange)
               : queue_page(exchange, exchange->route->page, 200, NULL, NULL);
}

enum MHD_Result staff_answer(struct staff_exchange *exchange)
{
    exchange->language = choose_language(exchange);
    exchange->from = true_source(exchange);
    if (exchange->refused != 0)
        return refuse(exchange, exchange->refused,
                      exchange->refused == 404 ? REFUSAL_UNKNOWN : REFUSAL_FORM);
    if (!staff_rate_allows(exchange->server, exchange->route, exchange->from))
        return refuse(exchange, 429, REFUSAL_WAIT);
    if (exchange->route->command == NULL)
        return answer_ours(exchange);
    json_t *request = staff_request(exchange);
    json_t *answer = NULL;
    enum MHD_Result r;
    if (exchange->route->method == ROUTE_POST && !put_posted(exchange, request)) {
        r = refuse(exchange, 400, REFUSAL_FORM);
    } else {
        answer = staff_ask_all(exchange, request);
        r = answer != NULL ? show(exchange, request, answer) : refuse(exchange, 503, REFUSAL_BUSY);
    }
    json_decref(answer);
    json_decref(request);
    return r;
}
