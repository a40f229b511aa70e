// The modules that JupyterLab shares with its extensions: scope[name][version].get() gives one.
export class Shared {
  open(scope) {
    this.scope = scope;
  }

  // Returns the newest shared version of each module, by our name for it.
  async load(names) {
    const loaded = Object.entries(names).map(async ([ours, name]) => {
      const versions = this.scope[name] ?? {};
      const newest = Object.keys(versions).sort(byVersion).at(-1);
      if (newest === undefined) throw new Error(`JupyterLab shares no ${name}`);
      return [ours, (await versions[newest].get())()];
    });
    return Object.fromEntries(await Promise.all(loaded));
  }
}

function byVersion(one, other) {
  return one.localeCompare(other, "en", { numeric: true });
}
