/* Checks of the fields of a subscriber, each with its own place in the file (subscriber.c). */
#pragma once

#include "match/subscriber.h"

enum subscriber_column {
    COLUMN_CHANNEL,
    COLUMN_ADDRESS,
    COLUMN_LANGUAGES,
    COLUMN_AREAS,
    COLUMN_HAZARDS,
    COLUMN_MIN_LEVEL,
    COLUMN_DRILLS,
    COLUMN_NAME,
    COLUMN_SECRET,
    COLUMN_FALLBACK,
    COLUMN_STAFF,
    COLUMN_FACILITY,
    COLUMN_COUNT
};
extern const char *const subscriber_columns[COLUMN_COUNT + 1]; /* ended by NULL */

struct subscriber_cell {
    const char *text; /* NULL or "": not given */
    unsigned line, column;
};

struct subscriber_input {
    const char *file;
    struct subscriber_cell cells[COLUMN_COUNT];
    const struct area_graph *graph;
    const char *const *known_languages;
    bool http_allowed;
    struct problems *problems;
};

/* The facility's kind in `context`, checked; "" none. */
const char *facility_read(TALLOC_CTX *context, const struct subscriber_input *input);

struct subscriber *subscriber_check(TALLOC_CTX *context, const struct subscriber_input *input);

/* What is wrong with an address; NULL: nothing. Texts are constant and never hold the address. */
const char *mail_address_fault(const char *address);
const char *url_fault(const char *url, bool http_allowed);
/* What is wrong with a webhook secret; NULL: nothing. */
const char *secret_fault(const char *secret);
