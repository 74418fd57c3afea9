/* Typed values in and out of JSON, with "unknown" as null.
 *
 * Does: maps NULL, NAN and time 0 to null and back, exactly. Never: fails; what is missing or of
 * another type reads as unknown. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <talloc.h>
#include "base/clock.h"

void value_set_text(json_t *object, const char *key, const char *text);
void value_set_number(json_t *object, const char *key, double number);
/* Instants as whole microseconds, for states. */
void value_set_instant(json_t *object, const char *key, usec_t time);
/* Instants as RFC 3339 in Japan time, with a fraction only when there is one; for readers outside.
 */
void value_set_time(json_t *object, const char *key, usec_t time);
void value_set_flag(json_t *object, const char *key, bool flag);
void value_set_integer(json_t *object, const char *key, int64_t integer);

/* Copied into `context`; NULL when there is none. */
const char *value_text(TALLOC_CTX *context, const json_t *object, const char *key);
/* Borrowed from the JSON. */
const char *value_borrow(const json_t *object, const char *key);
double value_number(const json_t *object, const char *key);
usec_t value_instant(const json_t *object, const char *key);
usec_t value_time(const json_t *object, const char *key);
bool value_flag(const json_t *object, const char *key);
int value_integer(const json_t *object, const char *key);

/* The first `digits` hexadecimal digits of a hash over the JSON's canonical form. */
const char *value_digest(TALLOC_CTX *context, const json_t *json, size_t digits);

/* Hands a reference to `context`: it is dropped with it. Returns `json`. */
json_t *value_own(TALLOC_CTX *context, json_t *json);
