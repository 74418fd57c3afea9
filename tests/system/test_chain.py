"""The monthly test of the whole chain with its correction and report, and the look for gaps (H-19)."""
import calendar
import json
import time
import unittest

from harness import FakeJMA, Noroshi, Sink, hotel, resident, wait_for
from test_clock import FAKETIME, preload


class Chain(unittest.TestCase):
    def begin(self, sections="", faketime=False):
        self.jma, self.sink = FakeJMA(), Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        readers = [hotel(self.sink, "/desk", staff=True, areas=["canary"], min_level=5), hotel(self.sink, "/public"),
                   resident("head@test.invalid") | {"staff": True, "languages": ["ja"], "areas": ["札幌市"]},
                   resident("public@test.invalid")]
        self.daemon = Noroshi(self.jma, readers, sections=sections)
        self.addCleanup(self.daemon.close)
        if faketime:
            self.clock = self.daemon.folder / "clock"
            self.clock.write_text("+0")
            self.daemon.environment.update(LD_PRELOAD=preload(self.daemon.binary), FAKETIME_TIMESTAMP_FILE=str(self.clock),
                                           FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
                                           DONT_FAKE_MONOTONIC="1", FAKETIME_FORCE_MONOTONIC_FIX="0")
        self.daemon.start()

    def reports(self):
        return sorted((self.daemon.folder / "state" / "reports").glob("chain-*"))

    def check_result(self):
        wait_for(lambda: len(self.reports()) == 3, 120, "the report; " + self.daemon.text_of_log()[-2000:])
        first, second = self.sink.bodies("/desk")[:2]
        self.assertEqual([first["type"], second["type"]], ["alert.issue", "alert.correction"])
        for body in (first, second):
            self.assertEqual(body["data"]["status"], "test")
            self.assertEqual(body["data"]["areas"], [])
            self.assertNotIn("JMA", json.dumps(body["data"]["messages"]))
        wait_for(lambda: len(self.daemon.mails()) >= 3, 60, "test, correction and result")
        subjects = [mail["subject"] for mail in self.daemon.mails()]
        self.assertEqual({mail["to"] for mail in self.daemon.mails()}, {"head@test.invalid"})
        for subject in subjects:
            self.assertRegex(subject, "^【試験】|^試験")
        result = self.daemon.mails()[-1].get_body(("plain",)).get_content()
        self.assertIn("2件中2件に到達（100％）", result)
        self.assertIn("Correction: 2 of 2 reached (100 %), 0 failed", result)
        self.assertEqual(self.sink.accepted("/public"), [])
        report = json.loads(next(p for p in self.reports() if p.suffix == ".json").read_text())
        self.assertEqual(len(report["alerts"]), 2)
        self.assertIn("<html", next(p for p in self.reports() if p.suffix == ".html").read_text())
        self.assertIn("reports/chain-", self.daemon.run("status").stdout)
        what = [row[0] for row in self.daemon.database("select what from audit order by number")]
        self.assertEqual(what, ["chain-test sent", "chain-test corrected", "chain-test reported"])

    def test_it_sends_corrects_reports_and_reaches_staff_only(self):
        self.begin()
        self.assertIn("correction follows", self.daemon.run("send-test", "--chain").stdout)
        self.check_result()

    @unittest.skipUnless(FAKETIME, "libfaketime is not installed")
    def test_it_begins_by_itself_once_a_month_on_its_day_and_hour(self):
        self.begin("chain_test:\n  day: 15\n  hour: 10\n", faketime=True)
        japan = time.gmtime(time.time() + 9 * 3600)
        month = japan.tm_mon % 12 + 1
        at = calendar.timegm((japan.tm_year + (japan.tm_mon == 12), month, 15, 1, 0, 5))  # 10:00:05 in Japan
        self.assertEqual(self.sink.accepted("/desk"), [])
        self.clock.write_text(f"+{int(at - time.time())}")
        self.check_result()
        self.clock.write_text(f"+{int(at - time.time()) + 7200}")
        polls = self.jma.polls("eqvol")
        wait_for(lambda: self.jma.polls("eqvol") > polls, 150, "the desk goes on")
        self.assertEqual(len(self.sink.bodies("/desk")), 2)

    def test_gaps_are_named_by_a_command(self):
        self.begin("coverage:\n  areas: [札幌市, 石狩市, 那覇市]\n")
        shown = json.loads(self.daemon.run("check", "--coverage", "--json").stdout)
        self.assertEqual(shown["municipalities"], 3)
        self.assertEqual([area["name_ja"] for area in shown["without_reader"]], ["那覇市"])
        self.assertEqual([area["name_ja"] for area in shown["without_facility"]], ["那覇市"])
        self.assertIn("ne", shown["languages_without"])
        plain = self.daemon.run("check", "--coverage").stdout
        self.assertIn("那覇市 Naha", plain)
        self.assertIn("language ne: nobody", plain)
        self.assertNotIn("test.invalid", plain)

    @unittest.skipUnless(FAKETIME, "libfaketime is not installed")
    def test_operators_hear_of_gaps_once_a_week(self):
        self.begin("coverage:\n  areas: [那覇市]\n", faketime=True)
        self.assertNotIn("coverage of", self.daemon.text_of_log())
        self.clock.write_text("+25h")
        wait_for(lambda: "1 without a reader (那覇市)" in self.daemon.text_of_log(), 60, "the notice")
        self.assertIn("coverage of 1 municipalities", json.dumps(self.daemon.status()["notices"]))


if __name__ == "__main__":
    unittest.main()
