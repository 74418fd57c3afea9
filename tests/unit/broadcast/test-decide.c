/* The state machine: every rule, with attempts to get round it. */
#include "broadcast/plan.h"
#include "fixture.h"

static TALLOC_CTX *context;
static struct person anna, bert, carl, vera, admin, dora;

static int set_up(void **state)
{
    *state = NULL;
    context = talloc_new(NULL);
    anna = person_of("anna", STAFF_AUTHOR);
    bert = person_of("bert", STAFF_APPROVER);
    carl = person_of("carl", STAFF_APPROVER);
    vera = person_of("vera", STAFF_VIEWER);
    admin = person_of("admin", STAFF_ADMINISTRATOR);
    dora = person_of("dora", STAFF_DRILL);
    return 0;
}

static int tear_down(void **state)
{
    *state = NULL;
    talloc_free(context);
    return 0;
}

static struct broadcast *approved(enum broadcast_kind kind)
{
    struct broadcast *broadcast = draft_of(context, kind);
    assert_int_equal(ask(context, ACTION_APPROVE, &bert, &broadcast, NOW), REFUSAL_NONE);
    return broadcast;
}

static void a_second_person_approves_and_it_goes(void **state)
{
    (void)state;
    struct broadcast *broadcast = approved(BROADCAST_LIVE);
    assert_string_equal(broadcast->approver, "bert");
    assert_int_equal(ask(context, ACTION_SEND, &anna, &broadcast, NOW + USEC_PER_MINUTE),
                     REFUSAL_NONE);
    assert_int_equal(broadcast->state, BROADCAST_SENT);
    assert_int_equal(broadcast->alone, ALONE_NOT);
    assert_string_equal(broadcast->sender, "anna");
}

static void an_unapproved_draft_does_not_go(void **state)
{
    (void)state;
    struct broadcast *broadcast = draft_of(context, BROADCAST_LIVE);
    assert_int_equal(ask(context, ACTION_SEND, &anna, &broadcast, NOW), REFUSAL_NOT_APPROVED);
    assert_int_equal(ask(context, ACTION_SEND, &bert, &broadcast, NOW), REFUSAL_NOT_APPROVED);
}

static void nobody_approves_what_he_wrote_or_edited(void **state)
{
    (void)state;
    struct broadcast *broadcast = draft_of(context, BROADCAST_LIVE);
    broadcast->author = "bert";
    assert_int_equal(ask(context, ACTION_APPROVE, &bert, &broadcast, NOW), REFUSAL_SAME_PERSON);
    broadcast = draft_of(context, BROADCAST_LIVE);
    assert_int_equal(ask(context, ACTION_EDIT, &bert, &broadcast, NOW), REFUSAL_NONE);
    assert_int_equal(ask(context, ACTION_APPROVE, &bert, &broadcast, NOW), REFUSAL_SAME_PERSON);
    assert_int_equal(ask(context, ACTION_APPROVE, &carl, &broadcast, NOW), REFUSAL_NONE);
    /* A record that claims its author approved it is refused at the last moment too. */
    broadcast->approver = "anna";
    assert_int_equal(ask(context, ACTION_SEND, &anna, &broadcast, NOW), REFUSAL_SAME_PERSON);
}

static void an_edit_voids_the_approval(void **state)
{
    (void)state;
    struct broadcast *broadcast = approved(BROADCAST_LIVE);
    struct broadcast *edited = broadcast_copy(context, broadcast);
    edited->values[1].text = "全市";
    const struct broadcast_request request =
        right_request(ACTION_EDIT, &anna, broadcast, NOW + USEC_PER_SEC);
    assert_int_equal(broadcast_decide(context, broadcast, edited, &request, &rules, &broadcast),
                     REFUSAL_NONE);
    assert_int_equal(broadcast->state, BROADCAST_DRAFT);
    assert_null(broadcast->approver);
    assert_int_equal(ask(context, ACTION_SEND, &anna, &broadcast, NOW), REFUSAL_NOT_APPROVED);
}

