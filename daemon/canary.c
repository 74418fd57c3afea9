/* See canary.h. The intervals are monotonic: a clock that leaps makes no canary and misses none. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "canary.h"
#include "event/alert.h"
#include "match/canary.h"

struct canary {
    struct store *store;
    usec_t next;      /* monotonic */
    const char *last; /* id of the telegram that is on its way; NULL none */
    int misses;
};

struct canary *canary_new(TALLOC_CTX *context, struct store *store)
{
    struct canary *canary = memory_new(context, struct canary);
    canary->store = store;
    return canary;
}

/* Structure and codes are JMA's, the text is ours. The event id has its digits from the time. */
static const char form[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<Report xmlns=\"http://xml.kishou.go.jp/jmaxml1/\">\n"
    "<Control><Title>震源・震度に関する情報</Title><DateTime>%s</DateTime><Status>試験</Status>"
    "<EditorialOffice>Noroshi</EditorialOffice><PublishingOffice>Noroshi</PublishingOffice>"
    "</Control>\n"
    "<Head xmlns=\"http://xml.kishou.go.jp/jmaxml1/informationBasis1/\">"
    "<Title>震源・震度情報</Title><ReportDateTime>%s</ReportDateTime>"
    "<TargetDateTime>%s</TargetDateTime><EventID>%lld</EventID><InfoType>発表</InfoType>"
    "<Serial>1</Serial><InfoKind>地震情報</InfoKind><InfoKindVersion>1.0_1</InfoKindVersion>"
    "<Headline><Text>Canary</Text></Headline></Head>\n"
    "<Body xmlns=\"http://xml.kishou.go.jp/jmaxml1/body/seismology1/\""
    " xmlns:jmx_eb=\"http://xml.kishou.go.jp/jmaxml1/elementBasis1/\">"
    "<Earthquake><OriginTime>%s</OriginTime><ArrivalTime>%s</ArrivalTime><Hypocenter><Area>"
    "<Name>石狩地方南部</Name><Code type=\"震央地名\">105</Code>"
    "<jmx_eb:Coordinate>+42.9+141.4-10000/</jmx_eb:Coordinate></Area></Hypocenter>"
    "<jmx_eb:Magnitude type=\"Mj\" description=\"Ｍ１．０\">1.0</jmx_eb:Magnitude></Earthquake>"
    "<Intensity><Observation><MaxInt>4</MaxInt><Pref><Name>Canary</Name><Code>00</Code>"
    "<MaxInt>4</MaxInt><Area><Name>Canary</Name><Code>" CANARY_REGION "</Code><MaxInt>4</MaxInt>"
    "<City><Name>Canary</Name><Code>" CANARY_CITY "</Code><MaxInt>4</MaxInt></City></Area></Pref>"
    "</Observation></Intensity><Comments><ForecastComment codeType=\"固定付加文\">"
    "<Text>この地震による津波の心配はありません。</Text><Code>0215</Code></ForecastComment>"
    "</Comments></Body></Report>\n";

static struct store_telegram make(TALLOC_CTX *context, usec_t now)
{
    char utc[CLOCK_TEXT_BYTES], jst[CLOCK_TEXT_BYTES];
    clock_format_utc(now / USEC_PER_SEC * USEC_PER_SEC, utc);
    clock_format_jst(now / USEC_PER_SEC * USEC_PER_SEC, jst);
    long long number = 90000000000000LL + now / USEC_PER_SEC; /* fourteen digits, in no year */
    char *body = memory_printf(context, form, utc, jst, jst, number, jst, jst);
    return (struct store_telegram){
        .id = memory_printf(context, ALERT_CANARY_PREFIX "%lld", (long long)now),
        .code = "VXSE53",
        .url = "",
        .body = body,
        .body_length = strlen(body),
        .received_at = now,
        .control_time = now,
        .outcome = OUTCOME_RECEIVED};
}

static int look_after(struct canary *canary, TALLOC_CTX *context, const char **ret_notice)
{
    bool arrived;
    int r = store_telegram_arrived(canary->store, canary->last, &arrived);
    if (r < 0)
        return r;
    bool alarmed = canary_missing(canary);
    canary->misses = arrived ? 0 : canary->misses + 1;
    if (canary->misses == CANARY_MISSES)
        *ret_notice = memory_printf(context,
                                    "the canary did not arrive %d times in a row: messages may not"
                                    " reach anybody",
                                    canary->misses);
    else if (alarmed && arrived)
        *ret_notice = "the canary arrives again";
    return 0;
}

int canary_due(struct canary *canary, TALLOC_CTX *context, usec_t period, usec_t now,
               struct store_telegram *ret_telegram, const char **ret_notice, usec_t *ret_next)
{
    usec_t monotonic = clock_monotonic();
    int r = 0;
    ret_telegram->id = NULL;
    *ret_notice = NULL;
    if (period == 0) {
        canary->misses = 0;
        canary->next = 0;
        *ret_next = now + USEC_PER_DAY;
        return 0;
    }
    if (monotonic >= canary->next) {
        if (canary->last != NULL)
            r = look_after(canary, context, ret_notice);
        if (r < 0)
            return r;
        *ret_telegram = make(context, now);
        talloc_free((void *)canary->last);
        canary->last = memory_text(canary, ret_telegram->id);
        canary->next = monotonic + period;
    }
    *ret_next = now + canary->next - monotonic;
    return 0;
}

bool canary_missing(const struct canary *canary)
{
    return canary->misses >= CANARY_MISSES;
}
