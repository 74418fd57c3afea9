/* A history as a reader can follow it: each telegram as it arrives. */
#include <string.h>

#include "history.h"

static const char *info_mark(enum info_type info_type)
{
    return info_type == INFO_CANCEL ? "取消" : info_type == INFO_CORRECTION ? "訂正" : "発表";
}

static void print_minutes(FILE *file, usec_t time)
{
    double minutes = (double)(time - HISTORY_BEGINS) / (double)USEC_PER_MINUTE;
    fprintf(file, "%+.2f min", minutes);
}

static void print_said(FILE *file, const struct scripted_telegram *telegram)
{
    unsigned rows = telegram->kind == REPORT_WEATHER || telegram->kind == REPORT_EARTHQUAKE ? 2 : 1;
    unsigned count = telegram->kind == REPORT_TSUNAMI ? COASTS : AREAS;
    for (unsigned row = 0; row < rows; row++) {
        fprintf(file, " [");
        for (unsigned i = 0; i < count; i++) {
            int said = telegram->said[row][i];
            const char *text = telegram->kind == REPORT_EARTHQUAKE ? intensities[said] : NULL;
            if (said == NEVER_LISTED || (said == 0 && telegram->kind == REPORT_EARTHQUAKE))
                fprintf(file, " -");
            else if (text != NULL)
                fprintf(file, " %s%s", text, row == 1 && telegram->detail[i] == 1 ? "?" : "");
            else
                fprintf(file, " %d", said);
        }
        fprintf(file, " ]");
    }
}

static void print_telegram(FILE *file, const struct scripted_telegram *telegram)
{
    fprintf(file, "%s event %u %s %s, sent ", telegram->code, telegram->event,
            telegram_status_name(telegram->status), info_mark(telegram->info_type));
    print_minutes(file, telegram->control_time);
    print_said(file, telegram);
    if (telegram->kind == REPORT_GENERIC)
        fprintf(file, " level %d%s", telegram->level, telegram->released ? " 解除" : "");
    if (telegram->kind == REPORT_TSUNAMI)
        fprintf(file, " details %u %u %u waves %u %u %u", telegram->detail[0], telegram->detail[1],
                telegram->detail[2], telegram->seen[0], telegram->seen[1], telegram->seen[2]);
    fprintf(file, " text %u", telegram->text);
    if (telegram->valid_until != 0) {
        fprintf(file, ", valid until ");
        print_minutes(file, telegram->valid_until);
    }
    fprintf(file, "\n");
}

void history_print(FILE *file, const struct history *history)
{
    for (size_t i = 0; i < history->arrival_count; i++) {
        const struct arrival *arrival = &history->arrivals[i];
        fprintf(file, "  ");
        print_minutes(file, arrival->now);
        fprintf(file, "%s%s: telegram-%u %s", arrival->restart ? ", restarted" : "",
                arrival->expire ? "" : ", not ended yet", arrival->telegram, "");
        print_telegram(file, &history->telegrams[arrival->telegram]);
    }
    fprintf(file, "  ends ");
    print_minutes(file, history->ends);
    fprintf(file, "\n");
}
