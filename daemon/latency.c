/* A histogram for each channel. Bounds in seconds: from a fast webhook to a mail that waited hours.
 */
#include <stdint.h>

#include "base/memory.h"
#include "latency.h"

static const double bounds[] = {0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600};
#define BOUND_COUNT (sizeof(bounds) / sizeof(bounds[0]))

struct histogram {
    uint64_t cumulative[BOUND_COUNT];
    uint64_t count;
    double sum;
};
struct latency {
    struct histogram channels[CHANNEL_COUNT];
};

struct latency *latency_new(TALLOC_CTX *context)
{
    return memory_new(context, struct latency);
}

void latency_add(struct latency *latency, enum channel channel, usec_t duration)
{
    struct histogram *histogram = &latency->channels[channel];
    double seconds = duration > 0 ? (double)duration / (double)USEC_PER_SEC : 0;
    for (size_t i = 0; i < BOUND_COUNT; i++) {
        if (seconds <= bounds[i])
            histogram->cumulative[i]++;
    }
    histogram->count++;
    histogram->sum += seconds;
}

json_t *latency_to_json(const struct latency *latency)
{
    json_t *all = json_object();
    for (int channel = 0; channel < CHANNEL_COUNT; channel++) {
        const struct histogram *histogram = &latency->channels[channel];
        json_t *buckets = json_array();
        for (size_t i = 0; i < BOUND_COUNT; i++)
            json_array_append_new(
                buckets, json_pack("[fI]", bounds[i], (json_int_t)histogram->cumulative[i]));
        json_object_set_new(all, channel_name((enum channel)channel),
                            json_pack("{sosfsI}", "buckets", buckets, "sum", histogram->sum,
                                      "count", (json_int_t)histogram->count));
    }
    return all;
}
