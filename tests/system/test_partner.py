"""Other authorities' systems hand in broadcasts: signed webhooks and CAP 1.2 (issue 5, point 9)."""
import base64
import hashlib
import hmac
import http.client
import json
import re
import subprocess
import time
import unittest
import uuid

from harness import ROOT, FakeJMA, Noroshi, Sink, free_port, hotel, wait_for
from test_staff import SECTIONS, Staff

KEY = b"a secret of the east city alone."
PARTNERS = """partners:
  - id: east-city
    name_ja: 石狩市危機対策課
    name_en: City of Ishikari, Crisis Management
    contact: 0133-72-3111
    evacuation: yes
    handled_by: city
    secret_file: east-secret
    areas: [石狩市]
    templates: [E-4, M-WATER-OUT, M-POWER-OUT]
    events:
      - event: 避難指示
        template: E-4
        values: {{reason: flood}}
      - event: Power outage
        template: M-POWER-OUT
    level: 4
    makes: {makes}
    broadcast_level: 2
  - id: west-city
    name_ja: 小樽市災害対策室
    name_en: City of Otaru
    contact: 0134-32-4111
    handled_by: city
    secret: whsec_d2VzdCBjaXR5J3Mgb3duIHNlY3JldCwgMzIgYnl0ZXM=
    areas: [小樽市]
    templates: [M-WATER-OUT]
"""
CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{identifier}</identifier>
  <sender>bousai@city.ishikari.example</sender>
  <sent>2026-11-26T08:30:00+09:00</sent>
  <status>{status}</status>
  <msgType>{type}</msgType>
  <scope>Public</scope>
  {references}
  <info>
    <language>ja-JP</language>
    <category>Safety</category>
    <event>{event}</event>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Likely</certainty>
    <headline>{headline}</headline>
    <area>
      <areaDesc>石狩市</areaDesc>
      <geocode><valueName>JIS X 0402</valueName><value>{area}</value></geocode>
    </area>
  </info>
