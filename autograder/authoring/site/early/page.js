// Start Python right away, in the worker that JupyterLab asks for only once it has loaded, seconds later.
"use strict";

(() => {
  const { worker, kernel, packages, serviceWorker } = document.currentScript.dataset;
  if (window.crossOriginIsolated) {
    return; // the kernel then uses another kind of worker
  }
  const Plain = window.Worker;
  let early = null;

  // A worker reads the site's notebooks through the service worker, which it gets from the page that creates it.
  async function controlled() {
    const services = navigator.serviceWorker;
    if (services && !services.controller) {
      const taken = new Promise((resolve) => services.addEventListener("controllerchange", resolve, { once: true }));
      await services.register(serviceWorker);
      await taken;
    }
  }

  window.Worker = class extends Plain {
    constructor(address, options) {
      if (new URL(address, location.href).pathname.endsWith(`/${kernel}`)) {
        window.Worker = Plain; // after a restart, the kernel gets a new one
        if (early) {
          return early;
        }
      }
      super(address, options);
    }
  };
  controlled().then(() => {
    if (window.Worker !== Plain) {
      early = new Plain(worker, { name: JSON.stringify({ kernel, packages: packages.split(" ") }) });
    }
  }, console.warn);
})();
