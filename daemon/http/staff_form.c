/* application/x-www-form-urlencoded to the JSON that the API takes. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "http/staff_inside.h"

#define FIELDS_MAX 500
#define DEPTH_MAX  3

static int digit(char letter)
{
    if (letter >= '0' && letter <= '9')
        return letter - '0';
    if (letter >= 'a' && letter <= 'f')
        return letter - 'a' + 10;
    return letter >= 'A' && letter <= 'F' ? letter - 'A' + 10 : -1;
}

/* NULL for bytes that are no text. */
static char *decode(TALLOC_CTX *context, const char *text, size_t length)
{
    char *decoded = memory_array(context, char, length + 1);
    size_t at = 0;
    for (size_t i = 0; i < length; i++) {
        char letter = text[i] == '+' ? ' ' : text[i];
        if (letter == '%') {
            int high = i + 2 < length ? digit(text[i + 1]) : -1;
            int low = i + 2 < length ? digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            letter = (char)(high * 16 + low);
            i += 2;
        }
        decoded[at++] = letter;
    }
    return text_is_utf8(decoded, at) ? decoded : NULL;
}

static bool is_list(const char *name)
{
    static const char *const lists[] = {"areas", "channels", "languages"};
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (strcmp(lists[i], name) == 0)
            return true;
    }
    return false;
}

/* A field that comes twice: choices of one blank, parted by commas, as a template reads them. */
static void put_text(json_t *object, const char *name, const char *value)
{
    json_t *before = json_object_get(object, name);
    if (is_list(name)) {
        if (before == NULL) {
            before = json_array();
            json_object_set_new(object, name, before);
        }
        if (value[0] != '\0')
            json_array_append_new(before, json_string(value));
    } else if (json_is_string(before) && json_string_length(before) > 0) {
        char *both = memory_printf(NULL, "%s,%s", json_string_value(before), value);
        json_object_set_new(object, name, json_string(both));
        talloc_free(both);
    } else {
        json_object_set_new(object, name, json_string(value));
    }
}

static bool put(TALLOC_CTX *context, json_t *object, const char *name, const char *value)
{
    const char *dot;
    for (int depth = 0; (dot = strchr(name, '.')) != NULL; depth++) {
        char *part = memory_must(talloc_strndup(context, name, (size_t)(dot - name)));
        json_t *inner = json_object_get(object, part);
        if (depth >= DEPTH_MAX)
            return false;
        if (!json_is_object(inner)) {
            inner = json_object();
            json_object_set_new(object, part, inner);
        }
        object = inner;
        name = dot + 1;
    }
    put_text(object, name, value);
    return true;
}

json_t *staff_form_read(TALLOC_CTX *context, const char *body, size_t length)
{
    json_t *form = json_object();
    size_t count = 0;
    for (const char *at = body, *end = body + length; at < end; count++) {
        const char *next = memchr(at, '&', (size_t)(end - at));
        size_t size = (size_t)((next != NULL ? next : end) - at);
        const char *equals = memchr(at, '=', size);
        size_t name_length = equals != NULL ? (size_t)(equals - at) : size;
        char *name = decode(context, at, name_length);
        char *value = equals != NULL ? decode(context, equals + 1, size - name_length - 1)
                                     : memory_text(context, "");
        if (name == NULL || value == NULL || count >= FIELDS_MAX ||
            !put(context, form, name, value)) {
            json_decref(form);
            return NULL;
        }
        at += size + 1;
    }
    return form;
}
