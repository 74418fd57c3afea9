/* Roles and what they may do: one table. */
#include <string.h>

#include "base/text.h"
#include "broadcast/person.h"

#define NAME_CHARACTERS 40

static const char *const role_names[STAFF_COUNT] = {
    [STAFF_NOBODY] = "nobody",
    [STAFF_VIEWER] = "viewer",
    [STAFF_AUTHOR] = "author",
    [STAFF_APPROVER] = "approver",
    [STAFF_ADMINISTRATOR] = "administrator",
    [STAFF_DRILL] = "drill",
    [STAFF_PARTNER] = "partner",
};
static const char *const reach_names[] = {
    [REACH_BOTH] = "both", [REACH_LIVE] = "live", [REACH_DRILL] = "drill"};

#define BIT(right) (1U << (right))
#define DRILLS                                                                                     \
    (BIT(RIGHT_DRILL_VIEW) | BIT(RIGHT_DRILL_WRITE) | BIT(RIGHT_DRILL_APPROVE) |                   \
     BIT(RIGHT_DRILL_SEND))
/* An administrator makes accounts and so must not be able to send: two people at least. */
static const unsigned role_rights[STAFF_COUNT] = {
    [STAFF_NOBODY] = BIT(RIGHT_NONE),
    [STAFF_VIEWER] = BIT(RIGHT_NONE) | BIT(RIGHT_OWN) | BIT(RIGHT_VIEW) | BIT(RIGHT_DRILL_VIEW),
    [STAFF_AUTHOR] = BIT(RIGHT_NONE) | BIT(RIGHT_OWN) | BIT(RIGHT_VIEW) | BIT(RIGHT_WRITE) |
                     BIT(RIGHT_SEND) | DRILLS,
    [STAFF_APPROVER] = BIT(RIGHT_NONE) | BIT(RIGHT_OWN) | BIT(RIGHT_VIEW) | BIT(RIGHT_WRITE) |
                       BIT(RIGHT_APPROVE) | BIT(RIGHT_SEND) | BIT(RIGHT_AUDIT) |
                       BIT(RIGHT_CONFIGURE) | DRILLS,
    [STAFF_ADMINISTRATOR] = BIT(RIGHT_NONE) | BIT(RIGHT_OWN) | BIT(RIGHT_VIEW) |
                            BIT(RIGHT_DRILL_VIEW) | BIT(RIGHT_PEOPLE) | BIT(RIGHT_AUDIT) |
                            BIT(RIGHT_CONFIGURE),
    [STAFF_DRILL] = BIT(RIGHT_NONE) | BIT(RIGHT_OWN) | DRILLS,
    [STAFF_PARTNER] = BIT(RIGHT_NONE) | BIT(RIGHT_PARTNER),
};

const char *staff_role_name(enum staff_role role)
{
    return (unsigned)role < STAFF_COUNT ? role_names[role] : "nobody";
}

bool staff_role_from_name(const char *name, enum staff_role *ret_role)
{
    for (unsigned i = STAFF_VIEWER; i < STAFF_PARTNER; i++) {
        if (text_equal(role_names[i], name)) {
            *ret_role = (enum staff_role)i;
            return true;
        }
    }
    return false;
}

bool staff_role_has(enum staff_role role, enum right right)
{
    return (unsigned)role < STAFF_COUNT && (unsigned)right < RIGHT_COUNT &&
           (role_rights[role] & BIT(right)) != 0;
}

const char *reach_name(enum reach reach)
{
    return reach_names[reach];
}

const char *person_name_fault(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    if (!text_given(name))
        return "an account needs a name";
    if (strlen(name) > NAME_CHARACTERS)
        return "a name has at most 40 characters";
    if (name[strspn(name, letters)] != '\0' || name[0] == '.' || name[0] == '-')
        return "a name has small letters, digits and . _ - only";
    if (text_starts(name, "partner.") || text_starts(name, "system."))
        return "names that begin with partner. or system. are not those of people";
    return "";
}
