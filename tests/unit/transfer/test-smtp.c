/* Sessions against scripts, with the server's bytes cut at every place; and replies. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <setjmp.h>
#include <cmocka.h>
#include "base/memory.h"
#include "transfer/smtp_reply.h"
#include "transfer/smtp_session.h"

#define NOW          ((usec_t)1000000)
#define MAILS_MAX    4
#define TOLD_MAX     512
#define WHOLE        SIZE_MAX
#define BYTE_BY_BYTE (SIZE_MAX - 1)

/* What the client must have said since the last row, and what the server then says. */
struct row {
    const char *said, *answer;
};
struct script {
    struct smtp_settings settings;
    struct smtp_mail mails[MAILS_MAX];
    const struct row *rows;
    const char *ends; /* "to failure status enhanced[ unsent];" in the order of the ends */
    enum transfer_failure failure;
    bool quit, open; /* says QUIT when done; is not over at the end */
};

struct run {
    const struct script *script;
    struct smtp_session *session;
    struct smtp_mail mails[MAILS_MAX];
    size_t given, fed, cut;
    char said[8192], told[TOLD_MAX];
};

static void on_ended(void *userdata, struct smtp_mail *mail)
{
    struct run *run = userdata;
    size_t used = strlen(run->told);
    snprintf(run->told + used, TOLD_MAX - used, "%s %d %d %s%s;", mail->to, (int)mail->failure,
             mail->status, mail->enhanced, mail->unsent ? " unsent" : "");
    assert_int_equal(mail->error[0] == '\0', mail->failure == TRANSFER_OK && mail->status < 400);
    assert_null(strchr(mail->error, '@'));
}

static void listen_to(struct run *run)
{
    size_t length, used = strlen(run->said);
    while (run->given < MAILS_MAX && run->mails[run->given].to != NULL &&
           smtp_session_room(run->session))
        smtp_session_give(run->session, &run->mails[run->given++]);
    const char *bytes = smtp_session_output(run->session, &length);
    assert_true(used + length < sizeof(run->said));
    memcpy(run->said + used, bytes, length);
    smtp_session_wrote(run->session, length);
}

static void feed(struct run *run, const char *bytes, size_t length)
{
    if (length > 0)
        smtp_session_take(run->session, bytes, length, NOW);
    if (smtp_session_phase(run->session) == SMTP_SECURING)
        smtp_session_secured(run->session);
    listen_to(run);
}

static void answer(struct run *run, const char *text)
{
    size_t length = strlen(text), first = length;
    if (run->cut == BYTE_BY_BYTE) {
        for (size_t i = 0; i < length; i++)
            feed(run, text + i, 1);
        return;
    }
    if (run->cut > run->fed && run->cut < run->fed + length)
        first = run->cut - run->fed;
    feed(run, text, first);
    feed(run, text + first, length - first);
    run->fed += length;
}

static void play(const struct script *script, size_t cut)
{
    struct run *run = memory_new(NULL, struct run);
    struct smtp_settings settings = script->settings;
    settings.ended = on_ended;
    settings.userdata = run;
    settings.own_name = "me.test";
    run->script = script;
    run->cut = cut;
    memcpy(run->mails, script->mails, sizeof(run->mails));
    run->session = smtp_session_new(run, &settings);
    for (const struct row *row = script->rows; row->said != NULL; row++) {
        assert_string_equal(run->said, row->said);
        run->said[0] = '\0';
        memset(run->said, 0, sizeof(run->said));
        answer(run, row->answer);
    }
    if (script->quit) {
        smtp_session_quit(run->session);
        assert_false(smtp_session_room(run->session));
        listen_to(run);
        assert_string_equal(run->said, "QUIT\r\n");
        answer(run, "221 bye\r\n");
    } else {
        assert_string_equal(run->said, "");
    }
    const char *error;
    assert_int_equal(smtp_session_phase(run->session) != SMTP_ENDED, script->open);
    assert_string_equal(run->told, script->ends);
    assert_int_equal(smtp_session_failure(run->session, &error), script->failure);
    talloc_free(run);
}

