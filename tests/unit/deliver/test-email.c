/* Mails byte by byte: the headers that must be there and no others, whatever stands in the fields
 * (reliability test 51). What other software reads in them is checked by test-verify.c. */
#include "fixture.h"
#include "deliver/email.h"

#define ID "msg_0123456789abcdef0123456789abcdef"

static struct email_settings make_settings(void)
{
    return (struct email_settings){.relay_url = "smtp://relay.example:587",
                                   .security = MAIL_STARTTLS,
                                   .user = "noroshi",
                                   .password = "secret",
                                   .from_name = "Noroshi 狼煙",
                                   .from_address = "alerts@example.org",
                                   .envelope_from = "bounces@example.org",
                                   .list_id = "alerts.example.org",
                                   .unsubscribe_url = "https://example.org/u?t={token}",
                                   .unsubscribe_mail = "leave@example.org",
                                   .host = "mail.example.org"};
}

struct mail {
    struct email_settings settings;
    const char *to_address, *to_name, *language, *root, *token;
    struct store_delivery delivery;
    struct store_message message;
};

static struct mail make_mail(void)
{
    return (struct mail){.settings = make_settings(),
                         .to_address = "reader@example.com",
                         .to_name = "Aiko Ōta",
                         .language = "en",
                         .token = "s_1-abc",
                         .delivery = {.id = ID, .level = 4},
                         .message = {.languages = "en,vi",
                                     .subject = "Level 4 DANGER: Tsunami Warning, 輪島市",
                                     .body = "Go to high ground now.\n高い所へ。\n",
                                     .html = "<p>Go</p>\n"}};
}

static int compose(const struct mail *mail, char **ret_text)
{
    size_t length = 0;
    int r = email_compose(context, &mail->settings, mail->to_address, mail->to_name, mail->language,
                          &mail->delivery, &mail->message, mail->root, mail->token, NOW, ret_text,
                          &length);
    if (r == 0)
        assert_int_equal(length, strlen(*ret_text));
    return r;
}

/* Fails unless every line ends with CR LF, holds neither alone, is short and plain ASCII. */
static void check_lines(const char *text)
{
    size_t column = 0;
    for (const char *c = text; *c != '\0'; c++) {
        assert_true((unsigned char)*c < 128);
        if (*c == '\r') {
            assert_int_equal(c[1], '\n');
        } else if (*c == '\n') {
            assert_true(c > text && c[-1] == '\r');
            column = 0;
            continue;
        }
        assert_true(++column <= 999);
    }
    assert_string_equal(text + strlen(text) - 2, "\r\n");
}

/* Names of the headers in order, each with a blank behind it. */
static const char *header_names(const char *text)
{
    char *names = memory_text(context, "");
    for (const char *line = text; strncmp(line, "\r\n", 2) != 0; line = strstr(line, "\r\n") + 2) {
        if (line[0] != ' ' && line[0] != '\t')
            names =
                memory_must(talloc_asprintf_append(names, "%.*s ", (int)strcspn(line, ":"), line));
    }
    return names;
}

static const char all_headers[] =
    "Date From To Subject Message-ID In-Reply-To References Auto-Submitted Importance List-Id "
    "List-Unsubscribe List-Unsubscribe-Post Content-Language MIME-Version Content-Type ";

static const char *must_compose(const struct mail *mail)
{
    char *text = NULL;
    assert_int_equal(compose(mail, &text), 0);
    check_lines(text);
    return text;
}