static void a_text_changed_behind_the_approval_does_not_go(void **state)
{
    (void)state;
    struct broadcast *broadcast = approved(BROADCAST_LIVE);
    broadcast->values[1].text = "全市";
    broadcast->hash = broadcast_hash(context, broadcast);
    assert_int_equal(ask(context, ACTION_SEND, &anna, &broadcast, NOW), REFUSAL_CHANGED);
}

static void an_approval_ends_after_ten_minutes(void **state)
{
    (void)state;
    struct broadcast *broadcast = approved(BROADCAST_LIVE), *after;
    usec_t last = NOW + BROADCAST_APPROVAL_LASTS;
    struct broadcast *copy = broadcast;
    assert_int_equal(ask(context, ACTION_SEND, &anna, &copy, last), REFUSAL_NONE);
    copy = broadcast;
    assert_int_equal(ask(context, ACTION_SEND, &anna, &copy, last + 1), REFUSAL_APPROVAL_OVER);
    /* A clock that was set back makes no approval young. */
    copy = broadcast;
    assert_int_equal(ask(context, ACTION_SEND, &anna, &copy, NOW - USEC_PER_SEC),
                     REFUSAL_APPROVAL_OVER);
    bool go;
    after = broadcast_lapse(context, broadcast, broadcast_lapses_at(broadcast), &go);
    assert_non_null(after);
    assert_false(go);
    assert_int_equal(after->state, BROADCAST_DRAFT);
    assert_null(after->approver);
}

static void the_text_that_was_not_seen_is_not_approved(void **state)
{
    (void)state;
    struct broadcast *broadcast = draft_of(context, BROADCAST_LIVE), *after;
    struct broadcast_request request = right_request(ACTION_APPROVE, &bert, broadcast, NOW);
    request.seen_hash = "0000";
    assert_int_equal(broadcast_decide(context, broadcast, NULL, &request, &rules, &after),
                     REFUSAL_CHANGED);
    request.seen_hash = NULL;
    assert_int_equal(broadcast_decide(context, broadcast, NULL, &request, &rules, &after),
                     REFUSAL_CHANGED);
}

static void the_area_is_typed_and_the_count_is_fresh(void **state)
{
    (void)state;
    struct broadcast *broadcast = approved(BROADCAST_LIVE), *after;
    static const struct {
        const char *typed;
        int64_t seen, now;
        usec_t age;
        enum broadcast_refusal refusal;
    } rows[] = {
        {"札幌市", 100, 100, 0, REFUSAL_NONE},
        {" Sapporo City ", 100, 105, 60 * USEC_PER_SEC, REFUSAL_NONE},
        {"sapporo city", 100, 95, 0, REFUSAL_NONE},
        {"石狩市", 100, 100, 0, REFUSAL_AREA_TYPED},
        {"", 100, 100, 0, REFUSAL_AREA_TYPED},
        {NULL, 100, 100, 0, REFUSAL_AREA_TYPED},
        {"札幌市", 100, 106, 0, REFUSAL_COUNT_CHANGED},
        {"札幌市", 100, 94, 0, REFUSAL_COUNT_CHANGED},
        {"札幌市", 0, 1, 0, REFUSAL_COUNT_CHANGED},
        {"札幌市", 100, 100, 60 * USEC_PER_SEC + 1, REFUSAL_COUNT_OLD},
        {"札幌市", 100, 100, -1, REFUSAL_COUNT_OLD},
        {"札幌市", -1, 0, 0, REFUSAL_COUNT_OLD},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct broadcast_request request = right_request(ACTION_SEND, &anna, broadcast, NOW);
        request.typed_area = rows[i].typed;
        request.count_seen = rows[i].seen;
        request.count_now = rows[i].now;
        request.count_seen_at = NOW - rows[i].age;
        assert_int_equal(broadcast_decide(context, broadcast, NULL, &request, &rules, &after),
                         rows[i].refusal);
    }
}

