/* A CAP 1.2 alert (OASIS, July 2010) of somebody else, as it came.
 *
 * Does: reads the whole document behind the fences of base/element.h and checks what the standard
 * asks of it: required elements, their words, times, identifiers. Takes: bytes. Gives: a record in
 * one talloc context that knows the line and column of what may be refused later. Never: decides
 * what of it is allowed (partner.h); follows a link or a resource. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>
#include "base/clock.h"
#include "base/problem.h"

#define CAP_BYTES_MAX  ((size_t)64 * 1024)
#define CAP_INFOS_MAX  20
#define CAP_LIST_MAX   200 /* areas, geocodes, parameters or references of one info or alert */
#define CAP_NAME_BYTES 200 /* of an identifier or sender */

enum cap_status { CAP_ACTUAL, CAP_EXERCISE, CAP_TEST };
enum cap_message_type { CAP_ALERT, CAP_UPDATE, CAP_CANCEL };

struct cap_pair { /* valueName and value of a geocode, parameter or eventCode */
    const char *name, *value;
    unsigned line, column;
};
struct cap_area {
    const char *description;
    const struct cap_pair *geocodes;
    size_t geocode_count;
    bool shape; /* has a polygon or circle */
    unsigned line, column;
};
struct cap_info {
    const char *language;                       /* "en-US" when the document does not say */
    const char *event, *headline, *description; /* headline and description NULL: none */
    const struct cap_pair *codes, *parameters;
    size_t code_count, parameter_count;
    bool all_clear; /* responseType AllClear */
    usec_t expires; /* 0: does not say */
    const struct cap_area *areas;
    size_t area_count;
    unsigned line, column;
};
struct cap_alert {
    const char *identifier, *sender;
    usec_t sent;
    enum cap_status status;
    enum cap_message_type message_type;
    const char *const *references; /* identifiers of the alerts that it follows */
    size_t reference_count;
    const struct cap_info *infos;
    size_t info_count;
};

/* Returns 0; -EINVAL, -EBADMSG or -E2BIG with all that is wrong in `problems` (file = `name`). */
__attribute__((warn_unused_result)) int cap_parse(TALLOC_CTX *context, const char *name,
                                                  const void *bytes, size_t length,
                                                  struct problems *problems,
                                                  const struct cap_alert **ret_alert);
