/* Composing: a webhook shares its body with all others, a mail is built for its reader. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/signature.h"
#include "base/text.h"
#include "deliver/bounce.h"
#include "base/signature.h"
#include "deliver/webhook.h"
#include "dispatch_compose.h"

#define FIRST_TRIES     4
#define CONNECT_TIMEOUT (5 * USEC_PER_SEC)
#define FIRST_TIMEOUT   (10 * USEC_PER_SEC)
#define LATER_TIMEOUT   (30 * USEC_PER_SEC)
/* A relay that scans what it takes answers the last dot late, and whoever hangs up then gets the
 * mail twice (RFC 5321 4.5.3.2 would even wait ten minutes). */
#define MAIL_TIMEOUT     (60 * USEC_PER_SEC)
#define ANSWER_BYTES_MAX ((size_t)64 * 1024)
#define LANGUAGE_BYTES   36

struct compose {
    const struct config *config;
    struct store *store;
    struct message_cache *messages;
    struct signer *signer;
    const char *unsubscribe_key, *bounce_key;
};

struct compose *compose_new(TALLOC_CTX *context, const struct config *config, struct store *store)
{
    struct compose *compose = memory_new(context, struct compose);
    compose->config = config;
    compose->store = store;
    compose->messages = message_cache_new(compose, store);
    compose->signer = signer_new(compose);
    return compose;
}

void compose_configure(struct compose *compose, const struct config *config)
{
    compose->config = config;
}

static int load_key(struct compose *compose, const char *name, const char **ret_key)
{
    int r = store_get_fact(compose->store, compose, name, ret_key);
    if (r < 0 || *ret_key != NULL)
        return r;
    *ret_key = signature_secret_new(compose);
    return store_put_fact(compose->store, name, *ret_key);
}

int compose_load_key(struct compose *compose)
{
    int r = load_key(compose, "unsubscribe_key", &compose->unsubscribe_key);
    return r < 0 ? r : load_key(compose, BOUNCE_KEY_FACT, &compose->bounce_key);
}

/* Writes `bytes` to a new file of its own and makes it durable: a mail on disk is a mail delivered.
 */
static int write_mail_file(TALLOC_CTX *context, const char *directory, const char *id,
                           const char *bytes, size_t length)
{
    const char *path = memory_printf(context, "%s/%s.eml", directory, id);
    const char *partial = memory_printf(context, "%s.partial", path);
    int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = 0;
    while (r >= 0 && length > 0) {
        ssize_t n = write(fd, bytes, length);
        if (n < 0 && errno != EINTR)
            r = -errno;
        if (n > 0) {
            bytes += n;
            length -= (size_t)n;
        }
    }
    if (r >= 0 && fsync(fd) < 0)
        r = -errno;
    close(fd);
    if (r >= 0 && rename(partial, path) < 0)
        r = -errno;
    return r;
}

static const char *unsubscribe_token(TALLOC_CTX *context, const struct compose *compose,
                                     const char *subscriber_id)
{
    const char *text = memory_printf(context, "%s|%s", compose->unsubscribe_key, subscriber_id);
    return memory_printf(context, "%s-%s", subscriber_id,
                         text_hash(context, text, strlen(text), 32));
}

/* The first of "vi;en". */
static const char *first_language(const char *languages, char text[static LANGUAGE_BYTES])
{
    size_t length = strcspn(languages, ";");
    if (length >= LANGUAGE_BYTES)
        length = LANGUAGE_BYTES - 1;
    memcpy(text, languages, length);
    text[length] = '\0';
    return text;
}

static void set_timeouts(struct transfer_request *request, const struct store_delivery *delivery)
{
    request->connect_timeout = CONNECT_TIMEOUT;
    request->total_timeout = request->kind == TRANSFER_MAIL      ? MAIL_TIMEOUT
                             : delivery->attempts <= FIRST_TRIES ? FIRST_TIMEOUT
                                                                 : LATER_TIMEOUT;
    request->answer_bytes_max = ANSWER_BYTES_MAX;
    request->expires_at = delivery->expires_at;
    request->urgent = delivery_urgent(delivery);
}

