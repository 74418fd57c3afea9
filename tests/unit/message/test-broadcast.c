/* Manual broadcasts: the catalogue's rules, what staff may fill in, and what people then read. */
#include "fixture.h"

#include <errno.h>

#include "message/broadcast.h"

#define NOW ISSUED

struct manual_fixture {
    struct fixture base;
    struct broadcast_catalogue *templates;
    const struct area *sapporo;
};

static int begin(void **state)
{
    void *base;
    if (fixture_begin(&base) != 0)
        return -1;
    struct manual_fixture *fixture = memory_new(NULL, struct manual_fixture);
    struct problems *problems = problems_new(fixture);
    talloc_steal(fixture, base);
    fixture->base = *(struct fixture *)base;
    int r = broadcast_catalogue_load(fixture, root_path(fixture, "messages"),
                                     fixture->base.catalogue, problems, &fixture->templates);
    problems_print(problems, stderr);
    fixture->sapporo = area_find(fixture->base.graph, AREA_MUNICIPALITY, "01100");
    *state = fixture;
    return r;
}

static int end(void **state)
{
    talloc_free(*state);
    return 0;
}

static const char *const hosts[] = {"city.sapporo.jp", NULL};

/* A power cut in Sapporo, right in every field. */
struct draft {
    struct broadcast_content content;
    struct broadcast_value values[16];
    const struct area *areas[1];
};

static struct draft *draft_new(TALLOC_CTX *context, const struct manual_fixture *fixture,
                               const char *template_id)
{
    struct draft *draft = memory_new(context, struct draft);
    draft->areas[0] = fixture->sapporo;
    draft->content = (struct broadcast_content){.id = "live-1",
                                                .template_id = template_id,
                                                .areas = draft->areas,
                                                .area_count = 1,
                                                .values = draft->values,
                                                .issued_at = NOW,
                                                .expires = NOW + USEC_PER_HOUR,
                                                .original_at = NOW - 10 * USEC_PER_MINUTE,
                                                .authority = {.name_ja = "札幌市",
                                                              .name_en = "City of Sapporo",
                                                              .contact = "011-211-2111"}};
    return draft;
}

static void put(struct draft *draft, const char *blank, const char *language, const char *text)
{
    draft->values[draft->content.value_count++] =
        (struct broadcast_value){.blank = blank, .language = language, .text = text};
}

/* The faults as "blank:fault " in one text. */
static const char *faults_of(TALLOC_CTX *context, const struct manual_fixture *fixture,
                             const struct draft *draft)
{
    struct broadcast_fault *faults;
    char *text = memory_text(context, "");
    size_t count =
        broadcast_content_check(context, fixture->templates, &draft->content, hosts, NOW, &faults);
    for (size_t i = 0; i < count; i++)
        text =
            memory_must(talloc_asprintf_append(text, "%s:%s ", faults[i].blank, faults[i].fault));
    return text;
}

static void test_right_draft_has_no_fault(void **state)
{
    const struct manual_fixture *fixture = *state;
    struct draft *draft = draft_new(*state, fixture, "M-POWER-OUT");
    put(draft, "since", NULL, "2024-01-01T16:00");
    put(draft, "note", "ja", "病院には自家発電があります");
    put(draft, "note", "en", "Hospitals have generators");
    put(draft, "phone", NULL, "011-211-2111");
    put(draft, "url", NULL, "https://www.city.sapporo.jp/teiden?x=1");
    assert_string_equal(faults_of(*state, fixture, draft), "");
}

