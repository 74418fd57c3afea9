/* An answer as libcurl hands it over: see curl_engine.h. */
#include "transfer/curl_engine.h"

#include <string.h>

size_t curl_take_header(char *bytes, size_t size, size_t count, void *userdata)
{
    struct transfer_item *item = ((struct seat *)userdata)->item;
    size_t length = size * count;
    if (!answer_count_header(item, length))
        return 0;
    if (item->answer.complete_header)
        return length; /* trailers */
    long status = 0;
    (void)curl_easy_getinfo(item->seat->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status < 200)
        return length;
    bool blank = length == 0 || bytes[0] == '\r' || bytes[0] == '\n';
    const char *colon = memchr(bytes, ':', length);
    if (blank) {
        item->answer.complete_header = true;
        item->status = (int)status;
    } else if (colon != NULL) {
        size_t name = (size_t)(colon - bytes);
        answer_keep_header(item, bytes, name, colon + 1, length - name - 1);
    }
    return length;
}

size_t curl_take_body(char *bytes, size_t size, size_t count, void *userdata)
{
    struct transfer_item *item = ((struct seat *)userdata)->item;
    return answer_keep_body(item, bytes, size * count) ? size * count : 0;
}

enum transfer_failure curl_failure(CURLcode code)
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
