"""A receiver with both kinds of address whose IPv6 leads nowhere (36): IPv4 is reached without waiting for a timeout.

Runs itself in a network of its own, where IPv6 packets vanish at the other end of a link. tests/bench/run dual has the figure.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import telegrams
from harness import RELEASE, SECRET, FakeJMA, Noroshi, Sink, now, wait_for

NAME = "both.test.invalid"
INSIDE = "NOROSHI_DUAL_INSIDE"
NETWORK = ("ip link set lo up && ip link add hole type veth peer name end && ip -6 addr add fd00:1::1/64 dev hole nodad && "
           "ip link set hole up && ip link set end up && ip -6 neigh add fd00:1::2 lladdr 02:00:00:00:00:99 dev hole && "
           "mount --bind \"$0\" /etc/hosts && exec \"$@\"")


def inside(*command, **more):
    """Runs a command in such a network, where NAME has an address that is a black hole and one that answers."""
    with tempfile.NamedTemporaryFile("w", prefix="noroshi-hosts-") as hosts:
        hosts.write(f"127.0.0.1 localhost\nfd00:1::2 {NAME}\n127.0.0.1 {NAME}\n")
        hosts.flush()
        return subprocess.run(["unshare", "-n", "-m", "sh", "-c", NETWORK, hosts.name, *command],
                              env=dict(os.environ, **{INSIDE: "1"}), timeout=240, **more)


def seconds_to(name):
    """From the telegram's body to the webhook at a receiver of this name."""
    jma, sink = FakeJMA(), Sink()
    daemon = Noroshi(jma, [{"channel": "webhook", "address": f"http://{name}:{sink.port}/", "languages": ["en"],
                            "areas": ["01"], "secret": SECRET}], binary=RELEASE)
    daemon.config.write_text(daemon.config.read_text().replace("[127.0.0.0/8]", "[127.0.0.0/8, \"fd00::/8\"]"))
    try:
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 60, "the first polls")
        path = jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001",
                                                   [("102", "北海道太平洋沿岸西部", "warning", None)]))
        wait_for(lambda: jma.fetches(path), 90, "the telegram is fetched")
        begun = time.time()
        wait_for(sink.accepted, 30, "the webhook; " + daemon.text_of_log())
        return sink.accepted()[0]["at"] - begun
    finally:
        daemon.close()
        jma.close()
        sink.close()


@unittest.skipUnless(os.getuid() == 0 and shutil.which("unshare") and shutil.which("ip"), "needs root and iproute2")
class Dual(unittest.TestCase):
    @unittest.skipIf(INSIDE in os.environ, "the outer half")
    def test_a_black_hole_in_ipv6_does_not_keep_a_warning(self):
        probe = inside("true", capture_output=True, text=True)
        if probe.returncode != 0:
            self.skipTest("no network of our own: " + probe.stderr.strip()[-100:])
        done = inside(sys.executable, "-m", "unittest", "test_dual.Inside", capture_output=True, text=True,
                      cwd=os.path.dirname(os.path.abspath(__file__)))
        print(done.stdout)
        self.assertEqual(done.returncode, 0, done.stderr)


class Inside(unittest.TestCase):
    """Only by the test above: the runner takes no class without a test of its own name."""

    @unittest.skipUnless(INSIDE in os.environ, "runs in a network of its own")
    def test_the_other_kind_of_address_is_tried_at_once(self):
        took = seconds_to(NAME)
        print(f"webhook {1000 * took:.0f} ms after the telegram was fetched, IPv6 being a black hole")
        self.assertLess(took, 2, "the timeout of a connection is 5 s")


if __name__ == "__main__":
    unittest.main()
