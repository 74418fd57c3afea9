"""Blindness (27): a feed that is frozen, gone or unreachable is never shown as "no warnings"."""
import datetime
import json
import unittest

import telegrams
from harness import FakeJMA, Noroshi, Sink, free_port, hotel, now, wait_for


def sight(daemon):
    return daemon.status()["sight"]


class Blind(unittest.TestCase):
    def setUp(self):
        self.sink = Sink()
        self.addCleanup(self.sink.close)

    def start(self, jma):
        daemon = Noroshi(jma, [hotel(self.sink)])
        self.addCleanup(daemon.close)
        daemon.start()
        return daemon

    def assertBlind(self, daemon):
        status, body, _ = daemon.get("/?lang=en")
        self.assertEqual(status, 200)
        self.assertNotIn("data-sight=\"fresh-quiet\"", body)
        self.assertNotIn("data-sight=\"fresh-alerts\"", body)
        self.assertRegex(daemon.get("/metrics")[1], r"noroshi_feed_state\{[^}]*state=\"(stale|unavailable)\"[^}]*\} 1")

    def test_a_server_that_was_never_reached_is_not_a_quiet_day(self):
        daemon = self.start(f"http://127.0.0.1:{free_port()}/developer/xml/feed/")
        wait_for(lambda: "feed not reached" in daemon.text_of_log(), 30, "the log says so")
        self.assertEqual(sight(daemon), "unavailable")
        self.assertBlind(daemon)
        self.assertEqual(daemon.get("/readyz")[0], 503)

    def test_a_frozen_feed_raises_an_alarm_within_three_minutes_and_recovers(self):
        jma = FakeJMA()
        self.addCleanup(jma.close)
        jma.use_etag = False
        jma.add("VXSE51", telegrams.quake_flash(now(), "20260101010101",
                                                [("01", "北海道", "101", "石狩地方中部", "3")]))
        daemon = self.start(jma)
        wait_for(lambda: sight(daemon).startswith("fresh"), 90, "we see")
        wait_for(lambda: jma.polls("eqvol") >= 2, 90, "the page was made anew once")
        jma.frozen = now()
        wait_for(lambda: sight(daemon) == "stale", 260, "the alarm")
        self.assertBlind(daemon)
        jma.frozen = None
        wait_for(lambda: sight(daemon).startswith("fresh"), 100, "it ends by itself")

    def test_a_server_that_goes_away_raises_an_alarm_and_its_return_ends_it(self):
        jma = FakeJMA()
        self.addCleanup(jma.close)
        daemon = self.start(jma)
        wait_for(lambda: sight(daemon).startswith("fresh"), 90, "we see")
        jma.offline = True
        wait_for(lambda: sight(daemon) == "unavailable", 260, "the alarm")
        self.assertBlind(daemon)
        wait_for(lambda: daemon.get("/readyz")[0] == 503, 60, "the last feed that was seen is gone, too")
        jma.offline = False
        wait_for(lambda: sight(daemon).startswith("fresh"), 100, "it ends by itself")

    def test_while_the_past_is_still_being_read_nothing_is_called_quiet(self):
        jma = FakeJMA()
        self.addCleanup(jma.close)
        for age in range(10, 200):
            time = now() - datetime.timedelta(minutes=age)
            jma.add("VPWW55", telegrams.rain(time, [("0110000", "札幌市", 0, 0)]), feed="extra", updated=time,
                    office=f"{age:06}")
        daemon = self.start(jma)
        wait_for(lambda: jma.polls("extra") >= 1 and jma.polls("eqvol") >= 1, 60, "the first polls")
        wait_for(lambda: sight(daemon) == "stale", 60, "it says that it does not see yet")
        self.assertBlind(daemon)


if __name__ == "__main__":
    unittest.main()