static void test_each_bad_field_is_named(void **state)
{
    static const struct {
        const char *template_id, *blank, *language, *text, *expected;
    } cases[] = {{"M-POWER-OUT", "note", "ja", "一行目\n二行目", "note:control "},
                 {"M-POWER-OUT", "note", "ja", "a\r\nBcc: x@example.org", "note:control "},
                 {"M-POWER-OUT", "note", "ja",
                  "a\xE2\x80\xAE"
                  "b",
                  "note:control "},
                 {"M-POWER-OUT", "note", "ja",
                  "a\xE2\x80\xA8"
                  "b",
                  "note:control "},
                 {"M-POWER-OUT", "note", "ja",
                  "a\xC2\x85"
                  "b",
                  "note:control "},
                 {"M-POWER-OUT", "note", "ja",
                  "a\xFF"
                  "b",
                  "note:control "},
                 {"M-POWER-OUT", "note", "ja", "<script>alert(1)</script>", "note:markup "},
                 {"M-POWER-OUT", "note", "ja", "{{ config }}", "note:markup "},
                 {"M-POWER-OUT", "note", "en", "Only English", "note:japanese "},
                 {"M-POWER-OUT", "note", "xx", "unknown tongue", "note:language note:japanese "},
                 {"M-POWER-OUT", "note", "ja", "これは訓練です", "note:drill-word "},
                 {"M-POWER-OUT", "note", "ja", "ＤＲＩＬＬ", "note:drill-word "},
                 {"M-POWER-OUT", "note", "ja", "This is not a drill", "note:drill-word "},
                 {"M-POWER-OUT", "note", "ja", "the latest contest protest", ""},
                 {"M-POWER-OUT", "note", "ja", "気象庁発表 大津波警報", "note:reserved "},
                 {"M-POWER-OUT", "phone", NULL, "call me", "phone:phone "},
                 {"M-POWER-OUT", "url", NULL, "http://www.city.sapporo.jp/", "url:url "},
                 {"M-POWER-OUT", "url", NULL, "https://evil.example/", "url:host "},
                 {"M-POWER-OUT", "url", NULL, "https://city.sapporo.jp.evil.example/", "url:host "},
                 {"M-POWER-OUT", "url", NULL, "https://evilcity.sapporo.jp/", "url:host "},
                 {"M-POWER-OUT", "url", NULL, "https://city.sapporo.jp@evil.example/", "url:url "},
                 {"M-POWER-OUT", "since", NULL, "yesterday", "since:time "},
                 {"M-POWER-OUT", "since", NULL, "2024-13-01T16:00", "since:time "},
                 {"M-POWER-OUT", "shelter", NULL, "x", "shelter:blank "},
                 {"M-WATER-BOIL", "boil-minutes", NULL, "11", "boil-minutes:number "},
                 {"M-WATER-BOIL", "boil-minutes", NULL, "-1", "boil-minutes:number "},
                 {"M-WATER-BOIL", "boil-minutes", NULL, "1e3", "boil-minutes:number "},
                 {"E-4", "reason", NULL, "boredom", "reason:choice "},
                 {"E-4", "reason", NULL, "flood,flood", "reason:twice "},
                 {"E-4", "note", "ja", "早く", "reason:missing "},
                 {"M-DRILL", "start", NULL, "2024-01-02T10:00", "template:drill-only "}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct draft *draft = draft_new(*state, *state, cases[i].template_id);
        put(draft, cases[i].blank, cases[i].language, cases[i].text);
        assert_string_equal(faults_of(*state, *state, draft), cases[i].expected);
    }
}

static void test_oversized_text(void **state)
{
    char text[122 * 3 + 1] = "";
    struct draft *draft = draft_new(*state, *state, "M-POWER-OUT");
    for (int i = 0; i < 121; i++)
        memcpy(text + 3 * i, "あ", 3);
    put(draft, "note", "ja", text);
    assert_string_equal(faults_of(*state, *state, draft), "note:too-long ");
    text[120 * 3] = '\0';
    assert_string_equal(faults_of(*state, *state, draft), "");
}

static void test_no_area_is_never_everyone(void **state)
{
    struct draft *draft = draft_new(*state, *state, "M-POWER-OUT");
    draft->content.area_count = 0;
    assert_string_equal(faults_of(*state, *state, draft), "areas:no-area ");
    draft->content.everyone = true;
    assert_string_equal(faults_of(*state, *state, draft), "");
    draft->content.area_count = 1;
    assert_string_equal(faults_of(*state, *state, draft), "areas:area-and-everyone ");
}

static void test_times_and_authority(void **state)
{
    struct draft *draft = draft_new(*state, *state, "M-POWER-OUT");
    draft->content.expires = NOW - 1;
    draft->content.next_update = NOW - 1;
    draft->content.authority.contact = "";
    assert_string_equal(faults_of(*state, *state, draft),
                        "expires:past next-update:past authority:authority ");
}

/* Every template, phase and language, live and as a drill. */
typedef void check_message(const struct manual_fixture *fixture, const struct message *message,
                           const struct broadcast_content *content);

