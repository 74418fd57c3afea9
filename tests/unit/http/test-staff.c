/* The staff console's pages as functions: what stands in them is escaped, live and drill never look
 * alike, nothing is chosen beforehand, what was typed is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "http/staff_page.h"

struct fixture {
    struct staff_pages pages;
    json_t *person;
};

static int begin(void **state)
{
    struct fixture *fixture = memory_new(NULL, struct fixture);
    struct problems *problems = problems_new(fixture);
    struct catalogue *texts;
    struct broadcast_catalogue *templates;
    struct area_graph *areas;
    const char *root = getenv("NOROSHI_ROOT");
    root = root != NULL ? root : ".";
    const char *messages = memory_printf(fixture, "%s/messages", root);
    if (catalogue_load(fixture, messages, problems, &texts) < 0 ||
        broadcast_catalogue_load(fixture, messages, texts, problems, &templates) < 0 ||
        area_graph_load(fixture, memory_printf(fixture, "%s/config/areas", root), problems,
                        &areas) < 0)
        return -1;
    fixture->pages = (struct staff_pages){.texts = texts,
                                          .templates = templates,
                                          .areas = areas,
                                          .render = staff_page_render,
                                          .asset = staff_page_asset};
    fixture->person =
        json_pack("{ssssss}", "name", "a", "shown_name", "<i>Aoki</i>", "role", "approver");
    *state = fixture;
    return 0;
}

static int end(void **state)
{
    struct fixture *fixture = *state;
    json_decref(fixture->person);
    talloc_free(fixture);
    return 0;
}

/* The page of a JSON text, which every caller's test owns. */
static const char *render(struct fixture *fixture, const char *page, bool drill,
                          const char *language, const char *data)
{
    json_t *json = json_loads(data, 0, NULL);
    assert_non_null(json);
    const struct staff_view view = {.page = page,
                                    .language = language,
                                    .data = json,
                                    .person = fixture->person,
                                    .csrf = "token-of-the-form",
                                    .request = "fresh",
                                    .nonce = "nonce",
                                    .query = "",
                                    .drill = drill,
                                    .now = (usec_t)1704093720 * USEC_PER_SEC};
    const char *html = staff_page_render(fixture, &fixture->pages, &view);
    json_decref(json);
    return html;
}

#define TEMPLATE                                                                                   \
    "\"template\":{\"id\":\"M-CHARGE\",\"title\":\"<script>alert(1)</script>\",\"level\":1,"       \
    "\"colour\":\"white\",\"areas\":true,\"valid_minutes\":60,\"blanks\":["                        \
    "{\"name\":\"name\",\"label\":\"Name\",\"type\":\"place\",\"required\":true,\"characters\":"   \
    "80},{\"name\":\"services\",\"label\":\"There is\",\"type\":\"choice\",\"several\":true,"      \
    "\"choices\":[{\"key\":\"wifi\",\"text\":\"Wi-Fi\"},{\"key\":\"food\",\"text\":\"food\"}]}]}"
#define BROADCAST                                                                                  \
    "\"broadcast\":{\"id\":\"live-1\",\"kind\":\"live\",\"state\":\"draft\",\"phase\":\"issue\","  \
    "\"template\":\"M-CHARGE\",\"title\":\"Charge\",\"colour\":\"white\",\"level\":1,\"hash\":"    \
    "\"0123456789abcdef0123\",\"needs_approval\":true,\"can\":[\"approve\",\"send\",\"edit\"],"    \
    "\"areas\":[{\"area\":\"municipality:01100\",\"name\":\"Sapporo City\",\"name_ja\":"           \
    "\"札幌市\"}],\"values\":{\"name\":{\"ja\":\"</textarea><b>\"},\"services\":{\"\":"         \
    "\"food\"}}}"

static void test_live_and_drill_never_alike(void **state)
{
    const char *live = render(*state, "live-new", false, "en", "{\"templates\":[]}");
    const char *drill = render(*state, "drill-new", true, "en", "{\"templates\":[]}");
    assert_non_null(strstr(live, "<title>LIVE: "));
    assert_non_null(strstr(live, "<body class=\"live\">"));
    assert_non_null(strstr(live, "<h1>LIVE: "));
    assert_non_null(strstr(drill, "<title>DRILL: "));
    assert_non_null(strstr(drill, "<body class=\"drill\">"));
    assert_non_null(strstr(drill, "<h1>DRILL: "));
    assert_null(strstr(drill, "<strong>LIVE</strong>"));
    assert_non_null(strstr(render(*state, "live-new", false, "ja", "{}"), "<title>本番: "));
    assert_non_null(strstr(render(*state, "drill-new", true, "ja", "{}"), "<title>訓練: "));
}

/* A page that was not carried out stands under its kind too. */
static void test_refused_drill_is_a_drill_page(void **state)
{
    const char *page = render(*state, "refused", true, "en", "{\"text\":\"no\"}");
    assert_non_null(strstr(page, "<body class=\"drill\">"));
}

