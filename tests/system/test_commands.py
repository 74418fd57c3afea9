"""The commands as a person uses them: help, wrong use, bad input named with line and column, previews, replays."""
import json
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from harness import BINARY, RELEASE, ROOT, FakeJMA, Noroshi, Sink, hotel, resident

OWN = ROOT / "tests" / "telegram" / "own"
DRILL = ROOT / "config" / "first-drill.xml"


def noroshi(*arguments, binary=BINARY):
    return subprocess.run([binary, *map(str, arguments)], capture_output=True, text=True, cwd=ROOT)


class Commands(unittest.TestCase):
    def setUp(self):
        self.daemon = Noroshi("http://127.0.0.1:9/developer/xml/feed/", [
            resident(drills=True, languages=["vi", "en"]), {"channel": "webhook", "address": "http://127.0.0.1:9/h",
            "name": "Hotel", "languages": ["en"], "areas": ["47"], "drills": True}])
        self.addCleanup(self.daemon.close)

    def test_every_verb_has_help_and_wrong_use_ends_with_2(self):
        for verb in "run check parse replay preview who status subscriber".split():
            done = noroshi(verb, "--help")
            self.assertEqual(done.returncode, 0, verb)
            self.assertIn("Usage: noroshi " + verb, done.stdout)
            self.assertEqual(noroshi(verb, "--no-such-option").returncode, 2, verb)
        self.assertEqual(noroshi().returncode, 2)
        self.assertEqual(noroshi("parse").returncode, 2)
        self.assertEqual(noroshi("nonsense").returncode, 2)

    def test_every_option_that_help_names_is_taken(self):
        """The seventeenth of a verb was taken for --help: `broadcast false-alarm … --json` did nothing and said all is well."""
        for verb in ("broadcast", "drill", "subscriber", "staff", "silence", "duty", "run", "check", "report", "reload", "send-test"):
            for option, argument in re.findall(r"^  --(\S+)(?: (\S+))?  ", noroshi(verb, "--help", binary=RELEASE).stdout, re.M):
                if option != "help":
                    done = noroshi(verb, "nothing", f"--{option}", *(["1"] if argument else []), "--config", "/nowhere",
                                   binary=RELEASE)
                    self.assertNotIn("--help", done.stdout, (verb, option))
                    self.assertNotEqual(done.returncode, 0, (verb, option))

    def test_check_names_every_fault_with_line_and_column_in_one_pass(self):
        text = self.daemon.config.read_text()
        text = text.replace("port: ", "prot: ").replace("allow: [127.0.0.0/8]", "allow: [127.0.0.0/99]")
        text = text.replace('languages: ["vi", "en"]', 'languages: ["vi", "klingon"]')
        self.daemon.config.write_text(text)
        done = self.daemon.run("check", check=False)
        self.assertEqual(done.returncode, 1)
        for words in ("prot", "127.0.0.0/99", "klingon"):
            line = next((i for i, l in enumerate(text.splitlines(), 1) if words in l), None)
            self.assertRegex(done.stderr, rf"noroshi\.yaml:{line}:\d+: .*{words}", words)

    def test_check_finds_a_language_that_lacks_a_blank(self):
        folder = self.daemon.folder / "messages"
        shutil.copytree(ROOT / "messages", folder)
        path = folder / "vi.yaml"
        lines = path.read_text().splitlines()
        index = next(i for i, l in enumerate(lines) if "{" in l and "}" in l and not l.lstrip().startswith("#"))
        import re
        lines[index] = re.sub(r"\{[^{}]+\}", "", lines[index])
        path.write_text("\n".join(lines) + "\n")
        self.daemon.config.write_text(self.daemon.config.read_text().replace(f"{ROOT}/messages", str(folder)))
        done = self.daemon.run("check", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"vi\.yaml:\d+")

    def test_a_preview_shows_every_language(self):
        done = noroshi("preview", DRILL)
        self.assertEqual(done.returncode, 0, done.stderr)
        for language in "ja ja-simple en zh-Hans zh-Hant ko vi ne".split():
            self.assertIn(f"==== {language}\n", done.stdout)
        self.assertNotIn("{", done.stdout)

    def test_who_says_who_would_hear_it_and_why_the_others_would_not(self):
        rows = [json.loads(l) for l in self.daemon.run("who", "--json", str(DRILL)).stdout.splitlines()]
        told = {row["name"]: row["told"] for row in rows}
        self.assertEqual(told, {"Resident": True, "Hotel": False})

    def test_a_replay_is_the_same_each_time_and_sends_nothing(self):
        first = self.daemon.run("replay", "--json", str(DRILL)).stdout
        self.assertEqual(first, self.daemon.run("replay", "--json", str(DRILL)).stdout)
        kinds = [json.loads(line)["type"] for line in first.splitlines()]
        self.assertEqual(kinds.count("alert"), 1)
        self.assertEqual(kinds.count("delivery"), 1)
        self.assertEqual(self.daemon.mails(), [])

    def test_a_replay_with_deliver_really_sends_drills(self):
        self.daemon.start()
        self.daemon.run("replay", "--deliver", str(DRILL))
        from harness import wait_for
        wait_for(self.daemon.mails, 30, "the mail")
        self.assertIn("DIỄN TẬP", self.daemon.mails()[0]["Subject"])

    def test_a_broken_telegram_is_named_with_line_and_column(self):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as broken:
            broken.write("<Report xmlns=\"http://xml.kishou.go.jp/jmaxml1/\">\n<Control><Title>x</Control>")
            broken.flush()
            done = noroshi("parse", "--json", broken.name)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, rf"{broken.name}:2:\d+: ")

    def test_status_without_a_daemon_says_so(self):
        done = self.daemon.run("status", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no daemon is running", done.stderr)


if __name__ == "__main__":
    unittest.main()
