/* The limit of libcurl: a plain multi_socket program, tuned, that posts the same signed bodies to
 * the same receivers as the daemon does.
 *
 * bench-limit PORT POSTS BODYFILE SECRET [--hosts N] [--at-once N] [--keep] [--tls CAFILE]
 *     [--defaults] [--receipts DATABASE]
 *
 * --hosts N: so many receivers (POSTS when left out: a new connection each). --keep: connections
 * are kept. --tls: TLS with one trust store for all, Debian's bundle and CAFILE in it. --defaults:
 * libcurl as it comes (trust: CAFILE as CURLOPT_CAINFO). --receipts: rows in SQLite, WAL and FULL,
 * written before and marked after. Prints a JSON object; exit status 1 unless all were accepted. */
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "post.h"
#include "receipts.h"

#define AT_ONCE_MAX 4096
#define BUNDLE      "/etc/ssl/certs/ca-certificates.crt"

struct post {
    CURL *easy;
    struct curl_slist *headers;
    size_t number;
};

static struct {
    unsigned port;
    size_t posts, hosts, at_once, started, ended, accepted;
    bool keep, defaults;
    const char *ca_file, *database, *secret;
    char *body;
    size_t body_length;
    CURLM *multi;
    int poll;
    int64_t timer; /* monotonic; -1 none */
    X509_STORE *trust;
    HMAC_CTX *signer;
    struct receipts receipts;
    struct post slots[AT_ONCE_MAX];
} run;

static size_t drop(char *bytes, size_t size, size_t count, void *userdata)
{
    (void)bytes;
    (void)userdata;
    return size * count;
}

static CURLcode set_trust(CURL *easy, void *context, void *userdata)
{
    (void)easy;
    SSL_CTX_set1_cert_store(context, userdata);
    return CURLE_OK;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userdata, void *known)
{
    (void)easy;
    (void)userdata;
    struct epoll_event event = {.data.fd = fd};
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(run.poll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                   (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    epoll_ctl(run.poll, known != NULL ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (known == NULL)
        curl_multi_assign(run.multi, fd, &run);
    return 0;
}

static int on_timer(CURLM *multi, long milliseconds, void *userdata)
{
    (void)multi;
    (void)userdata;
    run.timer = milliseconds < 0 ? -1 : post_now(CLOCK_MONOTONIC) + milliseconds * 1000;
    return 0;
}

static void set_once(struct post *post)
{
    CURL *easy = post->easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_PRIVATE, post);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)run.body_length);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, run.body);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    if (run.defaults) {
        if (run.ca_file != NULL)
            curl_easy_setopt(easy, CURLOPT_CAINFO, run.ca_file);
        return;
    }
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    if (!run.keep) {
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    }
    if (run.trust != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
        curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_trust);
        curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, run.trust);
    }
}

static void start(struct post *post)
{
    char url[64], id[48], timestamp[16], signature[48], line[128];
    post->number = run.started++;
    post_url(url, sizeof(url), run.ca_file != NULL ? "https" : "http", post->number % run.hosts,
             run.port, post->number);
    snprintf(id, sizeof(id), "msg_%032zu", post->number);
    snprintf(timestamp, sizeof(timestamp), "%lld", (long long)(post_now(CLOCK_REALTIME) / 1000000));
    post_sign(run.signer, id, timestamp, run.body, run.body_length, signature);
    curl_slist_free_all(post->headers);
    post->headers = curl_slist_append(NULL, "content-type: application/json");
    snprintf(line, sizeof(line), "webhook-id: %s", id);
    curl_slist_append(post->headers, line);
    snprintf(line, sizeof(line), "webhook-timestamp: %s", timestamp);
    curl_slist_append(post->headers, line);
    snprintf(line, sizeof(line), "webhook-signature: %s", signature);
    curl_slist_append(post->headers, line);
    curl_slist_append(post->headers, "Expect:");
    curl_easy_setopt(post->easy, CURLOPT_URL, url);
    curl_easy_setopt(post->easy, CURLOPT_HTTPHEADER, post->headers);
    curl_multi_add_handle(run.multi, post->easy);
}

static bool more(void)
{
    if (run.started == run.posts)
        return false;
    if (run.database != NULL && run.started == run.receipts.inserted)
        receipts_chunk(&run.receipts);
    return true;
}

