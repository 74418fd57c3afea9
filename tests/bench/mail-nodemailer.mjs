// nodemailer's pool, for comparison: node mail-nodemailer.mjs MODULE PORT COUNT CONNECTIONS
import { createRequire } from 'node:module';
const [module, port, count, connections] = process.argv.slice(2);
const nodemailer = createRequire(import.meta.url)(module);
const transport = nodemailer.createTransport({
    host: '127.0.0.1', port: Number(port), secure: false, ignoreTLS: true, name: 'bench.example.org',
    pool: true, maxConnections: Number(connections), maxMessages: Infinity });
const head = n => `From: a@example.org\r\nTo: r${n}@example.org\r\nSubject: test\r\n` +
    `Message-ID: <m${n}@example.org>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n` +
    'Content-Transfer-Encoding: base64\r\n\r\n';
const body = ('A'.repeat(76) + '\r\n').repeat(26);
const mails = Array.from({ length: Number(count) }, (_, n) => ({
    envelope: { from: 'bounces@example.org', to: `r${n}@example.org` },
    raw: (head(n) + body).slice(0, 2046) + '\r\n' }));
const start = process.hrtime.bigint(), cpu = process.cpuUsage();
await Promise.all(mails.map(mail => transport.sendMail(mail)));
const used = process.cpuUsage(cpu);
console.log((Number(process.hrtime.bigint() - start) / 1e9).toFixed(6), ((used.user + used.system) / 1e6).toFixed(6));
transport.close();
