// Bundles the editor into the package. Fails when anything in it could reach another host.
import { build } from "esbuild";
import { mkdir, readFile, writeFile } from "node:fs/promises";

const OUT = new URL("../src/metropole/web/static/editor/", import.meta.url).pathname;

/** What is cut out of YASQE: completion by other hosts, and the endpoint it would ask. */
const CUTS = [
  [/\}, madsrdf = [\s\S]*?\n\}, SUGGESTIONS_LIMIT = 100/, "}, SUGGESTIONS_LIMIT = 100"],
  [/var fetchFromLov = [\s\S]*?, completers = \[\n\t(conf\$\d),[\s\S]*?\n\];/, "var completers = [$1];"],
  [/endpoint: "https:\/\/dbpedia\.org\/sparql"/, 'endpoint: ""'],
];
/** Namespaces: names that nothing fetches. */
const NAMES = /^https?:\/\/www\.w3\.org\//;

const cutYasqe = {
  name: "cut-yasqe",
  setup(bundler) {
    bundler.onLoad({ filter: /yasqe\.esm\.js$/ }, async ({ path }) => {
      let text = await readFile(path, "utf8");
      for (const [pattern, replacement] of CUTS) {
        if (!pattern.test(text)) throw new Error(`YASQE has changed: ${pattern} is not in it`);
        text = text.replace(pattern, replacement);
      }
      return { contents: text, loader: "js" };
    });
  },
};

const result = await build({
  entryPoints: { editor: "src/editor.js" },
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  outdir: OUT,
  plugins: [cutYasqe],
  write: false,
});
for (const file of result.outputFiles) {
  const strange = (file.text.match(/https?:\/\/[\w.]+\/?|\b(?:lov\.linkeddata|prefix\.cc)\b[\w./]*/g) ?? []).filter(
    (address) => !NAMES.test(address),
  );
  if (strange.length) throw new Error(`${file.path} names other hosts: ${strange.join(", ")}`);
}
await mkdir(OUT, { recursive: true });
for (const file of result.outputFiles) await writeFile(file.path, file.contents);
