/* CAP 1.2 that comes in: what is read, and what is refused with its line and column. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/cap.h"

/* The standard's elements in its order, each line one of them. */
#define HEAD                                                                                       \
    "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\">\n"                                     \
    "<identifier>a-1</identifier>\n"                                                               \
    "<sender>x@example.org</sender>\n"                                                             \
    "<sent>2026-11-26T08:30:00+09:00</sent>\n"                                                     \
    "<status>Actual</status>\n"                                                                    \
    "<msgType>Alert</msgType>\n"                                                                   \
    "<scope>Public</scope>\n"
#define INFO                                                                                       \
    "<info><language>ja</language><category>Safety</category>\n"                                   \
    "<event>避難指示</event><responseType>Evacuate</responseType>\n"                           \
    "<urgency>Immediate</urgency><severity>Extreme</severity><certainty>Likely</certainty>\n"      \
    "<expires>2026-11-26T20:30:00+09:00</expires><headline>川があふれます。</headline>\n"  \
    "<parameter><valueName>noroshi:reason</valueName><value>flood</value></parameter>\n"           \
    "<area><areaDesc>石狩市</areaDesc>\n"                                                       \
    "<geocode><valueName>JIS X 0402</valueName><value>01235</value></geocode></area></info>\n"
#define GOOD HEAD INFO "</alert>\n"

static TALLOC_CTX *context;
static struct problems *problems;

static int set_up(void **state)
{
    *state = context = talloc_new(NULL);
    problems = problems_new(context);
    return 0;
}

static int tear_down(void **state)
{
    talloc_free(*state);
    return 0;
}

static const struct cap_alert *read_text(const char *text)
{
    const struct cap_alert *alert = NULL;
    problems = problems_new(context);
    int r = cap_parse(context, "body", text, strlen(text), problems, &alert);
    assert_int_equal(r < 0, alert == NULL);
    assert_int_equal(r<0, problems->errors> 0);
    return alert;
}

static const char *with(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    assert_non_null(at);
    return memory_printf(context, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
}

static void an_alert_is_read_as_it_is(void **state)
{
    (void)state;
    const struct cap_alert *alert = read_text(GOOD);
    assert_non_null(alert);
    assert_string_equal(alert->identifier, "a-1");
    assert_int_equal(alert->status, CAP_ACTUAL);
    assert_int_equal(alert->message_type, CAP_ALERT);
    assert_int_equal(alert->info_count, 1);
    const struct cap_info *info = &alert->infos[0];
    assert_string_equal(info->event, "避難指示");
    assert_string_equal(info->headline, "川があふれます。");
    assert_null(info->description);
    assert_false(info->all_clear);
    assert_int_equal(info->expires - alert->sent, 12 * USEC_PER_HOUR);
    assert_string_equal(info->parameters[0].value, "flood");
    assert_int_equal(info->parameters[0].line, 12);
    assert_string_equal(info->areas[0].geocodes[0].value, "01235");
    assert_false(info->areas[0].shape);
}

static void a_cancel_needs_references_and_no_info(void **state)
{
    (void)state;
    const char *cancel = with(HEAD "</alert>", "Alert</msgType>", "Cancel</msgType>");
    assert_null(read_text(cancel));
    const char *references = "<scope>Public</scope><references>x@example.org,a-0,"
                             "2026-11-26T08:00:00+09:00 x@example.org,a-1,"
                             "2026-11-26T08:10:00+09:00</references>";
    const struct cap_alert *alert = read_text(with(cancel, "<scope>Public</scope>", references));
    assert_non_null(alert);
    assert_int_equal(alert->reference_count, 2);
    assert_string_equal(alert->references[1], "a-1");
    assert_null(read_text(with(cancel, "<scope>Public</scope>",
                               "<scope>Public</scope><references>a-0</references>")));
}

static void what_is_wrong_is_named_where_it_stands(void **state)
{
    (void)state;
    static const struct {
        const char *old, *new, *words;
        unsigned line;
    } rows[] = {{":cap:1.2", ":cap:1.1", "not a CAP 1.2 alert", 1},
                {"<identifier>a-1</identifier>", "", "lacks <identifier>", 1},
                {">a-1<", ">a 1<", "is not a name", 2},
                {">a-1<", ">a,1<", "is not a name", 2},
                {"T08:30:00+09:00</sent>", "</sent>", "is not a time", 4},
                {"Actual", "System", "a word that is not taken", 5},
                {"Alert</msgType>", "Ack</msgType>", "a word that is not taken", 6},
                {"Public", "Restricted", "a word that is not taken", 7},
                {"<event>避難指示</event>", "", "lacks <event>", 8},
                {"<severity>Extreme</severity>", "", "lacks <severity>", 8},
                {"<value>01235</value>", "", "lacks <value>", 14},
                {"<areaDesc>石狩市</areaDesc>", "", "lacks <areaDesc>", 13}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_null(read_text(with(GOOD, rows[i].old, rows[i].new)));
        assert_true(text_contains(problems->items[0].what, rows[i].words));
        assert_int_equal(problems->items[0].line, rows[i].line);
        assert_true(problems->items[0].column > 0);
        assert_true(text_given(problems->items[0].instead));
    }
}

static void no_document_reads_files_or_grows(void **state)
{
    (void)state;
    assert_null(read_text("<!DOCTYPE alert [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" GOOD));
    assert_null(read_text("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" GOOD));
    assert_null(read_text(with(GOOD, ">a-1<", ">&x;<")));
    assert_null(read_text(""));
    assert_null(read_text("{\"type\": \"broadcast.issue\"}"));
    char *large = memory_array(context, char, CAP_BYTES_MAX + 2);
    memset(large, ' ', CAP_BYTES_MAX + 1);
    memcpy(large, GOOD, strlen(GOOD));
    assert_null(read_text(large));
    const char *info = INFO, *all = HEAD;
    for (int i = 0; i < CAP_INFOS_MAX + 1; i++)
        all = memory_printf(context, "%s%s", all, info);
    assert_null(read_text(memory_printf(context, "%s</alert>", all)));
    assert_true(text_contains(problems->items[0].what, "too often"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alert_is_read_as_it_is),
        cmocka_unit_test(a_cancel_needs_references_and_no_info),
        cmocka_unit_test(what_is_wrong_is_named_where_it_stands),
        cmocka_unit_test(no_document_reads_files_or_grows),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
