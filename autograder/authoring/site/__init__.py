"""The course as a static site: JupyterLite, whose Python runs in the browser tab, with notebooks and their checks."""
