/* Looking around in a parsed tree: see element.h. The parser is in element_parse.c. */
#include "base/element.h"

#include <string.h>
#include "base/text.h"

const struct element *element_child(const struct element *parent, const char *name)
{
    if (parent == NULL)
        return NULL;
    const struct element *child = parent->first_child;
    while (child != NULL && strcmp(child->name, name) != 0)
        child = child->next;
    return child;
}

const struct element *element_again(const struct element *element)
{
    if (element == NULL)
        return NULL;
    const struct element *sibling = element->next;
    while (sibling != NULL && strcmp(sibling->name, element->name) != 0)
        sibling = sibling->next;
    return sibling;
}

const struct element *element_path(const struct element *element, const char *path)
{
    while (element != NULL && *path != '\0') {
        size_t length = strcspn(path, "/");
        const struct element *child = element->first_child;
        while (child != NULL &&
               (strncmp(child->name, path, length) != 0 || child->name[length] != '\0'))
            child = child->next;
        element = child;
        path += length + (path[length] == '/' ? 1 : 0);
    }
    return element;
}

const char *element_text(const struct element *element, const char *path)
{
    const struct element *found = element_path(element, path);
    return found != NULL && text_given(found->text) ? found->text : NULL;
}

const char *element_attribute(const struct element *element, const char *name)
{
    for (size_t i = 0; element != NULL && i < element->attribute_count; i++) {
        if (strcmp(element->attributes[i].name, name) == 0)
            return element->attributes[i].value;
    }
    return NULL;
}