static void no_area_is_never_everyone(void **state)
{
    (void)state;
    struct broadcast *broadcast = draft_of(context, BROADCAST_LIVE), *after;
    broadcast->area_count = 0;
    broadcast->hash = broadcast_hash(context, broadcast);
    assert_int_equal(ask(context, ACTION_APPROVE, &bert, &broadcast, NOW), REFUSAL_NO_AREA);
    broadcast->everyone = true;
    broadcast->hash = broadcast_hash(context, broadcast);
    assert_int_equal(ask(context, ACTION_APPROVE, &bert, &broadcast, NOW), REFUSAL_NONE);
    struct broadcast_request request = right_request(ACTION_SEND, &anna, broadcast, NOW);
    request.everyone_again = false;
    assert_int_equal(broadcast_decide(context, broadcast, NULL, &request, &rules, &after),
                     REFUSAL_EVERYONE);
}

static void a_drill_has_no_way_to_become_live(void **state)
{
    (void)state;
    struct broadcast *drill = draft_of(context, BROADCAST_DRILL), *after;
    struct broadcast *live = draft_of(context, BROADCAST_LIVE);
    const struct broadcast_request request = right_request(ACTION_EDIT, &anna, drill, NOW);
    assert_int_equal(broadcast_decide(context, drill, live, &request, &rules, &after),
                     REFUSAL_KIND);
    for (int action = 0; action < ACTION_COUNT; action++) {
        const struct broadcast_request every =
            right_request((enum broadcast_action)action, &bert, drill, NOW);
        if (broadcast_decide(context, drill, drill, &every, &rules, &after) == REFUSAL_NONE)
            assert_int_equal(after->kind, BROADCAST_DRILL);
    }
    assert_string_not_equal(broadcast_hash(context, drill), broadcast_hash(context, live));
}

static void a_drill_credential_touches_nothing_live(void **state)
{
    (void)state;
    struct broadcast *live = approved(BROADCAST_LIVE), *after;
    struct person token = bert;
    token.reach = REACH_DRILL;
    for (int action = 0; action < ACTION_COUNT; action++) {
        struct broadcast_request request =
            right_request((enum broadcast_action)action, &token, live, NOW);
        assert_int_equal(broadcast_decide(context, live, live, &request, &rules, &after),
                         REFUSAL_KIND);
        request.person = &dora;
        assert_int_equal(broadcast_decide(context, live, live, &request, &rules, &after),
                         REFUSAL_ROLE);
        request.person = &vera;
        assert_int_equal(broadcast_decide(context, live, live, &request, &rules, &after),
                         REFUSAL_ROLE);
        request.person = &admin;
        assert_int_equal(broadcast_decide(context, live, live, &request, &rules, &after),
                         REFUSAL_ROLE);
    }
}

static void another_authority_is_refused(void **state)
{
    (void)state;
    struct broadcast *live = approved(BROADCAST_LIVE);
    struct person stranger = person_of("stranger", STAFF_APPROVER);
    stranger.authority = "other";
    assert_int_equal(ask(context, ACTION_SEND, &stranger, &live, NOW), REFUSAL_AUTHORITY);
    assert_int_equal(ask(context, ACTION_APPROVE, &stranger, &live, NOW), REFUSAL_AUTHORITY);
}

static void break_glass_is_for_one_class_one_role_one_phrase(void **state)
{
    (void)state;
    struct broadcast *broadcast = draft_of(context, BROADCAST_LIVE), *after;
    struct person alone = anna;
    alone.break_glass_until = NOW + USEC_PER_DAY;
    assert_int_equal(ask(context, ACTION_BREAK_GLASS, &anna, &broadcast, NOW), REFUSAL_ROLE);
    assert_int_equal(ask(context, ACTION_BREAK_GLASS, &alone, &broadcast, NOW), REFUSAL_LEVEL);
    broadcast->level = 5;
    broadcast->hash = broadcast_hash(context, broadcast);
    struct broadcast_request request = right_request(ACTION_BREAK_GLASS, &alone, broadcast, NOW);
    request.phrase = "i alone send this now";
    assert_int_equal(broadcast_decide(context, broadcast, NULL, &request, &rules, &after),
                     REFUSAL_PHRASE);
    request = right_request(ACTION_BREAK_GLASS, &alone, broadcast, NOW);
    request.reason = "why";
    assert_int_equal(broadcast_decide(context, broadcast, NULL, &request, &rules, &after),
                     REFUSAL_REASON);
    assert_int_equal(ask(context, ACTION_BREAK_GLASS, &alone, &broadcast, NOW + 2 * USEC_PER_DAY),
                     REFUSAL_ROLE);
    assert_int_equal(ask(context, ACTION_BREAK_GLASS, &alone, &broadcast, NOW), REFUSAL_NONE);
    assert_int_equal(broadcast->alone, ALONE_BREAK_GLASS);
    struct broadcast *drill = draft_of(context, BROADCAST_DRILL);
    assert_int_equal(ask(context, ACTION_BREAK_GLASS, &alone, &drill, NOW), REFUSAL_KIND);
}

