/* libFuzzer target: a mail relay's bytes to replies and to a whole session.
 *
 * The first byte chooses the session's settings and how the bytes are cut; the rest is what the
 * relay says, whatever it was asked. */
#include <string.h>

#include "base/memory.h"
#include "fuzz.h"
#include "transfer/smtp_session.h"

#define MAILS 4
#define NOW   ((usec_t)1000)

struct watch {
    struct smtp_mail mails[MAILS];
    int ended[MAILS];
};

static void check_reply(const uint8_t *data, size_t size)
{
    struct smtp_reply reply;
    size_t used;
    if (smtp_reply_read((const char *)data, size, &reply, &used) < 0)
        return;
    fuzz_must(reply.code >= 200 && reply.code <= 599, "code %d", reply.code);
    fuzz_must(used >= 5 && used <= size && data[used - 1] == '\n', "used %zu", used);
    fuzz_must(strlen(reply.enhanced) < sizeof(reply.enhanced), "a long enhanced code");
    for (size_t i = 0; i < reply.lines; i++) {
        const char *text;
        size_t length = smtp_reply_line((const char *)data, &reply, i, &text);
        fuzz_must(text + length <= (const char *)data + used, "line %zu ends outside", i);
    }
}

static void on_ended(void *userdata, struct smtp_mail *mail)
{
    struct watch *watch = userdata;
    watch->ended[mail - watch->mails]++;
    bool fine = mail->failure == TRANSFER_OK && mail->status / 100 == 2;
    fuzz_must(fine == (mail->error[0] == '\0'), "an end without a word: %d %d", (int)mail->failure,
              mail->status);
    fuzz_must(!fine || mail->begun, "delivered without its text");
    fuzz_must(!mail->unsent || !mail->begun, "unsent, but begun");
}

/* Mails go in where there is room, and all that is said is written. */
static void go_on(struct smtp_session *session, struct watch *watch, size_t *given)
{
    size_t length;
    if (smtp_session_phase(session) == SMTP_SECURING)
        smtp_session_secured(session);
    while (*given < MAILS && smtp_session_room(session))
        smtp_session_give(session, &watch->mails[(*given)++]);
    const char *bytes = smtp_session_output(session, &length);
    for (size_t i = 0; i < length; i++)
        fuzz_must((bytes[i] != '\n' || (i > 0 && bytes[i - 1] == '\r')) && bytes[i] != '\0',
                  "a bare line end");
    smtp_session_wrote(session, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t manner = data[0];
    data++;
    size--;
    check_reply(data, size);
    TALLOC_CTX *context = talloc_new(NULL);
    struct watch *watch = memory_new(context, struct watch);
    const struct smtp_settings settings = {.lmtp = manner & 1,
                                           .starttls = manner & 2,
                                           .own_name = "me.test",
                                           .user = manner & 4 ? "user" : NULL,
                                           .password = "password",
                                           .ended = on_ended,
                                           .userdata = watch};
    for (size_t i = 0; i < MAILS; i++)
        watch->mails[i] = (struct smtp_mail){.from = "", .to = "a@x", .body = ".\r\n", .length = 3};
    struct smtp_session *session = smtp_session_new(context, &settings);
    size_t given = 0, step = manner >> 3 ? manner >> 3 : size;
    for (size_t at = 0; at < size; at += step) {
        smtp_session_take(session, (const char *)data + at, size - at < step ? size - at : step,
                          NOW);
        go_on(session, watch, &given);
    }
    smtp_session_close(session, TRANSFER_CUT, NULL);
    for (size_t i = 0; i < MAILS; i++)
        fuzz_must(watch->ended[i] == (i < given), "mail %zu ended %d times", i, watch->ended[i]);
    talloc_free(context);
    return 0;
}
