/* Coded places, and the graph that says which municipalities each covers.
 *
 * Does: loads config/areas/ tables; finds a place by code system and code; says which
 * municipalities a place covers; gives names in a reader's language. "Municipality" is the unit in
 * which places meet: the 5-digit JIS code of a city, ward of Tokyo, town or village (札幌市 01100).
 * Wards of designated cities and the divided weather areas are parts of it with codes of their own.
 * Never: guesses a place from a name or from an office. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>
#include "base/problem.h"

/* Codes of different systems collide (462 is a quake area and 46 a prefecture): always both. */
enum area_system {
    AREA_UNKNOWN = 0,
    AREA_COUNTRY,        /* "jp": all of Japan */
    AREA_PREFECTURE,     /* 2 digits, JIS */
    AREA_MUNICIPALITY,   /* 5 digits, JIS; the unit of the graph */
    AREA_WEATHER_OFFICE, /* 府県予報区 6 digits */
    AREA_WEATHER_REGION, /* 一次細分区域 (class10) 6 digits */
    AREA_WEATHER_GROUP,  /* 市町村等をまとめた地域 (class15) 6 digits */
    AREA_WEATHER_CITY,   /* 市町村等 (class20) 7 digits, of the 2026-05-28 division */
    AREA_QUAKE_REGION,   /* 地震情報細分区域 3 digits */
    AREA_QUAKE_CITY,     /* 地震情報市町村等 7 digits, designated cities by ward */
    AREA_TSUNAMI_COAST,  /* 津波予報区 3 digits */
    AREA_EPICENTER,      /* 震央地名 3 digits: a name only, covers nothing */
    AREA_VOLCANO,        /* 火山 3 digits */
    AREA_FLOOD_ZONE,     /* 洪水予報区域 10 or 12 digits */
    AREA_SYSTEM_COUNT
};

/* "country", "prefecture", "municipality", "weather-office", "weather-region", "weather-group",
 * "weather-city", "quake-region", "quake-city", "tsunami-coast", "epicenter", "volcano",
 * "flood-zone". */
const char *area_system_name(enum area_system system);
enum area_system area_system_from_name(const char *name);

struct area {
    enum area_system system;
    const char *code;
    const char *parent; /* code of the parent in the next system up, or NULL */
    const char *name_ja;
};

struct area_graph;

/* Loads every table of `directory` (config/areas). Problems name file and line. Returns 0 or
 * -EINVAL. The graph is immutable and may be read by several threads. */
__attribute__((warn_unused_result)) int area_graph_load(TALLOC_CTX *context, const char *directory,
                                                        struct problems *problems,
                                                        struct area_graph **ret_graph);

/* NULL when unknown. */
const struct area *area_find(const struct area_graph *graph, enum area_system system,
                             const char *code);

/* Name in `language` (BCP 47 as in DESIGN; ja-simple falls to ja); *ret_language, when given, tells
 * which language the name really is ("en" when there is none in `language`, "ja" when none at all).
 * Never NULL for a known area. */
const char *area_name(const struct area_graph *graph, const struct area *area, const char *language,
                      const char **ret_language);

/* A set of municipalities; belongs to its context. */
struct area_set;
/* An empty one with room for all. */
struct area_set *area_set_new(TALLOC_CTX *context, const struct area_graph *graph);
/* Adds what the place covers to a set of area_set_new. Returns 0, or -ENOENT when the code is
 * unknown or covers nothing. */
__attribute__((warn_unused_result)) int area_set_add(struct area_set *set,
                                                     const struct area_graph *graph,
                                                     enum area_system system, const char *code);
bool area_set_meets(const struct area_set *a, const struct area_set *b);
size_t area_set_count(const struct area_set *set);

/* What one place covers, borrowed from the graph (no copy); NULL when unknown. */
const struct area_set *area_coverage(const struct area_graph *graph, enum area_system system,
                                     const char *code);

/* A place as people write it in configuration and on the command line: "jp", "01", "01100" or
 * "0110000", "札幌市", "Sapporo", "coast:110", "quake:101", "weather:016010", "ward:0110100",
 * "@43.06,141.35" (the municipality of area_locate that comes first). Plain digits: 2 prefecture, 5
 * municipality, 6 weather office, region or group, 7 weather city or quake city (ward). Names (ja
 * or en) must be unique among prefectures, municipalities and wards. Returns 0, -ENOENT (unknown)
 * or -EINVAL (not unique), with advice in *ret_advice for both. */
__attribute__((warn_unused_result)) int area_read(TALLOC_CTX *context,
                                                  const struct area_graph *graph, const char *text,
                                                  const struct area **ret_area,
                                                  const char **ret_advice);

/* "@43.06,141.35", with or without the "@": degrees north and east. */
bool area_is_location(const char *text, double *ret_latitude, double *ret_longitude);

#define AREA_LOCATIONS 64 /* more than can be in doubt */
struct area_location {
    const struct area *municipality;
    double km; /* to its nearest station */
};
/* The municipality of a location, by the nearest of JMA's intensity stations, and behind it those
 * that are nearly as near and may be the right one: missing a warning is worse than one too many.
 * Returns 0, or -ERANGE for a place outside Japan. */
__attribute__((warn_unused_result)) int
area_locate(const struct area_graph *graph, double latitude, double longitude,
            struct area_location ret_locations[static AREA_LOCATIONS], size_t *ret_count);

/* Two places overlap more finely than municipalities: a ward (quake city) that a subscriber named
 * meets a quake city only when it is the same ward; every other pair meets by municipality. */
bool area_meets(const struct area_graph *graph, const struct area *a, const struct area *b);

/* The weather office (府県予報区) of a weather city, region or group; NULL when unknown. */
const char *area_weather_office(const struct area_graph *graph, enum area_system system,
                                const char *code);

/* All areas of a system in code order, and those of them whose code begins with `start`. */
const struct area *const *area_list(const struct area_graph *graph, enum area_system system,
                                    size_t *ret_count);
const struct area *const *area_list_from(const struct area_graph *graph, enum area_system system,
                                         const char *start, size_t *ret_count);
/* The one area of the system with exactly this Japanese name; NULL when none or several have it. */
const struct area *area_of_name(const struct area_graph *graph, enum area_system system,
                                const char *name_ja);

/* The graph's own consistency (each municipality has a prefecture, quake region, weather city and
 * either a coast or the mark "inland"): adds problems. */
void area_graph_check(const struct area_graph *graph, struct problems *problems);
