"""Whether the endpoint of the vision-language model answers, and knows the model."""

from __future__ import annotations

from vls.doctor.finding import Finding, Verdict
from vls.doctor.machine import Machine
from vls.doctor.probing import ask
from vls.doctor.subject import Subject

NAME = 'language model'
ENDPOINT_SECONDS = 5.0
SECONDS = ENDPOINT_SECONDS + 10.0
"""The client takes a while to import."""
SHOWN = 4
"""Names of models at most."""


def check_endpoint(machine: Machine, subject: Subject) -> Finding:
    """Asks for the list of models, with the key that tasks would use."""
    if not subject.vlm_base_url:
        return Finding(NAME, Verdict.SKIPPED, 'no --vlm-base-url: rules write the rewards')
    variable = subject.api_key_variable
    answer = ask(
        machine, 'endpoint', [subject.vlm_base_url, variable, str(ENDPOINT_SECONDS)], SECONDS
    )
    key = f'{variable} is {"set" if machine.environment.get(variable, "").strip() else "not set"}'
    if answer.missing:
        return Finding(
            NAME, Verdict.PROBLEM, f'there is no Python package {answer.missing}',
            'make setup, or pip install openai',
        )
    if answer.trouble:
        return Finding(
            NAME, Verdict.PROBLEM, f'{answer.trouble}; {key}',
            'is the server running, and are host and port of --vlm-base-url right?'
            if answer.late else answer.by_hand,
        )
    if (reason := answer.values.get('reason')):
        verdict = Verdict.WARNING if answer.values['no_list'] else Verdict.PROBLEM
        return Finding(NAME, verdict, f'{reason}; {key}', answer.values['advice'])
    return _judge_models(answer.values['models'], subject.vlm_model, key)


def _judge_models(models: list[str], wanted: str, key: str) -> Finding:
    names = ', '.join(models[:SHOWN]) + (', ...' if len(models) > SHOWN else '')
    seen = f'{len(models)} models: {names}; {key}' if models else f'no models; {key}'
    if wanted and wanted not in models:
        return Finding(
            NAME, Verdict.PROBLEM, f'no model "{wanted}" among {seen}',
            'name one of these as --vlm-model',
        )
    if not models:
        return Finding(NAME, Verdict.WARNING, seen, 'load a model into the server')
    return Finding(NAME, Verdict.OK, seen)
