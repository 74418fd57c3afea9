/* Expands the places of all profiles once, see audience.h. */
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
        total += audience->profiles[i].area_count;
    const char **texts = memory_array(audience, const char *, total + 1);
    for (size_t i = 0; i < audience->count; i++) {
        for (size_t j = 0; j < audience->profiles[i].area_count; j++)
            texts[text_count++] = audience->profiles[i].areas[j];
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

/* The few distinct texts of all languages, each once. */
struct texts {
    const char **items;
    size_t count;
};

static const char *intern(TALLOC_CTX *context, struct texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (strcmp(texts->items[i], text) == 0)
            return texts->items[i];
    }
    texts->items = memory_grow(context, (void *)texts->items, texts->count, sizeof(char *));
    return texts->items[texts->count++] = memory_text(context, text);
}

/* The profile's own lists, of texts that are shared by all. */
static void own_profile(struct audience *audience, struct profile *profile, unsigned *places,
                        struct texts *languages)
{
    const char **copy = memory_array(audience, const char *, profile->language_count + 1);
    const char **areas = memory_array(audience, const char *, profile->area_count + 1);
    for (size_t i = 0; i < profile->language_count; i++)
        copy[i] = intern(audience, languages, profile->languages[i]);
    for (size_t i = 0; i < profile->area_count; i++) {
        const struct audience_place *place =
            bsearch(profile->areas[i], audience->places, audience->place_count,
                    sizeof(*audience->places), compare_place);
        places[i] = (unsigned)(place - audience->places);
        areas[i] = place->text;
    }
    profile->languages = copy;
    profile->areas = areas;
}

static struct audience *make_audience(struct audience *audience, const struct area_graph *graph)
{
    struct texts languages = {0};
    make_places(audience, graph);
    audience->profile_places = memory_array(audience, unsigned *, audience->count + 1);
    for (size_t i = 0; i < audience->count; i++) {
        struct profile *profile = &audience->profiles[i];
        audience->profile_places[i] = memory_array(audience, unsigned, profile->area_count + 1);
        own_profile(audience, profile, audience->profile_places[i], &languages);
    }
    return audience;
}

struct audience *audience_new(TALLOC_CTX *context, const struct area_graph *graph,
                              const struct profile *profiles, size_t count)
{
    struct audience *audience = memory_new(context, struct audience);
    audience->profiles = memory_array(audience, struct profile, count + 1);
    for (size_t i = 0; i < count; i++)
        audience->profiles[i] = profiles[i];
    audience->count = count;
    return make_audience(audience, graph);
}

struct audience *audience_of(TALLOC_CTX *context, const struct area_graph *graph,
                             struct subscriber *const *subscribers, size_t count)
{
    struct profile *profiles = memory_array(context, struct profile, count + 1);
    for (size_t i = 0; i < count; i++)
        profiles[i] = subscriber_profile(subscribers[i]);
    struct audience *audience = audience_new(context, graph, profiles, count);
    talloc_free(profiles);
    return audience;
}

size_t audience_count(const struct audience *audience)
{
    return audience->count;
}

const struct profile *audience_profile(const struct audience *audience, size_t index)
{
    return &audience->profiles[index];
}

size_t audience_find(const struct audience *audience, int64_t number)
{
    size_t low = 0, high = audience->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (audience->profiles[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < audience->count && audience->profiles[low].number == number;
    return found ? low : audience->count;
}
