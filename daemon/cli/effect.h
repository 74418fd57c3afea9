/* What a configuration would have changed (H-13): the telegrams that are kept are put through the
 * whole path twice, by the rules, areas and texts that were taken last and by those of the files.
 *
 * It is found out here, in the command's own process, and not on the desk: only this reads for
 * minutes without holding anybody up, works while no daemon runs, and sees all that is needed. The
 * store tells who reads (those of the configuration, and those who were added), and what the files
 * said before is kept beside it (taken.h).
 *
 * Never: changes the store (its own read-only connection), shows an address: readers are told by
 * name or id, by what they asked for, and how many they are. */
#pragma once

#include "config/config.h"
#include "event/alert.h"

#define EFFECT_DAYS  30 /* as long as telegrams are kept (desk_due.c) */
#define EFFECT_NAMES 3  /* of a group that are told by name */
#define EFFECT_NONE  SIZE_MAX

/* Subscribers who had, or have, the same wishes. */
struct effect_group {
    const struct profile *before, *after; /* NULL: none, or he could not be told by them */
    /* Numbers of what they hear of, whatever the language; EFFECT_NONE. */
    size_t before_wish, after_wish;
    bool stays;        /* neither new nor leaving */
    const char *fault; /* why those who stay get nothing any more; NULL */
    size_t readers;
    int64_t messages_before, messages_after; /* that each of them would have got */
    const char *names[EFFECT_NAMES];         /* or ids; of groups that something changes for */
    size_t name_count;
};

/* Readers of one alert on one side only. */
struct effect_readers {
    size_t count;
    size_t groups[EFFECT_NAMES]; /* the first ones */
    size_t group_count;
};
/* An alert that others would have been told. */
struct effect_alert {
    const char *id, *title_ja;
    enum hazard hazard;
    enum alert_phase phase;
    int level;
    usec_t issued_at;
    struct effect_readers lost, added;
};

/* Messages of one hazard, phase and language that would have read otherwise. */
struct effect_wording {
    enum hazard hazard;
    enum alert_phase phase;
    const char *language;
    size_t messages;
    const char *alert_id;       /* the first one */
    const char *before, *after; /* the first line of it that differs; "" none; NULL: not rendered */
};

struct effect {
    int days;
    size_t telegrams;
    struct effect_group *groups; /* those that stay as they are too */
    size_t count;
    const char **tables; /* files of areas and texts that have changed since they were taken */
    size_t table_count;
    bool compared; /* false: what they said before is not kept, so rules alone are compared */
    struct effect_alert *alerts; /* gravest first, then the newest */
    size_t alert_count;
    size_t lost, added;              /* messages in all */
    struct effect_wording *wordings; /* most messages first */
    size_t wording_count;
    size_t messages; /* that were rendered both ways and compared */
};

/* In `context`. Returns 0, or negative errno when the store cannot be read or an own fault. A store
 * that is not there yet: no telegrams and no readers before. */
__attribute__((warn_unused_result)) int effect_find(TALLOC_CTX *context,
                                                    const struct config *config, int days,
                                                    usec_t now, struct effect *ret_effect);
/* Whether readers who stay would have got other messages, or areas or texts have changed: a person
 * must have seen it. */
bool effect_matters(const struct effect *effect);

/* For people, in `context`, at most EFFECT_TEXT_BYTES; `colours`: more messages in red. */
#define EFFECT_TEXT_BYTES ((size_t)48 * 1024)
char *effect_text(TALLOC_CTX *context, const struct effect *effect, bool colours);
/* To standard output; in colours where it is a terminal or NOROSHI_COLOUR is "always". */
void effect_print(const struct effect *effect);
void effect_print_json(const struct effect *effect);
