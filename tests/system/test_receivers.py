"""Receivers in trouble: held, switched off, reached another way; secrets that change; mail that came back; tests."""
import base64
import hashlib
import hmac
import json
import pathlib
import time
import unittest

import telegrams
from harness import SECRET, FakeJMA, Noroshi, Sink, hotel, now, resident, wait_for

COAST = ("102", "北海道太平洋沿岸西部")


class Base(unittest.TestCase):
    def setUp(self):
        self.jma = FakeJMA()
        self.sink = Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)

    def start(self, subscribers, **more):
        daemon = Noroshi(self.jma, subscribers, **more)
        self.addCleanup(daemon.close)
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 40, "the first polls")
        return daemon

    def warn(self, kind="warning", event="20260101000001", minutes=0):
        self.jma.add("VTSE41", telegrams.tsunami(now(), event, [(*COAST, kind, None)]))

    def listed(self, daemon):
        return [json.loads(line) for line in daemon.run("subscriber", "list", "--json").stdout.splitlines()]

    def requests(self, path):
        return [r for r in self.sink.received if r["path"] == path]


class Gone(Base):
    def test_410_switches_off_for_good_until_someone_enables_it(self):
        self.sink.behave = lambda path, count: 410 if path == "/gone" else 200
        daemon = Noroshi(self.jma, [hotel(self.sink, "/gone"), hotel(self.sink, "/fine")])
        self.addCleanup(daemon.close)
        daemon.config.write_text(daemon.config.read_text().replace("operator:\n", "operator:\n  contact: ops@test.invalid\n"))
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 40, "the first polls")
        self.warn()
        wait_for(lambda: self.requests("/gone") and self.sink.accepted("/fine"), 90, "both webhooks")
        wait_for(lambda: "switched off" in str(daemon.status()["notices"]), 20, "the operator is told")
        mail = wait_for(daemon.mails, 20, "the contact is mailed")[0]
        self.assertEqual(mail["to"], "ops@test.invalid")
        self.assertIn("switched off", mail["subject"])
        daemon.stop()
        daemon.start()
        gone = next(s for s in self.listed(daemon) if s["name"] == "gone")
        self.assertIn("410", gone["disabled"])
        self.sink.behave = lambda path, count: 200
        self.warn("major")
        wait_for(lambda: len(self.sink.accepted("/fine")) == 2, 90, "the upgrade")
        self.assertEqual(len(self.requests("/gone")), 1)
        daemon.run("subscriber", "enable", gone["id"])
        self.assertEqual(daemon.run("subscriber", "enable", gone["id"], check=False).returncode, 1)
        self.warn("advisory")
        wait_for(lambda: self.sink.accepted("/gone"), 90, "messages again")


class Held(Base):
    def test_a_host_in_trouble_gets_single_probes_and_then_each_message_once(self):
        """Forty readers of one dead host: without a breaker each would try six times in the first 80 s."""
        state = {"dead": True}
        self.sink.behave = lambda path, count: 500 if state["dead"] else 200
        daemon = self.start([hotel(self.sink, f"/hotel-{i}") for i in range(40)])
        self.warn()
        wait_for(lambda: len(self.sink.received) >= 5, 90, "the first failures")
        began = time.monotonic()
        wait_for(lambda: time.monotonic() - began > 20, 30, "twenty seconds of trouble")
        tried = len(self.sink.received)
        self.assertLess(tried, 60, "the others were not held")
        used = daemon.database("select max(attempts) from delivery")[0][0]
        self.assertLess(used, 8)
        self.assertEqual(daemon.database("select count(*) from breaker"), [(1,)])
        state["dead"] = False
        wait_for(lambda: len(self.sink.accepted()) >= 40, 120, "all of them")
        ids = [r["headers"]["webhook-id"] for r in self.sink.accepted()]
        self.assertEqual(len(set(ids)), 40)
        self.assertEqual(len(ids), 40)
        times = sorted(r["at"] for r in self.sink.accepted())
        for first in times:  # ten a second, with a little room for a clock that is not ours
            self.assertLessEqual(sum(1 for t in times if first <= t < first + 1), 13)
        self.assertEqual(daemon.database("select count(*) from breaker"), [(0,)])


