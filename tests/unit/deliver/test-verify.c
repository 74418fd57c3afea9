/* What other people's software reads in our mails and webhooks: writes a folder of them with what
 * each must hold, and lets tests/deliver/verify (Python) read it. */
#include "fixture.h"
#include <sys/wait.h>
#include <unistd.h>

#include "deliver/email.h"
#include "base/signature.h"
#include "deliver/webhook.h"

#define ID "msg_0123456789abcdef0123456789abcdef"

static char *folder;

static int make_folder(void **state)
{
    int r = make_context(state);
    folder = memory_text(context, "/tmp/noroshi-deliver-XXXXXX");
    return mkdtemp(folder) == NULL ? -1 : r;
}

static void run(const char *program, const char *const *arguments, int *ret_status)
{
    pid_t child = fork();
    if (child == 0) {
        execvp(program, (char *const *)arguments);
        _exit(127);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, ret_status, 0), child);
}

static int remove_folder(void **state)
{
    int status;
    const char *const arguments[] = {"rm", "-r", folder, NULL};
    run("rm", arguments, &status);
    return drop_context(state);
}

static void write_file(const char *name, const char *bytes, size_t length)
{
    FILE *file = fopen(memory_printf(context, "%s/%s", folder, name), "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static void write_json(const char *name, json_t *json)
{
    char *text = json_dumps(json, JSON_INDENT(1));
    assert_non_null(text);
    write_file(name, text, strlen(text));
    free(text);
    json_decref(json);
}

/* Python may be absent where only the daemon is built. */
static void verify(void)
{
    const char *root = getenv("NOROSHI_ROOT");
    int status;
    const char *const version[] = {"python3", "-c", "", NULL};
    run("python3", version, &status);
    if (root == NULL || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        print_message("skipped: it needs NOROSHI_ROOT and python3\n");
        skip();
    }
    const char *script = memory_printf(context, "%s/tests/deliver/verify", root);
    const char *const arguments[] = {"python3", script, folder, NULL};
    run("python3", arguments, &status);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

struct sample {
    const char *name, *subject, *to_name, *from_name;
    const char *root;
    bool drill;
    int level;
};

static json_t *headers_of(const struct sample *sample)
{
    json_t *headers =
        json_pack("[ssssssssssss]", "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted",
                  "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language",
                  "MIME-Version", "Content-Type");
    if (sample->root != NULL) {
        json_array_append_new(headers, json_string("In-Reply-To"));
        json_array_append_new(headers, json_string("References"));
    }
    if (sample->level >= 4 && !sample->drill)
        json_array_append_new(headers, json_string("Importance"));
    if (sample->drill)
        json_array_append_new(headers, json_string("X-Noroshi-Drill"));
    return headers;
}

/* What a reader must see: the text as given, without what text_clean takes away. */
static const char *seen(const char *text)
{
    return text_trim(context, text_clean(context, text, false));
}

static void write_mail(const struct sample *sample)
{
    const struct email_settings settings = {.from_name = sample->from_name,
                                            .from_address = "alerts@example.org",
                                            .list_id = "alerts.example.org",
                                            .unsubscribe_url = "https://example.org/u?t={token}",
                                            .unsubscribe_mail = "leave@example.org",
                                            .host = "mail.example.org"};
    const struct store_delivery delivery = {
        .id = ID, .level = sample->level, .drill = sample->drill};
    const struct store_message message = {.languages = "en,ja",
                                          .subject = sample->subject,
                                          .body = "Go now.\n\n高い所へ逃げて。🌊\n.\n--\n",
                                          .html = "<!DOCTYPE html>\n<p>高い所へ</p>\n"};
    char *text;
    size_t length;
    assert_int_equal(email_compose(context, &settings, "reader@example.com", sample->to_name, "en",
                                   &delivery, &message, sample->root, "s_1-abc", NOW, &text,
                                   &length),
                     0);
    write_file(memory_printf(context, "%s.eml", sample->name), text, length);
    write_json(memory_printf(context, "%s.json", sample->name),
               json_pack("{so,ss,s[ss],s[ss],ss,sI,ss,ss}", "headers", headers_of(sample),
                         "subject", seen(sample->subject), "from", seen(sample->from_name),
                         "alerts@example.org", "to", seen(sample->to_name), "reader@example.com",
                         "message_id", "<" ID "@mail.example.org>", "time",
                         (json_int_t)(NOW / USEC_PER_SEC), "plain", message.body, "html",
                         message.html));
}

static void python_reads_in_a_mail_what_was_meant(void **state)
{
    const struct sample samples[] = {
        {"plain", "Level 4: Tsunami Warning", "Aiko", "Noroshi", NULL, false, 4},
        {"thread", "Level 3", "", "Noroshi", "msg_root", false, 3},
        {"drill", "[DRILL] Level 5", "Aiko", "Noroshi", NULL, true, 5},
        {"japanese", "【訓練】大津波警報：輪島市、珠洲市", "太田 愛子", "狼煙", NULL, true, 5},
        {"nepali", repeated("श्रेणी ४ ठूलो वर्षा जोखिम चेतावनी ", 12), "आइको", "狼煙", NULL, false, 4},
        {"emoji", repeated("🌊", 100), repeated("👨‍👩‍👧", 30), "狼煙", NULL, false, 4},
        {"long", repeated("Warning ", 60), repeated("Long Name ", 30), "N.", NULL, false, 2},
        {"special", "a \"b\" <c@d>, (e); f: g", "Ōta, \"Aiko\" <x@y>", "a.b@c", NULL, false, 1},
        {"word", "=?UTF-8?B?QkNDOg==?= x", "=?UTF-8?Q?x?=", "=?", NULL, false, 1},
        {"controls", "a\r\nBcc: evil@example.net", "a\nTo: b@c.jp", "a\r\r\n\t b", "msg_r", false,
         4},
        {"separators",
         "a\xe2\x80\xa8"
         "b\xc2\x85"
         "c\xe2\x80\xae"
         "d",
         "a\xe2\x81\xa6"
         "b",
         "\xd8\x9c"
         "c",
         NULL, false, 4},
        {"broken",
         "a\xff"
         "b",
         "\x80\x80", "c\xe2\x80", NULL, false, 4},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
        write_mail(&samples[i]);
    verify();
}

static void write_request(const char *name, const struct alert *alert, size_t languages,
                          size_t size, const char *const *secrets)
{
    static const char *const tags[] = {"en", "ja", "ne", "vi", "ko", "zh-Hans", "zh-Hant"};
    const struct store_delivery delivery = {.id = ID};
    struct message **messages = memory_array(context, struct message *, languages);
    struct transfer_request request;
    char *secret = memory_text(context, "");
    json_t *headers = json_array(), *all = json_array();
    for (size_t i = 0; i < languages; i++)
        messages[i] = make_message(tags[i], size);
    for (size_t i = 0; secrets[i] != NULL; i++) {
        secret = memory_must(talloc_asprintf_append(secret, "%s ", secrets[i]));
        json_array_append_new(all, json_string(secrets[i]));
    }
    const char *body = webhook_body(context, NULL, alert, make_match(alert), messages, languages,
                                    "https://example.org/");
    assert_int_equal(webhook_request(context, signer_new(context), "https://hotel.example/", secret,
                                     &delivery, body, NOW, &request),
                     0);
    for (size_t i = 0; request.headers[i] != NULL; i++)
        json_array_append_new(headers, json_string(request.headers[i]));
    write_file(memory_printf(context, "%s.request", name), request.body, request.body_length);
    write_json(memory_printf(context, "%s.json", name),
               json_pack("{so,so}", "headers", headers, "secrets", all));
}

static void python_verifies_every_webhook_and_its_shape(void **state)
{
    const char *const one[] = {signature_secret_new(context), NULL};
    const char *const two[] = {signature_secret_new(context), signature_secret_new(context), NULL};
    struct alert *alert = make_alert(1, 1);
    const struct alert_quake quake = {.origin_time = NOW,
                                      .epicenter_code = "390",
                                      .epicenter_ja = "石川県能登地方",
                                      .latitude = 37.5,
                                      .longitude = 137.2,
                                      .depth_km = 10,
                                      .magnitude = 7.6,
                                      .max_intensity = "7",
                                      .tsunami_judgement = "in-force"};
    (void)state;
    write_request("tsunami", alert, 1, 1, one);
    write_request("many", make_alert(200, 200), 7, 3, two);
    write_request("nothing", make_alert(0, 0), 1, 0, one);
    alert->hazard = HAZARD_EARTHQUAKE;
    alert->quake = &quake;
    for (int phase = 0; phase < PHASE_COUNT; phase++) {
        alert->phase = (enum alert_phase)phase;
        alert->status = phase % 2 == 0 ? STATUS_ACTUAL : STATUS_EXERCISE;
        write_request(memory_printf(context, "phase-%d", phase), alert, 2, 1, one);
    }
    for (int hazard = 0; hazard < HAZARD_COUNT; hazard++) {
        alert->hazard = (enum hazard)hazard;
        alert->level = hazard % 6;
        alert->status = STATUS_TEST;
        write_request(memory_printf(context, "hazard-%d", hazard), alert, 1, 1, one);
    }
    verify();
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(python_reads_in_a_mail_what_was_meant),
        IN_FOLDER(python_verifies_every_webhook_and_its_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
