"""The posts of the benchmark by aiohttp: aiohttp_post.py PORT COUNT BODYFILE SECRET"""
import asyncio
import base64
import hashlib
import hmac
import sys
import time

import aiohttp

port, count, body, secret = sys.argv[1], int(sys.argv[2]), open(sys.argv[3], "rb").read(), sys.argv[4]
key = base64.b64decode(secret[6:])


def url(n):
    return f"http://127.{1 + n // 62500}.{n // 250 % 250}.{n % 250 + 1}:{port}/{n}"


async def post(session, n):
    name, seconds = f"msg_{n:032}", str(int(time.time()))
    digest = hmac.digest(key, f"{name}.{seconds}.".encode() + body, hashlib.sha256)
    async with session.post(url(n), data=body, headers={
            "content-type": "application/json", "webhook-id": name, "webhook-timestamp": seconds,
            "webhook-signature": "v1," + base64.b64encode(digest).decode()}) as answer:
        assert answer.status == 204


async def main():
    numbers = iter(range(count))

    async def work(session):
        for n in numbers:
            await post(session, n)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True)) as session:
        await asyncio.gather(*(work(session) for _ in range(64)))


asyncio.run(main())
