/* Every row of the route table against every role and credential (test 41, R-21). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/memory.h"
#include "base/text.h"
#include "broadcast/office_inside.h"

static struct person person_of(const char *name, enum staff_role role)
{
    return (struct person){.name = name, .role = role, .reach = REACH_BOTH};
}

static bool is(const struct route *route, const char *start)
{
    return text_starts(route->path, start);
}

static const struct command *find_in(const struct command *table, const char *name)
{
    for (; table->name != NULL; table++) {
        if (strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}

static bool has_command(const char *name)
{
    return find_in(office_people_commands, name) != NULL ||
           find_in(office_broadcast_commands, name) != NULL ||
           find_in(office_other_commands, name) != NULL ||
           find_in(office_partner_commands, name) != NULL ||
           find_in(office_config_commands, name) != NULL ||
           find_in(office_duty_commands, name) != NULL;
}

static void every_row_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        const struct route *route = &routes[i];
        assert_true(is(route, "/staff") || is(route, "/partner/"));
        /* What is signed has its own part, and nothing else is there. */
        assert_int_equal(is(route, "/partner/"), route->right == RIGHT_PARTNER);
        assert_true(route->per_minute > 0);
        assert_true(route->command != NULL || route->page != NULL);
        if (route->command != NULL)
            assert_true(has_command(route->command));
        /* Reading carries nothing, and only a POST changes anything. */
        if (route->method == ROUTE_GET)
            assert_int_equal(route->bytes, 0);
        else
            assert_true(route->bytes > 0 && route->bytes <= 64 * 1024);
        for (size_t j = 0; j < i; j++)
            assert_false(strcmp(routes[j].path, route->path) == 0 &&
                         routes[j].method == route->method);
    }
}

static void every_command_has_a_row(void **state)
{
    (void)state;
    const struct command *const tables[] = {office_people_commands, office_broadcast_commands,
                                            office_other_commands,  office_partner_commands,
                                            office_config_commands, office_duty_commands};
    for (size_t t = 0; t < 6; t++) {
        for (const struct command *row = tables[t]; row->name != NULL; row++) {
            bool found = false;
            for (size_t i = 0; i < route_count; i++)
                found = found || text_equal(routes[i].command, row->name);
            assert_true(found);
        }
    }
}

/* Only these are open to somebody who is not logged in. */
static void nothing_else_is_open(void **state)
{
    (void)state;
    static const char *const open[] = {"/staff/login", "/staff/asset/{id}", "/staff/api/login"};
    const struct person nobody = {.role = STAFF_NOBODY};
    for (size_t i = 0; i < route_count; i++) {
        bool listed = false;
        for (size_t j = 0; j < 3; j++)
            listed = listed || strcmp(open[j], routes[i].path) == 0;
        assert_int_equal(route_allows(&routes[i], &nobody) == REFUSAL_NONE, listed);
        assert_int_equal(route_allows(&routes[i], NULL) == REFUSAL_NONE, listed);
    }
}

/* What a role may POST, by the last word of the path. */
static bool expected(enum staff_role role, const struct route *route)
{
    bool live = route->reach == REACH_LIVE, drill = route->reach == REACH_DRILL;
    bool post = route->method == ROUTE_POST;
    bool approves = post && (strstr(route->path, "/approve") != NULL);
    if (role == STAFF_PARTNER || is(route, "/partner/"))
        return route->right == RIGHT_NONE || (role == STAFF_PARTNER && is(route, "/partner/"));
    if (route->right == RIGHT_NONE || route->right == RIGHT_OWN)
        return true;
    if (is(route, "/staff/people") || is(route, "/staff/api/people"))
        return role == STAFF_ADMINISTRATOR;
    if (is(route, "/staff/config") || is(route, "/staff/api/config"))
        return role == STAFF_ADMINISTRATOR || role == STAFF_APPROVER;
    if (is(route, "/staff/audit") || is(route, "/staff/api/audit"))
        return role == STAFF_ADMINISTRATOR || role == STAFF_APPROVER;
    bool writes = post || strstr(route->path, "/new") != NULL || strstr(route->path, "/edit");
    switch (role) {
    case STAFF_VIEWER:
    case STAFF_ADMINISTRATOR:
        return !writes;
    case STAFF_AUTHOR:
        return !(approves && live);
    case STAFF_APPROVER:
        return true;
    case STAFF_DRILL:
        return drill;
    case STAFF_NOBODY:
    case STAFF_PARTNER:
    case STAFF_COUNT:
        break;
    }
    return false;
}

