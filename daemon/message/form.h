/* The forms of a message: short, plain, HTML. For message/ only. */
#pragma once

#include "message/compose.h"

/* From the parts as composed, with their marks of Japanese text. */
void form_html(const struct composing *composing, struct message *message);

/* Drops the marks from the parts. */
void form_strip(struct message *message);
char *mark_strip(TALLOC_CTX *context, const char *text);

struct short_parts {
    const char *what, *briefly; /* the kind, and in fewer words */
    const char *place, *action; /* "" for none */
};
/* At most 70 characters, with the marks of a drill. */
const char *form_short(const struct composing *composing, const struct short_parts *parts);

/* From the parts, composed for the ear (composing->aloud). Belongs to the message. */
char *form_aloud(const struct composing *composing, const struct message *message);
/* From the stripped parts. */
void form_plain(const struct composing *composing, struct message *message);
