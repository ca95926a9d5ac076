"""`require_int8: true`: a version is opened for serving once it is proven to run in INT8."""

from dataclasses import replace

from server.config.problem import ConfigError
from server.config.read import ConfigFile
from server.opening import Opened, Opener
from server.repository import ModelFolder
from server.selection.assessment import Assessment
from server.selection.assessments import Assessments
from server.selection.process import AssessmentError
from server.truth.requirement import refusal


class Prover:
    """Opens versions as Opener does, and asks for a proof where the configuration does."""

    def __init__(self, opener: Opener, assessments: Assessments) -> None:
        self._opener = opener
        self._assessments = assessments

    def open(self, model: ModelFolder, version: int, file: ConfigFile) -> Opened:
        """Takes seconds if a proof is required and not known yet. Raises ConfigError, or
        StoppedError while the server shuts down."""
        opened = self._opener.open(model, version, file)
        if not file.config.require_int8:
            return opened
        assessment = opened.assessment or self._assess(model.name, version, file, opened)
        if why := refusal(assessment.truth):
            raise ConfigError([file.problem(why, opened.path, ("require_int8",))])
        if assessment.selection.provider == opened.config.execution_provider:
            return replace(opened, assessment=assessment)
        return self._opener.open(model, version, file, assessment)

    def _assess(self, model: str, version: int, file: ConfigFile, opened: Opened) -> Assessment:
        question = self._opener.question(model, version, file, opened)
        try:
            return self._assessments.make(
                opened.key, question, lambda: self._opener.key(opened.path, file)
            )
        except AssessmentError as error:
            why = f"require_int8: whether it runs in INT8 could not be found out: {error}"
            raise ConfigError([file.problem(why, opened.path, ("require_int8",))]) from None
