/* Sentences for staff, in Japanese and English: what was refused and what to do about it. */
#pragma once

#include "broadcast/broadcast.h"

/* `language`: "en", otherwise Japanese. Never NULL; "" for REFUSAL_NONE. */
const char *broadcast_refusal_text(enum broadcast_refusal refusal, const char *language);
/* A fault of broadcast_faults that the templates' texts do not know; NULL for another one. */
const char *broadcast_own_fault_text(const char *fault, const char *language);
