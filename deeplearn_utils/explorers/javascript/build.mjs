// Bundles src/ and Observable Plot into ../static/explorers.js, with the licences beside it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const names = [
  "package-lock.json",
  "../../edge/export_js/engine.js",
  ...readdirSync("src")
    .sort()
    .map((name) => `src/${name}`),
];
const digest = createHash("sha256");
for (const name of names) digest.update(readFileSync(name));

const { metafile } = await build({
  entryPoints: ["src/index.js"],
  outfile: "../static/explorers.js",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  banner: { js: `/* sources ${digest.digest("hex")}; licences: explorers.LICENSES.txt */` },
});

const folders = Object.keys(metafile.inputs)
  .map((path) => path.match(/^node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0])
  .filter(Boolean);
const texts = [...new Set(folders)].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file ? readFileSync(`${folder}/${file}`, "utf8").trim() : "";
  return `${name} ${version} (${license})\n\n${text}\n`;
});
writeFileSync("../static/explorers.LICENSES.txt", texts.join(`\n${"-".repeat(78)}\n\n`));
