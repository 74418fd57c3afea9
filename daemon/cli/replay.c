/* noroshi replay: recorded telegrams in the order of Control/DateTime through the same code on a
 * virtual clock, into a scratch store; prints the alerts, messages and deliveries that would be
 * made.
 *
 * With --alone each path is a story of its own: it starts on an empty store.
 * With --deliver every telegram becomes a drill of now and is really sent, by the running daemon's
 * own channels, to those who opted in to drills. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/options.h"
#include "ingest.h"
#include "rehearsal.h"
#include "replay_send.h"
#include "subscribers.h"
#include "telegram_file.h"

#define PATHS_MAX 100000

struct recorded {
    const char *file;
    struct store_telegram telegram;
};
struct replay {
    TALLOC_CTX *context, *story; /* the whole call; what is played together */
    struct config *config;
    struct store *store;
    struct subscribers *subscribers;
    struct ingest ingest;
    struct recorded *telegrams;
    size_t count;
    bool as_json, deliver, alone;
    int64_t shown; /* message that was printed last */
    double speed;  /* 0: as fast as possible */
    bool fine;
};

static void add_file(struct replay *replay, const char *file)
{
    TALLOC_CTX *scratch = talloc_new(replay->story);
    struct problems *problems = problems_new(scratch);
    struct telegram *telegram;
    char *bytes;
    size_t length;
    int r = telegram_file_read(replay->story, file, TELEGRAM_BYTES_MAX, &bytes, &length);
    if (r >= 0)
        r = telegram_parse(scratch, file, bytes, length, problems, &telegram);
    if (r < 0) {
        problems_print(problems, stderr);
        if (problems->count == 0)
            fprintf(stderr, "%s: cannot be read: %s\n", file, strerror(-r));
        replay->fine = false;
        talloc_free(scratch);
        return;
    }
    /* On the virtual clock a telegram arrives when it was sent; one without a time arrives now. */
    usec_t sent = telegram->control_time != 0 ? telegram->control_time : clock_now();
    replay->telegrams =
        memory_grow(replay->story, replay->telegrams, replay->count, sizeof(*replay->telegrams));
    replay->telegrams[replay->count++] =
        (struct recorded){.file = memory_text(replay->story, file),
                          .telegram = {.id = memory_text(replay->story, file),
                                       .code = memory_text(replay->story, telegram->code),
                                       .url = "",
                                       .body = bytes,
                                       .body_length = length,
                                       .received_at = sent,
                                       .control_time = sent,
                                       .outcome = OUTCOME_RECEIVED}};
    talloc_free(scratch);
}

static bool is_xml(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".xml") == 0;
}

