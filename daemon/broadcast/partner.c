/* What a partner may, and what its broadcasts are called. */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "broadcast/alert.h"
#include "broadcast/partner.h"

#define ID_DIGITS 20

const struct partner *partner_find(const struct broadcast_rules *rules, const char *id)
{
    for (size_t i = 0; i < rules->partner_count; i++) {
        if (text_equal(rules->partners[i].issuer.id, id))
            return &rules->partners[i];
    }
    return NULL;
}

static bool may_use(const struct partner *partner, const char *template_id)
{
    for (const char *const *row = partner->templates; *row != NULL; row++) {
        if (text_equal(*row, template_id))
            return true;
    }
    return false;
}

static struct area_set *own_areas(TALLOC_CTX *context, const struct partner *partner,
                                  const struct area_graph *graph)
{
    struct area_set *set = area_set_new(context, graph);
    for (size_t i = 0; i < partner->area_count; i++) {
        if (area_set_add(set, graph, partner->areas[i]->system, partner->areas[i]->code) < 0)
            continue; /* the configuration was checked: such an area covers nothing */
    }
    return set;
}

/* A place that is not known is told by broadcast_faults. */
static void check_areas(const struct partner *partner, const struct broadcast *broadcast,
                        const struct area_graph *graph, struct problems *problems)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    struct area_set *set = own_areas(scratch, partner, graph);
    size_t own = area_set_count(set);
    for (size_t i = 0; i < broadcast->area_count; i++) {
        const struct area *area = broadcast_area(graph, broadcast->areas[i]);
        if (area != NULL && (area_set_add(set, graph, area->system, area->code) < 0 ||
                             area_set_count(set) != own)) {
            problems_add(problems, "areas", 0, 0,
                         "places within the areas agreed with this partner",
                         "%s (%s) is not within them", area->name_ja, broadcast->areas[i]);
            break; /* the set has grown: what follows would be judged by it */
        }
    }
    talloc_free(scratch);
}

void partner_check(const struct partner *partner, const struct broadcast *broadcast,
                   const struct area_graph *graph, struct problems *problems)
{
    if (!may_use(partner, broadcast->template_id))
        problems_add(problems, "template", 0, 0, "one of the templates agreed with this partner",
                     "the template %s is not among them",
                     broadcast->template_id != NULL ? broadcast->template_id : "\"\"");
    else if (broadcast->level > partner->level)
        problems_add(problems, "template", 0, 0, "a template of a level agreed with this partner",
                     "the template %s has level %d, above level %d", broadcast->template_id,
                     broadcast->level, partner->level);
    if (broadcast->everyone)
        problems_add(problems, "areas", 0, 0, "areas by name or code",
                     "a partner cannot send to everyone");
    check_areas(partner, broadcast, graph, problems);
}

const char *partner_broadcast_id(TALLOC_CTX *context, const struct partner *partner,
                                 enum broadcast_kind kind, const char *identifier)
{
    const char *name = memory_printf(context, "%s|%s", partner->issuer.id, identifier);
    return memory_printf(context, "%s-%s", broadcast_kind_name(kind),
                         text_hash(context, name, strlen(name), ID_DIGITS));
}

struct person partner_person(TALLOC_CTX *context, const struct partner *partner, const char *from)
{
    return (struct person){.name = memory_printf(context, "partner.%s", partner->issuer.id),
                           .shown_name = partner->issuer.name_ja,
                           .role = STAFF_PARTNER,
                           .authority = partner->issuer.id,
                           .language = "en",
                           .reach = REACH_BOTH,
                           .via = memory_printf(context, "partner %s", partner->issuer.id),
                           .from = from};
}

struct broadcast *partner_send(TALLOC_CTX *context, const struct partner *partner,
                               const struct broadcast *draft, usec_t now)
{
    if (draft->state != BROADCAST_DRAFT || draft->held != NULL ||
        draft->level > partner->send_level || !text_equal(draft->authority, partner->issuer.id))
        return NULL;
    struct broadcast *sent = broadcast_copy(context, draft);
    sent->state = BROADCAST_SENT;
    sent->alone = ALONE_PARTNER;
    sent->sent_at = now;
    sent->sender = sent->author;
    return sent;
}
