"""What the machine does to us: failing system calls (4), a full disk (5), an fsync that fails once (6), no descriptors
left (9), and secrets that must not show anywhere (53)."""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import unittest

import telegrams
from harness import RELEASE, SECRET, FakeJMA, Noroshi, Sink, free_port, hotel, now, resident, wait_for
from test_staff import FIELDS, SECTIONS, Staff

LONG = os.environ.get("NOROSHI_LONG") == "yes"
COAST = ("102", "北海道太平洋沿岸西部")


class Base(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)

    def daemon(self, subscribers=(), **more):
        daemon = Noroshi(self.jma, subscribers, **more)
        self.addCleanup(daemon.close)
        return daemon

    def settle(self, daemon):
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 40, "the first polls")
        return daemon

    def warn(self, kind="warning"):
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [(*COAST, kind, None)]))

    def trace(self, daemon, *arguments):
        """strace on the running daemon; its output file."""
        output = daemon.folder / "trace"
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-y", "-o", output, "-p", str(daemon.process.pid), *arguments],
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(tracer.wait)
        self.addCleanup(tracer.kill)
        wait_for(lambda: "TracerPid:\t0" not in pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text(), 10,
                 "strace has attached")
        return tracer, output

    def add(self, daemon, number):
        """Adds a subscriber by command; true when the daemon promised to keep it."""
        return daemon.run("subscriber", "add", "--channel", "email", "--address", f"reader{number}@test.invalid",
                          "--areas", "01", check=False).returncode == 0

    def kept(self, daemon):
        return {line.split('"address":"')[1].split('"')[0] for line in
                daemon.run("subscriber", "list", "--json").stdout.splitlines()}

    def whole(self, daemon):
        connection = sqlite3.connect(daemon.folder / "state" / "noroshi.db")
        try:
            self.assertEqual(connection.execute("pragma integrity_check").fetchall(), [("ok",)])
        finally:
            connection.close()


class Sync(Base):
    def test_a_failed_fsync_is_final_and_the_next_start_goes_on(self):
        daemon = self.settle(self.daemon(binary=RELEASE).start())
        self.assertTrue(self.add(daemon, 0))
        _, output = self.trace(daemon, "-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:error=EIO:when=1")
        # The daemon tries its store by itself, too; once it has ended, commands open the store themselves.
        started = time.monotonic()
        promised = {"reader0@test.invalid"} | ({"reader1@test.invalid"} if self.add(daemon, 1) else set())
        self.assertNotEqual(daemon.process.wait(10), 0)
        self.assertLess(time.monotonic() - started, 5)
        daemon.log.close()
        calls = [line for line in output.read_text().splitlines() if "sync(" in line]
        failed = re.search(r"sync\(\d+<([^>]*)>", next(line for line in calls if "INJECTED" in line)).group(1)
        after = calls[next(i for i, line in enumerate(calls) if "INJECTED" in line) + 1:]
        self.assertEqual([line for line in after if failed in line], [], "an fsync was tried again")
        self.assertRegex(daemon.text_of_log(), r"the store failed .*noroshi\.db: .*, EIO: ")
        daemon.start()
        self.whole(daemon)
        self.assertLessEqual(promised, self.kept(daemon))
        self.assertTrue(self.add(daemon, 2))


# The waits of the catalogue: from the first call on, ever farther apart.
POINTS = (1, 2, 3, 5, 8, 13, 21, 34, 55)


def each(test, points, one):
    """Every point by itself, several at once (most of them wait); all that fail are named."""
    with concurrent.futures.ThreadPoolExecutor(8 if LONG else 2) as pool:
        runs = {pool.submit(one, *point): point for point in points}
        for done in concurrent.futures.as_completed(runs):
            if LONG:
                print(*runs[done], "failed" if done.exception() else "fine", flush=True)
            with test.subTest(point=runs[done]):
                done.result()


