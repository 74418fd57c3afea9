/* Who receives: resident (mail), facility (webhook), staff. Records and their reading. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "area/area.h"
#include "base/document.h"
#include "base/problem.h"
#include "jma/hazard.h"

enum channel { CHANNEL_EMAIL, CHANNEL_WEBHOOK, CHANNEL_COUNT };
const char *channel_name(enum channel channel); /* "email", "webhook" */

struct subscriber {
    const char *id;   /* "s_" + 16 hex digits of hash(channel, address): stable */
    const char *name; /* may be empty */
    enum channel channel;
    const char *address;  /* mail address or URL: never logged */
    const char *secret;   /* of the webhook: "whsec_…", or two parted by a blank while it is being
                             changed; NULL for mail without a webhook as its fallback */
    bool secret_made;     /* nobody gave one: `secret` is new */
    const char *fallback; /* reached when the first fails: a URL for mail, a mail address for a
                             webhook; NULL none */
    const char *facility; /* "hotel": what kind of facility this is, for reports; "" not said */
    bool staff;           /* on the list of `noroshi send-test --all-staff` */
    const char *const *languages;
    size_t language_count; /* in order of preference, at least one */
    const char *const *areas;
    size_t area_count; /* canonical texts "municipality:01100" */
    uint64_t hazards;  /* bit per enum hazard */
    int min_level;     /* 1..5 */
    bool drills;       /* opted in to drills */
    bool from_config;  /* defined in the configuration, not by command */
};

/* What decides whether a message concerns somebody. Many subscribers share one; only profiles are
 * kept in memory. */
struct profile {
    int64_t number; /* in the store; 0 when it stands in none */
    enum channel channel;
    const char *const *languages;
    size_t language_count;
    const char *const *areas;
    size_t area_count;
    uint64_t hazards;
    int min_level;
    bool drills;
    int64_t subscribers; /* how many have it */
};
/* Whether both decide alike for every message, in this order of languages. */
bool profile_equal(const struct profile *a, const struct profile *b);
/* Points into `subscriber`. */
struct profile subscriber_profile(const struct subscriber *subscriber);

/* Defaults: languages en; hazards all but the minor advisories (content.md 5.5 "default off":
 * thunder, fog, dry-air, low-temperature, frost, icing, snow-accretion, snowmelt, other-advisory);
 * min_level 2 (quake from intensity 4; content.md 3.4); drills no. */
#define SUBSCRIBER_MIN_LEVEL_DEFAULT 2
extern const uint64_t subscriber_hazards_default;

/* The columns of `noroshi subscriber import` and the keys in YAML, in this order:
 * channel address languages areas hazards min_level drills name secret fallback staff facility. */
struct subscriber_fields {
    const char *channel, *address, *languages, *areas, *hazards, *min_level, *drills, *name,
        *secret, *fallback, *staff, *facility;
    const char *file;
    unsigned line, column;
};

/* Kinds of facilities that reports are made by, ended by NULL: hotel, school, station, … Another
 * word of small letters and hyphens is taken with a warning, so that a city can have its own. */
extern const char *const facility_kinds[];

/* Checks every field (address without CR, LF or control characters; https URL, or http where
 * `http_allowed`; known languages, areas, hazards), adds all problems, and returns NULL when there
 * is an error. A webhook without secret gets a new random one. `known_languages` ends with NULL.
 * Lists are separated by blanks or ';'. */
struct subscriber *subscriber_read(TALLOC_CTX *context, const struct area_graph *graph,
                                   const char *const *known_languages, bool http_allowed,
                                   const struct subscriber_fields *fields,
                                   struct problems *problems);

/* "s_" + 16 hex digits: the same for the same channel and address. */
const char *subscriber_id(TALLOC_CTX *context, enum channel channel, const char *address);

/* Only what a profile has: channel, languages, areas, hazards, min_level, drills. False when there
 * is an error. What *ret points to belongs to `context`. */
bool profile_read(TALLOC_CTX *context, const struct area_graph *graph,
                  const char *const *known_languages, const struct subscriber_fields *fields,
                  struct problems *problems, struct profile *ret);

/* One from a YAML mapping of the configuration. */
struct subscriber *subscriber_from_node(TALLOC_CTX *context, const struct area_graph *graph,
                                        const char *const *known_languages, bool http_allowed,
                                        const struct node *node, struct problems *problems);

/* CSV with the header of these columns (any order; RFC 4180 quoting; UTF-8 with or without BOM).
 * Bad rows become problems with line and column, good rows are returned all the same. */
struct subscriber **subscriber_read_csv(TALLOC_CTX *context, const struct area_graph *graph,
                                        const char *const *known_languages, bool http_allowed,
                                        const char *file, const char *bytes, size_t length,
                                        struct problems *problems, size_t *ret_count);