static int compose_mail(struct compose *compose, struct parcel *parcel,
                        const struct store_claim *claim, const struct store_message *message,
                        usec_t now)
{
    const struct email_settings *settings = &compose->config->email;
    const struct store_receiver *receiver = &claim->receiver;
    const char *root = NULL, *address = memory_text(parcel, receiver->address);
    char language[LANGUAGE_BYTES], *mail;
    size_t length;
    int r = store_thread_root(compose->store, parcel, &claim->delivery, &root);
    if (r >= 0)
        r = email_compose(parcel, settings, address, receiver->name != NULL ? receiver->name : "",
                          first_language(receiver->languages, language), &claim->delivery, message,
                          root, unsubscribe_token(parcel, compose, claim->delivery.subscriber_id),
                          now, &mail, &length);
    if (r < 0)
        return r;
    if (settings->directory != NULL) {
        r = write_mail_file(parcel, settings->directory, claim->delivery.id, mail, length);
        return r < 0 ? r : 1;
    }
    email_request(settings, address, mail, length, claim->delivery.expires_at, &parcel->request);
    /* Each mail has a sender of its own when somebody reads what comes back. */
    const char *token = memory_printf(parcel, "%lld_%lld", (long long)claim->delivery.alert,
                                      (long long)claim->delivery.subscriber);
    const char *sender =
        compose->config->bounces != NULL
            ? bounce_sender(parcel, settings->envelope_from, token, compose->bounce_key)
            : NULL;
    if (sender != NULL)
        parcel->request.mail_from = sender;
    return 0;
}

int compose_notice(struct compose *compose, struct order *order, const char *text, usec_t now)
{
    const struct email_settings *settings = &compose->config->email;
    const char *to = compose->config->contact;
    if (to == NULL || (settings->relay_url == NULL && settings->directory == NULL))
        return -ENOENT;
    struct parcel *parcel = order_add_parcel(order, 0, 0, NULL);
    const char *id = memory_printf(parcel, "notice_%llx", (unsigned long long)now);
    const struct store_delivery delivery = {.id = id, .alert_id = id, .event_id = id};
    const struct store_message message = {
        .subject = memory_printf(parcel, "Noroshi: %s", text),
        .body = memory_printf(parcel, "%s\n", text),
        .html = memory_printf(parcel, "<p>%s</p>\n", text_html(parcel, text))};
    char *mail;
    size_t length;
    int r = email_compose(parcel, settings, to, "", "en", &delivery, &message, NULL, id, now, &mail,
                          &length);
    if (r >= 0 && settings->directory != NULL)
        r = write_mail_file(parcel, settings->directory, id, mail, length) < 0 ? -EIO : 1;
    if (r == 0) {
        email_request(settings, memory_text(parcel, to), mail, length, now + USEC_PER_HOUR,
                      &parcel->request);
        parcel->request.mail_from = ""; /* nobody waits for its return */
        set_timeouts(&parcel->request, &(struct store_delivery){.expires_at = now + USEC_PER_HOUR});
    } else {
        talloc_free(order->parcels[--order->parcel_count]);
    }
    return r;
}

static int compose_webhook(const struct compose *compose, struct parcel *parcel,
                           const struct store_claim *claim, const struct bytes *body, usec_t now)
{
    return webhook_request(parcel, compose->signer, memory_text(parcel, claim->receiver.address),
                           claim->receiver.secret != NULL ? claim->receiver.secret : "",
                           &claim->delivery, body->data, now, &parcel->request);
}

int compose_parcel(struct compose *compose, struct order *order, const struct store_claim *claim,
                   usec_t now)
{
    const struct store_delivery *delivery = &claim->delivery;
    const struct cached_message *cached;
    int r = message_cache_get(compose->messages, delivery->message, &cached);
    if (r < 0)
        return r;
    bool webhook = delivery->channel == DELIVERY_WEBHOOK;
    struct parcel *parcel = order_add_parcel(order, delivery->alert, delivery->subscriber,
                                             webhook ? cached->body : NULL);
    r = webhook ? compose_webhook(compose, parcel, claim, cached->body, now)
                : compose_mail(compose, parcel, claim, &cached->message, now);
    if (r == 0)
        set_timeouts(&parcel->request, delivery);
    else
        talloc_free(order->parcels[--order->parcel_count]);
    return r;
}
