/* A year of telegrams through the whole of ingest into a durable store, on a virtual clock: how
 * fast, and whether memory stays flat. bench-year CONFIG STATE COUNT FILE…
 *
 * The files are taken round and round, as many a day as a year of COUNT needs, with all their times
 * and EventIDs moved. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/config.h"
#include "ingest.h"
#include "subscribers.h"

#define BYTES_MAX ((size_t)8 * 1024 * 1024)
#define DAYS      365
#define RETENTION (30 * USEC_PER_DAY)
#define REPORTS   10

static long resident_mib(void)
{
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file != NULL && fscanf(file, "%ld %ld", &pages, &resident) != 2)
        resident = 0;
    if (file != NULL)
        fclose(file);
    return resident * sysconf(_SC_PAGESIZE) / (1024 * 1024);
}

/* "2026-09-01T09:00:00+09:00" or "…Z" at `text`: its length, else 0. */
static size_t time_length(const char *text)
{
    static const char pattern[] = "dddd-dd-ddTdd:dd:dd";
    for (size_t i = 0; i < sizeof(pattern) - 1; i++) {
        if (pattern[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] != pattern[i])
            return 0;
    }
    const char *zone = text + sizeof(pattern) - 1;
    return *zone == 'Z' ? sizeof(pattern) : *zone == '+' ? sizeof(pattern) + 5 : 0;
}

/* The telegram as it would have come `step` later, with ids of its own. */
static void move(struct buffer *out, const char *text, usec_t step, int round)
{
    while (*text != '\0') {
        size_t length = time_length(text);
        usec_t time;
        char original[CLOCK_TEXT_BYTES] = {0}, moved[CLOCK_TEXT_BYTES];
        if (length > 0 && length < sizeof(original)) {
            memcpy(original, text, length);
            if (clock_parse(original, &time) == 0) {
                if (original[length - 1] == 'Z')
                    clock_format_utc(time + step, moved);
                else
                    clock_format_jst(time + step, moved);
                buffer_text(out, moved);
                text += length;
                continue;
            }
        }
        if (text_starts(text, "<EventID>2")) {
            char id[32];
            snprintf(id, sizeof(id), "<EventID>%05d", round);
            buffer_text(out, id);
            text += strlen("<EventID>20240");
            continue;
        }
        buffer_append(out, text++, 1);
    }
}

struct original {
    const char *name;
    char *bytes;
    usec_t time;
};

static size_t read_originals(TALLOC_CTX *context, char **paths, int count,
                             struct original *originals)
{
    size_t kept = 0;
    for (int i = 0; i < count; i++) {
        FILE *file = fopen(paths[i], "rb");
        char *bytes = malloc(BYTES_MAX);
        if (file == NULL || bytes == NULL) {
            perror(paths[i]);
            exit(2);
        }
        size_t length = fread(bytes, 1, BYTES_MAX - 1, file);
        fclose(file);
        bytes[length] = '\0';
        TALLOC_CTX *scratch = talloc_new(NULL);
        struct telegram *telegram;
        if (telegram_parse(scratch, paths[i], bytes, length, problems_new(scratch), &telegram) >= 0)
            originals[kept++] = (struct original){.name = paths[i],
                                                  .bytes = memory_text(context, bytes),
                                                  .time = telegram->control_time};
        talloc_free(scratch);
        free(bytes);
    }
    return kept;
}

static int ingest_one(const struct ingest *ingest, const struct original *original, usec_t now,
                      size_t number, size_t *alerts)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct buffer *out = buffer_new(context, BYTES_MAX);
    bool fresh;
    struct ingest_result result = {0};
    move(out, original->bytes, now - original->time, (int)(number % 100000));
    struct store_telegram row = {.id = memory_printf(context, "%zu", number),
                                 .code = "",
                                 .url = "",
                                 .body = out->bytes,
                                 .body_length = out->length,
                                 .received_at = now,
                                 .control_time = now,
                                 .outcome = OUTCOME_RECEIVED};
    const char *slash = strrchr(original->name, '/');
    row.id = memory_printf(context, "%zu_0_%s", number, slash != NULL ? slash + 1 : original->name);
    int r = store_put_telegram(ingest->store, &row, &fresh);
    if (r >= 0)
        r = ingest_telegram(context, ingest, &row, now, problems_new(context), &result);
    *alerts += result.alert_count;
    talloc_free(context);
    return r;
}

int main(int argc, char **argv)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct problems *problems = problems_new(context);
    struct config *config;
    struct store *store;
    struct subscribers *subscribers;
    int owner;
    if (argc < 5) {
        fprintf(stderr, "usage: bench-year CONFIG STATE COUNT FILE…\n");
        return 2;
    }
    if (config_load(context, argv[1], problems, &config) < 0 ||
        store_open(context, argv[2], problems, &owner, &store) < 0) {
        problems_print(problems, stderr);
        return 1;
    }
    if (subscribers_new(context, config, store, &subscribers) < 0)
        return 1;
    const struct ingest ingest = {.store = store,
                                  .areas = config->areas,
                                  .catalogue = config->catalogue,
                                  .audience = subscribers_audience(subscribers),
                                  .operator_name = "bench",
                                  .quake_age_max = USEC_PER_HOUR};
    size_t wanted = strtoul(argv[3], NULL, 10), alerts = 0;
    struct original *originals = memory_array(context, struct original, (size_t)argc);
    size_t count = read_originals(context, argv + 4, argc - 4, originals);
    usec_t begin = clock_now() - clock_now() % USEC_PER_DAY, start = clock_monotonic();
    usec_t pace = DAYS * USEC_PER_DAY / (usec_t)wanted, next_day = begin + USEC_PER_DAY;
    int r = count > 0 ? 0 : -1;
    for (size_t i = 0; r >= 0 && i < wanted; i++) {
        usec_t now = begin + (usec_t)i * pace;
        r = ingest_one(&ingest, &originals[i % count], now, i, &alerts);
        if (r >= 0 && now >= next_day) {
            struct ingest_result result;
            TALLOC_CTX *scratch = talloc_new(NULL);
            r = ingest_expired(scratch, &ingest, now, &result);
            for (bool more = true; r >= 0 && more;)
                r = store_retain(store, now - RETENTION, 500, &more);
            talloc_free(scratch);
            next_day += USEC_PER_DAY;
        }
        if ((i + 1) % (wanted / REPORTS) == 0)
            printf("%6zu telegrams, %6zu alerts, %6.1f s, %ld MiB resident\n", i + 1, alerts,
                   (double)(clock_monotonic() - start) / (double)USEC_PER_SEC, resident_mib());
        fflush(stdout);
    }
    store_close(store);
    talloc_free(context);
    return r < 0 ? 1 : 0;
}