/* At every place where the bytes can be cut in two, whole, and one by one. */
static void play_all(const struct script *script)
{
    size_t length = 0;
    for (const struct row *row = script->rows; row->said != NULL; row++)
        length += strlen(row->answer);
    for (size_t cut = 0; cut <= length; cut++)
        play(script, cut);
    play(script, WHOLE);
    play(script, BYTE_BY_BYTE);
}

#define MAIL(reader)                                                                               \
    {                                                                                              \
        .from = "us@a.test", .to = (reader), .body = "Subject: x\r\n\r\nhi\r\n", .length = 18      \
    }
#define ENVELOPE(reader) "MAIL FROM:<us@a.test>\r\nRCPT TO:<" reader ">\r\nDATA\r\n"
#define TEXT             "Subject: x\r\n\r\nhi\r\n.\r\n"
#define PIPELINES        "250-relay\r\n250 PIPELINING\r\n"

static void the_next_envelope_goes_with_the_text_before_it(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "220-relay.test\r\n220 ESMTP\r\n"},
        {"EHLO me.test\r\n", PIPELINES},
        {ENVELOPE("a@x"), "250 ok\r\n250 ok\r\n354 go\r\n"},
        {TEXT ENVELOPE("b@x"), "250 2.0.0 taken\r\n250 ok\r\n550 5.1.1 no\r\n503 no readers\r\n"},
        {"RSET\r\n" ENVELOPE("c@x"), "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"},
        {TEXT, "451 4.3.0 later\r\n"},
        {NULL, NULL}};
    const struct script script = {.mails = {MAIL("a@x"), MAIL("b@x"), MAIL("c@x")},
                                  .rows = rows,
                                  .ends = "a@x 0 250 2.0.0;b@x 0 550 5.1.1;c@x 0 451 4.3.0;",
                                  .quit = true};
    play_all(&script);
}

static void without_pipelining_each_command_waits(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "220 relay\r\n"},
        {"EHLO me.test\r\n", "250-relay\r\n250-SIZE 1000\r\n250 ENHANCEDSTATUSCODES\r\n"},
        {"MAIL FROM:<us@a.test> SIZE=18\r\n", "250 ok\r\n"},
        {"RCPT TO:<a@x>\r\n", "450 4.2.0 later\r\n"},
        {"RSET\r\n", "250 ok\r\n"},
        {"MAIL FROM:<us@a.test> SIZE=18\r\n", "250 ok\r\n"},
        {"RCPT TO:<b@x>\r\n", "251 forwarded\r\n"},
        {"DATA\r\n", "354 go\r\n"},
        {TEXT, "250 ok\r\n"},
        {NULL, NULL}};
    const struct script script = {.mails = {MAIL("a@x"), MAIL("b@x")},
                                  .rows = rows,
                                  .ends = "a@x 0 450 4.2.0;b@x 0 250 ;",
                                  .quit = true};
    play_all(&script);
}

static void a_lone_dot_ends_what_nobody_shall_get(void **state)
{
    (void)state;
    static const struct row rows[] = {{"", "220 relay\r\n"},
                                      {"EHLO me.test\r\n", PIPELINES},
                                      {ENVELOPE("a@x"), "250 ok\r\n550 no\r\n354 go\r\n"},
                                      {".\r\n", "554 no valid recipients\r\n"},
                                      {ENVELOPE("b@x"), "250 ok\r\n250 ok\r\n354 go\r\n"},
                                      {TEXT, "250 ok\r\n"},
                                      {NULL, NULL}};
    const struct script script = {.mails = {MAIL("a@x"), MAIL("b@x")},
                                  .rows = rows,
                                  .ends = "a@x 0 550 ;b@x 0 250 ;",
                                  .quit = true};
    play_all(&script);
}