static void a_mail_has_its_headers_and_no_others(void **state)
{
    struct mail mail = make_mail();
    (void)state;
    mail.root = "msg_root";
    const char *text = must_compose(&mail);
    assert_string_equal(header_names(text), all_headers);
    assert_true(text_contains(text, "Date: Mon, 01 Jan 2024 16:43:00 +0900\r\n"));
    assert_true(text_contains(text, "\r\nMessage-ID: <" ID "@mail.example.org>\r\n"));
    assert_true(text_contains(text, "\r\nIn-Reply-To: <msg_root@mail.example.org>\r\n"
                                    "References: <msg_root@mail.example.org>\r\n"));
    assert_true(text_contains(text, "\r\nAuto-Submitted: auto-generated\r\n"));
    assert_true(text_contains(text, "\r\nImportance: high\r\n"));
    assert_true(text_contains(text, "\r\nList-Id: <alerts.example.org>\r\n"));
    assert_true(text_contains(text, "<https://example.org/u?t=s_1-abc>"));
    assert_true(text_contains(text, "<mailto:leave@example.org?subject=s_1-abc>"));
    assert_true(text_contains(text, "\r\nContent-Language: en, vi\r\n"));
}

static void the_same_mail_comes_out_twice(void **state)
{
    const struct mail mail = make_mail();
    (void)state;
    assert_string_equal(must_compose(&mail), must_compose(&mail));
}

static void the_first_mail_of_an_event_answers_nothing(void **state)
{
    const struct mail mail = make_mail();
    (void)state;
    const char *names = header_names(must_compose(&mail));
    assert_false(text_contains(names, "In-Reply-To "));
    assert_false(text_contains(names, "References "));
}

static void only_actual_danger_is_of_high_importance(void **state)
{
    struct mail mail = make_mail();
    (void)state;
    for (int level = 0; level <= 5; level++)
        for (int drill = 0; drill <= 1; drill++) {
            mail.delivery.level = level;
            mail.delivery.drill = drill;
            const char *text = must_compose(&mail);
            assert_int_equal(text_contains(text, "\r\nImportance: high\r\n"), level >= 4 && !drill);
            assert_int_equal(text_contains(text, "\r\nX-Noroshi-Drill: yes\r\n"), drill);
        }
}

static void one_click_is_promised_only_with_an_https_url_that_knows_the_reader(void **state)
{
    static const char *const urls[] = {"http://example.org/u?t={token}", "https://example.org/u",
                                       NULL};
    struct mail mail = make_mail();
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        mail.settings.unsubscribe_url = urls[i];
        const char *text = must_compose(&mail);
        assert_true(text_contains(text, "List-Unsubscribe: "));
        assert_false(text_contains(text, "List-Unsubscribe-Post"));
    }
    mail.settings.unsubscribe_mail = mail.settings.list_id = NULL;
    assert_false(text_contains(must_compose(&mail), "List-"));
}

static void encoded_words_are_short_and_fit_their_lines(void **state)
{
    struct mail mail = make_mail();
    (void)state;
    mail.message.subject = repeated("津波警報🌊", 40);
    mail.to_name = mail.settings.from_name = repeated("と", 300);
    const char *text = must_compose(&mail);
    const char *body = strstr(text, "\r\n\r\n");
    for (const char *word = strstr(text, "=?UTF-8?B?"); word != NULL && word < body;
         word = strstr(word + 1, "=?UTF-8?B?")) {
        const char *line = word, *end = strstr(word + 10, "?=") + 2;
        while (line > text && line[-1] != '\n')
            line--;
        assert_true(end - word <= 75);
        assert_true(end - line <= 76);
        /* 4 characters of base64 are 3 bytes: a word of whole characters is a whole text. */
        assert_int_equal((end - 2 - (word + 10)) % 4, 0);
    }
}

static const char *const hostile[] = {
    "a\r\nBcc: evil@example.net",
    "a\nBcc: evil@example.net",
    "a\rBcc: evil@example.net",
    "a\r\n\r\n<html>",
    "a\x01\x1b[2J\x7f",
    "a\xc2\x85 Bcc: evil@example.net",
    "a\xe2\x80\xa8 Bcc: evil@example.net",
    "a\xe2\x80\xa9 Bcc: evil@example.net",
    "a\xe2\x80\xae moc.elpmaxe",
    "a\xff\xfe\x80\x80\x80\x80\x80\x80\x80\x80\x80",
    "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80"
    "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80",
    "a, evil@example.net",
    "\"a\" <evil@example.net>",
    "=?UTF-8?B?DQpCY2M6IGV2aWxAZXhhbXBsZS5uZXQ=?=",
    "%n%s{{7*7}}<script>",
    "(comment \\",
    "  "};
