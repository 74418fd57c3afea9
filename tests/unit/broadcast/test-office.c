/* The office and its people: who asks, what is written, and attempts to get round it. */
#include "office_fixture.h"

static json_t *send_body(const char *token, const char *kind, struct written written)
{
    json_t *preview = ask(token, "GET", path_of(kind, written, "preview"), NULL);
    json_t *body = json_pack("{ssssss}", "hash", written.hash, "area", "札幌市", "count",
                             json_string_value(json_object_get(preview, "count")));
    json_decref(preview);
    return body;
}

static json_t *approve(const char *token, struct written written)
{
    return ask(token, "POST", path_of("live", written, "approve"),
               json_pack("{ss}", "hash", written.hash));
}

static json_t *send_live(const char *token, struct written written)
{
    return ask(token, "POST", path_of("live", written, "send"), send_body(token, "live", written));
}

static struct written sent_live(const char *author, const char *approver)
{
    struct written written = write_draft(author, "live", "E-4");
    REFUSED(approve(approver, written), "");
    REFUSED(send_live(author, written), "");
    return written;
}

static void two_people_send_and_one_takes_back(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    struct written written = sent_live(anna, bert);
    assert_int_equal(raised, 1);
    assert_string_equal(last_alert, "actual issue");
    json_t *answer = ask(anna, "POST", path_of("live", written, "false-alarm"),
                         json_pack("{ss}", "reason", "wrong ward"));
    assert_string_equal(refusal_of(answer), "");
    json_decref(answer);
    assert_int_equal(raised, 2);
    assert_string_equal(last_alert, "actual cancel");
    assert_int_equal(noticed, 1); /* operators know, and all staff */
    assert_int_equal(lettered, 1);
    assert_true(text_contains(last_letter, "誤送信として取り消されました"));
    assert_true(text_contains(last_letter, "Reason: wrong ward\n"));
    assert_true(text_contains(
        last_letter,
        memory_printf(context, "Page: https://staff.example.org/staff/live/b/%s\n", written.id)));
    REFUSED(ask(anna, "POST", path_of("live", written, "false-alarm"), NULL), "state");
    assert_int_equal(raised, 2);
}

static void attempts_by_the_wrong_people_do_nothing(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    const char *vera = person("vera", "viewer", "live"), *dora = person("dora", "drill", "drill");
    const char *bert_drill = person("berta", "approver", "drill");
    struct written mine = write_draft(bert, "live", "E-4"), hers = write_draft(anna, "live", "E-4");
    REFUSED(approve(bert, mine), "same-person");
    REFUSED(approve(anna, mine), "role");
    REFUSED(approve(vera, hers), "role");
    REFUSED(approve(bert_drill, hers), "kind");
    REFUSED(approve(dora, hers), "kind");
    REFUSED(approve(bert, hers), "");
    REFUSED(ask(vera, "POST", path_of("live", hers, "send"), send_body(vera, "live", hers)),
            "role");
    REFUSED(ask(dora, "POST", path_of("live", hers, "send"), NULL), "kind");
    REFUSED(ask(bert_drill, "POST", path_of("drill", hers, "send"), NULL), "unknown");
    REFUSED(ask("nrs_live_000000000000_0000000000000000000000000000000000000000000000000000000000"
                "000000",
                "POST", path_of("live", hers, "send"), NULL),
            "login");
    REFUSED(ask("", "POST", path_of("live", hers, "send"), NULL), "login");
    assert_int_equal(raised, 0);
    /* Nor the administrator of the machine: accounts are his, broadcasts are not. */
    json_t *answer = administer(path_of("live", hers, "send"), NULL);
    assert_string_equal(refusal_of(answer), "role");
    json_decref(answer);
}

/* ---- missiles ---- */

static size_t offered(const char *token, const char *kind)
{
    json_t *answer =
        ask(token, "GET", memory_printf(context, "/staff/api/%s/templates", kind), NULL);
    size_t i, count = 0;
    json_t *row;
    json_array_foreach(json_object_get(answer, "templates"), i, row) count +=
        text_equal(json_string_value(json_object_get(row, "group")), "missile");
    json_decref(answer);
    return count;
}

