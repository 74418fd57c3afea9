"""A server that behaves like JMA's, a receiver that remembers, and the real daemon as a process.

Nothing sleeps to wait for a result: wait_for() looks at a condition until a deadline.
"""
import contextlib
import datetime
import email
import email.policy
import fcntl
import gzip
import hashlib
import http.client
import http.server
import itertools
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("NOROSHI_BUILD", ROOT / "build-tests"))
BINARY = BUILD / "daemon" / "noroshi"
RELEASE = pathlib.Path(os.environ.get("NOROSHI_RELEASE", ROOT / "build-release")) / "daemon" / "noroshi"
UTC = datetime.timezone.utc


def now():
    return datetime.datetime.now(UTC).replace(microsecond=0)


def wait_for(condition, seconds=20, what="the condition"):
    """The condition's value as soon as it is true; an error that names it otherwise."""
    begun = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        waited = time.monotonic() - begun
        if waited > seconds:
            raise AssertionError(f"not within {seconds} s: {what}")
        # The longer it takes, the less often: asking costs the processor that others wait for.
        threading.Event().wait(min(0.25, max(0.02, waited / 40)))


# Below those that the system gives to connections, which would have a port before the daemon has it.
PORTS = range(20000, 32000)
ports_taken, ports_lock = set(), open(pathlib.Path(tempfile.gettempdir()) / "noroshi-test-ports", "a+b")


