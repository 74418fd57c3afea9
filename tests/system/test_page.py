"""The status page in a real browser, in three languages and at two sizes; HTTP as programs use it."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import telegrams
from harness import ROOT, FakeJMA, Noroshi, Sink, hotel, now, wait_for

CHROMIUM = shutil.which("chromium")


def browse(url, *, language="en", width=390, screenshot=None):
    """The page's DOM after the browser has read it."""
    with tempfile.TemporaryDirectory() as profile:
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                   "--disable-background-networking", "--disable-component-update", "--disable-sync",
                   "--hide-scrollbars", f"--user-data-dir={profile}", f"--lang={language}",
                   f"--window-size={width},1400"]
        command += [f"--screenshot={screenshot}"] if screenshot else ["--dump-dom"]
        done = subprocess.run([*command, url], capture_output=True, timeout=90)
        return done.stdout.decode(errors="replace")


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.jma, cls.sink = FakeJMA(), Sink()
        cls.daemon = Noroshi(cls.jma, [hotel(cls.sink)])
        cls.daemon.start()
        wait_for(lambda: cls.daemon.database("select 1 from fact where name = 'settled'"), 40, "the first polls")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.close()
        cls.jma.close()
        cls.sink.close()

    def url(self, path):
        return f"http://127.0.0.1:{self.daemon.port}{path}"

    def test_1_a_quiet_day_says_that_we_can_see(self):
        wait_for(lambda: self.daemon.status()["sight"] == "fresh-quiet", 60, "we see")
        page = self.daemon.get("/?lang=en")[1]
        self.assertIn('data-sight="fresh-quiet"', page)

    @unittest.skipUnless(CHROMIUM, "needs chromium")
    def test_2_a_warning_is_on_the_page_in_the_readers_language(self):
        self.jma.add("VTSE41", telegrams.tsunami(now(), "20260101000001", [
            ("102", "北海道太平洋沿岸西部", "major", None), ("101", "北海道太平洋沿岸中部", "warning", None),
            ("110", "北海道日本海沿岸北部", "advisory", None)]))
        self.jma.add("VPWW55", telegrams.rain(now(), [("0110000", "札幌市", 4, 3), ("0121700", "江別市", 2, 0)]),
                     feed="extra", office="016000")
        wait_for(lambda: len(self.daemon.alerts()["alerts"]) >= 2, 90, "both alerts")
        folder = pathlib.Path(os.environ.get("NOROSHI_SCREENSHOTS", tempfile.mkdtemp(prefix="noroshi-page-")))
        for language, words in {"en": "high ground", "vi": "nơi cao", "ja-simple": "たかい"}.items():
            text = browse(self.url(f"/?lang={language}"))
            self.assertIn("北海道太平洋沿岸西部", text, language)
            browse(self.url(f"/?lang={language}"), screenshot=folder / f"page-{language}.png")
            self.assertGreater((folder / f"page-{language}.png").stat().st_size, 5000)
            self.assertEqual(re.search(r"<html[^>]* lang=\"([^\"]+)\"", text).group(1), language)
            self.assertNotIn("{", re.sub(r"<(style|script).*?</\1>", "", text, flags=re.S), "an unfilled blank")

    def test_3_accept_language_chooses_and_lang_wins(self):
        for header, expected in {"vi,en;q=0.5": "vi", "zh-TW": "zh-Hant", "zh-CN,zh;q=0.9": "zh-Hans", "ne-NP": "ne",
                                 "fr-FR,fr": "en", "ko;q=0.2, ja;q=0.9": "ja"}.items():
            page = self.daemon.get("/", {"Accept-Language": header})[1]
            self.assertRegex(page, rf"<html[^>]* lang=\"{expected}\"", header)
        page = self.daemon.get("/?lang=ko", {"Accept-Language": "vi"})[1]
        self.assertRegex(page, r"<html[^>]* lang=\"ko\"")

    def test_4_answers_for_programs_follow_their_schemas(self):
        import jsonschema
        for path, schema in {"/api/v1/alerts": "alerts", "/api/v1/status": "status"}.items():
            status, body, headers = self.daemon.get(path)
            self.assertEqual(status, 200)
            self.assertTrue(headers["Content-Type"].startswith("application/json"))
            jsonschema.validate(json.loads(body), json.loads((ROOT / f"docs/schema/{schema}.schema.json").read_text()))
        self.assertEqual(self.daemon.get("/readyz")[0], 200)
        self.assertEqual(self.daemon.get("/healthz")[0], 200)
        self.assertEqual(self.daemon.get("/nothing")[0], 404)
        metrics = self.daemon.get("/metrics")[1]
        self.assertTrue(metrics.endswith("# EOF\n"))
        self.assertIn("noroshi_issue_to_delivered_seconds_bucket", metrics)

    def test_5_an_unchanged_page_is_not_sent_again(self):
        _, _, headers = self.daemon.get("/api/v1/alerts")
        self.assertIn("ETag", headers)


if __name__ == "__main__":
    unittest.main()
