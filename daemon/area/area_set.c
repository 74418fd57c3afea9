/* Sets of municipalities. Most places cover one or few that stand together, so a set has only the
 * words between its first and its last member. */
#include <assert.h>
#include <errno.h>
#include <string.h>
#include "area/graph.h"
#include "base/arena.h"
#include "base/memory.h"

size_t area_set_bytes(size_t words)
{
    return sizeof(struct area_set) + words * sizeof(uint64_t);
}

static size_t end_of(const struct area_set *set)
{
    return set->first + set->words;
}

struct area_set *area_set_new(TALLOC_CTX *context, const struct area_graph *graph)
{
    struct area_set *set = memory_must(talloc_zero_size(context, area_set_bytes(graph->set_words)));
    set->words = graph->set_words;
    return set;
}

const struct area_set *area_set_pack(struct arena *arena, const struct area_set *set)
{
    size_t first = 0, end = set->words;
    while (end > 0 && set->bits[end - 1] == 0)
        end--;
    while (first < end && set->bits[first] == 0)
        first++;
    struct area_set *packed = arena_take(arena, area_set_bytes(end - first));
    packed->first = set->first + first;
    packed->words = end - first;
    memcpy(packed->bits, set->bits + first, (end - first) * sizeof(uint64_t));
    return packed;
}

bool area_set_has(const struct area_set *set, size_t bit)
{
    size_t word = bit / 64;
    return word >= set->first && word < end_of(set) &&
           (set->bits[word - set->first] >> (bit % 64) & 1) != 0;
}

void area_set_put(struct area_set *set, size_t bit)
{
    assert(set->first == 0 && bit / 64 < set->words);
    set->bits[bit / 64] |= (uint64_t)1 << (bit % 64);
}

void area_set_join(struct area_set *set, const struct area_set *other)
{
    assert(set->first == 0 && end_of(other) <= set->words);
    for (size_t i = 0; i < other->words; i++)
        set->bits[other->first + i] |= other->bits[i];
}

int area_set_add(struct area_set *set, const struct area_graph *graph, enum area_system system,
                 const char *code)
{
    const struct area_set *covered = area_coverage(graph, system, code);
    if (covered == NULL || area_set_count(covered) == 0)
        return -ENOENT;
    area_set_join(set, covered);
    return 0;
}

bool area_set_meets(const struct area_set *a, const struct area_set *b)
{
    if (a == NULL || b == NULL)
        return false;
    size_t from = a->first > b->first ? a->first : b->first;
    size_t end = end_of(a) < end_of(b) ? end_of(a) : end_of(b);
    for (size_t i = from; i < end; i++) {
        if ((a->bits[i - a->first] & b->bits[i - b->first]) != 0)
            return true;
    }
    return false;
}

size_t area_set_count(const struct area_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->words; i++)
        count += (size_t)__builtin_popcountll(set->bits[i]);
    return count;
}

const struct place *area_set_first(const struct area_graph *graph, const struct area_set *set)
{
    for (size_t i = 0; i < set->words; i++) {
        if (set->bits[i] != 0)
            return &graph->places[graph->first[AREA_MUNICIPALITY] + (set->first + i) * 64 +
                                  (size_t)__builtin_ctzll(set->bits[i])];
    }
    return NULL;
}
