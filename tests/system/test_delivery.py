"""Deliveries: signatures by an implementation that we did not write (52), mail through a real SMTP server and
read by one that we did not write, receivers that fail or lie, private addresses, and subscribers by command."""
import base64
import hashlib
import hmac
import json
import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import relays
import telegrams
from harness import RELEASE, ROOT, SECRET, FakeJMA, Noroshi, Sink, free_port, hotel, now, resident, wait_for

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

    def warn(self, kind="warning", last=None, event="20260101000001"):
        self.jma.add("VTSE41", telegrams.tsunami(now(), event, [(*COAST, kind, last)]))


class Hanging(unittest.TestCase):
    """The first rows of an alert are all for receivers that hang, as many as one round claims: what is written next must not
    wait for them."""
    def test_the_rest_is_written_while_the_first_hang(self):
        jma, sink, dead = FakeJMA(), Sink(), socket.socket()
        self.addCleanup(jma.close)
        self.addCleanup(sink.close)
        self.addCleanup(dead.close)
        dead.bind(("0.0.0.0", 0))
        dead.listen(0)
        full = [socket.socket() for _ in range(4)]  # its queue is full and nobody takes from it
        for one in full:
            self.addCleanup(one.close)
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", dead.getsockname()[1]))
        daemon = Noroshi(jma, [], binary=RELEASE)
        self.addCleanup(daemon.close)
        table = daemon.folder / "subscribers.csv"
        with table.open("w") as file:
            file.write("channel,address,languages,areas,drills,secret\n")
            for n in range(4300):
                place = "01" if n < 128 or n > 255 else "47"  # a page of 256 readers makes the first 128 rows
                host = f"127.0.0.1:{sink.port}" if n == 256 else f"127.{1 + n // 250}.0.{n % 250 + 1}:{dead.getsockname()[1]}"
                file.write(f"webhook,http://{host}/{n},en,{place},yes,{SECRET}\n")
        daemon.run("subscriber", "import", table)
        daemon.start()
        place = ("01", "北海道", "101", "石狩地方中部", "0110100", "札幌中央区", "6+")
        body = telegrams.quake_details(now(), "20260101000001", [place], status="訓練")
        begun = time.monotonic()
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(daemon.folder / "state" / "control.sock"))
            control.sendall(json.dumps({"command": "drill-telegram", "id": "hang", "code": "VXSE53",
                                        "body": body.decode()}).encode() + b"\n")
        wait_for(lambda: sink.accepted("/256"), 60, "the one that does not hang")
        self.assertLess(time.monotonic() - begun, 4)  # they hang for five seconds


