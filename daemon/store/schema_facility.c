/* What kind of facility a subscriber is: hotel, school, station, …; '' nobody said. */
#include "store/schema.h"

const char schema_facility[] =
    "alter table subscriber add column facility text not null default '';";
