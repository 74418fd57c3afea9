/* Names by c-ares: see resolver.h.
 *
 * A name is remembered for the time its name server gave, at most 60 s, a failure for 5 s. The
 * number of names is limited; the oldest that nobody waits for go first. When name servers stay
 * silent for a while c-ares is set up anew, because the machine's servers may have changed. */
#include "transfer/resolver.h"

#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/time.h>
#include <uthash.h>
#include "base/memory.h"
#include "transfer/channel.h"

#define KNOWN_FOR      (60 * USEC_PER_SEC)
#define KNOWN_FOR_MIN  (5 * USEC_PER_SEC)
#define FAILED_FOR     (5 * USEC_PER_SEC)
#define NAMES_MAX      20000
#define SILENT_AFTER   8 /* questions in a row without any answer */
#define RENEW_INTERVAL (30 * USEC_PER_SEC)

struct resolver_wait {
    struct name *name;
    resolver_done *done;
    void *userdata;
    TAILQ_ENTRY(resolver_wait) link;
};

struct name {
    struct resolver *resolver;
    const char *host;
    struct address_list addresses;
    usec_t known_until; /* monotonic; 0: being asked */
    TAILQ_HEAD(, resolver_wait) waits;
    UT_hash_handle hh;
};

struct resolver {
    struct channel *channel;
    struct name *names;
    unsigned silent; /* questions in a row without any answer */
    usec_t renewed_at;
    bool closing;
};

void address_list_add(struct address_list *list, const struct sockaddr *address)
{
    if (list->count == RESOLVER_ADDRESSES_MAX)
        return;
    struct sockaddr_storage *item = &list->items[list->count++];
    *item = (struct sockaddr_storage){0};
    memcpy(item, address,
           address->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                         : sizeof(struct sockaddr_in6));
}

/* Takes the next address of a family, at or after `node`. */
static const struct ares_addrinfo_node *next_of(const struct ares_addrinfo_node *node, int family)
{
    while (node != NULL && node->ai_family != family)
        node = node->ai_next;
    return node;
}

static void fill_list(const struct ares_addrinfo *info, struct address_list *list)
{
    const struct ares_addrinfo_node *v6 = next_of(info->nodes, AF_INET6);
    const struct ares_addrinfo_node *v4 = next_of(info->nodes, AF_INET);
    while (v6 != NULL || v4 != NULL) {
        if (v6 != NULL) {
            address_list_add(list, v6->ai_addr);
            v6 = next_of(v6->ai_next, AF_INET6);
        }
        if (v4 != NULL) {
            address_list_add(list, v4->ai_addr);
            v4 = next_of(v4->ai_next, AF_INET);
        }
    }
}

static usec_t time_to_live(const struct ares_addrinfo *info)
{
    usec_t least = KNOWN_FOR;
    for (const struct ares_addrinfo_node *node = info->nodes; node != NULL; node = node->ai_next) {
        usec_t ttl = (usec_t)node->ai_ttl * USEC_PER_SEC;
        if (ttl < least)
            least = ttl;
    }
    return least < KNOWN_FOR_MIN ? KNOWN_FOR_MIN : least;
}

static void tell_waits(struct name *name)
{
    struct resolver_wait *wait;
    /* What is called may ask for more names, and so move or drop others; not this one. */
    const struct address_list addresses = name->addresses;
    while ((wait = TAILQ_FIRST(&name->waits)) != NULL) {
        resolver_done *done = wait->done;
        void *userdata = wait->userdata;
        talloc_free(wait);
        done(userdata, &addresses);
    }
}

/* An answer that the name does not exist is an answer. */
static bool is_silence(int status)
{
    return status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED || status == ARES_ESERVFAIL ||
           status == ARES_EREFUSED;
}

static void on_answer(void *userdata, int status, int timeouts, struct ares_addrinfo *info)
{
    (void)timeouts;
    struct name *name = userdata;
    struct resolver *resolver = name->resolver;
    if (!resolver->closing) {
        usec_t valid = FAILED_FOR;
        name->addresses.count = 0;
        if (status == ARES_SUCCESS) {
            fill_list(info, &name->addresses);
            if (name->addresses.count > 0)
                valid = time_to_live(info);
        }
        resolver->silent = is_silence(status) ? resolver->silent + 1 : 0;
        name->known_until = clock_monotonic() + valid;
        tell_waits(name);
    }
    if (info != NULL)
        ares_freeaddrinfo(info);
}

