// Uses the editor at the address given as a person with a keyboard would, and tells as JSON what
// it saw. Arguments: the folder of playwright-core, the browser, the address, a folder for pictures.
import { browser, rest } from "./launch.mjs";

const [address, pictures] = rest;
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const seen = { errors: [], hosts: [] };
page.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
page.on("pageerror", (error) => seen.errors.push(String(error)));
page.on("request", (request) => seen.hosts.push(new URL(request.url()).host));
page.setDefaultTimeout(15_000);
const picture = (name) => pictures && page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
const text = () => page.evaluate(() => document.querySelector(".CodeMirror").CodeMirror.getValue());
const write = async (query) => {
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(query);
  // The editor reads what the browser wrote a moment later.
  await page.waitForFunction(
    (wanted) => {
      const editor = document.querySelector(".CodeMirror").CodeMirror;
      return editor.getValue() === wanted && !editor.somethingSelected();
    },
    query,
  );
};

await page.goto(`${address}/sparql`);
await page.waitForSelector(".CodeMirror");
seen.fieldIsHidden = await page.locator("#query").isHidden();
await page.locator("#examples summary").focus();
await page.keyboard.press("Enter");
await picture("examples");
await page.locator(`#examples a[href$="example=population-of-vilnius"]`).focus();
await page.keyboard.press("Enter");
seen.example = await text();
await page.keyboard.press("Control+Enter");
await page.waitForSelector("table.answer tbody tr");
seen.rows = await page.locator("table.answer tbody tr").count();
seen.said = await page.locator("#said").textContent();
seen.permalink = new URL(page.url()).searchParams.get("query");
seen.picture = new URL(page.url()).searchParams.get("chart");
seen.bars = await page.locator("figure .bar").count();
seen.links = await page.locator("table.answer a").evaluateAll((all) => all.map((a) => a.pathname));
await picture("rows");

const inside = () => page.evaluate(() => document.activeElement.closest(".CodeMirror") !== null);
await page.evaluate(() => document.querySelector(".CodeMirror").CodeMirror.focus());
await page.keyboard.press("Tab");
seen.tabStays = await inside();
await page.keyboard.press("Escape");
await page.keyboard.press("Tab");
seen.tabLeaves = !(await inside());
await page.keyboard.press("Shift+Tab");
seen.comesBack = await inside();
await page.keyboard.press("Escape");
await page.keyboard.press("Shift+Tab");
seen.shiftTabLeaves = !(await inside());

await page.evaluate(() => document.querySelector(".CodeMirror").CodeMirror.focus());
await write("SELECT * WHERE { ?s a city");
await page.keyboard.press("Control+Space");
await page.waitForSelector(".CodeMirror-hint");
await picture("completion");
await page.keyboard.press("Enter");
seen.completed = await text();

// Chromium's insertText doubles line ends in an editable element; a paste does not.
await page.evaluate(
  () => document.querySelector(".CodeMirror").CodeMirror.setValue("SELECT *\nWHERE { ?s ?p }"),
);
const errorsBefore = seen.errors.length;
await page.keyboard.press("Control+Enter");
await page.waitForSelector("#answer .problem");
seen.pictureOfAnother = new URL(page.url()).searchParams.get("chart");
seen.problem = await page.locator("#answer .problem").textContent();
seen.errorLine = await page.evaluate(
  () => document.querySelector(".CodeMirror").CodeMirror.getCursor().line + 1,
);
seen.isMarked = (await page.locator(".error-place").count()) > 0;
// The browser itself reports every answer of status 400 on the console.
seen.errors.splice(errorsBefore, seen.errors.length, ...seen.errors.slice(errorsBefore).filter(
  (message) => !message.includes("status of 400"),
));
await picture("problem");

await page.setViewportSize({ width: 360, height: 740 });
seen.overflow = await page.evaluate(
  () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
);
await page.emulateMedia({ colorScheme: "dark" });
await picture("narrow-dark");
await browser.close();
seen.hosts = [...new Set(seen.hosts)];
console.log(JSON.stringify(seen));
