"""Test 10: a million deliveries by one daemon, in alerts of 50,000 one after the other: what grows with them."""
import json
import os
import pathlib
import subprocess
import time

from contest import PROGRAMS, SECRET, Round, control, daemon_with, ended_count
import telegrams
from harness import now, wait_for

READERS = 50000
WARM = 3  # alerts until everything has its size
SHOWN = 60  # alerts that the pages can show: a daemon that runs for months has them all
RSS_KIB, FDS, WAL_BYTES = 1024, 2, 64 * 1024 * 1024


def size_of(daemon):
    process = pathlib.Path(f"/proc/{daemon.process.pid}")
    status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
    log = daemon.folder / "state" / "noroshi.db-wal"
    return {"rss": int(status["VmRSS"].split()[0]), "fds": len(os.listdir(process / "fd")),
            "wal": log.stat().st_size if log.exists() else 0, "store": (daemon.folder / "state" / "noroshi.db").stat().st_size}


def alert(daemon, place, number):
    """One more alert for everybody, an event of its own, to its last receipt."""
    command = [PROGRAMS / "bench-sink", str(place.port), "-", str(place.count), "--idle", "60", "--secret", SECRET]
    sink = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert sink.stdout.readline() == "ready\n"
    body = telegrams.quake_details(now(), f"{time.time_ns() // 1000000}", [
        ("01", "北海道", "101", "石狩地方中部", "0110100", "札幌中央区", "5-")], status="訓練")
    answer = control(daemon, {"command": "drill-telegram", "id": f"growth-{number}", "code": "VXSE53", "body": body.decode()})
    assert answer.get("ok"), answer
    out, _ = sink.communicate(timeout=600)
    seen = json.loads(out.splitlines()[-1])
    assert (seen["arrived"], seen["same_id"], seen["same_path"]) == (place.count, 0, 0), seen
    wait_for(lambda: ended_count(daemon) == place.count * number, 120, "all receipts")


def fill_pages(daemon):
    """Alerts that concern nobody, until the lists of the pages are full."""
    for number in range(SHOWN):
        body = telegrams.quake_details(now(), f"{time.time_ns() // 1000000}", [
            ("47", "沖縄県", "800", "沖縄県本島北部", "4720900", "名護市", "5-")], status="訓練")
        answer = control(daemon, {"command": "drill-telegram", "id": f"shown-{number}", "code": "VXSE53",
                                  "body": body.decode()})
        assert answer.get("ok") and not answer.get("deliveries"), answer


def growth(_rounds, count, check):
    """`count` deliveries in all."""
    count = count or 1000000
    readers = min(READERS, max(1, count // 20))
    place = Round(readers)
    place.close()
    place.folder.mkdir(exist_ok=True)
    daemon = daemon_with(place, 1024)
    sizes = []
    try:
        daemon.start()
        fill_pages(daemon)
        for number in range(1, count // readers + 1):
            alert(daemon, place, number)
            sizes.append(size_of(daemon))
            last = sizes[-1]
            print(f"{number * readers} deliveries: {last['rss'] / 1024:.1f} MiB, {last['fds']} descriptors, log "
                  f"{last['wal'] / 2**20:.1f} MiB, store {last['store'] / 2**20:.1f} MiB", flush=True)
    finally:
        daemon.close()
        place.folder.rmdir()
    warm, last = sizes[min(WARM, len(sizes)) - 1], sizes[-1]
    grown = {name: last[name] - warm[name] for name in ("rss", "fds")}
    most = max(size["wal"] for size in sizes)
    print(f"goal: {grown['rss']} KiB more than after {WARM} alerts, wanted {RSS_KIB}; descriptors {grown['fds']:+}, wanted "
          f"±{FDS}; log {most / 2**20:.1f} MiB at most, wanted 64")
    return not check or (grown["rss"] <= RSS_KIB and abs(grown["fds"]) <= FDS and most <= WAL_BYTES)
