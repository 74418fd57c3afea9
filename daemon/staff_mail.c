/* See staff_mail.h. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "event/own_test.h"
#include "keep_alert.h"
#include "staff_mail.h"
#include "store/delivery.h"

#define STAFF_MOST 10000
#define LIFETIME   USEC_PER_DAY
#define LEVEL      5 /* ahead of what is no danger to life */

/* A mail for each language that comes first, and one body for all webhooks. */
enum { LETTER_WEBHOOK = LETTER_LANGUAGES, LETTER_FORMS };

/* No page shows it; it gives the deliveries their id and their end. */
static int put_alert(TALLOC_CTX *scratch, struct store *store, const struct letter *letter,
                     usec_t now, int64_t *ret_number)
{
    struct alert *alert = own_test_alert(scratch, now, LIFETIME);
    alert->id = alert->event_id = alert->event_key = letter->id;
    alert->code = ALERT_CODE_LETTER;
    return keep_own_alert(store, alert, now, ret_number);
}

static int put_message(TALLOC_CTX *scratch, struct store *store, const struct letter *letter,
                       int64_t alert, enum letter_language first, int64_t *ret_number)
{
    enum letter_language second = first == LETTER_JAPANESE ? LETTER_ENGLISH : LETTER_JAPANESE;
    const char *text =
        memory_printf(scratch, "%s\n----\n\n%s", letter->text[first], letter->text[second]);
    const struct store_message row = {.id =
                                          memory_printf(scratch, "m_%s-%d", letter->id, (int)first),
                                      .alert = alert,
                                      .form = "email",
                                      .languages = first == LETTER_JAPANESE ? "ja,en" : "en,ja",
                                      .subject = letter->subject[first],
                                      .body = text};
    return store_put_message(store, &row, ret_number);
}

/* For those who are reached by a webhook only: both languages, signed like every other. */
static int put_webhook(TALLOC_CTX *scratch, struct store *store, const struct letter *letter,
                       usec_t now, int64_t alert, int64_t *ret_number)
{
    static const char *const tags[] = {"ja", "en"};
    char at[CLOCK_TEXT_BYTES];
    json_t *messages = json_array();
    for (int i = 0; i < LETTER_LANGUAGES; i++)
        json_array_append_new(messages, json_pack("{ssssss}", "language", tags[i], "subject",
                                                  letter->subject[i], "text", letter->text[i]));
    json_t *json =
        json_pack("{sssss{sssbso}}", "type", "staff.letter", "timestamp", clock_format_jst(now, at),
                  "data", "id", letter->id, "drill", letter->drill, "messages", messages);
    char *body = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    const struct store_message row = {.id = memory_printf(scratch, "m_%s-webhook", letter->id),
                                      .alert = alert,
                                      .form = "webhook",
                                      .languages = "ja,en",
                                      .body = memory_text(scratch, body != NULL ? body : "{}")};
    free(body);
    json_decref(json);
    return store_put_message(store, &row, ret_number);
}

static size_t address_rows(const struct store_subscriber *staff, size_t count,
                           const int64_t messages[static LETTER_FORMS], int64_t alert, usec_t now,
                           struct store_delivery *rows)
{
    for (size_t i = 0; i < count; i++) {
        bool japanese = text_starts(staff[i].profile.languages, "ja");
        bool mail = strcmp(staff[i].profile.channel, "email") == 0;
        int form = !mail ? LETTER_WEBHOOK : japanese ? LETTER_JAPANESE : LETTER_ENGLISH;
        rows[i] = (struct store_delivery){.alert = alert,
                                          .subscriber = staff[i].number,
                                          .channel = mail ? DELIVERY_EMAIL : DELIVERY_WEBHOOK,
                                          .message = messages[form],
                                          .level = LEVEL,
                                          .next_at = now};
    }
    return count;
}

int staff_mail(TALLOC_CTX *context, struct store *store, const struct letter *letter, usec_t now,
               size_t *ret_count)
{
    TALLOC_CTX *scratch = talloc_new(context);
    struct store_subscriber *staff;
    size_t count = 0, used = 0;
    int64_t alert, messages[LETTER_FORMS];
    int r = store_staff_subscribers(store, scratch, STAFF_MOST, &staff, &count);
    struct store_delivery *rows = memory_array(scratch, struct store_delivery, count + 1);
    *ret_count = 0;
    if (r >= 0 && count > 0)
        r = put_alert(scratch, store, letter, now, &alert);
    for (int i = 0; r >= 0 && count > 0 && i < LETTER_LANGUAGES; i++)
        r = put_message(scratch, store, letter, alert, (enum letter_language)i, &messages[i]);
    if (r >= 0 && count > 0)
        r = put_webhook(scratch, store, letter, now, alert, &messages[LETTER_WEBHOOK]);
    if (r >= 0 && count > 0)
        used = address_rows(staff, count, messages, alert, now, rows);
    if (r >= 0 && used > 0)
        r = store_add_deliveries(store, rows, used, now, ret_count);
    talloc_free(scratch);
    return r;
}