static json_t *missile_fields(void)
{
    return json_pack("{sss[s]}", "template", "E-MISSILE-1", "areas", "札幌市");
}

static struct written write_missile(const char *token, const char *kind)
{
    json_t *answer =
        ask(token, "POST", memory_printf(context, "/staff/api/%s", kind), missile_fields());
    assert_string_equal(refusal_of(answer), "");
    assert_int_equal(json_array_size(json_object_get(answer, "faults")), 0);
    struct written written = {of_broadcast(answer, "id"), of_broadcast(answer, "hash")};
    json_decref(answer);
    return written;
}

static json_t *send_missile(const char *token, struct written written, const char *words)
{
    json_t *body = send_body(token, "live", written);
    if (words != NULL)
        json_object_set_new(body, "words", json_string(words));
    return ask(token, "POST", path_of("live", written, "send"), body);
}

static void of_missiles_nobody_tells_who_is_not_named(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *carl = person("carl", "approver", "live");
    const char *dora = person("dora", "drill", "drill");
    assert_int_equal(offered(anna, "live"), 8);
    assert_int_equal(offered(carl, "live"), 0);
    assert_int_equal(offered(dora, "drill"), 8);
    REFUSED(ask(carl, "GET", "/staff/api/live/templates/E-MISSILE-1", NULL), "unknown");
    REFUSED(ask(carl, "POST", "/staff/api/live", missile_fields()), "unknown");
    REFUSED(ask(dora, "POST", "/staff/api/live", missile_fields()), "kind");
    struct written hers = write_missile(anna, "live"), his = write_draft(carl, "live", "E-4");
    REFUSED(approve(carl, hers), "named");
    REFUSED(send_missile(carl, hers, "ミサイル発射"), "named");
    json_t *turned = missile_fields();
    json_object_set_new(turned, "hash", json_string(his.hash));
    REFUSED(ask(carl, "POST", path_of("live", his, "edit"), turned), "named");
    assert_int_equal(raised, 0);
    /* Its drill is a drill, whoever practises it. */
    struct written drill = write_missile(dora, "drill");
    REFUSED(ask(dora, "POST", path_of("drill", drill, "send"), send_body(dora, "drill", drill)),
            "");
    assert_string_equal(last_alert, "exercise issue");
}

static void of_missiles_two_named_people_tell_and_anybody_takes_back(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    const char *carl = person("carl", "approver", "live");
    struct written launch = write_missile(anna, "live");
    REFUSED(send_missile(anna, launch, "ミサイル発射"), "not-approved");
    REFUSED(approve(bert, launch), "");
    REFUSED(send_missile(anna, launch, NULL), "phrase");
    REFUSED(send_missile(anna, launch, "ミサイル通過"), "phrase");
    assert_int_equal(raised, 0);
    REFUSED(send_missile(anna, launch, "ミサイル発射"), "");
    assert_string_equal(last_alert, "actual issue");
    /* Its end has words of its own. */
    json_t *answer = ask(anna, "POST", path_of("live", launch, "follow"),
                         json_pack("{ss}", "phase", "all-clear"));
    struct written over = {of_broadcast(answer, "id"), of_broadcast(answer, "hash")};
    json_decref(answer);
    REFUSED(ask(carl, "POST", path_of("live", launch, "follow"),
                json_pack("{ss}", "phase", "correction")),
            "named");
    REFUSED(approve(bert, over), "");
    REFUSED(send_missile(anna, over, "ミサイル発射"), "phrase");
    REFUSED(send_missile(anna, over, "解除"), "");
    assert_string_equal(last_alert, "actual all-clear");
    struct written wrong = write_missile(bert, "live");
    REFUSED(approve(bert, wrong), "same-person");
    struct written second = write_missile(anna, "live");
    REFUSED(approve(bert, second), "");
    REFUSED(send_missile(anna, second, "Missile launched"), "");
    REFUSED(ask(carl, "POST", path_of("live", second, "false-alarm"), NULL), "");
    assert_string_equal(last_alert, "actual cancel");
}