static void our_own_sender_refused_is_not_the_readers_fault(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "220 relay\r\n"},
        {"EHLO me.test\r\n", PIPELINES},
        {ENVELOPE("a@x"), "553 not you\r\n503 no\r\n503 no\r\n"},
        {"RSET\r\n" ENVELOPE("b@x"), "250 ok\r\n451 4.7.1 busy\r\n503 no\r\n503 no\r\n"},
        {"RSET\r\n" ENVELOPE("c@x"), "250 ok\r\n552 5.3.4 too large\r\n503 no\r\n503 no\r\n"},
        {NULL, NULL}};
    char ends[128];
    snprintf(ends, sizeof(ends), "a@x %d 0 ;b@x 0 451 4.7.1;c@x 0 552 5.3.4;", TRANSFER_OTHER);
    const struct script script = {
        .mails = {MAIL("a@x"), MAIL("b@x"), MAIL("c@x")}, .rows = rows, .ends = ends, .quit = true};
    play_all(&script);
}

static void lmtp_is_spoken_too(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "220 lmtp\r\n"},
        {"LHLO me.test\r\n", PIPELINES},
        {ENVELOPE("a@x"), "250 ok\r\n250 ok\r\n354 go\r\n"},
        {TEXT ENVELOPE("b@x"), "452 4.2.2 full\r\n250 ok\r\n550 5.1.1 no\r\n503 5.5.1 no\r\n"},
        {NULL, NULL}};
    const struct script script = {.settings.lmtp = true,
                                  .mails = {MAIL("a@x"), MAIL("b@x")},
                                  .rows = rows,
                                  .ends = "a@x 0 452 4.2.2;b@x 0 550 5.1.1;",
                                  .quit = true};
    play_all(&script);
}

static void the_text_of_421_is_known_everywhere(void **state)
{
    (void)state;
    static const struct row between[] = {
        {"", "220 relay\r\n"},
        {"EHLO me.test\r\n", PIPELINES},
        {ENVELOPE("a@x"), "250 ok\r\n250 ok\r\n354 go\r\n"},
        {TEXT ENVELOPE("b@x"), "250 ok\r\n421 4.7.0 too many mails\r\n"},
        {NULL, NULL}};
    struct script script = {.mails = {MAIL("a@x"), MAIL("b@x")},
                            .rows = between,
                            .ends = "a@x 0 250 ;b@x 0 421 4.7.0 unsent;"};
    play_all(&script);
    static const struct row after_text[] = {{"", "220 relay\r\n"},
                                            {"EHLO me.test\r\n", PIPELINES},
                                            {ENVELOPE("a@x"), "250 ok\r\n250 ok\r\n354 go\r\n"},
                                            {TEXT ENVELOPE("b@x"), "421 4.3.2 going down\r\n"},
                                            {NULL, NULL}};
    char ends[128];
    snprintf(ends, sizeof(ends), "a@x 0 421 4.3.2;b@x %d 0  unsent;", TRANSFER_CUT);
    script.rows = after_text;
    script.ends = ends;
    play_all(&script);
    static const struct row idle[] = {{"", "220 relay\r\n"},
                                      {"EHLO me.test\r\n", PIPELINES},
                                      {"", "421 4.4.2 idle\r\n"},
                                      {NULL, NULL}};
    const struct script waiting = {.rows = idle, .ends = ""};
    play_all(&waiting);
}

