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
#define LIST_MAX 4096

static UDateFormat *open_pattern(const char *locale, const UChar *pattern, int32_t length,
                                 UErrorCode *status)
{
    UChar zone[32];
    u_uastrcpy(zone, "Asia/Tokyo");
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, -1, pattern, length, status);
}

static UDateFormat *open_date(const char *locale, const char *skeleton, UErrorCode *status)
{
    UChar wanted[32], pattern[128];
    u_uastrcpy(wanted, skeleton);
    UDateTimePatternGenerator *generator = udatpg_open(locale, status);
    int32_t length = udatpg_getBestPattern(generator, wanted, -1, pattern, 128, status);
    udatpg_close(generator);
    return U_FAILURE(*status) ? NULL : open_pattern(locale, pattern, length, status);
}

/* The language's own pattern of a date with its time, else ICU's. */
static UDateFormat *open_day_time(const char *locale, const char *own, UErrorCode *status)
{
    UChar pattern[128];
    int32_t length;
    if (own == NULL)
        return open_date(locale, "yMMMdHm", status);
    u_strFromUTF8(pattern, 128, &length, own, -1, status);
    return U_FAILURE(*status) ? NULL : open_pattern(locale, pattern, length, status);
}

static char *to_text(TALLOC_CTX *context, const UChar *wide, int32_t length)
{
    char text[TEXT_MAX * 3];
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(text, sizeof(text), NULL, wide, length, &status);
    return memory_text(context, U_SUCCESS(status) ? text : "");
}

/* Never loses a place: what ICU cannot do is done with the separator. */
static char *plain_list(TALLOC_CTX *context, const struct language *language,
                        const char *const *items, size_t count)
{
    char *text = memory_text(context, count > 0 ? items[0] : "");
    for (size_t i = 1; i < count; i++)
        text =
            memory_must(talloc_asprintf_append_buffer(text, "%s%s", language->separator, items[i]));
    return text;
}

/* ICU's list as UTF-8, or NULL. */
static char *icu_list(TALLOC_CTX *context, const UListFormatter *format, const char *const *items,
                      size_t count)
{
    UErrorCode status = U_ZERO_ERROR;
    UChar **wide = memory_array(context, UChar *, count), joined[LIST_MAX];
    int32_t *lengths = memory_array(context, int32_t, count);
    for (size_t i = 0; i < count; i++) {
        int32_t bytes = (int32_t)strlen(items[i]);
        wide[i] = memory_array(context, UChar, bytes + 1);
        u_strFromUTF8(wide[i], bytes + 1, &lengths[i], items[i], bytes, &status);
    }
    int32_t length = ulistfmt_format(format, (const UChar *const *)wide, lengths, (int32_t)count,
                                     joined, LIST_MAX, &status);
    if (U_FAILURE(status))
        return NULL;
    char *text = memory_array(context, char, (size_t)length * 3 + 1);
    u_strToUTF8(text, length * 3 + 1, NULL, joined, length, &status);
    return U_SUCCESS(status) ? text : NULL;
}

/* What stands between the first and the second of three. */
static const char *read_separator(TALLOC_CTX *context, const UListFormatter *format)
{
    static const char *const items[] = {"1", "2", "3"};
    char *list = icu_list(context, format, items, 3);
    char *end = list != NULL ? strchr(list, '2') : NULL;
    if (end == NULL || list[0] != '1')
        return ", ";
    *end = '\0';
    return strcmp(list + 1, ",") == 0 ? ", " : list + 1;
}

char *format_list(TALLOC_CTX *context, const struct language *language, const char *const *items,
                  size_t count, bool goes_on)
{
    if (count < 2 || goes_on)
        return plain_list(context, language, items, count);
    /* ICU's own commas are not alike in every language: "A,B, C र D". */
    const char *ends[] = {plain_list(context, language, items, count - 1), items[count - 1]};
    char *list = icu_list(context, language->list, ends, 2);
    return list != NULL ? list : plain_list(context, language, items, count);
}

/* ICU writes a language that it does not know in another one without a word. */
static bool is_known(const char *locale)
{
    for (int32_t i = 0; i < uloc_countAvailable(); i++) {
        if (strcmp(uloc_getAvailable(i), locale) == 0)
            return true;
    }
    return false;
}

int format_open(TALLOC_CTX *context, struct language *language, struct problems *problems)
{
    UErrorCode status = U_ZERO_ERROR;
    char locale[96];
    snprintf(locale, sizeof(locale), "%s@calendar=gregorian", language->locale);
    language->day_time = open_day_time(locale, language->date, &status);
    language->time_only = open_date(locale, "Hm", &status);
    language->list = ulistfmt_open(locale, &status);
    language->number = unum_open(UNUM_DECIMAL, NULL, 0, locale, NULL, &status);
    if (U_FAILURE(status) || !is_known(language->locale)) {
        problems_add(problems, language->file, 1, 1, "a locale such as en_GB",
                     "locale \"%s\" cannot be used", language->locale);
        format_close(language);
        return -EINVAL;
    }
    language->separator = read_separator(context, language->list);
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
        udat_format(format, (UDate)time / (UDate)USEC_PER_MSEC, wide, TEXT_MAX, NULL, &status);
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