class Calls(Base):
    """What the daemon promised while calls fail is there afterwards, whichever call and error it is."""

    def hurt(self, call, error, when):
        daemon = self.settle(self.daemon(binary=RELEASE).start())
        tracer, _ = self.trace(daemon, "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={when}")
        promised = {f"reader{n}@test.invalid" for n in range(6) if daemon.process.poll() is None and self.add(daemon, n)}
        if len(promised) < 6:
            self.says_so(daemon, error, when)
        tracer.terminate()
        tracer.wait()
        if daemon.process.poll() is None:
            wait_for(lambda: daemon.process.poll() is not None or self.add(daemon, 100), 20, "it works again or has ended")
        if daemon.process.poll() is not None:
            self.assertNotEqual(daemon.process.returncode, 0)
            daemon.log.close()
            daemon.start()
        self.whole(daemon)
        self.assertLessEqual(promised, self.kept(daemon), (call, error, when))
        daemon.close()

    def says_so(self, daemon, error, when):
        """What cannot be kept is named with its file, and while that lasts nobody is told that all is well."""
        def unready():
            with contextlib.suppress(OSError):
                return daemon.process.poll() is not None or daemon.get("/readyz")[0] == 503
            return daemon.process.poll() is not None
        if when.endswith("+"):
            wait_for(unready, 5, "it says that it is not ready")
        wait_for(lambda: re.search(rf"noroshi\.db\S*: .*\b{error}\b", daemon.text_of_log()), 5,
                 f"{error} with its file in the log; " + daemon.text_of_log())

    def test_writes_and_syncs_that_fail(self):
        points = [("pwrite64", "ENOSPC", "2"), ("pwrite64", "ENOSPC", "1+"), ("fdatasync", "EIO", "3+")]
        if LONG:
            points = [(call, error, f"{n}{again}")
                      for call in ("pwrite64", "fdatasync", "ftruncate", "openat", "unlink", "fallocate")
                      for error in ("EIO", "ENOSPC") for n in POINTS for again in ("", "+")]
        each(self, points, self.hurt)


class Killed(Base):
    """Killed at the n-th system call (2): what was promised is there, and what was on its way arrives."""

    READERS = 10

    def kill_at(self, call, when):
        sink = Sink()
        self.addCleanup(sink.close)
        daemon = self.settle(self.daemon([hotel(sink, f"/{n}", drills=True) for n in range(self.READERS)],
                                         binary=RELEASE).start())
        self.trace(daemon, "-e", f"trace={call}", "-e", f"inject={call}:signal=SIGKILL:when={when}")
        told = self.drill(daemon, f"kill-{call}-{when}")
        promised = {f"reader{n}@test.invalid" for n in range(6) if daemon.process.poll() is None and self.add(daemon, n)}
        if told:
            wait_for(lambda: self.again(daemon) and len({r["path"] for r in sink.accepted()}) == self.READERS, 60,
                     f"{call} {when}: every webhook; " + daemon.text_of_log())
        by_path = {}
        for taken in sink.accepted():
            by_path.setdefault(taken["path"], set()).add(taken["headers"]["webhook-id"])
        self.assertTrue(all(len(ids) == 1 for ids in by_path.values()), "an identifier was invented")
        self.whole(daemon)
        kept = wait_for(lambda: self.again(daemon) and self.kept_now(daemon), 60, "the list of subscribers")
        self.assertLessEqual(promised, kept[0], (call, when))
        daemon.close()

    def again(self, daemon):
        """Starts it again once it was killed, which may be at any moment."""
        if daemon.process.poll() is not None:
            daemon.log.close()
            daemon.start()
        return True

    def kept_now(self, daemon):
        """One list; none when it is killed just while it is asked."""
        with contextlib.suppress(AssertionError):
            return [self.kept(daemon)]
        return []

    def drill(self, daemon, name):
        """True when the daemon promised to tell it."""
        body = telegrams.quake_details(now(), "20260101000009", [("01", "北海道", "101", "石狩地方中部", "0110100",
                                                                  "札幌中央区", "6-")], status="訓練").decode()
        with contextlib.suppress(OSError, ValueError), socket.socket(socket.AF_UNIX) as control:
            control.connect(str(daemon.folder / "state" / "control.sock"))
            control.sendall(json.dumps({"command": "drill-telegram", "id": name, "code": "VXSE53",
                                        "body": body}).encode() + b"\n")
            answer = b""
            while piece := control.recv(65536):
                answer += piece
            return bool(json.loads(answer).get("deliveries"))
        return False

    def test_at_every_system_call(self):
        calls = ("fdatasync", "pwrite64", "ftruncate", "sendto", "connect", "rename", "unlink")
        points = [("fdatasync", 2), ("pwrite64", 9), ("sendto", 5), ("connect", 3)]
        if LONG:
            points = [(call, when) for call in calls for when in range(1, 61)]
        each(self, points, self.kill_at)


