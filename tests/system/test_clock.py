"""The clock leaps while the daemon runs (24): nothing is lost, nothing comes twice, nothing waits for hours."""
import datetime
import pathlib
import subprocess
import unittest

import telegrams
from harness import FakeJMA, Noroshi, Sink, hotel, now, wait_for

COAST = ("102", "北海道太平洋沿岸西部")
FAKETIME = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


def preload(binary):
    """libfaketime, behind the sanitizer's own library when the binary has one."""
    linked = subprocess.run(["ldd", binary], capture_output=True, text=True).stdout
    asan = [line.split()[2] for line in linked.splitlines() if "libasan" in line]
    return " ".join([*asan, str(FAKETIME[0])])


@unittest.skipUnless(FAKETIME, "libfaketime is not installed")
class Clock(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)

    def start(self):
        daemon = Noroshi(self.jma, [hotel(self.sink)])
        self.addCleanup(daemon.close)
        self.clock = daemon.folder / "clock"
        self.clock.write_text("+0")
        daemon.environment.update(LD_PRELOAD=preload(daemon.binary), FAKETIME_TIMESTAMP_FILE=str(self.clock),
                                  FAKETIME_NO_CACHE="1", FAKETIME_DONT_FAKE_MONOTONIC="1",
                                  DONT_FAKE_MONOTONIC="1", FAKETIME_FORCE_MONOTONIC_FIX="0")
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 90, "the first polls")
        return daemon

    def warn(self, kind):
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [(*COAST, kind, None)]))

    def test_two_hours_back_stop_neither_polls_nor_retries(self):
        state = {"dead": True}
        self.sink.behave = lambda path, count: 503 if state["dead"] else 200
        daemon = self.start()
        self.warn("warning")
        wait_for(lambda: len(self.sink.received) >= 2, 90, "two tries")
        polls = self.jma.polls("eqvol")
        self.clock.write_text("-2h")
        wait_for(lambda: "the clock was set back" in daemon.text_of_log(), 30, "the step is seen")
        state["dead"] = False
        wait_for(self.sink.accepted, 60, "the delivery")
        wait_for(lambda: self.jma.polls("eqvol") >= polls + 2, 150, "polls go on")
        wait_for(lambda: "clock is more than five minutes" in str(daemon.status()["notices"]), 30, "operators are told")
        self.assertEqual(len({r["headers"]["webhook-id"] for r in self.sink.received}), 1)
        self.assertEqual(len(self.sink.accepted()), 1)

    def ids(self):
        return [r["headers"]["webhook-id"] for r in self.sink.accepted()]

    def deliver(self, kind, last=None):
        """One more telegram by the clock of the daemon and of JMA, and its webhook."""
        before = len(self.sink.accepted())
        time = now() + self.jma.shift
        self.jma.add("VTSE41", telegrams.tsunami(time, "20260101000001", [(*COAST, kind, last)]), updated=time)
        wait_for(lambda: len(self.sink.accepted()) > before, 150, f"{kind}; " + self.daemon.text_of_log()[-3000:])

    def move(self, text, shift):
        self.clock.write_text(text)
        self.jma.shift = shift

    def leap(self, text, shift):
        """The clock leaps while a warning waits for its receiver, which then comes back."""
        state = {"dead": True}
        self.sink.behave = lambda path, count: 503 if state["dead"] else 200
        self.daemon = self.start()
        self.warn("warning")
        wait_for(lambda: len(self.sink.received) >= 2, 90, "two tries")
        self.move(text, shift)
        state["dead"] = False

    def test_a_step_of_minutes_ahead_ends_nothing_early(self):
        """A leap of a tsunami's warning within its time: it is still told, once."""
        self.leap("+20m", datetime.timedelta(minutes=20))
        wait_for(self.sink.accepted, 90, "the delivery")
        self.deliver("lift-warning", "warning")
        self.assertEqual(len(set(self.ids())), len(self.ids()))


if __name__ == "__main__":
    unittest.main()
