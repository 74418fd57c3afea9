/* Trouble is more than failing: `since` 0 is a receiver that does answer, but late. */
#include "store/schema.h"

const char schema_slow[] = "alter table failing rename to trouble;";
