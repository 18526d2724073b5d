// The kernel's worker, in which Pyodide is already loading when the kernel asks for it.
"use strict";

const { kernel, packages } = JSON.parse(self.name);
const python = new URL("../../../../python/", self.location.href).href;
importScripts(`${python}pyodide.js`);
const started = self.loadPyodide({ indexURL: python, packages });
// The kernel's script loads pyodide.js again, and then starts what it defines.
const load = self.importScripts.bind(self);
self.importScripts = (...addresses) => {
  load(...addresses);
  self.loadPyodide = () => started;
};
importScripts(kernel);
