/* What the programs of this folder agree on: the addresses of receivers, and signed posts
 * (Standard Webhooks 1.0, written here a second time on purpose). */
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define HOSTS_IN_BLOCK 250

static inline int64_t post_now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* The loopback address of receiver n, distinct up to 15 million. */
static inline uint32_t post_address(size_t n)
{
    size_t block = n / HOSTS_IN_BLOCK;
    return 127u << 24 | (uint32_t)(1 + block / HOSTS_IN_BLOCK) << 16 |
           (uint32_t)(block % HOSTS_IN_BLOCK) << 8 | (uint32_t)(n % HOSTS_IN_BLOCK + 1);
}

static inline int post_url(char *text, size_t size, const char *scheme, size_t host, unsigned port,
                           size_t path)
{
    uint32_t address = post_address(host);
    return snprintf(text, size, "%s://%u.%u.%u.%u:%u/%zu", scheme, address >> 24,
                    address >> 16 & 255, address >> 8 & 255, address & 255, port, path);
}

struct post_key {
    unsigned char bytes[64];
    size_t length;
};

/* "whsec_" and base64. */
static inline struct post_key post_key_read(const char *secret)
{
    struct post_key key = {0};
    const char *text = strncmp(secret, "whsec_", 6) == 0 ? secret + 6 : secret;
    size_t length = strlen(text);
    if (length > 80 || length % 4 != 0)
        return key;
    int decoded = EVP_DecodeBlock(key.bytes, (const unsigned char *)text, (int)length);
    size_t padding = length > 0 && text[length - 1] == '=' ? 1 + (text[length - 2] == '=') : 0;
    key.length = decoded > 0 ? (size_t)decoded - padding : 0;
    return key;
}

/* "v1,…" over "id.timestamp.body"; the context is initialised with the key and kept. */
static inline void post_sign(HMAC_CTX *context, const char *id, const char *timestamp,
                             const void *body, size_t length, char signature[48])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_length = 0;
    HMAC_Init_ex(context, NULL, 0, NULL, NULL);
    HMAC_Update(context, (const unsigned char *)id, strlen(id));
    HMAC_Update(context, (const unsigned char *)".", 1);
    HMAC_Update(context, (const unsigned char *)timestamp, strlen(timestamp));
    HMAC_Update(context, (const unsigned char *)".", 1);
    HMAC_Update(context, body, length);
    HMAC_Final(context, digest, &digest_length);
    memcpy(signature, "v1,", 3);
    EVP_EncodeBlock((unsigned char *)signature + 3, digest, 32);
}

static inline HMAC_CTX *post_signer(const char *secret)
{
    struct post_key key = post_key_read(secret);
    HMAC_CTX *context = HMAC_CTX_new();
    if (key.length == 0 ||
        HMAC_Init_ex(context, key.bytes, (int)key.length, EVP_sha256(), NULL) != 1) {
        fputs("no usable secret\n", stderr);
        exit(2);
    }
    return context;
}

static inline int64_t post_cpu(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 +
           usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static inline long post_peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}
