// Parse RDF documents with parsers written in JavaScript. Arguments: the folder of node_modules,
// the base, and a folder; a line of JSON for each file: its name, and its triples as N-Triples.
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";

const [modules, base, folder] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const N3 = require("n3");
const { JsonLdParser } = require("jsonld-streaming-parser");
const { RdfXmlParser } = require("rdfxml-streaming-parser");

const streaming = {
  ".jsonld": () => new JsonLdParser({ baseIRI: base }),
  ".rdf": () => new RdfXmlParser({ baseIRI: base }),
};
const syntaxes = { ".ttl": "Turtle", ".nt": "N-Triples", ".trig": "TriG", ".nq": "N-Quads" };

function quadsOf(file) {
  const text = readFileSync(join(folder, file), "utf8");
  const kind = extname(file);
  if (syntaxes[kind]) {
    return Promise.resolve(new N3.Parser({ format: syntaxes[kind], baseIRI: base }).parse(text));
  }
  return new Promise((resolve, reject) => {
    const quads = [];
    const parser = streaming[kind]();
    parser.on("data", (quad) => quads.push(quad));
    parser.on("error", reject);
    parser.on("end", () => resolve(quads));
    parser.write(text);
    parser.end();
  });
}

for (const file of readdirSync(folder)) {
  const quads = await quadsOf(file);
  const triples = quads.map((quad) => N3.DataFactory.quad(quad.subject, quad.predicate, quad.object));
  const written = new N3.Writer({ format: "N-Triples" }).quadsToString(triples);
  console.log(JSON.stringify([file, written]));
}
