/* libcurl handles, made ready once and used again: see curl_engine.h.
 *
 * A new handle and its thirty options cost as much as a connection on this machine, so those that
 * post to receivers are kept; the others are few, carry passwords or validators, and are made anew
 * each time. Nothing of the other side stays on a handle: no cookies, no log-ins, no TLS sessions.
 */
#include <errno.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include "base/memory.h"
#include "transfer/curl_engine.h"

/* As many as are fresh at once in bulk; more only wait for slow receivers. */
#define SEATS_KEPT 128
#define RECEIVE_BYTES                                                                              \
    4096L /* answers of receivers are small, and there may be thousands of them                    \
           */

struct seats {
    struct engine *engine;
    X509_STORE *trust;
    const char *user_agent;
    TAILQ_HEAD(, seat) empty;
    size_t count;
};

static curl_socket_t open_socket(void *userdata, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct transfer_item *item = ((struct seat *)userdata)->item;
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
    struct transfer_item *item = ((struct seat *)userdata)->item;
    item->requested = true;
    if (item_expired(item)) {
        item->failure = TRANSFER_EXPIRED;
        return CURL_PREREQFUNC_ABORT;
    }
    if (item->sent_at == 0)
        item->sent_at = clock_monotonic();
    return CURL_PREREQFUNC_OK;
}

static CURLcode set_trust(CURL *easy, void *ssl_context, void *userdata)
{
    (void)easy;
    SSL_CTX_set1_cert_store(ssl_context, userdata);
    return CURLE_OK;
}

/* Sets an option unless an earlier one has failed. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK)                                                                      \
            code = curl_easy_setopt(seat->easy, option, value);                                    \
    } while (0)

/* Nothing is left to the environment, to a file or to the other side. */
static CURLcode set_fences(struct seat *seat)
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
    SET(CURLOPT_OPENSOCKETDATA, seat);
    SET(CURLOPT_PREREQFUNCTION, before_request);
    SET(CURLOPT_PREREQDATA, seat);
    SET(CURLOPT_HEADERFUNCTION, curl_take_header);
    SET(CURLOPT_HEADERDATA, seat);
    SET(CURLOPT_WRITEFUNCTION, curl_take_body);
    SET(CURLOPT_WRITEDATA, seat);
    SET(CURLOPT_PRIVATE, seat);
    return code;
}

/* One trust store for all: reading the bundle for each connection costs 25 handshakes. */
static CURLcode set_tls(struct seat *seat, X509_STORE *trust)
{
    CURLcode code = CURLE_OK;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    SET(CURLOPT_CAINFO, NULL);
    SET(CURLOPT_CAPATH, NULL);
    SET(CURLOPT_SSL_CTX_FUNCTION, set_trust);
    SET(CURLOPT_SSL_CTX_DATA, trust);
    return code;
}

static CURLcode set_posts(struct seat *seat)
{
    CURLcode code = CURLE_OK;
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_BUFFERSIZE, RECEIVE_BYTES);
    /* One connection for all deliveries to a receiver where it speaks HTTP/2. */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_PIPEWAIT, 1L);
    return code;
}

static CURLcode set_all(struct seat *seat, const struct seats *seats)
{
    CURLcode code = set_fences(seat);
    if (code == CURLE_OK)
        code = set_tls(seat, seats->trust);
    /* One parser less that meets strangers; and a telegram's length is plain to see. */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, seats->user_agent);
    if (code == CURLE_OK && seat->posts)
        code = set_posts(seat);
    return code;
}

static int seat_destroy(struct seat *seat)
{
    curl_easy_cleanup(seat->easy);
    return 0;
}

static struct seat *seat_new(struct seats *seats, const struct transfer_item *item)
{
    struct seat *seat = memory_new(seats, struct seat);
    seat->engine = seats->engine;
    seat->easy = memory_must(curl_easy_init());
    seat->posts = item->request.lane == LANE_RECEIVER && item->request.kind == TRANSFER_POST;
    talloc_set_destructor(seat, seat_destroy);
    if (set_all(seat, seats) == CURLE_OK)
        return seat;
    talloc_free(seat);
    return NULL;
}

struct seats *seats_new(struct engine *engine, X509_STORE *trust, const char *user_agent)
{
    struct seats *seats = memory_new((TALLOC_CTX *)engine, struct seats);
    seats->engine = engine;
    seats->trust = trust;
    seats->user_agent = user_agent;
    TAILQ_INIT(&seats->empty);
    return seats;
}

int seat_take(struct transfer_item *item, struct engine *engine)
{
    struct seats *seats = engine_seats(engine);
    bool posts = item->request.lane == LANE_RECEIVER && item->request.kind == TRANSFER_POST;
    struct seat *seat = posts ? TAILQ_FIRST(&seats->empty) : NULL;
    if (seat != NULL) {
        TAILQ_REMOVE(&seats->empty, seat, link);
        seats->count--;
    } else {
        seat = seat_new(seats, item);
    }
    if (seat == NULL)
        return -EIO;
    seat->item = item;
    item->seat = seat;
    return 0;
}

void seat_leave(struct transfer_item *item)
{
    struct seat *seat = item->seat;
    if (seat == NULL)
        return;
    item->seat = NULL;
    seat->item = NULL;
    struct seats *seats = engine_seats(seat->engine);
    if (!seat->posts || seats->count >= SEATS_KEPT) {
        talloc_free(seat);
        return;
    }
    TAILQ_INSERT_HEAD(&seats->empty, seat, link);
    seats->count++;
}
