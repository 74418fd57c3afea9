/* /api/v1/status and /readyz: for operators and machines; no address and no secret. */
#include "http/page_write.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"

static struct buffer *dump(TALLOC_CTX *context, json_t *json)
{
    struct buffer *out = buffer_new(context, PAGE_JSON_BYTES_MAX);
    char *text = memory_must(json_dumps(json, JSON_INDENT(1)));
    buffer_text(out, text);
    buffer_text(out, "\n");
    free(text);
    json_decref(json);
    return out;
}

static void set_age(json_t *object, const char *key, usec_t now, usec_t time)
{
    json_object_set_new(object, key,
                        time > 0 && now > 0
                            ? json_integer((json_int_t)((now - time) / USEC_PER_SEC))
                            : json_null());
}

static json_t *feeds_with_errors(const struct page_view *view, bool old)
{
    json_t *feeds = page_json_feeds(view, old);
    for (size_t i = 0; i < view->input->feed_count; i++) {
        const struct page_feed *feed = &view->input->feeds[i];
        json_t *json = json_array_get(feeds, i);
        set_age(json, "newest_age_seconds", view->input->now, feed->newest_updated);
        set_age(json, "last_success_age_seconds", view->input->now, feed->last_success);
        json_object_set_new(json, "failures", json_integer(feed->failures));
        page_json_text(json, "last_error", feed->last_error);
    }
    return feeds;
}

static json_t *notices_of(const struct page_input *input)
{
    json_t *notices = memory_must(json_array());
    for (size_t i = 0; i < input->notice_count; i++) {
        json_t *notice = json_string(input->notices[i]);
        if (notice != NULL)
            json_array_append_new(notices, notice);
    }
    return notices;
}

static json_t *copy_or_empty(const json_t *json)
{
    return json_is_object(json) ? memory_must(json_deep_copy(json)) : memory_must(json_object());
}

struct buffer *page_status(TALLOC_CTX *context, const struct page_view *view, bool old)
{
    const struct page_input *input = view->input;
    json_t *json = memory_must(json_object());
    page_json_text(json, "version", input->version);
    page_json_time(json, "started_at", input->started_at);
    page_json_time(json, "generated_at", input->now);
    json_object_set_new(json, "snapshot_old", json_boolean(old));
    page_json_text(json, "sight", freshness_name(old ? UNAVAILABLE : view->sight));
    page_json_text(json, "operator", input->operator_name);
    page_json_text(json, "feed_source", input->base_url_host);
    json_object_set_new(json, "feeds", feeds_with_errors(view, old));
    json_object_set_new(json, "alerts_in_force", json_integer((json_int_t)view->force.count));
    json_object_set_new(json, "drills", json_integer((json_int_t)view->drills.count));
    page_json_time(json, "maintenance_since", input->maintenance_since);
    json_object_set_new(json, "clock_trusted", json_boolean(input->clock_trusted));
    json_object_set_new(json, "store_writable", json_boolean(input->store_writable));
    json_object_set_new(json, "store_detached", json_boolean(input->store_detached));
    json_object_set_new(json, "bytes_today", json_integer((json_int_t)input->bytes_today));
    json_object_set_new(json, "counts", copy_or_empty(input->counts));
    json_object_set_new(json, "issued_to_delivered_seconds", copy_or_empty(input->latency));
    json_object_set_new(json, "notices", notices_of(input));
    return dump(context, json);
}

static bool any_fresh(const struct page_input *input)
{
    for (size_t i = 0; i < input->feed_count; i++) {
        if (page_feed_watched(&input->feeds[i]) && input->feeds[i].freshness <= FRESH_QUIET)
            return true;
    }
    return false;
}

struct buffer *page_readiness(TALLOC_CTX *context, const struct page_view *view, bool old,
                              bool *ret_ready)
{
    json_t *reasons = memory_must(json_array());
    if (old)
        json_array_append_new(reasons, json_string("the snapshot is too old"));
    if (!any_fresh(view->input))
        json_array_append_new(reasons, json_string("no watched feed is fresh"));
    if (!view->input->store_writable)
        json_array_append_new(reasons, json_string("the store cannot be written"));
    if (view->input->canary_missing)
        json_array_append_new(reasons, json_string("canaries do not arrive"));
    bool ready = json_array_size(reasons) == 0;
    json_t *json = memory_must(json_object());
    if (ready) {
        page_json_text(json, "status", "ready");
        json_decref(reasons);
    } else {
        page_json_text(json, "type", "about:blank");
        page_json_text(json, "title", "Not ready");
        json_object_set_new(json, "status", json_integer(503));
        json_object_set_new(json, "reasons", reasons);
    }
    *ret_ready = ready;
    return dump(context, json);
}
