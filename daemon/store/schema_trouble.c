/* Trouble is more than failing: `since` 0 is a receiver that does answer, but late. (The index
 * keeps its name, failing_since.) */
#include "store/schema.h"

const char schema_trouble[] = "alter table failing rename to trouble;";
