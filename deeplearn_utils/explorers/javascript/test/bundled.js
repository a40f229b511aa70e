// A module of src/ with all that it imports, as the bundle has it: of the package's engine, too.
import { build } from "esbuild";

export async function bundled(name) {
  const options = { bundle: true, minify: true, format: "esm", target: "es2022", charset: "utf8" };
  const { outputFiles } = await build({ entryPoints: [`src/${name}`], write: false, ...options });
  return import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].text).toString("base64")}`
  );
}
