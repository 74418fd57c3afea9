"""Drills (33): never to anyone who did not ask, and marked in every language, length and form."""
import unittest

import telegrams
from harness import FakeJMA, Noroshi, Sink, hotel, now, resident, wait_for

LANGUAGES = ["ja", "ja-simple", "en", "zh-Hans", "zh-Hant", "ko", "vi", "ne"]
MARKS = {"ja": "訓練", "ja-simple": "くんれん", "en": "DRILL", "zh-Hans": "演习", "zh-Hant": "演習", "ko": "훈련",
         "vi": "DIỄN TẬP", "ne": "अभ्यास"}


class Drill(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        self.daemon = Noroshi(self.jma, [
            hotel(self.sink, "/plain"), resident("plain@test.invalid", areas=["01"]),
            hotel(self.sink, "/drills", drills=True, languages=LANGUAGES),
            *[resident(f"{language}@test.invalid", drills=True, languages=[language], areas=["01"]) for language in LANGUAGES]])
        self.addCleanup(self.daemon.close)
        self.daemon.start()
        wait_for(lambda: self.daemon.database("select 1 from fact where name = 'settled'"), 40, "the first polls")

    def send(self, status, number):
        self.jma.add("VTSE41", telegrams.tsunami(now(), f"2026010100{number:04}",
                                                 [("102", "北海道太平洋沿岸西部", "major", None)], status=status))

    def test_a_drill_reaches_only_those_who_asked_and_says_so_first(self):
        self.send("訓練", 1)
        wait_for(lambda: self.sink.accepted("/drills"), 90, "the drill")
        wait_for(lambda: len(self.daemon.mails()) == len(LANGUAGES), 20, "the mails")
        self.assertEqual(self.sink.accepted("/plain"), [])
        body = self.sink.bodies("/drills")[0]
        self.assertEqual(body["type"], "drill.issue")
        self.assertTrue(body["data"]["drill"])
        for message in body["data"]["messages"]:
            mark = MARKS[message["language"]]
            self.assertIn(mark, message["headline"][:24], message["language"])
            if "plain" in message:  # eight languages do not all fit into 20 kB with their whole text
                self.assertIn(mark, message["plain"][:40], message["language"])
                self.assertIn(mark, message["plain"].strip()[-60:], message["language"])
            self.assertIn(mark, message["short"][:24], message["language"])
            self.assertEqual(message["colour"], "blue")
        for mail in self.daemon.mails():
            language = mail["To"].addresses[0].username
            self.assertNotEqual(language, "plain")
            self.assertIn(MARKS[language], mail["Subject"][:40])
            self.assertIn(MARKS[language], mail.get_body(("plain",)).get_content().strip()[:60])
            self.assertIsNotNone(mail["X-Noroshi-Drill"])
            self.assertNotEqual(mail["Importance"], "high")
        wait_for(lambda: "DRILL" in self.daemon.get("/?lang=en")[1], 20, "the drill on the page")
        self.assertEqual(self.daemon.alerts()["alerts"], [])
        self.assertEqual(len(self.daemon.alerts()["drills"]), 1)

    def test_a_status_that_is_missing_or_unknown_reaches_nobody_and_an_operator_is_told(self):
        for number, status in enumerate(["", "通　常？", "テスト", "normal"], 10):
            self.send(status, number)
        self.send("試験", 30)
        wait_for(lambda: self.sink.accepted("/drills"), 90, "the test telegram, to those who asked")
        wait_for(lambda: self.daemon.database("select count(*) from telegram where outcome <> 0")[0][0] >= 5, 30,
                 "all are taken in")
        self.assertEqual(len(self.sink.accepted()), 1)
        wait_for(lambda: "unknown status" in self.daemon.get("/api/v1/status")[1], 20, "the operator's notice")

    def test_drill_words_under_an_actual_status_are_treated_as_a_drill_and_reported(self):
        self.jma.add("VTSE41", telegrams.report(
            "津波警報・注意報・予報a", "津波警報", now(), "<Tsunami><Forecast><Item><Area><Name>北海道太平洋沿岸西部</Name>"
            "<Code>102</Code></Area><Category><Kind><Name>津波警報</Name><Code>51</Code></Kind><LastKind><Name>津波なし"
            "</Name><Code>00</Code></LastKind></Category></Item></Forecast></Tsunami>", event_id="20260101000077",
            headline="＊＊＊これは訓練です＊＊＊ 津波警報"))
        wait_for(lambda: self.sink.accepted("/drills"), 90, "the drill")
        self.assertEqual(self.sink.accepted("/plain"), [])
        wait_for(lambda: "speaks of a drill" in self.daemon.get("/api/v1/status")[1], 20, "the operator's notice")


if __name__ == "__main__":
    unittest.main()
