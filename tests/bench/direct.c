/* transfer/ alone, without store and desk: the same signed posts as bench-limit, by transfer_start.
 *
 * bench-transfer PORT POSTS BODYFILE SECRET [--hosts N] [--ahead N] [--limit N] [--per-host N]
 *     [--tls CAFILE] [--mixture DEADPORT --stranger TLSPORT]
 *
 * --ahead: so many requests are handed over at a time (1024). --mixture: of each twenty receivers
 * two hang at connecting (DEADPORT), two answer after 10 s, one misbehaves; see bench-sink. TLSPORT
 * has certificates of an authority that we do not know. Prints a JSON object; exit status 1 unless
 * all that could be accepted were. */
#include <stdbool.h>
#include <systemd/sd-event.h>
#include "base/memory.h"
#include "post.h"
#include "transfer/transfer.h"

#define HEADERS 5

struct post {
    char url[80], lines[HEADERS - 1][128];
    const char *headers[HEADERS];
};

static struct {
    unsigned port, dead_port, stranger_port;
    size_t posts, hosts, ahead, started, ended, accepted, good, failures[16];
    const char *scheme, *other; /* of good receivers; the one they do not speak */
    char *body;
    size_t body_length;
    HMAC_CTX *signer;
    sd_event *event;
    struct transfer *transfer;
} run;

static void fill(void);

static void on_done(void *userdata, const struct transfer_result *result)
{
    struct post *post = userdata;
    run.ended++;
    run.failures[result->failure]++;
    run.accepted += result->failure == TRANSFER_OK && result->status / 100 == 2;
    talloc_free(post);
    if (run.ended == run.posts)
        sd_event_exit(run.event, 0);
    else
        fill();
}

struct manner {
    const char *scheme, *path;
    unsigned port;
};

/* The last two: TLS where plain HTTP is spoken, or the other way round, and a certificate that
 * nobody vouches for. */
static struct manner lie(size_t number)
{
    const struct manner lies[] = {
        {run.scheme, "drip/", run.port}, {run.scheme, "reset/", run.port},
        {run.scheme, "huge/", run.port}, {run.scheme, "429/", run.port},
        {run.other, "", run.port},       {"https", "", run.stranger_port},
    };
    return lies[number % (sizeof(lies) / sizeof(lies[0]))];
}

/* One in twenty lies, two are slow, two are dead. */
static struct manner manner_of(size_t number)
{
    switch (run.dead_port != 0 ? number % 20 : 0) {
    case 3:
    case 13:
        return (struct manner){run.scheme, "", run.dead_port};
    case 6:
    case 16:
        return (struct manner){run.scheme, "slow/", run.port};
    case 9:
        return lie(number / 20);
    default:
        run.good++;
        return (struct manner){run.scheme, "", run.port};
    }
}

static void start(void)
{
    struct post *post = talloc(NULL, struct post);
    size_t number = run.started++;
    char id[48], timestamp[16], signature[48];
    struct manner manner = manner_of(number);
    uint32_t address = post_address(number % run.hosts);
    snprintf(post->url, sizeof(post->url), "%s://%u.%u.%u.%u:%u/%s%zu", manner.scheme,
             address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255, manner.port,
             manner.path, number);
    snprintf(id, sizeof(id), "msg_%032zu", number);
    snprintf(timestamp, sizeof(timestamp), "%lld", (long long)(post_now(CLOCK_REALTIME) / 1000000));
    post_sign(run.signer, id, timestamp, run.body, run.body_length, signature);
    snprintf(post->lines[0], 128, "content-type: application/json");
    snprintf(post->lines[1], 128, "webhook-id: %s", id);
    snprintf(post->lines[2], 128, "webhook-timestamp: %s", timestamp);
    snprintf(post->lines[3], 128, "webhook-signature: %s", signature);
    for (size_t i = 0; i < HEADERS; i++)
        post->headers[i] = i < HEADERS - 1 ? post->lines[i] : NULL;
    const struct transfer_request request = {
        .kind = TRANSFER_POST,
        .lane = LANE_RECEIVER,
        .url = post->url,
        .headers = post->headers,
        .body = run.body,
        .body_length = run.body_length,
        .answer_bytes_max = 65536,
        .connect_timeout = 5 * USEC_PER_SEC,
        .total_timeout = (run.dead_port != 0 ? 10 : 30) * USEC_PER_SEC,
    };
    if (transfer_start(run.transfer, &request, on_done, post) < 0)
        exit(1);
}

static void fill(void)
{
    while (run.started < run.posts && run.started - run.ended < run.ahead)
        start();
}

static const char *value_of(int argc, char **argv, const char *name, const char *otherwise)
{
    for (int i = 5; i + 1 < argc; i++) {
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    }
    return otherwise;
}

static void read_body(const char *path)
{
    FILE *file = fopen(path, "r");
    run.body = calloc(1, 65536);
    if (file == NULL)
        exit(2);
    run.body_length = fread(run.body, 1, 65535, file);
    fclose(file);
}

int main(int argc, char **argv)
{
    if (argc < 5)
        return 2;
    struct address_rule *rule;
    if (address_rule_read(NULL, "127.0.0.0/8", &rule) < 0 || sd_event_new(&run.event) < 0)
        return 1;
    run.port = (unsigned)atoi(argv[1]);
    run.posts = strtoul(argv[2], NULL, 10);
    read_body(argv[3]);
    run.signer = post_signer(argv[4]);
    run.hosts = strtoul(value_of(argc, argv, "--hosts", argv[2]), NULL, 10);
    run.ahead = strtoul(value_of(argc, argv, "--ahead", "1024"), NULL, 10);
    run.dead_port = (unsigned)atoi(value_of(argc, argv, "--mixture", "0"));
    run.stranger_port = (unsigned)atoi(value_of(argc, argv, "--stranger", "0"));
    const char *ca_file = value_of(argc, argv, "--tls", NULL);
    run.scheme = ca_file != NULL ? "https" : "http";
    run.other = ca_file != NULL ? "http" : "https";
    const struct transfer_options options = {
        .event = run.event,
        .allowed = &rule,
        .allowed_count = 1,
        .ca_file = ca_file,
        .limit = strtoul(value_of(argc, argv, "--limit", "256"), NULL, 10),
        .limit_per_host = strtoul(value_of(argc, argv, "--per-host", "2"), NULL, 10),
        .user_agent = "Noroshi/bench",
    };
    if (transfer_new(NULL, &options, &run.transfer) < 0)
        return 1;
    int64_t begun = post_now(CLOCK_REALTIME), cpu = post_cpu();
    fill();
    if (sd_event_loop(run.event) < 0)
        return 1;
    printf("{\"begun\": %lld, \"ended\": %lld, \"accepted\": %zu, \"cpu_usec\": %lld, "
           "\"peak_kib\": %ld, \"failures\": [",
           (long long)begun, (long long)post_now(CLOCK_REALTIME), run.accepted,
           (long long)(post_cpu() - cpu), post_peak_kib());
    for (size_t i = 0; i <= TRANSFER_OTHER; i++)
        printf("%s%zu", i > 0 ? ", " : "", run.failures[i]);
    puts("]}");
    transfer_free(run.transfer);
    sd_event_unref(run.event);
    talloc_free(rule);
    return run.accepted == (run.dead_port != 0 ? run.good : run.posts) ? 0 : 1;
}
