/* The office of disaster staff inside the desk: sends through the same fan-out as telegrams. */
#pragma once

#include "broadcast/office.h"
#include "config/config.h"
#include "ingest.h"

struct staffing;

/* What it needs of the desk. */
struct staffing_desk {
    /* Operators must see this. */
    void (*notice)(void *userdata, const char *text);
    /* A new configuration: office.h. */
    int (*look)(void *userdata, TALLOC_CTX *context, struct office_change *ret_change);
    void (*take)(void *userdata);
    void *userdata;
};

/* `ingest` outlives it; its audience may change. */
__attribute__((warn_unused_result)) int
staffing_new(TALLOC_CTX *context, const struct config *config, const struct ingest *ingest,
             const struct staffing_desk *desk, usec_t now, struct staffing **ret_staffing);

/* One request of the staff listener or the command line (office.h). Answer text in `context`;
 * *ret_changed: something was sent or shown anew. */
__attribute__((warn_unused_result)) int staffing_answer(TALLOC_CTX *context,
                                                        struct staffing *staffing,
                                                        const char *request, usec_t now,
                                                        const char **ret_answer, bool *ret_changed);
__attribute__((warn_unused_result)) int staffing_hold(struct staffing *staffing, const char *why,
                                                      usec_t now, size_t *ret_count);
__attribute__((warn_unused_result)) int staffing_due(struct staffing *staffing, usec_t now,
                                                     bool *ret_changed);
usec_t staffing_next(const struct staffing *staffing);
/* office.h; in English. */
__attribute__((warn_unused_result)) int
staffing_shift(struct staffing *staffing, TALLOC_CTX *context, usec_t now, json_t **ret_shift);
/* office.h */
__attribute__((warn_unused_result)) int staffing_two_people(struct staffing *staffing,
                                                            bool *ret_two);
__attribute__((warn_unused_result)) int staffing_note(struct staffing *staffing, const char *who,
                                                      const char *what, const char *object,
                                                      const char *detail, usec_t now);
/* Silences that are on; NULL none. */
const struct silences *staffing_silences(const struct staffing *staffing);
