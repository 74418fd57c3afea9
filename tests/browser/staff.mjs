// What disaster staff do, from signing in to the way back from a mistake, at phone and desktop size, in Japanese and
// English, by three people with sessions of their own. Every page is checked by axe-core and photographed.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { chromium } from "playwright-core";
import { Daemon, waitFor } from "./daemon.mjs";

const axe = fs.readFileSync(path.join(import.meta.dirname, "node_modules/axe-core/axe.min.js"), "utf8");
const pictures = path.resolve(import.meta.dirname, "../../build-tests/browser");
const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 900 } };
const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-default-apps", "--no-first-run", "--disable-domain-reliability",
    "--disable-client-side-phishing-detection", "--metrics-recording-only"];
const words = {
    ja: { live: "本番", drill: "訓練", keep: "下書きを残して、文を見る", fix: "直す", approve: "読んで、承認します",
        area: "札幌市", sent: "送信済み", correction: "訂正：誤りがある", allClear: "解除：終わった",
        error: "今すぐ知らせる：誤送信", areaLabel: "地域の名前を入力してください", alone: "承認なしで本番を送る" },
    en: { live: "LIVE", drill: "DRILL", keep: "Keep the draft and see the message", fix: "Change it",
        approve: "I have read it and approve it", area: "Sapporo City", sent: "Sent",
        correction: "Correction: something in it is wrong", allClear: "All clear: it is over",
        error: "Tell them now: sent in error", areaLabel: "Type the name of the area",
        alone: "Send LIVE without approval" },
};
let checks = 0;

// As a field of date and time wants it, some hours from now, at a minute that has two digits everywhere.
function inJapan(hours) {
    const time = new Date(Date.now() + (9 + hours) * 3600e3).toISOString();
    return `${time.slice(0, 14)}30`;
}

function expect(condition, what) {
    checks++;
    if (!condition) throw new Error(what);
}

class Person {
    constructor(run, name, page) {
        Object.assign(this, { run, name, page });
    }

