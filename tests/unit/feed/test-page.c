/* Atom pages: real ones, and what a broken or hostile server might say. */
#include <dirent.h>
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
#include "feed/feed.h"

#define BASE "https://www.data.jma.go.jp/developer/xml/feed/"
#define DATA "https://www.data.jma.go.jp/developer/xml/data/"

static struct problems *problems;

static int set_up(void **state)
{
    problems = problems_new(NULL);
    *state = NULL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    talloc_free(problems);
    return 0;
}

static int parse(const char *base, const char *text, struct feed_page **ret_page)
{
    return feed_parse(problems, "eqvol", base, text, strlen(text), problems, ret_page);
}

static char *page_of(const char *entries)
{
    return memory_printf(problems,
                         "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
                         "<feed xmlns=\"http://www.w3.org/2005/Atom\" lang=\"ja\">"
                         "<title>高頻度（地震火山）</title>"
                         "<updated>2024-01-01T20:53:23+09:00</updated>"
                         "<rights type=\"html\"><![CDATA[<a href=\"x\">y</a>]]></rights>%s</feed>",
                         entries);
}

#define ENTRY(id, link, updated)                                                                   \
    "<entry><title>震源・震度に関する情報</title><id>" id "</id><updated>" updated                 \
    "</updated><author><name>気象庁</name></author>" link                                          \
    "<content type=\"text\">【震源・震度情報】</content></entry>"
#define LINK(url) "<link type=\"application/xml\" href=\"" url "\"/>"
#define TIME      "2024-01-01T11:53:14Z"

static struct feed_page *page(const char *base, const char *entries)
{
    struct feed_page *result = NULL;
    assert_int_equal(parse(base, page_of(entries), &result), 0);
    return result;
}

static void an_entry_has_all_its_fields(void **state)
{
    (void)state;
    struct feed_page *result = page(BASE, ENTRY(DATA "a.xml", LINK(DATA "a.xml"), TIME));
    assert_string_equal(result->title, "高頻度（地震火山）");
    assert_int_equal(result->entry_count, 1);
    const struct feed_entry *entry = &result->entries[0];
    assert_string_equal(entry->id, DATA "a.xml");
    assert_string_equal(entry->url, DATA "a.xml");
    assert_string_equal(entry->title, "震源・震度に関する情報");
    assert_string_equal(entry->content, "【震源・震度情報】");
    assert_string_equal(entry->author, "気象庁");
    /* UTC in the entry, Japan time in the head: 11:53:14Z is nine seconds before 20:53:23+09:00. */
    assert_int_equal(result->updated - entry->updated, 9 * USEC_PER_SEC);
    assert_int_equal(problems->count, 0);
}

static void an_id_may_be_a_uuid_and_a_link_may_be_missing(void **state)
{
    (void)state;
    struct feed_page *result =
        page(BASE, ENTRY("urn:uuid:0341a170", LINK(DATA "u.xml"), TIME)
                       ENTRY(DATA "b.xml", "", TIME) ENTRY("urn:uuid:ffff", "", TIME));
    assert_int_equal(result->entry_count, 2);
    assert_string_equal(result->entries[0].id, "urn:uuid:0341a170");
    assert_string_equal(result->entries[0].url, DATA "u.xml");
    assert_string_equal(result->entries[1].url, DATA "b.xml");
    assert_int_equal(problems->count, 1);
}

static void text_may_be_cdata(void **state)
{
    (void)state;
    struct feed_page *result =
        page(BASE, "<entry><title><![CDATA[a & b]]></title><id><![CDATA[" DATA
                   "c.xml]]></id><updated>" TIME
                   "</updated><content><![CDATA[【大津波警報】<b>]]></content></entry>");
    assert_string_equal(result->entries[0].title, "a & b");
    assert_string_equal(result->entries[0].content, "【大津波警報】<b>");
    assert_string_equal(result->entries[0].url, DATA "c.xml");
}

static void an_old_http_address_is_fetched_by_https(void **state)
{
    (void)state;
    struct feed_page *result =
        page(BASE, ENTRY("http://www.data.jma.go.jp/developer/xml/data/a.xml",
                         LINK("http://www.data.jma.go.jp/developer/xml/data/a.xml"), TIME));
    assert_string_equal(result->entries[0].id,
                        "http://www.data.jma.go.jp/developer/xml/data/a.xml");
    assert_string_equal(result->entries[0].url, DATA "a.xml");
}

