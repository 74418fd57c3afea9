/* Atom pages of JMA, or of a mirror: see feed.h (jma-format.md 1.3, RFC 4287). */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include "base/element.h"
#include "base/memory.h"
#include "base/text.h"
#include "feed/feed.h"

#define ATOM_NAMESPACE "http://www.w3.org/2005/Atom"
#define JMA_HOST       "www.data.jma.go.jp"
#define URL_BYTES_MAX  2048
/* One page with a fault in each entry must not fill the log. */
#define PROBLEMS_MAX 20

static const struct element_limits page_limits = {
    .bytes = (size_t)16 * 1024 * 1024,
    .elements = 500000,
    .text_bytes = (size_t)1024 * 1024,
    .depth = 64,
    .attributes = 32,
};

/* "scheme://host:port" and what follows it. */
struct origin {
    const char *text;
    size_t length;      /* of "scheme://host:port" */
    const char *host;   /* inside text, with port */
    size_t host_length; /* with port */
    size_t name_length; /* without port */
};

struct reading {
    const char *name;
    struct origin base;
    struct problems *problems;
    size_t faults;
    struct feed_page *page;
    struct feed_entry *entries;
};

static bool read_origin(const char *url, struct origin *ret_origin)
{
    size_t scheme = text_starts(url, "https://") ? 8 : text_starts(url, "http://") ? 7 : 0;
    if (scheme == 0)
        return false;
    const char *host = url + scheme;
    size_t length = strcspn(host, "/?#");
    if (length == 0 || memchr(host, '@', length) != NULL || memchr(host, '\\', length) != NULL)
        return false;
    const char *colon = host[0] == '[' ? NULL : memchr(host, ':', length);
    *ret_origin = (struct origin){.text = url,
                                  .length = scheme + length,
                                  .host = host,
                                  .host_length = length,
                                  .name_length = colon != NULL ? (size_t)(colon - host) : length};
    return true;
}

static bool same_host(const struct origin *a, const char *name, size_t length)
{
    return a->name_length == length && strncasecmp(a->host, name, length) == 0;
}

static bool url_is_plain(const char *url)
{
    if (strlen(url) > URL_BYTES_MAX)
        return false;
    for (const unsigned char *c = (const unsigned char *)url; *c != '\0'; c++) {
        if (*c <= 0x20 || *c >= 0x7f || strchr("\\\"<>", *c) != NULL)
            return false;
    }
    return true;
}

/* The URL from which we may fetch, or NULL. JMA's own host over http becomes what the base is. */
static const char *usable_url(TALLOC_CTX *context, const struct reading *reading, const char *url)
{
    struct origin origin;
    if (url == NULL || !url_is_plain(url) || !read_origin(url, &origin))
        return NULL;
    const struct origin *base = &reading->base;
    bool of_base = origin.host_length == base->host_length &&
                   strncasecmp(origin.host, base->host, base->host_length) == 0;
    bool of_jma =
        same_host(&origin, JMA_HOST, strlen(JMA_HOST)) && origin.name_length == origin.host_length;
    /* A document has a path: "https://host#/path" asks for the front page. */
    if ((!of_base && !of_jma) || url[origin.length] != '/')
        return NULL;
    return memory_printf(context, "%.*s%s", (int)base->length, base->text, url + origin.length);
}

__attribute__((format(printf, 3, 4))) static void
entry_fault(struct reading *reading, const struct element *element, const char *what, ...)
{
    reading->faults++;
    if (reading->faults > PROBLEMS_MAX)
        return;
    va_list arguments;
    va_start(arguments, what);
    char *text = memory_must(talloc_vasprintf(NULL, what, arguments));
    va_end(arguments);
    problems_warn(reading->problems, reading->name, element->line, element->column, NULL, "%s",
                  text);
    talloc_free(text);
}

/* The link to the document itself: without rel, or rel "alternate". */
static const char *entry_link(const struct element *entry)
{
    for (const struct element *link = element_child(entry, "link"); link != NULL;
         link = element_again(link)) {
        const char *relation = element_attribute(link, "rel");
        const char *address = element_attribute(link, "href");
        if (text_given(address) && (relation == NULL || strcmp(relation, "alternate") == 0))
            return address;
    }
    return NULL;
}

static bool read_entry(struct reading *reading, const struct element *element,
                       struct feed_entry *ret_entry)
{
    const char *id = element_text(element, "id");
    const char *updated = element_text(element, "updated");
    const char *link = entry_link(element);
    struct feed_entry entry = {.id = id};
    if (id == NULL) {
        entry_fault(reading, element, "an entry has no id");
        return false;
    }
    if (updated == NULL || clock_parse(updated, &entry.updated) < 0) {
        entry_fault(reading, element, "an entry has no readable time");
        return false;
    }
    entry.url = usable_url(reading->page, reading, link != NULL ? link : id);
    if (entry.url == NULL) {
        entry_fault(reading, element,
                    link != NULL ? "an entry leads to another host" : "an entry has no link");
        return false;
    }
    entry.id = memory_text(reading->page, id);
    entry.title = memory_text_or_null(reading->page, element_text(element, "title"));
    entry.content = memory_text_or_null(reading->page, element_text(element, "content"));
    entry.author = memory_text_or_null(reading->page, element_text(element, "author/name"));
    *ret_entry = entry;
    return true;
}

static void read_entries(struct reading *reading, const struct element *feed)
{
    struct feed_page *page = reading->page;
    size_t count = 0;
    for (const struct element *entry = element_child(feed, "entry"); entry != NULL;
         entry = element_again(entry))
        count++;
    if (count > FEED_ENTRIES_MAX) {
        entry_fault(reading, feed, "%zu entries; the first %d are taken", count, FEED_ENTRIES_MAX);
        count = FEED_ENTRIES_MAX;
    }
    reading->entries = memory_array(page, struct feed_entry, count);
    page->entries = reading->entries;
    for (const struct element *entry = element_child(feed, "entry"); count > 0;
         entry = element_again(entry), count--) {
        if (read_entry(reading, entry, &reading->entries[page->entry_count]))
            page->entry_count++;
    }
    if (reading->faults > PROBLEMS_MAX)
        problems_warn(reading->problems, reading->name, 0, 0, NULL, "%zu more entries with faults",
                      reading->faults - PROBLEMS_MAX);
}

int feed_parse(TALLOC_CTX *context, const char *name, const char *base_url, const void *bytes,
               size_t length, struct problems *problems, struct feed_page **ret_page)
{
    struct reading reading = {.name = name, .problems = problems};
    if (!read_origin(base_url, &reading.base)) {
        problems_add(problems, name, 0, 0, "https://host/path/",
                     "the address of the feeds is not a URL");
        return -EINVAL;
    }
    TALLOC_CTX *scratch = talloc_new(context);
    const struct element *feed;
    int r =
        element_parse(scratch, name, bytes, length, ATOM_NAMESPACE, &page_limits, problems, &feed);
    if (r == 0 && strcmp(feed->name, "feed") != 0) {
        problems_add(problems, name, feed->line, feed->column, NULL, "this is no Atom feed");
        r = -EBADMSG;
    }
    if (r == 0) {
        reading.page = memory_new(context, struct feed_page);
        const char *updated = element_text(feed, "updated");
        if (updated == NULL || clock_parse(updated, &reading.page->updated) < 0)
            entry_fault(&reading, feed, "the feed has no readable time");
        reading.page->title = memory_text_or_null(reading.page, element_text(feed, "title"));
        read_entries(&reading, feed);
        *ret_page = reading.page;
    }
    talloc_free(scratch);
    return r;
}
