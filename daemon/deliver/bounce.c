/* See bounce.h. Reading goes line by line over the bytes as they are; nothing is copied but fields
 * of interest, each cut at FIELD_BYTES. */
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "deliver/bounce.h"

#define FIELD_BYTES     512
#define ID_CHARACTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
#define ID_MOST         64
#define MAC_DIGITS      16
#define BOUNDARY_MOST   70 /* RFC 2046 5.1.1 */
#define RECIPIENTS_MOST 32

/* ---- the envelope sender ---- */

static char *mac_of(TALLOC_CTX *context, const char *key, const char *id, size_t id_length)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    char *text = memory_array(context, char, MAC_DIGITS + 1);
    if (HMAC(EVP_sha256(), key, (int)strlen(key), (const unsigned char *)id, id_length, digest,
             &length) == NULL)
        abort(); /* without HMAC nothing that we send could be trusted */
    for (int i = 0; i < MAC_DIGITS / 2; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}

char *bounce_sender(TALLOC_CTX *context, const char *base, const char *delivery_id, const char *key)
{
    const char *at = text_given(base) ? strrchr(base, '@') : NULL;
    size_t length = strlen(delivery_id);
    if (at == NULL || length == 0 || length > ID_MOST ||
        strspn(delivery_id, ID_CHARACTERS) != length)
        return NULL;
    return memory_printf(context, "%.*s+%s-%s%s", (int)(at - base), base, delivery_id,
                         mac_of(context, key, delivery_id, length), at);
}

/* The id in "…bounces+ID-MAC@host…", when the MAC is right. Case may have been lost on the way. */
static const char *id_in(TALLOC_CTX *context, const char *base, const char *key, const char *text)
{
    size_t local = (size_t)(strrchr(base, '@') - base);
    for (const char *c = text; (c = strchr(c, '+')) != NULL; c++) {
        if ((size_t)(c - text) < local || strncasecmp(c - local, base, local) != 0)
            continue;
        size_t length = strspn(c + 1, ID_CHARACTERS);
        const char *mac = c + 1 + length;
        if (length == 0 || length > ID_MOST || *mac != '-' || strlen(mac) < MAC_DIGITS + 2 ||
            mac[1 + MAC_DIGITS] != '@')
            continue;
        char *expected = mac_of(context, key, c + 1, length);
        if (CRYPTO_memcmp(expected, mac + 1, MAC_DIGITS) == 0)
            return memory_printf(context, "%.*s", (int)length, c + 1);
    }
    return NULL;
}

/* ---- lines and fields ---- */

struct lines {
    const char *next, *end;
};

/* The next line without its end; false at the end of the bytes. */
static bool next_line(struct lines *lines, const char **ret_line, size_t *ret_length)
{
    if (lines->next >= lines->end)
        return false;
    const char *line = lines->next;
    size_t room = (size_t)(lines->end - line);
    const char *feed = memchr(line, '\n', room);
    size_t length = feed != NULL ? (size_t)(feed - line) : room;
    lines->next = feed != NULL ? feed + 1 : lines->end;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    *ret_line = line;
    *ret_length = length;
    return true;
}

struct field {
    char text[FIELD_BYTES]; /* "name: value", unfolded, cut */
};

static void append(struct field *field, const char *bytes, size_t length)
{
    size_t have = strlen(field->text);
    for (size_t i = 0; i < length && have + 1 < sizeof(field->text); i++)
        field->text[have++] = bytes[i] != '\0' ? bytes[i] : '?';
    field->text[have] = '\0';
}

/* The next field of a header block; false at the empty line that ends it. */
static bool next_field(struct lines *lines, struct field *ret_field)
{
    const char *line;
    size_t length;
    ret_field->text[0] = '\0';
    if (!next_line(lines, &line, &length) || length == 0)
        return false;
    append(ret_field, line, length);
    while (lines->next < lines->end && (*lines->next == ' ' || *lines->next == '\t') &&
           next_line(lines, &line, &length))
        append(ret_field, line, length);
    return true;
}

/* What follows "name:" when the field has this name; NULL otherwise. */
static const char *value_of(const struct field *field, const char *name)
{
    size_t length = strlen(name);
    if (strncasecmp(field->text, name, length) != 0 || field->text[length] != ':')
        return NULL;
    const char *value = field->text + length + 1;
    return value + strspn(value, " \t");
}

/* The value of a MIME parameter ("boundary"); false when there is none that could be one. */
static bool parameter(const char *value, const char *name, char *ret_text, size_t room)
{
    size_t length = strlen(name);
    for (const char *c = value; (c = strchr(c, ';')) != NULL;) {
        c += 1 + strspn(c + 1, " \t");
        if (strncasecmp(c, name, length) != 0 || c[length] != '=')
            continue;
        c += length + 1;
        bool quoted = *c == '"';
        c += quoted;
        size_t end = quoted ? strcspn(c, "\"") : strcspn(c, "; \t");
        if (end == 0 || end >= room)
            return false;
        snprintf(ret_text, room, "%.*s", (int)end, c);
        return true;
    }
    return false;
}

