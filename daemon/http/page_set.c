/* Building all answers of a snapshot, and counting who still needs them: see page_set.h.
 *
 * A set is made on the desk, published, and let go by whichever thread drops the last reference; it
 * has no talloc parent, so that freeing it touches nothing that another thread uses. */
#include "http/page_set.h"

#include <stdatomic.h>
#include <string.h>
#include "base/memory.h"
#include "http/page_write.h"

struct page_set {
    atomic_uint references;
    const struct catalogue *catalogue;
    char **languages;
    size_t language_count;
    struct page_part *home[2];
    struct page_part head[2], status[2], readiness[2], metrics;
    struct page_part *tails; /* one a language, and one for all */
    const char **etags;      /* [old][language] */
    bool ready;
};

/* The bytes move to the set; a body that did not fit becomes empty rather than cut. */
static struct page_part part_of(struct page_set *set, struct buffer *buffer)
{
    struct page_part part = {"", 0};
    if (!buffer->overflow) {
        part.bytes = talloc_steal(set, buffer->bytes);
        part.length = buffer->length;
    }
    return part;
}

/* A snapshot is one instant of one run, so that names its bytes. */
static void make_etags(struct page_set *set, const struct page_input *input)
{
    size_t variants = set->language_count + 1;
    set->etags = memory_array(set, const char *, 2 * variants);
    if (input->now == 0)
        return;
    for (size_t i = 0; i < 2 * variants; i++)
        set->etags[i] =
            memory_printf(set->etags, "\"%llx-%llx-%zx\"", (unsigned long long)input->started_at,
                          (unsigned long long)input->now, i);
}

static void make_bodies(struct page_set *set, const struct page_view *view)
{
    struct page_fragments *fragments = page_fragments_new((void *)view, view);
    set->tails = memory_array(set, struct page_part, set->language_count + 1);
    for (size_t i = 0; i <= set->language_count; i++)
        set->tails[i] = part_of(set, page_alerts_tail(fragments, view, fragments, i));
    for (int old = 0; old < 2; old++) {
        bool ready = false;
        set->home[old] = memory_array(set, struct page_part, set->language_count + 1);
        for (size_t i = 0; i < set->language_count; i++)
            set->home[old][i] = part_of(set, page_html(fragments, view, i, old));
        set->head[old] = part_of(set, page_alerts_head(fragments, view, old));
        set->status[old] = part_of(set, page_status(fragments, view, old));
        set->readiness[old] = part_of(set, page_readiness(fragments, view, old, &ready));
        set->ready = old ? set->ready : ready;
    }
    set->metrics = part_of(set, page_metrics(fragments, view));
}

struct page_set *page_set_new(const struct catalogue *catalogue, const struct area_graph *graph,
                              const struct page_input *input)
{
    struct page_set *set = memory_new(NULL, struct page_set);
    atomic_init(&set->references, 1);
    struct page_view *view = page_view_new(NULL, catalogue, graph, input);
    set->catalogue = catalogue;
    set->language_count = view->language_count;
    set->languages = memory_array(set, char *, view->language_count + 1);
    for (size_t i = 0; i < view->language_count; i++)
        set->languages[i] = memory_text(set->languages, view->languages[i]);
    make_etags(set, input);
    make_bodies(set, view);
    talloc_free(view);
    return set;
}

const struct catalogue *page_set_catalogue(const struct page_set *set)
{
    return set->catalogue;
}

void page_set_ref(struct page_set *set)
{
    atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
}

void page_set_unref(struct page_set *set)
{
    if (set != NULL && atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) == 1)
        talloc_free(set);
}

static size_t language_index(const struct page_set *set, const char *language)
{
    for (size_t i = 0; language != NULL && i < set->language_count; i++) {
        if (strcmp(set->languages[i], language) == 0)
            return i;
    }
    return set->language_count;
}

struct page_body page_set_body(const struct page_set *set, enum page_kind kind,
                               const char *language, bool old)
{
    size_t index = language_index(set, language);
    struct page_body body = {.etag = set->etags[old * (set->language_count + 1) + index]};
    switch (kind) {
    case PAGE_HOME:
        if (index == set->language_count)
            index = 0;
        body.parts[0] = set->home[old][index];
        break;
    case PAGE_ALERTS:
        body.parts[0] = set->head[old];
        body.parts[1] = set->tails[index];
        break;
    case PAGE_STATUS:
        body.parts[0] = set->status[old];
        break;
    case PAGE_READY:
        body.parts[0] = set->readiness[old];
        break;
    }
    return body;
}

bool page_set_ready(const struct page_set *set)
{
    return set->ready;
}

struct page_part page_set_metrics(const struct page_set *set)
{
    return set->metrics;
}
