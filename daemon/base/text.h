/* Text that people or JMA wrote: UTF-8 checks, trimming, splitting, escaping. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/* True for a well-formed UTF-8 text without NUL. */
bool text_is_utf8(const char *text, size_t length);

/* Copy without blanks at both ends; blanks are ASCII white space and U+3000. Never NULL. */
char *text_trim(TALLOC_CTX *context, const char *text);

/* The same without a copy: where it begins in `text` of `length` bytes, which a NUL follows. */
const char *text_inner(const char *text, size_t length, size_t *ret_length);

/* Splits at runs of the same blanks; returns a talloc array ended by NULL, *ret_count parts. */
char **text_split_blank(TALLOC_CTX *context, const char *text, size_t *ret_count);

/* Splits at `separator`, each part trimmed, empty parts left out. */
char **text_split(TALLOC_CTX *context, const char *text, char separator, size_t *ret_count);

/* Full-width digits and Latin letters to ASCII, for comparing; the rest unchanged. */
char *text_narrow(TALLOC_CTX *context, const char *text);

/* Control characters (C0, C1, U+2028/9, bidi controls) removed or, for newlines when
 * keep_newlines, kept: what may stand in a mail header, a log line or a page (test 51). */
char *text_clean(TALLOC_CTX *context, const char *text, bool keep_newlines);

/* &, <, >, ", ' as entities, for element content and quoted attributes. */
char *text_html(TALLOC_CTX *context, const char *text);

/* Cuts to at most `characters` Unicode characters at a grapheme border, with "…" when cut. */
char *text_cut(TALLOC_CTX *context, const char *text, size_t characters);

/* Lower-case hexadecimal SHA-256 of the bytes, first `digits` (at most 64) digits. */
char *text_hash(TALLOC_CTX *context, const void *bytes, size_t length, size_t digits);

bool text_equal(const char *a, const char *b);          /* NULL equals NULL only */
bool text_starts(const char *text, const char *prefix); /* false for NULL text */
bool text_contains(const char *text, const char *part); /* false for NULL text */
static inline bool text_given(const char *text)
{
    return text != NULL && text[0] != '\0';
}
