"""Contestants of tests/bench: each is given a fresh checking sink and yields one round's figures."""
import contextlib
import http.server
import json
import os
import pathlib
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

here = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(here.parent / "system"))
import telegrams  # noqa: E402
from harness import RELEASE, Noroshi, free_port, now, wait_for  # noqa: E402

PROGRAMS = RELEASE.parent.parent / "tests/bench"
SECRET = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
BODY = json.dumps({"type": "drill.issue", "timestamp": "2026-01-01T00:00:00+09:00", "data": {"text": "x" * 1400}})


def address(n):
    return f"127.{1 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}"


class Round:
    """One sink and what one contestant needs; .figures() once it is over."""

    def __init__(self, count, *, expected=None, tls=False, keep=False, hosts=None, signed=True, dead=False):
        self.count, self.expected, self.hosts = count, expected or count, hosts or count
        self.keep, self.signed = keep, signed
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="noroshi-bench-"))
        self.port = free_port()
        self.dead = free_port() if dead else None
        self.stranger = self.strange_tls() if dead else None
        self.ca = self.folder / "ca.pem" if tls else None
        self.body = self.folder / "body"
        self.body.write_text(BODY)
        command = [PROGRAMS / "bench-sink", str(self.port), "-", str(self.expected), "--idle", "20"]
        command += ["--secret", SECRET] if signed else []
        command += ["--tls", self.ca] if tls else []
        command += ["--keep"] if keep else []
        command += ["--dead", str(self.dead), "--hosts", str(count)] if dead else []
        self.sink = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.sink.stdout.readline() == "ready\n"

    def strange_tls(self):
        """The port of a sink whose certificates come from an authority that nobody knows."""
        port = free_port()
        self.second = subprocess.Popen([PROGRAMS / "bench-sink", str(port), "-", "1", "--idle", "600", "--tls",
                                        self.folder / "stranger.pem"], stdout=subprocess.PIPE, text=True)
        assert self.second.stdout.readline() == "ready\n"
        return port

    def url(self, n):
        return f"{'https' if self.ca else 'http'}://{address(n % self.hosts)}:{self.port}/{n}"

    def arrivals(self, seconds):
        """What the sink saw: ends when all have come, or nothing more comes."""
        out, _ = self.sink.communicate(timeout=seconds)
        return json.loads(out.splitlines()[-1])

    def figures(self, begun, cpu_usec, peak_kib, seen, ended=None):
        wrong = []
        for name in ("same_id", "same_path", "bad_signatures"):
            if seen[name] and (self.signed or name == "same_path"):
                wrong.append(f"{name} {seen[name]}")
        if seen["arrived"] != self.expected:
            wrong.append(f"arrived {seen['arrived']} of {self.expected}")
        return {"seconds": (seen["last"] - begun) / 1e6, "first": (seen["first"] - begun) / 1e6,
                "p50": (seen["p50"] - begun) / 1e6, "p99": (seen["p99"] - begun) / 1e6,
                "cpu": cpu_usec / self.count, "peak": peak_kib / 1024, "wrong": ", ".join(wrong),
                "ended": ((ended or seen["last"]) - begun) / 1e6}

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            self.sink.kill()
        self.sink.wait()
        if self.stranger:
            self.second.kill()
            self.second.wait()
        subprocess.run(["rm", "-rf", self.folder], check=False)


def run_program(command, seconds):
    """Runs to its end; (wall time of the start in µs, output, CPU in µs, peak in KiB)."""
    begun = time.time_ns() // 1000
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + seconds
    out = process.stdout.read()
    while True:
        pid, _, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > deadline:
            process.kill()
    process.returncode = 0
    return begun, out, (usage.ru_utime + usage.ru_stime) * 1e6, usage.ru_maxrss


def plain(program, *options, receipts=False):
    """bench-limit or bench-transfer."""
    def contest(place):
        command = [PROGRAMS / program, str(place.port), str(place.count), place.body, SECRET, "--hosts",
                   str(place.hosts), *options]
        command += ["--receipts", place.folder / "receipts.db"] if receipts else []
        command += ["--tls", place.ca] if place.ca else []
        command += ["--keep"] if place.keep and program == "bench-limit" else []
        command += ["--mixture", str(place.dead), "--stranger", str(place.stranger)] if place.dead else []
        _, out, _, _ = run_program(command, 600)
        own = json.loads(out)
        return place.figures(own["begun"], own["cpu_usec"], own["peak_kib"], place.arrivals(60), own["ended"])
    return contest


