/* The table of routes. GET never changes anything; everything that does is a POST (test 44). */
#include <string.h>

#include "base/memory.h"
#include "broadcast/partner.h"
#include "broadcast/route.h"

#define SMALL ((size_t)4 * 1024)
#define DRAFT ((size_t)64 * 1024)

/* A page and its JSON ask the same command. */
#define PAGE(path, command, page, right, reach)                                                    \
    {                                                                                              \
        ROUTE_GET, path, command, page, right, reach, 0, 240                                       \
    }
#define READ(path, command, right, reach)                                                          \
    {                                                                                              \
        ROUTE_GET, path, command, NULL, right, reach, 0, 600                                       \
    }
#define ACT(path, command, right, reach, bytes)                                                    \
    {                                                                                              \
        ROUTE_POST, path, command, NULL, right, reach, bytes, 120                                  \
    }

/* Live and drill rows are written out one by one on purpose: no word of a request chooses. */
const struct route routes[] = {
    PAGE("/staff", "home", "home", RIGHT_OWN, REACH_BOTH),
    PAGE("/staff/login", NULL, "login", RIGHT_NONE, REACH_BOTH),
    PAGE("/staff/password", "me", "password", RIGHT_OWN, REACH_BOTH),
    PAGE("/staff/live", "live-list", "live-list", RIGHT_VIEW, REACH_LIVE),
    PAGE("/staff/live/new", "live-templates", "live-new", RIGHT_WRITE, REACH_LIVE),
    PAGE("/staff/live/new/{id}", "live-template", "live-write", RIGHT_WRITE, REACH_LIVE),
    PAGE("/staff/live/b/{id}", "live-show", "live-show", RIGHT_VIEW, REACH_LIVE),
    PAGE("/staff/live/b/{id}/edit", "live-show", "live-write", RIGHT_WRITE, REACH_LIVE),
    PAGE("/staff/live/b/{id}/preview", "live-preview", "live-preview", RIGHT_VIEW, REACH_LIVE),
    PAGE("/staff/live/b/{id}/report", "live-report", "live-report", RIGHT_VIEW, REACH_LIVE),
    PAGE("/staff/drill", "drill-list", "drill-list", RIGHT_DRILL_VIEW, REACH_DRILL),
    PAGE("/staff/drill/new", "drill-templates", "drill-new", RIGHT_DRILL_WRITE, REACH_DRILL),
    PAGE("/staff/drill/new/{id}", "drill-template", "drill-write", RIGHT_DRILL_WRITE, REACH_DRILL),
    PAGE("/staff/drill/b/{id}", "drill-show", "drill-show", RIGHT_DRILL_VIEW, REACH_DRILL),
    PAGE("/staff/drill/b/{id}/edit", "drill-show", "drill-write", RIGHT_DRILL_WRITE, REACH_DRILL),
    PAGE("/staff/drill/b/{id}/preview", "drill-preview", "drill-preview", RIGHT_DRILL_VIEW,
         REACH_DRILL),
    PAGE("/staff/drill/b/{id}/report", "drill-report", "drill-report", RIGHT_DRILL_VIEW,
         REACH_DRILL),
    PAGE("/staff/silence", "silence-list", "silence", RIGHT_VIEW, REACH_LIVE),
    PAGE("/staff/people", "people-list", "people", RIGHT_PEOPLE, REACH_BOTH),
    PAGE("/staff/audit", "audit-list", "audit", RIGHT_AUDIT, REACH_BOTH),
    PAGE("/staff/config", "config-show", "config", RIGHT_CONFIGURE, REACH_LIVE),
    PAGE("/staff/asset/{id}", NULL, "asset", RIGHT_NONE, REACH_BOTH),

    ACT("/staff/api/login", "login", RIGHT_NONE, REACH_BOTH, SMALL),
    ACT("/staff/api/logout", "logout", RIGHT_OWN, REACH_BOTH, SMALL),
    ACT("/staff/api/password", "password", RIGHT_OWN, REACH_BOTH, SMALL),
    ACT("/staff/api/totp", "totp", RIGHT_OWN, REACH_BOTH, SMALL),
    READ("/staff/api/me", "me", RIGHT_OWN, REACH_BOTH),
    READ("/staff/api/areas", "areas", RIGHT_OWN, REACH_BOTH),

    READ("/staff/api/live", "live-list", RIGHT_VIEW, REACH_LIVE),
    READ("/staff/api/live/templates", "live-templates", RIGHT_VIEW, REACH_LIVE),
    READ("/staff/api/live/templates/{id}", "live-template", RIGHT_VIEW, REACH_LIVE),
    ACT("/staff/api/live", "live-draft", RIGHT_WRITE, REACH_LIVE, DRAFT),
    READ("/staff/api/live/b/{id}", "live-show", RIGHT_VIEW, REACH_LIVE),
    READ("/staff/api/live/b/{id}/preview", "live-preview", RIGHT_VIEW, REACH_LIVE),
    READ("/staff/api/live/b/{id}/progress", "live-progress", RIGHT_VIEW, REACH_LIVE),
    READ("/staff/api/live/b/{id}/report", "live-report", RIGHT_VIEW, REACH_LIVE),
    ACT("/staff/api/live/b/{id}/edit", "live-edit", RIGHT_WRITE, REACH_LIVE, DRAFT),
    ACT("/staff/api/live/b/{id}/approve", "live-approve", RIGHT_APPROVE, REACH_LIVE, SMALL),
    ACT("/staff/api/live/b/{id}/unapprove", "live-unapprove", RIGHT_WRITE, REACH_LIVE, SMALL),
    ACT("/staff/api/live/b/{id}/send", "live-send", RIGHT_SEND, REACH_LIVE, SMALL),
    ACT("/staff/api/live/b/{id}/break-glass", "live-break-glass", RIGHT_SEND, REACH_LIVE, SMALL),
    ACT("/staff/api/live/b/{id}/release", "live-release", RIGHT_SEND, REACH_LIVE, SMALL),
    ACT("/staff/api/live/b/{id}/stop", "live-stop", RIGHT_SEND, REACH_LIVE, SMALL),
    ACT("/staff/api/live/b/{id}/drop", "live-drop", RIGHT_WRITE, REACH_LIVE, SMALL),
    ACT("/staff/api/live/b/{id}/false-alarm", "live-false-alarm", RIGHT_SEND, REACH_LIVE, SMALL),
    ACT("/staff/api/live/b/{id}/follow", "live-follow", RIGHT_WRITE, REACH_LIVE, SMALL),

    READ("/staff/api/drill", "drill-list", RIGHT_DRILL_VIEW, REACH_DRILL),
    READ("/staff/api/drill/templates", "drill-templates", RIGHT_DRILL_VIEW, REACH_DRILL),
    READ("/staff/api/drill/templates/{id}", "drill-template", RIGHT_DRILL_VIEW, REACH_DRILL),
    ACT("/staff/api/drill", "drill-draft", RIGHT_DRILL_WRITE, REACH_DRILL, DRAFT),
    READ("/staff/api/drill/b/{id}", "drill-show", RIGHT_DRILL_VIEW, REACH_DRILL),
    READ("/staff/api/drill/b/{id}/preview", "drill-preview", RIGHT_DRILL_VIEW, REACH_DRILL),
    READ("/staff/api/drill/b/{id}/progress", "drill-progress", RIGHT_DRILL_VIEW, REACH_DRILL),
    READ("/staff/api/drill/b/{id}/report", "drill-report", RIGHT_DRILL_VIEW, REACH_DRILL),
    ACT("/staff/api/drill/b/{id}/edit", "drill-edit", RIGHT_DRILL_WRITE, REACH_DRILL, DRAFT),
    ACT("/staff/api/drill/b/{id}/approve", "drill-approve", RIGHT_DRILL_APPROVE, REACH_DRILL,
        SMALL),
    ACT("/staff/api/drill/b/{id}/unapprove", "drill-unapprove", RIGHT_DRILL_WRITE, REACH_DRILL,
        SMALL),
    ACT("/staff/api/drill/b/{id}/send", "drill-send", RIGHT_DRILL_SEND, REACH_DRILL, SMALL),
    ACT("/staff/api/drill/b/{id}/schedule", "drill-schedule", RIGHT_DRILL_SEND, REACH_DRILL, SMALL),
    ACT("/staff/api/drill/b/{id}/confirm", "drill-confirm", RIGHT_DRILL_SEND, REACH_DRILL, SMALL),
    ACT("/staff/api/drill/b/{id}/release", "drill-release", RIGHT_DRILL_SEND, REACH_DRILL, SMALL),
    ACT("/staff/api/drill/b/{id}/stop", "drill-stop", RIGHT_DRILL_SEND, REACH_DRILL, SMALL),
    ACT("/staff/api/drill/b/{id}/drop", "drill-drop", RIGHT_DRILL_WRITE, REACH_DRILL, SMALL),
    ACT("/staff/api/drill/b/{id}/false-alarm", "drill-false-alarm", RIGHT_DRILL_SEND, REACH_DRILL,
        SMALL),
    ACT("/staff/api/drill/b/{id}/follow", "drill-follow", RIGHT_DRILL_WRITE, REACH_DRILL, SMALL),

    READ("/staff/api/silence", "silence-list", RIGHT_VIEW, REACH_LIVE),
    ACT("/staff/api/silence", "silence-add", RIGHT_SEND, REACH_LIVE, SMALL),
    ACT("/staff/api/silence/{id}/approve", "silence-approve", RIGHT_APPROVE, REACH_LIVE, SMALL),
    ACT("/staff/api/silence/{id}/end", "silence-end", RIGHT_SEND, REACH_LIVE, SMALL),

    READ("/staff/api/people", "people-list", RIGHT_PEOPLE, REACH_BOTH),
    ACT("/staff/api/people", "people-add", RIGHT_PEOPLE, REACH_BOTH, SMALL),
    ACT("/staff/api/people/{id}/disable", "people-disable", RIGHT_PEOPLE, REACH_BOTH, SMALL),
    ACT("/staff/api/people/{id}/enable", "people-enable", RIGHT_PEOPLE, REACH_BOTH, SMALL),
    ACT("/staff/api/people/{id}/reset", "people-reset", RIGHT_PEOPLE, REACH_BOTH, SMALL),
    ACT("/staff/api/people/{id}/token", "people-token", RIGHT_PEOPLE, REACH_BOTH, SMALL),
    ACT("/staff/api/people/{id}/revoke", "people-revoke", RIGHT_PEOPLE, REACH_BOTH, SMALL),

    READ("/staff/api/audit", "audit-list", RIGHT_AUDIT, REACH_BOTH),
    READ("/staff/api/audit/verify", "audit-verify", RIGHT_AUDIT, REACH_BOTH),

    READ("/staff/api/duty", "duty-show", RIGHT_VIEW, REACH_LIVE),
    ACT("/staff/api/duty/take", "duty-take", RIGHT_SEND, REACH_LIVE, SMALL),
    ACT("/staff/api/duty/hand-over", "duty-hand-over", RIGHT_SEND, REACH_LIVE, SMALL),
    ACT("/staff/api/duty/leave", "duty-leave", RIGHT_SEND, REACH_LIVE, SMALL),

    READ("/staff/api/config", "config-show", RIGHT_CONFIGURE, REACH_LIVE),
    ACT("/staff/api/config", "config-propose", RIGHT_CONFIGURE, REACH_LIVE, DRAFT),
    ACT("/staff/api/config/accept", "config-accept", RIGHT_CONFIGURE, REACH_LIVE, SMALL),
    ACT("/staff/api/config/refuse", "config-refuse", RIGHT_CONFIGURE, REACH_LIVE, SMALL),

    /* {id} is the partner; who asks is proven by the message's signature. */
    ACT("/partner/live/{id}", "partner-live", RIGHT_PARTNER, REACH_LIVE, PARTNER_BYTES_MAX),
    ACT("/partner/drill/{id}", "partner-drill", RIGHT_PARTNER, REACH_DRILL, PARTNER_BYTES_MAX),
};
const size_t route_count = sizeof(routes) / sizeof(routes[0]);