static void a_mirror_takes_the_place_of_jma(void **state)
{
    (void)state;
    struct feed_page *result = page("http://127.0.0.1:8123/feed/",
                                    ENTRY(DATA "a.xml", LINK(DATA "a.xml"), TIME)
                                        ENTRY("x", LINK("http://127.0.0.1:8123/b.xml"), TIME));
    assert_int_equal(result->entry_count, 2);
    assert_string_equal(result->entries[0].url, "http://127.0.0.1:8123/developer/xml/data/a.xml");
    assert_string_equal(result->entries[0].id, DATA "a.xml");
    assert_string_equal(result->entries[1].url, "http://127.0.0.1:8123/b.xml");
}

static void an_address_of_another_host_is_left_out(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "https://evil.example/a.xml",
        "https://www.data.jma.go.jp.evil.example/a.xml",
        "https://www.data.jma.go.jp@evil.example/a.xml",
        "https://evil.example#www.data.jma.go.jp",
        "https://www.data.jma.go.jp:8080/a.xml",
        "https://evilwww.data.jma.go.jp/a.xml",
        "https://www.data.jma.go.jp",
        "https://www.data.jma.go.jp#/developer/xml/data/a.xml",
        "https://www.data.jma.go.jp?a.xml",
        "ftp://www.data.jma.go.jp/a.xml",
        "file:///etc/passwd",
        "//www.data.jma.go.jp/a.xml",
        "/developer/xml/data/a.xml",
        "javascript:x",
        "https://www.data.jma.go.jp\\.evil.example/",
        "https://www.data.jma.go.jp/a b.xml",
        "https://www.data.jma.go.jp/a&gt;b.xml",
        "https://",
        "https://www.data.jma.go.jp&#9;.evil/a",
        "http://127.0.0.1/a.xml",
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        size_t before = problems->count;
        char *entries = memory_printf(problems,
                                      "<entry><id>x</id><updated>" TIME
                                      "</updated><link href=\"%s\"/></entry>" ENTRY(
                                          DATA "good.xml", LINK(DATA "good.xml"), TIME),
                                      urls[i]);
        struct feed_page *result = page(BASE, entries);
        if (result->entry_count != 1)
            fail_msg("taken: %s", urls[i]);
        assert_string_equal(result->entries[0].url, DATA "good.xml");
        assert_int_equal(problems->count, before + 1);
    }
}

static void a_broken_entry_does_not_cost_the_others(void **state)
{
    (void)state;
    struct feed_page *result =
        page(BASE, "<entry/>" ENTRY("", LINK(DATA "a.xml"), TIME)
                       ENTRY("b", LINK(DATA "b.xml"), "2024-13-01T00:00:00Z")
                           ENTRY("c", LINK(DATA "c.xml"), "") ENTRY("d", LINK(DATA "d.xml"), TIME)
                               ENTRY("e", LINK(DATA "e.xml"), "2024-01-01T11:53:14"));
    assert_int_equal(result->entry_count, 1);
    assert_string_equal(result->entries[0].id, "d");
    assert_int_equal(problems->count, 5);
}

static void the_link_to_the_document_is_taken(void **state)
{
    (void)state;
    struct feed_page *result =
        page(BASE, ENTRY("a",
                         "<link rel=\"related\" href=\"https://www.jma.go.jp/\"/><link "
                         "rel=\"alternate\" href=\"" DATA "a.xml\"/>",
                         TIME));
    assert_string_equal(result->entries[0].url, DATA "a.xml");
}

static void what_is_no_feed_is_refused_whole(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "x",
        "<html><body>maintenance</body></html>",
        "<feed/>",
        "<feed xmlns=\"http://purl.org/atom/ns#\"><entry/></feed>",
        "<rss xmlns=\"http://www.w3.org/2005/Atom\"/>",
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>",
        "<!DOCTYPE feed [<!ENTITY a \"b\">]><feed xmlns=\"http://www.w3.org/2005/Atom\">&a;</feed>",
        "<feed xmlns=\"http://www.w3.org/2005/Atom\">&undefined;</feed>",
        "<feed xmlns=\"http://www.w3.org/2005/Atom\">\xff</feed>",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct feed_page *result = NULL;
        size_t before = problems->count;
        if (parse(BASE, bad[i], &result) != -EBADMSG)
            fail_msg("taken: %s", bad[i]);
        assert_null(result);
        assert_true(problems->count > before);
    }
}

