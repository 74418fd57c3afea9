/* The sentences stand here and not in messages/: they are for staff only, who read one of two
 * languages. */
#include "base/text.h"
#include "broadcast/words.h"

struct sentence {
    const char *en, *ja;
};

static const struct sentence refusals[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = {"", ""},
    [REFUSAL_ROLE] = {"Your account may not do this.", "このアカウントではできません。"},
    [REFUSAL_KIND] = {"Drill and live are separate: this sign-in or token is for the other one.",
                      "訓練と本番は別です。この資格では、もう一方しか使えません。"},
    [REFUSAL_STATE] = {"This is not possible any more: somebody or the time has changed its state. "
                       "Look at it again.",
                       "状態が変わったため、できません。もう一度表示して確かめてください。"},
    [REFUSAL_SAME_PERSON] = {"Who wrote or edited it cannot approve it. Ask another person.",
                             "書いた人や直した人は承認できません。ほかの人に頼んでください。"},
    [REFUSAL_NOT_APPROVED] = {"A second person must approve it first.",
                              "先に、もう一人の承認が必要です。"},
    [REFUSAL_APPROVAL_OVER] = {"The approval is older than ten minutes. Ask for it again.",
                               "承認から10分が過ぎました。もう一度承認を受けてください。"},
    [REFUSAL_CHANGED] = {"The text has changed since you saw it. Read it again.",
                         "見た後に内容が変わりました。もう一度読んで確かめてください。"},
    [REFUSAL_AREA_TYPED] = {"Type the name of the area exactly as it is shown.",
                            "表示されている地域の名前を、そのとおりに入力してください。"},
    [REFUSAL_EVERYONE] = {"This goes to everyone. Confirm that once more.",
                          "全員に送られます。もう一度確認してください。"},
    [REFUSAL_NO_AREA] = {"Choose at least one area. Without an area nothing is sent.",
                         "地域を一つ以上選んでください。地域がなければ何も送られません。"},
    [REFUSAL_COUNT_OLD] =
        {"The number of readers is older than a minute. Look at the preview again.",
         "人数の確認から1分が過ぎました。もう一度プレビューを見てください。"},
    [REFUSAL_COUNT_CHANGED] =
        {"The number of readers has changed by more than five in a hundred. Look at the preview "
         "again.",
         "受け取る人数が5％を超えて変わりました。もう一度プレビューを見てください。"},
    [REFUSAL_PHRASE] = {"The phrase is not typed exactly as it is shown.",
                        "表示されている文を、そのとおりに入力してください。"},
    [REFUSAL_REASON] = {"Write a reason, 5 to 500 characters.",
                        "理由を5文字以上500文字以内で書いてください。"},
    [REFUSAL_LEVEL] = {"One person alone can send only the gravest level.",
                       "一人だけで送れるのは、最も重いレベルだけです。"},
    [REFUSAL_NAMED] =
        {"Only people whom the configuration names for messages about missiles may do "
         "this.",
         "設定で弾道ミサイルの担当として名前を挙げられた人だけができます。"},
    [REFUSAL_AUTHORITY] = {"This belongs to another authority than yours.",
                           "ほかの機関のものです。"},
    [REFUSAL_HELD] = {"It is held back. Release it first.",
                      "止められています。先に「再開」してください。"},
    [REFUSAL_TIME] = {"Not at this time: too early, too late, or in the past.",
                      "この時刻ではできません（早すぎる、遅すぎる、または過ぎています）。"},
    [REFUSAL_FAULTS] =
        {"Something that was filled in is not right. It is kept; see what to change.",
         "入力に直すところがあります。内容は残っています。下を見て直してください。"},
    [REFUSAL_UNKNOWN] = {"There is no such thing here.", "ここには、ありません。"},
    [REFUSAL_REPEATED_OTHER] =
        {"This request was used for something else already. Load the page again.",
         "この操作は別の内容で送信済みです。ページを開き直してください。"},
    [REFUSAL_LOGIN] = {"Sign in. What you typed is kept.",
                       "ログインしてください。入力した内容は残っています。"},
    [REFUSAL_WAIT] = {"Too many tries. Wait a little.", "回数が多すぎます。少し待ってください。"},
    [REFUSAL_FORGED] =
        {"This request did not come from these pages, or the page is too old. Load it again.",
         "このページからの操作と確認できません。ページを開き直してください。"},
    [REFUSAL_FORM] = {"The request cannot be read.", "内容を読み取れません。"},
    [REFUSAL_MAINTENANCE] =
        {"Somebody works on the machine (maintenance mode). What is new waits; a withdrawal, a "
         "correction and an all-clear go.",
         "保守作業中のため、新しいお知らせは送れません。取り消し・訂正・解除は送れます。"},
    [REFUSAL_DISK_FULL] =
        {"The disk of this machine is full or nearly full: what is new could be lost and is not "
         "taken. Stopping and withdrawing still work. Tell those who run the machine.",
         "サーバーのディスクに空きがなく、新しい内容は失われるおそれがあるため受け付けられません。"
         "中止と取り消しはできます。サーバーの管理者に知らせてください。"},
    [REFUSAL_BUSY] =
        {"No answer in time, or the message before is still on its way. Look first, then try "
         "again.",
         "応答がないか、前の放送がまだ送信中です。状態を確かめてから、もう一度行ってください。"},
};
static const struct {
    const char *fault;
    struct sentence sentence;
} faults[] = {
    {"unknown-authority", {"The configuration has no such authority.", "設定にない機関です。"}},
    {"evacuation-authority",
     {"Evacuation information is issued only by the authority that orders evacuation.",
      "避難情報を出せるのは、避難を指示する機関だけです。"}},
    {"missile-authority",
     {"Messages about missiles are issued only by an authority whose people the configuration "
      "names "
      "for it.",
      "弾道ミサイルの情報を出せるのは、設定で担当者の名前を挙げた機関だけです。"}},
    {"unknown-area",
     {"There is no such place. Choose it from the list.",
      "この名前の地域はありません。一覧から選んでください。"}},
    {"too-many",
     {"At most 200 areas. Choose a larger one.",
      "地域は200か所までです。もっと広い地域を選んでください。"}},
    {"validity", {"Between 10 minutes and 7 days.", "10分から7日までにしてください。"}},
};

const char *broadcast_refusal_text(enum broadcast_refusal refusal, const char *language)
{
    return text_equal(language, "en") ? refusals[refusal].en : refusals[refusal].ja;
}

const char *broadcast_own_fault_text(const char *fault, const char *language)
{
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (text_equal(faults[i].fault, fault))
            return text_equal(language, "en") ? faults[i].sentence.en : faults[i].sentence.ja;
    }
    return NULL;
}
