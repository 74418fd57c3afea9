// The real daemon with a staff listener, in a folder of its own: mails become files.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../..");
const binary = path.join(process.env.NOROSHI_BUILD ?? path.join(root, "build-tests"), "daemon/noroshi");

export async function waitFor(condition, what, seconds = 30) {
    const end = Date.now() + seconds * 1000;
    for (;;) {
        const value = await condition();
        if (value) return value;
        if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

function freePort() {
    return new Promise((resolve) => {
        const server = net.createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address();
            server.close(() => resolve(port));
        });
    });
}

const answers = (url) => new Promise((resolve) => {
    http.get(url, (response) => { response.resume(); resolve(response.statusCode); }).on("error", () => resolve(0));
});

export class Daemon {
    async start(subscribers) {
        this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "noroshi-browser-"));
        this.port = await freePort();
        const page = await freePort(), dead = await freePort();
        this.config = path.join(this.folder, "noroshi.yaml");
        fs.writeFileSync(this.config, `operator:
  name: Test City
paths:
  state: ${this.folder}/state
  messages: ${root}/messages
  areas: ${root}/config/areas
feeds:
  base_url: http://127.0.0.1:${dead}/
http:
  address: 127.0.0.1
  port: ${page}
mail:
  directory: ${this.folder}/mails
  from_address: alerts@test.invalid
  host: test.invalid
staff:
  address: 127.0.0.1
  port: ${this.port}
broadcast:
  authorities:
    - id: city
      name_ja: 札幌市危機管理局
      name_en: City of Sapporo, Crisis Management
      contact: 011-211-2111
      evacuation: yes
  hosts: [city.sapporo.jp]
subscribers:
${subscribers}`);
        this.log = fs.openSync(path.join(this.folder, "log"), "a");
        this.process = spawn(binary, ["run", "--config", this.config], { stdio: ["ignore", this.log, this.log] });
        this.ended = new Promise((resolve) => this.process.on("exit", resolve));
        this.url = `http://127.0.0.1:${this.port}`;
        await waitFor(() => answers(`${this.url}/staff/login`), "the staff listener", 60);
        // Commands ask the daemon by this socket, which is made last.
        await waitFor(() => fs.existsSync(path.join(this.folder, "state/control.sock")), "the control socket");
    }

    // A new account; gives its password.
    staff(name, ...options) {
        const out = execFileSync(binary, ["staff", "add", name, "--config", this.config, ...options]).toString();
        return out.match(/[A-Za-z0-9_-]{12,}\s*$/)?.[0].trim() ?? out;
    }

    // Somebody with an account changes the file on the machine and proposes it.
    propose(name, old, now, reason) {
        const token = execFileSync(binary, ["staff", "token", name, "--config", this.config, "--reach", "live"]).toString()
            .match(/nrs_live_\S+/)[0];
        fs.writeFileSync(this.config, fs.readFileSync(this.config, "utf8").replace(old, now));
        execFileSync(binary, ["reload", "--config", this.config, "--reason", reason],
            { env: { ...process.env, NOROSHI_TOKEN: token } });
    }

    logText() {
        return fs.readFileSync(path.join(this.folder, "log"), "utf8");
    }

    mails() {
        const folder = path.join(this.folder, "mails");
        if (!fs.existsSync(folder)) return [];
        return fs.readdirSync(folder).filter((name) => name.endsWith(".eml"))
            .map((name) => fs.readFileSync(path.join(folder, name), "utf8"));
    }

    async stop() {
        this.process.kill("SIGTERM");
        const timer = setTimeout(() => this.process.kill("SIGKILL"), 20000);
        const code = await this.ended;
        clearTimeout(timer);
        const log = fs.readFileSync(path.join(this.folder, "log"), "utf8");
        fs.rmSync(this.folder, { recursive: true, force: true });
        return { code, log };
    }
}
