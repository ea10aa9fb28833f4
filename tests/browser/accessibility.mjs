// Checks pages with axe-core on a phone and a desk, in light and in dark mode, and tells as JSON what
// is wrong. Arguments: an address, a folder for pictures or an empty text, and the paths of the pages.
import { readFile } from "node:fs/promises";
import { browser, require, rest } from "./launch.mjs";

const [address, pictures, ...paths] = rest;
const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");
const seen = { violations: [], overflow: [], checked: 0 };
for (const [width, height, colorScheme] of [[360, 740, "dark"], [1280, 900, "light"]]) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme });
  page.setDefaultTimeout(15_000);
  for (const [place, path] of paths.entries()) {
    await page.goto(address + path, { waitUntil: "load" });
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    seen.checked += passes.length;
    seen.violations.push(
      ...violations.map(({ id, nodes }) => `${path} ${width}: ${id}: ${nodes[0].html.slice(0, 200)}`),
    );
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (overflow) seen.overflow.push(`${path} ${width}: ${overflow}`);
    if (pictures) await page.screenshot({ path: `${pictures}/${place}-${width}.png`, fullPage: true });
  }
  await page.close();
}
await browser.close();
console.log(JSON.stringify(seen));
