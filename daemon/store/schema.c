/* The list of steps, see schema.h. */
#include "store/schema.h"

const struct schema_step schema_steps[] = {
    {"telegrams, events, alerts, deliveries", schema_base},
    {"alerts, subscribers and deliveries by number", schema_numbers},
    {"receivers in trouble", schema_receivers},
    {"staff and broadcasts", schema_broadcast},
    {"facilities", schema_facility},
    {"receivers that answer late", schema_trouble},
};
const size_t schema_step_count = sizeof(schema_steps) / sizeof(schema_steps[0]);
