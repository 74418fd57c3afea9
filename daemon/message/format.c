/* Times, numbers and lists as each language writes them, by ICU.
 *
 * The formatters are made once for each language; dates and numbers are cloned for each use,
 * because ICU's are not safe for several threads. The calendar is the Gregorian one everywhere, the
 * zone Japan's. */
#include <errno.h>
#include <string.h>
#include <unicode/udatpg.h>
#include <unicode/ustring.h>

#include "base/memory.h"
#include "message/catalogue.h"

#define TEXT_MAX 512

static UDateFormat *open_date(const char *locale, const char *skeleton, UErrorCode *status)
{
    UChar wanted[32], pattern[128], zone[32];
    u_uastrcpy(wanted, skeleton);
    u_uastrcpy(zone, "Asia/Tokyo");
    UDateTimePatternGenerator *generator = udatpg_open(locale, status);
    int32_t length = udatpg_getBestPattern(generator, wanted, -1, pattern, 128, status);
    udatpg_close(generator);
    if (U_FAILURE(*status))
        return NULL;
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, -1, pattern, length, status);
}

int format_open(struct language *language, struct problems *problems)
{
    UErrorCode status = U_ZERO_ERROR;
    char locale[96];
    snprintf(locale, sizeof(locale), "%s@calendar=gregorian", language->locale);
    language->day_time = open_date(locale, "yMMMdHm", &status);
    language->time_only = open_date(locale, "Hm", &status);
    language->list = ulistfmt_open(locale, &status);
    language->number = unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status)) {
        problems_add(problems, language->file, 1, 1, "a locale such as en_GB",
                     "locale \"%s\" cannot be used: %s", language->locale, u_errorName(status));
        format_close(language);
        return -EINVAL;
    }
    unum_setAttribute(language->number, UNUM_MAX_FRACTION_DIGITS, 1);
    return 0;
}

void format_close(struct language *language)
{
    if (language->day_time != NULL)
        udat_close(language->day_time);
    if (language->time_only != NULL)
        udat_close(language->time_only);
    if (language->list != NULL)
        ulistfmt_close(language->list);
    if (language->number != NULL)
        unum_close(language->number);
    language->day_time = language->time_only = NULL;
    language->list = NULL;
    language->number = NULL;
}

static char *to_text(TALLOC_CTX *context, const UChar *wide, int32_t length)
{
    char text[TEXT_MAX * 3];
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(text, sizeof(text), NULL, wide, length, &status);
    return memory_text(context, U_SUCCESS(status) ? text : "");
}

const char *message_time(TALLOC_CTX *context, const struct catalogue *catalogue, const char *tag,
                         usec_t time, usec_t now)
{
    const struct language *language = catalogue_language(catalogue, tag);
    if (time == 0 || language == NULL)
        return catalogue_word(catalogue, tag, "label.unknown");
    bool same_day =
        (time + JST_OFFSET_USEC) / USEC_PER_DAY == (now + JST_OFFSET_USEC) / USEC_PER_DAY;
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[TEXT_MAX];
    UDateFormat *format = udat_clone(same_day ? language->time_only : language->day_time, &status);
    int32_t length =
        udat_format(format, (UDate)(time / USEC_PER_MSEC), wide, TEXT_MAX, NULL, &status);
    udat_close(format);
    if (U_FAILURE(status)) {
        char plain[CLOCK_TEXT_BYTES];
        return memory_text(context, clock_format_jst(time, plain));
    }
    return catalogue_fill(context, catalogue, language, "label.japan-time", "time",
                          to_text(context, wide, length), NULL);
}

char *format_number(TALLOC_CTX *context, const struct language *language, double number)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar wide[64];
    UNumberFormat *format = unum_clone(language->number, &status);
    int32_t length = unum_formatDouble(format, number, wide, 64, NULL, &status);
    unum_close(format);
    return U_SUCCESS(status) ? to_text(context, wide, length)
                             : memory_printf(context, "%.1f", number);
}

char *format_list(TALLOC_CTX *context, const struct language *language, const char *const *items,
                  size_t count)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar **wide = memory_array(context, UChar *, count + 1), joined[4096];
    int32_t *lengths = memory_array(context, int32_t, count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t bytes = strlen(items[i]);
        wide[i] = memory_array(context, UChar, bytes + 1);
        u_strFromUTF8(wide[i], (int32_t)bytes + 1, &lengths[i], items[i], (int32_t)bytes, &status);
    }
    int32_t length = ulistfmt_format(language->list, (const UChar *const *)wide, lengths,
                                     (int32_t)count, joined, 4096, &status);
    if (U_FAILURE(status) || count == 0)
        return memory_text(context, count > 0 ? items[0] : "");
    char *text = memory_array(context, char, (size_t)length * 3 + 1);
    u_strToUTF8(text, length * 3 + 1, NULL, joined, length, &status);
    return text;
}