class Webhook(Base):
    def test_the_signature_verifies_by_the_published_library(self):
        self.start([hotel(self.sink)])
        self.warn()
        wait_for(lambda: self.sink.accepted(), 90, "the webhook")
        taken = self.sink.accepted()[0]
        folder = pathlib.Path(tempfile.gettempdir()) / "noroshi-standardwebhooks"
        if not (folder / "node_modules" / "standardwebhooks").exists():
            folder.mkdir(exist_ok=True)
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "standardwebhooks"], cwd=folder,
                           check=True, capture_output=True)
        script = """
const { Webhook } = require("standardwebhooks");
const { secret, headers, body } = JSON.parse(require("fs").readFileSync(0));
const hook = new Webhook(secret);
const refused = [];
hook.verify(body, headers);
for (const [name, h, b] of [["body", headers, body + " "], ["id", {...headers, "webhook-id": "msg_x"}, body],
    ["time", {...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) - 1000)}, body]])
  try { hook.verify(b, h); } catch { refused.push(name); }
try { new Webhook("whsec_" + Buffer.from("another secret of enough bytes!!").toString("base64")).verify(body, headers); }
catch { refused.push("secret"); }
console.log(JSON.stringify(refused));
"""
        done = subprocess.run(["node", "-e", script], cwd=folder, capture_output=True, text=True, input=json.dumps(
            {"secret": SECRET, "headers": taken["headers"], "body": taken["body"].decode()}))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(sorted(json.loads(done.stdout)), ["body", "id", "secret", "time"])

    def test_the_body_follows_the_published_schema_and_is_small(self):
        import jsonschema
        self.start([hotel(self.sink, languages=["en", "ja", "zh-Hans", "zh-Hant", "ko", "vi", "ne", "ja-simple"])])
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [
            (code, name, "major", None) for code, name in
            [("100", "北海道太平洋沿岸東部"), ("101", "北海道太平洋沿岸中部"), COAST, ("110", "北海道日本海沿岸北部")]]))
        wait_for(lambda: self.sink.accepted(), 90, "the webhook")
        schema = json.loads((ROOT / "docs/schema/webhook.schema.json").read_text())
        jsonschema.validate(self.sink.bodies()[0], schema)
        self.assertLess(len(self.sink.accepted()[0]["body"]), 20000)

    def test_a_retry_has_the_same_id_and_body_and_a_new_time(self):
        seen = []
        self.sink.behave = lambda path, count: 200 if count >= 3 else 503
        self.start([hotel(self.sink)])
        self.warn()
        wait_for(lambda: self.sink.accepted(), 120, "the fourth try")
        tries = self.sink.received
        self.assertEqual(len({t["headers"]["webhook-id"] for t in tries}), 1)
        self.assertEqual(len({t["body"] for t in tries}), 1)
        self.assertGreater(len({t["headers"]["webhook-timestamp"] for t in tries}), 1)

    def test_a_receiver_that_hangs_or_resets_does_not_delay_another(self):
        self.sink.behave = lambda path, count: {"/hang": "hang", "/reset": "reset"}.get(path, 200)
        self.start([hotel(self.sink, "/hang"), hotel(self.sink, "/reset")] +
                   [hotel(self.sink, f"/good{n}") for n in range(20)])
        self.warn()
        wait_for(lambda: len(self.sink.accepted()) == 20, 90, "all good receivers")
        times = [r["at"] for r in self.sink.accepted()]
        self.assertLess(max(times) - min(times), 5)

    def test_a_private_address_needs_an_entry_in_the_configuration(self):
        daemon = Noroshi(self.jma, [hotel(self.sink)])
        self.addCleanup(daemon.close)
        daemon.config.write_text(daemon.config.read_text().replace("allow: [127.0.0.0/8]", "allow: [10.9.9.0/24]"))
        daemon.start()
        wait_for(lambda: daemon.database("select 1 from fact where name = 'settled'"), 40, "the first polls")
        self.warn()
        wait_for(lambda: daemon.database("select state from delivery where ended_at > 0"), 90, "its end")
        self.assertEqual(self.sink.received, [])

    def test_an_update_supersedes_what_was_not_delivered(self):
        self.sink.behave = lambda path, count: 503 if count < 1 else 200
        daemon = self.start([hotel(self.sink)])
        self.sink.behave = lambda path, count: 503
        self.warn("advisory")
        wait_for(lambda: len(self.sink.received) >= 1, 90, "the first try")
        self.warn("major", "advisory")
        wait_for(lambda: daemon.database("select count(*) from delivery")[0][0] == 2, 90, "the upgrade")
        self.sink.behave = lambda path, count: 200
        wait_for(lambda: self.sink.accepted(), 90, "the upgrade arrives")
        self.assertEqual([b["data"]["level"] for b in self.sink.bodies()], [5])


class Mail(Base):
    def smtpd(self):
        """OpenSMTPD from Debian, delivering into a Maildir."""
        self.enterContext(relays.only_one("smtpd"))
        folder = pathlib.Path(tempfile.mkdtemp(prefix="noroshi-smtpd-"))
        self.addCleanup(shutil.rmtree, folder, True)
        folder.chmod(0o755)
        port = free_port()
        maildir = folder / "maildir"
        queue = folder / "spool"
        (folder / "virtual").write_text("@test.invalid nobody\n")
        (folder / "smtpd.conf").write_text(
            f"table virtuals file:{folder}/virtual\nlisten on 127.0.0.1 port {port}\n"
            f"action \"keep\" maildir \"{maildir}\" virtual <virtuals>\n"
            f"match from any for domain \"test.invalid\" action \"keep\"\n")
        maildir.mkdir()
        maildir.chmod(0o777)
        shutil.chown(maildir, "nobody")
        process = subprocess.Popen(["smtpd", "-d", "-f", folder / "smtpd.conf"], stdout=subprocess.DEVNULL,
                                   stderr=open(folder / "log", "w"))
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return port, maildir, folder / "log"

    @unittest.skipUnless(shutil.which("smtpd") and os.getuid() == 0, "needs OpenSMTPD and root")
    def test_mail_goes_through_a_real_server_and_reads_well(self):
        import email
        import email.policy
        port, maildir, log = self.smtpd()
        daemon = self.start([resident(name="グエン・ヴァン", languages=["vi", "en"], areas=["01"])],
                            mail=f"  relay: smtp://127.0.0.1:{port}\n  security: none\n  from_name: 狼煙 札幌市\n"
                                 "  unsubscribe_mail: stop@test.invalid\n  list_id: alerts.test.invalid")
        self.warn("advisory")
        files = lambda: [p for p in maildir.rglob("*") if p.is_file() and "/new/" in str(p)]
        wait_for(files, 90, "the mail; " + log.read_text() + daemon.text_of_log())
        self.warn("major", "advisory")
        wait_for(lambda: len(files()) == 2, 90, "the upgrade; " + daemon.text_of_log())
        mails = [email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in files()]
        mails.sort(key=lambda m: "References" in m)
        first, second = mails
        for mail in mails:
            self.assertEqual(mail.defects, [])
            self.assertEqual(mail["Auto-Submitted"], "auto-generated")
            self.assertIn("stop@test.invalid", mail["List-Unsubscribe"])
            self.assertEqual(mail["From"].addresses[0].display_name, "狼煙 札幌市")
            self.assertEqual(mail["To"].addresses[0].display_name, "グエン・ヴァン")
            self.assertEqual({p.get_content_type() for p in mail.iter_parts()}, {"text/plain", "text/html"})
            self.assertIn("出典：気象庁", mail.get_body(("plain",)).get_content())
        self.assertEqual(second["In-Reply-To"], first["Message-ID"])
        self.assertEqual(second["Importance"], "high")
        self.assertRegex(first["Message-ID"], r"^<msg_[0-9a-f]+@test\.invalid>$")

    def test_hostile_text_in_a_telegram_makes_exactly_one_mail_with_the_expected_headers(self):
        hostile = "津波&#10;Bcc: victim@test.invalid&#13;&#10;X-Evil: 1 &lt;script&gt;alert(1)&lt;/script&gt; {{7*7}} %n &#x202e;"
        daemon = self.start([resident(areas=["01"]), hotel(self.sink)])
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [("102", hostile, "warning", None)])
                     .replace("大津波警報・津波警報・津波注意報・津波予報".encode(), hostile.encode()))
        wait_for(daemon.mails, 90, "the mail")
        mail = daemon.mails()[0]
        self.assertIsNone(mail["Bcc"])
        self.assertIsNone(mail["X-Evil"])
        self.assertNotIn("<script>", mail.get_body(("html",)).get_content())
        self.assertNotIn("\u202e", mail.get_body(("plain",)).get_content())
        page = daemon.get("/")[1]
        self.assertNotIn("<script>alert", page)
        wait_for(self.sink.accepted, 20, "the webhook")
        self.assertNotIn(b"\\u202e", self.sink.accepted()[0]["body"])