/* A folder means every .xml below it. */
static void add_path(struct replay *replay, const char *path)
{
    struct stat info;
    if (stat(path, &info) < 0 || !S_ISDIR(info.st_mode)) {
        add_file(replay, path);
        return;
    }
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        const char *below = memory_printf(replay->story, "%s/%s", path, entries[i]->d_name);
        bool folder = stat(below, &info) == 0 && S_ISDIR(info.st_mode);
        if (entries[i]->d_name[0] != '.' && replay->count < PATHS_MAX &&
            (folder || is_xml(entries[i])))
            add_path(replay, below);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static int compare_time(const void *left, const void *right)
{
    const struct recorded *a = left, *b = right;
    if (a->telegram.control_time != b->telegram.control_time)
        return a->telegram.control_time < b->telegram.control_time ? -1 : 1;
    return strcmp(a->file, b->file);
}

static void print_json(json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    puts(text);
    free(text);
    json_decref(json);
}

static void print_alert(const struct replay *replay, const struct ingest_alert *item)
{
    const struct alert *alert = item->alert;
    char time[CLOCK_TEXT_BYTES];
    if (replay->as_json) {
        print_json(json_pack("{sssosiss?}", "type", "alert", "alert", alert_to_json(alert),
                             "deliveries", (int)item->deliveries, "withheld", item->withheld));
        return;
    }
    printf("%s  %-10s %-9s level %d  %s  %s%s%s\n", clock_format_jst(alert->issued_at, time),
           hazard_name(alert->hazard), alert_phase_name(alert->phase), alert->level,
           telegram_status_name(alert->status), alert->title_ja,
           item->withheld != NULL ? "  withheld: " : "",
           item->withheld != NULL ? item->withheld : "");
}

static void print_message(const struct replay *replay, const struct store_message *message)
{
    if (replay->as_json)
        print_json(json_pack("{ssssssssssss?ssssso?}", "type", "message", "id", message->id,
                             "alert_id", message->alert_id, "form", message->form, "languages",
                             message->languages, "subject", message->subject, "body", message->body,
                             "event_id", message->event_id, "told",
                             json_incref((json_t *)message->told)));
    else if (message->subject != NULL)
        printf("      message %s [%s] %s\n", message->id, message->languages, message->subject);
    else
        printf("      message %s [%s] %s\n", message->id, message->languages, message->form);
}

static void print_delivery(const struct replay *replay, const struct store_delivery *delivery,
                           const char *message_id)
{
    if (replay->as_json)
        print_json(json_pack("{sssssssssssisb}", "type", "delivery", "id", delivery->id, "alert_id",
                             delivery->alert_id, "message_id", message_id, "subscriber",
                             delivery->subscriber_id, "level", delivery->level, "drill",
                             delivery->drill));
    else
        printf("      to %s: %s\n", delivery->subscriber_id, delivery->id);
}

static int show_made(void *userdata, TALLOC_CTX *scratch, const struct store_delivery *delivery)
{
    struct replay *replay = userdata;
    struct store_message message;
    int r = store_get_message(replay->store, scratch, delivery->message, &message);
    if (r < 0)
        return r;
    if (delivery->message != replay->shown)
        print_message(replay, &message);
    replay->shown = delivery->message;
    print_delivery(replay, delivery, message.id);
    return 0;
}

static int show_result(struct replay *replay, const char *file, const struct ingest_result *result,
                       usec_t now)
{
    if (replay->as_json && file != NULL)
        print_json(json_pack("{ssssssss?ss?}", "type", "telegram", "file", file, "outcome",
                             telegram_outcome_name(result->outcome), "note", result->note, "notice",
                             result->notice));
    for (size_t i = 0; i < result->alert_count; i++)
        print_alert(replay, &result->alerts[i]);
    if (!replay->as_json && result->notice != NULL)
        printf("      for operators: %s\n", result->notice);
    replay->shown = 0;
    return rehearsal_deliver(&replay->ingest, now, show_made, replay);
}

static void pace(const struct replay *replay, usec_t step)
{
    if (replay->speed <= 0 || step <= 0)
        return;
    fflush(stdout);
    double seconds = (double)step / (double)USEC_PER_SEC / replay->speed;
    const struct timespec wait = {.tv_sec = (time_t)seconds,
                                  .tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&wait, NULL);
}

static int expire_until(struct replay *replay, usec_t now)
{
    TALLOC_CTX *scratch = talloc_new(replay->story);
    struct ingest_result result;
    int r = ingest_expired(scratch, &replay->ingest, now, &result);
    if (r >= 0)
        r = show_result(replay, NULL, &result, now);
    talloc_free(scratch);
    return r;
}

static int play_one(struct replay *replay, const struct recorded *recorded)
{
    TALLOC_CTX *scratch = talloc_new(replay->story);
    struct problems *problems = problems_new(scratch);
    struct ingest_result result;
    bool fresh;
    usec_t now = recorded->telegram.control_time;
    int r = expire_until(replay, now);
    if (r >= 0)
        r = store_put_telegram(replay->store, &recorded->telegram, &fresh);
    if (r >= 0)
        r = ingest_telegram(scratch, &replay->ingest, &recorded->telegram, now, problems, &result);
    if (r >= 0)
        r = show_result(replay, recorded->file, &result, now);
    problems_print(problems, stderr);
    talloc_free(scratch);
    return r;
}

static int play(struct replay *replay)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < replay->count; i++) {
        if (i > 0)
            pace(replay, replay->telegrams[i].telegram.control_time -
                             replay->telegrams[i - 1].telegram.control_time);
        r = play_one(replay, &replay->telegrams[i]);
    }
    return r;
}