static void fill_all(struct draft *draft, const struct broadcast_template *row)
{
    static const char *const examples[] = {[BLANK_TEXT] = "自由記入",
                                           [BLANK_PLACE] = "中央小学校",
                                           [BLANK_TIME] = "2024-01-02T10:00",
                                           [BLANK_PHONE] = "011-211-2111",
                                           [BLANK_URL] = "https://city.sapporo.jp/",
                                           [BLANK_NUMBER] = "5"};
    for (size_t i = 0; i < row->blank_count; i++) {
        const struct broadcast_blank *blank = &row->blanks[i];
        bool listed = blank->type == BLANK_CHOICE || blank->type == BLANK_STATE;
        put(draft, blank->name, NULL, listed ? blank->choices[0] : examples[blank->type]);
    }
}

static void check_phases(const struct manual_fixture *fixture, struct draft *draft,
                         const struct broadcast_template *row, check_message *check)
{
    const char *const *languages = catalogue_languages(fixture->base.catalogue);
    for (int phase = 0; phase < BROADCAST_PHASE_COUNT; phase++) {
        draft->content.phase = (enum broadcast_phase)phase;
        for (size_t i = 0; row->phases[phase] && languages[i] != NULL; i++) {
            struct message *message = broadcast_render(
                NULL, fixture->templates, fixture->base.graph, languages[i], &draft->content);
            check(fixture, message, &draft->content);
            talloc_free(message);
        }
    }
}

static void check_every(const struct manual_fixture *fixture, bool drill, check_message *check)
{
    size_t count;
    const struct broadcast_template *rows = broadcast_templates(fixture->templates, &count);
    assert_true(count >= 34);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].drill_only && !drill)
            continue;
        struct draft *draft = draft_new(NULL, fixture, rows[i].id);
        draft->content.drill = drill;
        draft->content.area_count = 1;
        fill_all(draft, &rows[i]);
        check_phases(fixture, draft, &rows[i], check);
        talloc_free(draft);
    }
}

static size_t characters_of(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void check_form(const struct manual_fixture *fixture, const struct message *message,
                       const struct broadcast_content *content)
{
    (void)fixture;
    assert_true(text_given(message->headline) && text_given(message->chip));
    assert_true(message->action_count > 0);
    assert_true(characters_of(message->short_text) <= 70);
    assert_null(strchr(message->plain, '{')); /* no blank was left */
    assert_null(strchr(message->plain, '\x02'));
    assert_true(text_contains(message->plain, "札幌市")); /* the authority, and the place */
    assert_true(text_contains(message->plain, "011-211-2111"));
    assert_true(text_contains(message->plain, "live-1"));
    assert_true(text_contains(message->html, "<section lang="));
    (void)content;
}

static void check_live(const struct manual_fixture *fixture, const struct message *message,
                       const struct broadcast_content *content)
{
    check_form(fixture, message, content);
    assert_null(message->drill);
    assert_false(broadcast_has_drill_word(fixture->templates, message->plain));
    assert_false(broadcast_has_drill_word(fixture->templates, message->short_text));
    assert_string_not_equal(message->colour, "blue");
    /* Nothing manual looks like JMA's. */
    assert_false(text_contains(message->plain, "気象庁"));
    assert_false(text_contains(message->html, "気象庁"));
    assert_false(text_contains(message->plain, "Meteorological"));
}

static void check_drill(const struct manual_fixture *fixture, const struct message *message,
                        const struct broadcast_content *content)
{
    const struct catalogue *texts = fixture->base.catalogue;
    const char *word = catalogue_word(texts, message->language, "label.drill-word");
    const char *last = catalogue_word(texts, message->language, "label.drill-end");
    check_form(fixture, message, content);
    assert_string_equal(message->colour, "blue");
    assert_true(text_starts(message->plain, message->drill));
    assert_true(text_starts(message->headline, word));
    assert_true(text_starts(message->short_text, word));
    size_t length = strlen(message->plain), tail = strlen(last);
    assert_true(length > tail + 1);
    assert_memory_equal(message->plain + length - tail - 1, last, tail);
    assert_string_equal(message->short_text + strlen(message->short_text) - strlen(word), word);
    TALLOC_CTX *context = talloc_new(NULL);
    const char *aloud = broadcast_aloud(context, fixture->templates, fixture->base.graph,
                                        message->language, content);
    assert_true(text_starts(aloud, message->drill));
    talloc_free(context);
}

static void test_every_live_message(void **state)
{
    check_every(*state, false, check_live);
}

static void test_every_drill_message(void **state)
{
    check_every(*state, true, check_drill);
}

static void test_original_text_is_marked(void **state)
{
    const struct manual_fixture *fixture = *state;
    struct draft *draft = draft_new(*state, fixture, "M-POWER-OUT");
    put(draft, "note", "ja", "病院に電気があります");
    assert_true(broadcast_is_partly_original(fixture->templates, "vi", &draft->content));
    assert_false(broadcast_is_partly_original(fixture->templates, "ja-simple", &draft->content));
    struct message *message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "vi", &draft->content);
    assert_non_null(strstr(message->plain, "病院に電気があります (nguyên văn, 日本語)"));
    assert_non_null(strstr(message->html, "<span lang=\"ja\">病院に電気があります</span>"));
    put(draft, "note", "vi", "Bệnh viện có điện");
    assert_false(broadcast_is_partly_original(fixture->templates, "vi", &draft->content));
    message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "vi", &draft->content);
    assert_non_null(strstr(message->plain, "Ghi chú: Bệnh viện có điện\n"));
}