static void an_edit_after_the_approval_stops_the_sending(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    struct written written = write_draft(anna, "live", "E-4");
    REFUSED(approve(bert, written), "");
    json_t *body = fields("E-4", "全市");
    json_object_set_new(body, "hash", json_string(written.hash));
    json_t *answer = ask(anna, "POST", path_of("live", written, "edit"), body);
    assert_string_equal(refusal_of(answer), "");
    struct written edited = {written.id, of_broadcast(answer, "hash")};
    json_decref(answer);
    REFUSED(send_live(anna, written), "not-approved");
    REFUSED(send_live(anna, edited), "not-approved");
    /* A stale approval of the text before. */
    REFUSED(approve(bert, written), "changed");
    assert_int_equal(raised, 0);
}

static void a_repeated_request_does_nothing_twice(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    struct written written = write_draft(anna, "live", "E-4");
    REFUSED(approve(bert, written), "");
    json_t *request =
        request_of("POST", path_of("live", written, "send"), send_body(anna, "live", written));
    json_object_set_new(request, "request", json_string("a-double-click"));
    json_object_set_new(request, "bearer", json_string(anna));
    json_t *one = send_request(json_incref(request)), *two = send_request(json_incref(request));
    assert_int_equal(raised, 1);
    assert_true(json_is_true(json_object_get(json_object_get(two, "answer"), "repeated")));
    assert_true(json_is_true(json_object_get(json_object_get(two, "answer"), "ok")));
    json_decref(one);
    json_decref(two);
    /* The same id for something else, or by somebody else. */
    json_object_set_new(json_object_get(request, "body"), "area", json_string("石狩市"));
    json_t *other = send_request(json_incref(request));
    assert_string_equal(refusal_of(json_object_get(other, "answer")), "repeated-other");
    json_decref(other);
    json_object_set_new(request, "bearer", json_string(bert));
    other = send_request(json_incref(request));
    assert_string_equal(refusal_of(json_object_get(other, "answer")), "repeated-other");
    json_decref(other);
    json_object_del(request, "request");
    other = send_request(request);
    assert_string_equal(refusal_of(json_object_get(other, "answer")), "form");
    json_decref(other);
    assert_int_equal(raised, 1);
}

static json_t *login(const char *name, bool verified)
{
    json_t *request =
        request_of("POST", "/staff/api/login", json_pack("{ssss}", "name", name, "password", "x"));
    json_object_set_new(request, "origin", json_true());
    json_object_set_new(request, "verified", json_boolean(verified));
    return send_request(request);
}

static void another_page_cannot_use_a_session(void **state)
{
    (void)state;
    json_decref(administer("/staff/api/people", json_pack("{ssssss}", "name", "anna", "role",
                                                          "author", "authority", "city")));
    json_t *answer = login("anna", true);
    const char *cookie = memory_text(context, json_string_value(json_object_get(answer, "cookie")));
    const char *csrf = memory_text(context, json_string_value(json_object_get(answer, "csrf")));
    json_decref(answer);
    static const struct {
        bool origin, token;
        const char *refusal;
    } rows[] = {{true, true, ""},
                {true, false, "forged"},
                {false, true, "forged"},
                {false, false, "forged"}};
    for (size_t i = 0; i < 4; i++) {
        json_t *request = request_of("POST", "/staff/api/live", fields("E-4", "豊平区"));
        json_object_set_new(request, "cookie", json_string(cookie));
        json_object_set_new(request, "origin", json_boolean(rows[i].origin));
        json_object_set_new(request, "csrf", json_string(rows[i].token ? csrf : "guess"));
        json_object_set_new(request, "request",
                            json_string(memory_printf(context, "csrf-test-%zu", i)));
        answer = send_request(request);
        assert_string_equal(refusal_of(json_object_get(answer, "answer")), rows[i].refusal);
        json_decref(answer);
    }
    /* Fifteen idle minutes and it is over. */
    now += 15 * USEC_PER_MINUTE + USEC_PER_SEC;
    json_t *request = request_of("GET", "/staff/api/live", NULL);
    json_object_set_new(request, "cookie", json_string(cookie));
    answer = send_request(request);
    assert_string_equal(refusal_of(json_object_get(answer, "answer")), "login");
    json_decref(answer);
}

