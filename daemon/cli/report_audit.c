/* The log comes from the running daemon, which alone reads it whole. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/office.h"
#include "cli/report_audit.h"

static void print_log(const json_t *answer)
{
    size_t i;
    json_t *record;
    json_array_foreach(json_object_get(answer, "log"), i, record)
    {
        char *text = json_dumps(record, JSON_COMPACT | JSON_PRESERVE_ORDER);
        puts(text);
        free(text);
    }
}

int report_audit(TALLOC_CTX *context, const char *config, bool as_json)
{
    json_t *query = json_object();
    if (as_json)
        json_object_set_new(query, "records", json_string("all"));
    const struct office_call call = {.config = config,
                                     .method = "GET",
                                     .path = "/staff/api/audit/verify",
                                     .query = query,
                                     .as_administrator = true};
    json_t *answer = office_call(context, &call);
    bool intact = office_ok(answer) && json_is_true(json_object_get(answer, "intact"));
    if (office_ok(answer)) {
        const json_t *fault = json_object_get(answer, "fault");
        print_log(answer);
        if (intact)
            fprintf(stderr, "%lld records, intact; the last has the hash %s\n",
                    (long long)json_integer_value(json_object_get(answer, "records")),
                    json_string_value(json_object_get(answer, "last_hash")));
        else
            fprintf(stderr, "record %lld was %s\n",
                    (long long)json_integer_value(json_object_get(fault, "number")),
                    json_string_value(json_object_get(fault, "what")));
    }
    json_decref(answer);
    json_decref(query);
    return intact ? EXIT_FINE : EXIT_FAILED;
}
