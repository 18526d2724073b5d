"""Hide a slow package that nbgrader's libraries import if it's installed, since nothing here needs it.

On import, jsonschema compiles a grammar of internationalized addresses, which takes as long as importing the rest of
nbgrader. jsonschema also works without that package, and no notebook schema uses such addresses.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None makes the import fail