class Subscribers(Base):
    def test_subscribers_come_and_go_while_the_daemon_runs(self):
        daemon = self.start([])
        done = daemon.run("subscriber", "add", "--channel", "webhook", "--address",
                          f"http://127.0.0.1:{self.sink.port}/new", "--areas", "苫小牧市", "--languages", "en;vi")
        identity, secret = done.stdout.split()[0], done.stdout.split()[-1]
        self.assertTrue(secret.startswith("whsec_"))
        listed = [json.loads(line) for line in daemon.run("subscriber", "list", "--json").stdout.splitlines()]
        self.assertEqual([row["id"] for row in listed], [identity])
        self.warn()
        wait_for(self.sink.accepted, 90, "the webhook")
        taken = self.sink.accepted()[0]
        signed = f"{taken['headers']['webhook-id']}.{taken['headers']['webhook-timestamp']}.".encode() + taken["body"]
        key = base64.b64decode(secret.removeprefix("whsec_"))
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        self.assertIn(expected, taken["headers"]["webhook-signature"].split())
        daemon.run("subscriber", "remove", identity)
        self.assertEqual(daemon.run("subscriber", "list", "--json").stdout, "")

    def test_a_table_is_imported_and_its_bad_rows_are_named_by_line(self):
        daemon = self.start([])
        table = daemon.folder / "hotels.csv"
        table.write_text("channel,address,languages,areas,hazards,min_level,drills,name,secret\n"
                         f"webhook,http://127.0.0.1:{self.sink.port}/a,en;ko,札幌市,,3,no,\"Hotel, A\",\n"
                         "email,not an address,en,札幌市,,2,no,B,\n"
                         "email,c@test.invalid,xx,札幌市,,2,no,C,\n"
                         "email,d@test.invalid,en,Atlantis,,9,no,D,\n"
                         "email,e@test.invalid,en,01100,,2,yes,E,\n", encoding="utf-8")
        done = daemon.run("subscriber", "import", str(table), check=False)
        self.assertEqual(done.returncode, 1)
        for line in (3, 4, 5):
            self.assertIn(f"hotels.csv:{line}:", done.stderr)
        self.assertEqual(len(daemon.run("subscriber", "list", "--json").stdout.splitlines()), 2)

    def test_addresses_and_secrets_stay_out_of_logs_and_answers(self):
        daemon = self.start([hotel(self.sink, "/secret-path-1"), resident("planted-address@test.invalid")])
        self.warn()
        wait_for(self.sink.accepted, 90, "the webhook")
        daemon.stop()
        log = daemon.text_of_log()
        for planted in ("planted-address", "secret-path-1", SECRET):
            self.assertNotIn(planted, log)


if __name__ == "__main__":
    unittest.main()
