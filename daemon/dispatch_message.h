/* Messages that were read lately: deliveries of one alert come together and share few. */
#pragma once

#include "base/bytes.h"
#include "store/store.h"

struct message_cache;
struct cached_message {
    struct store_message message;
    struct bytes *body; /* of a webhook; one reference of the cache */
};
struct message_cache *message_cache_new(TALLOC_CTX *context, struct store *store);
/* Valid until the next call. Returns 0 or the store's negative errno. */
__attribute__((warn_unused_result)) int
message_cache_get(struct message_cache *cache, int64_t number, const struct cached_message **ret);
