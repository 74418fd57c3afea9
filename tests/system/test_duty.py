"""The hand-over of a shift (H-17): who is on duty, and what he takes over."""
import json
import time
import unittest

from harness import hotel, resident, wait_for
from test_staff import Base


class Duty(Base):
    def readers(self):
        return [hotel(self.sink, "/hotel"), hotel(self.sink, "/drills", areas=["47"], drills=True),
                resident("chief@test.invalid", languages=["ja"], areas=["canary"], staff=True)]

    def duty(self, person):
        return person.call("GET", "/staff/api/duty")[1]

    def test_a_shift_is_handed_over_and_nobody_is_ever_between_two_people(self):
        anna, bert = self.two()
        self.person("vera", "viewer")
        self.assertIn("on duty: nobody", self.daemon.run("status").stdout)
        self.assertEqual(anna.call("POST", "/staff/api/duty/take", {})[0], 200)
        self.assertEqual(anna.call("POST", "/staff/api/duty/take", {})[1]["refusal"], "state")
        self.assertEqual(bert.call("POST", "/staff/api/duty/hand-over", {"to": "anna"})[1]["refusal"], "state")
        self.assertEqual(anna.call("POST", "/staff/api/duty/hand-over", {"to": "vera"})[1]["refusal"], "faults")
        self.assertEqual(anna.call("POST", "/staff/api/duty/hand-over", {"to": "anna"})[1]["refusal"], "faults")
        status, _ = anna.call("POST", "/staff/api/duty/hand-over", {"to": "bert", "note": "The river is rising."})
        self.assertEqual(status, 200)
        shift = self.duty(bert)
        self.assertEqual([row["name"] for row in shift["on_duty"]], ["anna"])
        self.assertEqual([shift["offer"]["to"], shift["offer"]["note"]], ["bert", "The river is rising."])
        self.daemon.environment["NOROSHI_TOKEN"] = bert.token
        self.assertIn("bert since", self.daemon.run("duty", "take").stdout)
        shift = self.duty(anna)
        self.assertEqual([(row["name"], row["note"]) for row in shift["on_duty"]], [("bert", "The river is rising.")])
        self.assertIsNone(shift["offer"])
        self.daemon.stop()
        self.daemon.start()
        self.assertIn("on duty: bert since", self.daemon.run("status").stdout)
        self.assertIn("nobody is on duty", self.daemon.run("duty", "leave").stdout)
        self.assertIn("nobody of staff is on duty", self.daemon.text_of_log())
        told = self.daemon.database("select who, what, object, why from audit where what like 'duty-%' order by number")
        self.assertIn(("anna", "duty-hand-over ok", "bert", "The river is rising."), told)
        self.assertIn(("bert", "duty-take ok", "anna", ""), told)

    def test_the_status_shows_what_is_in_force_drilling_and_muted(self):
        anna, bert = self.two()
        dora = self.person("dora", "drill", "drill")
        broadcast = anna.draft()
        bert.approve(broadcast)
        self.assertEqual(anna.send(broadcast)[0], 200)
        drill = dora.draft("drill")
        self.assertEqual(dora.send(drill, "drill", "")[0], 200)
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        status, answer = anna.call("POST", "/staff/api/silence", {"hazard": "fog", "areas": ["札幌市"], "until": until,
                                                                  "reason": "fog at the port every day"})
        self.assertEqual(status, 200, answer)
        shown = self.daemon.run("status").stdout
        self.assertIn("in force: level 4", shown)
        self.assertIn(f": {drill['id']}", shown)
        self.assertIn("fog, fog at the port every day", shown)
        shift = json.loads(self.daemon.run("status", "--json").stdout)["shift"]
        self.assertEqual([len(shift[key]) for key in ("in_force", "drilling", "silences", "held_broadcasts")], [1, 1, 1, 0])
        # All staff hear when a drill begins and ends.
        wait_for(lambda: self.daemon.mails(), 60, "the letter")
        self.assertEqual(self.daemon.mails()[0]["subject"], "【訓練】訓練が始まりました：避難指示")
        dora.call("POST", f"/staff/api/drill/b/{drill['id']}/stop", {"reason": "the drill is over"})
        wait_for(lambda: len(self.daemon.mails()) == 2, 60, "the letter about its end")
        self.assertEqual(self.daemon.mails()[1]["subject"], "【訓練】訓練が終わりました：避難指示")
        # Who has drills only sees nothing of the live side.
        self.assertEqual(dora.call("GET", "/staff/api/duty")[0], 403)


if __name__ == "__main__":
    unittest.main()
