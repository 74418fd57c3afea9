/* Mails from start to end: see mailer.h. */
#include "transfer/mailer.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include "base/memory.h"
#include "transfer/mail_request.h"
#include "transfer/relay.h"
#include "transfer/tls.h"

#define CONNECT_TIMEOUT (5 * USEC_PER_SEC)
#define TOTAL_TIMEOUT   (15 * USEC_PER_SEC)

struct relay_row {
    struct relay *relay;
    SLIST_ENTRY(relay_row) entry;
};
SLIST_HEAD(relay_rows, relay_row);

struct mailer {
    struct mailer_parts parts;
    SSL_CTX *tls;
    struct relay_rows relays; /* one, but while the configuration changes */
    struct mail_list ended;
    size_t count;
};

static int mailer_destroy(struct mailer *mailer)
{
    struct relay_row *row;
    SLIST_FOREACH(row, &mailer->relays, entry)
    talloc_free(row->relay);
    SSL_CTX_free(mailer->tls);
    return 0;
}

struct mailer *mailer_new(TALLOC_CTX *context, const struct mailer_parts *parts)
{
    struct mailer *mailer = memory_new(context, struct mailer);
    mailer->parts = *parts;
    SLIST_INIT(&mailer->relays);
    TAILQ_INIT(&mailer->ended);
    mailer->tls = tls_context(parts->trust);
    talloc_set_destructor(mailer, mailer_destroy);
    return mailer;
}

static int find_relay(struct mailer *mailer, const struct transfer_request *request,
                      struct relay **ret_relay)
{
    struct relay_row *row;
    SLIST_FOREACH(row, &mailer->relays, entry)
    {
        if (relay_is(row->relay, request)) {
            *ret_relay = row->relay;
            return 0;
        }
    }
    TALLOC_CTX *scratch = talloc_new(mailer);
    struct endpoint endpoint;
    const char *why;
    int r = endpoint_read(scratch, request->url, &endpoint, &why);
    if (r == 0 && !mail_scheme_usable(endpoint.scheme))
        r = -EINVAL;
    if (r == 0) {
        row = memory_new(mailer, struct relay_row);
        row->relay =
            relay_new(mailer, &mailer->parts, mailer->tls, request, &endpoint, &mailer->ended);
        SLIST_INSERT_HEAD(&mailer->relays, row, entry);
        *ret_relay = row->relay;
    }
    talloc_free(scratch);
    return r;
}

int mailer_start(struct mailer *mailer, const struct transfer_request *request, transfer_done *done,
                 void *userdata)
{
    struct transfer_request whole = *request;
    struct relay *relay;
    if (whole.connect_timeout <= 0)
        whole.connect_timeout = CONNECT_TIMEOUT;
    if (whole.total_timeout <= 0)
        whole.total_timeout = TOTAL_TIMEOUT;
    if (whole.url == NULL || whole.lane != LANE_RELAY || !mail_request_usable(&whole))
        return -EINVAL;
    int r = find_relay(mailer, &whole, &relay);
    if (r < 0)
        return r;
    struct mail_item *item = memory_new(mailer, struct mail_item);
    item->request = whole;
    item->done = done;
    item->userdata = userdata;
    item->mail.from = whole.mail_from;
    item->mail.to = whole.mail_to;
    item->mail.body = whole.body;
    item->mail.length = whole.body_length;
    item->mail.expires_at = whole.expires_at;
    mailer->count++;
    relay_add(relay, item);
    return 0;
}

void mailer_pump(struct mailer *mailer)
{
    struct relay_row *row, *next;
    for (row = SLIST_FIRST(&mailer->relays); row != NULL; row = next) {
        next = SLIST_NEXT(row, entry);
        relay_pump(row->relay);
        if (!relay_is_empty(row->relay))
            continue;
        SLIST_REMOVE(&mailer->relays, row, relay_row, entry);
        talloc_free(row->relay);
        talloc_free(row);
    }
}

static void tell(const struct mail_item *item)
{
    const struct smtp_mail *mail = &item->mail;
    const struct transfer_result result = {
        .failure = mail->failure,
        .status = mail->failure == TRANSFER_OK ? mail->status : 0,
        .error = mail->error[0] != '\0' ? mail->error : NULL,
        .enhanced = mail->enhanced[0] != '\0' ? mail->enhanced : NULL,
        .body = "",
        .bytes_moved = mail->bytes_moved,
        .sent_at = mail->sent_at,
        .ended_at = clock_monotonic(),
    };
    item->done(item->userdata, &result);
}

void mailer_tell(struct mailer *mailer)
{
    struct mail_item *item;
    while ((item = TAILQ_FIRST(&mailer->ended)) != NULL) {
        TAILQ_REMOVE(&mailer->ended, item, entry);
        mailer->count--;
        tell(item);
        talloc_free(item);
    }
}

size_t mailer_count(const struct mailer *mailer)
{
    return mailer->count;
}
