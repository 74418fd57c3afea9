/* Our sender: COUNT mails to the sink at PORT over so many connections.
 * Usage: bench-mail-send PORT COUNT CONNECTIONS; prints seconds and processor seconds. */
#include "base/memory.h"
#include "mail.h"
#include "transfer/transfer.h"

struct sending {
    sd_event *event;
    size_t left, failed;
};

static void on_done(void *userdata, const struct transfer_result *result)
{
    struct sending *sending = userdata;
    sending->failed += result->failure != TRANSFER_OK || result->status != 250;
    if (--sending->left == 0)
        sd_event_exit(sending->event, 0);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    size_t count = strtoul(argv[2], NULL, 10);
    struct sending sending = {.left = count};
    struct transfer *transfer;
    char **mails = calloc(count, sizeof(*mails)), **readers = calloc(count, sizeof(*readers));
    char *url = memory_printf(NULL, "smtp://127.0.0.1:%s", argv[1]);
    for (size_t i = 0; i < count; i++) {
        mails[i] = bench_mail(i);
        readers[i] = memory_printf(NULL, "r%zu@example.org", i);
    }
    if (sd_event_new(&sending.event) < 0)
        return 1;
    const struct transfer_options options = {.event = sending.event,
                                             .mail_connections = strtoul(argv[3], NULL, 10),
                                             .mail_host = "bench.example.org"};
    if (transfer_new(NULL, &options, &transfer) < 0)
        return 1;
    double start = bench_seconds(), cpu = bench_cpu();
    for (size_t i = 0; i < count; i++) {
        const struct transfer_request request = {.kind = TRANSFER_MAIL,
                                                 .lane = LANE_RELAY,
                                                 .url = url,
                                                 .body = mails[i],
                                                 .body_length = BENCH_MAIL_BYTES,
                                                 .mail_from = "bounces@example.org",
                                                 .mail_to = readers[i],
                                                 .total_timeout = 60 * USEC_PER_SEC};
        if (transfer_start(transfer, &request, on_done, &sending) < 0)
            return 1;
    }
    sd_event_loop(sending.event);
    printf("%.6f %.6f\n", bench_seconds() - start, bench_cpu() - cpu);
    transfer_free(transfer);
    return sending.failed == 0 ? 0 : 1;
}
