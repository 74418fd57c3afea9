/* Receivers of every manner. What one takes is noted even when its answer never reaches us. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "simulation.h"

static const struct transfer_result no_connection = {.failure = TRANSFER_CONNECT,
                                                     .error = "no connection"};
static const struct transfer_result timeout = {.failure = TRANSFER_TIMEOUT, .error = "timeout"};
static const struct transfer_result cut = {.failure = TRANSFER_CUT, .error = "cut"};

void network_make(struct world *world)
{
    for (int i = 0; i < HOSTS; i++) {
        struct host *host = &world->hosts[i];
        /* The first of webhooks and the first of mail are good in every history. */
        host->manner = i < 2 ? MANNER_GOOD : (enum manner)world_random(world, MANNERS);
        host->back_at = BEGINS + (usec_t)world_random(world, 7200) * USEC_PER_SEC;
    }
}

static usec_t milliseconds(struct world *world, unsigned least, unsigned most)
{
    return (usec_t)(least + world_random(world, most - least)) * USEC_PER_MSEC;
}

static struct transfer_result status(int number)
{
    return (struct transfer_result){.status = number, .error = number / 100 == 2 ? NULL : "no"};
}

static struct transfer_result busy(struct world *world, bool mail)
{
    static const char *const asked[] = {"3", "120", "-5", "soon", "99999999999999", NULL};
    struct transfer_result result = status(mail ? 450 : world_random(world, 2) == 0 ? 429 : 503);
    if (!mail)
        result.retry_after = asked[world_random(world, sizeof(asked) / sizeof(asked[0]))];
    return result;
}

/* The result, how long it takes, and whether the receiver took it. */
static struct transfer_result answer(struct world *world, const struct host *host, bool mail,
                                     usec_t total, usec_t *ret_time, bool *ret_taken)
{
    *ret_time = milliseconds(world, 5, 300);
    *ret_taken = false;
    switch (world->now < host->back_at ? host->manner : MANNER_GOOD) {
    case MANNER_DEAD:
        return no_connection;
    case MANNER_SLOW:
        *ret_time = milliseconds(world, 2000, 40000);
        *ret_taken = true;
        if (*ret_time <= total)
            return status(mail ? 250 : 200);
        *ret_time = total;
        return timeout;
    case MANNER_FLAKY:
        *ret_taken = world_random(world, 2) == 0;
        return *ret_taken ? status(mail ? 250 : 200) : mail ? status(451) : status(500);
    case MANNER_BUSY:
        return busy(world, mail);
    case MANNER_CUT:
        *ret_taken = world_random(world, 2) == 0;
        return cut;
    case MANNER_GONE:
        return status(mail ? 550 : 410);
    case MANNER_GOOD:
    case MANNERS:
        break;
    }
    *ret_taken = true;
    return status(mail ? 250 : 204);
}

/* What stands between `before` and the first of `ends`; NULL when it does not occur. */
static const char *part(TALLOC_CTX *context, const char *text, size_t length, const char *before,
                        const char *ends)
{
    const char *found = memmem(text, length, before, strlen(before));
    if (found == NULL)
        return NULL;
    found += strlen(before);
    return memory_printf(context, "%.*s", (int)strcspn(found, ends), found);
}

static void note(struct world *world, const struct parcel *parcel, bool taken)
{
    const struct transfer_request *request = &parcel->request;
    struct sent *sent = &world->sent[world->sent_count++];
    *sent = (struct sent){
        .at = world->now, .alert = parcel->alert, .subscriber = parcel->subscriber, .taken = taken};
    const char *body = request->body;
    if (request->kind == TRANSFER_MAIL) {
        sent->id = part(world->context, body, request->body_length, "Message-ID: <", ">@");
        const char *text = memmem(body, request->body_length, "\r\n\r\n", 4);
        sent->body = text_hash(world->context, text, strlen(text), 32);
        return;
    }
    for (size_t i = 0; request->headers[i] != NULL; i++) {
        if (strncmp(request->headers[i], "webhook-id: ", 12) == 0)
            sent->id = memory_text(world->context, request->headers[i] + 12);
    }
    sent->body = text_hash(world->context, body, request->body_length, 32);
    sent->phase = part(world->context, body, request->body_length, "\"type\":\"alert.", "\"");
    if (sent->phase == NULL)
        sent->phase = part(world->context, body, request->body_length, "\"type\": \"alert.", "\"");
}

void network_send(struct world *world, const struct parcel *parcel)
{
    const struct transfer_request *request = &parcel->request;
    struct flying *flying = &world->flying[world->flying_count++];
    *flying = (struct flying){.alert = parcel->alert, .subscriber = parcel->subscriber};
    /* As the loop does: it is looked at again when it is about to be written (test 22). */
    if (request->expires_at > 0 && world->now >= request->expires_at) {
        flying->ends_at = world->now;
        flying->result = (struct transfer_result){.failure = TRANSFER_EXPIRED, .error = "expired"};
        return;
    }
    usec_t time;
    bool taken;
    const struct host *host = &world->hosts[reader_host((int)parcel->subscriber - 1)];
    flying->result =
        answer(world, host, request->kind == TRANSFER_MAIL, request->total_timeout, &time, &taken);
    flying->ends_at = world->now + time;
    note(world, parcel, taken);
}

usec_t network_next(const struct world *world)
{
    usec_t next = INT64_MAX;
    for (size_t i = 0; i < world->flying_count; i++)
        next = world->flying[i].ends_at < next ? world->flying[i].ends_at : next;
    return next;
}

void network_collect(struct world *world, struct job *job)
{
    size_t left = 0;
    for (size_t i = 0; i < world->flying_count; i++) {
        struct flying *flying = &world->flying[i];
        if (flying->ends_at <= world->now)
            job_add_outcome(job, flying->alert, flying->subscriber, &flying->result);
        else
            world->flying[left++] = *flying;
    }
    world->flying_count = left;
}
