"""The auditor: what an outsider can work out of a published folder, with no knowledge but the folder itself.

It shares no code with the protector, on purpose: an error there must not hide itself here. It reads the files as anybody
can, keeps data that were corrected since apart (`editions`), turns all into variables with bounds and linear rows
(`system`), narrows them as far as arithmetic goes (`narrowing`), attacks every withheld figure with linear programs
(`attack`), and judges what is left (`verdict`).
"""

from commonground.engines.disclosure.audit.auditing import audit
from commonground.engines.disclosure.audit.reading import AuditError, ContradictionError, Release, read_release
from commonground.engines.disclosure.audit.verdict import Audit, Finding

__all__ = ["Audit", "AuditError", "ContradictionError", "Finding", "Release", "audit", "read_release"]