def libcurl_as_it_comes(place):
    both = place.folder / "both.pem"
    both.write_text(BUNDLE.read_text() + place.ca.read_text())
    place.ca = both
    return plain("bench-limit", "--defaults")(place)


def script(*command):
    """A script that posts to all and ends."""
    def contest(place):
        begun, _, cpu, peak = run_program([*command, str(place.port), str(place.count), place.body, SECRET], 300)
        return place.figures(begun, cpu, peak, place.arrivals(60))
    return contest


def process_cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e6 / os.sysconf("SC_CLK_TCK")


def process_peak(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    return 0


def alertmanager(place):
    """Debian's prometheus-alertmanager: one receiver with all webhooks, no grouping wait."""
    web = free_port()
    hooks = "".join(f"  - {{url: '{place.url(n)}', send_resolved: false}}\n" for n in range(place.count))
    config = place.folder / "alertmanager.yml"
    config.write_text("route: {receiver: all, group_wait: 0s, group_interval: 1h, repeat_interval: 24h}\n"
                      f"receivers:\n- name: all\n  webhook_configs:\n{hooks}")
    process = subprocess.Popen(
        ["prometheus-alertmanager", f"--config.file={config}", f"--storage.path={place.folder}/data",
         f"--web.listen-address=127.0.0.1:{web}", "--cluster.listen-address=", "--log.level=error"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def ready():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", web), 1):
                return True
        wait_for(ready, 60, "alertmanager")
        time.sleep(0.5)  # its own start-up is not measured
        cpu = process_cpu(process.pid)
        alert = json.dumps([{"labels": {"alertname": "bench"}, "annotations": {"text": "x" * 700}}]).encode()
        begun = time.time_ns() // 1000
        with socket.create_connection(("127.0.0.1", web), 5) as client:
            client.sendall(b"POST /api/v2/alerts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                           b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(alert) + alert)
            client.recv(4096)
        seen = place.arrivals(120)
        return place.figures(begun, process_cpu(process.pid) - cpu, process_peak(process.pid), seen)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def control(daemon, request):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(daemon.folder / "state" / "control.sock"))
        client.sendall(json.dumps(request).encode() + b"\n")
        answer = b""
        while piece := client.recv(65536):
            answer += piece
    return json.loads(answer)


def daemon_with(place, transfers):
    extra = f"  transfers: {transfers}\n" + (f"  ca_file: {place.ca}\n" if place.ca else "")
    daemon = Noroshi(f"http://127.0.0.1:{free_port()}/developer/xml/feed/", [], extra_delivery=extra, binary=RELEASE)
    table = daemon.folder / "subscribers.csv"
    with table.open("w") as file:
        file.write("channel,address,languages,areas,drills,secret\n")
        for n in range(place.count):
            file.write(f"webhook,{place.url(n)},en,01,yes,{SECRET}\n")
    subprocess.run([RELEASE, "subscriber", "import", table, "--config", daemon.config], check=True,
                   stdout=subprocess.DEVNULL)
    table.unlink()
    return daemon


def ended_count(daemon):
    with sqlite3.connect(f"file:{daemon.folder}/state/noroshi.db?mode=ro", uri=True) as database:
        return database.execute("select count(*) from delivery where ended_at > 0").fetchone()[0]


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A receiver in Okinawa, whom the measured earthquake does not concern."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()
        self.server.told.set()

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def one_alert_before(daemon):
    """A daemon runs for months: its first alert after a start is not the usual one."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Elsewhere)
    server.told = threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    table = daemon.folder / "elsewhere.csv"
    table.write_text("channel,address,languages,areas,drills,secret\n"
                     f"webhook,http://127.0.0.1:{server.server_port}/,en,47,yes,{SECRET}\n")
    subprocess.run([RELEASE, "subscriber", "import", table, "--config", daemon.config], check=True,
                   stdout=subprocess.DEVNULL)
    yield server
    server.shutdown()
    server.server_close()


def quake(daemon, name, *place):
    body = telegrams.quake_details(now(), f"{time.time_ns() // 1000000}", place, status="訓練")
    answer = control(daemon, {"command": "drill-telegram", "id": name, "code": "VXSE53", "body": body.decode()})
    assert answer.get("ok"), answer


def noroshi(transfers=1024, synced=True):
    """The real daemon: a drill telegram in by the control socket, every webhook out, receipts in the store."""
    def contest(place):
        daemon = daemon_with(place, transfers)
        if not synced:
            assert (PROGRAMS / "libunsynced.so").exists(), "it was not built"
            daemon.environment["LD_PRELOAD"] = str(PROGRAMS / "libunsynced.so")
        try:
            with one_alert_before(daemon) as elsewhere:
                daemon.start()
                quake(daemon, "before", ("47", "沖縄県", "800", "沖縄県本島北部", "4720900", "名護市", "5-"))
                assert elsewhere.told.wait(30)
            pid = daemon.process.pid
            cpu, begun = process_cpu(pid), time.time_ns() // 1000
            quake(daemon, "bench", ("01", "北海道", "101", "石狩地方中部", "0110100", "札幌中央区", "5-"),
                  ("01", "北海道", "146", "胆振地方中東部", "0158500", "安平町", "6+"))
            seen = place.arrivals(600)
            wait_for(lambda: ended_count(daemon) == place.expected + 1, 60, "all receipts")
            ended = time.time_ns() // 1000
            return place.figures(begun, process_cpu(pid) - cpu, process_peak(pid), seen, ended)
        finally:
            daemon.close()
    return contest


def compete(contestants, rounds, **place_options):
    """{name: [figures of each round]}: the contestants take turns, so that each round sees the same machine."""
    figures = {name: [] for name, _ in contestants}
    for number in range(rounds):
        for name, contest in contestants:
            options = dict(place_options)
            if name in ("alertmanager", "apprise"):
                options["signed"] = False
            if name == "libcurl as it comes" and place_options.get("tls"):
                options["count"] = min(300, options["count"])
            place = Round(**options)
            try:
                result = contest(place)
                result["count"] = place.count
            except (AssertionError, subprocess.SubprocessError, OSError, ValueError) as error:
                result = {"wrong": f"{type(error).__name__}: {str(error)[:200]}"}
            finally:
                place.close()
            figures[name].append(result)
            print(f"  round {number + 1}: {name}: " + (f"{result['seconds']:.3f} s" if "seconds" in result else "none") +
                  (f"  WRONG: {result['wrong']}" if result["wrong"] else ""), flush=True)
    return figures


def median(rounds, key):
    values = [r[key] for r in rounds if key in r]
    return statistics.median(values) if values else float("nan")


def table(figures, reference):
    """One line for each contestant; × is its speed as a share of the reference's, the median of the pairs."""
    print(f"\n{'':28}{'last s (min–max)':>24}{'each/s':>9}{'first ms':>9}{'p50 s':>8}{'p99 s':>8}{'CPU µs':>8}"
          f"{'peak MB':>8}  × {reference}")
    shares = {}
    for name, rounds in figures.items():
        good = [r for r in rounds if "seconds" in r]
        if not good:
            print(f"{name:28}{'no figures':>24}")
            continue
        seconds = [r["seconds"] for r in good]
        pairs = [(b["seconds"] / b["count"]) / (a["seconds"] / a["count"]) for a, b in
                 zip(rounds, figures[reference]) if "seconds" in a and "seconds" in b]
        shares[name] = statistics.median(pairs) if pairs else float("nan")
        print(f"{name:28}{median(good, 'seconds'):10.3f} ({min(seconds):.3f}–{max(seconds):.3f}){'':2}"
              f"{good[0]['count'] / median(good, 'seconds'):7.0f}{1000 * median(good, 'first'):9.1f}"
              f"{median(good, 'p50'):8.3f}{median(good, 'p99'):8.3f}{median(good, 'cpu'):8.0f}"
              f"{median(good, 'peak'):8.0f}  {shares[name]:.2f}")
    wrong = sum(bool(r["wrong"]) for rounds in figures.values() for r in rounds)
    print(f"{'every delivery arrived once, body and signature right' if wrong == 0 else f'{wrong} rounds were WRONG'}\n")
    return shares, wrong == 0
