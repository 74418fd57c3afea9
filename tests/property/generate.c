/* History from a seed: telegrams of one kind or of all, then the order and time of arrival. */
#include <string.h>

#include "history.h"

uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15U);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

unsigned random_below(uint64_t *state, unsigned limit)
{
    return (unsigned)(random_next(state) % limit);
}

static void say_earthquake(uint64_t *random, struct scripted_telegram *telegram)
{
    static const char *const codes[] = {"VXSE51", "VXSE52", "VXSE53", "VXSE53", "VXSE61"};
    telegram->code = codes[random_below(random, 5)];
    telegram->event = random_chance(random, 4) ? 1 : 0;
    telegram->text = random_below(random, 16);
    bool flash = strcmp(telegram->code, "VXSE51") == 0;
    if (!flash && strcmp(telegram->code, "VXSE53") != 0)
        return;
    for (unsigned i = 0; i < AREAS; i++) {
        int rank = 3 + (int)random_below(random, INTENSITY_RANKS - 2);
        bool listed = !random_chance(random, 3);
        telegram->said[0][i] = listed ? rank : 0;
        if (flash || !listed)
            continue;
        /* Most cities felt less than the most of their region; some send no data. */
        telegram->said[1][i] = random_chance(random, 2) ? rank : 1 + (int)random_below(random, 9);
        if (telegram->said[1][i] > rank)
            telegram->said[0][i] = telegram->said[1][i];
        telegram->detail[i] = random_chance(random, 12);
    }
}

static void say_tsunami(uint64_t *random, struct scripted_telegram *telegram)
{
    static const int levels[] = {5, 4, 4, 3, 3, 1, 0};
    static const char *const codes[] = {"VTSE41", "VTSE41", "VTSE51", "VTSE51", "VTSE52"};
    telegram->code = codes[random_below(random, 5)];
    telegram->event = random_chance(random, 6) ? 1 : 0;
    telegram->text = random_below(random, 3);
    bool ending = random_chance(random, 4);
    int highest = 0;
    for (unsigned i = 0; i < COASTS; i++) {
        int level = levels[ending ? 5 + random_below(random, 2) : random_below(random, 7)];
        telegram->said[0][i] = level;
        telegram->detail[i] = random_below(random, 12);
        telegram->seen[i] = strcmp(telegram->code, "VTSE41") != 0 && random_chance(random, 2)
                                ? random_below(random, 5)
                                : 0;
        highest = level > highest ? level : highest;
    }
    if (highest <= 1 && random_chance(random, 2))
        telegram->valid_until =
            telegram->control_time + USEC_PER_MINUTE * (1 + random_below(random, 300));
}

static void say_weather(uint64_t *random, struct scripted_telegram *telegram)
{
    static const int scale[] = {0, 0, 2, 3, 3, 4, 5};
    telegram->code = random_chance(random, 2) ? "VPWW55" : "VPWW61";
    unsigned hazards = strcmp(telegram->code, "VPWW55") == 0 ? 1 : HAZARDS;
    unsigned office = random_below(random, 4); /* 3: all of them in one */
    bool all = random_chance(random, 2), any = false;
    for (unsigned i = 0; i < AREAS; i++) {
        bool listed = (office == 3 || places[i].office == office) &&
                      (all || !any || !random_chance(random, 3));
        any = any || listed;
        for (unsigned hazard = 0; hazard < HAZARDS; hazard++)
            telegram->said[hazard][i] =
                listed && hazard < hazards ? scale[random_below(random, 7)] : NEVER_LISTED;
    }
    if (random_chance(random, 20))
        telegram->valid_until =
            telegram->control_time + USEC_PER_HOUR * (1 + random_below(random, 30));
}

static void say_generic(uint64_t *random, struct scripted_telegram *telegram)
{
    telegram->code = random_chance(random, 3) ? "VFVO56" : "VFVO50";
    telegram->event = random_chance(random, 4) ? 1 : 0;
    telegram->text = random_below(random, 5);
    telegram->level = 1 + (int)random_below(random, 5);
    telegram->released = random_chance(random, 6);
    for (unsigned i = 0; i < AREAS; i++)
        telegram->said[0][i] = !random_chance(random, 3);
    if (random_chance(random, 5))
        telegram->valid_until =
            telegram->control_time + USEC_PER_MINUTE * (1 + random_below(random, 2000));
}

/* Places with levels of their own, as floods, volcanoes, bulletins and outlooks have them. */
static void say_flood(uint64_t *random, struct scripted_telegram *telegram)
{
    static const int scale[] = {0, 0, 2, 3, 3, 4, 5};
    telegram->code = "VXKO70";
    telegram->event = random_chance(random, 4) ? 1 : 0;
    for (unsigned i = 0; i < AREAS; i++)
        telegram->said[0][i] = scale[random_below(random, 7)];
    if (random_chance(random, 5))
        telegram->valid_until =
            telegram->control_time + USEC_PER_MINUTE * (1 + random_below(random, 2000));
}

static void say(uint64_t *random, enum report_kind kind, struct scripted_telegram *telegram)
{
    telegram->kind = kind;
    switch (kind) {
    case REPORT_EARTHQUAKE:
        say_earthquake(random, telegram);
        break;
    case REPORT_TSUNAMI:
        say_tsunami(random, telegram);
        break;
    case REPORT_WEATHER:
        say_weather(random, telegram);
        break;
    case REPORT_GENERIC:
        say_generic(random, telegram);
        break;
    case REPORT_VOLCANO:
    case REPORT_FLOOD:
    case REPORT_BULLETIN:
    case REPORT_OUTLOOK:
    case REPORT_TRANSITIONAL: /* a cross-check: tells nobody */
        say_flood(random, telegram);
        break;
    }
    telegram->info_type = random_chance(random, 9)   ? INFO_CANCEL
                          : random_chance(random, 7) ? INFO_CORRECTION
                                                     : INFO_ISSUE;
}