</alert>
"""


def sign(identifier, stamp, body, key=KEY):
    digest = hmac.new(key, f"{identifier}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


class Base(unittest.TestCase):
    makes = "draft"

    def setUp(self):
        self.jma, self.sink, self.port = FakeJMA(), Sink(), free_port()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        readers = [hotel(self.sink, "/hotel"), hotel(self.sink, "/far", areas=["47"]),
                   hotel(self.sink, "/drills", areas=["石狩市"], drills=True)]
        self.daemon = Noroshi(self.jma, readers,
                              sections=SECTIONS.format(port=self.port) + PARTNERS.format(makes=self.makes))
        (self.daemon.folder / "east-secret").write_text("whsec_" + base64.b64encode(KEY).decode() + "\n")
        self.addCleanup(self.daemon.close)
        self.daemon.start()

    def post(self, body, *, kind="live", partner="east-city", identifier=None, at=None, key=KEY, signature=None,
             media="application/json"):
        data = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
        identifier, stamp = identifier or f"msg_{uuid.uuid4().hex}", str(at or int(time.time()))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", f"/partner/{kind}/{partner}", data, {
                "Content-Type": media, "Accept-Language": "en", "webhook-id": identifier, "webhook-timestamp": stamp,
                "webhook-signature": signature or sign(identifier, stamp, data, key)})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    @staticmethod
    def message(identifier="ishikari-1", kind="broadcast.issue", status="Actual", **more):
        data = {"identifier": identifier, "status": status, "template": "M-WATER-OUT", "areas": ["石狩市"],
                "values": {"note": {"ja": "花川地区で断水しています。", "en": "No water in Hanakawa."}}, **more}
        return {"type": kind, "timestamp": "2026-11-26T08:30:00+09:00",
                "data": {key: value for key, value in data.items() if value is not None}}

    @staticmethod
    def cap(identifier="ishikari-1", status="Actual", type="Alert", event="避難指示", area="01235", references="",
            headline="石狩川があふれるおそれがあります。"):
        return CAP.format(identifier=identifier, status=status, type=type, event=event, area=area, headline=headline,
                          references=f"<references>{references}</references>" if references else "")

    def post_cap(self, kind="live", **more):
        return self.post(self.cap(**more), kind=kind, media="application/cap+xml")

    def person(self, name, role, authority="city"):
        self.daemon.run("staff", "add", name, "--role", role, "--authority", authority)
        done = self.daemon.run("staff", "token", name, "--reach", "live")
        return Staff(self.port, re.search(r"token: (\S+)", done.stdout).group(1))

    def rows(self, what="state"):
        return [row[0] for row in self.daemon.database(f"select {what} from broadcast order by created_at, id")]

    def audit(self):
        return self.daemon.database("select who, via, what, object from audit order by number")


class Drafts(Base):
    def test_a_webhook_makes_a_draft_that_staff_approve_and_send_in_the_partners_name(self):
        status, answer = self.post(self.message())
        self.assertEqual((status, answer["made"]), (200, "draft"), answer)
        self.assertEqual(self.rows("author"), ["partner.east-city"])
        anna, bert = self.person("anna", "author"), self.person("bert", "approver")
        page = anna.call("GET", f"/staff/api/live/b/{answer['broadcast']['id']}")[1]
        broadcast = page["broadcast"]
        self.assertEqual((broadcast["source"], broadcast["authority"]["name_ja"], page["faults"]),
                         ("partner east-city", "石狩市危機対策課", []))
        # Its words are the partner's: who changes them must answer for them in the own name.
        self.assertEqual(anna.call("POST", f"/staff/api/live/b/{broadcast['id']}/edit",
                                   {"hash": broadcast["hash"], "values": {"note": {"ja": "別の話"}}})[0], 403)
        self.assertEqual(anna.send(broadcast, area="石狩市")[1]["refusal"], "not-approved")
        self.assertEqual(bert.approve(broadcast)[0], 200)
        status, sent = anna.send(broadcast, area="石狩市")
        self.assertEqual(status, 200, sent)
        wait_for(lambda: self.sink.accepted("/hotel"), 20, "the broadcast")
        text = self.sink.accepted("/hotel")[0]["body"].decode()
        self.assertIn("City of Ishikari", text)
        self.assertIn("0133-72-3111", text)
        self.assertNotIn("札幌市危機管理局", text)
        self.assertNotIn("Meteorological", text)
        self.assertEqual(self.sink.accepted("/far"), [])
        self.assertIn(("partner.east-city", "partner east-city", "partner-live ok", broadcast["id"]), self.audit())
        self.assertIn("intact", self.daemon.run("staff", "audit").stderr)

    def test_the_same_message_again_gives_the_same_answer_and_no_second_draft_also_after_a_crash(self):
        body, identifier = self.message(), "msg_again"
        first = self.post(body, identifier=identifier)[1]
        second = self.post(body, identifier=identifier)
        self.assertEqual((second[0], second[1]["broadcast"], second[1]["repeated"]), (200, first["broadcast"], True))
        self.daemon.kill()
        self.daemon.start()
        third = self.post(body, identifier=identifier)[1]
        self.assertEqual((third["broadcast"], third["repeated"]), (first["broadcast"], True))
        # A new webhook-id with the same message, and an old one with another message.
        self.assertTrue(self.post(body)[1]["repeated"])
        status, answer = self.post(self.message(identifier="ishikari-2"), identifier=identifier)
        self.assertEqual((status, answer["refusal"]), (409, "repeated-other"))
        status, answer = self.post(self.message(values={"note": {"ja": "別の話"}}))
        self.assertEqual((status, answer["refusal"]), (409, "repeated-other"))
        self.assertEqual(len(self.rows()), 1)


class Refusals(Base):
    def test_while_a_secret_is_changed_the_new_and_the_old_one_sign(self):
        new = b"the next secret of the east city"
        self.daemon.stop()
        both = " ".join("whsec_" + base64.b64encode(key).decode() for key in (new, KEY))
        (self.daemon.folder / "east-secret").write_text(both + "\n")
        self.daemon.start()
        self.assertEqual(self.post(self.message("ishikari-1"))[0], 200)
        self.assertEqual(self.post(self.message("ishikari-2"), key=new)[0], 200)
        self.assertEqual(self.post(self.message("ishikari-3"), key=b"another secret, 32 bytes of it..")[0], 401)
        self.daemon.stop()
        (self.daemon.folder / "east-secret").write_text(both.split()[0] + "\n")
        self.daemon.start()
        self.assertEqual(self.post(self.message("ishikari-4"))[0], 401)
        self.assertEqual(self.post(self.message("ishikari-5"), key=new)[0], 200)

    def test_what_is_not_proven_is_refused_and_kept_in_the_audit_log(self):
        now = int(time.time())
        good = json.dumps(self.message(), ensure_ascii=False).encode()
        for more in ({"key": b"another secret, 32 bytes of it.."}, {"at": now - 301}, {"at": now + 310},
                     {"signature": "v1,"}, {"signature": sign("msg_x", str(now), good + b" ")},
                     {"partner": "west-city"}, {"partner": "nobody"}, {"identifier": "with.a.dot"}):
            status, answer = self.post(self.message(), **more)
            self.assertEqual((status, answer["refusal"]), (401, "login"), more)
            self.assertNotIn("whsec_", json.dumps(answer))
        self.assertIn("five minutes", self.post(self.message(), at=now - 400)[1]["text"])
        self.assertEqual(self.rows(), [])
        self.assertEqual({row[2] for row in self.audit()}, {"partner-live login"})
        self.assertIn("partner east-city, not proven", {row[1] for row in self.audit()})
        # Nobody else's way of proving who he is opens this door, and this one opens no other.
        anna = self.person("anna", "approver")
        self.assertEqual(anna.call("POST", "/partner/live/east-city", self.message())[0], 401)
        self.assertEqual(anna.call("GET", "/partner/live/east-city")[0], 405)
        self.assertEqual(self.rows(), [])

    def test_what_a_partner_may_not_is_refused_with_words(self):
        for change, words in (({"areas": ["札幌市"]}, "not within"), ({"areas": ["北海道"]}, "not within"),
                              ({"areas": ["jp"]}, "no such place"), ({"areas": ["ニセ市"]}, "no such place"),
                              ({"areas": None}, "area"), ({"template": "E-5"}, "not among"),
                              ({"template": "E-4"}, ""), ({"everyone": True}, "no meaning"),
                              ({"authority": "city"}, "no meaning"), ({"valid_minutes": 5}, "10 minutes"),
                              ({"identifier": "a b"}, "identifier"), ({"status": "System"}, "status"),
                              ({"values": {"note": {"ja": "一行目\r\n二行目"}}}, ""),
                              ({"values": {"note": {"ja": "<b>太字</b>"}}}, ""),
                              ({"values": {"note": {"ja": "\u202e逆"}}}, ""),
                              ({"values": {"note": {"ja": "気象庁発表"}}}, ""),
                              ({"values": {"note": {"ja": "https://evil.example を見て"}}}, ""),
                              ({"values": {"note": {"ja": "訓練です"}}}, ""),
                              ({"values": {"note": {"ja": "あ" * 121}}}, "120")):
            status, answer = self.post(self.message(**change))
            self.assertEqual(status, 422, (change, answer))
            self.assertTrue(answer["faults"], change)
            self.assertIn(words, json.dumps(answer["faults"], ensure_ascii=False))
        self.assertEqual(self.post("{\"type\":")[1]["faults"][0]["line"], 1)
        self.assertEqual(self.post(self.message(), media="text/plain")[0], 400)
        self.assertEqual(self.post("x" * 70000)[0], 413)
        self.assertEqual(self.rows(), [])


class Statuses(Base):
    def test_an_exercise_is_a_drill_and_never_anything_else(self):
        for status in ("Exercise", "Test"):
            self.assertEqual(self.post(self.message(status=status))[1]["refusal"], "kind")
        self.assertEqual(self.post(self.message(), kind="drill")[1]["refusal"], "kind")
        status, answer = self.post(self.message(status="Exercise"), kind="drill")
        self.assertEqual((status, answer["broadcast"]["kind"], answer["made"]), (200, "drill", "draft"))
        self.assertEqual(self.rows("kind"), ["drill"])

    def test_cap_makes_a_draft_and_its_cancel_takes_it_back(self):
        status, answer = self.post_cap()
        self.assertEqual((status, answer["made"], answer["broadcast"]["template"]), (200, "draft", "E-4"), answer)
        self.assertEqual(self.post_cap(identifier="c-1", type="Cancel",
                                       references="x@y,not-here,2026-11-26T08:30:00+09:00")[0], 404)
        status, answer = self.post_cap(identifier="c-2", type="Cancel", references=(
            "bousai@city.ishikari.example,ishikari-1,2026-11-26T08:30:00+09:00"))
        self.assertEqual((status, answer["made"]), (200, "dropped"))
        self.assertEqual(self.rows(), ["dropped"])

    def test_faulty_cap_is_refused_with_line_and_column(self):
        good = self.cap()
        doctype = good.replace("?>", "?>\n<!DOCTYPE alert [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>", 1)
        for body, words, line in (
                (doctype, "DOCTYPE", 2), (good.replace(":cap:1.2", ":cap:1.1"), "CAP 1.2", 2),
                (good.replace("Actual", "Draft"), "Exercise", 6), (good.replace("Public", "Private"), "Public", 8),
                (good.replace("08:30:00+09:00", "yesterday"), "+09:00", 5),
                (good.replace("</info>", ""), "", None), (good.replace("避難指示", "雑談"), "agreed", 10),
                (good.replace("JIS X 0402", "FIPS6"), "known here", 18),
                (good.replace("<headline>", "<headline>a\n"), "", None)):
            status, answer = self.post(body, media="application/cap+xml")
            self.assertEqual((status, answer["refusal"]), (422, "faults"), answer)
            self.assertIn(words, json.dumps(answer, ensure_ascii=False))
            if line:
                self.assertEqual(answer["faults"][0]["line"], line, answer)
                self.assertGreater(answer["faults"][0]["column"], 0)
        self.assertEqual(self.post_cap(area="01100")[0], 422)
        self.assertEqual(self.rows(), [])



class Documents(Base):
    def test_the_example_of_the_documentation_works(self):
        text = (ROOT / "docs" / "partners.md").read_text()
        script = re.search(r"```sh\n(.*?)```", text, re.S).group(1)
        self.assertIn("127.0.0.1:8081/partner/live/ishikari", script)
        script = script.replace("8081/partner/live/ishikari", f"{self.port}/partner/live/east-city").replace(
            "ishikari-secret", "east-secret")
        done = subprocess.run(["sh", "-euc", script], cwd=self.daemon.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done)
        self.assertEqual(json.loads(done.stdout)["made"], "draft", done.stdout)

    def test_everything_wrong_in_the_configuration_is_told_at_once_with_line_and_column(self):
        text = self.daemon.config.read_text()
        wrong = (("handled_by: city\n    secret_file", "handled_by: town\n    secret_file", "handled_by names"),
                 ("areas: [石狩市]", 'areas: [ニセ市, "ward:0110100"]', "is not an area"),
                 ("templates: [M-WATER-OUT]", "templates: [M-NONE, E-MISSILE-1]", "no template"),
                 ("    level: 4", "    level: 6", "level"), ("makes: draft", "makes: all", "makes says"),
                 ("secret: whsec_d2VzdCBja", "secret: whsec_d2Vzd$Bja", "needs a secret"),
                 ("secret_file: east-secret", "secret_file: not-there", "cannot read"),
                 ("template: M-POWER-OUT", "template: M-NONE", "needs its words"),
                 ("{reason: flood}", "{cause: flood}", "no such blank"),
                 ("name_ja: 石狩市危機対策課", "name_ja: 気象庁", "look like one of JMA"),
                 ("id: west-city", "id: city", "id of its own"), ("broadcast_level: 2", "send_level: 2", "send_level"))
        for old, new, _ in wrong:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        self.daemon.config.write_text(text)
        done = self.daemon.run("check", check=False)
        self.assertEqual(done.returncode, 1)
        told = done.stdout + done.stderr
        for _, _, words in wrong:
            self.assertRegex(told, r"noroshi\.yaml:\d+:\d+: .*" + re.escape(words))
        self.assertEqual(told.count("is not an area"), 2)
        self.assertRegex(told, r"noroshi\.yaml:\d+:\d+: .*of missiles no partner tells")
        self.assertNotIn("d2Vzd", told)

    def test_staff_may_make_a_draft_their_own_and_then_it_is_no_more_the_partners(self):
        broadcast = self.post(self.message())[1]["broadcast"]
        path = f"/staff/api/live/b/{broadcast['id']}"
        anna = self.person("anna", "author")
        shown = anna.call("GET", path)[1]["broadcast"]
        status, answer = anna.call("POST", f"{path}/edit", {"hash": shown["hash"], "authority": "city",
                                                            "values": {"note": {"ja": "市が確かめた話です。"}}})
        self.assertEqual((status, answer["broadcast"]["authority"]["id"]), (200, "city"), answer)
        status, answer = self.post(self.message("c-1", "broadcast.cancel", references=["ishikari-1"], template=None,
                                                areas=None, values=None))
        self.assertEqual((status, answer["refusal"]), (403, "authority"))
        # The command line cannot give somebody the partner's name.
        done = self.daemon.run("staff", "add", "eve", "--role", "author", "--authority", "east-city", check=False)
        self.assertEqual(done.returncode, 1)

    def test_a_cancel_of_what_staff_sent_waits_for_one_person(self):
        broadcast = self.post(self.message())[1]["broadcast"]
        anna, bert = self.person("anna", "author"), self.person("bert", "approver")
        broadcast = anna.call("GET", f"/staff/api/live/b/{broadcast['id']}")[1]["broadcast"]
        self.assertEqual(bert.approve(broadcast)[0], 200)
        self.assertEqual(anna.send(broadcast, area="石狩市")[0], 200)
        wait_for(lambda: self.sink.accepted("/hotel"), 20, "the broadcast")
        status, answer = self.post(self.message("c-1", "broadcast.cancel", references=["ishikari-1"], template=None,
                                                areas=None, values=None))
        self.assertEqual((status, answer["made"], answer["broadcast"]["phase"]), (200, "draft", "withdrawn"), answer)
        withdrawal = anna.call("GET", f"/staff/api/live/b/{answer['broadcast']['id']}")[1]["broadcast"]
        self.assertEqual(anna.send(withdrawal)[0], 200)
        wait_for(lambda: len(self.sink.accepted("/hotel")) == 2, 20, "the withdrawal")
        self.assertEqual(self.sink.bodies("/hotel")[1]["type"], "alert.cancel")


class Broadcasts(Base):
    makes = "broadcast"

    def test_by_a_rule_it_is_sent_at_once_followed_and_withdrawn(self):
        status, answer = self.post(self.message())
        self.assertEqual((status, answer["made"]), (200, "broadcast"), answer)
        wait_for(lambda: self.sink.accepted("/hotel"), 20, "the broadcast")
        follow = {"references": ["ishikari-1"]}
        self.assertEqual(self.post(self.message("u-0", "broadcast.update", **follow, template="M-POWER-OUT"))[0], 409)
        status, answer = self.post(self.message("u-1", "broadcast.update", **follow, values={
            "note": {"ja": "緑苑台でも断水しています。", "en": "Also in Ryokuendai."}}))
        self.assertEqual((status, answer["broadcast"]["phase"]), (200, "update"), answer)
        wait_for(lambda: len(self.sink.accepted("/hotel")) == 2, 20, "the update")
        status, answer = self.post(self.message("c-1", "broadcast.cancel", **follow, template=None, areas=None, values=None))
        self.assertEqual((status, answer["made"], answer["broadcast"]["phase"]), (200, "broadcast", "withdrawn"), answer)
        wait_for(lambda: len(self.sink.accepted("/hotel")) == 3, 20, "the withdrawal")
        bodies = self.sink.bodies("/hotel")
        self.assertEqual([body["type"] for body in bodies], ["alert.issue", "alert.update", "alert.cancel"])
        self.assertIn("Ryokuendai", json.dumps(bodies[1]))
        self.assertEqual(self.sink.accepted("/far"), [])
        self.assertEqual(self.rows("alone"), ["partner"] * 3)
        self.assertIn("sent at once", self.daemon.text_of_log())
        self.assertIn("intact", self.daemon.run("staff", "audit").stderr)
        # The matter is over, and nobody else could have ended it.
        self.assertEqual(self.post(self.message("u-2", "broadcast.update", **follow))[1]["refusal"], "state")
        other = base64.b64decode("d2VzdCBjaXR5J3Mgb3duIHNlY3JldCwgMzIgYnl0ZXM=")
        self.assertEqual(self.post(self.message("c-2", "broadcast.cancel", **follow), partner="west-city", key=other)[1]
                         ["refusal"], "unknown")

    def test_above_the_level_of_the_rule_it_stays_a_draft(self):
        status, answer = self.post_cap()
        self.assertEqual((status, answer["made"], answer["broadcast"]["level"]), (200, "draft", 4), answer)
        self.assertEqual(self.daemon.database("select count(*) from delivery"), [(0,)])

    def test_an_exercise_sent_at_once_reaches_only_those_who_asked_for_drills(self):
        status, answer = self.post_cap(kind="drill", status="Exercise", event="Power outage", headline="訓練の停電です。")
        self.assertEqual((status, answer["made"]), (200, "broadcast"), answer)
        wait_for(lambda: self.sink.accepted("/drills"), 20, "the drill")
        self.assertEqual(self.sink.bodies("/drills")[0]["type"], "drill.issue")
        self.assertEqual(self.sink.accepted("/hotel"), [])


if __name__ == "__main__":
    unittest.main()
