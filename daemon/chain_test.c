/* See chain_test.h. Where it stands is the fact "chain_test": {"month", "id", "correction",
 * "begun", "corrected", "reported", "readers", "result": {…}}. */
#include "chain_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "event/own_test.h"
#include "event/value.h"
#include "report.h"
#include "send_test.h"
#include "staff_mail.h"
#include "store/broadcast.h"

#define FACT          "chain_test"
#define STEP_LASTS    (10 * USEC_PER_MINUTE)
#define LOOK_INTERVAL (2 * USEC_PER_SEC)
#define POSTPONE      USEC_PER_HOUR
#define LATEST        USEC_PER_DAY
#define STAFF_MOST    10000
#define TEST_LIFETIME USEC_PER_HOUR
#define REPORT_BYTES  ((size_t)8 * 1024 * 1024)
#define JAPAN         (9 * USEC_PER_HOUR)

struct chain {
    TALLOC_CTX *context;
    const struct config *config;
    struct store *store;
    usec_t now;
    json_t *state; /* of the context */
};

static int load(struct chain *chain)
{
    const char *text = NULL;
    int r = store_get_fact(chain->store, chain->context, FACT, &text);
    json_t *state = text != NULL ? json_loads(text, 0, NULL) : NULL;
    chain->state = value_own(chain->context, json_is_object(state) ? state : json_object());
    return r;
}

static int keep(const struct chain *chain)
{
    char *text = json_dumps(chain->state, JSON_COMPACT);
    int r = store_put_fact(chain->store, FACT, text != NULL ? text : "{}");
    free(text);
    return r;
}

/* Ends the transaction of a step: what it sends and the state that says so, both or neither. A
 * crash between the two would send it once more. */
static int settle(const struct chain *chain, int result)
{
    if (result >= 0)
        result = keep(chain);
    if (result >= 0)
        result = store_commit(chain->store);
    if (result < 0)
        store_rollback(chain->store);
    return result;
}

static bool under_way(const struct chain *chain)
{
    return value_borrow(chain->state, "id") != NULL && value_time(chain->state, "reported") == 0;
}

/* ---- when ---- */

static struct tm in_japan(usec_t at)
{
    time_t seconds = (time_t)((at + JAPAN) / USEC_PER_SEC);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    return parts;
}

static const char *month_of(TALLOC_CTX *context, usec_t at)
{
    struct tm parts = in_japan(at);
    return memory_printf(context, "%04d-%02d", parts.tm_year + 1900, parts.tm_mon + 1);
}

/* The day and hour of the configuration in the month of `at`. */
static usec_t appointed(const struct config *config, usec_t at)
{
    struct tm parts = in_japan(at);
    parts.tm_mday = (int)config->chain_test_day;
    parts.tm_hour = (int)config->chain_test_hour;
    parts.tm_min = parts.tm_sec = 0;
    return (usec_t)timegm(&parts) * USEC_PER_SEC - JAPAN;
}

static int grave_now(const struct chain *chain, bool *ret_grave)
{
    json_t *rows = NULL, *row;
    size_t i;
    bool grave = false;
    int r = store_alerts_in_force(chain->store, chain->now, &rows);
    json_array_foreach(rows, i, row) grave =
        grave ||
        (value_integer(row, "level") >= 4 && text_equal(value_borrow(row, "status"), "actual"));
    json_decref(rows);
    *ret_grave = grave;
    return r;
}

/* ---- sending ---- */

static int send(struct chain *chain, const struct alert *alert, size_t *ret_readers)
{
    struct store_subscriber *staff;
    int r = store_staff_subscribers(chain->store, chain->context, STAFF_MOST, &staff, ret_readers);
    if (r < 0 || *ret_readers == 0)
        return r;
    return send_test_alert(chain->context, chain->store, chain->config, alert, staff, *ret_readers,
                           chain->now);
}

static int begin(struct chain *chain, struct chain_test_news *news)
{
    struct alert *alert = own_test_alert(chain->context, chain->now, TEST_LIFETIME);
    size_t readers = 0;
    int r = store_begin(chain->store);
    if (r < 0)
        return r;
    r = send(chain, alert, &readers);
    json_object_clear(chain->state);
    value_set_text(chain->state, "month", month_of(chain->context, chain->now));
    if (r >= 0 && readers == 0) {
        news->notice = "the monthly test of the chain reaches nobody: give subscribers staff: yes";
    } else {
        value_set_text(chain->state, "id", alert->id);
        value_set_time(chain->state, "begun", chain->now);
        value_set_integer(chain->state, "readers", (int64_t)readers);
        news->audit = "chain-test sent";
        news->object = alert->id;
    }
    return settle(chain, r);
}

