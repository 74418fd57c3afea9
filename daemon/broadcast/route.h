/* The one table of what the staff listener answers: method, path, right, limits, command.
 *
 * The listener reaches a command only through a row; the desk asks the same row for the right, so a
 * row without one cannot work. tests/unit/broadcast/test-route.c walks rows × roles (test 41). */
#pragma once

#include <jansson.h>
#include "broadcast/broadcast.h"

enum route_method { ROUTE_GET, ROUTE_POST };

struct route {
    enum route_method method;
    const char *path;    /* "/staff/api/live/{id}/send", "/partner/live/{id}"; {id} is one part of
                            [A-Za-z0-9._-]{1,64} */
    const char *command; /* of command.h; NULL: the page alone, without data */
    const char *page;    /* name for staff_page_render; NULL: JSON */
    enum right right;
    enum reach reach;    /* live rows refuse drill tokens and the other way round */
    size_t bytes;        /* of the body, at most */
    unsigned per_minute; /* of one address, at most */
};

extern const struct route routes[];
extern const size_t route_count;

/* NULL when no row fits; *ret_id the part for {id}, "" without. *ret_other_method: the path exists
 * with another method (405). */
const struct route *route_find(TALLOC_CTX *context, const char *method, const char *path,
                               const char **ret_id, bool *ret_other_method);
/* Whether this person may use this row: right, reach, and not disabled. */
enum broadcast_refusal route_allows(const struct route *route, const struct person *person);