    // The page is right in the eyes of axe-core, fits the width, says what it is; and is photographed.
    async look(name) {
        const { page, run } = this;
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, {
            runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
        const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
        expect(serious.length === 0, `${name}: ${serious.map((v) => `${v.id}: ${v.nodes[0].html}`).join("; ")}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide <= 1, `${name}: ${wide} pixels wider than the window`);
        await page.screenshot({ path: path.join(pictures, `${run.label}-${name}.png`), fullPage: true });
    }

    async go(address) {
        await this.page.goto(`${this.run.daemon.url}${address}`);
    }

    async signIn(password) {
        await this.go(`/staff/login?language=${this.run.language}`);
        await this.page.fill("[name=name]", this.name);
        await this.page.fill("[name=password]", password);
        await this.page.press("[name=password]", "Enter");
        await this.page.waitForURL("**/staff");
    }

    press(label) {
        return this.page.getByRole("button", { name: label }).click();
    }
}

// Live pages and drill pages differ in title, first words, colour and address (H-1).
async function expectMode(person, mode, other) {
    const title = await person.page.title();
    const first = await person.page.locator(".mode").innerText();
    expect(title.startsWith(mode), `title "${title}" does not begin with ${mode}`);
    expect(first.startsWith(mode), `first words "${first}" do not begin with ${mode}`);
    expect(!(await person.page.locator("h1").innerText()).includes(other), `the heading says ${other}`);
}

async function colourOf(person) {
    return person.page.locator(".mode").evaluate((e) => getComputedStyle(e).backgroundColor);
}

// From the choice to the finished message; gives the address of the preview.
async function write(person, kind, template, area, fill) {
    await person.go(`/staff/${kind}/new`);
    expect(await person.page.locator("input:checked").count() === 0, "something is chosen beforehand");
    await person.page.click(`a[href="/staff/${kind}/new/${template}"]`);
    await person.page.fill("#f-area-0", area);
    await fill(person.page);
    await person.press(person.run.words.keep);
    await person.page.waitForURL("**/preview");
    return new URL(person.page.url()).pathname;
}

async function approveAndSend(person, preview, live) {
    const { page, run } = person;
    await person.go(preview);
    await person.press(run.words.approve);
    await page.waitForURL("**/preview");
    await page.waitForSelector("button.send");
    if (live) {
        await page.fill("[name=area]", "函館市");
        await page.click("form[action$='/send'] button.send");
        await page.waitForSelector("[role=alert]");
        await person.go(preview);
        await page.fill("[name=area]", run.words.area);
        await page.press("[name=area]", "Enter"); // no default button (H-4)
        expect(page.url().endsWith("/preview"), "Enter sent a live message");
    }
    await person.look(live ? "send-live" : "send-drill");
    await page.click("form[action$='/send'] button.send");
    await page.waitForURL((url) => !url.pathname.endsWith("/preview"));
    await page.waitForSelector("#progress");
}

async function delivered(person, count) {
    await waitFor(async () => Number(await person.page.innerText("#p-delivered")) === count,
        `${count} delivered on the page`, 60);
}

async function live(run, author, approver) {
    const preview = await write(author, "live", "M-POWER-OUT", "", async (page) => {
        await expectMode(author, run.words.live, run.words.drill);
        await author.look("fill-live");
        await page.fill("[name='values.note.ja']", "<b>これは訓練です</b>");
    });
    await author.look("faults");
    expect(await author.page.locator(".faults li").count() >= 2, "faults are not listed");
    await author.page.getByRole("link", { name: run.words.fix }).click();
    const kept = await author.page.inputValue("[name='values.note.ja']");
    expect(kept === "<b>これは訓練です</b>", `the draft was not kept: ${kept}`);
    expect(await author.page.locator(".fault").count() >= 2, "faults do not stand at their fields");
    await author.look("correct-faults");
    await author.page.fill("#f-area-0", "札幌市");
    await author.page.fill("[name='values.note.ja']", "病院には電気があります。");
    await author.page.locator("details:has([name='values.note.en'])").first().locator("summary").click();
    await author.page.fill("[name='values.note.en']", "Hospitals have electricity.");
    await author.press(run.words.keep);
    await author.page.waitForURL("**/preview");
    expect(await author.page.locator(".faults").count() === 0, "there are faults still");
    expect(await author.page.locator("pre").count() >= 24, "not every language is shown");
    await author.look("preview-live");
    expect(await author.page.locator("form[action$='/approve']").count() === 0, "an author can approve himself");
    await approveAndSend(approver, preview, true);
    await expectMode(approver, run.words.live, run.words.drill);
    await delivered(approver, 2);
    await approver.look("follow-live");
    return new URL(approver.page.url()).pathname;
}

async function correct(run, author, approver, sent) {
    await author.go(sent);
    await author.press(run.words.correction);
    await author.page.waitForURL("**/edit");
    await author.page.fill("[name='values.note.ja']", "病院にも電気がありません。");
    await author.press(run.words.keep);
    await author.page.waitForURL("**/preview");
    await author.look("preview-correction");
    await approveAndSend(approver, new URL(author.page.url()).pathname, true);
    await delivered(approver, 2);
}

// One person, one reason, one button.
async function withdraw(run, approver, sent) {
    await approver.go(sent);
    const start = Date.now();
    await approver.page.fill("#f-false-alarm", "wrong template");
    await approver.press(run.words.error);
    await approver.page.waitForSelector("#progress");
    const queued = Date.now() - start;
    expect(queued < 5000, `withdrawal took ${queued} ms`);
    await delivered(approver, 2);
    await approver.look("withdrawn");
    expect(run.daemon.mails().length === 6, "message, correction and withdrawal did not go to the same two");
    return queued;
}

async function breakGlass(run, approver) {
    await write(approver, "live", "E-5", "札幌市", async (page) => {
        await page.check("[name='values.reason.'][value=flood]");
        await page.check("[name='values.reason.'][value=landslide]");
    });
    const { page } = approver;
    await page.locator("details:has(form[action$='/break-glass']) > summary").click();
    await approver.look("break-glass");
    const form = page.locator("form[action$='/break-glass']");
    await form.locator("[name=area]").fill(run.words.area);
    await form.locator("[name=phrase]").fill("I alone send this now");
    await form.locator("[name=reason]").fill("all others are unreachable");
    await approver.press(run.words.alone);
    await page.waitForSelector("#progress");
    await delivered(approver, 2);
}

async function drill(run, author, approver) {
    const before = run.daemon.mails().length;
    const preview = await write(author, "drill", "E-4", "札幌市", async (page) => {
        await expectMode(author, run.words.drill, run.words.live);
        await author.look("fill-drill");
        await page.check("[name='values.reason.'][value=flood]");
    });
    await author.look("preview-drill");
    await approver.go(preview);
    if (await approver.page.locator("form[action$='/approve']").count() > 0)
        await approveAndSend(approver, preview, false);
    else {
        await approver.page.click("form[action$='/send'] button.send");
        await approver.page.waitForSelector("#progress");
    }
    await delivered(approver, 1); // only who asked for drills
    await approver.look("follow-drill");
    const mails = run.daemon.mails();
    expect(mails.length === before + 1, `a drill made ${mails.length - before} mails`);
}

// A page of somebody else cannot act in our name, and reading changes nothing (test 44).
async function forged(run, approver, sent) {
    const action = `${run.daemon.url}/staff/api${sent.slice("/staff".length)}/stop`;
    const other = http.createServer((request, response) => {
        response.setHeader("Content-Type", "text/html");
        response.end(`<form method="post" action="${action}"><input name="reason" value="forged reason"></form>`);
    });
    await new Promise((resolve) => other.listen(0, "127.0.0.1", resolve));
    const page = await approver.page.context().newPage();
    await page.goto(`http://localhost:${other.address().port}/`);
    const [response] = await Promise.all([page.waitForResponse(action), page.evaluate(() => document.forms[0].submit())]);
    expect([401, 403].includes(response.status()), `a forged form got ${response.status()}`);
    await page.close();
    other.close();
    const read = await approver.page.request.get(action);
    expect(read.status() === 405 || read.status() === 404, `GET of an action got ${read.status()}`);
}

// The same without JavaScript, by keyboard where a form allows it, with places from the list.
async function withoutScript(run, browser, passwords) {
    const people = {};
    for (const name of ["author", "approver"]) {
        const context = await browser.newContext({ javaScriptEnabled: false, locale: run.language });
        people[name] = new Person(run, name, await context.newPage());
        await people[name].signIn(passwords[name]);
    }
    const { author, approver } = people;
    await author.go("/staff/drill/new/M-POWER-BACK");
    await author.page.locator("button[name=next][value*='find=01']").click();
    await author.page.waitForURL("**/edit?find=01");
    await author.page.check("[name=areas][value='municipality:01100']");
    await author.page.fill("[name=next_update]", inJapan(2));
    await author.page.focus("[name='values.note.ja']");
    for (let i = 0; i < 40 && !(await author.page.locator("button.main:focus").count()); i++)
        await author.page.keyboard.press("Tab");
    await author.page.keyboard.press("Enter");
    await author.page.waitForURL("**/preview");
    const preview = new URL(author.page.url()).pathname;
    await approver.go(preview);
    expect((await approver.page.innerText("#m-ja")).includes("次のお知らせ："), "the next time is not in the text");
    await approver.page.click("form[action$='/send'] button.send");
    await approver.page.waitForURL((url) => !url.pathname.endsWith("/preview"));
    await waitFor(async () => {
        await approver.page.reload();
        return await approver.page.innerText("#p-delivered") === "1";
    }, "delivered on a reloaded page");
    await author.go("/staff/drill/new/M-DRILL");
    await author.page.fill("#f-area-0", "札幌市");
    await author.page.fill("[name='values.start.']", inJapan(24));
    await author.page.locator("button.main").click();
    await author.page.waitForURL("**/preview");
    await approver.go(new URL(author.page.url()).pathname);
    await approver.page.fill("[name=at]", inJapan(24));
    await approver.page.click("form[action$='/schedule'] button:not([hidden])");
    await approver.page.waitForURL((url) => !url.pathname.endsWith("/preview"));
    expect(await approver.page.locator("[role=alert]").count() === 0, "the drill cannot be scheduled");
    for (const person of Object.values(people)) await person.page.context().close();
}

async function whole(daemon, browser, language, size, passwords) {
    const run = { daemon, language, words: words[language], label: `${size}-${language}` };
    const people = {};
    for (const name of Object.keys(passwords)) {
        const context = await browser.newContext({ viewport: sizes[size], locale: language });
        people[name] = new Person(run, name, await context.newPage());
        if (name === "author") {
            await people[name].go(`/staff/login?language=${language}`);
            await people[name].look("login");
        }
        await people[name].signIn(passwords[name]);
    }
    const { author, approver, office } = people;
    await author.look("home");
    await author.go("/staff/live/new");
    await author.look("choose-live");
    const liveColour = await colourOf(author);
    await author.go("/staff/drill/new");
    await author.look("choose-drill");
    expect(liveColour !== await colourOf(author), "live and drill pages have the same colour");
    const sent = await live(run, author, approver);
    await forged(run, approver, sent);
    await correct(run, author, approver, sent);
    const queued = await withdraw(run, approver, sent);
    await breakGlass(run, approver);
    await drill(run, author, approver);
    for (const page of ["live", "drill", "silence", "audit", "password"]) {
        await approver.go(`/staff/${page}`);
        await approver.look(`page-${page}`);
    }
    await approver.go(`${sent}/report`);
    await approver.look("report");
    await office.go("/staff/people");
    await office.look("people");
    for (const person of Object.values(people)) await person.page.context().close();
    await withoutScript(run, browser, passwords);
    return queued;
}

fs.rmSync(pictures, { recursive: true, force: true });
fs.mkdirSync(pictures, { recursive: true });
// Without names: a phone in Japanese and a desktop in English; all four with NOROSHI_LONG=yes.
const chosen = process.argv.length > 2 ? process.argv.slice(2)
    : process.env.NOROSHI_LONG === "yes" ? null : ["phone-ja", "desktop-en"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: flags });
let failed = false;
for (const size of Object.keys(sizes)) {
    for (const language of Object.keys(words)) {
        if (chosen && !chosen.includes(`${size}-${language}`)) continue;
        const daemon = new Daemon();
        try {
            await daemon.start(`  - channel: email
    address: everyday@test.invalid
    languages: [ja]
    areas: [札幌市]
  - channel: email
    address: practice@test.invalid
    languages: [vi]
    areas: [札幌市]
    drills: yes
`);
            const until = new Date(Date.now() + 3600e3).toISOString().replace(/\.\d+Z/, "Z");
            const passwords = {
                author: daemon.staff("author", "--role", "author", "--authority", "city"),
                approver: daemon.staff("approver", "--role", "approver", "--authority", "city",
                    "--break-glass-until", until),
                office: daemon.staff("office", "--role", "administrator"),
            };
            const queued = await whole(daemon, browser, language, size, passwords);
            console.log(`${size} ${language}: the whole flow; withdrawal queued ${queued} ms after the first key`);
        } catch (error) {
            failed = true;
            console.log(`${size} ${language}: ${error.stack}`);
            for (const context of browser.contexts())
                for (const page of context.pages())
                    await page.screenshot({ path: path.join(pictures, `failed-${size}-${language}-${context.pages().indexOf(page)}-${browser.contexts().indexOf(context)}.png`), fullPage: true });
            for (const context of browser.contexts()) await context.close();
        }
        const { code, log } = await daemon.stop();
        if (code !== 0) {
            failed = true;
            console.log(`the daemon ended with ${code}:\n${log.split("\n").slice(-20).join("\n")}`);
        }
    }
}
await browser.close();
console.log(`${checks} checks`);
process.exit(failed ? 1 : 0);
