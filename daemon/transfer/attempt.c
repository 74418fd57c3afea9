/* One try at one address with libcurl: see item.h.
 *
 * The address that was checked is pinned by CURLOPT_CONNECT_TO, so libcurl never resolves a name,
 * and is checked once more where the socket is made. Nothing is written after the expiry: it is
 * looked at when the socket is made and right before the request. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/item.h"

static curl_socket_t open_socket(void *userdata, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct transfer_item *item = userdata;
    const struct transfer_options *options = item->options;
    if (purpose != CURLSOCKTYPE_IPCXN)
        return CURL_SOCKET_BAD;
    if (item->request.lane == LANE_RECEIVER &&
        !address_allowed(&address->addr, options->allowed, options->allowed_count)) {
        item->failure = TRANSFER_ADDRESS_REFUSED;
        return CURL_SOCKET_BAD;
    }
    if (item_expired(item)) {
        item->failure = TRANSFER_EXPIRED;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                    address->protocol);
    return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

static int before_request(void *userdata, char *peer, char *own, int peer_port, int own_port)
{
    (void)peer;
    (void)own;
    (void)peer_port;
    (void)own_port;
    struct transfer_item *item = userdata;
    item->requested = true;
    if (item_expired(item)) {
        item->failure = TRANSFER_EXPIRED;
        return CURL_PREREQFUNC_ABORT;
    }
    if (item->sent_at == 0)
        item->sent_at = clock_now();
    return CURL_PREREQFUNC_OK;
}

static CURLcode set_trust(CURL *easy, void *ssl_context, void *userdata)
{
    (void)easy;
    SSL_CTX_set1_cert_store(ssl_context, userdata);
    return CURLE_OK;
}

static long milliseconds(usec_t time)
{
    return time > USEC_PER_MSEC ? (long)(time / USEC_PER_MSEC) : 1;
}

static void list_add(struct curl_slist **list, const char *text)
{
    *list = memory_must(curl_slist_append(*list, text));
}

/* Sets an option unless an earlier one has failed. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK)                                                                      \
            code = curl_easy_setopt(item->easy, option, value);                                    \
    } while (0)

/* Nothing is left to the environment, to a file or to the other side. */
static CURLcode set_fences(struct transfer_item *item)
{
    CURLcode code = CURLE_OK;
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET(CURLOPT_OPENSOCKETDATA, item);
    SET(CURLOPT_PREREQFUNCTION, before_request);
    SET(CURLOPT_PREREQDATA, item);
    SET(CURLOPT_HEADERFUNCTION, answer_take_header);
    SET(CURLOPT_HEADERDATA, item);
    SET(CURLOPT_WRITEFUNCTION, answer_take_body);
    SET(CURLOPT_WRITEDATA, item);
    SET(CURLOPT_PRIVATE, item);
    return code;
}

static CURLcode set_tls(struct transfer_item *item, X509_STORE *trust)
{
    CURLcode code = CURLE_OK;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_SSL_CTX_FUNCTION, set_trust);
    SET(CURLOPT_SSL_CTX_DATA, trust);
    return code;
}

/* "::address:port": whatever host and port the URL names, the connection goes there. */
static CURLcode set_address(struct transfer_item *item)
{
    CURLcode code = CURLE_OK;
    char text[INET6_ADDRSTRLEN], line[INET6_ADDRSTRLEN + 16];
    const struct sockaddr_storage *address = &item->addresses.items[0];
    bool v6 = address->ss_family == AF_INET6;
    const void *bytes = v6 ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                           : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    if (inet_ntop(address->ss_family, bytes, text, sizeof(text)) == NULL)
        return CURLE_COULDNT_CONNECT;
    snprintf(line, sizeof(line), v6 ? "::[%s]:%u" : "::%s:%u", text, item->endpoint.port);
    list_add(&item->connect_to, line);
    SET(CURLOPT_CONNECT_TO, item->connect_to);
    SET(CURLOPT_URL, item->request.url);
    if (!engine_keeps(item->engine)) {
        SET(CURLOPT_FORBID_REUSE, 1L);
        SET(CURLOPT_FRESH_CONNECT, 1L);
    }
    return code;
}

static CURLcode set_times(struct transfer_item *item)
{
    CURLcode code = CURLE_OK;
    usec_t left = item->request.total_timeout - (clock_monotonic() - item->started_at);
    SET(CURLOPT_TIMEOUT_MS, milliseconds(left));
    SET(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(item->request.connect_timeout));
    return code;
}

static CURLcode set_http(struct transfer_item *item)
{
    CURLcode code = CURLE_OK;
    const struct transfer_request *request = &item->request;
    bool typed = false;
    for (size_t i = 0; request->headers[i] != NULL; i++) {
        list_add(&item->headers, request->headers[i]);
        typed = typed || strncasecmp(request->headers[i], "content-type:", 13) == 0;
    }
    /* One parser less that meets strangers; and a telegram's length is plain to see. */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, item->options->user_agent);
    if (request->kind == TRANSFER_POST) {
        list_add(&item->headers, "Expect:");
        if (!typed)
            list_add(&item->headers, "Content-Type:");
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_length);
        SET(CURLOPT_POSTFIELDS, request->body);
    } else {
        SET(CURLOPT_HTTPGET, 1L);
        SET(CURLOPT_ACCEPT_ENCODING, "gzip");
        SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->answer_bytes_max);
    }
    SET(CURLOPT_HTTPHEADER, item->headers);
    return code;
}

static void release(struct transfer_item *item)
{
    curl_easy_cleanup(item->easy);
    curl_slist_free_all(item->headers);
    curl_slist_free_all(item->connect_to);
    item->easy = NULL;
    item->headers = item->connect_to = NULL;
    item->engine = NULL;
}

int attempt_start(struct transfer_item *item, struct engine *engine, X509_STORE *trust)
{
    item->easy = memory_must(curl_easy_init());
    item->engine = engine;
    item->requested = false;
    answer_start(item);
    CURLcode code = set_fences(item);
    if (code == CURLE_OK)
        code = set_tls(item, trust);
    if (code == CURLE_OK)
        code = set_address(item);
    if (code == CURLE_OK)
        code = set_times(item);
    if (code == CURLE_OK)
        code = set_http(item);
    if (code == CURLE_OK && engine_add(engine, item->easy))
        return 0;
    release(item);
    return -EIO;
}

static void add_moved(struct transfer_item *item)
{
    curl_off_t down = 0, up = 0;
    long header = 0, request = 0;
    (void)curl_easy_getinfo(item->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
    (void)curl_easy_getinfo(item->easy, CURLINFO_SIZE_UPLOAD_T, &up);
    (void)curl_easy_getinfo(item->easy, CURLINFO_HEADER_SIZE, &header);
    (void)curl_easy_getinfo(item->easy, CURLINFO_REQUEST_SIZE, &request);
    item->bytes_moved += (size_t)(down + up) + (size_t)(header + request);
}

void attempt_stop(struct transfer_item *item)
{
    if (item->engine == NULL)
        return;
    engine_remove(item->engine, item->easy);
    add_moved(item);
    release(item);
}

bool attempt_connected(const struct transfer_item *item)
{
    curl_off_t connected = 0;
    (void)curl_easy_getinfo(item->easy, CURLINFO_CONNECT_TIME_T, &connected);
    return item->requested || connected > 0;
}
