/* Bytes of a telegram to its report, and on to states and alerts as ingest does: best of several
 * rounds, in milliseconds of the processor. bench-parse [--check] AREAS FILE… prints one line of
 * the largest, the median and the slowest file, of a generated VPWS50, and of a telegram of that
 * size whose places nobody knows. --check fails above the limits below, or above 64 MiB of the
 * whole process. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "event/event.h"

#define ROUNDS       7
#define BYTES_MAX    ((size_t)8 * 1024 * 1024)
#define GENERATED    ((size_t)5 * 1024 * 1024)
#define PLACES       1800
#define MEDIAN_MS    0.5
#define FILE_MS      10 /* of one of earthquakes; the corpus has larger ones that alert nobody */
#define GENERATED_MS 150
#define RESIDENT_MIB 64

struct sample {
    const char *name;
    size_t length;
    double report_ms, all_ms;
};

/* Of the processor, so that what else runs on the machine does not count. */
static usec_t processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (usec_t)time.tv_sec * USEC_PER_SEC + time.tv_nsec / 1000;
}

static double milliseconds_since(usec_t start)
{
    return (double)(processor_time() - start) / (double)USEC_PER_MSEC;
}

static void apply_one(TALLOC_CTX *context, const struct area_graph *graph,
                      const struct report *report)
{
    size_t count;
    const char **keys = event_keys(context, graph, report, &count);
    for (size_t i = 0; i < count; i++) {
        const struct event_state none = {.key = keys[i]};
        (void)event_apply(context, graph, &none, report, report->telegram->control_time);
    }
}

static void apply_all(TALLOC_CTX *context, const struct area_graph *graph,
                      const struct report *report)
{
    if (report->kind != REPORT_WEATHER || !report->weather.national) {
        apply_one(context, graph, report);
        return;
    }
    size_t count;
    const struct report *const *parts = weather_of_offices(context, graph, report, &count);
    for (size_t i = 0; i < count; i++)
        apply_one(context, graph, parts[i]);
}

