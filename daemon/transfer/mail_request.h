/* What may become a mail: everything that turns into a line of SMTP is checked here, once. */
#pragma once

#include "transfer/transfer.h"

/* Bare addresses without anything that could end a line or a path, a text whose lines all end with
 * CRLF and have at most 998 bytes, no NUL. */
bool mail_request_usable(const struct transfer_request *request);
/* smtp, smtps, lmtp. */
bool mail_scheme_usable(const char *scheme);
