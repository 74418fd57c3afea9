/* Manual broadcasts: the catalogue of prepared templates, and a message made from one.
 *
 * Does: loads messages/broadcast.yaml and proves that every language has every text of every phase
 * with the same blanks; checks what staff filled in; renders through the same forms as alerts of
 * JMA. Never: translates free text; sends; decides who may; lets a message look like JMA's. */
#pragma once

#include "base/clock.h"
#include "message/message.h"

enum broadcast_group {
    GROUP_EVACUATION,
    GROUP_CIVIL,
    GROUP_MISSILE, /* apart from everything else (H-9) */
    GROUP_SHELTER,
    GROUP_TRANSPORT,
    GROUP_UTILITIES,
    GROUP_INFORMATION,
    GROUP_ALL_CLEAR,
    GROUP_DRILL, /* M-DRILL: a drill of its own; every other template can be drilled */
    GROUP_COUNT
};
/* "evacuation", "civil", "missile", "shelter", "transport", "utilities", "information",
 * "all-clear", "drill". */
const char *broadcast_group_name(enum broadcast_group group);

enum broadcast_phase {
    BROADCAST_ISSUE,
    BROADCAST_UPDATE,
    BROADCAST_CORRECTION,
    BROADCAST_WITHDRAWN, /* sent in error */
    BROADCAST_ALL_CLEAR,
    BROADCAST_PHASE_COUNT
};
/* "issue", "update", "correction", "withdrawn", "all-clear". */
const char *broadcast_phase_name(enum broadcast_phase phase);
bool broadcast_phase_from_name(const char *name, enum broadcast_phase *ret_phase);

enum blank_type {
    BLANK_TEXT,   /* free, one line; one for each language, or one in Japanese only */
    BLANK_PLACE,  /* a name and address as written; otherwise as text */
    BLANK_TIME,   /* "2026-11-26T08:30" (Japan time) or RFC 3339 with a zone */
    BLANK_PHONE,  /* digits, spaces, + - # ( ) */
    BLANK_URL,    /* https, of an allowed host */
    BLANK_NUMBER, /* whole, within its range */
    BLANK_CHOICE, /* a key of its choices; several for a blank with `several`, by commas */
    BLANK_STATE,  /* "works", "partly", "stopped", "unknown": ○ △ × － */
};

struct broadcast_blank {
    const char *name; /* "open-from"; its label is the text broadcast.blank.NAME */
    enum blank_type type;
    bool required, several;
    bool names;          /* says which one it is: stands in an all-clear and a withdrawal too */
    size_t characters;   /* text and place: at most */
    int64_t least, most; /* number */
    const char *const *choices; /* choice: ended by NULL; texts broadcast.choice.KEY */
};

/* What to do first when the blank "reason" names this choice. */
struct broadcast_first {
    const char *choice;
    const char *const *actions;
};

struct broadcast_template {
    const char *id; /* "E-4", "M-POWER-OUT" */
    enum broadcast_group group;
    int level;                            /* 1 to 5 */
    const char *colour;                   /* of the issue, "purple" */
    const char *category, *response_type; /* CAP */
    const char *severity, *urgency, *certainty;
    bool phases[BROADCAST_PHASE_COUNT]; /* correction and all-clear always (H-6) */
    bool drill_only;                    /* GROUP_DRILL: never live */
    const char *role;                   /* besides author, the account needs this role; NULL: none.
                                           "evacuation": the authority that orders evacuation;
                                           "missile": of that authority, people named one by one */
    const char *const *actions, *const *after,
                                    *const *withdrawn; /* phrase keys, most vital first */
    const struct broadcast_first *firsts;
    size_t first_count;
    const struct broadcast_blank *blanks;
    size_t blank_count;
    int valid_minutes; /* proposed validity */
};

struct broadcast_catalogue; /* immutable; safe for several readers */

/* Loads directory/broadcast.yaml; the texts (directory/broadcast/LANG.yaml) are part of `texts`,
 * which must outlive it. Refuses a template without correction or all-clear, a text that is missing
 * in a language, blanks that differ, a drill word in a live text and a drill text without one.
 * Returns 0 or -EINVAL. */
__attribute__((warn_unused_result)) int
broadcast_catalogue_load(TALLOC_CTX *context, const char *directory, const struct catalogue *texts,
                         struct problems *problems, struct broadcast_catalogue **ret_catalogue);