#define HOSTILE_COUNT (sizeof(hostile) / sizeof(hostile[0]))

static void a_hostile_name_or_subject_becomes_harmless_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        struct mail mail = make_mail();
        mail.root = "msg_root";
        mail.to_name = mail.settings.from_name = mail.message.subject = hostile[i];
        const char *text = must_compose(&mail);
        assert_string_equal(header_names(text), all_headers);
        assert_false(text_contains(text, "\nBcc"));
        mail.message.subject = repeated(hostile[i], 600);
        mail.to_name = repeated(hostile[i], 600);
        assert_string_equal(header_names(must_compose(&mail)), all_headers);
    }
}

static void a_hostile_body_stays_inside_its_part(void **state)
{
    struct mail mail = make_mail();
    (void)state;
    mail.root = "msg_root";
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        mail.message.body = mail.message.html =
            memory_printf(context, "\r\n.\r\n%s\r\n--=_x--\r\n\r\n.\n", hostile[i]);
        const char *text = must_compose(&mail);
        assert_string_equal(header_names(text), all_headers);
        assert_false(text_contains(text, "\r\n.\r\n"));
        assert_false(text_contains(text, "evil"));
    }
}

static void refuse(const struct mail *mail, const char *text)
{
    char *made = NULL;
    if (compose(mail, &made) != -EINVAL)
        fail_msg("accepted: %s", text);
    assert_null(made);
}

#define REFUSE(member, text)                                                                       \
    do {                                                                                           \
        struct mail mail = make_mail();                                                            \
        mail.member = (text);                                                                      \
        refuse(&mail, mail.member);                                                                \
    } while (0)

static void a_hostile_address_id_or_token_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        const char *address = memory_printf(context, "%s@example.com", hostile[i]);
        const char *behind = memory_printf(context, "reader@example.com%s", hostile[i]);
        if (strpbrk(hostile[i], "%=") == NULL) {
            REFUSE(to_address, address);
            REFUSE(to_address, behind);
            REFUSE(settings.from_address, address);
            REFUSE(settings.unsubscribe_mail, behind);
        }
        if (strpbrk(hostile[i], "\r\n\x01 \xff\x80") != NULL) {
            REFUSE(delivery.id, hostile[i]);
            REFUSE(root, hostile[i]);
            REFUSE(token, hostile[i]);
            REFUSE(settings.host, hostile[i]);
            REFUSE(settings.list_id, hostile[i]);
            REFUSE(settings.unsubscribe_url, hostile[i]);
            REFUSE(language, hostile[i]);
        }
    }
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const bad[] = {"",          "reader",   "@example.com", "reader@",
                                      "a@b@c",     "<a@b.jp>", "a b@c.jp",     "a@b.jp,c@d.jp",
                                      "読者@b.jp", "a@[::1]",  "\"a\"@b.jp",   "a@b.jp\r"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        REFUSE(to_address, bad[i]);
    REFUSE(to_address, memory_printf(context, "%s@b.jp", repeated("a", 250)));
    REFUSE(to_address, NULL);
    REFUSE(settings.from_address, NULL);
    REFUSE(settings.host, NULL);
}

static void a_header_that_would_be_too_long_is_refused(void **state)
{
    (void)state;
    REFUSE(settings.unsubscribe_url,
           memory_printf(context, "https://a.example/{token}%s", repeated("a", 1000)));
    struct mail mail = make_mail();
    mail.settings.host = repeated("a", 890);
    mail.delivery.id = repeated("b", 190);
    char *made = NULL;
    assert_int_equal(compose(&mail, &made), -EINVAL);
}

static void a_mail_without_html_is_text_only(void **state)
{
    struct mail mail = make_mail();
    (void)state;
    mail.message.html = NULL;
    const char *text = must_compose(&mail);
    assert_true(text_contains(text, "text/plain"));
    assert_false(text_contains(text, "text/html"));
}

