/* A new configuration on the desk: looked at, taken, used between two jobs.
 *
 *   SIGHUP, noroshi reload ─▶ reload_config ─▶ who may take it? (H-13) ─▶ use
 *   staff ─▶ desk_look_at_config ─▶ two of them ─▶ desk_take_config ─▶ desk_use_taken */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/text.h"
#include "desk_parts.h"
#include "event/value.h"
#include "reload.h"
#include "rule_list.h"
#include "taken.h"

/* A configuration that was replaced is kept for answers that are being written with it. */
#define RETIRE_TIME USEC_PER_MINUTE
#define SHORT       16 /* digits of a digest in the log */

void desk_ingest_by(struct desk *desk, const struct config *config)
{
    desk->ingest.areas = config->areas;
    desk->ingest.catalogue = config->catalogue;
    desk->ingest.operator_name = config->operator_name;
    desk->ingest.page_url = config->page_url;
    desk->ingest.quake_age_max = config->quake_age_max;
}

static void log_rules(struct desk *desk, const char *text)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    log_notice(text, "live", rule_list(scratch, desk->config, false), "drills",
               rule_list(scratch, desk->config, true));
    talloc_free(scratch);
}

/* Without the copy the next change of areas or texts is named, not compared: no reason to stop. */
static int remember_files(struct desk *desk, const struct config *config,
                          const struct fingerprint *print)
{
    int kept = taken_keep(config, print->files);
    if (kept < 0)
        log_warning("the areas and texts that were taken cannot be kept for comparison", "error",
                    strerror(-kept));
    char *text = json_dumps(print->files, JSON_COMPACT | JSON_SORT_KEYS);
    int r = store_put_fact(desk->store, TAKEN_FACT, text != NULL ? text : "");
    free(text);
    return r;
}

/* Everything between two jobs: nobody sees half of it. */
static int use_config(struct desk *desk, struct config *config, struct fingerprint *print)
{
    int r = subscribers_configure(desk->subscribers, config);
    if (r >= 0)
        r = remember_files(desk, config, print);
    if (r < 0)
        return r;
    desk->config = config;
    desk_ingest_by(desk, config);
    dispatch_configure(desk->dispatch, config);
    poll_configure(desk->poll, config);
    present_configure(desk->present, config);
    desk->ingest.audience = subscribers_audience(desk->subscribers);
    if (desk->retired == NULL)
        desk->retired = talloc_new(desk);
    talloc_steal(desk->retired, desk->reloaded);
    talloc_free(desk->running);
    desk->running = talloc_steal(desk, print);
    desk->reloaded = config;
    desk->retired_until = clock_monotonic() + RETIRE_TIME;
    log_rules(desk, "the configuration was taken anew");
    return 0;
}

/* Loaded whole, between two equal looks at the files: what is used is what was named. */
static int load(struct desk *desk, struct problems *problems, struct config **ret_config,
                struct fingerprint **ret_print)
{
    struct fingerprint *before = NULL, *after = NULL;
    struct config *config = NULL;
    int r = fingerprint_take(desk, desk->config, &before);
    if (r >= 0)
        r = reload_config(desk, desk->config, problems, &config);
    if (r >= 0)
        r = fingerprint_take(desk, config, &after);
    if (r >= 0 && !text_equal(before->digest, after->digest)) {
        problems_add(problems, config->file, 0, 0, "reload again",
                     "the files were changed while they were read");
        r = -EINVAL;
    } else if (r < 0 && r != -EINVAL) {
        problems_add(problems, desk->config->file, 0, 0, NULL, "the files cannot be read: %s",
                     strerror(-r));
        r = -EINVAL;
    }
    talloc_free(before);
    if (r < 0) {
        talloc_free(config);
        talloc_free(after);
        return r;
    }
    *ret_config = config;
    *ret_print = after;
    return 0;
}

static json_t *changes_of(const struct desk *desk, const struct fingerprint *print)
{
    return fingerprint_changes(desk->running != NULL ? desk->running->files : NULL, print->files);
}

/* Who is told by other rules, areas or texts must have been seen by a person first, and by two
 * where staff have accounts (H-13); a signal is not one. */
static int check_rules(struct desk *desk, const struct config *config,
                       const struct fingerprint *print, const struct request_reload *wish,
                       struct problems *problems)
{
    bool two = false;
    json_t *changes = changes_of(desk, print);
    bool tables = fingerprint_tables_changed(changes);
    size_t readers = reload_other_rules(desk->config, config);
    json_decref(changes);
    if (readers == 0 && !tables)
        return 0;
    int r = staffing_two_people(desk->staffing, &two);
    if (r < 0)
        return r;
    if (!two && (wish->accepted || (wish->seen && !tables)))
        return 0;
    const char *instead =
        two ? "noroshi reload with a token of staff proposes it, noroshi reload --accept with "
              "another's takes it: a second person is needed"
            : "noroshi reload shows it, noroshi reload --accept takes it";
    if (readers > 0)
        problems_add(problems, config->file, 0, 0, instead,
                     "%zu subscribers would be told by other rules", readers);
    if (tables)
        problems_add(problems, config->file, 0, 0, instead, "areas or texts have changed");
    return -EINVAL;
}

