// The posts of the benchmark by node's fetch: fetch_post.mjs PORT COUNT BODYFILE SECRET
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

const [port, count, file, secret] = process.argv.slice(2);
const body = readFileSync(file);
const key = Buffer.from(secret.slice(6), 'base64');
const url = (n) => `http://127.${1 + Math.floor(n / 62500)}.${Math.floor(n / 250) % 250}.${(n % 250) + 1}:${port}/${n}`;
let next = 0;

async function work() {
    while (next < Number(count)) {
        const n = next++;
        const id = 'msg_' + String(n).padStart(32, '0');
        const seconds = String(Math.floor(Date.now() / 1000));
        const signature = createHmac('sha256', key).update(`${id}.${seconds}.`).update(body).digest('base64');
        const answer = await fetch(url(n), { method: 'POST', body, headers: {
            'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': seconds,
            'webhook-signature': 'v1,' + signature, connection: 'close' } });
        await answer.arrayBuffer();
        if (answer.status !== 204)
            throw new Error(String(answer.status));
    }
}

await Promise.all(Array.from({ length: 64 }, work));
