"""The daemon under ThreadSanitizer: feeds, deliveries, pages and commands at once, and not one report of a race."""
import os
import pathlib
import unittest

import telegrams
from harness import FakeJMA, Noroshi, Sink, hotel, now, wait_for

BUILD = os.environ.get("NOROSHI_TSAN")
RECEIVERS = 40


@unittest.skipUnless(BUILD, "needs a build with ThreadSanitizer (NOROSHI_TSAN)")
class Threads(unittest.TestCase):
    def setUp(self):
        self.jma, self.sink = FakeJMA(), Sink()
        self.daemon = Noroshi(self.jma, [hotel(self.sink, f"/{n}") for n in range(RECEIVERS)],
                              binary=pathlib.Path(BUILD) / "daemon" / "noroshi")
        self.reports = self.daemon.folder / "races"
        self.daemon.environment["TSAN_OPTIONS"] = f"log_path={self.reports}:halt_on_error=0:exitcode=0"

    def tearDown(self):
        self.daemon.close()
        self.jma.close()
        self.sink.close()

    def test_no_race_between_loop_desk_and_pages(self):
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [
            ("110", "北海道日本海沿岸北部", "warning", None), ("102", "北海道太平洋沿岸西部", "major", None)]))
        self.daemon.start()
        wait_for(lambda: self.daemon.alerts()["alerts"], 60, "the alert on the page")
        self.jma.add("VPWW55", telegrams.rain(now(), [("0110000", "札幌市", 4, 3)]), feed="extra", office="016000")
        for _ in range(20):
            self.daemon.get("/?lang=vi")
            self.daemon.get("/metrics")
            self.daemon.run("status")
        wait_for(lambda: len({t["path"] for t in self.sink.accepted()}) == RECEIVERS and
                 self.daemon.database("select count(*) from delivery where ended_at > 0")[0][0] >= RECEIVERS,
                 120, "every receipt")
        self.daemon.stop()
        races = [path.read_text() for path in self.daemon.folder.glob("races.*")]
        self.assertEqual(races, [])


if __name__ == "__main__":
    unittest.main()