static int wait_destroy(struct resolver_wait *wait)
{
    if (wait->name != NULL)
        TAILQ_REMOVE(&wait->name->waits, wait, link);
    return 0;
}

static int resolver_destroy(struct resolver *resolver)
{
    resolver->closing = true;
    talloc_free(resolver->channel);
    struct name *name, *next;
    HASH_ITER(hh, resolver->names, name, next)
    {
        struct resolver_wait *wait;
        while ((wait = TAILQ_FIRST(&name->waits)) != NULL) {
            TAILQ_REMOVE(&name->waits, wait, link);
            wait->name = NULL;
        }
        HASH_DEL(resolver->names, name);
    }
    return 0;
}

int resolver_new(TALLOC_CTX *context, sd_event *event, struct sockets *sockets,
                 const char *name_servers, struct resolver **ret_resolver)
{
    struct resolver *resolver = memory_new(context, struct resolver);
    int r = channel_new(resolver, event, sockets, name_servers, &resolver->channel);
    if (r < 0) {
        talloc_free(resolver);
        return r;
    }
    resolver->renewed_at = clock_monotonic();
    talloc_set_destructor(resolver, resolver_destroy);
    *ret_resolver = resolver;
    return 0;
}

static struct name *find_name(struct resolver *resolver, const char *host)
{
    struct name *name;
    HASH_FIND_STR(resolver->names, host, name);
    return name;
}

const struct address_list *resolver_known(struct resolver *resolver, const char *host)
{
    struct name *name = find_name(resolver, host);
    if (name == NULL || name->known_until == 0 || name->known_until <= clock_monotonic())
        return NULL;
    return &name->addresses;
}

static void drop_old_names(struct resolver *resolver)
{
    struct name *name, *next;
    HASH_ITER(hh, resolver->names, name, next)
    {
        if (HASH_COUNT(resolver->names) < NAMES_MAX)
            return;
        if (name->known_until == 0)
            continue;
        HASH_DEL(resolver->names, name);
        talloc_free(name);
    }
}

static struct name *add_name(struct resolver *resolver, const char *host)
{
    if (HASH_COUNT(resolver->names) >= NAMES_MAX)
        drop_old_names(resolver);
    struct name *name = memory_new(resolver, struct name);
    name->resolver = resolver;
    name->host = memory_text(name, host);
    name->known_until = 1;
    TAILQ_INIT(&name->waits);
    HASH_ADD_KEYPTR(hh, resolver->names, name->host, strlen(name->host), name);
    return name;
}

static void renew_if_silent(struct resolver *resolver)
{
    usec_t now = clock_monotonic();
    if (resolver->silent < SILENT_AFTER || now - resolver->renewed_at < RENEW_INTERVAL)
        return;
    resolver->renewed_at = now;
    resolver->silent = 0;
    channel_renew(resolver->channel);
}

struct resolver_wait *resolver_ask(struct resolver *resolver, TALLOC_CTX *context, const char *host,
                                   resolver_done *done, void *userdata)
{
    renew_if_silent(resolver);
    struct name *name = find_name(resolver, host);
    if (name == NULL)
        name = add_name(resolver, host);
    struct resolver_wait *wait = memory_new(context, struct resolver_wait);
    wait->name = name;
    wait->done = done;
    wait->userdata = userdata;
    TAILQ_INSERT_TAIL(&name->waits, wait, link);
    talloc_set_destructor(wait, wait_destroy);
    if (name->known_until != 0) {
        name->known_until = 0;
        channel_ask(resolver->channel, name->host, on_answer, name);
    }
    return wait;
}

void resolver_demote(struct resolver *resolver, const char *host,
                     const struct sockaddr_storage *address)
{
    struct name *name = find_name(resolver, host);
    if (name == NULL || name->addresses.count < 2)
        return;
    struct address_list *list = &name->addresses;
    for (size_t i = 0; i + 1 < list->count; i++) {
        struct sockaddr_storage item = list->items[i];
        if (memcmp(&item, address, sizeof(item)) != 0)
            continue;
        memmove(&list->items[i], &list->items[i + 1],
                (list->count - i - 1) * sizeof(list->items[0]));
        list->items[list->count - 1] = item;
        return;
    }
}
