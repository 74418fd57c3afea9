/* One alert for a million subscribers into a durable store: how many rows a second, how soon the
 * first can be sent, how long the desk is busy at a stretch, how much memory; and then how fast all
 * are claimed and their receipts written. bench-enqueue CONFIG STATE COUNT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/memory.h"
#include "config/config.h"
#include "fanout.h"
#include "ingest_step.h"
#include "subscribers.h"

#define GROUP       1000
#define IMPORT      20000
#define PREFECTURES 47

static void must(int r, const char *what)
{
    if (r < 0) {
        fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(1);
    }
}

static double seconds(usec_t since)
{
    return (double)(clock_monotonic() - since) / (double)USEC_PER_SEC;
}

/* Of this process: what others do to the machine does not count. */
static double processor(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static long peak_mib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

static void put_one(struct subscribers *subscribers, long number, usec_t now)
{
    static const char *const languages[] = {"en", "ja", "vi", "zh-Hans", "ko"};
    TALLOC_CTX *scratch = talloc_new(NULL);
    const char *areas[] = {memory_printf(scratch, "prefecture:%02ld", number % PREFECTURES + 1)};
    const char *address =
        memory_printf(scratch, "http://127.%ld.%ld.%ld:8080/%ld", 1 + number / 62500 % 250,
                      number / 250 % 250, number % 250 + 1, number);
    const struct subscriber subscriber = {.id = subscriber_id(scratch, CHANNEL_WEBHOOK, address),
                                          .name = "",
                                          .channel = CHANNEL_WEBHOOK,
                                          .address = address,
                                          .secret =
                                              "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
                                          .languages = &languages[number % 5],
                                          .language_count = 1,
                                          .areas = areas,
                                          .area_count = 1,
                                          .hazards = subscriber_hazards_default,
                                          .min_level = 2};
    must(subscribers_put(subscribers, &subscriber, now), "subscriber");
    talloc_free(scratch);
}

static void put_all(struct subscribers *subscribers, struct store *store, long count, usec_t now)
{
    usec_t start = clock_monotonic();
    double work = processor();
    for (long i = 0; i < count;) {
        must(store_begin(store), "begin");
        for (long end = i + IMPORT < count ? i + IMPORT : count; i < end; i++)
            put_one(subscribers, i, now);
        must(store_commit(store), "commit");
    }
    printf("import: %.0f subscribers/s, %.1f µs of processor each\n",
           (double)count / seconds(start), (processor() - work) * 1e6 / (double)count);
    start = clock_monotonic();
    must(subscribers_refresh(subscribers), "audience");
    printf("audience: %zu profiles in %.3f s\n", audience_count(subscribers_audience(subscribers)),
           seconds(start));
}

static struct alert everywhere(TALLOC_CTX *context, const char *id, usec_t now)
{
    struct alert_area *areas = memory_array(context, struct alert_area, PREFECTURES);
    for (int i = 0; i < PREFECTURES; i++)
        areas[i] = (struct alert_area){.system = AREA_PREFECTURE,
                                       .code = memory_printf(context, "%02d", i + 1),
                                       .name_ja = "県",
                                       .level = 4,
                                       .changed = true,
                                       .kind_code = "33",
                                       .height_m = NAN};
    return (struct alert){.id = id,
                          .event_id = "bench",
                          .event_key = "bench",
                          .hazard = HAZARD_RAIN,
                          .status = STATUS_ACTUAL,
                          .phase = PHASE_ISSUE,
                          .level = 4,
                          .telegram_id = "bench",
                          .code = "VPWW55",
                          .title_ja = "大雨",
                          .headline_ja = "大雨に警戒してください。",
                          .office_ja = "気象庁",
                          .issued_at = now,
                          .reported_at = now,
                          .onset = now,
                          .expires = now + USEC_PER_DAY,
                          .areas = areas,
                          .area_count = PREFECTURES};
}

static void fan_out(TALLOC_CTX *context, const struct ingest *ingest, long count)
{
    usec_t now = clock_now(), start = clock_monotonic(), longest = 0;
    const struct alert alert = everywhere(context, "bench-1", now);
    struct fanout_work *work = fanout_work_new(context);
    struct store_claim *claims;
    struct fanout_count added = {0};
    size_t total = 0, claimed = 0, chunks = 0;
    bool fresh, more = true;
    double busy = processor();
    must(store_begin(ingest->store), "begin");
    must(ingest_keep_alert(ingest, &alert, true, now, &fresh), "alert");
    must(fanout_begin(context, ingest, &alert, now, &added), "fan-out");
    must(store_commit(ingest->store), "commit");
    double durable = seconds(start);
    must(store_claim_deliveries(ingest->store, context, DELIVERY_WEBHOOK, CLASS_URGENT, now, 64,
                                &claims, &claimed),
         "claim");
    printf("accepted: first %zu rows durable after %.1f ms, first %zu claimed after %.1f ms (%.1f "
           "ms of"
           " processor)\n",
           added.deliveries, durable * 1000, claimed, seconds(start) * 1000,
           (processor() - busy) * 1000);
    for (total = added.deliveries; more; total += added.deliveries, chunks++) {
        usec_t begin = clock_monotonic();
        must(fanout_continue(work, ingest, now, &added, &more), "chunk");
        usec_t took = clock_monotonic() - begin;
        longest = took > longest ? took : longest;
    }
    double all = seconds(start);
    busy = processor() - busy;
    printf("enqueued: %zu rows in %.2f s, %.0f rows/s, %zu chunks, the longest %.1f ms\n", total,
           all, (double)total / all, chunks, (double)longest / USEC_PER_MSEC);
    printf("          %.2f s of processor, %.0f rows for each second of it\n", busy,
           (double)total / busy);
    if (total != (size_t)count)
        must(-ENODATA, "rows are missing");
}

static void work_through(const struct ingest *ingest)
{
    usec_t start = clock_monotonic(), now = clock_now();
    size_t total = 0, count;
    double busy = processor();
    do {
        TALLOC_CTX *scratch = talloc_new(NULL);
        struct store_claim *claims;
        must(store_begin(ingest->store), "begin");
        must(store_claim_deliveries(ingest->store, scratch, DELIVERY_WEBHOOK, CLASS_URGENT, now,
                                    GROUP, &claims, &count),
             "claim");
        must(store_commit(ingest->store), "commit");
        must(store_begin(ingest->store), "begin");
        for (size_t i = 0; i < count; i++) {
            claims[i].delivery.state = DELIVERY_DELIVERED;
            claims[i].delivery.ended_at = now;
            must(store_record_delivery(ingest->store, &claims[i].delivery), "record");
        }
        must(store_commit(ingest->store), "commit");
        total += count;
        talloc_free(scratch);
    } while (count > 0);
    printf("worked through: %zu claimed and recorded in %.1f s, %.1f µs each, %.1f of processor\n",
           total, seconds(start), seconds(start) * 1e6 / (double)(total > 0 ? total : 1),
           (processor() - busy) * 1e6 / (double)(total > 0 ? total : 1));
}

int main(int argc, char **argv)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct problems *problems = problems_new(context);
    struct config *config;
    struct store *store;
    struct subscribers *subscribers;
    int owner;
    if (argc != 4) {
        fprintf(stderr, "usage: bench-enqueue CONFIG STATE COUNT\n");
        return 2;
    }
    if (config_load(context, argv[1], problems, &config) < 0 ||
        store_open(context, argv[2], problems, &owner, &store) < 0) {
        problems_print(problems, stderr);
        return 1;
    }
    must(subscribers_new(context, config, store, &subscribers), "subscribers");
    long count = strtol(argv[3], NULL, 10);
    put_all(subscribers, store, count, clock_now());
    long before = peak_mib();
    const struct ingest ingest = {.store = store,
                                  .areas = config->areas,
                                  .catalogue = config->catalogue,
                                  .audience = subscribers_audience(subscribers),
                                  .operator_name = "bench"};
    fan_out(context, &ingest, count);
    long after = peak_mib();
    work_through(&ingest);
    printf("peak memory: %ld MiB before, %ld after the fan-out, %ld at the end\n", before, after,
           peak_mib());
    store_close(store);
    talloc_free(context);
    return 0;
}
