"""A change of rules, templates, areas or audiences needs a second person (H-13): where staff have accounts, two of
them; elsewhere who administers the machine, in the log."""
import json
import re
import shutil
import signal
import unittest

import telegrams
from harness import RELEASE, ROOT, FakeJMA, Noroshi, Sink, hotel, now, wait_for
from test_staff import Base


class Configuration(Base):
    binary = RELEASE

    def readers(self):
        return [hotel(self.sink, "/hotel", min_level=5), hotel(self.sink, "/practice", areas=["47"], drills=True)]

    def change(self, old, new):
        text = self.daemon.config.read_text()
        self.assertIn(old, text)
        self.daemon.config.write_text(text.replace(old, new))

    def reload(self, person, *arguments, check=True):
        self.daemon.environment["NOROSHI_TOKEN"] = person.token if person else ""
        try:
            return self.daemon.run("reload", *arguments, check=check)
        finally:
            del self.daemon.environment["NOROSHI_TOKEN"]

    def taken(self):
        return self.daemon.text_of_log().count("the configuration was taken anew")

    def audit(self):
        return [row[0] for row in self.daemon.database("select what from audit order by number")]

    def test_one_proposes_another_accepts_exactly_that(self):
        anna, bert, olga = self.person("anna", "author"), self.person("bert", "approver"), self.person("olga", "administrator")
        self.change("min_level: 5", "min_level: 3")
        # Neither the machine's administrator, nor a signal, nor an author takes it alone.
        refused = self.reload(None, "--accept", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("second person", refused.stderr)
        self.daemon.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "the old one stays" in self.daemon.text_of_log(), 30, "the signal is refused")
        self.assertEqual(self.reload(anna, check=False).returncode, 1)
        self.assertEqual(self.taken(), 0)
        proposed = self.reload(olga, "--reason", "warnings for hotels, too").stdout
        self.assertIn("webhook, level 5 and up", proposed)
        self.assertIn("proposed", proposed)
        self.assertNotIn(f"127.0.0.1:{self.sink.port}", proposed)
        status, answer = bert.call("GET", "/staff/api/config")
        self.assertEqual(status, 200)
        proposal = answer["proposal"]
        self.assertEqual([proposal["proposer"], proposal["readers"], proposal["files"]], ["olga", 1, ["noroshi.yaml"]])
        self.assertIn("level 3", proposal["effect"])
        self.assertEqual(anna.call("GET", "/staff/api/config")[0], 403)
        # The proposer is not the second person, and neither are an author and a drill.
        accept = {"digest": proposal["digest"]}
        self.assertEqual(olga.call("POST", "/staff/api/config/accept", accept)[1]["refusal"], "same-person")
        self.assertEqual(anna.call("POST", "/staff/api/config/accept", accept)[1]["refusal"], "role")
        dora = self.person("dora", "drill", "drill")
        self.assertEqual(dora.call("POST", "/staff/api/config/accept", accept)[0], 403)
        self.assertEqual(bert.call("POST", "/staff/api/config/accept", {"digest": "0" * 64})[1]["refusal"], "changed")
        # A file that was touched since is another configuration.
        self.change("min_level: 3", "min_level: 2")
        self.assertEqual(bert.call("POST", "/staff/api/config/accept", accept)[1]["refusal"], "changed")
        self.assertEqual(self.taken(), 0)
        self.change("min_level: 2", "min_level: 3")
        shown = self.reload(bert, "--accept").stdout
        self.assertIn("proposed by olga", shown)
        wait_for(lambda: self.taken() == 1, 10, "the configuration")
        self.assertIsNone(bert.call("GET", "/staff/api/config")[1]["proposal"])
        self.assertEqual(bert.call("POST", "/staff/api/config/accept", accept)[1]["refusal"], "state")
        rows = self.daemon.database("select who, what, object, why from audit where what like 'config-%' order by number")
        self.assertIn(("olga", "config-propose ok", proposal["digest"][:16], "warnings for hotels, too"), rows)
        self.assertEqual(rows[-2][:2], ("bert", "config-accept ok"))
        self.daemon.run("staff", "audit")  # the chain is whole
        level = self.daemon.database("select min_level from profile where min_level = 3")
        self.assertEqual(len(level), 1)

    def test_a_proposal_can_be_refused_and_what_changes_nothing_needs_nobody(self):
        bert, olga = self.person("bert", "approver"), self.person("olga", "administrator")
        self.change("name: Test City", "name: Other City")
        self.assertIn("taken", self.reload(olga).stdout)
        self.assertEqual(self.taken(), 1)
        self.change("drills: yes", "drills: no")
        self.reload(olga)
        self.assertEqual(self.reload(bert, "--refuse").returncode, 0)
        self.assertEqual(self.reload(bert, "--accept", check=False).returncode, 1)
        self.assertEqual(self.taken(), 1)
        self.assertIn("config-refuse ok", self.audit())

    def test_a_restart_takes_the_file_and_tells_everybody(self):
        """Nobody must be locked out of his own machine; nobody does it unseen either."""
        self.person("bert", "approver")
        self.change("min_level: 5", "min_level: 1")
        self.daemon.stop()
        self.daemon.start()
        self.assertIn("without a second person", self.daemon.text_of_log())
        self.assertIn("config-start noroshi.yaml", [" ".join(row) for row in self.daemon.database(
            "select what, detail from audit where what = 'config-start'")])
        self.daemon.stop()
        self.daemon.start()
        self.assertEqual(self.audit().count("config-start"), 1)

    def test_loading_prints_who_hears_the_truth_and_who_hears_drills(self):
        shown = self.daemon.run("check").stdout
        self.assertRegex(shown, r"live: 2 subscribers: ")
        drills = re.search(r"drills: 1 subscriber: (.*)", shown).group(1)
        self.assertIn(drills, re.search(r"live: 2 subscribers: (.*)", shown).group(1))
        self.assertRegex(self.daemon.text_of_log(), "drills=.1 subscriber: ")
        self.change("drills: yes", "drills: no")
        self.assertIn("drills: nobody", self.reload(None, "--accept").stdout)


