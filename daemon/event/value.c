/* Typed values in and out of JSON, see value.h. */
#include "event/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

static void set(json_t *object, const char *key, json_t *value)
{
    memory_must(value);
    if (json_object_set_new(object, key, value) < 0)
        memory_must(NULL);
}

void value_set_text(json_t *object, const char *key, const char *text)
{
    /* What is not UTF-8 cannot be kept as text; the parser lets none through. */
    json_t *value = text != NULL ? json_string(text) : NULL;
    set(object, key, value != NULL ? value : json_null());
}

void value_set_number(json_t *object, const char *key, double number)
{
    set(object, key, isfinite(number) ? json_real(number) : json_null());
}

void value_set_instant(json_t *object, const char *key, usec_t time)
{
    set(object, key, time != 0 ? json_integer(time) : json_null());
}

void value_set_time(json_t *object, const char *key, usec_t time)
{
    char text[CLOCK_TEXT_BYTES];
    char whole[CLOCK_TEXT_BYTES];
    if (time == 0) {
        set(object, key, json_null());
        return;
    }
    usec_t fraction = ((time % USEC_PER_SEC) + USEC_PER_SEC) % USEC_PER_SEC;
    clock_format_jst(time - fraction, whole);
    const size_t second_end = strlen("2024-01-01T16:22:00");
    if (fraction == 0 || strlen(whole) < second_end)
        snprintf(text, sizeof(text), "%s", whole);
    else
        snprintf(text, sizeof(text), "%.19s.%06d%.6s", whole, (int)fraction, whole + second_end);
    set(object, key, json_string(text));
}

void value_set_flag(json_t *object, const char *key, bool flag)
{
    set(object, key, json_boolean(flag));
}

void value_set_integer(json_t *object, const char *key, int64_t integer)
{
    set(object, key, json_integer(integer));
}

const char *value_borrow(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

const char *value_text(TALLOC_CTX *context, const json_t *object, const char *key)
{
    return memory_text_or_null(context, value_borrow(object, key));
}

double value_number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

usec_t value_instant(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

usec_t value_time(const json_t *object, const char *key)
{
    const char *text = value_borrow(object, key);
    usec_t time;
    return text != NULL && clock_parse(text, &time) == 0 ? time : 0;
}

bool value_flag(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

int value_integer(const json_t *object, const char *key)
{
    return (int)json_integer_value(json_object_get(object, key));
}

const char *value_digest(TALLOC_CTX *context, const json_t *json, size_t digits)
{
    char *text = memory_must(json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY));
    const char *digest = text_hash(context, text, strlen(text), digits);
    free(text);
    return digest;
}

struct owned_json {
    json_t *json;
};

static int drop(struct owned_json *owned)
{
    json_decref(owned->json);
    return 0;
}

json_t *value_own(TALLOC_CTX *context, json_t *json)
{
    struct owned_json *owned = memory_new(context, struct owned_json);
    owned->json = json;
    talloc_set_destructor(owned, drop);
    return json;
}