class Fallback(Base):
    def test_a_grave_warning_takes_the_other_channel_after_three_failed_tries(self):
        self.sink.behave = lambda path, count: 503 if path == "/broken" else 200
        daemon = self.start([hotel(self.sink, "/broken", fallback="desk@test.invalid"),
                             hotel(self.sink, "/fine", fallback="other@test.invalid")])
        self.warn()
        mails = wait_for(daemon.mails, 90, "the mail")
        self.assertEqual(mails[0]["to"], "broken <desk@test.invalid>")
        self.assertEqual(len(self.requests("/broken")), 3)
        self.assertIn("Tsunami", mails[0]["subject"])
        wait_for(lambda: daemon.database("select count(*) from delivery where state = 3") == [(2,)], 20, "both have ended")
        self.assertEqual(len(daemon.mails()), 1, "the other channel of one that works is left alone")
        webhooks = {r["headers"]["webhook-id"] for r in self.requests("/broken")}
        self.assertEqual(len(webhooks), 1)
        self.assertNotIn(mails[0]["message-id"].strip("<>").split("@")[0], webhooks)

    def test_who_is_switched_off_is_reached_by_the_other_channel(self):
        self.sink.behave = lambda path, count: 410
        daemon = self.start([hotel(self.sink, "/gone", fallback="desk@test.invalid")])
        self.warn()
        wait_for(lambda: len(daemon.mails()) == 1, 90, "the first mail")
        self.warn("major")
        wait_for(lambda: len(daemon.mails()) == 2, 90, "the second mail")
        self.assertEqual(len(self.requests("/gone")), 1)
        self.assertEqual(daemon.mails()[1]["references"], daemon.mails()[0]["message-id"])


