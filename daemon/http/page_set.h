/* The answers of one snapshot, as bytes: what the http thread holds (see page.h).
 *
 * Every body exists twice: for as long as the snapshot is the present, and for when it has become
 * too old to be. An alert body is a short head that differs and a long tail that both share. */
#pragma once

#include "http/page.h"

struct page_part {
    const char *bytes;
    size_t length;
};
struct page_body {
    struct page_part parts[2];
    const char *etag; /* with its quotes; NULL: none */
};

enum page_kind { PAGE_HOME, PAGE_ALERTS, PAGE_STATUS, PAGE_READY };

/* The languages that the set was made with; lives at least as long as the set is published. */
const struct catalogue *page_set_catalogue(const struct page_set *set);
void page_set_ref(struct page_set *set);
/* `language`: one of the catalogue's; NULL: all (PAGE_ALERTS). `old`: the snapshot is too old.
 * The bytes live as long as the set. */
struct page_body page_set_body(const struct page_set *set, enum page_kind kind,
                               const char *language, bool old);
/* Whether PAGE_READY says yes while the snapshot is young. */
bool page_set_ready(const struct page_set *set);
/* OpenMetrics text without what only the server knows and without its end. */
struct page_part page_set_metrics(const struct page_set *set);
