/* What a partner hands in, without a network: the fields that a message gives, the limits of the
 * configuration, and the rules by which something is sent at once. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/alert.h"
#include "broadcast/partner.h"

#define NOW ((usec_t)1790000000 * USEC_PER_SEC)

static TALLOC_CTX *whole;
static struct area_graph *areas;
static struct catalogue *texts;
static struct broadcast_catalogue *templates;
static struct problems *problems;
static struct partner partner;

static const struct broadcast_value flood[] = {{.blank = "reason", .text = "flood"}};
static const struct partner_event events[] = {{"避難指示", "E-4", flood, 1},
                                              {"OET-999", "M-WATER-OUT", NULL, 0}};
static const char *const allowed[] = {"E-4", "M-WATER-OUT", NULL};

static int load(void **state)
{
    const char *root = getenv("NOROSHI_ROOT");
    *state = whole = talloc_new(NULL);
    problems = problems_new(whole);
    const char *messages = memory_printf(whole, "%s/messages", root);
    int r = area_graph_load(whole, memory_printf(whole, "%s/config/areas", root), problems, &areas);
    if (r >= 0)
        r = catalogue_load(whole, messages, problems, &texts);
    if (r >= 0)
        r = broadcast_catalogue_load(whole, messages, texts, problems, &templates);
    if (r < 0)
        return r;
    const struct area **own = memory_array(whole, const struct area *, 1);
    own[0] = area_find(areas, AREA_MUNICIPALITY, "01235");
    partner = (struct partner){.issuer = {"east", "石狩市", "City of Ishikari", "0133", true},
                               .handled_by = "city",
                               .areas = own,
                               .area_count = 1,
                               .templates = allowed,
                               .events = events,
                               .event_count = 2,
                               .level = 4,
                               .send_level = 2};
    return 0;
}

static int unload(void **state)
{
    talloc_free(*state);
    return 0;
}

static const struct partner_message *read_json(const char *text)
{
    const struct partner_message *message = NULL;
    problems = problems_new(whole);
    int r = partner_message_json(whole, text, problems, &message);
    assert_int_equal(r<0, problems->errors> 0);
    return message;
}

static const struct partner_message *read_cap(const char *status, const char *type,
                                              const char *infos)
{
    const struct partner_message *message = NULL;
    problems = problems_new(whole);
    const char *text =
        memory_printf(whole,
                      "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">"
                      "<identifier>a-1</identifier><sender>x</sender><sent>2026-11-26T08:30:00+09:"
                      "00</sent><status>%s</status><msgType>%s</msgType><scope>Public</scope>"
                      "<references>x,a-0,2026-11-26T08:00:00+09:00</references>%s</alert>",
                      status, type, infos);
    int r = partner_message_cap(whole, &partner, templates, texts, text, NOW, problems, &message);
    assert_int_equal(r<0, problems->errors> 0);
    return message;
}

static const char *info(const char *language, const char *event, const char *more, const char *area)
{
    return memory_printf(whole,
                         "<info><language>%s</language><category>Safety</category>%s"
                         "<urgency>Immediate</urgency><severity>Severe</severity>"
                         "<certainty>Likely</certainty>%s%s</info>",
                         language, event, more, area);
}

#define EVENT "<event>避難指示</event>"
#define AREA  "<area><areaDesc>石狩市</areaDesc>"
#define CODE  "<geocode><valueName>JIS X 0402</valueName><value>01235</value></geocode></area>"
#define OTHER                                                                                      \
    "<geocode><valueName>JMA:municipality</valueName><value>01100</value></geocode></area>"
#define CIRCLE "<circle>43.2,141.3 5</circle></area>"

static const char *value_of(const struct partner_message *message, const char *blank,
                            const char *language)
{
    const json_t *values = json_object_get(message->fields, "values");
    return json_string_value(json_object_get(json_object_get(values, blank), language));
}

static void a_webhook_gives_the_fields_of_a_draft(void **state)
{
    (void)state;
    const struct partner_message *message = read_json(
        "{\"type\": \"broadcast.update\", \"timestamp\": \"2026-11-26T08:30:00Z\", \"data\": "
        "{\"identifier\": \"e-2\", \"status\": \"Test\", \"references\": [\"e-1\"], \"template\": "
        "\"M-WATER-OUT\", \"areas\": [\"01235\"], \"values\": {\"note\": {\"ja\": \"断水\"}}}}");
    assert_non_null(message);
    assert_string_equal(message->identifier, "e-2");
    assert_true(message->drill);
    assert_int_equal(message->phase, BROADCAST_UPDATE);
    assert_string_equal(message->references[0], "e-1");
    assert_string_equal(value_of(message, "note", "ja"), "断水");
    assert_null(json_object_get(message->fields, "identifier"));
}

static void a_webhook_with_anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"{", "not JSON"},
        {"[]", "no data"},
        {"{\"type\": \"broadcast.issue\", \"data\": 1}", "no data"},
        {"{\"type\": \"alert\", \"data\": {\"identifier\": \"a\", \"status\": \"Actual\"}}",
         "type"},
        {"{\"type\": \"broadcast.issue\", \"data\": {\"status\": \"Actual\"}}", "identifier"},
        {"{\"type\": \"broadcast.issue\", \"data\": {\"identifier\": \"a\"}}", "status"},
        {"{\"type\": \"broadcast.cancel\", \"data\": {\"identifier\": \"a\", \"status\": "
         "\"Actual\"}}",
         "follows"},
        {"{\"type\": \"broadcast.issue\", \"data\": {\"identifier\": \"a\", \"status\": "
         "\"Actual\", \"everyone\": true}}",
         "no meaning"},
        {"{\"type\": \"broadcast.issue\", \"data\": {\"identifier\": \"a\", \"status\": "
         "\"Actual\", \"areas\": [1]}}",
         "list of texts"},
        {"{\"type\": \"broadcast.issue\", \"data\": {\"identifier\": \"a\", \"status\": "
         "\"Actual\", \"values\": {\"note\": {\"ja\": 1}}}}",
         "values"},
        {"{\"type\": \"broadcast.issue\", \"type\": \"broadcast.issue\", \"data\": {}}", "JSON"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(read_json(rows[i][0]));
        assert_true(text_contains(problems->items[0].what, rows[i][1]));
        assert_true(text_given(problems->items[0].instead));
    }
}

static void cap_takes_its_texts_by_language_and_its_areas_by_code(void **state)
{
    (void)state;
    const struct partner_message *message = read_cap(
        "Actual", "Alert",
        memory_printf(
            whole, "%s%s%s",
            info("ja-JP", EVENT, "<headline>川があふれます。</headline>", AREA CODE),
            info("vi-VN",
                 "<event>Sơ tán</event><eventCode><valueName>x</valueName><value>避難指示"
                 "</value></eventCode>",
                 "<headline>Nước sông dâng.</headline><parameter><valueName>noroshi:shelters"
                 "</valueName><value>Trường học</value></parameter>",
                 AREA CODE),
            info("fr", "<event>Évacuation</event>", "<headline>La rivière monte.</headline>",
                 AREA CODE)));
    assert_non_null(message);
    assert_false(message->drill);
    assert_int_equal(message->phase, BROADCAST_ISSUE);
    assert_string_equal(json_string_value(json_object_get(message->fields, "template")), "E-4");
    assert_string_equal(value_of(message, "reason", ""), "flood");
    assert_string_equal(value_of(message, "note", "ja"), "川があふれます。");
    assert_string_equal(value_of(message, "note", "vi"), "Nước sông dâng.");
    assert_string_equal(value_of(message, "shelters", "vi"), "Trường học");
    const json_t *list = json_object_get(message->fields, "areas");
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_array_get(list, 0)), "01235");
}

static void cap_that_is_not_one_thing_is_refused(void **state)
{
    (void)state;
    static const char *const words[] = {"no <event> here", "another event", "other areas",
                                        "no code",         "over already",  "no blank"};
    const char *rows[] = {
        info("ja", "<event>雑談</event>", "", AREA CODE),
        memory_printf(whole, "%s%s", info("ja", EVENT, "", AREA CODE),
                      info("en",
                           "<event>x</event><eventCode><valueName>OET:v1.2</valueName><value>"
                           "OET-999</value></eventCode>",
                           "", AREA CODE)),
        memory_printf(whole, "%s%s", info("ja", EVENT, "", AREA CODE),
                      info("en", EVENT, "", AREA OTHER)),
        info("ja", EVENT, "", AREA CIRCLE),
        info("ja", EVENT, "<expires>2020-01-01T00:00:00+09:00</expires>", AREA CODE),
        info("ja", EVENT, "<parameter><valueName>noroshi:x</valueName><value>1</value></parameter>",
             AREA CODE)};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(read_cap("Actual", "Alert", rows[i]));
        assert_true(text_contains(problems->items[0].what, words[i]));
        assert_int_equal(problems->items[0].line, 1);
        assert_true(problems->items[0].column > 1);
    }
}

static void what_cap_follows_is_told_by_its_type(void **state)
{
    (void)state;
    const char *over = "<responseType>AllClear</responseType>";
    assert_int_equal(read_cap("Actual", "Update", info("ja", EVENT, "", AREA CODE))->phase,
                     BROADCAST_UPDATE);
    assert_int_equal(read_cap("Actual", "Update",
                              info("ja", memory_printf(whole, EVENT "%s", over), "", AREA CODE))
                         ->phase,
                     BROADCAST_ALL_CLEAR);
    const struct partner_message *cancel = read_cap("Exercise", "Cancel", "");
    assert_int_equal(cancel->phase, BROADCAST_WITHDRAWN);
    assert_true(cancel->drill);
    assert_string_equal(cancel->references[0], "a-0");
}

static struct broadcast draft_of(const char *template_id, int level, const char **list,
                                 size_t count)
{
    return (struct broadcast){.id = "live-1",
                              .thread = "live-1",
                              .kind = BROADCAST_LIVE,
                              .state = BROADCAST_DRAFT,
                              .template_id = template_id,
                              .level = level,
                              .authority = "east",
                              .areas = list,
                              .area_count = count,
                              .author = "partner.east"};
}

static bool may(const struct broadcast *broadcast)
{
    problems = problems_new(whole);
    partner_check(&partner, broadcast, areas, problems);
    return problems->errors == 0;
}

static void a_partner_stays_within_what_was_agreed(void **state)
{
    (void)state;
    size_t count;
    const struct area *sea = area_list(areas, AREA_EPICENTER, &count)[0];
    const char *own[] = {"municipality:01235"}, *city[] = {"municipality:01100"},
               *all[] = {"prefecture:01"}, *mixed[] = {"municipality:01235", "municipality:01100"},
               *nothing[] = {memory_printf(whole, "epicenter:%s", sea->code)};
    struct broadcast broadcast = draft_of("E-4", 4, own, 1);
    assert_true(may(&broadcast));
    broadcast.everyone = true;
    assert_false(may(&broadcast));
    broadcast = draft_of("E-5", 5, own, 1);
    assert_false(may(&broadcast));
    broadcast = draft_of("E-4", 5, own, 1); /* the catalogue has made it graver since */
    assert_false(may(&broadcast));
    broadcast = draft_of(NULL, 5, own, 1);
    assert_false(may(&broadcast));
    const char **const others[] = {city, all, mixed, nothing};
    for (size_t i = 0; i < 4; i++) {
        broadcast = draft_of("E-4", 4, others[i], others[i] == mixed ? 2 : 1);
        assert_false(may(&broadcast));
    }
}