static int correct(struct chain *chain, struct chain_test_news *news)
{
    const char *original = value_text(chain->context, chain->state, "id");
    struct alert *alert = own_test_alert(chain->context, chain->now, TEST_LIFETIME);
    size_t readers = 0;
    alert->event_id = alert->event_key = original;
    alert->phase = PHASE_CORRECTION;
    alert->references = &original;
    alert->reference_count = 1;
    int r = store_begin(chain->store);
    if (r < 0)
        return r;
    r = send(chain, alert, &readers);
    value_set_text(chain->state, "correction", alert->id);
    value_set_time(chain->state, "corrected", chain->now);
    news->audit = "chain-test corrected";
    news->object = original;
    return settle(chain, r);
}

/* ---- what came of it ---- */

static int is_over(const struct chain *chain, const char *id, usec_t since, bool *ret_over)
{
    json_t *progress = NULL;
    int r = store_broadcast_progress(chain->store, id, &progress);
    int open = value_integer(progress, "waiting") + value_integer(progress, "sending");
    *ret_over = r >= 0 && (open == 0 || chain->now >= since + STEP_LASTS);
    json_decref(progress);
    return r;
}

/* {"total", "delivered", "failed", "seconds"} of one of the two messages. */
static int measure(const struct chain *chain, const char *id, usec_t since, json_t **ret)
{
    json_t *progress = NULL;
    int r = store_broadcast_progress(chain->store, id, &progress);
    if (r < 0)
        return r;
    int total = value_integer(progress, "total"), delivered = value_integer(progress, "delivered");
    usec_t last = value_instant(progress, "last_at");
    *ret =
        json_pack("{sisisisf}", "total", total, "delivered", delivered, "failed", total - delivered,
                  "seconds", last > since ? (double)(last - since) / (double)USEC_PER_SEC : 0.0);
    json_decref(progress);
    return 0;
}

static int write_file(const char *path, const char *bytes, size_t length)
{
    FILE *stream = fopen(path, "we");
    if (stream == NULL)
        return -errno;
    bool whole = fwrite(bytes, 1, length, stream) == length;
    return fclose(stream) == 0 && whole ? 0 : -EIO;
}

/* The report of both messages, for people and programs. *ret_path: without its ending. */
static int write_report(const struct chain *chain, const json_t *report, const char **ret_path)
{
    static const char *const endings[] = {"json", "html", "csv"};
    const char *folder =
        memory_printf(chain->context, "%s/reports", chain->config->state_directory);
    const char *path =
        memory_printf(chain->context, "%s/chain-%s", folder, value_borrow(chain->state, "id"));
    int r = mkdir(folder, 0700) < 0 && errno != EEXIST ? -errno : 0;
    for (size_t i = 0; r >= 0 && i < 3; i++) {
        struct buffer *out = buffer_new(chain->context, REPORT_BYTES);
        char *text = i == 0 ? json_dumps(report, JSON_INDENT(1)) : NULL;
        if (i == 0)
            buffer_text(out, text != NULL ? text : "{}");
        else if (i == 1)
            report_html(out, report);
        else
            report_csv(out, report);
        free(text);
        r = write_file(memory_printf(chain->context, "%s.%s", path, endings[i]), out->bytes,
                       out->length);
    }
    *ret_path = path;
    return r;
}

static int percent(const json_t *measured)
{
    int total = value_integer(measured, "total");
    return total > 0 ? 100 * value_integer(measured, "delivered") / total : 0;
}

static struct letter letter_of(const struct chain *chain, const json_t *sent,
                               const json_t *corrected, const char *path)
{
    TALLOC_CTX *context = chain->context;
    const char *id = value_borrow(chain->state, "id");
    struct letter letter = {.id = memory_printf(context, "letter-%s", id), .drill = true};
    int first = percent(sent), second = percent(corrected);
    letter.subject[LETTER_JAPANESE] =
        memory_printf(context, "【試験】毎月の試験の結果：到達率 %d％、訂正 %d％", first, second);
    letter.subject[LETTER_ENGLISH] =
        memory_printf(context, "TEST: result of the monthly test: %d %% reached, correction %d %%",
                      first, second);
    letter.text[LETTER_JAPANESE] = memory_printf(
        context,
        "【試験】毎月の試験の結果です。住民には何も送っていません。\n\n"
        "試験の配信：%d件中%d件に到達（%d％）、失敗 %d件、最後の到達まで %.1f秒\n"
        "訂正の配信：%d件中%d件に到達（%d％）、失敗 %d件、最後の到達まで %.1f秒\n"
        "番号：%s\n報告書：%s.html（.csv、.json）\n",
        value_integer(sent, "total"), value_integer(sent, "delivered"), first,
        value_integer(sent, "failed"), value_number(sent, "seconds"),
        value_integer(corrected, "total"), value_integer(corrected, "delivered"), second,
        value_integer(corrected, "failed"), value_number(corrected, "seconds"), id, path);
    letter.text[LETTER_ENGLISH] = memory_printf(
        context,
        "TEST: this is the result of the monthly test. Nothing was sent to residents.\n\n"
        "Test: %d of %d reached (%d %%), %d failed, the last after %.1f s\n"
        "Correction: %d of %d reached (%d %%), %d failed, the last after %.1f s\n"
        "Number: %s\nReport: %s.html (.csv, .json)\n",
        value_integer(sent, "delivered"), value_integer(sent, "total"), first,
        value_integer(sent, "failed"), value_number(sent, "seconds"),
        value_integer(corrected, "delivered"), value_integer(corrected, "total"), second,
        value_integer(corrected, "failed"), value_number(corrected, "seconds"), id, path);
    return letter;
}