static void a_wrong_password_opens_nothing_and_tells_nothing(void **state)
{
    (void)state;
    json_decref(
        administer("/staff/api/people", json_pack("{ssss}", "name", "anna", "role", "author")));
    json_t *known = login("anna", false), *unknown = login("nobody-here", false);
    assert_true(json_equal(json_object_get(known, "answer"), json_object_get(unknown, "answer")));
    assert_null(json_object_get(known, "cookie"));
    json_decref(known);
    json_decref(unknown);
    /* Somebody who does not exist cannot be verified into existence. */
    json_t *ghost = login("nobody-here", true);
    assert_string_equal(refusal_of(json_object_get(ghost, "answer")), "login");
    json_decref(ghost);
    json_decref(administer("/staff/api/people/anna/disable", NULL));
    json_t *disabled = login("anna", true);
    assert_string_equal(refusal_of(json_object_get(disabled, "answer")), "login");
    json_decref(disabled);
}

static void what_cannot_be_is_refused_by_the_database(void **state)
{
    (void)state;
    json_t *json = json_pack("{ss}", "id", "live-1");
    const struct store_broadcast fine = {.id = "live-1",
                                         .thread = "live-1",
                                         .kind = "live",
                                         .state = "draft",
                                         .author = "anna",
                                         .last_editor = "anna",
                                         .hash = "h",
                                         .alone = "",
                                         .created_at = now,
                                         .json = json};
    struct store_broadcast row = fine;
    assert_int_equal(store_put_broadcast(store, &row), 0);
    row.approver = "anna";
    assert_int_equal(store_put_broadcast(store, &row), -EPERM);
    row.approver = "bert";
    row.last_editor = "bert";
    assert_int_equal(store_put_broadcast(store, &row), -EPERM);
    row = fine;
    row.alert_id = "live-1"; /* sent, but approved by nobody */
    assert_int_equal(store_put_broadcast(store, &row), -EPERM);
    row.approver = "bert";
    row.approved_hash = "another text";
    assert_int_equal(store_put_broadcast(store, &row), -EPERM);
    row = fine;
    row.kind = "drill";
    assert_int_equal(store_put_broadcast(store, &row), -EPERM);
    row.id = "drill-1";
    assert_int_equal(store_put_broadcast(store, &row), 0);
    row.kind = "live";
    assert_int_equal(store_put_broadcast(store, &row), -EPERM);
    row = fine;
    row.author = "mallory";
    assert_int_equal(store_put_broadcast(store, &row), -EPERM);
    json_decref(json);
    const struct store_audit gap = {.number = 7,
                                    .who = "x",
                                    .via = "x",
                                    .source = "x",
                                    .what = "x",
                                    .object = "",
                                    .why = "",
                                    .detail = "",
                                    .hash = "x"};
    assert_int_equal(store_add_audit(store, &gap), -EEXIST);
}