static void a_session_that_is_refused_says_which_part(void **state)
{
    (void)state;
    static const struct row closed[] = {{"", "554 5.3.2 closed\r\n"}, {NULL, NULL}};
    static const struct row busy[] = {{"", "421 busy\r\n"}, {NULL, NULL}};
    static const struct row no_tls[] = {
        {"", "220 x\r\n"}, {"EHLO me.test\r\n", PIPELINES}, {NULL, NULL}};
    static const struct row tls_refused[] = {{"", "220 x\r\n"},
                                             {"EHLO me.test\r\n", "250-x\r\n250 STARTTLS\r\n"},
                                             {"STARTTLS\r\n", "454 not now\r\n"},
                                             {NULL, NULL}};
    static const struct row injected[] = {{"", "220 x\r\n"},
                                          {"EHLO me.test\r\n", "250-x\r\n250 STARTTLS\r\n"},
                                          {"STARTTLS\r\n", "220 go\r\n250 injected\r\n"},
                                          {NULL, NULL}};
    const struct script scripts[] = {
        {.rows = closed, .ends = "", .failure = TRANSFER_OTHER},
        {.rows = busy, .ends = "", .failure = TRANSFER_OTHER},
        {.settings.starttls = true, .rows = no_tls, .ends = "", .failure = TRANSFER_TLS},
        {.settings.starttls = true, .rows = tls_refused, .ends = "", .failure = TRANSFER_TLS},
    };
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        play_all(&scripts[i]);
    /* Only what comes in one piece can stand before the handshake; later it is no TLS record. */
    const struct script slipped_in = {
        .settings.starttls = true, .rows = injected, .ends = "", .failure = TRANSFER_TLS};
    play(&slipped_in, WHOLE);
}

static void after_starttls_everything_is_asked_again(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "220 relay\r\n"},
        {"EHLO me.test\r\n", "250-relay\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n"},
        {"STARTTLS\r\n", "220 go\r\n"},
        {"EHLO me.test\r\n", "250-relay\r\n250 AUTH GSSAPI LOGIN\r\n"},
        {"AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n"},
        {"dXNlcg==\r\n", "334 UGFzc3dvcmQ6\r\n"},
        {"Z29vZA==\r\n", "235 2.7.0 welcome\r\n"},
        {"MAIL FROM:<us@a.test>\r\n", "250 ok\r\n"},
        {"RCPT TO:<a@x>\r\n", "250 ok\r\n"},
        {"DATA\r\n", "354 go\r\n"},
        {TEXT, "250 ok\r\n"},
        {NULL, NULL}};
    const struct script script = {
        .settings = {.starttls = true, .user = "user", .password = "good"},
        .mails = {MAIL("a@x")},
        .rows = rows,
        .ends = "a@x 0 250 ;",
        .quit = true};
    play_all(&script);
}

static void a_log_in_that_fails_ends_the_session(void **state)
{
    (void)state;
    static const struct row wrong[] = {{"", "220 x\r\n"},
                                       {"EHLO me.test\r\n", "250-x\r\n250 AUTH LOGIN PLAIN\r\n"},
                                       {"AUTH PLAIN AHVzZXIAZ29vZA==\r\n", "535 5.7.8 wrong\r\n"},
                                       {NULL, NULL}};
    static const struct row unknown[] = {
        {"", "220 x\r\n"}, {"EHLO me.test\r\n", "250-x\r\n250 AUTH CRAM-MD5\r\n"}, {NULL, NULL}};
    const struct smtp_settings settings = {.user = "user", .password = "good"};
    const struct script first = {
        .settings = settings, .rows = wrong, .ends = "", .failure = TRANSFER_OTHER};
    const struct script second = {
        .settings = settings, .rows = unknown, .ends = "", .failure = TRANSFER_OTHER};
    play_all(&first);
    play_all(&second);
}

static void an_old_server_is_greeted_the_old_way(void **state)
{
    (void)state;
    static const struct row rows[] = {{"", "220 x\r\n"},
                                      {"EHLO me.test\r\n", "502 what?\r\n"},
                                      {"HELO me.test\r\n", "250 x\r\n"},
                                      {NULL, NULL}};
    const struct script script = {.rows = rows, .ends = "", .quit = true};
    play_all(&script);
}

