/* What the two senders of the mail benchmark share: the mail and the clock. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BENCH_MAIL_BYTES 2048

static inline double bench_seconds(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static inline double bench_cpu(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* A mail of BENCH_MAIL_BYTES for reader `number`. */
static inline char *bench_mail(size_t number)
{
    char *mail = malloc(BENCH_MAIL_BYTES + 1);
    int head = snprintf(mail, BENCH_MAIL_BYTES,
                        "From: a@example.org\r\nTo: r%zu@example.org\r\nSubject: test\r\n"
                        "Message-ID: <m%zu@example.org>\r\nMIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\n",
                        number, number);
    memset(mail + head, 'A', BENCH_MAIL_BYTES - (size_t)head);
    for (size_t at = (size_t)head + 76; at + 2 < BENCH_MAIL_BYTES; at += 78)
        memcpy(mail + at, "\r\n", 2);
    memcpy(mail + BENCH_MAIL_BYTES - 2, "\r\n", 3);
    return mail;
}
