// A document for the tests of what touches one.
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><html><body></body></html>");
for (const name of ["document", "MutationObserver", "Event", "FormData"]) {
  globalThis[name] = window[name];
}

export const page = () => {
  const main = document.createElement("main");
  document.body.replaceChildren(main);
  return main;
};
