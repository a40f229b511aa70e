// Bundles src/ into the prebuilt extension that JupyterLab loads, in deeplearn_utils/labextensions.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const here = import.meta.dirname;
const out = `${here}/../../../labextensions/deeplearn-book`;
const digest = createHash("sha256");
for (const name of readdirSync(`${here}/src`).sort()) {
  digest.update(readFileSync(`${here}/src/${name}`));
}
const sources = digest.digest("hex");

rmSync(out, { recursive: true, force: true });
mkdirSync(`${out}/static`, { recursive: true });
const { outputFiles } = await build({
  entryPoints: [`${here}/src/index.js`],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  loader: { ".css": "text" },
  banner: { js: `/* sources ${sources} */` },
  write: false,
});
const [{ contents }] = outputFiles;
const name = `remoteEntry.${createHash("sha256").update(contents).digest("hex").slice(0, 20)}.js`;
writeFileSync(`${out}/static/${name}`, contents);
const manifest = {
  name: "deeplearn-book",
  version: "0.1.0",
  description: "Numbers, captions and references across the notebooks of the book",
  license: "BSD-3-Clause",
  jupyterlab: { extension: true, _build: { load: `static/${name}`, extension: "./extension" } },
};
const installed = {
  packageManager: "python",
  packageName: "deeplearn-utils",
  uninstallInstructions:
    "Use your Python package manager (uv, pip, conda) to uninstall deeplearn-utils",
};
for (const [file, content] of [
  ["package.json", manifest],
  ["install.json", installed],
]) {
  writeFileSync(`${out}/${file}`, `${JSON.stringify(content, null, 2)}\n`);
}
