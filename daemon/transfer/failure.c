/* What people read about a transfer that failed. */
#include "transfer/failure.h"

#include <stddef.h>

static const char *const failure_texts[] = {
    [TRANSFER_OK] = NULL,
    [TRANSFER_EXPIRED] = "expired before it could be sent",
    [TRANSFER_NAME] = "the name has no address, or no name server answers",
    [TRANSFER_ADDRESS_REFUSED] = "leads to an address that is not allowed",
    [TRANSFER_CONNECT] = "no connection",
    [TRANSFER_TLS] = "no trusted TLS connection",
    [TRANSFER_TIMEOUT] = "no answer in time",
    [TRANSFER_CUT] = "the answer ended before it was whole",
    [TRANSFER_TOO_LARGE] = "the answer is too large",
    [TRANSFER_BAD_REQUEST] = "the request cannot be made",
    [TRANSFER_OTHER] = "the transfer failed",
};

const char *failure_text(enum transfer_failure failure)
{
    return failure_texts[failure];
}
