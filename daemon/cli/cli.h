/* The command line: one verb a file, one table of verbs. Exit status 0 fine, 1 failed, 2 wrong use.
 */
#pragma once

#include <stdbool.h>
#include <talloc.h>
#include "config/config.h"

enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct verb {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the verb */
};
/* Ends with a row without name. */
extern const struct verb cli_verbs[];

int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_parse(int argc, char **argv);
int cli_replay(int argc, char **argv);
int cli_preview(int argc, char **argv);
int cli_who(int argc, char **argv);
int cli_status(int argc, char **argv);
int cli_subscriber(int argc, char **argv);
int cli_reload(int argc, char **argv);
int cli_duty(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_send_test(int argc, char **argv);
int cli_suppression(int argc, char **argv);
int cli_broadcast(int argc, char **argv);
int cli_drill(int argc, char **argv);
int cli_maintenance(int argc, char **argv);
int cli_silence(int argc, char **argv);
int cli_staff(int argc, char **argv);
int cli_db(int argc, char **argv);

/* "--config FILE", else $NOROSHI_CONFIG, else /etc/noroshi/noroshi.yaml. */
const char *cli_config_file(const char *given);

/* Loads the configuration and prints its problems to stderr. NULL after a failure. */
struct config *cli_load_config(TALLOC_CTX *context, const char *given);
/* The same with its paths alone: enough for cli_request, whatever else is wrong with the file. */
struct config *cli_load_paths(TALLOC_CTX *context, const char *given);

/* The daemon's socket in a state directory. */
const char *cli_control_path(TALLOC_CTX *context, const struct config *config);

/* Asks the running daemon, or, when none runs, the store itself. Answer as in request.h; NULL after
 * a failure that was printed. `offline`: status text when no daemon runs. */
json_t *cli_request(TALLOC_CTX *context, const struct config *config, const json_t *request);

/* Prints `problems` of a refused answer; true when the answer says ok. */
bool cli_answer_ok(const json_t *answer);
