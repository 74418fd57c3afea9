/* Text: see text.h. Everything walks UTF-8 by text_decode, which never reads past the NUL and takes
 * a byte that begins no character as one broken character. */
#include "base/text.h"

#include <openssl/sha.h>
#include <stdint.h>
#include <string.h>
#include "base/buffer.h"
#include "base/memory.h"

#define CHARACTER_BROKEN      0xFFFFFFFFu
#define CHARACTER_REPLACEMENT "\xEF\xBF\xBD"

/* Length of the well-formed character at `bytes` (Unicode table 3-7), or 0. */
static size_t character_length(const unsigned char *bytes, size_t available)
{
    unsigned char first = bytes[0];
    if (first < 0x80)
        return 1;
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || available < length)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    }
    bool overlong = (first == 0xE0 && bytes[1] < 0xA0) || (first == 0xF0 && bytes[1] < 0x90);
    bool surrogate = first == 0xED && bytes[1] > 0x9F;
    bool beyond = first == 0xF4 && bytes[1] > 0x8F;
    return overlong || surrogate || beyond ? 0 : length;
}

/* Reads one character of a NUL-terminated text; *ret_length bytes of it, at least 1. */
static uint32_t text_decode(const char *text, size_t *ret_length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = character_length(bytes, strnlen(text, 4));
    *ret_length = length == 0 ? 1 : length;
    if (length == 0)
        return CHARACTER_BROKEN;
    if (length == 1)
        return bytes[0];
    uint32_t character = bytes[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++)
        character = character << 6 | (bytes[i] & 0x3Fu);
    return character;
}

bool text_is_utf8(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t at = 0;
    while (at < length) {
        size_t step = bytes[at] == '\0' ? 0 : character_length(bytes + at, length - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

/* Bytes of the blank at `text`, or 0. */
static size_t blank_length(const char *text)
{
    if (text[0] == ' ' || (text[0] >= '\t' && text[0] <= '\r'))
        return 1;
    return strncmp(text, "\u3000", 3) == 0 ? 3 : 0;
}

static const char *blank_skip(const char *text)
{
    size_t length;
    while ((length = blank_length(text)) > 0)
        text += length;
    return text;
}

/* Bytes of the blank that ends just before `end`, or 0; E3 only ever begins a character. */
static size_t blank_length_before(const char *start, const char *end)
{
    if (end - start >= 3 && blank_length(end - 3) == 3)
        return 3;
    return end > start && blank_length(end - 1) == 1 ? 1 : 0;
}

const char *text_inner(const char *text, size_t length, size_t *ret_length)
{
    const char *start = text, *end = text + length;
    size_t blank;
    while (start < end && (blank = blank_length(start)) > 0)
        start += blank;
    while ((blank = blank_length_before(start, end)) > 0)
        end -= blank;
    *ret_length = (size_t)(end - start);
    return start;
}

/* Copy of [start, end) without blanks at its ends. */
static char *part_trim(TALLOC_CTX *context, const char *start, const char *end)
{
    size_t length;
    const char *inner = text_inner(start, (size_t)(end - start), &length);
    return memory_must(talloc_strndup(context, inner, length));
}

char *text_trim(TALLOC_CTX *context, const char *text)
{
    if (text == NULL)
        return memory_text(context, "");
    return part_trim(context, text, text + strlen(text));
}

/* Adds `part` to a list that stays ended by NULL. */
static char **part_append(TALLOC_CTX *context, char **parts, size_t count, char *part)
{
    parts = memory_grow(context, parts, count + 1, sizeof(char *));
    parts[count] = talloc_steal(parts, part);
    parts[count + 1] = NULL;
    return parts;
}

char **text_split_blank(TALLOC_CTX *context, const char *text, size_t *ret_count)
{
    char **parts = memory_array(context, char *, 1);
    size_t count = 0;
    for (const char *at = blank_skip(text == NULL ? "" : text); *at != '\0';) {
        const char *end = at;
        while (*end != '\0' && blank_length(end) == 0)
            end++;
        char *part = memory_must(talloc_strndup(context, at, (size_t)(end - at)));
        parts = part_append(context, parts, count++, part);
        at = blank_skip(end);
    }
    *ret_count = count;
    return parts;
}

char **text_split(TALLOC_CTX *context, const char *text, char separator, size_t *ret_count)
{
    char **parts = memory_array(context, char *, 1);
    size_t count = 0;
    for (const char *at = text == NULL ? "" : text; *at != '\0';) {
        const char *end = strchrnul(at, separator);
        char *part = part_trim(context, at, end);
        if (part[0] != '\0')
            parts = part_append(context, parts, count++, part);
        else
            talloc_free(part);
        at = *end == '\0' ? end : end + 1;
    }
    *ret_count = count;
    return parts;
}

char *text_narrow(TALLOC_CTX *context, const char *text)
{
    char *narrow = memory_text(context, text == NULL ? "" : text);
    char *to = narrow;
    for (const char *from = narrow; *from != '\0';) {
        size_t length;
        uint32_t character = text_decode(from, &length);
        bool wide = (character >= 0xFF10 && character <= 0xFF19) ||
                    (character >= 0xFF21 && character <= 0xFF3A) ||
                    (character >= 0xFF41 && character <= 0xFF5A);
        if (wide) {
            *to++ = (char)(character - 0xFF01 + '!');
        } else {
            memmove(to, from, length);
            to += length;
        }
        from += length;
    }
    *to = '\0';
    return narrow;
}

static bool character_is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character <= 0x9F) || character == 0x061C ||
           character == 0x200E || character == 0x200F ||
           (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069);
}

char *text_clean(TALLOC_CTX *context, const char *text, bool keep_newlines)
{
    if (text == NULL)
        return memory_text(context, "");
    /* A broken byte becomes the three bytes of U+FFFD. */
    struct buffer *clean = buffer_new(context, strlen(text) * 3);
    while (*text != '\0') {
        size_t length;
        uint32_t character = text_decode(text, &length);
        if (character == CHARACTER_BROKEN)
            buffer_text(clean, CHARACTER_REPLACEMENT);
        else if (!character_is_control(character) || (character == '\n' && keep_newlines))
            buffer_append(clean, text, length);
        text += length;
    }
    char *bytes = talloc_steal(context, clean->bytes);
    talloc_free(clean);
    return bytes;
}

char *text_html(TALLOC_CTX *context, const char *text)
{
    static const char special[] = "&<>\"'";
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    if (text == NULL)
        return memory_text(context, "");
    struct buffer *html = buffer_new(context, strlen(text) * 6);
    while (*text != '\0') {
        size_t plain = strcspn(text, special);
        buffer_append(html, text, plain);
        text += plain;
        if (*text != '\0')
            buffer_text(html, entities[strchr(special, *text++) - special]);
    }
    char *bytes = talloc_steal(context, html->bytes);
    talloc_free(html);
    return bytes;
}

char *text_hash(TALLOC_CTX *context, const void *bytes, size_t length, size_t digits)
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256(length == 0 ? (const unsigned char *)"" : bytes, length, hash);
    char *text = memory_array(context, char, 2 * SHA256_DIGEST_LENGTH + 1);
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++) {
        text[2 * i] = "0123456789abcdef"[hash[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[hash[i] & 15];
    }
    if (digits < 2 * SHA256_DIGEST_LENGTH)
        text[digits] = '\0';
    return text;
}

bool text_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool text_starts(const char *text, const char *prefix)
{
    return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_contains(const char *text, const char *part)
{
    return text != NULL && strstr(text, part) != NULL;
}
