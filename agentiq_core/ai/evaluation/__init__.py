"""How good suggestions are: a labelled set through the pipeline, and what came of it in figures."""

from agentiq_core.ai.evaluation.cases import Case, Labels, WrongSet, default_set, read_cases
from agentiq_core.ai.evaluation.measures import Measures, Share, measure
from agentiq_core.ai.evaluation.report import as_json, as_markdown
from agentiq_core.ai.evaluation.run import Outcome, evaluate

__all__ = [
    "Case",
    "Labels",
    "Measures",
    "Outcome",
    "Share",
    "WrongSet",
    "as_json",
    "as_markdown",
    "default_set",
    "evaluate",
    "measure",
    "read_cases",
]
