/* A plain libcurl multi program that sends mails with reuse of connections, for comparison.
 * Usage: bench-mail-curl PORT COUNT CONNECTIONS; prints seconds and processor seconds. */
#include <curl/curl.h>
#include <stdbool.h>
#include "mail.h"

struct slot {
    CURL *easy;
    struct curl_slist *readers;
    const char *mail;
    size_t sent;
};

static size_t give(char *bytes, size_t size, size_t count, void *userdata)
{
    struct slot *slot = userdata;
    size_t left = BENCH_MAIL_BYTES - slot->sent;
    size_t length = size * count < left ? size * count : left;
    memcpy(bytes, slot->mail + slot->sent, length);
    slot->sent += length;
    return length;
}

static void start(CURLM *multi, struct slot *slot, const char *mail, size_t number)
{
    char reader[64];
    snprintf(reader, sizeof(reader), "r%zu@example.org", number);
    curl_slist_free_all(slot->readers);
    slot->readers = curl_slist_append(NULL, reader);
    slot->mail = mail;
    slot->sent = 0;
    curl_easy_setopt(slot->easy, CURLOPT_MAIL_RCPT, slot->readers);
    curl_multi_add_handle(multi, slot->easy);
}

static void prepare(struct slot *slot, const char *url)
{
    slot->easy = curl_easy_init();
    curl_easy_setopt(slot->easy, CURLOPT_URL, url);
    curl_easy_setopt(slot->easy, CURLOPT_MAIL_FROM, "bounces@example.org");
    curl_easy_setopt(slot->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(slot->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)BENCH_MAIL_BYTES);
    curl_easy_setopt(slot->easy, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(slot->easy, CURLOPT_READDATA, slot);
    curl_easy_setopt(slot->easy, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(slot->easy, CURLOPT_NOSIGNAL, 1L);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    size_t count = strtoul(argv[2], NULL, 10), connections = strtoul(argv[3], NULL, 10);
    size_t next = 0, done = 0, failed = 0;
    char url[64];
    char **mails = calloc(count, sizeof(*mails));
    struct slot *slots = calloc(connections, sizeof(*slots));
    snprintf(url, sizeof(url), "smtp://127.0.0.1:%s/bench.example.org", argv[1]);
    for (size_t i = 0; i < count; i++)
        mails[i] = bench_mail(i);
    CURLM *multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)connections);
    double started = bench_seconds(), cpu = bench_cpu();
    for (; next < connections && next < count; next++) {
        prepare(&slots[next], url);
        start(multi, &slots[next], mails[next], next);
    }
    while (done < count) {
        int running, left;
        CURLMsg *message;
        curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left)) != NULL) {
            struct slot *slot;
            failed += message->data.result != CURLE_OK;
            CURL *easy = message->easy_handle;
            curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
            curl_multi_remove_handle(multi, easy);
            done++;
            if (next < count) {
                start(multi, slot, mails[next], next);
                next++;
            }
        }
        if (done < count)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
    printf("%.6f %.6f\n", bench_seconds() - started, bench_cpu() - cpu);
    return failed == 0 ? 0 : 1;
}
