"""What nbgrader's libraries load if it's there, at a cost, though nothing here uses it: hidden from them.

jsonschema compiles a grammar of internationalized addresses as it's imported, which takes as long as all the rest of
nbgrader. It does without where that package isn't installed, and no notebook's schema asks for such addresses.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # so Python takes it for absent
