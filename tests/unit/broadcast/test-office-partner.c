/* Partners at the office, over a real store: proof, repetition, limits, and what the audit log
 * keeps. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/signature.h"
#include "base/text.h"
#include "broadcast/office.h"
#include "broadcast/partner.h"
#include "message/broadcast_alert.h"

#define START  ((usec_t)1790000000 * USEC_PER_SEC)
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static TALLOC_CTX *whole, *context;
static struct area_graph *areas;
static struct catalogue *texts;
static struct broadcast_catalogue *templates;
static struct store *store;
static struct office *office;
static usec_t now;
static size_t raised, noticed;
static bool in_maintenance;
static struct partner partners[2];
static struct broadcast_issuer issuers[] = {
    {"city", "札幌市", "City of Sapporo", "011", true, NULL}};
static struct broadcast_rules rules = {.issuers = issuers,
                                       .issuer_count = 1,
                                       .partners = partners,
                                       .partner_count = 2,
                                       .approval = {true, true, true, true, true, true},
                                       .break_glass_level = 5,
                                       .break_glass_phrase = "I alone send this now",
                                       .drill_lasts = USEC_PER_HOUR};

static int raise_alert(void *userdata, TALLOC_CTX *scratch, struct alert *alert, usec_t at,
                       size_t *ret_deliveries)
{
    (void)userdata, (void)scratch, (void)alert, (void)at;
    raised++;
    *ret_deliveries = 1;
    return 0;
}

static int count_reach(void *userdata, TALLOC_CTX *scratch, const struct alert *alert,
                       json_t **ret_reach)
{
    (void)userdata, (void)scratch, (void)alert;
    *ret_reach = json_pack("{si}", "total", 1);
    return 0;
}

static void take_notice(void *userdata, const char *text)
{
    (void)userdata;
    assert_true(text_contains(text, "partner "));
    noticed++;
}

static int take_letter(void *userdata, TALLOC_CTX *scratch, const struct letter *letter, usec_t at)
{
    (void)userdata, (void)scratch, (void)letter, (void)at;
    return 0;
}

static const char *paused(void *userdata)
{
    (void)userdata;
    return in_maintenance ? "work on the machine" : NULL;
}

static int load(void **state)
{
    static const char *const allowed[] = {"M-WATER-OUT", NULL};
    const char *root = getenv("NOROSHI_ROOT");
    *state = whole = talloc_new(NULL);
    struct problems *problems = problems_new(whole);
    const char *messages = memory_printf(whole, "%s/messages", root);
    int r = area_graph_load(whole, memory_printf(whole, "%s/config/areas", root), problems, &areas);
    if (r >= 0)
        r = catalogue_load(whole, messages, problems, &texts);
    if (r >= 0)
        r = broadcast_catalogue_load(whole, messages, texts, problems, &templates);
    if (r < 0)
        return r;
    catalogue_take_broadcasts(texts, templates);
    const struct area **own = memory_array(whole, const struct area *, 1);
    own[0] = area_find(areas, AREA_MUNICIPALITY, "01235");
    for (size_t i = 0; i < 2; i++)
        partners[i] = (struct partner){
            .issuer = {i == 0 ? "east" : "west", "石狩市", "City of Ishikari", "0133", false},
            .handled_by = "city",
            .secret = SECRET,
            .areas = own,
            .area_count = 1,
            .templates = allowed,
            .level = 2};
    return secret_setup();
}

static int unload(void **state)
{
    talloc_free(*state);
    return 0;
}

static int set_up(void **state)
{
    int owner = 0;
    *state = NULL;
    context = talloc_new(NULL);
    now = START;
    raised = noticed = 0;
    in_maintenance = false;
    partners[0].send_level = 0;
    if (store_open(context, ":memory:", problems_new(context), &owner, &store) < 0)
        return -1;
    office = office_new(context, &(struct office_options){.store = store,
                                                          .areas = areas,
                                                          .texts = texts,
                                                          .templates = templates,
                                                          .rules = &rules,
                                                          .operations = {.raise = raise_alert,
                                                                         .reach = count_reach,
                                                                         .notice = take_notice,
                                                                         .letter = take_letter,
                                                                         .paused = paused}});
    return office_start(office, now);
}

static int tear_down(void **state)
{
    *state = NULL;
    store_close(store);
    talloc_free(context);
    return 0;
}

static const char *message(const char *identifier, const char *type, const char *more)
{
    return memory_printf(context,
                         "{\"type\": \"broadcast.%s\", \"data\": {\"identifier\": \"%s\", "
                         "\"status\": \"Actual\"%s}}",
                         type, identifier, more);
}

#define CONTENT ", \"template\": \"M-WATER-OUT\", \"areas\": [\"01235\"]"
#define FOLLOWS ", \"references\": [\"a-1\"]"

/* "made", "refusal" or a member of "broadcast", whichever is there. */
static const char *post(const char *partner, const char *id, const char *raw, const char *key)
{
    char *signature;
    bool changed;
    json_t *answer;
    int64_t seconds = now / USEC_PER_SEC;
    assert_int_equal(signature_make(context, SECRET, id, seconds, raw, strlen(raw), &signature), 0);
    json_t *request =
        json_pack("{sssssssss{ssss}s{ssssss}}", "method", "POST", "path",
                  memory_printf(context, "/partner/live/%s", partner), "from", "192.0.2.7",
                  "language", "en", "body", "raw", raw, "type", "json", "webhook", "id", id,
                  "timestamp", memory_printf(context, "%lld", (long long)seconds), "signature",
                  key != NULL && strcmp(key, "forged") == 0 ? "v1,AAAA" : signature);
    assert_non_null(request);
    assert_int_equal(office_answer(context, office, request, now, &answer, &changed), 0);
    const json_t *inner = json_object_get(answer, "answer");
    const char *text = json_string_value(json_object_get(inner, key != NULL ? key : "made"));
    if (text == NULL)
        text = json_string_value(json_object_get(inner, "refusal"));
    text = memory_text(context, text != NULL ? text : "nothing");
    json_decref(request);
    json_decref(answer);
    return text;
}

