"""Hide a slow package that nbgrader's libraries import if it's installed, and that nothing here needs.

On import, jsonschema compiles a grammar of internationalized addresses, which takes as long as importing the rest of
nbgrader. jsonschema works without that package, too, and no notebook schema asks for such addresses.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None makes the import fail
