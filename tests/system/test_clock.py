"""The clock leaps while the daemon runs, or was wrong at its start (24): nothing is lost, nothing comes twice, nothing
ends early, and what goes out meanwhile says that it may be late."""
import datetime
import unittest

import telegrams
from harness import FakeJMA, MachineClock, Noroshi, Sink, hotel, now, wait_for

SAPPORO = ("0110000", "札幌市")
COAST = ("102", "北海道太平洋沿岸西部")
EVENT = "20260101000001"


def hours(count):
    return datetime.timedelta(hours=count)


class Base(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        self.daemon = Noroshi(self.jma, [hotel(self.sink)])
        self.addCleanup(self.daemon.close)
        self.clock = MachineClock(self.daemon)

    def start(self):
        self.daemon.start()
        wait_for(lambda: self.daemon.database("select 1 from fact where name = 'settled'"), 90, "the first polls")

    def publish(self, kind, last=None):
        time = now() + self.jma.shift
        self.jma.add("VTSE41", telegrams.tsunami(time, EVENT, [(*COAST, kind, last)]), updated=time)

    def deliver(self, kind, last=None):
        """One more telegram, its webhook's data."""
        before = len(self.sink.accepted())
        self.publish(kind, last)
        wait_for(lambda: len(self.sink.accepted()) > before, 150, f"{kind}; " + self.daemon.text_of_log()[-3000:])
        return self.sink.bodies()[-1]["data"]

    def warn_in_vain(self):
        """The daemon, and a warning whose receiver is down, until it has been tried twice."""
        self.sink.behave = lambda path, count: 503
        self.publish("warning")
        self.start()
        wait_for(lambda: len(self.sink.received) >= 2, 150, "two tries")

    def trusted(self):
        return self.daemon.status()["clock_trusted"]

    def assert_once(self):
        ids = [r["headers"]["webhook-id"] for r in self.sink.accepted()]
        self.assertEqual(len(set(ids)), len(ids))


class Leap(Base):
    """This machine's clock leaps while a warning waits for its receiver."""

    def leap(self, shift):
        self.warn_in_vain()
        self.jma.add("VPWW55", telegrams.rain(now(), [(*SAPPORO, 3, 0)]), feed="extra", office="016000")
        self.clock.set(shift)  # the feeds are asked at once
        wait_for(lambda: not self.trusted(), 30, "it is shown")
        self.assertIn("clock is more than five minutes", str(self.daemon.status()["notices"]))
        self.assertIn("may be wrong", self.daemon.get("/?lang=en")[1])
        self.sink.behave = lambda path, count: 200
        wait_for(lambda: len(self.sink.accepted()) == 2, 90, "the delivery, and what came meanwhile")
        # Signed when it was tried, by a time that its receiver believes.
        stamps = [int(r["headers"]["webhook-timestamp"]) for r in self.sink.received]
        for stamp, request in zip(stamps, self.sink.received):
            self.assertLess(abs(stamp - request["at"]), 60)
        data = {body["data"]["hazard"]: body["data"] for body in self.sink.bodies()}
        self.assertFalse(data["tsunami"]["delay_unknown"])  # of before the leap
        self.assertEqual((data["rain"]["delayed"], data["rain"]["delay_unknown"]), (False, True))
        self.assertIn("may come late", data["rain"]["messages"][0]["delayed"])
        self.clock.set(datetime.timedelta())
        wait_for(self.trusted, 30, "the clock is right again")
        data = self.deliver("lift-warning", "warning")
        self.assertEqual((data["phase"], data["delayed"], data["delay_unknown"], data["messages"][0]["delayed"]),
                         ("all-clear", False, False, None))
        self.assertEqual(len(self.sink.accepted()), 3)
        self.assert_once()
        wait_for(lambda: self.daemon.database("select count(*) from delivery where state <> 3") == [(0,)], 20,
                 "everything has its receipt")

    def test_two_hours_back(self):
        self.leap(hours(-2))

    def test_a_day_ahead_where_the_warning_would_have_expired(self):
        self.leap(hours(24))

    def test_to_2038(self):
        self.leap(datetime.datetime(2038, 1, 19, 3, 15, tzinfo=datetime.timezone.utc) - now())

    def test_to_1970(self):
        self.leap(datetime.datetime(1970, 1, 2, tzinfo=datetime.timezone.utc) - now())


class Clock(Base):
    def test_leap_seconds_and_corrections_are_nothing(self):
        self.start()
        for seconds in (-1, 0, 1, 90, 0):
            self.clock.set(datetime.timedelta(seconds=seconds))
        self.clock.set(datetime.timedelta(seconds=-1))
        self.assertFalse(self.deliver("warning")["delay_unknown"])
        self.assertTrue(self.trusted())
        self.assertNotIn("has leapt", self.daemon.text_of_log())

    def test_2038_itself(self):
        """This machine, the feed server and the telegrams live in 2038."""
        self.jma.shift = datetime.datetime(2038, 1, 19, 3, 13, tzinfo=datetime.timezone.utc) - now()
        self.clock.set(self.jma.shift)
        for entries in self.jma.feeds.values():
            for entry in entries:
                entry["updated"] = now() + self.jma.shift - datetime.timedelta(minutes=2)
        self.start()
        data = self.deliver("warning")
        self.assertEqual((data["issued_at"][:4], data["delay_unknown"]), ("2038", False))
        wait_for(lambda: self.daemon.status()["generated_at"] > "2038-01-19T12:14:10", 120, "2^31 seconds have passed")
        self.assertEqual(self.deliver("lift-warning", "warning")["phase"], "all-clear")
        self.assertTrue(self.trusted())
        self.assert_once()

    def test_a_warning_that_has_expired_by_both_clocks_is_not_sent(self):
        """A machine that slept for two days: the clocks agree again after one question."""
        self.warn_in_vain()
        self.jma.shift = hours(48)
        self.clock.set(self.jma.shift)
        self.sink.behave = lambda path, count: 200
        wait_for(lambda: self.daemon.database("select 1 from delivery where state = 4"), 60, "it expires")
        wait_for(self.trusted, 30, "the clocks agree")
        self.assertEqual(self.sink.accepted(), [])


class Boot(Base):
    def test_in_1970_what_waits_is_sent_and_what_comes_is_marked(self):
        self.warn_in_vain()
        self.daemon.kill()
        self.sink.behave = lambda path, count: 200
        self.clock.set(datetime.datetime(1970, 1, 1, 0, 1, tzinfo=datetime.timezone.utc) - now())
        self.daemon.start()
        wait_for(self.sink.accepted, 60, "what waited; " + self.daemon.text_of_log()[-3000:])
        self.assertFalse(self.trusted())
        self.assertTrue(self.deliver("lift-warning", "warning")["delay_unknown"])
        self.clock.set(datetime.timedelta())
        wait_for(self.trusted, 30, "the clock was set")
        self.assertFalse(self.deliver("advisory")["delay_unknown"])
        self.assertEqual(len(self.sink.accepted()), 3)
        self.assert_once()

    def test_in_1970_a_queue_of_long_ago_is_not_sent(self):
        """Down for eight days; the first thing that it does is to ask what time it is."""
        self.jma.shift = hours(-8 * 24)
        for entries in self.jma.feeds.values():
            for entry in entries:
                entry["updated"] += self.jma.shift
        self.clock.set(self.jma.shift)
        self.warn_in_vain()
        self.daemon.kill()
        tried = len(self.sink.received)
        self.sink.behave = lambda path, count: 200
        self.jma.shift = datetime.timedelta()
        self.clock.set(datetime.datetime(1970, 1, 1, 0, 1, tzinfo=datetime.timezone.utc) - now())
        self.daemon.start()
        wait_for(lambda: self.daemon.database("select 1 from delivery where state = 4"), 60, "it expires")
        self.assertEqual(len(self.sink.received), tried)


class WrongServer(Base):
    def test_a_date_far_ahead_drops_nothing(self):
        self.warn_in_vain()
        self.jma.date_error = hours(24)
        wait_for(lambda: not self.trusted(), 150, "two dates agree")
        self.sink.behave = lambda path, count: 200
        wait_for(self.sink.accepted, 90, "the delivery")
        self.assertTrue(self.deliver("lift-warning", "warning")["delay_unknown"])
        self.assert_once()

    def test_a_date_far_behind_its_own_pages_counts_for_nothing(self):
        self.start()
        self.jma.date_error = hours(-24)
        polls = self.jma.polls("eqvol"), self.jma.polls("extra")
        wait_for(lambda: self.jma.polls("eqvol") > polls[0] and self.jma.polls("extra") > polls[1], 150, "both feeds")
        self.assertFalse(self.deliver("warning")["delay_unknown"])
        self.assertTrue(self.trusted())


if __name__ == "__main__":
    unittest.main()
