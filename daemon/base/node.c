/* Taking typed values out of a YAML tree: see document.h. A missing key gives the default silently;
 * a value of the wrong form gives the default and a problem at the place where it stands. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "base/document.h"
#include "base/memory.h"
#include "base/text.h"

#define NEAREST_BYTES 64

const struct node *node_child(const struct node *mapping, const char *key)
{
    if (mapping == NULL || mapping->type != NODE_MAPPING)
        return NULL;
    const struct node *child = mapping->first_child;
    while (child != NULL && strcmp(child->key, key) != 0)
        child = child->next;
    return child;
}

static void node_fault(const struct node *node, const char *instead, const char *form,
                       struct problems *problems)
{
    problems_add(problems, node->file, node->line, node->column, instead, "%s%s%s%s",
                 node->key != NULL ? "\"" : "", node->key != NULL ? node->key : "this value",
                 node->key != NULL ? "\" " : " ", form);
}

/* The scalar child, or NULL when there is none to use. */
static const struct node *scalar_child(const struct node *mapping, const char *key,
                                       struct problems *problems)
{
    const struct node *child = node_child(mapping, key);
    if (child != NULL && child->type != NODE_SCALAR) {
        node_fault(child, "a single value", "must be a single value", problems);
        return NULL;
    }
    return child;
}

const char *node_text(const struct node *mapping, const char *key, const char *otherwise,
                      struct problems *problems)
{
    const struct node *child = scalar_child(mapping, key, problems);
    return child != NULL ? child->text : otherwise;
}

static bool number_read(const char *text, int64_t *ret_number)
{
    const char *digits = text[0] == '-' ? text + 1 : text;
    if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
        return false;
    errno = 0;
    long long number = strtoll(text, NULL, 10);
    *ret_number = number;
    return errno == 0;
}

int64_t node_number(const struct node *mapping, const char *key, int64_t least, int64_t most,
                    int64_t otherwise, struct problems *problems)
{
    const struct node *child = scalar_child(mapping, key, problems);
    int64_t number;
    if (child == NULL)
        return otherwise;
    if (number_read(child->text, &number) && number >= least && number <= most)
        return number;
    char *range = memory_printf(NULL, "a whole number from %" PRId64 " to %" PRId64, least, most);
    char *form = memory_printf(range, "is \"%.80s\", which is not within its range", child->text);
    node_fault(child, range, form, problems);
    talloc_free(range);
    return otherwise;
}

bool node_flag(const struct node *mapping, const char *key, bool otherwise,
               struct problems *problems)
{
    const struct node *child = scalar_child(mapping, key, problems);
    if (child == NULL)
        return otherwise;
    if (strcmp(child->text, "true") == 0 || strcmp(child->text, "yes") == 0)
        return true;
    if (strcmp(child->text, "false") == 0 || strcmp(child->text, "no") == 0)
        return false;
    node_fault(child, "true or false", "is neither true nor false", problems);
    return otherwise;
}

static bool node_is_nothing(const struct node *node)
{
    return node->type == NODE_SCALAR && !node->quoted && node->text[0] == '\0';
}

const char **node_list(TALLOC_CTX *context, const struct node *mapping, const char *key,
                       size_t *ret_count, struct problems *problems)
{
    const struct node *child = node_child(mapping, key);
    *ret_count = 0;
    if (child == NULL)
        return NULL;
    if (child->type == NODE_MAPPING || node_is_nothing(child)) {
        node_fault(child, "a list such as [one, two]", "must be a list", problems);
        return NULL;
    }
    size_t count = 0, most = child->type == NODE_SCALAR ? 1 : child->count;
    const char **list = memory_array(context, const char *, most + 1);
    const struct node *item = child->type == NODE_SCALAR ? child : child->first_child;
    for (; item != NULL && count < most; item = item->next) {
        if (item->type != NODE_SCALAR || node_is_nothing(item))
            node_fault(item, "a single value", "must be a single value, not empty", problems);
        else
            list[count++] = memory_text(list, item->text);
    }
    *ret_count = count;
    return list;
}

static size_t least_of(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;
    return least < c ? least : c;
}

/* Letters to insert, remove or change to come from one to the other. */
static size_t text_distance(const char *one, const char *other)
{
    size_t row[NEAREST_BYTES + 1];
    size_t width = strlen(other);
    if (strlen(one) > NEAREST_BYTES || width > NEAREST_BYTES)
        return SIZE_MAX;
    for (size_t i = 0; i <= width; i++)
        row[i] = i;
    for (size_t line = 1; one[line - 1] != '\0'; line++) {
        size_t diagonal = row[0];
        row[0] = line;
        for (size_t i = 1; i <= width; i++) {
            size_t changed = diagonal + (one[line - 1] == other[i - 1] ? 0 : 1);
            diagonal = row[i];
            row[i] = least_of(changed, row[i] + 1, row[i - 1] + 1);
        }
    }
    return row[width];
}

/* The allowed key that was most likely meant, or NULL when none is near. */
static const char *key_nearest(const char *key, const char *const *allowed)
{
    const char *nearest = NULL;
    size_t least = strlen(key) / 3 + 2;
    for (; *allowed != NULL; allowed++) {
        size_t distance = text_distance(key, *allowed);
        if (distance < least) {
            least = distance;
            nearest = *allowed;
        }
    }
    return nearest;
}

static bool key_allowed(const char *key, const char *const *allowed)
{
    while (*allowed != NULL && strcmp(*allowed, key) != 0)
        allowed++;
    return *allowed != NULL;
}

static char *keys_listed(const char *const *allowed)
{
    char *list = memory_text(NULL, "one of");
    for (size_t i = 0; allowed[i] != NULL; i++)
        list = memory_must(talloc_asprintf_append(list, "%s %s", i > 0 ? "," : "", allowed[i]));
    return list;
}

void node_only(const struct node *mapping, const char *const *allowed, struct problems *problems)
{
    if (mapping == NULL || mapping->type != NODE_MAPPING)
        return;
    for (const struct node *child = mapping->first_child; child != NULL; child = child->next) {
        if (key_allowed(child->key, allowed))
            continue;
        const char *nearest = key_nearest(child->key, allowed);
        char *instead =
            nearest != NULL ? memory_printf(NULL, "\"%s\"", nearest) : keys_listed(allowed);
        problems_add(problems, child->file, child->key_line, child->key_column, instead,
                     "the key \"%s\" is not known here", child->key);
        talloc_free(instead);
    }
}
