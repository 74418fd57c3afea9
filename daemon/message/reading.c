/* Finds pairs of name and reading in a finished text. */
#include <stdbool.h>
#include <string.h>
#include <unicode/uscript.h>

#include "base/memory.h"
#include "message/reading.h"

#define OPEN         "（"
#define CLOSE        "）"
#define LONG         0x30FC /* ー */
#define DOT          0x30FB /* ・ */
#define KATAKANA     0x30A1 /* ァ */
#define KATAKANA_END 0x30F6 /* ヶ */
#define HIRAGANA     0x3041 /* ぁ */

enum letter { LETTER_NONE, LETTER_KANJI, LETTER_KANA };

struct pair {
    const char *name, *open;   /* the name ends where the bracket opens */
    const char *reading, *end; /* and the reading where it closes */
};

static enum letter letter_of(UChar32 c)
{
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(c, &status);
    if (script == USCRIPT_HAN)
        return LETTER_KANJI;
    return script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || c == LONG || c == DOT
               ? LETTER_KANA
               : LETTER_NONE;
}

/* All texts here are valid UTF-8. */
static UChar32 next_character(const char **text)
{
    unsigned first = (unsigned char)*(*text)++;
    UChar32 c = (UChar32)(first < 0xC0   ? first
                          : first < 0xE0 ? first & 0x1F
                          : first < 0xF0 ? first & 0x0F
                                         : first & 0x07);
    while (((unsigned char)**text & 0xC0) == 0x80)
        c = c << 6 | (*(*text)++ & 0x3F);
    return c;
}

static UChar32 character_before(const char *start, const char **text)
{
    do {
        (*text)--;
    } while (*text > start && ((unsigned char)**text & 0xC0) == 0x80);
    const char *at = *text;
    return next_character(&at);
}

/* The bracket that closes a reading, or NULL. */
static const char *reading_end(const char *reading)
{
    const char *at = reading;
    for (const char *next = at; *at != '\0'; at = next) {
        UErrorCode status = U_ZERO_ERROR;
        if (strncmp(at, CLOSE, strlen(CLOSE)) == 0)
            return at > reading ? at : NULL;
        UChar32 c = next_character(&next);
        if (c != LONG && uscript_getScript(c, &status) != USCRIPT_HIRAGANA)
            return NULL;
    }
    return NULL;
}

/* Whether the reading begins with the kana before the first kanji, which then belong to the name.
 */
static bool reads_kana(const char *name, const char *reading)
{
    for (;;) {
        UChar32 c = next_character(&name);
        if (letter_of(c) == LETTER_KANJI)
            return true;
        if (c >= KATAKANA && c <= KATAKANA_END)
            c -= KATAKANA - HIRAGANA;
        if (c != next_character(&reading))
            return false;
    }
}

/* Where the name before the bracket begins; the bracket itself when there is none. */
static const char *name_start(const char *from, const char *open, const char *reading)
{
    const char *kanji = open, *letters = open, *first_kanji = NULL;
    bool run = true;
    for (const char *at = open; at > from;) {
        UChar32 c = character_before(from, &at);
        enum letter letter = letter_of(c);
        if (letter == LETTER_NONE)
            break;
        run = run && letter == LETTER_KANJI;
        kanji = run ? at : kanji;
        first_kanji = letter == LETTER_KANJI ? at : first_kanji;
        letters = c == DOT && letters == open ? letters : at;
    }
    if (first_kanji == NULL)
        return open;
    const char *dot = letters;
    if (next_character(&dot) == DOT) /* 地震（じしん）・津波（つなみ） */
        letters = dot;
    return reads_kana(letters, reading) ? letters : kanji;
}

static bool pair_find(const char *text, struct pair *ret_pair)
{
    const char *from = text;
    for (const char *open = text; (open = strstr(open, OPEN)) != NULL; open += strlen(OPEN)) {
        const char *reading = open + strlen(OPEN), *end = reading_end(reading);
        const char *name = end != NULL ? name_start(from, open, reading) : open;
        if (name < open) {
            *ret_pair = (struct pair){.name = name, .open = open, .reading = reading, .end = end};
            return true;
        }
    }
    return false;
}

/* Each pair between the marks: `before` NAME `between` READING `after`; without `before` the name
 * is left out. */
static char *replace_pairs(TALLOC_CTX *context, const char *text, const char *const marks[3])
{
    struct pair pair;
    char *out = memory_text(context, "");
    while (pair_find(text, &pair)) {
        int name = marks[0] != NULL ? (int)(pair.open - pair.name) : 0;
        out = memory_must(talloc_asprintf_append_buffer(
            out, "%.*s%s%.*s%s%.*s%s", (int)(pair.name - text), text,
            marks[0] != NULL ? marks[0] : "", name, pair.name, marks[1],
            (int)(pair.end - pair.reading), pair.reading, marks[2]));
        text = pair.end + strlen(CLOSE);
    }
    return memory_must(talloc_strdup_append_buffer(out, text));
}

char *reading_ruby(TALLOC_CTX *context, const char *html)
{
    static const char *const marks[] = {"<ruby>", "<rp>" OPEN "</rp><rt>",
                                        "</rt><rp>" CLOSE "</rp></ruby>"};
    return replace_pairs(context, html, marks);
}

char *reading_alone(TALLOC_CTX *context, const char *text)
{
    static const char *const marks[] = {NULL, "", ""};
    return replace_pairs(context, text, marks);
}