static struct broadcast *missile_of(enum broadcast_kind kind)
{
    struct broadcast *broadcast = draft_of(context, kind);
    broadcast->template_id = "E-MISSILE-1";
    broadcast->level = 5;
    broadcast->role = "missile";
    broadcast->value_count = 0;
    broadcast->hash = broadcast_hash(broadcast, broadcast);
    return broadcast;
}

static void of_missiles_only_people_who_are_named_tell(void **state)
{
    (void)state;
    struct broadcast *live = missile_of(BROADCAST_LIVE),
                     *routine = draft_of(context, BROADCAST_LIVE), *after;
    carl.break_glass_until = NOW + USEC_PER_DAY;
    static const enum broadcast_action actions[] = {ACTION_EDIT, ACTION_APPROVE, ACTION_SEND,
                                                    ACTION_BREAK_GLASS, ACTION_RELEASE};
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        assert_int_equal(ask(context, actions[i], &carl, &live, NOW), REFUSAL_NAMED);
    /* Nor by way of something else that becomes one. */
    const struct broadcast_request edit = right_request(ACTION_EDIT, &carl, routine, NOW);
    assert_int_equal(broadcast_decide(context, routine, live, &edit, &rules, &after),
                     REFUSAL_NAMED);
    const struct broadcast_request own = right_request(ACTION_EDIT, &anna, routine, NOW);
    assert_int_equal(broadcast_decide(context, routine, live, &own, &rules, &after), REFUSAL_NONE);
    assert_string_equal(after->role, "missile");
    /* A drill reaches only those who asked for drills: everybody may practise. */
    struct broadcast *drill = missile_of(BROADCAST_DRILL);
    assert_int_equal(ask(context, ACTION_SEND, &dora, &drill, NOW), REFUSAL_NONE);
    /* Whoever comes upon a mistake stops it. */
    assert_int_equal(ask(context, ACTION_DROP, &carl, &live, NOW), REFUSAL_NONE);
}

static void of_missiles_two_tell_and_type_what_it_says(void **state)
{
    (void)state;
    struct broadcast_rules lax = rules;
    struct broadcast *live = missile_of(BROADCAST_LIVE), *after;
    for (int level = 0; level < 6; level++)
        lax.approval[level] = false;
    struct broadcast_request request = right_request(ACTION_SEND, &anna, live, NOW);
    assert_int_equal(broadcast_decide(context, live, NULL, &request, &lax, &after),
                     REFUSAL_NOT_APPROVED);
    assert_int_equal(ask(context, ACTION_APPROVE, &bert, &live, NOW), REFUSAL_NONE);
    static const char *const others[] = {NULL, "", "ミサイル", "ミサイル落下", "札幌市"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        request = right_request(ACTION_SEND, &anna, live, NOW);
        request.typed_words = others[i];
        assert_int_equal(broadcast_decide(context, live, NULL, &request, &lax, &after),
                         REFUSAL_PHRASE);
    }
    request = right_request(ACTION_BREAK_GLASS, &anna, live, NOW);
    anna.break_glass_until = NOW + USEC_PER_DAY;
    request.typed_words = NULL; /* alone no less */
    assert_int_equal(broadcast_decide(context, live, NULL, &request, &rules, &after),
                     REFUSAL_PHRASE);
    request = right_request(ACTION_SEND, &anna, live, NOW);
    request.typed_words = " missile launched ";
    assert_int_equal(broadcast_decide(context, live, NULL, &request, &lax, &after), REFUSAL_NONE);
    /* Back goes it by anybody who may send, at once. */
    struct broadcast *back =
        broadcast_follow(context, after, BROADCAST_WITHDRAWN, "live-x", &carl, NOW);
    request = (struct broadcast_request){
        .action = ACTION_SEND, .person = &carl, .now = NOW, .seen_hash = back->hash};
    assert_int_equal(broadcast_decide(context, back, NULL, &request, &rules, &after), REFUSAL_NONE);
}

