/* See reload.h. */
#include <stddef.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "reload.h"

/* What is opened once at the start: files, sockets, and what the loop has been given. */
static const struct {
    const char *key;
    size_t offset;
    enum { FIXED_TEXT, FIXED_UNSIGNED, FIXED_SIZE } type;
} fixed[] = {
    {"paths: state", offsetof(struct config, state_directory), FIXED_TEXT},
    {"feeds: base_url", offsetof(struct config, feed_base_url), FIXED_TEXT},
    {"http: address", offsetof(struct config, http_address), FIXED_TEXT},
    {"http: port", offsetof(struct config, http_port), FIXED_UNSIGNED},
    {"delivery: transfers", offsetof(struct config, transfers_limit), FIXED_SIZE},
    {"delivery: ca_file", offsetof(struct config, ca_file), FIXED_TEXT},
};

static bool same(const void *a, const void *b, int type)
{
    if (type == FIXED_TEXT)
        return text_equal(*(const char *const *)a, *(const char *const *)b);
    if (type == FIXED_UNSIGNED)
        return *(const unsigned *)a == *(const unsigned *)b;
    return *(const size_t *)a == *(const size_t *)b;
}

static void keep(struct config *config, void *new, const void *old, int type)
{
    if (type == FIXED_TEXT)
        *(const char **)new = memory_text_or_null(config, *(const char *const *)old);
    else if (type == FIXED_UNSIGNED)
        *(unsigned *)new = *(const unsigned *)old;
    else
        *(size_t *)new = *(const size_t *)old;
}

static bool same_feeds(const struct config *a, const struct config *b)
{
    if (a->feed_count != b->feed_count)
        return false;
    for (size_t i = 0; i < a->feed_count; i++) {
        if (strcmp(a->feeds[i], b->feeds[i]) != 0)
            return false;
    }
    return true;
}

static void warn(const struct config *config, struct problems *problems, const char *key)
{
    problems_warn(problems, config->file, 0, 0, "noroshi run again",
                  "\"%s\" takes effect at the next start only", key);
}

static const struct subscriber *find_subscriber(const struct config *config, const char *id)
{
    for (size_t i = 0; i < config->subscriber_count; i++) {
        if (strcmp(config->subscribers[i]->id, id) == 0)
            return config->subscribers[i];
    }
    return NULL;
}

size_t reload_other_rules(const struct config *before, const struct config *after)
{
    size_t count = 0;
    for (size_t i = 0; i < after->subscriber_count; i++) {
        const struct subscriber *now = after->subscribers[i];
        const struct subscriber *was = find_subscriber(before, now->id);
        if (was == NULL)
            continue;
        const struct profile old = subscriber_profile(was), new = subscriber_profile(now);
        count += !profile_equal(&old, &new);
    }
    return count;
}

int reload_config(TALLOC_CTX *context, const struct config *current, struct problems *problems,
                  struct config **ret_config)
{
    struct config *config;
    int r = config_load(context, current->file, problems, &config);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        void *new = (char *)config + fixed[i].offset;
        const void *old = (const char *)current + fixed[i].offset;
        if (same(old, new, (int)fixed[i].type))
            continue;
        keep(config, new, old, (int)fixed[i].type);
        warn(config, problems, fixed[i].key);
    }
    if (!same_feeds(current, config))
        warn(config, problems, "feeds: poll");
    if (current->allowed_count != config->allowed_count)
        warn(config, problems, "delivery: allow");
    /* The office and its pages keep what they began with; a broadcast may be half written. */
    if (current->staff.listens || config->staff.listens)
        warn(config, problems, "staff, broadcast, partners and messages/broadcast*");
    *ret_config = config;
    return 0;
}
