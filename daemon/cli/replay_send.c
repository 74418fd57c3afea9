/* Really sends a recorded telegram as a drill. The command line rewrites the file; the daemon takes
 * the text and refuses anything whose status is not a drill. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "cli/replay_send.h"
#include "control.h"
#include "telegram_file.h"

int replay_send(TALLOC_CTX *context, const struct config *config, const char *file)
{
    TALLOC_CTX *scratch = talloc_new(context);
    struct store_telegram telegram;
    char *answer = NULL;
    int r = telegram_file_drill(scratch, file, clock_now(), &telegram);
    if (r < 0) {
        talloc_free(scratch);
        return r;
    }
    json_t *request =
        json_pack("{ssssssso}", "command", "drill-telegram", "id", telegram.id, "code",
                  telegram.code, "body", json_stringn(telegram.body, telegram.body_length));
    char *text = json_dumps(request, JSON_COMPACT);
    r = text != NULL ? control_call(scratch, cli_control_path(scratch, config), text, &answer)
                     : -EINVAL;
    if (r >= 0) {
        json_t *json = json_loads(answer, 0, NULL);
        if (!cli_answer_ok(json))
            r = -EINVAL;
        else
            printf("%s sent as a drill: %lld deliveries\n", file,
                   (long long)json_integer_value(json_object_get(json, "deliveries")));
        json_decref(json);
    } else if (r == -ENOENT || r == -ECONNREFUSED) {
        fprintf(stderr, "noroshi replay: --deliver needs a running daemon\n");
    }
    free(text);
    json_decref(request);
    talloc_free(scratch);
    return r;
}
