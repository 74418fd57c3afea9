"""The canary (49): the whole path every few minutes, to receivers of its own and nobody else, with an alarm."""
import os
import re
import time
import unittest

from harness import FakeJMA, Noroshi, Sink, hotel, resident, wait_for

LONG = os.environ.get("NOROSHI_LONG") == "yes"
SECTION = "canary:\n  minutes: 1\n"


class Canary(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)

    def start(self, subscribers, **more):
        daemon = Noroshi(self.jma, subscribers, sections=SECTION, **more)
        self.addCleanup(daemon.close)
        return daemon.start()

    def test_it_arrives_and_no_person_ever_hears_it(self):
        daemon = self.start([hotel(self.sink, "/canary", areas=["canary"], drills=True),
                             hotel(self.sink, "/person", areas=["jp"], drills=True, hazards=["all"], min_level=1),
                             resident(areas=["jp"], drills=True, hazards=["all"], min_level=1)])
        wait_for(lambda: self.sink.accepted("/canary"), 60, "the canary")
        body = self.sink.bodies("/canary")[0]
        self.assertEqual((body["type"], body["data"]["status"]), ("drill.issue", "test"))
        wait_for(lambda: len(self.sink.accepted("/canary")) == 2, 90, "the next canary, a minute later")
        self.assertEqual(self.sink.accepted("/person"), [])
        self.assertEqual(daemon.mails(), [])
        self.assertEqual(daemon.alerts()["drills"], [])
        self.assertIn("\nnoroshi_canary_missing 0", daemon.get("/metrics")[1])

    def test_a_place_beside_canary_is_refused(self):
        daemon = Noroshi(self.jma, [hotel(self.sink, areas=["canary", "01"])])
        self.addCleanup(daemon.close)
        done = daemon.run("check", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr + done.stdout, r"noroshi\.yaml:\d+:\d+: .*canary")

    @unittest.skipUnless(LONG, "takes minutes")
    def test_two_that_are_missing_raise_an_alarm_within_three_periods_and_it_ends(self):
        state = {"dead": True}
        self.sink.behave = lambda path, count: 500 if state["dead"] else 200
        began = time.monotonic()
        daemon = self.start([hotel(self.sink, "/canary", areas=["canary"], drills=True)])
        wait_for(lambda: "\nnoroshi_canary_missing 1" in daemon.get("/metrics")[1], 200, "the alarm")
        self.assertLess(time.monotonic() - began, 185)
        status, body, _ = daemon.get("/readyz")
        self.assertEqual(status, 503)
        self.assertIn("canaries", body)
        self.assertTrue(any(re.search("canary did not arrive", n) for n in daemon.status()["notices"]))
        self.assertIn("canary did not arrive", daemon.text_of_log())
        state["dead"] = False
        wait_for(lambda: "\nnoroshi_canary_missing 0" in daemon.get("/metrics")[1], 200, "the end of the alarm")


if __name__ == "__main__":
    unittest.main()
