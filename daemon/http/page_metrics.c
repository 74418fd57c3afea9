/* /metrics in OpenMetrics 1.0, as far as the snapshot knows it: the server adds the snapshot's age,
 * its own counters and the end.
 *
 * What the store counts can fall when old rows are removed, so those are gauges. */
#include "http/page_write.h"

#include <math.h>
#include <string.h>
#include "base/memory.h"

#define PAGE_METRICS_BYTES_MAX ((size_t)4 * 1024 * 1024)

static void write_family(struct buffer *out, const char *name, const char *type, const char *unit,
                         const char *help)
{
    buffer_printf(out, "# TYPE %s %s\n", name, type);
    if (unit != NULL)
        buffer_printf(out, "# UNIT %s %s\n", name, unit);
    buffer_printf(out, "# HELP %s %s\n", name, help);
}

static char *label(TALLOC_CTX *context, const char *value)
{
    char *text = memory_text(context, "");
    for (; *value != '\0'; value++) {
        const char plain[] = {*value, '\0'};
        const char *piece = plain;
        if (*value == '\\')
            piece = "\\\\";
        else if (*value == '"')
            piece = "\\\"";
        else if (*value == '\n')
            piece = "\\n";
        text = memory_must(talloc_strdup_append_buffer(text, piece));
    }
    return text;
}

static void write_feeds(struct buffer *out, const struct page_view *view)
{
    const struct page_input *input = view->input;
    TALLOC_CTX *scratch = talloc_new(out);
    write_family(out, "noroshi_feed_age_seconds", "gauge", "seconds",
                 "Time since the last good answer of the feed.");
    for (size_t i = 0; i < input->feed_count; i++) {
        if (input->feeds[i].last_success > 0)
            buffer_printf(out, "noroshi_feed_age_seconds{feed=\"%s\"} %.3f\n",
                          label(scratch, input->feeds[i].name),
                          (double)(input->now - input->feeds[i].last_success) / 1e6);
    }
    write_family(out, "noroshi_feed_newest_timestamp_seconds", "gauge", "seconds",
                 "When the newest entry of the feed was updated.");
    for (size_t i = 0; i < input->feed_count; i++) {
        if (input->feeds[i].newest_updated > 0)
            buffer_printf(out, "noroshi_feed_newest_timestamp_seconds{feed=\"%s\"} %.3f\n",
                          label(scratch, input->feeds[i].name),
                          (double)input->feeds[i].newest_updated / 1e6);
    }
    write_family(out, "noroshi_feed_state", "stateset", NULL, "How well the feed is seen.");
    for (size_t i = 0; i < input->feed_count; i++) {
        for (int state = FRESH_ALERTS; state <= NOT_CONFIGURED; state++)
            buffer_printf(out, "noroshi_feed_state{feed=\"%s\",noroshi_feed_state=\"%s\"} %d\n",
                          label(scratch, input->feeds[i].name),
                          freshness_name((enum freshness)state),
                          input->feeds[i].freshness == (enum freshness)state);
    }
    talloc_free(scratch);
}

/* {"outer": {"inner": 3}} as name{first="outer",second="inner"} 3; with `second` NULL one level. */
static void write_counts(struct buffer *out, const json_t *counts, const char *name,
                         const char *first, const char *second)
{
    const char *outer, *inner;
    json_t *value, *number;
    TALLOC_CTX *scratch = talloc_new(out);
    json_object_foreach((json_t *)counts, outer, value)
    {
        if (second == NULL && json_is_integer(value))
            buffer_printf(out, "%s{%s=\"%s\"} %lld\n", name, first, label(scratch, outer),
                          (long long)json_integer_value(value));
        if (second == NULL || !json_is_object(value))
            continue;
        json_object_foreach(value, inner, number)
        {
            buffer_printf(out, "%s{%s=\"%s\",%s=\"%s\"} %lld\n", name, first, label(scratch, outer),
                          second, label(scratch, inner), (long long)json_integer_value(number));
        }
    }
    talloc_free(scratch);
}

static void write_store(struct buffer *out, const json_t *counts)
{
    write_family(out, "noroshi_telegrams", "gauge", NULL, "Telegrams kept, by code and outcome.");
    write_counts(out, json_object_get(counts, "telegrams"), "noroshi_telegrams", "code", "outcome");
    write_family(out, "noroshi_alerts", "gauge", NULL, "Alerts kept, by hazard.");
    write_counts(out, json_object_get(counts, "alerts"), "noroshi_alerts", "hazard", NULL);
    write_family(out, "noroshi_deliveries", "gauge", NULL,
                 "Deliveries kept, by channel and state.");
    write_counts(out, json_object_get(counts, "deliveries"), "noroshi_deliveries", "channel",
                 "state");
    write_family(out, "noroshi_subscribers", "gauge", NULL, "Subscribers, by channel.");
    write_counts(out, json_object_get(counts, "subscribers"), "noroshi_subscribers", "channel",
                 NULL);
}

