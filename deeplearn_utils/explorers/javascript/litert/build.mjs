// Bundles LiteRT.js into build/litert/litert.js of the repository, with its license beside it.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const here = import.meta.dirname;
const packages = `${here}/../node_modules/@litertjs`;
// Without relaxed SIMD, whose results may depend on the processor and which not every browser has.
const loader = `${packages}/core/wasm/litert_wasm_compat_internal.js`;
const out = `${here}/../../../../build/litert`;

mkdirSync(out, { recursive: true });
const told = ["core", "wasm-utils"].map((name) => {
  const { version, license } = JSON.parse(readFileSync(`${packages}/${name}/package.json`));
  return `@litertjs/${name} ${version} (${license}), Copyright 2025 Google LLC\n`;
});
const terms = readFileSync(`${here}/LICENSE-Apache-2.0.txt`, "utf8");
writeFileSync(`${out}/litert.LICENSES.txt`, `${told.join("")}\n${terms}`);
const text = {
  name: "loader",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^litert-loader$/ }, () => ({ path: loader, namespace: "text" }));
    onLoad({ filter: /.*/, namespace: "text" }, ({ path }) => ({
      contents: readFileSync(path),
      loader: "text",
    }));
  },
};
await build({
  entryPoints: [`${here}/index.js`],
  outfile: `${out}/litert.js`,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  loader: { ".wasm": "binary", ".tflite": "binary" },
  plugins: [text],
  banner: { js: "/* LiteRT.js; licenses: litert.LICENSES.txt */" },
});
