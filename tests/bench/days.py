"""Test 10, its other half: three days of feeds and telegrams in fast time through the real daemon, and what grows.

The wall clocks of the daemon's machine and of the feed server go on by a minute at a time, as fast as the feeds are
asked (tests/crash/clock.c); what runs by the monotonic clock does not notice. In the end both clocks leap beyond
retention.
"""
import datetime
import random
import time

from contest import control
from growth import FDS, RSS_KIB, WAL_BYTES, size_of
import telegrams
from harness import RELEASE, FakeJMA, MachineClock, Noroshi, Sink, hotel, now, resident, wait_for

HOURS = 72
WARM = 2  # part of the time until everything has its size: warnings stay for a day, and the cache of the store fills
MINUTE = datetime.timedelta(minutes=1)
KEPT = {"": MINUTE * 60, "_l": MINUTE * 24 * 60}  # of the short feeds and the long ones
CITY = ("01", "北海道", "101", "石狩地方中部", "0110100", "札幌中央区")


class World:
    """One daemon, one feed server, and the time that both live in."""

    def __init__(self):
        self.jma, self.sink = FakeJMA(), Sink()
        self.daemon = Noroshi(self.jma, [hotel(self.sink), resident()], binary=RELEASE)
        self.clock = MachineClock(self.daemon)
        self.random = random.Random(10)
        self.published = 0

    def close(self):
        self.daemon.close()
        self.jma.close()
        self.sink.close()

    def start(self):
        self.daemon.start()
        wait_for(lambda: self.daemon.database("select 1 from fact where name = 'settled'"), 90, "the first polls")

    def count(self, query):
        return self.daemon.database(query)[0][0]

    def set(self, shift):
        self.jma.shift = shift
        self.clock.set(shift)
        control(self.daemon, {"command": "status"})  # it wakes up

    def publish(self):
        """About 900 telegrams a day: rain that comes and goes, earthquakes, tsunami, and what is only recorded."""
        at, kind, number = now() + self.jma.shift, self.random.randrange(8), self.published
        self.published += 1
        if kind < 4:
            level = self.random.choice([0, 2, 3, 4])
            body = telegrams.rain(at, [("0110000", "札幌市", level, 0)])
            self.jma.add("VPWW55", body, feed="extra", office="016000", updated=at)
        elif kind < 6:
            body = telegrams.quake_details(at, f"{at:%Y%m%d%H%M%S}", [(*CITY, self.random.choice(["3", "4", "5-"]))])
            self.jma.add("VXSE53", body, updated=at)
        elif kind < 7:
            body = telegrams.tsunami(at, f"{20300000000000 + number}", [("102", "北海道太平洋沿岸西部", "warning", None)])
            self.jma.add("VTSE41", body, updated=at)
        else:
            self.jma.add("VPFD51", None, feed="regular", updated=at)

    def forget(self):
        """The server shows what its feeds show; this program keeps nothing of what was asked and received."""
        with self.jma.lock:
            shown = set()
            for name, entries in self.jma.feeds.items():
                kept = KEPT["_l" if name.endswith("_l") else ""]
                entries[:] = entries[:1] + [e for e in entries[1:] if now() + self.jma.shift - e["updated"] < kept]
                shown.update(e["id"] for e in entries)
            self.jma.telegrams = {p: b for p, b in self.jma.telegrams.items()
                                  if f"https://www.data.jma.go.jp{p}" in shown}
            self.jma.requests.clear()
        with self.sink.lock:
            self.sink.received.clear()

    def pass_minute(self):
        """One minute, with its telegrams, until both watched feeds have answered in it."""
        self.forget()
        if self.random.random() < 0.63:
            self.publish()
        shift = self.jma.shift + MINUTE
        begun = (now() + shift).timestamp() * 1e6  # before the daemon's clock leaps: it may answer at once
        self.set(shift)
        wait_for(lambda: self.count("select min(last_success) from feed where name in ('eqvol', 'extra')") >= begun, 30,
                 "the feeds of a minute")


def days(_rounds, count, check):
    """`count` hours."""
    world, sizes = World(), []
    total, begun = count or HOURS, time.monotonic()
    try:
        world.start()
        for hour in range(1, total + 1):
            for _ in range(60):
                world.pass_minute()
            sizes.append(size_of(world.daemon))
            last = sizes[-1]
            if hour % 6 == 0 or hour == total:
                print(f"{hour} h in {time.monotonic() - begun:.0f} s: {world.published} telegrams published, "
                      f"{world.count('select count(*) from telegram')} kept, "
                      f"{world.count('select coalesce(sum(n), 0) from tally')} deliveries, {last['rss'] / 1024:.1f} MiB, "
                      f"{last['fds']} descriptors, log {last['wal'] / 2**20:.1f} MiB, store {last['store'] / 2**20:.1f} MiB",
                      flush=True)
        world.forget()
        full = world.count("pragma page_count")
        world.set(world.jma.shift + datetime.timedelta(days=31))
        wait_for(lambda: world.count("select count(*) from alert") <= 2, 300, "retention")
        # The file itself follows with SQLite's next checkpoint, which a quiet daemon may not need for days.
        wait_for(lambda: world.count("pragma page_count") < full, 60, "the store shrinks")
        kept = world.count("pragma page_count") * world.count("pragma page_size")
    finally:
        world.close()
    hours = max(1, total // WARM)
    warm, last = sizes[hours - 1], sizes[-1]
    grown = {name: last[name] - warm[name] for name in ("rss", "fds")}
    most = max(size["wal"] for size in sizes)
    print(f"after 31 days of quiet: store {kept / 2**20:.1f} MiB")
    print(f"goal: {grown['rss']} KiB more than after {hours} h, wanted {RSS_KIB}; descriptors {grown['fds']:+}, wanted "
          f"±{FDS}; log {most / 2**20:.1f} MiB at most, wanted 64")
    return not check or (grown["rss"] <= RSS_KIB and abs(grown["fds"]) <= FDS and most <= WAL_BYTES)
