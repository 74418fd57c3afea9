/* Inside of the area graph, shared by the files of area/ only.
 *
 * Places stand in one array sorted by system and code; a place's position in it is its number
 * everywhere else: `coverage` holds one set a place, municipalities have bit numbers in the order
 * of the array. Texts point into the table of places as read, which the graph owns. */
#pragma once

#include <stdint.h>
#include "area/area.h"

#define AREA_LANGUAGES_MAXIMUM 16

struct arena;
struct area_set {
    size_t first, words; /* of the words of all bits; what stands outside is not in the set */
    uint64_t bits[];
};

enum place_mark { PLACE_UNMARKED, PLACE_COAST, PLACE_INLAND };

struct place {
    struct area area;       /* first: an area of the graph is its place */
    const char **names;     /* as the graph's languages; NULL: none */
    unsigned line;          /* in the table of places */
    unsigned coverage_line; /* in the table of coverage; 0: no row */
    enum place_mark mark;
};

/* A place where JMA measures shaking: what is known of where municipalities lie. */
struct station {
    double latitude, longitude; /* degrees, to a hundredth */
    const struct place *municipality;
};

struct area_graph {
    const char *places_file, *coverage_file;
    const char *languages[AREA_LANGUAGES_MAXIMUM]; /* of the columns; ja is one of them */
    size_t language_count;
    size_t japanese, english; /* their columns; english is language_count when there is none */
    struct place *places;
    size_t place_count;
    const struct area **list;    /* every area in order, for area_list */
    const struct area **by_name; /* the same, within each system in the order of Japanese names */
    size_t first[AREA_SYSTEM_COUNT + 1];
    size_t set_words;                 /* of a set with room for all */
    const struct area_set **coverage; /* of each place */
    struct arena *parts;              /* the names and the sets */
    struct station *stations;
    size_t station_count;
};

/* System of the parents of this system, or AREA_UNKNOWN. */
enum area_system area_system_parent(enum area_system system);

/* Digits of a code of this system; 0: not a number. */
unsigned area_system_digits(enum area_system system);

/* Position of a place, or place_count. */
size_t place_number(const struct area_graph *graph, enum area_system system, const char *code);

const struct area_set *place_coverage(const struct area_graph *graph, size_t number);
/* Of a set with so many words. */
size_t area_set_bytes(size_t words);
bool area_set_has(const struct area_set *set, size_t bit);
/* Both change sets that have room for all (area_set_new). */
void area_set_put(struct area_set *set, size_t bit);
void area_set_join(struct area_set *set, const struct area_set *other);
/* A copy with no more words than it needs. */
const struct area_set *area_set_pack(struct arena *arena, const struct area_set *set);

/* The municipality of the lowest bit, or NULL for an empty set. */
const struct place *area_set_first(const struct area_graph *graph, const struct area_set *set);

/* Reads stations.tsv, when it is there, into a graph that has its places (area_location.c). */
__attribute__((warn_unused_result)) int
stations_load(struct area_graph *graph, const char *directory, struct problems *problems);

/* Reads all tables into an empty graph (area_load.c). */
int area_tables_load(struct area_graph *graph, const char *directory, struct problems *problems);
