/* See breaker.h. A receiver that was never in trouble costs no memory. */
#include <ctype.h>
#include <string.h>
#include <uthash.h>

#include "base/memory.h"
#include "deliver/breaker.h"

struct breaker {
    const char *receiver;
    int failures;
    usec_t failing_since;
    usec_t next_probe;    /* open: when; 0 not open */
    usec_t probing_until; /* a probe is on its way */
    usec_t recovering_until, next_slot;
    int put_off; /* in a row */
    usec_t put_off_since, put_off_last;
    size_t waiting; /* asked in vain since the last one went */
    UT_hash_handle hh;
};
struct breakers {
    struct breaker *all;
};

static int breakers_destroy(struct breakers *breakers)
{
    HASH_CLEAR(hh, breakers->all);
    return 0;
}

struct breakers *breakers_new(TALLOC_CTX *context)
{
    struct breakers *breakers = memory_new(context, struct breakers);
    talloc_set_destructor(breakers, breakers_destroy);
    return breakers;
}

static struct breaker *find(const struct breakers *breakers, const char *receiver)
{
    struct breaker *breaker;
    HASH_FIND_STR(breakers->all, receiver, breaker);
    return breaker;
}

static struct breaker *find_or_make(struct breakers *breakers, const char *receiver)
{
    struct breaker *breaker = find(breakers, receiver);
    if (breaker != NULL)
        return breaker;
    breaker = memory_new(breakers, struct breaker);
    breaker->receiver = memory_text(breaker, receiver);
    HASH_ADD_KEYPTR(hh, breakers->all, breaker->receiver, strlen(breaker->receiver), breaker);
    return breaker;
}

static void forget(struct breakers *breakers, struct breaker *breaker)
{
    HASH_DEL(breakers->all, breaker);
    talloc_free(breaker);
}

static usec_t probe_wait(int failures)
{
    usec_t wait = BREAKER_WAIT_LEAST;
    for (int i = BREAKER_FAILURES; i < failures && wait < BREAKER_WAIT_MOST; i++)
        wait *= 2;
    return wait < BREAKER_WAIT_MOST ? wait : BREAKER_WAIT_MOST;
}

void breakers_restore(struct breakers *breakers, const struct breaker_state *state, usec_t now)
{
    struct breaker *breaker = find_or_make(breakers, state->receiver);
    breaker->failures = state->failures;
    breaker->failing_since = state->failing_since;
    breaker->next_probe = now;
}

static bool may_probe(struct breaker *breaker, usec_t now, usec_t *ret_again)
{
    if (now >= breaker->next_probe && now >= breaker->probing_until) {
        breaker->probing_until = now + BREAKER_PROBE_LIMIT;
        breaker->waiting = 0;
        return true;
    }
    usec_t again = now < breaker->next_probe ? breaker->next_probe : now + BREAKER_WAIT_LEAST;
    *ret_again = again + (usec_t)breaker->waiting++ * BREAKER_PACE;
    return false;
}

/* Between two that go; 0: as many as there are. The longer a receiver puts everything off, the
 * rarer it is asked. */
static usec_t pace_of(struct breaker *breaker, usec_t now)
{
    if (now >= breaker->put_off_last + BREAKER_PUT_OFF_END)
        breaker->put_off = 0;
    if (breaker->put_off >= BREAKER_FAILURES) {
        usec_t pace = (now - breaker->put_off_since) / BREAKER_PUT_OFF_STEPS;
        if (pace > BREAKER_PACE)
            return pace < BREAKER_PACE_MOST ? pace : BREAKER_PACE_MOST;
        return BREAKER_PACE;
    }
    return now < breaker->recovering_until ? BREAKER_PACE : 0;
}

static bool may_follow(struct breaker *breaker, usec_t pace, usec_t now, usec_t *ret_again)
{
    if (now >= breaker->next_slot) {
        breaker->next_slot = now + pace;
        breaker->waiting = breaker->waiting > 0 ? breaker->waiting - 1 : 0;
        return true;
    }
    *ret_again = breaker->next_slot + (usec_t)breaker->waiting++ * pace;
    return false;
}