/* ---- the notification ---- */

struct head {
    const char *delivery_id;
    char boundary[BOUNDARY_MOST + 1];
    bool report;
};

/* The envelope recipient of the notification is our token; servers write it into one of these. */
static bool names_recipient(const struct field *field)
{
    static const char *const names[] = {"delivered-to", "x-original-to", "envelope-to", "to"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (value_of(field, names[i]) != NULL)
            return true;
    }
    return false;
}

static struct head read_head(TALLOC_CTX *context, const char *base, const char *key,
                             struct lines *lines)
{
    struct head head = {0};
    struct field field;
    while (next_field(lines, &field)) {
        const char *type = value_of(&field, "content-type");
        if (type != NULL && strncasecmp(type, "multipart/report", 16) == 0)
            head.report = parameter(type, "boundary", head.boundary, sizeof(head.boundary));
        if (head.delivery_id == NULL && names_recipient(&field))
            head.delivery_id = id_in(context, base, key, field.text);
    }
    return head;
}

/* Goes to the first line after the next boundary; false at the end. */
static bool next_part(struct lines *lines, const char *boundary)
{
    const char *line;
    size_t length, wanted = strlen(boundary);
    while (next_line(lines, &line, &length)) {
        if (length >= wanted + 2 && line[0] == '-' && line[1] == '-' &&
            memcmp(line + 2, boundary, wanted) == 0)
            return length < wanted + 4 || memcmp(line + 2 + wanted, "--", 2) != 0;
    }
    return false;
}

static bool is_status_part(struct lines *lines)
{
    struct field field;
    bool found = false;
    while (next_field(lines, &field)) {
        const char *type = value_of(&field, "content-type");
        found = found || (type != NULL && strncasecmp(type, "message/delivery-status", 23) == 0);
    }
    return found;
}

/* "5.1.1" at the start of a text, into `ret_status`. */
static bool read_status(const char *text, char ret_status[static 16])
{
    size_t length = strspn(text, "0123456789.");
    if (length < 5 || length > 11 || !isdigit((unsigned char)text[0]) || text[1] != '.')
        return false;
    snprintf(ret_status, 16, "%.*s", (int)length, text);
    return true;
}

/* One group of fields about one recipient (RFC 3464 2.3). */
static bool read_recipient(struct lines *lines, struct bounce *bounce)
{
    struct field field;
    bool acted = false;
    while (next_field(lines, &field)) {
        const char *action = value_of(&field, "action"), *status = value_of(&field, "status");
        if (action != NULL && strncasecmp(action, "failed", 6) == 0)
            bounce->kind = BOUNCE_FAILED;
        else if (action != NULL && strncasecmp(action, "delayed", 7) == 0)
            bounce->kind = BOUNCE_DELAYED;
        acted = acted || action != NULL;
        if (status != NULL && !read_status(status, bounce->status))
            bounce->status[0] = '\0';
    }
    if (bounce->kind == BOUNCE_FAILED && bounce->status[0] != '\0' &&
        bounce_is_hard(550, bounce->status))
        bounce->kind = BOUNCE_HARD;
    return acted;
}

struct bounce bounce_read(TALLOC_CTX *context, const char *base, const char *key, const char *bytes,
                          size_t length)
{
    struct bounce bounce = {.kind = BOUNCE_NONE};
    if (!text_given(base) || strrchr(base, '@') == NULL)
        return bounce;
    size_t read = length < BOUNCE_BYTES_MAX ? length : BOUNCE_BYTES_MAX;
    struct lines lines = {bytes, bytes + read};
    struct head head = read_head(context, base, key, &lines);
    if (!head.report || head.delivery_id == NULL)
        return bounce;
    while (next_part(&lines, head.boundary)) {
        if (!is_status_part(&lines))
            continue;
        /* The first group is about the message; one of ours has one recipient. */
        for (int i = 0; i < RECIPIENTS_MOST && lines.next < lines.end; i++) {
            if (read_recipient(&lines, &bounce))
                break;
        }
        break;
    }
    if (bounce.kind != BOUNCE_NONE)
        bounce.delivery_id = head.delivery_id;
    return bounce;
}

bool bounce_is_hard(int status, const char *enhanced)
{
    if (status < 500 || status > 599)
        return false;
    if (!text_given(enhanced))
        return status == 550 || status == 551 || status == 553;
    /* RFC 3463: 1.x addressing, 2.1 mailbox disabled, 4.4 no host for the domain. A full mailbox, a
     * size limit, or a policy against us says nothing about the address. */
    return text_starts(enhanced, "5.1.") || strcmp(enhanced, "5.2.1") == 0 ||
           strcmp(enhanced, "5.4.4") == 0;
}
