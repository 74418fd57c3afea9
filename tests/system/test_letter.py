"""All staff are mailed at once when one person alone sends a broadcast or takes one back (H-3)."""
import json
import os
import re
import shutil
import time
import unittest

import relays
from harness import ROOT, FakeJMA, Noroshi, Sink, free_port, hotel, resident, wait_for
from test_staff import SECTIONS, Staff

ALARM = {"template": "E-5", "areas": ["札幌市"], "values": {"reason": {"": "flood"}, "districts": {"ja": "豊平区"}}}
CHIEF, DEPUTY = "chief@test.invalid", "deputy@test.invalid"


class Base(unittest.TestCase):
    def start(self, mail, webhook=None):
        self.jma, self.sink, self.port = FakeJMA(), Sink(), free_port()
        more = [hotel(self.sink, webhook, areas=["47"], staff=True)] if webhook else []
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        sections = SECTIONS.format(port=self.port).replace("staff:\n", "staff:\n  origin: https://staff.test.invalid\n")
        far = {"areas": ["47"], "staff": True}
        self.daemon = Noroshi(self.jma, [hotel(self.sink), resident("citizen@test.invalid", areas=["47"]),
                                         resident(CHIEF, languages=["ja"], **far), resident(DEPUTY, **far), *more],
                              mail=mail, sections=sections)
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def person(self, name, role, *more):
        self.daemon.run("staff", "add", name, "--role", role, "--authority", "city", "--shown", name.title(), *more)
        done = self.daemon.run("staff", "token", name, "--reach", "live")
        return Staff(self.port, re.search(r"token: (\S+)", done.stdout).group(1))

    def send_alone(self, anna):
        broadcast = anna.draft(fields=ALARM)
        path = f"/staff/api/live/b/{broadcast['id']}"
        shown = anna.call("GET", f"{path}/preview")[1]
        status, answer = anna.call("POST", f"{path}/break-glass", {
            "hash": broadcast["hash"], "count": shown["count"], "area": "札幌市", "phrase": "I alone send this now",
            "reason": "the dike has broken, nobody else is here"})
        self.assertEqual(status, 200, answer)
        return broadcast["id"]

    @staticmethod
    def text(mail):
        return mail.get_body(("plain",)).get_content()


class RealRelay(Base):
    @unittest.skipUnless(os.getuid() == 0 and shutil.which("smtpd"), "needs root, OpenSMTPD and its user")
    def test_who_what_when_why_and_how_to_take_it_back(self):
        relay = relays.OpenSMTPD(self)
        self.start(f"  relay: smtp://localhost:{relay.port}\n  security: none")
        anna = self.person("anna", "author", "--break-glass-until", "2099-01-01T00:00:00+09:00")
        bert = self.person("bert", "approver")
        began = time.monotonic()
        sent = self.send_alone(anna)
        wait_for(lambda: len(relay.mails()) == 2, 30, "both letters; " + self.daemon.text_of_log())
        print(f"break-glass: both letters after {time.monotonic() - began:.2f} s")
        mails = {mail["To"].addresses[0].addr_spec: mail for mail in relay.mails()}
        self.assertEqual(set(mails), {CHIEF, DEPUTY})
        self.assertEqual(mails[CHIEF]["Subject"], "一人で送信されました：緊急安全確保、札幌市")
        self.assertTrue(mails[DEPUTY]["Subject"].startswith("Sent by one person alone: "), mails[DEPUTY]["Subject"])
        for mail in mails.values():
            self.assertEqual(mail.defects, [])
            self.assertEqual(mail["Importance"], "high")
            self.assertIsNone(mail["X-Noroshi-Drill"])
            text = self.text(mail)
            for part in ("Anna (anna)", "the dike has broken, nobody else is here", sent, "札幌市", "Sapporo", "理由",
                         "Reason", f"https://staff.test.invalid/staff/live/b/{sent}",
                         f"noroshi broadcast false-alarm {sent}", time.strftime("%Y-")):
                self.assertIn(part, text)
            self.assertNotIn("@", text)
        self.assertLess(self.text(mails[CHIEF]).index("一人で"), self.text(mails[CHIEF]).index("One person"))
        self.assertGreater(self.text(mails[DEPUTY]).index("一人で"), self.text(mails[DEPUTY]).index("One person"))
        status, answer = bert.call("POST", f"/staff/api/live/b/{sent}/false-alarm", {"reason": "it was the other dike"})
        self.assertEqual(status, 200, answer)
        wait_for(lambda: len(relay.mails()) == 4, 30, "the letters about the withdrawal")
        last = [mail for mail in relay.mails() if "Taken back" in mail["Subject"] or "取り消" in mail["Subject"]]
        self.assertEqual(len(last), 2)
        for mail in last:
            self.assertIn("it was the other dike", self.text(mail))
            self.assertIn("Bert (bert)", self.text(mail))
            self.assertIn(f"/staff/live/b/{sent}", self.text(mail))
        # Nobody's address is in the log, and no page speaks of letters.
        for address in (CHIEF, DEPUTY):
            self.assertNotIn(address, self.daemon.text_of_log())
        shown = self.daemon.get("/")[1] + self.daemon.get("/api/v1/alerts")[1]
        self.assertNotIn("letter-", shown)
        self.assertNotIn("dike", shown)
        self.assertEqual(self.daemon.run("db", "check").returncode, 0)