static void a_scheduled_drill_asks_again(void **state)
{
    (void)state;
    struct broadcast *drill = draft_of(context, BROADCAST_DRILL), *after;
    struct broadcast *live = approved(BROADCAST_LIVE);
    bool go;
    assert_int_equal(ask(context, ACTION_SCHEDULE, &anna, &live, NOW), REFUSAL_KIND);
    assert_int_equal(ask(context, ACTION_SCHEDULE, &anna, &drill, NOW), REFUSAL_NONE);
    usec_t at = drill->scheduled_at;
    assert_int_equal(ask(context, ACTION_SEND, &anna, &drill, NOW), REFUSAL_STATE);
    assert_int_equal(ask(context, ACTION_CONFIRM, &anna, &drill, at - 11 * USEC_PER_MINUTE),
                     REFUSAL_TIME);
    after = broadcast_lapse(context, drill, at, &go);
    assert_false(go);
    assert_int_equal(after->state, BROADCAST_DROPPED);
    assert_int_equal(ask(context, ACTION_CONFIRM, &anna, &drill, at - 9 * USEC_PER_MINUTE),
                     REFUSAL_NONE);
    after = broadcast_lapse(context, drill, at, &go);
    assert_true(go);
    assert_int_equal(after->state, BROADCAST_SENT);
    /* Confirmed, but the machine slept through its time. */
    after = broadcast_lapse(context, drill, at + USEC_PER_HOUR, &go);
    assert_false(go);
    assert_int_equal(after->state, BROADCAST_DROPPED);
}