static void what_is_no_smtp_ends_the_session(void **state)
{
    (void)state;
    static const char *const nonsense[] = {"HTTP/1.1 400 Bad Request\r\n",
                                           "250 out of order\r\n199 x\r\n",
                                           "220 bare\n",
                                           "220 bare\rx\r\n",
                                           "22\r\n",
                                           "2200 x\r\n",
                                           "220-x\r\n221 y\r\n",
                                           "600 x\r\n",
                                           "\r\n"};
    for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
        const struct row rows[] = {{"", nonsense[i]}, {NULL, NULL}};
        /* "250" is a reply, but no greeting. */
        const struct script script = {.rows = rows,
                                      .ends = "",
                                      .failure = nonsense[i][0] == '2' && nonsense[i][1] == '5'
                                                     ? TRANSFER_OTHER
                                                     : TRANSFER_CUT};
        play_all(&script);
    }
    static const struct row unasked[] = {
        {"", "220 relay\r\n"}, {"EHLO me.test\r\n", PIPELINES "250 more\r\n"}, {NULL, NULL}};
    const struct script script = {.rows = unasked, .ends = "", .failure = TRANSFER_CUT};
    play_all(&script);
    static const struct row early[] = {{"", "220 relay\r\n"},
                                       {"EHLO me.test\r\n", PIPELINES},
                                       {ENVELOPE("a@x"), "250 ok\r\n250 ok\r\n250 taken?\r\n"},
                                       {NULL, NULL}};
    char ends[64];
    snprintf(ends, sizeof(ends), "a@x %d 0  unsent;", TRANSFER_CUT);
    const struct script taken_early = {
        .mails = {MAIL("a@x")}, .rows = early, .ends = ends, .failure = TRANSFER_CUT};
    play_all(&taken_early);
}

static void what_the_server_cannot_take_is_not_sent(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "220 x\r\n"}, {"EHLO me.test\r\n", "250-x\r\n250 SIZE 17\r\n"}, {NULL, NULL}};
    static const struct row small[] = {
        {"", "220 x\r\n"}, {"EHLO me.test\r\n", "250-x\r\n250 SIZE 0\r\n"}, {NULL, NULL}};
    struct smtp_mail mail = MAIL("a@x");
    char ends[64];
    snprintf(ends, sizeof(ends), "a@x %d 0 ;", TRANSFER_BAD_REQUEST);
    struct script script = {.mails = {mail}, .rows = rows, .ends = ends, .quit = true};
    play_all(&script);
    script.rows = small;
    script.mails[0].body = "caf\xc3\xa9\r\n";
    script.mails[0].length = 7;
    play_all(&script);
    script.mails[0] = mail;
    script.mails[0].from = "\xe7\x81\xab@a.test";
    play_all(&script);
}

static void what_it_can_take_is_said_with_the_sender(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"", "220 x\r\n"},
        {"EHLO me.test\r\n", "250-x\r\n250-8bitmime\r\n250-SMTPUTF8\r\n250 SIZE\r\n"},
        {"MAIL FROM:<\xe7\x81\xab@a.test> SIZE=7 BODY=8BITMIME SMTPUTF8\r\n", "250 ok\r\n"},
        {"RCPT TO:<a@x>\r\n", "250 ok\r\n"},
        {"DATA\r\n", "354 go\r\n"},
        {"caf\xc3\xa9\r\n.\r\n", "250 ok\r\n"},
        {NULL, NULL}};
    const struct script script = {.mails = {{.from = "\xe7\x81\xab@a.test",
                                             .to = "a@x",
                                             .body = "caf\xc3\xa9\r\n",
                                             .length = 7}},
                                  .rows = rows,
                                  .ends = "a@x 0 250 ;",
                                  .quit = true};
    play_all(&script);
}

static void dots_are_doubled_and_the_last_line_has_its_end(void **state)
{
    (void)state;
    static const char *const texts[][2] = {
        {"a\r\n", "a\r\n.\r\n"},
        {"a", "a\r\n.\r\n"},
        {".\r\n", "..\r\n.\r\n"},
        {"..", "...\r\n.\r\n"},
        {"a.\r\n.b\r\n.\r\n.\r\nc", "a.\r\n..b\r\n..\r\n..\r\nc\r\n.\r\n"},
        {"\r\n.\r\n", "\r\n..\r\n.\r\n"}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct row rows[] = {{"", "220 x\r\n"},
                                   {"EHLO me.test\r\n", PIPELINES},
                                   {ENVELOPE("a@x"), "250 ok\r\n250 ok\r\n354 go\r\n"},
                                   {texts[i][1], "250 ok\r\n"},
                                   {NULL, NULL}};
        const struct script script = {.mails = {{.from = "us@a.test",
                                                 .to = "a@x",
                                                 .body = texts[i][0],
                                                 .length = strlen(texts[i][0])}},
                                      .rows = rows,
                                      .ends = "a@x 0 250 ;",
                                      .quit = true};
        play_all(&script);
    }
}