static void every_role_has_its_rows(void **state)
{
    (void)state;
    for (int role = STAFF_VIEWER; role < STAFF_COUNT; role++) {
        const struct person person = person_of("x", (enum staff_role)role);
        for (size_t i = 0; i < route_count; i++) {
            bool allowed = route_allows(&routes[i], &person) == REFUSAL_NONE;
            if (allowed != expected((enum staff_role)role, &routes[i]))
                fail_msg("%s at %s", staff_role_name((enum staff_role)role), routes[i].path);
        }
    }
}

static void a_token_reaches_its_own_side_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < route_count; i++) {
        struct person person = person_of("x", STAFF_APPROVER);
        person.reach = REACH_DRILL;
        if (is(&routes[i], "/partner/"))
            person.role = STAFF_PARTNER;
        if (is(&routes[i], "/staff/live") || is(&routes[i], "/staff/api/live") ||
            is(&routes[i], "/partner/live"))
            assert_int_equal(route_allows(&routes[i], &person), REFUSAL_KIND);
        person.reach = REACH_LIVE;
        if (is(&routes[i], "/staff/drill") || is(&routes[i], "/staff/api/drill") ||
            is(&routes[i], "/partner/drill"))
            assert_int_equal(route_allows(&routes[i], &person), REFUSAL_KIND);
        person.disabled = true;
        if (routes[i].right != RIGHT_NONE)
            assert_int_equal(route_allows(&routes[i], &person), REFUSAL_LOGIN);
    }
}

static TALLOC_CTX *context;

static const struct route *find(const char *method, const char *path, const char **id)
{
    bool other;
    talloc_free_children(context);
    return route_find(context, method, path, id, &other);
}

static int set_up(void **state)
{
    *state = context = talloc_new(NULL);
    return 0;
}

static int tear_down(void **state)
{
    talloc_free(*state);
    return 0;
}

/* Each byte of each live path, changed to any other, never gives a drill's row and the other way
 * round. */
static void no_changed_byte_turns_a_path_around(void **state)
{
    (void)state;
    const char *id;
    for (size_t i = 0; i < route_count; i++) {
        if (routes[i].reach == REACH_BOTH)
            continue;
        char path[128];
        const char *hole = strstr(routes[i].path, "{id}");
        if (hole == NULL)
            snprintf(path, sizeof(path), "%s", routes[i].path);
        else
            snprintf(path, sizeof(path), "%.*slive-1%s", (int)(hole - routes[i].path),
                     routes[i].path, hole + 4);
        const char *method = routes[i].method == ROUTE_GET ? "GET" : "POST";
        assert_ptr_equal(find(method, path, &id), &routes[i]);
        for (size_t at = 0; path[at] != '\0'; at++) {
            char before = path[at];
            for (int letter = 1; letter < 256; letter++) {
                path[at] = (char)letter;
                const struct route *found = find(method, path, &id);
                assert_true(found == NULL || found->reach == routes[i].reach ||
                            found->reach == REACH_BOTH);
            }
            path[at] = before;
        }
    }
}

static void an_id_is_one_plain_word(void **state)
{
    (void)state;
    const char *id = NULL;
    assert_non_null(find("GET", "/staff/api/live/b/live-1", &id));
    assert_string_equal(id, "live-1");
    assert_null(find("GET", "/staff/api/live/b/", &id));
    assert_null(find("GET", "/staff/api/live/b/a%2fb", &id));
    assert_null(find("GET", "/staff/api/live/b/../people", &id));
    assert_null(find("GET", "/staff/api/live/b/a b", &id));
    assert_null(find("DELETE", "/staff/api/live/b/live-1", &id));
    assert_null(find("GET", "/staff/api/live/b/live-1/send", &id));
    assert_null(find("POST", "/staff/api/live/b/live-1", &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete),
        cmocka_unit_test(every_command_has_a_row),
        cmocka_unit_test(nothing_else_is_open),
        cmocka_unit_test(every_role_has_its_rows),
        cmocka_unit_test(a_token_reaches_its_own_side_only),
        cmocka_unit_test(no_changed_byte_turns_a_path_around),
        cmocka_unit_test(an_id_is_one_plain_word),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