/* How far apart telegrams are; zero puts several into one second. */
static usec_t random_gap(uint64_t *random, unsigned pace)
{
    static const usec_t gaps[][6] = {
        {0, USEC_PER_SEC, USEC_PER_MINUTE, USEC_PER_MINUTE, 3 * USEC_PER_MINUTE,
         5 * USEC_PER_MINUTE},
        {USEC_PER_SEC, USEC_PER_MINUTE, 2 * USEC_PER_MINUTE, 3 * USEC_PER_MINUTE,
         10 * USEC_PER_MINUTE, 15 * USEC_PER_MINUTE},
        {USEC_PER_MINUTE, USEC_PER_HOUR, 3 * USEC_PER_HOUR, 6 * USEC_PER_HOUR, 11 * USEC_PER_HOUR,
         25 * USEC_PER_HOUR},
    };
    return gaps[pace][random_below(random, 6)];
}

static void make_telegrams(uint64_t *random, struct history *history)
{
    static const enum telegram_status drills[] = {STATUS_EXERCISE, STATUS_TEST, STATUS_UNKNOWN};
    static const enum report_kind kinds[] = {REPORT_GENERIC, REPORT_EARTHQUAKE, REPORT_TSUNAMI,
                                             REPORT_WEATHER, REPORT_FLOOD};
    unsigned kind = random_below(random, 11); /* 10: all kinds in one history */
    unsigned pace = random_below(random, 3);
    bool with_drills = random_chance(random, 4);
    usec_t at = HISTORY_BEGINS;
    history->telegram_count = 1 + random_below(random, TELEGRAMS_MAX);
    for (size_t i = 0; i < history->telegram_count; i++) {
        struct scripted_telegram *telegram = &history->telegrams[i];
        telegram->control_time = at;
        unsigned its_kind = kind == 10 ? random_below(random, 5) : kind % 5;
        say(random, kinds[its_kind], telegram);
        telegram->status = STATUS_ACTUAL;
        if (with_drills && random_chance(random, 3))
            telegram->status = drills[random_below(random, 3)];
        at += random_gap(random, pace);
    }
}

static void swap(struct arrival *a, struct arrival *b)
{
    unsigned telegram = a->telegram;
    a->telegram = b->telegram;
    b->telegram = telegram;
}

static void shuffle(uint64_t *random, struct history *history, size_t reach)
{
    for (size_t i = history->arrival_count; i > 1; i--) {
        size_t limit = i < reach ? i : reach;
        swap(&history->arrivals[i - 1],
             &history->arrivals[i - 1 - random_below(random, (unsigned)limit)]);
    }
}

/* Nothing arrives before it was sent; but clocks jump. */
static void set_clock(uint64_t *random, struct history *history)
{
    usec_t now = HISTORY_BEGINS;
    bool restarts = random_chance(random, 2);
    for (size_t i = 0; i < history->arrival_count; i++) {
        struct arrival *arrival = &history->arrivals[i];
        usec_t sent = history->telegrams[arrival->telegram].control_time;
        now = sent > now ? sent : now;
        now += USEC_PER_SEC * (1 + random_below(random, 60));
        arrival->now = now;
        if (history->clock_jumps && random_chance(random, 3))
            arrival->now += USEC_PER_MINUTE * ((int)random_below(random, 6000) - 3000);
        arrival->restart = restarts && random_chance(random, 3);
        arrival->expire = !random_chance(random, 4);
        history->ends = arrival->now > history->ends ? arrival->now : history->ends;
    }
    history->ends = (now > history->ends ? now : history->ends) + USEC_PER_MINUTE;
}

static void make_arrivals(uint64_t *random, struct history *history)
{
    bool copies = random_chance(random, 2), drops = random_chance(random, 5);
    for (unsigned i = 0; i < history->telegram_count; i++) {
        unsigned count = 1 + (copies ? random_below(random, 4) : 0);
        if (drops && random_chance(random, 4))
            count = 0;
        while (count-- > 0)
            history->arrivals[history->arrival_count++].telegram = i;
    }
    static const size_t reaches[] = {1, 1, 3, ARRIVALS_MAX, ARRIVALS_MAX};
    shuffle(random, history, reaches[random_below(random, 5)]);
    history->clock_jumps = random_chance(random, 6);
    set_clock(random, history);
}

void history_make(uint64_t seed, struct history *ret_history)
{
    uint64_t random = seed;
    *ret_history = (struct history){.seed = seed, .audience = random_below(&random, AUDIENCES)};
    make_telegrams(&random, ret_history);
    make_arrivals(&random, ret_history);
}

static int info_rank(enum info_type info_type)
{
    return info_type == INFO_CANCEL ? 2 : info_type == INFO_CORRECTION ? 1 : 0;
}

int telegram_compare(const struct scripted_telegram *a, const struct scripted_telegram *b)
{
    if (a->control_time != b->control_time)
        return a->control_time < b->control_time ? -1 : 1;
    int left = info_rank(a->info_type), right = info_rank(b->info_type);
    return left < right ? -1 : left > right ? 1 : 0;
}