static int note_taken(struct desk *desk, const char *by, const struct fingerprint *print,
                      json_t *changes)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    char *files = json_dumps(changes, JSON_COMPACT);
    int r = staffing_note(desk->staffing, by, "config-take",
                          memory_must(talloc_strndup(scratch, print->digest, SHORT)),
                          files != NULL ? files : "", desk_now(desk));
    free(files);
    talloc_free(scratch);
    return r;
}

int desk_reload(void *userdata, const struct request_reload *wish, struct problems *problems)
{
    struct desk *desk = userdata;
    struct config *config = NULL;
    struct fingerprint *print = NULL;
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic());
    int r = load(desk, problems, &config, &print);
    if (r >= 0) {
        json_t *changes = changes_of(desk, print);
        r = check_rules(desk, config, print, wish, problems);
        if (r >= 0 && json_array_size(changes) > 0)
            r = note_taken(desk, wish->by, print, changes);
        if (r >= 0)
            r = use_config(desk, config, print);
        json_decref(changes);
    }
    for (size_t i = 0; i < problems->count; i++)
        log_warning("configuration", "problem", problem_text(problems, &problems->items[i]));
    if (r == -EINVAL) {
        log_error("the new configuration is not taken: the old one stays");
        talloc_free(config);
        talloc_free(print);
    }
    sd_notifyf(0, "READY=1\nSTATUS=%s",
               r == -EINVAL ? "The new configuration is not taken: the old one stays" : "Running");
    return r;
}

int desk_reload_on_signal(struct desk *desk)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    const struct request_reload wish = {.by = "system.signal"};
    int r = desk_reload(desk, &wish, problems_new(scratch));
    talloc_free(scratch);
    return r == -EINVAL ? 0 : r;
}

/* ---- by two of staff ---- */

static const char *problem_lines(TALLOC_CTX *context, const struct problems *problems)
{
    char *text = memory_text(context, "");
    for (size_t i = 0; i < problems->count; i++)
        text = memory_must(talloc_asprintf_append(text, "%s%s", i > 0 ? "\n" : "",
                                                  problem_text(context, &problems->items[i])));
    return text;
}

int desk_look_at_config(void *userdata, TALLOC_CTX *context, struct office_change *ret_change)
{
    struct desk *desk = userdata;
    struct problems *problems = problems_new(context);
    TALLOC_FREE(desk->candidate);
    TALLOC_FREE(desk->candidate_print);
    int r = load(desk, problems, &desk->candidate, &desk->candidate_print);
    if (r < 0) {
        *ret_change = (struct office_change){.fault = problem_lines(context, problems)};
        return r == -EINVAL ? 0 : r;
    }
    json_t *changes = value_own(context, changes_of(desk, desk->candidate_print));
    size_t readers = reload_other_rules(desk->config, desk->candidate);
    *ret_change =
        (struct office_change){.digest = memory_text(context, desk->candidate_print->digest),
                               .files = changes,
                               .readers = readers,
                               .needs_two = readers > 0 || fingerprint_tables_changed(changes),
                               .notes = problem_lines(context, problems)};
    return 0;
}

void desk_take_config(void *userdata)
{
    struct desk *desk = userdata;
    desk->candidate_taken = true;
}

int desk_use_taken(struct desk *desk)
{
    struct config *config = desk->candidate;
    struct fingerprint *print = desk->candidate_print;
    if (!desk->candidate_taken)
        return 0;
    desk->candidate_taken = false;
    desk->candidate = NULL;
    desk->candidate_print = NULL;
    int r = use_config(desk, config, print);
    present_changed(desk->present);
    return r;
}

/* ---- at the start ---- */

/* A restart takes the files as they are: nobody is locked out of his own machine. But it is told.
 */
static int tell_changes(struct desk *desk, const json_t *before, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(desk);
    json_t *changes = fingerprint_changes(before, desk->running->files), *name;
    size_t i;
    bool two = false;
    char *files = memory_text(scratch, "");
    json_array_foreach(changes, i, name) files = memory_must(
        talloc_asprintf_append(files, "%s%s", i > 0 ? ", " : "", json_string_value(name)));
    int r = json_array_size(changes) > 0 ? staffing_two_people(desk->staffing, &two) : 0;
    if (r >= 0 && json_array_size(changes) > 0)
        r = staffing_note(desk->staffing, "noroshi", "config-start",
                          memory_must(talloc_strndup(scratch, desk->running->digest, SHORT)), files,
                          now);
    if (r >= 0 && two) {
        const char *text = memory_printf(scratch,
                                         "this start took a changed configuration, without a "
                                         "second person: %s",
                                         files);
        log_warning("operator: look at this", "notice", text);
        desk_notice(desk, text);
    }
    json_decref(changes);
    talloc_free(scratch);
    return r;
}

int desk_begin_config(struct desk *desk, usec_t now)
{
    const char *text = NULL;
    int r = fingerprint_take(desk, desk->config, &desk->running);
    if (r < 0) {
        log_warning("the files of the configuration cannot be read again", "error", strerror(-r));
        return 0;
    }
    r = store_get_fact(desk->store, desk, TAKEN_FACT, &text);
    json_t *before = text != NULL ? json_loads(text, 0, NULL) : NULL;
    if (r >= 0 && before != NULL)
        r = tell_changes(desk, before, now);
    if (r >= 0)
        r = remember_files(desk, desk->config, desk->running);
    json_decref(before);
    log_rules(desk, "rules");
    return r;
}