class Secrets(Base):
    def signatures(self, request):
        return request["headers"]["webhook-signature"].split(" ")

    def sign(self, secret, request):
        text = f"{request['headers']['webhook-id']}.{request['headers']['webhook-timestamp']}.".encode() + request["body"]
        return "v1," + base64.b64encode(hmac.digest(base64.b64decode(secret[6:]), text, hashlib.sha256)).decode()

    def test_both_secrets_sign_until_the_overlap_ends(self):
        daemon = self.start([])
        address = f"http://127.0.0.1:{self.sink.port}/hotel"
        added = daemon.run("subscriber", "add", "--channel", "webhook", "--address", address, "--areas", "01",
                           "--secret", SECRET).stdout
        identity = added.split()[0]
        new = daemon.run("subscriber", "rotate", identity, "--overlap", "24h").stdout.split()[-1]
        self.assertTrue(new.startswith("whsec_") and new != SECRET)
        self.warn()
        taken = wait_for(self.sink.accepted, 90, "the webhook")[0]
        self.assertEqual(self.signatures(taken), [self.sign(new, taken), self.sign(SECRET, taken)])
        newest = daemon.run("subscriber", "rotate", identity, "--overlap", "0").stdout.split()[-1]
        wait_for(lambda: " " not in daemon.database("select secret from contact")[0][0], 90, "the overlap has ended")
        self.warn("major")
        taken = wait_for(lambda: len(self.sink.accepted()) == 2 and self.sink.accepted()[1], 90, "the second webhook")
        self.assertEqual(self.signatures(taken), [self.sign(newest, taken)])
        log = daemon.text_of_log()
        for secret in (SECRET, new, newest):
            self.assertNotIn(secret, log)

    def test_a_secret_of_the_configuration_is_changed_there(self):
        daemon = self.start([hotel(self.sink)])
        done = daemon.run("subscriber", "rotate", self.listed(daemon)[0]["id"], check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("configuration", done.stderr)


class Bounces(Base):
    def notify(self, daemon, folder, alert, subscriber, status, seal=None):
        """A notification as a mail server leaves it in a Maildir."""
        key = daemon.database("select value from fact where name = 'bounce_key'")[0][0]
        token = f"{alert}_{subscriber}"
        seal = seal or hmac.digest(key.encode(), token.encode(), hashlib.sha256).hex()[:16]
        self.number = getattr(self, "number", 0) + 1
        (folder / "new" / f"{self.number}.test").write_text(
            f"Delivered-To: bounces+{token}-{seal}@test.invalid\nFrom: MAILER-DAEMON@test.invalid\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n"
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns; test.invalid\n\n"
            f"Final-Recipient: rfc822; planted-in-dsn@test.invalid\nAction: failed\nStatus: {status}\n\n--b--\n")

    def test_mail_that_came_back_for_good_is_never_sent_again(self):
        daemon = Noroshi(self.jma, [resident("gone@test.invalid", areas=["01"]), resident("full@test.invalid", areas=["01"])])
        self.addCleanup(daemon.close)
        folder = daemon.folder / "bounces"
        for part in ("new", "cur", "tmp"):
            (folder / part).mkdir(parents=True)
        daemon.config.write_text(daemon.config.read_text().replace(
            "mail:\n", f"mail:\n  bounces: {folder}\n  envelope_from: bounces@test.invalid\n"))
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 40, "the first polls")
        self.warn()
        wait_for(lambda: len(daemon.mails()) == 2, 90, "the mails")
        keys = dict(daemon.database("select c.address, d.alert || ' ' || d.subscriber from delivery d join contact c"
                                    " on c.subscriber = d.subscriber"))
        gone, full = keys["gone@test.invalid"].split(), keys["full@test.invalid"].split()
        self.notify(daemon, folder, *full, "5.1.1", seal="0" * 16)  # a forgery
        self.notify(daemon, folder, *full, "5.2.2")
        self.notify(daemon, folder, *gone, "5.1.1")
        listed = wait_for(lambda: daemon.run("suppression", "list").stdout, 60, "the suppression")
        self.assertIn("gone@test.invalid", listed)
        self.assertEqual(len(listed.splitlines()), 1)
        self.assertEqual(len(list((folder / "cur").iterdir())), 3)
        self.warn("major")
        wait_for(lambda: len(daemon.mails()) == 3, 90, "the upgrade to the one")
        self.assertIn("full@test.invalid", daemon.mails()[2]["to"])
        wait_for(lambda: daemon.database("select count(*) from delivery where state = 6") == [(1,)], 20, "refused")
        self.assertIn("came back", str(daemon.status()["notices"]))
        self.assertNotIn("test.invalid", daemon.text_of_log())
        done = daemon.run("subscriber", "add", "--channel", "email", "--address", "Gone@test.invalid", "--areas", "01",
                          check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("suppression", done.stderr)
        daemon.run("suppression", "remove", "gone@test.invalid")
        self.assertEqual(daemon.run("suppression", "list").stdout, "")


class SendTest(Base):
    def test_a_test_goes_to_those_named_marked_and_without_an_area(self):
        import jsonschema
        daemon = self.start([hotel(self.sink, "/one", languages=["ja", "vi"]), hotel(self.sink, "/two"),
                             resident("staff@test.invalid", staff=True)])
        one = next(s["id"] for s in self.listed(daemon) if s["name"] == "one")
        said = daemon.run("send-test", one).stdout
        body = json.loads(wait_for(lambda: self.sink.accepted("/one"), 30, "the test")[0]["body"])
        from harness import ROOT
        jsonschema.validate(body, json.loads((ROOT / "docs/schema/webhook.schema.json").read_text()))
        self.assertTrue(body["type"].startswith("drill."))
        self.assertEqual((body["data"]["status"], body["data"]["drill"], body["data"]["areas"]), ("test", True, []))
        self.assertEqual([m["headline"].split("：")[0].split(":")[0] for m in body["data"]["messages"]],
                         ["訓練", "DIỄN TẬP"])
        self.assertEqual({m["colour"] for m in body["data"]["messages"]}, {"blue"})
        self.assertIn(body["data"]["id"], said)
        daemon.run("send-test", "--all-staff")
        mail = wait_for(daemon.mails, 30, "the mail")[0]
        self.assertTrue(mail["subject"].startswith("DRILL"))
        self.assertIn("staff@test.invalid", mail["to"])
        self.assertEqual(self.sink.accepted("/two"), [])
        self.assertEqual(daemon.alerts()["drills"], [])
        self.assertEqual(daemon.run("send-test", "s_nobody", check=False).returncode, 1)
        self.assertEqual(daemon.run("send-test", check=False).returncode, 2)


class Report(Base):
    def test_the_report_tells_times_reach_and_failures_and_no_address(self):
        import csv
        import io
        import jsonschema
        from harness import ROOT
        self.sink.behave = lambda path, count: 410 if path == "/planted-gone" else 200
        daemon = self.start([hotel(self.sink, "/planted-fine", languages=["vi", "en"]), hotel(self.sink, "/planted-gone"),
                             resident("planted-reader@test.invalid", areas=["01"])])
        self.warn()
        wait_for(lambda: daemon.database("select count(*) from delivery where ended_at > 0") == [(3,)], 90, "all have ended")
        event = daemon.database("select event_id from alert")[0][0]
        report = json.loads(daemon.run("report", "--json", event).stdout)
        jsonschema.validate(report, json.loads((ROOT / "docs/schema/report.schema.json").read_text()))
        alert = report["alerts"][0]
        self.assertEqual(alert["deliveries"], {"delivered": 2, "refused": 1})
        self.assertEqual(alert["reach"]["channel"], {"webhook": {"delivered": 1, "refused": 1}, "email": {"delivered": 1}})
        self.assertEqual(alert["reach"]["language"]["vi"], {"delivered": 1})
        self.assertEqual(list(alert["reach"]["area"]), ["北海道 (prefecture:01)"])
        self.assertEqual(alert["failures"][0]["count"], 1)
        times = alert["times"]
        self.assertLessEqual(times["seen_after"], times["first_after"])
        self.assertLessEqual(times["first_after"], times["median_after"])
        self.assertLessEqual(times["median_after"], times["p99_after"])
        self.assertLessEqual(times["p99_after"], times["last_after"])
        rows = list(csv.reader(io.StringIO(daemon.run("report", "--csv", alert["id"]).stdout, newline="")))
        self.assertEqual({len(row) for row in rows}, {5})
        page = daemon.run("report", "--html", event).stdout
        plain = daemon.run("report", event).stdout
        self.assertTrue(page.startswith("<!DOCTYPE html>"))
        for text in (json.dumps(report, ensure_ascii=False), str(rows), page, plain):
            self.assertNotIn("planted", text)
            self.assertIn("北海道", text)
        self.assertEqual(daemon.run("report", "nothing", check=False).returncode, 1)


if __name__ == "__main__":
    unittest.main()
