"""Killed at any moment (1), and power loss with unsynced data dropped, reordered and torn (3)."""
import json
import os
import pathlib
import random
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import unittest

import telegrams
from harness import RELEASE, FakeJMA, Noroshi, Sink, SECRET, now, wait_for

LONG = os.environ.get("NOROSHI_LONG") == "yes"
BUILD = RELEASE.parent.parent


class PowerLoss(unittest.TestCase):
    def crash(self, seed, ignore=None):
        """One run until the plug is pulled. Returns what was promised and is not there, or "corrupt"."""
        folder = tempfile.mkdtemp(prefix="noroshi-power-")
        try:
            chance = random.Random(seed)
            environment = dict(os.environ, LD_PRELOAD=str(BUILD / "tests/crash/libpower.so"), POWER_DIRECTORY=folder,
                               POWER_AT=str(chance.randrange(20, 900)), POWER_SEED=str(seed))
            if ignore:
                environment["POWER_IGNORE"] = ignore
            done = subprocess.run([BUILD / "tests/crash/store-writer", folder], env=environment, capture_output=True,
                                  timeout=60)
            self.assertEqual(done.returncode, -9, done.stderr)
            promised = done.stdout.decode().split()
            connection = sqlite3.connect(f"{folder}/noroshi.db")
            try:
                if connection.execute("pragma integrity_check").fetchall() != [("ok",)]:
                    return "corrupt"
                there = {row[0] for row in connection.execute("select id from telegram")}
                # alert a<n> to its subscriber number i is what the writer calls delivery n * 5 + i - 1
                rows = connection.execute("select substr(a.id, 2) * 5 + d.subscriber - 1, d.ended_at > 0 from delivery d"
                                          " join alert a on a.number = d.alert").fetchall()
                there |= {f"d{number}" for number, _ in rows} | {f"r{number}" for number, ended in rows if ended}
            except sqlite3.OperationalError:
                return promised  # the schema was not there yet: then nothing may have been promised
            except sqlite3.DatabaseError:
                return "corrupt"
            finally:
                connection.close()
            return [p for p in promised if p not in there]
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def test_nothing_that_was_promised_is_lost_when_the_power_goes(self):
        for seed in range(500 if LONG else 150):
            self.assertEqual(self.crash(seed), [], f"seed {seed}")

    def test_the_same_test_fails_when_the_log_is_not_synced(self):
        lossy = sum(1 for seed in range(30) if self.crash(seed, "-wal") != [])
        self.assertGreater(lossy, 5, "this test could not fail")


class Kill(unittest.TestCase):
    DELIVERIES = 10000 if LONG else 4000
    KILLS = 200 if LONG else 50

    def test_a_daemon_that_is_killed_again_and_again_loses_nothing(self):
        jma, sink = FakeJMA(), Sink()
        self.addCleanup(jma.close)
        self.addCleanup(sink.close)
        daemon = Noroshi(jma, [], binary=RELEASE, extra_delivery="  transfers: 64\n")
        self.addCleanup(daemon.close)
        table = daemon.folder / "subscribers.csv"
        table.write_text("channel,address,languages,areas,secret\n" + "".join(
            f"webhook,http://127.0.0.1:{sink.port}/{n},en,01,{SECRET}\n" for n in range(self.DELIVERIES)))
        daemon.run("subscriber", "import", str(table))
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 60, "the first polls")
        jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [("102", "北海道太平洋沿岸西部", "major", None)]))
        sink.delay = 0.1  # so that the fan-out lasts for all the kills
        wait_for(lambda: sink.accepted(), 90, "the first webhook")
        chance = random.Random(1)
        kills, restarts = 0, []
        while kills < self.KILLS and len(sink.accepted()) < self.DELIVERIES:
            threading.Event().wait(chance.uniform(0.01, 0.1))
            daemon.kill()
            kills += 1
            before = len(sink.received)
            daemon.start(wait=False)
            wait_for(lambda: len(sink.received) > before or len(sink.accepted()) >= self.DELIVERIES, 60,
                     "sending goes on; " + daemon.text_of_log()[-2000:])
        self.assertEqual(kills, self.KILLS, "the fan-out was over too soon")
        sink.delay = 0
        paths = lambda: {r["path"] for r in sink.accepted()}
        wait_for(lambda: len(paths()) == self.DELIVERIES, 240, "every delivery")
        accepted = sink.accepted()
        by_path = {}
        for taken in accepted:
            by_path.setdefault(taken["path"], []).append(taken)
        for path, times in by_path.items():
            self.assertEqual(len({t["headers"]["webhook-id"] for t in times}), 1, path)
            self.assertEqual(len({t["body"] for t in times}), 1, path)
        repeated = len(accepted) - len(by_path)
        print(f"{kills} kills, {len(by_path)} deliveries, 0 lost, {repeated} repeated "
              f"({repeated / max(kills, 1):.1f} a kill)")
        self.assertLessEqual(repeated, 64 * kills)
        wait_for(lambda: daemon.database("select count(*) from delivery where ended_at > 0") == [(self.DELIVERIES,)],
                 60, "every delivery has its end")


if __name__ == "__main__":
    unittest.main()
