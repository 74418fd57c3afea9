/* See rule_list.h. */
#include "rule_list.h"

#include "base/memory.h"
#include "match/canary.h"

#define NAMES_MAX 30

const char *rule_list(TALLOC_CTX *context, const struct config *config, bool drills)
{
    size_t count = 0;
    char *names = memory_text(context, "");
    for (size_t i = 0; i < config->subscriber_count; i++) {
        const struct profile profile = subscriber_profile(config->subscribers[i]);
        bool hears = drills ? profile.drills : !profile_is_canary(&profile);
        if (!hears)
            continue;
        if (count < NAMES_MAX)
            names = memory_must(talloc_asprintf_append(names, "%s%s", count > 0 ? ", " : "",
                                                       config->subscribers[i]->id));
        count++;
    }
    if (count == 0)
        return "nobody";
    if (count > NAMES_MAX)
        names = memory_must(talloc_asprintf_append(names, " and %zu more", count - NAMES_MAX));
    return memory_printf(context, "%zu subscriber%s: %s", count, count == 1 ? "" : "s", names);
}