static void only_a_rule_sends_and_only_a_draft_in_the_own_name(void **state)
{
    (void)state;
    const char *own[] = {"municipality:01235"};
    struct broadcast broadcast = draft_of("M-WATER-OUT", 2, own, 1);
    struct broadcast *sent = partner_send(whole, &partner, &broadcast, NOW);
    assert_non_null(sent);
    assert_int_equal(sent->state, BROADCAST_SENT);
    assert_int_equal(sent->alone, ALONE_PARTNER);
    assert_string_equal(sent->sender, "partner.east");
    broadcast.level = 3;
    assert_null(partner_send(whole, &partner, &broadcast, NOW));
    broadcast = draft_of("M-WATER-OUT", 2, own, 1);
    broadcast.authority = "city";
    assert_null(partner_send(whole, &partner, &broadcast, NOW));
    broadcast = draft_of("M-WATER-OUT", 2, own, 1);
    broadcast.state = BROADCAST_SENT;
    assert_null(partner_send(whole, &partner, &broadcast, NOW));
    struct partner drafts = partner;
    drafts.send_level = 0;
    broadcast = draft_of("M-WATER-OUT", 1, own, 1);
    assert_null(partner_send(whole, &drafts, &broadcast, NOW));
}

static void an_identifier_is_one_broadcast_of_one_partner_and_kind(void **state)
{
    (void)state;
    struct partner other = partner;
    other.issuer.id = "west";
    const char *id = partner_broadcast_id(whole, &partner, BROADCAST_LIVE, "a-1");
    assert_int_equal(strlen(id), strlen("live-") + 20);
    assert_string_equal(id, partner_broadcast_id(whole, &partner, BROADCAST_LIVE, "a-1"));
    assert_string_not_equal(id, partner_broadcast_id(whole, &other, BROADCAST_LIVE, "a-1"));
    assert_string_not_equal(id, partner_broadcast_id(whole, &partner, BROADCAST_LIVE, "a-2"));
    assert_true(
        text_starts(partner_broadcast_id(whole, &partner, BROADCAST_DRILL, "a-1"), "drill-"));
}