/* In shown order (by group, the order of the file within). */
const struct broadcast_template *broadcast_templates(const struct broadcast_catalogue *catalogue,
                                                     size_t *ret_count);
const struct broadcast_template *
broadcast_template_find(const struct broadcast_catalogue *catalogue,
                        const char *id); /* NULL: unknown */
const struct broadcast_blank *broadcast_blank_find(const struct broadcast_template *row,
                                                   const char *name);
/* "broadcast.SECTION.NAME" in `language` ("title" "E-4", "blank" "shelters", "choice" "flood",
 * "group" "shelter", "phase" "correction"); falls back to en; never NULL. */
const char *broadcast_word(const struct broadcast_catalogue *catalogue, const char *language,
                           const char *section, const char *name);

/* Reads a time as staff and browsers write it: "2026-11-26T08:30" or "2026-11-26 08:30" in Japan
 * time, or RFC 3339 with a zone. Returns 0 or -EINVAL. */
__attribute__((warn_unused_result)) int broadcast_time_read(const char *text, usec_t *ret_time);

/* What was filled in: one row for each blank and language. */
struct broadcast_value {
    const char *blank;
    const char *language; /* text and place: the language it is written in; NULL: Japanese.
                             The others: NULL */
    const char *text;
};

struct broadcast_authority {
    const char *name_ja, *name_en; /* "札幌市危機管理局", "City of Sapporo, Crisis Management" */
    const char *contact;           /* phone or address, printed as it is */
};

struct broadcast_content {
    const char *id; /* shown at the end of the message */
    const char *template_id;
    enum broadcast_phase phase;
    bool drill;
    const struct area *const *areas;
    size_t area_count;
    bool everyone; /* chosen in so many words; areas empty (H-5) */
    const struct broadcast_value *values;
    size_t value_count;
    usec_t issued_at, expires;
    usec_t next_update; /* 0: none promised */
    usec_t original_at; /* of the broadcast that this one follows; 0 for an issue */
    struct broadcast_authority authority;
};

/* One thing that is wrong, for the field where it stands. */
struct broadcast_fault {
    const char *blank;    /* name of the blank; "areas", "expires", "template", "phase" */
    const char *language; /* of the text, or NULL */
    const char *fault;    /* key: broadcast.fault.NAME, "too-long" */
    int64_t limit;        /* what the text prints in {limit}; 0: nothing */
};

/* Checks everything that staff filled in: empty, oversized, control and bidirectional characters,
 * markup, links outside `hosts` (ended by NULL; "city.sapporo.jp" allows its subdomains too), drill
 * words in a live text, words that claim to be JMA, unknown blanks and choices, no area (H-5), an
 * area with "everyone", times that are past. Returns the number of faults, in the order of the
 * fields. */
size_t broadcast_content_check(TALLOC_CTX *context, const struct broadcast_catalogue *catalogue,
                               const struct broadcast_content *content, const char *const *hosts,
                               usec_t now, struct broadcast_fault **ret_faults);
/* The sentence for it in `language`. */
const char *broadcast_fault_text(TALLOC_CTX *context, const struct broadcast_catalogue *catalogue,
                                 const char *language, const struct broadcast_fault *fault);

/* Whether a text reads like a drill in any language (H-2, both ways). */
bool broadcast_has_drill_word(const struct broadcast_catalogue *catalogue, const char *text);

/* The message in `language`; struct message as for an alert, so that mail, page, webhook and CAP
 * need nothing new: `official_ja` is the Japanese title, `source` names the authority, its contact,
 * the time and the id and never JMA. Never fails for a checked content. */
struct message *broadcast_render(TALLOC_CTX *context, const struct broadcast_catalogue *catalogue,
                                 const struct area_graph *graph, const char *language,
                                 const struct broadcast_content *content);

/* The same to be read aloud (form V), as message_aloud of an alert. */
char *broadcast_aloud(TALLOC_CTX *context, const struct broadcast_catalogue *catalogue,
                      const struct area_graph *graph, const char *language,
                      const struct broadcast_content *content);

/* True when a free text stands in the message as original text, because it is not given in
 * `language`: the console warns with it. */
bool broadcast_is_partly_original(const struct broadcast_catalogue *catalogue, const char *language,
                                  const struct broadcast_content *content);
