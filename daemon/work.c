/* Jobs and orders: deep copies that can change threads. */
#include "base/memory.h"
#include "work.h"

/* What a webhook's request points to; a mail has more. */
#define PARCEL_PARTS       6
#define PARCEL_PARTS_BYTES 320

static struct transfer_result result_copy(TALLOC_CTX *context, const struct transfer_result *from)
{
    struct transfer_result copy = *from;
    copy.error = memory_text_or_null(context, from->error);
    copy.etag = memory_text_or_null(context, from->etag);
    copy.last_modified = memory_text_or_null(context, from->last_modified);
    copy.date = memory_text_or_null(context, from->date);
    copy.age = memory_text_or_null(context, from->age);
    copy.retry_after = memory_text_or_null(context, from->retry_after);
    copy.enhanced = memory_text_or_null(context, from->enhanced);
    copy.body = NULL;
    if (from->body != NULL && from->body_length > 0)
        copy.body = memory_must(talloc_memdup(context, from->body, from->body_length));
    return copy;
}

struct job *job_new(enum job_kind kind, const char *name, const struct transfer_result *result)
{
    struct job *job = memory_new(NULL, struct job);
    job->kind = kind;
    job->name = memory_text_or_null(job, name);
    if (result != NULL)
        job->result = result_copy(job, result);
    return job;
}

void job_add_outcome(struct job *job, int64_t alert, int64_t subscriber,
                     const struct transfer_result *result)
{
    job->outcomes = memory_grow(job, job->outcomes, job->outcome_count, sizeof(*job->outcomes));
    struct outcome *outcome = &job->outcomes[job->outcome_count++];
    *outcome = (struct outcome){.alert = alert, .subscriber = subscriber, .result = *result};
    struct transfer_result *copy = &outcome->result;
    copy->error = memory_text_or_null(job, result->error);
    copy->retry_after = memory_text_or_null(job, result->retry_after);
    copy->enhanced = memory_text_or_null(job, result->enhanced);
    copy->etag = copy->last_modified = copy->date = copy->age = NULL;
    copy->body = NULL;
    copy->body_length = 0;
}

struct order *order_new(enum order_kind kind, const char *name)
{
    struct order *order = memory_new(NULL, struct order);
    order->kind = kind;
    order->name = memory_text_or_null(order, name);
    return order;
}

struct order *order_new_deliver(usec_t now)
{
    struct order *order = order_new(ORDER_DELIVER, NULL);
    order->now = now;
    order->monotonic = clock_monotonic();
    return order;
}

struct parcel *order_add_parcel(struct order *order, int64_t alert, int64_t subscriber,
                                struct bytes *body)
{
    struct parcel *parcel =
        memory_roomy((TALLOC_CTX *)order, struct parcel, PARCEL_PARTS, PARCEL_PARTS_BYTES);
    parcel->alert = alert;
    parcel->subscriber = subscriber;
    if (body != NULL)
        bytes_keep(parcel, body);
    order->parcels =
        memory_grow(order, order->parcels, order->parcel_count, sizeof(struct parcel *));
    order->parcels[order->parcel_count++] = parcel;
    return parcel;
}
