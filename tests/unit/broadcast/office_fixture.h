/* An office over a real store, and people who ask it. What the program around it would do is
 * remembered here instead of done. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/memory.h"
#include "base/text.h"
#include "broadcast/audit.h"
#include "broadcast/office.h"
#include "message/broadcast_alert.h"

#define START ((usec_t)1790000000 * USEC_PER_SEC)

static TALLOC_CTX *whole, *context;
static struct area_graph *areas;
static struct catalogue *texts;
static struct broadcast_catalogue *templates;
static struct store *store;
static struct office *office;
static usec_t now;

/* What was raised. */
static size_t raised, noticed, lettered;
static char last_alert[64], last_notice[300], last_letter[4000];
static int reach_total;

static const char *const hosts[] = {"city.example.jp", NULL};
static const char *const named[] = {"anna", "bert", NULL};
static struct broadcast_issuer issuers[] = {
    {"city", "札幌市危機管理局", "City of Sapporo", "011-211-2111", true, named},
    {"ward", "石狩市", "City of Ishikari", "0133-72-3111", false, NULL},
};
static const struct broadcast_rules rules = {.issuers = issuers,
                                             .issuer_count = 2,
                                             .approval = {true, true, true, true, true, true},
                                             .break_glass_level = 5,
                                             .break_glass_phrase = "I alone send this now",
                                             .hosts = hosts,
                                             .drill_lasts = USEC_PER_HOUR};

static int raise_alert(void *userdata, TALLOC_CTX *scratch, struct alert *alert, usec_t at,
                       size_t *ret_deliveries)
{
    (void)userdata;
    (void)scratch;
    json_t *json = alert_to_json(alert);
    const struct store_alert row = {.id = alert->id,
                                    .event_id = alert->event_id,
                                    .event_key = alert->event_key,
                                    .status = telegram_status_name(alert->status),
                                    .level = alert->level,
                                    .in_force = alert_in_force(alert, at),
                                    .issued_at = at,
                                    .expires = alert->expires,
                                    .json = json,
                                    .sent = true};
    bool fresh;
    int r = store_put_alert(store, &row, &fresh);
    json_decref(json);
    raised++;
    snprintf(last_alert, sizeof(last_alert), "%s %s", telegram_status_name(alert->status),
             alert_phase_name(alert->phase));
    *ret_deliveries = (size_t)reach_total;
    return r;
}

static int count_reach(void *userdata, TALLOC_CTX *scratch, const struct alert *alert,
                       json_t **ret_reach)
{
    (void)userdata;
    (void)scratch;
    (void)alert;
    *ret_reach = json_pack("{si}", "total", reach_total);
    return 0;
}

static void take_notice(void *userdata, const char *text)
{
    (void)userdata;
    noticed++;
    snprintf(last_notice, sizeof(last_notice), "%s", text);
}

static int take_letter(void *userdata, TALLOC_CTX *scratch, const struct letter *letter, usec_t at)
{
    (void)userdata;
    (void)scratch;
    (void)at;
    lettered++;
    snprintf(last_letter, sizeof(last_letter), "%s\n%s\n%s\n%s", letter->subject[0],
             letter->text[0], letter->subject[1], letter->text[1]);
    return 0;
}

static int load(void **state)
{
    const char *root = getenv("NOROSHI_ROOT");
    whole = talloc_new(NULL);
    *state = whole;
    struct problems *problems = problems_new(whole);
    const char *messages = memory_printf(whole, "%s/messages", root);
    int r = area_graph_load(whole, memory_printf(whole, "%s/config/areas", root), problems, &areas);
    if (r >= 0)
        r = catalogue_load(whole, messages, problems, &texts);
    if (r >= 0)
        r = broadcast_catalogue_load(whole, messages, texts, problems, &templates);
    if (r >= 0)
        catalogue_take_broadcasts(texts, templates);
    return r >= 0 ? secret_setup() : r;
}

static int unload(void **state)
{
    talloc_free(*state);
    return 0;
}

static void make_office(void)
{
    const struct office_options options = {.store = store,
                                           .areas = areas,
                                           .texts = texts,
                                           .templates = templates,
                                           .rules = &rules,
                                           .origin = "https://staff.example.org",
                                           .operations = {.raise = raise_alert,
                                                          .reach = count_reach,
                                                          .notice = take_notice,
                                                          .letter = take_letter}};
    office = office_new(context, &options);
}

