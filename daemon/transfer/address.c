/* Which addresses may be connected to: see transfer.h.
 *
 * Default deny: IPv4 outside a table of special networks, and of IPv6 only global unicast
 * (2000::/3) outside such a table. An IPv6 form that carries an IPv4 address is first reduced to
 * that address. A rule of the operator beats both. Every address is handled as 16 bytes, IPv4 as
 * v4-mapped, so that one comparison of prefixes serves both families. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "transfer/address.h"

struct address_rule {
    uint8_t bytes[16];
    unsigned bits;
};

#define MAPPED_BITS 96u

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};
static const uint8_t nat64_prefix[12] = {0x00, 0x64, 0xff, 0x9b};

/* IANA special-purpose registries; the last octets of each are zero. */
static const struct {
    uint8_t bytes[4];
    unsigned bits;
} special_v4[] = {
    {{0}, 8},             /* this network */
    {{10}, 8},            /* private */
    {{100, 64}, 10},      /* carrier NAT */
    {{127}, 8},           /* loopback */
    {{169, 254}, 16},     /* link-local, cloud metadata */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocol assignments */
    {{192, 0, 2}, 24},    /* documentation */
    {{192, 88, 99}, 24},  /* 6to4 relays */
    {{192, 168}, 16},     /* private */
    {{198, 18}, 15},      /* benchmarks */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast */
    {{240}, 4},           /* reserved, broadcast */
};

/* Inside 2000::/3; what lies outside is refused anyway. */
static const struct {
    uint8_t bytes[16];
    unsigned bits;
} special_v6[] = {
    {{0x20, 0x01}, 23},             /* protocol assignments, Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02}, 16},             /* 6to4 */
    {{0x3f, 0xff}, 20},             /* documentation */
};

static bool same_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    size_t whole = bits / 8;
    if (memcmp(a, b, whole) != 0)
        return false;
    unsigned rest = bits % 8;
    return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static void map_v4(const uint8_t v4[4], uint8_t ret_bytes[16])
{
    memcpy(ret_bytes, mapped_prefix, sizeof(mapped_prefix));
    memcpy(ret_bytes + 12, v4, 4);
}

static bool address_bytes(const struct sockaddr *address, uint8_t ret_bytes[16])
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, address, sizeof(v4));
        map_v4((const uint8_t *)&v4.sin_addr, ret_bytes);
        return true;
    }
    if (address->sa_family != AF_INET6)
        return false;
    struct sockaddr_in6 v6;
    memcpy(&v6, address, sizeof(v6));
    memcpy(ret_bytes, &v6.sin6_addr, 16);
    return true;
}

static bool in_rules(const uint8_t bytes[16], struct address_rule *const *rules, size_t rule_count)
{
    for (size_t i = 0; i < rule_count; i++) {
        if (same_prefix(bytes, rules[i]->bytes, rules[i]->bits))
            return true;
    }
    return false;
}

/* The IPv4 address, as v4-mapped, that a NAT64 or 6to4 address leads to. */
static bool address_inside(const uint8_t bytes[16], uint8_t ret_bytes[16])
{
    if (memcmp(bytes, nat64_prefix, sizeof(nat64_prefix)) == 0)
        map_v4(bytes + 12, ret_bytes);
    else if (bytes[0] == 0x20 && bytes[1] == 0x02)
        map_v4(bytes + 2, ret_bytes);
    else
        return false;
    return true;
}

static bool is_public(const uint8_t bytes[16])
{
    if (memcmp(bytes, mapped_prefix, sizeof(mapped_prefix)) == 0) {
        for (size_t i = 0; i < sizeof(special_v4) / sizeof(special_v4[0]); i++) {
            if (same_prefix(bytes + 12, special_v4[i].bytes, special_v4[i].bits))
                return false;
        }
        return true;
    }
    if ((bytes[0] & 0xe0) != 0x20)
        return false;
    for (size_t i = 0; i < sizeof(special_v6) / sizeof(special_v6[0]); i++) {
        if (same_prefix(bytes, special_v6[i].bytes, special_v6[i].bits))
            return false;
    }
    return true;
}

bool address_in_rules(const struct sockaddr *address, struct address_rule *const *rules,
                      size_t rule_count)
{
    uint8_t bytes[16], inside[16];
    if (!address_bytes(address, bytes))
        return false;
    return in_rules(bytes, rules, rule_count) ||
           (address_inside(bytes, inside) && in_rules(inside, rules, rule_count));
}

bool address_allowed(const struct sockaddr *address, struct address_rule *const *rules,
                     size_t rule_count)
{
    uint8_t bytes[16], inside[16];
    if (!address_bytes(address, bytes))
        return false;
    if (address_in_rules(address, rules, rule_count))
        return true;
    /* DNS64 gives such addresses for every IPv4 receiver on an IPv6-only network. */
    if (memcmp(bytes, nat64_prefix, sizeof(nat64_prefix)) == 0 && address_inside(bytes, inside))
        return is_public(inside);
    return is_public(bytes);
}

int address_rule_read(TALLOC_CTX *context, const char *text, struct address_rule **ret_rule)
{
    char address[INET6_ADDRSTRLEN];
    size_t length = strcspn(text, "/");
    if (length >= sizeof(address))
        return -EINVAL;
    memcpy(address, text, length);
    address[length] = '\0';
    uint8_t bytes[16], v4[4];
    bool is_v4 = inet_pton(AF_INET, address, v4) == 1;
    if (is_v4)
        map_v4(v4, bytes);
    else if (inet_pton(AF_INET6, address, bytes) != 1)
        return -EINVAL;
    unsigned most = is_v4 ? 32 : 128;
    unsigned long bits = most;
    if (text[length] == '/') {
        const char *digits = text + length + 1;
        size_t count = strspn(digits, "0123456789");
        if (count == 0 || count > 3 || digits[count] != '\0')
            return -EINVAL;
        bits = strtoul(digits, NULL, 10);
        if (bits > most)
            return -EINVAL;
    }
    struct address_rule *rule = memory_new(context, struct address_rule);
    memcpy(rule->bytes, bytes, sizeof(rule->bytes));
    rule->bits = (unsigned)bits + (is_v4 ? MAPPED_BITS : 0);
    *ret_rule = rule;
    return 0;
}