static int prepare(struct replay *replay)
{
    struct problems *problems = problems_new(replay->story);
    int owner;
    int r = store_open(replay->story, ":memory:", problems, &owner, &replay->store);
    problems_print(problems, stderr);
    if (r >= 0)
        r = subscribers_new(replay->story, replay->config, replay->store, &replay->subscribers);
    if (r < 0)
        return r;
    replay->ingest = (struct ingest){.store = replay->store,
                                     .areas = replay->config->areas,
                                     .catalogue = replay->config->catalogue,
                                     .audience = subscribers_audience(replay->subscribers),
                                     .operator_name = replay->config->operator_name,
                                     .page_url = replay->config->page_url,
                                     .quake_age_max = replay->config->quake_age_max};
    return 0;
}

/* The telegrams collected so far, on an empty store, and forgets them. */
static int replay_story(struct replay *replay)
{
    if (replay->count > 0)
        qsort(replay->telegrams, replay->count, sizeof(*replay->telegrams), compare_time);
    int r = prepare(replay);
    if (r >= 0)
        r = replay->deliver ? 0 : play(replay);
    for (size_t i = 0; r >= 0 && replay->deliver && i < replay->count; i++) {
        if (i > 0)
            pace(replay, replay->telegrams[i].telegram.control_time -
                             replay->telegrams[i - 1].telegram.control_time);
        r = replay_send(replay->story, replay->config, replay->telegrams[i].file);
    }
    if (r < 0)
        fprintf(stderr, "noroshi replay: %s\n", strerror(-r));
    store_close(replay->store);
    TALLOC_FREE(replay->story);
    replay->telegrams = NULL;
    replay->count = 0;
    return r;
}

static int replay_paths(struct replay *replay, char **paths, int count)
{
    int r = 0;
    for (int i = 0; r >= 0 && i < count; i++) {
        if (replay->story == NULL)
            replay->story = talloc_new(replay->context);
        add_path(replay, paths[i]);
        if (replay->alone || i == count - 1)
            r = replay_story(replay);
    }
    return r;
}

int cli_replay(int argc, char **argv)
{
    const char *file = NULL, *speed = NULL;
    struct replay replay = {.fine = true};
    const struct option_row rows[] = {
        {"config", "FILE", "subscribers, areas and messages", &file, NULL},
        {"json", NULL, "one JSON object a line", NULL, &replay.as_json},
        {"speed", "N", "N times as fast as it happened (default: at once)", &speed, NULL},
        {"alone", NULL, "each PATH by itself, on an empty store", NULL, &replay.alone},
        {"deliver", NULL, "really send, as drills, through the running daemon", NULL,
         &replay.deliver}};
    int first = options_read(
        argc, argv,
        "noroshi replay [--config FILE] [--json] [--speed N] [--alone] [--deliver] PATH…", rows, 5);
    if (first < 0)
        return options_exit(first);
    if (first == argc) {
        fprintf(stderr, "noroshi replay: name telegram files or folders\n");
        return EXIT_USAGE;
    }
    replay.context = talloc_new(NULL);
    replay.speed = speed != NULL ? strtod(speed, NULL) : 0;
    replay.config = cli_load_config(replay.context, file);
    int r = replay.config != NULL ? 0 : -EINVAL;
    if (r >= 0)
        r = replay_paths(&replay, argv + first, argc - first);
    talloc_free(replay.context);
    return r < 0 || !replay.fine ? EXIT_FAILED : EXIT_FINE;
}