static void a_page_cut_at_any_byte_is_no_page(void **state)
{
    (void)state;
    const char *text = page_of(ENTRY(DATA "a.xml", LINK(DATA "a.xml"), TIME));
    for (size_t length = 0; length + 1 < strlen(text); length++) {
        struct feed_page *result = NULL;
        assert_true(feed_parse(problems, "eqvol", BASE, text, length, problems, &result) < 0);
        assert_null(result);
    }
}

static char *many_entries(size_t count)
{
    size_t room = count * 160 + 1;
    char *text = memory_array(problems, char, room);
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, room - used,
                                 "<entry><id>%zu</id><updated>" TIME "</updated><link href=\"" DATA
                                 "a.xml\"/></entry>",
                                 i);
    return text;
}

static void more_entries_than_the_limit_are_cut_with_a_problem(void **state)
{
    (void)state;
    struct feed_page *result = page(BASE, many_entries(FEED_ENTRIES_MAX + 7));
    assert_int_equal(result->entry_count, FEED_ENTRIES_MAX);
    assert_string_equal(result->entries[0].id, "0");
    assert_int_equal(problems->count, 1);
    result = NULL;
    /* A hundred thousand and more pass the limits of the parser: refused, not a crash. */
    assert_true(parse(BASE, page_of(many_entries(130000)), &result) < 0);
    assert_null(result);
}

static void faults_in_every_entry_do_not_fill_the_log(void **state)
{
    (void)state;
    char *text = memory_text(problems, "");
    for (size_t i = 0; i < 500; i++)
        text = talloc_strdup_append_buffer(text, "<entry><id>x</id></entry>");
    struct feed_page *result = page(BASE, text);
    assert_int_equal(result->entry_count, 0);
    assert_true(problems->count <= 21);
}

/* ---- real pages ---- */

static char *corpus_file(const char *name, size_t *ret_length)
{
    const char *root = getenv("NOROSHI_ROOT");
    char *path =
        memory_printf(problems, "%s/../shared/corpus/feeds/%s", root != NULL ? root : ".", name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_message("the corpus is not here: skipped\n");
        skip();
    }
    char *bytes = memory_array(problems, char, 4 * 1024 * 1024);
    *ret_length = fread(bytes, 1, 4 * 1024 * 1024, file);
    fclose(file);
    return bytes;
}

static void real_pages_are_read_whole(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t entries;
    } rows[] = {
        {"eqvol_20200725T2303_old-uuid-ids.xml", 23},
        {"eqvol_20211112T1049.xml", 17},
        {"eqvol_20211124T0801.xml", 25},
        {"eqvol_20240101T2053.xml", 169},
        {"eqvol_20260106T1401.xml", 68},
        {"extra_20240725T1416_restored.xml", 350},
        {"extra_l_20220714T1641.xml", 3647},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t length;
        const char *bytes = corpus_file(rows[i].name, &length);
        struct feed_page *result = NULL;
        assert_int_equal(feed_parse(problems, rows[i].name, BASE, bytes, length, problems, &result),
                         0);
        assert_int_equal(result->entry_count, rows[i].entries);
        assert_int_equal(problems->count, 0);
        for (size_t k = 0; k < result->entry_count; k++) {
            const struct feed_entry *entry = &result->entries[k];
            assert_true(text_starts(entry->url, "https://www.data.jma.go.jp/developer/xml/"));
            assert_true(entry->updated <= result->updated);
            assert_true(k == 0 || entry->updated <= entry[-1].updated);
            assert_true(text_given(entry->title) && text_given(entry->author));
        }
        talloc_free(result);
    }
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(an_entry_has_all_its_fields),
        FRESH(an_id_may_be_a_uuid_and_a_link_may_be_missing),
        FRESH(text_may_be_cdata),
        FRESH(an_old_http_address_is_fetched_by_https),
        FRESH(a_mirror_takes_the_place_of_jma),
        FRESH(an_address_of_another_host_is_left_out),
        FRESH(a_broken_entry_does_not_cost_the_others),
        FRESH(the_link_to_the_document_is_taken),
        FRESH(what_is_no_feed_is_refused_whole),
        FRESH(a_page_cut_at_any_byte_is_no_page),
        FRESH(more_entries_than_the_limit_are_cut_with_a_problem),
        FRESH(faults_in_every_entry_do_not_fill_the_log),
        FRESH(real_pages_are_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