static void what_is_wrong_is_told_and_the_draft_is_kept(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    static const char *const bad[] = {"",
                                      "a\r\nBcc: x@example.org",
                                      "\u202egnp.exe",
                                      "<script>alert(1)</script>",
                                      "https://evil.example/",
                                      "\u2028",
                                      "\xc2\x85"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json_t *body =
            json_pack("{sss[s]s{s{ss}s{ss}}}", "template", "E-4", "areas", "札幌市", "values",
                      "reason", "", i == 0 ? "" : "flood", "note", "ja", bad[i]);
        json_t *answer = ask(anna, "POST", "/staff/api/live", body);
        assert_string_equal(refusal_of(answer), "");
        if (json_array_size(json_object_get(answer, "faults")) == 0)
            fail_msg("taken: %s", bad[i]);
        struct written written = {of_broadcast(answer, "id"), of_broadcast(answer, "hash")};
        json_decref(answer);
        REFUSED(approve(bert, written), "faults");
        REFUSED(send_live(anna, written), "faults");
    }
    /* No area, an area that does not exist, all of Japan without saying so. */
    static const char *const places[] = {"", "Atlantis", "jp", "country:jp"};
    for (size_t i = 0; i < 4; i++) {
        json_t *body = json_pack("{sss[s]s{s{ss}}}", "template", "E-4", "areas", places[i],
                                 "values", "reason", "", "flood");
        json_t *answer = ask(anna, "POST", "/staff/api/live", body);
        struct written written = {of_broadcast(answer, "id"), of_broadcast(answer, "hash")};
        json_decref(answer);
        REFUSED(approve(bert, written), "faults");
    }
    assert_int_equal(raised, 0);
}

static void the_count_is_asked_again_when_it_changed(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    struct written written = write_draft(anna, "live", "E-4");
    REFUSED(approve(bert, written), "");
    json_t *body = send_body(anna, "live", written);
    reach_total = 200;
    REFUSED(ask(anna, "POST", path_of("live", written, "send"), json_incref(body)),
            "count-changed");
    reach_total = 100;
    now += 61 * USEC_PER_SEC;
    REFUSED(ask(anna, "POST", path_of("live", written, "send"), json_incref(body)), "count-old");
    json_object_set_new(body, "count", json_string("100.9999999999999999.00"));
    REFUSED(ask(anna, "POST", path_of("live", written, "send"), body), "count-old");
    REFUSED(send_live(anna, written), "");
}

/* Hundreds of presses by three people, as the desk takes them one by one: only approved texts go
 * (test 42). */
static void whatever_the_order_one_approved_text_goes(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    const char *carl = person("carl", "approver", "live");
    const char *const tokens[] = {anna, bert, carl};
    unsigned seed = 7;
    size_t sends = 0;
    for (int round = 0; round < 6; round++) {
        struct written written = write_draft(anna, "live", "E-4");
        size_t before = raised;
        for (int step = 0; step < 60; step++) {
            const char *token = tokens[rand_r(&seed) % 3];
            json_t *shown =
                ask(anna, "GET", memory_printf(context, "/staff/api/live/b/%s", written.id), NULL);
            struct written seen = {written.id, of_broadcast(shown, "hash")};
            bool approved =
                json_is_string(json_object_get(json_object_get(shown, "broadcast"), "approver"));
            json_decref(shown);
            size_t was = raised;
            unsigned choice = rand_r(&seed) % 3;
            json_t *answer = NULL;
            if (choice == 0) {
                json_t *body = fields("E-4", memory_printf(context, "区 %u", rand_r(&seed) % 4));
                json_object_set_new(body, "hash", json_string(seen.hash));
                answer = ask(token, "POST", path_of("live", seen, "edit"), body);
            } else if (choice == 1) {
                answer = approve(token, seen);
            } else {
                answer = send_live(token, seen);
            }
            json_decref(answer);
            if (raised > was)
                assert_true(approved);
        }
        assert_true(raised <= before + 1);
        sends += raised - before;
    }
    assert_true(sends >= 4); /* otherwise this shows nothing */
}

