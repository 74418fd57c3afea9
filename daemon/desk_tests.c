/* What looks by itself whether everybody would be reached (H-19): the weekly look for gaps, and the
 * monthly test of the whole chain. */
#include "base/log.h"
#include "base/memory.h"
#include "chain_test.h"
#include "coverage.h"
#include "desk_parts.h"

static void tell(struct desk *desk, const char *text)
{
    if (text == NULL)
        return;
    log_warning("operator: look at this", "notice", text);
    desk_notice(desk, text);
}

static int look_for_gaps(struct desk *desk, TALLOC_CTX *scratch, usec_t now)
{
    const char *text = NULL;
    if (now < desk->next_coverage)
        return 0;
    int r = coverage_due(scratch, desk->config, desk->store, now, &text, &desk->next_coverage);
    tell(desk, text);
    return r;
}

static int test_chain(struct desk *desk, TALLOC_CTX *scratch, usec_t now)
{
    struct chain_test_news news;
    if (now < desk->next_chain)
        return 0;
    int r = chain_test_due(scratch, desk->config, desk->store, now, &news, &desk->next_chain);
    tell(desk, r >= 0 ? news.notice : NULL);
    if (r >= 0 && news.audit != NULL)
        r = staffing_note(desk->staffing, "noroshi", news.audit, news.object,
                          news.detail != NULL ? news.detail : "", now);
    return r;
}

int desk_test_due(struct desk *desk, usec_t now, usec_t *ret_next)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    int r = look_for_gaps(desk, scratch, now);
    if (r >= 0)
        r = test_chain(desk, scratch, now);
    talloc_free(scratch);
    *ret_next = desk->next_chain < desk->next_coverage ? desk->next_chain : desk->next_coverage;
    return r;
}

int desk_begin_chain_test(void *userdata, TALLOC_CTX *context, const char *by, const char **ret_id)
{
    struct desk *desk = userdata;
    usec_t now = desk_now(desk);
    int r = chain_test_begin(context, desk->config, desk->store, now, ret_id);
    desk->next_chain = now;
    return r >= 0 ? staffing_note(desk->staffing, by, "chain-test sent", *ret_id, "", now) : r;
}