static void a_mail_that_expired_meanwhile_is_never_begun(void **state)
{
    (void)state;
    static const struct row rows[] = {{"", "220 x\r\n"},
                                      {"EHLO me.test\r\n", PIPELINES},
                                      {ENVELOPE("a@x"), "250 ok\r\n250 ok\r\n354 go\r\n"},
                                      {NULL, NULL}};
    struct smtp_mail mail = MAIL("a@x");
    mail.expires_at = NOW;
    char ends[64];
    snprintf(ends, sizeof(ends), "a@x %d 0 ;", TRANSFER_EXPIRED);
    const struct script script = {.mails = {mail}, .rows = rows, .ends = ends};
    play_all(&script);
}

static void a_cut_tells_begun_mails_from_unsent_ones(void **state)
{
    (void)state;
    static const char talk[] = "220 x\r\n" PIPELINES "250 ok\r\n250 ok\r\n354 go\r\n";
    struct run *run = memory_new(NULL, struct run);
    const struct smtp_settings settings = {
        .own_name = "me.test", .ended = on_ended, .userdata = run};
    run->mails[0] = (struct smtp_mail)MAIL("a@x");
    run->mails[1] = (struct smtp_mail)MAIL("b@x");
    run->session = smtp_session_new(run, &settings);
    feed(run, talk, 7);
    feed(run, talk + 7, sizeof(talk) - 1 - 7 - 24);
    feed(run, talk + sizeof(talk) - 1 - 24, 24);
    assert_int_equal(smtp_session_mails(run->session), 2);
    smtp_session_close(run->session, TRANSFER_CUT, NULL);
    char ends[64];
    snprintf(ends, sizeof(ends), "a@x %d 0 ;b@x %d 0  unsent;", TRANSFER_CUT, TRANSFER_CUT);
    assert_string_equal(run->told, ends);
    assert_int_equal(smtp_session_mails(run->session), 0);
    talloc_free(run);
}

static void a_text_that_waits_to_be_written_may_still_expire(void **state)
{
    (void)state;
    struct run *run = memory_new(NULL, struct run);
    const struct smtp_settings settings = {
        .own_name = "me.test", .ended = on_ended, .userdata = run};
    struct smtp_mail mail = MAIL("a@x");
    mail.expires_at = NOW + 10;
    run->session = smtp_session_new(run, &settings);
    feed(run, "220 x\r\n250 x\r\n", 7);
    feed(run, "250 x\r\n", 7);
    smtp_session_give(run->session, &mail);
    smtp_session_take(run->session, "250 ok\r\n", 8, NOW);
    smtp_session_take(run->session, "250 ok\r\n", 8, NOW);
    smtp_session_take(run->session, "354 go\r\n", 8, NOW);
    assert_true(smtp_session_may_write(run->session, NOW + 9));
    assert_false(smtp_session_may_write(run->session, NOW + 10));
    char ends[64];
    snprintf(ends, sizeof(ends), "a@x %d 0 ;", TRANSFER_EXPIRED);
    assert_string_equal(run->told, ends);
    assert_int_equal(smtp_session_phase(run->session), SMTP_ENDED);
    talloc_free(run);
}

/* ---- replies ---- */

