/* A busy day of JMA's feeds in fast time (test 34 of the reliability list): what we ask for, how
 * often, how many bytes, and how late we are.
 *
 * The model: four feeds, made anew each minute (the long ones each hour), telegrams that appear at
 * random seconds with the sizes of a rainy week (jma-format.md 1.2, 1.5, 7), bodies that are not
 * there at first, errors, an outage of two hours. Three servers: with both validators, with none,
 * and with an ETag that changes at each answer. */
#include "jma/registry.h"
#include "scenario.h"

#define MIDNIGHT   ((usec_t)1788274800 * USEC_PER_SEC) /* 2026-09-02T00:00:00+09:00 */
#define TELEGRAMS  900
#define WINDOW     (10 * USEC_PER_HOUR)
#define LATENCY    (USEC_PER_SEC / 5)
#define OUT_BEGIN  (MIDNIGHT + 14 * USEC_PER_HOUR)
#define OUT_END    (MIDNIGHT + 16 * USEC_PER_HOUR)
#define DAY_BYTES  ((int64_t)500 * 1000 * 1000)
#define DELAY_MOST (75 * USEC_PER_SEC)

enum server { WITH_VALIDATORS, WITHOUT_VALIDATORS, CHANGING_VALIDATORS };

static const char *const feeds[] = {"eqvol", "extra", "regular", "other"};

