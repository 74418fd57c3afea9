/* What JMA says of a tsunami in the comments of an earthquake: a code of four digits for each
 * sentence (固定付加文). */
#pragma once

#include <stddef.h>

/* "in-force", "wait", "possible-pacific", … (message: judgement-NAME); NULL when no code judges. */
const char *judgement_of_codes(const char *const *codes, size_t count);

/* How grave a judgement is for people in Japan: 1 none, and up; 0 for NULL. */
int judgement_gravity(const char *judgement);
