"""One notification to all by the apprise library, unsigned: apprise_post.py PORT COUNT BODYFILE SECRET"""
import logging
import sys

import apprise

port, count, body = sys.argv[1], int(sys.argv[2]), open(sys.argv[3]).read()
logging.disable(logging.CRITICAL)
notifier = apprise.Apprise()
for n in range(count):
    notifier.add(f"json://127.{1 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}:{port}/{n}")
sys.exit(0 if notifier.notify(body=body, title="bench") else 1)
