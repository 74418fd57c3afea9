/* Sets of municipalities: packed or not, they say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "area/graph.h"
#include "base/arena.h"

#define WORDS  5
#define BITS   (WORDS * 64)
#define ROUNDS 2000

static struct place places[BITS];
static const struct area_graph graph = {.set_words = WORDS, .places = places};

/* A model of one set: most have few members that stand together, as what a place covers. */
static struct area_set *random_set(TALLOC_CTX *context, bool model[static BITS])
{
    struct area_set *set = area_set_new(context, &graph);
    size_t from = (size_t)random() % BITS, count = (size_t)random() % 90;
    for (size_t i = 0; i < BITS; i++)
        model[i] = i >= from && i < from + count && random() % 3 == 0;
    for (size_t i = 0; i < BITS; i++) {
        if (model[i])
            area_set_put(set, i);
    }
    return set;
}

static void a_packed_set_has_the_same_members_and_no_more_words_than_they_need(void **state)
{
    (void)state;
    srandom(1);
    for (int round = 0; round < ROUNDS; round++) {
        struct arena *arena = arena_new(NULL);
        bool model[BITS];
        const struct area_set *packed = area_set_pack(arena, random_set(arena, model));
        size_t count = 0, lowest = BITS, highest = 0;
        for (size_t i = 0; i < BITS; i++) {
            assert_int_equal(area_set_has(packed, i), model[i]);
            count += model[i];
            lowest = model[i] && lowest == BITS ? i : lowest;
            highest = model[i] ? i : highest;
        }
        assert_int_equal(area_set_count(packed), count);
        assert_int_equal(packed->words, count == 0 ? 0 : highest / 64 - lowest / 64 + 1);
        assert_ptr_equal(area_set_first(&graph, packed), count == 0 ? NULL : &places[lowest]);
        talloc_free(arena);
    }
}

static void packed_sets_meet_and_join_as_whole_ones_do(void **state)
{
    (void)state;
    srandom(2);
    for (int round = 0; round < ROUNDS; round++) {
        struct arena *arena = arena_new(NULL);
        bool one[BITS], other[BITS], both = false;
        struct area_set *whole = random_set(arena, one), *second = random_set(arena, other);
        const struct area_set *a = area_set_pack(arena, whole), *b = area_set_pack(arena, second);
        for (size_t i = 0; i < BITS; i++)
            both = both || (one[i] && other[i]);
        assert_int_equal(area_set_meets(a, b), both);
        assert_int_equal(area_set_meets(b, a), both);
        assert_int_equal(area_set_meets(whole, b), both);
        assert_int_equal(area_set_meets(a, second), both);
        area_set_join(whole, b);
        for (size_t i = 0; i < BITS; i++)
            assert_int_equal(area_set_has(whole, i), one[i] || other[i]);
        assert_int_equal(area_set_meets(whole, b), area_set_count(b) > 0);
        talloc_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packed_set_has_the_same_members_and_no_more_words_than_they_need),
        cmocka_unit_test(packed_sets_meet_and_join_as_whole_ones_do),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