class Disk(Base):
    """A full disk: what was promised stays, what is new is refused, danger to life is told from memory (5)."""

    def mount(self, size):
        self.disk = tempfile.mkdtemp(prefix="noroshi-disk-")
        self.addCleanup(shutil.rmtree, self.disk, True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.disk], capture_output=True).returncode:
            self.skipTest("this machine does not let us mount")
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk])

    def on_disk(self, size="6m", **more):
        self.mount(size)
        daemon = self.daemon([hotel(self.sink)], binary=RELEASE, **more)
        daemon.config.write_text(daemon.config.read_text().replace(f"state: {daemon.folder}/state",
                                                                   f"state: {self.disk}/state"))
        (daemon.folder / "state").symlink_to(f"{self.disk}/state")
        return daemon

    def fill(self, leave=0):
        with open(pathlib.Path(self.disk, "filler"), "ab", buffering=0) as file, contextlib.suppress(OSError):
            while shutil.disk_usage(self.disk).free > leave:
                file.write(bytes(4096))

    def make_room(self):
        pathlib.Path(self.disk, "filler").unlink()

    def add_until_refused(self, daemon):
        promised = set()
        for number in range(1, 2000):
            if not self.add(daemon, number):
                return promised
            promised.add(f"reader{number}@test.invalid")
        self.fail("the disk was never full")

    def in_emergency(self, daemon):
        wait_for(lambda: "from memory" in str(daemon.status()["notices"]), 20, "the emergency; " + daemon.text_of_log())
        wait_for(lambda: daemon.get("/readyz")[0] == 503, 5, "it says that it is not ready")
        wait_for(lambda: daemon.status()["store_detached"], 5, "the status says why")
        wait_for(lambda: 'id="emergency"' in daemon.get("/")[1], 5, "the page says so")

    def warned_from_memory(self, daemon):
        self.warn()
        wait_for(self.sink.accepted, 90, "the warning; " + daemon.text_of_log())
        self.assertRegex(daemon.text_of_log(), r"(?m)^.*alert.*durable=no")

    def recovers(self, daemon):
        """Everything is on the disk again without a restart, and a restart tells nothing twice."""
        self.make_room()
        wait_for(lambda: self.add(daemon, 5000), 20, "it works again without a restart")
        wait_for(lambda: daemon.get("/readyz")[0] == 200, 90, "it is ready again")
        self.assertNotIn('id="emergency"', daemon.get("/")[1])
        self.assertIsNone(daemon.process.poll())
        self.whole(daemon)
        delivered = "select count(*) from delivery where state = 3 and channel = 1"
        wait_for(lambda: daemon.database(delivered) == [(1,)], 10, "what went from memory is on the disk")
        daemon.kill()
        daemon.start()
        polls = self.jma.polls("eqvol")
        wait_for(lambda: self.jma.polls("eqvol") > polls, 90, "it looks at the feeds again")
        self.assertEqual(len(self.sink.received), 1, "sent once")

    def test_a_full_disk_loses_nothing_that_was_promised_and_a_tsunami_warning_goes_from_memory(self):
        daemon = self.settle(self.on_disk().start())
        self.fill(leave=400 * 1024)
        promised = self.add_until_refused(daemon)
        self.assertTrue(promised)
        wait_for(lambda: "reserve" in str(daemon.status()["notices"]), 10, "the operator hears of the reserve")
        self.fill()
        self.in_emergency(daemon)
        self.assertIn("noroshi.db: database or disk is full (13), ENOSPC", daemon.text_of_log())
        refused = daemon.run("subscriber", "add", "--channel", "email", "--address", "late@test.invalid", "--areas", "01",
                             check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("the disk is full", refused.stderr + refused.stdout)
        self.warned_from_memory(daemon)
        self.recovers(daemon)
        self.assertLessEqual(promised | {"reader5000@test.invalid"}, self.kept(daemon))

    def test_a_broadcast_of_staff_is_refused_with_the_reason_and_a_withdrawal_goes(self):
        port = free_port()
        daemon = self.settle(self.on_disk(sections=SECTIONS.format(port=port)).start())
        staff, tokens = {}, {}
        for name, role in (("anna", "author"), ("bert", "approver")):
            daemon.run("staff", "add", name, "--role", role, "--authority", "city")
            tokens[name] = re.search(r"token: (\S+)", daemon.run("staff", "token", name, "--reach", "live").stdout).group(1)
            staff[name] = Staff(port, tokens[name])
        anna, bert = staff["anna"], staff["bert"]
        sent, waiting = anna.draft(), anna.draft()
        for broadcast in (sent, waiting):
            self.assertEqual(bert.approve(broadcast)[0], 200)
        self.assertEqual(anna.send(sent)[0], 200)
        wait_for(self.sink.accepted, 20, "the first")
        self.fill(leave=100 * 1024)  # below the reserve, and still writable
        self.refused(anna, waiting, daemon, tokens["anna"])
        self.assertFalse(daemon.status()["store_detached"])
        self.fill()
        # Whoever finds the disk full gets his answer, too.
        self.refused(anna, waiting, daemon, tokens["anna"])
        self.in_emergency(daemon)
        self.refused(anna, waiting, daemon, tokens["anna"])
        status, answer = anna.call("POST", f"/staff/api/live/b/{sent['id']}/false-alarm", {"reason": "wrong ward"})
        self.assertEqual(status, 200, answer)
        wait_for(lambda: len(self.sink.accepted()) == 2, 20, "the withdrawal")
        self.make_room()
        wait_for(lambda: daemon.get("/readyz")[0] == 200, 90, "it is ready again")
        wait_for(lambda: daemon.database(f"select state from broadcast where id = '{sent['id']}'"), 5, "it is kept")
        self.assertEqual(daemon.database("select count(*) from broadcast where alert_id not null"), [(2,)])
        self.assertEqual(anna.send(waiting)[0], 200)
        wait_for(lambda: len(self.sink.accepted()) == 3, 20, "the second")
        self.whole(daemon)

    def refused(self, person, broadcast, daemon, token):
        for language, words in (("en", "disk"), ("ja", "ディスク")):
            for path, body in ((f"/staff/api/live/b/{broadcast['id']}/send", {"hash": broadcast["hash"], "count": 1,
                                                                            "area": "札幌市"}), ("/staff/api/live", FIELDS)):
                status, answer = person.call("POST", path, body, **{"Accept-Language": language})
                self.assertEqual((status, answer["refusal"]), (507, "disk-full"), answer)
                self.assertIn(words, answer["text"])
        daemon.environment["NOROSHI_TOKEN"] = token
        done = daemon.run("broadcast", "send", broadcast["id"], "--area", "札幌市", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("disk-full", done.stderr)

    def test_a_store_that_is_too_large_for_memory_goes_on_too(self):
        daemon = self.on_disk("320m")
        self.settle(daemon.start())
        daemon.stop()
        with contextlib.closing(sqlite3.connect(daemon.folder / "state" / "noroshi.db", isolation_level=None)) as database:
            database.execute("pragma journal_mode = delete")
            database.execute("create table ballast (bytes blob)")
            for _ in range(264):
                database.execute("insert into ballast values (zeroblob(?))", (2**20,))
        daemon.start()
        self.fill()
        self.in_emergency(daemon)
        self.warned_from_memory(daemon)
        self.assertLess(int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(
            f"/proc/{daemon.process.pid}/status").read_text()).group(1)), 128 * 1024)
        self.recovers(daemon)

    def start_full(self, end):
        daemon = self.settle(self.on_disk().start())
        self.assertTrue(self.add(daemon, 1))
        end(daemon)
        self.fill()
        daemon.start()
        self.in_emergency(daemon)
        self.assertIn("going on in memory", daemon.text_of_log())
        self.assertFalse(self.add(daemon, 2))
        self.warned_from_memory(daemon)
        self.recovers(daemon)
        self.assertIn("reader1@test.invalid", self.kept(daemon))

    def test_it_starts_on_a_full_disk_after_it_was_stopped(self):
        self.start_full(lambda daemon: daemon.stop())

    def test_it_starts_on_a_full_disk_after_it_was_killed(self):
        self.start_full(lambda daemon: daemon.kill())

    def test_a_kill_on_a_full_disk_leaves_the_store_as_it_was(self):
        daemon = self.settle(self.on_disk().start())
        self.assertTrue(self.add(daemon, 1))
        self.fill()
        self.in_emergency(daemon)
        self.warned_from_memory(daemon)
        daemon.kill()
        self.make_room()
        self.whole(daemon)
        daemon.start()
        self.assertIn("reader1@test.invalid", self.kept(daemon))
        wait_for(lambda: len(self.sink.accepted()) == 2, 90, "a duplicate is better than silence (R-7)")
        first, second = self.sink.accepted()
        self.assertEqual(first["headers"]["webhook-id"], second["headers"]["webhook-id"])


