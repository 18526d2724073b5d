"""Hide a slow package that we don't need, since nbgrader's libraries import it if it's installed.

On import, jsonschema compiles a grammar of internationalized addresses, which takes as long as importing the rest of
nbgrader. jsonschema also works without that package, and no notebook schema uses such addresses.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None makes the import fail
