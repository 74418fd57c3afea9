/* Expands the places of all subscribers once, see audience.h. */
#include "match/audience.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

uint64_t area_pack(enum area_system system, const char *code)
{
    uint64_t packed = 0;
    size_t length = 0;
    for (; code[length] != '\0' && length < 7; length++)
        packed = packed << 8 | (unsigned char)code[length];
    /* Longer codes than any of ours (river zones) are folded; they meet no table entry anyway. */
    for (; code[length] != '\0'; length++)
        packed = (packed ^ (unsigned char)code[length]) * 0x100000001b3U & 0xffffffffffffffU;
    return packed | (uint64_t)system << 56;
}

static size_t slot_of(uint64_t packed, size_t mask)
{
    return (size_t)(packed * 0x9e3779b97f4a7c15U >> 24) & mask;
}

bool place_meets(const struct audience_place *place, uint64_t packed)
{
    if (place->everywhere)
        return true;
    for (size_t slot = slot_of(packed, place->slot_mask); place->slots[slot] != 0;
         slot = (slot + 1) & place->slot_mask) {
        if (place->slots[slot] == packed)
            return true;
    }
    return false;
}

/* Every place of the graph that can cover something, with what it covers. */
struct covered_area {
    const struct area *area;
    const struct area_set *coverage;
    uint64_t packed;
};

static struct covered_area *covered_areas(TALLOC_CTX *context, const struct area_graph *graph,
                                          size_t *ret_count)
{
    struct covered_area *list = NULL;
    size_t count = 0;
    for (unsigned system = AREA_COUNTRY; system < AREA_SYSTEM_COUNT; system++) {
        size_t area_count;
        const struct area *const *areas = area_list(graph, (enum area_system)system, &area_count);
        for (size_t i = 0; i < area_count; i++) {
            const struct area_set *coverage =
                area_coverage(graph, areas[i]->system, areas[i]->code);
            if (coverage == NULL)
                continue;
            list = memory_grow(context, list, count, sizeof(*list));
            list[count++] = (struct covered_area){areas[i], coverage,
                                                  area_pack(areas[i]->system, areas[i]->code)};
        }
    }
    *ret_count = count;
    return list;
}

static bool meets(const struct area_graph *graph, const struct covered_area *place,
                  const struct covered_area *other)
{
    if (place->area->system == AREA_QUAKE_CITY && other->area->system == AREA_QUAKE_CITY)
        return area_meets(graph, place->area, other->area);
    return area_set_meets(place->coverage, other->coverage);
}

static void put(struct audience_place *place, uint64_t packed)
{
    size_t slot = slot_of(packed, place->slot_mask);
    while (place->slots[slot] != 0)
        slot = (slot + 1) & place->slot_mask;
    place->slots[slot] = packed;
}

static void expand(TALLOC_CTX *context, const struct area_graph *graph,
                   const struct covered_area *all, size_t count, const struct covered_area *own,
                   struct audience_place *place)
{
    uint64_t *met = memory_array(context, uint64_t, count + 1);
    size_t met_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (meets(graph, own, &all[i]))
            met[met_count++] = all[i].packed;
    }
    size_t size = 8;
    while (size < met_count * 3)
        size *= 2;
    place->slots = memory_array(context, uint64_t, size);
    place->slot_mask = size - 1;
    for (size_t i = 0; i < met_count; i++)
        put(place, met[i]);
    talloc_free(met);
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* "ward:0110100"-like canonical text to the place; NULL when the graph does not know it. */
static const struct covered_area *own_area(const struct covered_area *all, size_t count,
                                           const char *text)
{
    const char *colon = strchr(text, ':');
    char system[32];
    if (colon == NULL || (size_t)(colon - text) >= sizeof(system))
        return NULL;
    memcpy(system, text, (size_t)(colon - text));
    system[colon - text] = '\0';
    enum area_system known = area_system_from_name(system);
    uint64_t packed = area_pack(known, colon + 1);
    for (size_t i = 0; i < count; i++) {
        if (all[i].packed == packed)
            return &all[i];
    }
    return NULL;
}

static void make_places(struct audience *audience, const struct area_graph *graph)
{
    size_t total = 0, text_count = 0;
    for (size_t i = 0; i < audience->count; i++)
        total += audience->subscribers[i]->area_count;
    const char **texts = memory_array(audience, const char *, total + 1);
    for (size_t i = 0; i < audience->count; i++) {
        for (size_t j = 0; j < audience->subscribers[i]->area_count; j++)
            texts[text_count++] = audience->subscribers[i]->areas[j];
    }
    qsort(texts, text_count, sizeof(*texts), compare_texts);
    audience->places = memory_array(audience, struct audience_place, total + 1);
    size_t covered_count;
    TALLOC_CTX *scratch = talloc_new(audience);
    struct covered_area *all = covered_areas(scratch, graph, &covered_count);
    for (size_t i = 0; i < text_count; i++) {
        if (i > 0 && strcmp(texts[i], texts[i - 1]) == 0)
            continue;
        struct audience_place *place = &audience->places[audience->place_count++];
        place->text = memory_text(audience, texts[i]);
        const struct covered_area *own = own_area(all, covered_count, texts[i]);
        place->everywhere = own != NULL && own->area->system == AREA_COUNTRY;
        if (own != NULL && !place->everywhere)
            expand(audience, graph, all, covered_count, own, place);
        else
            place->slots = memory_array(audience, uint64_t, 1); /* an unknown place meets nothing */
    }
    talloc_free(scratch);
    talloc_free(texts);
}

static int compare_place(const void *text, const void *place)
{
    return strcmp(text, ((const struct audience_place *)place)->text);
}

struct audience *audience_new(TALLOC_CTX *context, const struct area_graph *graph,
                              struct subscriber *const *subscribers, size_t count)
{
    struct audience *audience = memory_new(context, struct audience);
    struct subscriber **copy = memory_array(audience, struct subscriber *, count + 1);
    for (size_t i = 0; i < count; i++)
        copy[i] = subscribers[i];
    audience->subscribers = copy;
    audience->count = count;
    make_places(audience, graph);
    audience->subscriber_places = memory_array(audience, unsigned *, count + 1);
    audience->subscriber_place_counts = memory_array(audience, size_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct subscriber *subscriber = subscribers[i];
        unsigned *own = memory_array(audience, unsigned, subscriber->area_count + 1);
        for (size_t j = 0; j < subscriber->area_count; j++) {
            const struct audience_place *place =
                bsearch(subscriber->areas[j], audience->places, audience->place_count,
                        sizeof(*audience->places), compare_place);
            own[audience->subscriber_place_counts[i]++] = (unsigned)(place - audience->places);
        }
        audience->subscriber_places[i] = own;
    }
    return audience;
}

size_t audience_count(const struct audience *audience)
{
    return audience->count;
}

const struct subscriber *audience_subscriber(const struct audience *audience, size_t index)
{
    return audience->subscribers[index];
}