static void take_ended(void)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(run.multi, &left)) != NULL) {
        struct post *post = NULL;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &post);
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(run.multi, easy);
        run.ended++;
        if (code == CURLE_OK && status / 100 == 2)
            run.accepted++;
        else if (run.ended - run.accepted < 4)
            fprintf(stderr, "post %zu: %s, status %ld\n", post->number, curl_easy_strerror(code),
                    status);
        if (run.database != NULL)
            receipts_mark(&run.receipts, (uint32_t)post->number, post_now(CLOCK_MONOTONIC));
        if (more())
            start(post);
    }
}

static void drive(void)
{
    int running;
    while (run.ended < run.posts) {
        struct epoll_event events[256];
        int64_t left = run.timer < 0 ? 1000 : (run.timer - post_now(CLOCK_MONOTONIC)) / 1000;
        int ready = epoll_wait(run.poll, events, 256,
                               left < 0      ? 0
                               : left > 1000 ? 1000
                                             : (int)left);
        for (int i = 0; i < ready; i++) {
            int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
                       (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                       (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
            curl_multi_socket_action(run.multi, events[i].data.fd, mask, &running);
        }
        if (run.timer >= 0 && run.timer <= post_now(CLOCK_MONOTONIC)) {
            run.timer = -1;
            curl_multi_socket_action(run.multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        take_ended();
    }
    if (run.database != NULL)
        receipts_write(&run.receipts, post_now(CLOCK_MONOTONIC));
}

static void read_body(const char *path)
{
    FILE *file = fopen(path, "r");
    run.body = calloc(1, 65536);
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    run.body_length = fread(run.body, 1, 65535, file);
    fclose(file);
}

static void read_options(int argc, char **argv)
{
    for (int i = 5; i < argc; i++) {
        if (strcmp(argv[i], "--keep") == 0)
            run.keep = true;
        else if (strcmp(argv[i], "--defaults") == 0)
            run.defaults = true;
        else if (i + 1 == argc)
            exit(2);
        else if (strcmp(argv[i], "--hosts") == 0)
            run.hosts = strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--at-once") == 0)
            run.at_once = strtoul(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--tls") == 0)
            run.ca_file = argv[++i];
        else if (strcmp(argv[i], "--receipts") == 0)
            run.database = argv[++i];
        else
            exit(2);
    }
}

static void prepare(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    run.signer = post_signer(run.secret);
    run.multi = curl_multi_init();
    run.poll = epoll_create1(EPOLL_CLOEXEC);
    run.timer = -1;
    curl_multi_setopt(run.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(run.multi, CURLMOPT_TIMERFUNCTION, on_timer);
    if (run.keep)
        curl_multi_setopt(run.multi, CURLMOPT_MAXCONNECTS, 200L);
    if (run.ca_file != NULL && !run.defaults) {
        run.trust = X509_STORE_new();
        if (X509_STORE_load_file(run.trust, BUNDLE) != 1 ||
            X509_STORE_load_file(run.trust, run.ca_file) != 1)
            exit(2);
    }
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    run.port = (unsigned)atoi(argv[1]);
    run.posts = run.hosts = strtoul(argv[2], NULL, 10);
    run.secret = argv[4];
    run.at_once = 64;
    read_body(argv[3]);
    read_options(argc, argv);
    if (run.at_once > AT_ONCE_MAX || run.hosts == 0)
        return 2;
    prepare();
    int64_t begun = post_now(CLOCK_REALTIME), cpu = post_cpu();
    if (run.database != NULL)
        receipts_open(&run.receipts, run.database, run.posts);
    for (size_t i = 0; i < run.at_once && more(); i++) {
        set_once(&run.slots[i]);
        start(&run.slots[i]);
    }
    drive();
    int64_t ended = post_now(CLOCK_REALTIME);
    printf("{\"begun\": %lld, \"ended\": %lld, \"accepted\": %zu, \"cpu_usec\": %lld, "
           "\"peak_kib\": %ld}\n",
           (long long)begun, (long long)ended, run.accepted, (long long)(post_cpu() - cpu),
           post_peak_kib());
    for (size_t i = 0; i < run.at_once; i++) {
        curl_easy_cleanup(run.slots[i].easy);
        curl_slist_free_all(run.slots[i].headers);
    }
    curl_multi_cleanup(run.multi);
    if (run.database != NULL)
        receipts_close(&run.receipts);
    return run.accepted == run.posts ? 0 : 1;
}
