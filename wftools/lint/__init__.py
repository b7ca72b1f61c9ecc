"""What ComfyUI would refuse, or silently do wrong, in a workflow file.

from wftools.lint import Linter

for finding in Linter().lint("workflow.json"):
print(finding.line, finding.code, finding.message)
"""

from wftools.lint.engine import Linter, Selection
from wftools.lint.finding import ERROR, INFO, WARNING, Finding, Severity

__all__ = ["ERROR", "INFO", "WARNING", "Finding", "Linter", "Selection", "Severity"]
