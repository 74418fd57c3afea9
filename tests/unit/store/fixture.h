/* A scratch store for each test, and rows with everything filled in that a test does not care
 * about. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/memory.h"
#include "store/store.h"

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static TALLOC_CTX *context;
static struct store *store;

static int set_up(void **state)
{
    int owner = 0;
    context = talloc_new(NULL);
    *state = NULL;
    return store_open(context, ":memory:", problems_new(context), &owner, &store);
}

static int tear_down(void **state)
{
    (void)state;
    store_close(store);
    talloc_free(context);
    return 0;
}

/* assert_string_equal that says so when the first is NULL, instead of crashing. */
#define same_text(a, b)                                                                            \
    do {                                                                                           \
        assert_non_null(a);                                                                        \
        assert_string_equal(a, b);                                                                 \
    } while (0)