static bool measure(const struct area_graph *graph, struct sample *sample, const char *bytes)
{
    for (int round = 0; round < ROUNDS; round++) {
        TALLOC_CTX *context = talloc_new(NULL);
        struct problems *problems = problems_new(context);
        struct telegram *telegram;
        usec_t start = processor_time();
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

static size_t read_file(const char *path, char *bytes)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    size_t length = fread(bytes, 1, BYTES_MAX, file);
    fclose(file);
    return length;
}

static void begin(struct buffer *out)
{
    buffer_text(out,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Report "
                "xmlns=\"http://xml.kishou.go.jp/jmaxml1/\"><Control><Title>気象警報・注意報"
                "（Ｒ０６）</Title><DateTime>2026-09-01T00:00:00Z</DateTime><Status>"
                "通常</Status><EditorialOffice>気象庁</EditorialOffice><PublishingOffice>"
                "気象庁</PublishingOffice></Control><Head xmlns=\"http://xml.kishou.go.jp/"
                "jmaxml1/informationBasis1/\"><Title>集約</Title><ReportDateTime>2026-09-01T09:"
                "00:00+09:00</ReportDateTime><EventID/><InfoType>発表</InfoType><Serial/>"
                "<Headline><Text/></Headline></Head><Body xmlns=\"http://xml.kishou.go.jp/"
                "jmaxml1/body/meteorology1/\"><Warning type=\"気象警報・注意報"
                "（市町村等）\">");
}

/* Each area of Japan with seventeen kinds, the first three in force and the others released, each
 * with the time of its issue. */
static void generate_sum(struct buffer *out, const struct area_graph *graph)
{
    static const char *const kinds[][2] = {
        {"レベル３大雨警報", "03"}, {"レベル２土砂災害注意報", "29"},
        {"雷注意報", "14"},         {"暴風警報", "05"},
        {"波浪注意報", "16"},       {"レベル２高潮注意報", "19"},
        {"風雪注意報", "13"},       {"大雪注意報", "12"},
        {"融雪注意報", "17"},       {"濃霧注意報", "20"},
        {"乾燥注意報", "21"},       {"なだれ注意報", "22"},
        {"低温注意報", "23"},       {"霜注意報", "24"},
        {"着氷注意報", "25"},       {"着雪注意報", "26"},
        {"その他の注意報", "27"},
    };
    size_t count;
    const struct area *const *areas = area_list(graph, AREA_WEATHER_CITY, &count);
    begin(out);
    for (size_t area = 0; area < count; area++) {
        buffer_text(out, "<Item>");
        for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
            buffer_printf(out,
                          "<Kind><Name>%s</Name><Code>%s</Code><DateTime>2026-09-01T0%zu:%02zu:00"
                          "+09:00</DateTime><Status>%s</Status></Kind>\n",
                          kinds[i][0], kinds[i][1], i % 9, area % 60, i < 3 ? "発表" : "解除");
        buffer_printf(out, "<Area><Name>%s</Name><Code>%s</Code></Area></Item>\n",
                      areas[area]->name_ja, areas[area]->code);
    }
    buffer_text(out, "</Warning></Body></Report>");
}

/* Five kinds an area of several families, for numbers of which few are a place, again and again. */
static void generate_unknown(struct buffer *out)
{
    static const char kinds[] =
        "<Kind><Name>レベル３大雨警報</Name><Code>03</Code><Status>発表</Status></Kind>"
        "<Kind><Name>レベル２土砂災害注意報</Name><Code>29</Code><Status>継続</Status></Kind>"
        "<Kind><Name>暴風警報</Name><Code>05</Code><Status>発表</Status></Kind>"
        "<Kind><Name>波浪注意報</Name><Code>16</Code><Status>継続</Status></Kind>"
        "<Kind><Name>雷注意報</Name><Code>14</Code><Status>発表</Status></Kind>";
    begin(out);
    for (int area = 0; out->length < GENERATED; area = (area + 1) % PLACES)
        buffer_printf(out,
                      "<Item>%s<Area><Name>町</Name><Code>%07d</Code></Area><FullStatus>全域"
                      "</FullStatus></Item>",
                      kinds, 110000 + area * 100);
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

static bool print_sample(const char *what, const struct sample *sample, double limit_ms)
{
    bool fine = limit_ms <= 0 || sample->all_ms < limit_ms;
    printf("%-10s %7zu bytes: report %8.3f ms, with state and alert %8.3f ms%s  %s\n", what,
           sample->length, sample->report_ms, sample->all_ms, fine ? "" : " (TOO SLOW)",
           sample->name);
    return fine;
}

static bool bench_files(TALLOC_CTX *context, const struct area_graph *graph, char **paths,
                        size_t path_count)
{
    size_t count = 0;
    struct sample *samples = memory_array(context, struct sample, path_count);
    char *bytes = memory_array(context, char, BYTES_MAX);
    for (size_t i = 0; i < path_count; i++) {
        samples[count].name = paths[i];
        samples[count].length = read_file(paths[i], bytes);
        count += measure(graph, &samples[count], bytes) ? 1 : 0;
    }
    talloc_free(bytes);
    if (count == 0)
        return false;
    bool fine = true;
    for (size_t i = 0; i < count; i++) {
        if (text_contains(samples[i].name, "VXSE53") && samples[i].all_ms >= FILE_MS)
            fine = print_sample("earthquake", &samples[i], FILE_MS) && fine;
    }
    qsort(samples, count, sizeof(*samples), by_length);
    print_sample("largest", &samples[count - 1], 0);
    qsort(samples, count, sizeof(*samples), by_time);
    fine = print_sample("median", &samples[count / 2], count > 2 ? MEDIAN_MS : 0) && fine;
    print_sample("slowest", &samples[count - 1], 0);
    return fine;
}

static bool bench_generated(TALLOC_CTX *context, const struct area_graph *graph)
{
    struct buffer *all = buffer_new(context, BYTES_MAX);
    generate_sum(all, graph);
    struct sample sum = {.name = "VPWS50", .length = all->length};
    bool fine = measure(graph, &sum, all->bytes) && print_sample("generated", &sum, GENERATED_MS);
    all->length = 0;
    generate_unknown(all);
    struct sample unknown = {.name = "VPWW55.unknown-places", .length = all->length};
    return measure(graph, &unknown, all->bytes) &&
           print_sample("generated", &unknown, GENERATED_MS) && fine;
}

int main(int argc, char **argv)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct area_graph *graph;
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0;
    char **arguments = argv + (check ? 2 : 1);
    size_t count = (size_t)(argc - (check ? 2 : 1));
    if (count < 2 || area_graph_load(context, arguments[0], problems_new(context), &graph) < 0) {
        fprintf(stderr, "usage: bench-parse [--check] AREAS FILE…\n");
        return 2;
    }
    bool fine = bench_files(context, graph, arguments + 1, count - 1);
    fine = bench_generated(context, graph) && fine;
    long resident = resident_kib() / 1024;
    printf("memory: at most %ld MiB resident, the telegrams' own bytes included%s\n", resident,
           resident <= RESIDENT_MIB ? "" : " (TOO MUCH)");
    talloc_free(context);
    return check && (!fine || resident > RESIDENT_MIB) ? 1 : 0;
}
