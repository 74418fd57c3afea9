/* Shortening at a border that a reader sees: a family emoji, a letter with its accent or a regional
 * flag is never split. ICU's break iterator knows the borders; characters are counted as code
 * points, so that the limit of a subject line holds whatever the script. */
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>
#include "base/memory.h"
#include "base/text.h"

static size_t character_count(const char *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += (text[i] & 0xC0) != 0x80;
    return count;
}

/* Last border at or before `characters` code points, in bytes. */
static size_t cut_border(const char *text, size_t length, size_t characters)
{
    UErrorCode status = U_ZERO_ERROR;
    UText *source = utext_openUTF8(NULL, text, (int64_t)length, &status);
    UBreakIterator *borders = ubrk_open(UBRK_CHARACTER, "", NULL, 0, &status);
    ubrk_setUText(borders, source, &status);
    size_t border = 0, counted = 0;
    while (U_SUCCESS(status)) {
        int32_t next = ubrk_next(borders);
        if (next == UBRK_DONE)
            break;
        counted += character_count(text + border, (size_t)next - border);
        if (counted > characters)
            break;
        border = (size_t)next;
    }
    ubrk_close(borders);
    utext_close(source);
    return border;
}

char *text_cut(TALLOC_CTX *context, const char *text, size_t characters)
{
    size_t length = text == NULL ? 0 : strlen(text);
    if (length == 0 || characters == 0)
        return memory_text(context, "");
    if (character_count(text, length) <= characters)
        return memory_text(context, text);
    /* The mark takes the place of one character. */
    size_t border = cut_border(text, length, characters - 1);
    return memory_printf(context, "%.*s…", (int)border, text);
}