class Descriptors(Base):
    def test_a_thousand_clients_and_few_descriptors_cost_little_and_pass(self):
        daemon = self.daemon([hotel(self.sink)], binary=RELEASE)
        daemon.start(prefix=["prlimit", "--nofile=96"])
        self.settle(daemon)
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
        clients = []
        for _ in range(1000):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", daemon.port))
            clients.append(client)

        def used():
            fields = pathlib.Path(f"/proc/{daemon.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

        before, started = used(), time.monotonic()
        self.warn()
        wait_for(self.sink.accepted, 90, "the webhook although clients take every descriptor they get")
        threading.Event().wait(max(0, 5 - (time.monotonic() - started)))  # long enough to measure
        self.assertLess((used() - before) / (time.monotonic() - started), 0.2, "a busy loop")
        for client in clients:
            client.close()

        def answers():
            with contextlib.suppress(OSError):
                return daemon.get("/healthz")[0] == 200
        wait_for(answers, 5, "the page is back")


class Secrets(Base):
    def test_planted_secrets_show_nowhere(self):
        password = "planted-smtp-password"
        folder = tempfile.mkdtemp(prefix="noroshi-secret-")
        self.addCleanup(shutil.rmtree, folder, True)
        file = pathlib.Path(folder, "password")
        file.write_text(password + "\n")
        self.sink.behave = lambda path, count: 500 if "refused" in path else 200
        planted = ["planted-path", "planted-reader", "planted-refused", SECRET, SECRET[6:], password]
        mail = (f"  relay: smtp://127.0.0.1:1\n  security: none\n  user: noroshi\n  password_file: {file}")
        daemon = self.daemon([hotel(self.sink, "/planted-path"), hotel(self.sink, "/planted-refused"),
                              resident("planted-reader@test.invalid")], mail=mail)
        self.settle(daemon.start())
        self.warn()
        wait_for(lambda: self.sink.accepted("/planted-path"), 90, "the webhook")
        wait_for(lambda: daemon.text_of_log().count("not delivered") >= 2, 30, "the failures are in the log")
        shown = {"the log": daemon.text_of_log()}
        for path in ["/", "/api/v1/alerts", "/api/v1/status", "/metrics", "/healthz", "/readyz", "/planted", "/%00",
                     "/api/v1/../../etc"]:
            shown[path] = str(daemon.get(path))
        for name in ["cmdline", "environ"]:
            shown[name] = pathlib.Path(f"/proc/{daemon.process.pid}/{name}").read_bytes().decode(errors="replace")
        shown["status"] = daemon.run("status", "--json").stdout
        for name, text in shown.items():
            for secret in planted:
                self.assertNotIn(secret, text, name)


if __name__ == "__main__":
    unittest.main()
