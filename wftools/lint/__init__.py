"""What ComfyUI would refuse, or silently do wrong, in a workflow file.

from wftools.lint import Linter

for finding in Linter().lint("workflow.json"):
print(finding.line, finding.code, finding.message)
"""

from wftools.lint.engine import Linted, Linter, Selection
from wftools.lint.finding import ERROR, INFO, WARNING, Finding, Severity

__all__ = ["ERROR", "INFO", "WARNING", "Finding", "Linted", "Linter", "Selection", "Severity"]