static void a_silence_for_level_four_needs_two(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    char until[CLOCK_TEXT_BYTES];
    bool changed;
    clock_format_jst(now + 2 * USEC_PER_HOUR, until);
    REFUSED(ask(anna, "POST", "/staff/api/silence",
                json_pack("{sss[s]sssiss}", "hazard", "tsunami", "areas", "札幌市", "until", until,
                          "level_max", 1, "reason", "too many of them")),
            "faults");
    REFUSED(ask(anna, "POST", "/staff/api/silence",
                json_pack("{sss[s]sssi}", "hazard", "fog", "areas", "札幌市", "until", until,
                          "level_max", 2)),
            "reason");
    json_t *answer = ask(anna, "POST", "/staff/api/silence",
                         json_pack("{sss[s]sssiss}", "hazard", "rain", "areas", "札幌市", "until",
                                   until, "level_max", 5, "reason", "a broken rain gauge"));
    const char *id = memory_text(
        context, json_string_value(json_object_get(json_object_get(answer, "silence"), "id")));
    json_decref(answer);
    assert_int_equal(office_due(office, now, now, &changed), 0);
    assert_null(office_silences(office));
    const char *path = memory_printf(context, "/staff/api/silence/%s/approve", id);
    REFUSED(ask(anna, "POST", path, NULL), "role");
    REFUSED(ask(bert, "POST", path, NULL), "");
    assert_int_equal(office_due(office, now, now, &changed), 0);
    assert_non_null(office_silences(office));
}

static void everything_is_in_the_log_and_the_log_holds(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    struct written written = sent_live(anna, bert);
    REFUSED(ask(anna, "POST", path_of("live", written, "approve"), NULL), "role");
    json_t *answer = ask(bert, "GET", "/staff/api/audit/verify", NULL);
    assert_true(json_is_true(json_object_get(answer, "intact")));
    json_decref(answer);
    answer = ask(bert, "GET", "/staff/api/audit", NULL);
    char *log = json_dumps(answer, 0);
    static const char *const expected[] = {"live-draft ok",    "live-approve ok", "live-preview ok",
                                           "live-send ok",     "people-add ok",   "people-token ok",
                                           "live-approve role"};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_non_null(strstr(log, expected[i]));
    assert_null(strstr(log, anna)); /* no token */
    assert_null(strstr(log, "shown-once"));
    free(log);
    json_decref(answer);
}

static void a_report_has_the_timeline(void **state)
{
    (void)state;
    const char *anna = person("anna", "author", "live"), *bert = person("bert", "approver", "live");
    struct written written = sent_live(anna, bert);
    json_decref(ask(anna, "POST", path_of("live", written, "false-alarm"),
                    json_pack("{ss}", "reason", "=wrong \"ward\"")));
    json_t *request = request_of("GET", path_of("live", written, "report"), NULL);
    json_object_set_new(json_object_get(request, "query"), "format", json_string("csv"));
    json_object_set_new(request, "bearer", json_string(anna));
    json_t *whole_answer = send_request(request);
    const json_t *answer = json_object_get(whole_answer, "answer");
    assert_int_equal(json_array_size(json_object_get(answer, "thread")), 2);
    assert_true(json_array_size(json_object_get(answer, "timeline")) >= 4);
    const char *csv = json_string_value(json_object_get(answer, "csv"));
    assert_non_null(strstr(csv, "\"'=wrong \"\"ward\"\"\""));
    json_decref(whole_answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(two_people_send_and_one_takes_back),
        FRESH(attempts_by_the_wrong_people_do_nothing),
        FRESH(of_missiles_nobody_tells_who_is_not_named),
        FRESH(of_missiles_two_named_people_tell_and_anybody_takes_back),
        FRESH(an_edit_after_the_approval_stops_the_sending),
        FRESH(a_repeated_request_does_nothing_twice),
        FRESH(another_page_cannot_use_a_session),
        FRESH(a_wrong_password_opens_nothing_and_tells_nothing),
        FRESH(what_cannot_be_is_refused_by_the_database),
        FRESH(what_is_wrong_is_told_and_the_draft_is_kept),
        FRESH(the_count_is_asked_again_when_it_changed),
        FRESH(whatever_the_order_one_approved_text_goes),
        FRESH(a_silence_for_level_four_needs_two),
        FRESH(everything_is_in_the_log_and_the_log_holds),
        FRESH(a_report_has_the_timeline),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
