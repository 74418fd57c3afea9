"""Operation: a new configuration while running, systemd's notices, the watchdog, SIGTERM under load."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import telegrams
from harness import FakeJMA, Noroshi, Sink, hotel, now, resident, wait_for

COAST = ("102", "北海道太平洋沿岸西部")


class Manager:
    """What systemd is to a service of Type=notify: a socket that hears it."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="noroshi-notify-")
        self.path = f"{self.folder}/notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.heard = []
        threading.Thread(target=self.hear, daemon=True).start()

    def hear(self):
        with contextlib.suppress(OSError):
            while True:
                self.heard.extend(self.socket.recv(4096).decode().splitlines())

    def count(self, line):
        return self.heard.count(line)

    def close(self):
        self.socket.close()
        pathlib.Path(self.path).unlink()
        os.rmdir(self.folder)


class Base(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)

    def daemon(self, subscribers, **more):
        daemon = Noroshi(self.jma, subscribers, **more)
        self.addCleanup(daemon.close)
        return daemon

    def settle(self, daemon):
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 40, "the first polls")
        return daemon

    def warn(self, kind="warning", event="20260101000001"):
        self.jma.add("VTSE41", telegrams.tsunami(now(), event, [(*COAST, kind, None)]))

    def change(self, daemon, old, new):
        text = daemon.config.read_text()
        self.assertIn(old, text)
        daemon.config.write_text(text.replace(old, new))


class Reload(Base):
    def test_a_new_subscriber_and_a_new_name_are_taken_while_running(self):
        daemon = self.settle(self.daemon([hotel(self.sink, "/old")]).start())
        self.change(daemon, "name: Test City", "name: Other City")
        self.change(daemon, "/old", "/new")
        self.assertRegex(daemon.run("reload").stdout, r"\Alive: 1 subscriber: \S+\ndrills: nobody\n\Z")
        self.warn()
        wait_for(lambda: self.sink.accepted("/new"), 90, "the webhook")
        self.assertEqual(self.sink.accepted("/old"), [])
        self.assertIn("Other City", self.sink.accepted("/new")[0]["body"].decode())

    def test_a_faulty_file_changes_nothing_and_the_log_says_where(self):
        daemon = self.settle(self.daemon([hotel(self.sink)]).start())
        self.change(daemon, "http:\n", "htpp:\n")
        done = daemon.run("reload", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"noroshi\.yaml:\d+:\d+: ")
        self.assertIn("alerts in force", daemon.run("status").stdout)  # what only asks the daemon needs no more than paths
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "the old one stays" in daemon.text_of_log(), 30, "the refusal")
        self.assertRegex(daemon.text_of_log(), r"noroshi\.yaml:\d+:\d+: ")
        self.warn()
        wait_for(lambda: self.sink.accepted("/hotel"), 90, "the webhook by the old configuration")

    def test_what_cannot_change_is_said(self):
        daemon = self.settle(self.daemon([hotel(self.sink)]).start())
        self.change(daemon, "feeds:\n", "feeds:\n  poll: [eqvol, extra]\n")
        self.change(daemon, "delivery:\n", "delivery:\n  transfers: 7\n")
        said = daemon.run("reload").stdout
        self.assertIn("feeds: poll", said)
        self.assertIn("delivery: transfers", said)
        self.assertEqual(len(said.splitlines()), 4)  # and both lists of rules

    def test_under_load_nothing_is_lost_and_nothing_comes_twice(self):
        hotels = [hotel(self.sink, f"/hotel-{i}") for i in range(150)]
        self.sink.delay = 0.05
        daemon = self.settle(self.daemon(hotels).start())
        self.warn()
        wait_for(lambda: self.sink.accepted(), 90, "the first webhook")
        for _ in range(5):
            daemon.process.send_signal(signal.SIGHUP)
            count = len(self.sink.accepted())
            wait_for(lambda before=count: len(self.sink.accepted()) > before or len(self.sink.accepted()) >= 150, 30,
                     "more webhooks")
        wait_for(lambda: len(self.sink.accepted()) >= 150, 60, "all webhooks")
        # Signals that come together are one.
        wait_for(lambda: daemon.text_of_log().count("the configuration was taken anew") >= 2, 30, "several reloads")
        ids = [r["headers"]["webhook-id"] for r in self.sink.accepted()]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual({r["path"] for r in self.sink.accepted()}, {"/" + h["address"].rsplit("/", 1)[1]
                                                                    for h in hotels})


class Systemd(Base):
    def setUp(self):
        super().setUp()
        self.manager = Manager()
        self.addCleanup(self.manager.close)

    def test_it_says_when_it_is_ready_reloads_and_stops(self):
        daemon = self.daemon([hotel(self.sink)], environment={"NOTIFY_SOCKET": self.manager.path})
        self.settle(daemon.start())
        self.assertEqual(self.manager.count("READY=1"), 1)
        daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: self.manager.count("READY=1") == 2, 30, "READY after the reload")
        self.assertEqual(self.manager.count("RELOADING=1"), 1)
        self.assertTrue(any(re.fullmatch(r"MONOTONIC_USEC=\d+", line) for line in self.manager.heard))
        daemon.stop()
        self.assertEqual(self.manager.count("STOPPING=1"), 1)

    def test_the_watchdog_is_fed_by_the_desk_and_not_by_the_loop(self):
        """The desk is held in fdatasync while the loop goes on: the watchdog must hear nothing more."""
        daemon = self.daemon([hotel(self.sink)], environment={"NOTIFY_SOCKET": self.manager.path,
                                                              "WATCHDOG_USEC": "12000000"})
        self.settle(daemon.start())
        wait_for(lambda: self.manager.count("WATCHDOG=1") >= 2, 30, "the watchdog is fed")
        tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(daemon.process.pid), "-e",
                                   "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:delay_enter=60000000"],
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(tracer.wait)
        self.addCleanup(tracer.kill)
        wait_for(lambda: "TracerPid:\t0" not in pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text(), 10,
                 "strace has attached")
        asking = subprocess.Popen([daemon.binary, "subscriber", "--config", daemon.config, "add", "--channel", "email",
                                   "--address", "x@test.invalid", "--areas", "01"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(asking.wait)
        self.addCleanup(asking.kill)
        wait_for(lambda: "the desk does not move" in daemon.text_of_log(), 30, "the loop has seen it")
        self.assertEqual(daemon.get("/healthz")[0], 200)
        seen = {"count": -1, "since": 0.0}

        def silent():
            """Longer than between two looks."""
            count = self.manager.count("WATCHDOG=1")
            if count != seen["count"]:
                seen.update(count=count, since=time.monotonic())
            return time.monotonic() - seen["since"] > 8
        wait_for(silent, 40, "the watchdog hears nothing more")
        daemon.process.kill()


if __name__ == "__main__":
    unittest.main()
