/* A mail by libcurl: see item.h. The expiry is looked at before each piece of it. */
#include <stdio.h>
#include <string.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/item.h"

static size_t give_mail(char *bytes, size_t size, size_t count, void *userdata)
{
    struct transfer_item *item = ((struct seat *)userdata)->item;
    if (item_expired(item)) {
        item->failure = TRANSFER_EXPIRED;
        return CURL_READFUNC_ABORT;
    }
    if (item->sent_at == 0)
        item->sent_at = clock_now();
    size_t left = item->request.body_length - item->body_sent;
    size_t length = size * count < left ? size * count : left;
    memcpy(bytes, (const char *)item->request.body + item->body_sent, length);
    item->body_sent += length;
    return length;
}

static int rewind_mail(void *userdata, curl_off_t offset, int origin)
{
    struct transfer_item *item = ((struct seat *)userdata)->item;
    if (origin != SEEK_SET || offset < 0 || (size_t)offset > item->request.body_length)
        return CURL_SEEKFUNC_FAIL;
    item->body_sent = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* Sets an option unless an earlier one has failed. */
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (code == CURLE_OK)                                                                      \
            code = curl_easy_setopt(item->seat->easy, option, value);                              \
    } while (0)

CURLcode attempt_set_mail(struct transfer_item *item)
{
    CURLcode code = CURLE_OK;
    const struct transfer_request *request = &item->request;
    bool tls = strcmp(item->endpoint.scheme, "smtps") == 0;
    if (request->security == MAIL_TLS && !tls) {
        const char *rest = strstr(request->url, "://");
        SET(CURLOPT_URL, memory_printf(item, "smtps%s", rest != NULL ? rest : "://"));
        tls = true;
    }
    if (request->security == MAIL_STARTTLS && !tls)
        SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    if (text_given(request->user)) {
        SET(CURLOPT_USERNAME, request->user);
        SET(CURLOPT_PASSWORD, request->password != NULL ? request->password : "");
    }
    item->recipients = memory_must(curl_slist_append(NULL, request->mail_to));
    SET(CURLOPT_MAIL_FROM, request->mail_from);
    SET(CURLOPT_MAIL_RCPT, item->recipients);
    SET(CURLOPT_UPLOAD, 1L);
    SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)request->body_length);
    SET(CURLOPT_READFUNCTION, give_mail);
    SET(CURLOPT_READDATA, item->seat);
    SET(CURLOPT_SEEKFUNCTION, rewind_mail);
    SET(CURLOPT_SEEKDATA, item->seat);
    return code;
}