static void staff_of_one_authority_handle_it_and_nobody_becomes_a_partner(void **state)
{
    (void)state;
    enum staff_role role;
    const struct broadcast_rules rules = {.partners = &partner, .partner_count = 1};
    assert_true(broadcast_handles(&rules, "city", "east"));
    assert_true(broadcast_handles(&rules, "east", "east"));
    assert_false(broadcast_handles(&rules, "ward", "east"));
    assert_false(broadcast_handles(&rules, "east", "city"));
    assert_ptr_equal(broadcast_issuer_find(&rules, "east"), &partner.issuer);
    assert_false(staff_role_from_name("partner", &role));
    assert_string_not_equal(person_name_fault("partner.east"), "");
    for (int right = 0; right < RIGHT_COUNT; right++)
        assert_int_equal(staff_role_has(STAFF_PARTNER, (enum right)right),
                         right == RIGHT_NONE || right == RIGHT_PARTNER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_webhook_gives_the_fields_of_a_draft),
        cmocka_unit_test(a_webhook_with_anything_else_is_refused),
        cmocka_unit_test(cap_takes_its_texts_by_language_and_its_areas_by_code),
        cmocka_unit_test(cap_that_is_not_one_thing_is_refused),
        cmocka_unit_test(what_cap_follows_is_told_by_its_type),
        cmocka_unit_test(a_partner_stays_within_what_was_agreed),
        cmocka_unit_test(only_a_rule_sends_and_only_a_draft_in_the_own_name),
        cmocka_unit_test(an_identifier_is_one_broadcast_of_one_partner_and_kind),
        cmocka_unit_test(staff_of_one_authority_handle_it_and_nobody_becomes_a_partner),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