static int set_up(void **state)
{
    int owner = 0;
    *state = NULL;
    context = talloc_new(NULL);
    now = START;
    raised = noticed = lettered = 0;
    reach_total = 100;
    if (store_open(context, ":memory:", problems_new(context), &owner, &store) < 0)
        return -1;
    make_office();
    return office_start(office, now);
}

static int tear_down(void **state)
{
    *state = NULL;
    store_close(store);
    talloc_free(context);
    return 0;
}

/* ---- asking ---- */

static json_t *send_request(json_t *request)
{
    json_t *answer = NULL;
    bool changed;
    assert_int_equal(office_answer(context, office, request, now, &answer, &changed), 0);
    json_decref(request);
    return answer;
}

static json_t *request_of(const char *method, const char *path, json_t *body)
{
    return json_pack("{sssssssssoso}", "method", method, "path", path, "from", "192.0.2.7",
                     "language", "en", "body", body != NULL ? body : json_object(), "query",
                     json_object());
}

static unsigned serial;

static json_t *ask(const char *token, const char *method, const char *path, json_t *body)
{
    char id[32];
    json_t *request = request_of(method, path, body);
    snprintf(id, sizeof(id), "request-%u", ++serial);
    json_object_set_new(request, "request", json_string(id));
    json_object_set_new(request, "bearer", json_string(token));
    json_t *whole_answer = send_request(request);
    json_t *answer = json_incref(json_object_get(whole_answer, "answer"));
    json_decref(whole_answer);
    return answer;
}

static const char *refusal_of(const json_t *answer)
{
    const char *refusal = json_string_value(json_object_get(answer, "refusal"));
    return refusal != NULL ? refusal : "";
}

#define REFUSED(answer, name)                                                                      \
    do {                                                                                           \
        json_t *got = (answer);                                                                    \
        assert_string_equal(refusal_of(got), name);                                                \
        json_decref(got);                                                                          \
    } while (0)

static json_t *administer(const char *path, json_t *body)
{
    json_t *request = request_of("POST", path, body);
    json_object_set_new(request, "console", json_string("0"));
    json_object_set_new(request, "password", json_string("shown-once"));
    json_object_set_new(request, "password_hash", json_string("$argon2id$test"));
    json_t *whole_answer = send_request(request);
    json_t *answer = json_incref(json_object_get(whole_answer, "answer"));
    json_decref(whole_answer);
    return answer;
}

static const char *person(const char *name, const char *role, const char *reach)
{
    char path[100];
    json_t *answer = administer("/staff/api/people", json_pack("{ssssss}", "name", name, "role",
                                                               role, "authority", "city"));
    json_decref(answer);
    snprintf(path, sizeof(path), "/staff/api/people/%s/token", name);
    answer = administer(path, json_pack("{ss}", "reach", reach));
    const char *token = memory_text(context, json_string_value(json_object_get(answer, "token")));
    json_decref(answer);
    return token;
}

static json_t *fields(const char *template_id, const char *districts)
{
    return json_pack("{sss[s]s{s{ss}s{ss}}}", "template", template_id, "areas", "札幌市", "values",
                     "reason", "", "flood", "districts", "ja", districts);
}

static const char *of_broadcast(const json_t *answer, const char *key)
{
    return memory_text(
        context, json_string_value(json_object_get(json_object_get(answer, "broadcast"), key)));
}

struct written {
    const char *id, *hash;
};

static struct written write_draft(const char *token, const char *kind, const char *template_id)
{
    json_t *answer = ask(token, "POST", memory_printf(context, "/staff/api/%s", kind),
                         fields(template_id, "豊平区"));
    assert_string_equal(refusal_of(answer), "");
    assert_int_equal(json_array_size(json_object_get(answer, "faults")), 0);
    struct written written = {of_broadcast(answer, "id"), of_broadcast(answer, "hash")};
    json_decref(answer);
    return written;
}

static const char *path_of(const char *kind, struct written written, const char *verb)
{
    return memory_printf(context, "/staff/api/%s/b/%s/%s", kind, written.id, verb);
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
