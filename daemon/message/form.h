/* The forms of a message: short, plain, HTML. For message/ only. */
#pragma once

#include "message/compose.h"

/* From the parts as composed, with their marks of Japanese text. */
void form_html(const struct composing *composing, struct message *message);

/* Drops the marks from the parts. */
void form_strip(struct message *message);
char *mark_strip(TALLOC_CTX *context, const char *text);

/* From the stripped parts. */
void form_short(const struct composing *composing, struct message *message);
void form_plain(const struct composing *composing, struct message *message);
