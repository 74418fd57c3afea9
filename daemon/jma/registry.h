/* Every telegram code and what we do with it. A row is: code, feed, kind, role, reason.
 * A test fails when the corpus holds a code that the table does not. */
#pragma once

#include <stdbool.h>
#include "jma/hazard.h"

enum telegram_role {
    ROLE_PARSED,      /* has its own report */
    ROLE_GENERIC,     /* alerts from its title and headline */
    ROLE_CROSS_CHECK, /* transitional: compared with what the R06 telegrams say, never alerts twice
                       */
    ROLE_AFTER_GAP,   /* the sum of others: fetched once after a gap, to know what holds */
    ROLE_RECORDED,    /* kept, alerts nobody; the row says why */
};
enum report_kind {
    REPORT_GENERIC,
    REPORT_EARTHQUAKE,
    REPORT_TSUNAMI,
    REPORT_WEATHER,
    REPORT_TRANSITIONAL, /* weather in the words of before 2026-05-28, for the cross-check */
    REPORT_VOLCANO,
    REPORT_FLOOD,
    REPORT_BULLETIN, /* flash bulletins, tornado, heat, commentaries, typhoons */
    REPORT_OUTLOOK,  /* earthquakes that may come; activity, counts, long-period motion, notices */
};

struct registry_row {
    const char *code;
    const char *title; /* Control/Title, as JMA writes it */
    const char *feed;  /* "eqvol", "extra", "regular", "other": where it was seen or is expected */
    enum report_kind kind;
    enum telegram_role role;
    enum hazard hazard; /* of the generic alert, or HAZARD_INFORMATION */
    int level;          /* of the generic alert when the title tells no more; 0 otherwise */
    const char *reason; /* for CROSS_CHECK, AFTER_GAP and RECORDED; NULL otherwise */
};

/* A code of a family ("VXKO70") finds the row of the family ("VXKOii"). NULL for a code that the
 * table does not hold: such a telegram is generic, and an operator is told. */
const struct registry_row *registry_find(const char *code);
const struct registry_row *registry_rows(unsigned long *ret_count);
