// Goes through the site as a person with a keyboard alone would: Tab, Shift+Tab, Enter and letters.
// Tells as JSON where it came. Arguments: an address, and "no-script" to switch JavaScript off.
import { readFile } from "node:fs/promises";
import { browser, rest } from "./launch.mjs";

const [address, mode] = rest;
const MOST_TABS = 400;
const seen = { hosts: [], errors: [], tabs: [] };
const context = await browser.newContext({
  viewport: { width: 1280, height: 900 },
  javaScriptEnabled: mode !== "no-script",
  acceptDownloads: true,
});
const page = await context.newPage();
page.setDefaultTimeout(15_000);
page.on("request", (request) => seen.hosts.push(new URL(request.url()).host));
page.on("pageerror", (error) => seen.errors.push(String(error)));

// What a screen reader would say of the element that has the focus; the debugger tells it without
// JavaScript in the page, too.
const session = await context.newCDPSession(page);
async function focused() {
  const { result } = await session.send("Runtime.evaluate", { expression: "document.activeElement" });
  const { nodes } = await session.send("Accessibility.getPartialAXTree", {
    objectId: result.objectId,
    fetchRelatives: false,
  });
  return { role: nodes[0].role?.value ?? "", name: nodes[0].name?.value ?? "" };
}

// Press a key until something of this role and name has the focus.
async function reach(role, name, key = "Tab") {
  for (let pressed = 1; pressed <= MOST_TABS; pressed += 1) {
    await page.keyboard.press(key);
    const now = await focused();
    if (now.role === role && name.test(now.name)) {
      seen.tabs.push(pressed);
      return;
    }
  }
  throw new Error(`no ${role} ${name} within ${MOST_TABS} presses of ${key} on ${page.url()}`);
}

async function follow(role, name, key) {
  await reach(role, name, key);
  const before = page.url();
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.href !== before, { waitUntil: "load" });
  return page.url().slice(address.length);
}

await page.goto(`${address}/`);
seen.source = [await follow("link", /^Berlin$/), await follow("link", /Park Adlershof$/)];
seen.quote = await page.locator(".rests q").first().textContent();
seen.source.push(await follow("link", /^WISTA-MANAGEMENT GMBH: report on Adlershof 2007/));

await page.goto(`${address}/`);
await reach("searchbox", /^Search/);
await page.keyboard.type("adlershof");
await reach("button", /^Search$/);
await reach("searchbox", /^Search/, "Shift+Tab");
await page.keyboard.press("Enter");
await page.waitForURL(/\/search\?/, { waitUntil: "load" });
seen.turtle = [await follow("link", /Adlershof/)];
await reach("link", /^Turtle$/);
const answered = page.waitForResponse((response) => response.url().endsWith(".ttl"));
await page.keyboard.press("Enter");
seen.turtleType = (await answered).headers()["content-type"];
await page.waitForURL(/\.ttl$/);

if (mode !== "no-script") {
  await page.goto(`${address}/sparql`);
  await page.waitForSelector(".CodeMirror");
  await reach("DisclosureTriangle", /./);
  await page.keyboard.press("Enter");
  await reach("link", /^How many people live in Vilnius, by which source, and for which period/);
  await page.keyboard.press("Enter");
  // Tab stays in the editor, as editors have it; Escape and Tab leave it.
  await page.waitForSelector(".CodeMirror-focused");
  await page.keyboard.press("Control+Enter");
  await page.waitForSelector("table.answer tbody tr");
  await page.keyboard.press("Escape");
  await reach("link", /bar/i);
  await page.keyboard.press("Enter");
  await page.waitForSelector("figure .bar");
  seen.bars = await page.locator("figure .bar").count();
  await reach("link", /^CSV$/);
  const coming = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  seen.csv = await readFile(await (await coming).path(), "utf8");
}
await browser.close();
seen.hosts = [...new Set(seen.hosts)];
console.log(JSON.stringify(seen));
