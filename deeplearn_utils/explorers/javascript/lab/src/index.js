// The container that JupyterLab loads: a module federation remote with one module, the extension.
import { plugins } from "./plugin.js";
import { Shared } from "./shared.js";

const NAME = "deeplearn-book";
const NEEDED = {
  apputils: "@jupyterlab/apputils",
  cells: "@jupyterlab/cells",
  docmanager: "@jupyterlab/docmanager",
  launcher: "@jupyterlab/launcher",
  notebook: "@jupyterlab/notebook",
  rendermime: "@jupyterlab/rendermime",
};
const shared = new Shared();

async function extension() {
  const lab = await shared.load(NEEDED);
  return () => ({ __esModule: true, default: plugins(lab) });
}

globalThis._JUPYTERLAB ??= {};
globalThis._JUPYTERLAB[NAME] = {
  init: (scope) => shared.open(scope),
  get: (module) =>
    module === "./extension"
      ? extension()
      : Promise.reject(new Error(`${NAME} has no module ${module}`)),
};
