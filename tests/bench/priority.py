"""Test 21: weather deliveries wait, then a tsunami warning comes, in the real daemon against the checking sink."""
import collections
import statistics
import subprocess
import threading
import time

import contest
from contest import RELEASE, SECRET, Round
import telegrams
from harness import FakeJMA, Noroshi, now, wait_for

WARNED = 5000
COAST = ("102", "北海道太平洋沿岸西部")


def daemon_for(place, jma, weather):
    """Readers 0 to `weather` hear of rain, WARNED more of tsunamis; each at a host of his own."""
    daemon = Noroshi(jma, [], extra_delivery="  transfers: 1024\n", binary=RELEASE)
    table = daemon.folder / "subscribers.csv"
    with table.open("w") as file:
        file.write("channel,address,languages,areas,hazards,secret\n")
        for n in range(weather + WARNED):
            hazard = "rain" if n < weather else "tsunami"
            file.write(f"webhook,{place.url(n)},en,01,{hazard},{SECRET}\n")
    subprocess.run([RELEASE, "subscriber", "import", table, "--config", daemon.config], check=True,
                   stdout=subprocess.DEVNULL)
    return daemon


def open_count(daemon):
    return daemon.database("select count(*) from delivery")[0][0]


def one(weather):
    """Seconds from the warning's body to its first request and to 99 %, and what of the weather went beside it."""
    place, jma = Round(weather + WARNED), FakeJMA()
    place.close()
    arrivals = place.folder.with_name(place.folder.name + "-arrivals")
    sink = subprocess.Popen([contest.PROGRAMS / "bench-sink", str(place.port), arrivals, str(weather + WARNED),
                             "--idle", "120", "--secret", SECRET], stdout=subprocess.PIPE, text=True)
    assert sink.stdout.readline() == "ready\n"
    daemon = daemon_for(place, jma, weather)
    try:
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 60, "the first polls")
        release = threading.Event()
        path = jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [(*COAST, "major", None)]))
        jma.faults[path] = [("wait", release)]
        if weather > 0:
            jma.add("VPWW55", telegrams.rain(now(), [("0110000", "札幌市", 3, 0)]), feed="extra", office="016000")
        wait_for(lambda: jma.fetches(path) > 0 and open_count(daemon) == weather, 90, "the weather waits")
        begun = time.time_ns() // 1000
        release.set()
        sink.communicate(timeout=300)
        return judge(arrivals.read_text(), begun, weather)
    finally:
        daemon.close()
        jma.close()
        sink.kill()
        sink.wait()
        arrivals.unlink(missing_ok=True)


def judge(lines, begun, weather):
    fields = [line.split() for line in lines.splitlines()]
    times = {int(path.strip("/")): int(at) for at, path, *_ in fields}
    assert len(times) == len(fields) == weather + WARNED, f"{len(fields)} came, {len(times)} different"
    warned = sorted(at for n, at in times.items() if n >= weather)
    rain = collections.Counter(at < warned[0] and "before" or at <= warned[-1] and "beside" or "after"
                               for n, at in times.items() if n < weather)
    return {"first": (warned[0] - begun) / 1e6, "p99": (warned[len(warned) * 99 // 100] - begun) / 1e6, **rain}


def priority(rounds, count, check):
    count, firsts, ratios, shares = count or 50000, [], [], []
    for number in range(rounds or 3):
        alone, busy = one(0), one(count)
        firsts.append(busy["first"])
        ratios.append(busy["p99"] / alone["p99"])
        shares.append(busy["beside"] / (busy["beside"] + WARNED))
        print(f"round {number + 1}: {busy['before']} of {count} weather deliveries had gone; first of {WARNED} warnings "
              f"after {1000 * busy['first']:.0f} ms (alone {1000 * alone['first']:.0f}), 99 % after {busy['p99']:.2f} s "
              f"(alone {alone['p99']:.2f}: {ratios[-1]:.2f} times), the weather had {100 * shares[-1]:.0f} % of what "
              "went meanwhile", flush=True)
    ratio = statistics.median(ratios)
    print(f"goal: first after {1000 * max(firsts):.0f} ms at most, wanted 1000; 99 % {ratio:.2f} times, wanted 1.25; the "
          f"weather has {100 * min(shares):.0f} % at least, wanted 5")
    return not check or (max(firsts) <= 1 and ratio <= 1.25 and min(shares) >= 0.05)
