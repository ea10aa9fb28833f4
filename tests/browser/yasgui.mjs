// Asks the endpoint at the address given with YASGUI as its makers ship it, on a page of another
// origin, and tells as JSON what YASGUI shows.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { browser, modules, rest } from "./launch.mjs";

const [address, query] = rest;
const BUILD = `${modules}/node_modules/@zazuko/yasgui/build`;
const PAGE = `<!doctype html><meta charset="utf-8"><title>Another site</title>
<link rel="stylesheet" href="/yasgui.min.css"><div id="yasgui"></div><script src="/yasgui.min.js"></script>`;
const server = createServer(async (request, response) => {
  const name = new URL(request.url, "http://localhost").pathname;
  const kind = { "/": "text/html", "/yasgui.min.js": "text/javascript", "/yasgui.min.css": "text/css" }[name];
  response.writeHead(kind ? 200 : 404, { "Content-Type": kind ?? "text/plain" });
  response.end(!kind ? "" : name === "/" ? PAGE : await readFile(BUILD + name));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const origin = `http://127.0.0.1:${server.address().port}`;
const seen = { refused: [], hosts: [] };
const page = await browser.newPage();
page.setDefaultTimeout(20_000);
page.on("console", (message) => /CORS|blocked/i.test(message.text()) && seen.refused.push(message.text()));
// YASGUI also asks prefix.cc; nothing but the two servers here may be reached.
await page.route("**/*", (route) =>
  /^http:\/\/127\.0\.0\.1:/.test(route.request().url()) ? route.continue() : route.abort(),
);
page.on("response", (answer) => {
  if (answer.url().startsWith(`${address}/sparql`) && answer.request().method() !== "OPTIONS") {
    seen.status = answer.status();
    seen.type = answer.headers()["content-type"];
  }
});
await page.goto(origin);
await page.evaluate(
  ([endpoint, text]) => {
    const yasgui = new window.Yasgui(document.getElementById("yasgui"), {
      requestConfig: { endpoint },
      copyEndpointOnNewTab: false,
      persistenceId: null,
    });
    const tab = yasgui.getTab();
    tab.setEndpoint(endpoint);
    tab.setQuery(text);
    tab.getYasqe().query();
  },
  [`${address}/sparql`, query],
);
await page.waitForSelector(".yasr table tbody tr");
seen.origins = [origin, address];
seen.head = (await page.locator(".yasr table thead th").allTextContents()).map((text) => text.trim()).filter(Boolean);
seen.rows = await page.locator(".yasr table tbody tr").count();
seen.text = await page.locator(".yasr table tbody").textContent();
await browser.close();
server.close();
console.log(JSON.stringify(seen));
