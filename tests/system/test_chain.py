"""The test of the whole chain with its correction and report, and the look for gaps (H-19). When they are due:
tests/desk/test-chain.c."""
import json
import unittest

from harness import FakeJMA, Noroshi, Sink, hotel, resident, wait_for


class Chain(unittest.TestCase):
    def begin(self, sections=""):
        self.jma, self.sink = FakeJMA(), Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        readers = [hotel(self.sink, "/desk", staff=True, areas=["canary"], min_level=5), hotel(self.sink, "/public"),
                   resident("head@test.invalid") | {"staff": True, "languages": ["ja"], "areas": ["札幌市"]},
                   resident("public@test.invalid")]
        self.daemon = Noroshi(self.jma, readers, sections=sections)
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def reports(self):
        return sorted((self.daemon.folder / "state" / "reports").glob("chain-*"))

    def check_result(self):
        wait_for(lambda: len(self.reports()) == 3, 120, "the report; " + self.daemon.text_of_log()[-2000:])
        first, second = self.sink.bodies("/desk")[:2]
        self.assertEqual([first["type"], second["type"]], ["drill.issue", "drill.correction"])
        for body in (first, second):
            self.assertEqual(body["data"]["status"], "test")
            self.assertEqual(body["data"]["areas"], [])
            self.assertNotIn("JMA", json.dumps(body["data"]["messages"]))
        wait_for(lambda: len(self.daemon.mails()) >= 3, 60, "test, correction and result")
        subjects = [mail["subject"] for mail in self.daemon.mails()]
        self.assertEqual({str(mail["to"]) for mail in self.daemon.mails()}, {"Resident <head@test.invalid>"})
        for subject in subjects:
            self.assertRegex(subject, "^訓練：|^【試験】")
        wait_for(lambda: len(self.sink.bodies("/desk")) == 3, 30, "the result by webhook")
        self.assertEqual(self.sink.bodies("/desk")[2]["type"], "staff.letter")
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


if __name__ == "__main__":
    unittest.main()
