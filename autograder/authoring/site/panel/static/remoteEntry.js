// The panel beside the notebooks: labs with their progress, the student's name, and downloads for handing in.
//
// JupyterLab loads prebuilt extensions as containers of module federation. This one has no dependencies and is small
// enough to be written by hand, so building a site needs no Node.js.
(() => {
  const NAME = 'llm-mastery-panel';
  const HOME = new URL('.', document.currentScript.src);
  // What checks in a tab write and read (autograder/selfcheck/in_tab.py).
  const PASSED = '.mastery-passed.txt';
  const STUDENT = '.mastery-name.txt';
  const STYLE = `
    .mastery-panel { padding: 12px; overflow: auto; color: var(--jp-ui-font-color1); font: 13px/1.45 var(--jp-ui-font-family); background: var(--jp-layout-color1); }
    .mastery-panel h2 { font-size: 15px; margin: 0 0 8px; }
    .mastery-panel ol { list-style: none; margin: 0 0 12px; padding: 0; }
    .mastery-panel li { display: flex; align-items: center; gap: 4px; border-bottom: 1px solid var(--jp-border-color2); }
    .mastery-panel button { font: inherit; color: inherit; cursor: pointer; }
    .mastery-panel li button { background: none; border: 0; min-height: 40px; padding: 4px; text-align: left; }
    .mastery-panel li .lab { flex: 1; min-width: 0; }
    .mastery-panel li button:hover { background: var(--jp-layout-color2); }
    .mastery-panel .done { color: var(--jp-success-color0, #2e7d32); }
    .mastery-panel .count { color: var(--jp-ui-font-color2); font-variant-numeric: tabular-nums; white-space: nowrap; }
    .mastery-panel meter { display: block; width: 100%; height: 6px; }
    .mastery-panel .all { display: block; width: 100%; min-height: 40px; border: 1px solid var(--jp-border-color1); border-radius: 4px; background: var(--jp-brand-color1); color: var(--jp-ui-inverse-font-color1); margin: 4px 0; }
    .mastery-panel label { display: block; margin: 12px 0 4px; }
    .mastery-panel input { box-sizing: border-box; width: 100%; min-height: 36px; padding: 4px 8px; font: inherit; color: inherit; background: var(--jp-layout-color0); border: 1px solid var(--jp-border-color1); border-radius: 4px; }
    .mastery-panel p { margin: 8px 0; color: var(--jp-ui-font-color2); }`;
  let shared = {};

  async function load(name) {
    const [version] = Object.keys(shared[name]).slice(-1);
    return (await shared[name][version].get())();
  }

  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  // On a phone, there's only room for the panel or a notebook, not both.
  const isNarrow = () => window.innerWidth < 600;

  class Course {
    constructor(app, data) {
      this.commands = app.commands;
      this.shell = app.shell;
      this.contents = app.serviceManager.contents;
      this.labs = data.labs;
    }

    async read(path, options) {
      try {
        return (await this.contents.get(path, { content: true, ...options })).content;
      } catch {
        return null;
      }
    }

    async passed() {
      try {
        return JSON.parse((await this.read(PASSED, { type: 'file', format: 'text' })) || '{}');
      } catch {
        return {};
      }
    }

    async student() {
      return ((await this.read(STUDENT, { type: 'file', format: 'text' })) || '').trim();
    }

    // Kernels read the name when they start. Kernels that are already running are told.
    async keepStudent(name) {
      const content = name.trim();
      await this.contents.save(STUDENT, { type: 'file', format: 'text', name: STUDENT, content });
      const code = `import os; os.environ["JUPYTERHUB_USER"] = ${JSON.stringify(content)}`;
      for (const { context } of this.shell.widgets('main')) {
        const kernel = context?.sessionContext?.session?.kernel;
        await kernel?.requestExecute({ code, silent: true, store_history: false }).done;
      }
    }

    open(path) {
      if (isNarrow()) this.shell.collapseLeft();
      return this.commands.execute('docmanager:open', { path });
    }

    // The text of a file, which for a notebook is its JSON.
    async file(path) {
      const content = await this.read(path);
      return content === null || typeof content === 'string' ? content : JSON.stringify(content, null, 1) + '\n';
    }

    // A lab that hasn't changed since it was handed out doesn't count as work.
    async isChanged(lab) {
      const [notebook] = lab.files;
      const mine = await this.read(notebook);
      const answer = await fetch(new URL(`../../../files/${notebook}`, HOME));
      const sources = (each) => JSON.stringify(each.cells.map((cell) => [cell.source].flat().join('')));
      return mine !== null && sources(mine) !== sources(await answer.json());
    }

    // Each lab's files as <lab>/<file>: the layout that nbgrader uses, Canvas and Moodle deliver, and mastery grade finds.
    async work(labs) {
      const found = [];
      for (const lab of labs) {
        for (const path of lab.files) {
          const content = await this.file(path);
          if (content !== null) found.push([path, new TextEncoder().encode(content)]);
        }
      }
      return found;
    }

    async download(labs, name) {
      await this.commands.execute('docmanager:save-all').catch(() => undefined);
      const chosen = [];
      for (const lab of labs) if (labs.length === 1 || (await this.isChanged(lab))) chosen.push(lab);
      if (!chosen.length) return false;
      const link = element('a', { href: URL.createObjectURL(zipped(await this.work(chosen))), download: name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      return true;
    }
  }

  // A zip of uncompressed files: text is small, and any program can unpack it.
  function zipped(files) {
    const table = Uint32Array.from({ length: 256 }, (_, n) => {
      for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
      return n;
    });
    const crc = (bytes) => ~bytes.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), ~0) >>> 0;
    const now = new Date();
    const time = (now.getHours() << 11) | (now.getMinutes() << 5) | (now.getSeconds() >> 1);
    const day = ((now.getFullYear() - 1980) << 9) | ((now.getMonth() + 1) << 5) | now.getDate();
    // Pairs of a number and how many bytes it takes.
    const bytes = (...pairs) => pairs.flatMap(([number, size]) => Array.from({ length: size }, (_, n) => (number >>> (8 * n)) & 255));
    const parts = [];
    const directory = [];
    let offset = 0;
    for (const [path, content] of files) {
      const name = new TextEncoder().encode(path);
      // Version 2.0, names in UTF-8, stored.
      const shape = [[20, 2], [0x800, 2], [0, 2], [time, 2], [day, 2], [crc(content), 4], [content.length, 4], [content.length, 4], [name.length, 2], [0, 2]];
      const head = new Uint8Array([...bytes([0x04034b50, 4], ...shape), ...name]);
      const rest = [[0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]];
      directory.push(new Uint8Array([...bytes([0x02014b50, 4], [20, 2], ...shape, ...rest), ...name]));
      parts.push(head, content);
      offset += head.length + content.length;
    }
    const size = directory.reduce((sum, each) => sum + each.length, 0);
    const end = bytes([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [offset, 4], [0, 2]);
    return new Blob([...parts, ...directory, new Uint8Array(end)], { type: 'application/zip' });
  }

  function panelOf(course, title, elsewhere) {
    const sent = elsewhere
      ? `Python's packages are downloaded from ${elsewhere}, which can tell that you opened the course. Your work isn't sent anywhere.`
      : 'Nothing is sent anywhere.';
    const rows = element('ol');
    const said = element('p', { role: 'status' });
    const name = element('input', { id: 'mastery-name', autocomplete: 'off', placeholder: 'as your course knows you' });
    const all = element('button', { className: 'all', textContent: 'Download my work' });
    const tell = (found) => (said.textContent = found ? 'Saved as a zip in your downloads.' : 'Nothing to download yet: no notebook has changed.');
    all.onclick = async () => tell(await course.download(course.labs, 'my-work.zip'));
    name.onchange = async () => {
      await course.keepStudent(name.value);
      said.textContent = `Questions in the lab “Key terms” are now drawn for ${name.value.trim() || 'nobody'}.`;
    };
    course.student().then((known) => (name.value = known));
    const show = (passed) => {
      rows.replaceChildren(...course.labs.map((lab) => {
        const done = lab.stubs.filter((stub) => passed[stub]).length;
        const whole = done === lab.stubs.length;
        const open = element('button', { className: 'lab', title: `Open ${lab.files[0]}`, onclick: () => course.open(lab.files[0]) },
          element('span', { className: whole ? 'done' : '', textContent: `${whole ? '✓ ' : ''}${lab.title}` }),
          element('meter', { value: done, max: lab.stubs.length, title: `${done} of ${lab.stubs.length} pass` }));
        const fetch = element('button', { textContent: '⤓', title: `Download ${lab.name}.zip, to hand in this lab`, ariaLabel: `Download ${lab.name}.zip`, onclick: async () => tell(await course.download([lab], `${lab.name}.zip`)) });
        return element('li', { id: `mastery-lab-${lab.name}` }, open, element('span', { className: 'count', textContent: `${done}/${lab.stubs.length}` }), fetch);
      }));
    };
    const refresh = async () => show(await course.passed());
    show({});
    refresh();
    setInterval(refresh, 2_000);
    return element('div', { className: 'mastery-panel' },
      element('style', { textContent: STYLE }),
      element('h2', { textContent: title }),
      rows,
      all,
      said,
      element('label', { htmlFor: name.id, textContent: 'Your name in the course' }),
      name,
      element('p', { textContent: `Everything runs in this tab. ${sent} Your work is kept in this browser only, so download it now and then.` }),
      element('p', { textContent: 'If a cell never ends: Kernel > Restart Kernel. Your notebook is saved every few seconds and stays as it is.' }));
  }

  const plugin = (Widget, data) => ({
    id: `${NAME}:plugin`,
    autoStart: true,
    activate: (app) => {
      const course = new Course(app, data);
      const panel = new Widget({ node: panelOf(course, data.title, data.elsewhere) });
      panel.id = NAME;
      panel.title.label = 'Course';
      panel.title.caption = 'Labs, progress, and handing in';
      app.shell.add(panel, 'left', { rank: 0 });
      app.restored.then(async () => {
        app.shell.activateById(NAME);
        if (isNarrow()) app.shell.collapseLeft();
        const opened = [...app.shell.widgets('main')].filter((each) => each.context);
        if (!opened.length) await course.open(localStorage.getItem(NAME) || data.labs[0].files[0]);
        app.shell.currentChanged?.connect((_, { newValue }) => {
          if (newValue?.context) localStorage.setItem(NAME, newValue.context.path);
        });
        for (const each of [...app.shell.widgets('main')]) if (each.id.startsWith('launcher')) each.close();
      });
    },
  });

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => {
      const { Widget } = await load('@lumino/widgets');
      const data = await (await fetch(new URL('course.json', HOME))).json();
      return () => ({ __esModule: true, default: plugin(Widget, data) });
    },
  };
})();
