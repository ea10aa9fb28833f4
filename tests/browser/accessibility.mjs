// Checks pages with axe-core on a narrow phone and a desk, in light and in dark mode, and tells as JSON
// what is wrong. Arguments: an address, the paths of pages to look at in two ways (phone dark, desk
// light); those that begin with "+" are looked at in all four.
import { readFile } from "node:fs/promises";
import { browser, require, rest } from "./launch.mjs";

const WAYS = [[320, "dark"], [1280, "light"], [320, "light"], [1280, "dark"]];
// Nobody reads where the elements stand, and finding that out takes a tenth of the time.
const ASKED = { resultTypes: ["violations"], selectors: false };
const [address, ...given] = rest;
const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
const seen = { violations: [], overflow: [], shifted: [], heavy: [], hosts: [], checked: 0 };

// What comes from the cache has no size, so that is known from the first time.
const sizes = new Map();

async function look(page, path, way) {
  await page.goto(address + path, { waitUntil: "load" });
  const { shift, files, overflow } = await page.evaluate(() => ({
    shift: window.shifts.reduce((sum, value) => sum + value, 0),
    files: performance
      .getEntriesByType("resource")
      .filter(({ name }) => /\.(css|svg)$/.test(name) && !name.includes("/editor/"))
      .map(({ name, decodedBodySize }) => [name, decodedBodySize]),
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  }));
  // Where the editor takes the place of the field, 0.0103 was measured; 0.1 is still called good.
  if (shift > 0.02) seen.shifted.push(`${path} ${way}: ${shift}`);
  for (const [name, size] of files) if (size) sizes.set(name, size);
  const styles = files.reduce((sum, [name]) => sum + sizes.get(name), 0);
  if (!(styles > 0) || styles > 100_000) seen.heavy.push(`${path}: ${styles}`);
  if (overflow) seen.overflow.push(`${path} ${way}: ${overflow}`);
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate((asked) => window.axe.run(asked), ASKED);
  seen.checked += passes.length;
  seen.violations.push(
    ...violations.map(({ id, nodes }) => `${path} ${way}: ${id}: ${nodes[0].html.slice(0, 200)}`),
  );
}

async function lookAll([width, colorScheme], paths) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  page.setDefaultTimeout(30_000);
  page.on("request", (request) => seen.hosts.push(new URL(request.url()).host));
  await page.addInitScript(() => {
    window.shifts = [];
    new PerformanceObserver((list) =>
      window.shifts.push(...list.getEntries().map(({ value }) => value)),
    ).observe({ type: "layout-shift", buffered: true });
  });
  for (const path of paths) await look(page, path, `${width} ${colorScheme}`);
  await page.close();
}

const all = given.map((path) => path.replace(/^\+/, ""));
const some = given.filter((path) => path.startsWith("+")).map((path) => path.slice(1));
// Two at a time, as many as a small machine has processors.
await Promise.all([lookAll(WAYS[0], all), lookAll(WAYS[1], all)]);
await Promise.all([lookAll(WAYS[2], some), lookAll(WAYS[3], some)]);
await browser.close();
seen.hosts = [...new Set(seen.hosts)];
console.log(JSON.stringify(seen));