static void test_correction_says_what_was_wrong(void **state)
{
    const struct manual_fixture *fixture = *state;
    struct draft *draft = draft_new(*state, fixture, "E-4");
    put(draft, "reason", NULL, "flood,landslide");
    draft->content.phase = BROADCAST_WITHDRAWN;
    const struct message *message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "en", &draft->content);
    assert_string_equal(message->headline,
                        "Sent in error: Evacuation Order (hinan shiji): Sapporo City (札幌市)");
    assert_non_null(strstr(message->plain, "16:12 (Japan time, JST) was wrong."));
    assert_non_null(strstr(message->plain, "There is no Evacuation Order here."));
    assert_string_equal(message->actions[0], "Do not follow our earlier message.");
    assert_string_equal(message->colour, "green");
    assert_string_equal(message->short_text,
                        "Sent in error: Evacuation Order. There is no Evacuation Order here.");
    /* No room for the whole sentence: without it. Cut, the "not" at its end would be lost. */
    message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "ne", &draft->content);
    assert_null(strstr(message->short_text, "…"));
}

/* J-Alert's own sentences (QZSS, IS-QZSS-DCX, the library of Japan, A11 128), letter by letter. */
static void test_missile_speaks_as_j_alert(void **state)
{
    static const char *const sentences[][2] = {
        {"ja",
         "\nミサイル発射。ミサイル発射。ミサイルが発射されたものとみられます。建物の中、又は地下に"
         "避難して下さい。\n"},
        {"en", "\nMissile launched, missile launched. It is believed that a missile was launched. "
               "Please take shelter inside buildings or underground.\n"}};
    const struct manual_fixture *fixture = *state;
    struct draft *draft = draft_new(*state, fixture, "E-MISSILE-1");
    for (size_t i = 0; i < 2; i++) {
        const struct message *message = broadcast_render(
            *state, fixture->templates, fixture->base.graph, sentences[i][0], &draft->content);
        assert_non_null(strstr(message->plain, sentences[i][1]));
        assert_string_equal(message->colour, "black");
    }
}

static void test_place_stands_in_japanese_too(void **state)
{
    const struct manual_fixture *fixture = *state;
    struct draft *draft = draft_new(*state, fixture, "M-SHELTER-OPEN");
    put(draft, "name", "ja", "中央小学校");
    put(draft, "name", "en", "Chuo Elementary School");
    struct message *message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "en", &draft->content);
    assert_non_null(strstr(message->plain, "Name: Chuo Elementary School (中央小学校)\n"));
    assert_non_null(strstr(message->html, "<span lang=\"ja\">中央小学校</span>"));
    message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "ja", &draft->content);
    assert_non_null(strstr(message->plain, "名称：中央小学校\n"));
    const char *aloud =
        broadcast_aloud(*state, fixture->templates, fixture->base.graph, "en", &draft->content);
    assert_non_null(strstr(aloud, "Name: Chuo Elementary School\n"));
}

/* An order because of a tsunami begins with the way up, whatever else is a reason. */
static void test_tsunami_sends_people_up(void **state)
{
    const struct manual_fixture *fixture = *state;
    struct draft *draft = draft_new(*state, fixture, "E-4");
    put(draft, "reason", NULL, "flood,tsunami");
    const struct message *message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "en", &draft->content);
    assert_string_equal(message->actions[0], "Go to high ground or a tall strong building now.");
    assert_string_equal(message->actions[2], "Leave dangerous places now, everyone.");
    draft->content.phase = BROADCAST_ALL_CLEAR;
    message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "en", &draft->content);
    assert_string_not_equal(message->actions[0],
                            "Go to high ground or a tall strong building now.");
    draft = draft_new(*state, fixture, "E-4");
    put(draft, "reason", NULL, "flood");
    message =
        broadcast_render(*state, fixture->templates, fixture->base.graph, "en", &draft->content);
    assert_string_equal(message->actions[0], "Leave dangerous places now, everyone.");
}

