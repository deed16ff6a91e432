"""The least verification there is: the static rules, and no code. Quick, and evaluates nothing."""

from __future__ import annotations

from vls_core.control.fr3 import DEFAULT_WORKSPACE, WorkspaceBox
from vls_core.rewards.check import ProgramRejectedError, check_program
from vls_core.rewards.program import RewardProgram, scene_hash
from vls_core.rewards.verification.report import Check, Finding, Verdict, VerificationReport
from vls_core.types import Scene

PROGRAM = 'program'


class StaticVerifier:
    """A `Verifier` that applies the static rules and refuses every term written in code.

    Arguments:
        workspace: where programs may send the end effector.
    """

    def __init__(self, workspace: WorkspaceBox = DEFAULT_WORKSPACE) -> None:
        self._workspace = workspace

    def __call__(self, program: RewardProgram, scene: Scene) -> VerificationReport:
        """See `Verifier`."""
        findings = [
            Finding(Check.SYNTAX, Verdict.FAILED, term.name,
                    'terms written in code are not accepted here, use the other kinds')
            for term in program.code_terms
        ]
        try:
            check_program(program, scene, self._workspace)
        except ProgramRejectedError as error:
            findings += [
                Finding(Check.STATIC, Verdict.FAILED, PROGRAM, f'{item.rule.value}: {item.text}')
                for item in error.problems
            ]
        else:
            findings.append(Finding(Check.STATIC, Verdict.PASSED, PROGRAM, 'keeps every rule'))
        return VerificationReport(program.content_hash, scene_hash(scene), tuple(findings))