static void a_plan_keeps_its_day_of_the_year(void **state)
{
    (void)state;
    static const struct {
        const char *at, *now, *next;
    } rows[] = {
        {"2026-09-01T10:00:00+09:00", "2026-09-01T10:00:00+09:00", "2027-09-01T10:00:00+09:00"},
        {"2027-01-01T00:30:00+09:00", "2027-01-01T00:30:00+09:00", "2028-01-01T00:30:00+09:00"},
        {"2024-02-29T09:00:00+09:00", "2024-02-29T09:00:00+09:00", "2025-02-28T09:00:00+09:00"},
        {"2026-09-01T10:00:00+09:00", "2029-03-01T00:00:00+09:00", "2029-09-01T10:00:00+09:00"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        usec_t at, now;
        char text[CLOCK_TEXT_BYTES];
        assert_int_equal(clock_parse(rows[i].at, &at), 0);
        assert_int_equal(clock_parse(rows[i].now, &now), 0);
        assert_string_equal(clock_format_jst(plan_next_year(at, now), text), rows[i].next);
    }
}

static void what_is_held_waits_for_a_person(void **state)
{
    (void)state;
    struct broadcast *broadcast = approved(BROADCAST_LIVE), *after;
    broadcast->held = "the daemon was started";
    assert_int_equal(ask(context, ACTION_SEND, &anna, &broadcast, NOW), REFUSAL_HELD);
    struct broadcast_request request = right_request(ACTION_RELEASE, &anna, broadcast, NOW);
    request.reason = NULL;
    assert_int_equal(broadcast_decide(context, broadcast, NULL, &request, &rules, &after),
                     REFUSAL_REASON);
    assert_int_equal(ask(context, ACTION_RELEASE, &vera, &broadcast, NOW), REFUSAL_ROLE);
    assert_int_equal(ask(context, ACTION_RELEASE, &anna, &broadcast, NOW), REFUSAL_NONE);
    assert_null(broadcast->held);
}

static void a_withdrawal_needs_one_person_and_nothing_typed(void **state)
{
    (void)state;
    struct broadcast *original = approved(BROADCAST_LIVE), *after;
    assert_null(broadcast_follow(context, original, BROADCAST_WITHDRAWN, "live-x", &anna, NOW));
    assert_int_equal(ask(context, ACTION_SEND, &anna, &original, NOW), REFUSAL_NONE);
    struct broadcast *back =
        broadcast_follow(context, original, BROADCAST_WITHDRAWN, "live-x", &anna, NOW);
    assert_non_null(back);
    const struct broadcast_request request = {
        .action = ACTION_SEND, .person = &anna, .now = NOW, .seen_hash = back->hash};
    assert_int_equal(broadcast_decide(context, back, NULL, &request, &rules, &after), REFUSAL_NONE);
    assert_int_equal(after->alone, ALONE_FALSE_ALARM);
    /* A correction has new words: it needs the second person. */
    struct broadcast *correction =
        broadcast_follow(context, original, BROADCAST_CORRECTION, "live-y", &anna, NOW);
    assert_int_equal(ask(context, ACTION_SEND, &anna, &correction, NOW), REFUSAL_NOT_APPROVED);
    /* To exactly those who got the original: its areas cannot be chosen anew. */
    struct broadcast *wider = broadcast_copy(context, correction);
    wider->areas[0] = "prefecture:01";
    wider->everyone = true;
    const struct broadcast_request edit = right_request(ACTION_EDIT, &anna, correction, NOW);
    assert_int_equal(broadcast_decide(context, correction, wider, &edit, &rules, &after),
                     REFUSAL_NONE);
    assert_string_equal(after->areas[0], "municipality:01100");
    assert_false(after->everyone);
}

static void sent_once_is_sent_once(void **state)
{
    (void)state;
    struct broadcast *broadcast = approved(BROADCAST_LIVE);
    assert_int_equal(ask(context, ACTION_SEND, &anna, &broadcast, NOW), REFUSAL_NONE);
    assert_int_equal(ask(context, ACTION_SEND, &anna, &broadcast, NOW), REFUSAL_STATE);
    assert_int_equal(ask(context, ACTION_EDIT, &anna, &broadcast, NOW), REFUSAL_STATE);
    assert_int_equal(ask(context, ACTION_APPROVE, &bert, &broadcast, NOW), REFUSAL_STATE);
    assert_int_equal(ask(context, ACTION_STOP, &anna, &broadcast, NOW), REFUSAL_NONE);
    assert_int_equal(ask(context, ACTION_STOP, &anna, &broadcast, NOW), REFUSAL_STATE);
}

static void a_record_survives_json(void **state)
{
    (void)state;
    struct broadcast *broadcast = approved(BROADCAST_LIVE);
    json_t *one = broadcast_to_json(broadcast);
    struct broadcast *back = broadcast_from_json(context, one);
    json_t *two = broadcast_to_json(back);
    assert_true(json_equal(one, two));
    json_decref(one);
    json_decref(two);
    json_t *nothing = json_pack("{ssss}", "id", "live-1", "kind", "other");
    assert_null(broadcast_from_json(context, nothing));
    json_decref(nothing);
}

/* Each thing that people receive changes the hash; the history does not. */
static void an_approval_binds_text_area_audience_and_severity(void **state)
{
    (void)state;
    struct broadcast *broadcast = draft_of(context, BROADCAST_LIVE);
    const char *first = broadcast_hash(context, broadcast);
    static const char *const one[] = {"email", NULL};
#define CHANGES(field, value)                                                                      \
    do {                                                                                           \
        struct broadcast changed = *broadcast;                                                     \
        changed.field = value;                                                                     \
        assert_string_not_equal(broadcast_hash(context, &changed), first);                         \
    } while (0)
    CHANGES(template_id, "E-5");
    CHANGES(level, 5);
    CHANGES(authority, "other");
    CHANGES(area_count, 0);
    CHANGES(everyone, true);
    CHANGES(value_count, 1);
    CHANGES(valid_for, USEC_PER_HOUR);
    CHANGES(next_update, NOW);
    CHANGES(phase, BROADCAST_UPDATE);
    struct broadcast narrowed = *broadcast;
    narrowed.channels = one;
    narrowed.channel_count = 1;
    assert_string_not_equal(broadcast_hash(context, &narrowed), first);
    narrowed = *broadcast;
    narrowed.languages = one;
    narrowed.language_count = 1;
    assert_string_not_equal(broadcast_hash(context, &narrowed), first);
    struct broadcast later = *broadcast;
    later.approver = "bert";
    later.state = BROADCAST_SENT;
    later.sent_at = NOW;
    assert_string_equal(broadcast_hash(context, &later), first);
}

/* Random people do random things in any order: what is sent was approved, as it is, by another
 * person than whoever wrote it, within ten minutes (test 42). */
static void no_history_sends_an_unapproved_text(void **state)
{
    (void)state;
    const struct person *const people[] = {&anna, &bert, &carl, &vera, &dora};
    unsigned seed = 42, sent = 0;
    for (int history = 0; history < 2000; history++) {
        TALLOC_CTX *scratch = talloc_new(context);
        struct broadcast *broadcast = draft_of(scratch, BROADCAST_LIVE);
        const char *approved_text = NULL;
        usec_t now = NOW;
        for (int step = 0; step < 12 && broadcast->state != BROADCAST_SENT; step++) {
            const struct person *person = people[rand_r(&seed) % 5];
            enum broadcast_action action = (enum broadcast_action)(rand_r(&seed) % 4);
            struct broadcast *edited = broadcast_copy(scratch, broadcast), *after;
            edited->values[1].text = memory_printf(scratch, "%d", rand_r(&seed) % 3);
            now += rand_r(&seed) % 5 * USEC_PER_MINUTE;
            struct broadcast_request request = right_request(action, person, broadcast, now);
            if (rand_r(&seed) % 4 == 0)
                request.seen_hash = "stale";
            if (broadcast_decide(scratch, broadcast, edited, &request, &rules, &after) !=
                REFUSAL_NONE)
                continue;
            if (action == ACTION_APPROVE)
                approved_text = after->hash;
            if (after->state == BROADCAST_SENT) {
                sent++;
                assert_non_null(approved_text);
                assert_string_equal(after->hash, approved_text);
                assert_string_not_equal(after->approver, after->author);
                assert_string_not_equal(after->approver, after->last_editor);
                assert_true(now - after->approved_at <= BROADCAST_APPROVAL_LASTS);
            }
            broadcast = after;
        }
        talloc_free(scratch);
    }
    assert_true(sent > 50); /* otherwise this shows nothing */
}

#define FRESH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FRESH(a_second_person_approves_and_it_goes),
        FRESH(an_unapproved_draft_does_not_go),
        FRESH(nobody_approves_what_he_wrote_or_edited),
        FRESH(an_edit_voids_the_approval),
        FRESH(a_text_changed_behind_the_approval_does_not_go),
        FRESH(an_approval_ends_after_ten_minutes),
        FRESH(the_text_that_was_not_seen_is_not_approved),
        FRESH(the_area_is_typed_and_the_count_is_fresh),
        FRESH(no_area_is_never_everyone),
        FRESH(a_drill_has_no_way_to_become_live),
        FRESH(a_drill_credential_touches_nothing_live),
        FRESH(another_authority_is_refused),
        FRESH(break_glass_is_for_one_class_one_role_one_phrase),
        FRESH(of_missiles_only_people_who_are_named_tell),
        FRESH(of_missiles_two_tell_and_type_what_it_says),
        FRESH(a_scheduled_drill_asks_again),
        FRESH(a_plan_keeps_its_day_of_the_year),
        FRESH(what_is_held_waits_for_a_person),
        FRESH(a_withdrawal_needs_one_person_and_nothing_typed),
        FRESH(sent_once_is_sent_once),
        FRESH(a_record_survives_json),
        FRESH(an_approval_binds_text_area_audience_and_severity),
        FRESH(no_history_sends_an_unapproved_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
