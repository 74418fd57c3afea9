/* Telegrams from files for the tests of jma/: our own (own/CODE/…) and, where it lies beside the
 * repository, the corpus of real ones (corpus/CODE/…). */
#pragma once

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>
#include <jansson.h>

#include "base/memory.h"
#include "base/text.h"
#include "jma/report.h"

struct load {
    struct area_graph *graph;
    struct problems *problems; /* of the telegrams loaded so far */
};

static inline const char *load_root(void)
{
    const char *root = getenv("NOROSHI_ROOT");
    return root != NULL ? root : ".";
}

static inline int load_begin(void **state)
{
    struct load *load = memory_new(NULL, struct load);
    char *directory = memory_printf(load, "%s/config/areas", load_root());
    load->problems = problems_new(load);
    assert_int_equal(area_graph_load(load, directory, load->problems, &load->graph), 0);
    *state = load;
    return 0;
}

static inline int load_end(void **state)
{
    talloc_free(*state);
    return 0;
}

/* "own/VXSE53/a.xml" or "corpus/VXSE53/b.xml" → where it lies. */
static __attribute__((noinline, unused)) char *load_path(TALLOC_CTX *context, const char *file)
{
    if (text_starts(file, "corpus/"))
        return memory_printf(context, "%s/../shared/corpus/telegrams/%s", load_root(),
                             strchr(file, '/') + 1);
    return memory_printf(context, "%s/tests/telegram/%s", load_root(), file);
}

static inline bool load_has_corpus(void)
{
    struct stat info;
    TALLOC_CTX *context = talloc_new(NULL);
    bool found = stat(load_path(context, "corpus/"), &info) == 0;
    talloc_free(context);
    return found;
}

static inline void load_need_corpus(void)
{
    if (!load_has_corpus()) {
        print_message("# skipped: no corpus at ../shared/corpus\n");
        skip();
    }
}

static inline char *load_bytes(TALLOC_CTX *context, const char *file, size_t *ret_length)
{
    struct stat info;
    char *path = load_path(context, file);
    FILE *stream = fopen(path, "rb");
    if (stream == NULL || fstat(fileno(stream), &info) < 0)
        fail_msg("cannot open %s", path);
    char *bytes = memory_array(context, char, (size_t)info.st_size + 1);
    *ret_length = fread(bytes, 1, (size_t)info.st_size, stream);
    fclose(stream);
    return bytes;
}

/* The report of bytes whose name is `file`. */
static inline struct report *load_text(struct load *load, const char *file, const char *bytes,
                                       size_t length)
{
    struct telegram *telegram;
    struct problems *problems = problems_new(load);
    if (telegram_parse(load, file, bytes, length, problems, &telegram) < 0)
        fail_msg("%s", problem_text(load, &problems->items[0]));
    load->problems = problems;
    return report_parse(load, load->graph, telegram, problems);
}

static inline struct report *load_report(struct load *load, const char *file)
{
    size_t length;
    char *bytes = load_bytes(load, file, &length);
    return load_text(load, file, bytes, length);
}

/* The same with the first `from` replaced by `to`, to make odd telegrams of good ones. */
static inline struct report *load_changed(struct load *load, const char *file, const char *from,
                                          const char *to)
{
    size_t length;
    char *bytes = load_bytes(load, file, &length);
    char *at = strstr(bytes, from);
    if (at == NULL)
        fail_msg("%s does not hold %s", file, from);
    char *changed =
        memory_printf(load, "%.*s%s%s", (int)(at - bytes), bytes, to, at + strlen(from));
    return load_text(load, file, changed, strlen(changed));
}

/* Without the part from the first `from` to the first `to` after it, which stays. */
static inline struct report *load_without(struct load *load, const char *file, const char *from,
                                          const char *to)
{
    size_t length;
    char *bytes = load_bytes(load, file, &length);
    char *at = strstr(bytes, from), *end = at != NULL ? strstr(at, to) : NULL;
    if (end == NULL)
        fail_msg("%s does not hold %s to %s", file, from, to);
    char *changed = memory_printf(load, "%.*s%s", (int)(at - bytes), bytes, end);
    return load_text(load, file, changed, strlen(changed));
}

/* cmocka compares float only. */
static inline void assert_near(double found, double wanted)
{
    if (!(fabs(found - wanted) < 1e-9))
        fail_msg("%.12g is not %.12g", found, wanted);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, load_begin, load_end)
