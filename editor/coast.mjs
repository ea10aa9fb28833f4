// Cuts the land of the world into tiles for the maps that the server draws: a file for each ten
// degrees of longitude and latitude that have land, and one of less detail for maps of half the world.
// Natural Earth (public domain), as npm's world-atlas brings it; nothing is fetched.
import { bboxClip } from "@turf/bbox-clip";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { feature } from "topojson-client";

const OUT = new URL("../src/metropole/web/static/land/", import.meta.url);
const TILE_DEGREES = 10;
/** Hundredths of a degree: a kilometre on the ground, less than the width of a line on a map. */
const STEPS_PER_DEGREE = 100;

const require = createRequire(import.meta.url);

/** Read the land as polygons. */
async function land(detail) {
  const topology = JSON.parse(await readFile(require.resolve(`world-atlas/land-${detail}.json`), "utf8"));
  return feature(topology, topology.objects.land).features.flatMap(({ geometry }) =>
    geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates,
  );
}

/** Write a ring as whole steps in one list, x and y in turn, without points that fall together. */
function flat(ring) {
  const numbers = [];
  for (const [x, y] of ring) {
    const next = [Math.round(x * STEPS_PER_DEGREE), Math.round(y * STEPS_PER_DEGREE)];
    if (next[0] !== numbers.at(-2) || next[1] !== numbers.at(-1)) numbers.push(...next);
  }
  return numbers;
}

/** Give the rings of some polygons that are more than a point. */
const rings = (polygons) => polygons.flat().map(flat).filter((ring) => ring.length > 6);

function extent(polygon) {
  const [xs, ys] = [0, 1].map((axis) => polygon[0].map((point) => point[axis]));
  return [xs, ys].map((all) => [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b))]);
}

/** Cut polygons to a tile; Sutherland and Hodgman's way may leave edges along its border. */
function cut(polygons, west, south) {
  const [east, north] = [west + TILE_DEGREES, south + TILE_DEGREES];
  return polygons
    .filter(([[[x0, x1], [y0, y1]]]) => x0 < east && x1 > west && y0 < north && y1 > south)
    .flatMap(([, coordinates]) => {
      const { geometry } = bboxClip({ type: "Polygon", coordinates }, [west, south, east, north]);
      return geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
    });
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
await writeFile(new URL("world.json", OUT), JSON.stringify(rings(await land("110m"))));
const measured = (await land("50m")).map((polygon) => [extent(polygon), polygon]);
for (let west = -180; west < 180; west += TILE_DEGREES) {
  for (let south = -90; south < 90; south += TILE_DEGREES) {
    const found = rings(cut(measured, west, south));
    if (found.length) await writeFile(new URL(`${west}_${south}.json`, OUT), JSON.stringify(found));
  }
}
