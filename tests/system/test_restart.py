"""Restarts and absence (11, 14, 29): nothing twice, nothing old as new, what is in force is told once."""
import datetime
import sqlite3
import subprocess
import unittest

import telegrams
from harness import BINARY, RELEASE, FakeJMA, Noroshi, Sink, hotel, now, wait_for

COAST = ("102", "北海道太平洋沿岸西部")


def minutes(count):
    return datetime.timedelta(minutes=count)


class Restart(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        self.daemon = Noroshi(self.jma, [hotel(self.sink)])
        self.addCleanup(self.daemon.close)

    def settled(self):
        wait_for(lambda: self.daemon.database("select 1 from fact where name = 'settled'"), 40,
                 "the first polls; " + self.daemon.text_of_log())

    def add_tsunami(self, age, kind, last=None, **more):
        time = now() - minutes(age)
        return self.jma.add("VTSE41", telegrams.tsunami(time, "20260101000001", [(*COAST, kind, last)], **more),
                            updated=time)

    def test_an_empty_store_and_full_feeds_send_nothing_of_the_past(self):
        for age in range(5, 300, 20):
            time = now() - minutes(age)
            self.jma.add("VXSE51", telegrams.quake_flash(time, f"2026010100{age:04}",
                                                         [("01", "北海道", "101", "石狩地方中部", "6+")]), updated=time)
        time = now() - minutes(200)
        self.jma.add("VPWW55", telegrams.rain(time, [("0110000", "札幌市", 3, 0)]), feed="extra", updated=time,
                     office="016000")
        self.daemon.start()
        self.settled()
        wait_for(lambda: "rain" in {a["alert"]["hazard"] if "alert" in a else a["hazard"]
                                    for a in self.daemon.alerts()["alerts"]}, 20, "the state of the present is loaded")
        self.assertEqual(self.sink.accepted(), [])

    def test_a_grave_warning_in_force_at_the_first_start_is_told_as_late(self):
        self.add_tsunami(30, "major")
        self.daemon.start()
        wait_for(lambda: self.sink.accepted(), 40, "the warning")
        self.settled()
        bodies = self.sink.bodies()
        self.assertEqual(len(bodies), 1)
        self.assertTrue(bodies[0]["data"]["delayed"])
        self.assertEqual(bodies[0]["data"]["level"], 5)

    def test_after_an_absence_each_event_in_force_makes_one_message(self):
        self.daemon.start()
        self.settled()
        self.daemon.stop()
        self.add_tsunami(200, "advisory")
        self.add_tsunami(150, "warning", "advisory")
        self.add_tsunami(100, "major", "warning")
        self.add_tsunami(50, "warning", "major")
        time = now() - minutes(300)
        self.jma.add("VXSE51", telegrams.quake_flash(time, "20260101000002",
                                                     [("01", "北海道", "101", "石狩地方中部", "6+")]), updated=time)
        self.daemon.start()
        wait_for(lambda: self.sink.accepted(), 40, "the warning")
        self.settled()
        wait_for(lambda: not self.daemon.database("select 1 from telegram where outcome = 0"), 20, "all taken in")
        bodies = self.sink.bodies()
        self.assertEqual([(b["data"]["hazard"], b["data"]["level"]) for b in bodies], [("tsunami", 4)])
        self.assertTrue(bodies[0]["data"]["delayed"])

    def test_an_end_that_was_missed_reaches_those_who_were_told_the_beginning(self):
        self.daemon.start()
        self.settled()
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [(*COAST, "warning", None)]))
        wait_for(lambda: self.sink.accepted(), 90, "the warning")
        self.daemon.stop()
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [(*COAST, "lift-warning", "warning")]))
        self.daemon.start()
        wait_for(lambda: len(self.sink.accepted()) == 2, 40, "the all-clear")
        self.assertEqual(self.sink.bodies()[1]["type"], "alert.all-clear")

    def test_after_eight_days_what_is_over_is_not_told_and_an_old_queue_is_not_sent(self):
        """The Kawasaki case: old files and an old queue, and a daemon that wakes up."""
        self.sink.behave = lambda path, count: 503
        self.daemon.start()
        self.settled()
        self.jma.add("VXSE51", telegrams.quake_flash(now(), "20260101000003",
                                                     [("01", "北海道", "101", "石狩地方中部", "6+")]))
        wait_for(lambda: self.sink.received, 90, "the first try, refused by the receiver")
        self.daemon.kill()
        days = 8 * 86400 * 1000000
        store = sqlite3.connect(self.daemon.folder / "state" / "noroshi.db")
        store.execute("update delivery set next_at = next_at - ?1", (days,))
        store.execute("update alert set expires = expires - ?1", (days,))
        store.execute("update fanout set created_at = created_at - ?1", (days,))
        store.execute("update feed set last_success = last_success - ?1, last_attempt = last_attempt - ?1,"
                      " newest = newest - ?1, oldest = oldest - ?1", (days,))
        store.commit()
        store.close()
        long_ago = now() - datetime.timedelta(days=7)
        self.jma.add("VXSE51", telegrams.quake_flash(long_ago, "20260101000004",
                                                     [("01", "北海道", "101", "石狩地方中部", "7")]), updated=long_ago)
        self.sink.behave = lambda path, count: 200
        self.daemon.start()
        wait_for(lambda: self.jma.polls("eqvol_l") >= 2, 60, "the long feed is read again")
        wait_for(lambda: self.daemon.database("select count(*) from delivery where ended_at = 0") == [(0,)], 30,
                 "the old queue has ended")
        self.assertEqual(self.sink.accepted(), [])

    def test_fifty_restarts_in_a_row_repeat_nothing(self):
        self.daemon.binary = RELEASE
        self.daemon.start()
        self.settled()
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [(*COAST, "warning", None)]))
        wait_for(lambda: self.sink.accepted(), 90, "the warning")
        # Whoever is killed before the receipt is kept sends it once more.
        wait_for(lambda: self.daemon.database("select 1 from delivery where ended_at > 0"), 30, "its receipt")
        for _ in range(50):
            self.daemon.kill()
            self.daemon.start()
        wait_for(lambda: self.daemon.status(), 10)
        self.assertEqual(len(self.sink.accepted()), 1)

    def test_a_second_daemon_on_the_same_state_refuses_and_names_the_first(self):
        self.daemon.start()
        done = subprocess.run([BINARY, "run", "--config", self.daemon.config], capture_output=True, text=True,
                              timeout=30)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.daemon.process.pid), done.stderr)
        self.daemon.kill()
        self.daemon.start()


if __name__ == "__main__":
    unittest.main()
