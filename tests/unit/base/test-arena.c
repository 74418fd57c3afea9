/* Arena: what it hands out is zero, aligned, apart from each other, and gone with it. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/arena.h"

static void objects_are_zero_and_aligned_between_texts_of_any_length(void **state)
{
    (void)state;
    struct arena *arena = arena_new(NULL);
    for (size_t length = 0; length < 2000; length++) {
        char text[2000];
        memset(text, 'x', length);
        const char *copy = arena_text(arena, text, length);
        assert_int_equal(strlen(copy), length);
        uint64_t *object = arena_take(arena, 3 * sizeof(*object));
        assert_int_equal((uintptr_t)object % alignof(max_align_t), 0);
        for (size_t i = 0; i < 3; i++)
            assert_true(object[i] == 0);
        memset(object, 0xFF, 3 * sizeof(*object));
    }
    talloc_free(arena);
}

static void what_was_handed_out_stays_as_it_is(void **state)
{
    (void)state;
    struct arena *arena = arena_new(NULL);
    char *texts[20000];
    for (int i = 0; i < 20000; i++) {
        char text[16];
        int length = snprintf(text, sizeof(text), "%d", i);
        texts[i] = arena_text(arena, text, (size_t)length);
    }
    for (int i = 0; i < 20000; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        assert_string_equal(texts[i], text);
    }
    talloc_free(arena);
}

static void more_than_a_block_at_once_is_one_piece(void **state)
{
    (void)state;
    struct arena *arena = arena_new(NULL);
    size_t length = 3 * 1024 * 1024;
    char *large = arena_take(arena, length);
    memset(large, 'y', length);
    assert_string_equal(arena_text(arena, "after", 5), "after");
    assert_int_equal(large[length - 1], 'y');
    talloc_free(arena);
}

static void it_takes_little_more_than_what_is_asked_for(void **state)
{
    (void)state;
    struct arena *arena = arena_new(NULL);
    (void)arena_text(arena, "a", 1);
    assert_true(talloc_total_size(arena) < 8 * 1024);
    for (int i = 0; i < 100000; i++)
        (void)arena_take(arena, 64);
    assert_true(talloc_total_size(arena) < 100000 * 64 + 512 * 1024);
    assert_true(talloc_total_blocks(arena) < 64);
    talloc_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_are_zero_and_aligned_between_texts_of_any_length),
        cmocka_unit_test(what_was_handed_out_stays_as_it_is),
        cmocka_unit_test(more_than_a_block_at_once_is_one_piece),
        cmocka_unit_test(it_takes_little_more_than_what_is_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