/* OpenMetrics wants the bound as a float: "1.0", not "1". */
static void write_bucket(struct buffer *out, const char *channel, double bound, json_int_t count)
{
    char text[40];
    snprintf(text, sizeof(text), "%g", bound);
    buffer_printf(out,
                  "noroshi_issue_to_delivered_seconds_bucket{channel=\"%s\",le=\"%s%s\"} %lld\n",
                  channel, text, strpbrk(text, ".e") == NULL ? ".0" : "", (long long)count);
}

static void write_latency(struct buffer *out, const json_t *latency)
{
    const char *name;
    json_t *histogram;
    size_t i;
    json_t *bucket;
    TALLOC_CTX *scratch = talloc_new(out);
    write_family(out, "noroshi_issue_to_delivered_seconds", "histogram", "seconds",
                 "From JMA's Control/DateTime to the receiver's receipt.");
    json_object_foreach((json_t *)latency, name, histogram)
    {
        const char *channel = label(scratch, name);
        json_array_foreach(json_object_get(histogram, "buckets"), i, bucket)
        {
            write_bucket(out, channel, json_number_value(json_array_get(bucket, 0)),
                         json_integer_value(json_array_get(bucket, 1)));
        }
        long long count = (long long)json_integer_value(json_object_get(histogram, "count"));
        buffer_printf(out,
                      "noroshi_issue_to_delivered_seconds_bucket{channel=\"%s\",le=\"+Inf\"} %lld\n"
                      "noroshi_issue_to_delivered_seconds_count{channel=\"%s\"} %lld\n"
                      "noroshi_issue_to_delivered_seconds_sum{channel=\"%s\"} %.6f\n",
                      channel, count, channel, count, channel,
                      json_number_value(json_object_get(histogram, "sum")));
    }
    talloc_free(scratch);
}

static void write_force(struct buffer *out, const struct page_view *view)
{
    size_t levels[6] = {0};
    for (size_t i = 0; i < view->force.count; i++) {
        int level = view->force.items[i].alert->level;
        if (level >= 1 && level <= 5)
            levels[level]++;
    }
    write_family(out, "noroshi_alerts_in_force", "gauge", NULL, "Alerts in force, by level.");
    for (int level = 1; level <= 5; level++)
        buffer_printf(out, "noroshi_alerts_in_force{level=\"%d\"} %zu\n", level, levels[level]);
}

struct buffer *page_metrics(TALLOC_CTX *context, const struct page_view *view)
{
    const struct page_input *input = view->input;
    struct buffer *out = buffer_new(context, PAGE_METRICS_BYTES_MAX);
    char *version = label(out, input->version != NULL ? input->version : "");
    write_family(out, "noroshi_build", "info", NULL, "The program.");
    buffer_printf(out, "noroshi_build_info{version=\"%s\"} 1\n", version);
    write_family(out, "noroshi_start_timestamp_seconds", "gauge", "seconds",
                 "When the daemon was started.");
    buffer_printf(out, "noroshi_start_timestamp_seconds %.3f\n", (double)input->started_at / 1e6);
    write_feeds(out, view);
    write_family(out, "noroshi_store_writable", "gauge", NULL, "1 while the store can be written.");
    buffer_printf(out, "noroshi_store_writable %d\n", input->store_writable);
    write_family(out, "noroshi_canary_missing", "gauge", NULL,
                 "1 while canaries do not arrive; 0 also when none are sent.");
    buffer_printf(out, "noroshi_canary_missing %d\n", input->canary_missing);
    write_family(out, "noroshi_clock_trusted", "gauge", NULL,
                 "1 while this machine's clock agrees with the feed server's.");
    buffer_printf(out, "noroshi_clock_trusted %d\n", input->clock_trusted);
    write_family(
        out, "noroshi_deliveries_over_bound", "counter", NULL,
        "Deliveries that had no end within their bound and were given up, since the start.");
    buffer_printf(out, "noroshi_deliveries_over_bound_total %zu\n", input->late_ends);
    write_family(out, "noroshi_feed_traffic_today_bytes", "gauge", "bytes",
                 "Bytes moved to and from the feed server on this day in Japan.");
    buffer_printf(out, "noroshi_feed_traffic_today_bytes %lld\n", (long long)input->bytes_today);
    write_force(out, view);
    write_store(out, input->counts);
    write_latency(out, input->latency);
    talloc_free(version);
    return out;
}