bool breakers_may_go(struct breakers *breakers, const char *receiver, usec_t now, usec_t *ret_again)
{
    struct breaker *breaker = find(breakers, receiver);
    if (breaker == NULL)
        return true;
    if (breaker->next_probe > 0)
        return may_probe(breaker, now, ret_again);
    usec_t pace = pace_of(breaker, now);
    if (pace > 0)
        return may_follow(breaker, pace, now, ret_again);
    if (breaker->failures == 0 && breaker->put_off == 0)
        forget(breakers, breaker);
    return true;
}

static bool take_success(struct breakers *breakers, struct breaker *breaker, usec_t now,
                         struct breaker_state *ret_state)
{
    bool was_open = breaker->next_probe > 0;
    *ret_state = (struct breaker_state){.receiver = breaker->receiver};
    breaker->failures = breaker->put_off = 0;
    breaker->failing_since = breaker->next_probe = breaker->probing_until = 0;
    if (was_open) {
        breaker->recovering_until = now + BREAKER_RECOVERY;
        breaker->next_slot = now + BREAKER_PACE;
        breaker->waiting = 0;
    } else if (breaker->recovering_until <= now) {
        forget(breakers, breaker);
    }
    return was_open;
}

bool breakers_result(struct breakers *breakers, const char *receiver, bool fine, usec_t now,
                     struct breaker_state *ret_state)
{
    struct breaker *breaker = fine ? find(breakers, receiver) : find_or_make(breakers, receiver);
    if (breaker == NULL)
        return false;
    if (fine)
        return take_success(breakers, breaker, now, ret_state);
    /* Those that were on their way when it opened fail too: they make it no worse. */
    if (breaker->next_probe > 0 && breaker->probing_until == 0)
        return false;
    breaker->failures++;
    if (breaker->failing_since == 0)
        breaker->failing_since = now;
    if (breaker->failures < BREAKER_FAILURES && breaker->recovering_until <= now)
        return false;
    breaker->probing_until = breaker->recovering_until = 0;
    breaker->next_probe = now + probe_wait(breaker->failures);
    *ret_state = (struct breaker_state){.receiver = breaker->receiver,
                                        .failures = breaker->failures,
                                        .failing_since = breaker->failing_since};
    return true;
}

void breakers_put_off(struct breakers *breakers, const char *receiver, usec_t now)
{
    struct breaker *breaker = find_or_make(breakers, receiver);
    if (breaker->put_off == 0 || now >= breaker->put_off_last + BREAKER_PUT_OFF_END) {
        breaker->put_off = 0;
        breaker->put_off_since = now;
    }
    if (++breaker->put_off == BREAKER_FAILURES)
        breaker->waiting = 0;
    breaker->put_off_last = now;
}

void breakers_clock_back(struct breakers *breakers, usec_t now)
{
    for (struct breaker *breaker = breakers->all; breaker != NULL; breaker = breaker->hh.next) {
        if (breaker->next_probe > 0)
            breaker->next_probe = now;
        breaker->probing_until = breaker->next_slot = breaker->recovering_until = 0;
        breaker->put_off = 0;
        if (breaker->failing_since > now)
            breaker->failing_since = now;
    }
}

size_t breakers_open(const struct breakers *breakers)
{
    size_t count = 0;
    for (const struct breaker *breaker = breakers->all; breaker != NULL; breaker = breaker->hh.next)
        count += breaker->next_probe > 0;
    return count;
}

char *breaker_receiver(TALLOC_CTX *context, const char *address)
{
    const char *scheme = strstr(address, "://");
    const char *start = scheme != NULL ? scheme + 3 : strrchr(address, '@');
    if (start == NULL)
        return NULL;
    start += scheme == NULL;
    size_t length = strcspn(start, "/?#");
    if (length == 0)
        return NULL;
    char *receiver = memory_printf(context, "%.*s", (int)length, start);
    for (char *c = receiver; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return receiver;
}
