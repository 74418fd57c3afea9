"""noroshi db (12): a backup in the middle of a fan-out is whole, restored it sends nothing by itself, and what it held
goes with the same identifiers when a person says so."""
import json
import shutil
import sqlite3
import unittest

import telegrams
from harness import RELEASE, FakeJMA, Noroshi, Sink, hotel, now, wait_for

COAST = ("102", "北海道太平洋沿岸西部")
READERS = 2000


class Copy(unittest.TestCase):
    def setUp(self):
        self.jma, self.sink = FakeJMA(), Sink("0.0.0.0")
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        readers = [hotel(self.sink, name=str(n),
                         address=f"http://127.1.{n // 250}.{n % 250 + 1}:{self.sink.port}/{n}") for n in range(READERS)]
        self.daemon = Noroshi(self.jma, readers, binary=RELEASE, extra_delivery="  transfers: 64\n")
        self.addCleanup(self.daemon.close)
        self.copy = self.daemon.folder / "copy.db"

    def settled(self):
        wait_for(lambda: self.daemon.database("select 1 from fact where name = 'settled'"), 60, "the first polls")

    def warn(self, kind, last=None):
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [(*COAST, kind, last)]))

    def stats(self):
        return json.loads(self.daemon.run("db", "stats", "--json").stdout)

    def paths(self):
        return {r["path"] for r in self.sink.accepted()}

    def open_rows(self, file):
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            self.assertEqual(connection.execute("pragma integrity_check").fetchall(), [("ok",)])
            return connection.execute("select count(*) from delivery where ended_at = 0").fetchone()[0]
        finally:
            connection.close()

    def back_up_under_way(self):
        """A backup while deliveries go; how many were open in it."""
        self.sink.delay = 0.1
        self.warn("warning")
        wait_for(lambda: len(self.paths()) > 100, 90, "the fan-out is under way")
        self.daemon.run("db", "backup", str(self.copy))
        self.assertLess(len(self.paths()), READERS, "the fan-out was over too soon")
        self.assertIn("sound", self.daemon.run("db", "check").stdout)
        again = self.daemon.run("db", "backup", str(self.copy), check=False)
        self.assertNotEqual(again.returncode, 0, "a file is never overwritten")
        self.sink.delay = 0
        return self.open_rows(self.copy)

    def restore(self):
        state = self.daemon.folder / "state"
        self.assertEqual(self.daemon.stop(), 0)
        for file in state.glob("noroshi.db*"):
            file.unlink()
        shutil.copy(self.copy, state / "noroshi.db")
        polls = self.jma.polls("eqvol")
        self.daemon.start()
        wait_for(lambda: self.jma.polls("eqvol") > polls and self.daemon.status(), 60, "it looks at the feeds")
        self.settled()

    def test_a_backup_during_a_fan_out_restores_and_sends_nothing_by_itself(self):
        self.daemon.start()
        self.settled()
        open_then = self.back_up_under_way()
        self.assertGreater(open_then, 0)
        wait_for(lambda: len(self.paths()) == READERS, 60, "the original goes on to its end")
        wait_for(lambda: self.stats()["open_deliveries"] == 0, 10, "all ends")
        before = len(self.sink.accepted())
        self.assertEqual(before, READERS)
        ids = {r["path"]: r["headers"]["webhook-id"] for r in self.sink.accepted()}
        self.restore()
        self.assertEqual(self.open_rows(self.daemon.folder / "state" / "noroshi.db"), open_then)
        self.assertEqual(len(self.sink.received), before, "a restored copy sends nothing by itself")
        self.assertEqual(self.stats()["held"], open_then)
        released = int(self.daemon.run("db", "release").stdout.split(":")[1])
        self.assertEqual(released, open_then)
        wait_for(lambda: len(self.sink.accepted()) >= before + released, 60, "what was held goes")
        again = self.sink.accepted()[before:]
        self.assertEqual(len(again), released)
        for taken in again:
            self.assertEqual(taken["headers"]["webhook-id"], ids[taken["path"]])
        self.assertIn("sound", self.daemon.run("db", "check").stdout)
        self.assertIn("released: 0", self.daemon.run("db", "release").stdout)

    def test_figures_and_faults_of_the_store(self):
        self.daemon.start()
        self.settled()
        self.warn("warning")
        wait_for(lambda: len(self.paths()) == READERS, 90, "the warning")
        wait_for(lambda: self.daemon.database("select count(*) from delivery where ended_at > 0")[0][0] == READERS, 20,
                 "all ends")
        stats = self.stats()
        self.assertEqual(stats["deliveries"], READERS)
        self.assertGreater(stats["bytes"], 0)
        self.daemon.stop()
        shown = self.daemon.run("db", "stats").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in shown], list(stats))
        self.assertIn(f"{'deliveries':18} {READERS}", shown)
        self.assertIn("sound", self.daemon.run("db", "check").stdout, "without a daemon, too")
        self.assertIn("released: 0", self.daemon.run("db", "release").stdout)
        store = sqlite3.connect(self.daemon.folder / "state" / "noroshi.db")
        store.execute("update tally set n = n + 1")
        store.commit()
        store.close()
        wrong = self.daemon.run("db", "check", check=False)
        self.assertNotEqual(wrong.returncode, 0)
        self.assertIn("counts of deliveries that differ from the rows", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