/* The loader's rules, each broken once. */
static const char *break_rule(TALLOC_CTX *context, const struct manual_fixture *fixture,
                              const char *from, const char *to)
{
    char directory[] = "/tmp/noroshi-broadcast-XXXXXX";
    const struct node *root;
    struct problems *problems = problems_new(context);
    struct broadcast_catalogue *templates;
    (void)root;
    assert_non_null(mkdtemp(directory));
    char *original = NULL;
    size_t size = 0;
    FILE *in = fopen(root_path(context, "messages/broadcast.yaml"), "r");
    assert_non_null(in);
    ssize_t length = getdelim(&original, &size, '\0', in);
    fclose(in);
    assert_true(length > 0);
    char *at = strstr(original, from);
    assert_non_null(at);
    const char *file = memory_printf(context, "%s/broadcast.yaml", directory);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fprintf(out, "%.*s%s%s", (int)(at - original), original, to, at + strlen(from));
    fclose(out);
    free(original);
    assert_int_equal(
        broadcast_catalogue_load(context, directory, fixture->base.catalogue, problems, &templates),
        -EINVAL);
    unlink(file);
    rmdir(directory);
    assert_true(problems->count > 0);
    return problem_text(context, &problems->items[0]);
}

static void test_loader_refuses(void **state)
{
    static const struct {
        const char *from, *to, *expected;
    } cases[] = {
        {"phases: [issue, update, correction, withdrawn, all-clear]",
         "phases: [issue, update, withdrawn, all-clear]", "H-6"},
        {"phases: [issue, update, correction, withdrawn, all-clear]",
         "phases: [issue, update, correction, withdrawn]", "H-6"},
        {"phases: [issue,", "phases: [sudden, issue,", "is no phase"},
        {"    role: evacuation\n", "", "needs the authority's role"},
        {"    role: evacuation\n", "    role: everybody\n", "has no known role"},
        {"    role: missile\n", "", "a role and a group of its own"},
        {"    group: information\n", "    group: information\n    role: missile\n",
         "a role and a group of its own"},
        {"    group: shelter\n", "    group: drill\n", "a missile beside a drill"},
        {"  E-3:\n", "  E-33:\n", "broadcast.title.E-33 is missing"},
        {"do: [slow-go,", "do: [run-fast,", "is no phrase"},
        {"type: choice, choices: [flood,", "type: choice, choices: [boredom,",
         "broadcast.choice.boredom is missing"},
        {"first: {tsunami: [coast]}", "first: {boredom: [coast]}", "is no reason of it"},
        {"first: {tsunami: [coast]}", "first: {tsunami: [beach]}", "is no phrase"},
        {"cap: [Safety, Evacuate,", "cap: [Safety, Panic,", "is not allowed there"},
        {"level: 3", "level: 6", "not within its range"},
        {"group: evacuation", "group: everything", "has no known group"},
        {"drill-words: [訓練,", "drill-words: [避難指示, 訓練,", "a live text has a drill word"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *problem = break_rule(*state, *state, cases[i].from, cases[i].to);
        if (strstr(problem, cases[i].expected) == NULL)
            fail_msg("\"%s\" is not about \"%s\"", problem, cases[i].expected);
        assert_non_null(strchr(problem, ':'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right_draft_has_no_fault),
        cmocka_unit_test(test_each_bad_field_is_named),
        cmocka_unit_test(test_oversized_text),
        cmocka_unit_test(test_no_area_is_never_everyone),
        cmocka_unit_test(test_times_and_authority),
        cmocka_unit_test(test_every_live_message),
        cmocka_unit_test(test_every_drill_message),
        cmocka_unit_test(test_original_text_is_marked),
        cmocka_unit_test(test_correction_says_what_was_wrong),
        cmocka_unit_test(test_missile_speaks_as_j_alert),
        cmocka_unit_test(test_place_stands_in_japanese_too),
        cmocka_unit_test(test_tsunami_sends_people_up),
        cmocka_unit_test(test_loader_refuses),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