static void languages_that_cannot_stand_in_a_header_are_left_out(void **state)
{
    struct mail mail = make_mail();
    (void)state;
    mail.message.languages = "en,x\r\nBcc: a@b.jp";
    assert_true(text_contains(must_compose(&mail), "\r\nContent-Language: en\r\n"));
    mail.message.languages = NULL;
    assert_true(text_contains(must_compose(&mail), "\r\nContent-Language: en\r\n"));
}

static void the_languages_stand_below_each_other_in_the_given_order(void **state)
{
    const char *subject, *plain, *html;
    struct message *messages[] = {make_message("vi", 1), make_message("ja", 1)};
    (void)state;
    messages[0]->headline = "Cảnh báo <sóng thần>\r\n";
    messages[0]->plain = "Hãy chạy\n";
    messages[1]->plain = "逃げて\n";
    email_texts(context, make_alert(1, 0), messages, 2, &subject, &plain, &html);
    assert_string_equal(subject, "Cảnh báo <sóng thần>");
    assert_true(text_starts(plain, "Hãy chạy\n"));
    assert_true(strstr(plain, "\n---") < strstr(plain, "逃げて"));
    assert_true(text_starts(html, "<!DOCTYPE html><html lang=\"vi\">"));
    assert_true(text_contains(html, "<title>Cảnh báo &lt;sóng thần&gt;</title>"));
    assert_true(strstr(html, "<section lang=\"vi\">") < strstr(html, "<section lang=\"ja\">"));
    assert_false(text_contains(html, "<img"));
    assert_false(text_contains(html, "<script"));
    assert_true(text_contains(html, "</body></html>"));
}

static void a_request_goes_to_the_relay_with_its_envelope(void **state)
{
    const struct email_settings settings = make_settings();
    struct transfer_request request;
    email_request(*state, &settings, "reader@example.com", "msg_1", "mail", 4, NOW + USEC_PER_HOUR,
                  &request);
    assert_int_equal(request.kind, TRANSFER_MAIL);
    assert_int_equal(request.lane, LANE_RELAY);
    assert_string_equal(request.url, "smtp://relay.example:587");
    assert_string_equal(request.mail_from, "bounces@example.org");
    assert_string_equal(request.mail_to, "reader@example.com");
    assert_int_equal(request.security, MAIL_STARTTLS);
    assert_int_equal(request.expires_at, NOW + USEC_PER_HOUR);
    assert_int_equal(request.body_length, 4);
}

static void the_sender_can_name_the_delivery(void **state)
{
    struct email_settings settings = make_settings();
    struct transfer_request request;
    settings.envelope_from = "bounces+{delivery}@example.org";
    email_request(*state, &settings, "reader@example.com", "msg_0123abc", "mail", 4, 0, &request);
    assert_string_equal(request.mail_from, "bounces+msg_0123abc@example.org");
    settings.envelope_from = "";
    email_request(*state, &settings, "reader@example.com", "msg_0123abc", "mail", 4, 0, &request);
    assert_string_equal(request.mail_from, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_mail_has_its_headers_and_no_others),
        TEST(the_same_mail_comes_out_twice),
        TEST(the_first_mail_of_an_event_answers_nothing),
        TEST(only_actual_danger_is_of_high_importance),
        TEST(one_click_is_promised_only_with_an_https_url_that_knows_the_reader),
        TEST(encoded_words_are_short_and_fit_their_lines),
        TEST(a_hostile_name_or_subject_becomes_harmless_text),
        TEST(a_hostile_body_stays_inside_its_part),
        TEST(a_hostile_address_id_or_token_is_refused),
        TEST(what_is_no_address_is_refused),
        TEST(a_header_that_would_be_too_long_is_refused),
        TEST(a_mail_without_html_is_text_only),
        TEST(languages_that_cannot_stand_in_a_header_are_left_out),
        TEST(the_languages_stand_below_each_other_in_the_given_order),
        TEST(a_request_goes_to_the_relay_with_its_envelope),
        TEST(the_sender_can_name_the_delivery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