def free_port():
    """A port for a daemon: nobody has it, and no other test is given it until this process has ended."""
    for port in random.sample(PORTS, len(PORTS)):
        if port in ports_taken:
            continue
        with contextlib.suppress(OSError), socket.socket() as probe:
            fcntl.lockf(ports_lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            ports_taken.add(port)
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("there is no free port")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 512

    def handle_error(self, request, client_address):
        """Clients that are killed on purpose are not worth a line."""


class FakeJMA:
    """Feeds with conditional GET and telegrams, with faults as scripted by the test.

    faults[path]: a list of faults for the next requests of that path: ("status", 404), ("half",), ("reset",),
    ("body", bytes), ("cut", n), ("wait", event) until the event is set. offline: every connection is dropped. frozen: feeds do not change.
    """

    def __init__(self, port=None):
        self.telegrams = {}
        self.numbers = itertools.count()
        self.feeds = {name: [] for name in ("eqvol", "extra", "regular", "other", "eqvol_l", "extra_l")}
        self.updated = {}
        self.faults = {}
        self.requests = []
        self.offline = False
        self.frozen = None
        self.use_etag = True
        self.shift = datetime.timedelta()  # of this server's clock
        self.date_error = datetime.timedelta()  # of the Date that it gives, against that clock
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def date_time_string(self, timestamp=None):
                return super().date_time_string((now() + outer.shift + outer.date_error).timestamp())

            def do_GET(self):
                outer.answer(self)

        self.server = Server(("127.0.0.1", port or 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.2},
                                       daemon=True)
        self.thread.start()
        # A quiet day is not an empty feed: each shows something that is only recorded.
        for feed, code in (("eqvol", "VFVO53"), ("extra", "VPCJ50"), ("regular", "VPFD51"), ("other", "VGSK50")):
            self.add(code, None, feed=feed, updated=now() - datetime.timedelta(minutes=2), title="定時")

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.port}/developer/xml/feed/"

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def add(self, code, body, *, feed="eqvol", updated=None, title="情報", content="", only=None,
            office="010000", name=None, author="気象庁"):
        """Publishes a telegram; returns its path. only: list of feeds that show it (default: feed and long)."""
        updated = updated or now() + self.shift
        with self.lock:
            name = name or f"{updated:%Y%m%d%H%M%S}_{next(self.numbers)}_{code}_{office}.xml"
            path = f"/developer/xml/data/{name}"
            if body is not None:
                self.telegrams[path] = body
            entry = {"id": f"https://www.data.jma.go.jp{path}", "updated": updated, "title": title,
                     "content": content, "author": author}
            for shown in only or [feed, feed + "_l"]:
                if shown in self.feeds:
                    self.feeds[shown].insert(0, entry)
            return path

    def feed_page(self, name):
        with self.lock:
            entries = sorted(self.feeds[name], key=lambda e: e["updated"], reverse=True)
        updated = self.frozen or now() + self.shift
        items = "".join(
            f"<entry><title>{e['title']}</title><id>{e['id']}</id>"
            f"<updated>{e['updated']:%Y-%m-%dT%H:%M:%SZ}</updated><author><name>{e['author']}</name></author>"
            f"<link type=\"application/xml\" href=\"{e['id']}\"/>"
            f"<content type=\"text\">{e['content']}</content></entry>" for e in entries)
        return (f"<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" lang=\"ja\">"
                f"<title>高頻度</title><updated>{updated:%Y-%m-%dT%H:%M:%S}+00:00</updated>"
                f"<id>{name}</id>{items}</feed>").encode()

    def answer(self, request):
        path = request.path
        with self.lock:
            self.requests.append((time.monotonic(), path, dict(request.headers)))
            fault = self.faults.get(path, []).pop(0) if self.faults.get(path) else None
        if fault and fault[0] == "wait":
            fault = fault[1].wait(15) and None
        if self.offline or (fault and fault[0] == "reset"):
            request.close_connection = True
            with contextlib.suppress(OSError):
                request.connection.shutdown(socket.SHUT_RDWR)
            return
        match = re.fullmatch(r"/developer/xml/feed/(\w+)\.xml", path)
        if match and match.group(1) in self.feeds:
            body = self.feed_page(match.group(1))
            etag = '"' + hashlib.sha256(re.sub(rb"<updated>[^<]*\+00:00</updated>", b"", body)).hexdigest()[:16] + '"'
        elif path in self.telegrams:
            body, etag = self.telegrams[path], None
        else:
            body, etag = None, None
        self.send(request, body, etag, fault)

    def send(self, request, body, etag, fault):
        if fault and fault[0] == "body":
            body = fault[1]
        if fault and fault[0] == "status":
            request.send_response(fault[1])
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if body is None:
            request.send_error(404)
            return
        if etag and self.use_etag and request.headers.get("If-None-Match") == etag and not fault:
            request.send_response(304)
            request.end_headers()
            return
        request.send_response(200)
        if etag and self.use_etag:
            request.send_header("ETag", etag)
        if "gzip" in request.headers.get("Accept-Encoding", "") and not fault:
            body = gzip.compress(body)
            request.send_header("Content-Encoding", "gzip")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if fault and fault[0] == "half":
            request.wfile.write(body[:len(body) // 2])
            request.close_connection = True
            return
        if fault and fault[0] == "cut":
            request.wfile.write(body[:fault[1]])
            request.close_connection = True
            return
        request.wfile.write(body)

    def fetches(self, path):
        with self.lock:
            return sum(1 for _, p, _ in self.requests if p == path)

    def polls(self, feed):
        return self.fetches(f"/developer/xml/feed/{feed}.xml")


class Sink:
    """A webhook receiver that remembers every request. behave(path, n) gives the status or "hang", "reset"."""

    def __init__(self, address="127.0.0.1"):
        self.received = []
        self.lock = threading.Lock()
        self.behave = lambda path, count: 200
        self.delay = 0  # seconds that every answer takes
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                outer.take(self)

        self.server = Server((address, 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()

    def take(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        with self.lock:
            count = len(self.received)
        status = self.behave(request.path, count)
        if self.delay:
            threading.Event().wait(self.delay)
        if status == "reset":
            request.close_connection = True
            with contextlib.suppress(OSError):
                request.connection.shutdown(socket.SHUT_RDWR)
            return
        if status == "hang":
            threading.Event().wait(60)
            return
        headers = {key.lower(): value for key, value in request.headers.items()}
        with self.lock:
            self.received.append({"path": request.path, "headers": headers, "body": body, "status": status,
                                  "at": time.time()})
        with contextlib.suppress(OSError):
            request.send_response(status)
            request.send_header("Content-Length", "0")
            request.end_headers()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def accepted(self, path=None):
        with self.lock:
            return [r for r in self.received if r["status"] == 200 and (path is None or r["path"] == path)]

    def bodies(self, path=None):
        return [json.loads(r["body"]) for r in self.accepted(path)]


class MachineClock:
    """The wall clock of a daemon's machine, set while it runs (tests/crash/clock.c); the monotonic one stays."""

    def __init__(self, daemon):
        self.path = daemon.folder / "clock"
        self.path.write_bytes(bytes(8))
        # The sanitizer's own library, when the binary has one, must come first.
        linked = subprocess.run(["ldd", daemon.binary], capture_output=True, text=True).stdout
        first = [line.split()[2] for line in linked.splitlines() if "libasan" in line]
        library = pathlib.Path(daemon.binary).parent.parent / "tests" / "crash" / "libclock.so"
        daemon.environment.update(CLOCK_FILE=str(self.path), LD_PRELOAD=" ".join([*first, str(library)]))

    def set(self, shift):
        """In one write, since it is read all the time."""
        with open(self.path, "r+b", buffering=0) as file:
            file.write(struct.pack("<q", round(shift.total_seconds() * 1000) * 1000000))


SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


class Noroshi:
    """The real binary with a configuration of its own in a folder of its own."""

    def __init__(self, jma, subscribers, *, mail=None, extra_delivery="", environment=None, sections="",
                 binary=BINARY):
        self.binary = binary
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="noroshi-test-"))
        self.port = free_port()
        self.process = None
        self.environment = dict(os.environ, **(environment or {}))
        self.log_path = self.folder / "log"
        self.config = self.folder / "noroshi.yaml"
        base = jma if isinstance(jma, str) else jma.base_url
        mail = mail or f"  directory: {self.folder}/mails"
        lines = [f"operator:\n  name: Test City\npaths:\n  state: {self.folder}/state\n"
                 f"  messages: {ROOT}/messages\n  areas: {ROOT}/config/areas\n"
                 f"feeds:\n  base_url: {base}\n"
                 f"http:\n  address: 127.0.0.1\n  port: {self.port}\n"
                 f"delivery:\n  plain_http: yes\n  allow: [127.0.0.0/8]\n{extra_delivery}"
                 f"mail:\n{mail}\n  from_address: alerts@test.invalid\n  host: test.invalid\n{sections}"]
        if subscribers:
            lines.append("subscribers:\n" + "".join(self.yaml(s) for s in subscribers))
        self.config.write_text("".join(lines))

    @staticmethod
    def yaml(subscriber):
        text = ""
        for key, value in subscriber.items():
            if isinstance(value, list):
                value = "[" + ", ".join(json.dumps(v, ensure_ascii=False) for v in value) + "]"
            elif isinstance(value, bool):
                value = "yes" if value else "no"
            elif isinstance(value, str):
                value = json.dumps(value, ensure_ascii=False)
            text += f"    {key}: {value}\n"
        return "  -" + text[3:]

    def start(self, wait=True, prefix=()):
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen([*prefix, self.binary, "run", "--config", self.config], stderr=self.log,
                                        stdout=self.log, env=self.environment)
        if wait:
            wait_for(self.answers, 60, "the status page answers; log:\n" + self.text_of_log())
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError("the daemon ended: " + self.text_of_log())
        with contextlib.suppress(OSError):
            # A daemon that was killed leaves its socket's file behind; the socket is made last.
            with socket.socket(socket.AF_UNIX) as control:
                control.connect(str(self.folder / "state" / "control.sock"))
            return self.get("/healthz")[0] in (200, 503)
        return False

    def text_of_log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def get(self, path, headers=None, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        try:
            connection.request("GET", path, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            connection.close()

    def status(self):
        return json.loads(self.get("/api/v1/status")[1])

    def alerts(self):
        return json.loads(self.get("/api/v1/alerts")[1])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return self.process.returncode if self.process else None
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the daemon did not stop: " + self.text_of_log())
        finally:
            self.log.close()
        return self.process.returncode

    def close(self):
        with contextlib.suppress(AssertionError):
            self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *arguments, check=True):
        verb, *rest = arguments
        done = subprocess.run([self.binary, verb, "--config", self.config, *rest], capture_output=True, text=True,
                              env=self.environment)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def mails(self):
        folder = self.folder / "mails"
        found = sorted(folder.glob("*.eml"), key=lambda p: p.stat().st_mtime_ns) if folder.exists() else []
        return [email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in found]

    def database(self, query):
        import sqlite3
        connection = sqlite3.connect(f"file:{self.folder}/state/noroshi.db?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def hotel(sink, path="/hotel", **more):
    return {"channel": "webhook", "address": f"http://127.0.0.1:{sink.port}{path}", "name": path.strip("/"),
            "languages": ["en"], "areas": ["01"], "secret": SECRET, **more}


def resident(address="resident@test.invalid", **more):
    return {"channel": "email", "address": address, "name": "Resident", "languages": ["en"],
            "areas": ["札幌市"], **more}
