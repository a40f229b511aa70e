// LiteRT.js and the file of the network that reads drawings, as one classic script: a page may
// load that from file://.
import { loadAndCompile, loadLiteRt, Tensor } from "@litertjs/core";
import wasmBinary from "@litertjs/core/wasm/litert_wasm_compat_internal.wasm";
import loader from "litert-loader";
import file from "../../edge/reader.tflite";

let ready = null;

async function start() {
  // The loader takes it from here and asks no server; its log is not for the reader.
  const quiet = () => {};
  globalThis.Module = { wasmBinary, print: quiet, printErr: quiet };
  const url = URL.createObjectURL(new Blob([loader], { type: "text/javascript" }));
  try {
    await loadLiteRt(`${url}#litert.js`); // by the ending it tells a file from a folder
  } finally {
    URL.revokeObjectURL(url);
    delete globalThis.Module;
  }
}

// Compiles the network; returns a function from inputs of a shape to the outputs.
globalThis.deeplearnExplorers.litert = async () => {
  ready ??= start();
  await ready;
  const model = await loadAndCompile(file, { accelerator: "wasm" });
  return async (inputs, shape) => {
    const input = new Tensor(Float32Array.from(inputs), shape);
    const [output] = await model.run([input]);
    const found = Array.from(await output.data());
    input.delete();
    output.delete();
    return found;
  };
};
