/* Time: see clock.h. Calendar arithmetic is done here on whole days since 1970, so that neither the
 * time zone of the machine nor its locale can change what a telegram says. */
#include "base/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

struct moment {
    int64_t year;
    unsigned month, day;           /* from 1 */
    unsigned hour, minute, second; /* second 60: a leap second */
    unsigned weekday;              /* 0: Sunday */
};

static const char *const month_names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const weekday_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};

static usec_t clock_read(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (usec_t)time.tv_sec * USEC_PER_SEC + time.tv_nsec / 1000;
}

usec_t clock_now(void)
{
    return clock_read(CLOCK_REALTIME);
}

usec_t clock_monotonic(void)
{
    return clock_read(CLOCK_BOOTTIME);
}

static bool year_is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_days(int64_t year, unsigned month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && year_is_leap(year) ? 1 : 0);
}

/* Days from 0001-01-01 to the first of January of `year`; years from 0 on. */
static int64_t days_before_year(int64_t year)
{
    int64_t past = year - 1;
    if (past < 0)
        return -366;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

static int64_t days_of(const struct moment *moment)
{
    int64_t days = days_before_year(moment->year) - days_before_year(1970);
    for (unsigned month = 1; month < moment->month; month++)
        days += month_days(moment->year, month);
    return days + moment->day - 1;
}

static bool moment_valid(const struct moment *moment)
{
    if (moment->month < 1 || moment->month > 12 || moment->day < 1 ||
        moment->day > month_days(moment->year, moment->month))
        return false;
    return moment->hour < 24 && moment->minute < 60 && moment->second <= 60;
}

static usec_t moment_time(const struct moment *moment)
{
    return days_of(moment) * USEC_PER_DAY + moment->hour * USEC_PER_HOUR +
           moment->minute * USEC_PER_MINUTE + moment->second * USEC_PER_SEC;
}

/* False outside the years 1 to 9999, which no text form here can hold. */
static bool moment_of(usec_t time, struct moment *ret_moment)
{
    int64_t days = time / USEC_PER_DAY;
    usec_t rest = time % USEC_PER_DAY;
    if (rest < 0) {
        rest += USEC_PER_DAY;
        days--;
    }
    int64_t since_first = days + days_before_year(1970);
    if (since_first < 0 || since_first >= days_before_year(10000))
        return false;
    int64_t year = since_first * 400 / 146097 + 1;
    while (days_before_year(year) > since_first)
        year--;
    while (days_before_year(year + 1) <= since_first)
        year++;
    unsigned month = 1;
    int64_t day = since_first - days_before_year(year);
    while (day >= month_days(year, month))
        day -= month_days(year, month++);
    *ret_moment = (struct moment){
        .year = year,
        .month = month,
        .day = (unsigned)day + 1,
        .hour = (unsigned)(rest / USEC_PER_HOUR),
        .minute = (unsigned)(rest / USEC_PER_MINUTE % 60),
        .second = (unsigned)(rest / USEC_PER_SEC % 60),
        .weekday = (unsigned)((since_first + 1) % 7), /* 0001-01-01 was a Monday */
    };
    return true;
}

/* Reads exactly `digits` digits and moves on. */
static bool read_digits(const char **cursor, unsigned digits, unsigned *ret_number)
{
    unsigned number = 0;
    for (unsigned i = 0; i < digits; i++) {
        char digit = (*cursor)[i];
        if (digit < '0' || digit > '9')
            return false;
        number = number * 10 + (unsigned)(digit - '0');
    }
    *cursor += digits;
    *ret_number = number;
    return true;
}

static bool read_mark(const char **cursor, const char *marks)
{
    if (**cursor == '\0' || strchr(marks, **cursor) == NULL)
        return false;
    (*cursor)++;
    return true;
}

static bool read_text(const char **cursor, const char *text)
{
    size_t length = strlen(text);
    if (strncmp(*cursor, text, length) != 0)
        return false;
    *cursor += length;
    return true;
}

/* ".5" and longer, to the microsecond; absent is fine. */
static bool read_fraction(const char **cursor, usec_t *ret_fraction)
{
    *ret_fraction = 0;
    if (!read_mark(cursor, "."))
        return true;
    usec_t unit = USEC_PER_SEC;
    const char *start = *cursor;
    while (**cursor >= '0' && **cursor <= '9') {
        unit /= 10;
        *ret_fraction += unit * (**cursor - '0');
        (*cursor)++;
    }
    return *cursor > start;
}

static bool read_offset(const char **cursor, usec_t *ret_offset)
{
    *ret_offset = 0;
    if (read_mark(cursor, "Zz"))
        return true;
    bool west = **cursor == '-';
    unsigned hours = 0, minutes = 0;
    if (!read_mark(cursor, "+-") || !read_digits(cursor, 2, &hours) || !read_mark(cursor, ":") ||
        !read_digits(cursor, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *ret_offset = (hours * USEC_PER_HOUR + minutes * USEC_PER_MINUTE) * (west ? -1 : 1);
    return true;
}

static bool read_time_of_day(const char **cursor, struct moment *moment)
{
    return read_digits(cursor, 2, &moment->hour) && read_mark(cursor, ":") &&
           read_digits(cursor, 2, &moment->minute) && read_mark(cursor, ":") &&
           read_digits(cursor, 2, &moment->second);
}

int clock_parse(const char *text, usec_t *ret_time)
{
    struct moment moment = {0};
    unsigned year = 0;
    usec_t fraction, offset;
    if (text == NULL)
        return -EINVAL;
    if (!read_digits(&text, 4, &year) || !read_mark(&text, "-") ||
        !read_digits(&text, 2, &moment.month) || !read_mark(&text, "-") ||
        !read_digits(&text, 2, &moment.day) || !read_mark(&text, "Tt") ||
        !read_time_of_day(&text, &moment) || !read_fraction(&text, &fraction) ||
        !read_offset(&text, &offset) || *text != '\0')
        return -EINVAL;
    moment.year = year;
    if (!moment_valid(&moment))
        return -EINVAL;
    *ret_time = moment_time(&moment) + fraction - offset;
    return 0;
}

static bool read_month(const char **cursor, unsigned *ret_month)
{
    for (unsigned i = 0; i < 12; i++) {
        if (read_text(cursor, month_names[i])) {
            *ret_month = i + 1;
            return true;
        }
    }
    return false;
}

/* "Mon, 01 Jan 2024 07:22:00 GMT" after the comma, the form that senders must use. */
static bool read_http_fixed(const char *text, struct moment *moment)
{
    unsigned year = 0;
    bool fits = read_text(&text, ", ") && read_digits(&text, 2, &moment->day) &&
                read_mark(&text, " ") && read_month(&text, &moment->month) &&
                read_mark(&text, " ") && read_digits(&text, 4, &year) && read_mark(&text, " ") &&
                read_time_of_day(&text, moment) && read_text(&text, " GMT") && *text == '\0';
    moment->year = year;
    return fits;
}

/* "Monday, 01-Jan-24 07:22:00 GMT"; JMA's server began after 1970, so two digits are enough. */
static bool read_http_dashed(const char *text, struct moment *moment)
{
    unsigned year = 0;
    bool fits = read_text(&text, ", ") && read_digits(&text, 2, &moment->day) &&
                read_mark(&text, "-") && read_month(&text, &moment->month) &&
                read_mark(&text, "-") && read_digits(&text, 2, &year) && read_mark(&text, " ") &&
                read_time_of_day(&text, moment) && read_text(&text, " GMT") && *text == '\0';
    moment->year = year < 70 ? 2000 + year : 1900 + year;
    return fits;
}

/* "Mon Jan  1 07:22:00 2024", the form of C's asctime. */
static bool read_http_plain(const char *text, struct moment *moment)
{
    unsigned year = 0;
    bool fits = read_mark(&text, " ") && read_month(&text, &moment->month) && read_mark(&text, " ");
    if (fits)
        fits = read_mark(&text, " ") ? read_digits(&text, 1, &moment->day)
                                     : read_digits(&text, 2, &moment->day);
    fits = fits && read_mark(&text, " ") && read_time_of_day(&text, moment) &&
           read_mark(&text, " ") && read_digits(&text, 4, &year) && *text == '\0';
    moment->year = year;
    return fits;
}

int clock_parse_http(const char *text, usec_t *ret_time)
{
    for (unsigned i = 0; text != NULL && i < 7; i++) {
        struct moment moment = {0};
        if (strncmp(text, weekday_names[i], 3) != 0)
            continue;
        const char *full = text;
        bool fits = read_text(&full, weekday_names[i]) && read_http_dashed(full, &moment);
        fits = fits || read_http_fixed(text + 3, &moment) || read_http_plain(text + 3, &moment);
        if (!fits || !moment_valid(&moment))
            return -EINVAL;
        *ret_time = moment_time(&moment);
        return 0;
    }
    return -EINVAL;
}

/* The moment that clocks at `offset` show; false for 0 (unknown) and for what cannot be printed. */
static bool moment_shown(usec_t time, usec_t offset, struct moment *ret_moment)
{
    usec_t shown;
    return time != 0 && !__builtin_add_overflow(time, offset, &shown) &&
           moment_of(shown, ret_moment);
}

static char *moment_print(usec_t time, usec_t offset, const char *offset_text,
                          char text[static CLOCK_TEXT_BYTES])
{
    struct moment moment;
    text[0] = '\0';
    if (moment_shown(time, offset, &moment))
        snprintf(text, CLOCK_TEXT_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u%s", (unsigned)moment.year,
                 moment.month, moment.day, moment.hour, moment.minute, moment.second, offset_text);
    return text;
}

char *clock_format_jst(usec_t time, char text[static CLOCK_TEXT_BYTES])
{
    return moment_print(time, JST_OFFSET_USEC, "+09:00", text);
}

char *clock_format_utc(usec_t time, char text[static CLOCK_TEXT_BYTES])
{
    return moment_print(time, 0, "Z", text);
}

char *clock_format_mail(usec_t time, char text[static CLOCK_TEXT_BYTES])
{
    struct moment moment;
    text[0] = '\0';
    if (moment_shown(time, JST_OFFSET_USEC, &moment))
        snprintf(text, CLOCK_TEXT_BYTES, "%.3s, %02u %s %04u %02u:%02u:%02u +0900",
                 weekday_names[moment.weekday], moment.day, month_names[moment.month - 1],
                 (unsigned)moment.year, moment.hour, moment.minute, moment.second);
    return text;
}