static void test_nothing_is_chosen_beforehand(void **state)
{
    const char *page = render(*state, "live-write", false, "en", "{" TEMPLATE "}");
    assert_null(strstr(page, " checked"));
    assert_null(strstr(page, " selected"));
    assert_null(strstr(page, "<script>alert"));
    assert_non_null(strstr(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_non_null(strstr(page, "&lt;i&gt;Aoki&lt;/i&gt;"));
    assert_non_null(strstr(page, "action=\"/staff/api/live\""));
    assert_non_null(strstr(page, "name=\"csrf\" value=\"token-of-the-form\""));
}

static void test_what_was_typed_is_kept_with_its_fault(void **state)
{
    const char *page =
        render(*state, "live-write", false, "en",
               "{" TEMPLATE "," BROADCAST ",\"faults\":[{\"field\":\"name\",\"language\":\"ja\","
               "\"text\":\"Write without brackets.\"}]}");
    assert_non_null(strstr(page, "&lt;/textarea&gt;&lt;b&gt;</textarea>"));
    assert_non_null(strstr(page, "value=\"food\" checked"));
    assert_null(strstr(page, "value=\"wifi\" checked"));
    assert_non_null(strstr(page, "value=\"municipality:01100\" checked"));
    assert_non_null(
        strstr(page, "<p class=\"fault\" id=\"e-values.name.ja\">Write without brackets.</p>"));
    assert_non_null(strstr(page, "aria-invalid=\"true\""));
    assert_non_null(strstr(page, "action=\"/staff/api/live/b/live-1/edit\""));
}

/* Enter presses the first button: on a page that sends it is a disabled one (H-4). */
static void test_no_default_button_on_send(void **state)
{
    const char *page =
        render(*state, "live-preview", false, "en",
               "{" BROADCAST ",\"faults\":[],\"messages\":[],\"reach\":{\"total\":7},\"count\":"
               "\"c\",\"type_area\":[\"Sapporo City\"]}");
    const char *send = strstr(page, "action=\"/staff/api/live/b/live-1/send\"");
    assert_non_null(send);
    const char *first = strstr(send, "<button");
    assert_true(text_starts(first, "<button type=\"submit\" disabled hidden>"));
    assert_non_null(strstr(send, "name=\"area\" value=\"\" required"));
    assert_non_null(strstr(send, "Send this LIVE message to 7 receivers"));
    assert_non_null(strstr(page, "name=\"hash\" value=\"0123456789abcdef0123\""));
}

static void test_faults_hide_every_way_to_send(void **state)
{
    const char *page = render(*state, "live-preview", false, "en",
                              "{" BROADCAST ",\"faults\":[{\"field\":\"areas\",\"text\":\"no\"}]}");
    assert_null(strstr(page, "/send\""));
    assert_null(strstr(page, "/approve\""));
    assert_non_null(strstr(page, "href=\"/staff/live/b/live-1/edit#g-areas\""));
}

static void test_lost_session_keeps_the_form(void **state)
{
    const char *page =
        render(*state, "refused", false, "en",
               "{\"refusal\":\"login\",\"text\":\"Sign in.\",\"action\":\"/staff/api/live\","
               "\"back\":\"/staff/live/new/M-CHARGE\",\"form\":{\"template\":\"M-CHARGE\","
               "\"areas\":[\"01100\",\"\\\"><b>\"],\"csrf\":\"old\",\"request\":\"same-id\"}}");
    assert_non_null(strstr(page, "name=\"areas\" value=\"01100\""));
    assert_non_null(strstr(page, "name=\"areas\" value=\"&quot;&gt;&lt;b&gt;\""));
    assert_non_null(strstr(page, "name=\"request\" value=\"same-id\""));
    assert_null(strstr(page, "value=\"old\""));
}

/* A person who had never seen the console did not find it (H-6). */
static void test_what_is_in_force_leads_to_its_way_back(void **state)
{
    const char *page =
        render(*state, "home", false, "en",
               "{\"in_force\":[{\"headline\":\"Gas: do not use\",\"broadcast\":\"live-7\"},"
               "{\"headline\":\"Tsunami Warning\"}]}");
    const char *link = strstr(page, "href=\"/staff/live/b/live-7\"");
    assert_non_null(link);
    assert_null(strstr(link + 10, "/staff/live/b/")); /* JMA's is not ours to take back */
}

static void test_what_ends_is_not_shown_as_danger(void **state)
{
    const char *page =
        render(*state, "live-show", false, "en",
               "{\"broadcast\":{\"id\":\"live-7\",\"phase\":\"withdrawn\",\"colour\":\"red\"}}");
    assert_non_null(strstr(page, "chip white"));
    assert_null(strstr(page, "chip red"));
}

static void test_assets(void **state)
{
    const struct fixture *fixture = *state;
    size_t length;
    const char *type;
    const char *style = staff_page_asset(&fixture->pages, "style.css", &length, &type);
    assert_non_null(style);
    assert_int_equal(length, strlen(style));
    assert_string_equal(type, "text/css; charset=utf-8");
    assert_null(staff_page_asset(&fixture->pages, "../style.css", &length, &type));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_live_and_drill_never_alike),
        cmocka_unit_test(test_refused_drill_is_a_drill_page),
        cmocka_unit_test(test_nothing_is_chosen_beforehand),
        cmocka_unit_test(test_what_was_typed_is_kept_with_its_fault),
        cmocka_unit_test(test_no_default_button_on_send),
        cmocka_unit_test(test_faults_hide_every_way_to_send),
        cmocka_unit_test(test_lost_session_keeps_the_form),
        cmocka_unit_test(test_what_is_in_force_leads_to_its_way_back),
        cmocka_unit_test(test_what_ends_is_not_shown_as_danger),
        cmocka_unit_test(test_assets),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