static size_t audited(const char *what)
{
    struct store_audit *rows;
    size_t count, found = 0;
    assert_int_equal(store_page_audit(store, context, 0, 1000, &rows, &count), 0);
    for (size_t i = 0; i < count; i++)
        found += strcmp(rows[i].what, what) == 0;
    return found;
}

static void a_message_is_taken_once_per_partner(void **state)
{
    (void)state;
    const char *raw = message("a-1", "issue", CONTENT);
    assert_string_equal(post("east", "msg_1", raw, NULL), "draft");
    assert_string_equal(post("east", "msg_1", raw, NULL), "draft");
    assert_string_equal(post("east", "msg_2", raw, NULL), "draft");
    assert_string_equal(post("east", "msg_1", message("a-2", "issue", CONTENT), NULL),
                        "repeated-other");
    assert_string_equal(post("west", "msg_1", raw, NULL), "draft"); /* another's own */
    json_t *rows = NULL;
    assert_int_equal(store_list_broadcasts(store, "live", NULL, 10, &rows), 0);
    assert_int_equal(json_array_size(rows), 2);
    json_decref(rows);
    assert_int_equal(noticed, 2);
    assert_int_equal(raised, 0);
    assert_int_equal(audited("partner-live ok"), 3); /* the webhook's repetition is no arrival */
}

static void what_follows_a_draft_replaces_it_and_a_cancel_drops_it(void **state)
{
    (void)state;
    assert_string_equal(post("east", "m1", message("a-1", "issue", CONTENT), NULL), "draft");
    assert_string_equal(post("west", "m2", message("b-1", "cancel", FOLLOWS), NULL), "unknown");
    assert_string_equal(post("east", "m3", message("a-2", "update", CONTENT FOLLOWS), NULL),
                        "draft");
    assert_string_equal(
        post("east", "m4", message("a-3", "cancel", ", \"references\": [\"a-2\"]"), NULL),
        "dropped");
    json_t *rows = NULL;
    assert_int_equal(store_list_broadcasts(store, "live", NULL, 10, &rows), 0);
    assert_int_equal(json_array_size(rows), 2);
    for (size_t i = 0; i < 2; i++) {
        const json_t *row = json_array_get(rows, i);
        assert_string_equal(json_string_value(json_object_get(row, "state")), "dropped");
        assert_string_equal(json_string_value(json_object_get(row, "phase")), "issue");
    }
    json_decref(rows);
}

static void a_rule_sends_at_once_and_the_store_knows_that_nobody_approved(void **state)
{
    (void)state;
    partners[0].send_level = 2;
    assert_string_equal(post("east", "m1", message("a-1", "issue", CONTENT), NULL), "broadcast");
    assert_int_equal(raised, 1);
    json_t *rows = NULL;
    assert_int_equal(store_list_broadcasts(store, "live", NULL, 10, &rows), 0);
    const json_t *row = json_array_get(rows, 0);
    assert_string_equal(json_string_value(json_object_get(row, "sender")), "partner.east");
    assert_int_equal(json_integer_value(json_object_get(row, "alone")), ALONE_PARTNER);
    json_decref(rows);
    assert_string_equal(post("east", "m2", message("a-2", "all-clear", FOLLOWS), NULL),
                        "broadcast");
    assert_string_equal(post("east", "m3", message("a-3", "update", FOLLOWS), NULL), "state");
    assert_int_equal(raised, 2);
}

/* H-12: what is new waits for a person; what ends an alert does not. */
static void in_maintenance_a_rule_sends_nothing_new(void **state)
{
    (void)state;
    partners[0].send_level = 2;
    assert_string_equal(post("east", "m1", message("a-1", "issue", CONTENT), NULL), "broadcast");
    in_maintenance = true;
    assert_string_equal(post("east", "m2", message("b-1", "issue", CONTENT), NULL), "draft");
    assert_string_equal(post("east", "m3", message("a-2", "all-clear", FOLLOWS), NULL),
                        "broadcast");
    assert_int_equal(raised, 2);
}

static void forgers_fill_no_log_and_a_partner_no_desk(void **state)
{
    (void)state;
    const char *raw = message("a-1", "issue", CONTENT);
    for (int i = 0; i < 40; i++)
        assert_string_equal(post("east", "m1", raw, "forged"), "login");
    assert_int_equal(audited("partner-live login"), 20);
    assert_string_equal(post("nobody", "m1", raw, NULL), "login");
    assert_int_equal(audited("partner-live login"), 20);
    for (int i = 0; i < 120; i++)
        (void)post("east", memory_printf(context, "m-%d", i), raw, NULL);
    assert_string_equal(post("east", "m-120", raw, NULL), "wait");
    assert_string_equal(post("west", "m-120", raw, NULL), "draft"); /* who is not to blame */
    now += USEC_PER_HOUR;
    assert_string_equal(post("east", "m-121", raw, NULL), "draft");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_message_is_taken_once_per_partner, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_follows_a_draft_replaces_it_and_a_cancel_drops_it,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_rule_sends_at_once_and_the_store_knows_that_nobody_approved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(in_maintenance_a_rule_sends_nothing_new, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgers_fill_no_log_and_a_partner_no_desk, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
