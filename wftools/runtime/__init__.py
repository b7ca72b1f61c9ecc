"""Plans and runs workflows, one node call after another.

    from wftools.runtime import Options, Session

    report = Session(Options(folders=Folders(models=Path("models")))).run(["workflow.json"])
    report.workflows[0].files        # what was written

Nothing here knows diffusion: nodes are found by their types, and values are passed on unseen.
"""

from wftools.graph.naming import Setting, setting
from wftools.runtime.job import Job, Options, prepare
from wftools.runtime.session import Session, run_jobs
from wftools.runtime.telling.report import RunReport, WorkflowReport

__all__ = ["Job", "Options", "RunReport", "Session", "Setting", "WorkflowReport", "prepare", "run_jobs", "setting"]
