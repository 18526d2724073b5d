// Start Python right away, in the worker that JupyterLab asks for only once it has loaded, seconds later.
"use strict";

(() => {
  const { worker, kernel, packages } = document.currentScript.dataset;
  if (window.crossOriginIsolated) {
    return; // the kernel then uses another kind of worker
  }
  const Plain = window.Worker;
  const early = new Plain(worker, { name: JSON.stringify({ kernel, packages: packages.split(" ") }) });
  window.Worker = class extends Plain {
    constructor(address, options) {
      if (new URL(address, location.href).pathname.endsWith(`/${kernel}`)) {
        window.Worker = Plain; // after a restart, the kernel gets a new one
        return early;
      }
      super(address, options);
    }
  };
})();