static int tell(struct chain *chain, const struct letter *letter)
{
    size_t count;
    int r = store_begin(chain->store);
    if (r < 0)
        return r;
    return settle(chain, staff_mail(chain->context, chain->store, letter, chain->now, &count));
}

static int finish(struct chain *chain, struct chain_test_news *news)
{
    const char *id = value_text(chain->context, chain->state, "id");
    const char *correction = value_text(chain->context, chain->state, "correction"), *path = "";
    json_t *report = NULL, *sent = NULL, *corrected = NULL;
    int r = report_make(chain->store, chain->config->areas, id, chain->now, &report);
    if (r >= 0)
        r = measure(chain, id, value_time(chain->state, "begun"), &sent);
    if (r >= 0)
        r = measure(chain, correction, value_time(chain->state, "corrected"), &corrected);
    if (r >= 0) {
        int written = write_report(chain, report, &path);
        value_set_time(chain->state, "reported", chain->now);
        json_object_set_new(chain->state, "result",
                            json_pack("{sOsOss}", "test", sent, "correction", corrected, "report",
                                      written >= 0 ? path : ""));
        const struct letter letter = letter_of(chain, sent, corrected, path);
        news->notice = memory_printf(chain->context, "%s%s%s", letter.subject[LETTER_ENGLISH],
                                     written < 0 ? "; the report cannot be written: " : "; report ",
                                     written < 0 ? strerror(-written) : path);
        news->audit = "chain-test reported";
        news->object = id;
        news->detail = letter.subject[LETTER_ENGLISH];
        r = tell(chain, &letter);
    }
    json_decref(report);
    json_decref(sent);
    json_decref(corrected);
    return r;
}

/* ---- the steps ---- */

static int go_on(struct chain *chain, struct chain_test_news *news)
{
    bool over = false;
    bool first = value_borrow(chain->state, "correction") == NULL;
    int r = is_over(chain, value_borrow(chain->state, first ? "id" : "correction"),
                    value_time(chain->state, first ? "begun" : "corrected"), &over);
    if (r < 0 || !over)
        return r;
    return first ? correct(chain, news) : finish(chain, news);
}

static int begin_when_due(struct chain *chain, struct chain_test_news *news, usec_t *ret_next)
{
    const char *month = month_of(chain->context, chain->now);
    usec_t at = appointed(chain->config, chain->now);
    bool grave = false;
    *ret_next = chain->now + POSTPONE;
    if (chain->now < at) {
        *ret_next = at < *ret_next ? at : *ret_next;
        return 0;
    }
    if (text_equal(month, value_borrow(chain->state, "month")))
        return 0;
    int r = grave_now(chain, &grave);
    if (r < 0)
        return r;
    if (chain->now > at + LATEST) {
        /* Also the first month of an installation that began after the day. */
        value_set_text(chain->state, "month", month);
        return keep(chain);
    }
    if (grave)
        return 0;
    *ret_next = chain->now + LOOK_INTERVAL;
    return begin(chain, news);
}

int chain_test_due(TALLOC_CTX *context, const struct config *config, struct store *store,
                   usec_t now, struct chain_test_news *ret_news, usec_t *ret_next)
{
    struct chain chain = {.context = context, .config = config, .store = store, .now = now};
    *ret_news = (struct chain_test_news){0};
    *ret_next = now + LOOK_INTERVAL;
    int r = load(&chain);
    if (r >= 0 && under_way(&chain))
        return go_on(&chain, ret_news);
    *ret_next = now + POSTPONE;
    return r < 0 || config->chain_test_day == 0 ? r : begin_when_due(&chain, ret_news, ret_next);
}

int chain_test_begin(TALLOC_CTX *context, const struct config *config, struct store *store,
                     usec_t now, const char **ret_id)
{
    struct chain chain = {.context = context, .config = config, .store = store, .now = now};
    struct chain_test_news news = {0};
    int r = load(&chain);
    if (r >= 0 && under_way(&chain))
        return -EALREADY;
    if (r >= 0)
        r = begin(&chain, &news);
    if (r >= 0 && news.object == NULL)
        return -ENOENT;
    *ret_id = news.object;
    return r;
}