static bool part_allowed(const char *part, size_t length)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789._-";
    return length > 0 && length <= 64 && strspn(part, letters) >= length;
}

static bool path_fits(TALLOC_CTX *context, const char *pattern, const char *path,
                      const char **ret_id)
{
    const char *hole = strstr(pattern, "{id}");
    if (hole == NULL) {
        if (strcmp(pattern, path) != 0)
            return false;
        *ret_id = "";
        return true;
    }
    size_t before = (size_t)(hole - pattern);
    if (strncmp(pattern, path, before) != 0)
        return false;
    size_t length = strcspn(path + before, "/");
    if (!part_allowed(path + before, length) || strcmp(hole + 4, path + before + length) != 0)
        return false;
    *ret_id = memory_must(talloc_strndup(context, path + before, length));
    return true;
}

const struct route *route_find(TALLOC_CTX *context, const char *method, const char *path,
                               const char **ret_id, bool *ret_other_method)
{
    bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0;
    bool post = strcmp(method, "POST") == 0;
    *ret_other_method = false;
    for (size_t i = 0; i < route_count; i++) {
        if (!path_fits(context, routes[i].path, path, ret_id))
            continue;
        if (routes[i].method == ROUTE_GET ? get : post)
            return &routes[i];
        *ret_other_method = true;
    }
    return NULL;
}

enum broadcast_refusal route_allows(const struct route *route, const struct person *person)
{
    if (route->right == RIGHT_NONE)
        return REFUSAL_NONE;
    if (person == NULL || person->role == STAFF_NOBODY || person->disabled)
        return REFUSAL_LOGIN;
    if (route->reach != REACH_BOTH && person->reach != REACH_BOTH && person->reach != route->reach)
        return REFUSAL_KIND;
    return staff_role_has(person->role, route->right) ? REFUSAL_NONE : REFUSAL_ROLE;
}
