/* Mail that came back: which delivery, and for good or not.
 *
 * Does: makes the envelope sender of a mail ("bounces+ID-MAC@host", VERP), reads a delivery status
 * notification (RFC 3464 in RFC 6522's multipart/report) and finds the delivery that it is about.
 * The MAC is there because delivery ids can be computed by who knows an address: nobody shall
 * strike a neighbour off by a forged notification. Takes: bytes from strangers.  Never: believes a
 * recipient's address that stands in them, reads more than BOUNCE_BYTES_MAX, keeps anything. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <talloc.h>

/* The fact of the store that holds the key of the seals. */
#define BOUNCE_KEY_FACT  "bounce_key"
#define BOUNCE_BYTES_MAX ((size_t)256 * 1024)

/* `base` "bounces@host" → "bounces+ID-MAC@host"; NULL when base is no address or id cannot stand in
 * one. `key`: a secret text of the store. */
char *bounce_sender(TALLOC_CTX *context, const char *base, const char *delivery_id,
                    const char *key);

enum bounce_kind {
    BOUNCE_NONE,    /* no notification that we asked for: an answer of a person, a forgery … */
    BOUNCE_DELAYED, /* the next server still tries */
    BOUNCE_FAILED, /* this mail did not arrive; the address may be fine (full, too large, policy) */
    BOUNCE_HARD    /* there is no such address: never write to it again */
};
struct bounce {
    enum bounce_kind kind;
    const char *delivery_id;
    char status[16]; /* "5.1.1" */
};

/* Reads one notification. BOUNCE_NONE when it is not one, or its token is not ours. */
struct bounce bounce_read(TALLOC_CTX *context, const char *base, const char *key, const char *bytes,
                          size_t length);

/* Whether an SMTP answer means that the address does not exist. `enhanced` "5.1.1" (RFC 3463) or
 * NULL when the server gave none. */
bool bounce_is_hard(int status, const char *enhanced);