class Durable(Base):
    def test_a_letter_that_the_relay_puts_off_survives_a_crash(self):
        relay = relays.Relay()
        self.addCleanup(relay.close)
        relay.behave = lambda step, reader, count: "451 4.3.0 later"
        self.start(f"  relay: smtp://127.0.0.1:{relay.port}\n  security: none")
        anna = self.person("anna", "author", "--break-glass-until", "2099-01-01T00:00:00+09:00")
        self.send_alone(anna)
        wait_for(lambda: relay.counts, 20, "an attempt")
        self.daemon.kill()
        relay.behave = lambda step, reader, count: None
        self.daemon.start()
        wait_for(lambda: len(relay.accepted) == 2, 60, "both letters; " + self.daemon.text_of_log())
        self.assertEqual({reader for _, reader, _ in relay.accepted}, {CHIEF, DEPUTY})

    def test_staff_with_a_webhook_and_no_mail_get_it_there(self):
        import jsonschema
        schema = json.loads((ROOT / "docs/schema/letter.schema.json").read_text())
        self.start(None, webhook="/staff")
        anna = self.person("anna", "author", "--break-glass-until", "2099-01-01T00:00:00+09:00")
        sent = self.send_alone(anna)
        wait_for(lambda: self.sink.accepted("/staff") and len(self.daemon.mails()) == 2, 30, "webhook and mails")
        body, = self.sink.bodies("/staff")
        jsonschema.validate(body, schema)
        self.assertEqual([body["type"], body["data"]["drill"]], ["staff.letter", False])
        texts = {message["language"]: message for message in body["data"]["messages"]}
        self.assertEqual(texts["ja"]["subject"], "一人で送信されました：緊急安全確保、札幌市")
        self.assertIn(f"noroshi broadcast false-alarm {sent}", texts["en"]["text"])
        self.assertEqual(anna.call("POST", f"/staff/api/live/b/{sent}/false-alarm", {"reason": "the other dike"})[0], 200)
        wait_for(lambda: len(self.sink.accepted("/staff")) == 2, 30, "the letter about the withdrawal")
        jsonschema.validate(self.sink.bodies("/staff")[1], schema)
        self.assertIn("Taken back", json.dumps(self.sink.bodies("/staff")[1]))

    def test_what_two_people_send_makes_no_letter(self):
        relay = relays.Relay()
        self.addCleanup(relay.close)
        self.start(f"  relay: smtp://127.0.0.1:{relay.port}\n  security: none")
        anna, bert = self.person("anna", "author"), self.person("bert", "approver")
        broadcast = anna.draft()
        self.assertEqual(bert.approve(broadcast)[0], 200)
        self.assertEqual(anna.send(broadcast)[0], 200)
        wait_for(lambda: self.sink.accepted("/hotel"), 20, "the broadcast")
        self.assertEqual(self.daemon.database("select count(*) from alert where id like 'letter-%'"), [(0,)])
        self.assertEqual(relay.accepted, [])


if __name__ == "__main__":
    unittest.main()