class Alone(unittest.TestCase):
    """Without accounts of staff."""

    def test_the_administrator_takes_it_and_the_log_names_him(self):
        jma, sink = FakeJMA(), Sink()
        self.addCleanup(jma.close)
        self.addCleanup(sink.close)
        daemon = Noroshi(jma, [hotel(sink, "/hotel", min_level=5)])
        self.addCleanup(daemon.close)
        daemon.start()
        daemon.config.write_text(daemon.config.read_text().replace("min_level: 5", "min_level: 3"))
        daemon.run("reload", "--accept")
        (who, files), = daemon.database("select who, detail from audit where what = 'config-take'")
        self.assertRegex(who, r"system\.\d+")
        self.assertEqual(files, '["noroshi.yaml"]')


class Tables(unittest.TestCase):
    """What other areas and other texts would have changed is seen before they are taken (H-13, test 48)."""

    ADDRESS = "school@test.invalid"

    def setUp(self):
        self.jma, self.sink = FakeJMA(), Sink()
        self.addCleanup(self.jma.close)
        self.addCleanup(self.sink.close)
        self.daemon = Noroshi(self.jma, [hotel(self.sink, "/hotel")], binary=RELEASE)
        self.addCleanup(self.daemon.close)
        self.areas, self.messages = self.daemon.folder / "areas", self.daemon.folder / "messages"
        shutil.copytree(ROOT / "config" / "areas", self.areas)
        shutil.copytree(ROOT / "messages", self.messages)
        text = self.daemon.config.read_text()
        self.daemon.config.write_text(text.replace(f"{ROOT}/config/areas", str(self.areas))
                                      .replace(f"{ROOT}/messages", str(self.messages)))
        for office, number, title, area, level in (
                ("札幌管区気象台", "016000", "石狩・空知・後志地方大雨特別警報", ("0110000", "札幌市"), 5),
                ("旭川地方気象台", "012000", "上川・留萌地方大雨警報・注意報", ("0120400", "旭川市"), 3)):
            self.jma.add("VPWW55", telegrams.rain(now(), [(*area, level, 0)], office=office, title=title), feed="extra", office=number)
        self.daemon.start()
        for address, areas, name in ((self.ADDRESS, "旭川市", "Asahikawa school"), ("office@test.invalid", "01", "Island office"),
                                     ("other@test.invalid", "札幌市", "Sapporo school")):
            self.daemon.run("subscriber", "add", "--channel", "email", "--address", address, "--areas", areas,
                            "--languages", "vi", "--name", name)
        wait_for(lambda: self.daemon.database("select count(*) from telegram where outcome > 0")[0][0] == 2, 120, "the archive")

    def without_asahikawa(self):
        for name in ("places.tsv", "coverage.tsv", "stations.tsv"):
            table = self.areas / name
            kept = [line for line in table.read_text().splitlines(True) if "0120400" not in line and "\t01204\t" not in line]
            table.write_text("".join(kept))

    def reword(self):
        text = self.messages / "vi.yaml"
        changed = text.read_text().replace('  issue: "{kind}"', '  issue: "Hãy nghe: {kind}"')
        self.assertNotEqual(changed, text.read_text())
        text.write_text(changed)

    def effect(self):
        shown = self.daemon.run("check", "--replay", "30d", "--json").stdout
        self.assertNotIn("@test.invalid", shown)
        return json.loads(shown)

    def refused(self):
        """What a person sees who has not accepted it."""
        done = self.daemon.run("reload", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("--accept", done.stderr)
        self.assertNotIn("@test.invalid", done.stdout)
        self.assertNotIn("taken anew", self.daemon.text_of_log())
        return done.stdout

    def test_an_area_that_is_taken_out_shows_who_loses_what(self):
        self.assertFalse(self.effect()["needs_accept"])
        self.without_asahikawa()
        shown = self.refused()
        print(shown)
        self.assertIn("changed: areas/coverage.tsv areas/places.tsv areas/stations.tsv", shown)
        # The telegram names nothing else that would say where it may be: neither who asked for Asahikawa nor who
        # asked for all of Hokkaido is warned.
        self.assertRegex(shown, r"1 × email, level 2 .*vi, municipality:01204\n *now: told nothing any more: .*\n"
                                r" *messages before 1, now 0: -1")
        lost, = self.effect()["alerts"]
        self.assertEqual((lost["level"], lost["hazard"], lost["lost"]["readers"], lost["added"]["readers"]), (3, "rain", 3, 0))
        self.assertCountEqual(lost["lost"]["names"], ["hotel", "Asahikawa school", "Island office"])
        self.assertRegex(shown, "lost 3: .*Asahikawa school")
        # Who stays with Sapporo reads the same as before.
        self.assertEqual(self.effect()["texts"], [])
        # It is seen without a daemon, too; and the other way round once it was taken.
        self.daemon.run("reload", "--accept")
        wait_for(lambda: "taken anew" in self.daemon.text_of_log(), 30, "the tables")
        self.daemon.stop()
        self.assertFalse(self.effect()["needs_accept"])
        for name in ("places.tsv", "coverage.tsv", "stations.tsv"):
            shutil.copy(ROOT / "config" / "areas" / name, self.areas / name)
        back, = self.effect()["alerts"]
        self.assertEqual((back["lost"]["readers"], back["added"]["readers"]), (0, 3))

    def test_a_text_that_is_changed_shows_the_old_and_the_new_line(self):
        self.reword()
        shown = self.refused()
        print(shown)
        self.assertIn("changed: messages/vi.yaml", shown)
        effect = self.effect()
        self.assertEqual((effect["compared"], effect["alerts"], effect["messages_lost"]), (True, [], 0))
        rows = {(row["hazard"], row["phase"], row["language"]): row for row in effect["texts"]}
        self.assertEqual(list(rows), [("rain", "issue", "vi")])  # English and Japanese stay
        row = rows["rain", "issue", "vi"]
        self.assertIn("Hãy nghe: ", row["after"])
        self.assertEqual(row["after"].replace("Hãy nghe: ", ""), row["before"])
        self.assertRegex(shown, rf"rain issue, vi\n *before: {re.escape(row['before'])}\n *now: +{re.escape(row['after'])}")
        # What was accepted is what is compared with from then on, also after a kill.
        self.daemon.run("reload", "--accept")
        wait_for(lambda: "taken anew" in self.daemon.text_of_log(), 30, "the texts")
        self.daemon.kill()
        self.daemon.start()
        self.assertFalse(self.effect()["needs_accept"])

    def test_what_was_taken_is_named_only_when_its_copy_is_lost(self):
        (self.daemon.folder / "state" / "taken" / "messages" / "vi.yaml").write_text("language: vi\n")
        self.reword()
        self.assertIn("what they said before is not kept", self.refused())
        self.assertFalse(self.effect()["compared"])


if __name__ == "__main__":
    unittest.main()
