/* An answer as it comes in, and what its end means: see item.h.
 *
 * A webhook has its receipt with the final status line: how the rest of the answer ends changes
 * nothing. A feed or a telegram counts only when it is whole. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/memory.h"
#include "base/text.h"
#include "transfer/item.h"

#define HEADER_BYTES_MAX ((size_t)64 * 1024)
#define VALUE_BYTES_MAX  1024

void answer_start(struct transfer_item *item)
{
    talloc_free(item->answer.body);
    item->answer = (struct answer){0};
    item->answer.body = buffer_new(item, item->request.answer_bytes_max);
}

/* Values go back out as conditional headers: only what could stand there. */
static const char *header_value(TALLOC_CTX *context, const char *value, size_t length)
{
    while (length > 0 && strchr(" \t\r\n", value[length - 1]) != NULL)
        length--;
    while (length > 0 && (*value == ' ' || *value == '\t')) {
        value++;
        length--;
    }
    if (length == 0 || length > VALUE_BYTES_MAX)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (value[i] < 0x20 || value[i] > 0x7e)
            return NULL;
    }
    return memory_must(talloc_strndup(context, value, length));
}

static void keep_header(struct transfer_item *item, const char *line, size_t length)
{
    struct answer *answer = &item->answer;
    const struct {
        const char *name;
        const char **value;
    } wanted[] = {{"etag", &answer->etag},
                  {"last-modified", &answer->last_modified},
                  {"date", &answer->date},
                  {"age", &answer->age},
                  {"retry-after", &answer->retry_after}};
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        size_t name = strlen(wanted[i].name);
        if (length > name && line[name] == ':' && strncasecmp(line, wanted[i].name, name) == 0)
            *wanted[i].value = header_value(item, line + name + 1, length - name - 1);
    }
}

size_t answer_take_header(char *bytes, size_t size, size_t count, void *userdata)
{
    struct transfer_item *item = ((struct seat *)userdata)->item;
    size_t length = size * count;
    item->answer.header_bytes += length;
    if (item->answer.header_bytes > HEADER_BYTES_MAX) {
        item->failure = TRANSFER_TOO_LARGE;
        return 0;
    }
    if (item->answer.complete_header)
        return length; /* trailers */
    long status = 0;
    (void)curl_easy_getinfo(item->seat->easy, CURLINFO_RESPONSE_CODE, &status);
    bool blank = length == 0 || bytes[0] == '\r' || bytes[0] == '\n';
    if (blank && status >= 200)
        item->answer.complete_header = true;
    else if (status >= 200)
        keep_header(item, bytes, length);
    return length;
}

size_t answer_take_body(char *bytes, size_t size, size_t count, void *userdata)
{
    struct transfer_item *item = ((struct seat *)userdata)->item;
    struct buffer *body = item->answer.body;
    size_t length = size * count;
    size_t room = body->maximum - body->length;
    if (length <= room)
        return buffer_append(body, bytes, length) == 0 ? length : 0;
    item->answer.cut = true;
    if (item->request.kind == TRANSFER_POST)
        (void)buffer_append(body, bytes, room);
    else
        item->failure = TRANSFER_TOO_LARGE;
    return 0;
}

static enum transfer_failure failure_of(CURLcode code)
{
    static const struct {
        CURLcode code;
        enum transfer_failure failure;
    } table[] = {
        {CURLE_OK, TRANSFER_OK},
        {CURLE_COULDNT_CONNECT, TRANSFER_CONNECT},
        {CURLE_COULDNT_RESOLVE_HOST, TRANSFER_NAME},
        {CURLE_OPERATION_TIMEDOUT, TRANSFER_TIMEOUT},
        {CURLE_SSL_CONNECT_ERROR, TRANSFER_TLS},
        {CURLE_PEER_FAILED_VERIFICATION, TRANSFER_TLS},
        {CURLE_SSL_CERTPROBLEM, TRANSFER_TLS},
        {CURLE_SSL_CIPHER, TRANSFER_TLS},
        {CURLE_SSL_CACERT_BADFILE, TRANSFER_TLS},
        {CURLE_SSL_ISSUER_ERROR, TRANSFER_TLS},
        {CURLE_USE_SSL_FAILED, TRANSFER_TLS},
        {CURLE_PARTIAL_FILE, TRANSFER_CUT},
        {CURLE_GOT_NOTHING, TRANSFER_CUT},
        {CURLE_RECV_ERROR, TRANSFER_CUT},
        {CURLE_SEND_ERROR, TRANSFER_CUT},
        {CURLE_WEIRD_SERVER_REPLY, TRANSFER_CUT},
        {CURLE_HTTP2, TRANSFER_CUT},
        {CURLE_HTTP2_STREAM, TRANSFER_CUT},
        {CURLE_BAD_CONTENT_ENCODING, TRANSFER_CUT},
        {CURLE_FILESIZE_EXCEEDED, TRANSFER_TOO_LARGE},
        {CURLE_UNSUPPORTED_PROTOCOL, TRANSFER_BAD_REQUEST},
        {CURLE_URL_MALFORMAT, TRANSFER_BAD_REQUEST},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].code == code)
            return table[i].failure;
    }
    return TRANSFER_OTHER;
}

const char *answer_judge(struct transfer_item *item, CURLcode code)
{
    long status = 0;
    (void)curl_easy_getinfo(item->seat->easy, CURLINFO_RESPONSE_CODE, &status);
    item->status = (int)status;
    if (item->failure == TRANSFER_OK)
        item->failure = failure_of(code);
    if (item->request.kind == TRANSFER_POST && item->answer.complete_header)
        item->failure = TRANSFER_OK;
    if (!item->answer.complete_header) {
        item->status = 0;
        /* libcurl is content with a header that stops in the middle. */
        if (item->failure == TRANSFER_OK)
            item->failure = TRANSFER_CUT;
    }
    if (item->failure == TRANSFER_TIMEOUT && !item->requested)
        return "no connection in time";
    return failure_text(item->failure);
}
