/* A broadcast with everything filled in, people of each role, and rules. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "base/memory.h"
#include "base/text.h"
#include "broadcast/broadcast.h"

#define NOW ((usec_t)1790000000 * USEC_PER_SEC)

static const char *const no_hosts[] = {NULL};
static const char *const named[] = {"anna", "bert", NULL};
static struct broadcast_issuer issuers[] = {
    {"city", "札幌市危機管理局", "City of Sapporo", "011-211-2111", true, named},
    {"other", "石狩市", "City of Ishikari", "0133-72-3111", false, NULL},
};
static const struct broadcast_rules rules = {.issuers = issuers,
                                             .issuer_count = 2,
                                             .approval = {true, true, true, true, true, true},
                                             .break_glass_level = 5,
                                             .break_glass_phrase = "I alone send this now",
                                             .hosts = no_hosts,
                                             .drill_lasts = USEC_PER_HOUR};

static struct person person_of(const char *name, enum staff_role role)
{
    return (struct person){
        .name = name, .shown_name = name, .role = role, .authority = "city", .reach = REACH_BOTH};
}

static const char *const launch_words[] = {"ミサイル発射", "Missile launched", NULL};
static const char *const sapporo_names[] = {"札幌市", "Sapporo City", NULL};

static struct broadcast *draft_of(TALLOC_CTX *context, enum broadcast_kind kind)
{
    struct broadcast *broadcast = memory_new(context, struct broadcast);
    broadcast->id = memory_printf(broadcast, "%s-0123456789", broadcast_kind_name(kind));
    broadcast->thread = broadcast->id;
    broadcast->kind = kind;
    broadcast->phase = BROADCAST_ISSUE;
    broadcast->template_id = "E-4";
    broadcast->level = 4;
    broadcast->authority = "city";
    broadcast->areas = memory_array(broadcast, const char *, 2);
    broadcast->areas[0] = "municipality:01100";
    broadcast->area_count = 1;
    broadcast->values = memory_array(broadcast, struct broadcast_value, 2);
    broadcast->values[0] = (struct broadcast_value){"reason", NULL, "flood"};
    broadcast->values[1] = (struct broadcast_value){"districts", "ja", "豊平区"};
    broadcast->value_count = 2;
    broadcast->valid_for = 6 * USEC_PER_HOUR;
    broadcast->author = broadcast->last_editor = "anna";
    broadcast->created_at = broadcast->edited_at = NOW;
    broadcast->source = "staff";
    broadcast->hash = broadcast_hash(broadcast, broadcast);
    return broadcast;
}

/* A request with everything typed rightly. */
static struct broadcast_request right_request(enum broadcast_action action,
                                              const struct person *person,
                                              const struct broadcast *broadcast, usec_t now)
{
    return (struct broadcast_request){.action = action,
                                      .person = person,
                                      .now = now,
                                      .seen_hash = broadcast->hash,
                                      .typed_area = "札幌市",
                                      .area_names = sapporo_names,
                                      .typed_words = "ミサイル発射",
                                      .words = launch_words,
                                      .everyone_again = true,
                                      .count_seen = 100,
                                      .count_seen_at = now,
                                      .count_now = 100,
                                      .phrase = "I alone send this now",
                                      .reason = "the river is over the bank",
                                      .at = now + USEC_PER_HOUR};
}

static enum broadcast_refusal ask(TALLOC_CTX *context, enum broadcast_action action,
                                  const struct person *person, struct broadcast **broadcast,
                                  usec_t now)
{
    const struct broadcast_request request = right_request(action, person, *broadcast, now);
    return broadcast_decide(context, *broadcast, *broadcast, &request, &rules, broadcast);
}
