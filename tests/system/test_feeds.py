"""The feeds: bodies that come late or broken, entries that only the long feed has, and traffic (26, 28, 34)."""
import datetime
import json
import re
import unittest

import telegrams
from harness import FakeJMA, Noroshi, Sink, hotel, now, wait_for

SAPPORO = ("01", "北海道", "101", "石狩地方中部", "0110100", "札幌中央区")


def flash(time, event_id, intensity="5-"):
    return telegrams.quake_flash(time, event_id, [("01", "北海道", "101", "石狩地方中部", intensity)])


class Base(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)

    def daemon(self, subscribers=None, **more):
        daemon = Noroshi(self.jma, subscribers or [hotel(self.sink)], **more)
        self.addCleanup(daemon.close)
        return daemon

    def settled(self, daemon):
        """The first polls are done: what comes now is new."""
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 30, "the first polls")
        return daemon

    def types(self):
        return [b["type"] for b in self.sink.bodies()]


class LateBodies(Base):
    def fault(self, faults):
        daemon = self.settled(self.daemon())
        time, tries = now(), len(faults) + 1
        path = self.jma.add("VXSE51", None, title="震度速報", content="【震度速報】")
        sibling = self.jma.add("VXSE51", flash(time, "20260101000002", "4"), title="震度速報")
        self.jma.faults[path] = faults
        self.jma.telegrams[path] = flash(time, "20260101000001")
        wait_for(lambda: len(self.sink.accepted()) >= 2, 120, "both alerts; log:\n" + daemon.text_of_log())
        self.assertEqual(self.types(), ["alert.issue"] * 2)
        self.assertEqual(self.jma.fetches(sibling), 1)
        self.assertEqual(self.jma.fetches(path), tries, "fetched until it was whole and never again")

    def test_a_body_that_is_404_at_first_is_fetched_again(self):
        self.fault([("status", 404), ("status", 404)])

    def test_a_server_error_and_a_reset_are_tried_again(self):
        self.fault([("status", 500), ("reset",)])

    def test_half_a_body_is_no_body(self):
        self.fault([("half",), ("half",)])

    def test_half_a_document_with_the_right_length_is_no_document(self):
        self.fault([("body", flash(now(), "20260101000001")[:700])])

    def test_siblings_do_not_wait_for_a_failing_body(self):
        daemon = self.settled(self.daemon())
        path = self.jma.add("VXSE51", flash(now(), "20260101000003"), title="震度速報", content="【震度速報】")
        self.jma.faults[path] = [("status", 404)] * 50
        self.jma.add("VXSE51", flash(now(), "20260101000004"), title="震度速報")
        wait_for(lambda: self.sink.accepted(), 80, "the sibling")
        self.assertEqual(len(self.sink.accepted()), 1)

    def test_details_follow_when_a_tsunami_warning_cannot_be_fetched_for_a_minute(self):
        daemon = self.settled(self.daemon())
        path = self.jma.add("VTSE41", None, title="津波警報・注意報・予報a",
                            content="【津波警報】北海道太平洋沿岸西部に津波警報を発表しました")
        wait_for(lambda: self.sink.accepted(), 150, "the alert from the feed's text; " + daemon.text_of_log())
        body = self.sink.bodies()[0]
        self.assertEqual(body["type"], "alert.issue")
        self.assertEqual(body["data"]["level"], 4)
        self.assertTrue(body["data"]["generic"])
        self.jma.telegrams[path] = telegrams.tsunami(now(), "20260101000009",
                                                     [("102", "北海道太平洋沿岸西部", "warning", None)])
        wait_for(lambda: len(self.sink.accepted()) == 2, 90, "the real one")
        self.assertEqual(self.sink.bodies()[1]["data"]["hazard"], "tsunami")
        self.assertFalse(self.sink.bodies()[1]["data"].get("generic", False))

    def test_a_drill_in_the_feeds_text_is_not_told_before_its_telegram_is_there(self):
        daemon = self.settled(self.daemon())
        path = self.jma.add("VTSE41", None, title="津波警報・注意報・予報a",
                            content="【津波警報】これは訓練です。北海道太平洋沿岸西部に津波警報")
        wait_for(lambda: self.jma.fetches(path) >= 7, 150, "a minute of tries")
        self.assertEqual(self.sink.accepted(), [])
        self.assertIn("not fetched", daemon.text_of_log())


class LongFeed(Base):
    def test_what_the_short_feed_lost_is_found_in_the_long_one_after_a_gap(self):
        self.jma.add("VXSE51", flash(now() - datetime.timedelta(hours=9), "20260101000010", "3"))
        daemon = self.settled(self.daemon())
        daemon.stop()
        # While it was down a warning came that the short feed shows no more; a quake that is long past too.
        warned = now() - datetime.timedelta(minutes=40)
        self.jma.add("VTSE41", telegrams.tsunami(warned, "20260101000011",
                                                 [("102", "北海道太平洋沿岸西部", "warning", None)]),
                     updated=warned, only=["eqvol_l"])
        past = now() - datetime.timedelta(hours=3)
        self.jma.add("VXSE51", flash(past, "20260101000012"), updated=past, only=["eqvol_l"])
        self.jma.feeds["eqvol"].clear()
        self.jma.add("VXSE51", flash(now(), "20260101000013", "3"))
        daemon.start()
        wait_for(lambda: self.sink.accepted(), 60, "the warning that is still in force")
        wait_for(lambda: daemon.database("select count(*) from telegram")[0][0] >= 4, 30, "all are recorded")
        hazards = [b["data"]["hazard"] for b in self.sink.bodies()]
        self.assertEqual(hazards, ["tsunami"])
        self.assertTrue(self.sink.bodies()[0]["data"]["delayed"])


class Traffic(Base):
    def test_each_telegram_once_polls_are_conditional_and_no_url_is_invented(self):
        given = [self.jma.add("VXSE51", flash(now() - datetime.timedelta(minutes=m), f"202601010001{m:02}", "3"),
                              updated=now() - datetime.timedelta(minutes=m)) for m in range(1, 20)]
        self.jma.add("VPFD51", b"<x/>", feed="regular")
        daemon = self.settled(self.daemon())
        wait_for(lambda: self.jma.polls("eqvol") >= 3, 200, "three polls")
        for path in given:
            self.assertEqual(self.jma.fetches(path), 1, path)
        known = set(given)
        later = 0
        for _, path, headers in self.jma.requests:
            if re.match(r"/developer/xml/feed/\w+\.xml$", path):
                later += "If-None-Match" in headers
                continue
            self.assertIn(path, known, "a URL that no feed gave, or one that is not wanted")
        self.assertGreaterEqual(later, 2)
        daemon.kill()
        before = len(self.jma.requests)
        daemon.start()
        wait_for(lambda: self.jma.polls("eqvol") >= 4, 60, "a poll after the restart")
        again = [p for _, p, _ in self.jma.requests[before:] if p in known]
        self.assertEqual(again, [], "fetched again after a restart")
        self.assertEqual(self.sink.accepted(), [])
        counted = daemon.database("select sum(bytes) from traffic")[0][0]
        self.assertGreater(counted, 1000)

    def test_servers_without_validators_and_entries_with_uuids_work(self):
        self.jma.use_etag = False
        daemon = self.settled(self.daemon())
        path = self.jma.add("VXSE51", flash(now(), "20260101000200"))
        self.jma.feeds["eqvol"][0]["id"] = "https://www.data.jma.go.jp" + path
        wait_for(lambda: self.sink.accepted(), 90, "the alert")


if __name__ == "__main__":
    unittest.main()
