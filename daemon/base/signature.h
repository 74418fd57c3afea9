/* Standard Webhooks 1.0 signatures (standards.md 3). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <talloc.h>

/* "whsec_" + base64 of 32 random bytes. */
char *signature_secret_new(TALLOC_CTX *context);
/* Decoded key of a "whsec_…" text of 24 to 64 bytes; -EINVAL otherwise. */
__attribute__((warn_unused_result)) int
signature_secret_read(TALLOC_CTX *context, const char *text, uint8_t **ret_key, size_t *ret_length);
/* Makes one signature after another without fetching the algorithm each time, which takes longer
 * than the signature itself. Of one thread at a time. */
struct signer;
struct signer *signer_new(TALLOC_CTX *context);
/* As signature_make. */
__attribute__((warn_unused_result)) int signer_sign(struct signer *signer, TALLOC_CTX *context,
                                                    const char *secret, const char *id,
                                                    int64_t timestamp, const void *body,
                                                    size_t body_length, char **ret_signature);
/* "v1,<base64>" over "{id}.{timestamp}.{body}". id must hold no '.'. */
__attribute__((warn_unused_result)) int signature_make(TALLOC_CTX *context, const char *secret,
                                                       const char *id, int64_t timestamp,
                                                       const void *body, size_t body_length,
                                                       char **ret_signature);
/* Constant-time check of a header ("v1,… v1,…"), age within 5 minutes of `now_seconds`. */
bool signature_check(const char *secret, const char *id, const char *timestamp, const char *header,
                     const void *body, size_t body_length, int64_t now_seconds);
