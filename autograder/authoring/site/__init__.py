"""The course as a static site: JupyterLite, with the notebooks, their checks, and Python running in the browser tab."""
