/* What the staff listener needs of the pages: one function that writes a page, one for its files.
 *
 * The data of a page is the answer of its route's command, the same JSON that the API gives
 * (docs/staff-api.md). Pages never ask for anything themselves. */
#pragma once

#include <jansson.h>
#include "message/broadcast.h"

struct staff_view {
    const char *page;     /* of the route table: "live-show"; "refused" after a form that was not
                             carried out; "report" for a whole document to keep */
    const char *language; /* "ja" or "en" */
    const json_t *data;   /* "ok", and what the command answers; for "refused": the answer with
                             "refusal", "faults", "text", the form as "form", the page it came from
                             as "back"; for a page without command: an empty object */
    const json_t *person; /* {"name","shown_name","role","authority"}; NULL: not logged in */
    const char *csrf;     /* for the hidden field "csrf" of every form; "" not logged in */
    const char *request;  /* fresh id for the hidden field "request": a double click does nothing
                             twice */
    const char *nonce;    /* for script and style elements: Content-Security-Policy */
    const char *query;    /* of the URL, cleaned; "" none */
    bool drill;           /* the page stands under /staff/drill */
    usec_t now;
};
/* Never changes. Both are called by several threads at once. */
struct staff_pages {
    const struct catalogue *texts;
    const struct broadcast_catalogue *templates;
    const struct area_graph *areas;
    /* A whole HTML document in `context`. */
    char *(*render)(TALLOC_CTX *context, const struct staff_pages *pages,
                    const struct staff_view *view);
    /* A file of "/staff/asset/NAME" ("style.css"), or NULL; *ret_type its media type. */
    const char *(*asset)(const struct staff_pages *pages, const char *name, size_t *ret_length,
                         const char **ret_type);
};

/* The pages of the console: `render` and `asset` of struct staff_pages. Of the data of a page they
 * also use, where it is there: home: {"in_force":[…],"live":[B],"drills":[B],"held":n,
 * "on_duty":[{"name","shown_name","since","note"}],"offer","drilling","silences",
 * "signed_in":[{"shown_name","since"}]}; refused: "action", the address that the form was sent to,
 * so that it can be sent once more; preview: "phrase", what a break-glass send has to type,
 * "type_area" and "type_words", what a send has to type.
 * Checkboxes of a choice send "values.NAME." several times: the server joins them by commas. The
 * HTML form of a message has style attributes: style-src-attr 'unsafe-inline'. */
char *staff_page_render(TALLOC_CTX *context, const struct staff_pages *pages,
                        const struct staff_view *view);
const char *staff_page_asset(const struct staff_pages *pages, const char *name, size_t *ret_length,
                             const char **ret_type);
