/* Bytes of a telegram to its report, and on to state and alert: best of several rounds, in
 * milliseconds. bench-parse AREAS FILE… prints one line a file of the largest, the median, and a
 * generated telegram of the size of VPWS50. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "event/event.h"

#define ROUNDS        7
#define BYTES_MAX     ((size_t)8 * 1024 * 1024)
#define GENERATED     ((size_t)5 * 1024 * 1024)
#define ITEMS_OF_AREA 1800

struct sample {
    const char *name;
    size_t length;
    double report_ms, all_ms;
};

static double milliseconds_since(usec_t start)
{
    return (double)(clock_monotonic() - start) / (double)USEC_PER_MSEC;
}

static void apply_all(TALLOC_CTX *context, const struct area_graph *graph,
                      const struct report *report)
{
    size_t count;
    const char **keys = event_keys(context, graph, report, &count);
    for (size_t i = 0; i < count; i++) {
        const struct event_state none = {.key = keys[i]};
        (void)event_apply(context, graph, &none, report, report->telegram->control_time);
    }
}

static bool measure(const struct area_graph *graph, struct sample *sample, const char *bytes)
{
    for (int round = 0; round < ROUNDS; round++) {
        TALLOC_CTX *context = talloc_new(NULL);
        struct problems *problems = problems_new(context);
        struct telegram *telegram;
        usec_t start = clock_monotonic();
        if (telegram_parse(context, sample->name, bytes, sample->length, problems, &telegram) < 0) {
            talloc_free(context);
            return false;
        }
        struct report *report = report_parse(context, graph, telegram, problems);
        double report_ms = milliseconds_since(start);
        apply_all(context, graph, report);
        double all_ms = milliseconds_since(start);
        if (round == 0 || report_ms < sample->report_ms)
            sample->report_ms = report_ms;
        if (round == 0 || all_ms < sample->all_ms)
            sample->all_ms = all_ms;
        talloc_free(context);
    }
    return true;
}

static char *read_file(const char *path, size_t *ret_length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(BYTES_MAX);
    if (file == NULL || bytes == NULL) {
        perror(path);
        exit(2);
    }
    *ret_length = fread(bytes, 1, BYTES_MAX, file);
    fclose(file);
    return bytes;
}

/* A weather telegram for all of Japan, seven kinds an area: as large as VPWS50. */
static void generate(struct buffer *out)
{
    static const char *const kinds[] = {
        "<Kind><Name>レベル３大雨警報</Name><Code>03</Code><Status>発表</Status></Kind>",
        "<Kind><Name>レベル２土砂災害注意報</Name><Code>29</Code><Status>継続</Status></Kind>",
        "<Kind><Name>暴風警報</Name><Code>05</Code><Status>発表</Status></Kind>",
        "<Kind><Name>波浪注意報</Name><Code>16</Code><Status>継続</Status></Kind>",
        "<Kind><Name>雷注意報</Name><Code>14</Code><Status>発表</Status></Kind>",
    };
    buffer_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Report "
                     "xmlns=\"http://xml.kishou.go.jp/jmaxml1/\"><Control><Title>気象警報・注意報"
                     "（Ｒ０６）（大雨）</Title><DateTime>2026-09-01T00:00:00Z</DateTime><Status>"
                     "通常</Status><EditorialOffice>気象庁</EditorialOffice><PublishingOffice>"
                     "気象庁</PublishingOffice></Control><Head xmlns=\"http://xml.kishou.go.jp/"
                     "jmaxml1/informationBasis1/\"><Title>大</Title><ReportDateTime>2026-09-01T09:"
                     "00:00+09:00</ReportDateTime><EventID/><InfoType>発表</InfoType><Serial/>"
                     "<Headline><Text/></Headline></Head><Body xmlns=\"http://xml.kishou.go.jp/"
                     "jmaxml1/body/meteorology1/\"><Warning type=\"気象警報・注意報"
                     "（市町村等）\">");
    for (int area = 0; out->length < GENERATED; area = (area + 1) % ITEMS_OF_AREA) {
        char text[160];
        buffer_text(out, "<Item>");
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
            buffer_text(out, kinds[i]);
        snprintf(text, sizeof(text),
                 "<Area><Name>町</Name><Code>%07d</Code></Area><FullStatus>全域</FullStatus>"
                 "</Item>",
                 110000 + area * 100);
        buffer_text(out, text);
    }
    buffer_text(out, "</Warning></Body></Report>");
}

static int by_length(const void *left, const void *right)
{
    const struct sample *a = left, *b = right;
    return a->length < b->length ? -1 : a->length > b->length;
}

static int by_time(const void *left, const void *right)
{
    const struct sample *a = left, *b = right;
    return a->all_ms < b->all_ms ? -1 : a->all_ms > b->all_ms;
}

static long resident_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void print_sample(const char *what, const struct sample *sample)
{
    printf("%-10s %7zu bytes: report %8.3f ms, with state and alert %8.3f ms  %s\n", what,
           sample->length, sample->report_ms, sample->all_ms, sample->name);
}

int main(int argc, char **argv)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct area_graph *graph;
    if (argc < 3 || area_graph_load(context, argv[1], problems_new(context), &graph) < 0) {
        fprintf(stderr, "usage: bench-parse AREAS FILE…\n");
        return 2;
    }
    size_t count = 0;
    struct sample *samples = memory_array(context, struct sample, (size_t)argc);
    for (int i = 2; i < argc; i++) {
        samples[count].name = argv[i];
        char *bytes = read_file(argv[i], &samples[count].length);
        count += measure(graph, &samples[count], bytes) ? 1 : 0;
        free(bytes);
    }
    if (count == 0)
        return 1;
    qsort(samples, count, sizeof(*samples), by_length);
    print_sample("largest", &samples[count - 1]);
    qsort(samples, count, sizeof(*samples), by_time);
    print_sample("median", &samples[count / 2]);
    print_sample("slowest", &samples[count - 1]);
    long before = resident_kib();
    struct buffer *all = buffer_new(context, BYTES_MAX);
    generate(all);
    struct sample japan = {.name = "generated VPWW55 of VPWS50's size", .length = all->length};
    if (!measure(graph, &japan, all->bytes))
        return 1;
    print_sample("generated", &japan);
    printf("memory for it: %ld MiB beside %ld MiB\n", (resident_kib() - before) / 1024,
           before / 1024);
    talloc_free(context);
    return 0;
}
