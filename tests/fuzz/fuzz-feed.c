/* libFuzzer target: bytes to a feed page. */
#include <string.h>

#include "base/memory.h"
#include "feed/feed.h"
#include "fuzz.h"

#define BASE_URL "https://mirror.example.org:8443/feed/"
#define ORIGIN   "https://mirror.example.org:8443/"

static void check_entry(const struct feed_entry *entry)
{
    fuzz_must(entry->id != NULL && entry->id[0] != '\0', "an entry without an id");
    fuzz_must(strncmp(entry->url, ORIGIN, strlen(ORIGIN)) == 0, "a foreign URL: %s", entry->url);
    fuzz_must(entry->url[strcspn(entry->url, " \t\r\n\"<>")] == '\0', "blanks in URL %s",
              entry->url);
    fuzz_must(entry->updated != 0, "entry %s without a time", entry->id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    TALLOC_CTX *context = talloc_new(NULL);
    struct problems *problems = problems_new(context);
    struct feed_page *page;
    if (feed_parse(context, "eqvol", BASE_URL, data, size, problems, &page) < 0) {
        fuzz_must(problems->count > 0, "refused without a reason");
    } else {
        fuzz_must(page->entry_count <= FEED_ENTRIES_MAX, "%zu entries", page->entry_count);
        for (size_t i = 0; i < page->entry_count; i++)
            check_entry(&page->entries[i]);
        const struct store_feed before = {.newest_updated = page->updated};
        (void)feed_gap(&before, page);
    }
    talloc_free(context);
    return 0;
}