static const struct {
    const char *code, *title;
    unsigned feed, share; /* of 100 */
    size_t bytes;
} kinds[] = {
    {"VXSE53", "震源・震度に関する情報", 0, 8, 3600},
    {"VXSE51", "震度速報", 0, 3, 3000},
    {"VTSE41", "津波警報・注意報・予報a", 0, 1, 11000},
    {"VFVO53", "降灰予報（定時）", 0, 8, 42000},
    {"VPWW55", "気象警報・注意報（Ｒ０６）（大雨）", 1, 16, 13000},
    {"VPWW56", "気象警報・注意報（Ｒ０６）（土砂）", 1, 8, 13600},
    {"VPWW61", "気象警報・注意報（Ｒ０６）（その他注意報）", 1, 16, 40000},
    {"VPWW53", "気象特別警報・警報・注意報", 1, 12, 60000},
    {"VPWW54", "気象警報・注意報（Ｈ２７）", 1, 12, 182000},
    {"VXKO53", "指定河川洪水予報", 1, 5, 21600},
    {"VPFD51", "府県天気予報（Ｒ１）", 2, 10, 30000},
    {"VMCJ53", "全般気象解説情報（潮位）", 3, 1, 9000},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct item {
    char file[64];
    unsigned kind;
    usec_t published, body_at; /* the body may be there later than the feed says */
    usec_t shown, ordered;
    int downloads, tries;
};

struct feed_model {
    usec_t last_poll;
    bool polled, failed; /* the last one failed: then we may come sooner */
    const char *etag;
};

struct day {
    struct scenario *scenario;
    enum server server;
    struct item items[TELEGRAMS];
    struct feed_model models[2][4]; /* short, long */
    uint64_t random;
    size_t requests, polls, unchanged, bodies;
    size_t minute_requests, worst_minute;
    usec_t minute;
};

static unsigned below(struct day *day, unsigned limit)
{
    day->random = day->random * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(day->random >> 33) % limit;
}

static int by_publication(const void *left, const void *right)
{
    const struct item *a = left, *b = right;
    return a->published < b->published ? -1 : a->published > b->published;
}

static unsigned random_kind(struct day *day)
{
    unsigned share = below(day, 100), kind = 0;
    while (kind + 1 < KINDS && share >= kinds[kind].share)
        share -= kinds[kind++].share;
    return kind;
}

static void make_items(struct day *day)
{
    usec_t from = MIDNIGHT - WINDOW;
    unsigned seconds = (unsigned)((USEC_PER_DAY + WINDOW) / USEC_PER_SEC);
    for (size_t i = 0; i < TELEGRAMS; i++) {
        struct item *item = &day->items[i];
        item->kind = random_kind(day);
        item->published = from + (usec_t)below(day, seconds) * USEC_PER_SEC;
        item->body_at = item->published;
        if (below(day, 20) == 0)
            item->body_at += (usec_t)(60 + below(day, 60)) * USEC_PER_SEC;
    }
    qsort(day->items, TELEGRAMS, sizeof(day->items[0]), by_publication);
    for (size_t i = 0; i < TELEGRAMS; i++)
        snprintf(day->items[i].file, sizeof(day->items[i].file), "20260902%06zu_0_%s_%06zu.xml", i,
                 kinds[day->items[i].kind].code, i); /* each the state of an office of its own */
}

static bool wanted(const struct item *item)
{
    const struct registry_row *row = registry_find(kinds[item->kind].code);
    return row == NULL || row->role == ROLE_PARSED || row->role == ROLE_GENERIC;
}

static struct buffer *make_page(struct day *day, unsigned feed, usec_t made, bool is_long)
{
    struct buffer *page = page_begin(day->scenario, made);
    for (size_t i = TELEGRAMS; i > 0; i--) {
        struct item *item = &day->items[i - 1];
        bool listed = kinds[item->kind].feed == feed && item->published <= made &&
                      (is_long || item->published > made - WINDOW);
        if (!listed)
            continue;
        if (item->shown == 0)
            item->shown = made;
        page_entry(page, item->file, kinds[item->kind].title, item->published);
    }
    buffer_text(page, "</feed>");
    return page;
}

static bool has_header(const struct order *order, const char *start)
{
    for (size_t i = 0; order->request.headers != NULL && order->request.headers[i] != NULL; i++) {
        if (text_starts(order->request.headers[i], start))
            return true;
    }
    return false;
}

static void answer_feed(struct day *day, const struct order *order)
{
    unsigned feed = 0;
    while (!text_starts(order->name, feeds[feed]))
        feed++;
    bool is_long = text_contains(order->name, "_l");
    struct feed_model *model = &day->models[is_long][feed];
    struct scenario *scenario = day->scenario;
    usec_t now = scenario->now;
    char *url = memory_printf(scenario, FEED_BASE "%s.xml", order->name);
    assert_string_equal(order->request.url, url);
    talloc_free(url);
    bool out = now >= OUT_BEGIN && now < OUT_END;
    if (model->polled && !model->failed && !is_long)
        assert_true(now - model->last_poll >= 10 * USEC_PER_SEC);
    if (model->polled && day->server == WITH_VALIDATORS) {
        assert_true(has_header(order, "If-None-Match: "));
        assert_true(has_header(order, "If-Modified-Since: "));
    }
    if (model->polled && day->server == CHANGING_VALIDATORS)
        assert_true(has_header(order, "If-None-Match: "));
    model->last_poll = now;
    day->polls++;
    struct transfer_result result = {.status = 200, .bytes_moved = 400};
    usec_t every = is_long ? USEC_PER_HOUR : USEC_PER_MINUTE;
    /* Made some seconds into the minute, not always the same (jma-format.md 1.2). */
    usec_t offset = (usec_t)(now / every * 7 % 23 + 2) * USEC_PER_SEC;
    usec_t made = now / every * every + offset;
    if (made > now)
        made = (now / every - 1) * every + (usec_t)((now / every - 1) * 7 % 23 + 2) * USEC_PER_SEC;
    char etag[64];
    snprintf(etag, sizeof(etag), "\"%llx\"",
             (unsigned long long)(day->server == CHANGING_VALIDATORS ? now : made));
    struct buffer *page = NULL;
    model->failed = out;
    if (out) {
        result = (struct transfer_result){.failure = TRANSFER_CONNECT, .error = "out"};
    } else if (below(day, 100) == 0) {
        result.status = 503;
        model->failed = true;
    } else if (day->server == WITH_VALIDATORS && model->etag != NULL &&
               strcmp(model->etag, etag) == 0) {
        result.status = 304;
        day->unchanged++;
    } else {
        page = make_page(day, feed, made, is_long);
        static const size_t sizes[2][4] = {{50000, 230000, 60000, 5000},
                                           {200000, 2300000, 400000, 20000}};
        result.body = page->bytes;
        result.body_length = page->length;
        result.bytes_moved = sizes[is_long][feed];
        if (day->server != WITHOUT_VALIDATORS) {
            talloc_free((void *)model->etag);
            model->etag = memory_text(scenario, etag);
            result.etag = model->etag;
            result.last_modified = "Wed, 02 Sep 2026 00:00:00 GMT";
        }
        model->polled = true;
    }
    struct job *job = job_new(JOB_FEED, order->name, &result);
    assert_int_equal(poll_feed_done(scenario->poll, job, now + LATENCY), 0);
    talloc_free(job);
    talloc_free(page);
}

static struct item *item_of(struct day *day, const char *id)
{
    const char *file = strrchr(id, '/') + 1;
    for (size_t i = 0; i < TELEGRAMS; i++) {
        if (strcmp(day->items[i].file, file) == 0)
            return &day->items[i];
    }
    fail_msg("asked for %s, which no feed gave", id);
    return NULL;
}

static void answer_telegram(struct day *day, const struct order *order)
{
    static const char body[] =
        "<Report xmlns=\"http://xml.kishou.go.jp/jmaxml1/\"><Control><Title>t</Title><DateTime>"
        "2026-09-02T00:00:00Z</DateTime><Status>通常</Status></Control><Head "
        "xmlns=\"http://xml.kishou.go.jp/jmaxml1/informationBasis1/\"><Title>t</Title>"
        "<InfoType>発表</InfoType></Head></Report>";
    struct scenario *scenario = day->scenario;
    struct item *item = item_of(day, order->request.url);
    assert_true(item->shown > 0 && wanted(item));
    item->tries++;
    if (item->ordered == 0)
        item->ordered = scenario->now;
    struct transfer_result result = {.status = 200, .bytes_moved = 400};
    bool out = scenario->now >= OUT_BEGIN && scenario->now < OUT_END;
    if (out) {
        result = (struct transfer_result){.failure = TRANSFER_CONNECT, .error = "out"};
    } else if (scenario->now < item->body_at) {
        result.status = 404;
    } else if (below(day, 50) == 0) {
        result.status = 500;
    } else {
        result.body = body;
        result.body_length = sizeof(body) - 1;
        result.bytes_moved = kinds[item->kind].bytes;
        item->downloads++;
        day->bodies++;
    }
    TALLOC_CTX *context = talloc_new(scenario);
    struct job *job = job_new(JOB_TELEGRAM, order->name, &result);
    struct store_telegram row;
    struct store_entry entry = {0};
    bool overdue;
    assert_int_equal(poll_telegram_done(scenario->poll, context, job, scenario->now + LATENCY, &row,
                                        &entry, &overdue),
                     0);
    if (overdue) {
        entry.announced = true;
        assert_int_equal(store_update_entry(scenario->store, &entry), 0);
    }
    talloc_free(job);
    talloc_free(context);
}

static void count_request(struct day *day)
{
    usec_t minute = day->scenario->now / USEC_PER_MINUTE;
    if (minute != day->minute)
        day->minute_requests = 0;
    day->minute = minute;
    day->requests++;
    day->minute_requests++;
    if (day->minute_requests > day->worst_minute)
        day->worst_minute = day->minute_requests;
}

static void live_through(struct day *day)
{
    struct scenario *scenario = day->scenario;
    while (scenario->now < MIDNIGHT + USEC_PER_DAY) {
        usec_t next;
        struct order *order;
        assert_int_equal(poll_due(scenario->poll, scenario->now, &next), 0);
        while ((order = queue_pop(scenario->orders, scenario, 0)) != NULL) {
            count_request(day);
            if (order->kind == ORDER_FETCH_FEED)
                answer_feed(day, order);
            else
                answer_telegram(day, order);
            talloc_free(order);
        }
        (void)poll_backlog_ready(scenario->poll);
        usec_t soonest = scenario->now + LATENCY;
        scenario->now = next > soonest ? next : soonest;
    }
}

static int by_delay(const void *left, const void *right)
{
    const usec_t *a = left, *b = right;
    return *a < *b ? -1 : *a > *b;
}

/* Delays of what came while we could see; all that is wanted was fetched, and once. */
static size_t judge_items(struct day *day, usec_t delays[])
{
    size_t count = 0;
    for (size_t i = 0; i < TELEGRAMS; i++) {
        const struct item *item = &day->items[i];
        assert_true(item->downloads <= 1);
        bool late = item->published > MIDNIGHT + USEC_PER_DAY - 10 * USEC_PER_MINUTE;
        bool recent = item->published >= MIDNIGHT - 3 * USEC_PER_HOUR;
        if (!wanted(item))
            assert_int_equal(item->tries, 0);
        else if (recent && !late && item->downloads != 1)
            fail_msg("%s was never fetched", item->file);
        bool seen =
            item->published > MIDNIGHT + 10 * USEC_PER_MINUTE &&
            (item->published < OUT_BEGIN - 2 * USEC_PER_MINUTE || item->published > OUT_END);
        if (wanted(item) && seen && !late && kinds[item->kind].feed < 2)
            delays[count++] = item->ordered - item->published;
    }
    return count;
}

static void a_day_with(enum server server, const char *name)
{
    struct day *day = memory_new(NULL, struct day);
    static usec_t delays[TELEGRAMS];
    day->scenario = scenario_new(feeds, 4, MIDNIGHT);
    day->server = server;
    day->random = 34;
    make_items(day);
    live_through(day);
    size_t count = judge_items(day, delays);
    int64_t bytes = poll_bytes_today(day->scenario->poll);
    qsort(delays, count, sizeof(delays[0]), by_delay);
    print_message("# %s: %zu requests (most in a minute %zu), %zu polls of which %zu unchanged, "
                  "%zu bodies, %lld MB; published to asked for: median %lld s, 99 %% %lld s\n",
                  name, day->requests, day->worst_minute, day->polls, day->unchanged, day->bodies,
                  (long long)(bytes / 1000000), (long long)(delays[count / 2] / USEC_PER_SEC),
                  (long long)(delays[count * 99 / 100] / USEC_PER_SEC));
    assert_true(count > 200);
    assert_true(bytes <= DAY_BYTES + 25 * 1000 * 1000); /* what is asked for at the limit */
    assert_true(day->requests < USEC_PER_DAY / USEC_PER_SEC);
    /* After the outage the catch-up may use its bucket of 60 in one minute. */
    assert_true(day->worst_minute <= 130);
    /* A minute until the page is made, its seconds, ours; a 503 or a page made late costs one more.
     */
    assert_true(delays[count / 2] <= 50 * USEC_PER_SEC);
    assert_true(delays[count * 95 / 100] <= DELAY_MOST + USEC_PER_MINUTE / 4);
    scenario_free(day->scenario);
    talloc_free(day);
}

static void a_day_with_validators(void **state)
{
    (void)state;
    a_day_with(WITH_VALIDATORS, "ETag and Last-Modified");
}

/* Under sanitizers one day is enough: all three run in the program as it ships. */
static void skip_when_slow(void)
{
#ifdef __SANITIZE_ADDRESS__
    print_message("# left to the release build\n");
    skip();
#endif
}

static void a_day_without_validators(void **state)
{
    (void)state;
    skip_when_slow();
    a_day_with(WITHOUT_VALIDATORS, "no validators");
}

static void a_day_with_an_etag_that_always_changes(void **state)
{
    (void)state;
    skip_when_slow();
    a_day_with(CHANGING_VALIDATORS, "an ETag that always changes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_with_validators),
        cmocka_unit_test(a_day_without_validators),
        cmocka_unit_test(a_day_with_an_etag_that_always_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
