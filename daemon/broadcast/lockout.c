/* Failures by account and source, and of an account as a whole (source ""). */
#include <arpa/inet.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/lockout.h"

struct entry {
    const char *key;
    unsigned failures;
    usec_t first, last; /* of the failures */
    bool own;           /* the account has logged in from here */
    UT_hash_handle hh;
};
struct lockout {
    struct entry *entries;
};

static int lockout_destroy(struct lockout *lockout)
{
    HASH_CLEAR(hh, lockout->entries);
    return 0;
}

struct lockout *lockout_new(TALLOC_CTX *context)
{
    struct lockout *lockout = memory_new(context, struct lockout);
    talloc_set_destructor(lockout, lockout_destroy);
    return lockout;
}

static struct entry *find(struct lockout *lockout, const char *account, const char *source)
{
    struct entry *entry;
    char *key = memory_printf(NULL, "%s|%s", account, source);
    HASH_FIND_STR(lockout->entries, key, entry);
    talloc_free(key);
    return entry;
}

/* The oldest goes first (uthash keeps the order of adding), but never a source that is known to be
 * the account's own. */
static void make_room(struct lockout *lockout)
{
    struct entry *entry, *next;
    HASH_ITER(hh, lockout->entries, entry, next)
    {
        if (HASH_COUNT(lockout->entries) < LOCKOUT_ENTRIES_MAX)
            return;
        if (entry->own)
            continue;
        HASH_DEL(lockout->entries, entry);
        talloc_free(entry);
    }
}

static struct entry *find_or_add(struct lockout *lockout, const char *account, const char *source)
{
    struct entry *entry = find(lockout, account, source);
    if (entry != NULL)
        return entry;
    make_room(lockout);
    entry = memory_new(lockout, struct entry);
    entry->key = memory_printf(entry, "%s|%s", account, source);
    HASH_ADD_KEYPTR(hh, lockout->entries, entry->key, strlen(entry->key), entry);
    return entry;
}

static usec_t wait_after(unsigned failures)
{
    usec_t wait = USEC_PER_SEC;
    for (unsigned i = LOCKOUT_FREE_TRIES; i < failures && wait < LOCKOUT_WAIT_MOST; i++)
        wait *= 2;
    return wait < LOCKOUT_WAIT_MOST ? wait : LOCKOUT_WAIT_MOST;
}

static bool fresh(const struct entry *entry, usec_t now)
{
    return now - entry->last < LOCKOUT_FORGET;
}

usec_t lockout_wait(struct lockout *lockout, const char *account, const char *source, usec_t now)
{
    const struct entry *here = find(lockout, account, source);
    const struct entry *whole = find(lockout, account, "");
    bool own = here != NULL && here->own;
    if (!own && whole != NULL && whole->failures >= LOCKOUT_ACCOUNT_MOST &&
        now - whole->first < LOCKOUT_FORGET)
        return LOCKOUT_FORGET - (now - whole->first);
    if (here == NULL || here->failures < LOCKOUT_FREE_TRIES || !fresh(here, now))
        return 0;
    usec_t until = here->last + wait_after(here->failures);
    return until > now ? until - now : 0;
}

static void count(struct entry *entry, usec_t now, bool hourly)
{
    bool restart = hourly ? now - entry->first >= LOCKOUT_FORGET : !fresh(entry, now);
    if (entry->failures == 0 || restart) {
        entry->failures = 0;
        entry->first = now;
    }
    entry->failures++;
    entry->last = now;
}

void lockout_failed(struct lockout *lockout, const char *account, const char *source, usec_t now)
{
    count(find_or_add(lockout, account, source), now, false);
    count(find_or_add(lockout, account, ""), now, true);
}

void lockout_passed(struct lockout *lockout, const char *account, const char *source, usec_t now)
{
    struct entry *entry = find_or_add(lockout, account, source);
    entry->failures = 0;
    entry->own = true;
    entry->last = now;
}

char *lockout_source(TALLOC_CTX *context, const char *address)
{
    struct in_addr four;
    struct in6_addr six;
    char text[INET6_ADDRSTRLEN];
    if (inet_pton(AF_INET, address, &four) == 1) {
        four.s_addr &= htonl(0xffffff00U);
        return memory_printf(context, "%s/24", inet_ntop(AF_INET, &four, text, sizeof(text)));
    }
    if (inet_pton(AF_INET6, address, &six) == 1) {
        memset(six.s6_addr + 8, 0, 8);
        return memory_printf(context, "%s/64", inet_ntop(AF_INET6, &six, text, sizeof(text)));
    }
    return memory_text(context, address);
}
