/* A small cache of messages, the oldest use leaves first. */
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "dispatch_message.h"

/* A million readers share a few hundred messages of some kilobytes each. */
#define ENTRIES_MAX 256

struct entry {
    int64_t number;
    struct cached_message cached;
    UT_hash_handle hh;
};
struct message_cache {
    struct store *store;
    struct entry *entries; /* in the order of their last use */
};

static int cache_destroy(struct message_cache *cache)
{
    HASH_CLEAR(hh, cache->entries);
    return 0;
}

struct message_cache *message_cache_new(TALLOC_CTX *context, struct store *store)
{
    struct message_cache *cache = memory_new(context, struct message_cache);
    cache->store = store;
    talloc_set_destructor(cache, cache_destroy);
    return cache;
}

static int read_entry(struct message_cache *cache, int64_t number, struct entry **ret)
{
    struct entry *entry = memory_new(cache, struct entry);
    int r = store_get_message(cache->store, entry, number, &entry->cached.message);
    if (r < 0) {
        talloc_free(entry);
        return r;
    }
    const char *body = entry->cached.message.body;
    struct bytes *bytes = bytes_new(body, strlen(body));
    entry->cached.body = bytes_keep(entry, bytes);
    bytes_drop(bytes);
    entry->number = number;
    *ret = entry;
    return 0;
}

int message_cache_get(struct message_cache *cache, int64_t number,
                      const struct cached_message **ret)
{
    struct entry *entry;
    HASH_FIND(hh, cache->entries, &number, sizeof(number), entry);
    if (entry != NULL) {
        HASH_DEL(cache->entries, entry);
    } else {
        int r = read_entry(cache, number, &entry);
        if (r < 0)
            return r;
    }
    HASH_ADD(hh, cache->entries, number, sizeof(entry->number), entry);
    if (HASH_COUNT(cache->entries) > ENTRIES_MAX) {
        struct entry *oldest = cache->entries;
        HASH_DEL(cache->entries, oldest);
        talloc_free(oldest);
    }
    *ret = &entry->cached;
    return 0;
}
