/* Failures in words. */
#pragma once

#include "transfer/transfer.h"

/* A short text without address or URL; NULL for TRANSFER_OK. */
const char *failure_text(enum transfer_failure failure);
