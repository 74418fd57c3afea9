/* A loop with a transfer in it, and a way to wait for results. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include "transfer/transfer.h"

struct bench {
    sd_event *event;
    struct transfer *transfer;
    struct address_rule *rules[8];
    size_t rule_count;
    size_t limit, limit_per_host;
    const char *ca_file;
    char name_servers[32];
    usec_t longest_turn; /* of one turn of the loop, without the waiting */
};

/* What came back. */
struct outcome {
    bool done;
    enum transfer_failure failure;
    int status;
    char *error, *etag, *last_modified, *retry_after, *body;
    size_t body_length, bytes_moved;
    usec_t sent_at, ended_at, monotonic_end;
};

static inline void bench_rule(struct bench *bench, const char *text)
{
    assert_int_equal(address_rule_read(NULL, text, &bench->rules[bench->rule_count]), 0);
    bench->rule_count++;
}

static inline struct bench *bench_new(void)
{
    struct bench *bench = memory_new(NULL, struct bench);
    assert_true(sd_event_new(&bench->event) >= 0);
    bench->limit = 256;
    bench->limit_per_host = 2;
    return bench;
}

static inline void bench_names(struct bench *bench, unsigned port)
{
    snprintf(bench->name_servers, sizeof(bench->name_servers), "127.0.0.1:%u", port);
}

static inline struct transfer *bench_transfer(struct bench *bench)
{
    const struct transfer_options options = {
        .event = bench->event,
        .allowed = bench->rules,
        .allowed_count = bench->rule_count,
        .ca_file = bench->ca_file,
        .limit = bench->limit,
        .limit_per_host = bench->limit_per_host,
        .user_agent = "test",
        .name_servers = bench->name_servers[0] != '\0' ? bench->name_servers : NULL,
    };
    if (bench->transfer == NULL)
        assert_int_equal(transfer_new(bench, &options, &bench->transfer), 0);
    return bench->transfer;
}

static inline void bench_free(struct bench *bench)
{
    transfer_free(bench->transfer);
    for (size_t i = 0; i < bench->rule_count; i++)
        talloc_free(bench->rules[i]);
    sd_event_unref(bench->event);
    talloc_free(bench);
}

static inline void outcome_take(void *userdata, const struct transfer_result *result)
{
    struct outcome *outcome = userdata;
    assert_false(outcome->done);
    outcome->done = true;
    outcome->failure = result->failure;
    outcome->status = result->status;
    outcome->error = memory_text_or_null(outcome, result->error);
    outcome->etag = memory_text_or_null(outcome, result->etag);
    outcome->last_modified = memory_text_or_null(outcome, result->last_modified);
    outcome->retry_after = memory_text_or_null(outcome, result->retry_after);
    outcome->body = memory_must(talloc_strndup(outcome, result->body, result->body_length));
    outcome->body_length = result->body_length;
    outcome->bytes_moved = result->bytes_moved;
    outcome->sent_at = result->sent_at;
    outcome->ended_at = result->ended_at;
    outcome->monotonic_end = clock_monotonic();
}

static inline struct outcome *bench_start(struct bench *bench,
                                          const struct transfer_request *request)
{
    struct outcome *outcome = memory_new(bench, struct outcome);
    assert_int_equal(transfer_start(bench_transfer(bench), request, outcome_take, outcome), 0);
    assert_false(outcome->done);
    return outcome;
}

/* Turns the loop until all have ended, at most 30 s. */
static inline void bench_wait(struct bench *bench)
{
    usec_t deadline = clock_monotonic() + 30 * USEC_PER_SEC;
    while (transfer_running(bench_transfer(bench)) > 0) {
        assert_true(clock_monotonic() < deadline);
        if (sd_event_prepare(bench->event) == 0 && sd_event_wait(bench->event, USEC_PER_SEC) == 0)
            continue;
        usec_t before = clock_monotonic();
        assert_true(sd_event_dispatch(bench->event) >= 0);
        usec_t turn = clock_monotonic() - before;
        if (turn > bench->longest_turn)
            bench->longest_turn = turn;
    }
}

static inline struct outcome *bench_run(struct bench *bench, const struct transfer_request *request)
{
    struct outcome *outcome = bench_start(bench, request);
    bench_wait(bench);
    assert_true(outcome->done);
    return outcome;
}