static void a_reply_is_read_when_it_is_whole(void **state)
{
    (void)state;
    static const char text[] = "250-first\r\n250-\r\n250 last\r\n220 next\r\n";
    struct smtp_reply reply;
    size_t used, whole = 27;
    for (size_t length = 0; length < whole; length++)
        assert_int_equal(smtp_reply_read(text, length, &reply, &used), -EAGAIN);
    assert_int_equal(smtp_reply_read(text, sizeof(text) - 1, &reply, &used), 0);
    assert_int_equal(used, whole);
    assert_int_equal(reply.code, 250);
    assert_int_equal(reply.lines, 3);
    assert_int_equal(reply.text_length, 5);
    const char *line;
    assert_int_equal(smtp_reply_line(text, &reply, 1, &line), 0);
    assert_int_equal(smtp_reply_line(text, &reply, 2, &line), 4);
    assert_memory_equal(line, "last", 4);
    assert_int_equal(smtp_reply_read("354\r\n", 5, &reply, &used), 0);
    assert_int_equal(reply.text_length, 0);
}

static void an_enhanced_code_belongs_to_its_class(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"550 5.1.1 x\r\n", "5.1.1"},
        {"550 5.1.1\r\n", "5.1.1"},
        {"550 4.1.1 x\r\n", ""},
        {"550 5.1 x\r\n", ""},
        {"550 5.123.999 x\r\n", "5.123.999"},
        {"550 5.1234.1 x\r\n", ""},
        {"550 5.1.1x\r\n", ""},
        {"550 5..1 x\r\n", ""},
        {"550-5.7.1 a\r\n550 5.1.1 b\r\n", "5.7.1"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct smtp_reply reply;
        size_t used;
        assert_int_equal(smtp_reply_read(rows[i][0], strlen(rows[i][0]), &reply, &used), 0);
        assert_string_equal(reply.enhanced, rows[i][1]);
    }
}

static void a_reply_without_end_is_refused(void **state)
{
    (void)state;
    struct smtp_reply reply;
    size_t used;
    char *line = memory_array(NULL, char, SMTP_REPLY_BYTES_MAX * 2);
    memset(line, 'x', SMTP_REPLY_BYTES_MAX * 2);
    memcpy(line, "250 ", 4);
    assert_int_equal(smtp_reply_read(line, SMTP_REPLY_LINE_MAX - 1, &reply, &used), -EAGAIN);
    assert_int_equal(smtp_reply_read(line, SMTP_REPLY_LINE_MAX, &reply, &used), -EBADMSG);
    size_t length = 0;
    for (size_t i = 0; i < SMTP_REPLY_LINES_MAX; i++, length += 6)
        memcpy(line + length, "250-\r\n", 6);
    assert_int_equal(smtp_reply_read(line, length - 6, &reply, &used), -EAGAIN);
    assert_int_equal(smtp_reply_read(line, length, &reply, &used), -EBADMSG);
    talloc_free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_envelope_goes_with_the_text_before_it),
        cmocka_unit_test(without_pipelining_each_command_waits),
        cmocka_unit_test(a_lone_dot_ends_what_nobody_shall_get),
        cmocka_unit_test(our_own_sender_refused_is_not_the_readers_fault),
        cmocka_unit_test(lmtp_is_spoken_too),
        cmocka_unit_test(the_text_of_421_is_known_everywhere),
        cmocka_unit_test(a_session_that_is_refused_says_which_part),
        cmocka_unit_test(after_starttls_everything_is_asked_again),
        cmocka_unit_test(a_log_in_that_fails_ends_the_session),
        cmocka_unit_test(an_old_server_is_greeted_the_old_way),
        cmocka_unit_test(what_is_no_smtp_ends_the_session),
        cmocka_unit_test(what_the_server_cannot_take_is_not_sent),
        cmocka_unit_test(what_it_can_take_is_said_with_the_sender),
        cmocka_unit_test(dots_are_doubled_and_the_last_line_has_its_end),
        cmocka_unit_test(a_mail_that_expired_meanwhile_is_never_begun),
        cmocka_unit_test(a_cut_tells_begun_mails_from_unsent_ones),
        cmocka_unit_test(a_text_that_waits_to_be_written_may_still_expire),
        cmocka_unit_test(a_reply_is_read_when_it_is_whole),
        cmocka_unit_test(an_enhanced_code_belongs_to_its_class),
        cmocka_unit_test(a_reply_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
