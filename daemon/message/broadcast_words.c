/* Words that must or must not stand in a text: drill words (H-2), and those by which a manual
 * message would look like one of JMA (H-8). */
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>

#include "base/memory.h"
#include "message/broadcast_catalogue.h"

/* Lower-case UTF-16, folded so that upper and lower case and full-width letters of a word meet. */
static UChar *fold(TALLOC_CTX *context, const char *text)
{
    int32_t length = (int32_t)strlen(text), wide_length;
    UErrorCode status = U_ZERO_ERROR;
    UChar *wide = memory_array(context, UChar, length + 1);
    UChar *folded = memory_array(context, UChar, 3 * length + 1);
    u_strFromUTF8WithSub(wide, length + 1, &wide_length, text, length, 0xFFFD, NULL, &status);
    int32_t folded_length =
        u_strFoldCase(folded, 3 * length, wide, wide_length, U_FOLD_CASE_DEFAULT, &status);
    folded[U_SUCCESS(status) ? folded_length : 0] = 0;
    for (UChar *c = folded; *c != 0; c++) {
        if (*c >= 0xFF21 && *c <= 0xFF5A) /* Ｄ → D */
            *c = (UChar)u_tolower((UChar32)(*c - 0xFF00 + 0x20));
    }
    return folded;
}

/* Letters between which a word goes on: those of scripts that write spaces. */
static bool continues_word(UChar c)
{
    return c != 0 && u_isalpha(c) && u_getIntPropertyValue(c, UCHAR_SCRIPT) == USCRIPT_LATIN;
}

static bool word_found(const UChar *text, const UChar *word)
{
    int32_t length = u_strlen(word);
    for (const UChar *at = u_strstr(text, word); at != NULL; at = u_strstr(at + 1, word)) {
        bool begins = at == text || !continues_word(at[-1]) || !continues_word(at[0]);
        bool ends = !continues_word(at[length]) || !continues_word(at[length - 1]);
        if (begins && ends)
            return true;
    }
    return false;
}

bool words_found(const char *const *words, const char *text)
{
    TALLOC_CTX *scratch = talloc_new(NULL);
    const UChar *folded = fold(scratch, text);
    bool found = false;
    for (; *words != NULL && !found; words++)
        found = word_found(folded, fold(scratch, *words));
    talloc_free(scratch);
    return found;
}

bool broadcast_has_drill_word(const struct broadcast_catalogue *catalogue, const char *text)
{
    return words_found(catalogue->drill_words, text);
}
